//! Plivo's callbacks about a call: ring, answer, hang-up, machine detection, audio stream, end of a
//! `<Dial>`.
//!
//! Source: Plivo docs, "Call statuses" and "Hangup causes and sources". `Event` and `Machine`, and
//! the meaning of the codes from 3000 on, are from memory; codes of the 31xx family are left to
//! `CallStatus`, because their meaning is not certain.

use offhook_types::{Answerer, CarrierEvent, LineOutcome, LineSide, TransferOutcome};

use crate::{FormParams, LineDirection, StatusReport, StreamNotice};

/// Reads any of the callbacks.
pub fn parse_status(form: &FormParams) -> StatusReport {
    let mut report = StatusReport {
        call_id: form.text("CallUUID").map(str::to_owned),
        cause: form.text("HangupCause").map(str::to_owned),
        ..StatusReport::default()
    };
    let event = form.text("Event").unwrap_or_default();
    let status = form.text("CallStatus").map(|status| (status, call_status(status)));
    match status {
        Some((_, Some(Progress::Ringing))) => report.line.push(CarrierEvent::Ringing),
        Some((_, Some(Progress::Answered))) => report.line.push(CarrierEvent::Answered),
        Some((unknown, None)) => report.push_unknown("CallStatus", unknown),
        None if event == "Ring" => report.line.push(CarrierEvent::Ringing),
        None | Some((_, Some(Progress::Ended(_)))) => {}
    }
    read_event(&mut report, event, form);
    if let Some(status) = form.text("DialStatus") {
        match transfer_outcome(status) {
            Some(outcome) => report.push_transfer(outcome),
            None => report.push_unknown("DialStatus", status),
        }
    }
    let by_code = form.text("HangupCauseCode").and_then(|code| {
        let outcome = code.parse().ok().and_then(outcome_of_code);
        if outcome.is_none() {
            report.push_unknown("HangupCauseCode", code);
        }
        outcome.flatten()
    });
    let outcome = match status {
        Some((_, Some(Progress::Ended(LineOutcome::Completed)))) => Some(LineOutcome::Completed),
        Some((_, Some(Progress::Ended(outcome)))) => Some(by_code.unwrap_or(outcome)),
        // The callback of a hang-up that says nothing understood still ends the call.
        None | Some((_, None)) if event == "Hangup" => Some(by_code.unwrap_or(LineOutcome::Failed)),
        None | Some((_, Some(Progress::Ringing | Progress::Answered) | None)) => None,
    };
    if let Some(outcome) = outcome {
        let dropped_by = hangup_side(&mut report, form);
        report.push_end(outcome, dropped_by);
    }
    report
}

enum Progress {
    Ringing,
    Answered,
    Ended(LineOutcome),
}

fn call_status(status: &str) -> Option<Progress> {
    match status {
        "ringing" => Some(Progress::Ringing),
        "in-progress" => Some(Progress::Answered),
        "completed" => Some(Progress::Ended(LineOutcome::Completed)),
        "busy" => Some(Progress::Ended(LineOutcome::Busy)),
        "no-answer" | "timeout" => Some(Progress::Ended(LineOutcome::NoAnswer)),
        "failed" => Some(Progress::Ended(LineOutcome::Failed)),
        "cancel" => Some(Progress::Ended(LineOutcome::Canceled)),
        _ => None,
    }
}

/// What a code says: `None` if it is not known, `Some(None)` if it says nothing of its own.
fn outcome_of_code(code: u32) -> Option<Option<LineOutcome>> {
    match code {
        0 | 3_110..=3_130 => Some(None),
        1_000 | 1_010 | 1_020 => Some(Some(LineOutcome::Canceled)),
        2_000 | 2_010 | 2_020 | 2_030 | 2_040 | 2_060 => Some(Some(LineOutcome::Failed)),
        3_000 => Some(Some(LineOutcome::NoAnswer)),
        3_010 => Some(Some(LineOutcome::Busy)),
        3_020 => Some(Some(LineOutcome::Rejected)),
        4_000 | 4_010 => Some(Some(LineOutcome::Completed)),
        _ => None,
    }
}

