//! The world around one session.

use std::collections::VecDeque;
use std::time::Duration;

use offhook_audio::{Decoder, Encoder, OpusConfig, Resampler};
use offhook_emulator::{
    CallState, CallerLine, Dial, Dialect as Dialled, Emulator, LineFormats, Link, Side,
    WireMessage as Sent,
};
use offhook_session::{Input, Output, Session, SessionConfig};
use offhook_telephony::{Carrier, DialectOptions, WireMessage, dialect_for};
use offhook_types::{
    CallEvent, EndReason, Evidence, LlmCommand, LlmEvent, LlmStop, RequestId, SampleRate,
    SttCommand, SttEvent, Timestamp, TraceLine, TtsCommand, TtsEvent, TurnId,
};

use crate::caller::Caller;
use crate::checks::Checks;
use crate::delays::Delays;
use crate::ear::Ear;
use crate::recogniser::Recogniser;
use crate::voice::speak;

/// A call to be played.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Whose stream it is. Default Twilio.
    pub carrier: Carrier,
    /// The agent.
    pub agent: SessionConfig,
    /// The caller, at 8 kHz.
    pub caller: Caller,
    /// What the model answers, turn by turn.
    pub answers: Vec<String>,
    /// How long everything takes.
    pub delays: Delays,
    /// What the end-of-turn model thinks, in permille, where there is one.
    pub end_of_turn_permille: u16,
    /// The caller hangs up at this moment.
    pub hangs_up_at: Option<Duration>,
    /// The seed of networks and chance.
    pub seed: u64,
}

/// A call that is played, and all that is known of it.
pub struct World {
    scenario: Scenario,
    session: Session,
    carrier: Box<dyn Emulator>,
    up: Link,
    down: Link,
    line: Line,
    recogniser: Recogniser,
    pending: VecDeque<(Timestamp, u64, Arrival)>,
    order: u64,
    cancelled: Vec<RequestId>,
    turns: Vec<TurnId>,
    now: Timestamp,
    checks: Checks,
    decisions: Vec<Evidence>,
    trace: Vec<TraceLine>,
    ended: Option<EndReason>,
}

/// Something on its way to the session.
#[derive(Debug)]
enum Arrival {
    Stt(SttEvent),
    EndOfTurn { ask: u32 },
    Llm(LlmEvent),
    Tts(TtsEvent),
}

/// The telephone: the caller's mouth and ear.
struct Line {
    caller: Caller,
    ear: Ear,
    to_line: Resampler,
    encoder: Encoder,
    decoder: Decoder,
    from_line: Resampler,
    spoken: usize,
    frame: Vec<i16>,
    decoded: Vec<i16>,
    encoded: Vec<u8>,
}

impl Scenario {
    /// A caller and the agent's answers, with everything else as usual.
    pub fn new(agent: SessionConfig, caller: Caller, answers: &[&str]) -> Self {
        Self {
            carrier: Carrier::Twilio,
            agent,
            caller,
            answers: answers.iter().map(|answer| (*answer).to_owned()).collect(),
            delays: Delays::default(),
            end_of_turn_permille: 500,
            hangs_up_at: None,
            seed: 1,
        }
    }

    /// Plays the call to its end.
    pub fn play(self) -> World {
        World::new(self).run()
    }
}

impl World {
    /// A call that begins.
    pub fn new(scenario: Scenario) -> Self {
        let dialled = match scenario.carrier {
            Carrier::Raw => Dialled::Raw,
            Carrier::Twilio => Dialled::Twilio,
            Carrier::Telnyx => Dialled::Telnyx,
            Carrier::Plivo => Dialled::Plivo,
            Carrier::Vonage => Dialled::Vonage,
        };
        let carrier = dialled.dial(Dial::new(dialled, scenario.seed)).expect("usual formats");
        let formats = carrier.formats();
        let (up, down) = scenario.delays.network;
        let dialect = dialect_for(scenario.carrier, &DialectOptions::default());
        let rate = scenario.agent.audio.recogniser_rate;
        Self {
            session: Session::new(scenario.agent.clone(), dialect),
            carrier,
            up: Link::new(up, scenario.seed),
            down: Link::new(down, scenario.seed ^ 1),
            line: Line::new(scenario.caller.clone(), formats),
            recogniser: Recogniser::new(scenario.caller.words(), rate),
            pending: VecDeque::new(),
            order: 0,
            cancelled: Vec::new(),
            turns: Vec::new(),
            now: Timestamp::ZERO,
            checks: Checks::default(),
            decisions: Vec::new(),
            trace: Vec::new(),
            ended: None,
            scenario,
        }
    }

