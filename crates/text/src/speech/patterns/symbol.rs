//! Signs that are words: `&`, `+`, `5 × 3`, `#5`, `his/her`.

use crate::speech::place::{Place, Said};
use crate::speech::token::Token;

pub(super) fn symbol(place: &Place<'_>) -> Option<Said> {
    let rest = place.rest();
    let file = &place.lexicon.file;
    let mark = rest.first()?.mark()?;
    let (before, next) = (place.before(), rest.get(1));
    let is_digit = |token: Option<&Token<'_>>| token.is_some_and(|token| token.digits().is_some());
    let is_word = |token: Option<&Token<'_>>| token.is_some_and(Token::is_word);
    let is_space = |token: Option<&Token<'_>>| token.is_none_or(Token::is_space);
    let spoken = match mark {
        '#' if is_digit(next) => &file.number,
        // A hashtag is its word.
        '#' => return is_word(next).then(|| Said::words(1, String::new())),
        '*' | '×' if is_operator(place) => file.symbols.get(&'×')?,
        '/' if place.is_behind_quantity && next.is_some_and(|next| next.letters().is_some()) => {
            &file.per
        }
        '/' if is_space(before) && is_operator(place) => file.symbols.get(&'÷')?,
        '/' if is_word(before) && is_word(next) => {
            if is_digit(before) || is_digit(next) {
                file.web.get(&'/')?
            } else {
                &file.or
            }
        }
        '-' | '−' if is_operator(place) && !is_word(before) => &file.minus,
        '~' if !is_digit(next) => return None,
        '<' | '>' if next.is_none() || !is_space(next) && !is_digit(next) => return None,
        '+' if is_word(before) && is_space(next) && !is_operator(place) => &file.plus,
        _ => file.symbols.get(&mark)?,
    };
    Some(Said::words(1, spoken.clone()))
}

/// Whether it stands between numbers.
fn is_operator(place: &Place<'_>) -> bool {
    let solid = |tokens: &mut dyn Iterator<Item = &Token<'_>>| {
        let mut tokens = tokens.filter(|token| !token.is_space());
        tokens.next().is_some_and(|token| {
            token.digits().is_some() || token.mark().is_some_and(|mark| "()²³½¼¾".contains(mark))
        })
    };
    solid(&mut place.tokens[..place.index].iter().rev()) && solid(&mut place.rest()[1..].iter())
}
