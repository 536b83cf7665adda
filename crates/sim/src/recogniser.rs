//! A stand-in recogniser: it knows the caller's words, and says each once it has heard its audio.

use std::time::Duration;

use offhook_types::{SampleRate, SttEvent};

use crate::caller::TimedWord;

/// What was heard and said so far.
#[derive(Debug)]
pub(crate) struct Recogniser {
    words: Vec<TimedWord>,
    rate: SampleRate,
    heard_samples: u64,
    /// Words that were part of a final.
    finished: usize,
    /// Words that were part of a partial.
    shown: usize,
}

impl Recogniser {
    pub(crate) fn new(words: &[TimedWord], rate: SampleRate) -> Self {
        Self { words: words.to_vec(), rate, heard_samples: 0, finished: 0, shown: 0 }
    }

    /// Hears audio; says what is new.
    pub(crate) fn hear(&mut self, samples: usize) -> Option<SttEvent> {
        self.heard_samples += samples as u64;
        let known = self.known();
        if known <= self.shown {
            return None;
        }
        self.shown = known;
        Some(SttEvent::Partial { text: self.text(self.finished, known), stable_bytes: 0 })
    }

    /// Finishes what was heard.
    pub(crate) fn finish(&mut self) -> Option<SttEvent> {
        let known = self.known();
        if known <= self.finished {
            return None;
        }
        let text = self.text(self.finished, known);
        (self.finished, self.shown) = (known, known.max(self.shown));
        Some(SttEvent::Final { text, words: Vec::new() })
    }

    fn known(&self) -> usize {
        let micros = self.heard_samples * 1_000_000 / u64::from(self.rate.hz());
        let heard = Duration::from_micros(micros);
        self.words.iter().take_while(|word| word.end <= heard).count()
    }

    fn text(&self, from: usize, to: usize) -> String {
        let words = self.words[from..to].iter().map(|word| word.text.as_str());
        words.collect::<Vec<_>>().join(" ")
    }
}
