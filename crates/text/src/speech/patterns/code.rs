//! Codes of letters and digits: `AB12-34`, `GPT-4`, `B12`.

use super::quantity::in_groups;
use crate::numbers::Form;
use crate::speech::place::{Place, Said};
use crate::speech::token::{Token, TokenKind};

pub(super) fn code(place: &Place<'_>) -> Option<Said> {
    if !place.is_word_start() {
        return None;
    }
    if let Some(said) = account(place) {
        return Some(said);
    }
    let (parts, tokens) = parts(place.rest());
    let digits: usize = parts.iter().filter_map(|part| part.digits()).map(str::len).sum();
    let letters: Vec<&str> = parts.iter().filter_map(|part| part.letters()).collect();
    if digits == 0 || letters.is_empty() {
        return None;
    }
    let is_word = |letters: &&str| letters.chars().any(char::is_lowercase) || letters.len() > 4;
    let is_cased = |letters: &&str| letters.chars().all(char::is_uppercase);
    if let [number, letter] = parts.as_slice()
        && number.digits().is_some()
        && digits <= 2
        && letter.text.len() == 1
    {
        let number = place.cardinal(number.text.parse().ok()?, Form::Alone);
        return Some(Said::words(tokens, format!("{number} {}", letter.text.to_uppercase())));
    }
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

/// `DE89 3704 0044 …`: the number of a bank account.
fn account(place: &Place<'_>) -> Option<Said> {
    let [country, check, rest @ ..] = place.rest() else { return None };
    let letters = country.letters().filter(|letters| letters.len() == 2)?;
    let check = check.digits().filter(|digits| digits.len() == 2)?;
    let groups = rest.chunks_exact(2).take_while(|pair| {
        pair[0].text == " " && pair[1].digits().is_some_and(|digits| digits.len() <= 4)
    });
    let groups: Vec<&str> = groups.map(|pair| pair[1].text).collect();
    if groups.len() < 3 || groups[0].len() != 4 {
        return None;
    }
    let mut spoken: String = letters.chars().map(|letter| format!("{letter} ")).collect();
    spoken.push_str(&place.digits(check));
    for group in &groups {
        spoken.push_str(", ");
        spoken.push_str(&place.digits(group));
    }
    Some(Said::words(2 + 2 * groups.len(), spoken))
}

/// Digits that no other pattern knows: glued to letters, as in `4ish`.
pub(super) fn digits(place: &Place<'_>) -> Option<Said> {
    let digits = place.rest().first()?.digits()?;
    let words = match digits.parse() {
        Ok(value) if digits.len() <= 2 => place.cardinal(value, Form::Alone),
        Ok(_) | Err(_) => in_groups(place, digits),
    };
    Some(Said::words(1, words))
}

/// Parts of a code that is read as one: a UUID has 30 at most.
const PARTS_MAX: usize = 40;

/// Letters, digits, and hyphens between them; and how many tokens they are.
fn parts<'a, 'b>(rest: &'b [Token<'a>]) -> (Vec<&'b Token<'a>>, usize) {
    let mut parts = Vec::new();
    let mut index = 0;
    let mut end = 0;
    while let Some(token) = rest.get(index).filter(|_| index < PARTS_MAX) {
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
