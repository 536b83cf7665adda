//! What is said for what is written, per language. It is data: `lexicon/<language>.toml`.

mod lexicon_file;

use std::collections::BTreeMap;
use std::sync::LazyLock;

pub(crate) use lexicon_file::{Abbreviation, Currency, Noun, When};

use lexicon_file::LexiconFile;

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
    // The sign of most countries there, which write US$ for the other.
    if let Some(peso) = american.currencies.get("MXN").copied() {
        american.currencies.insert("$".to_owned(), peso);
    }
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
