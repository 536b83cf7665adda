//! One call through any carrier: pacing, marks and the end are here, the words are the carrier's.

use std::fmt;

use offhook_types::{DtmfDigit, Timestamp};

use crate::leg::{Leg, TICK};
use crate::playout::byte_length;
use crate::violation::{Refusal, Rule};
use crate::{
    CallEnd, CallState, CallerLine, Caps, Dial, Emulator, EndCause, LineEvent, LineEventKind,
    LineFormats, Played, Side, Tally, UpgradeRequest, Violation, WireMessage,
};

/// Most ticks that one `handle_timeout` makes up for: a minute. A clock that jumps further is
/// caught up with over several calls, so that one call never takes unbounded time or memory.
pub const TICKS_PER_TIMEOUT_MAX: usize = 3_000;

/// The words of one dialect. Everything that a carrier sends goes through the [`Leg`].
pub(crate) trait Carrier: fmt::Debug + Send {
    /// What the dialect can do; asked once, before the call.
    fn caps(&self, dial: &Dial) -> Caps;

    /// What is asked for in the upgrade.
    fn upgrade(&self, dial: &Dial) -> UpgradeRequest;

    /// The socket is open: say what comes first, and start the stream when the dialect is ready.
    fn open(&mut self, leg: &mut Leg, now: Timestamp, protocol: Option<&str>);

    /// Obey a message of the engine, or refuse it.
    fn obey(&mut self, leg: &mut Leg, now: Timestamp, message: WireMessage) -> Result<(), Refusal>;

    /// The carrier's own number for a refusal.
    fn code_of(&self, rule: Rule) -> Option<u32>;

    /// Tell the engine about a refusal, where the carrier does.
    fn complain(&mut self, _leg: &mut Leg, _refusal: &Refusal) {}

    /// Send 20 ms of the caller.
    fn carry(&mut self, leg: &mut Leg, frame: CallerFrame<'_>);

    /// Tell the engine that a mark's audio was played.
    fn return_mark(&mut self, leg: &mut Leg, name: &str);

    /// Tell the engine about a key.
    fn press(&mut self, leg: &mut Leg, now: Timestamp, digit: DtmfDigit, duration_ms: u32);

    /// A tick of the line, before its audio.
    fn tick(&mut self, _leg: &mut Leg, _at: Timestamp) {}

    /// The line went down: say what is said then.
    fn stop(&mut self, leg: &mut Leg);

    /// A message of a kind that no documentation names.
    fn unknown_event(&self) -> &'static str;
}

/// 20 ms of the caller.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallerFrame<'a> {
    pub(crate) at: Timestamp,
    /// When it was spoken, since the stream began.
    pub(crate) timestamp_ms: u64,
    pub(crate) payload: &'a [u8],
}

/// A call in the dialect of `C`.
#[derive(Debug)]
pub(crate) struct Call<C> {
    leg: Leg,
    carrier: C,
    random: fastrand::Rng,
    is_open: bool,
    ticks: u64,
    speech: Vec<u8>,
}

impl<C: Carrier> Call<C> {
    pub(crate) fn new(dial: Dial, carrier: C) -> Self {
        let caps = carrier.caps(&dial);
        let random = fastrand::Rng::with_seed(dial.seed ^ LOSS_STREAM);
        let leg = Leg::new(dial, caps);
        Self { leg, carrier, random, is_open: false, ticks: 0, speech: Vec::new() }
    }

    fn tick(&mut self, at: Timestamp, line: &mut dyn CallerLine) {
        self.leg.playout.finish_frame();
        self.return_due_marks(at);
        let (payload, turn) = self.leg.playout.next_frame();
        line.hear(at, payload);
        self.leg.note_turn(at, turn);
        self.carrier.tick(&mut self.leg, at);
        let is_loud = self.leg.dial.quirks.adds_unknown;
        if is_loud && self.ticks.is_multiple_of(UNKNOWN_EVENT_TICKS) {
            self.leg.send_text(self.carrier.unknown_event().to_owned());
        }
        self.carry(at, line);
        self.ticks += 1;
    }

    fn carry(&mut self, at: Timestamp, line: &mut dyn CallerLine) {
        self.speech.clear();
        line.speak_into(at, &mut self.speech);
        let format = self.leg.dial.to_engine;
        if let Some(silence) = format.codec().silence_byte() {
            let samples = format.sample_rate().frame_samples() as u64;
            self.speech.resize(byte_length(format, samples), silence);
        }
        let loss = self.leg.dial.quirks.upstream_loss_percent;
        let is_lost = loss > 0 && self.random.u8(..100) < loss;
        if self.speech.is_empty() || is_lost {
            return;
        }
        self.leg.tally.frames_sent += 1;
        let timestamp_ms = self.ticks * 20;
        let frame = CallerFrame { at, timestamp_ms, payload: &self.speech };
        self.carrier.carry(&mut self.leg, frame);
    }

