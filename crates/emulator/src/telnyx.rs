//! Telnyx Media Streaming in RTP mode (`stream_bidirectional_mode: rtp`).
//!
//! Source: Telnyx docs, "Media Streaming over WebSockets" (2026-04-10) and the AsyncAPI page
//! "Stream call media over WebSocket", read 2026-11-21 and 2026-11-24. Derived: which error code
//! answers which fault beyond "not base64"; that a refused message is not played; that timestamps
//! are milliseconds. From memory: the titles of errors 100002 and 100005; that closing the socket
//! stops the stream and not the call. MP3 mode and AMR-WB are left out.

mod scrambler;

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use offhook_types::{Codec, CodecFormat, DtmfDigit, Timestamp};
use serde::Serialize;
use serde_json::json;

use crate::call::{CallerFrame, Carrier};
use crate::leg::Leg;
use crate::message::{Fields, parse, write};
use crate::utc::iso_8601;
use crate::violation::{Refusal, Rule};
use crate::{Caps, Dial, MarkReturn, UpgradeRequest, WireMessage};
use scrambler::Scrambler;

/// Telnyx's side of a stream.
#[derive(Debug)]
pub(crate) struct Telnyx {
    sequence: u64,
    chunk: u64,
    base64: String,
    scrambler: Scrambler,
}

/// No limit is documented; this one bounds the memory of a test.
const BUFFER: Duration = Duration::from_secs(600);
/// "Each chunk 20 ms to 30 s", the same page.
const CHUNK_MS: (u32, u32) = (20, 30_000);
const TOKEN_HEADER: &str = "x-telnyx-streaming-auth-token";

#[derive(Serialize)]
struct Media<'a> {
    event: &'static str,
    sequence_number: String,
    media: MediaBody<'a>,
    stream_id: &'a str,
}

#[derive(Serialize)]
struct MediaBody<'a> {
    track: &'static str,
    chunk: String,
    timestamp: String,
    payload: &'a str,
}

impl Telnyx {
    pub(crate) fn new(dial: &Dial) -> Self {
        let scrambler = Scrambler::new(dial.quirks.reorders, dial.seed);
        Self { sequence: 0, chunk: 0, base64: String::new(), scrambler }
    }

    fn next_sequence(&mut self) -> String {
        self.sequence += 1;
        self.sequence.to_string()
    }

    fn send_mark(&mut self, leg: &mut Leg, name: &str) {
        let message = json!({
            "event": "mark",
            "stream_id": leg.dial.ids.stream,
            "sequence_number": self.next_sequence(),
            "mark": {"name": name},
        });
        leg.send_text(write(&message));
    }

    fn play(&mut self, leg: &mut Leg, payload: &[u8]) -> Result<(), Refusal> {
        let format = leg.dial.to_caller;
        if matches!(format.codec(), Codec::L16Le | Codec::L16Be) && payload.len() % 2 == 1 {
            return Err(Refusal::new(Rule::HalfSample, "media.payload ends in half a sample"));
        }
        let samples = leg.playout.samples_in(payload).unwrap_or(0);
        let hz = u64::from(format.sample_rate().hz());
        let (min, max) = (u64::from(CHUNK_MS.0) * hz, u64::from(CHUNK_MS.1) * hz);
        if !(min..=max).contains(&(samples * 1_000)) {
            let detail = format!("media.payload holds {} ms: 20 to 30000", samples * 1_000 / hz);
            return Err(Refusal::new(Rule::ChunkDuration, detail));
        }
        leg.play(payload)
    }
}

impl Carrier for Telnyx {
    fn caps(&self, _dial: &Dial) -> Caps {
        Caps {
            marks: MarkReturn::PlayedAndCleared,
            acknowledges_clear: false,
            buffer: BUFFER,
            is_frame_exact: false,
            chunk_ms: Some(CHUNK_MS),
            plays_digits: false,
            is_close_hang_up: false,
            announces_end: true,
        }
    }

    fn upgrade(&self, dial: &Dial) -> UpgradeRequest {
        let token = dial.token.iter().map(|token| (TOKEN_HEADER.to_owned(), token.clone()));
        UpgradeRequest { headers: token.collect(), protocols: Vec::new() }
    }

