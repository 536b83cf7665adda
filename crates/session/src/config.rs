//! What a call is made of.

use std::sync::Arc;

use offhook_audio::{AmbienceConfig, DenoiseMode, VadKind};
use offhook_conversation::{CallSettings, OpeningSettings, TurnSettings};
use offhook_types::SampleRate;
use offhook_types::agent::Speech;
use serde::{Deserialize, Serialize};

/// What a call is made of; it does not change while the call runs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SessionConfig {
    /// The system prompt, variables and all.
    pub prompt: String,
    /// The first words of the call; `None` waits for the caller.
    pub opening: Option<OpeningSettings>,
    /// The rules of turns.
    pub turns: TurnSettings,
    /// Every other rule of a call.
    pub call: CallSettings,
    /// How text is made speakable.
    pub speech: Speech,
    /// The audio path.
    pub audio: AudioSettings,
    /// Names in the agent's texts that have no value; they are reported when the call begins.
    pub missing_variables: Vec<String>,
    /// The seed of every random choice.
    pub seed: u64,
}

/// How a call sounds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AudioSettings {
    /// The voice detector. Default neural.
    pub vad: VadKind,
    /// Noise suppression in front of it. Default off.
    pub denoise: DenoiseMode,
    /// Guard against the agent's own voice. Default on.
    pub guards_echo: bool,
    /// The rate at which the recogniser wants its audio. Default 16 kHz.
    pub recogniser_rate: SampleRate,
    /// The rate of the synthesiser's audio. Default 24 kHz.
    pub voice_rate: SampleRate,
    /// Loudness of the voice as a multiplier of samples, 0 to 2; more is taken for 2. Default 1.
    /// Above 1.5 the limiter is heard.
    pub gain: f32,
    /// Silence that is cut off in front of each clause, in ms. Default 300: what synthesisers put
    /// there is added to every reply. More could cut a soft beginning.
    pub trimmed_ms_max: u32,
    /// Sound under the call, at the line's rate; none by default.
    pub ambience: Option<AmbienceConfig>,
    /// What is heard over and over while a tool runs, at the line's rate; without it nothing is.
    #[serde(with = "offhook_types::samples::optional")]
    pub working: Option<Arc<[i16]>>,
    /// What is heard over and over while the caller is handed over, at the line's rate.
    #[serde(with = "offhook_types::samples::optional")]
    pub hold: Option<Arc<[i16]>>,
    /// What is murmured while the caller speaks, at the line's rate; without it nothing is.
    #[serde(with = "offhook_types::samples::optional")]
    pub murmur: Option<Arc<[i16]>>,
}

impl Default for AudioSettings {
    fn default() -> Self {
        Self {
            vad: VadKind::default(),
            denoise: DenoiseMode::Off,
            guards_echo: true,
            recogniser_rate: SampleRate::HZ_16000,
            voice_rate: SampleRate::HZ_24000,
            gain: 1.0,
            trimmed_ms_max: 300,
            ambience: None,
            working: None,
            hold: None,
            murmur: None,
        }
    }
}
