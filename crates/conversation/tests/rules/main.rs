//! The rules of a call in simulated time, on scripted callers of words and voice.

mod caller;
mod closings;
mod controls;
mod endings;
mod interruptions;
mod keys;
mod limits;
mod model;
mod openings;
mod random_worlds;
mod silence;
mod states;
mod traces;
mod turns;
mod world;
