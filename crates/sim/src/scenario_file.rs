//! Scenarios as text: one TOML file is one call, with what must come of it. `tests/scenarios` has
//! examples of everything.

use std::time::Duration;

use offhook_audio::{DenoiseMode, VadKind};
use offhook_emulator::{LinkConfig, StallConfig};
use offhook_session::{
    AudioSettings, CallSettings, OpeningSettings, Patience, SessionConfig, TurnSettings,
};
use offhook_telephony::Carrier;
use offhook_types::agent::Speech;
use serde::Deserialize;

use crate::background::background;
use crate::caller::Caller;
use crate::exchange::CarrierFile;
use crate::expectation::Expectation;
use crate::operator::OperatorFile;
use crate::provider_file::ProviderFile;
use crate::speakers::{Speakers, SpeakersError};
use crate::step::Step;
use crate::world::{QUIET_AFTER, Scenario};

/// One call and what must come of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioFile {
    /// What it shows, as a sentence that is true or false.
    pub claim: String,
    /// The rules that it is about, by the names that traces use.
    #[serde(default)]
    pub rules: Vec<String>,
    /// The seed of networks and chance. Default 1.
    #[serde(default = "one")]
    pub seed: u64,
    /// The agent.
    #[serde(default)]
    pub agent: AgentFile,
    /// The caller's telephone and the way to it.
    #[serde(default)]
    pub line: LineFile,
    /// The recogniser, the models, the voice, the tools and transfers.
    #[serde(default)]
    pub providers: ProviderFile,
    /// What the carrier does beside carrying the call.
    #[serde(default)]
    pub carrier: CarrierFile,
    /// Commands from outside the call.
    #[serde(default)]
    pub operator: OperatorFile,
    /// The caller.
    pub caller: CallerFile,
    /// What must come of it, besides what must come of every call.
    #[serde(default)]
    pub expect: Expectation,
}

/// The agent of a scenario.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AgentFile {
    /// What it says when the call is answered, as a text or as the document's section. Default
    /// nothing.
    #[serde(deserialize_with = "opening")]
    pub opening: Option<OpeningSettings>,
    /// Every other rule of a call, by the names of the agent's document.
    pub rules: CallSettings,
    /// How text is made speakable, by the names of the agent's document.
    pub speech: Speech,
    /// What the model answers, turn by turn; behind the last "I see.".
    pub answers: Vec<String>,
    /// A voice of the voices file; without one it hums, and each reply can be told from the others.
    pub voice: Option<String>,
    /// BCP 47 tag of what is spoken. Default `en`.
    pub language: String,
    /// `low`, `medium` (the default) or `high`.
    pub patience: Patience,
    /// 0 never to 1 with the first sound. Default 0.8.
    pub interruption_sensitivity: f32,
    /// Words needed as well, 0 to 5. Default 0.
    pub min_words: u8,
    /// Fade of an interrupted voice. Default 60.
    pub fade_out_ms: u32,
    /// Further words that only show that one listens.
    pub backchannel_words: Vec<String>,
    /// Further phrases that interrupt at once.
    pub interrupt_phrases: Vec<String>,
    /// Phrases that never interrupt.
    pub ignore_phrases: Vec<String>,
    /// Murmurs while the caller speaks at length. Default off.
    pub enable_backchannel: bool,
    /// Answers a likely end before it is certain. Default on.
    pub speculates: bool,
    /// The caller's longest turn. Default 60,000.
    pub turn_ms_max: u32,
    /// `webrtc` (the default here: the cheapest) or `neural`.
    pub vad: VadKind,
    /// `off` (the default), `noise` or `noise_and_voices`.
    pub denoise: DenoiseMode,
}

fn opening<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<OpeningSettings>, D::Error> {
    use serde::de::Error as _;
    let value = toml::Value::deserialize(deserializer)?;
    let opening = match value.as_str() {
        Some(text) => OpeningSettings::from(text),
        None => value.try_into().map_err(D::Error::custom)?,
    };
    Ok(Some(opening))
}

/// The way between agent and caller.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LineFile {
    /// Whose stream it is. Default `twilio`.
    pub carrier: Carrier,
    /// One-way delay between carrier and engine. Default 0.
    pub delay_ms: u64,
    /// What a message takes on top at most. Default 0.
    pub jitter_ms: u64,
    /// Stalls of the network.
    pub stalls: Option<StallFile>,
    /// The agent's voice that comes back from the caller's side.
    pub echo: Option<EchoFile>,
    /// Noise around the caller.
    pub noise: Option<NoiseFile>,
}

/// Stalls of a network.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StallFile {
    /// About how often.
    pub every_ms: u64,
    /// The shortest.
    pub min_ms: u64,
    /// The longest.
    pub max_ms: u64,
}

/// An echo.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EchoFile {
    /// From the caller's ear to the caller's microphone.
    pub delay_ms: u64,
    /// How much quieter it comes back.
    pub loss_db: f32,
}

/// Noise around a caller.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoiseFile {
    /// A sound of the voices file, or `hiss`, `hum`, `babble`.
    pub sound: String,
    /// How far it lies below the caller's usual level.
    pub below_speech_db: f32,
}

