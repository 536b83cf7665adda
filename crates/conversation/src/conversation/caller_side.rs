//! The caller's turn: when it opens, when it is over, and what is begun before it is.

use offhook_types::{FailedStage, PlayoutCommand, SttCommand, SttEvent};

use super::{Conversation, millis};
use crate::completeness::{Completeness, completeness};
use crate::endpointing::{confidence_permille, silence_needed_ms};
use crate::interruption::is_only_listening;
use crate::output::Output;
use crate::reply::Reply;
use crate::rules::{
    ASK_END_OF_TURN_AFTER, BACKCHANNEL_AFTER, BACKCHANNEL_EVERY, BACKCHANNEL_PAUSE, BEHIND_FINAL,
    FINAL_WAIT, SPECULATE_AFTER, SPECULATE_FROM, SPECULATE_MODEL_MAX, SPECULATIONS_MAX,
    TURN_MAX_PAUSE, WORDLESS_SILENCE, confidence,
};
use crate::state::State;
use crate::timer::Timer;
use crate::turn::{Pause, Turn};
use crate::words::{without_known, words};

/// Whether and how surely a turn is over.
struct Judgement {
    completeness: Completeness,
    confidence_permille: u16,
    silence_ms: u32,
    needed_ms: u32,
}

impl Conversation {
    /// Nobody spoke: does the caller begin?
    pub(super) fn listen(&mut self) {
        if self.voice.is_open {
            self.open_turn();
        }
    }

    /// The caller has the floor.
    pub(super) fn follow_turn(&mut self) {
        let now = self.now;
        let (voice, Some(turn)) = (self.voice, &mut self.turn) else { return };
        if voice.is_open && voice.silence_ms == 0 {
            turn.last_sound = now;
            turn.has_voice = true;
            turn.pause = Pause::default();
            turn.finals_due = None;
            self.timers.stop(Timer::FinalWords);
        }
        self.judge_turn();
    }

    /// The turn was over and nothing of the answer is heard: does the caller go on?
    pub(super) fn follow_thinking(&mut self) {
        let needs_words = self.reply.as_ref().is_some_and(Reply::needs_words);
        let is_sound = self.voice.is_open && self.voice.silence_ms == 0;
        if !is_sound || needs_words {
            return;
        }
        if self.must_finish() {
            let now = self.now;
            let overlap = self.overlap_turn();
            (overlap.last_sound, overlap.has_voice) = (now, true);
            return;
        }
        self.go_on("voice");
        self.follow_turn();
    }

    /// The recogniser reported.
    pub(super) fn recognised(&mut self, state: State, event: SttEvent) {
        self.deafness.hear_report();
        let (text, is_final) = match event {
            SttEvent::Partial { text, .. } => (text, false),
            SttEvent::Final { text, .. } => (text, true),
            SttEvent::EndOfTurn { probability_permille } => {
                if let Some(turn) = &mut self.turn {
                    turn.pause.stt_permille = Some(probability_permille);
                }
                return self.judge_turn();
            }
            SttEvent::Failed(failure) => {
                return self.failed(FailedStage::Stt, &failure.to_string());
            }
            SttEvent::Ready | SttEvent::SpeechStarted { .. } | SttEvent::Lagging { .. } => return,
        };
        self.recognised_at = self.now;
        if !is_final {
            self.noise.note_partial();
        }
        let said = words(&text);
        if is_final {
            self.finished = Some((self.now, said.clone()));
        } else if self.is_behind_its_final(&said) {
            return;
        }
        if self.own_words.is_echo(self.now, &said) {
            return self.drop_echo(&text);
        }
        let text = self.without_known_words(state, &text, is_final);
        let said = words(&text);
        if !said.is_empty() && !self.own_words.may_be_echo(self.now, &said) {
            self.note_words();
        }
        if !self.voicemail.evidence.is_settled && state != State::Machine {
            self.read_whole_answer(&text);
            if self.state != state {
                return;
            }
        }
        match state {
            State::Listening => {
                if said.is_empty() {
                    return;
                }
                self.open_turn();
                self.take_words(&text, is_final);
            }
            State::CallerTurn => self.take_words(&text, is_final),
            State::Thinking => self.take_late_words(&text, is_final),
            State::Speaking | State::Ducked => {
                if !is_final && self.own_words.may_be_echo(self.now, &said) {
                    return;
                }
                if !said.is_empty() {
                    self.take_overlapping_words(&text, is_final);
                }
            }
            State::Working if said.is_empty() => {}
            State::Working if !self.tools.blocks() => {
                self.open_turn();
                self.take_words(&text, is_final);
            }
            State::Working | State::Transferring => self.take_overlapping_words(&text, is_final),
            State::Machine => self.machine_said(&text, is_final),
            State::Waiting | State::Ended => {}
        }
    }

