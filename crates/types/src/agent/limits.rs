//! The longest call, and what is said when nothing works any more.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The longest call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// How long a call may last from its answer, transfers included, in ms. Default null: for
    /// ever. Less than 60,000 cuts conversations short; more pays for lines that nobody ends.
    #[schemars(range(min = 1_000, max = 86_400_000))]
    pub max_call_ms: Option<u32>,
    /// What is said so that it is over one second before the limit. It cannot be interrupted.
    /// Default empty: the line drops without a word. More than 10 s of it takes the last words
    /// from the caller.
    pub max_call_text: String,
}

/// Sentences that are synthesised when the call begins, so that they need nothing that can fail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Said when a provider failed and nothing can take its place; the call ends behind it.
    /// Default empty: the line drops without a word.
    pub text: String,
    /// Said when the worker shuts down before the call is over. Default empty.
    pub drain_text: String,
}