    fn open(&mut self, leg: &mut Leg, now: Timestamp, _protocol: Option<&str>) {
        let mut connected = json!({"event": "connected", "version": "1.0.0"});
        if let Some(token) = &leg.dial.token {
            connected[TOKEN_HEADER] = json!(token.expose());
        }
        leg.send_text(write(&connected));
        let (dial, ids) = (&leg.dial, &leg.dial.ids);
        let start = json!({
            "event": "start",
            "sequence_number": self.next_sequence(),
            "start": {
                "user_id": ids.account,
                "call_control_id": ids.call,
                "call_session_id": ids.session,
                "from": dial.from.expose(),
                "to": dial.to.expose(),
                "tags": [],
                "client_state": "",
                "custom_parameters": dial.exposed_parameters(),
                "media_format": {
                    "encoding": encoding(dial.to_engine.codec()),
                    "sample_rate": announced_rate(dial.to_engine),
                    "channels": 1,
                },
            },
            "stream_id": ids.stream,
        });
        leg.send_text(write(&start));
        leg.start(now);
    }

    fn obey(&mut self, leg: &mut Leg, now: Timestamp, message: WireMessage) -> Result<(), Refusal> {
        let message = parse(&message)?;
        let fields = Fields::of(&message)?;
        match fields.text("event")? {
            "media" => {
                let payload = fields.object("media")?.audio("payload")?;
                self.play(leg, &payload)
            }
            "mark" => {
                let name = fields.object("mark")?.text("name")?.to_owned();
                leg.mark(now, name)
            }
            "clear" => {
                for name in leg.clear(now) {
                    self.send_mark(leg, &name);
                }
                Ok(())
            }
            _ => Err(Refusal::new(Rule::UnknownEvent, "event is not media, mark or clear")),
        }
    }

    fn code_of(&self, rule: Rule) -> Option<u32> {
        Some(match rule {
            Rule::MessageKind | Rule::NotJson | Rule::Field | Rule::MessageTooLong => 100_003,
            Rule::NotBase64
            | Rule::EmptyAudio
            | Rule::HalfSample
            | Rule::ChunkDuration
            | Rule::ContentType => 100_004,
            Rule::UnknownEvent
            | Rule::ExtraField
            | Rule::WrongStream
            | Rule::FileHeader
            | Rule::FrameSize
            | Rule::BufferFull
            | Rule::TooManyMarks
            | Rule::NotADigit
            | Rule::StaleGeneration
            | Rule::Sequence
            | Rule::Handshake => 100_002,
        })
    }

    fn complain(&mut self, leg: &mut Leg, refusal: &Refusal) {
        let code = self.code_of(refusal.rule).unwrap_or(100_002);
        let title = match code {
            100_003 => "malformed_frame",
            100_004 => "invalid_media",
            _ => "unknown_error",
        };
        let message = json!({
            "event": "error",
            "payload": {"code": code, "title": title, "detail": refusal.detail},
            "stream_id": leg.dial.ids.stream,
        });
        leg.send_text(write(&message));
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
            stream_id: &leg.dial.ids.stream,
        };
        let text = write(&message);
        self.scrambler.pass(text, |text| leg.send_text(text));
    }

    fn return_mark(&mut self, leg: &mut Leg, name: &str) {
        self.send_mark(leg, name);
    }

    fn press(&mut self, leg: &mut Leg, now: Timestamp, digit: DtmfDigit, _duration_ms: u32) {
        let message = json!({
            "event": "dtmf",
            "stream_id": leg.dial.ids.stream,
            "occurred_at": iso_8601(leg.dial.started_at_epoch_ms, now),
            "sequence_number": self.next_sequence(),
            "dtmf": {"digit": digit},
        });
        self.scrambler.pass(write(&message), |text| leg.send_text(text));
    }

    fn stop(&mut self, leg: &mut Leg) {
        self.scrambler.flush(|text| leg.send_text(text));
        let ids = &leg.dial.ids;
        let message = json!({
            "event": "stop",
            "sequence_number": self.next_sequence(),
            "stop": {"user_id": ids.account, "call_control_id": ids.call},
            "stream_id": ids.stream,
        });
        leg.send_text(write(&message));
    }

    fn unknown_event(&self) -> &'static str {
        r#"{"event":"x_heartbeat"}"#
    }
}

