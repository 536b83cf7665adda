//! The raw dialect, spoken by a browser or a test: JSON for control, binary PCM for audio, and a
//! client that reports what it played from its own counter.
//!
//! Source: the proposal of this dialect. Derived where it leaves room: `in` and `out` are seen from
//! the engine; a clear names the generation that begins, its answer the one that ends; generations
//! go up and only a clear begins one; `seq` goes up by one per message, or begins again with a
//! generation; `offset_samples` counts within the generation; nothing is sent before `ready`, which
//! must agree to the formats asked for; a client that gets no `ready` within 10 s gives up.

mod header;

use std::time::Duration;

use offhook_types::{CodecFormat, DtmfDigit, Pii, Timestamp};
use serde_json::{Value, json};

use crate::call::{CallerFrame, Carrier};
use crate::leg::Leg;
use crate::message::{Fields, parse, write};
use crate::violation::{Refusal, Rule};
use crate::{Caps, Dial, EndCause, MarkFate, MarkReturn, Side, UpgradeRequest, WireMessage};
use header::Header;

/// The browser's side of a stream.
#[derive(Debug, Default)]
pub(crate) struct Raw {
    /// Messages of the caller's audio, and samples in them.
    sent_messages: u32,
    sent_samples: u32,
    /// The generation that is played, once it is known.
    generation: Option<u32>,
    /// What the next header of the engine should say.
    next_sequence: u32,
    next_offset: u32,
}

const PROTOCOL: &str = "voice.raw.v1";
/// Ten minutes; the proposal states no limit.
const BUFFER: Duration = Duration::from_secs(600);
const CHUNK_MS_MAX: u32 = 200;
const MESSAGE_BYTES_MAX: usize = 64_000;
const READY_WAIT: Duration = Duration::from_secs(10);

impl Raw {
    fn obey_text(&mut self, leg: &mut Leg, now: Timestamp, text: &Value) -> Result<(), Refusal> {
        let fields = Fields::of(text)?;
        let kind = fields.text("type")?;
        if kind != "ready" && kind != "hangup" && !leg.is_streaming() {
            return Err(Refusal::new(Rule::Handshake, "type is not ready, which comes first"));
        }
        match kind {
            "ready" => self.begin(leg, now, fields),
            "mark" => leg.mark(now, fields.text("name")?.to_owned()),
            "clear" => self.clear(leg, now, fields),
            "transcript" => Ok(()),
            "hangup" => {
                let reason = fields.text("reason");
                leg.end(now, Side::Engine, EndCause::HangupMessage, false);
                reason.map(drop)
            }
            _ => Err(Refusal::new(
                Rule::UnknownEvent,
                "type is not ready, mark, clear, transcript or hangup",
            )),
        }
    }

    fn begin(&mut self, leg: &mut Leg, now: Timestamp, ready: Fields<'_>) -> Result<(), Refusal> {
        if leg.is_streaming() {
            return Err(Refusal::new(Rule::Handshake, "ready came twice"));
        }
        let agreed = |name, format| is_format(ready.object(name)?, format);
        let is_agreed = ready.text("call_id").and_then(|_| {
            Ok(agreed("in", leg.dial.to_engine)? && agreed("out", leg.dial.to_caller)?)
        });
        match is_agreed {
            Ok(true) => {
                leg.start(now);
                Ok(())
            }
            Ok(false) => {
                leg.end(now, Side::Caller, EndCause::HandshakeFailed, false);
                Err(Refusal::new(Rule::Handshake, "ready agrees to formats nobody asked for"))
            }
            Err(refusal) => {
                leg.end(now, Side::Caller, EndCause::HandshakeFailed, false);
                Err(refusal)
            }
        }
    }

    fn clear(&mut self, leg: &mut Leg, now: Timestamp, clear: Fields<'_>) -> Result<(), Refusal> {
        let next = u32::try_from(clear.count("gen")?)
            .map_err(|_| Refusal::new(Rule::Field, "gen does not fit 32 bits"))?;
        let played_samples = leg.playout.played().samples_since_clear;
        let ended = self.generation.unwrap_or(next.saturating_sub(1));
        for name in leg.clear(now) {
            send_mark(leg, &name, MarkFate::Cleared);
        }
        let message = json!({"type": "cleared", "gen": ended, "played_samples": played_samples});
        leg.send_text(write(&message));
        let goes_up = self.generation.is_none_or(|generation| next > generation);
        self.begin_generation(next);
        if goes_up {
            Ok(())
        } else {
            Err(Refusal::new(Rule::Sequence, "gen does not go up from clear to clear"))
        }
    }

