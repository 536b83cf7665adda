//! One reply of the agent: from the model's text to clauses, from clauses to speech, and how much
//! of it was heard.

use std::collections::VecDeque;
use std::sync::Arc;

use offhook_text::{Clause as Wording, SpeechRules, SpeechText};
use offhook_types::{RequestId, SpokenWord, Timestamp, ToolCall, UtteranceId};

use crate::purpose::Purpose;
use crate::rules::{
    CLAUSES_AHEAD_MAX, REPLY_BYTES_MAX, SPEECH_AHEAD_MAX, WORDLESS_INTERRUPTIONS_MAX,
};
use crate::words::words;

/// A reply, from the request on.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) request: RequestId,
    /// What it is for.
    pub(crate) purpose: Purpose,
    /// What the model was asked with; the speech has another request once it was taken up again.
    pub(crate) asked: RequestId,
    /// Its words were given, and are said as they are.
    is_verbatim: bool,
    /// The caller's words that it answers.
    pub(crate) basis: String,
    basis_words: Vec<String>,
    /// It may be heard: the turn is certainly over.
    pub(crate) is_committed: bool,
    /// It was to be heard already, and may have been held since.
    pub(crate) was_committed: bool,
    pub(crate) is_interruptible: bool,
    /// It is no answer to what the caller says now: if that is nothing, it is said all the same.
    pub(crate) is_owed: bool,
    /// It stood still once.
    pub(crate) was_said_again: bool,
    /// The model has said everything.
    pub(crate) is_complete: bool,
    pub(crate) asked_at: Timestamp,
    pub(crate) first_token_at: Option<Timestamp>,
    /// The last moment at which it grew, or more of it was asked for.
    pub(crate) progress_at: Timestamp,
    /// Interruptions by voice that brought no words.
    pub(crate) wordless_interruptions: u8,
    /// What the model called and was not run yet: nothing is before the turn is certain.
    pub(crate) calls: Vec<ToolCall>,
    has_run_calls: bool,
    is_bridged: bool,
    /// Text taken so far.
    bytes: usize,
    speech: SpeechText,
    rules: Arc<SpeechRules>,
    /// Clauses that no voice was asked for yet.
    waiting: VecDeque<Wording>,
    clauses: Vec<Clause>,
    /// What was heard before it was resumed.
    heard_before: String,
}

/// A clause that the voice was asked for.
#[derive(Debug)]
struct Clause {
    utterance: UtteranceId,
    /// What is said, and what the model wrote for it.
    wording: Wording,
    samples: u64,
    /// How much it will probably be, while it is not all made.
    expected_samples: u64,
    is_made: bool,
    words: Vec<SpokenWord>,
    heard: u64,
    is_heard: bool,
}

impl Reply {
    /// A reply that the model will write. `seed` decides where the voice hesitates, if it does.
    pub(crate) fn new(
        request: RequestId,
        basis: &str,
        now: Timestamp,
        rules: &Arc<SpeechRules>,
        seed: u64,
    ) -> Self {
        let speech = SpeechText::new(Arc::clone(rules), seed);
        Self::of_speech(request, basis, now, rules, speech)
    }

    fn of_speech(
        request: RequestId,
        basis: &str,
        now: Timestamp,
        rules: &Arc<SpeechRules>,
        speech: SpeechText,
    ) -> Self {
        Self {
            request,
            purpose: Purpose::Answer,
            asked: request,
            is_verbatim: false,
            basis: basis.to_owned(),
            basis_words: words(basis),
            is_committed: false,
            was_committed: false,
            is_interruptible: true,
            is_owed: false,
            was_said_again: false,
            is_complete: false,
            asked_at: now,
            first_token_at: None,
            progress_at: now,
            wordless_interruptions: 0,
            calls: Vec::new(),
            has_run_calls: false,
            is_bridged: false,
            bytes: 0,
            speech,
            rules: Arc::clone(rules),
            waiting: VecDeque::new(),
            clauses: Vec::new(),
            heard_before: String::new(),
        }
    }

