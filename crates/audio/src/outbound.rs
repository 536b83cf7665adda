//! The whole outbound chain of a call: from a voice's samples to encoded 20 ms frames.
//!
//! ```text
//! voice ─ trim leading silence ─ line rate ─ (the session's queue) ─┐
//!   ┌─────────────── keypad tones replace speech ───────────────────┘
//!   └ gain ─ duck ─ fade ─ ambience ─ limit ─ encode
//!                                       └─ played history
//! ```
//!
//! [`VoiceIntake`] is the half in front of the queue, [`OutboundChain`] the half behind it. How far
//! playing runs ahead of the caller's ear, and what was heard, is decided above: frames leave here
//! when they are asked for.

mod voice_intake;

use offhook_types::{CodecFormat, SampleRate};

pub use voice_intake::VoiceIntake;

use crate::codec::{EncodeError, Encoder, OpusConfig, SetupError};
use crate::playout::{
    BedRateMismatch, Interrupted, MixReport, PlayedHistory, PlayoutConfig, PlayoutMixer, Speech,
};
use crate::tone::{DtmfConfig, DtmfConfigError, DtmfGenerator, EnqueueDtmfError};

/// How a call's outbound chain is set up.
#[derive(Clone, Debug)]
pub struct OutboundSettings {
    /// What the carrier wants.
    pub format: CodecFormat,
    /// Gain, ducking, ambience.
    pub playout: PlayoutConfig,
    /// Length and level of keypad tones.
    pub dtmf: DtmfConfig,
    /// The Opus encoder; no other codec looks at it.
    pub opus: OpusConfig,
    /// Where in its loop the ambience starts.
    pub seed: u64,
}

