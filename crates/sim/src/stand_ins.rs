//! Stand-ins for the recogniser, the end-of-turn model, the language model, the voice, the tools
//! and the carrier's transfers: they answer what a session asks, after the delays and with the
//! faults of their [`Providers`].

use std::time::Duration;

use offhook_session::{Input, Output};
use offhook_types::{
    CarrierCommand, CarrierEvent, ChatMessage, LlmCommand, LlmEvent, LlmStop, ProviderCommand,
    ProviderEvent, RequestId, SampleRate, SttCommand, SttEvent, Timestamp, ToolCall, ToolCommand,
    ToolEvent, TtsCommand, TtsEvent, TurnId,
};

use crate::caller::TimedWord;
use crate::pending::Pending;
use crate::providers::{LlmFault, Providers, TtsFault, failure};
use crate::recogniser::Recogniser;
use crate::speakers::Speakers;
use crate::tool_runner::ToolRunner;
use crate::voice::Voice;

/// Everything around a session but its media stream.
///
/// [`handle_output`](Self::handle_output) with what the session asks, or across a channel
/// [`handle_command`](Self::handle_command); then [`poll_input`](Self::poll_input) or
/// [`poll_event`](Self::poll_event) until it is empty; then [`poll_timeout`](Self::poll_timeout)
/// for when there will be more.
pub struct StandIns {
    providers: Providers,
    answers: Vec<String>,
    recogniser: Recogniser,
    voice: Voice,
    pending: Pending<Arrival>,
    turns: Vec<TurnId>,
    cancelled: Vec<RequestId>,
    tools: ToolRunner,
    /// Transfers that were asked for, and the one under way.
    transfers: u32,
    transfer: Option<u32>,
    random: fastrand::Rng,
    /// The last moment at which the voice will have said what it was asked.
    voice_free_at: Timestamp,
}

/// What is on its way to the session.
#[derive(Debug)]
enum Arrival {
    Stt(SttEvent),
    EndOfTurn {
        ask: u32,
    },
    Llm(LlmEvent),
    Tts(TtsEvent),
    Tool(ToolEvent),
    /// What the carrier says, of the transfer with this number.
    Carrier(u32, CarrierEvent),
}

impl StandIns {
    /// Stand-ins that answer the caller's turns with `answers`, in order, and "I see." behind the
    /// last. `seed` decides what the [`Providers`] leave to chance.
    pub fn new(
        providers: Providers,
        answers: &[String],
        recogniser_rate: SampleRate,
        voice_rate: SampleRate,
        seed: u64,
    ) -> Self {
        Self {
            recogniser: Recogniser::new(recogniser_rate, seed),
            voice: Voice::humming(voice_rate),
            providers,
            answers: answers.to_vec(),
            pending: Pending::default(),
            turns: Vec::new(),
            cancelled: Vec::new(),
            tools: ToolRunner::default(),
            transfers: 0,
            transfer: None,
            random: fastrand::Rng::with_seed(seed ^ STAND_IN_STREAM),
            voice_free_at: Timestamp::ZERO,
        }
    }

    /// Lets the agent speak with a voice of `speakers` instead of humming.
    #[must_use]
    pub fn with_voice(mut self, name: &str, speakers: Box<dyn Speakers>) -> Self {
        self.voice = self.voice.speaking(name, speakers);
        self
    }

    /// What is being worked on.
    pub fn in_flight(&self) -> usize {
        self.pending.len()
    }

    /// Takes note of what the session asks. `words` are the caller's, those of the future
    /// included; the recogniser says only what it has heard the audio of.
    pub fn handle_output(&mut self, now: Timestamp, output: &Output<'_>, words: &[TimedWord]) {
        match output {
            Output::SttAudio(audio) => self.hear(now, audio, words),
            Output::Stt(command) => self.recognise(now, command, words),
            Output::AskEndOfTurn { ask } => self.judge(now, *ask),
            Output::Llm(command) => self.think(now, command),
            Output::Tts(command) => self.speak(now, command),
            Output::Tool(command) => self.run(now, command),
            Output::Carrier(command) => self.switch(now, command),
            Output::Wire(_) | Output::Hangup(_) | Output::Trace(_) | Output::Ended(_) => {}
        }
    }

    /// The same for what came over a channel.
    pub fn handle_command(
        &mut self,
        now: Timestamp,
        command: &ProviderCommand,
        words: &[TimedWord],
    ) {
        match command {
            ProviderCommand::SttAudio(audio) => self.hear(now, audio, words),
            ProviderCommand::Stt(command) => self.recognise(now, command, words),
            ProviderCommand::AskEndOfTurn { ask } => self.judge(now, *ask),
            ProviderCommand::Llm(command) => self.think(now, command),
            ProviderCommand::Tts(command) => self.speak(now, command),
            ProviderCommand::Tool(command) => self.run(now, command),
            ProviderCommand::Carrier(command) => self.switch(now, command),
        }
    }

