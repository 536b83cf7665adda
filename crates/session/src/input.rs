//! What a session is told.

use offhook_telephony::WireMessage;
use offhook_types::{CarrierEvent, ControlCommand, LlmEvent, SttEvent, ToolEvent, TtsEvent};

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// A message came on the media stream's socket.
    Wire(WireMessage<'a>),
    /// The media stream's socket is closed.
    Closed,
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
