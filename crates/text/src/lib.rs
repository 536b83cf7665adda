//! What an agent says and what it is told: text for speech, and the prompt. It holds no rule of a
//! call and knows no clock, voice or model; those ask it for text.

mod language;
mod lexicon;
mod numbers;
pub mod prompt;
mod speech;

pub use language::Language;
pub use speech::{Clause, Pronunciation, Span, Spans, SpeechRules, SpeechSettings, SpeechText};
