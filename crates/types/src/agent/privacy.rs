//! What may be kept of a call.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The recording.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Recording {
    /// Audio is kept. Default false.
    #[serde(rename = "enabled")]
    pub is_enabled: bool,
    /// The caller is asked first, and nothing is kept without a yes. Default false.
    pub asks_consent: bool,
    /// The question. Default empty: the engine's own, in the agent's language.
    pub consent_text: String,
}

/// What may be kept of what was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Privacy {
    /// What was said is kept. Default true.
    pub keeps_transcript: bool,
    /// Card numbers, names, addresses and the like are masked wherever text is kept or sent.
    /// Default false.
    pub redacts_pii: bool,
}

impl Default for Privacy {
    fn default() -> Self {
        Self { keeps_transcript: true, redacts_pii: false }
    }
}
