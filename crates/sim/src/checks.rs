//! What holds at every moment of every call.

use std::time::Duration;

use offhook_session::{Entry, Output, Session, State, Timer};
use offhook_types::{CallEvent, Timestamp, TtsCommand, TurnId};

use crate::ear::{Ear, FRAME};
use crate::voice::{CHARACTER_MS, PITCHES, pitch_index};

/// Checkers of one call. What they find is kept, so that a call can be looked at to its end.
#[derive(Debug)]
pub(crate) struct Checks {
    faults: Vec<String>,
    has_ended: bool,
    is_humming: bool,
    /// How long a clear takes to reach the ear at most.
    clear_max: Duration,
    /// The latest turn that was spoken for at each pitch.
    turns: [Option<TurnId>; PITCHES.len()],
    heard_turn: Option<TurnId>,
    /// Words that were made when nobody waited for them: they are said whenever they are needed.
    prepared: Vec<TurnId>,
    /// A reply that was cut, and when it must be silent.
    cut: Option<(TurnId, Timestamp)>,
    frames_seen: usize,
    two_voices: usize,
    last_pitches: u8,
    /// Since when who has had the floor.
    state: (State, Timestamp),
}

impl Checks {
    pub(crate) fn new(is_humming: bool, clear_max: Duration) -> Self {
        Self {
            faults: Vec::new(),
            has_ended: false,
            is_humming,
            clear_max,
            turns: [None; PITCHES.len()],
            heard_turn: None,
            prepared: Vec::new(),
            cut: None,
            frames_seen: 0,
            two_voices: 0,
            last_pitches: 0,
            state: (State::Waiting, Timestamp::ZERO),
        }
    }

    pub(crate) fn faults(&self) -> &[String] {
        &self.faults
    }

    fn fault(&mut self, now: Timestamp, what: &str) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(format!("{} ms: {what}", now.as_millis()));
        }
    }

    pub(crate) fn output(&mut self, now: Timestamp, output: &Output<'_>) {
        if self.has_ended {
            self.fault(now, &format!("{output:?} after the end"));
        }
        match output {
            Output::Ended(_) => self.has_ended = true,
            Output::Tts(TtsCommand::Say { request, .. }) => {
                self.turns[pitch_index(request.turn)] = Some(request.turn);
                if matches!(self.state.0, State::Waiting | State::Listening) {
                    self.prepared.push(request.turn);
                }
            }
            Output::Trace(line) => {
                if let CallEvent::Decided(evidence) = &line.event {
                    self.decided(now, &evidence.rule);
                }
            }
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

    fn decided(&mut self, now: Timestamp, rule: &str) {
        match rule {
            "interruption" => {
                self.cut = self.heard_turn.map(|turn| (turn, now + self.clear_max));
            }
            "resume" => self.cut = None,
            _ => {}
        }
    }

    /// After every step of the world.
    pub(crate) fn step(&mut self, now: Timestamp, began: Duration, session: &Session, ear: &Ear) {
        while let Some(frame) = ear.frames.get(self.frames_seen) {
            self.frames_seen += 1;
            let at = Timestamp::ZERO + began + frame.at;
            if self.is_humming {
                self.hear(at, frame.pitches);
            }
        }
        let state = session.state();
        if state != self.state.0 {
            self.state = (state, now);
        }
        let lasts = now.saturating_since(self.state.1);
        if state == State::Thinking && lasts == THINKING_MAX {
            self.fault(now, "a turn is not answered");
        }
        if state == State::Ended && session.poll_timeout().is_some() {
            self.fault(now, "a timer outlives the call");
        }
    }

    fn hear(&mut self, at: Timestamp, pitches: u8) {
        // Where one reply follows another both are in the same 20 ms, but not in the next as well.
        self.two_voices = if pitches.count_ones() > 1 { self.two_voices + 1 } else { 0 };
        if self.two_voices == 2 {
            self.fault(at, &format!("two voices: {pitches:05b}"));
        }
        // The edge of a reply that fills little of a frame sounds like anything.
        let is_certain = self.last_pitches == pitches;
        self.last_pitches = pitches;
        if pitches.count_ones() != 1 || !is_certain {
            return;
        }
        let Some(turn) = self.turns[pitches.trailing_zeros() as usize] else {
            return self.fault(at, "a voice that was not asked for");
        };
        let is_prepared = self.prepared.contains(&turn);
        if !is_prepared && self.heard_turn.is_some_and(|heard| turn < heard) {
            self.fault(at, &format!("turn {turn} is heard behind a newer one"));
        }
        if self.cut.is_some_and(|(cut, silent_at)| turn == cut && at > silent_at) {
            self.fault(at, &format!("turn {turn} is heard after it was cut"));
            self.cut = None;
        }
        self.heard_turn = Some(turn);
    }

    /// At the end of the world.
    pub(crate) fn end(&mut self, now: Timestamp, session: &Session, ear: &Ear) {
        let timer = session.poll_timeout().map(|(_, timer)| timer);
        let state = session.state();
        if state == State::Listening
            && let Some(Timer::Conversation(timer)) = timer
            && !matches!(timer, offhook_session::RuleTimer::MediaLost)
        {
            self.fault(now, &format!("{timer:?} is pending although nothing goes on"));
        }
        // Noise around the caller may be taken for a turn that has just begun.
        let lasts = now.saturating_since(self.state.1);
        let is_new_turn = state == State::CallerTurn && lasts < HANGING;
        if !matches!(state, State::Listening | State::Ended) && !is_new_turn {
            self.fault(now, &format!("the call hangs in {state:?}"));
        }
        if self.is_humming {
            self.compare_history(now, session, ear);
        }
        let (frames, samples) = session.losses();
        if (frames, samples) != (0, 0) {
            self.fault(now, &format!("{frames} frames and {samples} samples were lost"));
        }
    }

    /// What the history says was heard, and what was.
    fn compare_history(&mut self, now: Timestamp, session: &Session, ear: &Ear) {
        let mut written = [Duration::ZERO; PITCHES.len()];
        let mut slack = [SLACK; PITCHES.len()];
        for entry in session.history().entries() {
            let Entry::Agent { turn, text, was_interrupted } = entry else { continue };
            let index = pitch_index(*turn);
            let span = Duration::from_millis(u64::from(CHARACTER_MS) * text.len() as u64);
            written[index] += span;
            slack[index] += span / SHARE_OF_SPACES;
            if *was_interrupted {
                slack[index] += WORD;
            }
        }
        let resumed = session.counts().resumed;
        let mut heard = [Duration::ZERO; PITCHES.len()];
        for frame in &ear.frames {
            if frame.pitches.count_ones() == 1 {
                heard[frame.pitches.trailing_zeros() as usize] += FRAME;
            }
        }
        for index in 0..PITCHES.len() {
            let slack = slack[index] + WORD * resumed;
            if written[index].abs_diff(heard[index]) > slack {
                let fault = format!(
                    "{:?} of pitch {index} were heard, the history has {:?}",
                    heard[index], written[index]
                );
                self.fault(now, &fault);
            }
        }
    }
}

/// Enough to understand what is wrong.
const FAULTS_MAX: usize = 8;
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
