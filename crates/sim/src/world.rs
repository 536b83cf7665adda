//! The world around one session.

use std::time::Duration;

use offhook_emulator::{
    CallState, Dial, Dialect as Dialled, Emulator, LineEventKind, Link, LinkConfig, Side,
    WireMessage as Sent,
};
use offhook_session::{Input, MediaRecorder, Output, Session, SessionConfig, State};
use offhook_telephony::{Carrier, DialectOptions, HangupMeans, WireMessage, dialect_for};
use offhook_types::{
    CallEvent, CarrierCommand, CarrierEvent, ControlCommand, DtmfDigit, EndReason, Evidence,
    Timestamp, TraceLine, TransferMode,
};

use crate::agenda::Agenda;
use crate::asked::Asked;
use crate::caller::{Act, Caller, KEY_MS, TimedWord};
use crate::checks::Checks;
use crate::ear::Ear;
use crate::exchange::{Exchange, ExchangeDeed};
use crate::faults::Faults;
use crate::line::Line;
use crate::pending::Pending;
use crate::promises::{Moment, Promises};
use crate::providers::Providers;
use crate::speakers::Speakers;
use crate::stand_ins::StandIns;

/// A call to be played.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Whose stream it is. Default Twilio.
    pub carrier: Carrier,
    /// The agent.
    pub agent: SessionConfig,
    /// The caller.
    pub caller: Caller,
    /// What the model answers, turn by turn.
    pub answers: Vec<String>,
    /// The recogniser, the models and the voice.
    pub providers: Providers,
    /// From the carrier to the engine, and back. Default without delay.
    pub network: (LinkConfig, LinkConfig),
    /// What the carrier does beside carrying the call. Default nothing.
    pub exchange: Exchange,
    /// Commands from outside. Default none.
    pub operator: Agenda<ControlCommand>,
    /// Quiet after everything was said that ends the simulation of a call that nobody ends.
    pub quiet_max: Duration,
    /// The seed of networks and chance.
    pub seed: u64,
    /// Keeps the media trace, made by the binary and processor of this name.
    pub media_trace_by: Option<String>,
}

/// A call that is played, and all that is known of it.
pub struct World {
    session: Session,
    carrier: Box<dyn Emulator>,
    up: Link,
    down: Link,
    line: Line,
    stand_ins: StandIns,
    exchange: Exchange,
    /// A cold transfer takes the stream away when it begins.
    takes_stream: bool,
    operator: Agenda<ControlCommand>,
    quiet_max: Duration,
    asked: Asked,
    /// It rings, or the stream is open.
    is_ringing: bool,
    /// Until when the carrier holds the caller's media back.
    media_held_until: Timestamp,
    /// When the engine's hang-up reaches the carrier.
    dropped_at: Option<(Timestamp, HangupMeans)>,
    /// The session knows that its stream is over.
    was_closed: bool,
    /// When a transfer takes the stream away.
    taken_at: Option<Timestamp>,
    /// Keys that the carrier was asked to send.
    keys: Pending<DtmfDigit>,
    now: Timestamp,
    /// The last moment at which something was going on.
    busy_at: Timestamp,
    checks: Checks,
    promises: Promises,
    faults: Faults,
    /// Samples that are enough to be heard, at the rate of what the caller hears, on top of what
    /// the network may hold back: without marks nobody can know of it.
    audible_samples: u64,
    /// When the caller pressed a key last.
    pressed_at: Timestamp,
    decisions: Vec<Evidence>,
    trace: Vec<TraceLine>,
    recorder: Option<MediaRecorder>,
    media_trace: Vec<u8>,
    ended: Option<EndReason>,
    ended_at: Option<Timestamp>,
}