    /// The words without those that were answered or left aside before they were final.
    fn without_known_words(&mut self, state: State, text: &str, is_final: bool) -> String {
        let must_finish = state == State::Thinking && self.must_finish();
        if let Some(turn) = self.turn.as_mut().filter(|_| must_finish) {
            self.unsettled_words.extend(turn.settle());
        }
        let new = without_known(text, &self.unsettled_words).to_owned();
        let is_restated = words(&new).len() < words(text).len();
        if is_final || !is_restated {
            self.unsettled_words.clear();
        }
        new
    }

    /// The end-of-turn model answered.
    pub(super) fn end_of_turn_judged(&mut self, ask: u32, permille: u16) {
        let Some(turn) = &mut self.turn else { return };
        if turn.pause.asked != Some(ask) {
            self.counts.stale += 1;
            return;
        }
        turn.pause.model_permille = Some(permille.min(1_000));
        self.judge_turn();
    }

    /// The final words did not come in time.
    pub(super) fn finals_overdue(&mut self) {
        if !self.keypad.is_collecting() {
            self.judge_turn();
        }
    }

    pub(super) fn open_turn(&mut self) {
        let id = self.take_turn_id();
        let mut turn = Turn::new(id, self.now, self.now);
        turn.has_voice = self.voice.is_open;
        self.turn = Some(turn);
        self.state = State::CallerTurn;
    }

    /// A turn that was taken for finished goes on; its answer is kept in case it does not.
    pub(super) fn go_on(&mut self, why: &str) {
        if let Some(reply) = &mut self.reply {
            reply.is_committed = false;
            let request = reply.request;
            self.playout(PlayoutCommand::Hold { request });
        }
        if self.turn.is_none() {
            // What was said over the words before is the beginning of this turn.
            match self.overlap.take() {
                Some(overlap) => self.turn = Some(overlap),
                None => self.open_turn(),
            }
        }
        if let Some(turn) = &mut self.turn {
            turn.finals_due = None;
        }
        self.timers.stop(Timer::ReplyStalled);
        self.state = State::CallerTurn;
        self.decided("turn_goes_on", why.to_owned());
    }

    /// What somebody who may be a machine has said so far in this turn.
    fn read_whole_answer(&mut self, text: &str) {
        let before = [&self.turn, &self.overlap].into_iter().flatten().map(Turn::text);
        let before = before.collect::<Vec<_>>().join(" ");
        self.read_answerer(&format!("{before} {text}"));
    }

    pub(super) fn take_words(&mut self, text: &str, is_final: bool) {
        let now = self.now;
        let Some(turn) = &mut self.turn else { return };
        if !turn.has_voice {
            turn.finals_due = None;
        }
        if is_final {
            turn.handle_final(now, text);
        } else {
            turn.handle_partial(now, text);
        }
        self.read_turn();
        self.prove_interruption();
        self.judge_turn();
    }

