//! Numbers with what they count: `5 kg`, `3.5 %`, `20 °C`, `2.5 million`, and bare ones: years,
//! codes, counts.

use super::address::in_pairs;
use super::money::{is_minus, scale_at};
use crate::language::Language;
use crate::lexicon::Noun;
use crate::numbers::{self, Form, Gender};
use crate::speech::number::{Number, is_end};
use crate::speech::place::{Place, Said, behind_space};
use crate::speech::token::Token;

pub(super) fn quantity(place: &Place<'_>) -> Option<Said> {
    // In "25min30s" the second number is glued to the first unit.
    if !place.is_word_start() && !place.is_behind_quantity {
        return None;
    }
    let file = &place.lexicon.file;
    let minus = usize::from(is_minus(place));
    let at = place.skip(minus);
    let rest = at.rest();
    let number = Number::at(&at)?;
    let sign = if minus > 0 { format!("{} ", file.minus) } else { String::new() };
    let said = |tokens: usize, words: String| {
        Some(Said::quantity(minus + tokens, format!("{sign}{words}")))
    };
    if let Some((words, tokens)) = decade(&at, &number) {
        return said(tokens, words);
    }
    // "10%ige"
    if let [percent, ending, ..] = &rest[number.tokens..]
        && percent.is_mark('%')
        && let Some(ending) = ending.letters().filter(|ending| ending.starts_with("ig"))
    {
        let number_words = number.spoken(place, Form::Alone);
        return said(number.tokens + 2, format!("{number_words}prozent{ending}"));
    }
    if let Some((unit, tokens)) = unit_at(&at, number.tokens) {
        return said(tokens, number.counting(&at, unit));
    }
    if let (Some(scale), tokens) = scale_at(&at, number.tokens)
        && is_end(rest.get(tokens))
    {
        // "four K" is a picture, a run, or thousands.
        let is_letter = rest[tokens - 1].text == "K" && number.value().is_some_and(|n| n < 10);
        if is_letter && place.language.is_english() {
            return said(tokens, format!("{} K", number.spoken(place, Form::Alone)));
        }
        return said(tokens, number.counting(&at, scale));
    }
    if !is_end(rest.get(number.tokens)) {
        return times(&at, &number).and_then(|(words, tokens)| said(tokens, words));
    }
    if let [space, noun, ..] = &rest[number.tokens..]
        && place.language == Language::Italian
        && number.is_one()
        && counted(&at, &number) == Form::Before(Gender::Feminine)
        && noun.text.starts_with(['a', 'e', 'i', 'o', 'u'])
        && space.is_space()
    {
        return said(number.tokens + 2, format!("un'{}", noun.text));
    }
    let words = if minus == 0 { special(&at, &number) } else { None };
    said(number.tokens, words.unwrap_or_else(|| number.spoken(place, counted(&at, &number))))
}

/// A unit behind a number, and the token behind the unit. A unit may be several tokens: `km/h`.
fn unit_at<'a>(place: &Place<'a>, index: usize) -> Option<(&'a Noun, usize)> {
    let rest = place.rest();
    let at = behind_space(rest, index);
    let start = rest.get(at)?.start;
    for length in (1..=4).rev() {
        let Some(last) = rest.get(at + length - 1) else { continue };
        let written = &place.text[start..last.end()];
        let Some(unit) = place.lexicon.unit(written) else { continue };
        let is_apart = at > index;
        let next = rest.get(at + length);
        // "25min30s"
        let goes_on =
            matches!(written, "h" | "min") && next.is_some_and(|next| next.digits().is_some());
        let is_whole = goes_on
            || is_end(next) && !next.is_some_and(|next| matches!(next.mark(), Some('’' | '\'')));
        if is_whole && (!is_apart || unit.may_stand_apart) {
            return Some((unit, at + length + stop_of_unit(place, written, at + length)));
        }
    }
    None
}

/// One, if a full stop belongs to the unit and does not end the sentence: `1 Std. 20 Min.`
fn stop_of_unit(place: &Place<'_>, written: &str, index: usize) -> usize {
    let rest = place.rest();
    let has_stop = rest.get(index).is_some_and(|token| token.is_mark('.'));
    let behind = behind_space(rest, index + 1);
    let goes_on = behind > index + 1 && rest.get(behind).is_some() && !place.is_capital(behind);
    usize::from(has_stop && goes_on && !place.lexicon.abbreviations(written).is_empty())
}

/// `1990s`.
fn decade(place: &Place<'_>, number: &Number) -> Option<(String, usize)> {
    let rest = place.rest();
    let is_short = number.whole.len() == 2
        && number.whole.ends_with('0')
        && (place.before().is_some_and(|token| matches!(token.mark(), Some('\'' | '’')))
            || place.words_before().next().is_some_and(|word| DECADE_CUES.contains(&word)));
    let is_year =
        (number.whole.len() == 4 || is_short) && number.decimals.is_none() && !number.is_grouped;
    let has_s = rest.get(number.tokens).is_some_and(|token| token.text == "s");
    if !place.language.is_english() || !is_year || !has_s || !is_end(rest.get(number.tokens + 1)) {
        return None;
    }
    let year = numbers::year(place.language, number.value()?);
    let decade = year.strip_suffix('y').map_or_else(|| format!("{year}s"), |y| format!("{y}ies"));
    Some((decade, number.tokens + 1))
}

/// Words before "90s".
const DECADE_CUES: [&str; 7] = ["the", "early", "mid", "late", "his", "her", "their"];

