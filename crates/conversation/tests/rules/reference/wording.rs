//! What words mean to the reference model. Text is compared as one string with a space around each
//! word; the lists are the product's data, the reading of them is not.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use offhook_conversation::Patience;
use serde::Deserialize;

/// The lists of one language.
#[derive(Deserialize)]
pub(super) struct Wording {
    backchannel: Vec<String>,
    fillers: Vec<String>,
    unfinished: Vec<String>,
    digits: BTreeMap<String, u8>,
    repeats: BTreeMap<String, u8>,
    tens: Vec<String>,
    telephone: Vec<String>,
    spelling: Vec<String>,
    interrupt: Vec<String>,
}

/// How a turn looks that ends with these words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Wordless,
    /// In the middle of a telephone number.
    Dictating,
    /// Over, with this confidence in permille.
    Over(u32),
}

pub(super) static ENGLISH: LazyLock<Wording> = LazyLock::new(|| {
    let text = include_str!("../../../src/lexicon/en.toml");
    let mut lists: Wording = toml::from_str(text).expect("lists");
    for list in [
        &mut lists.backchannel,
        &mut lists.fillers,
        &mut lists.unfinished,
        &mut lists.telephone,
        &mut lists.spelling,
        &mut lists.interrupt,
    ] {
        list.iter_mut().for_each(|phrase| *phrase = spaced_text(phrase));
    }
    lists
});

impl Wording {
    /// Words that are more than listening; the longest phrase of listening is taken away first.
    pub(super) fn counted(&self, said: &[String]) -> usize {
        let mut rest = spaced(said);
        let mut counted = 0;
        while rest.len() > 1 {
            let listening = self.backchannel.iter();
            let longest = listening.filter(|phrase| rest.starts_with(*phrase)).map(String::len);
            let taken = longest.max().unwrap_or_else(|| {
                counted += 1;
                rest[1..].find(' ').map_or(rest.len(), |end| end + 2)
            });
            rest = rest[taken - 1..].to_owned();
        }
        counted
    }

    pub(super) fn is_listening(&self, said: &[String]) -> bool {
        !said.is_empty() && self.counted(said) == 0
    }

    pub(super) fn interrupts(&self, said: &[String]) -> bool {
        has_any(&self.interrupt, &spaced(said))
    }

    /// `asked` is what the agent said before.
    pub(super) fn look(&self, said: &[String], asked: &str) -> Look {
        let (text, asked) = (spaced(said), spaced_text(asked));
        if text.len() <= 1 {
            return Look::Wordless;
        }
        let is_about = |list: &[String]| has_any(list, &text) || has_any(list, &asked);
        let digits = self.digits_at_end(&text);
        if is_about(&self.telephone) && (3..10).contains(&digits) {
            return Look::Dictating;
        }
        let ends = |list: &[String]| list.iter().any(|phrase| text.ends_with(phrase));
        let is = |list: &[String]| list.contains(&text);
        let is_letter = text.trim().rsplit(' ').next().is_some_and(|word| word.len() == 1);
        let words = text.trim().split(' ').count();
        let is_whole = words <= 3 && self.is_listening(said) && !is(&self.fillers);
        let mark = said.last().and_then(|word| word.chars().next_back());
        Look::Over(if is_about(&self.spelling) && (is_letter || digits > 0) {
            100
        } else if is_whole {
            800
        } else if ends(&self.unfinished) && mark == Some('?') {
            500
        } else if ends(&self.unfinished) || ends(&self.fillers) {
            0
        } else if mark == Some('?') {
            900
        } else if matches!(mark, Some('.' | '!')) {
            700
        } else {
            500
        })
    }

    fn digits_at_end(&self, text: &str) -> usize {
        let digits = text.trim().rsplit(' ').map_while(|word| {
            let is_number = word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
            let written = word.bytes().filter(u8::is_ascii_digit).count();
            let is_pair = self.tens.iter().any(|tens| tens == word);
            match self.repeats.get(word) {
                _ if is_number => Some(written),
                Some(times) => Some(usize::from(*times) - 1),
                None if self.digits.contains_key(word) => Some(1),
                None => is_pair.then_some(2),
            }
        });
        digits.sum()
    }
}

/// Silence that ends a turn, in ms; the longest and the shortest wait are stretched between no
/// confidence and all of it.
pub(super) fn silence_needed(patience: Patience, look: Look, opinion: Option<u16>) -> u64 {
    let (least, most) = match patience {
        Patience::Low => (150, 700),
        Patience::Medium => (250, 1_200),
        Patience::High => (500, 2_500),
    };
    match look {
        Look::Wordless => 1_500,
        Look::Dictating => 3_000,
        Look::Over(_) => most - (most - least) * u64::from(confidence(look, opinion)) / 1_000,
    }
}

/// The end-of-turn model hears what words do not show: it counts twice, but not against a trailing
/// conjunction.
pub(super) fn confidence(look: Look, opinion: Option<u16>) -> u32 {
    match (look, opinion) {
        (Look::Wordless | Look::Dictating, _) => 0,
        (Look::Over(words), None) => words,
        (Look::Over(0), Some(opinion)) => (2 * u32::from(opinion) / 3).min(400),
        (Look::Over(words), Some(opinion)) => (words + 2 * u32::from(opinion)) / 3,
    }
}

/// Lower case, without the marks around a word.
pub(super) fn plain(words: &[String]) -> String {
    spaced(words).trim().to_owned()
}

/// Words of the caller as they stand in the transcript.
pub(super) fn split(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// Whether the words of one follow each other in the other.
pub(super) fn is_within(said: &[String], whole: &[String]) -> bool {
    spaced(whole).contains(&spaced(said))
}

fn has_any(list: &[String], text: &str) -> bool {
    list.iter().any(|phrase| text.contains(phrase))
}

fn spaced(words: &[String]) -> String {
    let mut text = " ".to_owned();
    for word in words {
        let core = word.trim_matches(|mark: char| !mark.is_alphanumeric()).to_lowercase();
        if !core.is_empty() {
            text.push_str(&core);
            text.push(' ');
        }
    }
    text
}

fn spaced_text(text: &str) -> String {
    spaced(&split(text))
}
