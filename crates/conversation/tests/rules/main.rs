//! The rules of turns in simulated time, on scripted callers of words and voice.

mod caller;
mod interruptions;
mod random_worlds;
mod reference;
mod regressions;
mod states;
mod traces;
mod turns;
mod world;
