//! Ordinals: `1st`, `3.`, `2e`, `1.º`.

use super::date_parts::german_ordinal;
use crate::language::Language;
use crate::numbers::{self, Form, Gender};
use crate::speech::number::is_end;
use crate::speech::place::{Place, Said};

pub(super) fn ordinal(place: &Place<'_>) -> Option<Said> {
    if !place.is_word_start() {
        return None;
    }
    let rest = place.rest();
    let (mut tokens, digits) = english_digits(place)?;
    let value: u64 = digits.parse().ok()?;
    let masculine = Some(Form::Before(Gender::Masculine));
    let feminine = Some(Form::Before(Gender::Feminine));
    let ending = rest.get(tokens)?;
    let letters = ending.letters().map(str::to_lowercase);
    let form = match (place.language, letters.as_deref(), ending.mark()) {
        (Language::English | Language::EnglishBritish, Some("st" | "nd" | "rd" | "th"), _) => {
            masculine
        }
        (Language::French, Some("er" | "e" | "ème" | "eme" | "ième" | "nd"), _) => masculine,
        (Language::French, Some("re" | "ère" | "ere" | "nde"), _) => feminine,
        (Language::Spanish | Language::SpanishAmerican, Some("er" | "ro" | "do" | "to"), _) => {
            masculine
        }
        (Language::Spanish | Language::SpanishAmerican, Some("ra" | "da" | "ta"), _) => feminine,
        // "90er"
        (Language::German, Some("er"), _) => {
            let number = place.cardinal(value, Form::Alone);
            return Some(Said::words(tokens + 1, format!("{number}er")));
        }
        (Language::German, None, Some('.')) if is_german(place, tokens) => {
            return Some(Said::quantity(tokens + 1, german_ordinal(place, value)));
        }
        (_, None, Some('º')) => masculine,
        (_, None, Some('ª')) => feminine,
        // The sign of degrees before a noun is a careless "º".
        (Language::Italian, None, Some('°')) if is_before_noun(place, tokens + 1) => masculine,
        (Language::Spanish | Language::SpanishAmerican | Language::Portuguese, None, Some('.')) => {
            match rest.get(tokens + 1).and_then(|token| token.mark()) {
                Some(sign @ ('º' | 'ª')) => {
                    tokens += 1;
                    if sign == 'ª' { feminine } else { masculine }
                }
                Some(_) | None => None,
            }
        }
        (_, _, _) => None,
    }?;
    tokens += 1;
    // `20ºC` is a temperature.
    if value == 0 || !is_end(rest.get(tokens)) {
        return None;
    }
    let apocope = letters.as_deref() == Some("er") && !place.language.is_english();
    let spoken = numbers::ordinal(place.language, value, form);
    let is_spanish = matches!(place.language, Language::Spanish | Language::SpanishAmerican);
    let spoken = match spoken.strip_suffix('o') {
        Some(stem) if apocope && is_spanish => stem.to_owned(),
        Some(_) | None => spoken,
    };
    Some(Said::quantity(tokens, spoken))
}

fn is_before_noun(place: &Place<'_>, index: usize) -> bool {
    let rest = place.rest();
    let is_spaced = rest.get(index).is_some_and(|token| token.is_space());
    let noun = rest.get(index + 1).and_then(|token| token.letters());
    is_spaced && noun.is_some_and(|noun| noun.chars().count() > 2)
}

/// Digits with English groups, `1,000th`, and the tokens they take.
fn english_digits(place: &Place<'_>) -> Option<(usize, String)> {
    let number = crate::speech::number::Number::at(place)?;
    if number.decimals.is_some() || number.whole.len() > 9 {
        return None;
    }
    Some((number.tokens, number.whole))
}

/// A number and a full stop with something behind it that is no end of a sentence. Capital letters
/// say nothing in German; a short number before a noun is usually an ordinal.
fn is_german(place: &Place<'_>, tokens: usize) -> bool {
    let is_short = place.rest().first().is_some_and(|token| token.text.len() <= 2);
    let [_, space, word, ..] = &place.rest()[tokens..] else { return false };
    // "um 8. Danke"
    let is_time = place.is_cued(&place.lexicon.file.time_cues, 1);
    is_short && !is_time && tokens == 1 && space.is_space() && word.letters().is_some()
}
