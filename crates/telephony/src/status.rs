//! What is common to the status reports of all carriers.

use offhook_types::{
    Answerer, CallStatusTracker, CarrierEvent, LineOutcome, LineSide, StatusUpdate, TransferOutcome,
};

/// What one report of a carrier says about a call.
///
/// Values that are not known here are no error: carriers add some without notice. They are kept in
/// [`unknown`](Self::unknown) to be counted and logged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatusReport {
    /// The carrier's id of the call or leg that the report is about.
    pub call_id: Option<String>,
    /// The carrier's counter of the reports of this call.
    pub sequence: Option<u64>,
    /// What happened to the line, in order.
    pub line: Vec<CarrierEvent>,
    /// What happened to the media stream.
    pub stream: Option<StreamNotice>,
    /// The SIP response that ended the call.
    pub sip_code: Option<u16>,
    /// Why the call ended, in the carrier's words.
    pub cause: Option<String>,
    /// Values that say nothing to this engine.
    pub unknown: Vec<UnknownValue>,
}

/// What a carrier reports about a media stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamNotice {
    /// It is connected.
    Started,
    /// It ended.
    Stopped,
    /// It could not be connected, or broke.
    Failed {
        /// The carrier's words.
        reason: String,
    },
}

/// A value of a report that is not known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownValue {
    /// The field.
    pub field: &'static str,
    /// Its value, cut to a length that is safe to log.
    pub value: String,
}

/// Which way a call was placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineDirection {
    /// Somebody called us.
    Inbound,
    /// We called somebody.
    Outbound,
}

/// What must be known about a call to understand reports that say less than everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineContext {
    /// Which way the call was placed.
    pub direction: LineDirection,
    /// Whether it was answered.
    pub is_answered: bool,
}

/// A report that cannot be read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatusError {
    /// The body is no JSON object.
    #[error("status report is no json object")]
    NotJson,
}

impl StatusReport {
    /// Tells a call's tracker everything, the SIP code included where the report does not end the
    /// call by itself. The answer is the strongest one: changed, unchanged, stale.
    pub fn apply(&self, tracker: &mut CallStatusTracker) -> StatusUpdate {
        let mut strongest = StatusUpdate::Stale;
        let mut note = |update| {
            strongest = match (strongest, update) {
                (StatusUpdate::Changed, _) | (_, StatusUpdate::Changed) => StatusUpdate::Changed,
                (StatusUpdate::Unchanged, _) | (_, StatusUpdate::Unchanged) => {
                    StatusUpdate::Unchanged
                }
                (StatusUpdate::Stale, StatusUpdate::Stale) => StatusUpdate::Stale,
            };
        };
        for event in &self.line {
            note(tracker.handle_event(self.sequence, event));
        }
        let by_sip = self.sip_code.and_then(outcome_of_sip).filter(|_| !self.has_ended());
        if let Some(outcome) = by_sip {
            note(tracker.handle_sip(outcome));
        }
        strongest
    }

    /// Whether the report ends the call.
    pub fn has_ended(&self) -> bool {
        self.line.iter().any(|event| matches!(event, CarrierEvent::Ended { .. }))
    }

    pub(crate) fn push_answerer(&mut self, answerer: Answerer) {
        self.line.push(CarrierEvent::AnsweredBy { answerer });
    }

    pub(crate) fn push_end(&mut self, outcome: LineOutcome, dropped_by: Option<LineSide>) {
        self.line.push(CarrierEvent::Ended { outcome, dropped_by });
    }

    pub(crate) fn push_transfer(&mut self, outcome: TransferOutcome) {
        self.line.push(CarrierEvent::Transfer { outcome });
    }

    pub(crate) fn push_unknown(&mut self, field: &'static str, value: &str) {
        let value = value.chars().take(UNKNOWN_CHARS_MAX).collect();
        self.unknown.push(UnknownValue { field, value });
    }
}

impl LineDirection {
    /// The side of the party that placed the call.
    pub(crate) const fn calling_side(self) -> LineSide {
        match self {
            Self::Inbound => LineSide::Caller,
            Self::Outbound => LineSide::Us,
        }
    }

    /// The side of the party that was called.
    pub(crate) const fn called_side(self) -> LineSide {
        match self {
            Self::Inbound => LineSide::Us,
            Self::Outbound => LineSide::Caller,
        }
    }
}

/// What a final SIP response says about a line that was not answered (RFC 3261 §21). None for
/// responses that do not end a call, and for numbers that are no response.
pub const fn outcome_of_sip(code: u16) -> Option<LineOutcome> {
    match code {
        486 | 600 => Some(LineOutcome::Busy),
        408 | 480 | 487 => Some(LineOutcome::NoAnswer),
        403 | 603 => Some(LineOutcome::Rejected),
        300..=699 => Some(LineOutcome::Failed),
        _ => None,
    }
}

/// Reads a SIP response code.
pub(crate) fn sip_code(text: &str) -> Option<u16> {
    text.trim().parse().ok().filter(|code| (100..=699).contains(code))
}

/// Longer values would only fill logs.
const UNKNOWN_CHARS_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use offhook_types::CallStatus;

    use super::*;

    #[test]
    fn sip_responses_have_their_outcomes() {
        let cases = [
            (100, None),
            (180, None),
            (200, None),
            (302, Some(LineOutcome::Failed)),
            (403, Some(LineOutcome::Rejected)),
            (404, Some(LineOutcome::Failed)),
            (408, Some(LineOutcome::NoAnswer)),
            (480, Some(LineOutcome::NoAnswer)),
            (486, Some(LineOutcome::Busy)),
            (487, Some(LineOutcome::NoAnswer)),
            (503, Some(LineOutcome::Failed)),
            (600, Some(LineOutcome::Busy)),
            (603, Some(LineOutcome::Rejected)),
            (0, None),
            (700, None),
        ];
        for (code, outcome) in cases {
            assert_eq!(outcome_of_sip(code), outcome, "{code}");
        }
        assert_eq!(sip_code(" 486 "), Some(486));
        for text in ["", "unspecified", "-1", "99", "700", "65536"] {
            assert_eq!(sip_code(text), None, "{text}");
        }
    }

    #[test]
    fn a_sip_code_counts_only_where_the_carrier_says_nothing() {
        let mut call = CallStatusTracker::default();
        let mut report = StatusReport { sip_code: Some(486), ..StatusReport::default() };
        assert_eq!(report.apply(&mut call), StatusUpdate::Changed);
        assert_eq!(call.status(), CallStatus::Busy);
        report.push_end(LineOutcome::Completed, None);
        assert_eq!(report.apply(&mut call), StatusUpdate::Changed);
        assert_eq!(call.status(), CallStatus::Completed);
        assert_eq!(report.apply(&mut call), StatusUpdate::Stale);
    }

    #[test]
    fn an_unknown_value_is_cut() {
        let mut report = StatusReport::default();
        report.push_unknown("CallStatus", &"é".repeat(1_000));
        assert_eq!(report.unknown[0].value, "é".repeat(64));
        assert_eq!(report.apply(&mut CallStatusTracker::default()), StatusUpdate::Stale);
    }
}
