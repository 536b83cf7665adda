//! The status of a call as a list of calls shows it.

use serde::{Deserialize, Serialize};

use crate::{CarrierEvent, LineOutcome};

/// Where a call stands, in the words of the public call list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallStatus {
    /// The engine holds the call; nothing was sent to a carrier. No carrier's report sets it.
    Queue,
    /// The operator paused the campaign or the number, or the carrier asked to come back later;
    /// nothing is in flight. No carrier's report sets it.
    Paused,
    /// The carrier took the call: from there until it ends, conversation included.
    Initiated,
    /// It was answered and is over.
    Completed,
    /// It could not be set up or kept, or was refused.
    Failed,
    /// Nobody answered.
    NoAnswer,
    /// The line was busy.
    Busy,
    /// A machine answered and the engine hung up for that reason.
    #[serde(rename = "hangup_on_voicemail")]
    HangupOnVoicemail,
}

impl CallStatus {
    /// Whether the call is over: such a status is never left for one that is not.
    pub const fn is_terminal(self) -> bool {
        match self {
            Self::Queue | Self::Paused | Self::Initiated => false,
            Self::Completed
            | Self::Failed
            | Self::NoAnswer
            | Self::Busy
            | Self::HangupOnVoicemail => true,
        }
    }
}

/// Follows one call through reports that arrive late, twice, out of order, or not at all.
///
/// What ends a call is known from several sides. The better source wins, whichever reports first:
///
/// 1. the engine hung up because a machine answered, even though the carrier then says `completed`;
/// 2. the carrier's terminal status or hang-up cause;
/// 3. a SIP response code;
/// 4. whether the media stream ever started.
///
/// Within one source the first report stands. A terminal status is never left for one that is not.
/// Getters: [`status`](Self::status). Commands: [`queue`](Self::queue), [`pause`](Self::pause),
/// [`cancel_at_ring_limit`](Self::cancel_at_ring_limit),
/// [`hang_up_on_voicemail`](Self::hang_up_on_voicemail). Reports: the `handle_*` methods, which say
/// whether the report was news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallStatusTracker {
    status: CallStatus,
    source: TerminalSource,
    progress: Progress,
    newest_sequence: Option<u64>,
    is_ring_limit_reached: bool,
}

/// Whether a report told the tracker something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusUpdate {
    /// The status is another one.
    Changed,
    /// The status is the same; the report is in order and may matter otherwise.
    Unchanged,
    /// The report is older than what is known, or says again what is known: drop it.
    Stale,
}

/// How far the line got. A report of an earlier step is stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Progress {
    None,
    Accepted,
    Ringing,
    Answered,
    Ended,
}

/// Who says that the call is over; better sources are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum TerminalSource {
    None,
    Media,
    Sip,
    Carrier,
    Engine,
}

impl Default for CallStatusTracker {
    fn default() -> Self {
        Self {
            status: CallStatus::Queue,
            source: TerminalSource::None,
            progress: Progress::None,
            newest_sequence: None,
            is_ring_limit_reached: false,
        }
    }
}

impl CallStatusTracker {
    /// The status by everything reported so far.
    pub const fn status(&self) -> CallStatus {
        self.status
    }

    /// The engine holds the call. No effect once a carrier has it.
    pub fn queue(&mut self) -> StatusUpdate {
        self.hold(CallStatus::Queue)
    }

    /// The operator or a carrier's back-off holds the call. No effect once a carrier has it.
    pub fn pause(&mut self) -> StatusUpdate {
        self.hold(CallStatus::Paused)
    }

    /// The engine gives up ringing: a cancellation that the carrier then reports is no answer
    /// rather than a failure. Call it before the carrier is asked to cancel.
    pub fn cancel_at_ring_limit(&mut self) {
        self.is_ring_limit_reached = true;
    }

