//! The words that rules look for, per language. They are data: `lexicon/<language>.toml`.
//!
//! A language without a file falls back to English lists, which then match nothing by accident and
//! leave the decision to voice and time.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::words::words;

/// The words of one language.
#[derive(Debug)]
pub(crate) struct Lexicon {
    /// Said to show that one listens.
    pub(crate) backchannel: Vec<Vec<String>>,
    /// Said while thinking.
    pub(crate) fillers: Vec<Vec<String>>,
    /// A turn that ends with one of these is not finished.
    pub(crate) unfinished: Vec<Vec<String>>,
    /// Digits as they are dictated.
    pub(crate) digits: BTreeMap<String, u8>,
    /// Words that repeat the digit behind them.
    pub(crate) repeats: BTreeMap<String, u8>,
    /// Two-digit numbers that are read as digits in pairs.
    pub(crate) tens: Vec<String>,
    /// A number in this company is a telephone number.
    pub(crate) telephone: Vec<Vec<String>>,
    /// Something is being spelled.
    pub(crate) spelling: Vec<Vec<String>>,
    /// The caller wants to be heard at once.
    pub(crate) interrupt: Vec<Vec<String>>,
    /// Somebody takes leave.
    pub(crate) farewells: Vec<Vec<String>>,
    /// Said around a farewell.
    pub(crate) thanks: Vec<Vec<String>>,
    /// Said when a telephone is picked up.
    pub(crate) greetings: Vec<Vec<String>>,
    /// Said by answering machines.
    pub(crate) machine: Vec<Vec<String>>,
    /// Said by machines, and by people who answer for others.
    pub(crate) unavailable: Vec<Vec<String>>,
    /// No message can be left.
    pub(crate) mailbox_full: Vec<Vec<String>>,
    /// Who calls is asked.
    pub(crate) screening: Vec<Vec<String>>,
    /// To wait is asked.
    pub(crate) hold: Vec<Vec<String>>,
    /// Said by telephone menus.
    pub(crate) menu: Vec<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LexiconFile {
    backchannel: Vec<String>,
    fillers: Vec<String>,
    unfinished: Vec<String>,
    digits: BTreeMap<String, u8>,
    repeats: BTreeMap<String, u8>,
    tens: Vec<String>,
    telephone: Vec<String>,
    spelling: Vec<String>,
    interrupt: Vec<String>,
    farewells: Vec<String>,
    thanks: Vec<String>,
    greetings: Vec<String>,
    machine: Vec<String>,
    unavailable: Vec<String>,
    mailbox_full: Vec<String>,
    screening: Vec<String>,
    hold: Vec<String>,
    menu: Vec<String>,
}

/// Primary language subtag (BCP 47) and its file.
const FILES: [(&str, &str); 6] = [
    ("en", include_str!("lexicon/en.toml")),
    ("de", include_str!("lexicon/de.toml")),
    ("es", include_str!("lexicon/es.toml")),
    ("fr", include_str!("lexicon/fr.toml")),
    ("it", include_str!("lexicon/it.toml")),
    ("pt", include_str!("lexicon/pt.toml")),
];

static LEXICONS: LazyLock<[Lexicon; FILES.len()]> =
    LazyLock::new(|| FILES.map(|(_, file)| Lexicon::parse(file)));

impl Lexicon {
    /// The lexicon of a BCP 47 language tag.
    pub(crate) fn of_language(tag: &str) -> &'static Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        let index = FILES.iter().position(|(code, _)| code.eq_ignore_ascii_case(primary));
        &LEXICONS[index.unwrap_or_default()]
    }

    fn parse(file: &str) -> Self {
        let file: LexiconFile =
            toml::from_str(file).expect("the lexicons are read by a test of every language");
        let phrases = |list: Vec<String>| -> Vec<Vec<String>> {
            list.iter().map(|phrase| words(phrase)).collect()
        };
        Self {
            backchannel: phrases(file.backchannel),
            fillers: phrases(file.fillers),
            unfinished: phrases(file.unfinished),
            digits: file.digits,
            repeats: file.repeats,
            tens: file.tens,
            telephone: phrases(file.telephone),
            spelling: phrases(file.spelling),
            interrupt: phrases(file.interrupt),
            farewells: phrases(file.farewells),
            thanks: phrases(file.thanks),
            greetings: phrases(file.greetings),
            machine: phrases(file.machine),
            unavailable: phrases(file.unavailable),
            mailbox_full: phrases(file.mailbox_full),
            screening: phrases(file.screening),
            hold: phrases(file.hold),
            menu: phrases(file.menu),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_list_in_comparable_words() {
        for (code, _) in FILES {
            let lexicon = Lexicon::of_language(code);
            let lists = [
                (&lexicon.backchannel, 15),
                (&lexicon.fillers, 5),
                (&lexicon.unfinished, 40),
                (&lexicon.telephone, 8),
                (&lexicon.spelling, 8),
                (&lexicon.interrupt, 8),
                (&lexicon.farewells, 14),
                (&lexicon.thanks, 15),
                (&lexicon.greetings, 15),
                (&lexicon.machine, 10),
                (&lexicon.unavailable, 8),
                (&lexicon.mailbox_full, 5),
                (&lexicon.screening, 10),
                (&lexicon.hold, 8),
                (&lexicon.menu, 12),
            ];
            for (list, least) in lists {
                assert!(list.len() >= least, "{code}: {list:?}");
                assert!(list.iter().all(|phrase| !phrase.is_empty()), "{code}: {list:?}");
            }
            let values: std::collections::BTreeSet<u8> = lexicon.digits.values().copied().collect();
            assert_eq!(values, (0..=9).collect(), "{code}");
            let single = |word: &String| words(word) == [word.clone()];
            assert!(lexicon.tens.iter().all(single), "{code}: {:?}", lexicon.tens);
            assert!(lexicon.digits.keys().chain(lexicon.repeats.keys()).all(single), "{code}");
        }
    }

    #[test]
    fn a_regional_tag_finds_its_language_and_an_unknown_one_english() {
        assert!(std::ptr::eq(Lexicon::of_language("pt-BR"), Lexicon::of_language("PT")));
        assert!(std::ptr::eq(Lexicon::of_language("xx"), Lexicon::of_language("en")));
    }
}
