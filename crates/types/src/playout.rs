//! The agent's speech on its way to the caller's ear.

use serde::{Deserialize, Serialize};

use crate::{RequestId, UtteranceId};

/// What is asked of the playout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PlayoutCommand {
    /// The speech of this request may be heard. What was made of it waits until then.
    Play {
        /// The request.
        request: RequestId,
    },
    /// Speech of this request that was not sent yet waits for [`Play`](Self::Play) again.
    Hold {
        /// The request.
        request: RequestId,
    },
    /// Play more quietly, or as before.
    Duck {
        /// From now on.
        is_ducked: bool,
    },
    /// Stop speaking: what was not heard of this request is thrown away, and
    /// [`PlayoutEvent::Heard`] says what was.
    Cut {
        /// The request.
        request: RequestId,
        /// How long the voice fades.
        fade_out_ms: u32,
    },
    /// Throw away speech that was made and not played.
    Drop {
        /// The request.
        request: RequestId,
    },
    /// Murmur: the caller is being listened to.
    Murmur,
    /// Let a sound be heard over and over wherever nobody speaks, or none.
    Background {
        /// Which, from now on.
        sound: Option<BackgroundSound>,
    },
}

/// A sound that fills the time in which the caller waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackgroundSound {
    /// A tool runs.
    Working,
    /// The caller is being handed to somebody else.
    Hold,
}

/// What becomes of speech.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PlayoutEvent {
    /// The first frame of a clause was sent to the caller.
    Speaking {
        /// The clause.
        utterance: UtteranceId,
    },
    /// The caller heard this much of a clause.
    Heard {
        /// The clause.
        utterance: UtteranceId,
        /// Samples of it.
        samples: u64,
        /// That is all of it.
        is_all: bool,
    },
}
