//! A reference model of the rules of a call, written from their description and kept apart from
//! the state machine: it has no states. It keeps the log of a call, works out from it at each step
//! what must have been done and what must not, and says so where the machine did otherwise.
//!
//! Its numbers are its own. Where the rules leave freedom it states bounds: a word that may be an
//! echo may count or not; a turn that may have had a voice or not has two silences.

#[expect(clippy::wildcard_enum_match_arm, reason = "of many facts a question is about few")]
mod log;
#[expect(clippy::wildcard_enum_match_arm, reason = "of many facts a question is about few")]
mod rules;
mod wording;

use offhook_conversation::{Conversation, Input, Output, State, TurnSettings};
use offhook_types::{RequestId, TurnId};

use log::{Answered, Fact, Log};
use wording::{ENGLISH, Look, plain};

/// The model of one call.
pub(crate) struct Reference {
    settings: TurnSettings,
    log: Log,
    floor: Floor,
    /// Since when the agent has been heard, or nobody's answer is due.
    on_air_since: u64,
    due_since: u64,
    free_since: u64,
    /// When the caller's turn began, at the earliest and at the latest.
    began: Option<(u64, u64)>,
    /// Where the utterance begins that may interrupt, at the earliest and at the latest.
    utterance: [usize; 2],
    /// Words that were recognised when the agent was last heard.
    spoken_over: usize,
    /// The last interruption: when, of which turn, and whether words had proved it.
    cut: Option<(u64, TurnId, bool)>,
    wordless_cuts: (TurnId, u32),
    /// What was held and is no answer to the caller: it is owed if no words come.
    owed: Option<(TurnId, usize)>,
    reading: Reading,
}

/// Who may be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Floor {
    /// Nobody, or the caller.
    Free,
    /// The agent, of whom nothing was heard yet.
    Due(RequestId),
    Agent(RequestId),
}

/// What the words say: read when they change.
#[derive(Default)]
struct Reading {
    of: (usize, usize, usize, [usize; 2], usize),
    /// Words without an answer, and as text: for each place where an answer may begin.
    open: Vec<String>,
    texts: Vec<String>,
    /// When the first of them came: of all, and without those that only listen.
    first_at: [u64; 2],
    /// The newest may be the agent's own: they came while it was heard.
    may_be_echo: bool,
    /// Where of them an answer may begin, and how a turn looks that begins there.
    starts: Vec<usize>,
    looks: Vec<Look>,
    open_is_listening: bool,
    /// Something in them asks for an answer.
    open_counts: bool,
    /// What the utterance over the agent's speech means, for each reading of it.
    meanings: Vec<Meaning>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Meaning {
    counted: usize,
    is_listening: bool,
    interrupts: bool,
}

/// What should have been done, and why.
struct Disagreement {
    expected: &'static str,
    because: String,
}

type Verdict = Result<(), Disagreement>;

impl Reference {
    pub(crate) fn new(settings: TurnSettings, opening: Option<&str>) -> Self {
        let fixed = opening.map(str::to_owned).into_iter().collect();
        Self {
            settings,
            log: Log { fixed, ..Log::default() },
            floor: Floor::Free,
            on_air_since: 0,
            due_since: 0,
            free_since: 0,
            began: None,
            utterance: [0; 2],
            spoken_over: 0,
            cut: None,
            wordless_cuts: (TurnId::default(), 0),
            owed: None,
            reading: Reading::default(),
        }
    }

    /// Takes note of a step and judges it.
    pub(crate) fn step(
        &mut self,
        now: u64,
        input: &Input,
        outputs: &[Output],
        machine: &Conversation,
    ) -> Result<(), String> {
        let last_sound = self.log.last_sound;
        let before = self.log.facts.len();
        self.log.note(now, input, outputs);
        // Phrases of one agent are tested by their effect, in `regressions`.
        let settings = &self.settings;
        let own_phrases =
            [&settings.backchannel_words, &settings.interrupt_phrases, &settings.ignore_phrases];
        let has_own = own_phrases.into_iter().any(|phrases| !phrases.is_empty());
        if has_own || matches!(machine.state(), State::Waiting | State::Ended) {
            return Ok(());
        }
        let floor = self.floor;
        self.floor = self.floor_now();
        if floor != Floor::Free && self.floor == Floor::Free {
            self.free_since = now;
        }
        self.follow_utterance(floor, input, last_sound);
        self.read(machine);
        let facts: Vec<Fact> = self.log.facts[before..].iter().map(|(_, f)| f.clone()).collect();
        let judged = self.judge(floor, input, &facts, machine);
        self.settle(floor, &facts, machine.state());
        judged.map_err(|Disagreement { expected, because }| {
            let newest = self.log.facts.iter().rev().take(12).rev();
            let before: String = newest.map(|(at, fact)| format!("\n  {at} ms {fact:?}")).collect();
            format!(
                "at {}.{:03} s the reference model expected that {expected}, because {because}; \
                 the machine is {:?} after {input:?} and did {outputs:?}; before that{before}",
                now / 1_000,
                now % 1_000,
                machine.state(),
            )
        })
    }