    fn begin_generation(&mut self, generation: u32) {
        self.generation = Some(generation);
        self.next_offset = 0;
    }

    fn play(&mut self, leg: &mut Leg, message: &[u8]) -> Result<(), Refusal> {
        if !leg.is_streaming() {
            return Err(Refusal::new(Rule::Handshake, "audio before ready"));
        }
        if message.len() > MESSAGE_BYTES_MAX {
            let detail = format!("a message of {} bytes: {MESSAGE_BYTES_MAX}", message.len());
            return Err(Refusal::new(Rule::MessageTooLong, detail));
        }
        let (header, pcm) = if leg.dial.quirks.raw_is_bare {
            (None, message)
        } else {
            let parsed = Header::parse(message);
            let short = || Refusal::new(Rule::Field, "a binary message shorter than its header");
            let (header, pcm) = parsed.ok_or_else(short)?;
            (Some(header), pcm)
        };
        let samples = self.check_audio(leg, pcm)?;
        let complaint = match header {
            Some(header) => self.follow(header, samples)?,
            None => None,
        };
        leg.play(pcm)?;
        complaint.map_or(Ok(()), Err)
    }

    fn check_audio(&self, leg: &Leg, pcm: &[u8]) -> Result<u32, Refusal> {
        if pcm.is_empty() {
            return Err(Refusal::new(Rule::EmptyAudio, "a binary message without audio"));
        }
        if pcm.len() % 2 == 1 {
            return Err(Refusal::new(Rule::HalfSample, "the audio ends in half a sample"));
        }
        let samples = pcm.len() / 2;
        let rate = leg.dial.to_caller.sample_rate();
        if samples > rate.samples_in_ms(CHUNK_MS_MAX) {
            let detail = format!("a message of {samples} samples: at most {CHUNK_MS_MAX} ms");
            return Err(Refusal::new(Rule::ChunkDuration, detail));
        }
        Ok(u32::try_from(samples).unwrap_or(u32::MAX))
    }

    /// Takes up the counters of the engine. A generation that was cleared is refused; counters that
    /// do not follow each other are complained of.
    fn follow(&mut self, header: Header, samples: u32) -> Result<Option<Refusal>, Refusal> {
        let complaint = |detail| Some(Refusal::new(Rule::Sequence, detail));
        let mut found = None;
        match self.generation {
            None => self.begin_generation(header.generation),
            Some(current) if header.generation < current => {
                let detail = "audio of a generation that was cleared";
                return Err(Refusal::new(Rule::StaleGeneration, detail));
            }
            Some(current) if header.generation > current => {
                found = complaint("gen goes up without a clear");
                self.begin_generation(header.generation);
            }
            Some(_) => {}
        }
        let begins = self.next_offset == 0 && header.sequence == 0;
        if header.sequence != self.next_sequence && !begins {
            found = complaint("seq does not follow the message before");
        }
        if header.offset_samples != self.next_offset {
            found = complaint("offset_samples does not follow the audio before");
        }
        self.next_sequence = header.sequence.wrapping_add(1);
        self.next_offset = header.offset_samples.wrapping_add(samples);
        Ok(found)
    }
}

impl Carrier for Raw {
    fn caps(&self, _dial: &Dial) -> Caps {
        Caps {
            marks: MarkReturn::Labelled,
            acknowledges_clear: true,
            buffer: BUFFER,
            is_frame_exact: false,
            chunk_ms: Some((0, CHUNK_MS_MAX)),
            plays_digits: false,
            is_close_hang_up: true,
            announces_end: true,
        }
    }

    fn upgrade(&self, dial: &Dial) -> UpgradeRequest {
        let token = dial.token.iter().map(|token| Pii::new(format!("token.{}", token.expose())));
        let protocols = [Pii::new(PROTOCOL.to_owned())].into_iter().chain(token).collect();
        UpgradeRequest { headers: Vec::new(), protocols }
    }

    fn open(&mut self, leg: &mut Leg, now: Timestamp, protocol: Option<&str>) {
        if protocol != Some(PROTOCOL) {
            let refusal = Refusal::new(Rule::Handshake, "the sub-protocol is not voice.raw.v1");
            leg.violate(now, refusal, None);
            leg.end(now, Side::Caller, EndCause::HandshakeFailed, false);
            return;
        }
        let mut hello = json!({
            "type": "hello",
            "in": format_of(leg.dial.to_engine),
            "out": format_of(leg.dial.to_caller),
            "params": leg.dial.exposed_parameters(),
        });
        if leg.dial.quirks.raw_is_bare {
            hello["framing"] = json!("bare");
        }
        leg.send_text(write(&hello));
        leg.give_up_at = Some(now + READY_WAIT);
    }