    /// What the session is to be told now.
    pub fn poll_input(&mut self, now: Timestamp) -> Option<Input<'static>> {
        self.poll_event(now).map(Input::from)
    }

    /// The same for a channel.
    pub fn poll_event(&mut self, now: Timestamp) -> Option<ProviderEvent> {
        loop {
            match self.pending.pop(now)? {
                Arrival::Stt(event) => return Some(ProviderEvent::Stt(event)),
                Arrival::EndOfTurn { ask } => {
                    let permille = self.providers.end_of_turn.permille;
                    return Some(ProviderEvent::EndOfTurn { ask, permille });
                }
                Arrival::Llm(event) => {
                    let (LlmEvent::Text { request, .. }
                    | LlmEvent::ToolCall { request, .. }
                    | LlmEvent::Finished { request, .. }
                    | LlmEvent::Failed { request, .. }) = &event;
                    if !self.cancelled.contains(request) {
                        return Some(ProviderEvent::Llm(event));
                    }
                }
                Arrival::Tts(event) => return Some(ProviderEvent::Tts(event)),
                Arrival::Tool(event) => {
                    if self.tools.ends(&event) {
                        return Some(ProviderEvent::Tool(event));
                    }
                }
                Arrival::Carrier(transfer, event) => {
                    if self.transfer == Some(transfer) {
                        return Some(ProviderEvent::Carrier(event));
                    }
                }
            }
        }
    }

    /// When there is more to tell.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.pending.next_at()
    }

    fn hear(&mut self, now: Timestamp, audio: &[i16], words: &[TimedWord]) {
        for (delay, event) in self.recogniser.hear(audio.len(), words, &self.providers.stt) {
            self.pending.push(now + delay, Arrival::Stt(event));
        }
    }

    fn recognise(&mut self, now: Timestamp, command: &SttCommand, words: &[TimedWord]) {
        match command {
            SttCommand::Finalize => {
                for (delay, event) in self.recogniser.finish(words, &self.providers.stt) {
                    self.pending.push(now + delay, Arrival::Stt(event));
                }
            }
            SttCommand::Restart if self.recogniser.is_dead(&self.providers.stt) => {}
            SttCommand::Restart => {
                self.pending.push(now + RESTART, Arrival::Stt(SttEvent::Ready));
            }
            SttCommand::Start { .. } | SttCommand::Stop => {}
        }
    }

    fn judge(&mut self, now: Timestamp, ask: u32) {
        if let Some(delay) = self.providers.end_of_turn.delay {
            self.pending.push(now + delay, Arrival::EndOfTurn { ask });
        }
    }

    fn think(&mut self, now: Timestamp, command: &LlmCommand) {
        match command {
            LlmCommand::Start { request, messages, .. } => {
                self.answer(now, *request, rounds_of_tools(messages));
            }
            LlmCommand::Cancel { request } => self.cancelled.push(*request),
        }
    }

    fn run(&mut self, now: Timestamp, command: &ToolCommand) {
        if let Some((delay, event)) = self.tools.obey(command, &self.providers.tools) {
            self.pending.push(now + delay, Arrival::Tool(event));
        }
    }

    /// What a carrier does for a call beside carrying it. Keys are the line's business.
    fn switch(&mut self, now: Timestamp, command: &CarrierCommand) {
        match command {
            CarrierCommand::Transfer { mode, ring_timeout_ms, .. } => {
                self.transfers += 1;
                self.transfer = Some(self.transfers);
                let ring_timeout = Duration::from_millis(u64::from(*ring_timeout_ms));
                for (delay, event) in self.providers.transfers.reports(*mode, ring_timeout) {
                    self.pending.push(now + delay, Arrival::Carrier(self.transfers, event));
                }
            }
            CarrierCommand::CancelTransfer => self.transfer = None,
            CarrierCommand::Hangup | CarrierCommand::SendDtmf { .. } => {}
        }
    }

    fn speak(&mut self, now: Timestamp, command: &TtsCommand) {
        let TtsCommand::Say { request, utterance, text, .. } = command else { return };
        let start = self.voice_free_at.max(now);
        let delay = self.providers.tts.first_audio.draw(&mut self.random);
        let drawn = self.providers.tts.fault(&mut self.random);
        let fault = is_dead(self.providers.tts.dies_at, now).then_some(TtsFault::Failed).or(drawn);
        let events = self.voice.say(*request, *utterance, text, fault);
        // Clauses come one after another, however long the earlier took.
        self.voice_free_at = start.max(now + delay);
        let wait = match fault {
            Some(TtsFault::Slow) => SLOW_VOICE,
            Some(TtsFault::Failed | TtsFault::Stalled | TtsFault::Empty) | None => Duration::ZERO,
        };
        self.voice_free_at += wait;
        for event in events {
            self.pending.push(self.voice_free_at, Arrival::Tts(event));
        }
    }

    /// The model's answer to the turn of this request, word by word.
    fn answer(&mut self, now: Timestamp, request: RequestId, round: usize) {
        let known = self.turns.iter().position(|turn| *turn == request.turn);
        // What follows a tool is the rest of the newest answer, whatever it is asked with.
        let known = known.or_else(|| self.turns.len().checked_sub(1).filter(|_| round > 0));
        let index = known.unwrap_or_else(|| {
            self.turns.push(request.turn);
            self.turns.len() - 1
        });
        let llm = self.providers.llm.clone();
        let mut at = now + llm.first_token.draw(&mut self.random);
        let drawn = llm.fault(&mut self.random);
        let fault = is_dead(llm.dies_at, now).then_some(LlmFault::Failed).or(drawn);
        match fault {
            Some(LlmFault::Slow) => at += SLOW_MODEL,
            Some(LlmFault::Failed) => {
                let failed = LlmEvent::Failed { request, failure: failure("model") };
                return self.pending.push(at, Arrival::Llm(failed));
            }
            Some(LlmFault::Silent) => return,
            Some(LlmFault::Stalled | LlmFault::Empty) | None => {}
        }
        let answer = self.answers.get(index).map_or("I see.", String::as_str);
        let answer = answer.split("||").nth(round).unwrap_or_default().trim().to_owned();
        let words = answer.split_inclusive(' ').count();
        let told = match fault {
            Some(LlmFault::Stalled) => words / 2,
            Some(LlmFault::Empty) => 0,
            Some(LlmFault::Slow | LlmFault::Failed | LlmFault::Silent) | None => words,
        };
        let (answer, calls) = calls_in(&answer, request);
        for word in answer.split_inclusive(' ').take(told) {
            let text = word.to_owned();
            self.pending.push(at, Arrival::Llm(LlmEvent::Text { request, text }));
            at += llm.token.draw(&mut self.random);
        }
        let reason = if calls.is_empty() { LlmStop::Complete } else { LlmStop::ToolCalls };
        for call in calls {
            self.pending.push(at, Arrival::Llm(LlmEvent::ToolCall { request, call }));
        }
        if fault != Some(LlmFault::Stalled) {
            let finished = LlmEvent::Finished { request, reason, usage: None };
            self.pending.push(at, Arrival::Llm(finished));
        }
    }
}

