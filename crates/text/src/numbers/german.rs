//! German numbers: ones before tens, one word below a million.

use super::{Form, Gender, thousands};

const ONES: [&str; 20] = [
    "null",
    "eins",
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
    "zwölf",
    "dreizehn",
    "vierzehn",
    "fünfzehn",
    "sechzehn",
    "siebzehn",
    "achtzehn",
    "neunzehn",
];
const TENS: [&str; 10] = [
    "", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig",
];
/// One and many of a power of a thousand, from the million on; all are feminine.
const POWERS: [(&str, &str); 5] = [
    ("Million", "Millionen"),
    ("Milliarde", "Milliarden"),
    ("Billion", "Billionen"),
    ("Billiarde", "Billiarden"),
    ("Trillion", "Trillionen"),
];

pub(super) fn cardinal(value: u64, form: Form) -> String {
    let one = match form {
        Form::Alone => "eins",
        Form::Before(Gender::Masculine | Gender::Neuter) => "ein",
        Form::Before(Gender::Feminine) => "eine",
    };
    if value == 0 {
        return ONES[0].to_owned();
    }
    let mut words = String::new();
    for (group, power) in thousands(value) {
        match power {
            // "eintausend", "eine Million".
            0 => words.push_str(&below_thousand(group, one)),
            1 => {
                words.push_str(&below_thousand(group, "ein"));
                words.push_str("tausend");
            }
            _ => {
                let (single, many) = POWERS[power as usize - 2];
                words.push_str(&below_thousand(group, "eine"));
                words.push(' ');
                words.push_str(if group == 1 { single } else { many });
                words.push(' ');
            }
        }
    }
    words.trim_end().to_owned()
}

fn below_thousand(value: u64, one: &str) -> String {
    let rest = match value % 100 {
        0 => String::new(),
        rest => below_hundred(rest, one),
    };
    match value / 100 {
        0 => rest,
        1 => format!("einhundert{rest}"),
        hundreds => format!("{}hundert{rest}", ONES[hundreds as usize]),
    }
}

fn below_hundred(value: u64, one: &str) -> String {
    match (value / 10, value % 10) {
        (0, 1) => one.to_owned(),
        (0 | 1, _) => ONES[value as usize].to_owned(),
        (tens, 0) => TENS[tens as usize].to_owned(),
        (tens, 1) => format!("einund{}", TENS[tens as usize]),
        (tens, ones) => format!("{}und{}", ONES[ones as usize], TENS[tens as usize]),
    }
}

/// The stem, which takes an ending: "dritte" is "dritt" and "e".
pub(super) fn ordinal(value: u64) -> String {
    let words = cardinal(value, Form::Alone);
    let irregular = match value % 100 {
        1 => Some(("eins", "erst")),
        3 => Some(("drei", "dritt")),
        7 => Some(("sieben", "siebt")),
        8 => Some(("acht", "acht")),
        _ => None,
    };
    if let Some((ending, ordinal)) = irregular
        && let Some(stem) = words.strip_suffix(ending)
    {
        return format!("{stem}{ordinal}");
    }
    format!("{words}{}", if (1..20).contains(&(value % 100)) { "t" } else { "st" })
}

/// Hundreds up to 1999, thousands from then on.
pub(super) fn year(value: u64) -> String {
    if !(1_100..2_000).contains(&value) {
        return cardinal(value, Form::Alone);
    }
    let rest = match value % 100 {
        0 => String::new(),
        rest => below_hundred(rest, "eins"),
    };
    format!("{}hundert{rest}", ONES[(value / 100) as usize])
}
