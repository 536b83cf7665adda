//! What a conversation asks for.

use offhook_types::{
    CarrierCommand, EndReason, Evidence, LlmCommand, PlayoutCommand, SttCommand, ToolCommand,
    TtsCommand,
};

/// Something to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Ask the language model.
    Llm(LlmCommand),
    /// Ask the voice. What it makes is kept until [`PlayoutCommand::Play`].
    Tts(TtsCommand),
    /// Ask the recogniser.
    Stt(SttCommand),
    /// Ask the end-of-turn model about the audio up to now.
    AskEndOfTurn {
        /// Comes back with the answer.
        ask: u32,
    },
    /// Ask the playout.
    Playout(PlayoutCommand),
    /// Ask the tool runner.
    Tool(ToolCommand),
    /// Ask the carrier, beside its media stream. To drop the line is [`Hangup`](Self::Hangup).
    Carrier(CarrierCommand),
    /// Drop the line.
    Hangup,
    /// A rule decided something.
    Decided(Evidence),
    /// The call is over; the last output.
    Ended(EndReason),
}
