//! What an agent's document says about keys that the caller presses.

use offhook_types::DtmfDigit;
use serde::{Deserialize, Serialize};

/// How digits are collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DtmfSettings {
    /// Pause behind a digit that ends an entry, in ms. Default 3,000. Less cuts entries of those
    /// who read from a card; more is added to every entry without a terminator.
    pub inter_digit_timeout_ms: u32,
    /// The key that ends an entry at once. Default `#`; `None`: only the pause does.
    pub terminator: Option<DtmfDigit>,
    /// Digits after which an entry is complete. Default 32. Set it to 1 for menus: nobody waits.
    pub digit_count_max: u8,
    /// A key stops the agent, who may be interrupted. Default true.
    #[serde(rename = "interrupts")]
    pub is_interrupting: bool,
}

impl Default for DtmfSettings {
    fn default() -> Self {
        Self {
            inter_digit_timeout_ms: 3_000,
            terminator: Some(DtmfDigit::from_keypad(3, 2)),
            digit_count_max: 32,
            is_interrupting: true,
        }
    }
}
