//! What a session asked of the world, as far as scenarios speak of it.

use std::collections::BTreeSet;

use offhook_session::Output;
use offhook_types::{
    CarrierCommand, ChatMessage, LlmCommand, Party, ToolCall, ToolCommand, TransferMode, TtsCommand,
};

/// What was asked of tools, carrier and model.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Tools that were run, in order.
    pub tools: Vec<ToolCall>,
    /// Transfers that were asked for, in order.
    pub transfers: Vec<(Party, TransferMode)>,
    /// What the voice was asked to say, clause by clause.
    pub said: Vec<String>,
    /// Everything that the model was told, but for its instructions and its own words.
    pub told: BTreeSet<String>,
}

impl Asked {
    pub(crate) fn note(&mut self, output: &Output<'_>) {
        match output {
            Output::Tool(ToolCommand::Run { call, .. }) => self.tools.push(call.clone()),
            Output::Carrier(CarrierCommand::Transfer { target, mode, .. }) => {
                self.transfers.push((target.clone(), *mode));
            }
            Output::Llm(LlmCommand::Start { messages, .. }) => {
                self.told.extend(messages.iter().filter_map(told));
            }
            Output::Tts(TtsCommand::Say { text, .. }) => self.said.push(text.clone()),
            Output::Tool(ToolCommand::Cancel { .. })
            | Output::Carrier(
                CarrierCommand::Hangup
                | CarrierCommand::CancelTransfer
                | CarrierCommand::SendDtmf { .. },
            )
            | Output::Llm(LlmCommand::Cancel { .. })
            | Output::Wire(_)
            | Output::SttAudio(_)
            | Output::Stt(_)
            | Output::Tts(TtsCommand::Cancel { .. })
            | Output::AskEndOfTurn { .. }
            | Output::Hangup(_)
            | Output::Trace(_)
            | Output::Ended(_) => {}
        }
    }
}

fn told(message: &ChatMessage) -> Option<String> {
    match message {
        ChatMessage::System { text }
        | ChatMessage::User { text }
        | ChatMessage::Tool { text, .. } => Some(text.clone()),
        ChatMessage::Assistant { .. } => None,
    }
}
