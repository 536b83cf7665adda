//! What an agent's document says about machines that answer.

use serde::{Deserialize, Serialize};

/// What is done when a machine answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoicemailMode {
    /// Hang up at once.
    #[default]
    Hangup,
    /// Leave the text, word for word.
    Static,
    /// Leave a message that the model writes; the text is an instruction for it.
    Generated,
}

/// Messages for machines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VoicemailSettings {
    /// What is done. Default hang up.
    pub mode: VoicemailMode,
    /// The message, or what the model is told about it. Default empty. Machines cut off messages
    /// of more than one to three minutes.
    pub text: String,
}
