//! Sentences that are synthesised when the call begins: they are said when there is no time for it,
//! or nothing left that could do it.

use std::sync::Arc;

use offhook_text::SpeechRules;
use offhook_types::{RequestId, Timestamp, UtteranceId};

use crate::reply::Reply;
use crate::rules::CHARACTER_SPOKEN;

/// A sentence that is there before it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sentence {
    /// The call is at its limit.
    Limit,
    /// The worker shuts down.
    Drain,
    /// Something failed.
    Fault,
}

/// The sentences of a call.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    sentences: Vec<(Sentence, Reply)>,
}

impl Prepared {
    pub(crate) fn push(&mut self, sentence: Sentence, reply: Reply) {
        self.sentences.push((sentence, reply));
    }

    /// The sentence that is made for this request.
    pub(crate) fn of_request(&mut self, request: RequestId) -> Option<&mut Reply> {
        let found = self.sentences.iter_mut().find(|(_, reply)| reply.request == request);
        found.map(|(_, reply)| reply)
    }

    /// How long it takes to be said, in ms: by its audio, or estimated by its letters.
    pub(crate) fn speech_ms(&self, sentence: Sentence, rate_hz: u32) -> Option<u32> {
        let reply = self.find(sentence)?;
        let Some(samples) = reply.made_samples() else {
            let characters = u32::try_from(reply.characters()).unwrap_or(u32::MAX);
            return Some(characters.saturating_mul(CHARACTER_SPOKEN));
        };
        Some(u32::try_from(samples * 1_000 / u64::from(rate_hz.max(1))).unwrap_or(u32::MAX))
    }

    /// Whether it can be said whatever fails.
    pub(crate) fn is_made(&self, sentence: Sentence) -> bool {
        self.find(sentence).is_some_and(|reply| reply.made_samples().is_some())
    }

    /// Takes a sentence out, to be said.
    pub(crate) fn take(&mut self, sentence: Sentence) -> Option<Reply> {
        let index = self.sentences.iter().position(|(found, _)| *found == sentence)?;
        Some(self.sentences.swap_remove(index).1)
    }

    /// The voice could not make it.
    pub(crate) fn forget(&mut self, request: RequestId) {
        self.sentences.retain(|(_, reply)| reply.request != request);
    }

    /// Nobody will hear them any more.
    pub(crate) fn clear(&mut self) {
        self.sentences.clear();
    }

    fn find(&self, sentence: Sentence) -> Option<&Reply> {
        self.sentences.iter().find(|(found, _)| *found == sentence).map(|(_, reply)| reply)
    }
}

/// A sentence as one clause of one request, uncut: it is made in one go.
pub(crate) fn prepare(
    request: RequestId,
    text: &str,
    now: Timestamp,
    utterance: UtteranceId,
    rate_hz: u32,
    rules: &Arc<SpeechRules>,
) -> (Reply, Option<String>) {
    let mut reply = Reply::uncut(request, text, now, rules);
    let clause = reply.next_clause(utterance, rate_hz);
    (reply, clause)
}