    /// A reply whose text is known: an opening, what an operator says.
    pub(crate) fn fixed(
        request: RequestId,
        text: &str,
        now: Timestamp,
        rules: &Arc<SpeechRules>,
    ) -> Self {
        let speech = SpeechText::fluent(Arc::clone(rules));
        let mut reply = Self::of_speech(request, "", now, rules, speech);
        reply.first_token_at = Some(now);
        reply.is_committed = true;
        reply.was_committed = true;
        (reply.is_verbatim, reply.is_owed) = (true, true);
        reply.push_text(text);
        reply.finish_text();
        reply
    }

    /// A reply of one clause, however long it is.
    pub(crate) fn uncut(
        request: RequestId,
        text: &str,
        now: Timestamp,
        rules: &Arc<SpeechRules>,
    ) -> Self {
        let speech = SpeechText::fluent(Arc::clone(rules));
        let mut reply = Self::of_speech(request, "", now, rules, speech);
        reply.first_token_at = Some(now);
        reply.is_complete = true;
        reply.bytes = text.len();
        reply.waiting.push_back(rules.clause(text.trim()));
        reply
    }

    /// Whether it answers these words.
    pub(crate) fn answers(&self, said: &[String]) -> bool {
        self.basis_words == said
    }

    /// Takes text of the model. False where that is more than anybody listens to: the reply then
    /// ends with what was taken before.
    pub(crate) fn push_text(&mut self, text: &str) -> bool {
        self.bytes = self.bytes.saturating_add(text.len());
        if self.bytes > REPLY_BYTES_MAX {
            return false;
        }
        self.speech.push(text);
        self.take_clauses();
        true
    }

    /// The model has said everything.
    pub(crate) fn finish_text(&mut self) {
        self.is_complete = true;
        self.speech.finish();
        self.take_clauses();
    }

    /// What has nothing to say is not said: a list's mark, a face.
    fn take_clauses(&mut self) {
        let clauses = std::iter::from_fn(|| self.speech.next_clause());
        self.waiting.extend(clauses.filter(|clause| !clause.spoken.trim().is_empty()));
    }

    /// The next clause to ask the voice for, as long as it is not too far ahead of what is heard.
    /// Of a reply that is not committed, one.
    pub(crate) fn next_clause(&mut self, utterance: UtteranceId, rate_hz: u32) -> Option<String> {
        let ahead = self.clauses.iter().filter(|clause| !clause.is_heard);
        let (clauses, samples) = ahead.fold((0, 0), |(clauses, samples), clause| {
            (clauses + 1, samples + clause.samples - clause.heard)
        });
        let limit = if self.is_committed { CLAUSES_AHEAD_MAX } else { 1 };
        let ahead_max = u64::from(SPEECH_AHEAD_MAX) * u64::from(rate_hz) / 1_000;
        if clauses >= limit || samples >= ahead_max {
            return None;
        }
        let wording = self.waiting.pop_front()?;
        let text = wording.spoken.clone();
        self.clauses.push(Clause {
            utterance,
            wording,
            samples: 0,
            expected_samples: text.len() as u64 * u64::from(rate_hz) / CHARACTERS_PER_SECOND,
            is_made: false,
            words: Vec::new(),
            heard: 0,
            is_heard: false,
        });
        Some(text)
    }

    /// Whether more clauses are to come than were asked for.
    pub(crate) fn has_more(&self) -> bool {
        !self.is_complete || !self.waiting.is_empty()
    }

