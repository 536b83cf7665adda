//! Whether a full stop ends a sentence.

use crate::language::Language;
use crate::lexicon::{Lexicon, When};

/// What must follow, behind white space, so that a clause may be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// Anything will do.
    Nothing,
    /// No digit: "No. 5", "May 5, 2026".
    NoDigit,
    /// A capital letter or what opens a sentence: "at 3 p.m. Then".
    Capital,
    /// A letter: between two words.
    Letter,
}

impl Needs {
    /// Whether this character meets it.
    pub(super) fn is_met(self, character: char) -> bool {
        match self {
            Self::Nothing => true,
            Self::NoDigit => !character.is_ascii_digit(),
            Self::Capital => character.is_uppercase() || "¿¡\"“„«*".contains(character),
            Self::Letter => character.is_alphabetic(),
        }
    }
}

/// A full stop and what stands before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop<'a> {
    /// The word it is glued to, without it.
    pub(super) word: &'a str,
    pub(super) word_before: &'a str,
    /// Only one word stands before this one.
    pub(super) is_first_but_one: bool,
    /// The word begins a line.
    pub(super) begins_line: bool,
}

impl Stop<'_> {
    /// What makes it the end of a sentence; nothing does where there is no answer.
    pub(super) fn needs(&self, language: Language, lexicon: &Lexicon) -> Option<Needs> {
        let word = self.word.rsplit(['–', '/', '(']).next().unwrap_or_default();
        let word = word.trim_start_matches(|mark: char| !mark.is_alphanumeric());
        let is_short_number =
            !word.is_empty() && word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit());
        if is_short_number {
            // The marker of a list; in German also an ordinal.
            let mut cues = lexicon.file.time_cues.iter();
            let is_time = cues.any(|cue| cue.eq_ignore_ascii_case(self.word_before));
            return match (self.begins_line, language == Language::German) {
                (false, true) if is_time => Some(Needs::Capital),
                (false, false) => Some(Needs::Nothing),
                (true, _) | (false, true) => None,
            };
        }
        // "am 3.5." is a date.
        let is_date = word.split_once('.').is_some_and(|(day, month)| {
            [day, month].iter().all(|part| {
                matches!(part.len(), 1 | 2) && part.bytes().all(|byte| byte.is_ascii_digit())
            })
        });
        if is_date && language == Language::German {
            return None;
        }
        match word.to_ascii_lowercase().as_str() {
            "" => return Some(Needs::Nothing),
            "a.m" | "p.m" => return Some(Needs::Capital),
            "i" if language.is_english() => return Some(Needs::Nothing),
            _ => {}
        }
        let mut endings = lexicon.file.abbreviated_endings.keys();
        if endings.any(|ending| word.ends_with(ending.as_str())) {
            return Some(Needs::Capital);
        }
        let is_unit = word.chars().count() == 1
            && word.chars().all(char::is_lowercase)
            && self.word_before.ends_with(|c: char| c.is_ascii_digit());
        if is_unit {
            return Some(Needs::Capital);
        }
        if self.word.contains('°') {
            return Some(Needs::Nothing);
        }
        let mut days = lexicon.file.weekdays_short.iter();
        if days.any(|day| day.eq_ignore_ascii_case(word)) {
            return Some(Needs::Capital);
        }
        let entries = lexicon.abbreviations(word);
        if entries.is_empty() {
            // An initial, or letters with a full stop behind each.
            let is_initials = word.split('.').all(|part| {
                let mut letters = part.chars();
                letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none()
            });
            return if is_initials { None } else { Some(Needs::Nothing) };
        }
        let has = |when: When| entries.iter().any(|entry| entry.when == when);
        if has(When::AfterCapital) {
            let is_name = !self.is_first_but_one
                && (self.word_before.starts_with(char::is_uppercase)
                    || self.word_before.starts_with(|c: char| c.is_ascii_digit())
                        && self.word_before.ends_with(char::is_alphabetic));
            return match (is_name, has(When::BeforeCapital)) {
                (true, _) => Some(Needs::Capital),
                (false, true) => None,
                (false, false) => Some(Needs::Nothing),
            };
        }
        if entries.iter().all(|entry| entry.when == When::BeforeDigit) {
            return Some(Needs::NoDigit);
        }
        entries.iter().any(|entry| entry.may_end).then_some(Needs::Capital)
    }
}
