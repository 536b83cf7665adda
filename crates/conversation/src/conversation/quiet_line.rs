//! What every 20 ms of the line bring to the rules that count its time: silence, and the end of a
//! conversation that is over.

use offhook_types::{FailedStage, SttCommand};

use super::Conversation;
use crate::closing::{Closing, ClosingVerdict};
use crate::deafness::DeafnessVerdict;
use crate::ending::Cause;
use crate::idle::IdleVerdict;
use crate::output::Output;
use crate::purpose::Purpose;
use crate::rules::{FRAME, NOISE_AFTER, SKIP_HOLDS, STT_DEAF, WORDLESS_INTERRUPTIONS_MAX};
use crate::situation::{Heard, Situation, Speaking};
use crate::state::State;

impl Conversation {
    /// A frame of the line has passed.
    pub(super) fn watch_line(&mut self) {
        if self.state == State::Ended {
            return;
        }
        let situation = self.situation();
        match situation.heard {
            Heard::Voice | Heard::Noise if self.voice.is_open => {
                self.wordless_ms = self.wordless_ms.saturating_add(FRAME);
            }
            Heard::Words | Heard::Digits => self.wordless_ms = 0,
            Heard::Silence | Heard::Voice | Heard::Noise => {}
        }
        self.skipped_ms =
            self.skipped_ms.map(|skipped| skipped + FRAME).filter(|ms| *ms < SKIP_HOLDS);
        self.watch_recogniser();
        self.watch_answerer(situation);
        if self.state == State::Ended {
            return;
        }
        self.watch_silence(situation);
        self.watch_closing(situation);
    }

    /// The line at this moment.
    pub(super) fn situation(&self) -> Situation {
        Situation {
            heard: self.heard_of_caller(),
            speaking: self.said_by_agent(),
            has_tool: !self.tools.is_empty(),
            is_transferring: self.state == State::Transferring,
            is_muted: self.is_muted,
        }
    }

    fn heard_of_caller(&self) -> Heard {
        if self.keypad.is_collecting() {
            return Heard::Digits;
        }
        let has_words =
            [&self.turn, &self.overlap].into_iter().flatten().any(|turn| !turn.said.is_empty());
        if has_words
            && !matches!(self.state, State::Listening | State::Machine | State::Transferring)
        {
            Heard::Words
        } else if !self.voice.is_open {
            Heard::Silence
        } else if self.wordless_ms >= NOISE_AFTER {
            Heard::Noise
        } else {
            Heard::Voice
        }
    }

    fn said_by_agent(&self) -> Speaking {
        let purpose = self.reply.as_ref().map(|reply| reply.purpose);
        match (self.state, purpose) {
            (State::Machine, _) => Speaking::Making,
            (State::Listening | State::CallerTurn, _) if self.skipped_ms.is_some() => {
                Speaking::Skipping
            }
            (
                State::Waiting
                | State::Listening
                | State::CallerTurn
                | State::Working
                | State::Transferring
                | State::Ended,
                _,
            )
            | (State::Thinking | State::Speaking | State::Ducked, None) => Speaking::Nothing,
            (_, Some(purpose)) if purpose.is_final() => Speaking::Final,
            (_, Some(Purpose::Reminder)) => Speaking::Reminder,
            (State::Thinking, Some(_)) => Speaking::Making,
            (State::Speaking | State::Ducked, Some(_)) => Speaking::Speech,
        }
    }

    /// Somebody speaks and the recogniser says nothing: it may be dead without knowing it.
    fn watch_recogniser(&mut self) {
        // What is taken for noise may be a voice that a dead recogniser does not hear.
        let is_heard = self.voice.is_open || self.noise.is_noise();
        if !is_heard || self.state == State::Ended {
            return;
        }
        match self.deafness.hear_voice(FRAME) {
            DeafnessVerdict::Wait => {}
            DeafnessVerdict::Restart => {
                self.decided("recogniser_silent", format!("for {STT_DEAF} ms of voice"));
                self.outputs.push_back(Output::Stt(SttCommand::Restart));
            }
            DeafnessVerdict::Dead => {
                self.failed(FailedStage::Stt, "no report in spite of voice and restarts");
            }
        }
    }

    /// Somebody said something: the silence begins anew.
    pub(super) const fn note_words(&mut self) {
        self.idle = crate::idle::Idle::new();
        self.wordless_ms = 0;
        self.skipped_ms = None;
    }

    fn watch_silence(&mut self, situation: Situation) {
        let settings = &self.config.call.silence;
        match self.idle.advance(situation, FRAME, settings) {
            IdleVerdict::Wait => {}
            IdleVerdict::Remind => self.remind(situation),
            IdleVerdict::HangUp => {
                let observed = format!("nobody said anything for {} ms", self.idle.quiet_ms());
                self.drop_line(Cause::Idle, &observed);
            }
        }
    }

    /// Asks whether anybody is there. Where a noise goes on, only words interrupt the question.
    fn remind(&mut self, situation: Situation) {
        if self.state == State::CallerTurn {
            self.drop_wordless_turn();
        }
        if self.state != State::Listening {
            return;
        }
        let observed = format!("nobody said anything for {} ms", self.idle.quiet_ms());
        self.decided("reminder", observed);
        let text = self.config.call.silence.reminder_text.clone();
        self.say(&text, Purpose::Reminder, true);
        if let Some(reply) = self.reply.as_mut().filter(|_| situation.heard == Heard::Noise) {
            reply.wordless_interruptions = WORDLESS_INTERRUPTIONS_MAX;
        }
    }

    fn watch_closing(&mut self, situation: Situation) {
        let Closing::Grace(grace) = &mut self.closing else { return };
        if self.state != State::Ended && grace.advance(situation, FRAME) == ClosingVerdict::Drop {
            self.close();
        }
    }
}