    /// The engine hangs up because a machine answered.
    pub fn hang_up_on_voicemail(&mut self) -> StatusUpdate {
        self.end(CallStatus::HangupOnVoicemail, TerminalSource::Engine)
    }

    /// Takes a carrier's report. `sequence` is the carrier's counter of the reports of this call,
    /// where it has one: a report with a lower number than one seen before is stale, unless it is
    /// the one that ends the call.
    pub fn handle_event(&mut self, sequence: Option<u64>, event: &CarrierEvent) -> StatusUpdate {
        match event {
            CarrierEvent::Accepted => self.advance(sequence, Progress::Accepted),
            CarrierEvent::Ringing => self.advance(sequence, Progress::Ringing),
            CarrierEvent::Answered => self.advance(sequence, Progress::Answered),
            CarrierEvent::Ended { outcome, .. } => {
                self.note_sequence(sequence);
                self.end(self.status_of(*outcome), TerminalSource::Carrier)
            }
            CarrierEvent::AnsweredBy { .. }
            | CarrierEvent::Transfer { .. }
            | CarrierEvent::Failed(_) => StatusUpdate::Unchanged,
        }
    }

    /// The call could not be placed at all: the carrier's interface refused the request.
    pub fn handle_refused(&mut self) -> StatusUpdate {
        self.end(CallStatus::Failed, TerminalSource::Carrier)
    }

    /// Takes what a SIP response code says about the line.
    pub fn handle_sip(&mut self, outcome: LineOutcome) -> StatusUpdate {
        self.end(self.status_of(outcome), TerminalSource::Sip)
    }

    /// The media stream is gone and the carrier said nothing: `is_started` is whether the stream
    /// ever delivered its start message.
    pub fn handle_media_closed(&mut self, is_started: bool) -> StatusUpdate {
        let status = if is_started { CallStatus::Completed } else { CallStatus::Failed };
        self.end(status, TerminalSource::Media)
    }

    const fn status_of(&self, outcome: LineOutcome) -> CallStatus {
        match outcome {
            LineOutcome::Completed => CallStatus::Completed,
            LineOutcome::Busy => CallStatus::Busy,
            LineOutcome::NoAnswer => CallStatus::NoAnswer,
            LineOutcome::Canceled if self.is_ring_limit_reached => CallStatus::NoAnswer,
            LineOutcome::Canceled | LineOutcome::Rejected | LineOutcome::Failed => {
                CallStatus::Failed
            }
        }
    }

    fn hold(&mut self, status: CallStatus) -> StatusUpdate {
        if self.progress > Progress::None || self.status.is_terminal() {
            return StatusUpdate::Stale;
        }
        self.set(status)
    }

    fn advance(&mut self, sequence: Option<u64>, progress: Progress) -> StatusUpdate {
        if self.note_sequence(sequence) || progress <= self.progress {
            return StatusUpdate::Stale;
        }
        self.progress = progress;
        if self.status.is_terminal() {
            StatusUpdate::Stale
        } else {
            self.set(CallStatus::Initiated)
        }
    }

    fn end(&mut self, status: CallStatus, source: TerminalSource) -> StatusUpdate {
        self.progress = Progress::Ended;
        if source <= self.source {
            return StatusUpdate::Stale;
        }
        self.source = source;
        self.set(status)
    }

    fn set(&mut self, status: CallStatus) -> StatusUpdate {
        let report =
            if status == self.status { StatusUpdate::Unchanged } else { StatusUpdate::Changed };
        self.status = status;
        report
    }