    fn obey(&mut self, leg: &mut Leg, now: Timestamp, message: WireMessage) -> Result<(), Refusal> {
        match &message {
            WireMessage::Binary(bytes) => self.play(leg, bytes),
            WireMessage::Text(text) if text.len() > MESSAGE_BYTES_MAX => {
                let detail = format!("a message of {} bytes: {MESSAGE_BYTES_MAX}", text.len());
                Err(Refusal::new(Rule::MessageTooLong, detail))
            }
            WireMessage::Text(_) => self.obey_text(leg, now, &parse(&message)?),
        }
    }

    fn code_of(&self, _rule: Rule) -> Option<u32> {
        None
    }

    fn carry(&mut self, leg: &mut Leg, frame: CallerFrame<'_>) {
        let mut message = Vec::with_capacity(Header::BYTES + frame.payload.len());
        if !leg.dial.quirks.raw_is_bare {
            let header = Header {
                generation: 0,
                sequence: self.sent_messages,
                offset_samples: self.sent_samples,
            };
            header.write(&mut message);
        }
        message.extend_from_slice(frame.payload);
        self.sent_messages = self.sent_messages.wrapping_add(1);
        let samples = leg.dial.to_engine.sample_rate().frame_samples() as u32;
        self.sent_samples = self.sent_samples.wrapping_add(samples);
        leg.send_binary(message);
    }

    fn return_mark(&mut self, leg: &mut Leg, name: &str) {
        send_mark(leg, name, MarkFate::Played);
    }

    fn press(&mut self, leg: &mut Leg, _now: Timestamp, digit: DtmfDigit, _duration_ms: u32) {
        leg.send_text(write(&json!({"type": "dtmf", "digit": digit})));
    }

    fn stop(&mut self, leg: &mut Leg) {
        leg.send_text(write(&json!({"type": "bye"})));
    }

    fn unknown_event(&self) -> &'static str {
        r#"{"type":"x_heartbeat"}"#
    }
}

fn send_mark(leg: &mut Leg, name: &str, fate: MarkFate) {
    let state = match fate {
        MarkFate::Played => "played",
        MarkFate::Cleared => "cleared",
    };
    leg.send_text(write(&json!({"type": "mark", "name": name, "state": state})));
}

fn format_of(format: CodecFormat) -> Value {
    json!({"codec": CODEC, "rate": format.sample_rate().hz()})
}

fn is_format(named: Fields<'_>, format: CodecFormat) -> Result<bool, Refusal> {
    let is_codec = named.text("codec")? == CODEC;
    Ok(is_codec && named.count("rate")? == u64::from(format.sample_rate().hz()))
}

