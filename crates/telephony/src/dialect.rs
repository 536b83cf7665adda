//! What every dialect does: a carrier's messages to events, commands to its messages.

use offhook_types::{CodecFormat, MediaCommand, MediaEvent, StreamStart};

use crate::caps::Caps;
use crate::wire::{Outbox, WireMessage};

/// One carrier's media-stream protocol on one call, without the socket.
///
/// A dialect translates and remembers only what translating needs (the stream's id, its format, the
/// current generation). The order of a stream (nothing before its start, one start, nothing after
/// its end), sizes, pacing and what was heard are the same for all carriers and are kept by
/// [`MediaStream`](crate::MediaStream).
///
/// Audio is decoded out of the message into a buffer that the dialect keeps, and encoded into the
/// outbox: neither allocates once the buffers have grown to the stream's messages.
pub trait Dialect: Send {
    /// What the stream can do. Before its start, what every stream of this carrier can do.
    fn caps(&self) -> &Caps;

    /// Understands one message. What the carrier expects in answer goes into `replies`.
    ///
    /// # Errors
    /// An [`Anomaly`] for a message that is skipped; the stream goes on.
    fn decode<'a>(
        &'a mut self,
        message: WireMessage<'a>,
        replies: &mut Outbox,
    ) -> Result<Decoded<'a>, Anomaly>;

    /// Writes one command. Before the stream's start nothing is written.
    ///
    /// # Errors
    /// [`CannotSend`] where this carrier has no message for it.
    fn encode(&mut self, command: MediaCommand<'_>, out: &mut Outbox) -> Result<(), CannotSend>;
}

/// What a message said.
#[derive(Debug, PartialEq)]
pub struct Decoded<'a> {
    /// What it means for the call; nothing for greetings and keep-alives.
    pub event: Option<MediaEvent<'a>>,
    /// Fields of it that this version does not know.
    pub unknown_fields: u32,
}

/// Why a message was skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Anomaly {
    /// Not of the form that the carrier documents.
    #[error("message is malformed")]
    Malformed,
    /// Of the right form, with an event that this version does not know.
    #[error("message has an unknown event")]
    UnknownEvent,
    /// Longer than any honest message.
    #[error("message is too long")]
    Oversized,
    /// Audio of a track that is not the caller's.
    #[error("audio is of another track")]
    OtherTrack,
    /// A mark that this engine did not send.
    #[error("mark is not one of ours")]
    ForeignMark,
    /// A key that no keypad has.
    #[error("digit is not on a keypad")]
    ForeignDigit,
    /// The stream starts with audio that cannot be decoded here.
    #[error("stream's audio format is not supported")]
    UnsupportedFormat,
    /// Something other than a start at the start.
    #[error("message came before the stream's start")]
    BeforeStart,
    /// The stream started already.
    #[error("stream started twice")]
    SecondStart,
    /// The stream has ended.
    #[error("message came after the stream's end")]
    AfterStop,
}

/// A command that a carrier's stream has no message for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotSend {
    /// The stream has not started.
    #[error("stream has not started")]
    NotStarted,
    /// The stream has no such message: see [`Caps`] for the other way.
    #[error("carrier's stream has no message for this")]
    Unsupported,
    /// Audio that is not one of the sizes that the carrier takes.
    #[error("audio does not fit the carrier's frame")]
    WrongSize,
}

impl Anomaly {
    /// Every kind, in the order of the enum.
    pub const ALL: [Self; 10] = [
        Self::Malformed,
        Self::UnknownEvent,
        Self::Oversized,
        Self::OtherTrack,
        Self::ForeignMark,
        Self::ForeignDigit,
        Self::UnsupportedFormat,
        Self::BeforeStart,
        Self::SecondStart,
        Self::AfterStop,
    ];

    /// The name in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::UnknownEvent => "unknown_event",
            Self::Oversized => "oversized",
            Self::OtherTrack => "other_track",
            Self::ForeignMark => "foreign_mark",
            Self::ForeignDigit => "foreign_digit",
            Self::UnsupportedFormat => "unsupported_format",
            Self::BeforeStart => "before_start",
            Self::SecondStart => "second_start",
            Self::AfterStop => "after_stop",
        }
    }
}

impl<'a> Decoded<'a> {
    pub(crate) const fn event(event: MediaEvent<'a>, unknown_fields: u32) -> Self {
        Self { event: Some(event), unknown_fields }
    }

    pub(crate) const fn nothing(unknown_fields: u32) -> Self {
        Self { event: None, unknown_fields }
    }

    pub(crate) fn started(start: StreamStart, unknown_fields: u32) -> Self {
        Self::event(MediaEvent::Started(Box::new(start)), unknown_fields)
    }
}

/// The format that a carrier means by an encoding's name and a rate: `audio/x-mulaw`, `PCMU` and so
/// on, in any case. `linear` is what the carrier means by `L16`, which some read low byte first.
pub(crate) fn format_of(
    encoding: &str,
    rate_hz: Option<u64>,
    linear: offhook_types::Codec,
) -> Result<CodecFormat, Anomaly> {
    use offhook_types::{Codec, SampleRate};

    let name = encoding.rsplit('/').next().unwrap_or_default();
    let name = name.split(';').next().unwrap_or_default().trim();
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    let fixed = if is("x-mulaw") || is("mulaw") || is("pcmu") {
        Some(CodecFormat::PCMU)
    } else if is("x-alaw") || is("alaw") || is("pcma") {
        Some(CodecFormat::PCMA)
    } else if is("g722") {
        Some(CodecFormat::G722)
    } else {
        None
    };
    if let Some(format) = fixed {
        return Ok(format);
    }
    let codec = if is("opus") {
        Codec::Opus
    } else if is("l16") || is("x-l16") {
        linear
    } else {
        return Err(Anomaly::UnsupportedFormat);
    };
    let rate = rate_hz.and_then(|hz| u32::try_from(hz).ok()).ok_or(Anomaly::UnsupportedFormat)?;
    let rate = SampleRate::new(rate).map_err(|_| Anomaly::UnsupportedFormat)?;
    CodecFormat::new(codec, rate).map_err(|_| Anomaly::UnsupportedFormat)
}