    /// Remembers the newest sequence number; true if `sequence` is older than it.
    fn note_sequence(&mut self, sequence: Option<u64>) -> bool {
        let is_late = sequence < self.newest_sequence && sequence.is_some();
        self.newest_sequence = self.newest_sequence.max(sequence);
        is_late
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Answerer;

    #[test]
    fn statuses_have_the_names_of_the_public_call_list() {
        let statuses = [
            (CallStatus::Queue, "queue"),
            (CallStatus::Paused, "paused"),
            (CallStatus::Initiated, "initiated"),
            (CallStatus::Completed, "completed"),
            (CallStatus::Failed, "failed"),
            (CallStatus::NoAnswer, "no-answer"),
            (CallStatus::Busy, "busy"),
            (CallStatus::HangupOnVoicemail, "hangup_on_voicemail"),
        ];
        for (status, name) in statuses {
            assert_eq!(serde_json::to_value(status).unwrap(), name);
            assert_eq!(serde_json::from_value::<CallStatus>(name.into()).unwrap(), status);
        }
    }

    #[test]
    fn a_call_goes_from_the_queue_to_its_end() {
        let mut call = CallStatusTracker::default();
        assert_eq!(call.pause(), StatusUpdate::Changed);
        assert_eq!(call.queue(), StatusUpdate::Changed);
        assert_eq!(call.handle_event(None, &CarrierEvent::Accepted), StatusUpdate::Changed);
        assert_eq!(call.pause(), StatusUpdate::Stale, "a call in flight cannot be paused");
        assert_eq!(call.handle_event(None, &CarrierEvent::Ringing), StatusUpdate::Unchanged);
        assert_eq!(call.handle_event(None, &CarrierEvent::Answered), StatusUpdate::Unchanged);
        assert_eq!(call.status(), CallStatus::Initiated);
        assert_eq!(call.handle_event(None, &ended(LineOutcome::Completed)), StatusUpdate::Changed);
        assert_eq!(call.status(), CallStatus::Completed);
        assert_eq!(call.handle_event(None, &CarrierEvent::Ringing), StatusUpdate::Stale);
        assert_eq!(call.queue(), StatusUpdate::Stale);
    }

    #[test]
    fn each_outcome_has_its_status() {
        let statuses = [
            (LineOutcome::Completed, CallStatus::Completed),
            (LineOutcome::Busy, CallStatus::Busy),
            (LineOutcome::NoAnswer, CallStatus::NoAnswer),
            (LineOutcome::Canceled, CallStatus::Failed),
            (LineOutcome::Rejected, CallStatus::Failed),
            (LineOutcome::Failed, CallStatus::Failed),
        ];
        for (outcome, status) in statuses {
            let mut call = CallStatusTracker::default();
            call.handle_event(None, &ended(outcome));
            assert_eq!(call.status(), status, "{outcome:?}");
        }
    }

    #[test]
    fn a_cancellation_at_the_ring_limit_is_no_answer() {
        let mut call = CallStatusTracker::default();
        call.cancel_at_ring_limit();
        call.handle_event(None, &ended(LineOutcome::Canceled));
        assert_eq!(call.status(), CallStatus::NoAnswer);
    }

    #[test]
    fn reports_are_ordered_by_their_sequence_numbers() {
        let mut call = CallStatusTracker::default();
        assert_eq!(call.handle_event(Some(2), &CarrierEvent::Answered), StatusUpdate::Changed);
        assert_eq!(call.handle_event(Some(1), &CarrierEvent::Ringing), StatusUpdate::Stale);
        let end = ended(LineOutcome::Busy);
        assert_eq!(call.handle_event(Some(0), &end), StatusUpdate::Changed, "an end always counts");
        assert_eq!(call.handle_event(Some(9), &CarrierEvent::Answered), StatusUpdate::Stale);
        assert_eq!(call.status(), CallStatus::Busy);
    }

    #[test]
    fn a_refused_request_fails_the_call() {
        let mut call = CallStatusTracker::default();
        assert_eq!(call.handle_refused(), StatusUpdate::Changed);
        assert_eq!(call.status(), CallStatus::Failed);
    }

    proptest! {
        #[test]
        fn a_terminal_status_never_regresses(steps in prop::collection::vec(step(), 0..30)) {
            let mut call = CallStatusTracker::default();
            for step in steps {
                let before = call.clone();
                let report = apply(&mut call, step);
                let is_changed = before.status() != call.status();
                prop_assert_eq!(report == Some(StatusUpdate::Changed), is_changed);
                if before.status().is_terminal() {
                    prop_assert!(call.status().is_terminal());
                    prop_assert!(call.source >= before.source);
                    prop_assert!(!is_changed || call.source > before.source);
                }
                prop_assert!(before.progress <= call.progress);
            }
        }

        /// Each source reports once, among any progress reports: their order does not matter.
        #[test]
        fn the_best_source_decides_in_any_order(
            outcome in outcome(),
            sip in outcome(),
            is_started: bool,
            is_voicemail: bool,
            order in Just([0, 1, 2, 3, 4, 5, 6]).prop_shuffle(),
        ) {
            let mut call = CallStatusTracker::default();
            for index in order {
                let step = match index {
                    0 => Step::Event(None, ended(outcome)),
                    1 => Step::Sip(sip),
                    2 => Step::Media(is_started),
                    3 if is_voicemail => Step::Voicemail,
                    4 => Step::Event(None, CarrierEvent::Ringing),
                    5 => Step::Event(None, CarrierEvent::Answered),
                    _ => Step::Event(None, CarrierEvent::Accepted),
                };
                apply(&mut call, step);
            }
            let expected = match outcome {
                _ if is_voicemail => CallStatus::HangupOnVoicemail,
                LineOutcome::Completed => CallStatus::Completed,
                LineOutcome::Busy => CallStatus::Busy,
                LineOutcome::NoAnswer => CallStatus::NoAnswer,
                LineOutcome::Canceled | LineOutcome::Rejected | LineOutcome::Failed => {
                    CallStatus::Failed
                }
            };
            prop_assert_eq!(call.status(), expected);
        }
    }

    #[derive(Clone, Debug)]
    enum Step {
        Queue,
        Pause,
        RingLimit,
        Voicemail,
        Event(Option<u64>, CarrierEvent),
        Refused,
        Sip(LineOutcome),
        Media(bool),
    }

    fn apply(call: &mut CallStatusTracker, step: Step) -> Option<StatusUpdate> {
        Some(match step {
            Step::Queue => call.queue(),
            Step::Pause => call.pause(),
            Step::RingLimit => {
                call.cancel_at_ring_limit();
                return None;
            }
            Step::Voicemail => call.hang_up_on_voicemail(),
            Step::Event(sequence, event) => call.handle_event(sequence, &event),
            Step::Refused => call.handle_refused(),
            Step::Sip(outcome) => call.handle_sip(outcome),
            Step::Media(is_started) => call.handle_media_closed(is_started),
        })
    }

    fn step() -> impl Strategy<Value = Step> {
        let event = prop_oneof![
            Just(CarrierEvent::Accepted),
            Just(CarrierEvent::Ringing),
            Just(CarrierEvent::Answered),
            Just(CarrierEvent::AnsweredBy { answerer: Answerer::Human }),
            outcome().prop_map(ended),
        ];
        prop_oneof![
            Just(Step::Queue),
            Just(Step::Pause),
            Just(Step::RingLimit),
            Just(Step::Voicemail),
            (prop::option::of(0..10_u64), event)
                .prop_map(|(sequence, event)| Step::Event(sequence, event)),
            Just(Step::Refused),
            outcome().prop_map(Step::Sip),
            any::<bool>().prop_map(Step::Media),
        ]
    }

    fn outcome() -> impl Strategy<Value = LineOutcome> {
        prop_oneof![
            Just(LineOutcome::Completed),
            Just(LineOutcome::Busy),
            Just(LineOutcome::NoAnswer),
            Just(LineOutcome::Canceled),
            Just(LineOutcome::Rejected),
            Just(LineOutcome::Failed),
        ]
    }

    fn ended(outcome: LineOutcome) -> CarrierEvent {
        CarrierEvent::Ended { outcome, dropped_by: None }
    }
}