    fn return_due_marks(&mut self, now: Timestamp) {
        while let Some(name) = self.leg.pop_due_mark(now) {
            self.carrier.return_mark(&mut self.leg, &name);
        }
    }
}

impl<C: Carrier> Emulator for Call<C> {
    fn upgrade(&self) -> UpgradeRequest {
        let dial = &self.leg.dial;
        let mut upgrade = self.carrier.upgrade(dial);
        upgrade.headers.extend(dial.headers.iter().cloned());
        upgrade
    }

    fn formats(&self) -> LineFormats {
        LineFormats { to_engine: self.leg.dial.to_engine, to_caller: self.leg.dial.to_caller }
    }

    fn caps(&self) -> Caps {
        self.leg.caps
    }

    fn state(&self) -> CallState {
        self.leg.state
    }

    fn played(&self) -> Played {
        self.leg.playout.played()
    }

    fn tally(&self) -> Tally {
        self.leg.tally
    }

    fn violations(&self) -> &[Violation] {
        &self.leg.violations
    }

    fn violation_count(&self) -> u64 {
        self.leg.violation_count
    }

    fn press(&mut self, now: Timestamp, digit: DtmfDigit, duration_ms: u32) {
        if self.leg.is_streaming() {
            self.leg.note(now, LineEventKind::DigitPressed { digit });
            self.carrier.press(&mut self.leg, now, digit, duration_ms);
        }
    }

    fn hang_up(&mut self, now: Timestamp, by: Side) {
        if let CallState::Ended(end) = self.leg.state {
            self.leg.state = CallState::Ended(CallEnd { is_line_up: false, ..end });
            return;
        }
        if self.leg.is_streaming() {
            self.carrier.stop(&mut self.leg);
        }
        self.leg.end(now, by, EndCause::LineDropped, false);
    }

    fn handle_open(&mut self, now: Timestamp, protocol: Option<&str>) {
        if self.leg.state == CallState::Connecting && !self.is_open {
            self.is_open = true;
            self.leg.note(now, LineEventKind::Connected);
            self.carrier.open(&mut self.leg, now, protocol);
        }
    }

    fn handle_refused(&mut self, now: Timestamp, status: Option<u16>) {
        let is_line_up = self.leg.dial.has_next_instruction;
        self.leg.end(now, Side::Engine, EndCause::Refused(status), is_line_up);
    }

    fn handle_message(&mut self, now: Timestamp, message: WireMessage) {
        if self.leg.is_ended() || !self.is_open {
            // It was under way when the stream ended, or comes before it began: nobody reads it.
            return;
        }
        self.leg.tally.messages_received += 1;
        if let Err(refusal) = self.carrier.obey(&mut self.leg, now, message) {
            let code = self.carrier.code_of(refusal.rule);
            self.carrier.complain(&mut self.leg, &refusal);
            self.leg.violate(now, refusal, code);
        }
        self.return_due_marks(now);
    }

    fn handle_closed(&mut self, now: Timestamp) {
        let hangs_up = self.leg.caps.is_close_hang_up && !self.leg.dial.has_next_instruction;
        self.leg.end(now, Side::Engine, EndCause::SocketClosed, !hangs_up);
        self.leg.outbox.clear();
    }

    fn handle_timeout(&mut self, now: Timestamp, line: &mut dyn CallerLine) {
        if self.leg.give_up_at.is_some_and(|at| at <= now) && !self.leg.is_ended() {
            let refusal = Refusal::new(Rule::Handshake, "the first answer did not come in time");
            self.leg.violate(now, refusal, None);
            self.leg.end(now, Side::Carrier, EndCause::HandshakeFailed, false);
        }
        for _ in 0..TICKS_PER_TIMEOUT_MAX {
            if !self.leg.is_streaming() || self.leg.next_tick > now {
                break;
            }
            let at = self.leg.next_tick;
            self.leg.next_tick += TICK;
            self.tick(at, line);
        }
    }

    fn poll_message(&mut self) -> Option<WireMessage> {
        let message = self.leg.outbox.pop_front()?;
        self.leg.tally.messages_sent += 1;
        Some(message)
    }

    fn poll_event(&mut self) -> Option<LineEvent> {
        self.leg.events.pop_front()
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        match self.leg.state {
            CallState::Connecting => self.leg.give_up_at,
            CallState::Streaming => Some(self.leg.next_tick),
            CallState::Ended(_) => None,
        }
    }
}

