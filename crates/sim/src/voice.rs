//! A stand-in voice: it hums each clause, as long as it takes to say it, or lets a real voice
//! speak.
//!
//! Each turn's reply is hummed at a pitch of its own, so that an ear can tell whose it hears.

use std::sync::Arc;

use offhook_audio::Resampler;
use offhook_types::{
    ProviderFailure, RequestId, SampleRate, SpokenWord, TtsEvent, TurnId, UtteranceId,
};

use crate::align::align_words;
use crate::providers::{TtsFault, failure};
use crate::speakers::Speakers;

/// A voice that says clauses.
pub(crate) struct Voice {
    rate: SampleRate,
    speakers: Option<(String, Box<dyn Speakers>)>,
}

/// Milliseconds of a character, at a slow pace of 15 a second.
pub(crate) const CHARACTER_MS: u32 = 66;
/// Pitches of turns, in Hz. Their fourth harmonics, by which an ear tells them apart, are further
/// from each other than a frame of 20 ms blurs.
pub(crate) const PITCHES: [f64; 5] = [160.0, 190.0, 226.0, 268.0, 318.0];
/// Which harmonic a hum has besides its pitch.
pub(crate) const HARMONIC: f64 = 4.0;
const FADE_MS: u32 = 4;

/// The pitch of a turn's reply.
pub(crate) fn pitch_index(turn: TurnId) -> usize {
    turn.index() as usize % PITCHES.len()
}

impl Voice {
    pub(crate) const fn humming(rate: SampleRate) -> Self {
        Self { rate, speakers: None }
    }

    pub(crate) fn speaking(self, name: &str, speakers: Box<dyn Speakers>) -> Self {
        Self { speakers: Some((name.to_owned(), speakers)), ..self }
    }

    /// What comes back for a clause, in order.
    pub(crate) fn say(
        &mut self,
        request: RequestId,
        utterance: UtteranceId,
        text: &str,
        fault: Option<TtsFault>,
    ) -> Vec<TtsEvent> {
        let finished = TtsEvent::Finished { request, utterance };
        let (pcm, words) = match (fault, &mut self.speakers) {
            (Some(TtsFault::Empty), _) => return vec![finished],
            (Some(TtsFault::Failed), _) => {
                return vec![TtsEvent::Failed { request, utterance, failure: failure("voice") }];
            }
            (Some(TtsFault::Slow | TtsFault::Stalled) | None, Some((name, speakers))) => {
                match speakers.speak(name, text) {
                    Ok(audio) => spoken(&audio, text, self.rate),
                    Err(error) => {
                        let failure =
                            ProviderFailure { message: error.to_string(), ..failure("voice") };
                        return vec![TtsEvent::Failed { request, utterance, failure }];
                    }
                }
            }
            (Some(TtsFault::Slow | TtsFault::Stalled) | None, None) => {
                hum(text, self.rate, PITCHES[pitch_index(request.turn)])
            }
        };
        if fault == Some(TtsFault::Stalled) {
            let pcm = Arc::from(&pcm[..pcm.len() / 2]);
            return vec![TtsEvent::Audio { request, utterance, pcm }];
        }
        vec![
            TtsEvent::Audio { request, utterance, pcm },
            TtsEvent::Words { request, utterance, words },
            finished,
        ]
    }
}

/// A clause as a hum, and where its words lie.
fn hum(text: &str, rate: SampleRate, pitch_hz: f64) -> (Arc<[i16]>, Vec<SpokenWord>) {
    let per_character = rate.samples_in_ms(CHARACTER_MS);
    let mut words = Vec::new();
    let mut start = None;
    for (byte, character) in text.char_indices().chain([(text.len(), ' ')]) {
        match (character.is_whitespace(), start) {
            (false, None) => start = Some(byte),
            (true, Some(from)) => {
                words.push(SpokenWord {
                    text_start_byte: from as u32,
                    text_end_byte: byte as u32,
                    start_sample: (from * per_character) as u64,
                    end_sample: (byte * per_character) as u64,
                });
                start = None;
            }
            _ => {}
        }
    }
    let samples = text.len() * per_character;
    let fade = rate.samples_in_ms(FADE_MS);
    let hz = f64::from(rate.hz());
    let sample = |index: usize| {
        let edge = index.min(samples - index).min(fade) as f64 / fade as f64;
        let phase = std::f64::consts::TAU * pitch_hz * index as f64 / hz;
        ((phase.sin() + 0.5 * (HARMONIC * phase).sin()) * 5_000.0 * edge) as i16
    };
    ((0..samples).map(sample).collect(), words)
}

/// A clause of a real voice (8 kHz) at the synthesiser's rate, and where its words lie.
fn spoken(audio: &[i16], text: &str, rate: SampleRate) -> (Arc<[i16]>, Vec<SpokenWord>) {
    let mut to_rate = Resampler::new(SampleRate::HZ_8000, rate).expect("a usual rate");
    let frame = SampleRate::HZ_8000.frame_samples();
    let mut pcm = Vec::with_capacity(audio.len() * rate.hz() as usize / 8_000 + 960);
    for chunk in audio.chunks(frame) {
        let mut padded = vec![0; frame];
        padded[..chunk.len()].copy_from_slice(chunk);
        pcm.extend_from_slice(to_rate.process(&padded));
    }
    let mut words = Vec::new();
    let mut from = 0;
    for word in align_words(audio, text) {
        let Some(at) = text[from..].find(&word.text).map(|at| from + at) else { continue };
        let end = at + word.text.len();
        let sample =
            |at: std::time::Duration| at.as_micros() as u64 * u64::from(rate.hz()) / 1_000_000;
        words.push(SpokenWord {
            text_start_byte: at as u32,
            text_end_byte: end as u32,
            start_sample: sample(word.start),
            end_sample: sample(word.end).min(pcm.len() as u64),
        });
        from = end;
    }
    (pcm.into(), words)
}