    /// Words that come when the turn was over: the last of it, or more of it.
    fn take_late_words(&mut self, text: &str, is_final: bool) {
        let now = self.now;
        if self.must_finish() || self.turn.is_none() {
            return self.take_overlapping_words(text, is_final);
        }
        let Some(turn) = &mut self.turn else { return };
        if is_final {
            turn.handle_final(now, text);
        } else {
            turn.handle_partial(now, text);
        }
        self.read_turn();
        if self.is_answered() {
            return;
        }
        self.go_on("words");
        self.judge_turn();
    }

    /// Takes note of what the words of the turn mean.
    pub(super) fn read_turn(&mut self) {
        let Some(turn) = &mut self.turn else { return };
        let asked = self.history.last_agent_text();
        turn.read(
            |text| completeness(text, asked, self.lexicon),
            |text| self.interruption.read(text),
        );
    }

    /// Whether the answer that is being made answers all words of the turn.
    pub(super) fn is_answered(&self) -> bool {
        let said = self.turn.as_ref().map(|turn| turn.said.as_slice());
        said.is_some_and(|said| self.reply.as_ref().is_some_and(|reply| reply.answers(said)))
    }

    /// A turn is over. What of it is not final yet comes again, and is not said twice.
    pub(super) fn put_away(&mut self, turn: Option<Turn>) {
        if let Some(mut turn) = turn {
            self.unsettled_words.extend(turn.settle());
        }
    }

    /// The agent's own words came back; the first of them were taken for the caller's.
    fn drop_echo(&mut self, text: &str) {
        self.counts.echoes += 1;
        for turn in [&mut self.turn, &mut self.overlap].into_iter().flatten() {
            turn.handle_partial(self.now, "");
        }
        self.read_turn();
        self.read_overlap();
        self.decided("own_words", format!("\"{}\"", text.trim()));
    }

    /// A partial that was overtaken by its final: the same words, the last of them perhaps missing,
    /// and nothing was said since.
    fn is_behind_its_final(&self, said: &[String]) -> bool {
        let Some((at, finished)) = &self.finished else { return false };
        let is_late = self.now.saturating_since(*at) <= millis(BEHIND_FINAL);
        let is_new = self.sounded_at > *at;
        let is_same = finished.starts_with(said) && said.len() + 1 >= finished.len();
        is_late && !is_new && is_same && !said.is_empty()
    }

    /// Judges the pause that the caller makes.
    pub(super) fn judge_turn(&mut self) {
        if self.state != State::CallerTurn || self.keypad.is_collecting() {
            return;
        }
        let Some(judgement) = self.judgement() else { return };
        let silence_ms = judgement.silence_ms;
        if self.is_candidate_rising() {
            return;
        }
        if judgement.completeness == Completeness::Wordless {
            if silence_ms >= WORDLESS_SILENCE {
                self.drop_turn();
            }
            return;
        }
        self.ask_about_end(silence_ms);
        if self.may_be_machine(silence_ms) {
            return;
        }
        let is_too_long = self.is_too_long(silence_ms);
        if silence_ms < judgement.needed_ms && !is_too_long {
            self.murmur(&judgement);
            return self.speculate(&judgement);
        }
        let now = self.now;
        let Some(turn) = &mut self.turn else { return };
        if turn.is_unsettled() && !is_too_long {
            let due = *turn.finals_due.get_or_insert(now + millis(FINAL_WAIT));
            if now < due {
                self.timers.set(Timer::FinalWords, due);
                return self.speculate(&judgement);
            }
        }
        turn.is_cut_in_on = is_too_long;
        let observed = format!(
            "{silence_ms} ms silent of {}, confidence {}.{:03}",
            judgement.needed_ms,
            judgement.confidence_permille / 1_000,
            judgement.confidence_permille % 1_000
        );
        self.end_turn(&observed);
    }

