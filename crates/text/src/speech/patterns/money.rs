//! Amounts of money: `$12.50`, `5 €`, `EUR 1,5 Mio.`, `$5–10`.

use crate::lexicon::{Currency, Noun};
use crate::numbers::{Form, Gender};
use crate::speech::number::{Number, is_end};
use crate::speech::place::{Place, Said, behind_space};
use crate::speech::token::Token;

/// An amount as it is written.
struct Amount<'a> {
    is_negative: bool,
    number: Number,
    scale: Option<&'a Noun>,
    currency: &'a Currency,
    tokens: usize,
    /// Of `$5–10`, the second.
    range_end: Option<Number>,
}

pub(super) fn money(place: &Place<'_>) -> Option<Said> {
    if !place.is_word_start() {
        return None;
    }
    let minus = usize::from(is_minus(place));
    let at = place.skip(minus);
    let mut amount = sign_first(&at).or_else(|| number_first(&at))?;
    amount.is_negative = minus > 0;
    let tokens = amount.tokens + minus;
    if !is_end(place.rest().get(tokens)) {
        return None;
    }
    Some(Said::quantity(tokens, spoken(place, &amount)))
}

pub(super) fn is_minus(place: &Place<'_>) -> bool {
    let is_dash = |token: &Token<'_>| matches!(token.mark(), Some('-' | '−'));
    let stands_alone = place.before().is_none_or(|token| token.is_space() || token.is_mark('('));
    place.rest().first().is_some_and(is_dash) && stands_alone && !place.is_behind_quantity
}

fn sign_first<'a>(place: &Place<'a>) -> Option<Amount<'a>> {
    let (currency, index) = currency_at(place, 0)?;
    let index = behind_space(place.rest(), index);
    let number = Number::at(&place.skip(index))?;
    let mut tokens = index + number.tokens;
    let mut range_end = None;
    if let [dash, rest @ ..] = &place.rest()[tokens..]
        && matches!(dash.mark(), Some('-' | '–'))
        && rest.first().is_some_and(|token| token.digits().is_some())
        && let Some(end) = Number::at(&place.skip(tokens + 1))
    {
        tokens += 1 + end.tokens;
        range_end = Some(end);
    }
    let (scale, tokens) = scale_at(place, tokens);
    // "$5 USD", "$5 MXN": the code says which dollar or peso.
    let code = currency_at(place, behind_space(place.rest(), tokens));
    let (currency, tokens) = match code {
        Some((code, end)) if place.rest()[end - 1].letters().is_some() => (code, end),
        Some(_) | None => (currency, tokens),
    };
    Some(Amount { is_negative: false, number, scale, currency, tokens, range_end })
}

fn number_first<'a>(place: &Place<'a>) -> Option<Amount<'a>> {
    let number = Number::at(place)?;
    let (scale, tokens) = scale_at(place, number.tokens);
    // "12,- €"
    let is_round = matches!(&place.rest()[tokens..], [comma, dash, ..]
        if comma.is_mark(',') && matches!(dash.mark(), Some('-' | '–')));
    let tokens = if is_round { tokens + 2 } else { tokens };
    let index = behind_space(place.rest(), tokens);
    let index = match place.rest().get(index).and_then(Token::letters) {
        Some("de" | "d" | "di") if scale.is_some() => behind_space(place.rest(), index + 1),
        Some(_) | None => index,
    };
    let (currency, tokens) = currency_at(place, index)?;
    Some(Amount { is_negative: false, number, scale, currency, tokens, range_end: None })
}

/// The currency at this token, and the token behind it. `US$` is letters and a mark.
fn currency_at<'a>(place: &Place<'a>, index: usize) -> Option<(&'a Currency, usize)> {
    let rest = place.rest();
    let first = rest.get(index)?;
    if let Some(next) = rest.get(index + 1).filter(|next| next.is_mark('$')) {
        let both = &place.text[first.start..next.end()];
        if let Some(currency) = place.lexicon.currency(both) {
            return Some((currency, index + 2));
        }
    }
    let currency = place.lexicon.currency(first.text)?;
    Some((currency, index + 1))
}

/// A word for a large number, and the token behind it.
pub(super) fn scale_at<'a>(place: &Place<'a>, index: usize) -> (Option<&'a Noun>, usize) {
    let rest = place.rest();
    let at = behind_space(rest, index);
    let Some(scale) = rest.get(at).and_then(|token| place.lexicon.scale(token.text)) else {
        return (None, index);
    };
    // `3 M€` is millions, `5 M` probably not.
    let has_sign =
        rest.get(at + 1).is_some_and(|token| place.lexicon.currency(token.text).is_some());
    if at > index && !scale.may_stand_apart && !has_sign {
        return (None, index);
    }
    let has_stop = rest.get(at + 1).is_some_and(|token| token.is_mark('.'))
        && rest[at].text.len() <= 4
        && rest.get(at + 2).is_some();
    (Some(scale), at + 1 + usize::from(has_stop))
}

fn spoken(place: &Place<'_>, amount: &Amount<'_>) -> String {
    let file = &place.lexicon.file;
    let words = &file.money;
    let Amount { number, currency, .. } = amount;
    let form = Form::Before(currency.gender);
    let sign = if amount.is_negative { format!("{} ", file.minus) } else { String::new() };
    let first = match &amount.range_end {
        Some(_) => format!("{} {} ", number.spoken(place, Form::Alone), file.to),
        None => String::new(),
    };
    let number = amount.range_end.as_ref().unwrap_or(number);
    if let Some(scale) = amount.scale {
        let count = number.counting(place, scale);
        let of = match scale.many.as_str() {
            "mil" | "mille" | "mila" => " ",
            _ if currency.many.starts_with(['a', 'e', 'i', 'o', 'u']) => &words.of_vowel,
            _ => &words.of,
        };
        return format!("{sign}{first}{count}{of}{}", currency.many);
    }
    let Some(minor) = minor(number) else {
        let name = if number.is_one() { &currency.one } else { &currency.many };
        let is_million = number.value().is_some_and(|value| value > 0 && value % 1_000_000 == 0);
        let of = if !is_million {
            " "
        } else if currency.many.starts_with(['a', 'e', 'i', 'o', 'u']) {
            &words.of_vowel
        } else {
            &words.of
        };
        return format!("{sign}{first}{}{of}{name}", number.spoken(place, form));
    };
    let whole = number.whole_value().unwrap_or(0);
    let named_minor = |minor: u64| {
        let name = if minor == 1 { &currency.minor_one } else { &currency.minor_many };
        format!("{} {name}", place.cardinal(minor, Form::Before(currency.minor_gender)))
    };
    if whole == 0 && minor > 0 {
        return format!("{sign}{first}{}", named_minor(minor));
    }
    let name = if whole == 1 { &currency.one } else { &currency.many };
    let major = format!("{sign}{first}{} {name}", place.cardinal(whole, form));
    match minor {
        0 => major,
        _ if words.names_minor => format!("{major}{}{}", words.join, named_minor(minor)),
        _ => {
            format!(
                "{major}{}{}",
                words.join,
                place.cardinal(minor, Form::Before(Gender::Masculine))
            )
        }
    }
}

/// The hundredths, where one or two decimals say them.
fn minor(number: &Number) -> Option<u64> {
    let decimals = number.decimals.as_ref()?;
    let value: u64 = decimals.parse().ok()?;
    number.whole_value()?;
    match decimals.len() {
        1 => Some(value * 10),
        2 => Some(value),
        _ => None,
    }
}
