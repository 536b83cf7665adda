//! Times of day: `9:00`, `14:30 Uhr`, `3:30 pm`, `9am`, `14h30`.

use crate::numbers::Form;
use crate::speech::number::is_end;
use crate::speech::place::{Place, Said, behind_space, equal_ignoring_case};
use crate::speech::token::Token;

/// A time as it is written.
struct Time {
    hour: u64,
    minutes: Option<u64>,
    seconds: Option<u64>,
    /// `pm` (true) or `am` (false).
    is_pm: Option<bool>,
    tokens: usize,
}

pub(super) fn time(place: &Place<'_>) -> Option<Said> {
    if !place.is_word_start() && place.before().is_none_or(|token| token.text != "T") {
        return None;
    }
    let time = parse(place)?;
    let mut spoken =
        if place.language.is_english() { english(place, &time) } else { others(place, &time) };
    if let Some(seconds) = time.seconds.filter(|seconds| *seconds > 0) {
        let file = &place.lexicon.file;
        let unit = place.lexicon.unit("s")?;
        let form = Form::Before(unit.gender);
        let name = if seconds == 1 { &unit.one } else { &unit.many };
        spoken = format!("{spoken} {} {} {name}", file.and, place.cardinal(seconds, form));
    }
    Some(Said::quantity(time.tokens, spoken))
}

fn parse(place: &Place<'_>) -> Option<Time> {
    let rest = place.rest();
    let hour: u64 = two_digits(rest.first()?)?;
    let mut time = Time { hour, minutes: None, seconds: None, is_pm: None, tokens: 1 };
    if let [_, mark, minutes, ..] = rest {
        let is_colon = mark.is_mark(':');
        let is_h = mark.letters().is_some_and(|letters| matches!(letters, "h" | "H"));
        if (is_colon || is_h || mark.is_mark('.')) && minutes.text.len() == 2 {
            time.minutes = two_digits(minutes);
            time.tokens = if time.minutes.is_some() { 3 } else { 1 };
        }
    }
    if let [colon, seconds, ..] = &rest[time.tokens..]
        && time.tokens == 3
        && colon.is_mark(':')
        && seconds.text.len() == 2
    {
        time.seconds = two_digits(seconds);
        time.tokens += if time.seconds.is_some() { 2 } else { 0 };
    }
    let separator = rest.get(1).and_then(Token::mark);
    let is_cued = place.is_cued(&place.lexicon.file.time_cues, 1);
    let is_certain = time.tokens >= 3 && (separator != Some('.') || is_cued);
    let is_stamp = place.before().is_some_and(|token| token.text == "T");
    if is_stamp && rest.get(time.tokens).is_some_and(|token| token.text == "Z") {
        time.tokens += 1;
    }
    let before_suffix = time.tokens;
    take_half(place, &mut time);
    take_suffix(place, &mut time);
    let has_suffix = time.tokens > before_suffix;
    let is_whole = is_end(rest.get(time.tokens))
        && !rest.get(time.tokens).is_some_and(|token| {
            matches!(token.mark(), Some('%' | '/'))
                || token.is_mark(':') && rest.get(time.tokens + 1).is_some_and(Token::is_word)
        });
    let is_time = time.hour <= 24
        && time.minutes.is_none_or(|minutes| minutes < 60)
        && time.seconds.is_none_or(|seconds| seconds < 60)
        && (time.is_pm.is_none() || time.hour <= 12);
    (is_whole && is_time && (is_certain || has_suffix)).then_some(time)
}

/// `am`, `p.m.`, with or without a space before.
fn take_half(place: &Place<'_>, time: &mut Time) {
    let rest = place.rest();
    let index = behind_space(rest, time.tokens);
    let Some(first) = rest.get(index).and_then(Token::letters) else { return };
    let first = first.to_ascii_lowercase();
    let mut half = first.clone();
    let mut end = index + 1;
    let letter = behind_space(rest, end + 1);
    if rest.get(end).is_some_and(|stop| stop.is_mark('.'))
        && rest.get(letter).is_some_and(|last| last.text.eq_ignore_ascii_case("m"))
        && matches!(first.as_str(), "a" | "p")
    {
        half.push('m');
        end = letter + 1;
        // Its own full stop, unless that ends the clause as well.
        let has_stop = rest.get(end).is_some_and(|token| token.is_mark('.'));
        end += usize::from(has_stop);
    }
    let is_english_or_dotted =
        place.language.is_english() || end > index + 1 || index == time.tokens;
    match half.as_str() {
        "am" if is_english_or_dotted => (time.is_pm, time.tokens) = (Some(false), end),
        "pm" => (time.is_pm, time.tokens) = (Some(true), end),
        _ => {}
    }
}

