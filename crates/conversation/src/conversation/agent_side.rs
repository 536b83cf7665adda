//! The agent's reply: from the model's words to speech, and what of it was heard.

use offhook_types::{
    FailedStage, LlmCommand, LlmEvent, LlmStop, PlayoutCommand, RequestId, TtsCommand, TtsNote,
    UtteranceId,
};

use super::overlap::resumed;
use super::{Conversation, millis};
use crate::ending::Cause;
use crate::output::Output;
use crate::purpose::Purpose;
use crate::reply::Reply;
use crate::rules::{REPLY_BYTES_MAX, REPLY_STALLED, SPEECH_STALLED};
use crate::state::State;
use crate::timer::Timer;
use crate::words::count_without;

impl Conversation {
    /// The language model reported.
    pub(super) fn model_said(&mut self, event: LlmEvent) {
        if self.takes_summary(&event) {
            return;
        }
        match event {
            LlmEvent::Text { request, text } => {
                let (latency, now) = (self.take_latency(request), self.now);
                let Some(reply) = self.reply_to(request) else { return };
                if reply.is_complete {
                    // What still comes of a model that was stopped.
                    return;
                }
                if !reply.push_text(&text) {
                    return self.cut_short(request);
                }
                reply.progress_at = now;
                if let Some(latency) = latency {
                    // A quarter of the newest: four turns forget an outlier.
                    self.model_ms = (3 * self.model_ms + latency) / 4;
                }
                self.watch_reply();
                self.ask_for_speech();
            }
            LlmEvent::Finished { request, reason, .. } => {
                let Some(reply) = self.reply_to(request) else { return };
                reply.finish_text();
                let (is_empty, has_calls) = (reply.is_empty(), reply.has_calls());
                let is_bridge_only = reply.is_bridge_only();
                self.ask_for_speech();
                if is_bridge_only && !has_calls {
                    self.ask_again(request, reason);
                } else if is_empty && !has_calls {
                    self.nothing_said(request, reason);
                } else {
                    self.finish_if_heard();
                }
            }
            LlmEvent::Failed { request, failure } => {
                if self.reply_to(request).is_some() {
                    self.failed(FailedStage::Llm, &failure.to_string());
                }
            }
            LlmEvent::ToolCall { request, call } => {
                let Some(reply) = self.reply_to(request) else { return };
                if reply.is_complete {
                    return;
                }
                reply.calls.push(call);
                self.run_calls();
            }
        }
    }

    /// The voice reported.
    pub(super) fn voice_made(&mut self, note: TtsNote) {
        let (TtsNote::Audio { request, utterance, .. }
        | TtsNote::Words { request, utterance, .. }
        | TtsNote::Finished { request, utterance }
        | TtsNote::Failed { request, utterance, .. }) = note;
        let is_current = self.reply.as_ref().is_some_and(|reply| reply.request == request);
        if !is_current && self.prepared.of_request(request).is_some() {
            return self.sentence_made(note);
        }
        if !is_current {
            self.counts.stale += 1;
            return;
        }
        let Some(reply) = &mut self.reply else { return };
        match note {
            TtsNote::Audio { samples, .. } => {
                reply.handle_audio(utterance, samples);
                self.watch_reply();
                self.ask_for_speech();
            }
            TtsNote::Words { words, .. } => reply.handle_words(utterance, &words),
            TtsNote::Finished { .. } => {
                reply.handle_made(utterance);
                self.ask_for_speech();
                self.finish_if_heard();
            }
            TtsNote::Failed { failure, .. } => {
                self.failed(FailedStage::Tts, &failure.to_string());
            }
        }
    }

    /// The voice reported about a sentence that is made beforehand.
    fn sentence_made(&mut self, note: TtsNote) {
        match note {
            TtsNote::Audio { request, utterance, samples } => {
                let reply = self.prepared.of_request(request);
                reply.map(|reply| reply.handle_audio(utterance, samples));
            }
            TtsNote::Words { request, utterance, words } => {
                if let Some(reply) = self.prepared.of_request(request) {
                    reply.handle_words(utterance, &words);
                }
            }
            TtsNote::Finished { request, utterance } => {
                if let Some(reply) = self.prepared.of_request(request) {
                    reply.handle_made(utterance);
                }
                self.set_limit_timer();
            }
            TtsNote::Failed { request, failure, .. } => {
                self.prepared.forget(request);
                self.decided("sentence_failed", failure.to_string());
            }
        }
    }

