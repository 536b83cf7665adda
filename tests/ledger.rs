//! The playback ledger against carriers that are simulated with networks it does not know: at every
//! moment heard ≤ sent ≤ generated, and how far the estimate is from the truth.
//!
//! `cargo test --test tests ledger -- --nocapture` prints the table of `docs/playback-ledger.md`.

use std::time::Duration;

use offhook_emulator::{
    CallerLine, Dial, Dialect as Carrier, Emulator, Link, LinkConfig, WireMessage as Sent,
};
use offhook_telephony::{
    Anomaly, CannotSend, Caps, Carrier as Name, Decoded, Demand, Dialect, DialectOptions,
    FrameKind, MarkSupport, MediaStream, Outbox, StreamPhase, WireMessage, dialect_for,
};
use offhook_types::{CodecFormat, MediaCommand, Timestamp, UtteranceId};

/// A kind of evidence: whose stream, and what of its marks arrives.
#[derive(Clone, Copy, Debug)]
struct Kind {
    name: &'static str,
    carrier: (Carrier, Name),
    marks: Marks,
    /// The engine pings the socket.
    pings: bool,
    /// 95 of 100 estimates while the agent is heard are at most this far from the truth, in ms.
    error_ms_max: i64,
    /// The same for what was heard when the agent was interrupted.
    cut_error_ms_max: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Marks {
    AsTheCarrierDoes,
    /// Two of three are lost.
    MostLost,
    /// The carrier has none.
    None,
}

const TWILIO: (Carrier, Name) = (Carrier::Twilio, Name::Twilio);

const KINDS: [Kind; 8] = [
    Kind {
        name: "labelled, counted by the player (raw)",
        carrier: (Carrier::Raw, Name::Raw),
        ..kind(65, 45)
    },
    Kind { name: "echoed, also by a clear (Twilio)", carrier: TWILIO, ..kind(65, 45) },
    Kind {
        name: "the same, packets out of order (Telnyx)",
        carrier: (Carrier::Telnyx, Name::Telnyx),
        ..kind(65, 45)
    },
    Kind {
        name: "acknowledged clear (Plivo)",
        carrier: (Carrier::Plivo, Name::Plivo),
        ..kind(65, 45)
    },
    Kind {
        name: "acknowledged clear (Vonage)",
        carrier: (Carrier::Vonage, Name::Vonage),
        ..kind(65, 45)
    },
    Kind {
        name: "two of three marks lost (Twilio)",
        carrier: TWILIO,
        marks: Marks::MostLost,
        ..kind(75, 45)
    },
    Kind {
        name: "no marks, pings",
        carrier: TWILIO,
        marks: Marks::None,
        pings: true,
        ..kind(65, 45)
    },
    Kind { name: "no marks, clock only", carrier: TWILIO, marks: Marks::None, ..kind(250, 45) },
];

const fn kind(error_ms_max: i64, cut_error_ms_max: i64) -> Kind {
    Kind {
        name: "",
        carrier: TWILIO,
        marks: Marks::AsTheCarrierDoes,
        pings: false,
        error_ms_max,
        cut_error_ms_max,
    }
}

/// Networks that each kind is tried on.
const NETWORKS: u64 = 60;
const CALL_MS: u64 = 20_000;
/// Until the first marks are back nothing is known of a line.
const LEARNING_MS: u64 = 1_500;

#[test]
fn the_ledger_is_right_within_bounds_on_lines_it_does_not_know() {
    println!("| evidence | p50 ms | p95 ms | at a cut p50 ms | at a cut p95 ms | cuts |");
    println!("|---|---|---|---|---|---|");
    let mut faults = Vec::new();
    for kind in KINDS {
        let (mut errors, mut cut_errors) = (Vec::new(), Vec::new());
        for seed in 0..NETWORKS {
            let mut world = World::new(kind, seed);
            world.run();
            errors.append(&mut world.errors);
            cut_errors.append(&mut world.cut_errors);
        }
        let (p50, p95) = (percentile(&mut errors, 50), percentile(&mut errors, 95));
        let (cut50, cut95) = (percentile(&mut cut_errors, 50), percentile(&mut cut_errors, 95));
        let cuts = cut_errors.len();
        println!("| {} | {p50} | {p95} | {cut50} | {cut95} | {cuts} |", kind.name);
        assert!(cuts > 200, "{}: only {cuts} cuts", kind.name);
        if p95 > kind.error_ms_max || cut95 > kind.cut_error_ms_max {
            faults.push(format!("{}: p95 {p95} ms, at a cut {cut95} ms", kind.name));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

fn percentile(values: &mut [i64], percent: usize) -> i64 {
    values.sort_unstable();
    values[(values.len() - 1) * percent / 100]
}

/// An agent that speaks in clauses over one carrier's line, and is interrupted now and then.
struct World {
    kind: Kind,
    stream: MediaStream,
    carrier: Box<dyn Emulator>,
    down: Link,
    up: Link,
    networks: (LinkConfig, LinkConfig),
    random: fastrand::Rng,
    now: Timestamp,
    format: CodecFormat,
    utterance: UtteranceId,
    frames_left: u32,
    pause_until: Timestamp,
    next_cut: Timestamp,
    line: Line,
    has_bed: bool,
    /// What the carrier had played of each generation when its clear arrived.
    truth_of_cuts: Vec<u64>,
    errors: Vec<i64>,
    cut_errors: Vec<i64>,
}

/// A caller who says nothing.
struct Line;

impl CallerLine for Line {
    fn speak_into(&mut self, _at: Timestamp, _payload: &mut Vec<u8>) {}
    fn hear(&mut self, _at: Timestamp, _payload: Option<&[u8]>) {}
}

impl World {
    fn new(kind: Kind, seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut network = || LinkConfig {
            delay: Duration::from_millis(random.u64(10..=250)),
            jitter_max: Duration::from_millis(random.u64(0..=60)),
            stalls: None,
        };
        let (down, up) = (network(), network());
        // Ways differ, but not by more than networks do.
        let up = LinkConfig { delay: (down.delay + up.delay) / 2, ..up };
        let (carrier, name) = kind.carrier;
        let dialect = dialect_for(name, &DialectOptions::default());
        let dialect: Box<dyn Dialect> = match kind.marks {
            Marks::None => Box::new(Markless::new(dialect)),
            Marks::AsTheCarrierDoes | Marks::MostLost => dialect,
        };
        Self {
            kind,
            stream: MediaStream::new(dialect),
            carrier: carrier.dial(Dial::new(carrier, seed)).expect("a carrier"),
            down: Link::new(down, seed),
            up: Link::new(up, seed + 1),
            networks: (down, up),
            random,
            now: Timestamp::ZERO,
            format: CodecFormat::PCMU,
            utterance: UtteranceId::new(0),
            frames_left: 0,
            pause_until: Timestamp::from_millis(1_000),
            next_cut: Timestamp::from_millis(3_000),
            line: Line,
            has_bed: seed % 2 == 1,
            truth_of_cuts: Vec::new(),
            errors: Vec::new(),
            cut_errors: Vec::new(),
        }
    }

    fn run(&mut self) {
        let protocol = self.carrier.upgrade().protocols.first().map(|name| name.expose().clone());
        self.carrier.handle_open(self.now, protocol.as_deref());
        let mut next_ping = Timestamp::ZERO;
        while self.now < Timestamp::from_millis(CALL_MS) {
            self.now += Duration::from_millis(1);
            self.carry();
            if self.stream.phase() == StreamPhase::Open {
                if self.kind.pings && self.now >= next_ping {
                    next_ping = self.now + Duration::from_secs(5);
                    self.ping();
                }
                self.speak();
                self.interrupt();
                self.compare();
            }
        }
        assert_eq!(self.carrier.violation_count(), 0, "{:?}", self.carrier.violations());
    }

    /// Carries messages both ways.
    fn carry(&mut self) {
        if self.carrier.poll_timeout().is_some_and(|at| at <= self.now) {
            self.carrier.handle_timeout(self.now, &mut self.line);
        }
        while let Some(message) = self.carrier.poll_message() {
            self.up.send(self.now, message);
        }
        while let Some(message) = self.up.poll(self.now) {
            let is_mark = message.as_text().is_some_and(|text| text.contains("mark"));
            if self.kind.marks == Marks::MostLost && is_mark && self.random.u8(0..3) > 0 {
                continue;
            }
            let message = match &message {
                Sent::Text(text) => WireMessage::Text(text),
                Sent::Binary(bytes) => WireMessage::Binary(bytes),
            };
            self.stream.handle_message(self.now, message, |_| ());
        }
        while let Some(message) = self.stream.poll_message() {
            let message = match message {
                WireMessage::Text(text) => Sent::Text(text.to_owned()),
                WireMessage::Binary(bytes) => Sent::Binary(bytes.to_vec()),
            };
            self.down.send(self.now, message);
        }
        while let Some(message) = self.down.poll(self.now) {
            let before = self.carrier.played();
            self.carrier.handle_message(self.now, message);
            if self.carrier.played().clears > before.clears {
                self.truth_of_cuts.push(before.samples_since_clear);
            }
        }
    }

    /// A ping takes as long as a message each way.
    fn ping(&mut self) {
        let (down, up) = self.networks;
        let jitter = (down.jitter_max + up.jitter_max).mul_f32(self.random.f32());
        self.stream.observe_round_trip(down.delay + up.delay + jitter);
    }

    /// Clauses of half a second to five, with pauses of up to two.
    fn speak(&mut self) {
        self.format = self.stream.outbound_format().unwrap_or(self.format);
        if self.frames_left == 0 && self.now >= self.pause_until {
            self.frames_left = self.random.u32(25..250);
            self.utterance = self.utterance.next();
        }
        if self.frames_left == 0 {
            return self.send_bed();
        }
        for _ in 0..self.stream.frames_due(self.now, Demand::Speech) {
            if self.frames_left == 0 {
                break;
            }
            self.frames_left -= 1;
            self.send_frame(FrameKind::Speech(self.utterance));
        }
        self.stream.flush(self.now).expect("a flush");
        if self.frames_left == 0 {
            self.stream.end_utterance(self.now, self.utterance).expect("an end");
            let pause = Duration::from_millis(self.random.u64(300..2_000));
            self.pause_until = self.now + pause;
        }
    }

    /// Every other agent has an ambience that goes on in its pauses.
    fn send_bed(&mut self) {
        if !self.has_bed {
            return;
        }
        for _ in 0..self.stream.frames_due(self.now, Demand::Bed) {
            self.send_frame(FrameKind::Bed);
        }
        self.stream.flush(self.now).expect("a flush");
    }

    fn send_frame(&mut self, kind: FrameKind) {
        let payload = [0x11; 4_000];
        let samples = self.format.sample_rate().frame_samples();
        let bytes = samples * self.format.samples_in_bytes(4_000).map_or(1, |s| 4_000 / s);
        self.stream.send_frame(self.now, &payload[..bytes], kind).expect("a frame");
    }

    fn interrupt(&mut self) {
        if let Some(heard) = self.stream.poll_settled(self.now) {
            let generation = heard.generation.index() as usize;
            let truth = self.truth_of_cuts.get(generation).copied();
            // A line so slow that the clear is not there yet when the evidence must be complete.
            if let Some(truth) = truth {
                self.cut_errors.push(self.millis(heard.samples.abs_diff(truth)));
            }
        }
        if self.now < self.next_cut || self.frames_left == 0 {
            return;
        }
        self.next_cut = self.now + Duration::from_millis(self.random.u64(2_000..5_000));
        self.frames_left = 0;
        self.pause_until = self.now + Duration::from_millis(1_500);
        self.stream.clear(self.now).expect("a clear");
        if self.stream.frames_due(self.now, Demand::Speech) > 0 {
            (0..3).for_each(|_| self.send_frame(FrameKind::Tail));
            self.stream.flush(self.now).expect("a flush");
        }
    }

    fn compare(&mut self) {
        let ledger = self.stream.ledger().expect("an open stream");
        let heard = ledger.heard(self.now);
        assert!(heard.samples <= ledger.sent() && ledger.sent() <= ledger.generated());
        assert!(heard.utterance_samples <= heard.samples);
        let played = self.carrier.played();
        let is_same_generation = played.clears == ledger.generation().index();
        let is_heard = played.samples_waiting > 0;
        if !is_same_generation || !is_heard || self.now < Timestamp::from_millis(LEARNING_MS) {
            return;
        }
        self.errors.push(self.millis(heard.samples.abs_diff(played.samples_since_clear)));
    }

    fn millis(&self, samples: u64) -> i64 {
        (samples * 1_000 / u64::from(self.format.sample_rate().hz())) as i64
    }
}

/// A dialect whose carrier has no marks.
struct Markless {
    dialect: Box<dyn Dialect>,
    caps: Caps,
}

impl Markless {
    fn new(dialect: Box<dyn Dialect>) -> Self {
        let marks = MarkSupport::None;
        let caps = Caps { marks, returns_idle_marks: false, ..*dialect.caps() };
        Self { dialect, caps }
    }
}

impl Dialect for Markless {
    fn caps(&self) -> &Caps {
        &self.caps
    }

    fn decode<'a>(
        &'a mut self,
        message: WireMessage<'a>,
        replies: &mut Outbox,
    ) -> Result<Decoded<'a>, Anomaly> {
        self.dialect.decode(message, replies)
    }

    fn encode(&mut self, command: MediaCommand<'_>, out: &mut Outbox) -> Result<(), CannotSend> {
        assert!(!matches!(command, MediaCommand::Mark(_)), "a mark for a carrier without marks");
        self.dialect.encode(command, out)
    }
}
