//! The state machine of a call's conversation.
//!
//! The one `match` on state and input is [`Conversation::handle`]; each arm is a rule in a file of
//! its own below this one.

mod agent_side;
mod caller_side;
mod calls;
mod carrier;
mod closing;
mod control;
mod end_of_turn;
mod ending;
mod faults;
mod fillers;
mod gatekeeper;
mod keypad;
mod limits;
mod opening;
mod overlap;
mod quiet_line;
mod tools;
mod transfer;
mod voicemail;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use offhook_text::{Language, SpeechRules, SpeechSettings};
use offhook_types::agent::Speech;
use offhook_types::{
    BackgroundSound, DtmfDigit, Evidence, FailedStage, PlayoutCommand, PlayoutEvent, RequestId,
    SampleRate, SttCommand, Timestamp, TurnId, UtteranceId, VoiceFrame,
};
use serde::{Deserialize, Serialize};

use crate::closing::Closing;
use crate::deafness::Deafness;
use crate::ending::Cause;
use crate::farewell::FarewellsSaid;
use crate::gatekeeper::Gatekeeper;
use crate::history::History;
use crate::idle::Idle;
use crate::input::Input;
use crate::interruption::InterruptionRules;
use crate::keypad::Keypad;
use crate::lexicon::Lexicon;
use crate::limits::Limit;
use crate::noise::{Heed, NoiseWatch};
use crate::opening::Opening;
use crate::output::Output;
use crate::own_words::OwnWords;
use crate::prepared::Prepared;
use crate::purpose::Purpose;
use crate::reply::Reply;
use crate::rules::MEDIA_LOST;
use crate::settings::{CallSettings, OpeningSettings, TurnSettings};
use crate::state::State;
use crate::timer::{Timer, Timers};
use crate::tools::Tools;
use crate::transfer::Transfers;
use crate::turn::Turn;

/// What a conversation is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConversationConfig {
    /// The system prompt, variables and all.
    pub prompt: String,
    /// The first words of the call; `None` waits for the caller, for ever.
    pub opening: Option<OpeningSettings>,
    /// The rules of turns.
    pub turns: TurnSettings,
    /// Every other rule.
    #[serde(default)]
    pub call: CallSettings,
    /// How text is made speakable.
    #[serde(default)]
    pub speech: Speech,
    /// Names in the agent's texts that have no value.
    #[serde(default)]
    pub missing_variables: Vec<String>,
    /// The seed of every random choice.
    #[serde(default)]
    pub seed: u64,
    /// The carrier sends all the time, so that missing media means a line that is lost.
    pub media_is_continuous: bool,
}

/// How often rules decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ConversationCounts {
    /// Turns of the caller that were answered.
    pub turns: u32,
    /// Replies that were interrupted.
    pub interruptions: u32,
    /// Sounds that ducked the agent and came to nothing.
    pub false_starts: u32,
    /// Interruptions that were taken back.
    pub resumed: u32,
    /// Replies that were begun before the turn was over.
    pub speculations: u32,
    /// Of them, those that were dropped.
    pub speculations_dropped: u32,
    /// Transcripts that were the agent's own words.
    pub echoes: u32,
    /// Voice that brought no words.
    pub noises: u32,
    /// Murmurs.
    pub murmurs: u32,
    /// Answers to older requests, dropped.
    pub stale: u32,
}