/// `3x4`: three by four.
fn times(place: &Place<'_>, number: &Number) -> Option<(String, usize)> {
    let sign = place.rest().get(number.tokens)?;
    let other = Number::at(&place.skip(number.tokens + 1))?;
    let tokens = number.tokens + 1 + other.tokens;
    if !matches!(sign.text, "x" | "×") || !is_end(place.rest().get(tokens)) {
        return None;
    }
    let (first, second) = (number.spoken(place, Form::Alone), other.spoken(place, Form::Alone));
    Some((format!("{first} {} {second}", place.lexicon.file.by), tokens))
}

/// A bare whole number that is not a count: a year, a code, a house number, too long for words.
fn special(place: &Place<'_>, number: &Number) -> Option<String> {
    let value = number.whole_value();
    if number.decimals.is_some() || number.is_grouped {
        return None;
    }
    let length = number.whole.len();
    let is_code = length >= 3 && place.is_cued(&place.lexicon.file.digit_cues, 4)
        || length == 5 && is_postcode(place);
    let file = &place.lexicon.file;
    let is_service = file.service_numbers.contains(&number.whole)
        && (place.is_cued(&file.phone_cues, 3) || place.is_cued(&file.key_cues, 3));
    let is_long = length >= 7 && !number.whole.ends_with("000");
    if is_code || is_long || is_service || length > 18 {
        return Some(in_groups(place, &number.whole));
    }
    if matches!(length, 3 | 4) && place.is_cued(&place.lexicon.file.pair_cues, 1) {
        return Some(in_pairs(place, value?));
    }
    let is_year = length == 4 && is_year(place, number, value?);
    is_year.then(|| numbers::year(place.language, value.unwrap_or_default()))
}

/// `, 10115 Berlin`: behind a comma and before a name. The French say it as a number.
fn is_postcode(place: &Place<'_>) -> bool {
    let before = &place.tokens[..place.index];
    let is_behind_comma =
        matches!(before, [.., comma, space] if comma.is_mark(',') && space.is_space());
    let is_before_name = place.rest().get(1).is_some_and(Token::is_space) && place.is_capital(2);
    is_behind_comma && is_before_name && place.language != Language::French
}

/// The gender of the noun behind a bare number, where a word behind it may be one.
fn counted(place: &Place<'_>, number: &Number) -> Form {
    let rest = &place.rest()[number.tokens..];
    let [space, noun, ..] = rest else { return Form::Alone };
    let Some(word) = noun.letters().filter(|_| space.text == " ") else { return Form::Alone };
    let is_capital = word.starts_with(char::is_uppercase);
    let may_be_noun = match place.language {
        Language::English | Language::EnglishBritish => false,
        Language::German => is_capital,
        Language::Spanish
        | Language::SpanishAmerican
        | Language::French
        | Language::Italian
        | Language::Portuguese
        | Language::PortugueseEuropean => {
            let is_function = |other: &String| other.eq_ignore_ascii_case(word);
            !is_capital
                && word.chars().count() > 2
                && !place.lexicon.file.function_words.iter().any(is_function)
        }
    };
    if may_be_noun { Form::Before(place.lexicon.gender_of(word)) } else { Form::Alone }
}

fn is_year(place: &Place<'_>, number: &Number, value: u64) -> bool {
    if !(1_100..2_100).contains(&value) {
        return false;
    }
    if place.is_cued(&place.lexicon.file.year_cues, 1) {
        return true;
    }
    // Behind a range of years, and before one.
    let rest = &place.rest()[number.tokens..];
    let joins = |dash: &Token<'_>, year: &Token<'_>| {
        matches!(dash.mark(), Some('-' | '–' | '/'))
            && year.digits().is_some_and(|digits| digits.len() == 4)
    };
    let is_range = matches!(rest, [dash, year, ..] if joins(dash, year));
    let before = &place.tokens[..place.index];
    let is_range_end = matches!(before, [.., year, dash] if joins(dash, year));
    let next = rest.iter().find(|token| !token.is_space());
    let is_bare = next.is_none_or(|next| !next.is_word())
        && !rest.first().is_some_and(|next| matches!(next.mark(), Some('-' | '+' | '*' | '=')));
    let mut before = place.words_before();
    let is_quarter =
        before.next().is_some_and(|word| word.len() == 1) && before.next() == Some("Q");
    // People read four digits in pairs anyway, but for the round ones.
    let is_in_pairs =
        place.language.is_english() && (1_901..2_100).contains(&value) && value % 100 > 9;
    let is_german = place.language == Language::German
        && (1_901..2_000).contains(&value)
        && !place.is_capital(behind_space(place.rest(), number.tokens));
    is_german
        || is_range
        || is_range_end
        || is_quarter
        || is_in_pairs
        || (is_bare && value >= 1_900 && place.language.is_english())
}

/// Digit by digit, a pause behind every three or four.
pub(super) fn in_groups(place: &Place<'_>, digits: &str) -> String {
    let length = digits.len();
    if length <= 5 {
        return place.digits(digits);
    }
    let size = if length.is_multiple_of(4) && !length.is_multiple_of(3) { 4 } else { 3 };
    let mut groups: Vec<&str> = Vec::new();
    let mut rest = digits;
    while rest.len() > size + 1 {
        let (group, tail) = rest.split_at(size);
        groups.push(group);
        rest = tail;
    }
    groups.push(rest);
    let groups: Vec<String> = groups.iter().map(|group| place.digits(group)).collect();
    groups.join(", ")
}
