//! Days, months and years as words, in the order of the language.

use crate::language::Language;
use crate::numbers::{self, Form};
use crate::speech::place::Place;
use crate::speech::token::Token;

/// A date whose parts are plausible.
#[derive(Clone, Copy, Debug)]
pub(super) struct Date {
    pub(super) day: u64,
    pub(super) month: u64,
    pub(super) year: Option<u64>,
}

impl Date {
    pub(super) fn new(day: u64, month: u64, year: Option<u64>) -> Option<Self> {
        ((1..=31).contains(&day) && (1..=12).contains(&month)).then_some(Self { day, month, year })
    }

    /// In words. In English the order is that of what was written.
    pub(super) fn spoken(&self, place: &Place<'_>, is_day_first: bool) -> String {
        let file = &place.lexicon.file;
        let month = usize::try_from(self.month).unwrap_or(1).clamp(1, 12) - 1;
        let is_british = place.language == Language::EnglishBritish && is_day_first;
        let has_article =
            place.words_before().next().is_some_and(|word| word.eq_ignore_ascii_case("the"));
        let template = match (is_british, has_article) {
            (true, true) => "{day} of {month}",
            (true, false) => "the {day} of {month}",
            (false, _) => &file.day_month,
        };
        let date =
            template.replace("{month}", &file.months[month]).replace("{day}", &self.day(place));
        match self.year {
            None => date,
            Some(year) => {
                let year = numbers::year(place.language, year);
                let template = if is_british { "{date} {year}" } else { &file.day_month_year };
                template.replace("{date}", &date).replace("{year}", &year)
            }
        }
    }

    fn day(&self, place: &Place<'_>) -> String {
        let language = place.language;
        let is_ordinal = match language {
            Language::English | Language::EnglishBritish => true,
            Language::German => {
                return german_ordinal(place, self.day);
            }
            Language::Spanish => false,
            // "il primo gennaio", but "l'uno gennaio"
            Language::Italian => {
                let is_elided = |mark: char| matches!(mark, '\'' | '’');
                self.day == 1 && !place.before().and_then(Token::mark).is_some_and(is_elided)
            }
            Language::SpanishAmerican
            | Language::French
            | Language::Portuguese
            | Language::PortugueseEuropean => self.day == 1,
        };
        if is_ordinal {
            numbers::ordinal(language, self.day, Form::Alone)
        } else {
            numbers::cardinal(language, self.day, Form::Alone)
        }
    }
}

/// With the ending that the word before asks for: "am dritten", "der dritte", "dritter".
pub(super) fn german_ordinal(place: &Place<'_>, value: u64) -> String {
    let stem = numbers::ordinal(place.language, value, Form::Alone);
    let mut words = place.words_before();
    let mut before = words.next().map(str::to_lowercase);
    // "am 1. und 2. Mai"
    if matches!(before.as_deref(), Some("und" | "oder")) {
        words.next();
        before = words.next().map(str::to_lowercase);
    }
    let ending = match before.as_deref() {
        Some(
            "am" | "vom" | "zum" | "dem" | "den" | "bis" | "im" | "beim" | "des" | "seit" | "ab"
            | "jeden" | "zur" | "einen" | "diesen" | "nächsten",
        ) => "en",
        Some("der" | "die" | "das" | "dieser" | "jede" | "diese" | "eine") => "e",
        Some(_) | None => "er",
    };
    format!("{stem}{ending}")
}

/// A year of two digits belongs to the century around 2000.
pub(super) fn full_year(digits: &str) -> Option<u64> {
    let year: u64 = digits.parse().ok()?;
    match digits.len() {
        4 => Some(year),
        2 if year < 50 => Some(2_000 + year),
        2 => Some(1_900 + year),
        _ => None,
    }
}