    fn judge(
        &mut self,
        before: Floor,
        input: &Input,
        facts: &[Fact],
        machine: &Conversation,
    ) -> Verdict {
        self.floor_is_right(machine.state())?;
        self.going_on_is_right(before, input, facts)?;
        self.answers_are_right(before, facts, machine)?;
        self.caller_is_answered_in_time(input, machine.state())?;
        self.interruptions_are_right(before, input, facts, machine.state())?;
        self.ducking_is_right(before, input, facts, machine.state())?;
        self.nothing_is_owed()?;
        self.questions_are_right(input, facts)?;
        self.guesses_are_right(input, facts)?;
        self.murmurs_are_right(input, facts)?;
        self.speech_is_asked_for(facts)?;
        self.history_is_right(input, facts, machine)
    }

    fn floor_now(&self) -> Floor {
        match self.log.current() {
            None => Floor::Free,
            Some(request) if self.log.is_on_air(request) => Floor::Agent(request),
            Some(request) => Floor::Due(request),
        }
    }

    /// A sound after a pause begins an utterance: words that came before are another.
    fn follow_utterance(&mut self, before: Floor, input: &Input, last_sound: Option<u64>) {
        const PAUSE: u64 = 700;
        let now = self.log.now;
        let is_sound = matches!(input, Input::Frame(_)) && self.log.last_sound == Some(now);
        if !is_sound || !matches!(before, Floor::Agent(_)) {
            return;
        }
        let sound = last_sound.unwrap_or_default();
        let count = self.log.words_count();
        if now - sound.max(self.log.recognised_at).max(self.on_air_since) >= PAUSE {
            self.utterance[0] =
                if self.reading.may_be_echo { self.log.settled.len() } else { count };
        }
        // Words that only listen are done with when the sound stops.
        let is_spent = self.reading.meanings.iter().all(|said| said.is_listening);
        if now - sound >= PAUSE || is_spent && now - sound >= 300 {
            self.utterance[1] = count;
        }
    }

    /// Reads the words if they are others than the last time.
    fn read(&mut self, machine: &Conversation) {
        let log = &self.log;
        let from = log.open_from();
        let asked = machine.history().entries().iter().rev().find_map(|entry| match entry {
            offhook_conversation::Entry::Agent { text, .. } => Some(text.as_str()),
            offhook_conversation::Entry::Caller { .. } => None,
        });
        let asked = asked.unwrap_or_default();
        let of = (
            from,
            log.words_count(),
            log.settled.len(),
            self.utterance,
            self.spoken_over + asked.len(),
        );
        if self.reading.of == of && !self.reading.looks.is_empty() {
            return;
        }
        let open = log.words_from(from);
        let came_at = |place: usize| {
            let lengths = log.facts.iter().rev().filter_map(|(at, fact)| {
                let Fact::Words { settled, trail } = fact else { return None };
                Some((*at, settled + trail.len()))
            });
            lengths.take_while(|(_, length)| *length > place).last().map_or(log.now, |(at, _)| at)
        };
        let over = self.spoken_over.saturating_sub(from).min(open.len());
        // No phrase that only listens is longer than two words.
        let counted = (1..=over).map(|start| (start, ENGLISH.counted(&open[..start])));
        let listening = counted.take_while(|(_, counted)| *counted < 2);
        let starts = listening.filter_map(|(start, counted)| (counted == 0).then_some(start));
        let starts: Vec<usize> = std::iter::once(0).chain(starts).collect();
        let aside = from + starts.last().copied().unwrap_or_default();
        let answered = log.answered.last().map_or(0, |last| last.to);
        let newest = log.words_from(answered.max(log.settled.len()));
        let may_be_echo = !newest.is_empty() && log.may_be_echo;
        let known = if may_be_echo { open.len().saturating_sub(newest.len()) } else { open.len() };
        let whole = starts.iter().map(|start| &open[*start..]);
        let parts = starts.iter().filter(|start| **start < known).map(|start| &open[*start..known]);
        let readings: Vec<&[String]> = whole.chain(parts.filter(|_| may_be_echo)).collect();
        let ends = if may_be_echo { vec![of.1 - newest.len(), of.1] } else { vec![of.1] };
        let meaning = |from: usize, end: usize| {
            let said: Vec<String> = log.words().take(end).skip(from).cloned().collect();
            let is_listening = ENGLISH.is_listening(&said);
            let counted = ENGLISH.counted(&said);
            Meaning {
                counted,
                is_listening,
                interrupts: ENGLISH.interrupts(&said) && !is_listening,
            }
        };
        let mut meanings: Vec<Meaning> = ends
            .into_iter()
            .flat_map(|end| self.utterance.map(|from| meaning(from, end)))
            .collect();
        meanings.dedup();
        self.reading = Reading {
            of,
            first_at: [came_at(from), came_at(aside)],
            may_be_echo,
            looks: readings.iter().map(|said| ENGLISH.look(said, asked)).collect(),
            texts: readings.iter().map(|said| plain(said)).collect(),
            starts,
            open_is_listening: ENGLISH.is_listening(&open),
            open_counts: ENGLISH.counted(&open) > 0,
            open,
            meanings,
        };
    }

