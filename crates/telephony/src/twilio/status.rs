//! Twilio's callbacks about a call: status, machine detection, media stream, end of a `<Dial>`.
//!
//! Sources: Twilio docs, "Call status callbacks", "Answering Machine Detection", "Stream", "Dial";
//! PyPI `twilio` 9.13.0 for the values of `CallStatus`. `SequenceNumber` and the stream's fields
//! are from memory.

use offhook_types::{Answerer, CarrierEvent, LineOutcome, TransferOutcome};

use crate::status::sip_code;
use crate::{FormParams, StatusReport, StreamNotice};

/// Reads any of the callbacks. Twilio does not say who hung up.
pub fn parse_status(form: &FormParams) -> StatusReport {
    let mut report = StatusReport {
        call_id: form.text("CallSid").map(str::to_owned),
        sequence: form.text("SequenceNumber").and_then(|number| number.parse().ok()),
        sip_code: form.text("SipResponseCode").and_then(sip_code),
        ..StatusReport::default()
    };
    let event = form.text("CallStatus").and_then(|status| line_event(&mut report, status));
    let (end, progress) = match event {
        Some(event @ CarrierEvent::Ended { .. }) => (Some(event), None),
        progress => (None, progress),
    };
    report.line.extend(progress);
    if let Some(answered_by) = form.text("AnsweredBy") {
        match answerer(answered_by) {
            Some(answerer) => report.push_answerer(answerer),
            None => report.push_unknown("AnsweredBy", answered_by),
        }
    }
    if let Some(status) = form.text("DialCallStatus") {
        match transfer_outcome(status) {
            Some(outcome) => report.push_transfer(outcome),
            None => report.push_unknown("DialCallStatus", status),
        }
    }
    report.line.extend(end);
    if let Some(event) = form.text("StreamEvent") {
        report.stream = stream_notice(event, form.text("StreamError").unwrap_or_default());
        if report.stream.is_none() {
            report.push_unknown("StreamEvent", event);
        }
    }
    report
}

/// `CallStatus`. TeXML and status-callback settings say `answered` where Twilio's callbacks say
/// `in-progress`.
fn line_event(report: &mut StatusReport, status: &str) -> Option<CarrierEvent> {
    let outcome = match status {
        "queued" | "initiated" => return Some(CarrierEvent::Accepted),
        "ringing" => return Some(CarrierEvent::Ringing),
        "in-progress" | "answered" => return Some(CarrierEvent::Answered),
        "completed" => LineOutcome::Completed,
        "busy" => LineOutcome::Busy,
        "no-answer" => LineOutcome::NoAnswer,
        "canceled" => LineOutcome::Canceled,
        // A decline is a failure to Twilio; the SIP code tells it from others.
        "failed" if matches!(report.sip_code, Some(403 | 603)) => LineOutcome::Rejected,
        "failed" => LineOutcome::Failed,
        _ => {
            report.push_unknown("CallStatus", status);
            return None;
        }
    };
    Some(CarrierEvent::Ended { outcome, dropped_by: None })
}

fn answerer(answered_by: &str) -> Option<Answerer> {
    match answered_by {
        "human" => Some(Answerer::Human),
        "machine_start" => Some(Answerer::MachineGreeting),
        "machine_end_beep" => Some(Answerer::MachineAfterTone),
        "machine_end_silence" | "machine_end_other" => Some(Answerer::MachineAfterSilence),
        "fax" => Some(Answerer::Fax),
        "unknown" => Some(Answerer::Unknown),
        _ => None,
    }
}

/// `DialCallStatus`, sent when a `<Dial>` is over.
fn transfer_outcome(status: &str) -> Option<TransferOutcome> {
    match status {
        "completed" | "answered" => Some(TransferOutcome::Connected),
        "busy" | "no-answer" | "canceled" => Some(TransferOutcome::NotReached),
        "failed" => Some(TransferOutcome::Failed),
        _ => None,
    }
}

