//! What is said for what is written, per language. It is data: `lexicon/<language>.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::language::Language;
use crate::numbers::Gender;

/// The words of one language.
#[derive(Debug)]
pub(crate) struct Lexicon {
    pub(crate) file: LexiconFile,
    /// Written unit or scale → its place in the list.
    units: BTreeMap<String, usize>,
    scales: BTreeMap<String, usize>,
    /// Sign or code of a currency → its place in the list.
    currencies: BTreeMap<String, usize>,
    /// Lower-case name, long or short, of a month → 1 to 12.
    months: BTreeMap<String, u8>,
    /// Abbreviation without its last full stop, lower case → its entries.
    abbreviations: BTreeMap<String, Vec<Abbreviation>>,
}

/// A lexicon as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LexiconFile {
    /// Between a whole number and its decimals.
    pub(crate) decimal: char,
    /// Between groups of three digits.
    pub(crate) groups: String,
    pub(crate) decimal_word: String,
    /// Decimals are read as a number where they have one or two digits, not digit by digit.
    pub(crate) has_decimal_numbers: bool,
    pub(crate) minus: String,
    pub(crate) plus: String,
    /// From one number to another.
    pub(crate) to: String,
    pub(crate) and: String,
    pub(crate) or: String,
    pub(crate) per: String,
    pub(crate) by: String,
    /// Before a number: `#5`.
    pub(crate) number: String,
    pub(crate) version: String,
    pub(crate) half: String,
    pub(crate) quarter: String,
    pub(crate) quarters: String,
    pub(crate) third: String,
    pub(crate) thirds: String,
    /// Between a whole number and a fraction.
    pub(crate) fraction_join: String,
    /// Between the numbers of any other fraction.
    pub(crate) fraction_over: String,
    /// Between a score and the best there is.
    pub(crate) out_of: String,
    /// The keys of a telephone, and the words before them.
    pub(crate) star: String,
    pub(crate) hash: String,
    pub(crate) key_cues: Vec<String>,
    pub(crate) months: Vec<String>,
    pub(crate) months_short: Vec<String>,
    pub(crate) weekdays: Vec<String>,
    pub(crate) weekdays_short: Vec<String>,
    /// A day of a month, and with its year.
    pub(crate) day_month: String,
    pub(crate) day_month_year: String,
    pub(crate) time: TimeWords,
    pub(crate) money: MoneyWords,
    /// Telephone numbers written in pairs are read as numbers below a hundred.
    pub(crate) has_phone_pairs: bool,
    /// What is said of the marks in an address of the web.
    pub(crate) web: BTreeMap<char, String>,
    pub(crate) symbols: BTreeMap<char, String>,
    /// Said as a whole, whatever the parts mean.
    pub(crate) fixed: BTreeMap<String, String>,
    /// A number behind one of these is read digit by digit.
    pub(crate) digit_cues: Vec<String>,
    /// A telephone number follows.
    pub(crate) phone_cues: Vec<String>,
    /// A year follows.
    pub(crate) year_cues: Vec<String>,
    /// A date without year follows.
    pub(crate) date_cues: Vec<String>,
    /// A time follows, so that `9.30` is one.
    #[serde(default)]
    pub(crate) time_cues: Vec<String>,
    /// A number of a room or road follows, read in pairs.
    #[serde(default)]
    pub(crate) pair_cues: Vec<String>,
    /// Endings of nouns of which most are feminine, and of exceptions among them.
    #[serde(default)]
    pub(crate) feminine_endings: Vec<String>,
    #[serde(default)]
    pub(crate) masculine_endings: Vec<String>,
    /// Words behind a number that it does not count.
    #[serde(default)]
    pub(crate) function_words: Vec<String>,
    /// Endings of compounds that are written short: `Hauptstr.`
    #[serde(default)]
    pub(crate) abbreviated_endings: BTreeMap<String, String>,
    /// A clause may begin with one of these, without a comma before it.
    pub(crate) openers: Vec<String>,
    /// Natural hesitations, for `realistic_filler_words`.
    pub(crate) hesitations: Vec<String>,
    currencies: Vec<Currency>,
    scales: Vec<Noun>,
    units: Vec<Noun>,
    abbreviations: Vec<Abbreviation>,
    /// `CA` → California, before a postcode.
    #[serde(default)]
    pub(crate) states: BTreeMap<String, String>,
    /// Names that Roman numerals follow.
    #[serde(default)]
    pub(crate) regnal_names: Vec<String>,
    /// What has a Roman number, said as a cardinal.
    #[serde(default)]
    pub(crate) roman_nouns: Vec<String>,
}

