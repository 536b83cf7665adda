//! The ends that come by the clock, and the sentences that are made for them beforehand.

use offhook_types::{PlayoutCommand, RequestId, TtsCommand};

use super::{Conversation, millis};
use crate::ending::Cause;
use crate::limits::{Limit, LimitVerdict, judge};
use crate::output::Output;
use crate::prepared::{Sentence, prepare};
use crate::purpose::Purpose;
use crate::timer::Timer;

impl Conversation {
    /// Has the sentences made that may be needed when there is no time for it.
    pub(super) fn prepare_sentences(&mut self) {
        let call = &self.config.call;
        let sentences = [
            (Sentence::Limit, call.limits.max_call_text.clone()),
            (Sentence::Drain, call.faults.drain_text.clone()),
            (Sentence::Fault, call.faults.text.clone()),
        ];
        let is_limited = call.limits.max_call_ms.is_some();
        for (sentence, text) in sentences {
            let is_needed = sentence != Sentence::Limit || is_limited;
            if !is_needed || text.trim().is_empty() {
                continue;
            }
            let request = RequestId { turn: self.take_turn_id(), attempt: 0 };
            let utterance = self.next_utterance;
            let (reply, clause) =
                prepare(request, &text, self.now, utterance, self.speech_rate.hz(), &self.speech);
            let Some(text) = clause else { continue };
            self.next_utterance = utterance.next();
            self.prepared.push(sentence, reply);
            let say = TtsCommand::Say { request, utterance, text, has_more: false };
            self.outputs.push_back(Output::Tts(say));
        }
    }

    /// The call is answered: its time runs.
    pub(super) fn start_limit(&mut self) {
        let Some(most) = self.config.call.limits.max_call_ms else { return };
        self.limit = Some(Limit::new(self.now + millis(most)));
        self.set_limit_timer();
    }

    /// The worker shuts down: the call has this long to end by itself.
    pub(super) fn start_drain(&mut self, deadline_ms: u32) {
        self.decided("drain", format!("{deadline_ms} ms are left"));
        self.drain = Some(Limit::new(self.now + millis(deadline_ms)));
        self.set_limit_timer();
        self.drain_due();
    }

    /// When the next step on the way to a limit is due. Audio of its words moves it.
    pub(super) fn set_limit_timer(&mut self) {
        for (timer, sentence, limit) in [
            (Timer::Limit, Sentence::Limit, self.limit),
            (Timer::Drain, Sentence::Drain, self.drain),
        ] {
            let speech = self.prepared.speech_ms(sentence, self.speech_rate.hz());
            if let Some(limit) = limit {
                self.timers.set(timer, limit.deadline(self.now, speech));
            }
        }
    }

    pub(super) fn limit_due(&mut self) {
        let verdict = self.judge_limit(self.limit, Sentence::Limit);
        self.obey_limit(verdict, Sentence::Limit, Purpose::Limit);
    }

    pub(super) fn drain_due(&mut self) {
        let verdict = self.judge_limit(self.drain, Sentence::Drain);
        self.obey_limit(verdict, Sentence::Drain, Purpose::Drain);
    }

    fn judge_limit(&self, limit: Option<Limit>, sentence: Sentence) -> LimitVerdict {
        let speech = self.prepared.speech_ms(sentence, self.speech_rate.hz());
        limit.map_or(LimitVerdict::Wait, |limit| {
            judge(self.situation(), limit.clock(self.now, speech))
        })
    }

    fn obey_limit(&mut self, verdict: LimitVerdict, sentence: Sentence, purpose: Purpose) {
        match verdict {
            LimitVerdict::Wait => {}
            LimitVerdict::Speak => {
                self.decided("last_words", format!("{sentence:?}").to_lowercase());
                self.say_prepared(sentence, purpose);
            }
            LimitVerdict::Drop => {
                let observed = "the time is up";
                let cause = if sentence == Sentence::Drain { Cause::Drain } else { Cause::Limit };
                return self.drop_line(cause, observed);
            }
        }
        let limit = if sentence == Sentence::Drain { &mut self.drain } else { &mut self.limit };
        if let Some(limit) = limit {
            limit.was_said |= verdict == LimitVerdict::Speak;
        }
        self.set_limit_timer();
    }

    /// Says a sentence that was made beforehand, over whoever speaks.
    pub(super) fn say_prepared(&mut self, sentence: Sentence, purpose: Purpose) {
        let Some(mut reply) = self.prepared.take(sentence) else { return };
        self.take_floor();
        reply.purpose = purpose;
        reply.is_interruptible = false;
        (reply.is_committed, reply.was_committed) = (true, true);
        self.say_reply(reply);
    }

    /// Whatever the agent says or is asked for is over; what the caller has said is kept.
    pub(super) fn take_floor(&mut self) {
        use crate::state::State;
        if self.state == State::Ducked {
            self.playout(PlayoutCommand::Duck { is_ducked: false });
        }
        let is_heard = matches!(self.state, State::Speaking | State::Ducked);
        match self.reply.take() {
            Some(mut reply) if is_heard => {
                let (request, fade_out_ms) = (reply.request, self.config.turns.fade_out_ms);
                self.playout(PlayoutCommand::Cut { request, fade_out_ms });
                self.outputs.push_back(Output::Tts(TtsCommand::Cancel { request }));
                self.cancel_model(&mut reply);
                self.history.write_agent(request.turn, &reply.heard_text(), true);
                self.cut_off = Some(reply);
            }
            Some(reply) => self.drop_made(reply),
            None => {}
        }
        if let Some(mut reply) = self.interrupted.take() {
            self.cancel_model(&mut reply);
        }
        // What was to follow the reply does not.
        self.transfers.withdraw();
        self.digits_to_send.clear();
        for timer in [Timer::FinalWords, Timer::Resume, Timer::ReplyStalled, Timer::Opening] {
            self.timers.stop(timer);
        }
        self.write_unfinished();
        self.state = State::Listening;
    }
}
