//! A dash between two quantities: `10–20`, `9am-5pm`, `Mon-Fri`. Two numbers with a colon between
//! them, `3:2`, are the same.

use crate::speech::number::is_end;
use crate::speech::place::{Place, Said, behind_space, equal_ignoring_case};
use crate::speech::token::Token;

pub(super) fn dash(place: &Place<'_>) -> Option<Said> {
    let rest = place.rest();
    let is_spaced = rest.first()?.is_space();
    let index = usize::from(is_spaced);
    let mark = rest.get(index)?.mark()?;
    let next_index = behind_space(rest, index + 1);
    let next = rest.get(next_index)?;
    let is_glued = !is_spaced && next_index == 1;
    let is_even = is_glued || is_spaced && next_index == index + 2;
    let is_dash = match mark {
        '-' => is_glued || is_even && is_weekday(place, next.text),
        ':' => is_glued,
        '–' | '—' => is_even,
        _ => false,
    };
    let before = place.before()?;
    if !is_dash {
        return None;
    }
    // "a 30-yr loan"
    let unit = next.letters().filter(|unit| unit.len() > 1 && is_end(rest.get(next_index + 1)));
    if let Some(unit) = unit.and_then(|unit| place.lexicon.unit(unit))
        && before.digits().is_some()
        && is_glued
    {
        return Some(Said::words(next_index + 1, unit.one.clone()));
    }
    let is_number = |token: &Token<'_>| token.digits().is_some();
    let is_from = is_number(before) || place.is_behind_quantity;
    let is_sign = next.mark().is_some_and(|mark| "$€£¥".contains(mark));
    // "1-800-FLOWERS" is no range.
    let goes_on = mark == '-'
        && rest.get(next_index + 1).is_some_and(|token| token.is_mark('-'))
        && rest.get(next_index + 2).is_some_and(Token::is_word);
    let is_range = is_from && !goes_on && (is_number(next) || is_sign);
    let last_word = place.words_before().next().unwrap_or_default();
    let is_days = mark != ':' && is_weekday(place, last_word) && is_weekday(place, next.text);
    (is_range || is_days).then(|| Said::words(next_index, place.lexicon.file.to.clone()))
}

/// Whether it is the name of a day of the week, long or short.
pub(super) fn is_weekday(place: &Place<'_>, word: &str) -> bool {
    let file = &place.lexicon.file;
    let mut names = file.weekdays.iter().chain(&file.weekdays_short);
    names.any(|name| equal_ignoring_case(name, word))
}