fn read_event(report: &mut StatusReport, event: &str, form: &FormParams) {
    match event {
        "MachineDetection" => {}
        "StartStream" => report.stream = Some(StreamNotice::Started),
        "StopStream" => report.stream = Some(StreamNotice::Stopped),
        "DroppedStream" => {
            let reason = form.text("Reason").unwrap_or("dropped").to_owned();
            report.stream = Some(StreamNotice::Failed { reason });
        }
        "" | "StartApp" | "Ring" | "Hangup" | "Redirect" | "Transfer" => {}
        unknown => report.push_unknown("Event", unknown),
    }
    match form.text("Machine") {
        None => {}
        Some(machine) if machine.eq_ignore_ascii_case("true") => {
            report.push_answerer(Answerer::MachineGreeting);
        }
        Some(machine) if machine.eq_ignore_ascii_case("false") => {
            report.push_answerer(Answerer::Human);
        }
        Some(unknown) => report.push_unknown("Machine", unknown),
    }
}

fn hangup_side(report: &mut StatusReport, form: &FormParams) -> Option<LineSide> {
    let direction = match form.text("Direction") {
        Some("inbound") => Some(LineDirection::Inbound),
        Some("outbound") => Some(LineDirection::Outbound),
        _ => None,
    };
    match form.text("HangupSource")? {
        "Caller" => direction.map(LineDirection::calling_side),
        "Call recipient" | "Callee" => direction.map(LineDirection::called_side),
        "API Request" | "Answer XML" => Some(LineSide::Us),
        "Plivo" | "Carrier" | "Error" => Some(LineSide::Carrier),
        "Unknown" => None,
        unknown => {
            report.push_unknown("HangupSource", unknown);
            None
        }
    }
}

