//! The caller's turn: what was recognised of it, and what was asked about its end.

use offhook_types::{Timestamp, TurnId};

use crate::completeness::Completeness;
use crate::interruption::Meaning;
use crate::reply::Reply;
use crate::rules::TURN_BYTES_MAX;
use crate::words::words;

/// A turn of the caller that is not yet over.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) id: TurnId,
    pub(crate) began_at: Timestamp,
    /// The last sound of the caller, in media time; words where there was no voice.
    pub(crate) last_sound: Timestamp,
    /// It was heard, and not only recognised.
    pub(crate) has_voice: bool,
    /// Words at the end of `finals` that were taken before they were final, in bytes.
    forced: usize,
    /// Final words, in order.
    finals: String,
    /// Words that may still change.
    partial: String,
    /// Where in `finals` the utterance begins that interrupts or does not.
    utterance: usize,
    /// When that utterance began.
    pub(crate) utterance_at: Timestamp,
    /// The words of `text`, what they say about the turn's end, and what those of the utterance
    /// mean for an interruption: read when they change, because each frame asks.
    pub(crate) said: Vec<String>,
    pub(crate) completeness: Completeness,
    pub(crate) meaning: Meaning,
    /// When the recogniser last said anything.
    pub(crate) recognised_at: Option<Timestamp>,
    /// The pause that is being judged.
    pub(crate) pause: Pause,
    /// Answers that were begun before the turn was over.
    pub(crate) speculations: u8,
    /// Replies to this turn that were dropped.
    pub(crate) cancellations: u8,
    /// Attempts at an answer.
    pub(crate) attempts: u8,
    /// Since when the final words are waited for.
    pub(crate) finals_due: Option<Timestamp>,
    pub(crate) murmured_at: Option<Timestamp>,
    /// It was ended although the caller had not finished: the answer is said all the same.
    pub(crate) is_cut_in_on: bool,
}

/// One pause inside a turn: from the last voiced frame to the next.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pause {
    /// The recogniser was told to finish.
    pub(crate) is_settling: bool,
    /// The end-of-turn model was asked, with this number.
    pub(crate) asked: Option<u32>,
    /// What it said, in permille.
    pub(crate) model_permille: Option<u16>,
    /// What the recogniser said, in permille.
    pub(crate) stt_permille: Option<u16>,
}

impl Turn {
    pub(crate) fn new(id: TurnId, now: Timestamp, last_sound: Timestamp) -> Self {
        Self {
            id,
            began_at: now,
            last_sound,
            has_voice: false,
            forced: 0,
            finals: String::new(),
            partial: String::new(),
            utterance: 0,
            said: Vec::new(),
            completeness: Completeness::Wordless,
            meaning: Meaning::default(),
            utterance_at: now,
            recognised_at: None,
            pause: Pause::default(),
            speculations: 0,
            cancellations: 0,
            attempts: 0,
            finals_due: None,
            murmured_at: None,
            is_cut_in_on: false,
        }
    }

    /// Everything recognised.
    pub(crate) fn text(&self) -> String {
        join(&self.finals, &self.partial)
    }

    /// What was recognised since the last [`begin_utterance`](Self::begin_utterance).
    pub(crate) fn utterance_text(&self) -> String {
        join(self.finals[self.utterance..].trim(), &self.partial)
    }

    /// What was said before no longer counts for an interruption; it is kept all the same.
    pub(crate) fn begin_utterance(&mut self, now: Timestamp) {
        self.settle();
        self.utterance = self.finals.len();
        self.utterance_at = now;
        self.meaning = Meaning::default();
    }

    /// Takes note of what the words mean.
    pub(crate) fn read(
        &mut self,
        completeness: impl FnOnce(&str) -> Completeness,
        meaning: impl FnOnce(&str) -> Meaning,
    ) {
        let text = self.text();
        self.said = words(&text);
        self.completeness = completeness(&text);
        self.meaning = meaning(&self.utterance_text());
    }