/// The conversation of one call.
///
/// Getters; [`handle`](Self::handle) for whatever happens; then [`poll_output`](Self::poll_output)
/// until it is empty, and [`poll_timeout`](Self::poll_timeout) for the next deadline and its
/// reason. Time never goes backwards; the same inputs give the same outputs.
pub struct Conversation {
    config: ConversationConfig,
    lexicon: &'static Lexicon,
    speech: Arc<SpeechRules>,
    interruption: InterruptionRules,
    state: State,
    now: Timestamp,
    speech_rate: SampleRate,
    /// The newest frame of the caller.
    voice: VoiceFrame,
    noise: NoiseWatch,
    /// The turn that is not over, or is over and may still go on: until the answer is heard.
    turn: Option<Turn>,
    /// What the caller says while the agent is heard.
    overlap: Option<Turn>,
    /// The answer that is being made or said.
    reply: Option<Reply>,
    /// A reply that was interrupted, until words have proved that it was meant.
    interrupted: Option<Reply>,
    /// A reply that was cut for good; the playout still tells what of it was heard.
    cut_off: Option<Reply>,
    /// Words that were answered or left aside before they were final.
    unsettled_words: Vec<String>,
    /// What somebody outside wants to be said, and whether it may be interrupted.
    announcements: VecDeque<(String, bool)>,
    opening: Opening,
    idle: Idle,
    /// Voice without words since the last words of anybody, in ms.
    wordless_ms: u32,
    limit: Option<Limit>,
    drain: Option<Limit>,
    deafness: Deafness,
    prepared: Prepared,
    closing: Closing,
    farewells: FarewellsSaid,
    keypad: Keypad,
    tools: Tools,
    background: Option<BackgroundSound>,
    transfers: Transfers,
    voicemail: voicemail::Voicemail,
    gatekeeper: Gatekeeper,
    fillers: fillers::Fillers,
    /// Digits that are sent when the reply that called for them was heard.
    digits_to_send: Vec<DtmfDigit>,
    /// For how long the model has chosen to wait, in ms, since it did.
    skipped_ms: Option<u32>,
    /// What failed first.
    failed_stage: Option<FailedStage>,
    /// An operator has silenced the agent.
    is_muted: bool,
    /// The caller's last turn was not answered, because the agent is muted.
    owes_answer: bool,
    history: History,
    own_words: OwnWords,
    timers: Timers,
    outputs: VecDeque<Output>,
    next_turn: TurnId,
    next_utterance: UtteranceId,
    next_ask: u32,
    /// Time to the model's first token, smoothed, in ms.
    model_ms: u32,
    recognised_at: Timestamp,
    /// When words were last final, and which.
    finished: Option<(Timestamp, Vec<String>)>,
    /// When the caller was last heard.
    sounded_at: Timestamp,
    murmured_at: Option<Timestamp>,
    counts: ConversationCounts,
}

impl Conversation {
    /// A conversation whose call is not answered yet.
    pub fn new(config: ConversationConfig) -> Self {
        let lexicon = Lexicon::of_language(&config.turns.language);
        let language = Language::of_tag(&config.turns.language);
        let speech = Arc::new(SpeechRules::new(&SpeechSettings::from(&config.speech), language));
        Self {
            interruption: InterruptionRules::new(&config.turns, lexicon),
            config,
            lexicon,
            speech,
            state: State::Waiting,
            now: Timestamp::ZERO,
            speech_rate: SampleRate::HZ_8000,
            voice: VoiceFrame::default(),
            noise: NoiseWatch::default(),
            turn: None,
            overlap: None,
            reply: None,
            interrupted: None,
            cut_off: None,
            unsettled_words: Vec::new(),
            announcements: VecDeque::new(),
            opening: Opening::default(),
            idle: Idle::default(),
            wordless_ms: 0,
            limit: None,
            drain: None,
            deafness: Deafness::default(),
            prepared: Prepared::default(),
            closing: Closing::default(),
            farewells: FarewellsSaid::default(),
            keypad: Keypad::default(),
            tools: Tools::default(),
            background: None,
            transfers: Transfers::default(),
            voicemail: voicemail::Voicemail::default(),
            gatekeeper: Gatekeeper::default(),
            fillers: fillers::Fillers::default(),
            digits_to_send: Vec::new(),
            skipped_ms: None,
            failed_stage: None,
            is_muted: false,
            owes_answer: false,
            history: History::default(),
            own_words: OwnWords::default(),
            timers: Timers::default(),
            outputs: VecDeque::new(),
            next_turn: TurnId::default(),
            next_utterance: UtteranceId::default(),
            next_ask: 0,
            model_ms: 0,
            recognised_at: Timestamp::ZERO,
            finished: None,
            sounded_at: Timestamp::ZERO,
            murmured_at: None,
            counts: ConversationCounts::default(),
        }
    }

    /// Who has the floor.
    pub const fn state(&self) -> State {
        self.state
    }

