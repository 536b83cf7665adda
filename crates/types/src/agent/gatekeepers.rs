//! Who answers in place of the person: machines, screening services, menus.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is done when a machine answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Voicemail {
    /// What is done. Default hang up.
    pub mode: VoicemailMode,
    /// The message, or what the model is told about it. Default empty. Machines cut off messages
    /// of more than one to three minutes.
    pub text: String,
}

/// The answer to call screening.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Screening {
    /// Who is calling, as a sentence: "This is Ada of Example Dental." Default empty.
    pub identity: String,
    /// Why, as a sentence. Default empty. Services record a few seconds: more than two sentences
    /// are cut off.
    pub purpose: String,
}

/// Telephone menus that answer in place of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Ivr {
    /// The model may press keys and leave a turn unanswered. Default false: a menu ends the call.
    #[serde(rename = "enabled")]
    pub is_enabled: bool,
}