/// `Uhr`, `h`, `horas`: words that are said anyway.
fn take_suffix(place: &Place<'_>, time: &mut Time) {
    let rest = place.rest();
    let index = behind_space(rest, time.tokens);
    let suffixes = &place.lexicon.file.time.suffixes;
    let mut end = index;
    let suffix = suffixes.iter().find(|suffix| {
        let parts = crate::speech::token::tokens(suffix);
        let found = rest.get(index..index + parts.len());
        end = index + parts.len();
        found.is_some_and(|found| {
            found.iter().zip(&parts).all(|(a, b)| equal_ignoring_case(a.text, b.text))
        })
    });
    // "9 h" is a duration; "9h" and "9h30" are times. Where the word is not said of a time,
    // "9 horas" is a duration as well.
    let has_minutes = time.minutes.is_some();
    let is_said = place.lexicon.file.time.many != "{h}";
    let is_time = |suffix: &str| suffix != "h" || index == time.tokens;
    if suffix.is_some_and(|suffix| has_minutes || is_said && is_time(suffix)) {
        time.tokens = end;
        // "7 Uhr 30", "14 heures 15"
        let at = behind_space(rest, end);
        let behind = behind_space(rest, at + 1);
        let is_count = place.is_capital(behind) || rest.get(behind).is_some_and(Token::is_word);
        if time.minutes.is_none() && at > end && !is_count {
            let minutes = rest.get(at).and_then(two_digits);
            time.minutes = minutes.filter(|_| rest[at].text.len() == 2);
            time.tokens = if time.minutes.is_some() { at + 1 } else { end };
        }
    }
}

fn english(place: &Place<'_>, time: &Time) -> String {
    let minutes = time.minutes.unwrap_or(0);
    let is_late = time.hour > 12 && time.hour < 24;
    let half = match time.is_pm {
        Some(true) => " p.m.",
        Some(false) => " a.m.",
        None if is_late => " p.m.",
        None if matches!(time.hour, 0 | 24) => " a.m.",
        None => "",
    };
    let hour = match time.hour {
        0 | 24 if minutes == 0 && time.is_pm.is_none() => return "midnight".to_owned(),
        0 | 24 => 12,
        hour if hour > 12 => hour - 12,
        hour => hour,
    };
    let hour = place.cardinal(hour, Form::Alone);
    match minutes {
        0 if half.is_empty() => format!("{hour} o'clock"),
        0 => format!("{hour}{half}"),
        1..=9 => format!("{hour} oh {}{half}", place.cardinal(minutes, Form::Alone)),
        _ => format!("{hour} {}{half}", place.cardinal(minutes, Form::Alone)),
    }
}

fn others(place: &Place<'_>, time: &Time) -> String {
    let words = &place.lexicon.file.time;
    let minutes = time.minutes.unwrap_or(0);
    let template = match (time.hour, minutes) {
        (1, 0) => &words.one,
        (13.., 0) => &words.late,
        (_, 0) => &words.many,
        (1, _) => &words.one_minutes,
        (_, _) => &words.many_minutes,
    };
    let hour = place.cardinal(time.hour, Form::Before(words.gender));
    let spoken =
        template.replace("{h}", &hour).replace("{m}", &place.cardinal(minutes, Form::Alone));
    match time.is_pm {
        Some(true) => format!("{spoken} {}", words.pm),
        Some(false) => format!("{spoken} {}", words.am),
        None => spoken,
    }
}

fn two_digits(token: &Token<'_>) -> Option<u64> {
    token.digits().filter(|digits| digits.len() <= 2)?.parse().ok()
}
