//! What the carrier says about the line, beside its media.

use offhook_types::{CarrierEvent, LineOutcome, LineSide, TransferOutcome};

use super::Conversation;
use crate::ending::Cause;
use crate::state::State;

impl Conversation {
    pub(super) fn carrier_reported(&mut self, event: &CarrierEvent) {
        match event {
            CarrierEvent::Ended { outcome, dropped_by } => {
                let cause = self.cause_of(*outcome, *dropped_by);
                self.end(cause, &format!("the carrier: {outcome:?}"));
            }
            CarrierEvent::Failed(failure) => {
                self.decided("carrier_failed", failure.to_string());
                self.transfer_reported(TransferOutcome::Failed);
            }
            CarrierEvent::Accepted | CarrierEvent::Ringing | CarrierEvent::Answered => {}
            CarrierEvent::AnsweredBy { answerer } => self.answered_by(*answerer),
            CarrierEvent::Transfer { outcome } => self.transfer_reported(*outcome),
        }
    }

    /// What dropped the line, by the carrier's word. A line that was answered cannot be busy.
    fn cause_of(&self, outcome: LineOutcome, dropped_by: Option<LineSide>) -> Cause {
        let is_answered = self.state != State::Waiting;
        match outcome {
            LineOutcome::Busy if !is_answered => Cause::Busy,
            LineOutcome::NoAnswer if !is_answered => Cause::NoAnswer,
            LineOutcome::Rejected if !is_answered => Cause::Rejected,
            LineOutcome::Canceled if !is_answered && dropped_by != Some(LineSide::Caller) => {
                Cause::Canceled
            }
            LineOutcome::Failed => Cause::CarrierDropped,
            LineOutcome::Completed
            | LineOutcome::Busy
            | LineOutcome::NoAnswer
            | LineOutcome::Rejected
            | LineOutcome::Canceled => match dropped_by {
                Some(LineSide::Caller) | None => Cause::CallerHungUp,
                Some(LineSide::Us) => Cause::Operator,
                Some(LineSide::Carrier) => Cause::CarrierDropped,
            },
        }
    }
}
