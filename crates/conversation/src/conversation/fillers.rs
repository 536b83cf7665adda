//! What bridges an answer or a tool that takes its time.

use super::{Conversation, millis};
use crate::purpose::Purpose;
use crate::reply::Reply;
use crate::state::State;
use crate::timer::Timer;

/// What was bridged.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fillers {
    /// This turn of the caller was.
    pub(super) is_bridged: bool,
    /// How many were said: each time another one.
    pub(super) said: usize,
}

impl Conversation {
    /// The caller waits from now on: for the model's first word, or for a tool that says nothing
    /// itself. Before the caller has said anything nobody waits.
    pub(super) fn watch_for_filler(&mut self) {
        let fillers = &self.config.call.fillers;
        let is_over = self.fillers.is_bridged || fillers.texts.is_empty() || self.counts.turns == 0;
        let waits = match self.state {
            State::Thinking => self.reply.as_ref().is_some_and(may_be_bridged),
            State::Working => !self.tools.speaks(),
            State::Waiting
            | State::Listening
            | State::CallerTurn
            | State::Speaking
            | State::Ducked
            | State::Machine
            | State::Transferring
            | State::Ended => false,
        };
        if waits && !is_over {
            let soft_timeout = millis(fillers.soft_timeout_ms);
            self.timers.set(Timer::Filler, self.now + soft_timeout);
        }
    }

    /// The caller has waited for long enough to be told something.
    pub(super) fn filler_due(&mut self) {
        let texts = &self.config.call.fillers.texts;
        let Some(text) = texts.get(self.fillers.said % texts.len().max(1)).cloned() else { return };
        // Another reply may have taken the place of the one that was waited for.
        let is_silent =
            self.reply.as_ref().is_some_and(|reply| reply.is_committed && may_be_bridged(reply));
        match self.state {
            State::Thinking if is_silent => {
                if let Some(reply) = &mut self.reply {
                    reply.bridge(&text);
                }
                self.ask_for_speech();
            }
            State::Working if !self.tools.speaks() => self.say_for_tool(&text),
            State::Waiting
            | State::Listening
            | State::CallerTurn
            | State::Thinking
            | State::Speaking
            | State::Ducked
            | State::Working
            | State::Machine
            | State::Transferring
            | State::Ended => return,
        }
        self.fillers.is_bridged = true;
        self.fillers.said += 1;
        self.decided("filler", text);
    }
}

/// Whether the caller waits for this: an answer of which nothing has come.
fn may_be_bridged(reply: &Reply) -> bool {
    reply.purpose == Purpose::Answer && reply.first_token_at.is_none()
}
