//! English numbers. American ones have no "and"; British ones have it behind the hundreds.

use super::thousands;
use crate::language::Language;

const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] =
    ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const POWERS: [&str; 7] =
    ["", "thousand", "million", "billion", "trillion", "quadrillion", "quintillion"];

pub(super) fn cardinal(value: u64, and: &str) -> String {
    if value == 0 {
        return ONES[0].to_owned();
    }
    let mut parts: Vec<String> = Vec::new();
    for (group, power) in thousands(value) {
        let is_last_small = power == 0 && group < 100 && !parts.is_empty();
        let and_before = if is_last_small { and } else { "" };
        let mut part = format!("{and_before}{}", below_thousand(group, and));
        if power > 0 {
            part.push(' ');
            part.push_str(POWERS[power as usize]);
        }
        parts.push(part);
    }
    parts.join(" ")
}

fn below_thousand(value: u64, and: &str) -> String {
    match (value / 100, value % 100) {
        (0, rest) => below_hundred(rest),
        (hundreds, 0) => format!("{} hundred", ONES[hundreds as usize]),
        (hundreds, rest) => {
            format!("{} hundred {and}{}", ONES[hundreds as usize], below_hundred(rest))
        }
    }
}

fn below_hundred(value: u64) -> String {
    match (value / 10, value % 10) {
        (0 | 1, _) => ONES[value as usize].to_owned(),
        (tens, 0) => TENS[tens as usize].to_owned(),
        (tens, ones) => format!("{}-{}", TENS[tens as usize], ONES[ones as usize]),
    }
}

/// The last word of the cardinal, made an ordinal.
pub(super) fn ordinal(value: u64, and: &str) -> String {
    let words = cardinal(value, and);
    let start = words.rfind([' ', '-']).map_or(0, |index| index + 1);
    let (head, last) = words.split_at(start);
    let last = match last {
        "one" => "first".to_owned(),
        "two" => "second".to_owned(),
        "three" => "third".to_owned(),
        "five" => "fifth".to_owned(),
        "eight" => "eighth".to_owned(),
        "nine" => "ninth".to_owned(),
        "twelve" => "twelfth".to_owned(),
        _ => match last.strip_suffix('y') {
            Some(stem) => format!("{stem}ieth"),
            None => format!("{last}th"),
        },
    };
    format!("{head}{last}")
}

/// In pairs, but for the years around a millennium.
pub(super) fn year(value: u64, language: Language) -> String {
    let and = if language == Language::EnglishBritish { "and " } else { "" };
    let (century, rest) = (value / 100, value % 100);
    let is_in_pairs = (11..=99).contains(&century) && !(century.is_multiple_of(10) && rest < 10);
    match rest {
        _ if !is_in_pairs => cardinal(value, and),
        0 => format!("{} hundred", below_hundred(century)),
        1..=9 => format!("{} oh {}", below_hundred(century), below_hundred(rest)),
        _ => format!("{} {}", below_hundred(century), below_hundred(rest)),
    }
}
