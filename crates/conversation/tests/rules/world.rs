//! Everything around a conversation, in simulated time: a voice gate, a recogniser, a language
//! model, a voice and a line. Checkers run after every input.

mod checks;
mod obey;

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use offhook_conversation::{
    CallSettings, Conversation, ConversationConfig, Entry, Input, OpeningSettings, Recorder, State,
    TurnSettings,
};
use offhook_types::{
    CarrierCommand, ChatMessage, ControlCommand, DtmfDigit, DtmfOrigin, EndReason, EndedBy,
    LlmEvent, PlayoutEvent, RequestId, SampleRate, SttEvent, Timestamp, TraceLine, TtsNote, TurnId,
    UtteranceId, VoiceFrame,
};

use crate::caller::Caller;
use crate::model::Model;
use crate::outside::Outside;
use crate::reference::Reference;

/// How long everything around the conversation takes, in ms.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delays {
    /// From the end of a word to the partial with it.
    pub(crate) partial: u64,
    /// From being told to finish to the final.
    pub(crate) last_words: u64,
    /// To the model's first token.
    pub(crate) first_token: u64,
    /// Between tokens.
    pub(crate) token: u64,
    /// To a clause's audio.
    pub(crate) speech: u64,
    /// To the end-of-turn model's answer; 0 is no model.
    pub(crate) end_of_turn: u64,
}

pub(crate) const DELAYS: Delays = Delays {
    partial: 150,
    last_words: 100,
    first_token: 100,
    token: 20,
    speech: 80,
    end_of_turn: 0,
};

/// Samples of speech per character of text: a slow voice at 8 kHz.
const CHARACTER: u64 = 480;
const FRAME_MS: u64 = 20;
const FRAME: u64 = 160;

/// What is known of a call when it is over.
pub(crate) struct World {
    pub(crate) conversation: Conversation,
    caller: Caller,
    pub(crate) delays: Delays,
    pub(crate) model: Model,
    pub(crate) outside: Outside,
    /// What the end-of-turn model thinks, by turn.
    pub(crate) end_of_turn_permille: u16,
    now: u64,
    gate: Gate,
    pending: Vec<(u64, u64, Input)>,
    next_pending: u64,
    words_recognised: usize,
    words_final: usize,
    pub(crate) cancelled: Vec<RequestId>,
    playing: VecDeque<Speech>,
    allowed: Option<RequestId>,
    /// When the agent was heard, in ms: first and last frame of each stretch.
    pub(crate) agent: Vec<(u64, u64)>,
    pub(crate) log: Vec<(u64, String)>,
    pub(crate) ended: Option<EndReason>,
    recorder: Recorder,
    trace: Vec<TraceLine>,
    /// A model of turns that is compared with what happens; it knows of no other rules.
    reference: Option<Reference>,
    /// Letters that were played, by turn.
    played: BTreeMap<TurnId, u64>,
    hung_up_on_speech: bool,
    /// Each clause when the caller heard it begin.
    pub(crate) spoken: Vec<(u64, String)>,
    /// The recogniser's connection is dead, and nobody was told.
    pub(crate) is_recogniser_dead: bool,
    limit_ms: Option<u64>,
    hangup_ms: Option<u64>,
    /// The line's own time, and when it last had a reason to be open.
    line_ms: u64,
    active_ms: u64,
    /// The agent or both sides have ended the conversation, and nobody went on.
    is_closing: bool,
    is_muted: bool,
    skipped_ms: Option<u64>,
    /// What was asked of the carrier, in order.
    pub(crate) carrier_asked: Vec<CarrierCommand>,
    pub(crate) is_ducked: bool,
    pub(crate) ducked_frames: u64,
    pub(crate) model_asked: u32,
    /// How many tools each request offered.
    pub(crate) tools_offered: Vec<usize>,
    /// How long the voice was told to fade, each time that it was cut.
    pub(crate) fades_ms: Vec<u32>,
    /// The clauses with these numbers are never made.
    pub(crate) mute_clauses: Range<usize>,
    clauses: usize,
    /// The model has nothing to say as long as the turn is not over.
    pub(crate) guesses_say_nothing: bool,
    /// Everything that was asked of the model, the newest last.
    pub(crate) asked: Vec<Vec<ChatMessage>>,
}