/// The caller of a scenario.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallerFile {
    /// A voice of the voices file. Default `slt`.
    #[serde(default = "usual_voice")]
    pub voice: String,
    /// What the caller does, in order.
    #[serde(default)]
    pub does: Vec<Step>,
    /// Hangs up at this moment, whatever else is going on.
    pub hangs_up_at_ms: Option<u64>,
}

impl ScenarioFile {
    /// Reads a file.
    ///
    /// # Errors
    /// If it is not a scenario; the message names the line and the field.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The call, with its caller's lines spoken.
    ///
    /// # Errors
    /// If a voice is missing.
    pub fn scenario(&self, speakers: &mut dyn Speakers) -> Result<Scenario, SpeakersError> {
        let mut caller = Caller::default();
        for step in &self.caller.does {
            caller = step.add_to(caller, &self.caller.voice, speakers)?;
        }
        if let Some(millis) = self.caller.hangs_up_at_ms {
            caller = caller.hanging_up_at(Duration::from_millis(millis));
        }
        if let Some(echo) = self.line.echo {
            caller = caller.with_echo(Duration::from_millis(echo.delay_ms), echo.loss_db);
        }
        if let Some(noise) = &self.line.noise {
            let audio = background(&noise.sound, noise.below_speech_db, self.seed, speakers)?;
            caller = caller.with_background(audio);
        }
        let network = self.line.network();
        Ok(Scenario {
            carrier: self.line.carrier,
            agent: self.agent.session(self.seed),
            caller,
            answers: self.agent.answers.clone(),
            providers: self.providers.providers(),
            network: (network, network),
            exchange: self.carrier.exchange(),
            operator: self.operator.agenda(),
            quiet_max: QUIET_AFTER,
            seed: self.seed,
            media_trace_by: None,
        })
    }
}

impl AgentFile {
    /// The configuration of a session.
    pub fn session(&self, seed: u64) -> SessionConfig {
        let sensitivity = (self.interruption_sensitivity.clamp(0.0, 1.0) * 1_000.0).round();
        SessionConfig {
            prompt: "You are on the telephone.".to_owned(),
            opening: self.opening.clone(),
            call: self.rules.clone(),
            turns: TurnSettings {
                language: self.language.clone(),
                patience: self.patience,
                interruption_sensitivity_permille: sensitivity as u16,
                min_words: self.min_words,
                fade_out_ms: self.fade_out_ms,
                backchannel_words: self.backchannel_words.clone(),
                interrupt_phrases: self.interrupt_phrases.clone(),
                ignore_phrases: self.ignore_phrases.clone(),
                enable_backchannel: self.enable_backchannel,
                speculates: self.speculates,
                turn_ms_max: Some(self.turn_ms_max),
            },
            speech: self.speech.clone(),
            audio: AudioSettings {
                vad: self.vad,
                denoise: self.denoise,
                murmur: self.enable_backchannel.then(murmur),
                ..AudioSettings::default()
            },
            missing_variables: Vec::new(),
            seed,
        }
    }
}

impl LineFile {
    fn network(&self) -> LinkConfig {
        LinkConfig {
            delay: Duration::from_millis(self.delay_ms),
            jitter_max: Duration::from_millis(self.jitter_ms),
            stalls: self.stalls.map(|stalls| StallConfig {
                gap: Duration::from_millis(stalls.every_ms),
                length_min: Duration::from_millis(stalls.min_ms),
                length_max: Duration::from_millis(stalls.max_ms),
            }),
        }
    }
}

impl Default for AgentFile {
    fn default() -> Self {
        let turns = TurnSettings::default();
        Self {
            opening: None,
            rules: CallSettings::default(),
            speech: Speech::default(),
            answers: Vec::new(),
            voice: None,
            language: turns.language,
            patience: turns.patience,
            interruption_sensitivity: f32::from(turns.interruption_sensitivity_permille) / 1_000.0,
            min_words: turns.min_words,
            fade_out_ms: turns.fade_out_ms,
            backchannel_words: Vec::new(),
            interrupt_phrases: Vec::new(),
            ignore_phrases: Vec::new(),
            enable_backchannel: turns.enable_backchannel,
            speculates: turns.speculates,
            turn_ms_max: turns.turn_ms_max.unwrap_or(u32::MAX),
            vad: VadKind::WebRtc,
            denoise: DenoiseMode::default(),
        }
    }
}

impl Default for LineFile {
    fn default() -> Self {
        Self {
            carrier: Carrier::Twilio,
            delay_ms: 0,
            jitter_ms: 0,
            stalls: None,
            echo: None,
            noise: None,
        }
    }
}

/// A murmur of a humming agent: 200 ms at a pitch of no reply, at the line's 8 kHz.
fn murmur() -> std::sync::Arc<[i16]> {
    let sample = |index: usize| {
        let phase = std::f64::consts::TAU * 120.0 * index as f64 / 8_000.0;
        (phase.sin() * 3_000.0) as i16
    };
    (0..1_600).map(sample).collect()
}

const fn one() -> u64 {
    1
}

fn usual_voice() -> String {
    "slt".to_owned()
}
