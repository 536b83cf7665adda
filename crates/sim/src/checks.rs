//! Whose words are heard, when, and what the history says of it.

use std::time::Duration;

use offhook_session::{Entry, Output, RuleTimer, Session, State, Timer};
use offhook_types::{CallEvent, PlayoutCommand, Timestamp, TurnId};

use crate::ear::{Ear, FRAME};
use crate::faults::Faults;
use crate::voice::{CHARACTER_MS, PITCHES, pitch_index};

/// Checkers of what is heard in one call.
#[derive(Debug)]
pub(crate) struct Checks {
    has_ended: bool,
    is_humming: bool,
    /// How long a clear takes to reach the ear at most.
    clear_max: Duration,
    /// The latest turn that may be heard at each pitch, and since when it may.
    turns: [Option<(TurnId, Timestamp)>; PITCHES.len()],
    /// Whose words are heard, and since when they may be.
    heard_turn: Option<(TurnId, Timestamp)>,
    /// A reply that was cut, and when it must be silent.
    cut: Option<(TurnId, Timestamp)>,
    /// Replies that were cut, at each pitch: of each a word may be half heard.
    cuts: [u32; PITCHES.len()],
    /// When the call ended, in the caller's time.
    ended_at: Option<Duration>,
    frames_seen: usize,
    two_voices: usize,
    last_pitches: u8,
    /// Since when who has had the floor.
    state: (State, Timestamp),
}

impl Checks {
    pub(crate) fn new(is_humming: bool, clear_max: Duration) -> Self {
        Self {
            has_ended: false,
            is_humming,
            clear_max,
            turns: [None; PITCHES.len()],
            heard_turn: None,
            cut: None,
            cuts: [0; PITCHES.len()],
            ended_at: None,
            frames_seen: 0,
            two_voices: 0,
            last_pitches: 0,
            state: (State::Waiting, Timestamp::ZERO),
        }
    }

    pub(crate) fn output(&mut self, now: Timestamp, output: &Output<'_>, faults: &mut Faults) {
        if self.has_ended {
            faults.note(now, &format!("{output:?} after the end"));
        }
        match output {
            Output::Ended(_) => self.has_ended = true,
            Output::Trace(line) => self.traced(now, &line.event),
            Output::Wire(_)
            | Output::SttAudio(_)
            | Output::Stt(_)
            | Output::Llm(_)
            | Output::Tts(_)
            | Output::AskEndOfTurn { .. }
            | Output::Tool(_)
            | Output::Carrier(_)
            | Output::Hangup(_) => {}
        }
    }

    fn traced(&mut self, now: Timestamp, event: &CallEvent) {
        if let CallEvent::Decided(evidence) = event {
            self.decided(now, &evidence.rule);
        }
        let CallEvent::PlayoutAsked(command) = event else { return };
        match command {
            PlayoutCommand::Play { request } => {
                self.turns[pitch_index(request.turn)] = Some((request.turn, now));
                self.cut.take_if(|(turn, _)| *turn == request.turn);
            }
            PlayoutCommand::Cut { request, .. } | PlayoutCommand::Drop { request } => {
                self.cuts[pitch_index(request.turn)] += 1;
            }
            PlayoutCommand::Hold { .. }
            | PlayoutCommand::Duck { .. }
            | PlayoutCommand::Murmur
            | PlayoutCommand::Background { .. } => {}
        }
    }

    fn decided(&mut self, now: Timestamp, rule: &str) {
        match rule {
            "interruption" => {
                self.cut = self.heard_turn.map(|(turn, _)| (turn, now + self.clear_max));
            }
            "resume" => self.cut = None,
            _ => {}
        }
    }

    /// After every step of the world.
    pub(crate) fn step(
        &mut self,
        now: Timestamp,
        began: Duration,
        session: &Session,
        ear: &Ear,
        faults: &mut Faults,
    ) {
        while let Some(frame) = ear.frames.get(self.frames_seen) {
            self.frames_seen += 1;
            let at = Timestamp::ZERO + began + frame.at;
            if self.is_humming {
                self.hear(at, frame.pitches, faults);
            }
        }
        let state = session.state();
        if state != self.state.0 {
            self.state = (state, now);
            if state == State::Ended {
                self.ended_at = Some(now.saturating_since(Timestamp::ZERO + began));
            }
        }
        let lasts = now.saturating_since(self.state.1);
        if state == State::Thinking && lasts == THINKING_MAX {
            faults.note(now, "a turn is not answered");
        }
        if state == State::Ended && session.poll_timeout().is_some() {
            faults.note(now, "a timer outlives the call");
        }
    }