impl Scenario {
    /// A caller and the agent's answers, with everything else as usual.
    pub fn new(agent: SessionConfig, caller: Caller, answers: &[&str]) -> Self {
        Self {
            carrier: Carrier::Twilio,
            agent,
            caller,
            answers: answers.iter().map(|answer| (*answer).to_owned()).collect(),
            providers: Providers::default(),
            network: (LinkConfig::default(), LinkConfig::default()),
            exchange: Exchange::default(),
            operator: Agenda::default(),
            quiet_max: QUIET_AFTER,
            seed: 1,
            media_trace_by: None,
        }
    }

    /// Plays the call to its end; the agent hums.
    pub fn play(self) -> World {
        World::new(self, None).run()
    }
}

impl World {
    /// A call that begins. The agent hums, unless it has a voice.
    pub fn new(scenario: Scenario, voice: Option<(&str, Box<dyn Speakers>)>) -> Self {
        let dialled = match scenario.carrier {
            Carrier::Raw => Dialled::Raw,
            Carrier::Twilio => Dialled::Twilio,
            Carrier::Telnyx => Dialled::Telnyx,
            Carrier::Plivo => Dialled::Plivo,
            Carrier::Vonage => Dialled::Vonage,
        };
        let carrier = dialled.dial(Dial::new(dialled, scenario.seed)).expect("usual formats");
        let formats = carrier.formats();
        let (up, down) = scenario.network;
        let options = DialectOptions::default();
        let recorder = scenario.media_trace_by.map(|made_by| {
            MediaRecorder::new(&scenario.agent, scenario.carrier, &options, made_by)
                .expect("every agent has a JSON form")
        });
        let dialect = dialect_for(scenario.carrier, &options);
        let audio = &scenario.agent.audio;
        let mut stand_ins = StandIns::new(
            scenario.providers.clone(),
            &scenario.answers,
            audio.recogniser_rate,
            audio.voice_rate,
            scenario.seed,
        );
        let clear_max = longest(&down)
            + Duration::from_millis(scenario.agent.turns.fade_out_ms.into())
            + CLEAR_AT_CARRIER;
        let heard_rate = formats.to_caller.sample_rate();
        let unknown_ms = u32::try_from(longest(&down).as_millis()).unwrap_or(u32::MAX);
        let promises = Promises::of(&scenario.agent);
        let checks = Checks::new(voice.is_none(), clear_max);
        if let Some((name, speakers)) = voice {
            stand_ins = stand_ins.with_voice(name, speakers);
        }
        Self {
            session: Session::new(scenario.agent, dialect),
            carrier,
            up: Link::new(up, scenario.seed),
            down: Link::new(down, scenario.seed ^ 1),
            line: Line::new(scenario.caller, formats),
            takes_stream: scenario.providers.transfers.takes_stream,
            stand_ins,
            exchange: scenario.exchange,
            operator: scenario.operator,
            quiet_max: scenario.quiet_max,
            asked: Asked::default(),
            is_ringing: true,
            media_held_until: Timestamp::ZERO,
            dropped_at: None,
            was_closed: false,
            taken_at: None,
            keys: Pending::default(),
            now: Timestamp::ZERO,
            busy_at: Timestamp::ZERO,
            checks,
            promises,
            faults: Faults::default(),
            audible_samples: heard_rate.samples_in_ms(AUDIBLE_MS + unknown_ms) as u64,
            pressed_at: Timestamp::ZERO,
            decisions: Vec::new(),
            trace: Vec::new(),
            recorder,
            media_trace: Vec::new(),
            ended: None,
            ended_at: None,
        }
    }

    /// The session, to be asked what it knows.
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// What the caller did and heard, in the caller's time: since the stream began.
    pub const fn caller(&self) -> &Caller {
        &self.line.caller
    }

    /// What the caller heard.
    pub const fn ear(&self) -> &Ear {
        &self.line.ear
    }

    /// How long the call lasted.
    pub fn duration(&self) -> Duration {
        self.now.saturating_since(Timestamp::ZERO)
    }

    /// The rules that decided, in order.
    pub fn decisions(&self) -> &[Evidence] {
        &self.decisions
    }