/// An outbound chain that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The encoder.
    #[error("outbound encoder")]
    Encoder(#[from] SetupError),
    /// The ambience is not at the line's rate.
    #[error("outbound ambience")]
    Ambience(#[from] BedRateMismatch),
    /// The keypad tones.
    #[error("outbound dtmf")]
    Dtmf(#[from] DtmfConfigError),
}

/// 20 ms on their way to the carrier. Lent until the next call.
#[derive(Debug)]
pub struct OutboundFrame<'a> {
    /// Encoded, without any header. Opus in discontinuous transmission may make it empty.
    pub payload: &'a [u8],
    /// The same samples before encoding: what a recording holds.
    pub pcm: &'a [i16],
    /// What of the offered speech went in.
    pub mix: MixReport,
    /// Keypad tones took the place of speech.
    pub is_dtmf: bool,
}

/// The outbound chain of one call, behind the queue of speech.
///
/// `new` allocates, [`next_frame`](Self::next_frame) does not.
pub struct OutboundChain {
    mixer: PlayoutMixer,
    dtmf: DtmfGenerator,
    encoder: Encoder,
    tones: Box<[i16]>,
    tail: Box<[i16]>,
    pcm: Box<[i16]>,
    bytes: Box<[u8]>,
}

impl OutboundSettings {
    /// The defaults for a carrier that wants this format: no ambience, gain 1.
    pub fn new(format: CodecFormat) -> Self {
        Self {
            format,
            playout: PlayoutConfig::default(),
            dtmf: DtmfConfig::default(),
            opus: OpusConfig::default(),
            seed: 0,
        }
    }
}

impl OutboundChain {
    /// The longest fade of an interruption. A caller who interrupts does not want to hear more.
    pub const FADE_OUT_MS_MAX: u32 = 500;

    /// Allocates the chain.
    ///
    /// # Errors
    /// [`OutboundError`] where a stage cannot be set up as asked.
    pub fn new(settings: OutboundSettings) -> Result<Self, OutboundError> {
        let rate = settings.format.sample_rate();
        let encoder = Encoder::new(settings.format, &settings.opus)?;
        let bytes = encoder.max_encoded_bytes(rate.frame_samples());
        Ok(Self {
            mixer: PlayoutMixer::new(rate, settings.playout, settings.seed)?,
            dtmf: DtmfGenerator::new(rate, settings.dtmf)?,
            encoder,
            tones: vec![0; rate.frame_samples()].into_boxed_slice(),
            tail: vec![0; rate.samples_in_ms(Self::FADE_OUT_MS_MAX)].into_boxed_slice(),
            pcm: vec![0; rate.frame_samples()].into_boxed_slice(),
            bytes: vec![0; bytes].into_boxed_slice(),
        })
    }

    /// The line's rate, at which speech is taken.
    pub fn rate(&self) -> SampleRate {
        self.encoder.format().sample_rate()
    }

    /// What was sent last: the far reference of the inbound chain, and what a tail is made of.
    pub const fn played(&self) -> &PlayedHistory {
        self.mixer.played()
    }

    /// Whether keypad tones wait or sound.
    pub fn is_sending_dtmf(&self) -> bool {
        self.dtmf.is_active()
    }

    /// Gain, ducking and fading of speech.
    pub const fn mixer_mut(&mut self) -> &mut PlayoutMixer {
        &mut self.mixer
    }

    /// Queues keypad tones: digits, `w` for 0.5 s and `W` for 1 s of pause.
    ///
    /// # Errors
    /// [`EnqueueDtmfError`] for other characters, or more than the queue holds.
    pub fn send_dtmf(&mut self, digits: &str) -> Result<(), EnqueueDtmfError> {
        self.dtmf.enqueue(digits)
    }

    /// Makes the next 20 ms. While keypad tones wait, no speech is taken.
    ///
    /// # Errors
    /// [`EncodeError`] if libopus fails on a frame; the frame is lost, the next can be made.
    pub fn next_frame(&mut self, speech: Speech<'_>) -> Result<OutboundFrame<'_>, EncodeError> {
        let is_dtmf = self.dtmf.process_into(&mut self.tones);
        let speech = if is_dtmf { Speech::Continues(&self.tones) } else { speech };
        let mut mix = self.mixer.mix_into(speech, &mut self.pcm);
        if is_dtmf {
            (mix.speech_samples, mix.audible_samples) = (0, 0);
        }
        let written = self.encoder.encode_into(&self.pcm, &mut self.bytes)?;
        Ok(OutboundFrame { payload: &self.bytes[..written], pcm: &self.pcm, mix, is_dtmf })
    }

    /// Takes back what a carrier threw away on a clear, everything after the position `heard`, and
    /// hands on the frames to send in its place: the speech that was there and then `unsent`, faded
    /// over at most `fade_out_ms` (up to [`FADE_OUT_MS_MAX`](Self::FADE_OUT_MS_MAX)), with the
    /// ambience going on as the caller heard it. No frame for a `fade_out_ms` of 0.
    ///
    /// # Errors
    /// [`EncodeError`] if libopus fails on a frame; the rest of the tail is lost.
    pub fn interrupt(
        &mut self,
        heard: u64,
        unsent: &[i16],
        fade_out_ms: u32,
        mut sink: impl FnMut(&[u8], &[i16]),
    ) -> Result<Interrupted, EncodeError> {
        let rate = self.rate();
        let fade_out_ms = fade_out_ms.min(Self::FADE_OUT_MS_MAX);
        let frames = rate.samples_in_ms(fade_out_ms).div_ceil(rate.frame_samples());
        let tail = &mut self.tail[..frames * rate.frame_samples()];
        let interrupted = self.mixer.interrupt_into(heard, unsent, fade_out_ms, tail);
        for pcm in tail.chunks_exact(rate.frame_samples()) {
            let written = self.encoder.encode_into(pcm, &mut self.bytes)?;
            sink(&self.bytes[..written], pcm);
        }
        Ok(interrupted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Decoder;

    #[test]
    fn speech_passes_the_line_bit_for_bit_when_nothing_is_added() {
        let format = CodecFormat::new(offhook_types::Codec::L16Le, SampleRate::HZ_16000);
        let format = format.expect("a format");
        let mut chain = OutboundChain::new(OutboundSettings::new(format)).expect("a chain");
        let mut decoder = Decoder::new(format).expect("a decoder");
        let mut pcm = [0; 320];
        for start in 0..50_i16 {
            let speech: Vec<i16> = (0..320).map(|index| start * 320 + index - 8_000).collect();
            let frame = chain.next_frame(Speech::Continues(&speech)).expect("a frame");
            assert_eq!(frame.mix.speech_samples, 320);
            decoder.decode_into(frame.payload, &mut pcm).expect("a payload");
            assert_eq!(pcm, speech.as_slice());
        }
    }

    #[test]
    fn keypad_tones_wait_for_no_speech_and_take_none() {
        let settings = OutboundSettings::new(CodecFormat::PCMU);
        let mut chain = OutboundChain::new(settings).expect("a chain");
        chain.send_dtmf("5").expect("a digit");
        let frame = chain.next_frame(Speech::Continues(&[1_000; 160])).expect("a frame");
        assert!(frame.is_dtmf);
        assert_eq!(frame.mix.speech_samples, 0);
        for _ in 0..20 {
            chain.next_frame(Speech::None).expect("a frame");
        }
        assert!(!chain.is_sending_dtmf());
        let frame = chain.next_frame(Speech::Continues(&[1_000; 160])).expect("a frame");
        assert_eq!((frame.is_dtmf, frame.mix.speech_samples), (false, 160));
    }

    #[test]
    fn an_interruption_sends_a_fading_tail_from_what_was_heard() {
        let settings = OutboundSettings::new(CodecFormat::PCMU);
        let mut chain = OutboundChain::new(settings).expect("a chain");
        for _ in 0..25 {
            chain.next_frame(Speech::Continues(&[8_000; 160])).expect("a frame");
        }
        // The caller has heard 400 ms of the 500 that were sent.
        let mut tail = Vec::new();
        let sink = |_: &[u8], pcm: &[i16]| tail.extend_from_slice(pcm);
        let interrupted = chain.interrupt(3_200, &[], 60, sink).expect("a tail");
        assert_eq!(interrupted.position, 3_200);
        assert_eq!(interrupted.dropped_samples, 800);
        assert_eq!(tail.len(), 480);
        assert!(tail[80] > 6_000 && tail[479].abs() < 100, "{} {}", tail[80], tail[479]);
        assert_eq!(chain.played().end(), 3_200 + 480);
    }
}
