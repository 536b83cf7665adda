//! What a conversation is told. Whole numbers and text only, so that a recorded call replays on any
//! machine.

use offhook_types::{
    CarrierEvent, ControlCommand, DtmfDigit, DtmfOrigin, EndedBy, FailedStage, LlmEvent,
    PlayoutEvent, SampleRate, SttEvent, ToneEvent, ToolEvent, TtsNote, VoiceFrame,
};

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The call was answered and audio flows: the agent may speak.
    Answered {
        /// Samples of speech are counted at this rate.
        speech_rate: SampleRate,
    },
    /// 20 ms of the caller.
    Frame(VoiceFrame),
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
    /// The voice reported; its audio goes another way.
    Tts(TtsNote),
    /// The playout reported.
    Playout(PlayoutEvent),
    /// A tone was heard on the line.
    Tone(ToneEvent),
    /// The tool runner reported.
    Tool(ToolEvent),
    /// A key was reported: by the carrier, or by its tone.
    Digit {
        /// The key.
        digit: DtmfDigit,
        /// How that is known.
        origin: DtmfOrigin,
    },
    /// The carrier reported, beside its media stream.
    Carrier(CarrierEvent),
    /// Somebody outside the conversation gave a command.
    Control(ControlCommand),
    /// The line is gone.
    LineDropped {
        /// Who dropped it.
        by: EndedBy,
    },
    /// Something outside the conversation failed, with no way left.
    Failed {
        /// What.
        stage: FailedStage,
        /// What was seen.
        observed: String,
    },
    /// A deadline has come.
    Timeout,
}