    /// The decision trace.
    pub fn trace(&self) -> &[TraceLine] {
        &self.trace
    }

    /// The media trace, where the scenario asks for it.
    pub fn media_trace(&self) -> &[u8] {
        &self.media_trace
    }

    /// Why the call ended, if it did.
    pub const fn ended(&self) -> Option<&EndReason> {
        self.ended.as_ref()
    }

    /// What the session asked of the world.
    pub const fn asked(&self) -> &Asked {
        &self.asked
    }

    /// What the carrier and operators have not done yet.
    pub fn left_outside(&self) -> usize {
        self.exchange.does.left() + self.operator.left()
    }

    /// What must never be, and was.
    pub fn faults(&self) -> &[String] {
        self.faults.all()
    }

    /// Plays until everything was said and answered.
    #[must_use]
    pub fn run(mut self) -> Self {
        self.ring();
        while self.ended.is_none() && !self.is_over() {
            self.step();
        }
        self.media_trace = self.recorder.take().map(MediaRecorder::finish).unwrap_or_default();
        self.see_line_drop();
        let heard = (&self.line.ear, self.unknown());
        self.checks.end(self.now, &self.session, heard, &mut self.faults);
        self
    }

    /// Whether nothing will happen any more.
    fn is_over(&self) -> bool {
        let caller = &self.line.caller;
        let quiet = self.now.saturating_since(self.busy_at);
        let time = self.line.time(self.now);
        let is_done =
            caller.left() + self.left_outside() == 0 && time >= caller.free_at() + self.quiet_max;
        let heard = self.line.ear.stretches().last().map_or(Duration::ZERO, |last| last.to);
        let is_waiting = time >= caller.free_at().max(heard) + GIVE_UP_AFTER;
        (quiet >= self.quiet_max && is_done) || is_waiting || time >= CALL_MAX
    }

    fn step(&mut self) {
        self.now += STEP;
        self.ring();
        self.happen();
        match self.line.act(self.now) {
            Some(Act::HangUp) => self.carrier.hang_up(self.now, Side::Caller),
            Some(Act::Press(digit)) => {
                self.pressed_at = self.now;
                self.carrier.press(self.now, digit, KEY_MS);
            }
            None => {}
        }
        if self.carrier.poll_timeout().is_some_and(|at| at <= self.now) {
            self.carrier.handle_timeout(self.now, &mut self.line);
        }
        while let Some(message) = self.carrier.poll_message() {
            self.up.send(self.now, message);
        }
        while self.now >= self.media_held_until
            && let Some(message) = self.up.poll(self.now)
        {
            match &message {
                Sent::Text(text) => self.tell(Input::Wire(WireMessage::Text(text))),
                Sent::Binary(bytes) => self.tell(Input::Wire(WireMessage::Binary(bytes))),
            }
        }
        if matches!(self.carrier.state(), CallState::Ended(_))
            && self.up.in_flight() == 0
            && !std::mem::replace(&mut self.was_closed, true)
        {
            self.tell(Input::Closed);
        }
        while let Some(input) = self.stand_ins.poll_input(self.now) {
            self.tell(input);
        }
        if self.session.poll_timeout().is_some_and(|(at, _)| at <= self.now) {
            self.tell(Input::Timeout);
        }
        while let Some(message) = self.down.poll(self.now) {
            self.carrier.handle_message(self.now, message);
        }
        if let Some((_, means)) = self.dropped_at.take_if(|(at, _)| *at <= self.now) {
            match means {
                HangupMeans::Rest => self.carrier.hang_up(self.now, Side::Engine),
                HangupMeans::Close => self.carrier.handle_closed(self.now),
                // The message that drops the line was sent before.
                HangupMeans::Stream => {}
            }
        }
        let began = self.now.saturating_since(Timestamp::ZERO) - self.line.time(self.now);
        self.checks.step(self.now, began, &self.session, &self.line.ear, &mut self.faults);
        self.promises.step(self.moment(), &mut self.faults);
        if self.session.state() != State::Listening || self.stand_ins.in_flight() > 0 {
            self.busy_at = self.now;
        }
    }

