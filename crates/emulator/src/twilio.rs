//! Twilio Media Streams, bidirectional (`<Connect><Stream>`).
//!
//! Source: Twilio docs, "Media Streams – WebSocket Messages" and the error pages 31924, 31931,
//! 31950 and 31951, read 2026-11-21 and 2026-11-24. From memory: 160 bytes of µ-law per message.
//! Derived: a message that Twilio warns about is otherwise ignored, one with a needless field is
//! obeyed; timestamps begin at 0.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use offhook_types::{DtmfDigit, Timestamp};
use serde::Serialize;
use serde_json::json;

use crate::call::{CallerFrame, Carrier};
use crate::leg::Leg;
use crate::message::{Fields, parse, write};
use crate::violation::{Refusal, Rule};
use crate::{Caps, Dial, MarkReturn, UpgradeRequest, WireMessage};

/// Twilio's side of a stream.
#[derive(Debug, Default)]
pub(crate) struct Twilio {
    /// `sequenceNumber` of the last message that has one.
    sequence: u64,
    /// `media.chunk` of the last media message.
    chunk: u64,
    base64: String,
}

/// Twilio buffers about ten minutes and throws away what comes beyond (error page 31931).
const BUFFER: Duration = Duration::from_secs(600);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Media<'a> {
    event: &'static str,
    sequence_number: String,
    media: MediaBody<'a>,
    stream_sid: &'a str,
}

#[derive(Serialize)]
struct MediaBody<'a> {
    track: &'static str,
    chunk: String,
    timestamp: String,
    payload: &'a str,
}

impl Twilio {
    fn next_sequence(&mut self) -> String {
        self.sequence += 1;
        self.sequence.to_string()
    }

    fn send_mark(&mut self, leg: &mut Leg, name: &str) {
        let message = json!({
            "event": "mark",
            "sequenceNumber": self.next_sequence(),
            "streamSid": leg.dial.ids.stream,
            "mark": {"name": name},
        });
        leg.send_text(write(&message));
    }
}

impl Carrier for Twilio {
    fn caps(&self, _dial: &Dial) -> Caps {
        Caps {
            marks: MarkReturn::PlayedAndCleared,
            acknowledges_clear: false,
            buffer: BUFFER,
            is_frame_exact: false,
            chunk_ms: None,
            plays_digits: false,
            is_close_hang_up: true,
            announces_end: true,
        }
    }

    fn upgrade(&self, _dial: &Dial) -> UpgradeRequest {
        UpgradeRequest::default()
    }

    fn open(&mut self, leg: &mut Leg, now: Timestamp, _protocol: Option<&str>) {
        leg.send_text(write(
            &json!({"event": "connected", "protocol": "Call", "version": "1.0.0"}),
        ));
        let ids = &leg.dial.ids;
        let start = json!({
            "event": "start",
            "sequenceNumber": self.next_sequence(),
            "start": {
                "accountSid": ids.account,
                "streamSid": ids.stream,
                "callSid": ids.call,
                "tracks": ["inbound"],
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": leg.dial.exposed_parameters(),
            },
            "streamSid": ids.stream,
        });
        leg.send_text(write(&start));
        leg.start(now);
    }

    fn obey(&mut self, leg: &mut Leg, now: Timestamp, message: WireMessage) -> Result<(), Refusal> {
        let message = parse(&message)?;
        let fields = Fields::of(&message)?;
        let event = fields.text("event")?;
        let (body_name, body_field) = match event {
            "media" => ("media", "payload"),
            "mark" => ("mark", "name"),
            "clear" => ("", ""),
            _ => return Err(Refusal::new(Rule::UnknownEvent, "event is not media, mark or clear")),
        };
        if fields.text("streamSid")? != leg.dial.ids.stream {
            return Err(Refusal::new(Rule::WrongStream, "streamSid is not that of the stream"));
        }
        let known: &[&str] = &["event", "streamSid", body_name];
        let mut stranger = fields.stranger(known);
        match event {
            "media" => {
                let media = fields.object("media")?;
                let payload = media.audio("payload")?;
                stranger = stranger.or(media.stranger(&[body_field]));
                if payload.starts_with(b"RIFF") {
                    let header = Refusal::new(Rule::FileHeader, "media.payload is a WAV file");
                    leg.violate(now, header, self.code_of(Rule::FileHeader));
                }
                leg.play(&payload)?;
            }
            "mark" => {
                let mark = fields.object("mark")?;
                stranger = stranger.or(mark.stranger(&[body_field]));
                leg.mark(now, mark.text("name")?.to_owned())?;
            }
            _ => {
                for name in leg.clear(now) {
                    self.send_mark(leg, &name);
                }
            }
        }
        stranger.map_or(Ok(()), Err)
    }