    /// The first frame of a clause was sent.
    pub(super) fn speaking(&mut self, state: State, utterance: UtteranceId) {
        let Some(wording) = self.reply.as_ref().and_then(|reply| reply.wording(utterance)) else {
            self.counts.stale += 1;
            return;
        };
        self.own_words.begin(&wording.spoken, &wording.written);
        self.watch_reply();
        // A frame that left just as the caller went on: it is heard, so the turn was over.
        if matches!(state, State::Thinking | State::CallerTurn) {
            if state == State::CallerTurn {
                self.overlap = self.turn.take();
            }
            let answered = self.turn.take();
            self.put_away(answered);
            self.state = State::Speaking;
        }
    }

    /// The caller heard this much of a clause.
    pub(super) fn heard(&mut self, utterance: UtteranceId, samples: u64, is_all: bool) {
        let of = |reply: &Option<Reply>| {
            reply.as_ref().is_some_and(|reply| reply.wording(utterance).is_some())
        };
        if of(&self.reply) {
            let Some(reply) = &mut self.reply else { return };
            if reply.handle_heard(utterance, samples, is_all) {
                let (turn, text) = (reply.request.turn, reply.heard_text());
                self.history.write_agent(turn, &text, false);
            }
            self.own_words.heard(self.now);
            self.watch_reply();
            self.ask_for_speech();
            self.finish_if_heard();
        } else if of(&self.interrupted) {
            let Some(reply) = &mut self.interrupted else { return };
            if reply.handle_heard(utterance, samples, is_all) {
                let (turn, text) = (reply.request.turn, reply.heard_text());
                self.history.write_agent(turn, &text, true);
                self.read_turn();
            }
            self.own_words.heard(self.now);
        } else if of(&self.cut_off) {
            let Some(reply) = &mut self.cut_off else { return };
            if reply.handle_heard(utterance, samples, is_all) {
                let (turn, text) = (reply.request.turn, reply.heard_text());
                self.history.write_agent(turn, &text, true);
            }
            self.own_words.heard(self.now);
        } else {
            self.counts.stale += 1;
        }
    }

    /// The reply may be heard.
    pub(super) fn commit_reply(&mut self) {
        let Some(reply) = &mut self.reply else { return };
        reply.is_committed = true;
        reply.was_committed = true;
        let request = reply.request;
        self.playout(PlayoutCommand::Play { request });
        self.ask_for_speech();
        self.watch_reply();
        self.run_calls();
        self.watch_for_filler();
        // A reply without words, of which everything is there, is over as soon as it may be heard.
        self.finish_if_heard();
    }

    /// Asks the voice for as many clauses as may be ahead of what is heard.
    pub(super) fn ask_for_speech(&mut self) {
        let rate = self.speech_rate.hz();
        let Some(reply) = &mut self.reply else { return };
        while let Some(text) = reply.next_clause(self.next_utterance, rate) {
            let say = TtsCommand::Say {
                request: reply.request,
                utterance: self.next_utterance,
                text,
                has_more: reply.has_more(),
            };
            self.outputs.push_back(Output::Tts(say));
            self.next_utterance = self.next_utterance.next();
            reply.progress_at = self.now;
        }
    }

    /// Watches over a reply that may be heard: it must not stand still.
    pub(super) fn watch_reply(&mut self) {
        let Some(reply) = self.reply.as_ref().filter(|reply| reply.is_committed) else { return };
        let is_being_said = reply.was_begun() && !reply.is_bridge_only();
        let (since, stalled) = match (is_being_said, reply.has_audio()) {
            (true, _) => (self.now, SPEECH_STALLED),
            (false, true) => (self.now, REPLY_STALLED),
            // A turn that goes on again and again does not prolong the wait for a dead provider.
            (false, false) => (reply.progress_at, REPLY_STALLED),
        };
        let at = (since + millis(stalled)).max(self.now);
        self.timers.set(Timer::ReplyStalled, at);
    }

