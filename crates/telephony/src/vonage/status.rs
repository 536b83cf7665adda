//! Vonage's event webhooks.
//!
//! Sources: PyPI `vonage-voice` 1.5.1, `models/enums.py`, and Vonage docs, "Voice API webhooks",
//! for the statuses. `human`, `sub_state`, `sip_code` and `disconnected_by` are from memory.

use offhook_types::{Answerer, CarrierEvent, LineOutcome, LineSide};
use serde_json::Value;

use crate::{StatusError, StatusReport, StreamNotice};

/// Reads an event. The media socket is a leg of its own: what happens to it is reported as a
/// stream, never as the caller's line.
///
/// # Errors
///
/// If the body is no JSON object.
pub fn parse_event(body: &[u8]) -> Result<StatusReport, StatusError> {
    let event: Value = serde_json::from_slice(body).map_err(|_| StatusError::NotJson)?;
    if !event.is_object() {
        return Err(StatusError::NotJson);
    }
    let text = |field: &str| event.get(field)?.as_str().filter(|text| !text.is_empty());
    let mut report = StatusReport {
        call_id: text("uuid").map(str::to_owned),
        cause: text("detail").or(text("reason")).map(str::to_owned),
        sip_code: event.get("sip_code").and_then(sip_code_of),
        ..StatusReport::default()
    };
    // Events without a status are about recordings, digits, errors of a document.
    let Some(status) = text("status") else { return Ok(report) };
    if text("to").is_some_and(|to| to.starts_with("ws://") || to.starts_with("wss://")) {
        let reason = report.cause.clone().unwrap_or_else(|| status.to_owned());
        read_socket_leg(&mut report, status, reason);
        return Ok(report);
    }
    let outcome = match status {
        "started" => {
            report.line.push(CarrierEvent::Accepted);
            None
        }
        "ringing" => {
            report.line.push(CarrierEvent::Ringing);
            None
        }
        "answered" => {
            report.line.push(CarrierEvent::Answered);
            None
        }
        "human" => {
            report.push_answerer(Answerer::Human);
            None
        }
        "machine" => {
            read_machine(&mut report, text("sub_state"));
            None
        }
        "completed" => Some(LineOutcome::Completed),
        "busy" => Some(LineOutcome::Busy),
        "cancelled" => Some(LineOutcome::Canceled),
        "rejected" => Some(LineOutcome::Rejected),
        "timeout" | "unanswered" => Some(LineOutcome::NoAnswer),
        "failed" | "disconnected" => Some(LineOutcome::Failed),
        unknown => {
            report.push_unknown("status", unknown);
            None
        }
    };
    if let Some(outcome) = outcome {
        let dropped_by = text("disconnected_by").and_then(|side| match side {
            "user" => Some(LineSide::Caller),
            // The end of the answer document or a request of ours.
            "platform" => Some(LineSide::Us),
            unknown => {
                report.push_unknown("disconnected_by", unknown);
                None
            }
        });
        report.push_end(outcome, dropped_by);
    }
    Ok(report)
}

/// `sub_state` comes with advanced machine detection, in a second `machine` event.
fn read_machine(report: &mut StatusReport, sub_state: Option<&str>) {
    match sub_state {
        None => report.push_answerer(Answerer::MachineGreeting),
        Some("beep_start") => report.push_answerer(Answerer::MachineAfterTone),
        Some("beep_timeout") => report.push_answerer(Answerer::MachineAfterSilence),
        Some(unknown) => {
            report.push_answerer(Answerer::MachineGreeting);
            report.push_unknown("sub_state", unknown);
        }
    }
}

/// A socket that we close is reported as `disconnected` and looks like one that broke: the session
/// knows which it was.
fn read_socket_leg(report: &mut StatusReport, status: &str, reason: String) {
    report.stream = match status {
        "started" | "ringing" => None,
        "answered" => Some(StreamNotice::Started),
        "completed" | "disconnected" => Some(StreamNotice::Stopped),
        "failed" | "rejected" | "busy" | "timeout" | "unanswered" | "cancelled" => {
            Some(StreamNotice::Failed { reason })
        }
        unknown => {
            report.push_unknown("status", unknown);
            None
        }
    };
}

