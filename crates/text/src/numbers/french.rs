//! French numbers as in France: 70 and 90 count on from 60 and 80. Hyphens join what is below a
//! hundred, "et" included (spelling of 1990).

use super::{Form, Gender, thousands};

const ONES: [&str; 20] = [
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze",
    "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf",
];
const TENS: [&str; 10] = [
    "",
    "",
    "vingt",
    "trente",
    "quarante",
    "cinquante",
    "soixante",
    "soixante",
    "quatre-vingt",
    "quatre-vingt",
];
/// Powers of a thousand from the million on; many have an "s".
const POWERS: [&str; 5] = ["million", "milliard", "billion", "billiard", "trillion"];

pub(super) fn cardinal(value: u64, form: Form) -> String {
    if value == 0 {
        return ONES[0].to_owned();
    }
    let mut parts = Vec::new();
    for (group, power) in thousands(value) {
        match (power, group) {
            (0, _) => parts.push(below_thousand(group, form.is_feminine(), true)),
            (1, 1) => parts.push("mille".to_owned()),
            // "mille" is no noun: "quatre-vingt mille", "deux cent mille".
            (1, _) => parts.push(format!("{} mille", below_thousand(group, false, false))),
            _ => {
                let plural = if group > 1 { "s" } else { "" };
                let words = below_thousand(group, false, true);
                parts.push(format!("{words} {}{plural}", POWERS[power as usize - 2]));
            }
        }
    }
    parts.join(" ")
}

fn below_thousand(value: u64, is_feminine: bool, is_last: bool) -> String {
    match (value / 100, value % 100) {
        (0, rest) => below_hundred(rest, is_feminine, is_last),
        (1, 0) => "cent".to_owned(),
        (1, rest) => format!("cent {}", below_hundred(rest, is_feminine, is_last)),
        (hundreds, 0) => {
            format!("{} cent{}", ONES[hundreds as usize], if is_last { "s" } else { "" })
        }
        (hundreds, rest) => {
            let rest = below_hundred(rest, is_feminine, is_last);
            format!("{} cent {rest}", ONES[hundreds as usize])
        }
    }
}

fn below_hundred(value: u64, is_feminine: bool, is_last: bool) -> String {
    let one = if is_feminine { "une" } else { "un" };
    let (tens, ones) = (value / 10, value % 10);
    match (tens, ones) {
        (0, 1) => one.to_owned(),
        (0 | 1, _) => ONES[value as usize].to_owned(),
        (8, 0) => format!("quatre-vingt{}", if is_last { "s" } else { "" }),
        (8, 1) => format!("quatre-vingt-{one}"),
        (7, 1) => "soixante-et-onze".to_owned(),
        (7 | 9, _) => format!("{}-{}", TENS[tens as usize], ONES[ones as usize + 10]),
        (_, 0) => TENS[tens as usize].to_owned(),
        (_, 1) => format!("{}-et-{one}", TENS[tens as usize]),
        _ => format!("{}-{}", TENS[tens as usize], ONES[ones as usize]),
    }
}

pub(super) fn ordinal(value: u64, form: Form) -> String {
    if value == 1 {
        let is_feminine = form == Form::Before(Gender::Feminine);
        return if is_feminine { "première" } else { "premier" }.to_owned();
    }
    let words = cardinal(value, Form::Alone);
    let words = words.strip_suffix('s').filter(|_| words.ends_with("ts")).unwrap_or(&words);
    let stem = match words {
        words if words.ends_with("cinq") => format!("{words}u"),
        words if words.ends_with("neuf") => {
            format!("{}v", words.strip_suffix('f').unwrap_or(words))
        }
        words => words.strip_suffix('e').unwrap_or(words).to_owned(),
    };
    format!("{stem}ième")
}
