//! Sounds under the conversation.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the agent seems to sit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AmbienceSound {
    /// Nowhere.
    #[default]
    None,
    /// An office.
    Office,
    /// A café.
    Cafe,
    /// A street or a park.
    Outdoor,
}

/// What is heard under the whole call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Ambience {
    /// Where the agent seems to sit. Default nowhere.
    pub sound: AmbienceSound,
    /// Volume, 0 silent to 1 the sound's own level. Default 0.3. Above about 0.5 the agent becomes
    /// hard to follow on a telephone.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub volume: f64,
    /// By how many dB the sound steps back while the agent speaks. Default 3; 0 leaves it.
    #[schemars(range(min = 0.0, max = 60.0))]
    pub duck_under_speech_db: f64,
    /// What is heard while the model works. Default null: nothing.
    pub thinking: Option<Thinking>,
}

/// What is heard while the model works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Thinking {
    /// The sound.
    pub sound: ThinkingSound,
    /// Volume, 0 silent to 1 the sound's own level. Default 0.5.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub volume: f64,
    /// Share of turns in which it is heard, 0 to 1. Default 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub probability: f64,
}

/// A sound of work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ThinkingSound {
    /// Keys being typed.
    #[default]
    Typing,
    /// Keys being typed, slower.
    TypingSlowly,
    /// An office.
    Office,
    /// A town.
    City,
    /// A forest.
    Forest,
    /// A full room.
    Crowd,
    /// Music.
    HoldMusic,
}

impl Default for Ambience {
    fn default() -> Self {
        Self {
            sound: AmbienceSound::default(),
            volume: 0.3,
            duck_under_speech_db: 3.0,
            thinking: None,
        }
    }
}

impl Default for Thinking {
    fn default() -> Self {
        Self { sound: ThinkingSound::default(), volume: 0.5, probability: 1.0 }
    }
}
