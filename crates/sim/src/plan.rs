//! Monte-Carlo plans: many calls drawn by seed, at each value of a setting, with each kind of
//! caller; and what callers felt in them.

use std::time::Duration;

use offhook_emulator::LinkConfig;
use offhook_session::Patience;
use serde::Deserialize;

use crate::agenda::{Agenda, When};
use crate::background::background;
use crate::caller::Caller;
use crate::curve::Point;
use crate::deed::{Deed, Sound};
use crate::exchange::Exchange;
use crate::measure::reactions;
use crate::provider_file::ProviderFile;
use crate::scenario_file::{AgentFile, NoiseFile};
use crate::sounds::wordless;
use crate::speakers::{Speakers, SpeakersError};
use crate::step::say;
use crate::world::{QUIET_AFTER, Scenario, World};

/// A Monte-Carlo plan, as text.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    /// What it shows.
    pub title: String,
    /// Calls for each point.
    pub calls: u32,
    /// The setting, and its values.
    pub sweep: Sweep,
    /// Everything else of the agent.
    #[serde(default)]
    pub agent: AgentFile,
    /// The recogniser, the models and the voice.
    #[serde(default)]
    pub providers: ProviderFile,
    /// Kinds of callers, each a line in the curves.
    pub callers: Vec<CallerKind>,
}

/// A setting of the agent, and the values that it takes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Sweep {
    /// 0 never to 1 with the first sound.
    InterruptionSensitivity(Vec<f32>),
    /// How long pauses may be.
    Patience(Vec<Patience>),
}

/// A kind of caller: who they are and where they call from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallerKind {
    /// For people.
    pub name: String,
    /// Voices of the voices file; each caller has one.
    pub voices: Vec<String>,
    /// Pauses in the middle of a sentence: the least and the most, in ms.
    pub pause_ms: [u64; 2],
    /// What is around them.
    #[serde(default)]
    pub noise: Option<NoiseFile>,
    /// What they say. `|` is where they may pause.
    pub questions: Vec<String>,
    /// How they interrupt.
    pub barge_ins: Vec<String>,
    /// What they say or do without wanting to interrupt: words, or sounds in `*stars*`.
    pub listening: Vec<String>,
}

impl Sweep {
    /// How many values there are.
    pub fn len(&self) -> usize {
        match self {
            Self::InterruptionSensitivity(values) => values.len(),
            Self::Patience(values) => values.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The setting's name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::InterruptionSensitivity(_) => "interruption sensitivity",
            Self::Patience(_) => "patience",
        }
    }

    /// A value, for people.
    pub fn label(&self, index: usize) -> String {
        match self {
            Self::InterruptionSensitivity(values) => values[index].to_string(),
            Self::Patience(values) => match values[index] {
                Patience::Low => "low".to_owned(),
                Patience::Medium => "medium".to_owned(),
                Patience::High => "high".to_owned(),
            },
        }
    }

    fn apply(&self, index: usize, agent: &mut AgentFile) {
        match self {
            Self::InterruptionSensitivity(values) => {
                agent.interruption_sensitivity = values[index];
            }
            Self::Patience(values) => agent.patience = values[index],
        }
    }
}

impl PlanFile {
    /// Reads a plan.
    ///
    /// # Errors
    /// If it is not one; the message names the line and the field.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// One call: with the `value`-th value of the setting, by a caller of the `kind`-th kind. The
    /// same seed is the same caller at every value.
    ///
    /// # Errors
    /// If a voice is missing.
    pub fn scenario(
        &self,
        value: usize,
        kind: usize,
        seed: u64,
        speakers: &mut dyn Speakers,
    ) -> Result<Scenario, SpeakersError> {
        let mut agent = self.agent.clone();
        self.sweep.apply(value, &mut agent);
        let kind = &self.callers[kind];
        let mut random = fastrand::Rng::with_seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let voice = one_of(&kind.voices, &mut random).clone();
        let question = one_of(&kind.questions, &mut random).clone();
        let barge_in = one_of(&kind.barge_ins, &mut random).clone();
        let listening = one_of(&kind.listening, &mut random).clone();
        let question = with_pauses(&question, kind.pause_ms, &mut random);
        let millis = Duration::from_millis;
        let mut caller = Caller::default();
        if let Some(noise) = &kind.noise {
            caller = caller.with_background(background(
                &noise.sound,
                noise.below_speech_db,
                seed,
                speakers,
            )?);
        }
        let begins = millis(random.u64(1_200..2_500));
        caller = caller.then(When::At(begins), Deed::Sounds(say(&voice, &question, speakers)?));
        let over = millis(random.u64(700..2_500));
        let sound = match listening.strip_prefix('*').and_then(|rest| rest.strip_suffix('*')) {
            Some(name) => Sound::wordless(name, wordless(name, speakers)?),
            None => say(&voice, &listening, speakers)?,
        };
        caller = caller.then(When::AgentBegins(over), Deed::Sounds(sound));
        let again = millis(random.u64(2_500..4_500));
        caller = caller.then(When::After(again), Deed::Sounds(say(&voice, &barge_in, speakers)?));
        Ok(Scenario {
            carrier: offhook_telephony::Carrier::Twilio,
            agent: agent.session(seed),
            caller,
            answers: agent.answers.clone(),
            providers: self.providers.providers(),
            network: (LinkConfig::default(), LinkConfig::default()),
            exchange: Exchange::default(),
            operator: Agenda::default(),
            quiet_max: QUIET_AFTER,
            seed,
            media_trace_by: None,
        })
    }

    /// Adds what a call showed to its point.
    pub fn note(point: &mut Point, world: &World) {
        let [question, listening, barge_in] = &reactions(world)[..] else {
            return point.incomplete += 1;
        };
        point.calls += 1;
        point.cut_ins += u32::from(question.cut_in_after.is_some());
        point.answers.extend(question.answered_after);
        if listening.was_over_agent {
            point.listening += 1;
            point.false_stops += u32::from(listening.stopped_after.is_some());
        }
        if barge_in.was_over_agent {
            point.barge_ins += 1;
            match barge_in.stopped_after {
                Some(after) => point.stops.push(after),
                None => point.missed += 1,
            }
            point.answers.extend(barge_in.answered_after);
        }
    }
}

/// The question with a pause at each place where there may be one.
fn with_pauses(question: &str, [least, most]: [u64; 2], random: &mut fastrand::Rng) -> String {
    let mut parts = question.split('|');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let pause = random.u64(least..=most.max(least));
        text.push_str(&format!(" ({pause}) {part}"));
    }
    text
}

fn one_of<'a>(choices: &'a [String], random: &mut fastrand::Rng) -> &'a String {
    &choices[random.usize(0..choices.len())]
}