fn is_dead(dies_at: Option<Duration>, now: Timestamp) -> bool {
    dies_at.is_some_and(|at| now >= Timestamp::ZERO + at)
}

/// How often tools were called and have returned since the caller spoke last.
fn rounds_of_tools(messages: &[ChatMessage]) -> usize {
    let since = messages.iter().rev();
    since
        .take_while(|message| !matches!(message, ChatMessage::User { .. }))
        .filter(|message| {
            matches!(message, ChatMessage::Assistant { tool_calls, .. } if !tool_calls.is_empty())
        })
        .count()
}

/// The words of an answer, and the tools that it calls: `[[name {"argument": 1}]]`.
fn calls_in(answer: &str, request: RequestId) -> (String, Vec<ToolCall>) {
    let (mut text, mut calls) = (String::new(), Vec::new());
    let mut rest = answer;
    while let Some((before, (call, behind))) =
        rest.split_once("[[").and_then(|(before, rest)| Some((before, rest.split_once("]]")?)))
    {
        text.push_str(before);
        let (name, arguments) = call.split_once(' ').unwrap_or((call, "{}"));
        let id = format!("{}.{}.{}", request.turn, request.attempt, calls.len());
        if let Ok(id) = id.parse() {
            let arguments = serde_json::from_str(arguments).unwrap_or_default();
            calls.push(ToolCall { id, name: name.to_owned(), arguments });
        }
        rest = behind;
    }
    text.push_str(rest);
    (text, calls)
}

/// A new connection to a recogniser.
const RESTART: Duration = Duration::from_millis(200);
/// A first token that comes this much later is one that an operator would be paged for.
const SLOW_MODEL: Duration = Duration::from_millis(2_500);
/// The same for a clause of the voice.
const SLOW_VOICE: Duration = Duration::from_millis(1_500);
/// Keeps this stream of chance apart from those of networks and recogniser.
const STAND_IN_STREAM: u64 = 0x5441_4E44_494E_5321;
