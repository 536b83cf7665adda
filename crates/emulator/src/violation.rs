//! What an engine does that a carrier does not accept.

use std::fmt;

use offhook_types::Timestamp;

/// One thing that the engine did against the rules of the dialect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// When.
    pub at: Timestamp,
    /// Which rule.
    pub rule: Rule,
    /// The carrier's own number for it, where there is one.
    pub code: Option<u32>,
    /// What was wrong, in words that name the field; never the content of a message.
    pub detail: String,
}

/// A rule of a dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Binary where the dialect has text, or text where it has none.
    MessageKind,
    /// Text that is not a JSON object.
    NotJson,
    /// A message of a kind that the dialect does not have.
    UnknownEvent,
    /// A field is missing or has the wrong type.
    Field,
    /// A field that the carrier does not know. The message is obeyed all the same.
    ExtraField,
    /// The message names another stream.
    WrongStream,
    /// The audio is not base64.
    NotBase64,
    /// A message for audio without audio in it.
    EmptyAudio,
    /// The audio begins with the header of a WAV file. It is played, and heard as a click.
    FileHeader,
    /// The last sample of the payload is incomplete.
    HalfSample,
    /// The message does not hold exactly 20 ms.
    FrameSize,
    /// The message holds too little or too much audio.
    ChunkDuration,
    /// The audio is declared as something that the stream does not carry.
    ContentType,
    /// The carrier has no room for it: the message's audio is thrown away.
    BufferFull,
    /// More marks are pending than the emulator keeps.
    TooManyMarks,
    /// No key of the keypad.
    NotADigit,
    /// Audio of a generation that was cleared.
    StaleGeneration,
    /// Counters of consecutive messages do not follow each other. The message is obeyed.
    Sequence,
    /// The engine did not do what comes first.
    Handshake,
    /// The message is longer than the dialect allows.
    MessageTooLong,
}

impl Violation {
    /// How many violations of a call are kept; more are counted.
    pub const KEPT_MAX: usize = 100;
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.rule, self.detail)?;
        match self.code {
            Some(code) => write!(f, " (the carrier's error {code})"),
            None => Ok(()),
        }
    }
}

/// Why a carrier does not obey a message.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) rule: Rule,
    pub(crate) detail: String,
}

impl Refusal {
    pub(crate) fn new(rule: Rule, detail: impl Into<String>) -> Self {
        Self { rule, detail: detail.into() }
    }
}
