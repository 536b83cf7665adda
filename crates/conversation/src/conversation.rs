//! The state machine of a call's conversation.
//!
//! The one `match` on state and input is [`Conversation::handle`]; each arm is a rule in a file of
//! its own below this one.

mod agent_side;
mod caller_side;
mod overlap;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::time::Duration;

use offhook_types::{
    ControlCommand, EndKind, EndReason, EndedBy, Evidence, FailedStage, PlayoutCommand,
    PlayoutEvent, RequestId, SampleRate, SttCommand, Timestamp, TurnId, UtteranceId, VoiceFrame,
};
use serde::{Deserialize, Serialize};

use crate::history::History;
use crate::input::Input;
use crate::interruption::InterruptionRules;
use crate::lexicon::Lexicon;
use crate::noise::{Heed, NoiseWatch};
use crate::output::Output;
use crate::own_words::OwnWords;
use crate::reply::Reply;
use crate::rules::MEDIA_LOST;
use crate::settings::TurnSettings;
use crate::state::State;
use crate::timer::{Timer, Timers};
use crate::turn::Turn;

/// What a conversation is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConversationConfig {
    /// The system prompt, variables and all.
    pub prompt: String,
    /// What the agent says when the call is answered; nothing waits for the caller.
    pub opening: Option<String>,
    /// The rules of turns.
    pub turns: TurnSettings,
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
    /// Words that were answered or left aside before they were final.
    unsettled_words: Vec<String>,
    /// What somebody outside wants to be said, and whether it may be interrupted.
    announcements: VecDeque<(String, bool)>,
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
        Self {
            interruption: InterruptionRules::new(&config.turns, lexicon),
            config,
            lexicon,
            state: State::Waiting,
            now: Timestamp::ZERO,
            speech_rate: SampleRate::HZ_8000,
            voice: VoiceFrame::default(),
            noise: NoiseWatch::default(),
            turn: None,
            overlap: None,
            reply: None,
            interrupted: None,
            unsettled_words: Vec::new(),
            announcements: VecDeque::new(),
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
                        self.announce();
                    }
                    State::CallerTurn => self.follow_turn(),
                    State::Thinking => self.follow_thinking(),
                    State::Speaking | State::Ducked => self.follow_overlap(),
                    State::Waiting | State::Ended => {}
                }
            }
            (state, Input::Stt(event)) => self.recognised(state, event),
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
            self.state != State::Ended || self.timers.next().is_none(),
            "a timer outlives the call"
        );
    }

    fn open(&mut self, speech_rate: SampleRate) {
        self.speech_rate = speech_rate;
        self.note_media();
        match self.config.opening.clone() {
            Some(text) => self.say(&text, true),
            None => self.state = State::Listening,
        }
    }

    fn control(&mut self, command: ControlCommand) {
        match command {
            ControlCommand::Hangup => {
                self.outputs.push_back(Output::Hangup);
                self.end(EndKind::OperatorEnded, EndedBy::Operator, "an operator hung up");
            }
            ControlCommand::Say { text, is_interruptible } => {
                if self.announcements.len() == ANNOUNCEMENTS_MAX {
                    return self.decided("announcement_refused", "too many wait".to_owned());
                }
                self.announcements.push_back((text, is_interruptible));
                self.announce();
            }
            // Instructions, muting and draining come with the other rules of a call.
            ControlCommand::Inject { .. }
            | ControlCommand::MuteAgent { .. }
            | ControlCommand::Drain { .. } => {}
        }
    }

    fn line_dropped(&mut self, by: EndedBy) {
        let kind = match by {
            EndedBy::Caller => EndKind::HumanPickUpCutOff,
            EndedBy::Agent => EndKind::AgentEnded,
            EndedBy::Operator => EndKind::OperatorEnded,
            EndedBy::System => EndKind::Undefined,
        };
        self.end(kind, by, "the line dropped");
    }

    fn timeout(&mut self) {
        while let Some(timer) = self.timers.expire(self.now) {
            match timer {
                Timer::FinalWords => self.finals_overdue(),
                Timer::Resume => self.resume_due(),
                Timer::ReplyStalled => self.reply_stalled(),
                Timer::MediaLost => {
                    self.outputs.push_back(Output::Hangup);
                    self.end(EndKind::MediaLost, EndedBy::System, "no media for 10 s");
                }
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

    fn failed(&mut self, stage: FailedStage, observed: &str) {
        self.outputs.push_back(Output::Hangup);
        self.end(EndKind::Failed(stage), EndedBy::System, observed);
    }

    /// Ends the call: what runs is cancelled, nothing is left pending.
    fn end(&mut self, kind: EndKind, who: EndedBy, observed: &str) {
        if let Some(reply) = self.reply.take() {
            self.cancel(reply);
        }
        self.interrupted = None;
        (self.turn, self.overlap) = (None, None);
        self.timers.stop_all();
        self.state = State::Ended;
        let evidence = vec![self.evidence("end", observed.to_owned())];
        self.outputs.push_back(Output::Ended(EndReason { kind, who, evidence }));
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
    fn announce(&mut self) {
        if self.state != State::Listening || self.voice.is_open {
            return;
        }
        if let Some((text, is_interruptible)) = self.announcements.pop_front() {
            self.say(&text, is_interruptible);
        }
    }

    /// Says something that no model has to be asked for.
    fn say(&mut self, text: &str, is_interruptible: bool) {
        let request = RequestId { turn: self.take_turn_id(), attempt: 0 };
        let mut reply = Reply::fixed(request, text, self.now);
        reply.is_interruptible = is_interruptible;
        self.reply = Some(reply);
        self.state = State::Thinking;
        self.playout(PlayoutCommand::Play { request });
        self.watch_reply();
        self.ask_for_speech();
    }
}

/// Announcements that may wait for the floor; an operator who sends more is refused.
const ANNOUNCEMENTS_MAX: usize = 8;

/// A time of the rules.
pub(crate) const fn millis(millis: u32) -> Duration {
    Duration::from_millis(millis as u64)
}
