//! Vonage Voice WebSocket.
//!
//! Source: Vonage docs (WebSockets guide of 2021, AsyncAPI of 2026-05, the play-audio tutorial) and
//! the `vonage-voice` SDK 1.5.1, read 2026-11-21. Derived: 960 bytes at 24 kHz; a message of
//! another size is not played; pending notifications are lost on a clear. From memory: the leg ends
//! with the socket and no message says so; a key is reported when it is released.

use std::collections::VecDeque;
use std::time::Duration;

use offhook_types::{DtmfDigit, Timestamp};
use serde_json::{Map, Value, json};

use crate::call::{CallerFrame, Carrier};
use crate::leg::Leg;
use crate::message::{Fields, parse, write};
use crate::playout::byte_length;
use crate::violation::{Refusal, Rule};
use crate::{Caps, Dial, MarkReturn, UpgradeRequest, WireMessage};

/// Vonage's side of a stream.
#[derive(Debug, Default)]
pub(crate) struct Vonage {
    /// Keys that are held, with the moment of their release.
    held: VecDeque<(Timestamp, DtmfDigit, u32)>,
}

/// Messages of 20 ms: 3072 in the current documentation, 1024 in that of 2021.
const BUFFER_MESSAGES: u32 = 3_072;
const SMALL_BUFFER_MESSAGES: u32 = 1_024;

impl Vonage {
    fn notify(&mut self, leg: &mut Leg, payload: &str) {
        // The payload was read from JSON when it was set.
        let payload: Value = serde_json::from_str(payload).unwrap_or(Value::Null);
        leg.send_text(write(&json!({"event": "websocket:notify", "payload": payload})));
    }

    fn play(&mut self, leg: &mut Leg, payload: &[u8]) -> Result<(), Refusal> {
        let format = leg.dial.to_caller;
        let expected = byte_length(format, format.sample_rate().frame_samples() as u64);
        if payload.len() != expected {
            let detail = format!("a message of {} bytes: {expected} are 20 ms", payload.len());
            return Err(Refusal::new(Rule::FrameSize, detail));
        }
        leg.play(payload)
    }
}

impl Carrier for Vonage {
    fn caps(&self, dial: &Dial) -> Caps {
        let has_small = dial.quirks.vonage_has_small_buffer;
        let messages = if has_small { SMALL_BUFFER_MESSAGES } else { BUFFER_MESSAGES };
        Caps {
            marks: if dial.quirks.vonage_notifies_on_clear {
                MarkReturn::PlayedAndCleared
            } else {
                MarkReturn::PlayedOnly
            },
            acknowledges_clear: true,
            buffer: Duration::from_millis(20) * messages,
            is_frame_exact: true,
            chunk_ms: Some((20, 20)),
            plays_digits: false,
            is_close_hang_up: true,
            announces_end: false,
        }
    }

    fn upgrade(&self, _dial: &Dial) -> UpgradeRequest {
        UpgradeRequest::default()
    }

    fn open(&mut self, leg: &mut Leg, now: Timestamp, _protocol: Option<&str>) {
        let mut message = Map::new();
        for (name, value) in leg.dial.exposed_parameters() {
            message.insert(name.to_owned(), json!(value));
        }
        let rate = leg.dial.to_engine.sample_rate().hz();
        message.insert("event".to_owned(), json!("websocket:connected"));
        message.insert("content-type".to_owned(), json!(format!("audio/l16;rate={rate}")));
        leg.send_text(write(&message));
        leg.start(now);
    }

    fn obey(&mut self, leg: &mut Leg, now: Timestamp, message: WireMessage) -> Result<(), Refusal> {
        if let WireMessage::Binary(payload) = &message {
            return self.play(leg, payload);
        }
        let message = parse(&message)?;
        let fields = Fields::of(&message)?;
        match fields.text("action")? {
            "clear" => {
                let pending = leg.clear(now);
                if leg.dial.quirks.vonage_notifies_on_clear {
                    pending.iter().for_each(|payload| self.notify(leg, payload));
                }
                leg.send_text(write(&json!({"event": "websocket:cleared"})));
                Ok(())
            }
            "notify" => leg.mark(now, write(fields.value("payload")?)),
            _ => Err(Refusal::new(Rule::UnknownEvent, "action is not clear or notify")),
        }
    }

    fn code_of(&self, _rule: Rule) -> Option<u32> {
        None
    }

    fn carry(&mut self, leg: &mut Leg, frame: CallerFrame<'_>) {
        leg.send_binary(frame.payload.to_vec());
    }

    fn return_mark(&mut self, leg: &mut Leg, name: &str) {
        self.notify(leg, name);
    }

    fn press(&mut self, _leg: &mut Leg, now: Timestamp, digit: DtmfDigit, duration_ms: u32) {
        let released_at = now + Duration::from_millis(u64::from(duration_ms));
        self.held.push_back((released_at, digit, duration_ms));
    }

