//! What is found out when the call is over.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The kind of a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExtractType {
    /// Text.
    #[default]
    String,
    /// A number.
    Number,
    /// Yes or no.
    Boolean,
    /// One of the choices.
    Enum,
    /// A day as `YYYY-MM-DD`.
    Date,
    /// A point in time, RFC 3339.
    Datetime,
}

/// A value that the model reads out of the transcript.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["name"]))]
pub struct Extract {
    /// Its name in the result.
    #[schemars(length(min = 1))]
    pub name: String,
    /// Its kind. Default string.
    #[serde(rename = "type")]
    pub kind: ExtractType,
    /// What it is, for the model. Default empty.
    pub description: String,
    /// What it can be. Kind enum only.
    pub choices: Vec<String>,
    /// What it may look like. Default none.
    pub examples: Vec<String>,
    /// A call without it is marked incomplete. Default false.
    #[serde(rename = "required")]
    pub is_required: bool,
}

/// How a question about the call is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EvaluationScale {
    /// Yes or no.
    #[default]
    PassFail,
    /// 1 to 10.
    Numeric,
    /// In words.
    Descriptive,
    /// From strong disagreement to strong agreement, in five steps.
    Likert,
}

/// A question about how the call went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["name", "question"]))]
pub struct Evaluation {
    /// Its name in the result.
    #[schemars(length(min = 1))]
    pub name: String,
    /// The question.
    pub question: String,
    /// How it is answered. Default yes or no.
    pub scale: EvaluationScale,
    /// The answer of a good call. Default null.
    pub expected: Option<String>,
}