    fn judgement(&self) -> Option<Judgement> {
        let turn = self.turn.as_ref()?;
        let (completeness, model) = (turn.completeness, turn.pause.permille());
        let confidence_permille = match completeness {
            Completeness::Wordless | Completeness::Dictating(_) => 0,
            Completeness::Confident(permille) => confidence_permille(permille, model),
        };
        let needed_ms = silence_needed_ms(self.config.turns.patience, completeness, model);
        let silence_ms = self.silence_ms(turn);
        Some(Judgement { completeness, confidence_permille, silence_ms, needed_ms })
    }

    /// Silence of the caller, in media time; of a turn that had no voice, time without new words.
    fn silence_ms(&self, turn: &Turn) -> u32 {
        if turn.has_voice {
            return self.voice.silence_ms;
        }
        let since = turn.recognised_at.unwrap_or(turn.began_at).max(turn.last_sound);
        u32::try_from(self.now.saturating_since(since).as_millis()).unwrap_or(u32::MAX)
    }

    /// Whether a voice begins that the gate does not yet believe in: no moment to end a turn.
    const fn is_candidate_rising(&self) -> bool {
        !self.voice.is_open && self.voice.voiced_ms > 0 && self.voice.is_voiced
    }

    fn is_too_long(&self, silence_ms: u32) -> bool {
        let (Some(turn), Some(most)) = (&self.turn, self.config.turns.turn_ms_max) else {
            return false;
        };
        let spoken = self.now.saturating_since(turn.began_at);
        (spoken >= millis(most) && silence_ms >= TURN_MAX_PAUSE)
            || spoken >= millis(most.saturating_add(most / 2))
    }

    fn ask_about_end(&mut self, silence_ms: u32) {
        let Some(turn) = &mut self.turn else { return };
        if silence_ms < ASK_END_OF_TURN_AFTER || turn.pause.asked.is_some() {
            return;
        }
        let ask = self.next_ask;
        self.next_ask += 1;
        turn.pause.asked = Some(ask);
        turn.pause.is_settling = true;
        self.outputs.push_back(Output::AskEndOfTurn { ask });
        self.outputs.push_back(Output::Stt(SttCommand::Finalize));
    }

    fn murmur(&mut self, judgement: &Judgement) {
        let now = self.now;
        let Some(turn) = &self.turn else { return };
        let since_murmur = self.murmured_at.map(|at| now.saturating_since(at));
        let is_due = since_murmur.is_none_or(|since| since >= millis(BACKCHANNEL_EVERY));
        let is_pause = judgement.silence_ms >= BACKCHANNEL_PAUSE
            && judgement.confidence_permille < confidence::SENTENCE;
        let is_long = now.saturating_since(turn.began_at) >= millis(BACKCHANNEL_AFTER);
        if self.config.turns.enable_backchannel && is_due && is_pause && is_long {
            self.murmured_at = Some(now);
            self.counts.murmurs += 1;
            self.playout(PlayoutCommand::Murmur);
        }
    }

    /// Begins an answer before the turn is certainly over. Nothing of it is heard until it is.
    fn speculate(&mut self, judgement: &Judgement) {
        let is_likely = judgement.silence_ms >= SPECULATE_AFTER
            && judgement.confidence_permille >= SPECULATE_FROM;
        let may = self.config.turns.speculates
            && self.model_ms <= SPECULATE_MODEL_MAX
            && !self.may_be_answered_by_rule();
        if !is_likely || !may || self.is_answered() {
            return;
        }
        let Some(turn) = &mut self.turn else { return };
        let has_words_in_doubt =
            self.interrupted.is_some() && is_only_listening(&turn.said, self.lexicon);
        let has_tries = turn.speculations < SPECULATIONS_MAX;
        // Words that came before the voice ended are not the last.
        let has_last_words =
            !turn.is_unsettled() || turn.recognised_at.is_some_and(|at| at > turn.last_sound);
        if !has_tries || has_words_in_doubt || !has_last_words {
            return;
        }
        let text = turn.text();
        turn.speculations += 1;
        self.counts.speculations += 1;
        self.drop_reply();
        self.ask_model(&text, true);
    }
}
