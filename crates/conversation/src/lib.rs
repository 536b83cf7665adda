//! The rules of a call: whose turn it is, when it is over, who interrupts whom, and what was heard.
//! It handles text and whole numbers only: no audio, no socket, no clock, no provider.
//!
//! Everything starts at [`Conversation`]; each rule is a file named after what it decides, and
//! every constant is in `rules.rs`.

mod clause;
mod completeness;
mod conversation;
mod endpointing;
mod history;
mod input;
mod interruption;
mod lexicon;
mod noise;
mod output;
mod own_words;
mod reply;
mod rules;
mod settings;
mod state;
mod timer;
mod trace;
mod turn;
mod words;

pub use conversation::{Conversation, ConversationConfig, ConversationCounts};
pub use history::{Entry, History};
pub use input::Input;
pub use output::Output;
pub use settings::{Patience, TurnSettings};
pub use state::State;
pub use timer::Timer;
pub use trace::{Difference, NotATrace, Recorder, replay};
