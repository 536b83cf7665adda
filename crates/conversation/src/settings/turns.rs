//! What an agent's document says about turns.

use offhook_types::agent::Patience;
use serde::{Deserialize, Serialize};

/// The rules of turns for one call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TurnSettings {
    /// BCP 47 tag of the language that is spoken.
    pub language: String,
    /// How patient the agent is. Default medium.
    pub patience: Patience,
    /// How easily the caller interrupts, in permille: 0 never, 1,000 with the first sound. Default
    /// 800. Higher stops on coughs, lower talks over callers.
    pub interruption_sensitivity_permille: u16,
    /// Recognised words needed as well, 0 to 5, backchannel not counted. Default 0.
    pub min_words: u8,
    /// How long the voice fades when it is interrupted, in ms. Default 60; 0 clicks, more talks on.
    pub fade_out_ms: u32,
    /// Further words that show that one listens.
    pub backchannel_words: Vec<String>,
    /// Further phrases that interrupt as soon as they are recognised.
    pub interrupt_phrases: Vec<String>,
    /// Phrases that never interrupt.
    pub ignore_phrases: Vec<String>,
    /// The agent murmurs while the caller speaks at length. Default off.
    pub enable_backchannel: bool,
    /// A likely end of a turn is answered before it is certain. Default on; never through a turn
    /// webhook.
    pub speculates: bool,
    /// The caller's longest turn, in ms. Default 60,000; `None` listens for ever.
    pub turn_ms_max: Option<u32>,
}

impl Default for TurnSettings {
    fn default() -> Self {
        Self {
            language: "en".to_owned(),
            patience: Patience::default(),
            interruption_sensitivity_permille: 800,
            min_words: 0,
            fade_out_ms: 60,
            backchannel_words: Vec::new(),
            interrupt_phrases: Vec::new(),
            ignore_phrases: Vec::new(),
            enable_backchannel: false,
            speculates: true,
            turn_ms_max: Some(crate::rules::TURN_MAX),
        }
    }
}
