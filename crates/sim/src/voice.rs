//! A stand-in voice: it hums each clause, as long as it takes to say it.

use std::sync::Arc;

use offhook_types::{SampleRate, SpokenWord};

/// Milliseconds of a character, at a slow pace of 15 a second.
const CHARACTER_MS: u32 = 66;

/// The audio of a clause, and where its words lie.
pub(crate) fn speak(text: &str, rate: SampleRate) -> (Arc<[i16]>, Vec<SpokenWord>) {
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
    let hz = f64::from(rate.hz());
    let hum = |index: usize| {
        let seconds = index as f64 / hz;
        let tone = (std::f64::consts::TAU * 180.0 * seconds).sin()
            + 0.5 * (std::f64::consts::TAU * 720.0 * seconds).sin();
        (tone * 5_000.0) as i16
    };
    ((0..samples).map(hum).collect(), words)
}