fn stream_notice(event: &str, error: &str) -> Option<StreamNotice> {
    match event {
        "stream-started" => Some(StreamNotice::Started),
        "stream-stopped" => Some(StreamNotice::Stopped),
        "stream-error" => Some(StreamNotice::Failed { reason: error.to_owned() }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use offhook_types::{CallStatus, CallStatusTracker, StatusUpdate};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_call_status_is_known() {
        let cases = [
            ("queued", CarrierEvent::Accepted, CallStatus::Initiated),
            ("initiated", CarrierEvent::Accepted, CallStatus::Initiated),
            ("ringing", CarrierEvent::Ringing, CallStatus::Initiated),
            ("in-progress", CarrierEvent::Answered, CallStatus::Initiated),
            ("answered", CarrierEvent::Answered, CallStatus::Initiated),
            ("completed", ended(LineOutcome::Completed), CallStatus::Completed),
            ("busy", ended(LineOutcome::Busy), CallStatus::Busy),
            ("failed", ended(LineOutcome::Failed), CallStatus::Failed),
            ("no-answer", ended(LineOutcome::NoAnswer), CallStatus::NoAnswer),
            ("canceled", ended(LineOutcome::Canceled), CallStatus::Failed),
        ];
        for (status, event, expected) in cases {
            let report = parse(&format!("CallSid=CA1&CallStatus={status}&SequenceNumber=3"));
            assert_eq!(report.line, [event], "{status}");
            assert_eq!((report.call_id.as_deref(), report.sequence), (Some("CA1"), Some(3)));
            assert!(report.unknown.is_empty());
            let mut call = CallStatusTracker::default();
            assert_eq!(report.apply(&mut call), StatusUpdate::Changed);
            assert_eq!(call.status(), expected, "{status}");
        }
    }

    #[test]
    fn every_answerer_is_known() {
        let cases = [
            ("human", Answerer::Human),
            ("machine_start", Answerer::MachineGreeting),
            ("machine_end_beep", Answerer::MachineAfterTone),
            ("machine_end_silence", Answerer::MachineAfterSilence),
            ("machine_end_other", Answerer::MachineAfterSilence),
            ("fax", Answerer::Fax),
            ("unknown", Answerer::Unknown),
        ];
        for (text, answerer) in cases {
            let report =
                parse(&format!("CallSid=CA1&AnsweredBy={text}&MachineDetectionDuration=3200"));
            assert_eq!(report.line, [CarrierEvent::AnsweredBy { answerer }], "{text}");
        }
        let report = parse("CallStatus=completed&AnsweredBy=human");
        let human = CarrierEvent::AnsweredBy { answerer: Answerer::Human };
        assert_eq!(report.line, [human.clone(), ended(LineOutcome::Completed)]);
        let report = parse("CallStatus=in-progress&AnsweredBy=human");
        assert_eq!(report.line, [CarrierEvent::Answered, human]);
    }

    #[test]
    fn a_decline_is_told_from_a_failure_by_its_sip_code() {
        for code in [403, 603] {
            let report = parse(&format!("CallStatus=failed&SipResponseCode={code}"));
            assert_eq!(report.line, [ended(LineOutcome::Rejected)]);
            assert_eq!(report.sip_code, Some(code));
        }
        let report = parse("CallStatus=failed&SipResponseCode=404");
        assert_eq!(report.line, [ended(LineOutcome::Failed)]);
    }

    #[test]
    fn the_end_of_a_dial_is_a_transfer() {
        let cases = [
            ("completed", TransferOutcome::Connected),
            ("answered", TransferOutcome::Connected),
            ("busy", TransferOutcome::NotReached),
            ("no-answer", TransferOutcome::NotReached),
            ("canceled", TransferOutcome::NotReached),
            ("failed", TransferOutcome::Failed),
        ];
        for (status, outcome) in cases {
            let report = parse(&format!("CallStatus=in-progress&DialCallStatus={status}"));
            let transfer = CarrierEvent::Transfer { outcome };
            assert_eq!(report.line, [CarrierEvent::Answered, transfer], "{status}");
        }
    }

    #[test]
    fn every_stream_event_is_known() {
        let notice = |event: &str| {
            parse(&format!("CallSid=CA1&StreamSid=MZ1&StreamEvent={event}&StreamError=31920"))
                .stream
        };
        assert_eq!(notice("stream-started"), Some(StreamNotice::Started));
        assert_eq!(notice("stream-stopped"), Some(StreamNotice::Stopped));
        let failed = StreamNotice::Failed { reason: "31920".to_owned() };
        assert_eq!(notice("stream-error"), Some(failed));
    }

    #[test]
    fn unknown_values_are_reported() {
        let report = parse(
            "CallStatus=paused&AnsweredBy=robot&DialCallStatus=x&StreamEvent=y&SequenceNumber=z",
        );
        let fields: Vec<_> = report.unknown.iter().map(|unknown| unknown.field).collect();
        assert_eq!(fields, ["CallStatus", "AnsweredBy", "DialCallStatus", "StreamEvent"]);
        assert_eq!(report.unknown[0].value, "paused");
        assert!(report.line.is_empty() && report.stream.is_none() && report.sequence.is_none());
    }

    #[test]
    fn a_late_callback_changes_nothing() {
        let mut call = CallStatusTracker::default();
        for (form, update) in [
            ("CallStatus=initiated&SequenceNumber=0", StatusUpdate::Changed),
            ("CallStatus=completed&SequenceNumber=3", StatusUpdate::Changed),
            ("CallStatus=in-progress&SequenceNumber=2", StatusUpdate::Stale),
            ("CallStatus=ringing&SequenceNumber=1", StatusUpdate::Stale),
            ("CallStatus=completed&SequenceNumber=3", StatusUpdate::Stale),
        ] {
            assert_eq!(parse(form).apply(&mut call), update, "{form}");
        }
        assert_eq!(call.status(), CallStatus::Completed);
    }

    proptest! {
        #[test]
        fn callbacks_in_any_order_tell_the_same_end(
            order in Just([0, 1, 2, 3, 4, 5]).prop_shuffle(),
            end in prop_oneof![
                Just(("completed", CallStatus::Completed)),
                Just(("busy", CallStatus::Busy)),
                Just(("no-answer", CallStatus::NoAnswer)),
                Just(("failed", CallStatus::Failed)),
            ],
        ) {
            let statuses = ["initiated", "ringing", "in-progress", end.0, end.0, "ringing"];
            let mut call = CallStatusTracker::default();
            let mut has_ended = false;
            for index in order {
                let status = statuses[index];
                let form = format!("CallStatus={status}&SequenceNumber={}", index.min(3));
                parse(&form).apply(&mut call);
                has_ended |= status == end.0;
                let expected = if has_ended { end.1 } else { CallStatus::Initiated };
                prop_assert_eq!(call.status(), expected);
            }
        }

        #[test]
        fn any_form_is_read(bytes in prop::collection::vec(any::<u8>(), 0..80), text in ".*") {
            let _ = parse_status(&FormParams::parse(&bytes));
            let names = ["CallStatus", "AnsweredBy", "SipResponseCode", "SequenceNumber"];
            let _ = parse_status(&names.iter().map(|name| (*name, text.as_str())).collect());
        }
    }

    fn parse(form: &str) -> StatusReport {
        parse_status(&FormParams::parse(form.as_bytes()))
    }

    fn ended(outcome: LineOutcome) -> CarrierEvent {
        CarrierEvent::Ended { outcome, dropped_by: None }
    }
}
