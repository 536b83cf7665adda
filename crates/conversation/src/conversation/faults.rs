//! Something failed, and nothing can take its place.

use offhook_types::FailedStage;

use super::Conversation;
use crate::ending::Cause;
use crate::prepared::Sentence;
use crate::purpose::Purpose;
use crate::state::State;

impl Conversation {
    /// Something failed for good: the agent says so, if it still can, and the call ends.
    pub(super) fn failed(&mut self, stage: FailedStage, observed: &str) {
        let is_dying = self.reply.as_ref().is_some_and(|reply| reply.purpose.is_final());
        let may_speak = match stage {
            FailedStage::Stt | FailedStage::Llm | FailedStage::Tts | FailedStage::Transfer => true,
            FailedStage::Carrier | FailedStage::Media | FailedStage::Engine => false,
        };
        let is_answered = !matches!(self.state, State::Waiting | State::Machine);
        self.failed_stage.get_or_insert(stage);
        if may_speak && is_answered && is_dying {
            return self.decided("failed", observed.to_owned());
        }
        if may_speak && is_answered && self.prepared.is_made(Sentence::Fault) {
            self.decided("failed", observed.to_owned());
            return self.say_prepared(Sentence::Fault, Purpose::Fault(stage));
        }
        self.drop_line(Cause::Fault, observed);
    }
}
