//! Turns and interruptions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How patient the agent is with pauses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Patience {
    /// Quick: 150 to 700 ms of silence end a turn.
    Low,
    /// 250 to 1,200 ms.
    #[default]
    Medium,
    /// 500 to 2,500 ms.
    High,
}

/// When the caller stops the agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Interrupt {
    /// The caller can stop the agent at all. Default true.
    #[serde(rename = "enabled")]
    pub is_enabled: bool,
    /// How easily, 0 to 1: 0 never, 1 with the first sound. Default 0.8. Higher stops on coughs,
    /// lower talks over callers.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub sensitivity: f64,
    /// Recognised words needed as well, backchannel not counted. Default 0. More than 2 talks over
    /// callers who only say "stop".
    #[schemars(range(max = 5))]
    pub min_words: u8,
}

/// Turns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Turn {
    /// How patient the agent is. Default medium.
    pub patience: Patience,
    /// When the caller stops the agent.
    pub interrupt: Interrupt,
    /// How long the voice fades when it is interrupted, in ms. Default 60; 0 clicks, more talks on.
    #[schemars(range(max = 1_000))]
    pub fade_out_ms: u32,
    /// The agent murmurs while the caller speaks at length. Default false.
    #[serde(rename = "backchannel")]
    pub has_backchannel: bool,
    /// Further words that show that one listens and do not interrupt. Default none.
    pub backchannel_words: Vec<String>,
    /// Further phrases that interrupt as soon as they are recognised. Default none.
    pub interrupt_phrases: Vec<String>,
    /// Phrases that never interrupt. Default none.
    pub ignore_phrases: Vec<String>,
    /// A likely end of a turn is answered before it is certain. Default true; never through a turn
    /// webhook.
    pub speculates: bool,
    /// The caller's longest turn, in ms. Default 60,000; null listens for ever. Less than 20,000
    /// cuts off those who tell what happened.
    #[schemars(range(min = 5_000, max = 3_600_000))]
    pub turn_ms_max: Option<u32>,
}

impl Default for Interrupt {
    fn default() -> Self {
        Self { is_enabled: true, sensitivity: 0.8, min_words: 0 }
    }
}

impl Default for Turn {
    fn default() -> Self {
        Self {
            patience: Patience::default(),
            interrupt: Interrupt::default(),
            fade_out_ms: 60,
            has_backchannel: false,
            backchannel_words: Vec::new(),
            interrupt_phrases: Vec::new(),
            ignore_phrases: Vec::new(),
            speculates: true,
            turn_ms_max: Some(60_000),
        }
    }
}
