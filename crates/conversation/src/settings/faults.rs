//! What an agent's document says when nothing works any more.

use serde::{Deserialize, Serialize};

/// Sentences that are synthesised when the call begins, so that they need nothing that can fail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultSettings {
    /// Said when a provider failed and nothing can take its place; the call ends behind it.
    /// Default empty: the line drops without a word.
    pub text: String,
    /// Said when the worker shuts down before the call is over. Default empty.
    pub drain_text: String,
}