    /// The call is over for the session: the line must be gone soon.
    fn see_line_drop(&mut self) {
        if self.ended.is_none() || self.dropped_at.is_none() {
            return;
        }
        let until = self.now + DROPS_WITHIN;
        let is_up = |carrier: &dyn Emulator| {
            matches!(carrier.state(), CallState::Connecting | CallState::Streaming)
        };
        while is_up(&*self.carrier) && self.now < until {
            self.step();
        }
        if is_up(&*self.carrier) {
            self.faults.note(self.now, "the line is still open");
        }
    }

    /// How long the line had been gone when the session heard of it.
    fn unknown(&self) -> Duration {
        match (self.carrier.state(), self.ended_at) {
            (CallState::Ended(end), Some(ended_at)) => ended_at.saturating_since(end.at),
            (CallState::Ended(_) | CallState::Connecting | CallState::Streaming, _) => {
                Duration::ZERO
            }
        }
    }

    /// How long ago the agent was heard last.
    fn agent_silent(&self) -> Duration {
        let last = self.line.ear.stretches().last().map(|last| last.to);
        let time = self.line.time(self.now);
        last.map_or(Duration::MAX, |last| time.saturating_sub(last))
    }

    fn moment(&self) -> Moment {
        let time = self.line.time(self.now);
        let is_said = |word: &TimedWord| word.start <= time && time <= word.end;
        let words = self.line.caller.words();
        let caller_is_busy = words[words.len().saturating_sub(WORDS_AHEAD)..].iter().any(is_said)
            || self.now < self.pressed_at + ENTRY
            || self.now < self.media_held_until + ENTRY;
        let agent_silent = self.agent_silent();
        Moment { now: self.now, state: self.session.state(), caller_is_busy, agent_silent }
    }

    /// The carrier rings until the call is answered, or never will be.
    fn ring(&mut self) {
        if !self.is_ringing || self.now < Timestamp::ZERO + self.exchange.rings {
            return;
        }
        self.is_ringing = false;
        if let Some(outcome) = self.exchange.unanswered {
            return self.tell(Input::Carrier(CarrierEvent::Ended { outcome, dropped_by: None }));
        }
        let protocol = self.carrier.upgrade().protocols.first().map(|name| name.expose().clone());
        self.carrier.handle_open(self.now, protocol.as_deref());
    }

    /// What carrier and operators do of their own accord, and what they were asked for.
    fn happen(&mut self) {
        let time = self.line.time(self.now);
        while let Some((_, deed)) = self.exchange.does.take_due(time, &self.line.ear) {
            match deed {
                ExchangeDeed::Reports(event) => self.tell(Input::Carrier(event)),
                ExchangeDeed::LosesMedia(span) => self.media_held_until = self.now + span,
                ExchangeDeed::HangsUp => self.carrier.hang_up(self.now, Side::Carrier),
            }
        }
        while let Some((_, command)) = self.operator.take_due(time, &self.line.ear) {
            self.tell(Input::Control(command));
        }
        while let Some(digit) = self.keys.pop(self.now) {
            self.line.ear.hear_key(time, digit);
        }
        while let Some(event) = self.carrier.poll_event() {
            if let LineEventKind::DigitsPlayed { digits } = event.kind {
                digits.into_iter().for_each(|digit| self.line.ear.hear_key(time, digit));
            }
        }
        if self.taken_at.take_if(|at| *at <= self.now).is_some() {
            self.carrier.hang_up(self.now, Side::Carrier);
        }
    }

