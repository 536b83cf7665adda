//! How the agent hears: the path of the caller's audio, and the recogniser.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is taken out of the caller's audio before a voice is looked for in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Denoise {
    /// Nothing.
    #[default]
    Off,
    /// Sounds that are not speech.
    Noise,
    /// Sounds that are not speech, and voices in the background.
    NoiseAndVoices,
}

/// The voice detector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Vad {
    /// The cheapest.
    #[serde(rename = "webrtc")]
    WebRtc,
    /// The most accurate.
    #[default]
    Neural,
}

/// The path of the caller's audio.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Input {
    /// Noise suppression. Default off.
    pub denoise: Denoise,
    /// Its strength, 0 nothing to 1 everything it can. Default null: 1. Less leaves noise that
    /// opens turns.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub denoise_level: Option<f64>,
    /// The voice detector. Default neural.
    pub vad: Vad,
    /// Guard against the agent's own voice. Default true.
    pub guards_echo: bool,
}

/// What the recogniser favours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SttMode {
    /// Quick answers.
    #[default]
    Fast,
    /// Right words; about 200 ms later.
    Accurate,
}

/// The recogniser.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Stt {
    /// A provider's name. Default null: the runtime's own choice.
    pub provider: Option<String>,
    /// The provider's model. Default null: the one that fits the mode.
    pub model: Option<String>,
    /// What it favours. Default fast.
    pub mode: SttMode,
    /// Words that it should expect: names, products. Default none. More than a hundred make it
    /// hear them everywhere.
    pub keywords: Vec<String>,
    /// What the call is about, as pairs of a topic and its value. Default none.
    pub context: Vec<SttContext>,
    /// Recognisers that take over, in order, when this one fails. Default none.
    pub fallbacks: Vec<FallbackStt>,
}

/// Something that the recogniser should know about the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SttContext {
    /// The topic: "domain".
    pub key: String,
    /// Its value: "dentistry".
    pub value: String,
}

/// A recogniser that takes over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["provider"]))]
pub struct FallbackStt {
    /// A provider's name.
    #[schemars(length(min = 1))]
    pub provider: String,
    /// The provider's model. Default null.
    pub model: Option<String>,
}

impl Default for Input {
    fn default() -> Self {
        Self {
            denoise: Denoise::default(),
            denoise_level: None,
            vad: Vad::default(),
            guards_echo: true,
        }
    }
}
