//! A seeded world around one session, in virtual time: a carrier on a network, a caller of real or
//! synthetic speech with timed words, a recogniser, models and a voice with delays and faults. It
//! runs the same session as the engine; it has no rule of a call of its own.

mod agenda;
mod align;
mod asked;
mod background;
mod caller;
mod checks;
mod curve;
mod deed;
mod ear;
mod exchange;
mod expectation;
mod faults;
mod line;
mod measure;
mod moment;
mod operator;
mod pending;
mod plan;
mod promises;
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
mod tool_runner;
mod transfers;
mod voice;
mod world;

pub use agenda::{Agenda, When};
pub use align::align_words;
pub use asked::Asked;
pub use caller::{Caller, Done, TimedWord};
pub use curve::Point;
pub use deed::{Deed, Sound};
pub use ear::{Ear, Stretch};
pub use exchange::{CarrierFile, CarrierStep, Exchange, ExchangeDeed};
pub use expectation::{Expectation, end_name, transcript};
pub use measure::{Reaction, reactions};
pub use operator::{OperatorFile, OperatorStep};
pub use plan::{CallerKind, PlanFile, Sweep};
pub use provider_file::{Millis, ProviderFile, ToolFile};
pub use providers::{
    EndOfTurnBehaviour, Faults, LlmBehaviour, LlmFault, Providers, Spread, SttBehaviour,
    TtsBehaviour, TtsFault,
};
pub use random_scenario::random_scenario;
pub use scenario_file::{
    AgentFile, CallerFile, EchoFile, LineFile, NoiseFile, ScenarioFile, StallFile,
};
pub use speakers::{Speakers, SpeakersError};
pub use stand_ins::StandIns;
pub use step::Step;
pub use synthetic::synthetic_speech;
pub use tool_runner::{ToolBehaviour, ToolBehaviours, ToolResult};
pub use transfers::{TransferBehaviour, TransferFate};
pub use world::{Scenario, World};
