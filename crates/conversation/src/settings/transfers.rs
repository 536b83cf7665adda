//! What an agent's document says about handing the caller over.

use offhook_types::{Party, TransferMode};
use serde::{Deserialize, Serialize};

/// Somebody the caller can be handed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferSettings {
    /// What the model calls them.
    pub label: String,
    /// Where they are reached.
    pub target: Party,
    /// When the model should, in words. Default empty.
    #[serde(default)]
    pub condition: String,
    /// How. Default cold.
    #[serde(default = "cold")]
    pub mode: TransferMode,
    /// How long it rings before the agent takes the caller back, in ms. Default 30,000. Less than
    /// 15,000 takes back from people who walk to the telephone; more than 45,000 loses the caller.
    #[serde(default = "ring_timeout")]
    pub ring_timeout_ms: u32,
}

const fn cold() -> TransferMode {
    TransferMode::Cold
}

const fn ring_timeout() -> u32 {
    30_000
}
