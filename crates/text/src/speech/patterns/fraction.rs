//! Fractions: `½`, `2½`, `3/4`.

use crate::language::Language;
use crate::numbers::{self, Form};
use crate::speech::number::{Number, is_end};
use crate::speech::place::{Place, Said, behind_space};

pub(super) fn fraction(place: &Place<'_>) -> Option<Said> {
    if !place.is_word_start() {
        return None;
    }
    let rest = place.rest();
    if let Some((top, bottom)) = rest.first()?.mark().and_then(sign) {
        return Some(Said::quantity(1, words(place, top, bottom, false)?));
    }
    let number = Number::at(place)?;
    if number.decimals.is_some() {
        return score(place, &number);
    }
    let whole = number.value()?;
    let at = behind_space(rest, number.tokens);
    if let Some((top, bottom)) = rest.get(at).and_then(|token| sign(token.mark()?)) {
        return Some(Said::quantity(at + 1, mixed(place, whole, top, bottom)?));
    }
    if let Some((top, bottom, tokens)) = written(place, at).filter(|_| at > number.tokens) {
        return Some(Said::quantity(at + tokens, mixed(place, whole, top, bottom)?));
    }
    let (top, bottom, tokens) = written(place, 0)?;
    Some(Said::quantity(tokens, words(place, top, bottom, false)?))
}

/// `4.8/5`.
fn score(place: &Place<'_>, number: &Number) -> Option<Said> {
    let [slash, best, rest @ ..] = &place.rest()[number.tokens..] else { return None };
    let best: u64 = best.digits().filter(|digits| digits.len() <= 3)?.parse().ok()?;
    if !slash.is_mark('/') || !is_end(rest.first()) {
        return None;
    }
    let (number_words, best) =
        (number.spoken(place, Form::Alone), place.cardinal(best, Form::Alone));
    let spoken = format!("{number_words}{}{best}", place.lexicon.file.out_of);
    Some(Said::quantity(number.tokens + 2, spoken))
}

/// `3/4`, a proper fraction of a usual denominator.
fn written(place: &Place<'_>, index: usize) -> Option<(u64, u64, usize)> {
    let [top, slash, bottom, rest @ ..] = place.rest().get(index..)? else { return None };
    let (top, bottom) = (top.digits()?.parse().ok()?, bottom.digits()?.parse().ok()?);
    let is_usual = matches!(bottom, 2..=10 | 12 | 16 | 100)
        && (top < bottom || top == bottom && bottom >= 10)
        && top > 0;
    let is_whole = is_end(rest.first()) && !rest.first().is_some_and(|next| next.is_mark('/'));
    (slash.is_mark('/') && is_usual && is_whole).then_some((top, bottom, 3))
}

fn mixed(place: &Place<'_>, whole: u64, top: u64, bottom: u64) -> Option<String> {
    let file = &place.lexicon.file;
    let fraction = words(place, top, bottom, true)?;
    let whole = place.cardinal(whole, Form::Before(numbers::Gender::Masculine));
    if place.language == Language::German && (top, bottom) == (1, 2) {
        return Some(format!("{whole}einhalb"));
    }
    Some(format!("{whole}{}{fraction}", file.fraction_join))
}

fn words(place: &Place<'_>, top: u64, bottom: u64, is_part: bool) -> Option<String> {
    let file = &place.lexicon.file;
    let count = |name: &str| -> String {
        let form = Form::Before(numbers::Gender::Masculine);
        let top = if is_part && top == 1 && place.language.is_english() {
            "a".to_owned()
        } else {
            place.cardinal(top, form)
        };
        format!("{top} {name}")
    };
    if matches!(bottom, 10 | 100) && !is_part {
        let (top, bottom) = (place.cardinal(top, Form::Alone), place.cardinal(bottom, Form::Alone));
        return Some(format!("{top}{}{bottom}", file.out_of));
    }
    Some(match (top, bottom) {
        // "a half", "ein halb", but "demi" and "medio" stand alone.
        (1, 2) if place.language.is_english() => count(&file.half),
        (1, 2) => file.half.clone(),
        (1, 3) => count(&file.third),
        (_, 3) => count(&file.thirds),
        (1, 4) => count(&file.quarter),
        (_, 4) => count(&file.quarters),
        _ if place.language.is_english() => {
            let name = numbers::ordinal(place.language, bottom, Form::Alone);
            count(&if top == 1 { name } else { format!("{name}s") })
        }
        _ => {
            let bottom = place.cardinal(bottom, Form::Alone);
            format!("{}{}{bottom}", place.cardinal(top, Form::Alone), file.fraction_over)
        }
    })
}

fn sign(mark: char) -> Option<(u64, u64)> {
    Some(match mark {
        '½' => (1, 2),
        '⅓' => (1, 3),
        '⅔' => (2, 3),
        '¼' => (1, 4),
        '¾' => (3, 4),
        '⅕' => (1, 5),
        '⅖' => (2, 5),
        '⅗' => (3, 5),
        '⅘' => (4, 5),
        '⅙' => (1, 6),
        '⅚' => (5, 6),
        '⅛' => (1, 8),
        '⅜' => (3, 8),
        '⅝' => (5, 8),
        '⅞' => (7, 8),
        _ => return None,
    })
}