    fn tick(&mut self, leg: &mut Leg, at: Timestamp) {
        while let Some(&(released_at, digit, duration_ms)) = self.held.front()
            && released_at <= at
        {
            self.held.pop_front();
            let message = if leg.dial.quirks.vonage_nests_dtmf {
                json!({
                    "event": "websocket:dtmf",
                    "dtmf": {"digit": digit, "duration": duration_ms},
                })
            } else {
                json!({"event": "websocket:dtmf", "digit": digit, "duration": duration_ms})
            };
            leg.send_text(write(&message));
        }
    }

    fn stop(&mut self, _leg: &mut Leg) {}

    fn unknown_event(&self) -> &'static str {
        r#"{"event":"websocket:x_heartbeat"}"#
    }
}

#[cfg(test)]
mod tests {
    use offhook_types::{Codec, CodecFormat, Pii, SampleRate};

    use super::*;
    use crate::testing::{Rig, literal};
    use crate::{CallState, Dialect, Side};

    #[test]
    fn messages_are_the_documented_ones() {
        for (rate, frame_bytes) in [(8_000, 320), (16_000, 640), (24_000, 960)] {
            let (mut rig, first) = Rig::open(Dialect::Vonage, |dial| {
                let rate = SampleRate::new(rate).unwrap();
                let l16 = CodecFormat::new(Codec::L16Le, rate).unwrap();
                (dial.to_engine, dial.to_caller) = (l16, l16);
                dial.parameters.insert("call_id".into(), Pii::new("01J".into()));
            });
            assert_eq!(
                first,
                [json!({
                    "event": "websocket:connected",
                    "content-type": format!("audio/l16;rate={rate}"),
                    "call_id": "01J",
                })]
            );
            rig.run_ms(20);
            assert_eq!(rig.messages(), [WireMessage::Binary(vec![0; frame_bytes])]);
            rig.send(vec![0; frame_bytes]);
            rig.send(vec![0; frame_bytes - 2]);
            rig.send(vec![0; 2 * frame_bytes]);
            assert_eq!(rig.broken_rules(), [Rule::FrameSize; 2]);
            rig.say(&literal(r#"{"action":"notify","payload":{"mark":"g3:u7:12800"}}"#));
            assert!(rig.texts().is_empty());
            rig.run_ms(40);
            assert_eq!(
                rig.texts(),
                [literal(r#"{"event":"websocket:notify","payload":{"mark":"g3:u7:12800"}}"#)]
            );
        }
    }

    #[test]
    fn a_key_is_reported_with_its_duration_when_it_is_released() {
        for (is_nested, expected) in [
            (false, r#"{"event":"websocket:dtmf","digit":"5","duration":260}"#),
            (true, r#"{"event":"websocket:dtmf","dtmf":{"digit":"5","duration":260}}"#),
        ] {
            let (mut rig, _) =
                Rig::open(Dialect::Vonage, |dial| dial.quirks.vonage_nests_dtmf = is_nested);
            rig.call.press(rig.now, "5".parse().unwrap(), 260);
            rig.run_ms(240);
            assert!(rig.texts().is_empty());
            rig.run_ms(20);
            assert_eq!(rig.texts(), [literal(expected)]);
        }
    }

    #[test]
    fn a_clear_is_acknowledged_and_loses_notifications_unless_the_quirk_returns_them() {
        for (returns, expected) in [(false, 1), (true, 2)] {
            let (mut rig, _) =
                Rig::open(Dialect::Vonage, |dial| dial.quirks.vonage_notifies_on_clear = returns);
            rig.send(vec![0; 640]);
            rig.say(&json!({"action": "notify", "payload": 7}));
            rig.say(&json!({"action": "clear"}));
            let texts = rig.texts();
            assert_eq!(texts.len(), expected);
            assert_eq!(*texts.last().unwrap(), literal(r#"{"event":"websocket:cleared"}"#));
            rig.run_ms(100);
            assert!(rig.texts().is_empty());
        }
    }

    #[test]
    fn the_buffer_holds_as_many_messages_as_documented() {
        for (is_small, messages) in [(false, 3_072), (true, 1_024)] {
            let (mut rig, _) =
                Rig::open(Dialect::Vonage, |dial| dial.quirks.vonage_has_small_buffer = is_small);
            (0..=messages).for_each(|_| rig.send(vec![0; 640]));
            assert_eq!(rig.broken_rules(), [Rule::BufferFull]);
            assert_eq!(rig.call.played().samples_waiting, messages * 320);
        }
    }

    #[test]
    fn no_message_says_that_the_caller_hung_up() {
        let (mut rig, _) = Rig::open(Dialect::Vonage, |_| {});
        rig.call.hang_up(rig.now, Side::Caller);
        assert!(rig.messages().is_empty());
        assert!(matches!(rig.call.state(), CallState::Ended(end) if end.by == Side::Caller));
    }
}
