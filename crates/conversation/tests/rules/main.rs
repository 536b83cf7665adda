//! The rules of a call in simulated time, on scripted callers of words and voice.

mod caller;
mod closings;
mod controls;
mod draw;
mod drawn_rules;
mod endings;
mod fillers;
mod gatekeepers;
mod interruptions;
mod keys;
mod limits;
mod machines;
mod model;
mod openings;
mod outside;
mod random_worlds;
mod reference;
mod regressions;
mod silence;
mod states;
mod tools;
mod traces;
mod transfers;
mod turns;
mod wording;
mod world;
