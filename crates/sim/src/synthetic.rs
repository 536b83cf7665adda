//! A voice-like sound for worlds without recordings: pulses of a wandering pitch through two
//! wandering resonances, a syllable for each word. Detectors take it for a voice; nobody else
//! would.

use std::time::Duration;

use crate::caller::{RATE, TimedWord, samples_in, time_of};
use crate::sounds::resonate;

/// Length of a word.
const WORD: Duration = Duration::from_millis(280);

/// Says words; `(600)` between them is a pause of that many milliseconds, and `*300*` is a sound of
/// that length without a word. The audio is at 8 kHz.
pub fn synthetic_speech(text: &str) -> (Vec<i16>, Vec<TimedWord>) {
    let (mut samples, mut words) = (Vec::new(), Vec::new());
    let mut throat = Throat::default();
    let within = |token: &str, open, close| {
        let inner = token.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        inner.and_then(|inner: &str| inner.parse::<u64>().ok()).map(Duration::from_millis)
    };
    for token in text.split_whitespace() {
        if let Some(pause) = within(token, '(', ')') {
            samples.resize(samples.len() + samples_in(pause), 0);
        } else if let Some(sound) = within(token, '*', '*') {
            throat.speak(sound, &mut samples);
        } else {
            let start = time_of(samples.len());
            throat.speak(WORD, &mut samples);
            words.push(TimedWord { text: token.to_owned(), start, end: time_of(samples.len()) });
        }
    }
    (samples, words)
}

#[derive(Debug)]
struct Throat {
    phase: f32,
    resonances: [[f32; 2]; 2],
    syllable: f32,
}

impl Default for Throat {
    fn default() -> Self {
        Self { phase: 0.0, resonances: [[0.0; 2]; 2], syllable: 1.0 }
    }
}

impl Throat {
    fn speak(&mut self, span: Duration, out: &mut Vec<i16>) {
        let count = samples_in(span);
        self.syllable += 1.0;
        let vowel = self.syllable;
        let first = 520.0 + (vowel * 2.1).sin() * 210.0;
        let second = 1_650.0 + (vowel * 0.7).sin() * 620.0;
        for index in 0..count {
            self.phase += (120.0 + (vowel * 1.3).sin() * 18.0) / RATE as f32;
            let pulse = if self.phase >= 1.0 { 1.0 } else { 0.0 };
            self.phase = self.phase.fract();
            let low = resonate(&mut self.resonances[0], pulse, first, 90.0);
            let high = resonate(&mut self.resonances[1], pulse, second, 140.0);
            // Soft at both ends of the syllable, as a mouth is.
            let edge = (index.min(count - index) as f32 / 160.0).min(1.0);
            let sound = (low + 0.6 * high) * edge * 5_200.0;
            out.push(sound.clamp(-30_000.0, 30_000.0) as i16);
        }
    }
}
