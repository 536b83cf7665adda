//! How long everything around a session takes.

use std::time::Duration;

use offhook_emulator::LinkConfig;

/// Delays of the world around a session. The defaults are those that load tests of this field use.
#[derive(Clone, Copy, Debug)]
pub struct Delays {
    /// From the end of a word to the partial transcript that holds it. Default 150 ms.
    pub partial: Duration,
    /// From being told to finish to the final words. Default 100 ms.
    pub last_words: Duration,
    /// To the model's first token. Default 100 ms.
    pub first_token: Duration,
    /// Between tokens. Default 20 ms: 50 a second.
    pub token: Duration,
    /// To a clause's first audio. Default 80 ms.
    pub first_audio: Duration,
    /// To the end-of-turn model's answer; `None`, the default, is no model.
    pub end_of_turn: Option<Duration>,
    /// From the carrier to the engine, and back. Default none.
    pub network: (LinkConfig, LinkConfig),
}

impl Default for Delays {
    fn default() -> Self {
        Self {
            partial: Duration::from_millis(150),
            last_words: Duration::from_millis(100),
            first_token: Duration::from_millis(100),
            token: Duration::from_millis(20),
            first_audio: Duration::from_millis(80),
            end_of_turn: None,
            network: (LinkConfig::default(), LinkConfig::default()),
        }
    }
}
