//! The end of a call.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who finds the words of the farewell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClosingMode {
    /// The text, word for word, behind whatever the model says.
    Static,
    /// The model; the text is an instruction for it.
    #[default]
    Generated,
    /// Nobody: the line drops behind whatever the model says.
    None,
}

/// The farewell of a call that the agent ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Closing {
    /// Who finds the words. Default generated.
    pub mode: ClosingMode,
    /// The words, or what the model is told about them. Default empty.
    pub text: String,
}

/// Something that the agent ends a call for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["reason"]))]
pub struct EndCondition {
    /// The condition, as the model is told it and as the call's end reason holds it.
    #[schemars(length(min = 1))]
    pub reason: String,
    /// Its own farewell. Default null: that of the call.
    pub closing: Option<Closing>,
}
