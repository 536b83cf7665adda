//! Telnyx' webhooks about a call.
//!
//! Source: PyPI `telnyx` 4.189.0, `types/call_*.py`, for events and values. TeXML callbacks are
//! forms with Twilio's fields.

use offhook_types::{Answerer, CarrierEvent, LineOutcome, LineSide, TransferOutcome};
use serde_json::Value;

use crate::status::{outcome_of_sip, sip_code};
use crate::{FormParams, LineContext, StatusError, StatusReport, StreamNotice};

/// Reads a Call Control webhook. `context` is needed because a hang-up before the answer has the
/// same cause as one after it, and because Telnyx says who hung up as caller and callee.
///
/// # Errors
///
/// If the body is no JSON object.
pub fn parse_event(body: &[u8], context: LineContext) -> Result<StatusReport, StatusError> {
    let body: Value = serde_json::from_slice(body).map_err(|_| StatusError::NotJson)?;
    let data = body.get("data").filter(|data| data.is_object()).ok_or(StatusError::NotJson)?;
    let payload = Payload(data.get("payload"));
    let mut report = StatusReport {
        call_id: payload.text("call_control_id").map(str::to_owned),
        ..StatusReport::default()
    };
    let event = data.get("event_type").and_then(Value::as_str).unwrap_or_default();
    match event {
        "call.initiated" => report.line.push(CarrierEvent::Accepted),
        "call.answered" => report.line.push(CarrierEvent::Answered),
        "call.bridged" => report.push_transfer(TransferOutcome::Connected),
        "call.hangup" => read_hangup(&mut report, &payload, context),
        "streaming.started" => report.stream = Some(StreamNotice::Started),
        "streaming.stopped" => report.stream = Some(StreamNotice::Stopped),
        "streaming.failed" => {
            let reason = payload.text("failure_reason").unwrap_or_default().to_owned();
            report.stream = Some(StreamNotice::Failed { reason });
        }
        _ if event.starts_with("call.machine.") => read_machine(&mut report, event, &payload),
        _ if SILENT.contains(&event) => {}
        _ => report.push_unknown("event_type", event),
    }
    Ok(report)
}

/// Reads a TeXML callback.
pub fn parse_texml_status(form: &FormParams) -> StatusReport {
    crate::twilio::parse_status(form)
}

/// Events that say nothing about the line: digits come over the media socket as well, recordings
/// are fetched elsewhere.
const SILENT: [&str; 8] = [
    "call.dtmf.received",
    "call.recording.saved",
    "call.recording.error",
    "call.cost",
    "call.hold",
    "call.unhold",
    "call.playback.started",
    "call.playback.ended",
];

struct Payload<'a>(Option<&'a Value>);

impl Payload<'_> {
    /// A field that is text and not empty.
    fn text(&self, field: &str) -> Option<&str> {
        self.0?.get(field)?.as_str().filter(|text| !text.is_empty())
    }
}

fn read_hangup(report: &mut StatusReport, payload: &Payload<'_>, context: LineContext) {
    let cause = payload.text("hangup_cause").unwrap_or_default();
    report.cause = payload.text("hangup_cause").map(str::to_owned);
    report.sip_code = payload.text("sip_hangup_cause").and_then(sip_code);
    let by_sip = report.sip_code.and_then(outcome_of_sip);
    let outcome = match (cause, context.is_answered) {
        ("user_busy", _) => LineOutcome::Busy,
        ("no_answer" | "timeout", _) => LineOutcome::NoAnswer,
        ("normal_clearing" | "originator_cancel", false) => LineOutcome::NoAnswer,
        ("normal_clearing" | "originator_cancel", true) | ("time_limit", _) => {
            LineOutcome::Completed
        }
        ("call_rejected", _) => LineOutcome::Rejected,
        ("not_found", _) => LineOutcome::Failed,
        ("unspecified" | "", _) => by_sip.unwrap_or(LineOutcome::Failed),
        (unknown, is_answered) => {
            report.push_unknown("hangup_cause", unknown);
            let fallback = if is_answered { LineOutcome::Completed } else { LineOutcome::Failed };
            by_sip.filter(|_| !is_answered).unwrap_or(fallback)
        }
    };
    let dropped_by = payload.text("hangup_source").and_then(|source| match source {
        "caller" => Some(context.direction.calling_side()),
        "callee" => Some(context.direction.called_side()),
        "unknown" => None,
        unknown => {
            report.push_unknown("hangup_source", unknown);
            None
        }
    });
    // A ring limit that Telnyx enforced is nobody's hang-up.
    let dropped_by = if outcome == LineOutcome::NoAnswer && cause == "timeout" {
        Some(LineSide::Carrier)
    } else {
        dropped_by
    };
    report.push_end(outcome, dropped_by);
}

