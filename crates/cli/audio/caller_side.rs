//! What a caller hears of the agent's voice.

use anyhow::Result;
use offhook_audio::{
    AmbienceConfig, Bed, Decoder, OutboundChain, OutboundSettings, Speech, VoiceIntake,
    multiplier_from_db,
};
use offhook_types::CodecFormat;

use super::AudioArgs;
use crate::recording::Recording;

/// How much silence before a voice's first word is cut off, at most.
const TRIMMED_MS_MAX: u32 = 500;

/// Plays `voice` as the agent over a line and decodes what the carrier gets.
pub(crate) fn hear(args: &AudioArgs, voice: &Recording, format: CodecFormat) -> Result<Recording> {
    let rate = format.sample_rate();
    let mut intake = VoiceIntake::new(voice.rate, rate, TRIMMED_MS_MAX)?;
    let mut speech = Vec::new();
    intake.push(&voice.samples, |part| speech.extend_from_slice(part));
    intake.finish(|part| speech.extend_from_slice(part));

    let mut settings = OutboundSettings { seed: args.seed, ..OutboundSettings::new(format) };
    settings.playout.gain = multiplier_from_db(args.gain_db);
    settings.playout.ambience = args.ambience.map(|sound| {
        AmbienceConfig::new(Bed::synthesise(sound.into(), rate), args.ambience_volume)
    });
    let mut chain = OutboundChain::new(settings)?;
    let mut decoder = Decoder::new(format)?;
    let mut pcm = vec![0; rate.samples_in_ms(120)];
    let mut samples = Vec::new();
    let frames: Vec<&[i16]> = speech.chunks(rate.frame_samples()).collect();
    for (index, frame) in frames.iter().enumerate() {
        let is_last = index + 1 == frames.len();
        let speech = if is_last { Speech::Ends(frame) } else { Speech::Continues(frame) };
        let sent = chain.next_frame(speech)?;
        let decoded = decoder.decode_into(sent.payload, &mut pcm)?;
        samples.extend_from_slice(&pcm[..decoded.samples]);
    }
    Ok(Recording { rate, samples })
}