struct Speech {
    request: RequestId,
    utterance: UtteranceId,
    text: String,
    made: u64,
    is_made: bool,
    played: u64,
}

#[derive(Default)]
struct Gate {
    voiced_ms: u32,
    silence_ms: u32,
    is_open: bool,
}

impl World {
    pub(crate) fn new(settings: TurnSettings, caller: Caller, answers: &[&str]) -> Self {
        Self::with(settings, caller, answers, DELAYS, None)
    }

    pub(crate) fn with(
        turns: TurnSettings,
        caller: Caller,
        answers: &[&str],
        delays: Delays,
        opening: Option<&str>,
    ) -> Self {
        let mut world = Self::prepare(turns, caller, answers, delays, opening);
        world.tell(Input::Answered { speech_rate: SampleRate::HZ_8000 });
        world
    }

    /// A call that was not answered yet.
    pub(crate) fn unanswered(
        turns: TurnSettings,
        caller: Caller,
        answers: &[&str],
        delays: Delays,
    ) -> Self {
        Self::prepare(turns, caller, answers, delays, None)
    }

    fn prepare(
        turns: TurnSettings,
        caller: Caller,
        answers: &[&str],
        delays: Delays,
        opening: Option<&str>,
    ) -> Self {
        let config = ConversationConfig {
            prompt: "You are a test.".to_owned(),
            opening: opening.map(OpeningSettings::from),
            turns,
            call: CallSettings::default(),
            speech: Default::default(),
            missing_variables: Vec::new(),
            seed: 0,
            media_is_continuous: true,
        };
        let reference = opening.is_none().then(|| Reference::new(config.turns.clone(), None));
        Self { reference, ..Self::of(config, caller, answers, delays) }
    }

    /// A call with these rules, not answered yet.
    pub(crate) fn of(
        config: ConversationConfig,
        caller: Caller,
        answers: &[&str],
        delays: Delays,
    ) -> Self {
        let limit_ms = config.call.limits.max_call_ms.map(u64::from);
        let hangup_ms = config.call.silence.hangup_ms.map(u64::from);
        let trace = vec![Recorder::configured(&config).expect("json")];
        Self {
            conversation: Conversation::new(config),
            caller,
            delays,
            model: Model::new(answers),
            outside: Outside::default(),
            end_of_turn_permille: 500,
            now: 0,
            gate: Gate::default(),
            pending: Vec::new(),
            next_pending: 0,
            words_recognised: 0,
            words_final: 0,
            cancelled: Vec::new(),
            playing: VecDeque::new(),
            allowed: None,
            agent: Vec::new(),
            log: Vec::new(),
            ended: None,
            recorder: Recorder::default(),
            trace,
            reference: None,
            played: BTreeMap::new(),
            hung_up_on_speech: false,
            spoken: Vec::new(),
            is_recogniser_dead: false,
            limit_ms,
            hangup_ms,
            line_ms: 0,
            active_ms: 0,
            is_closing: false,
            is_muted: false,
            skipped_ms: None,
            carrier_asked: Vec::new(),
            is_ducked: false,
            ducked_frames: 0,
            model_asked: 0,
            tools_offered: Vec::new(),
            fades_ms: Vec::new(),
            mute_clauses: 0..0,
            clauses: 0,
            guesses_say_nothing: false,
            asked: Vec::new(),
        }
    }

    /// Lets the call go on until everything was said and answered, at most two minutes.
    pub(crate) fn run(mut self) -> Self {
        let quiet_after = self.caller.end() + 4_000;
        while self.now < 120_000 && self.ended.is_none() {
            self.step();
            let is_quiet = self.conversation.state() == State::Listening;
            if self.now > quiet_after && is_quiet && self.pending.is_empty() {
                break;
            }
        }
        self
    }

    /// Lets the call go on until it has ended, for so long at most.
    pub(crate) fn run_to_end(mut self, millis: u64) -> Self {
        while self.now < millis && self.ended.is_none() {
            self.step();
        }
        self
    }