    /// The reply stands still: it is asked for again, or what was not heard of it is said again.
    /// What stands still a second time is given up.
    pub(super) fn reply_stalled(&mut self) {
        let bridged = self.reply.as_ref().filter(|reply| reply.is_bridge_only());
        if let Some(request) = bridged.map(|reply| reply.asked) {
            self.outputs.push_back(Output::Llm(LlmCommand::Cancel { request }));
            return self.ask_again(request, LlmStop::Length);
        }
        let Some(reply) = self.reply.take() else { return };
        let is_awaited = self.state == State::Thinking && self.turn.is_some();
        if reply.was_begun() || (!is_awaited && reply.is_worth_resuming()) {
            return self.speech_stalled(reply);
        }
        self.decided("reply_stalled", format!("nothing for {REPLY_STALLED} ms"));
        let (basis, purpose) = (reply.basis.clone(), reply.purpose);
        self.drop_made(reply);
        if self.ends_after(purpose) {
            return;
        }
        match (self.state, &mut self.turn) {
            (State::Thinking, Some(turn)) if turn.attempts <= ATTEMPTS_MAX => {
                self.ask_model(&basis, false);
                self.commit_reply();
            }
            (State::Thinking, Some(_)) => self.failed(FailedStage::Llm, "no answer came"),
            _ => self.reply_done(),
        }
    }

    /// A reply falls silent in the middle: what was not heard is said again, once. Where the model
    /// has stopped, nothing is left to say.
    fn speech_stalled(&mut self, mut reply: Reply) {
        self.decided("speech_stalled", format!("nothing for {SPEECH_STALLED} ms"));
        let (turn, heard) = (reply.request.turn, reply.heard_text());
        self.history.write_agent(turn, &heard, true);
        let request = reply.request;
        self.cancel_model(&mut reply);
        self.outputs.push_back(Output::Tts(TtsCommand::Cancel { request }));
        self.playout(PlayoutCommand::Drop { request });
        if self.state == State::Ducked {
            self.playout(PlayoutCommand::Duck { is_ducked: false });
            self.state = State::Speaking;
        }
        reply.rewind(resumed(request));
        let may_try = !std::mem::replace(&mut reply.was_said_again, true);
        if !may_try || reply.is_heard() {
            return self.reply_done();
        }
        self.reply = Some(reply);
        self.state = State::Thinking;
        self.commit_reply();
    }

    /// Cancels whatever makes a reply.
    pub(super) fn cancel(&mut self, mut reply: Reply) {
        self.cancel_model(&mut reply);
        self.outputs.push_back(Output::Tts(TtsCommand::Cancel { request: reply.request }));
    }

    /// Cancels a reply and throws away what was made of it.
    pub(super) fn drop_made(&mut self, reply: Reply) {
        let request = reply.request;
        self.cancel(reply);
        self.playout(PlayoutCommand::Drop { request });
    }

    /// Nothing more is wanted of the model for this reply.
    pub(super) fn cancel_model(&mut self, reply: &mut Reply) {
        if !reply.is_complete {
            reply.is_complete = true;
            self.outputs.push_back(Output::Llm(LlmCommand::Cancel { request: reply.asked }));
        }
    }

    /// The reply was heard to its end, or there is none: what the caller said meanwhile is next.
    pub(super) fn reply_done(&mut self) {
        self.timers.stop(Timer::ReplyStalled);
        if self.state == State::Ducked {
            self.playout(PlayoutCommand::Duck { is_ducked: false });
        }
        let reply = self.reply.take();
        let answered = self.turn.take();
        self.put_away(answered);
        self.state = State::Listening;
        match reply {
            Some(reply) if self.follows(&reply) => return,
            Some(_) => {}
            None => {
                self.transfers.withdraw();
                self.close_without_words();
            }
        }
        self.take_up_overlap();
        if self.state == State::Listening && !self.work() {
            self.answer_owed();
        }
    }

    /// What follows a reply that was heard, by what it was for. True where that is decided.
    fn follows(&mut self, reply: &Reply) -> bool {
        if reply.purpose == Purpose::ToolBefore {
            self.run_announced_tool();
        }
        self.send_digits();
        self.ends_after(reply.purpose) || self.closes_after(reply) || self.begins_transfer()
    }

