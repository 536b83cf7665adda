//! Commands from outside: operators, programs, the worker.

use offhook_types::ControlCommand;

use super::Conversation;
use crate::closing::Closing;
use crate::ending::Cause;
use crate::purpose::Purpose;
use crate::state::State;

impl Conversation {
    pub(super) fn control(&mut self, command: ControlCommand) {
        match command {
            ControlCommand::Hangup => self.drop_line(Cause::Operator, "an operator hung up"),
            ControlCommand::Say { text, is_interruptible } => {
                if self.announcements.len() == ANNOUNCEMENTS_MAX {
                    return self.decided("announcement_refused", "too many wait".to_owned());
                }
                self.announcements.push_back((text, is_interruptible));
                self.speak_up();
            }
            ControlCommand::Inject { text } => {
                self.decided("inject", format!("{} bytes", text.len()));
                self.history.note(&text);
            }
            ControlCommand::MuteAgent { is_muted } => self.mute(is_muted),
            ControlCommand::Drain { deadline_ms } => self.start_drain(deadline_ms),
        }
    }

    /// Silences the agent, or lets it speak again. What it was saying is cut; the caller is heard
    /// all the time, and answered when it may speak again.
    fn mute(&mut self, is_muted: bool) {
        if self.is_muted == is_muted {
            return;
        }
        self.is_muted = is_muted;
        self.decided("mute", if is_muted { "silenced" } else { "may speak" }.to_owned());
        let purpose = self.reply.as_ref().map(|reply| reply.purpose);
        let is_own =
            purpose.is_some_and(|purpose| !purpose.is_final() && purpose != Purpose::Announcement);
        if is_muted && is_own && self.state != State::CallerTurn {
            self.owes_answer |= self.state == State::Thinking;
            self.take_floor();
            if let Closing::Asked(_) = &self.closing {
                self.closing = Closing::Open;
            }
        }
        if self.state == State::Listening && !self.work() {
            self.answer_owed();
        }
    }
}

/// Announcements that may wait for the floor; an operator who sends more is refused.
const ANNOUNCEMENTS_MAX: usize = 8;