    /// The session, to be asked what it knows.
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// What the caller heard.
    pub const fn ear(&self) -> &Ear {
        &self.line.ear
    }

    /// The rules that decided, in order.
    pub fn decisions(&self) -> &[Evidence] {
        &self.decisions
    }

    /// The decision trace.
    pub fn trace(&self) -> &[TraceLine] {
        &self.trace
    }

    /// Why the call ended, if it did.
    pub const fn ended(&self) -> Option<&EndReason> {
        self.ended.as_ref()
    }

    /// Plays until everything was said and answered.
    #[must_use]
    pub fn run(mut self) -> Self {
        let protocol = self.carrier.upgrade().protocols.first().map(|name| name.expose().clone());
        self.carrier.handle_open(self.now, protocol.as_deref());
        let over = Timestamp::ZERO + self.scenario.caller.end() + QUIET_AFTER;
        while self.ended.is_none() && self.now < over + CALL_MAX {
            self.step();
            let is_answered = self.session.state() == QUIET_STATE && self.pending.is_empty();
            if self.now >= over && is_answered {
                break;
            }
        }
        self
    }

    fn step(&mut self) {
        self.now += Duration::from_millis(1);
        let hangs_up = self.scenario.hangs_up_at.take_if(|at| Timestamp::ZERO + *at <= self.now);
        if hangs_up.is_some() {
            self.carrier.hang_up(self.now, Side::Caller);
        }
        if self.carrier.poll_timeout().is_some_and(|at| at <= self.now) {
            self.carrier.handle_timeout(self.now, &mut self.line);
        }
        while let Some(message) = self.carrier.poll_message() {
            self.up.send(self.now, message);
        }
        while let Some(message) = self.up.poll(self.now) {
            match &message {
                Sent::Text(text) => self.tell(Input::Wire(WireMessage::Text(text))),
                Sent::Binary(bytes) => self.tell(Input::Wire(WireMessage::Binary(bytes))),
            }
        }
        if matches!(self.carrier.state(), CallState::Ended(_)) && self.up.in_flight() == 0 {
            self.tell(Input::Closed);
        }
        self.arrive();
        if self.session.poll_timeout().is_some_and(|(at, _)| at <= self.now) {
            self.tell(Input::Timeout);
        }
        while let Some(message) = self.down.poll(self.now) {
            self.carrier.handle_message(self.now, message);
        }
    }

    fn arrive(&mut self) {
        while let Some(index) = self.next_arrival() {
            let Some((_, _, arrival)) = self.pending.remove(index) else { return };
            match arrival {
                Arrival::Stt(event) => self.tell(Input::Stt(event)),
                Arrival::EndOfTurn { ask } => {
                    let permille = self.scenario.end_of_turn_permille;
                    self.tell(Input::EndOfTurn { ask, permille });
                }
                Arrival::Llm(event) => {
                    let (LlmEvent::Text { request, .. }
                    | LlmEvent::ToolCall { request, .. }
                    | LlmEvent::Finished { request, .. }
                    | LlmEvent::Failed { request, .. }) = &event;
                    if !self.cancelled.contains(request) {
                        self.tell(Input::Llm(event));
                    }
                }
                Arrival::Tts(event) => self.tell(Input::Tts(event)),
            }
        }
    }

    fn next_arrival(&self) -> Option<usize> {
        let due = self.pending.iter().enumerate().filter(|(_, (at, _, _))| *at <= self.now);
        due.min_by_key(|(_, (at, order, _))| (*at, *order)).map(|(index, _)| index)
    }

