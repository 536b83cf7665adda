//! The session of one call.

mod ears;
mod mouth;

use std::collections::VecDeque;

use offhook_conversation as talk;
use offhook_conversation::{Conversation, ConversationConfig, ConversationCounts, History, State};
use offhook_telephony::{
    Demand, Dialect, DtmfOut, HangupMeans, MediaStream, START_TIMEOUT, StreamCounts, StreamPhase,
};
use offhook_types::{
    BackgroundSound, CarrierCommand, DtmfDigit, EndReason, EndedBy, FailedStage, LlmCommand,
    PlayoutCommand, SttCommand, Timestamp, ToolCommand, TraceLine, TtsCommand, UtteranceId,
};

use crate::config::SessionConfig;
use crate::input::Input;
use crate::lines::Lines;
use crate::output::Output;
use crate::recorder::Recorder;
use crate::speech::SpeechQueue;
use crate::timer::Timer;

/// One whole call, on one stream.
///
/// Getters; [`handle_input`](Self::handle_input) for whatever happens; then
/// [`poll_output`](Self::poll_output) until it is empty, in this order: messages, audio for the
/// recogniser, the rest; then [`poll_timeout`](Self::poll_timeout) for the next deadline and its
/// reason. `now` never goes backwards; the same inputs give the same outputs.
///
/// Two kinds of time: `now` is the call's clock; what the caller says is timed by the samples of
/// its stream, so that a stall of the network is no silence.
pub struct Session {
    config: SessionConfig,
    stream: MediaStream,
    lines: Option<Lines>,
    conversation: Conversation,
    speech: SpeechQueue,
    now: Timestamp,
    recorder: Recorder,
    /// What the conversation asked for and was not done yet.
    asked: VecDeque<talk::Output>,
    outputs: VecDeque<Pending>,
    /// Audio for the recogniser: what waits, and what is lent.
    heard_audio: Vec<i16>,
    lent_audio: Vec<i16>,
    /// Clauses that were sent, in whole or in part, and not yet heard.
    sent: VecDeque<SentClause>,
    /// Samples of the stream before the current generation.
    generation_start: u64,
    murmur_at: Option<usize>,
    /// What is heard wherever nobody speaks, and how far it is.
    background: Option<(BackgroundSound, usize)>,
    lost_frames: u64,
    dropped_audio: u64,
}

/// An output that owns what it says.
#[derive(Debug)]
enum Pending {
    Stt(SttCommand),
    Llm(LlmCommand),
    Tts(TtsCommand),
    AskEndOfTurn { ask: u32 },
    Tool(ToolCommand),
    Carrier(CarrierCommand),
    Hangup(HangupMeans),
    Trace(TraceLine),
    Ended(EndReason),
}

/// A clause on its way to the caller's ear.
#[derive(Clone, Copy, Debug)]
struct SentClause {
    utterance: UtteranceId,
    samples: u64,
    is_complete: bool,
    /// Nothing more of it will be sent, although it is not complete.
    is_dropped: bool,
    reported: u64,
}

/// Audio for the recogniser that may come at once, after a stall; what is longer is a line that was
/// lost.
const HEARD_AUDIO_MS_MAX: u32 = 10_000;
/// Room for it from the start: more than a step brings on a line that flows.
const HEARD_AUDIO_MS: u32 = 100;

impl Session {
    /// A call whose media socket was just opened.
    pub fn new(config: SessionConfig, dialect: Box<dyn Dialect>) -> Self {
        let stream = MediaStream::new(dialect);
        let talk = ConversationConfig {
            prompt: config.prompt.clone(),
            opening: config.opening.clone(),
            turns: config.turns.clone(),
            call: config.call.clone(),
            speech: config.speech.clone(),
            missing_variables: config.missing_variables.clone(),
            seed: config.seed,
            media_is_continuous: stream.caps().is_continuous,
        };
        let waiting = config.audio.recogniser_rate.samples_in_ms(HEARD_AUDIO_MS);
        Self {
            config,
            stream,
            lines: None,
            recorder: Recorder::new(&talk),
            conversation: Conversation::new(talk),
            speech: SpeechQueue::default(),
            now: Timestamp::ZERO,
            asked: VecDeque::new(),
            outputs: VecDeque::new(),
            heard_audio: Vec::with_capacity(waiting),
            lent_audio: Vec::with_capacity(waiting),
            sent: VecDeque::with_capacity(8),
            generation_start: 0,
            murmur_at: None,
            background: None,
            lost_frames: 0,
            dropped_audio: 0,
        }
    }

    /// Who has the floor.
    pub const fn state(&self) -> State {
        self.conversation.state()
    }