    /// The call is answered.
    pub(crate) fn answered(mut self) -> Self {
        self.tell(Input::Answered { speech_rate: SampleRate::HZ_8000 });
        self
    }

    /// An answered call with these rules.
    pub(crate) fn ruled(call: CallSettings, caller: Caller, answers: &[&str]) -> Self {
        Self::of(config(call), caller, answers, DELAYS).answered()
    }

    /// No media comes for so long; everything else goes on.
    pub(crate) fn stall(&mut self, millis: u64) {
        let until = self.now + millis;
        while self.now < until && self.ended.is_none() {
            self.now += FRAME_MS;
            self.deliver();
            if self.conversation.poll_timeout().is_some_and(|(at, _)| at <= at_ms(self.now)) {
                self.tell(Input::Timeout);
            }
        }
    }

    pub(crate) fn control(&mut self, command: ControlCommand) {
        self.tell(Input::Control(command));
    }

    /// Something happens to the call from outside.
    pub(crate) fn happens(&mut self, input: Input) {
        self.tell(input);
    }

    /// When the agent began to say this clause, in ms.
    pub(crate) fn said_at(&self, text: &str) -> Option<u64> {
        self.spoken.iter().find(|(_, said)| said == text).map(|(at, _)| *at)
    }

    /// The kind of the end, in the words of its debug form, and when it came.
    pub(crate) fn end(&self) -> (String, u64) {
        let reason = self.ended.as_ref().expect("the call ended");
        (format!("{:?} by {:?}", reason.kind, reason.who), self.now)
    }

    /// Lets the call go on up to this moment.
    pub(crate) fn run_until(&mut self, millis: u64) {
        while self.now < millis {
            self.step();
        }
    }

    pub(crate) fn announce(&mut self, text: &str) {
        let (text, is_interruptible) = (text.to_owned(), true);
        self.tell(Input::Control(ControlCommand::Say { text, is_interruptible }));
    }

    pub(crate) fn hang_up(&mut self) {
        self.tell(Input::LineDropped { by: EndedBy::Caller });
    }

    /// Hands in one input and gives a word for each output, without obeying any.
    pub(crate) fn try_out(&mut self, input: Input) -> Vec<String> {
        self.conversation.handle(at_ms(self.now), input);
        let outputs = std::iter::from_fn(|| self.conversation.poll_output());
        outputs.map(|output| obey::word_for(&output)).collect()
    }