    /// Whether it has nothing to say at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.is_complete && self.waiting.is_empty() && self.clauses.is_empty()
    }

    /// Whether everything was heard.
    pub(crate) fn is_heard(&self) -> bool {
        !self.has_more() && self.clauses.iter().all(|clause| clause.is_heard)
    }

    /// Whether there is anything to say, or may be.
    pub(crate) fn is_worth_resuming(&self) -> bool {
        !self.is_heard() && !self.is_empty()
    }

    /// Says something before the model's first word.
    pub(crate) fn bridge(&mut self, text: &str) {
        self.waiting.push_front(self.rules.clause(text));
        self.is_bridged = true;
    }

    /// Whether there is nothing in it but what bridges the wait for the model.
    pub(crate) const fn is_bridge_only(&self) -> bool {
        self.is_bridged && self.bytes == 0
    }

    /// The calls that may run now.
    pub(crate) fn take_calls(&mut self) -> Vec<ToolCall> {
        if !self.is_committed {
            return Vec::new();
        }
        self.has_run_calls |= !self.calls.is_empty();
        std::mem::take(&mut self.calls)
    }

    /// Whether the model called anything, run or not.
    pub(crate) const fn has_calls(&self) -> bool {
        self.has_run_calls || !self.calls.is_empty()
    }

    /// Whether voice alone does not count against it any more.
    pub(crate) const fn needs_words(&self) -> bool {
        self.wordless_interruptions >= WORDLESS_INTERRUPTIONS_MAX
    }

    /// Whether it has to be said even though the caller spoke before anything of it was heard.
    pub(crate) const fn must_be_said(&self) -> bool {
        self.is_verbatim && self.purpose.is_owed()
    }

    /// Samples of all its audio, once it was all made.
    pub(crate) fn made_samples(&self) -> Option<u64> {
        let is_made = !self.has_more() && self.clauses.iter().all(|clause| clause.is_made);
        is_made.then(|| self.clauses.iter().map(|clause| clause.samples).sum())
    }

    /// Letters that the voice was asked for.
    pub(crate) fn characters(&self) -> usize {
        self.clauses.iter().map(|clause| clause.wording.spoken.chars().count()).sum()
    }

    /// Whether anything was heard.
    pub(crate) fn was_begun(&self) -> bool {
        !self.heard_before.is_empty() || self.clauses.iter().any(|clause| clause.heard > 0)
    }

    /// Whether anything of it could be heard at once.
    pub(crate) fn has_audio(&self) -> bool {
        self.clauses.iter().any(|clause| clause.samples > 0 && !clause.is_heard)
    }

    /// The words of a clause.
    pub(crate) fn wording(&self, utterance: UtteranceId) -> Option<&Wording> {
        let clause = self.clauses.iter().find(|clause| clause.utterance == utterance)?;
        Some(&clause.wording)
    }

    /// Audio of a clause was made. False where it is not of this reply.
    pub(crate) fn handle_audio(&mut self, utterance: UtteranceId, samples: u64) -> bool {
        let clause = self.clause(utterance);
        clause.map(|clause| clause.samples += samples).is_some()
    }

    pub(crate) fn handle_words(&mut self, utterance: UtteranceId, words: &[SpokenWord]) {
        if let Some(clause) = self.clause(utterance) {
            clause.words.extend_from_slice(words);
        }
    }

    /// All audio of a clause was made. One without any counts as heard.
    pub(crate) fn handle_made(&mut self, utterance: UtteranceId) {
        if let Some(clause) = self.clause(utterance) {
            clause.is_made = true;
            clause.is_heard |= clause.samples == 0;
        }
    }

    /// This much of a clause was heard; `is_all` when it was all. True where that is another word.
    pub(crate) fn handle_heard(
        &mut self,
        utterance: UtteranceId,
        samples: u64,
        is_all: bool,
    ) -> bool {
        let Some(clause) = self.clause(utterance) else { return false };
        let before = clause.heard_end();
        clause.heard = samples.min(clause.samples);
        clause.is_heard = is_all;
        before != clause.heard_end()
    }

    /// The words that were heard, cut at the word that was being said.
    pub(crate) fn heard_text(&self) -> String {
        let heard = self.clauses.iter().filter(|clause| clause.heard > 0 || clause.is_heard);
        let mut text = self.heard_before.clone();
        for part in heard.map(Clause::heard_text).filter(|part| !part.is_empty()) {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(part);
        }
        text
    }

    /// All its words, heard or not.
    pub(crate) fn full_text(&self) -> String {
        let clauses = self.clauses.iter().map(|clause| &clause.wording);
        let parts = clauses.chain(&self.waiting).map(|wording| wording.written.trim());
        parts.collect::<Vec<_>>().join(" ")
    }

    /// Turns what was not heard back into clauses that wait, for a reply that is taken up again.
    pub(crate) fn rewind(&mut self, request: RequestId) {
        self.request = request;
        self.is_owed = true;
        self.heard_before = self.heard_text();
        let sounding =
            self.clauses.iter().filter(|clause| !(clause.is_made && clause.samples == 0));
        let unheard: Vec<Wording> = sounding.filter_map(Clause::unheard).collect();
        self.clauses.clear();
        for wording in unheard.into_iter().rev() {
            self.waiting.push_front(wording);
        }
    }

    fn clause(&mut self, utterance: UtteranceId) -> Option<&mut Clause> {
        self.clauses.iter_mut().find(|clause| clause.utterance == utterance)
    }
}