/// Both kinds of machine detection. An assistant that screens the call for its owner is neither
/// person nor machine: what it asks is heard and answered in the conversation.
fn read_machine(report: &mut StatusReport, event: &str, payload: &Payload<'_>) {
    let result = payload.text("result").unwrap_or_default();
    let answerer = match (event, result) {
        ("call.machine.premium.detection.started", _) => return,
        ("call.machine.detection.ended", "human")
        | ("call.machine.premium.detection.ended", "human_residence" | "human_business") => {
            Answerer::Human
        }
        ("call.machine.detection.ended" | "call.machine.premium.detection.ended", "machine") => {
            Answerer::MachineGreeting
        }
        ("call.machine.premium.detection.ended", "fax_detected") => Answerer::Fax,
        (
            "call.machine.greeting.ended" | "call.machine.premium.greeting.ended",
            "beep_detected",
        ) => Answerer::MachineAfterTone,
        ("call.machine.greeting.ended", "ended")
        | ("call.machine.premium.greeting.ended", "no_beep_detected" | "prompt_ended") => {
            Answerer::MachineAfterSilence
        }
        ("call.machine.detection.ended" | "call.machine.greeting.ended", "not_sure")
        | ("call.machine.premium.detection.ended", "not_sure" | "silence")
        | ("call.machine.premium.call_screening.detected", "screening") => Answerer::Unknown,
        (
            "call.machine.detection.ended"
            | "call.machine.greeting.ended"
            | "call.machine.premium.detection.ended"
            | "call.machine.premium.greeting.ended"
            | "call.machine.premium.call_screening.detected",
            unknown,
        ) => return report.push_unknown("result", unknown),
        (unknown, _) => return report.push_unknown("event_type", unknown),
    };
    report.push_answerer(answerer);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::LineDirection;

    const INBOUND: LineContext =
        LineContext { direction: LineDirection::Inbound, is_answered: true };
    const ANSWERED: LineContext =
        LineContext { direction: LineDirection::Outbound, is_answered: true };
    const RINGING: LineContext =
        LineContext { direction: LineDirection::Outbound, is_answered: false };

    #[test]
    fn every_progress_event_is_known() {
        let line = |event: &str| parse(event, json!({"call_control_id": "v3:1"}), RINGING).line;
        assert_eq!(line("call.initiated"), [CarrierEvent::Accepted]);
        assert_eq!(line("call.answered"), [CarrierEvent::Answered]);
        let connected = CarrierEvent::Transfer { outcome: TransferOutcome::Connected };
        assert_eq!(line("call.bridged"), [connected]);
        for event in SILENT {
            let report = parse(event, json!({"digit": "1", "call_control_id": "v3:1"}), ANSWERED);
            assert_eq!(
                report,
                StatusReport { call_id: Some("v3:1".to_owned()), ..StatusReport::default() }
            );
        }
    }

    #[test]
    fn every_hangup_cause_is_known() {
        let cases = [
            ("normal_clearing", LineOutcome::NoAnswer, LineOutcome::Completed),
            ("originator_cancel", LineOutcome::NoAnswer, LineOutcome::Completed),
            ("time_limit", LineOutcome::Completed, LineOutcome::Completed),
            ("user_busy", LineOutcome::Busy, LineOutcome::Busy),
            ("no_answer", LineOutcome::NoAnswer, LineOutcome::NoAnswer),
            ("timeout", LineOutcome::NoAnswer, LineOutcome::NoAnswer),
            ("call_rejected", LineOutcome::Rejected, LineOutcome::Rejected),
            ("not_found", LineOutcome::Failed, LineOutcome::Failed),
            ("unspecified", LineOutcome::Failed, LineOutcome::Failed),
        ];
        for (cause, ringing, answered) in cases {
            for (context, expected) in [(RINGING, ringing), (ANSWERED, answered)] {
                let payload = json!({"hangup_cause": cause, "sip_hangup_cause": "unspecified"});
                let report = parse("call.hangup", payload, context);
                assert_eq!(outcome(&report), expected, "{cause} {context:?}");
                assert!(report.unknown.is_empty());
                assert_eq!(report.cause.as_deref(), Some(cause));
            }
        }
    }

    #[test]
    fn a_cause_that_says_nothing_gives_way_to_the_sip_code() {
        let hangup = |cause: &str, code: &str, context| {
            let payload = json!({"hangup_cause": cause, "sip_hangup_cause": code});
            parse("call.hangup", payload, context)
        };
        assert_eq!(outcome(&hangup("unspecified", "486", RINGING)), LineOutcome::Busy);
        assert_eq!(outcome(&hangup("user_busy", "404", RINGING)), LineOutcome::Busy);
        let report = hangup("eaten_by_dog", "480", RINGING);
        assert_eq!(outcome(&report), LineOutcome::NoAnswer);
        assert_eq!(report.unknown[0].field, "hangup_cause");
        assert_eq!(outcome(&hangup("eaten_by_dog", "480", ANSWERED)), LineOutcome::Completed);
        assert_eq!(outcome(&hangup("eaten_by_dog", "200", RINGING)), LineOutcome::Failed);
    }

    #[test]
    fn who_hung_up_depends_on_who_called() {
        let side = |source: &str, context| {
            let payload = json!({"hangup_cause": "normal_clearing", "hangup_source": source});
            match parse("call.hangup", payload, context).line.as_slice() {
                [CarrierEvent::Ended { dropped_by, .. }] => *dropped_by,
                line => panic!("{line:?}"),
            }
        };
        assert_eq!(side("caller", INBOUND), Some(LineSide::Caller));
        assert_eq!(side("callee", INBOUND), Some(LineSide::Us));
        assert_eq!(side("caller", ANSWERED), Some(LineSide::Us));
        assert_eq!(side("callee", ANSWERED), Some(LineSide::Caller));
        assert_eq!(side("unknown", ANSWERED), None);
        assert_eq!(side("nobody", ANSWERED), None);
    }

    #[test]
    fn every_machine_detection_result_is_known() {
        let cases = [
            ("detection", "human", Answerer::Human),
            ("detection", "machine", Answerer::MachineGreeting),
            ("detection", "not_sure", Answerer::Unknown),
            ("greeting", "beep_detected", Answerer::MachineAfterTone),
            ("greeting", "ended", Answerer::MachineAfterSilence),
            ("greeting", "not_sure", Answerer::Unknown),
            ("premium.detection", "human_residence", Answerer::Human),
            ("premium.detection", "human_business", Answerer::Human),
            ("premium.detection", "machine", Answerer::MachineGreeting),
            ("premium.detection", "silence", Answerer::Unknown),
            ("premium.detection", "fax_detected", Answerer::Fax),
            ("premium.detection", "not_sure", Answerer::Unknown),
            ("premium.greeting", "beep_detected", Answerer::MachineAfterTone),
            ("premium.greeting", "no_beep_detected", Answerer::MachineAfterSilence),
            ("premium.greeting", "prompt_ended", Answerer::MachineAfterSilence),
        ];
        for (kind, result, answerer) in cases {
            let event = format!("call.machine.{kind}.ended");
            let report = parse(&event, json!({"result": result}), ANSWERED);
            assert_eq!(report.line, [CarrierEvent::AnsweredBy { answerer }], "{event} {result}");
        }
        let screening = parse(
            "call.machine.premium.call_screening.detected",
            json!({"result": "screening"}),
            ANSWERED,
        );
        let unknown = CarrierEvent::AnsweredBy { answerer: Answerer::Unknown };
        assert_eq!(screening.line, [unknown]);
    }

    #[test]
    fn every_streaming_event_is_known() {
        let notice = |event: &str| {
            parse(event, json!({"failure_reason": "connection_failed"}), ANSWERED).stream
        };
        assert_eq!(notice("streaming.started"), Some(StreamNotice::Started));
        assert_eq!(notice("streaming.stopped"), Some(StreamNotice::Stopped));
        let failed = StreamNotice::Failed { reason: "connection_failed".to_owned() };
        assert_eq!(notice("streaming.failed"), Some(failed));
    }

    #[test]
    fn unknown_values_are_reported_and_nonsense_is_refused() {
        let unknown = |event: &str, payload: Value| {
            let report = parse(event, payload, ANSWERED);
            assert!(report.line.is_empty());
            report.unknown[0].clone()
        };
        assert_eq!(unknown("call.teleported", json!({})).field, "event_type");
        assert_eq!(unknown("call.machine.premium.x", json!({})).field, "event_type");
        let value = unknown("call.machine.detection.ended", json!({"result": "alien"})).value;
        assert_eq!(value, "alien");
        for body in ["", "[]", "null", "{}", r#"{"data":[]}"#, "CallStatus=completed"] {
            assert_eq!(parse_event(body.as_bytes(), ANSWERED), Err(StatusError::NotJson));
        }
    }

    #[test]
    fn a_texml_callback_is_a_form() {
        let form = FormParams::parse(b"CallSid=v3%3A1&CallStatus=answered");
        assert_eq!(parse_texml_status(&form).line, [CarrierEvent::Answered]);
    }

    proptest! {
        #[test]
        fn any_body_is_read_or_refused(
            body in ".*",
            event in "(call|streaming)\\.[a-z._]{0,20}|.*",
            value in ".*",
        ) {
            let _ = parse_event(body.as_bytes(), RINGING);
            let payload = json!({
                "result": value, "hangup_cause": value, "hangup_source": value,
                "sip_hangup_cause": value,
            });
            for event in [event.as_str(), "call.hangup", "call.machine.detection.ended"] {
                let _ = parse(event, payload.clone(), RINGING);
            }
        }
    }

    fn parse(event: &str, payload: Value, context: LineContext) -> StatusReport {
        let body = json!({"data": {
            "record_type": "event", "event_type": event, "id": "1", "payload": payload,
        }});
        parse_event(body.to_string().as_bytes(), context).unwrap()
    }

    fn outcome(report: &StatusReport) -> LineOutcome {
        match report.line.as_slice() {
            [CarrierEvent::Ended { outcome, .. }] => *outcome,
            line => panic!("{line:?}"),
        }
    }
}