    /// What was said, as it was heard.
    pub const fn history(&self) -> &History {
        self.conversation.history()
    }

    /// How often rules decided.
    pub const fn counts(&self) -> ConversationCounts {
        self.conversation.counts()
    }

    /// What came and went on the stream.
    pub fn stream_counts(&self) -> StreamCounts {
        self.stream.counts()
    }

    /// Frames that could not be encoded, and samples that the recogniser was not given because
    /// nobody took them.
    pub const fn losses(&self) -> (u64, u64) {
        (self.lost_frames, self.dropped_audio)
    }

    /// Takes note of something that happened.
    ///
    /// # Panics
    /// If time goes backwards or outputs were left behind: the driver is broken.
    pub fn handle_input(&mut self, now: Timestamp, input: Input<'_>) {
        assert!(now >= self.now, "time goes backwards: {now:?} after {:?}", self.now);
        assert!(self.outputs.is_empty(), "outputs were not taken");
        self.now = now;
        match input {
            Input::Wire(message) => self.hear(message),
            Input::Closed => {
                if self.stream.handle_closed() {
                    self.tell(talk::Input::LineDropped { by: EndedBy::Caller });
                }
            }
            Input::Broken { observed } => {
                if self.stream.handle_closed() {
                    self.fail(FailedStage::Media, observed);
                }
            }
            Input::Stt(event) => self.tell(talk::Input::Stt(event)),
            Input::EndOfTurn { ask, permille } => {
                self.tell(talk::Input::EndOfTurn { ask, permille });
            }
            Input::Llm(event) => self.tell(talk::Input::Llm(event)),
            Input::Tts(event) => self.take_speech(event),
            Input::Tool(event) => self.tell(talk::Input::Tool(event)),
            Input::Carrier(event) => self.tell(talk::Input::Carrier(event)),
            Input::Control(command) => self.tell(talk::Input::Control(command)),
            Input::Timeout => self.timeout(),
        }
        self.settle();
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output<'_>> {
        // The borrow checker does not see that a message that is returned ends the call.
        if !self.stream.is_drained() {
            return self.stream.poll_message().map(Output::Wire);
        }
        if !self.heard_audio.is_empty() {
            std::mem::swap(&mut self.heard_audio, &mut self.lent_audio);
            self.heard_audio.clear();
            return Some(Output::SttAudio(&self.lent_audio));
        }
        self.outputs.pop_front().map(|pending| match pending {
            Pending::Stt(command) => Output::Stt(command),
            Pending::Llm(command) => Output::Llm(command),
            Pending::Tts(command) => Output::Tts(command),
            Pending::AskEndOfTurn { ask } => Output::AskEndOfTurn { ask },
            Pending::Tool(command) => Output::Tool(command),
            Pending::Carrier(command) => Output::Carrier(command),
            Pending::Hangup(means) => Output::Hangup(means),
            Pending::Trace(line) => Output::Trace(line),
            Pending::Ended(reason) => Output::Ended(reason),
        })
    }

