//! What an agent's document says about the longest call.

use serde::{Deserialize, Serialize};

/// The longest call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitSettings {
    /// How long a call may last from its answer, transfers included, in ms. Default `None`: for
    /// ever. Less than 60,000 cuts conversations short; more pays for lines that nobody ends.
    pub max_call_ms: Option<u32>,
    /// What is said so that it is over one second before the limit. It cannot be interrupted.
    /// Default empty: the line drops without a word. More than 10 s of it takes the last words
    /// from the caller.
    pub max_call_text: String,
}
