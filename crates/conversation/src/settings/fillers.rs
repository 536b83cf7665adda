//! What an agent's document says about slow answers.

use serde::{Deserialize, Serialize};

/// What is said while an answer takes its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FillerSettings {
    /// How long a model or tool is silent before it is bridged, in ms. Default 2,000. Less fills
    /// answers that come anyway; more comes after the caller's "hello?".
    pub soft_timeout_ms: u32,
    /// The fillers, said in turn. Default none.
    pub texts: Vec<String>,
}

impl Default for FillerSettings {
    fn default() -> Self {
        Self { soft_timeout_ms: 2_000, texts: Vec::new() }
    }
}