    fn code_of(&self, rule: Rule) -> Option<u32> {
        Some(match rule {
            Rule::MessageKind => 31950,
            Rule::BufferFull => 31931,
            Rule::NotJson | Rule::UnknownEvent | Rule::Field | Rule::ExtraField => 31951,
            Rule::WrongStream => 31951,
            Rule::NotBase64
            | Rule::EmptyAudio
            | Rule::FileHeader
            | Rule::HalfSample
            | Rule::FrameSize
            | Rule::ChunkDuration
            | Rule::ContentType
            | Rule::NotADigit
            | Rule::StaleGeneration
            | Rule::Sequence
            | Rule::Handshake
            | Rule::MessageTooLong => 31924,
            Rule::TooManyMarks => return None,
        })
    }

    fn carry(&mut self, leg: &mut Leg, frame: CallerFrame<'_>) {
        self.chunk += 1;
        self.base64.clear();
        STANDARD.encode_string(frame.payload, &mut self.base64);
        let message = Media {
            event: "media",
            sequence_number: self.next_sequence(),
            media: MediaBody {
                track: "inbound",
                chunk: self.chunk.to_string(),
                timestamp: frame.timestamp_ms.to_string(),
                payload: &self.base64,
            },
            stream_sid: &leg.dial.ids.stream,
        };
        let text = write(&message);
        leg.send_text(text);
    }

    fn return_mark(&mut self, leg: &mut Leg, name: &str) {
        self.send_mark(leg, name);
    }

    fn press(&mut self, leg: &mut Leg, _now: Timestamp, digit: DtmfDigit, _duration_ms: u32) {
        let message = json!({
            "event": "dtmf",
            "streamSid": leg.dial.ids.stream,
            "sequenceNumber": self.next_sequence(),
            "dtmf": {"track": "inbound_track", "digit": digit},
        });
        leg.send_text(write(&message));
    }

    fn stop(&mut self, leg: &mut Leg) {
        let ids = &leg.dial.ids;
        let message = json!({
            "event": "stop",
            "sequenceNumber": self.next_sequence(),
            "stop": {"accountSid": ids.account, "callSid": ids.call},
            "streamSid": ids.stream,
        });
        leg.send_text(write(&message));
    }

    fn unknown_event(&self) -> &'static str {
        r#"{"event":"x_heartbeat"}"#
    }
}

#[cfg(test)]
mod tests {
    use offhook_types::Pii;
    use serde_json::Value;

    use super::*;
    use crate::testing::{Rig, base64, literal};
    use crate::{CallState, Dialect, EndCause, Side};

    fn documented(dial: &mut Dial) {
        dial.ids.account = "AC0".into();
        dial.ids.call = "CA0".into();
        dial.ids.stream = "MZ0".into();
        dial.parameters.insert("call_id".into(), Pii::new("01J".into()));
    }

    fn media(payload: &[u8]) -> Value {
        json!({"event": "media", "streamSid": "MZ0", "media": {"payload": base64(payload)}})
    }

    fn mark(name: &str) -> Value {
        json!({"event": "mark", "streamSid": "MZ0", "mark": {"name": name}})
    }

    fn clear() -> Value {
        json!({"event": "clear", "streamSid": "MZ0"})
    }

