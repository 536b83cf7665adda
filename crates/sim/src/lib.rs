//! A seeded world around one session, in virtual time: a carrier on a network, a caller of real or
//! synthetic speech with timed words, a recogniser, models and a voice with delays and faults. It
//! runs the same session as the engine; it has no rule of a call of its own.

mod action;
mod align;
mod caller;
mod checks;
mod ear;
mod line;
mod pending;
mod providers;
mod recogniser;
mod speakers;
mod stand_ins;
mod synthetic;
mod voice;
mod world;

pub use action::{Action, Deed, Sound, When};
pub use align::align_words;
pub use caller::{Caller, Done, TimedWord};
pub use ear::{Ear, Stretch};
pub use providers::{
    EndOfTurnBehaviour, Faults, LlmBehaviour, LlmFault, Providers, Spread, SttBehaviour,
    TtsBehaviour, TtsFault,
};
pub use speakers::{Speakers, SpeakersError};
pub use stand_ins::StandIns;
pub use synthetic::synthetic_speech;
pub use world::{Scenario, World};