    /// Ends the call behind its last words.
    fn ends_after(&mut self, purpose: Purpose) -> bool {
        let cause = match purpose {
            Purpose::Limit => Cause::Limit,
            Purpose::Message => {
                self.message_left();
                return true;
            }
            Purpose::Drain => Cause::Drain,
            Purpose::Fault(_) => Cause::Fault,
            Purpose::Answer
            | Purpose::Opening
            | Purpose::Reminder
            | Purpose::Announcement
            | Purpose::ToolBefore
            | Purpose::Tool
            | Purpose::Screening
            | Purpose::Farewell => return false,
        };
        self.drop_line(cause, "the last words were heard");
        true
    }

    /// What the caller said while the agent spoke is a turn, if it asks for an answer.
    pub(super) fn take_up_overlap(&mut self) {
        let Some(mut overlap) = self.overlap.take() else { return };
        let said = &overlap.said;
        let is_worth_an_answer = !self.interruption.is_listening(said) && !said.is_empty();
        if is_worth_an_answer || (self.voice.is_open && said.is_empty()) {
            // The caller has had the floor from here on, whenever the first word came.
            overlap.began_at = self.now;
            self.turn = Some(overlap);
            self.state = State::CallerTurn;
            self.read_turn();
            self.judge_turn();
            return;
        }
        self.put_away(Some(overlap));
        if self.voice.is_open {
            self.open_turn();
        }
    }

    fn finish_if_heard(&mut self) {
        let is_heard =
            self.reply.as_ref().is_some_and(|reply| reply.is_committed && reply.is_heard());
        if is_heard && self.state != State::CallerTurn {
            self.reply_done();
        }
    }

    /// The model had nothing to say: it is asked once more.
    fn nothing_said(&mut self, request: RequestId, reason: LlmStop) {
        self.decided("empty_reply", format!("{reason:?}"));
        if self.interrupted.as_ref().is_some_and(|reply| reply.asked == request) {
            self.interrupted = None;
            return;
        }
        let is_committed = self.reply.as_ref().is_some_and(|reply| reply.is_committed);
        let Some(reply) = self.reply.take() else { return };
        match &self.turn {
            Some(turn) if is_committed && turn.attempts <= ATTEMPTS_MAX => {
                self.ask_model(&reply.basis, false);
                self.commit_reply();
            }
            _ if is_committed => self.reply_done(),
            _ => {}
        }
    }

    /// A filler was said and the model has nothing to say: it is asked once more, for this reply.
    fn ask_again(&mut self, request: RequestId, reason: LlmStop) {
        self.decided("empty_reply", format!("{reason:?}"));
        let Some(reply) = self.reply.as_mut().filter(|reply| reply.asked == request) else {
            return;
        };
        if reply.asked.attempt >= ATTEMPTS_MAX {
            return self.failed(FailedStage::Llm, "no answer came");
        }
        reply.asked.attempt += 1;
        reply.is_complete = false;
        let asked = reply.asked;
        self.ask(asked, None, false);
        self.watch_reply();
    }

    /// The model writes more than anybody listens to.
    fn cut_short(&mut self, request: RequestId) {
        let Some(reply) = self.reply_to(request) else { return };
        reply.finish_text();
        self.outputs.push_back(Output::Llm(LlmCommand::Cancel { request }));
        self.decided("reply_cut_short", format!("more than {REPLY_BYTES_MAX} bytes"));
        self.ask_for_speech();
    }

    /// The reply that the model was asked for with this request, said or interrupted.
    fn reply_to(&mut self, request: RequestId) -> Option<&mut Reply> {
        let replies = [&mut self.reply, &mut self.interrupted];
        let found = replies.into_iter().flatten().find(|reply| reply.asked == request);
        if found.is_none() {
            self.counts.stale += 1;
        }
        found
    }

    /// Time from the request to its first token, once.
    fn take_latency(&mut self, request: RequestId) -> Option<u32> {
        let now = self.now;
        let reply = self.reply.as_mut().filter(|reply| reply.asked == request)?;
        if reply.first_token_at.is_some() {
            return None;
        }
        reply.first_token_at = Some(now);
        u32::try_from(now.saturating_since(reply.asked_at).as_millis()).ok()
    }

    /// Words in a text that ask for an answer.
    pub(super) fn counted_words(&self, said: &[String]) -> usize {
        count_without(said, &self.lexicon.backchannel)
    }
}

/// Attempts at an answer after which the agent gives up, speculative ones included.
const ATTEMPTS_MAX: u8 = 4;