const CODEC: &str = "pcm16le";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Rig, literal};
    use crate::{CallState, Dialect};

    fn audio(generation: u32, sequence: u32, offset_samples: u32, samples: usize) -> Vec<u8> {
        let mut message = Vec::new();
        Header { generation, sequence, offset_samples }.write(&mut message);
        message.resize(Header::BYTES + 2 * samples, 1);
        message
    }

    #[test]
    fn messages_are_those_of_the_proposal() {
        let (mut rig, first) = Rig::open(Dialect::Raw, |dial| {
            dial.parameters.insert("agent".into(), Pii::new("demo".into()));
        });
        assert_eq!(
            first,
            [literal(
                r#"{"type":"hello","in":{"codec":"pcm16le","rate":16000},"out":{"codec":"pcm16le","rate":24000},"params":{"agent":"demo"}}"#
            )]
        );
        rig.run_ms(40);
        let WireMessage::Binary(second) = rig.messages().remove(1) else { panic!() };
        let header = Header { generation: 0, sequence: 1, offset_samples: 320 };
        assert_eq!(Header::parse(&second), Some((header, &[0; 640][..])));
        rig.send(audio(3, 0, 0, 480));
        rig.send(audio(3, 1, 480, 480));
        rig.say(&json!({"type": "mark", "name": "m"}));
        rig.run_ms(20);
        rig.messages();
        rig.say(&literal(r#"{"type":"clear","gen":4}"#));
        rig.say(&literal(r#"{"type":"mark","name":"n"}"#));
        rig.call.press(rig.now, "5".parse().unwrap(), 100);
        rig.call.hang_up(rig.now, Side::Caller);
        assert_eq!(
            rig.texts(),
            [
                literal(r#"{"type":"mark","name":"m","state":"cleared"}"#),
                literal(r#"{"type":"cleared","gen":3,"played_samples":480}"#),
                literal(r#"{"type":"mark","name":"n","state":"played"}"#),
                literal(r#"{"type":"dtmf","digit":"5"}"#),
                literal(r#"{"type":"bye"}"#),
            ]
        );
        assert_eq!(rig.broken_rules(), []);
    }

    #[test]
    fn audio_of_a_cleared_generation_is_not_played() {
        let (mut rig, _) = Rig::open(Dialect::Raw, |_| {});
        rig.send(audio(0, 0, 0, 480));
        rig.say(&json!({"type": "clear", "gen": 1}));
        rig.send(audio(0, 1, 480, 480));
        assert_eq!(rig.broken_rules(), [Rule::StaleGeneration]);
        assert_eq!(rig.call.played().samples_waiting, 0);
        rig.send(audio(1, 1, 0, 480));
        assert_eq!(rig.call.played().samples_waiting, 480);
        assert_eq!(rig.call.violation_count(), 1);
    }

    #[test]
    fn counters_that_jump_are_complained_of_and_the_audio_is_played() {
        let (mut rig, _) = Rig::open(Dialect::Raw, |_| {});
        rig.send(audio(0, 0, 0, 480));
        rig.send(audio(0, 2, 480, 480));
        rig.send(audio(0, 3, 1_000, 480));
        rig.send(audio(1, 4, 0, 480));
        assert_eq!(rig.broken_rules(), [Rule::Sequence; 3]);
        assert_eq!(rig.call.played().samples_waiting, 4 * 480);
    }

    #[test]
    fn messages_have_their_limits() {
        let (mut rig, _) = Rig::open(Dialect::Raw, |_| {});
        rig.send(audio(0, 0, 0, 4_801));
        rig.send(vec![0; 64_001]);
        rig.send(vec![0; 11]);
        rig.send(audio(0, 0, 0, 0));
        rig.say(&json!({"type": "mark", "name": "x".repeat(64_000)}));
        assert_eq!(
            rig.broken_rules(),
            [
                Rule::ChunkDuration,
                Rule::MessageTooLong,
                Rule::Field,
                Rule::EmptyAudio,
                Rule::MessageTooLong
            ]
        );
        assert_eq!(rig.call.played().samples_waiting, 0);
    }

    #[test]
    fn bare_audio_has_no_header() {
        let (mut rig, first) = Rig::open(Dialect::Raw, |dial| dial.quirks.raw_is_bare = true);
        assert_eq!(first[0]["framing"], "bare");
        rig.run_ms(20);
        assert_eq!(rig.messages(), [WireMessage::Binary(vec![0; 640])]);
        rig.send(vec![1; 960]);
        assert_eq!(rig.call.played().samples_waiting, 480);
    }

    #[test]
    fn the_token_is_offered_as_a_protocol_and_must_not_be_chosen() {
        let token = |dial: &mut Dial| dial.token = Some(Pii::new("jwt".into()));
        let mut rig = Rig::dial(Dialect::Raw, token);
        let offered = rig.call.upgrade().protocols;
        let offered: Vec<&str> = offered.iter().map(|name| name.expose().as_str()).collect();
        assert_eq!(offered, ["voice.raw.v1", "token.jwt"]);
        rig.call.handle_open(rig.now, Some("token.jwt"));
        assert_eq!(rig.broken_rules(), [Rule::Handshake]);
        assert!(matches!(rig.call.state(), CallState::Ended(_)));
    }

    #[test]
    fn a_client_waits_for_ready_and_not_for_ever() {
        let mut rig = Rig::dial(Dialect::Raw, |_| {});
        rig.call.handle_open(rig.now, Some(PROTOCOL));
        rig.send(audio(0, 0, 0, 480));
        assert_eq!(rig.broken_rules(), [Rule::Handshake]);
        rig.run_ms(9_999);
        assert_eq!(rig.call.state(), CallState::Connecting);
        rig.run_ms(1);
        let CallState::Ended(end) = rig.call.state() else { panic!() };
        assert_eq!(end.cause, EndCause::HandshakeFailed);
    }

    #[test]
    fn the_engine_hangs_up_with_a_message() {
        let (mut rig, _) = Rig::open(Dialect::Raw, |_| {});
        rig.say(&literal(r#"{"type":"hangup","reason":"completed"}"#));
        let CallState::Ended(end) = rig.call.state() else { panic!() };
        assert_eq!((end.by, end.cause), (Side::Engine, EndCause::HangupMessage));
        assert!(!end.is_line_up && rig.broken_rules().is_empty());
    }
}
