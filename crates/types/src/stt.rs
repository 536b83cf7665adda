//! Speech-to-text: what a call asks of a recogniser and what it hears back.

use serde::{Deserialize, Serialize};

use crate::{ProviderFailure, SampleRate, Timestamp};

/// What the session asks of its recogniser. Audio itself travels beside these, frame by frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SttCommand {
    /// Open the stream.
    Start {
        /// BCP-47 language tag, or `multi` for detection per utterance.
        language: String,
        /// Rate of the audio that follows.
        sample_rate: SampleRate,
        /// Words to prefer, as far as the recogniser can.
        keywords: Vec<String>,
    },
    /// The caller seems to have finished: give the final text of what was heard as soon as
    /// possible.
    Finalize,
    /// Nothing was reported for too long while somebody spoke: open the stream anew, with another
    /// provider if there is one, and report that it is ready.
    Restart,
    /// Close the stream; nothing more is wanted.
    Stop,
}

/// What a recogniser reports. Moments are in call time, of the audio and not of the report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SttEvent {
    /// The stream is open.
    Ready,
    /// The recogniser itself heard speech begin.
    SpeechStarted {
        /// When the speech began.
        #[serde(rename = "at_us")]
        at: Timestamp,
    },
    /// What the utterance seems to be so far; replaces the partial before it.
    Partial {
        /// The whole text so far.
        text: String,
        /// Leading bytes of `text` that the recogniser will not change again, on a character
        /// boundary.
        stable_bytes: u32,
    },
    /// The settled text of a stretch of speech.
    Final {
        /// The text.
        text: String,
        /// Its words in order; empty where the recogniser gives no times.
        words: Vec<HeardWord>,
    },
    /// The recogniser's own opinion that the caller has finished.
    EndOfTurn {
        /// Per mille, 0 to 1000.
        probability_permille: u16,
    },
    /// Recognition runs behind the audio.
    Lagging {
        /// By how much, in milliseconds.
        behind_ms: u32,
    },
    /// The stream failed.
    Failed(ProviderFailure),
}

/// A word of a transcript.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeardWord {
    /// The word with its punctuation.
    pub text: String,
    /// When it began.
    #[serde(rename = "start_us")]
    pub start: Timestamp,
    /// When it ended.
    #[serde(rename = "end_us")]
    pub end: Timestamp,
    /// The recogniser's confidence per mille, where it gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence_permille: Option<u16>,
}