    /// The conversation as `caller: …` and `agent: …` lines, as the model is shown it.
    pub(crate) fn transcript(&self) -> String {
        let lines = self.conversation.history().entries().iter().map(|entry| match entry {
            Entry::Caller { text, .. } => format!("caller: {text}"),
            Entry::Agent { text, was_interrupted: false, .. } => format!("agent: {text}"),
            Entry::Agent { text, .. } => format!("agent: {text}--"),
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Milliseconds from a moment to the first frame of the agent behind it.
    pub(crate) fn heard_after(&self, millis: u64) -> Option<u64> {
        self.agent.iter().map(|(from, _)| *from).find(|from| *from >= millis).map(|at| at - millis)
    }

    /// Until when the agent was heard in the stretch that covers this moment.
    pub(crate) fn silent_after(&self, millis: u64) -> Option<u64> {
        let covers = |stretch: &&(u64, u64)| (stretch.0..=stretch.1).contains(&millis);
        self.agent.iter().find(covers).map(|(_, to)| to - millis)
    }

    pub(crate) fn decided(&self, rule: &str) -> usize {
        self.log.iter().filter(|(_, line)| line.starts_with(rule)).count()
    }

    fn step(&mut self) {
        self.now += FRAME_MS;
        self.deliver();
        self.recognise();
        self.press();
        self.play();
        let frame = self.gate.next(self.caller.is_voiced(self.now - FRAME_MS));
        self.tell(Input::Frame(frame));
        if self.conversation.poll_timeout().is_some_and(|(at, _)| at <= at_ms(self.now)) {
            self.tell(Input::Timeout);
        }
        self.check_line();
    }

    /// Hands in whatever has arrived by now.
    fn deliver(&mut self) {
        loop {
            self.pending.sort_by_key(|(due, order, _)| (*due, *order));
            match self.pending.first() {
                Some((due, _, _)) if *due <= self.now => {
                    let (_, _, input) = self.pending.remove(0);
                    self.arrive(input);
                }
                _ => return,
            }
        }
    }

    fn arrive(&mut self, input: Input) {
        if let Input::Llm(LlmEvent::Text { request, .. } | LlmEvent::Finished { request, .. }) =
            &input
            && self.cancelled.contains(request)
        {
            return;
        }
        if let Input::Tts(TtsNote::Audio { request, utterance, samples }) = &input {
            let speech = self
                .playing
                .iter_mut()
                .find(|speech| (speech.request, speech.utterance) == (*request, *utterance));
            let Some(speech) = speech else { return };
            speech.made += samples;
        }
        if let Input::Tts(TtsNote::Finished { request, utterance }) = &input {
            let speech = self
                .playing
                .iter_mut()
                .find(|speech| (speech.request, speech.utterance) == (*request, *utterance));
            let Some(speech) = speech else { return };
            speech.is_made = true;
        }
        if let Input::Tool(event) = &input {
            self.outside.reports(event);
        }
        self.tell(input);
    }

    fn recognise(&mut self) {
        // It works through the audio in order: nothing comes before a final that is on its way.
        let is_busy = self.pending.iter().any(|(_, _, input)| matches!(input, Input::Stt(_)));
        if self.is_recogniser_dead || is_busy {
            return;
        }
        let ended = |end: u64| end + self.delays.partial <= self.now;
        let known = self.caller.words.iter().take_while(|(end, _)| ended(*end)).count();
        if known > self.words_recognised {
            self.words_recognised = known;
            let text = self.words(self.words_final, known);
            self.tell(Input::Stt(SttEvent::Partial { text, stable_bytes: 0 }));
        }
    }

    /// The caller's keys, by the carrier's event and 60 ms later by their tone.
    fn press(&mut self) {
        let due = |delay: u64| {
            let at = self.now - delay.min(self.now);
            let keys = self.caller.keys.iter().filter(move |(pressed, _)| *pressed == at);
            keys.map(|(_, key)| DtmfDigit::try_from(*key).expect("a key")).collect::<Vec<_>>()
        };
        let events = due(0).into_iter().map(|digit| (digit, DtmfOrigin::Event));
        let tones = due(60).into_iter().map(|digit| (digit, DtmfOrigin::Tone));
        for (digit, origin) in events.chain(tones).collect::<Vec<_>>() {
            self.tell(Input::Digit { digit, origin });
        }
    }

    fn words(&self, from: usize, to: usize) -> String {
        let words = self.caller.words[from..to].iter().map(|(_, word)| word.as_str());
        words.collect::<Vec<_>>().join(" ")
    }

    fn play(&mut self) {
        let allowed = self.allowed;
        let is_allowed = |speech: &Speech| Some(speech.request) == allowed;
        let Some(index) = self.playing.iter().position(is_allowed) else { return };
        let speech = &mut self.playing[index];
        let utterance = speech.utterance;
        if speech.played < speech.made {
            let is_first = speech.played == 0;
            speech.played = (speech.played + FRAME).min(speech.made);
            let samples = speech.played;
            let text = speech.text.clone();
            match self.agent.last_mut().filter(|(_, to)| *to + FRAME_MS >= self.now) {
                Some(stretch) => stretch.1 = self.now,
                None => self.agent.push((self.now, self.now)),
            }
            self.ducked_frames += u64::from(self.is_ducked);
            if is_first {
                self.spoken.push((self.now, text));
                self.tell(Input::Playout(PlayoutEvent::Speaking { utterance }));
            }
            self.tell(Input::Playout(PlayoutEvent::Heard { utterance, samples, is_all: false }));
        }
        let is_over = |speech: &Speech| {
            speech.utterance == utterance && speech.is_made && speech.played == speech.made
        };
        if let Some(index) = self.playing.iter().position(is_over)
            && let Some(speech) = self.playing.remove(index)
        {
            let samples = speech.played;
            self.note_played(&speech);
            self.tell(Input::Playout(PlayoutEvent::Heard { utterance, samples, is_all: true }));
        }
    }

    fn later(&mut self, delay: u64, input: Input) {
        self.pending.push((self.now + delay, self.next_pending, input));
        self.next_pending += 1;
    }

    fn tell(&mut self, input: Input) {
        let is_words = |text: &str| text.chars().any(char::is_alphanumeric);
        let is_activity = match &input {
            Input::Stt(SttEvent::Partial { text, .. } | SttEvent::Final { text, .. }) => {
                is_words(text)
            }
            Input::Digit { .. } | Input::Playout(_) => true,
            Input::Answered { .. }
            | Input::Frame(_)
            | Input::Stt(_)
            | Input::EndOfTurn { .. }
            | Input::Llm(_)
            | Input::Tts(_)
            | Input::Tone(_)
            | Input::Tool(_)
            | Input::Carrier(_)
            | Input::Control(_)
            | Input::LineDropped { .. }
            | Input::Failed { .. }
            | Input::Timeout => false,
        };
        if is_activity {
            self.active_ms = self.line_ms;
        }
        let (now, trace) = (at_ms(self.now), &mut self.trace);
        self.recorder.input(now, &input, |line| trace.push(line));
        self.conversation.handle(now, input.clone());
        let mut outputs = Vec::new();
        while let Some(output) = self.conversation.poll_output() {
            self.recorder.output(now, &output, |line| trace.push(line));
            outputs.push(output);
        }
        if let Some(reference) = &mut self.reference {
            let judged = reference.step(self.now, &input, &outputs, &self.conversation);
            judged.unwrap_or_else(|disagreement| panic!("{disagreement}"));
        }
        for output in outputs {
            assert!(self.ended.is_none(), "{output:?} after the end");
            self.obey(output);
        }
        self.check();
    }

    fn note(&mut self, line: String) {
        match line.split(':').next().unwrap_or_default() {
            "end_call" | "farewell" => self.is_closing = true,
            "closing" | "keypad" | "voicemail" | "person" => self.is_closing = false,
            "skip_turn" => self.skipped_ms = Some(self.line_ms),
            "mute" => {
                self.is_muted = line.ends_with("silenced");
                self.is_closing = false;
            }
            _ => {}
        }
        self.log.push((self.now, line));
    }

    /// The call as the lines of its trace.
    pub(crate) fn trace(&mut self) -> Vec<String> {
        let trace = &mut self.trace;
        self.recorder.finish(|line| trace.push(line));
        trace.iter().map(|line| line.to_json().expect("json")).collect()
    }

    pub(crate) const fn now(&self) -> u64 {
        self.now
    }

    /// Takes note of what was played of a clause.
    fn note_played(&mut self, speech: &Speech) {
        let share = letters(&speech.text) * speech.played / speech.made.max(1);
        *self.played.entry(speech.request.turn).or_default() += share;
    }
}

/// A call with these rules.
pub(crate) fn config(call: CallSettings) -> ConversationConfig {
    ConversationConfig {
        prompt: "You are a test.".to_owned(),
        opening: None,
        turns: TurnSettings::default(),
        call,
        speech: Default::default(),
        missing_variables: Vec::new(),
        seed: 0,
        media_is_continuous: true,
    }
}

impl Gate {
    /// Opens with 60 ms of voice, closes 200 ms after the last.
    fn next(&mut self, is_voiced: bool) -> VoiceFrame {
        if is_voiced {
            self.voiced_ms += 20;
            self.is_open |= self.voiced_ms >= 60;
        }
        if is_voiced && self.is_open {
            self.silence_ms = 0;
        } else {
            self.silence_ms += 20;
        }
        if !is_voiced && (self.silence_ms >= 200 || !self.is_open) {
            self.is_open = false;
            self.voiced_ms = 0;
        }
        VoiceFrame {
            is_voiced,
            is_open: self.is_open,
            voiced_ms: self.voiced_ms,
            silence_ms: self.silence_ms,
            extra_ms: 0,
        }
    }
}

const fn at_ms(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn letters(text: &str) -> u64 {
    text.chars().filter(|character| !character.is_whitespace()).count() as u64
}
