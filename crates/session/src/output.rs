//! What a session asks for.

use offhook_telephony::{HangupMeans, WireMessage};
use offhook_types::{
    CarrierCommand, EndReason, LlmCommand, SttCommand, ToolCommand, TraceLine, TtsCommand,
};

/// Something to do. Audio and messages are lent until the next call.
#[derive(Debug, PartialEq)]
pub enum Output<'a> {
    /// Send this on the media stream's socket.
    Wire(WireMessage<'a>),
    /// Give this to the recogniser, at its rate.
    SttAudio(&'a [i16]),
    /// Ask the recogniser.
    Stt(SttCommand),
    /// Ask the language model.
    Llm(LlmCommand),
    /// Ask the voice.
    Tts(TtsCommand),
    /// Ask the end-of-turn model about the audio up to now.
    AskEndOfTurn {
        /// Comes back with the answer.
        ask: u32,
    },
    /// Ask the tool runner.
    Tool(ToolCommand),
    /// Ask the carrier, beside its media stream.
    Carrier(CarrierCommand),
    /// Drop the line, in the way that this carrier has: after a message on the stream that was
    /// already sent, by closing the socket, or by its REST API.
    Hangup(HangupMeans),
    /// A line of the decision trace: everything that the rules of the call were told and decided.
    Trace(TraceLine),
    /// The call is over; the last output.
    Ended(EndReason),
}
