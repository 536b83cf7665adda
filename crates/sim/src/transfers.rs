//! How a stand-in carrier hands callers over.

use std::time::Duration;

use offhook_types::{CarrierEvent, TransferMode, TransferOutcome};
use serde::Deserialize;

use crate::providers::failure;

/// How a carrier hands callers over.
#[derive(Clone, Copy, Debug)]
pub struct TransferBehaviour {
    /// What becomes of each transfer. Default answered.
    pub fate: TransferFate,
    /// From the request to the answer, or whatever comes instead. Default 3 s.
    pub delay: Duration,
    /// The caller's stream ends when a cold transfer begins, and not when it has succeeded. Default
    /// false.
    pub takes_stream: bool,
}

/// What becomes of a transfer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferFate {
    /// The target answers, and is connected.
    #[default]
    Answered,
    /// The target refuses.
    Refused,
    /// The target is busy.
    Busy,
    /// It rings for as long as it may.
    NoAnswer,
    /// The carrier cannot do it.
    Failed,
    /// The carrier refuses the request at once.
    Forbidden,
    /// The carrier never says anything of it.
    Silent,
    /// The target answers, and the carrier never says anything more.
    AnsweredThenSilent,
}

impl TransferBehaviour {
    /// What the carrier reports of a transfer, each with how long it takes.
    pub(crate) fn reports(
        &self,
        mode: TransferMode,
        ring_timeout: Duration,
    ) -> Vec<(Duration, CarrierEvent)> {
        let report = |after, outcome| (after, CarrierEvent::Transfer { outcome });
        let rings = report(RINGS_AFTER.min(self.delay), TransferOutcome::Ringing);
        let answers = report(self.delay, TransferOutcome::Answered);
        let told = match mode {
            TransferMode::Cold => Duration::ZERO,
            TransferMode::Warm => GREETING,
            TransferMode::WarmWithSummary => SUMMARY,
        };
        let connects = report(self.delay + told, TransferOutcome::Connected);
        match self.fate {
            TransferFate::Answered => vec![rings, answers, connects],
            TransferFate::Refused | TransferFate::Busy => {
                vec![rings, report(self.delay, TransferOutcome::NotReached)]
            }
            TransferFate::NoAnswer => {
                vec![rings, report(ring_timeout, TransferOutcome::NotReached)]
            }
            TransferFate::Failed => vec![report(self.delay, TransferOutcome::Failed)],
            TransferFate::Forbidden => {
                vec![(FORBIDDEN_AFTER, CarrierEvent::Failed(failure("carrier")))]
            }
            TransferFate::Silent => Vec::new(),
            TransferFate::AnsweredThenSilent => vec![rings, answers],
        }
    }
}

impl Default for TransferBehaviour {
    fn default() -> Self {
        Self { fate: TransferFate::default(), delay: Duration::from_secs(3), takes_stream: false }
    }
}

const RINGS_AFTER: Duration = Duration::from_millis(300);
/// An API that says no.
const FORBIDDEN_AFTER: Duration = Duration::from_millis(150);
/// "Hello?", "I have a caller for you."
const GREETING: Duration = Duration::from_secs(2);
/// Two sentences.
const SUMMARY: Duration = Duration::from_secs(6);
