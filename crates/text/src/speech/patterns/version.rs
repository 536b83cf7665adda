//! Versions and other numbers with several points: `v2.1`, `2.10.3`, `192.168.1.1`.

use crate::numbers::Form;
use crate::speech::number::is_end;
use crate::speech::place::{Place, Said};
use crate::speech::token::Token;

pub(super) fn version(place: &Place<'_>) -> Option<Said> {
    if !place.is_word_start() {
        return None;
    }
    let rest = place.rest();
    let is_named = rest.first()?.letters().is_some_and(|letters| matches!(letters, "v" | "V"));
    let start = usize::from(is_named);
    let mut parts: Vec<&str> = vec![rest.get(start)?.digits()?];
    let mut index = start + 1;
    while let [stop, digits, ..] = &rest[index..]
        && parts.len() < 12
        && stop.is_mark('.')
        && let Some(digits) = digits.digits()
    {
        parts.push(digits);
        index += 2;
    }
    let is_grouped =
        place.lexicon.file.groups.contains('.') && parts[1..].iter().all(|part| part.len() == 3);
    let behind = rest.get(index).and_then(Token::mark);
    if !(is_named || parts.len() >= 3 && !is_grouped)
        || !is_end(rest.get(index))
        || matches!(behind, Some('%' | '€' | '$'))
    {
        return None;
    }
    let is_address = parts.len() == 4;
    let point = if is_address || !place.language.is_english() {
        place.lexicon.file.web.get(&'.')?
    } else {
        &place.lexicon.file.decimal_word
    };
    let mut words: Vec<String> = Vec::new();
    if is_named {
        words.push(place.lexicon.file.version.clone());
    }
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            words.push(point.clone());
        }
        words.push(match part.parse() {
            Ok(value) if part.len() <= 2 && !(part.len() == 2 && part.starts_with('0')) => {
                place.cardinal(value, Form::Alone)
            }
            Ok(_) | Err(_) => place.digits(part),
        });
    }
    Some(Said::words(index, words.join(" ")))
}
