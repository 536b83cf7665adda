//! What must hold at every moment of every call, and at its end.

use offhook_conversation::{Entry, State};
use offhook_types::{EndKind, EndReason};

use super::{FRAME_MS, World, letters};

impl World {
    /// No line stays open for long behind its last reason to be.
    pub(super) fn check_line(&mut self) {
        self.line_ms += FRAME_MS;
        if self.ended.is_some() {
            return;
        }
        let waits = matches!(self.conversation.state(), State::Listening | State::CallerTurn);
        let skips = self.skipped_ms.is_some_and(|at| self.line_ms < at + 120_000);
        let may_speak = self.conversation.state() == State::Waiting;
        if !waits || skips || may_speak || self.is_muted || self.outside.is_busy() {
            self.active_ms = self.line_ms;
        }
        let idle = self.line_ms - self.active_ms;
        let most = if self.is_closing { Some(0) } else { self.hangup_ms };
        assert!(
            most.is_none_or(|most| idle <= most + 10_000),
            "open for {idle} ms without a reason, closing {}: {:#?}",
            self.is_closing,
            self.log
        );
    }

    /// What holds at every moment of every call.
    pub(super) fn check(&self) {
        let is_alive = self.ended.is_none();
        assert_eq!(is_alive, self.conversation.state() != State::Ended);
        if !is_alive {
            assert_eq!(self.conversation.poll_timeout(), None, "a timer outlives the call");
        }
        let overrun = self.limit_ms.map_or(0, |limit| self.now.saturating_sub(limit));
        assert!(!is_alive || overrun <= 1_020, "{overrun} ms over the limit");
        let waits = matches!(self.conversation.state(), State::Thinking);
        assert!(
            !waits || self.conversation.poll_timeout().is_some(),
            "an answer is awaited and nothing watches over it"
        );
    }

    /// What holds at every end.
    pub(super) fn check_end(&self, reason: &EndReason) {
        let may_cut = match reason.kind {
            EndKind::MaxDuration
            | EndKind::OperatorEnded
            | EndKind::UserCanceled
            | EndKind::Drained
            | EndKind::MediaLost
            | EndKind::Failed(_) => true,
            EndKind::Voicemail
            | EndKind::VoicemailMessageLeft
            | EndKind::VoicemailCutOff
            | EndKind::HumanGoodbye
            | EndKind::AgentGoodbye
            | EndKind::HumanPickUpCutOff
            | EndKind::AgentEnded
            | EndKind::Custom(_)
            | EndKind::IdleTimeout
            | EndKind::Transferred
            | EndKind::ScreeningRefused
            | EndKind::IvrFailed
            | EndKind::NoAnswer
            | EndKind::Busy
            | EndKind::Undefined => false,
        };
        assert!(may_cut || !self.hung_up_on_speech, "we cut the agent's own words: {reason:?}");
        assert!(!reason.evidence.is_empty(), "an end without evidence");
        self.outside.check_end();
    }

    /// Whether the history holds of each reply what was played of it, but for the word that was
    /// being said.
    pub(crate) fn check_history(&self) -> Result<(), String> {
        const WORD: u64 = 14;
        for entry in self.conversation.history().entries() {
            let Entry::Agent { turn, text, .. } = entry else { continue };
            let written = letters(text);
            let played: u64 = self.played.get(turn).copied().unwrap_or_default();
            // Each time that a reply was cut, a word may have been cut in two.
            let cuts = 1 + u64::from(self.conversation.counts().resumed);
            if written > played + WORD || written + cuts * WORD < played {
                return Err(format!("{written} letters written, {played} played of {turn:?}"));
            }
        }
        Ok(())
    }
}
