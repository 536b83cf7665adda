//! A number as it is written: groups, decimals, size.

use super::place::Place;
use super::token::{Token, TokenKind};
use crate::language::Language;
use crate::lexicon::{Lexicon, Noun};
use crate::numbers::Form;

/// A number without its sign.
#[derive(Debug)]
pub(super) struct Number {
    /// Digits of the whole.
    pub(super) whole: String,
    /// Digits behind the decimal mark.
    pub(super) decimals: Option<String>,
    /// It was written with separators between groups of three.
    pub(super) is_grouped: bool,
    /// Tokens it is made of.
    pub(super) tokens: usize,
}

impl Number {
    /// The number that begins here.
    pub(super) fn at(place: &Place<'_>) -> Option<Self> {
        let tokens = place.rest();
        let first = tokens.first()?.digits()?;
        let file = &place.lexicon.file;
        let mut number =
            Self { whole: first.to_owned(), decimals: None, is_grouped: false, tokens: 1 };
        if first.len() <= 3 && first != "0" {
            while let Some(digits) = number.group(tokens, place.lexicon) {
                number.whole.push_str(digits);
                number.is_grouped = true;
                number.tokens += 2;
            }
        }
        if let [mark, digits, ..] = &tokens[number.tokens..]
            && let (Some(mark), Some(digits)) = (mark.mark(), digits.digits())
        {
            let is_foreign = mark == '.' && !number.is_grouped;
            if mark == file.decimal || is_foreign {
                number.decimals = Some(digits.to_owned());
                number.tokens += 2;
            }
        }
        Some(number)
    }

    /// The next group of three digits behind a separator.
    fn group<'a>(&self, tokens: &[Token<'a>], lexicon: &Lexicon) -> Option<&'a str> {
        let [separator, digits, ..] = &tokens[self.tokens..] else { return None };
        let mark = separator.text.chars().next()?;
        let is_one = separator.text.chars().nth(1).is_none();
        let separates =
            lexicon.file.groups.contains(mark) || matches!(mark, '\u{A0}' | '\u{202F}' | '’');
        let digits = digits.digits()?;
        (is_one && separates && digits.len() == 3).then_some(digits)
    }

    /// Its value, where it is whole and not beyond words.
    pub(super) fn value(&self) -> Option<u64> {
        if self.decimals.is_some() { None } else { self.whole_value() }
    }

    /// The value of the whole.
    pub(super) fn whole_value(&self) -> Option<u64> {
        if self.whole.len() > 18 { None } else { self.whole.parse().ok() }
    }

    /// Whether it takes the singular.
    pub(super) fn is_one(&self) -> bool {
        self.decimals.is_none() && self.whole == "1"
    }

    /// Whether what it counts is singular: one and a half is, in French and Portuguese.
    pub(super) fn is_singular(&self, language: Language) -> bool {
        let is_below_two = self.whole == "1" || self.whole == "0" && self.decimals.is_some();
        match language {
            Language::French | Language::Portuguese | Language::PortugueseEuropean => is_below_two,
            Language::English
            | Language::EnglishBritish
            | Language::German
            | Language::Spanish
            | Language::SpanishAmerican
            | Language::Italian => self.is_one(),
        }
    }

    /// In words, with what it counts.
    pub(super) fn counting(&self, place: &Place<'_>, noun: &Noun) -> String {
        let name = if self.is_singular(place.language) { &noun.one } else { &noun.many };
        let count = self.spoken(place, Form::Before(noun.gender));
        match count.strip_suffix("una") {
            // "un'ora"
            Some(stem) if place.language == Language::Italian && name.starts_with('o') => {
                format!("{stem}un'{name}")
            }
            Some(_) | None => format!("{count} {name}"),
        }
    }

    /// In words, as a quantity.
    pub(super) fn spoken(&self, place: &Place<'_>, form: Form) -> String {
        let file = &place.lexicon.file;
        let Some(decimals) = &self.decimals else {
            return self.whole_spoken(place, form);
        };
        let mut words = self.whole_spoken(place, Form::Alone);
        words.push(' ');
        words.push_str(&file.decimal_word);
        let value = decimals.parse().ok().filter(|_| {
            file.has_decimal_numbers && decimals.len() <= 2 && !decimals.starts_with('0')
        });
        words.push(' ');
        words.push_str(&match value {
            Some(value) => place.cardinal(value, Form::Alone),
            None => place.digits(decimals),
        });
        words
    }

    fn whole_spoken(&self, place: &Place<'_>, form: Form) -> String {
        let has_leading_zero = self.whole.len() > 1 && self.whole.starts_with('0');
        match self.whole_value() {
            Some(value) if !has_leading_zero => place.cardinal(value, form),
            Some(_) | None => place.digits(&self.whole),
        }
    }
}

/// Whether the token ends a number well: no further digits or letters are glued to it.
pub(super) fn is_end(token: Option<&Token<'_>>) -> bool {
    token.is_none_or(|token| !matches!(token.kind, TokenKind::Letters | TokenKind::Digits))
}
