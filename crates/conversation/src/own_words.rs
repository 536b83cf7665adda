//! The agent's own words that come back as an echo in the caller's transcript.

use std::collections::VecDeque;
use std::time::Duration;

use offhook_types::Timestamp;

use crate::rules::{OWN_WORDS_MIN, OWN_WORDS_WINDOW};
use crate::words::{contains, words};

/// What the agent said lately.
#[derive(Debug, Default)]
pub(crate) struct OwnWords {
    clauses: VecDeque<Clause>,
}

#[derive(Debug)]
struct Clause {
    /// As they were said, and as they were written: a recogniser writes "3:30" where the voice said
    /// "three thirty", or it does not.
    spoken: Vec<String>,
    written: Vec<String>,
    heard_until: Option<Timestamp>,
}

/// More clauses than are spoken in the window.
const CLAUSES_MAX: usize = 16;

impl OwnWords {
    /// The agent begins to say this.
    pub(crate) fn begin(&mut self, spoken: &str, written: &str) {
        if self.clauses.len() == CLAUSES_MAX {
            self.clauses.pop_front();
        }
        let (spoken, written) = (words(spoken), words(written));
        self.clauses.push_back(Clause { spoken, written, heard_until: None });
    }

    /// The agent is heard to speak at this moment.
    pub(crate) fn heard(&mut self, now: Timestamp) {
        for clause in &mut self.clauses {
            clause.heard_until.get_or_insert(now);
        }
        if let Some(last) = self.clauses.back_mut() {
            last.heard_until = Some(now);
        }
    }

    /// Whether a transcript is nothing but what the agent said lately.
    ///
    /// Fewer than [`OWN_WORDS_MIN`] words prove nothing: a caller who says "yes, please" may well
    /// repeat the agent.
    pub(crate) fn is_echo(&self, now: Timestamp, said: &[String]) -> bool {
        said.len() >= OWN_WORDS_MIN && self.may_be_echo(now, said)
    }

    /// Whether a transcript may be the agent's own words: any number of them, while more may come.
    pub(crate) fn may_be_echo(&self, now: Timestamp, said: &[String]) -> bool {
        let window = Duration::from_millis(u64::from(OWN_WORDS_WINDOW));
        let recent = self.clauses.iter().filter(|clause| {
            clause.heard_until.is_none_or(|until| now.saturating_since(until) <= window)
        });
        let (spoken, written): (Vec<&[String]>, Vec<&[String]>) =
            recent.map(|clause| (clause.spoken.as_slice(), clause.written.as_slice())).unzip();
        contains(&spoken.concat(), said) || contains(&written.concat(), said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn the_agents_sentence_is_an_echo_for_five_seconds() {
        let mut own = OwnWords::default();
        own.begin("We are open from nine", "We are open from nine");
        own.begin("to five on Saturdays.", "to five on Saturdays.");
        own.heard(at(2_000));
        let said = words("from nine to five");
        assert!(own.is_echo(at(6_900), &said));
        assert!(!own.is_echo(at(7_100), &said));
    }

    #[test]
    fn a_short_answer_or_another_order_is_the_callers_own() {
        let mut own = OwnWords::default();
        own.begin("Would you like Monday or Tuesday?", "Would you like Monday or Tuesday?");
        own.heard(at(1_000));
        assert!(!own.is_echo(at(1_200), &words("Monday")));
        assert!(!own.is_echo(at(1_200), &words("Tuesday or Monday")));
        assert!(!own.is_echo(at(1_200), &words("I like Monday or Tuesday")));
        assert!(own.is_echo(at(1_200), &words("you like Monday or Tuesday")));
    }
}
