//! A seeded world around one session, in virtual time: a carrier on a network, a caller of real or
//! synthetic speech with timed words, a recogniser, models and a voice with delays and faults. It
//! runs the same session as the engine; it has no rule of a call of its own.

mod action;
mod align;
mod background;
mod caller;
mod checks;
mod curve;
mod ear;
mod expectation;
mod line;
mod measure;
mod pending;
mod plan;
mod provider_file;
mod providers;
mod random_scenario;
mod recogniser;
mod scenario_file;
mod sounds;
mod speakers;
mod stand_ins;
mod step;
mod synthetic;
mod voice;
mod world;

pub use action::{Action, Deed, Sound, When};
pub use align::align_words;
pub use caller::{Caller, Done, TimedWord};
pub use curve::Point;
pub use ear::{Ear, Stretch};
pub use expectation::{Expectation, transcript};
pub use measure::{Reaction, reactions};
pub use plan::{CallerKind, PlanFile, Sweep};
pub use provider_file::{Millis, ProviderFile};
pub use providers::{
    EndOfTurnBehaviour, Faults, LlmBehaviour, LlmFault, Providers, Spread, SttBehaviour,
    TtsBehaviour, TtsFault,
};
pub use random_scenario::random_scenario;
pub use scenario_file::{
    AgentFile, CallerFile, DenoiseFile, EchoFile, LineFile, NoiseFile, ScenarioFile, StallFile,
    VadFile,
};
pub use speakers::{Speakers, SpeakersError};
pub use stand_ins::StandIns;
pub use step::Step;
pub use synthetic::synthetic_speech;
pub use world::{Scenario, World};
