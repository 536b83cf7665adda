//! Dates: `2026-03-14`, `3/14/2026`, `14.03.2026`, `March 14`, `14 March 2026`, `May 5th`.

use super::date_parts::{Date, full_year};
use crate::language::Language;
use crate::speech::number::is_end;
use crate::speech::place::{Place, Said, behind_space};
use crate::speech::token::Token;

pub(super) fn date(place: &Place<'_>) -> Option<Said> {
    if !place.is_word_start() {
        return None;
    }
    let first = place.rest().first()?;
    if first.letters().is_some() {
        return month_first(place);
    }
    iso(place).or_else(|| numeric(place)).or_else(|| day_first(place))
}

/// `2026-03-14`, and with a time behind a `T`.
fn iso(place: &Place<'_>) -> Option<Said> {
    let [year, dash, month, other_dash, day, rest @ ..] = place.rest() else { return None };
    let is_iso = year.digits()?.len() == 4
        && dash.mark() == other_dash.mark()
        && matches!(dash.mark()?, '-' | '/' | '.')
        && month.digits()?.len() == 2
        && day.digits()?.len() == 2;
    let is_whole = is_end(rest.first()) || rest[0].text == "T";
    if !is_iso || !is_whole {
        return None;
    }
    let date = Date::new(day.text.parse().ok()?, month.text.parse().ok()?, year.text.parse().ok())?;
    let spoken = date.spoken(place, !place.language.is_month_first());
    // `T14:05`: the time is said behind a pause.
    let has_time = rest.first().is_some_and(|token| token.text == "T");
    Some(if has_time { Said::words(6, format!("{spoken},")) } else { Said::quantity(5, spoken) })
}

/// `3/14/2026`, `14/03/26`, `14.3.2026`; without a year `3.5.` and `3/14` behind a cue.
fn numeric(place: &Place<'_>) -> Option<Said> {
    let [first, mark, second, rest @ ..] = place.rest() else { return None };
    let (first, second) = (short(first)?, short(second)?);
    let mark = mark.mark().filter(|mark| matches!(mark, '/' | '.' | '-'))?;
    let is_month_first = mark == '/' && place.language.is_month_first();
    let ordered = |year| {
        let (day, month) = if is_month_first { (second, first) } else { (first, second) };
        // What cannot be meant is read the other way round.
        Date::new(day, month, year).or_else(|| Date::new(month, day, year))
    };
    if let [other, year, rest @ ..] = rest
        && other.is_mark(mark)
        && let Some(year) = year.digits().and_then(full_year)
        && is_end(rest.first())
    {
        let spoken = ordered(Some(year))?.spoken(place, !is_month_first);
        return Some(Said::quantity(5, spoken));
    }
    // No fraction has 15 parts: `1/15` is a day.
    let is_day = mark == '/' && {
        let (day, month) = if is_month_first { (second, first) } else { (first, second) };
        (13..=31).contains(&day)
            && (1..=12).contains(&month)
            && !place.before().is_some_and(|token| token.is_mark('/'))
            && !rest.first().is_some_and(|token| token.is_mark('/'))
    };
    let file = &place.lexicon.file;
    let is_cued = is_day
        || place.is_cued(&file.date_cues, 1)
        || place.is_cued(&file.weekdays_short, 1)
        || place.is_cued(&file.weekdays, 1);
    // German: the full stops belong to the ordinals. At the end of a sentence it serves twice.
    let is_german = place.language == Language::German
        && mark == '.'
        && rest.first().is_some_and(|token| token.is_mark('.'));
    let is_slashed = mark == '/' && is_end(rest.first());
    let is_ended = !rest.first().is_some_and(|token| token.is_mark('%'));
    if !is_cued || !(is_german || is_slashed) || !is_ended {
        return None;
    }
    let is_last = rest.iter().skip(1).all(Token::is_space);
    let tokens = if is_german && !is_last { 4 } else { 3 };
    Some(Said::quantity(tokens, ordered(None)?.spoken(place, !is_month_first)))
}