/// A usual pace of a voice, to guess where in a clause it is before it is all made.
const CHARACTERS_PER_SECOND: u64 = 15;

impl Clause {
    fn heard_text(&self) -> &str {
        self.wording.written_heard(self.heard_end()).trim()
    }

    fn unheard(&self) -> Option<Wording> {
        self.wording.unheard(self.heard_end()).filter(|rest| !rest.spoken.trim().is_empty())
    }

    /// Byte of what is spoken up to which it was heard. A word counts when more than half of it
    /// was; without word times the text is taken to be spoken evenly, and cut at a space.
    fn heard_end(&self) -> usize {
        if self.heard == 0 || self.samples == 0 {
            return 0;
        }
        if self.is_heard {
            return self.wording.spoken.len();
        }
        if !self.words.is_empty() {
            let is_heard =
                |word: &&SpokenWord| word.start_sample / 2 + word.end_sample / 2 <= self.heard;
            let last = self.words.iter().rev().find(is_heard);
            let end = last.map_or(0, |word| word.text_end_byte as usize);
            return self.boundary_at_or_before(end);
        }
        let made = if self.is_made { 0 } else { self.expected_samples };
        let even = self.wording.spoken.len() as u64 * self.heard / self.samples.max(made).max(1);
        let end = self.boundary_at_or_before(usize::try_from(even).unwrap_or(usize::MAX));
        if end == self.wording.spoken.len() {
            return end;
        }
        self.wording.spoken[..end].rfind(char::is_whitespace).unwrap_or(0)
    }

