//! Postal addresses in English: house numbers in pairs, states before postcodes.

use crate::lexicon::When;
use crate::numbers;
use crate::speech::number::is_end;
use crate::speech::place::{Place, Said};

pub(super) fn address(place: &Place<'_>) -> Option<Said> {
    if !place.language.is_english() || !place.is_word_start() {
        return None;
    }
    state(place).or_else(|| house_number(place))
}

/// `CA 94107`, `NY 10001-1234`.
fn state(place: &Place<'_>) -> Option<Said> {
    let [state, space, code, rest @ ..] = place.rest() else { return None };
    let name = place.lexicon.file.states.get(state.letters()?)?;
    let code = code.digits().filter(|digits| digits.len() == 5)?;
    if !space.is_space() || !is_end(rest.first()) {
        return None;
    }
    Some(Said::words(3, format!("{name} {}", place.digits(code))))
}

/// `1600 Pennsylvania Ave`: a number of three or four digits before capital words and a street.
fn house_number(place: &Place<'_>) -> Option<Said> {
    let rest = place.rest();
    let digits = rest.first()?.digits().filter(|digits| matches!(digits.len(), 3 | 4))?;
    let value: u64 = digits.parse().ok()?;
    let mut words = rest[1..].iter().filter(|token| !token.is_space()).take(5);
    let is_name = |word: &str| word.starts_with(char::is_uppercase);
    let first = words.next()?.letters().filter(|word| is_name(word))?;
    let mut is_street = is_direction(first);
    for token in words {
        let Some(word) = token.letters() else {
            if token.is_mark('.') || token.digits().is_some() {
                continue;
            } else {
                break;
            };
        };
        if !is_name(word) && !matches!(word, "th" | "st" | "nd" | "rd") {
            break;
        }
        let entries = place.lexicon.abbreviations(word);
        let ends = |spoken: &str| STREETS.iter().any(|street| street.eq_ignore_ascii_case(spoken));
        is_street |= ends(word);
        is_street |=
            entries.iter().any(|entry| entry.when != When::BeforeCapital && ends(&entry.spoken));
    }
    if !is_street || digits.starts_with('0') {
        return None;
    }
    Some(Said::quantity(1, in_pairs(place, value)))
}

/// "four oh five", "twelve hundred".
pub(super) fn in_pairs(place: &Place<'_>, value: u64) -> String {
    if value >= 1_100 && !value.is_multiple_of(1_000) {
        return numbers::year(place.language, value);
    }
    let cardinal = |value| numbers::cardinal(place.language, value, numbers::Form::Alone);
    match (value / 100, value % 100) {
        (_, 0) => cardinal(value),
        (hundreds, rest @ 1..=9) => format!("{} oh {}", cardinal(hundreds), cardinal(rest)),
        (hundreds, rest) => format!("{} {}", cardinal(hundreds), cardinal(rest)),
    }
}

fn is_direction(word: &str) -> bool {
    matches!(word, "N" | "S" | "E" | "W" | "NE" | "NW" | "SE" | "SW")
}

const STREETS: [&str; 18] = [
    "Street",
    "Avenue",
    "Boulevard",
    "Road",
    "Lane",
    "Drive",
    "Court",
    "Parkway",
    "Highway",
    "Square",
    "Way",
    "Place",
    "Terrace",
    "Circle",
    "Plaza",
    "Alley",
    "Trail",
    "Crescent",
];
