//! Whole numbers in words. One small file per language holds what no table can: how the words
//! join. The conventions are those of the Unicode CLDR spell-out rules, from knowledge.

mod english;
mod french;
mod german;
mod italian;
mod portuguese;
mod spanish;

use crate::language::Language;

/// The gender of what is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Gender {
    /// Masculine, and every noun of English.
    #[default]
    Masculine,
    /// Feminine.
    Feminine,
    /// Neuter (German).
    Neuter,
}

/// What stands behind a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Nothing that it agrees with: counting, digits, years.
    Alone,
    /// A noun.
    Before(Gender),
}

impl Form {
    const fn is_feminine(self) -> bool {
        matches!(self, Self::Before(Gender::Feminine))
    }
}

/// The number in words.
pub(crate) fn cardinal(language: Language, value: u64, form: Form) -> String {
    match language {
        Language::English => english::cardinal(value, ""),
        Language::EnglishBritish => english::cardinal(value, "and "),
        Language::German => german::cardinal(value, form),
        Language::Spanish | Language::SpanishAmerican => spanish::cardinal(value, form),
        Language::French => french::cardinal(value, form),
        Language::Italian => italian::cardinal(value, form),
        Language::Portuguese => portuguese::cardinal(value, form, portuguese::BRAZIL),
        Language::PortugueseEuropean => portuguese::cardinal(value, form, portuguese::EUROPE),
    }
}

/// The ordinal in words. Where people count on with cardinals (the twenty-third in Spanish), the
/// cardinal.
pub(crate) fn ordinal(language: Language, value: u64, form: Form) -> String {
    let listed = |words: &[&str], feminine: fn(&str) -> String| {
        let word = usize::try_from(value).ok().and_then(|value| words.get(value.checked_sub(1)?));
        word.map(|word| if form.is_feminine() { feminine(word) } else { (*word).to_owned() })
    };
    let listed = match language {
        Language::English => return english::ordinal(value, ""),
        Language::EnglishBritish => return english::ordinal(value, "and "),
        Language::German => return german::ordinal(value),
        Language::French => return french::ordinal(value, form),
        Language::Spanish | Language::SpanishAmerican => listed(&spanish::ORDINALS, final_a),
        Language::Italian => listed(&italian::ORDINALS, final_a),
        Language::Portuguese | Language::PortugueseEuropean => {
            listed(&portuguese::ORDINALS, all_final_a)
        }
    };
    listed.unwrap_or_else(|| cardinal(language, value, form))
}

/// A year in words.
pub(crate) fn year(language: Language, value: u64) -> String {
    match language {
        Language::English | Language::EnglishBritish => english::year(value, language),
        Language::German => german::year(value),
        Language::Spanish
        | Language::SpanishAmerican
        | Language::French
        | Language::Italian
        | Language::Portuguese
        | Language::PortugueseEuropean => cardinal(language, value, Form::Alone),
    }
}

/// Each digit in words, with a space between.
pub(crate) fn digits(language: Language, digits: &str) -> String {
    let mut words = String::new();
    for digit in digits.bytes().filter(u8::is_ascii_digit) {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(&cardinal(language, u64::from(digit - b'0'), Form::Alone));
    }
    words
}

fn final_a(word: &str) -> String {
    word.strip_suffix('o').map_or_else(|| word.to_owned(), |stem| format!("{stem}a"))
}

/// "décimo primeiro" agrees in both words.
fn all_final_a(words: &str) -> String {
    words.split(' ').map(final_a).collect::<Vec<_>>().join(" ")
}

/// A number in groups of three digits, the highest first, with each group's power of a thousand.
/// Groups of nothing are left out.
fn thousands(value: u64) -> impl Iterator<Item = (u64, u32)> {
    (0..7_u32).rev().filter_map(move |power| {
        let group = value / 1_000_u64.pow(power) % 1_000;
        (group > 0).then_some((group, power))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every number has words, different ones, in every language and form.
    #[test]
    fn numbers_have_words_of_their_own() {
        for language in Language::ALL {
            let mut seen = std::collections::BTreeSet::new();
            for value in (0..3_000).chain((3_000..2_000_000).step_by(997)) {
                let words = cardinal(language, value, Form::Alone);
                assert!(!words.contains("  ") && words.trim() == words, "{words:?}");
                assert!(seen.insert(words.clone()), "{language:?} {value}: {words}");
            }
            assert!(!cardinal(language, u64::MAX, Form::Alone).is_empty());
        }
    }
}
