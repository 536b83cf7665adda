//! What an agent's document says about the first words of a call.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who opens the call, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value")]
pub struct OpeningSettings {
    /// Who opens. Default static.
    pub mode: OpeningMode,
    /// The words, or what the model is told about them. Default empty: nothing is said.
    pub text: String,
    /// Silence between the answer and the opening, in ms. Default 400. Less is lost on lines that
    /// open late and startles; more makes callers say "hello?".
    pub delay_ms: u32,
    /// In mode wait: how long the caller is waited for, in ms. Default `None`: for ever. Less than
    /// 3,000 speaks into callers who take a breath; more than 10,000 loses them.
    pub wait_timeout_ms: Option<u32>,
    /// The caller may interrupt. Default true; false for words that the law requires.
    #[serde(rename = "interruptible")]
    pub is_interruptible: bool,
}

impl Default for OpeningSettings {
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

impl From<String> for OpeningSettings {
    fn from(text: String) -> Self {
        Self { text, ..Self::default() }
    }
}

impl From<&str> for OpeningSettings {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Whole {
    mode: OpeningMode,
    text: String,
    delay_ms: u32,
    wait_timeout_ms: Option<u32>,
    interruptible: bool,
}

impl Default for Whole {
    fn default() -> Self {
        let OpeningSettings { mode, text, delay_ms, wait_timeout_ms, is_interruptible } =
            OpeningSettings::default();
        Self { mode, text, delay_ms, wait_timeout_ms, interruptible: is_interruptible }
    }
}

impl TryFrom<Value> for OpeningSettings {
    type Error = serde_json::Error;

    /// Traces of the first builds hold a text alone, which was said at once.
    fn try_from(value: Value) -> Result<Self, serde_json::Error> {
        if let Value::String(text) = value {
            return Ok(Self { text, delay_ms: 0, ..Self::default() });
        }
        let Whole { mode, text, delay_ms, wait_timeout_ms, interruptible } =
            serde_json::from_value(value)?;
        Ok(Self { mode, text, delay_ms, wait_timeout_ms, is_interruptible: interruptible })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opening_of_an_old_trace_is_a_text() {
        let read = |json| serde_json::from_str::<OpeningSettings>(json).unwrap();
        assert_eq!(read(r#""Hello.""#).delay_ms, 0);
        assert_eq!(read(r#"{"text":"Hello."}"#), OpeningSettings::from("Hello."));
        let waits = OpeningSettings {
            mode: OpeningMode::Wait,
            wait_timeout_ms: Some(5_000),
            is_interruptible: false,
            ..OpeningSettings::default()
        };
        assert_eq!(read(&serde_json::to_string(&waits).unwrap()), waits);
        let error = serde_json::from_str::<OpeningSettings>(r#"{"is_interruptible":false}"#);
        assert!(error.unwrap_err().to_string().contains("unknown field `is_interruptible`"));
    }
}