    fn hear(&mut self, at: Timestamp, pitches: u8, faults: &mut Faults) {
        // Where one reply follows another both are in the same 20 ms; a codec smears that into the
        // next.
        self.two_voices = if pitches.count_ones() > 1 { self.two_voices + 1 } else { 0 };
        if self.two_voices == 3 {
            faults.note(at, &format!("two voices: {pitches:05b}"));
        }
        // The edge of a reply that fills little of a frame sounds like anything.
        let is_certain = self.last_pitches == pitches;
        self.last_pitches = pitches;
        if pitches.count_ones() != 1 || !is_certain {
            return;
        }
        let Some((turn, asked_at)) = self.turns[pitches.trailing_zeros() as usize] else {
            return faults.note(at, "a voice that was not asked for");
        };
        // A rule may say something before an older turn is answered.
        let is_stale = |(heard, its)| turn < heard && asked_at < its;
        if self.heard_turn.is_some_and(is_stale) {
            faults.note(at, &format!("turn {turn} is heard behind a newer one"));
        }
        if self.cut.is_some_and(|(cut, silent_at)| turn == cut && at > silent_at) {
            faults.note(at, &format!("turn {turn} is heard after it was cut"));
            self.cut = None;
        }
        self.heard_turn = Some((turn, asked_at));
    }

    /// At the end of the world.
    pub(crate) fn end(
        &mut self,
        now: Timestamp,
        session: &Session,
        ear: (&Ear, Duration),
        faults: &mut Faults,
    ) {
        let timer = session.poll_timeout().map(|(_, timer)| timer);
        let state = session.state();
        if state == State::Listening
            && let Some(Timer::Conversation(timer)) = timer
            && !may_wait(timer)
        {
            faults.note(now, &format!("{timer:?} is pending although nothing goes on"));
        }
        // Noise around the caller may be taken for a turn that has just begun.
        let lasts = now.saturating_since(self.state.1);
        let is_new_turn = state == State::CallerTurn && lasts < HANGING;
        if !matches!(state, State::Listening | State::Ended) && !is_new_turn {
            faults.note(now, &format!("the call hangs in {state:?}"));
        }
        if self.is_humming {
            self.compare_history(now, session, ear, faults);
        }
        let (frames, samples) = session.losses();
        if (frames, samples) != (0, 0) {
            faults.note(now, &format!("{frames} frames and {samples} samples were lost"));
        }
    }

    /// What the history says was heard, and what was; for the last so long the session could not
    /// know that nobody listened.
    fn compare_history(
        &self,
        now: Timestamp,
        session: &Session,
        (ear, unknown): (&Ear, Duration),
        faults: &mut Faults,
    ) {
        let mut written = [Duration::ZERO; PITCHES.len()];
        let mut slack = self.cuts.map(|cuts| SLACK + WORD * cuts);
        let mut last = self.heard_turn.map(|(turn, _)| turn);
        for entry in session.history().entries() {
            let Entry::Agent { turn, text, .. } = entry else { continue };
            let index = pitch_index(*turn);
            let span = Duration::from_millis(u64::from(CHARACTER_MS) * text.len() as u64);
            written[index] += span;
            slack[index] += span / SHARE_OF_SPACES;
            last = Some(*turn);
        }
        // Of a reply that the end of the call cut, as much is known as the network has brought.
        if let Some(turn) = last.filter(|_| self.ended_at.is_some()) {
            slack[pitch_index(turn)] += WORD + self.clear_max + unknown;
        }
        let mut heard = [Duration::ZERO; PITCHES.len()];
        for frame in &ear.frames {
            let is_known = self.ended_at.is_none_or(|ended_at| frame.at < ended_at);
            if is_known && frame.pitches.count_ones() == 1 {
                heard[frame.pitches.trailing_zeros() as usize] += FRAME;
            }
        }
        for index in 0..PITCHES.len() {
            let slack = slack[index] + WORD * session.counts().resumed;
            if written[index].abs_diff(heard[index]) > slack {
                let fault = format!(
                    "{:?} of pitch {index} were heard, the history has {:?}",
                    heard[index], written[index]
                );
                faults.note(now, &fault);
            }
        }
    }
}

/// Whether a deadline may be pending although nothing goes on.
const fn may_wait(timer: RuleTimer) -> bool {
    match timer {
        RuleTimer::MediaLost | RuleTimer::Limit | RuleTimer::Drain => true,
        RuleTimer::FinalWords
        | RuleTimer::Resume
        | RuleTimer::ReplyStalled
        | RuleTimer::Opening
        | RuleTimer::Keypad
        | RuleTimer::Tool
        | RuleTimer::Filler
        | RuleTimer::Transfer => false,
    }
}

/// A turn is answered within this whatever the providers do: a reply that stands still is asked
/// for again after 10 s, at most twice.
const THINKING_MAX: Duration = Duration::from_secs(35);
/// A turn without words is over within this.
const HANGING: Duration = Duration::from_secs(10);
/// A word that was cut counts as heard or not.
const WORD: Duration = Duration::from_millis(900);
/// Edges of a reply: frames that are half filled, fades.
const SLACK: Duration = Duration::from_millis(160);
/// Spaces between clauses are written and not said.
const SHARE_OF_SPACES: u32 = 20;
