//! What the agent knows besides its instructions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Documents that the agent can look things up in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["id"]))]
pub struct Knowledge {
    /// The store.
    #[schemars(length(min = 1))]
    pub id: String,
    /// When it is looked into, in words. Default empty: whenever it may help.
    pub condition: String,
}

/// A question that callers ask, and its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["question", "answer"]))]
pub struct Faq {
    /// The question.
    pub question: String,
    /// The answer.
    pub answer: String,
}

/// What is remembered of those who call again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Memory {
    /// Earlier calls of the same contact are told to the model. Default false.
    #[serde(rename = "enabled")]
    pub is_enabled: bool,
    /// What is worth remembering, in words. Default empty.
    pub instructions: String,
}
