//! How a provider fails.

use serde::{Deserialize, Serialize};

/// A failure of a speech, language or carrier provider, in words that name what to do. It never
/// holds a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{provider} failed at {stage}: {message}")]
pub struct ProviderFailure {
    /// The provider's configured name.
    pub provider: String,
    /// Where it failed.
    pub stage: ProviderStage,
    /// What can be done about it.
    pub kind: FailureKind,
    /// HTTP or WebSocket close status, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What happened, for an engineer.
    pub message: String,
}

/// A stage of a provider's work, each with a time-out of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderStage {
    /// Reaching it: name, connection, TLS, upgrade.
    Connect,
    /// Waiting for the first piece of an answer.
    FirstByte,
    /// Between pieces of an answer.
    Stream,
}

impl std::fmt::Display for ProviderStage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Connect => "connect",
            Self::FirstByte => "first byte",
            Self::Stream => "stream",
        })
    }
}

/// What a caller of the provider can do about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The key is missing, wrong or lacks a right: try the next provider, tell the operator.
    Unauthorized,
    /// Too many requests: try the next provider, come back later.
    RateLimited,
    /// The request itself is wrong: trying again cannot help.
    BadRequest,
    /// It took too long.
    TimedOut,
    /// It cannot be reached, or closed the connection.
    Unavailable,
    /// It sent something that is not its protocol.
    Protocol,
}