fn sip_code_of(value: &Value) -> Option<u16> {
    match value {
        Value::Number(number) => crate::status::sip_code(&number.to_string()),
        Value::String(text) => crate::status::sip_code(text),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use offhook_types::{CallStatus, CallStatusTracker};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn every_status_is_known() {
        let human = CarrierEvent::AnsweredBy { answerer: Answerer::Human };
        let machine = CarrierEvent::AnsweredBy { answerer: Answerer::MachineGreeting };
        let cases = [
            ("started", CarrierEvent::Accepted, CallStatus::Initiated),
            ("ringing", CarrierEvent::Ringing, CallStatus::Initiated),
            ("answered", CarrierEvent::Answered, CallStatus::Initiated),
            ("human", human, CallStatus::Initiated),
            ("machine", machine, CallStatus::Initiated),
            ("completed", ended(LineOutcome::Completed), CallStatus::Completed),
            ("busy", ended(LineOutcome::Busy), CallStatus::Busy),
            ("cancelled", ended(LineOutcome::Canceled), CallStatus::Failed),
            ("failed", ended(LineOutcome::Failed), CallStatus::Failed),
            ("rejected", ended(LineOutcome::Rejected), CallStatus::Failed),
            ("timeout", ended(LineOutcome::NoAnswer), CallStatus::NoAnswer),
            ("unanswered", ended(LineOutcome::NoAnswer), CallStatus::NoAnswer),
            ("disconnected", ended(LineOutcome::Failed), CallStatus::Failed),
        ];
        for (status, event, expected) in cases {
            let report = parse(json!({"status": status, "uuid": "u1", "to": "14155550123"}));
            assert_eq!(report.line, [event], "{status}");
            assert_eq!(report.call_id.as_deref(), Some("u1"));
            assert!(report.unknown.is_empty());
            let mut call = CallStatusTracker::default();
            call.handle_event(None, &CarrierEvent::Accepted);
            report.apply(&mut call);
            assert_eq!(call.status(), expected, "{status}");
        }
    }

    #[test]
    fn a_machine_has_its_states() {
        let line = |sub_state| parse(json!({"status": "machine", "sub_state": sub_state})).line;
        let answered_by = |answerer| [CarrierEvent::AnsweredBy { answerer }];
        assert_eq!(line("beep_start"), answered_by(Answerer::MachineAfterTone));
        assert_eq!(line("beep_timeout"), answered_by(Answerer::MachineAfterSilence));
        assert_eq!(line("snoring"), answered_by(Answerer::MachineGreeting));
    }

    #[test]
    fn the_socket_leg_is_a_stream_and_not_the_line() {
        let leg = |status| {
            let event = json!({"status": status, "to": "wss://a.example/media", "detail": "why"});
            let report = parse(event);
            assert!(report.line.is_empty(), "{status}");
            report.stream
        };
        assert_eq!(leg("started"), None);
        assert_eq!(leg("ringing"), None);
        assert_eq!(leg("answered"), Some(StreamNotice::Started));
        assert_eq!(leg("completed"), Some(StreamNotice::Stopped));
        assert_eq!(leg("disconnected"), Some(StreamNotice::Stopped));
        for status in ["failed", "rejected", "busy", "timeout", "unanswered", "cancelled"] {
            let failed = StreamNotice::Failed { reason: "why".to_owned() };
            assert_eq!(leg(status), Some(failed), "{status}");
        }
    }

    #[test]
    fn who_hung_up_and_why_is_read() {
        let report = parse(json!({
            "status": "completed", "disconnected_by": "user", "detail": "ok", "sip_code": 200,
        }));
        let outcome = LineOutcome::Completed;
        let dropped_by = Some(LineSide::Caller);
        assert_eq!(report.line, [CarrierEvent::Ended { outcome, dropped_by }]);
        assert_eq!((report.cause.as_deref(), report.sip_code), (Some("ok"), Some(200)));
        let report = parse(json!({"status": "completed", "disconnected_by": "platform"}));
        let dropped_by = Some(LineSide::Us);
        assert_eq!(report.line, [CarrierEvent::Ended { outcome, dropped_by }]);
        assert_eq!(parse(json!({"status": "failed", "sip_code": "404"})).sip_code, Some(404));
    }

    #[test]
    fn unknown_values_are_reported_and_nonsense_is_refused() {
        let unknown = |event: Value| parse(event).unknown.remove(0);
        assert_eq!(unknown(json!({"status": "asleep"})).value, "asleep");
        assert_eq!(unknown(json!({"status": "asleep", "to": "ws://a"})).field, "status");
        assert_eq!(unknown(json!({"status": "machine", "sub_state": "x"})).field, "sub_state");
        let side = unknown(json!({"status": "completed", "disconnected_by": "ghost"}));
        assert_eq!(side.field, "disconnected_by");
        assert_eq!(parse(json!({"recording_url": "https://x"})), StatusReport::default());
        for body in ["", "[]", "7", "status=completed"] {
            assert_eq!(parse_event(body.as_bytes()), Err(StatusError::NotJson));
        }
    }

    proptest! {
        #[test]
        fn any_body_is_read_or_refused(body in ".*", value in ".*", number: i64) {
            let _ = parse_event(body.as_bytes());
            let _ = parse(json!({"status": value, "sip_code": number, "to": value}));
            let _ = parse(json!({"status": "completed", "disconnected_by": value}));
        }
    }

    fn parse(event: Value) -> StatusReport {
        parse_event(event.to_string().as_bytes()).unwrap()
    }

    fn ended(outcome: LineOutcome) -> CarrierEvent {
        CarrierEvent::Ended { outcome, dropped_by: None }
    }
}
