//! What a caller does.

use std::sync::Arc;
use std::time::Duration;

use offhook_types::DtmfDigit;

use crate::align::{align_words, voiced_stretches};
use crate::caller::{TimedWord, time_of};

/// What a caller does.
#[derive(Clone, Debug)]
pub enum Deed {
    /// Makes a sound.
    Sounds(Sound),
    /// Presses a key for 160 ms.
    Presses(DtmfDigit),
    /// Stays on the line without a word.
    Waits(Duration),
    /// Hangs up.
    HangsUp,
}

/// A sound of a caller: mono at 8 kHz, with the words in it.
#[derive(Clone, Debug)]
pub struct Sound {
    /// What it is, for people.
    pub label: String,
    /// The samples.
    pub audio: Arc<[i16]>,
    /// The words, timed from the audio's start; none in a cough.
    pub words: Vec<TimedWord>,
}

impl Sound {
    /// A text that was said in `audio`.
    pub fn spoken(text: &str, audio: Arc<[i16]>) -> Self {
        let words = align_words(&audio, text);
        Self { label: text.to_owned(), audio, words }
    }

    /// A sound without words.
    pub fn wordless(label: &str, audio: Arc<[i16]>) -> Self {
        Self { label: label.to_owned(), audio, words: Vec::new() }
    }

    /// Where the first and the last audible sample lie.
    pub(crate) fn audible(&self) -> (Duration, Duration) {
        let stretches = voiced_stretches(&self.audio);
        let first = stretches.first().map_or(0, |(from, _)| *from);
        let last = stretches.last().map_or(0, |(_, to)| *to);
        (time_of(first), time_of(last))
    }
}
