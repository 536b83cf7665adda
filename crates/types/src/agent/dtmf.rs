//! Keys that the caller presses.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::DtmfDigit;

/// How digits are collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Dtmf {
    /// Pause behind a digit that ends an entry, in ms. Default 3,000. Less cuts entries of those
    /// who read from a card; more is added to every entry without a terminator.
    #[schemars(range(min = 200, max = 30_000))]
    pub inter_digit_timeout_ms: u32,
    /// The key that ends an entry at once. Default `#`; null: only the pause does.
    #[schemars(with = "Option<String>", extend("pattern" = "^[0-9*#A-Da-d]$"))]
    pub terminator: Option<DtmfDigit>,
    /// Digits after which an entry is complete. Default 32. Set it to 1 for menus: nobody waits.
    #[schemars(range(min = 1, max = 64))]
    pub digit_count_max: u8,
    /// A key stops the agent, who may be interrupted. Default true.
    #[serde(rename = "interrupts")]
    pub is_interrupting: bool,
}

impl Default for Dtmf {
    fn default() -> Self {
        Self {
            inter_digit_timeout_ms: 3_000,
            terminator: Some(DtmfDigit::from_keypad(3, 2)),
            digit_count_max: 32,
            is_interrupting: true,
        }
    }
}