    /// The next deadline, and why. Hand in [`Input::Timeout`] when it has come.
    pub fn poll_timeout(&self) -> Option<(Timestamp, Timer)> {
        if self.state() == State::Ended {
            return None;
        }
        let start = (self.stream.phase() == StreamPhase::Awaiting)
            .then(|| (Timestamp::ZERO + START_TIMEOUT, Timer::Start));
        let playout = self.stream.poll_timeout(self.demand()).map(|at| (at, Timer::Playout));
        let reception = self.lines.as_ref().and_then(|lines| lines.inbound.deadline());
        let heard = self.heard_deadline();
        let rule = self.conversation.poll_timeout();
        [
            start,
            playout,
            reception.map(|at| (at, Timer::Reception)),
            heard.map(|at| (at, Timer::Heard)),
            rule.map(|(at, timer)| (at, Timer::Conversation(timer))),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn timeout(&mut self) {
        if self.state() == State::Ended {
            return;
        }
        if self.stream.phase() == StreamPhase::Awaiting
            && self.now >= Timestamp::ZERO + START_TIMEOUT
        {
            return self.fail(FailedStage::Media, "the stream did not start");
        }
        self.advance_reception();
        if self.conversation.poll_timeout().is_some_and(|(at, _)| at <= self.now) {
            self.tell(talk::Input::Timeout);
        }
    }

    /// Tells the conversation, and keeps what it asks for.
    fn tell(&mut self, input: talk::Input) {
        self.recorder.tell(&mut self.conversation, &mut self.asked, self.now, input);
    }

    /// Does what the conversation asks until nothing is left, then plays what is due.
    fn settle(&mut self) {
        loop {
            while let Some(asked) = self.asked.pop_front() {
                self.obey(asked);
            }
            self.play();
            self.report_heard();
            if self.asked.is_empty() {
                break;
            }
        }
        if self.state() == State::Ended {
            self.recorder.finish();
        }
        // The end is the last output.
        let is_end = |pending: &Pending| matches!(pending, Pending::Ended(_));
        let end = self.outputs.iter().position(is_end).and_then(|at| self.outputs.remove(at));
        self.outputs.extend(self.recorder.take().map(Pending::Trace));
        self.outputs.extend(end);
    }

    fn obey(&mut self, asked: talk::Output) {
        match asked {
            talk::Output::Llm(command) => self.outputs.push_back(Pending::Llm(command)),
            talk::Output::Tts(command) => {
                if let TtsCommand::Say { request, utterance, .. } = &command {
                    self.speech.expect(*request, *utterance);
                }
                self.outputs.push_back(Pending::Tts(command));
            }
            talk::Output::Stt(command) => self.outputs.push_back(Pending::Stt(command)),
            talk::Output::AskEndOfTurn { ask } => {
                self.outputs.push_back(Pending::AskEndOfTurn { ask });
            }
            talk::Output::Playout(command) => self.obey_playout(command),
            talk::Output::Tool(command) => self.outputs.push_back(Pending::Tool(command)),
            talk::Output::Carrier(command) => self.obey_carrier(command),
            talk::Output::Hangup => self.drop_line(),
            // The trace holds it.
            talk::Output::Decided(_) => {}
            talk::Output::Ended(reason) => self.outputs.push_back(Pending::Ended(reason)),
        }
    }

    fn obey_playout(&mut self, command: PlayoutCommand) {
        match command {
            PlayoutCommand::Play { request } => self.speech.allow(request),
            PlayoutCommand::Hold { request } => self.speech.hold(request),
            PlayoutCommand::Duck { is_ducked } => self.duck(is_ducked),
            PlayoutCommand::Cut { request, fade_out_ms } => self.cut(request, fade_out_ms),
            PlayoutCommand::Drop { request } => self.drop_speech(request),
            PlayoutCommand::Murmur => self.murmur_at = self.murmur_at.or(Some(0)),
            PlayoutCommand::Background { sound } => self.background = sound.map(|sound| (sound, 0)),
        }
    }

    /// What goes over the media stream where the carrier can, and beside it where not.
    fn obey_carrier(&mut self, command: CarrierCommand) {
        let CarrierCommand::SendDtmf { digits } = command else {
            return self.outputs.push_back(Pending::Carrier(command));
        };
        let is_sent = match self.stream.caps().dtmf_out {
            DtmfOut::Stream => self.stream.send_dtmf(&digits).is_ok(),
            DtmfOut::InBand => self.send_tones(&digits),
            DtmfOut::Rest => {
                let command = CarrierCommand::SendDtmf { digits };
                return self.outputs.push_back(Pending::Carrier(command));
            }
        };
        self.lost_frames += u64::from(!is_sent);
    }

    fn send_tones(&mut self, digits: &[DtmfDigit]) -> bool {
        let text: String = digits.iter().map(|digit| digit.as_char()).collect();
        self.lines.as_mut().is_some_and(|lines| lines.outbound.send_dtmf(&text).is_ok())
    }

    fn drop_line(&mut self) {
        let means = self.stream.caps().hangup;
        if means == HangupMeans::Stream && self.stream.hang_up().is_err() {
            // The stream never started: there is no line to drop.
            return self.outputs.push_back(Pending::Hangup(HangupMeans::Close));
        }
        self.outputs.push_back(Pending::Hangup(means));
    }

    /// The call cannot go on, for a reason that no rule of a conversation knows.
    fn fail(&mut self, stage: FailedStage, observed: &str) {
        self.tell(talk::Input::Failed { stage, observed: observed.to_owned() });
    }

    /// What there is to send.
    fn demand(&self) -> Demand {
        let Some(lines) = &self.lines else { return Demand::Nothing };
        let is_speech = self.speech.is_ready(lines.rate.frame_samples())
            || self.murmur_at.is_some()
            || self.has_background()
            || lines.outbound.is_sending_dtmf();
        if self.state() == State::Ended {
            Demand::Nothing
        } else if is_speech {
            Demand::Speech
        } else if self.config.audio.ambience.is_some() || self.stream.caps().needs_audio_always {
            Demand::Bed
        } else {
            Demand::Nothing
        }
    }
}
