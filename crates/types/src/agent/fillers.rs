//! Slow answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is said while an answer takes its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Fillers {
    /// How long a model or tool is silent before it is bridged, in ms. Default 2,000. Less fills
    /// answers that come anyway; more comes after the caller's "hello?".
    #[schemars(range(min = 200, max = 60_000))]
    pub soft_timeout_ms: u32,
    /// The fillers, said in turn. Default none.
    pub texts: Vec<String>,
}

impl Default for Fillers {
    fn default() -> Self {
        Self { soft_timeout_ms: 2_000, texts: Vec::new() }
    }
}