    /// What the carrier is asked beside its media stream, as far as the line feels it.
    fn switch(&mut self, command: &CarrierCommand) {
        match command {
            CarrierCommand::Hangup => self.dropped_at = Some((self.now + API, HangupMeans::Rest)),
            CarrierCommand::Transfer { mode: TransferMode::Cold, .. } if self.takes_stream => {
                self.taken_at = Some(self.now + API);
            }
            CarrierCommand::Transfer { .. } | CarrierCommand::CancelTransfer => {}
            CarrierCommand::SendDtmf { digits } => {
                for (index, digit) in (1..).zip(digits) {
                    self.keys.push(self.now + API + KEY * index, *digit);
                }
            }
        }
    }

    fn tell(&mut self, input: Input<'_>) {
        if self.ended.is_some() {
            return;
        }
        if let Some(recorder) = &mut self.recorder {
            recorder.input(self.now, &input);
        }
        self.promises.input(self.now, &input);
        let agent_silent = self.agent_silent();
        let waiting = self.carrier.played().samples_waiting;
        // Behind speech a bed of silence may wait.
        let is_audible = agent_silent.is_zero() && waiting > self.audible_samples;
        self.session.handle_input(self.now, input);
        while let Some(output) = self.session.poll_output() {
            if let Some(recorder) = &mut self.recorder {
                recorder.output(&output);
            }
            self.checks.output(self.now, &output, &mut self.faults);
            self.promises.output(self.now, &output, is_audible, &mut self.faults);
            self.asked.note(&output);
            self.stand_ins.handle_output(self.now, &output, self.line.caller.words());
            match output {
                Output::Wire(WireMessage::Text(text)) => {
                    self.down.send(self.now, Sent::Text(text.to_owned()));
                }
                Output::Wire(WireMessage::Binary(bytes)) => {
                    self.down.send(self.now, Sent::Binary(bytes.to_vec()));
                }
                Output::Hangup(means) => self.dropped_at = Some((self.now + API, means)),
                Output::Trace(line) => {
                    if let CallEvent::Decided(evidence) = &line.event {
                        let Evidence { rule, observed, .. } = evidence;
                        self.promises.decided(self.now, rule, observed);
                        self.decisions.push(evidence.clone());
                    }
                    self.trace.push(line);
                }
                Output::Ended(reason) => {
                    self.ended = Some(reason);
                    self.ended_at = Some(self.now);
                }
                Output::SttAudio(_)
                | Output::Stt(_)
                | Output::AskEndOfTurn { .. }
                | Output::Llm(_)
                | Output::Tool(_)
                | Output::Tts(_) => {}
                Output::Carrier(command) => self.switch(&command),
            }
        }
    }
}

/// The longest that a message can be under way.
fn longest(link: &LinkConfig) -> Duration {
    let stall = link.stalls.map_or(Duration::ZERO, |stalls| stalls.length_max);
    link.delay + link.jitter_max + stall
}

const STEP: Duration = Duration::from_millis(1);
/// A clear acts with the carrier's next frame; the frame before it is heard to its end. A trailing
/// sound of up to two frames is in the buffers of both sides' codecs.
const CLEAR_AT_CARRIER: Duration = Duration::from_millis(80);
/// A line is gone this long behind a hang-up at most, stalls of the network included.
const DROPS_WITHIN: Duration = Duration::from_secs(3);
/// What is shorter is not heard.
const AUDIBLE_MS: u32 = 60;
/// Words of one sound.
const WORDS_AHEAD: usize = 60;
/// An entry of keys is over this long behind its last key.
const ENTRY: Duration = Duration::from_secs(4);
/// What a carrier's API takes.
const API: Duration = Duration::from_millis(150);
/// A key that a carrier sends, and the pause behind it.
const KEY: Duration = Duration::from_millis(200);
/// Quiet after everything was said that ends a simulated call.
pub(crate) const QUIET_AFTER: Duration = Duration::from_secs(3);
/// A caller who waits for an agent that says nothing gives up.
const GIVE_UP_AFTER: Duration = Duration::from_secs(40);
/// The longest call.
const CALL_MAX: Duration = Duration::from_secs(900);