    /// What was said, as it was heard.
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// How often rules decided.
    pub const fn counts(&self) -> ConversationCounts {
        self.counts
    }

    /// Takes note of something that happened.
    ///
    /// # Panics
    /// If time goes backwards or outputs were left behind: the driver is broken.
    pub fn handle(&mut self, now: Timestamp, input: Input) {
        assert!(now >= self.now, "time goes backwards: {now:?} after {:?}", self.now);
        assert!(self.outputs.is_empty(), "outputs were not taken");
        self.now = now;
        match (self.state, input) {
            (State::Ended, _) => {}
            (_, Input::LineDropped { by }) => self.line_dropped(by),
            (_, Input::Control(command)) => self.control(command),
            (_, Input::Carrier(event)) => self.carrier_reported(&event),
            (_, Input::Timeout) => self.timeout(),
            (_, Input::Failed { stage, observed }) => self.failed(stage, &observed),
            (State::Waiting, Input::Answered { speech_rate }) => self.open(speech_rate),
            (State::Waiting, _) | (_, Input::Answered { .. }) => {}
            (state, Input::Frame(frame)) => {
                self.heed(frame);
                self.note_media();
                match state {
                    State::Listening => {
                        self.listen();
                        self.speak_up();
                    }
                    State::CallerTurn => self.follow_turn(),
                    State::Thinking => self.follow_thinking(),
                    State::Speaking | State::Ducked => self.follow_overlap(),
                    State::Working => self.follow_work(),
                    State::Machine | State::Transferring | State::Waiting | State::Ended => {}
                }
                self.watch_line();
            }
            (state, Input::Stt(event)) => self.recognised(state, event),
            (_, Input::Tone(tone)) => self.tone_heard(&tone),
            (_, Input::Tool(event)) => self.tool_reported(event),
            (_, Input::Digit { digit, origin }) => self.key_reported(digit, origin),
            (_, Input::EndOfTurn { ask, permille }) => self.end_of_turn_judged(ask, permille),
            (_, Input::Llm(event)) => self.model_said(event),
            (_, Input::Tts(note)) => self.voice_made(note),
            (state, Input::Playout(PlayoutEvent::Speaking { utterance })) => {
                self.speaking(state, utterance);
            }
            (_, Input::Playout(PlayoutEvent::Heard { utterance, samples, is_all })) => {
                self.heard(utterance, samples, is_all);
            }
        }
        self.check();
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// The next deadline, and why. Hand in [`Input::Timeout`] when it has come.
    pub fn poll_timeout(&self) -> Option<(Timestamp, Timer)> {
        self.timers.next()
    }

    /// What must hold between any two inputs.
    fn check(&self) {
        debug_assert!(
            self.state != State::Thinking || self.reply.is_some(),
            "an answer is awaited that nobody makes"
        );
        debug_assert!(
            !matches!(self.state, State::Speaking | State::Ducked) || self.reply.is_some(),
            "a reply is heard that does not exist"
        );
        debug_assert!(
            self.state != State::CallerTurn || self.turn.is_some(),
            "a turn goes on that was not opened"
        );
        debug_assert!(
            self.state != State::Working || self.tools.is_waited_for(),
            "tools are waited for that do not run"
        );
        debug_assert!(
            self.state != State::Ended || self.timers.next().is_none(),
            "a timer outlives the call"
        );
    }

    /// The call is answered: the clocks run and the sentences that may be needed are made.
    fn open(&mut self, speech_rate: SampleRate) {
        self.speech_rate = speech_rate;
        self.note_media();
        self.state = State::Listening;
        if !self.config.missing_variables.is_empty() {
            self.decided("missing_variables", self.config.missing_variables.join(", "));
        }
        self.prepare_sentences();
        self.start_limit();
        self.run_tools_before();
        self.start_opening();
        self.judge_machine();
    }

    fn timeout(&mut self) {
        while let Some(timer) = self.timers.expire(self.now) {
            match timer {
                Timer::FinalWords => self.finals_overdue(),
                Timer::Resume => self.resume_due(),
                Timer::ReplyStalled => self.reply_stalled(),
                Timer::MediaLost if self.transfer_takes_stream() => {}
                Timer::MediaLost => self.drop_line(Cause::MediaLost, "no media for 10 s"),
                Timer::Opening => self.opening_due(),
                Timer::Limit => self.limit_due(),
                Timer::Drain => self.drain_due(),
                Timer::Keypad => self.entry_complete(),
                Timer::Tool => self.tool_due(),
                Timer::Filler => self.filler_due(),
                Timer::Transfer => self.transfer_due(),
            }
        }
    }

    fn heed(&mut self, frame: VoiceFrame) {
        let words_at = self.recognised_at;
        self.voice = match self.noise.heed(self.now, frame, words_at) {
            Heed::Frame(frame) => frame,
            Heed::AskForWords(frame) => {
                self.outputs.push_back(Output::Stt(SttCommand::Finalize));
                frame
            }
        };
        if self.voice.is_open && self.voice.silence_ms == 0 {
            self.sounded_at = self.now;
        }
    }

    fn note_media(&mut self) {
        if self.config.media_is_continuous {
            self.timers.set(Timer::MediaLost, self.now + millis(MEDIA_LOST));
        }
    }

    fn playout(&mut self, command: PlayoutCommand) {
        self.outputs.push_back(Output::Playout(command));
    }

    fn decided(&mut self, rule: &'static str, observed: String) {
        let evidence = self.evidence(rule, observed);
        self.outputs.push_back(Output::Decided(evidence));
    }

    const fn evidence(&self, rule: &'static str, observed: String) -> Evidence {
        Evidence { at: self.now, rule: Cow::Borrowed(rule), observed }
    }

    fn take_turn_id(&mut self) -> TurnId {
        let turn = self.next_turn;
        self.next_turn = turn.next();
        turn
    }

    /// Nobody speaks: whatever waits to be said is next.
    fn speak_up(&mut self) {
        if self.state != State::Listening || self.voice.is_open {
            return;
        }
        let may_open = !self.tools.holds_opening() && !self.is_muted;
        if self.opening == Opening::Due && may_open {
            return self.say_opening();
        }
        if let Some((text, is_interruptible)) = self.announcements.pop_front() {
            self.say(&text, Purpose::Announcement, is_interruptible);
        }
    }

    /// Says something that no model has to be asked for.
    fn say(&mut self, text: &str, purpose: Purpose, is_interruptible: bool) {
        let request = RequestId { turn: self.take_turn_id(), attempt: 0 };
        let mut reply = Reply::fixed(request, text, self.now, &self.speech);
        reply.purpose = purpose;
        reply.is_interruptible = is_interruptible;
        self.say_reply(reply);
    }

    /// A reply that the model is asked for.
    fn reply_of_model(&self, request: RequestId, basis: &str) -> Reply {
        let seed = self.config.seed ^ u64::from(request.turn.index());
        Reply::new(request, basis, self.now, &self.speech, seed)
    }

    /// Says a reply that is whole.
    fn say_reply(&mut self, reply: Reply) {
        let request = reply.request;
        self.reply = Some(reply);
        self.state = State::Thinking;
        self.playout(PlayoutCommand::Play { request });
        self.watch_reply();
        self.ask_for_speech();
    }

    /// Asks the model for words that answer no turn of the caller: an opening, a farewell. What
    /// they are for it is told by a note.
    fn ask_unprompted(&mut self, purpose: Purpose) {
        let request = RequestId { turn: self.take_turn_id(), attempt: 0 };
        let mut reply = self.reply_of_model(request, "");
        reply.purpose = purpose;
        if purpose == Purpose::Answer {
            // What tools brought is told with it.
            self.tools.has_results = false;
        }
        self.ask(request, None, false);
        if let Some(overlap) = &mut self.overlap {
            // What was said before is answered afterwards; it interrupts nothing.
            overlap.begin_utterance(self.now);
        }
        self.reply = Some(reply);
        self.state = State::Thinking;
        self.commit_reply();
    }
}

/// A time of the rules.
pub(crate) const fn millis(millis: u32) -> Duration {
    Duration::from_millis(millis as u64)
}