/// The name in `media_format.encoding`. Both byte orders of L16 are called the same.
fn encoding(codec: Codec) -> &'static str {
    match codec {
        Codec::Pcmu => "PCMU",
        Codec::Pcma => "PCMA",
        Codec::L16Le | Codec::L16Be => "L16",
        Codec::G722 => "G722",
        Codec::Opus => "OPUS",
    }
}

/// The rate in `media_format.sample_rate`. Derived: G.722 by its RTP clock of 8000, as RFC 3551
/// §4.5.2 has it.
fn announced_rate(format: CodecFormat) -> u32 {
    match format.codec() {
        Codec::G722 => 8_000,
        Codec::Pcmu | Codec::Pcma | Codec::L16Le | Codec::L16Be | Codec::Opus => {
            format.sample_rate().hz()
        }
    }
}

#[cfg(test)]
mod tests {
    use offhook_types::{Pii, SampleRate};
    use serde_json::Value;

    use super::*;
    use crate::testing::{Rig, base64, literal};
    use crate::{CallState, Dialect, Reordering, Side};

    fn documented(dial: &mut Dial) {
        dial.ids.account = "3E6F".into();
        dial.ids.call = "v2:T02".into();
        dial.ids.session = "ff55".into();
        dial.ids.stream = "32DE".into();
        dial.from = Pii::new("+13122010094".into());
        dial.to = Pii::new("+13122123456".into());
        dial.token = Some(Pii::new("secret".into()));
        dial.parameters.insert("customer_id".into(), Pii::new("customer_123".into()));
        dial.started_at_epoch_ms = 1_749_113_659_698;
    }

    fn media(payload: &[u8]) -> Value {
        json!({"event": "media", "media": {"payload": base64(payload)}})
    }

    #[test]
    fn messages_are_the_documented_ones() {
        let (mut rig, first) = Rig::open(Dialect::Telnyx, documented);
        let header = &rig.call.upgrade().headers[0];
        assert_eq!(header.0, "x-telnyx-streaming-auth-token");
        assert_eq!(header.1.expose(), "secret");
        assert_eq!(
            first,
            [
                literal(
                    r#"{"event":"connected","version":"1.0.0","x-telnyx-streaming-auth-token":"secret"}"#
                ),
                literal(
                    r#"{"event":"start","sequence_number":"1","start":{"user_id":"3E6F","call_control_id":"v2:T02","call_session_id":"ff55","from":"+13122010094","to":"+13122123456","tags":[],"client_state":"","custom_parameters":{"customer_id":"customer_123"},"media_format":{"encoding":"PCMU","sample_rate":8000,"channels":1}},"stream_id":"32DE"}"#
                ),
            ]
        );
        rig.run_ms(20);
        rig.call.press(Timestamp::from_micros(408), "1".parse().unwrap(), 100);
        rig.say(&json!({"event": "mark", "mark": {"name": "m"}}));
        rig.say(&json!({"event": "media", "media": {"payload": "%"}}));
        rig.call.hang_up(rig.now, Side::Caller);
        let silence = base64(&[0xFF; 160]);
        let media = format!(
            r#"{{"event":"media","sequence_number":"2","media":{{"track":"inbound","chunk":"1","timestamp":"0","payload":"{silence}"}},"stream_id":"32DE"}}"#
        );
        assert_eq!(
            rig.texts(),
            [
                literal(&media),
                literal(
                    r#"{"event":"dtmf","stream_id":"32DE","occurred_at":"2025-06-05T08:54:19.698408Z","sequence_number":"3","dtmf":{"digit":"1"}}"#
                ),
                literal(
                    r#"{"event":"mark","stream_id":"32DE","sequence_number":"4","mark":{"name":"m"}}"#
                ),
                literal(
                    r#"{"event":"error","payload":{"code":100004,"title":"invalid_media","detail":"media.payload is not base64"},"stream_id":"32DE"}"#
                ),
                literal(
                    r#"{"event":"stop","sequence_number":"5","stop":{"user_id":"3E6F","call_control_id":"v2:T02"},"stream_id":"32DE"}"#
                ),
            ]
        );
    }