/// How times are said: `{h}` and `{m}` stand for the numbers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimeWords {
    pub(crate) one: String,
    pub(crate) many: String,
    /// From 13 on.
    pub(crate) late: String,
    pub(crate) one_minutes: String,
    pub(crate) many_minutes: String,
    /// Two o'clock or one o'clock: the gender of the hour.
    pub(crate) gender: Gender,
    /// Written behind a time and part of it.
    pub(crate) suffixes: Vec<String>,
    pub(crate) am: String,
    pub(crate) pm: String,
}

/// How amounts of money are said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoneyWords {
    /// Between the whole and the hundredths.
    pub(crate) join: String,
    /// Whether the hundredths are named behind a whole.
    pub(crate) names_minor: bool,
    /// Between a million and the currency, before a consonant and before a vowel.
    pub(crate) of: String,
    pub(crate) of_vowel: String,
}

/// A currency.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Currency {
    signs: Vec<String>,
    pub(crate) one: String,
    pub(crate) many: String,
    pub(crate) minor_one: String,
    pub(crate) minor_many: String,
    #[serde(default)]
    pub(crate) gender: Gender,
    #[serde(default)]
    pub(crate) minor_gender: Gender,
}

/// A unit, or a word for a large number.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Noun {
    written: Vec<String>,
    pub(crate) one: String,
    pub(crate) many: String,
    #[serde(default)]
    pub(crate) gender: Gender,
    /// Also understood with a space before it. One letter is usually a word of its own.
    #[serde(default = "yes")]
    pub(crate) may_stand_apart: bool,
}

const fn yes() -> bool {
    true
}

/// An abbreviation that ends in a full stop.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Abbreviation {
    written: String,
    pub(crate) spoken: String,
    #[serde(default)]
    pub(crate) when: When,
    /// A sentence may end with it.
    #[serde(default)]
    pub(crate) may_end: bool,
    /// Also without its full stop.
    #[serde(default)]
    pub(crate) is_bare: bool,
}

/// What must stand around an abbreviation for it to be one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum When {
    /// Anything.
    #[default]
    Always,
    /// A capital letter behind it.
    BeforeCapital,
    /// A name before it.
    AfterCapital,
    /// A digit behind it.
    BeforeDigit,
}

const FILES: [&str; 6] = [
    include_str!("lexicon/en.toml"),
    include_str!("lexicon/de.toml"),
    include_str!("lexicon/es.toml"),
    include_str!("lexicon/fr.toml"),
    include_str!("lexicon/it.toml"),
    include_str!("lexicon/pt.toml"),
];

static LEXICONS: LazyLock<[Lexicon; FILES.len() + 1]> = LazyLock::new(|| {
    let [en, de, es, fr, it, pt] = FILES.map(Lexicon::parse);
    let mut american = Lexicon::parse(FILES[2]);
    (american.file.decimal, american.file.groups) = ('.', ",".to_owned());
    american.file.decimal_word = "punto".to_owned();
    [en, de, es, fr, it, pt, american]
});

