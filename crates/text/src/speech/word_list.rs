//! Words that are said otherwise than written whatever the language: the pronunciation dictionary
//! and blocked words.

use std::collections::BTreeMap;

use super::settings::SpeechSettings;

/// Entries by the first character, lower case.
#[derive(Debug, Default)]
pub(super) struct WordList {
    entries: BTreeMap<char, Vec<Entry>>,
    /// The words of phrases, lower case, for clauses that must not end within one.
    phrases: Vec<Vec<String>>,
}

#[derive(Debug)]
struct Entry {
    written: Vec<char>,
    /// Nothing where the word is blocked.
    spoken: String,
    is_case_sensitive: bool,
}

impl WordList {
    pub(super) fn new(settings: &SpeechSettings) -> Self {
        let mut list = Self::default();
        for blocked in &settings.blocked_words {
            list.add(blocked, "", false);
        }
        for entry in &settings.pronunciations {
            list.add(&entry.written, entry.spoken.trim(), entry.case_sensitive);
        }
        // The longest first; of two alike the blocked one, which was added first.
        for entries in list.entries.values_mut() {
            entries.sort_by_key(|entry| std::cmp::Reverse(entry.written.len()));
        }
        list
    }

    /// The longest entry at the start of `rest`: its bytes there and what is said. The caller
    /// knows that a word begins here.
    pub(super) fn find(&self, rest: &str) -> Option<(usize, &str)> {
        let first = rest.chars().next()?;
        let entries = self.entries.get(&folded(first))?;
        entries.iter().find_map(|entry| Some((entry.matches(rest)?, entry.spoken.as_str())))
    }

    /// Whether a text ends within a phrase that may go on behind it.
    pub(super) fn ends_within_phrase(&self, text: &str) -> bool {
        if self.phrases.is_empty() {
            return false;
        }
        let longest = self.phrases.iter().map(Vec::len).max().unwrap_or(0);
        let words = text.split_whitespace().rev().take(longest);
        let mut last: Vec<String> = words.map(|word| bare(word).to_lowercase()).collect();
        last.reverse();
        let may_go_on = |phrase: &Vec<String>| {
            (1..phrase.len()).any(|length| last.ends_with(&phrase[..length]))
        };
        self.phrases.iter().any(may_go_on)
    }

    fn add(&mut self, written: &str, spoken: &str, is_case_sensitive: bool) {
        let words: Vec<&str> = written.split_whitespace().collect();
        let Some(first) = words.first().and_then(|word| word.chars().next()) else { return };
        if words.len() > 1 {
            self.phrases.push(words.iter().map(|word| bare(word).to_lowercase()).collect());
        }
        let entry = Entry {
            written: words.join(" ").chars().collect(),
            spoken: spoken.to_owned(),
            is_case_sensitive,
        };
        self.entries.entry(folded(first)).or_default().push(entry);
    }
}

impl Entry {
    /// Bytes that it takes at the start of `rest`, if the whole of it stands there as words.
    fn matches(&self, rest: &str) -> Option<usize> {
        let mut characters = rest.char_indices().peekable();
        for expected in &self.written {
            if *expected == ' ' {
                // One space stands for any white space, and for the hyphen of a compound.
                let mut any = false;
                while characters.next_if(|(_, c)| c.is_whitespace() || *c == '-').is_some() {
                    any = true;
                }
                if !any {
                    return None;
                }
                continue;
            }
            let (_, character) = characters.next()?;
            let is_same = character == *expected
                || !self.is_case_sensitive && folded(character) == folded(*expected);
            if !is_same {
                return None;
            }
        }
        let end = characters.peek().map_or(rest.len(), |(index, _)| *index);
        let mut behind = rest[end..].chars();
        let is_end = match behind.next() {
            Some('@') => false,
            // Within a number, a version or an address.
            Some('.') => !behind.next().is_some_and(char::is_alphanumeric),
            Some(next) => !next.is_alphanumeric() || !rest[..end].ends_with(char::is_alphanumeric),
            None => true,
        };
        is_end.then_some(end)
    }
}

fn folded(character: char) -> char {
    character.to_lowercase().next().unwrap_or(character)
}

fn bare(word: &str) -> &str {
    word.trim_matches(|mark: char| !mark.is_alphanumeric())
}