/// `DialStatus`, sent when a `<Dial>` is over (from memory).
fn transfer_outcome(status: &str) -> Option<TransferOutcome> {
    match status {
        "completed" => Some(TransferOutcome::Connected),
        "busy" | "no-answer" | "timeout" | "cancel" => Some(TransferOutcome::NotReached),
        "failed" => Some(TransferOutcome::Failed),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use offhook_types::{CallStatus, CallStatusTracker};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_call_status_is_known() {
        let cases = [
            ("ringing", CarrierEvent::Ringing, CallStatus::Initiated),
            ("in-progress", CarrierEvent::Answered, CallStatus::Initiated),
            ("completed", ended(LineOutcome::Completed), CallStatus::Completed),
            ("busy", ended(LineOutcome::Busy), CallStatus::Busy),
            ("no-answer", ended(LineOutcome::NoAnswer), CallStatus::NoAnswer),
            ("timeout", ended(LineOutcome::NoAnswer), CallStatus::NoAnswer),
            ("failed", ended(LineOutcome::Failed), CallStatus::Failed),
            ("cancel", ended(LineOutcome::Canceled), CallStatus::Failed),
        ];
        for (status, event, expected) in cases {
            let report = parse(&format!("CallUUID=u1&CallStatus={status}"));
            assert_eq!(report.line, [event], "{status}");
            assert!(report.unknown.is_empty());
            let mut call = CallStatusTracker::default();
            report.apply(&mut call);
            assert_eq!(call.status(), expected, "{status}");
        }
    }

    #[test]
    fn a_hangup_code_says_more_than_the_status() {
        let cases = [
            ("failed", 0, LineOutcome::Failed),
            ("failed", 1_000, LineOutcome::Canceled),
            ("failed", 1_010, LineOutcome::Canceled),
            ("failed", 1_020, LineOutcome::Canceled),
            ("failed", 2_000, LineOutcome::Failed),
            ("no-answer", 2_010, LineOutcome::Failed),
            ("failed", 2_020, LineOutcome::Failed),
            ("failed", 2_030, LineOutcome::Failed),
            ("failed", 2_040, LineOutcome::Failed),
            ("failed", 2_060, LineOutcome::Failed),
            ("failed", 3_000, LineOutcome::NoAnswer),
            ("failed", 3_010, LineOutcome::Busy),
            ("busy", 3_020, LineOutcome::Rejected),
            ("no-answer", 3_110, LineOutcome::NoAnswer),
            ("failed", 3_120, LineOutcome::Failed),
            ("timeout", 3_130, LineOutcome::NoAnswer),
            ("completed", 4_000, LineOutcome::Completed),
            ("completed", 4_010, LineOutcome::Completed),
            ("completed", 3_010, LineOutcome::Completed),
        ];
        for (status, code, outcome) in cases {
            let report = parse(&format!(
                "CallStatus={status}&Event=Hangup&HangupCauseCode={code}&HangupCause=Some+Words"
            ));
            assert_eq!(report.line, [ended(outcome)], "{status} {code}");
            assert!(report.unknown.is_empty(), "{code}");
            assert_eq!(report.cause.as_deref(), Some("Some Words"));
        }
    }

    #[test]
    fn every_hangup_source_is_known() {
        let cases = [
            ("Caller", Some(LineSide::Caller), Some(LineSide::Us)),
            ("Call+recipient", Some(LineSide::Us), Some(LineSide::Caller)),
            ("Callee", Some(LineSide::Us), Some(LineSide::Caller)),
            ("Plivo", Some(LineSide::Carrier), Some(LineSide::Carrier)),
            ("Carrier", Some(LineSide::Carrier), Some(LineSide::Carrier)),
            ("Error", Some(LineSide::Carrier), Some(LineSide::Carrier)),
            ("API+Request", Some(LineSide::Us), Some(LineSide::Us)),
            ("Answer+XML", Some(LineSide::Us), Some(LineSide::Us)),
            ("Unknown", None, None),
        ];
        for (source, inbound, outbound) in cases {
            for (direction, dropped_by) in [("inbound", inbound), ("outbound", outbound)] {
                let report = parse(&format!(
                    "CallStatus=completed&Direction={direction}&HangupSource={source}"
                ));
                let outcome = LineOutcome::Completed;
                assert_eq!(
                    report.line,
                    [CarrierEvent::Ended { outcome, dropped_by }],
                    "{source} {direction}"
                );
            }
        }
    }

    #[test]
    fn a_machine_and_a_stream_are_reported() {
        let machine =
            |text: &str| parse(&format!("Event=MachineDetection&Machine={text}&CallUUID=u1")).line;
        let answered_by = |answerer| [CarrierEvent::AnsweredBy { answerer }];
        assert_eq!(machine("true"), answered_by(Answerer::MachineGreeting));
        assert_eq!(machine("False"), answered_by(Answerer::Human));
        let stream = |event: &str| parse(&format!("Event={event}&StreamID=s1")).stream;
        assert_eq!(stream("StartStream"), Some(StreamNotice::Started));
        assert_eq!(stream("StopStream"), Some(StreamNotice::Stopped));
        let dropped = StreamNotice::Failed { reason: "dropped".to_owned() };
        assert_eq!(stream("DroppedStream"), Some(dropped));
    }

    #[test]
    fn events_and_the_end_of_a_dial_are_read() {
        assert_eq!(parse("Event=Ring").line, [CarrierEvent::Ringing]);
        assert_eq!(parse("Event=Hangup").line, [ended(LineOutcome::Failed)]);
        assert_eq!(parse("Event=Hangup&HangupCauseCode=3000").line, [ended(LineOutcome::NoAnswer)]);
        for event in ["StartApp", "Redirect", "Transfer"] {
            let report = parse(&format!("Event={event}"));
            assert!(report.line.is_empty() && report.unknown.is_empty(), "{event}");
        }
        for (status, outcome) in [
            ("completed", TransferOutcome::Connected),
            ("busy", TransferOutcome::NotReached),
            ("no-answer", TransferOutcome::NotReached),
            ("timeout", TransferOutcome::NotReached),
            ("cancel", TransferOutcome::NotReached),
            ("failed", TransferOutcome::Failed),
        ] {
            let report = parse(&format!("DialStatus={status}"));
            assert_eq!(report.line, [CarrierEvent::Transfer { outcome }], "{status}");
        }
    }

    #[test]
    fn unknown_values_are_reported() {
        let report =
            parse("CallStatus=lost&Event=Sang&Machine=maybe&DialStatus=x&HangupCauseCode=9999");
        let fields: Vec<_> = report.unknown.iter().map(|unknown| unknown.field).collect();
        assert_eq!(fields, ["CallStatus", "Event", "Machine", "DialStatus", "HangupCauseCode"]);
        assert!(report.line.is_empty());
        let report = parse("CallStatus=completed&HangupSource=Ghost");
        assert_eq!(report.unknown[0].field, "HangupSource");
    }

    proptest! {
        #[test]
        fn any_form_is_read(bytes in prop::collection::vec(any::<u8>(), 0..80), text in ".*") {
            let _ = parse_status(&FormParams::parse(&bytes));
            let names = ["CallStatus", "Event", "HangupCauseCode", "HangupSource", "Machine"];
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
