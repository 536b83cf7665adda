//! Tools: what a call has done outside, and what came of it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{RequestId, ToolCall, ToolCallId};

/// What the session asks of the tool runner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ToolCommand {
    /// Run a tool.
    Run {
        /// The request whose answer asked for it.
        request: RequestId,
        /// The call.
        call: ToolCall,
        /// Give up after this many milliseconds.
        timeout_ms: u32,
    },
    /// Abandon a running tool; what still arrives is dropped.
    Cancel {
        /// The call to abandon.
        call: ToolCallId,
    },
}

/// What the tool runner reports. Every tool that was run reports exactly one of these.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ToolEvent {
    /// It returned.
    Finished {
        /// The call.
        call: ToolCallId,
        /// What it returned.
        result: Value,
    },
    /// It failed.
    Failed {
        /// The call.
        call: ToolCallId,
        /// Why, in words that the model can use.
        reason: String,
    },
    /// It did not return in time.
    TimedOut {
        /// The call.
        call: ToolCallId,
    },
    /// It was abandoned.
    Canceled {
        /// The call.
        call: ToolCallId,
    },
}
