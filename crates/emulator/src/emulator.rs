//! What every emulator can do, whichever dialect it speaks.

use std::fmt;

use offhook_types::{CodecFormat, DtmfDigit, Pii, Timestamp};

use crate::{Caps, LineEvent, Tally, Violation};

/// A carrier that has dialled an engine: one media stream of one call, without its socket.
///
/// Methods come in four kinds. Getters: [`upgrade`](Self::upgrade) to
/// [`violation_count`](Self::violation_count). Commands of the caller and of the carrier's own
/// control: [`press`](Self::press), [`hang_up`](Self::hang_up). What happens to it: `handle_*`.
/// What it wants: `poll_*`.
///
/// After every command and `handle_*`, drain [`poll_message`](Self::poll_message) onto the socket;
/// once the [`state`](Self::state) is [`CallState::Ended`] and nothing is left, close the socket.
/// `now` never goes backwards.
pub trait Emulator: fmt::Debug + Send {
    /// What the carrier asks for in its WebSocket upgrade, apart from the path.
    fn upgrade(&self) -> UpgradeRequest;

    /// How the caller's and the agent's audio are encoded.
    fn formats(&self) -> LineFormats;

    /// What this dialect can do.
    fn caps(&self) -> Caps;

    /// Where the call stands.
    fn state(&self) -> CallState;

    /// What has been played to the caller, to the sample.
    fn played(&self) -> Played;

    /// What has gone over the wire.
    fn tally(&self) -> Tally;

    /// What the engine did that the carrier does not accept, oldest first. Only the first
    /// [`Violation::KEPT_MAX`] are kept.
    fn violations(&self) -> &[Violation];

    /// How many violations there were, those not kept included.
    fn violation_count(&self) -> u64;

    /// The caller holds a key for `duration_ms`. Ignored unless the stream runs.
    fn press(&mut self, now: Timestamp, digit: DtmfDigit, duration_ms: u32);

    /// The line goes down: the caller hung up, or the engine or the carrier dropped the call
    /// without the help of the socket (REST). It also takes down a line that outlived its stream.
    fn hang_up(&mut self, now: Timestamp, by: Side);

    /// The engine accepted the upgrade, with the sub-protocol it chose.
    fn handle_open(&mut self, now: Timestamp, protocol: Option<&str>);

    /// The engine answered the upgrade with another HTTP status than 101, or not at all (`None`).
    fn handle_refused(&mut self, now: Timestamp, status: Option<u16>);

    /// A message of the engine. What the carrier would refuse is refused and recorded.
    fn handle_message(&mut self, now: Timestamp, message: WireMessage);

    /// The engine closed the socket, or it broke.
    fn handle_closed(&mut self, now: Timestamp);

    /// Carries audio both ways for each 20 ms that have passed, at most
    /// [`TICKS_PER_TIMEOUT_MAX`](crate::TICKS_PER_TIMEOUT_MAX) of them; what is still due then is
    /// due at once.
    fn handle_timeout(&mut self, now: Timestamp, line: &mut dyn CallerLine);

    /// The next message for the engine.
    fn poll_message(&mut self) -> Option<WireMessage>;

    /// The next thing worth telling a person or a checker. Kept up to
    /// [`LineEvent::KEPT_MAX`], then the oldest are dropped and counted in
    /// [`Tally::events_missed`].
    fn poll_event(&mut self) -> Option<LineEvent>;

    /// When to call [`handle_timeout`](Self::handle_timeout) next.
    fn poll_timeout(&self) -> Option<Timestamp>;
}

/// The telephone behind the carrier.
pub trait CallerLine {
    /// Appends the next 20 ms of the caller to the empty `payload`, in the line's codec. Left
    /// empty, the caller is silent: the carrier sends silence, or nothing where the codec has no
    /// byte for it. A payload that is too short is filled up with silence.
    fn speak_into(&mut self, at: Timestamp, payload: &mut Vec<u8>);

    /// What the caller hears during the 20 ms that begin at `at`: `None` is silence because
    /// nothing is buffered, fewer bytes than 20 ms are followed by silence. An Opus packet of
    /// more than 20 ms is heard whole where it begins, then empty slices until it ends.
    fn hear(&mut self, at: Timestamp, payload: Option<&[u8]>);
}

/// One message of the WebSocket.
#[derive(Clone, PartialEq, Eq)]
pub enum WireMessage {
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Vec<u8>),
}

/// What a carrier puts into its WebSocket upgrade. Path and host are the caller's business.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpgradeRequest {
    /// Headers beyond those of RFC 6455, the secrets among them marked.
    pub headers: Vec<(String, Pii<String>)>,
    /// Sub-protocols offered, best first.
    pub protocols: Vec<Pii<String>>,
}

/// How the two directions of a line are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineFormats {
    /// The caller's audio, on its way to the engine.
    pub to_engine: CodecFormat,
    /// The agent's audio, on its way to the caller.
    pub to_caller: CodecFormat,
}

/// The truth about what the caller heard. A sample counts as played once it was handed to the line,
/// which takes 20 ms at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Played {
    /// Samples since the last clear took effect.
    pub samples_since_clear: u64,
    /// Samples since the call began.
    pub samples: u64,
    /// Clears so far.
    pub clears: u32,
    /// Holes in the agent's speech: the buffer ran dry and audio followed within
    /// [`Played::HOLE_MS_MAX`]. A longer gap is a pause between two utterances, and a clear
    /// makes no hole.
    pub underruns: u32,
    /// Samples waiting to be played.
    pub samples_waiting: u64,
}

/// Where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallState {
    /// Dialling, or waiting for what the dialect needs before audio flows.
    Connecting,
    /// Audio flows.
    Streaming,
    /// The stream is over.
    Ended(CallEnd),
}

/// How a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallEnd {
    /// When.
    pub at: Timestamp,
    /// Who ended it.
    pub by: Side,
    /// How.
    pub cause: EndCause,
    /// The caller is still on the line: only the stream is gone.
    pub is_line_up: bool,
}

/// One of the three parties of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The person or machine at the telephone.
    Caller,
    /// The engine under test.
    Engine,
    /// The carrier itself.
    Carrier,
}

/// How a stream can end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndCause {
    /// The telephone line went down and the carrier stopped the stream.
    LineDropped,
    /// The socket was closed from the engine's end.
    SocketClosed,
    /// The engine asked for it in a message.
    HangupMessage,
    /// The upgrade was refused with this HTTP status, or never answered.
    Refused(Option<u16>),
    /// The engine accepted the upgrade and then did not do what the dialect asks for.
    HandshakeFailed,
}

impl WireMessage {
    /// The text of a text message.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Binary(_) => None,
        }
    }
}

impl Played {
    /// Longest gap that a listener takes for a hole in a sentence; the shortest pauses between
    /// sentences are longer than this.
    pub const HOLE_MS_MAX: u32 = 200;
}

impl fmt::Debug for WireMessage {
    /// Lengths only: the text of a first message holds telephone numbers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Binary(bytes) => write!(f, "Binary({} bytes)", bytes.len()),
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Caller => "caller",
            Self::Engine => "engine",
            Self::Carrier => "carrier",
        })
    }
}

impl fmt::Display for EndCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LineDropped => f.write_str("line dropped"),
            Self::SocketClosed => f.write_str("socket closed"),
            Self::HangupMessage => f.write_str("hang-up message"),
            Self::Refused(Some(status)) => write!(f, "upgrade refused with status {status}"),
            Self::Refused(None) => f.write_str("no answer to the upgrade"),
            Self::HandshakeFailed => f.write_str("handshake failed"),
        }
    }
}
