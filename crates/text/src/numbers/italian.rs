//! Italian numbers: one word below a million, vowels elided before "uno" and "otto", an accent on
//! a final "tré".

use super::{Form, Gender, thousands};

const ONES: [&str; 20] = [
    "zero",
    "uno",
    "due",
    "tre",
    "quattro",
    "cinque",
    "sei",
    "sette",
    "otto",
    "nove",
    "dieci",
    "undici",
    "dodici",
    "tredici",
    "quattordici",
    "quindici",
    "sedici",
    "diciassette",
    "diciotto",
    "diciannove",
];
const TENS: [&str; 10] = [
    "",
    "",
    "venti",
    "trenta",
    "quaranta",
    "cinquanta",
    "sessanta",
    "settanta",
    "ottanta",
    "novanta",
];
const POWERS: [(&str, &str); 5] = [
    ("milione", "milioni"),
    ("miliardo", "miliardi"),
    ("bilione", "bilioni"),
    ("biliardo", "biliardi"),
    ("trilione", "trilioni"),
];

pub(super) const ORDINALS: [&str; 20] = [
    "primo",
    "secondo",
    "terzo",
    "quarto",
    "quinto",
    "sesto",
    "settimo",
    "ottavo",
    "nono",
    "decimo",
    "undicesimo",
    "dodicesimo",
    "tredicesimo",
    "quattordicesimo",
    "quindicesimo",
    "sedicesimo",
    "diciassettesimo",
    "diciottesimo",
    "diciannovesimo",
    "ventesimo",
];

pub(super) fn cardinal(value: u64, form: Form) -> String {
    match (value, form) {
        (0, _) => return ONES[0].to_owned(),
        (1, Form::Before(Gender::Masculine | Gender::Neuter)) => return "un".to_owned(),
        (1, Form::Before(Gender::Feminine)) => return "una".to_owned(),
        _ => {}
    }
    let mut parts: Vec<String> = Vec::new();
    let mut small = String::new();
    for (group, power) in thousands(value) {
        match (power, group) {
            (0, _) => {
                let words = below_thousand(group);
                small.push_str(if !small.is_empty() && words == "tre" { "tré" } else { &words });
            }
            (1, 1) => small.push_str("mille"),
            (1, _) => {
                small.push_str(below_thousand(group).trim_end_matches('é'));
                if group % 10 == 3 && group > 3 && group % 100 != 13 {
                    small.push('e');
                }
                small.push_str("mila");
            }
            _ => {
                let (single, many) = POWERS[power as usize - 2];
                let is_one = group == 1;
                let words = if is_one { "un".to_owned() } else { below_thousand(group) };
                parts.push(format!("{words} {}", if is_one { single } else { many }));
            }
        }
    }
    if !small.is_empty() {
        parts.push(small);
    }
    parts.join(" ")
}

fn below_thousand(value: u64) -> String {
    let rest = match value % 100 {
        0 => String::new(),
        rest => below_hundred(rest),
    };
    let hundred = match value / 100 {
        0 => return rest,
        1 => "cento".to_owned(),
        hundreds => format!("{}cento", ONES[hundreds as usize]),
    };
    match rest.as_str() {
        "tre" => format!("{hundred}tré"),
        // "centotto", "centottanta", but "centouno".
        _ if rest.starts_with("ott") => {
            format!("{}{rest}", hundred.strip_suffix('o').unwrap_or(&hundred))
        }
        _ => format!("{hundred}{rest}"),
    }
}

fn below_hundred(value: u64) -> String {
    let (tens, ones) = (value / 10, value % 10);
    let ten = TENS[tens as usize];
    match (tens, ones) {
        (0 | 1, _) => ONES[value as usize].to_owned(),
        (_, 0) => ten.to_owned(),
        (_, 1 | 8) => format!("{}{}", &ten[..ten.len() - 1], ONES[ones as usize]),
        (_, 3) => format!("{ten}tré"),
        _ => format!("{ten}{}", ONES[ones as usize]),
    }
}
