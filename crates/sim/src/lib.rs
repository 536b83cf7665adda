//! A seeded world around one session, in virtual time: a carrier on a network, a caller of audio
//! with timed words, a recogniser, a language model and a voice of known delays. It runs the same
//! session as the engine; it has no rule of a call of its own.

mod caller;
mod checks;
mod delays;
mod ear;
mod recogniser;
mod synthetic;
mod voice;
mod world;

pub use caller::{Caller, TimedWord};
pub use delays::Delays;
pub use ear::{Ear, Stretch};
pub use synthetic::synthetic_speech;
pub use world::{Scenario, World};