    /// Whether words are there that may still change.
    pub(crate) fn is_unsettled(&self) -> bool {
        !self.partial.is_empty()
    }

    /// Whether words were taken before they were final.
    pub(crate) const fn is_settled_by_force(&self) -> bool {
        self.forced > 0
    }

    /// This turn is the rest of one whose answer was dropped before anything of it was heard.
    pub(crate) fn continue_answered(&mut self, answer: &Reply) {
        self.id = answer.asked.turn;
        self.attempts = self.attempts.max(answer.request.attempt.saturating_add(1));
        self.cancellations = self.cancellations.saturating_add(1);
        self.finals = join(&answer.basis, &self.finals);
    }

    pub(crate) fn handle_partial(&mut self, now: Timestamp, text: &str) {
        self.recognised_at = Some(now);
        within(text.trim()).clone_into(&mut self.partial);
    }

    pub(crate) fn handle_final(&mut self, now: Timestamp, text: &str) {
        self.recognised_at = Some(now);
        if self.finals.len() < TURN_BYTES_MAX {
            self.finals = join(&self.finals, within(text.trim()));
        }
        self.partial.clear();
    }

    /// The final words come too late or never: the partial is taken as it is.
    pub(crate) fn settle(&mut self) {
        self.forced = self.partial.len();
        self.finals = self.text();
        self.partial.clear();
    }

    /// The final words of what was taken before they were.
    pub(crate) fn replace_forced(&mut self, now: Timestamp, text: &str) {
        let kept = self.finals.len().saturating_sub(self.forced);
        self.finals.truncate(kept);
        self.finals.truncate(self.finals.trim_end().len());
        self.utterance = self.utterance.min(self.finals.len());
        self.forced = 0;
        self.handle_final(now, text);
    }
}

impl Pause {
    /// The surest opinion of the audio.
    pub(crate) fn permille(&self) -> Option<u16> {
        self.model_permille.max(self.stt_permille)
    }
}

/// As much of the text as a turn may hold.
fn within(text: &str) -> &str {
    &text[..text.floor_char_boundary(TURN_BYTES_MAX)]
}

fn join(first: &str, second: &str) -> String {
    if first.is_empty() || second.is_empty() {
        return format!("{first}{second}");
    }
    format!("{first} {second}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recogniser_that_never_ends_fills_no_memory() {
        let mut turn = Turn::new(TurnId::new(0), Timestamp::ZERO, Timestamp::ZERO);
        for _ in 0..10_000 {
            turn.handle_partial(Timestamp::ZERO, &"é".repeat(20_000));
            turn.handle_final(Timestamp::ZERO, "and then she said that");
        }
        assert!(turn.text().len() < 2 * TURN_BYTES_MAX);
    }

    #[test]
    fn an_utterance_that_began_behind_forced_words_survives_their_correction() {
        let mut turn = Turn::new(TurnId::new(0), Timestamp::ZERO, Timestamp::ZERO);
        turn.handle_partial(Timestamp::ZERO, "hold on a second");
        turn.begin_utterance(Timestamp::ZERO);
        turn.replace_forced(Timestamp::ZERO, "no");
        assert_eq!(turn.utterance_text(), "no");
    }

    #[test]
    fn finals_add_up_and_a_partial_is_replaced() {
        let mut turn = Turn::new(TurnId::new(0), Timestamp::ZERO, Timestamp::ZERO);
        turn.handle_partial(Timestamp::ZERO, "I need");
        turn.handle_partial(Timestamp::ZERO, "I need a ");
        turn.handle_final(Timestamp::ZERO, "I need a table.");
        turn.handle_partial(Timestamp::ZERO, "for two");
        assert_eq!(turn.text(), "I need a table. for two");
        turn.settle();
        assert_eq!(turn.text(), "I need a table. for two");
        assert!(!turn.is_unsettled() && turn.is_settled_by_force());
        turn.replace_forced(Timestamp::ZERO, "For two.");
        assert_eq!(turn.text(), "I need a table. For two.");
    }
}
