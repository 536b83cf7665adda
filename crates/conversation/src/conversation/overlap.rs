//! The caller makes a sound while the agent is heard: listening, a cough, or an interruption.

use offhook_types::{PlayoutCommand, RequestId, SttCommand, TtsCommand};

use super::{Conversation, millis};
use crate::completeness::completeness;
use crate::interruption::{Overlap, Verdict};
use crate::output::Output;
use crate::rules::{
    ASK_END_OF_TURN_AFTER, DUCK_VOICED, OVERLAP_PAUSE, RESUME_AFTER, STT_STALLED, UNDUCK_SILENCE,
    WORDLESS_SILENCE,
};
use crate::state::State;
use crate::timer::Timer;
use crate::turn::{Pause, Turn};

impl Conversation {
    /// 20 ms of the caller while the agent is heard.
    pub(super) fn follow_overlap(&mut self) {
        let now = self.now;
        let voice = self.voice;
        let is_sound = voice.is_open && voice.silence_ms == 0;
        if is_sound {
            let turn = self.overlap_turn();
            if now.saturating_since(turn.last_sound) >= millis(OVERLAP_PAUSE) {
                turn.begin_utterance(now);
            }
            turn.last_sound = now;
            turn.has_voice = true;
            turn.pause = Pause::default();
        } else {
            self.settle_overlap(voice.silence_ms);
        }
        self.judge_overlap();
        let came_to_nothing = !voice.is_voiced && voice.silence_ms >= UNDUCK_SILENCE;
        if came_to_nothing && self.state == State::Ducked {
            self.counts.false_starts += 1;
            self.go_back_to_speaking("came to nothing");
        }
        if came_to_nothing && self.state == State::Speaking {
            self.leave_overlap_aside();
        }
    }

    /// The recogniser heard the caller while the agent is heard.
    pub(super) fn take_overlapping_words(&mut self, text: &str, is_final: bool) {
        let now = self.now;
        let turn = self.overlap_turn();
        if is_final {
            turn.handle_final(now, text);
        } else {
            turn.handle_partial(now, text);
        }
        self.read_overlap();
        if self.message_is_heard_by_person(text) {
            return self.judge_turn();
        }
        if matches!(self.state, State::Speaking | State::Ducked) {
            self.judge_overlap();
        }
    }

    /// Words came after an interruption by voice: it was meant.
    pub(super) fn prove_interruption(&mut self) {
        let Some(turn) = &self.turn else { return };
        if self.interrupted.is_none() || !turn.meaning.asks_for_an_answer() {
            return;
        }
        self.timers.stop(Timer::Resume);
        if let Some(mut reply) = self.interrupted.take() {
            self.cancel_model(&mut reply);
            self.interrupted = Some(reply);
        }
    }

    /// An interruption by voice brought no words in time.
    pub(super) fn resume_due(&mut self) {
        let is_wordless = self.turn.as_ref().is_none_or(|turn| self.counted_words(&turn.said) == 0);
        if self.state != State::CallerTurn || !is_wordless || self.interrupted.is_none() {
            return;
        }
        let still_speaks = self.voice.is_open && self.voice.silence_ms < UNDUCK_SILENCE;
        let began = self.turn.as_ref().map_or(self.now, |turn| turn.began_at);
        let is_endless = self.now.saturating_since(began) >= millis(3 * RESUME_AFTER);
        if still_speaks && !is_endless {
            self.timers.set(Timer::Resume, self.now + millis(RESUME_AFTER / 3));
            return;
        }
        self.resume("no words");
    }

    /// Takes up the reply that was interrupted, from the word that was heard.
    pub(super) fn resume(&mut self, why: &str) {
        let Some(mut reply) = self.interrupted.take() else { return };
        self.drop_reply();
        self.timers.stop(Timer::Resume);
        self.timers.stop(Timer::FinalWords);
        reply.rewind(resumed(reply.request));
        reply.is_committed = true;
        self.counts.resumed += 1;
        self.decided("resume", why.to_owned());
        let heard = self.turn.take();
        self.put_away(heard);
        self.reply = Some(reply);
        self.state = State::Thinking;
        self.commit_reply();
    }

    /// In a pause the recogniser is told to finish: what comes next is an utterance of its own.
    fn settle_overlap(&mut self, silence_ms: u32) {
        let Some(turn) = &mut self.overlap else { return };
        if turn.has_voice && silence_ms >= ASK_END_OF_TURN_AFTER && !turn.pause.is_settling {
            turn.pause.is_settling = true;
            self.outputs.push_back(Output::Stt(SttCommand::Finalize));
        }
    }

