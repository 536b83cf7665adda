//! Telephone and card numbers: digit by digit, in the groups in which they are written.

use crate::numbers::Form;
use crate::speech::number::is_end;
use crate::speech::place::{Place, Said};
use crate::speech::token::{Token, TokenKind};

pub(super) fn phone(place: &Place<'_>) -> Option<Said> {
    let first = place.rest().first()?;
    let begins = first.digits().is_some() || matches!(first.mark(), Some('+' | '('));
    if !begins || !place.is_word_start() {
        return None;
    }
    let (groups, tokens) = groups(place.rest());
    let has_plus = first.is_mark('+');
    let is_bracketed = first.is_mark('(');
    let digits: usize = groups.iter().map(|group| group.len()).sum();
    let shapes: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let is_cued = place.is_cued(&place.lexicon.file.phone_cues, 5);
    let is_phone = match shapes.as_slice() {
        [] => false,
        [_] => has_plus && digits >= 8 || digits >= 10 && !is_round(groups[0]),
        [3, 4] => !is_spaced(place.rest(), tokens) || is_cued,
        [3, 3, 4] | [1, 3, 3, 4] | [4, 4, 4, 4] => true,
        _ => {
            let is_national = groups[0].starts_with('0') && groups[0].len() >= 2;
            (has_plus || is_national || is_bracketed || is_cued) && digits >= 7
        }
    };
    if !is_phone || !(7..=16).contains(&digits) || !is_end(place.rest().get(tokens)) {
        return None;
    }
    let mut spoken = String::new();
    if has_plus {
        spoken.push_str(&place.lexicon.file.plus);
        spoken.push(' ');
    }
    let has_pairs = place.lexicon.file.has_phone_pairs
        && shapes.iter().filter(|length| **length == 2).count() >= 3;
    let groups = groups.iter().flat_map(|group| split(group, has_plus));
    let spoken_groups: Vec<String> = groups
        .map(|group| match group.parse() {
            Ok(value) if has_pairs && group.len() == 2 && !group.starts_with('0') => {
                place.cardinal(value, Form::Alone)
            }
            Ok(_) | Err(_) => place.digits(group),
        })
        .collect();
    spoken.push_str(&spoken_groups.join(", "));
    Some(Said::words(tokens, spoken))
}

/// Groups of digits and the tokens they take.
fn groups<'a>(rest: &[Token<'a>]) -> (Vec<&'a str>, usize) {
    let mut groups = Vec::new();
    let mut index = 0;
    let mut end = 0;
    while let Some(token) = rest.get(index) {
        match token.kind {
            TokenKind::Digits => {
                groups.push(token.text);
                end = index + 1;
            }
            TokenKind::Mark => match token.mark() {
                Some('+' | '(') if index == 0 => {}
                Some('(') if groups.len() == 1 => {}
                Some(')') if groups.len() <= 2 => end = end.max(index + 1),
                Some('-' | '.' | '/' | '–') if index + 1 > 1 => {}
                Some(_) | None => break,
            },
            TokenKind::Space if token.text.chars().count() == 1 && token.text != "\n" => {}
            TokenKind::Space | TokenKind::Letters => break,
        }
        index += 1;
        let is_two_marks = rest.get(index).is_some_and(|next| {
            matches!(next.mark(), Some('-' | '.' | '/')) && token.mark() == next.mark()
        });
        if is_two_marks || groups.len() > 6 {
            break;
        }
    }
    (groups, end)
}

fn is_spaced(rest: &[Token<'_>], tokens: usize) -> bool {
    rest[..tokens].iter().any(Token::is_space)
}

/// A number of money or people, not of a line.
fn is_round(digits: &str) -> bool {
    digits.ends_with("000")
}

/// Long groups in the pieces in which people remember them.
fn split(group: &str, has_plus: bool) -> Vec<&str> {
    let sizes: &[usize] = match group.len() {
        0..=5 => return vec![group],
        6 => &[3, 3],
        7 => &[3, 4],
        8 => &[4, 4],
        10 => &[3, 3, 4],
        11 if has_plus && group.starts_with('1') => &[1, 3, 3, 4],
        11 => &[5, 3, 3],
        12 if has_plus => &[2, 3, 3, 4],
        _ => &[3, 3, 3, 3, 3],
    };
    let mut pieces = Vec::new();
    let mut rest = group;
    for size in sizes {
        let (piece, tail) = rest.split_at((*size).min(rest.len()));
        pieces.push(piece);
        rest = tail;
    }
    pieces.push(rest);
    pieces.retain(|piece| !piece.is_empty());
    pieces
}
