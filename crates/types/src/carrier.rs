//! The carrier beside its media stream: what is asked of it and what it reports through webhooks
//! and its REST API.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{DtmfDigit, Party, ProviderFailure};

/// What the session asks of the carrier, apart from media.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CarrierCommand {
    /// Drop the line. A line that is already gone is a success.
    Hangup,
    /// Hand the caller to somebody else.
    Transfer {
        /// Whom to reach.
        target: Party,
        /// How.
        mode: TransferMode,
        /// Give up ringing after this many milliseconds.
        ring_timeout_ms: u32,
        /// What the target hears first, where a summary was asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        summary: Option<String>,
    },
    /// Take the caller back from a transfer that is still ringing.
    CancelTransfer,
    /// Send digits to the other end.
    SendDtmf {
        /// In order.
        digits: Vec<DtmfDigit>,
    },
}

/// How a caller is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TransferMode {
    /// The caller is connected as soon as the target answers; the agent is gone at once.
    Cold,
    /// The agent stays on the line until the target has answered.
    Warm,
    /// The target first hears a summary of the conversation.
    WarmWithSummary,
}

/// What the carrier reports, apart from media.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CarrierEvent {
    /// The carrier took the call; nothing rings yet.
    Accepted,
    /// The other end rings.
    Ringing,
    /// The other end answered.
    Answered,
    /// The carrier's opinion of who answered.
    AnsweredBy {
        /// Person, machine or neither.
        answerer: Answerer,
    },
    /// The line is gone.
    Ended {
        /// How the carrier describes it.
        outcome: LineOutcome,
        /// Who dropped it, where the carrier says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dropped_by: Option<LineSide>,
    },
    /// A transfer made progress.
    Transfer {
        /// What happened.
        outcome: TransferOutcome,
    },
    /// A command failed.
    Failed(ProviderFailure),
}

/// Who answered, by the carrier's detection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answerer {
    /// A person.
    Human,
    /// A machine whose greeting goes on.
    MachineGreeting,
    /// A machine whose greeting ended with a tone: the message may start.
    MachineAfterTone,
    /// A machine whose greeting ended without a tone.
    MachineAfterSilence,
    /// A fax.
    Fax,
    /// The carrier could not tell.
    Unknown,
}

/// The terminal state of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineOutcome {
    /// It was answered and later dropped.
    Completed,
    /// Busy.
    Busy,
    /// Nobody answered.
    NoAnswer,
    /// Cancelled before it was answered.
    Canceled,
    /// Refused by the other end.
    Rejected,
    /// The carrier could not set it up or keep it.
    Failed,
}

/// The side of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineSide {
    /// The person or machine at the other end.
    Caller,
    /// This engine.
    Us,
    /// The carrier.
    Carrier,
}

/// How a transfer went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferOutcome {
    /// The target rings.
    Ringing,
    /// The target answered.
    Answered,
    /// Caller and target are connected.
    Connected,
    /// The target was busy, did not answer or refused.
    NotReached,
    /// The carrier could not do it.
    Failed,
}
