//! What every dialect does: a carrier's messages to events, commands to its messages.

use offhook_types::{
    Codec, CodecFormat, DtmfDigit, Mark, MediaCommand, MediaEvent, SampleRate, StreamStart,
};

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
    linear: Codec,
) -> Result<CodecFormat, Anomaly> {
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

/// The rate in a content type: `audio/l16;rate=16000`.
pub(crate) fn rate_in(content_type: &str) -> Option<u64> {
    let mut fields = content_type.split(';').skip(1).filter_map(|field| field.split_once('='));
    let (_, rate) = fields.find(|(name, _)| name.trim().eq_ignore_ascii_case("rate"))?;
    rate.trim().parse().ok()
}

/// The one key that a carrier names.
pub(crate) fn digit_of(text: &str) -> Result<DtmfDigit, Anomaly> {
    text.parse().map_err(|_| Anomaly::ForeignDigit)
}

/// The mark that a carrier returns.
pub(crate) fn mark_of(name: &str) -> Result<Mark, Anomaly> {
    Mark::parse(name).map_err(|_| Anomaly::ForeignMark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carriers_spell_the_same_codec_in_many_ways() {
        for name in ["audio/x-mulaw", "PCMU", "audio/PCMU", "audio/x-mulaw;rate=8000", "mulaw"] {
            assert_eq!(format_of(name, None, Codec::L16Le), Ok(CodecFormat::PCMU), "{name}");
        }
        let wide = CodecFormat::new(Codec::L16Be, SampleRate::HZ_16000).unwrap();
        assert_eq!(format_of("audio/x-l16", Some(16_000), Codec::L16Be), Ok(wide));
        // RFC 3551 §4.5.2: G.722 is announced with half its rate.
        assert_eq!(format_of("G722", Some(8_000), Codec::L16Be), Ok(CodecFormat::G722));
        for (name, rate) in [("AMR-WB", 16_000), ("", 8_000), ("L16", 11_025), ("OPUS", 44_100)] {
            let format = format_of(name, Some(rate), Codec::L16Be);
            assert_eq!(format, Err(Anomaly::UnsupportedFormat), "{name}");
        }
        assert_eq!(format_of("L16", None, Codec::L16Be), Err(Anomaly::UnsupportedFormat));
    }

    #[test]
    fn the_rate_of_a_content_type_is_found_wherever_it_stands() {
        assert_eq!(rate_in("audio/l16;rate=16000"), Some(16_000));
        assert_eq!(rate_in("audio/l16; channels=1; Rate = 8000"), Some(8_000));
        for other in ["", "audio/l16", "audio/l16;rate", "audio/l16;rate=fast", "rate=8000"] {
            assert_eq!(rate_in(other), None, "{other}");
        }
    }
}
