//! What an agent's document says about a line on which nobody speaks.

use serde::{Deserialize, Serialize};

/// Reminders and the end of a silent call. Both count silence of the line's own time: a network
/// that stalls is no silence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SilenceSettings {
    /// Silence between reminders, in ms. Default `None`: none. Less than 5,000 nags callers who
    /// look something up; more than 20,000 comes after they have gone.
    pub reminder_ms: Option<u32>,
    /// What is said. Default empty: nothing.
    pub reminder_text: String,
    /// How many of them at most. Default 1. More is nagging.
    pub reminder_count_max: u8,
    /// Silence that ends the call, in ms, reminders included. Default 600,000; `None` never does.
    /// Less than 10,000 drops callers who look for a number; more holds dead lines open.
    pub hangup_ms: Option<u32>,
}

impl Default for SilenceSettings {
    fn default() -> Self {
        Self {
            reminder_ms: None,
            reminder_text: String::new(),
            reminder_count_max: 1,
            hangup_ms: Some(600_000),
        }
    }
}