    fn boundary_at_or_before(&self, byte: usize) -> usize {
        let byte = byte.min(self.wording.spoken.len());
        (0..=byte).rev().find(|byte| self.wording.spoken.is_char_boundary(*byte)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use offhook_text::{Language, SpeechSettings};
    use proptest::prelude::*;

    use super::*;

    const FIRST: UtteranceId = UtteranceId::new(0);

    fn rules() -> Arc<SpeechRules> {
        Arc::new(SpeechRules::new(&SpeechSettings::default(), Language::English))
    }

    fn speaking(text: &str, samples: u64) -> Reply {
        let mut reply = Reply::fixed(RequestId::default(), text, Timestamp::ZERO, &rules());
        reply.next_clause(FIRST, 8_000).expect("a clause");
        reply.handle_audio(FIRST, samples);
        reply.handle_made(FIRST);
        reply
    }

    #[test]
    fn at_most_two_clauses_are_ahead_of_what_is_heard() {
        let text = "One is here. Two is here. Three is here.";
        let mut reply = Reply::fixed(RequestId::default(), text, Timestamp::ZERO, &rules());
        let next = |reply: &mut Reply, index| reply.next_clause(UtteranceId::new(index), 8_000);
        assert!(next(&mut reply, 0).is_some() && next(&mut reply, 1).is_some());
        assert_eq!(next(&mut reply, 2), None);
        reply.handle_audio(FIRST, 100);
        reply.handle_heard(FIRST, 100, true);
        assert_eq!(next(&mut reply, 2).as_deref(), Some("Three is here."));
        assert!(!reply.has_more());
    }

    #[test]
    fn a_model_that_writes_on_for_ever_is_cut_short() {
        let mut reply = Reply::new(RequestId::default(), "", Timestamp::ZERO, &rules(), 0);
        let taken = (0..10_000).take_while(|_| reply.push_text("And so on it goes. ")).count();
        assert!((1_000..2_000).contains(&taken), "{taken} sentences");
    }

    #[test]
    fn of_a_speculative_reply_one_clause_is_made() {
        let mut reply = Reply::new(RequestId::default(), "", Timestamp::ZERO, &rules(), 0);
        reply.push_text("One is here. Two is here. ");
        assert!(reply.next_clause(FIRST, 8_000).is_some());
        assert_eq!(reply.next_clause(UtteranceId::new(1), 8_000), None);
        reply.is_committed = true;
        assert!(reply.next_clause(UtteranceId::new(1), 8_000).is_some());
    }

    #[test]
    fn a_clause_that_makes_no_sound_does_not_hold_up_the_rest() {
        let reply = speaking("Hm.", 0);
        assert!(reply.is_heard());
        assert!(!speaking("We open at nine.", 8_000).is_heard());
    }

    #[test]
    fn word_times_cut_at_the_word_that_was_heard() {
        let mut reply = speaking("We open at nine.", 8_000);
        let words = [(0, 2, 0, 2_000), (3, 7, 2_000, 4_000), (8, 10, 4_000, 5_000)];
        let words = words.map(|(from, to, start, end)| SpokenWord {
            text_start_byte: from,
            text_end_byte: to,
            start_sample: start,
            end_sample: end,
        });
        reply.handle_words(FIRST, &words);
        reply.handle_heard(FIRST, 3_100, false);
        assert_eq!(reply.heard_text(), "We open");
        reply.handle_heard(FIRST, 2_900, false);
        assert_eq!(reply.heard_text(), "We");
    }

    #[test]
    fn a_reply_taken_up_again_says_the_rest_and_remembers_the_start() {
        let mut reply = speaking("We open at nine o'clock.", 8_000);
        reply.handle_heard(FIRST, 4_000, false);
        let heard = reply.heard_text();
        reply.rewind(RequestId::default());
        let rest = reply.next_clause(UtteranceId::new(1), 8_000).expect("the rest");
        assert_eq!(format!("{heard} {rest}"), "We open at nine o'clock.");
        assert_eq!(reply.heard_text(), heard);
    }

    proptest! {
        #[test]
        fn what_was_heard_is_always_a_beginning_of_what_was_said(
            text in "[a-zé]{1,8}( [a-zé]{1,8}){0,8}",
            samples in 1_u64..20_000,
            heard in 0_u64..30_000,
            ends in proptest::collection::vec((0_u32..90, 0_u64..20_000), 0..6),
        ) {
            let mut reply = speaking(&text, samples);
            let words: Vec<SpokenWord> = ends.into_iter().map(|(byte, sample)| SpokenWord {
                text_start_byte: 0,
                text_end_byte: byte,
                start_sample: sample,
                end_sample: sample,
            }).collect();
            reply.handle_words(FIRST, &words);
            reply.handle_heard(FIRST, heard, false);
            prop_assert!(text.starts_with(&reply.heard_text()));
            reply.rewind(RequestId::default());
            let rest = reply.next_clause(UtteranceId::new(1), 8_000).unwrap_or_default();
            let letters = |text: &str| text.replace(' ', "");
            prop_assert_eq!(letters(&(reply.heard_text() + &rest)), letters(&text));
        }
    }
}
