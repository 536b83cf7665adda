//! A line on which nobody speaks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Reminders and the end of a silent call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Silence {
    /// Silence between reminders, in ms. Default null: none. Less than 5,000 nags callers who look
    /// something up; more than 20,000 comes after they have gone.
    #[schemars(range(min = 1_000, max = 3_600_000))]
    pub reminder_ms: Option<u32>,
    /// What is said, word for word. Default empty: nothing.
    pub reminder_text: String,
    /// How many of them at most. Default 1. More is nagging.
    #[schemars(range(max = 20))]
    pub reminder_count_max: u8,
    /// Silence that ends the call, in ms, reminders included. Default 600,000; null never does.
    /// Less than 10,000 drops callers who look for a number; more holds dead lines open.
    #[schemars(range(min = 1_000, max = 86_400_000))]
    pub hangup_ms: Option<u32>,
}

impl Default for Silence {
    fn default() -> Self {
        Self {
            reminder_ms: None,
            reminder_text: String::new(),
            reminder_count_max: 1,
            hangup_ms: Some(600_000),
        }
    }
}
