//! Text for speech: what a model writes, clause by clause, as it is said and as it was written.
//!
//! Left out: what a voice does well itself. Words in capitals, foreign words and names are said as
//! the voice says them, unless the pronunciation dictionary knows better.

mod clause;
mod cutter;
mod emoji;
mod number;
mod patterns;
mod place;
mod plain;
mod scan;
mod settings;
mod span_map;
mod stop;
mod token;
mod voicing;
mod word_list;

use std::collections::VecDeque;
use std::sync::Arc;

pub use clause::Clause;
pub use settings::{Pronunciation, SpeechSettings};
pub use span_map::{Span, Spans};

use crate::language::Language;
use crate::lexicon::Lexicon;
use cutter::{Cutter, RawClause};
use plain::Plain;
use word_list::WordList;

/// How an agent says what is written. Made once per agent or call, shared by its replies.
#[derive(Debug)]
pub struct SpeechRules {
    language: Language,
    words: WordList,
    hesitates: bool,
}

/// One reply on its way from the model to the voice.
///
/// Commands: `push` text as it comes, then `finish`. Poll: `next_clause`, until there is none.
#[derive(Debug)]
pub struct SpeechText {
    rules: Arc<SpeechRules>,
    cutter: Cutter,
    /// Written text without anything to say, which the next clause takes along.
    silent: String,
    ready: VecDeque<Clause>,
    hesitation: Option<&'static str>,
}

impl SpeechRules {
    /// The rules of a language with those of an agent.
    #[must_use]
    pub fn new(settings: &SpeechSettings, language: Language) -> Self {
        Self {
            language,
            words: WordList::new(settings),
            hesitates: settings.realistic_filler_words,
        }
    }

    /// A text as a single clause, however long it is: a greeting, a reminder.
    #[must_use]
    pub fn clause(&self, written: &str) -> Clause {
        let raw = RawClause { text: written.to_owned(), is_code: false, begins_line: true };
        self.voiced(raw)
    }

    fn voiced(&self, raw: RawClause) -> Clause {
        if raw.is_code {
            let mut map = Spans::default();
            map.end(0);
            return Clause { written: raw.text, spoken: String::new(), map };
        }
        let plain = Plain::new(&raw.text, raw.begins_line, Lexicon::of(self.language));
        let (spoken, map) = voicing::voiced(&plain, &raw.text, self.language, &self.words);
        Clause { written: raw.text, spoken, map }
    }

    /// A hesitation for about every third reply.
    fn hesitation(&self, seed: u64) -> Option<&'static str> {
        let hesitations = &Lexicon::of(self.language).file.hesitations;
        // The high bits of a product with the golden ratio are well mixed.
        let draw = seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        let count = hesitations.len() as u64;
        let index = usize::try_from(draw / 3 % count.max(1)).ok()?;
        let is_drawn = self.hesitates && draw.is_multiple_of(3);
        hesitations.get(index).filter(|_| is_drawn).map(String::as_str)
    }
}

impl SpeechText {
    /// A reply. The seed decides whether it begins with a hesitation, where the settings allow any:
    /// another one for every reply, the same one when a call is replayed.
    #[must_use]
    pub fn new(rules: Arc<SpeechRules>, seed: u64) -> Self {
        let hesitation = rules.hesitation(seed);
        let cutter = Cutter::new(rules.language);
        Self { rules, cutter, silent: String::new(), ready: VecDeque::new(), hesitation }
    }

    /// A text that was written beforehand: it does not hesitate.
    #[must_use]
    pub fn fluent(rules: Arc<SpeechRules>) -> Self {
        Self { hesitation: None, ..Self::new(rules, 0) }
    }

    /// Takes text of the model, cut anywhere between characters.
    pub fn push(&mut self, token: &str) {
        self.cutter.push(token);
        while let Some(raw) = self.cutter.poll(&self.rules.words) {
            self.take(raw);
        }
    }

    /// The model has written everything.
    pub fn finish(&mut self) {
        if let Some(raw) = self.cutter.finish() {
            self.take(raw);
        }
        if !self.silent.is_empty() {
            let mut map = Spans::default();
            map.end(0);
            let written = std::mem::take(&mut self.silent);
            self.ready.push_back(Clause { written, spoken: String::new(), map });
        }
    }

    /// The next clause that is certainly whole.
    pub fn next_clause(&mut self) -> Option<Clause> {
        self.ready.pop_front()
    }

    fn take(&mut self, raw: RawClause) {
        let mut clause = self.rules.voiced(raw);
        if clause.spoken.is_empty() {
            self.silent.push_str(&clause.written);
            return;
        }
        self.cutter.has_spoken = true;
        if !self.silent.is_empty() {
            clause.map.shift(self.silent.len(), 0);
            clause.written.insert_str(0, &std::mem::take(&mut self.silent));
        }
        if let Some(hesitation) = self.hesitation.take() {
            let lead = format!("{hesitation} ");
            clause.map.shift(0, lead.len());
            clause.spoken.insert_str(0, &lead);
        }
        self.ready.push_back(clause);
    }
}
