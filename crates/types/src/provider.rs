//! What crosses the channels between a call and the providers around it, owned.

use crate::{
    CarrierCommand, CarrierEvent, LlmCommand, LlmEvent, SttCommand, SttEvent, ToolCommand,
    ToolEvent, TtsCommand, TtsEvent,
};

/// What a call asks of its providers. One channel carries all of it: a recogniser that is told to
/// finish must have had the audio before that.
#[derive(Clone, Debug, PartialEq)]
pub enum ProviderCommand {
    /// Audio for the recogniser, at its rate.
    SttAudio(Vec<i16>),
    /// Ask the recogniser.
    Stt(SttCommand),
    /// Ask the end-of-turn model about the audio up to now.
    AskEndOfTurn {
        /// Comes back with the answer.
        ask: u32,
    },
    /// Ask the language model.
    Llm(LlmCommand),
    /// Ask the voice.
    Tts(TtsCommand),
    /// Ask the tool runner.
    Tool(Box<ToolCommand>),
    /// Ask the carrier, beside its media stream.
    Carrier(Box<CarrierCommand>),
}

/// What the providers of a call report.
#[derive(Clone, Debug, PartialEq)]
pub enum ProviderEvent {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A channel moves its items, and holds as many as its bound. Events are larger by the failure
    /// that one of them may carry.
    #[test]
    fn what_crosses_a_channel_is_small() {
        assert!(size_of::<ProviderCommand>() <= 64, "{}", size_of::<ProviderCommand>());
        assert!(size_of::<ProviderEvent>() <= 88, "{}", size_of::<ProviderEvent>());
    }
}
