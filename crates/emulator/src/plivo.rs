//! Plivo Audio Streaming, bidirectional.
//!
//! Source: Plivo's server SDK `plivo-stream-sdk` 0.1.1 and the docs on audio streaming, read
//! 2026-11-21. Derived: L16 is little-endian; checkpoints lost in a clear never come back; audio
//! declared as something else is not heard; `chunk` counts like `sequenceNumber`. There is no
//! documented `stop`: the socket closes.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use offhook_types::{Codec, DtmfDigit, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use crate::call::{CallerFrame, Carrier};
use crate::leg::Leg;
use crate::message::{Fields, parse, write};
use crate::utc::epoch_ms;
use crate::violation::{Refusal, Rule};
use crate::{Caps, Dial, LineEventKind, MarkReturn, PlivoTimestamp, UpgradeRequest, WireMessage};

/// Plivo's side of a stream.
#[derive(Debug, Default)]
pub(crate) struct Plivo {
    /// `sequenceNumber` of the last message that counts; `start` has 0.
    sequence: u64,
    chunk: u64,
    base64: String,
}

/// No limit is documented; this one bounds the memory of a test.
const BUFFER: Duration = Duration::from_secs(600);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Media<'a> {
    sequence_number: Number,
    stream_id: &'a str,
    event: &'static str,
    media: MediaBody<'a>,
    #[serde(rename = "extra_headers")]
    extra_headers: &'static str,
}

#[derive(Serialize)]
struct MediaBody<'a> {
    track: &'static str,
    timestamp: String,
    chunk: u64,
    payload: &'a str,
}

/// A number that some versions write as a string.
#[derive(Serialize)]
#[serde(untagged)]
enum Number {
    Number(u64),
    Text(String),
}

impl Plivo {
    fn next_sequence(&mut self, leg: &Leg) -> Number {
        self.sequence += 1;
        number(leg, self.sequence)
    }

    fn play(&mut self, leg: &mut Leg, fields: Fields<'_>) -> Result<(), Refusal> {
        let media = fields.object("media")?;
        let declared = media.text("contentType")?;
        let format = leg.dial.to_caller;
        if declared != content_type(format.codec()) {
            let detail = "media.contentType is not the stream's, without its ;rate=";
            return Err(Refusal::new(Rule::ContentType, detail));
        }
        let rate = sample_rate(media)?;
        if rate != u64::from(format.sample_rate().hz()) {
            let detail = "media.sampleRate is not the stream's";
            return Err(Refusal::new(Rule::ContentType, detail));
        }
        let payload = media.audio("payload")?;
        leg.play(&payload)?;
        if format.codec() == Codec::L16Le && payload.len() % 2 == 1 {
            return Err(Refusal::new(Rule::HalfSample, "media.payload ends in half a sample"));
        }
        if payload.starts_with(b"RIFF") {
            return Err(Refusal::new(Rule::FileHeader, "media.payload is a WAV file"));
        }
        Ok(())
    }

    fn timestamp(&self, leg: &Leg, at: Timestamp, since_start_ms: u64) -> String {
        match leg.dial.quirks.plivo_timestamp {
            PlivoTimestamp::Epoch => epoch_ms(leg.dial.started_at_epoch_ms, at).to_string(),
            PlivoTimestamp::SinceStart => since_start_ms.to_string(),
        }
    }
}

impl Carrier for Plivo {
    fn caps(&self, _dial: &Dial) -> Caps {
        Caps {
            marks: MarkReturn::PlayedOnly,
            acknowledges_clear: true,
            buffer: BUFFER,
            is_frame_exact: false,
            chunk_ms: None,
            plays_digits: true,
            is_close_hang_up: true,
            announces_end: false,
        }
    }

    fn upgrade(&self, _dial: &Dial) -> UpgradeRequest {
        UpgradeRequest::default()
    }

    fn open(&mut self, leg: &mut Leg, now: Timestamp, _protocol: Option<&str>) {
        let (dial, ids) = (&leg.dial, &leg.dial.ids);
        let format = dial.to_engine;
        let start = json!({
            "sequenceNumber": number(leg, 0),
            "event": "start",
            "start": {
                "callId": ids.call,
                "streamId": ids.stream,
                "accountId": ids.account,
                "tracks": ["inbound"],
                "mediaFormat": {
                    "encoding": content_type(format.codec()),
                    "sampleRate": number(leg, u64::from(format.sample_rate().hz())),
                },
            },
            "extra_headers": write(&dial.exposed_parameters()),
        });
        leg.send_text(write(&start));
        leg.start(now);
    }

