//! What happens on a line, for people and checkers.

use offhook_types::{DtmfDigit, Timestamp};

use crate::{CallEnd, Violation};

/// Something worth telling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineEvent {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: LineEventKind,
}

/// What can be worth telling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineEventKind {
    /// The engine accepted the upgrade.
    Connected,
    /// The stream has been introduced and audio flows.
    Started,
    /// The agent becomes audible after silence or a clear.
    AudioBegan,
    /// The buffer ran dry more than [`Played::HOLE_MS_MAX`](crate::Played::HOLE_MS_MAX) ago: not a
    /// hole in the agent's speech, but its end.
    AudioPaused,
    /// The engine set a mark.
    MarkSet {
        /// Its name.
        name: String,
    },
    /// A mark was reached or thrown away. Whether the engine was told depends on the dialect.
    MarkDone {
        /// Its name.
        name: String,
        /// Which of the two.
        fate: MarkFate,
    },
    /// The engine cleared the buffer.
    Cleared {
        /// Samples that were thrown away.
        dropped_samples: u64,
    },
    /// The caller pressed a key.
    DigitPressed {
        /// The key.
        digit: DtmfDigit,
    },
    /// The engine had digits played to the caller.
    DigitsPlayed {
        /// In order.
        digits: Vec<DtmfDigit>,
    },
    /// The engine did what the dialect does not allow.
    Violated(Violation),
    /// The stream is over.
    Ended(CallEnd),
}

/// What became of a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkFate {
    /// All audio before it was played, or there was none.
    Played,
    /// It was pending at a clear.
    Cleared,
}

/// What has gone over the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Messages with the caller's audio.
    pub frames_sent: u64,
    /// All messages for the engine.
    pub messages_sent: u64,
    /// All messages from the engine while the stream ran.
    pub messages_received: u64,
    /// Messages with the agent's audio that were accepted.
    pub chunks_received: u64,
    /// Marks that the engine set.
    pub marks_set: u64,
    /// Marks whose audio was played.
    pub marks_played: u64,
    /// Marks that a clear overtook.
    pub marks_cleared: u64,
    /// Events that nobody fetched in time.
    pub events_missed: u64,
}

impl LineEvent {
    /// How many events wait to be fetched; then the oldest are dropped.
    pub const KEPT_MAX: usize = 1_024;
}
