//! The agent's voice.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Map;
use serde_json::Value;

/// The agent's voice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Voice {
    /// Who speaks: a provider's name. Default null: the runtime's own choice.
    pub provider: Option<String>,
    /// The voice at that provider. Default null: the provider's first of the agent's language.
    pub id: Option<String>,
    /// The provider's model. Default null: its newest.
    pub model: Option<String>,
    /// Speed as a multiplier. Default 1. Providers take less of this range: the nearest they take
    /// is used.
    #[schemars(range(min = 0.5, max = 2.0))]
    pub speed: f64,
    /// Loudness as a multiplier of samples. Default 1. Above 1.5 is limited audibly.
    #[schemars(range(min = 0.0, max = 4.0))]
    pub gain: f64,
    /// Silence that is cut off in front of each clause, in ms. Default 300: what synthesisers put
    /// there is added to every reply. More could cut a soft beginning.
    #[schemars(range(max = 2_000))]
    pub trimmed_ms_max: u32,
    /// How much quality is given up for the first sound, 0 none to 4 most. Default null: the
    /// provider's.
    #[schemars(range(max = 4))]
    pub latency_level: Option<u8>,
    /// How it is spoken, for providers that know more than a voice.
    pub style: VoiceStyle,
    /// Voices that take over, in order, when this one fails. Default none.
    pub fallbacks: Vec<FallbackVoice>,
}

/// How it is spoken. Providers that do not know a value ignore it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct VoiceStyle {
    /// Steadiness, 0 lively to 1 flat. Default null: the provider's.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub stability: Option<f64>,
    /// Closeness to the recorded speaker, 0 to 1. Default null.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub similarity: Option<f64>,
    /// Exaggeration of the speaker's style, 0 to 1. Default null. More is slower.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub exaggeration: Option<f64>,
    /// More like the speaker, a little slower. Default null.
    pub speaker_boost: Option<bool>,
    /// Mood and pace in words. Default empty.
    pub instructions: String,
    /// Tags in brackets before every sentence. Default empty.
    pub tags: String,
    /// Whatever else the provider takes, as it names it. Default none.
    pub other: Map<String, Value>,
}

/// A voice that takes over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FallbackVoice {
    /// A provider's name. Default null: that of the first voice.
    pub provider: Option<String>,
    /// The voice. Default null: the provider's first of the agent's language.
    pub id: Option<String>,
    /// The provider's model. Default null.
    pub model: Option<String>,
}

impl Default for Voice {
    fn default() -> Self {
        Self {
            provider: None,
            id: None,
            model: None,
            speed: 1.0,
            gain: 1.0,
            trimmed_ms_max: 300,
            latency_level: None,
            style: VoiceStyle::default(),
            fallbacks: Vec::new(),
        }
    }
}