    /// Keeps account of what the machine did, right or wrong.
    fn settle(&mut self, before: Floor, facts: &[Fact], state: State) {
        let now = self.log.now;
        let count = self.log.words_count();
        let due_since = self.due_since;
        for fact in facts {
            if let Fact::Play(request) = fact {
                (self.cut, self.owed, self.due_since) = (None, None, now);
                if !self.log.asked.contains_key(request) {
                    (self.spoken_over, self.began) = (count, None);
                }
                self.utterance = [count; 2];
            }
            if let Fact::Cut(request) = fact {
                let is_proven = self.reading.meanings.iter().any(|said| said.counted > 0);
                let (turn, cuts) = self.wordless_cuts;
                let cuts = if turn == request.turn { cuts } else { 0 };
                self.wordless_cuts = (request.turn, cuts + u32::from(!is_proven));
                self.cut = Some((now, request.turn, is_proven));
            }
            if let Fact::Hold(request) = fact
                && !self.log.asked.contains_key(request)
            {
                self.owed = Some((request.turn, count));
            }
        }
        if let Some((_, _, is_proven)) = &mut self.cut {
            *is_proven |= self.reading.meanings.iter().any(|said| said.counted > 0);
        }
        let came_to_nothing = self.log.frame().silence_ms >= 300;
        if came_to_nothing && facts.contains(&Fact::Duck(false)) {
            self.utterance[1] = count;
        }
        match (before, self.floor) {
            (Floor::Agent(_), Floor::Agent(_)) => self.spoken_over = count,
            (_, Floor::Agent(_)) => (self.on_air_since, self.spoken_over) = (now, count),
            (Floor::Agent(_), _) => self.spoken_over = count,
            _ => {}
        }
        let last = self.log.answered.last().map(|last| last.turn);
        let is_asked = |due| self.log.asked.contains_key(&due);
        let is_answer =
            matches!(self.floor, Floor::Due(due) if Some(due.turn) == last && is_asked(due));
        if matches!(self.floor, Floor::Agent(_)) || state == State::Listening {
            self.began = None;
        } else if self.began.is_none() && (state == State::CallerTurn || is_answer) {
            // An interruption began with its utterance; after a reply the floor is new.
            let was_cut = facts.iter().any(|fact| matches!(fact, Fact::Cut(_)));
            self.began = Some((if was_cut { due_since } else { now }, now));
        }
    }

    /// Words without an answer, without what only showed that the caller listened to the agent:
    /// such words may be left aside or not.
    fn may_be_left_aside(&self) -> bool {
        let was_over = self.log.open_from() < self.spoken_over;
        let is_guess = self.cut.is_some_and(|(_, _, is_proven)| !is_proven);
        let may_be_echo = self.reading.may_be_echo && self.log.recognised_at <= self.free_since;
        may_be_echo || self.reading.open_is_listening && (was_over || is_guess)
    }

    fn note_answer(&mut self, turn: TurnId, is_cut_in_on: [bool; 2]) {
        let from = self.log.open_from();
        let answered = Answered { turn, from, to: self.log.words_count(), is_cut_in_on };
        match self.log.answered.last_mut() {
            Some(last)
                if !self
                    .log
                    .speeches
                    .iter()
                    .any(|s| s.request.turn == last.turn && s.heard > 0) =>
            {
                *last = answered;
            }
            _ => self.log.answered.push(answered),
        }
    }
}

fn expect(holds: bool, expected: &'static str, because: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(Disagreement { expected, because: because() }) }
}

fn letters(text: &str) -> String {
    text.split_whitespace().collect()
}
