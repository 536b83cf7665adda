//! Roman numerals where they can be nothing else: behind the names of kings and popes, and in
//! `World War II`.

use crate::numbers::{self, Form};
use crate::speech::number::is_end;
use crate::speech::place::{Place, Said};

pub(super) fn roman(place: &Place<'_>) -> Option<Said> {
    let file = &place.lexicon.file;
    let numeral = place.rest().first()?.letters()?;
    let is_numeral = numeral.chars().all(|letter| "IVX".contains(letter));
    if !is_numeral || !place.is_word_start() || !is_end(place.rest().get(1)) {
        return None;
    }
    let before = place.words_before().next()?;
    let value = value(numeral)?;
    let is_regnal = file.regnal_names.iter().any(|name| name == before);
    let is_counted = file.roman_nouns.iter().any(|noun| noun == before);
    // "I" is a word.
    let is_word = numeral == "I" && !is_ended(place);
    if is_regnal && !is_word {
        let ordinal =
            numbers::ordinal(place.language, value, Form::Before(numbers::Gender::Masculine));
        let article = if place.language.is_english() { "the " } else { "" };
        return Some(Said::words(1, format!("{article}{ordinal}")));
    }
    (is_counted && !is_word).then(|| Said::words(1, place.cardinal(value, Form::Alone)))
}

/// Whether the sentence or clause ends here: `Elizabeth I.`
fn is_ended(place: &Place<'_>) -> bool {
    place.rest().get(1).is_none_or(|next| next.mark().is_some())
}

/// The value of a numeral that is written as it should be, below 40.
fn value(numeral: &str) -> Option<u64> {
    (1..40).find(|value| written(*value) == numeral)
}

fn written(value: u64) -> String {
    const ONES: [&str; 10] = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"];
    let tens = "X".repeat(usize::try_from(value / 10).unwrap_or(0));
    format!("{tens}{}", ONES[usize::try_from(value % 10).unwrap_or(0)])
}