    #[test]
    fn messages_are_the_documented_ones() {
        let (mut rig, first) = Rig::open(Dialect::Twilio, documented);
        assert_eq!(
            first,
            [
                literal(r#"{"event":"connected","protocol":"Call","version":"1.0.0"}"#),
                literal(
                    r#"{"event":"start","sequenceNumber":"1","start":{"accountSid":"AC0","streamSid":"MZ0","callSid":"CA0","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},"customParameters":{"call_id":"01J"}},"streamSid":"MZ0"}"#
                ),
            ]
        );
        rig.caller.says = vec![0x7E; 160];
        rig.run_ms(40);
        rig.call.press(rig.now, "5".parse().unwrap(), 100);
        rig.say(&mark("m"));
        rig.call.hang_up(rig.now, Side::Caller);
        let payload = base64(&[0x7E; 160]);
        let first_media = format!(
            r#"{{"event":"media","sequenceNumber":"2","media":{{"track":"inbound","chunk":"1","timestamp":"0","payload":"{payload}"}},"streamSid":"MZ0"}}"#
        );
        let texts = rig.texts();
        assert_eq!(texts[0], literal(&first_media));
        assert_eq!(texts[1]["sequenceNumber"], "3");
        assert_eq!(texts[1]["media"]["chunk"], "2");
        assert_eq!(texts[1]["media"]["timestamp"], "20");
        assert_eq!(
            texts[2..],
            [
                literal(
                    r#"{"event":"dtmf","streamSid":"MZ0","sequenceNumber":"4","dtmf":{"track":"inbound_track","digit":"5"}}"#
                ),
                literal(
                    r#"{"event":"mark","sequenceNumber":"5","streamSid":"MZ0","mark":{"name":"m"}}"#
                ),
                literal(
                    r#"{"event":"stop","sequenceNumber":"6","stop":{"accountSid":"AC0","callSid":"CA0"},"streamSid":"MZ0"}"#
                ),
            ]
        );
        assert!(rig.call.violations().is_empty());
    }

    #[test]
    fn a_clear_returns_every_pending_mark_and_nothing_of_it_is_played() {
        let (mut rig, _) = Rig::open(Dialect::Twilio, documented);
        rig.say(&media(&[1; 480]));
        rig.say(&mark("first"));
        rig.say(&media(&[2; 480]));
        rig.say(&mark("second"));
        rig.run_ms(80);
        assert_eq!(rig.replies()[0]["mark"]["name"], "first");
        rig.say(&clear());
        rig.say(&mark("sentinel"));
        let names: Vec<Value> =
            rig.replies().iter().map(|reply| reply["mark"]["name"].clone()).collect();
        assert_eq!(names, ["second", "sentinel"]);
        rig.run_ms(100);
        let heard: Vec<u8> = rig.caller.heard.iter().flatten().flatten().copied().collect();
        assert_eq!(heard, [vec![1; 480], vec![2; 160]].concat());
        assert_eq!(rig.call.played().samples, 640);
        assert_eq!(rig.call.played().samples_since_clear, 0);
        assert_eq!(rig.call.played().clears, 1);
    }

    #[test]
    fn what_twilio_warns_about_is_recorded_under_its_number() {
        let (mut rig, _) = Rig::open(Dialect::Twilio, documented);
        rig.send(vec![0; 160]);
        rig.say(&json!([]));
        rig.say(&json!({"event": "playAudio", "streamSid": "MZ0"}));
        rig.say(&json!({"event": "clear"}));
        rig.say(&json!({"event": "clear", "streamSid": "MZ1"}));
        rig.say(&json!({"event": "media", "streamSid": "MZ0", "media": {"payload": "%"}}));
        rig.say(&json!({"event": "media", "streamSid": "MZ0", "media": {}}));
        let codes: Vec<_> = rig.call.violations().iter().map(|found| found.code.unwrap()).collect();
        assert_eq!(codes, [31950, 31951, 31951, 31951, 31951, 31924, 31951]);
        assert_eq!(rig.call.played().clears, 0);

        let mut needless = media(&[1; 160]);
        needless["sequenceNumber"] = json!("1");
        rig.say(&needless);
        assert_eq!(rig.broken_rules().last(), Some(&Rule::ExtraField));
        assert_eq!(rig.call.played().samples_waiting, 160);
    }

    #[test]
    fn ten_minutes_are_buffered_and_not_more() {
        let (mut rig, _) = Rig::open(Dialect::Twilio, documented);
        for _ in 0..10 {
            rig.say(&media(&[1; 60 * 8_000]));
        }
        assert_eq!(rig.call.violation_count(), 0);
        rig.say(&media(&[1; 160]));
        assert_eq!(rig.call.violations()[0].code, Some(31931));
    }

    #[test]
    fn closing_the_socket_hangs_up_unless_a_verb_follows() {
        for (has_next, is_line_up) in [(false, false), (true, true)] {
            let (mut rig, _) = Rig::open(Dialect::Twilio, |dial| {
                dial.has_next_instruction = has_next;
            });
            rig.call.handle_closed(rig.now);
            let CallState::Ended(end) = rig.call.state() else { panic!() };
            assert_eq!((end.by, end.cause), (Side::Engine, EndCause::SocketClosed));
            assert_eq!(end.is_line_up, is_line_up);
            assert_eq!(rig.call.poll_timeout(), None);
        }
    }
}