    fn judge_overlap(&mut self) {
        let Some(reply) = &self.reply else { return };
        if !reply.is_interruptible {
            return;
        }
        let since_words = self.now.saturating_since(self.recognised_at);
        let utterance = self.overlap.as_ref();
        let spoken = utterance.map(|turn| self.now.saturating_since(turn.utterance_at));
        let stalled = millis(STT_STALLED);
        let overlap = Overlap {
            voiced_ms: if self.voice.is_open { self.voice.voiced_ms } else { 0 },
            extra_ms: u32::from(self.voice.extra_ms),
            has_voice: utterance.is_some_and(|turn| turn.has_voice),
            meaning: utterance.map(|turn| turn.meaning).unwrap_or_default(),
            stt_is_stalled: since_words >= stalled && spoken >= Some(stalled),
            needs_words: reply.needs_words(),
        };
        match self.interruption.judge(overlap) {
            Verdict::Interrupt => self.interrupt(overlap),
            Verdict::Listening if self.state == State::Ducked => {
                self.counts.false_starts += 1;
                self.go_back_to_speaking("listening");
            }
            Verdict::Listening => {}
            Verdict::Continue => self.duck(),
        }
    }

    /// Takes note of what the words over the agent's speech mean.
    pub(super) fn read_overlap(&mut self) {
        let Some(turn) = &mut self.overlap else { return };
        let asked = self.history.last_agent_text();
        turn.read(
            |text| completeness(text, asked, self.lexicon),
            |text| self.interruption.read(text),
        );
    }

    /// The first evidence: play more quietly until it is clear.
    fn duck(&mut self) {
        let needed = DUCK_VOICED + u32::from(self.voice.extra_ms);
        let is_heard = self.voice.is_open && self.voice.is_voiced && self.voice.voiced_ms >= needed;
        let may_interrupt = self.interruption.voiced_needed_ms().is_some();
        if self.state != State::Speaking || !is_heard || !may_interrupt {
            return;
        }
        self.state = State::Ducked;
        self.playout(PlayoutCommand::Duck { is_ducked: true });
        self.decided("duck", format!("{} ms voiced", self.voice.voiced_ms));
    }

    fn go_back_to_speaking(&mut self, why: &str) {
        self.state = State::Speaking;
        self.playout(PlayoutCommand::Duck { is_ducked: false });
        self.decided("unduck", why.to_owned());
    }

    /// The sound is over and brought no words, or such as only show that the caller listens. While
    /// it goes on they are kept: they are why it does not stop the agent.
    fn leave_overlap_aside(&mut self) {
        let is_done = self.overlap.as_ref().is_some_and(|turn| {
            let is_read = turn.recognised_at.is_some_and(|at| at > turn.last_sound);
            let silence_ms = if is_read { UNDUCK_SILENCE } else { WORDLESS_SILENCE };
            self.counted_words(&turn.said) == 0 && self.voice.silence_ms >= silence_ms
        });
        if is_done {
            let heard = self.overlap.take();
            self.put_away(heard);
        }
    }

    fn interrupt(&mut self, overlap: Overlap) {
        let Some(mut reply) = self.reply.take() else { return };
        let is_proven = overlap.meaning.asks_for_an_answer();
        let text = self.overlap.as_ref().map(Turn::utterance_text).unwrap_or_default();
        let evidence = format!("{}, \"{text}\"", self.interruption.evidence(overlap));
        let fade_out_ms = self.config.turns.fade_out_ms;
        self.counts.interruptions += 1;
        self.decided("interruption", evidence);
        if self.state == State::Ducked {
            self.playout(PlayoutCommand::Duck { is_ducked: false });
        }
        self.playout(PlayoutCommand::Cut { request: reply.request, fade_out_ms });
        self.outputs.push_back(Output::Tts(TtsCommand::Cancel { request: reply.request }));
        self.timers.stop(Timer::ReplyStalled);
        if is_proven {
            self.cancel_model(&mut reply);
        } else {
            // The model goes on for a moment: the sound may come to nothing.
            reply.wordless_interruptions += 1;
            self.timers.set(Timer::Resume, self.now + millis(RESUME_AFTER));
        }
        let (turn, heard) = (reply.request.turn, reply.heard_text());
        self.history.write_agent(turn, &heard, true);
        self.interrupted = Some(reply);
        let turn = self.overlap_turn();
        turn.began_at = turn.utterance_at;
        self.turn = self.overlap.take();
        self.state = State::CallerTurn;
        self.read_turn();
    }

    pub(super) fn overlap_turn(&mut self) -> &mut Turn {
        if self.overlap.is_none() {
            let id = self.take_turn_id();
            self.overlap = Some(Turn::new(id, self.now, self.now));
        }
        self.overlap.get_or_insert_with(|| Turn::new(Default::default(), self.now, self.now))
    }
}

/// Speech of a reply that was taken up again is a request of its own: what still comes of the
/// cancelled one must not be mistaken for it.
pub(super) fn resumed(request: RequestId) -> RequestId {
    RequestId { turn: request.turn, attempt: request.attempt.wrapping_add(RESUMED_ATTEMPT) }
}

/// Attempts of the model stay far below.
const RESUMED_ATTEMPT: u8 = 16;