/// Keeps losses apart from other random numbers of the same seed.
const LOSS_STREAM: u64 = 0x1055;
/// Unknown messages come once a second.
const UNKNOWN_EVENT_TICKS: u64 = 50;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{Rig, base64};
    use crate::{Dialect, MarkReturn, Reordering};

    /// What an engine says in any dialect: right, half right and wrong.
    fn anything(dialect: Dialect) -> impl Strategy<Value = WireMessage> {
        let stream = Dial::new(dialect, 1).ids.stream;
        let word = prop::sample::select(vec![
            "media",
            "mark",
            "clear",
            "playAudio",
            "checkpoint",
            "clearAudio",
            "sendDTMF",
            "notify",
            "ready",
            "hangup",
            "transcript",
            "x",
        ]);
        let value = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(|number| json!(number)),
            ".{0,8}".prop_map(|text| json!(text)),
            prop::collection::vec(any::<u8>(), 0..400).prop_map(|bytes| {
                json!({
                    "payload": base64(&bytes), "name": "m", "contentType": "audio/x-mulaw",
                    "sampleRate": 8000, "codec": "pcm16le", "rate": 16000,
                })
            }),
        ];
        let shaped = (word, value).prop_map(move |(word, value)| {
            WireMessage::Text(
                json!({
                    "event": word, "action": word, "type": word, "streamSid": stream,
                    "streamId": stream, "media": value, "mark": value, "payload": value,
                    "name": "m", "gen": 1, "dtmf": "1", "in": value, "out": value,
                })
                .to_string(),
            )
        });
        prop_oneof![
            4 => shaped,
            1 => ".{0,60}".prop_map(WireMessage::Text),
            1 => prop::collection::vec(any::<u8>(), 0..1_500).prop_map(WireMessage::Binary),
            1 => Just(WireMessage::Binary(vec![0; 640])),
        ]
    }

    fn any_dialect_with_messages() -> impl Strategy<Value = (Dialect, Vec<(u64, WireMessage)>)> {
        prop::sample::select(Dialect::ALL.to_vec()).prop_flat_map(|dialect| {
            let step = (0_u64..60, anything(dialect));
            (Just(dialect), prop::collection::vec(step, 0..60))
        })
    }

    proptest! {
        #[test]
        fn whatever_the_engine_sends_is_obeyed_or_recorded(
            (dialect, steps) in any_dialect_with_messages(),
            wild: bool,
        ) {
            let (mut rig, _) = Rig::open(dialect, |dial| {
                dial.quirks.adds_unknown = wild;
                dial.quirks.escapes_slashes = wild;
                dial.quirks.upstream_loss_percent = if wild { 30 } else { 0 };
                dial.quirks.reorders =
                    wild.then_some(Reordering { percent: 50, overtaken_max: 4 });
            });
            for (pause_ms, message) in steps {
                rig.call.handle_message(rig.now, message);
                rig.run_ms(pause_ms);
                // `texts` fails on anything that is not JSON.
                rig.texts();
                let (played, tally) = (rig.call.played(), rig.call.tally());
                prop_assert!(played.samples_since_clear <= played.samples);
                prop_assert!(tally.marks_played + tally.marks_cleared <= tally.marks_set);
                let kept = rig.call.violations().len() as u64;
                prop_assert_eq!(kept, rig.call.violation_count().min(100));
            }
            rig.call.handle_closed(rig.now);
            prop_assert_eq!(rig.call.poll_timeout(), None);
        }

        #[test]
        fn marks_return_in_the_order_in_which_they_were_set(
            steps in prop::collection::vec((0_u8..3, 0_u64..100), 1..80),
        ) {
            for dialect in [Dialect::Twilio, Dialect::Telnyx] {
                let (mut rig, _) = Rig::open(dialect, |_| {});
                prop_assert_eq!(rig.call.caps().marks, MarkReturn::PlayedAndCleared);
                let stream = Dial::new(dialect, 1).ids.stream;
                let (mut set, mut returned) = (0, Vec::new());
                for (step, pause_ms) in &steps {
                    let mut message = match step {
                        0 => json!({"event": "media", "media": {"payload": base64(&[1; 320])}}),
                        1 => json!({"event": "mark", "mark": {"name": set.to_string()}}),
                        _ => json!({"event": "clear"}),
                    };
                    set += i32::from(*step == 1);
                    if dialect == Dialect::Twilio {
                        message["streamSid"] = json!(stream);
                    }
                    rig.say(&message);
                    rig.run_ms(*pause_ms);
                    returned.extend(names(&rig.replies()));
                }
                rig.run_ms(40 * steps.len() as u64 + 40);
                returned.extend(names(&rig.replies()));
                let expected: Vec<Value> =
                    (0..set).map(|index| json!(index.to_string())).collect();
                prop_assert_eq!(returned, expected);
                prop_assert_eq!(rig.call.violation_count(), 0);
            }
        }
    }

    fn names(replies: &[Value]) -> Vec<Value> {
        replies.iter().map(|reply| reply["mark"]["name"].clone()).collect()
    }

    #[test]
    fn audio_moves_every_20_ms_on_absolute_deadlines() {
        for dialect in Dialect::ALL {
            let (mut rig, _) = Rig::open(dialect, |_| {});
            // A driver that is 7 ms late each time must not make the line drift.
            let mut now = Timestamp::ZERO;
            for index in 1..=50 {
                let due = rig.call.poll_timeout().unwrap();
                assert_eq!(due, Timestamp::from_millis(20 * index));
                now = due + std::time::Duration::from_millis(7);
                rig.call.handle_timeout(now, &mut rig.caller);
            }
            assert_eq!(rig.call.tally().frames_sent, 50);
            rig.call.handle_timeout(now + std::time::Duration::from_millis(200), &mut rig.caller);
            assert_eq!(rig.caller.heard.len(), 60, "what was missed is made up for");
        }
    }

    #[test]
    fn a_clock_that_jumps_is_caught_up_with_in_steps() {
        let (mut rig, _) = Rig::open(Dialect::Twilio, |_| {});
        let far = Timestamp::from_micros(u64::MAX);
        rig.call.handle_timeout(far, &mut rig.caller);
        assert_eq!(rig.caller.heard.len(), TICKS_PER_TIMEOUT_MAX);
        assert!(rig.call.poll_timeout().unwrap() < far);
    }

    #[test]
    fn lost_packets_leave_gaps_in_the_timestamps_and_not_in_the_counters() {
        let (mut rig, _) =
            Rig::open(Dialect::Twilio, |dial| dial.quirks.upstream_loss_percent = 20);
        rig.run_ms(2_000);
        let texts = rig.texts();
        assert!((60..95).contains(&texts.len()), "{}", texts.len());
        for (index, text) in texts.iter().enumerate() {
            assert_eq!(text["media"]["chunk"], (index + 1).to_string());
        }
        let last: usize =
            texts.last().unwrap()["media"]["timestamp"].as_str().unwrap().parse().unwrap();
        assert!(last > 20 * texts.len());
    }

    #[test]
    fn unknown_fields_events_and_escapes_change_nothing_of_what_is_said() {
        let (mut plain, plain_first) = Rig::open(Dialect::Plivo, |_| {});
        let (mut wild, mut wild_first) = Rig::open(Dialect::Plivo, |dial| {
            dial.quirks.adds_unknown = true;
            dial.quirks.escapes_slashes = true;
        });
        wild_first[0].as_object_mut().unwrap().remove("x_future").unwrap();
        assert_eq!(wild_first, plain_first);
        wild.run_ms(40);
        plain.run_ms(40);
        let is_escaped = |message: &WireMessage| message.as_text().unwrap().contains("\\/");
        assert!(wild.messages()[1..].iter().all(is_escaped), "silence is base64 of slashes");
        assert!(!plain.messages().iter().any(is_escaped));
    }

    #[test]
    fn a_refused_upgrade_ends_the_call() {
        let mut rig = Rig::dial(Dialect::Twilio, |_| {});
        rig.call.handle_refused(rig.now, Some(403));
        let CallState::Ended(end) = rig.call.state() else { panic!() };
        assert_eq!((end.by, end.cause), (Side::Engine, EndCause::Refused(Some(403))));
        rig.call.handle_open(rig.now, None);
        assert!(rig.messages().is_empty());
    }

    #[test]
    fn a_call_ends_once_and_hears_nothing_afterwards() {
        let (mut rig, _) = Rig::open(Dialect::Telnyx, |_| {});
        rig.call.hang_up(rig.now, Side::Caller);
        let ended = rig.call.state();
        rig.run_ms(20);
        rig.say(&json!({"event": "x"}));
        rig.call.handle_closed(rig.now);
        assert_eq!(rig.call.state(), ended);
        assert_eq!((rig.call.violation_count(), rig.caller.heard.len()), (0, 0));
    }

    #[test]
    fn secrets_and_numbers_are_not_printed() {
        let (rig, _) = Rig::open(Dialect::Telnyx, |dial| {
            dial.token = Some(offhook_types::Pii::new("hunter2".into()));
        });
        let printed = format!("{:?}", rig.call);
        assert!(!printed.contains("hunter2") && !printed.contains("4155550123"), "{printed}");
    }
}
