//! What a session is told.

use offhook_telephony::WireMessage;
use offhook_types::{
    CarrierEvent, ControlCommand, LlmEvent, ProviderEvent, SttEvent, ToolEvent, TtsEvent,
};

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// A message came on the media stream's socket.
    Wire(WireMessage<'a>),
    /// The media stream's socket is closed: the caller's end is gone.
    Closed,
    /// The media stream cannot be used any more although nobody closed it.
    Broken {
        /// What was seen.
        observed: &'a str,
    },
    /// The recogniser reported.
    Stt(SttEvent),
    /// The end-of-turn model answered.
    EndOfTurn {
        /// The number it was asked with.
        ask: u32,
        /// How likely the turn is over.
        permille: u16,
    },
    /// The language model reported.
    Llm(LlmEvent),
    /// The voice reported. Clauses come one after another, each whole before the next.
    Tts(TtsEvent),
    /// The tool runner reported.
    Tool(ToolEvent),
    /// The carrier reported, beside its media stream.
    Carrier(CarrierEvent),
    /// Somebody outside the call gave a command.
    Control(ControlCommand),
    /// The deadline of [`Session::poll_timeout`](crate::Session::poll_timeout) has come.
    Timeout,
}

impl From<ProviderEvent> for Input<'_> {
    fn from(event: ProviderEvent) -> Self {
        match event {
            ProviderEvent::Stt(event) => Self::Stt(event),
            ProviderEvent::EndOfTurn { ask, permille } => Self::EndOfTurn { ask, permille },
            ProviderEvent::Llm(event) => Self::Llm(event),
            ProviderEvent::Tts(event) => Self::Tts(event),
            ProviderEvent::Tool(event) => Self::Tool(event),
            ProviderEvent::Carrier(event) => Self::Carrier(event),
        }
    }
}
