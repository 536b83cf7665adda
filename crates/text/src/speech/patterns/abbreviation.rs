//! Abbreviations: `Dr. Smith`, `e.g.`, `Main St.`, `z. B.`, `No. 5`; and days of the
//! week.

use super::dash::is_weekday;
use crate::language::Language;
use crate::lexicon::{Abbreviation, When};
use crate::speech::place::{Place, Said, behind_space, equal_ignoring_case};
use crate::speech::token::Token;

pub(super) fn abbreviation(place: &Place<'_>) -> Option<Said> {
    if !place.is_word_start() || place.rest().first()?.letters().is_none() {
        return None;
    }
    numero(place).or_else(|| weekday(place)).or_else(|| dotted(place)).or_else(|| compound(place))
}

/// The longest abbreviation that begins here. `e.g.` is four tokens, `z. B.` five.
fn dotted(place: &Place<'_>) -> Option<Said> {
    let rest = place.rest();
    let start = rest[0].start;
    for length in (1..=6).rev() {
        let Some(last) = rest.get(length - 1) else { continue };
        if last.letters().is_none() {
            continue;
        }
        let stop = rest.get(length);
        let has_stop = stop.is_some_and(|token| token.is_mark('.'));
        if !has_stop && !is_boundary(stop) {
            continue;
        }
        let written = &place.text[start..last.end()];
        for entry in place.lexicon.abbreviations(written) {
            let tokens = length + usize::from(has_stop);
            if (has_stop || entry.is_bare && keeps_case(written)) && applies(place, entry, tokens) {
                return Some(Said::words(
                    tokens - usize::from(keeps_stop(place, entry, has_stop, tokens)),
                    entry.spoken.clone(),
                ));
            }
        }
    }
    None
}

/// `N° 5`, `nº 5`, `n.º 5`.
fn numero(place: &Place<'_>) -> Option<Said> {
    let rest = place.rest();
    let stop = usize::from(rest.get(1).is_some_and(|token| token.is_mark('.')));
    let is_sign = matches!(rest.get(1 + stop)?.mark()?, '°' | 'º');
    let next = rest.get(behind_space(rest, 2 + stop))?;
    let is_number = is_sign && rest[0].text.eq_ignore_ascii_case("n") && next.digits().is_some();
    is_number.then(|| Said::words(2 + stop, place.lexicon.file.number.clone()))
}

/// `Hauptstr.`: a compound whose ending is written short.
fn compound(place: &Place<'_>) -> Option<Said> {
    let [word, stop, ..] = place.rest() else { return None };
    let word = word.letters().filter(|_| stop.is_mark('.'))?;
    let mut endings = place.lexicon.file.abbreviated_endings.iter();
    endings.find_map(|(written, spoken)| {
        let stem = word.strip_suffix(written.as_str())?;
        Some(Said::words(2, format!("{stem}{spoken}")))
    })
}

fn is_boundary(next: Option<&Token<'_>>) -> bool {
    next.is_none_or(|next| {
        next.is_space() || matches!(next.mark(), Some(',' | '!' | '?' | ':' | ';'))
    })
}

/// Without its full stop an abbreviation is only known with its usual capital, or all small.
fn keeps_case(written: &str) -> bool {
    written.chars().skip(1).all(char::is_lowercase)
}

/// The full stop of an abbreviation that ends the clause is the end of the sentence as well.
fn keeps_stop(place: &Place<'_>, entry: &Abbreviation, has_stop: bool, tokens: usize) -> bool {
    let rest = &place.rest()[tokens..];
    let next = rest.iter().find(|token| !token.is_space());
    let is_last = next.is_none_or(|next| matches!(next.mark(), Some('"' | ')' | '”')));
    has_stop && entry.may_end && is_last
}

fn applies(place: &Place<'_>, entry: &Abbreviation, tokens: usize) -> bool {
    let rest = place.rest();
    let behind = behind_space(rest, tokens);
    let is_spaced = behind > tokens;
    match entry.when {
        When::Always => true,
        When::BeforeCapital => is_spaced && place.is_capital(behind),
        When::BeforeDigit => {
            rest.get(behind).is_some_and(|token| token.digits().is_some() || token.is_mark('#'))
        }
        When::AfterCapital => {
            let mut before = place.words_before();
            let is_name = before.next().is_some_and(|word| {
                let is_ordinal = matches!(word, "st" | "nd" | "rd" | "th");
                word.starts_with(char::is_uppercase) || is_ordinal
            });
            // A capital at the beginning of the sentence is no name.
            is_name && before.next().is_some() && place.before().is_some_and(Token::is_space)
        }
    }
}

/// `Mon-Fri`: short names of days next to a dash. Alone they are words too often.
fn weekday(place: &Place<'_>) -> Option<Said> {
    let file = &place.lexicon.file;
    let word = place.rest()[0].text;
    let index = file.weekdays_short.iter().position(|name| equal_ignoring_case(name, word))?;
    let is_dash = |token: &Token<'_>| matches!(token.mark(), Some('-' | '–'));
    let rest = place.rest();
    let stop = usize::from(rest.get(1).is_some_and(|token| token.is_mark('.')));
    let behind = behind_space(rest, 1 + stop);
    let begins = rest.get(behind).is_some_and(is_dash)
        && rest
            .get(behind_space(rest, behind + 1))
            .is_some_and(|token| is_weekday(place, token.text));
    let mut before = place.tokens[..place.index].iter().rev().filter(|token| !token.is_space());
    let day_before = place.words_before().next();
    let ends =
        before.next().is_some_and(is_dash) && day_before.is_some_and(|day| is_weekday(place, day));
    let goes_on = rest[1..].iter().any(Token::is_word);
    let tokens = if begins || goes_on { 1 + stop } else { 1 };
    let is_before_hour = (place.language.is_english()
        || place.language == Language::German && word != "So")
        && place.is_capital(0)
        && rest.get(behind).is_some_and(|token| token.digits().is_some());
    let is_dotted = stop == 1 && goes_on && place.is_capital(0) && word != "So";
    let is_dated = rest.get(behind).is_some_and(|token| token.digits().is_some()) && stop == 1;
    (begins || ends || is_before_hour || is_dotted || is_dated)
        .then(|| Said::words(tokens, file.weekdays[index].clone()))
}
