//! A lexicon as it is written in its file.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::numbers::Gender;

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
    /// What something is counted per: `days/week`.
    pub(crate) per_words: Vec<String>,
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
    /// Numbers of services that everybody knows digit by digit, behind one of these or of the words
    /// before keys.
    #[serde(default)]
    pub(crate) service_numbers: Vec<String>,
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
    pub(super) currencies: Vec<Currency>,
    pub(super) scales: Vec<Noun>,
    pub(super) units: Vec<Noun>,
    pub(super) abbreviations: Vec<Abbreviation>,
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
    pub(super) signs: Vec<String>,
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
    pub(super) written: Vec<String>,
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
    pub(super) written: String,
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
