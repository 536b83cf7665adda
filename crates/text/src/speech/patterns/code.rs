//! Codes of letters and digits: `AB12-34`, `GPT-4`, `B12`.

use super::quantity::in_groups;
use crate::numbers::Form;
use crate::speech::place::{Place, Said};
use crate::speech::token::{Token, TokenKind};

pub(super) fn code(place: &Place<'_>) -> Option<Said> {
    if !place.is_word_start() {
        return None;
    }
    let (parts, tokens) = parts(place.rest());
    let digits: usize = parts.iter().filter_map(|part| part.digits()).map(str::len).sum();
    let letters: Vec<&str> = parts.iter().filter_map(|part| part.letters()).collect();
    if digits == 0 || letters.is_empty() {
        return None;
    }
    let is_word = |letters: &&str| letters.chars().any(char::is_lowercase) || letters.len() > 4;
    let is_cased = |letters: &&str| letters.chars().all(char::is_uppercase);
    if parts.len() > 1 && is_name(place, &parts, digits) {
        return Some(Said::words(tokens, name(place, &parts)));
    }
    let is_spelled = letters.iter().all(is_cased)
        || !letters.iter().any(|letters| letters.chars().count() > 3) && digits >= 2;
    let is_mixed = parts.len() >= 2 && !letters.iter().any(is_word);
    if is_spelled || is_mixed {
        return Some(Said::words(tokens, spelled(place, &parts)));
    }
    // Words with a number glued or hyphened to them: only the number is said otherwise.
    None
}

/// Letters, digits, and hyphens between them; and how many tokens they are.
fn parts<'a, 'b>(rest: &'b [Token<'a>]) -> (Vec<&'b Token<'a>>, usize) {
    let mut parts = Vec::new();
    let mut index = 0;
    let mut end = 0;
    while let Some(token) = rest.get(index) {
        let goes_on = rest.get(index + 1).is_some_and(|next| next.is_word());
        match token.kind {
            TokenKind::Letters | TokenKind::Digits => {
                parts.push(token);
                end = index + 1;
            }
            TokenKind::Mark if token.is_mark('-') && goes_on && index > 0 => parts.push(token),
            TokenKind::Mark | TokenKind::Space => break,
        }
        index += 1;
    }
    (parts, end)
}

/// `GPT-4`, `MP3`, `A4`, `COVID-19`: letters once, then a short number.
fn is_name(place: &Place<'_>, parts: &[&Token<'_>], digits: usize) -> bool {
    let words: Vec<&&Token<'_>> = parts.iter().filter(|part| part.is_word()).collect();
    let is_long = |token: &Token<'_>| token.text.chars().count() >= 4;
    let is_cued = place.is_cued(&place.lexicon.file.digit_cues, 3);
    match words.as_slice() {
        [letters, number] if letters.letters().is_some() => {
            number.digits().is_some_and(|number| !number.starts_with('0'))
                && (digits <= 2 && !is_cued || is_long(letters) && digits <= 4)
        }
        _ => false,
    }
}

fn name(place: &Place<'_>, parts: &[&Token<'_>]) -> String {
    let words = parts.iter().filter(|part| part.is_word()).map(|part| match part.digits() {
        Some(digits) if digits.len() <= 2 => {
            place.cardinal(digits.parse().unwrap_or_default(), Form::Alone)
        }
        Some(digits) => place.digits(digits),
        None => part.text.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Every character for itself, with a pause at each hyphen.
fn spelled(place: &Place<'_>, parts: &[&Token<'_>]) -> String {
    let mut groups = vec![Vec::new()];
    for part in parts {
        match part.kind {
            TokenKind::Letters => {
                let letters = part.text.chars().map(|letter| letter.to_uppercase().to_string());
                groups.last_mut().into_iter().for_each(|group| group.extend(letters.clone()));
            }
            TokenKind::Digits => {
                let digits = in_groups(place, part.text);
                groups.last_mut().into_iter().for_each(|group| group.push(digits.clone()));
            }
            TokenKind::Mark | TokenKind::Space => groups.push(Vec::new()),
        }
    }
    let groups: Vec<String> = groups.iter().map(|group| group.join(" ")).collect();
    groups.join(", ")
}
