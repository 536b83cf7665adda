//! Who has the floor.
//!
//! ```text
//!           answered                voice or words
//! Waiting ────────────▶ Listening ──────────────────▶ CallerTurn ◀──────────────┐
//!                         ▲   ▲                        │    ▲                   │
//!                         │   │ came to nothing        │    │ goes on           │
//!                         │   └────────────────────────┤    │                   │ interrupted
//!                         │                 turn ended ▼    │                   │
//!                         │                          Thinking                   │
//!                         │                            │ first frame is sent    │
//!                         │ everything was heard       ▼             voice      │
//!                         └──────────────────────── Speaking ───────────────▶ Ducked
//!                                                      ▲   came to nothing     │
//!                                                      └───────────────────────┘
//! ```
//!
//! Behind a reply that called tools, and as long as nobody speaks, the state is Working: from
//! Thinking, Speaking or CallerTurn, to Thinking when all have returned, to CallerTurn when the
//! caller speaks. From Listening, Thinking or Speaking a transfer goes to Transferring, and back
//! to Thinking when it fails. Until the first real exchange any state goes to Machine when a
//! machine has answered, from there to Thinking with the message, or to CallerTurn when a person
//! picks up.
//!
//! Any state goes to Ended when the line drops or the call is ended. A caller who is loud or clear
//! enough interrupts Speaking without the detour; what was taken for an interruption and brought no
//! words goes back from CallerTurn to Thinking with the reply that was being said.

use serde::{Deserialize, Serialize};

/// Who has the floor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The call is not answered.
    Waiting,
    /// Nobody speaks and nothing is being answered.
    Listening,
    /// The caller speaks, or pauses in a turn that is not over.
    CallerTurn,
    /// The caller's turn is over; nothing of the answer was sent yet.
    Thinking,
    /// The agent is being heard.
    Speaking,
    /// The agent is being heard, more quietly: the caller made a sound.
    Ducked,
    /// Tools run, the caller waits and nobody speaks.
    Working,
    /// A machine has the line: the agent waits to leave its message.
    Machine,
    /// The caller is being handed to somebody else; the agent is silent.
    Transferring,
    /// The call is over.
    Ended,
}

impl State {
    /// Every state, in the order of the enum.
    pub const ALL: [Self; 10] = [
        Self::Waiting,
        Self::Listening,
        Self::CallerTurn,
        Self::Thinking,
        Self::Speaking,
        Self::Ducked,
        Self::Working,
        Self::Machine,
        Self::Transferring,
        Self::Ended,
    ];
}
