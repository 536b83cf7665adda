//! Signs that are words: `&`, `+`, `5 × 3`, `#5`, `his/her`.

use crate::speech::number::is_end;
use crate::speech::place::{Place, Said, behind_space};
use crate::speech::token::Token;

pub(super) fn symbol(place: &Place<'_>) -> Option<Said> {
    let rest = place.rest();
    let file = &place.lexicon.file;
    if rest.first()?.text == "x" {
        return times(place);
    }
    let mark = rest.first()?.mark()?;
    let (before, next) = (place.before(), rest.get(1));
    if let Some(said) = key(place, mark) {
        return Some(said);
    }
    let is_digit = |token: Option<&Token<'_>>| token.is_some_and(|token| token.digits().is_some());
    let is_word = |token: Option<&Token<'_>>| token.is_some_and(Token::is_word);
    let is_space = |token: Option<&Token<'_>>| token.is_none_or(Token::is_space);
    let spoken = match mark {
        '#' if is_digit(next) || is_space(next) && is_digit(rest.get(2)) => &file.number,
        '=' if next.is_some_and(|next| next.is_mark('>')) => {
            return Some(Said::words(2, ",".to_owned()));
        }
        // A hashtag is its word.
        '#' => return is_word(next).then(|| Said::words(1, String::new())),
        '*' | '×' if is_operator(place) => file.symbols.get(&'×')?,
        '/' if is_per(place, next) => return Some(per(place, next?)),
        '>' if !is_operator(place) && rest[1..].iter().any(Token::is_word) => {
            return Some(Said::words(1, ",".to_owned()));
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

/// Whether a slash is "per": behind a quantity, or before a period or a unit.
fn is_per(place: &Place<'_>, next: Option<&Token<'_>>) -> bool {
    let Some(word) = next.and_then(Token::letters) else { return false };
    let mut words = place.lexicon.file.per_words.iter();
    let is_word_before = place.before().is_some_and(Token::is_word);
    let is_unit = word.len() > 1 && word.len() < 4 && place.lexicon.unit(word).is_some();
    place.is_behind_quantity || is_word_before && (is_unit || words.any(|per| per == word))
}

/// `/month`, `/h`.
fn per(place: &Place<'_>, unit: &Token<'_>) -> Said {
    let per = &place.lexicon.file.per;
    let is_whole = is_end(place.rest().get(2));
    match place.lexicon.unit(unit.text).filter(|_| is_whole) {
        Some(unit) => Said::words(2, format!("{per} {}", unit.one)),
        None => Said::words(1, per.clone()),
    }
}

/// `3 x $5` is times, `3 x 5` by.
fn times(place: &Place<'_>) -> Option<Said> {
    let file = &place.lexicon.file;
    let next = place.rest().get(behind_space(place.rest(), 1))?;
    let before = place.tokens[..place.index].iter().rev().find(|token| !token.is_space())?;
    let spoken = match next.mark() {
        Some(sign) if "$€£¥".contains(sign) => file.symbols.get(&'×')?,
        Some(_) => return None,
        None => &file.by,
    };
    let is_number = |token: &Token<'_>| token.digits().is_some();
    let is_between = (is_number(before) || place.is_behind_quantity || before.is_mark('"'))
        && (is_number(next) || next.mark().is_some());
    is_between.then(|| Said::words(1, spoken.clone()))
}

/// `*67`, `press #`: the keys of a telephone.
fn key(place: &Place<'_>, mark: char) -> Option<Said> {
    let file = &place.lexicon.file;
    let rest = place.rest();
    let name = match mark {
        '*' => &file.star,
        '#' => &file.hash,
        _ => return None,
    };
    let is_alone = !rest.get(1).is_some_and(|next| next.is_word() || next.mark() == Some(mark));
    let is_after_digits = place.before().is_some_and(|token| token.digits().is_some());
    if is_alone && (place.is_cued(&file.key_cues, 1) || mark == '#' && is_after_digits) {
        return Some(Said::words(1, name.clone()));
    }
    let digits = rest.get(1).and_then(Token::digits).filter(|_| mark == '*')?;
    let begins = place.before().is_none_or(Token::is_space);
    begins.then(|| Said::words(2, format!("{name} {}", place.digits(digits))))
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