    fn tell(&mut self, input: Input<'_>) {
        if self.ended.is_some() {
            return;
        }
        self.session.handle_input(self.now, input);
        let mut asked = Vec::new();
        while let Some(output) = self.session.poll_output() {
            self.checks.output(&output);
            match output {
                Output::Wire(WireMessage::Text(text)) => {
                    self.down.send(self.now, Sent::Text(text.to_owned()));
                }
                Output::Wire(WireMessage::Binary(bytes)) => {
                    self.down.send(self.now, Sent::Binary(bytes.to_vec()));
                }
                Output::SttAudio(audio) => {
                    if let Some(event) = self.recogniser.hear(audio.len()) {
                        asked.push((self.scenario.delays.partial, Arrival::Stt(event)));
                    }
                }
                Output::Stt(SttCommand::Finalize) => {
                    if let Some(event) = self.recogniser.finish() {
                        asked.push((self.scenario.delays.last_words, Arrival::Stt(event)));
                    }
                }
                Output::Stt(SttCommand::Restart) => {
                    asked.push((self.scenario.delays.partial, Arrival::Stt(SttEvent::Ready)));
                }
                Output::Stt(SttCommand::Start { .. } | SttCommand::Stop) => {}
                Output::AskEndOfTurn { ask } => {
                    let delay = self.scenario.delays.end_of_turn;
                    asked.extend(delay.map(|delay| (delay, Arrival::EndOfTurn { ask })));
                }
                Output::Llm(LlmCommand::Start { request, .. }) => {
                    answer(&self.scenario, &mut self.turns, request, &mut asked);
                }
                Output::Llm(LlmCommand::Cancel { request }) => self.cancelled.push(request),
                Output::Tts(TtsCommand::Say { request, utterance, text, .. }) => {
                    let (pcm, words) = speak(&text, self.scenario.agent.audio.voice_rate);
                    let delay = self.scenario.delays.first_audio;
                    let events = [
                        TtsEvent::Audio { request, utterance, pcm },
                        TtsEvent::Words { request, utterance, words },
                        TtsEvent::Finished { request, utterance },
                    ];
                    asked.extend(events.map(|event| (delay, Arrival::Tts(event))));
                }
                Output::Tts(TtsCommand::Cancel { .. })
                | Output::Tool(_)
                | Output::Carrier(_)
                | Output::Hangup(_) => {}
                Output::Trace(line) => {
                    if let CallEvent::Decided(evidence) = &line.event {
                        self.decisions.push(evidence.clone());
                    }
                    self.trace.push(line);
                }
                Output::Ended(reason) => self.ended = Some(reason),
            }
        }
        for (delay, arrival) in asked {
            self.pending.push_back((self.now + delay, self.order, arrival));
            self.order += 1;
        }
    }
}

/// The model's answer to the turn of this request, word by word.
fn answer(
    scenario: &Scenario,
    turns: &mut Vec<TurnId>,
    request: RequestId,
    asked: &mut Vec<(Duration, Arrival)>,
) {
    let known = turns.iter().position(|turn| *turn == request.turn);
    let index = known.unwrap_or_else(|| {
        turns.push(request.turn);
        turns.len() - 1
    });
    let answer = scenario.answers.get(index).map_or("I see.", String::as_str);
    let mut delay = scenario.delays.first_token;
    for word in answer.split_inclusive(' ') {
        let text = word.to_owned();
        asked.push((delay, Arrival::Llm(LlmEvent::Text { request, text })));
        delay += scenario.delays.token;
    }
    let finished = LlmEvent::Finished { request, reason: LlmStop::Complete, usage: None };
    asked.push((delay, Arrival::Llm(finished)));
}

impl Line {
    fn new(caller: Caller, formats: LineFormats) -> Self {
        let LineFormats { to_engine, to_caller } = formats;
        let encoder = Encoder::new(to_engine, &OpusConfig::default()).expect("a usual codec");
        let frame = |rate: SampleRate| rate.frame_samples();
        Self {
            caller,
            ear: Ear::default(),
            to_line: Resampler::new(SampleRate::HZ_8000, to_engine.sample_rate())
                .expect("a usual rate"),
            encoded: vec![0; encoder.max_encoded_bytes(frame(to_engine.sample_rate()))],
            encoder,
            decoder: Decoder::new(to_caller).expect("a usual codec"),
            from_line: Resampler::new(to_caller.sample_rate(), SampleRate::HZ_8000)
                .expect("a usual rate"),
            spoken: 0,
            frame: vec![0; frame(SampleRate::HZ_8000)],
            decoded: vec![0; frame(to_caller.sample_rate())],
        }
    }
}

impl CallerLine for Line {
    fn speak_into(&mut self, _at: Timestamp, payload: &mut Vec<u8>) {
        self.caller.frame(self.spoken, &self.ear.samples, &mut self.frame);
        self.spoken += self.frame.len();
        let frame = self.to_line.process(&self.frame);
        let written = self.encoder.encode_into(frame, &mut self.encoded).unwrap_or(0);
        payload.extend_from_slice(&self.encoded[..written]);
    }

    fn hear(&mut self, at: Timestamp, payload: Option<&[u8]>) {
        self.decoded.fill(0);
        if let Some(payload) = payload {
            let _silence_behind_a_short_payload =
                self.decoder.decode_into(payload, &mut self.decoded);
        }
        let at = at.saturating_since(Timestamp::ZERO);
        self.ear.hear(at, self.from_line.process(&self.decoded));
    }
}

const QUIET_STATE: offhook_session::State = offhook_session::State::Listening;
/// Quiet after the caller's last sound that ends a simulated call.
const QUIET_AFTER: Duration = Duration::from_secs(3);
/// The longest that an agent may go on speaking after it.
const CALL_MAX: Duration = Duration::from_secs(60);
