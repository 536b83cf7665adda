//! Text-to-speech: what a call asks of a voice and what comes back.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{ProviderFailure, RequestId, UtteranceId};

/// What the session asks of its synthesiser.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TtsCommand {
    /// Speak a clause. Clauses of one request are spoken in the order asked.
    Say {
        /// The request the clause belongs to.
        request: RequestId,
        /// Names the clause; every event about it carries it.
        utterance: UtteranceId,
        /// The text, ready to be spoken: no markup, numbers in words.
        text: String,
        /// More clauses of the same request will follow, so the voice should not fall at the end.
        has_more: bool,
    },
    /// Stop every clause of a request. Never waited for; what still arrives is dropped.
    Cancel {
        /// The request to stop.
        request: RequestId,
    },
}

/// What a synthesiser reports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TtsEvent {
    /// Audio of a clause, in order, at the rate the session was told at start.
    Audio {
        /// The request the clause belongs to.
        request: RequestId,
        /// The clause.
        utterance: UtteranceId,
        /// Mono samples. Shared and not copied: the synthesiser may be caching them.
        #[serde(with = "crate::samples")]
        pcm: Arc<[i16]>,
    },
    /// Where words of a clause lie in its audio.
    Words {
        /// The request the clause belongs to.
        request: RequestId,
        /// The clause.
        utterance: UtteranceId,
        /// Words in order, not repeated by later events.
        words: Vec<SpokenWord>,
    },
    /// All audio of a clause has been given.
    Finished {
        /// The request the clause belongs to.
        request: RequestId,
        /// The clause.
        utterance: UtteranceId,
    },
    /// A clause could not be spoken, or not to its end.
    Failed {
        /// The request the clause belongs to.
        request: RequestId,
        /// The clause.
        utterance: UtteranceId,
        /// Why.
        failure: ProviderFailure,
    },
}

/// A word's place in a clause: in its text and in its audio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpokenWord {
    /// First byte of the word in the clause's text.
    pub text_start_byte: u32,
    /// One past its last byte.
    pub text_end_byte: u32,
    /// First sample of the word in the clause's audio.
    pub start_sample: u64,
    /// One past its last sample.
    pub end_sample: u64,
}
