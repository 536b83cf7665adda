//! Portuguese numbers: "e" joins within a hundred, and before a last group that is small or round.

use super::{Form, thousands};

/// What Brazil and Portugal say differently.
#[derive(Clone, Copy)]
pub(super) struct Region {
    /// 14, 16, 17 and 19.
    teens: [&'static str; 4],
    /// Whether 10⁹ has a word of its own.
    has_short_billion: bool,
}

pub(super) const BRAZIL: Region =
    Region { teens: ["quatorze", "dezesseis", "dezessete", "dezenove"], has_short_billion: true };
pub(super) const EUROPE: Region =
    Region { teens: ["catorze", "dezasseis", "dezassete", "dezanove"], has_short_billion: false };

const ONES: [&str; 20] = [
    "zero", "um", "dois", "três", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez", "onze",
    "doze", "treze", "", "quinze", "", "", "dezoito", "",
];
const TENS: [&str; 10] = [
    "",
    "",
    "vinte",
    "trinta",
    "quarenta",
    "cinquenta",
    "sessenta",
    "setenta",
    "oitenta",
    "noventa",
];
const HUNDREDS: [&str; 10] = [
    "",
    "cento",
    "duzent",
    "trezent",
    "quatrocent",
    "quinhent",
    "seiscent",
    "setecent",
    "oitocent",
    "novecent",
];
const POWERS: [(&str, &str); 5] = [
    ("milhão", "milhões"),
    ("bilhão", "bilhões"),
    ("trilhão", "trilhões"),
    ("quatrilhão", "quatrilhões"),
    ("quintilhão", "quintilhões"),
];

pub(super) const ORDINALS: [&str; 20] = [
    "primeiro",
    "segundo",
    "terceiro",
    "quarto",
    "quinto",
    "sexto",
    "sétimo",
    "oitavo",
    "nono",
    "décimo",
    "décimo primeiro",
    "décimo segundo",
    "décimo terceiro",
    "décimo quarto",
    "décimo quinto",
    "décimo sexto",
    "décimo sétimo",
    "décimo oitavo",
    "décimo nono",
    "vigésimo",
];

pub(super) fn cardinal(value: u64, form: Form, region: Region) -> String {
    if value == 0 {
        return ONES[0].to_owned();
    }
    if !region.has_short_billion && value >= 1_000_000_000 {
        return long_scale(value, form, region);
    }
    let mut words = String::new();
    for (group, power) in thousands(value) {
        if !words.is_empty() {
            let is_last = value.is_multiple_of(1_000_u64.pow(power));
            let is_joined = is_last && (group < 100 || group.is_multiple_of(100));
            words.push_str(if is_joined { " e " } else { " " });
        }
        match (power, group) {
            (0, _) => words.push_str(&below_thousand(group, form, region)),
            (1, 1) => words.push_str("mil"),
            (1, _) => {
                words.push_str(&below_thousand(group, form, region));
                words.push_str(" mil");
            }
            _ => {
                let (single, many) = POWERS[power as usize - 2];
                words.push_str(&below_thousand(group, Form::Alone, region));
                words.push(' ');
                words.push_str(if group == 1 { single } else { many });
            }
        }
    }
    words
}

/// Millions are counted up to a million of them, which is a "bilião".
fn long_scale(value: u64, form: Form, region: Region) -> String {
    const MILLION: u64 = 1_000_000;
    let named = |count: u64, single: &str, many: &str| {
        let name = if count == 1 { single } else { many };
        format!("{} {name}", cardinal(count, Form::Alone, region))
    };
    let mut parts = Vec::new();
    let (high, millions, rest) =
        (value / MILLION / MILLION, value / MILLION % MILLION, value % MILLION);
    if high >= MILLION {
        parts.push(named(high / MILLION, "trilião", "triliões"));
    }
    if !high.is_multiple_of(MILLION) {
        parts.push(named(high % MILLION, "bilião", "biliões"));
    }
    if millions > 0 {
        parts.push(named(millions, "milhão", "milhões"));
    }
    if rest > 0 {
        let last = if rest.is_multiple_of(1_000) { rest / 1_000 } else { rest };
        let is_joined = last < 100 || last < 1_000 && last.is_multiple_of(100);
        let and = if is_joined { "e " } else { "" };
        parts.push(format!("{and}{}", cardinal(rest, form, region)));
    }
    parts.join(" ")
}

fn below_thousand(value: u64, form: Form, region: Region) -> String {
    let ending = if form.is_feminine() { "as" } else { "os" };
    let hundreds = match value / 100 {
        0 => return below_hundred(value, form, region),
        1 if value == 100 => return "cem".to_owned(),
        1 => HUNDREDS[1].to_owned(),
        hundreds => format!("{}{ending}", HUNDREDS[hundreds as usize]),
    };
    match value % 100 {
        0 => hundreds,
        rest => format!("{hundreds} e {}", below_hundred(rest, form, region)),
    }
}

fn below_hundred(value: u64, form: Form, region: Region) -> String {
    let ones = match value % 10 {
        1 if form.is_feminine() => "uma",
        2 if form.is_feminine() => "duas",
        ones => ONES[ones as usize],
    };
    let [fourteen, sixteen, seventeen, nineteen] = region.teens;
    match (value / 10, value % 10) {
        (0, _) => ones,
        (1, 4) => fourteen,
        (1, 6) => sixteen,
        (1, 7) => seventeen,
        (1, 9) => nineteen,
        (1, _) => ONES[value as usize],
        (tens, 0) => TENS[tens as usize],
        (tens, _) => return format!("{} e {ones}", TENS[tens as usize]),
    }
    .to_owned()
}
