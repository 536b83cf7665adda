//! The caller's turn is over, or was none: who says what follows, a rule or the model.

use offhook_types::{LlmCommand, RequestId};

use super::Conversation;
use crate::closing::Closing;
use crate::interruption::is_only_listening;
use crate::output::Output;
use crate::reply::Reply;
use crate::rules::CANCELLATIONS_MAX;
use crate::state::State;
use crate::timer::Timer;
use crate::toolbox::offered;

impl Conversation {
    /// The caller's turn is over.
    pub(super) fn end_turn(&mut self, observed: &str) {
        self.timers.stop(Timer::FinalWords);
        self.timers.stop(Timer::Resume);
        let lexicon = self.lexicon;
        let Some(turn) = &mut self.turn else { return };
        if self.interrupted.as_ref().is_some_and(Reply::is_worth_resuming)
            && is_only_listening(&turn.said, lexicon)
        {
            return self.resume("listening");
        }
        if let Some(mut interrupted) = self.interrupted.take() {
            if interrupted.must_be_said() && interrupted.heard_text().is_empty() {
                self.opening.is_owed_again(interrupted.purpose);
            } else if !interrupted.was_begun() {
                turn.continue_answered(&interrupted);
            }
            self.cancel_model(&mut interrupted);
        }
        self.read_turn();
        let Some(turn) = &self.turn else { return };
        let (id, text, is_cut_in_on) = (turn.id, turn.text(), turn.is_cut_in_on);
        let said = turn.said.clone();
        self.history.write_caller(id, &text);
        self.decided("end_of_turn", observed.to_owned());
        self.counts.turns += 1;
        if self.tools.is_waited_for() && is_only_listening(&said, lexicon) {
            self.drop_reply();
            self.turn = None;
            self.state = State::Listening;
            self.work();
            return;
        }
        self.interrupt_tools();
        self.transfers.withdraw();
        self.fillers.is_bridged = false;
        self.timers.stop(Timer::Filler);
        if self.is_answered_by_rule(&text, &said) {
            return;
        }
        // Whatever was still to be answered is answered with it.
        self.owes_answer = false;
        self.state = State::Thinking;
        if !self.is_answered() {
            self.drop_reply();
            self.ask_model(&text, false);
        }
        if let Some(reply) = self.reply.as_mut().filter(|_| is_cut_in_on) {
            reply.is_interruptible = false;
        }
        self.commit_reply();
    }

    /// Whether the model may not be asked in the end, so that asking it early is a waste.
    pub(super) fn may_be_answered_by_rule(&self) -> bool {
        self.is_muted
            || self.opening.is_owed()
            || self.closing != Closing::Open
            || self.reply.as_ref().is_some_and(Reply::must_be_said)
    }

    /// Whether a rule, and not the model, says what follows the caller's turn.
    fn is_answered_by_rule(&mut self, text: &str, said: &[String]) -> bool {
        if self.reply.as_ref().is_some_and(Reply::must_be_said) {
            // The caller spoke before anything of it was heard.
            self.owes_answer |= !self.interruption.is_listening(said);
            self.turn = None;
            self.state = State::Thinking;
            self.commit_reply();
            return true;
        }
        if self.passes_gate(said) {
            return true;
        }
        if self.closes_after_turn(text, said) {
            self.drop_reply();
        } else if self.is_muted {
            self.drop_reply();
            self.owes_answer = true;
        } else {
            return self.opens_after_turn(said);
        }
        self.turn = None;
        self.state = State::Listening;
        true
    }

    /// A turn of which no words came is over, because something is to be said.
    pub(super) fn drop_wordless_turn(&mut self) {
        let is_wordless = self.turn.as_ref().is_some_and(|turn| turn.said.is_empty());
        if is_wordless && self.interrupted.is_none() && self.reply.is_none() {
            self.timers.stop(Timer::FinalWords);
            self.turn = None;
            self.state = State::Listening;
        }
    }

    /// Voice without words, or a turn of which nothing is left.
    pub(super) fn drop_turn(&mut self) {
        self.counts.noises += 1;
        self.timers.stop(Timer::FinalWords);
        if self.interrupted.as_ref().is_some_and(Reply::is_worth_resuming) {
            return self.resume("no words");
        }
        self.interrupted = None;
        self.turn = None;
        self.decided("noise", "voice without words".to_owned());
        if self.reply.as_ref().is_some_and(|reply| reply.is_owed || reply.was_committed) {
            // It was only held while there might have been words.
            self.state = State::Thinking;
            return self.commit_reply();
        }
        self.drop_reply();
        self.state = State::Listening;
        self.work();
    }

    /// Asks the model for an answer to `text`.
    pub(super) fn ask_model(&mut self, text: &str, is_speculative: bool) {
        let Some(turn) = &mut self.turn else { return };
        let request = RequestId { turn: turn.id, attempt: turn.attempts };
        turn.attempts = turn.attempts.saturating_add(1);
        self.reply = Some(self.reply_of_model(request, text));
        self.ask(request, is_speculative.then_some(text), is_speculative);
    }

    /// Sends the model the conversation, with a turn that is not yet part of it.
    pub(super) fn ask(
        &mut self,
        request: RequestId,
        unanswered: Option<&str>,
        is_speculative: bool,
    ) {
        let messages = self.history.messages(&self.config.prompt, unanswered);
        let tools = if self.may_call_tools() { offered(&self.config.call) } else { Vec::new() };
        self.outputs.push_back(Output::Llm(LlmCommand::Start {
            request,
            messages,
            tools,
            is_speculative,
        }));
    }

    /// Drops an answer that nobody has heard anything of.
    pub(super) fn drop_reply(&mut self) {
        let Some(reply) = self.reply.take() else { return };
        if let Some(turn) = &mut self.turn {
            turn.cancellations = turn.cancellations.saturating_add(1);
        }
        self.counts.speculations_dropped += 1;
        self.drop_made(reply);
    }

    /// Whether the answer must be finished now, so that nothing silences the agent for ever.
    pub(super) fn must_finish(&self) -> bool {
        let is_fixed =
            self.tools.blocks() || self.reply.as_ref().is_some_and(|reply| !reply.is_interruptible);
        let dropped = self.turn.as_ref().map_or(0, |turn| turn.cancellations);
        is_fixed || dropped >= CANCELLATIONS_MAX
    }
}
