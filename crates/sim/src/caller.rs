//! A caller: audio at 8 kHz, and the words in it.

use std::time::Duration;

/// A word of the caller, and when in the call it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimedWord {
    /// The word.
    pub text: String,
    /// When it ends, since the stream began.
    pub end: Duration,
}

/// What a caller says during a call.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    samples: Vec<i16>,
    words: Vec<TimedWord>,
    echo: Option<Echo>,
}

/// The agent's voice that comes back from the caller's side.
#[derive(Clone, Copy, Debug)]
struct Echo {
    delay: usize,
    gain: f32,
}

/// Samples a second of a caller.
pub(crate) const RATE: usize = 8_000;

impl Caller {
    /// Puts audio (8 kHz) into the call at a moment, over whatever is there, with the words in it
    /// and when each ends since the audio's start.
    #[must_use]
    pub fn with(mut self, at: Duration, audio: &[i16], words: &[TimedWord]) -> Self {
        let start = samples_in(at);
        if self.samples.len() < start + audio.len() {
            self.samples.resize(start + audio.len(), 0);
        }
        for (sum, sample) in self.samples[start..].iter_mut().zip(audio) {
            *sum = sum.saturating_add(*sample);
        }
        let shifted = words.iter().map(|word| TimedWord { end: at + word.end, ..word.clone() });
        self.words.extend(shifted);
        self.words.sort_by_key(|word| word.end);
        self
    }

    /// Lets the agent's voice come back after `delay`, quieter by `loss_db`.
    #[must_use]
    pub fn with_echo(mut self, delay: Duration, loss_db: f32) -> Self {
        let gain = 10_f32.powf(-loss_db / 20.0);
        self.echo = Some(Echo { delay: samples_in(delay), gain });
        self
    }

    /// When everything was said.
    pub fn end(&self) -> Duration {
        Duration::from_micros(self.samples.len() as u64 * 125)
    }

    pub(crate) fn words(&self) -> &[TimedWord] {
        &self.words
    }

    /// The caller's 20 ms from `start` on, with the echo of what was `heard` until then.
    pub(crate) fn frame(&self, start: usize, heard: &[i16], frame: &mut [i16]) {
        for (index, sample) in frame.iter_mut().enumerate() {
            let at = start + index;
            let own = self.samples.get(at).copied().unwrap_or_default();
            let echo = self.echo.map_or(0.0, |echo| {
                let from = at.checked_sub(echo.delay).and_then(|at| heard.get(at));
                from.map_or(0.0, |sample| f32::from(*sample) * echo.gain)
            });
            *sample = own.saturating_add(echo as i16);
        }
    }
}

pub(crate) fn samples_in(span: Duration) -> usize {
    (span.as_micros() * RATE as u128 / 1_000_000) as usize
}
