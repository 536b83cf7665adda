//! What a dialect can do.

use std::time::Duration;

/// What a dialect can do, as far as a test must know it to know what to expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Which marks come back.
    pub marks: MarkReturn,
    /// A clear is answered with a message of its own.
    pub acknowledges_clear: bool,
    /// How much audio it buffers; more is thrown away.
    pub buffer: Duration,
    /// Audio must come in messages of exactly 20 ms.
    pub is_frame_exact: bool,
    /// The shortest and longest audio in one message, in milliseconds, where there are such.
    pub chunk_ms: Option<(u32, u32)>,
    /// The engine can have digits played to the caller over the socket.
    pub plays_digits: bool,
    /// The line goes down when the engine closes the socket, if the carrier has nothing else to do
    /// with the call ([`Dial::has_next_instruction`](crate::Dial::has_next_instruction)).
    pub is_close_hang_up: bool,
    /// The end of the line is announced in a message before the socket closes.
    pub announces_end: bool,
}

/// Which marks a carrier returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkReturn {
    /// Those whose audio was played; after a clear also all pending ones, in no way different.
    PlayedAndCleared,
    /// Those whose audio was played. A clear loses the others.
    PlayedOnly,
    /// All, with the word `played` or `cleared`.
    Labelled,
}
