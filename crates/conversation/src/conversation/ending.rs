//! The end of the call: what runs is stopped, and the one reason is given.

use offhook_types::{EndReason, EndedBy, FailedStage};

use super::Conversation;
use crate::closing::Closing;
use crate::ending::{Cause, Phase, decide};
use crate::farewell::{ends_with_farewell, is_farewell};
use crate::gatekeeper::Gate;
use crate::output::Output;
use crate::purpose::Purpose;
use crate::state::State;

impl Conversation {
    /// The other end, or somebody else, dropped the line.
    pub(super) fn line_dropped(&mut self, by: EndedBy) {
        if by == EndedBy::Caller && self.transfer_takes_stream() {
            return;
        }
        let cause = match by {
            EndedBy::Caller => Cause::CallerHungUp,
            EndedBy::Agent => Cause::EndCall,
            EndedBy::Operator => Cause::Operator,
            EndedBy::System => Cause::CarrierDropped,
        };
        self.end(cause, "the line dropped");
    }

    /// Drops the line.
    pub(super) fn drop_line(&mut self, cause: Cause, observed: &str) {
        self.outputs.push_back(Output::Hangup);
        self.end(cause, observed);
    }

    /// Ends the call: what runs is cancelled, nothing is left pending.
    pub(super) fn end(&mut self, cause: Cause, observed: &str) {
        self.hear_last_farewells();
        let (phase, farewells) = (self.phase(), self.farewells.heard());
        let condition = match &self.closing {
            Closing::Asked(end_call) => end_call.condition.clone(),
            Closing::Grace(grace) => {
                grace.end_call.as_ref().and_then(|end_call| end_call.condition.clone())
            }
            Closing::Open => None,
        };
        let stage = self.failed_stage.unwrap_or(FailedStage::Engine);
        let (kind, who) = decide(phase, farewells, cause, condition.as_deref(), Some(stage));
        if let Some(reply) = self.reply.take() {
            self.cancel(reply);
        }
        if let Some(mut reply) = self.interrupted.take() {
            self.cancel_model(&mut reply);
        }
        self.write_unfinished();
        self.cancel_tools();
        self.cancel_transfer(cause);
        self.run_tools_after();
        self.prepared.clear();
        self.cut_off = None;
        self.announcements.clear();
        self.timers.stop_all();
        self.state = State::Ended;
        let evidence = vec![
            self.evidence("phase", format!("{phase:?}")),
            self.evidence("farewells", format!("{farewells:?}")),
            self.evidence("end", observed.to_owned()),
        ];
        self.outputs.push_back(Output::Ended(EndReason { kind, who, evidence }));
    }

    /// What the caller was saying is part of the record, although nobody will answer it.
    pub(super) fn write_unfinished(&mut self) {
        for turn in [self.turn.take(), self.overlap.take()].into_iter().flatten() {
            if !turn.said.is_empty() {
                self.history.write_unanswered(turn.id, &turn.text());
            }
        }
    }

    /// What goes on, as far as the end reason depends on it.
    fn phase(&self) -> Phase {
        match self.state {
            State::Waiting => Phase::Unanswered,
            State::Listening
            | State::CallerTurn
            | State::Thinking
            | State::Speaking
            | State::Ducked
            | State::Working
            | State::Ended => self.phase_of_talk(),
            State::Machine => Phase::Machine,
            State::Transferring => Phase::Transferring,
        }
    }

    fn phase_of_talk(&self) -> Phase {
        if self.voicemail.is_left {
            return Phase::MessageLeft;
        }
        if self.reply.as_ref().is_some_and(|reply| matches!(reply.purpose, Purpose::Fault(_))) {
            return Phase::Excuse;
        }
        if self.is_leaving_message() {
            return Phase::Message;
        }
        match self.gatekeeper.gate {
            Gate::Open => Phase::Talking,
            Gate::Screening => Phase::Screening,
            Gate::Menu => Phase::Menu,
        }
    }

    /// Farewells of a turn or reply that was not over when the line dropped.
    fn hear_last_farewells(&mut self) {
        let caller = [&self.turn, &self.overlap].into_iter().flatten();
        let mut caller = caller.map(|turn| (turn.text(), &turn.said));
        let has_caller = caller.any(|(text, said)| is_farewell(&text, said, self.lexicon));
        let agent = self.reply.as_ref().map(|reply| reply.heard_text()).unwrap_or_default();
        let has_agent = ends_with_farewell(&agent, self.lexicon);
        // A turn that is being answered was said before the answer.
        if self.turn.is_some() && has_caller {
            self.farewells.caller_said();
        }
        if has_agent {
            self.farewells.agent_said();
        }
        if has_caller {
            self.farewells.caller_said();
        }
    }
}
