//! The first words of a call, and what comes before them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What happens before the line is answered. Calls that come in only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Answer {
    /// How long it rings before it is answered, in ms. Default 0. More than 10,000 loses callers;
    /// carriers give up after about 60,000.
    #[schemars(range(max = 60_000))]
    pub ring_ms: u32,
}

/// Who opens the call, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OpeningMode {
    /// The agent says the text, word for word.
    #[default]
    Static,
    /// The model writes the opening; the text is an instruction for it.
    Generated,
    /// The caller speaks first; when the time is up, the text is said, or written by the model if
    /// there is none.
    Wait,
}

/// The opening of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Opening {
    /// Who opens. Default static.
    pub mode: OpeningMode,
    /// The words, or what the model is told about them; variables are put in. Default empty:
    /// nothing is said.
    pub text: String,
    /// Silence between the answer and the opening, in ms. Default 400. Less is lost on lines that
    /// open late and startles; more makes callers say "hello?".
    #[schemars(range(max = 60_000))]
    pub delay_ms: u32,
    /// In mode wait: how long the caller is waited for, in ms. Default null: for ever. Less than
    /// 3,000 speaks into callers who take a breath; more than 10,000 loses them.
    #[schemars(range(min = 500, max = 600_000))]
    pub wait_timeout_ms: Option<u32>,
    /// The caller may interrupt. Default true; false for words that the law requires.
    #[serde(rename = "interruptible")]
    pub is_interruptible: bool,
}

impl Default for Opening {
    fn default() -> Self {
        Self {
            mode: OpeningMode::default(),
            text: String::new(),
            delay_ms: 400,
            wait_timeout_ms: None,
            is_interruptible: true,
        }
    }
}

impl From<String> for Opening {
    /// Words that are said as they are.
    fn from(text: String) -> Self {
        Self { text, ..Self::default() }
    }
}

impl From<&str> for Opening {
    /// Words that are said as they are.
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}