    fn obey(&mut self, leg: &mut Leg, now: Timestamp, message: WireMessage) -> Result<(), Refusal> {
        let message = parse(&message)?;
        let fields = Fields::of(&message)?;
        let event = fields.text("event")?;
        let stream = match event {
            "checkpoint" | "clearAudio" => Some(fields.text("streamId")?),
            _ => fields.optional_text("streamId")?,
        };
        if stream.is_some_and(|stream| stream != leg.dial.ids.stream) {
            return Err(Refusal::new(Rule::WrongStream, "streamId is not that of the stream"));
        }
        match event {
            "playAudio" => self.play(leg, fields),
            "checkpoint" => leg.mark(now, fields.text("name")?.to_owned()),
            "clearAudio" => {
                leg.clear(now);
                let message = json!({
                    "sequenceNumber": number(leg, 0),
                    "event": "clearedAudio",
                    "streamId": leg.dial.ids.stream,
                });
                leg.send_text(write(&message));
                Ok(())
            }
            "sendDTMF" => {
                let keys = fields.text("dtmf")?.chars();
                let digits: Result<Vec<DtmfDigit>, _> = keys.map(DtmfDigit::try_from).collect();
                match digits {
                    Ok(digits) if !digits.is_empty() => {
                        leg.note(now, LineEventKind::DigitsPlayed { digits });
                        Ok(())
                    }
                    Ok(_) | Err(_) => {
                        Err(Refusal::new(Rule::NotADigit, "dtmf holds something other than keys"))
                    }
                }
            }
            _ => Err(Refusal::new(
                Rule::UnknownEvent,
                "event is not playAudio, checkpoint, clearAudio or sendDTMF",
            )),
        }
    }

    fn code_of(&self, _rule: Rule) -> Option<u32> {
        None
    }

    fn carry(&mut self, leg: &mut Leg, frame: CallerFrame<'_>) {
        self.chunk += 1;
        self.base64.clear();
        STANDARD.encode_string(frame.payload, &mut self.base64);
        let message = Media {
            sequence_number: self.next_sequence(leg),
            stream_id: &leg.dial.ids.stream,
            event: "media",
            media: MediaBody {
                track: "inbound",
                timestamp: self.timestamp(leg, frame.at, frame.timestamp_ms),
                chunk: self.chunk,
                payload: &self.base64,
            },
            extra_headers: "{}",
        };
        let text = write(&message);
        leg.send_text(text);
    }

    fn return_mark(&mut self, leg: &mut Leg, name: &str) {
        let message = json!({
            "event": "playedStream",
            "sequenceNumber": self.next_sequence(leg),
            "streamId": leg.dial.ids.stream,
            "name": name,
        });
        leg.send_text(write(&message));
    }

    fn press(&mut self, leg: &mut Leg, now: Timestamp, digit: DtmfDigit, _duration_ms: u32) {
        let since_start_ms = now.saturating_since(leg.started_at).as_millis() as u64;
        let message = json!({
            "event": "dtmf",
            "sequenceNumber": self.next_sequence(leg),
            "streamId": leg.dial.ids.stream,
            "dtmf": {
                "track": "inbound",
                "digit": digit,
                "timestamp": self.timestamp(leg, now, since_start_ms),
            },
            "extra_headers": "{}",
        });
        leg.send_text(write(&message));
    }

    fn stop(&mut self, _leg: &mut Leg) {}

    fn unknown_event(&self) -> &'static str {
        r#"{"event":"x_heartbeat"}"#
    }
}

fn number(leg: &Leg, value: u64) -> Number {
    if leg.dial.quirks.plivo_numbers_as_text {
        Number::Text(value.to_string())
    } else {
        Number::Number(value)
    }
}

/// A number in Plivo's SDK, a string in its documentation: both are taken.
fn sample_rate(media: Fields<'_>) -> Result<u64, Refusal> {
    match media.value("sampleRate")? {
        Value::String(text) => {
            text.parse().map_err(|_| Refusal::new(Rule::Field, "media.sampleRate is no number"))
        }
        Value::Number(_) => media.count("sampleRate"),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            Err(Refusal::new(Rule::Field, "media.sampleRate must be a number or a string"))
        }
    }
}

fn content_type(codec: Codec) -> &'static str {
    match codec {
        Codec::Pcmu => "audio/x-mulaw",
        Codec::Pcma | Codec::L16Le | Codec::L16Be | Codec::G722 | Codec::Opus => "audio/x-l16",
    }
}

#[cfg(test)]
mod tests {
    use offhook_types::{CodecFormat, Pii, SampleRate};

    use super::*;
    use crate::testing::{Rig, base64, literal};
    use crate::{CallState, Dialect, Side};

    fn documented(dial: &mut Dial) {
        dial.ids.account = "MA0".into();
        dial.ids.call = "4d2a".into();
        dial.ids.stream = "2017".into();
        dial.parameters.insert("callid".into(), Pii::new("01J".into()));
        dial.started_at_epoch_ms = 1_684_908_400_103;
    }

    fn play(payload: &[u8]) -> Value {
        json!({
            "event": "playAudio",
            "media": {
                "contentType": "audio/x-mulaw", "sampleRate": 8000, "payload": base64(payload),
            },
        })
    }

    fn checkpoint(name: &str) -> Value {
        json!({"event": "checkpoint", "streamId": "2017", "name": name})
    }

