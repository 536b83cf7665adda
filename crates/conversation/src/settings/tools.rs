//! What an agent's document says about a tool, as far as the call is concerned: where it is
//! reached is the tool runner's business.

use offhook_types::agent::{OnInterruption, ToolWhen};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A tool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ToolSettings {
    /// Its name, as the model calls it: letters, digits, `_` and `-`.
    pub name: String,
    /// What it does, for the model.
    pub description: String,
    /// JSON Schema of its arguments. Default: none.
    pub parameters: Value,
    /// Arguments that it is always given, behind those of the model. Default: none.
    pub arguments: Value,
    /// When it runs. Default during the call.
    pub when: ToolWhen,
    /// How long it may run, in ms. Default 10,000. Less fails slow services; more than 30,000
    /// loses the caller.
    pub timeout_ms: u32,
    /// Said and heard before it runs. Default nothing.
    pub say_before: Option<String>,
    /// Said while it runs. Default nothing.
    pub say_while: Option<String>,
    /// Said once it has run for `slow_ms`. Default nothing.
    pub say_slow: Option<String>,
    /// How long a tool runs that is slow, in ms. Default 4,000. Less says so to everybody.
    pub slow_ms: u32,
    /// Said when it fails or takes too long. Default nothing: the model finds the words.
    pub say_error: Option<String>,
    /// A sound while it runs and nobody speaks. Default off.
    pub has_sound: bool,
    /// What becomes of it when the caller speaks. Default it finishes.
    pub on_interruption: OnInterruption,
}

impl Default for ToolSettings {
    fn default() -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            parameters: no_arguments(),
            arguments: Value::Null,
            when: ToolWhen::default(),
            timeout_ms: 10_000,
            say_before: None,
            say_while: None,
            say_slow: None,
            slow_ms: 4_000,
            say_error: None,
            has_sound: false,
            on_interruption: OnInterruption::default(),
        }
    }
}

/// The schema of a tool without arguments.
pub(crate) fn no_arguments() -> Value {
    serde_json::json!({"type": "object", "properties": {}})
}