/// `14 March 2026`, `14. März`, `1er mai`, `14 de marzo de 2026`.
fn day_first(place: &Place<'_>) -> Option<Said> {
    let rest = place.rest();
    let day = short(rest.first()?)?;
    let mut index = 1;
    if let Some(token) = rest.get(index) {
        let is_ordinal = token.letters().is_some_and(is_ordinal_ending)
            || matches!(token.mark(), Some('.' | 'º' | '°'));
        index += usize::from(is_ordinal);
    }
    // `1.º de mayo`
    index += usize::from(rest.get(index).is_some_and(|token| token.is_mark('º')));
    index = skip_word(rest, behind_space(rest, index), &["de", "di"]);
    let month = month_at(place, index, index > 1)?;
    index = month.1;
    let date = Date::new(day, u64::from(month.0), None)?;
    let (year, index) = year_at(rest, index);
    let date = Date { year, ..date };
    Some(Said::quantity(index, date.spoken(place, true)))
}

/// `March 14`, `March 14th, 2026`.
fn month_first(place: &Place<'_>) -> Option<Said> {
    if !place.language.is_english() {
        return None;
    }
    let rest = place.rest();
    let (month, index) = month_at(place, 0, true)?;
    let day_index = behind_space(rest, index);
    let day = short(rest.get(day_index)?)?;
    let mut index = day_index + 1;
    let ending = rest.get(index).and_then(Token::letters);
    index += usize::from(ending.is_some_and(is_ordinal_ending));
    let is_time = matches!(rest.get(index).and_then(Token::mark), Some(':' | '/'));
    let is_number = rest.get(index).is_some_and(|token| matches!(token.mark(), Some('.' | ',')))
        && rest.get(index + 1).is_some_and(|token| token.digits().is_some());
    if day_index == 0 || is_time || is_number || !is_end(rest.get(index)) {
        return None;
    }
    let date = Date::new(day, u64::from(month), None)?;
    let (year, index) = year_at(rest, index);
    Some(Said::quantity(index, Date { year, ..date }.spoken(place, false)))
}

/// The month at this token and the token behind it.
fn month_at(place: &Place<'_>, index: usize, is_spaced: bool) -> Option<(u8, usize)> {
    let rest = place.rest();
    let name = rest.get(index)?.letters()?;
    let month = place.lexicon.month(name).filter(|_| is_spaced)?;
    let file = &place.lexicon.file;
    // "may" and "mar" are words of their own.
    let is_capital = name.starts_with(char::is_uppercase);
    if place.language.is_english() && !is_capital {
        return None;
    }
    let is_short = !file.months.iter().any(|long| long.eq_ignore_ascii_case(name));
    let has_stop = is_short
        && rest.get(index + 1).is_some_and(|token| token.is_mark('.'))
        && rest.get(index + 2).is_some();
    Some((month, index + 1 + usize::from(has_stop)))
}

/// A year behind a date: `, 2026`, ` de 2026`.
fn year_at(rest: &[Token<'_>], index: usize) -> (Option<u64>, usize) {
    let comma = index + usize::from(rest.get(index).is_some_and(|token| token.is_mark(',')));
    let at = skip_word(rest, behind_space(rest, comma), &["de", "del"]);
    let year = rest.get(at).and_then(Token::digits).filter(|digits| digits.len() == 4);
    let year = year.and_then(full_year).filter(|year| (1_000..3_000).contains(year));
    let is_whole = is_end(rest.get(at + 1))
        && !rest.get(at + 1).is_some_and(|token| matches!(token.mark(), Some(':' | '%')));
    match year {
        Some(year) if is_whole && at > index => (Some(year), at + 1),
        Some(_) | None => (None, index),
    }
}

/// The index behind one of these words and the space behind it.
fn skip_word(rest: &[Token<'_>], index: usize, words: &[&str]) -> usize {
    match rest.get(index).and_then(Token::letters) {
        Some(word) if words.contains(&word) => behind_space(rest, index + 1),
        Some(_) | None => index,
    }
}

/// A number of one or two digits.
fn short(token: &Token<'_>) -> Option<u64> {
    let digits = token.digits().filter(|digits| digits.len() <= 2)?;
    digits.parse().ok()
}

fn is_ordinal_ending(letters: &str) -> bool {
    matches!(letters.to_ascii_lowercase().as_str(), "st" | "nd" | "rd" | "th" | "er")
}