    #[test]
    fn messages_are_those_of_the_sdk() {
        let (mut rig, first) = Rig::open(Dialect::Plivo, documented);
        assert_eq!(
            first,
            [literal(
                r#"{"sequenceNumber":0,"event":"start","start":{"callId":"4d2a","streamId":"2017","accountId":"MA0","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000}},"extra_headers":"{\"callid\":\"01J\"}"}"#
            )]
        );
        rig.run_ms(20);
        rig.call.press(rig.now, "5".parse().unwrap(), 100);
        rig.say(&checkpoint("m"));
        rig.say(&json!({"event": "clearAudio", "streamId": "2017"}));
        rig.call.hang_up(rig.now, Side::Caller);
        let silence = base64(&[0xFF; 160]);
        let media = format!(
            r#"{{"sequenceNumber":1,"streamId":"2017","event":"media","media":{{"track":"inbound","timestamp":"1684908400123","chunk":1,"payload":"{silence}"}},"extra_headers":"{{}}"}}"#
        );
        assert_eq!(
            rig.texts(),
            [
                literal(&media),
                literal(
                    r#"{"event":"dtmf","sequenceNumber":2,"streamId":"2017","dtmf":{"track":"inbound","digit":"5","timestamp":"1684908400123"},"extra_headers":"{}"}"#
                ),
                literal(
                    r#"{"event":"playedStream","sequenceNumber":3,"streamId":"2017","name":"m"}"#
                ),
                literal(r#"{"sequenceNumber":0,"event":"clearedAudio","streamId":"2017"}"#),
            ]
        );
        assert!(matches!(rig.call.state(), CallState::Ended(end) if !end.is_line_up));
    }

    #[test]
    fn a_checkpoint_that_a_clear_overtakes_never_comes_back() {
        let (mut rig, _) = Rig::open(Dialect::Plivo, documented);
        rig.say(&play(&[1; 320]));
        rig.say(&checkpoint("lost"));
        rig.say(&json!({"event": "clearAudio", "streamId": "2017"}));
        rig.say(&play(&[1; 160]));
        rig.say(&checkpoint("kept"));
        rig.run_ms(100);
        let replies = rig.replies();
        assert_eq!(replies.len(), 2);
        assert_eq!(replies[0]["event"], "clearedAudio");
        assert_eq!(replies[1]["name"], "kept");
    }

    #[test]
    fn audio_declared_as_something_else_is_not_heard() {
        let (mut rig, _) = Rig::open(Dialect::Plivo, |dial| {
            documented(dial);
            let l16 = CodecFormat::new(Codec::L16Le, SampleRate::HZ_16000).unwrap();
            (dial.to_engine, dial.to_caller) = (l16, l16);
        });
        rig.say(&play(&[1; 160]));
        let declared = |content_type: &str, rate: Value| {
            json!({
                "event": "playAudio", "streamId": "2017",
                "media": {
                    "contentType": content_type, "sampleRate": rate, "payload": base64(&[1; 640]),
                },
            })
        };
        rig.say(&declared("audio/x-l16;rate=16000", json!(16_000)));
        rig.say(&declared("audio/x-l16", json!(8_000)));
        assert_eq!(rig.broken_rules(), [Rule::ContentType; 3]);
        rig.run_ms(40);
        assert_eq!(rig.caller.heard, [None, None]);
        rig.say(&declared("audio/x-l16", json!(16_000)));
        rig.say(&declared("audio/x-l16", json!("16000")));
        assert_eq!(rig.call.played().samples_waiting, 640);
        assert_eq!(rig.call.violation_count(), 3);
    }

    #[test]
    fn digits_of_the_engine_reach_the_caller() {
        let (mut rig, _) = Rig::open(Dialect::Plivo, documented);
        rig.say(&json!({"event": "sendDTMF", "dtmf": "12#"}));
        let digits: Vec<DtmfDigit> =
            "12#".chars().map(|key| DtmfDigit::try_from(key).unwrap()).collect();
        assert!(rig.events().contains(&LineEventKind::DigitsPlayed { digits }));
        rig.say(&json!({"event": "sendDTMF", "dtmf": "1w2"}));
        rig.say(&json!({"event": "sendDTMF", "dtmf": ""}));
        assert_eq!(rig.broken_rules(), [Rule::NotADigit; 2]);
    }

    #[test]
    fn quirks_change_types_and_clock() {
        let (mut rig, first) = Rig::open(Dialect::Plivo, |dial| {
            dial.quirks.plivo_numbers_as_text = true;
            dial.quirks.plivo_timestamp = PlivoTimestamp::SinceStart;
        });
        assert_eq!(first[0]["sequenceNumber"], "0");
        assert_eq!(first[0]["start"]["mediaFormat"]["sampleRate"], "8000");
        rig.run_ms(40);
        let texts = rig.texts();
        assert_eq!(texts[1]["sequenceNumber"], "2");
        assert_eq!(texts[1]["media"]["timestamp"], "20");
    }
}
