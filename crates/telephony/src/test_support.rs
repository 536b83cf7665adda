//! What tests of every dialect need: a message in as plain values, a command out as text.

use offhook_types::{
    Generation, Mark, MarkOutcome, MediaCommand, MediaEvent, StreamStart, UtteranceId,
};

use crate::dialect::{Anomaly, CannotSend, Dialect};
use crate::wire::{Outbox, WireMessage};

/// A decoded message, owned.
#[derive(Debug, PartialEq)]
pub(crate) enum Told {
    Nothing,
    Started(StreamStart),
    /// Payload, sequence, timestamp in ms.
    Audio(Vec<u8>, Option<u64>, Option<u64>),
    Dtmf(char, Option<u32>),
    Mark(Mark, MarkOutcome),
    Cleared,
    /// Generation and samples.
    Played(u32, u64),
    Error(Option<u32>, String),
    Stopped,
    Other(String),
}

/// Decodes a text message that asks for no reply.
pub(crate) fn decode(dialect: &mut dyn Dialect, text: &str) -> Result<Told, Anomaly> {
    let mut replies = Outbox::new();
    let told = tell(dialect, WireMessage::Text(text), &mut replies);
    assert!(replies.is_empty(), "{text} was answered");
    told
}

/// Decodes any message, with its replies.
pub(crate) fn tell(
    dialect: &mut dyn Dialect,
    message: WireMessage<'_>,
    replies: &mut Outbox,
) -> Result<Told, Anomaly> {
    let decoded = dialect.decode(message, replies)?;
    let Some(event) = decoded.event else { return Ok(Told::Nothing) };
    Ok(match event {
        MediaEvent::Started(start) => Told::Started(*start),
        MediaEvent::Audio(packet) => {
            Told::Audio(packet.payload.to_vec(), packet.sequence, packet.timestamp_ms)
        }
        MediaEvent::Dtmf { digit, duration_ms } => Told::Dtmf(digit.as_char(), duration_ms),
        MediaEvent::Mark { mark, outcome } => Told::Mark(mark, outcome),
        MediaEvent::Cleared => Told::Cleared,
        MediaEvent::Played { generation, samples } => Told::Played(generation.index(), samples),
        MediaEvent::Error { code, text } => Told::Error(code, text.to_owned()),
        MediaEvent::Stopped => Told::Stopped,
        MediaEvent::Queue { .. }
        | MediaEvent::Flow { .. }
        | MediaEvent::PlaybackStarted
        | MediaEvent::PlaybackCompleted => Told::Other(format!("{event:?}")),
    })
}

/// Encodes a command that takes exactly one message, a text.
pub(crate) fn encode(
    dialect: &mut dyn Dialect,
    command: MediaCommand<'_>,
) -> Result<String, CannotSend> {
    let mut out = Outbox::new();
    dialect.encode(command, &mut out)?;
    let Some(WireMessage::Text(text)) = out.poll() else { panic!("no text for {command:?}") };
    let text = text.to_owned();
    assert_eq!(out.poll(), None, "more than one message for {command:?}");
    Ok(text)
}

pub(crate) fn mark(generation: u32, utterance: u32, end_sample: u64) -> Mark {
    Mark {
        generation: Generation::new(generation),
        utterance: UtteranceId::new(utterance),
        end_sample,
    }
}

/// Fields that nobody knows, in a message that is understood and asks for no reply.
pub(crate) fn unknown_fields(dialect: &mut dyn Dialect, text: &str) -> u32 {
    let decoded = dialect.decode(WireMessage::Text(text), &mut Outbox::new());
    decoded.expect("a message").unknown_fields
}