impl Lexicon {
    /// The lexicon of a language.
    pub(crate) fn of(language: Language) -> &'static Self {
        let index = match language {
            Language::English | Language::EnglishBritish => 0,
            Language::German => 1,
            Language::Spanish => 2,
            Language::French => 3,
            Language::Italian => 4,
            Language::Portuguese | Language::PortugueseEuropean => 5,
            Language::SpanishAmerican => 6,
        };
        &LEXICONS[index]
    }

    /// A unit as it is written.
    pub(crate) fn unit(&self, written: &str) -> Option<&Noun> {
        self.units.get(written).map(|index| &self.file.units[*index])
    }

    /// A word for a large number as it is written.
    pub(crate) fn scale(&self, written: &str) -> Option<&Noun> {
        self.scales.get(written).map(|index| &self.file.scales[*index])
    }

    /// A currency by its sign or code.
    pub(crate) fn currency(&self, sign: &str) -> Option<&Currency> {
        self.currencies.get(sign).map(|index| &self.file.currencies[*index])
    }

    /// The month of this name, 1 to 12.
    pub(crate) fn month(&self, name: &str) -> Option<u8> {
        self.months.get(&name.to_lowercase()).copied()
    }

    /// What a word may abbreviate; without its last full stop.
    pub(crate) fn abbreviations(&self, word: &str) -> &[Abbreviation] {
        self.abbreviations.get(&word.to_lowercase()).map_or(&[], Vec::as_slice)
    }

    /// The probable gender of a noun, from its ending.
    pub(crate) fn gender_of(&self, noun: &str) -> Gender {
        let noun = noun.to_lowercase();
        let ends = |endings: &[String]| endings.iter().any(|ending| noun.ends_with(ending));
        let is_feminine = ends(&self.file.feminine_endings) && !ends(&self.file.masculine_endings);
        if is_feminine { Gender::Feminine } else { Gender::Masculine }
    }

    fn parse(file: &str) -> Self {
        let file: LexiconFile =
            toml::from_str(file).expect("the lexicons are read by a test of every language");
        let nouns = |nouns: &[Noun]| -> BTreeMap<String, usize> {
            let written = nouns.iter().enumerate();
            written
                .flat_map(|(index, noun)| noun.written.iter().map(move |w| (w.clone(), index)))
                .collect()
        };
        let currencies = file.currencies.iter().enumerate();
        let currencies = currencies
            .flat_map(|(index, currency)| currency.signs.iter().map(move |s| (s.clone(), index)))
            .collect();
        let mut months = BTreeMap::new();
        for names in [&file.months_short, &file.months] {
            for (name, number) in names.iter().zip(1_u8..) {
                months.insert(name.to_lowercase(), number);
            }
        }
        let mut abbreviations: BTreeMap<String, Vec<Abbreviation>> = BTreeMap::new();
        for entry in &file.abbreviations {
            let key = entry.written.strip_suffix('.').unwrap_or(&entry.written).to_lowercase();
            if let Some(month) = months.get(&entry.spoken.to_lowercase()).copied() {
                months.insert(key.clone(), month);
            }
            abbreviations.entry(key).or_default().push(entry.clone());
        }
        let (units, scales) = (nouns(&file.units), nouns(&file.scales));
        Self { file, units, scales, currencies, months, abbreviations }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_list() {
        for language in Language::ALL {
            let Lexicon { file, .. } = Lexicon::of(language);
            assert_eq!(file.months.len(), 12, "{language:?}");
            assert_eq!(file.weekdays.len(), 7, "{language:?}");
            assert!(file.currencies.len() >= 6, "{language:?}");
            assert!(file.units.len() >= 25, "{language:?}");
            assert!(file.abbreviations.len() >= 12, "{language:?}");
            assert!(file.openers.len() >= 4 && file.hesitations.len() >= 3, "{language:?}");
            for mark in ['.', '@', '-', '_', '/', ':'] {
                assert!(file.web.contains_key(&mark), "{language:?} {mark}");
            }
        }
    }
}