    #[test]
    fn a_chunk_holds_20_ms_to_30_s_or_is_refused_aloud() {
        let (mut rig, _) = Rig::open(Dialect::Telnyx, documented);
        rig.say(&media(&[1; 159]));
        rig.say(&media(&[1; 160]));
        rig.say(&media(&vec![1; 240_000]));
        rig.say(&media(&vec![1; 240_001]));
        assert_eq!(rig.broken_rules(), [Rule::ChunkDuration; 2]);
        assert_eq!(rig.call.played().samples_waiting, 240_160);
        assert!(rig.texts().iter().all(|text| text["event"] == "error"));
    }

    #[test]
    fn a_clear_returns_every_pending_mark() {
        let (mut rig, _) = Rig::open(Dialect::Telnyx, documented);
        for name in ["a", "b"] {
            rig.say(&media(&[1; 320]));
            rig.say(&json!({"event": "mark", "mark": {"name": name}}));
        }
        assert!(rig.replies().is_empty());
        rig.say(&json!({"event": "clear"}));
        let names: Vec<Value> =
            rig.replies().iter().map(|reply| reply["mark"]["name"].clone()).collect();
        assert_eq!(names, ["a", "b"]);
    }

    #[test]
    fn closing_the_socket_stops_the_stream_and_not_the_call() {
        let (mut rig, _) = Rig::open(Dialect::Telnyx, documented);
        rig.call.handle_closed(rig.now);
        assert!(matches!(rig.call.state(), CallState::Ended(end) if end.is_line_up));
        rig.call.hang_up(rig.now, Side::Engine);
        assert!(matches!(rig.call.state(), CallState::Ended(end) if !end.is_line_up));
    }

    #[test]
    fn every_codec_is_announced_by_its_name_and_paced_by_its_rate() {
        let l16 = |codec| CodecFormat::new(codec, SampleRate::HZ_16000).unwrap();
        let opus = CodecFormat::new(Codec::Opus, SampleRate::HZ_48000).unwrap();
        for (format, name, rate, frame_bytes) in [
            (CodecFormat::PCMU, "PCMU", 8_000, 160),
            (CodecFormat::PCMA, "PCMA", 8_000, 160),
            (CodecFormat::G722, "G722", 8_000, 160),
            (l16(Codec::L16Le), "L16", 16_000, 640),
            (l16(Codec::L16Be), "L16", 16_000, 640),
            (opus, "OPUS", 48_000, 3),
        ] {
            let (mut rig, first) = Rig::open(Dialect::Telnyx, |dial| {
                (dial.to_engine, dial.to_caller) = (format, format);
            });
            let announced = &first[1]["start"]["media_format"];
            assert_eq!(*announced, json!({"encoding": name, "sample_rate": rate, "channels": 1}));
            // Config 9: SILK wide-band, 20 ms (RFC 6716 table 2).
            rig.say(&media(&vec![9 << 3; frame_bytes]));
            rig.run_ms(40);
            assert_eq!(rig.caller.heard[0].as_ref().map(Vec::len), Some(frame_bytes), "{format}");
            assert_eq!(rig.caller.heard[1], None, "{format}");
            assert_eq!(rig.broken_rules(), []);
        }
    }

    #[test]
    fn chunks_out_of_order_are_all_there_once() {
        let reordering = Reordering { percent: 20, overtaken_max: 3 };
        let (mut rig, _) = Rig::open(Dialect::Telnyx, |dial| {
            dial.quirks.reorders = Some(reordering);
        });
        rig.run_ms(2_000);
        rig.call.hang_up(rig.now, Side::Caller);
        let chunk = |text: &Value| text["media"]["chunk"].as_str()?.parse::<usize>().ok();
        let mut chunks: Vec<usize> = rig.texts().iter().filter_map(chunk).collect();
        assert!(!chunks.is_sorted());
        chunks.sort_unstable();
        assert_eq!(chunks, (1..=100).collect::<Vec<_>>());
    }
}
