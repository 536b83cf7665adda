//! Commands from outside the conversation: operators, programs and the worker itself.

use serde::{Deserialize, Serialize};

/// A command from outside the conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ControlCommand {
    /// Hang up.
    Hangup,
    /// Say this to the caller, as soon as the agent is not speaking.
    Say {
        /// The words.
        text: String,
        /// The caller may interrupt.
        is_interruptible: bool,
    },
    /// Tell the model something the caller does not hear.
    Inject {
        /// The words.
        text: String,
    },
    /// Stop or resume answering; the caller is still heard and recorded.
    MuteAgent {
        /// Muted from now on.
        is_muted: bool,
    },
    /// The worker shuts down: finish, or be finished at the deadline.
    Drain {
        /// Milliseconds left.
        deadline_ms: u32,
    },
}
