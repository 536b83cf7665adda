//! Spanish numbers: "uno" loses its ending before a noun, hundreds agree with it.

use super::{Form, Gender, thousands};

const ONES: [&str; 30] = [
    "cero",
    "uno",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "once",
    "doce",
    "trece",
    "catorce",
    "quince",
    "dieciséis",
    "diecisiete",
    "dieciocho",
    "diecinueve",
    "veinte",
    "veintiuno",
    "veintidós",
    "veintitrés",
    "veinticuatro",
    "veinticinco",
    "veintiséis",
    "veintisiete",
    "veintiocho",
    "veintinueve",
];
const TENS: [&str; 10] =
    ["", "", "", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"];
const HUNDREDS: [&str; 10] = [
    "",
    "ciento",
    "doscient",
    "trescient",
    "cuatrocient",
    "quinient",
    "seiscient",
    "setecient",
    "ochocient",
    "novecient",
];
/// One and many of a million, a million millions, and so on.
const POWERS: [(&str, &str); 4] =
    [("", ""), ("millón", "millones"), ("billón", "billones"), ("trillón", "trillones")];

pub(super) const ORDINALS: [&str; 12] = [
    "primero",
    "segundo",
    "tercero",
    "cuarto",
    "quinto",
    "sexto",
    "séptimo",
    "octavo",
    "noveno",
    "décimo",
    "undécimo",
    "duodécimo",
];

pub(super) fn cardinal(value: u64, form: Form) -> String {
    if value == 0 {
        return ONES[0].to_owned();
    }
    let before = Form::Before(Gender::Masculine);
    let mut parts = Vec::new();
    for power in (0..4_u32).rev() {
        // Counted in millions: the thousands of a million are "mil millones".
        let group = value / 1_000_000_u64.pow(power) % 1_000_000;
        if group == 0 {
            continue;
        }
        parts.push(below_million(group, if power == 0 { form } else { before }));
        if power > 0 {
            let (single, many) = POWERS[power as usize];
            parts.push(if group == 1 { single } else { many }.to_owned());
        }
    }
    parts.join(" ")
}

fn below_million(value: u64, form: Form) -> String {
    let mut parts = Vec::new();
    for (group, power) in thousands(value) {
        match (power, group) {
            (0, _) => parts.push(below_thousand(group, form)),
            (_, 1) => parts.push("mil".to_owned()),
            _ => {
                let form = if form.is_feminine() { form } else { Form::Before(Gender::Masculine) };
                parts.push(format!("{} mil", below_thousand(group, form)));
            }
        }
    }
    parts.join(" ")
}

fn below_thousand(value: u64, form: Form) -> String {
    let ending = if form.is_feminine() { "as" } else { "os" };
    match (value / 100, value % 100) {
        (0, rest) => below_hundred(rest, form),
        (1, 0) => "cien".to_owned(),
        (1, rest) => format!("ciento {}", below_hundred(rest, form)),
        (hundreds, 0) => format!("{}{ending}", HUNDREDS[hundreds as usize]),
        (hundreds, rest) => {
            format!("{}{ending} {}", HUNDREDS[hundreds as usize], below_hundred(rest, form))
        }
    }
}

fn below_hundred(value: u64, form: Form) -> String {
    let one = match form {
        Form::Alone => "uno",
        Form::Before(Gender::Masculine | Gender::Neuter) => "un",
        Form::Before(Gender::Feminine) => "una",
    };
    match (value / 10, value % 10) {
        (0, 1) => one.to_owned(),
        (2, 1) if one == "un" => "veintiún".to_owned(),
        (2, 1) => format!("veinti{one}"),
        (0..=2, _) => ONES[value as usize].to_owned(),
        (tens, 0) => TENS[tens as usize].to_owned(),
        (tens, 1) => format!("{} y {one}", TENS[tens as usize]),
        (tens, ones) => format!("{} y {}", TENS[tens as usize], ONES[ones as usize]),
    }
}
