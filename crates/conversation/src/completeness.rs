//! Does a turn look finished? Evidence from its words alone: a trailing conjunction or filler, a
//! number that is being dictated, an address that is being spelled, a full stop.

use crate::lexicon::Lexicon;
use crate::rules::{DICTATED_DIGITS_ENOUGH, DICTATED_DIGITS_MIN, confidence};
use crate::words::{contains, count_without, ends_with, words};

/// What the words of a turn say about its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completeness {
    /// Nothing was recognised.
    Wordless,
    /// In the middle of a telephone number: this many digits at its end.
    Dictating(u8),
    /// Finished with this confidence, in permille.
    Confident(u16),
}

/// Judges the caller's words so far; `asked` is what the agent said before.
pub(crate) fn completeness(text: &str, asked: &str, lexicon: &Lexicon) -> Completeness {
    let said = words(text);
    if said.is_empty() {
        return Completeness::Wordless;
    }
    let is_about =
        |list: &[Vec<String>], said: &[String]| list.iter().any(|phrase| contains(said, phrase));
    let asked = words(asked);
    let digits = trailing_digits(&said, lexicon);
    let is_telephone = is_about(&lexicon.telephone, &said) || is_about(&lexicon.telephone, &asked);
    if is_telephone && (DICTATED_DIGITS_MIN..DICTATED_DIGITS_ENOUGH).contains(&digits) {
        return Completeness::Dictating(u8::try_from(digits).unwrap_or(u8::MAX));
    }
    let ends = |list: &[Vec<String>]| list.iter().any(|phrase| ends_with(&said, phrase));
    let is_spelling = is_about(&lexicon.spelling, &said) || is_about(&lexicon.spelling, &asked);
    let last_is_letter = said.last().is_some_and(|word| word.chars().count() == 1);
    let is_question = text.trim_end().ends_with('?');
    Completeness::Confident(if is_spelling && (last_is_letter || digits > 0) {
        confidence::SPELLING
    } else if ends(&lexicon.unfinished) && is_question {
        // "Where are you from?" A recogniser that hears half a sentence writes no question mark.
        confidence::PLAIN
    } else if ends(&lexicon.unfinished) && !is_short_answer(&said, lexicon) {
        confidence::UNFINISHED
    } else if ends(&lexicon.fillers) && !is_short_answer(&said, lexicon) {
        confidence::FILLER
    } else if is_short_answer(&said, lexicon) {
        confidence::SHORT_ANSWER
    } else {
        match text.trim_end().chars().next_back() {
            Some('?') => confidence::QUESTION,
            Some('.' | '!' | '。') => confidence::SENTENCE,
            _ => confidence::PLAIN,
        }
    })
}

/// Whether there is nothing in these words but listening: "uh-huh", "okay, I see".
pub(crate) fn is_backchannel(said: &[String], lexicon: &Lexicon) -> bool {
    !said.is_empty() && count_without(said, &lexicon.backchannel) == 0
}

/// Digits at the end of what was said, written or spoken one by one or in pairs.
fn trailing_digits(said: &[String], lexicon: &Lexicon) -> usize {
    let mut digits = 0;
    for word in said.iter().rev() {
        let written = word.chars().filter(char::is_ascii_digit).count();
        let is_written = written > 0
            && word.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '.' | '/' | '('));
        if is_written {
            digits += written;
        } else if lexicon.digits.contains_key(word) {
            digits += 1;
        } else if let Some(times) = lexicon.repeats.get(word) {
            digits += usize::from(times.saturating_sub(1));
        } else if lexicon.tens.contains(word) {
            digits += 2;
        } else {
            break;
        }
    }
    digits
}

fn is_short_answer(said: &[String], lexicon: &Lexicon) -> bool {
    const SHORT: usize = 3;
    let is_filler = lexicon.fillers.iter().any(|phrase| phrase == said);
    said.len() <= SHORT && is_backchannel(said, lexicon) && !is_filler
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(language: &str, text: &str, asked: &str) -> Completeness {
        completeness(text, asked, Lexicon::of_language(language))
    }

    #[test]
    fn a_trailing_conjunction_article_or_filler_is_not_an_end() {
        for (language, text) in [
            ("en", "I would like to book a table for two and"),
            ("en", "My name is"),
            ("en", "The thing is, um"),
            ("de", "Ich hätte gern einen Termin und"),
            ("de", "Also das ist, ähm"),
            ("es", "Quisiera una mesa para"),
            ("fr", "Je voudrais réserver parce que"),
            ("it", "Vorrei prenotare un tavolo per"),
            ("pt", "Eu queria marcar uma consulta porque"),
        ] {
            assert_eq!(judge(language, text, ""), Completeness::Confident(0), "{text}");
        }
    }

    #[test]
    fn a_question_is_surer_than_a_sentence_and_that_than_no_mark() {
        let judged = ["What time do you open tomorrow?", "I need a table.", "I need a table"];
        let judged = judged.map(|text| judge("en", text, ""));
        let [question, sentence, plain] = judged.map(|judged| match judged {
            Completeness::Confident(permille) => permille,
            Completeness::Wordless | Completeness::Dictating(_) => panic!("{judged:?}"),
        });
        assert!(question > sentence && sentence > plain && plain > 0);
    }

    #[test]
    fn a_question_may_end_with_a_preposition() {
        for (language, text) in [
            ("en", "Who is there?"),
            ("en", "Where are you from?"),
            ("en", "Hello, who is it that I am talking to?"),
        ] {
            let judged = judge(language, text, "");
            assert_eq!(judged, Completeness::Confident(confidence::PLAIN), "{text}");
        }
    }

    #[test]
    fn a_telephone_number_is_not_over_before_ten_digits() {
        let asked = "What is the best number to reach you?";
        for (text, digits) in [
            ("four one five", 3),
            ("It's 415-555", 6),
            ("double five five", 3),
            ("four fifteen", 3),
        ] {
            let asked = format!("{asked} A telephone number, please.");
            assert_eq!(judge("en", text, &asked), Completeness::Dictating(digits), "{text}");
        }
        let whole = "My number is four one five five five five zero one two three";
        assert!(matches!(judge("en", whole, ""), Completeness::Confident(_)));
        let french = "Mon numéro c'est le zéro six douze trente";
        assert_eq!(judge("fr", french, ""), Completeness::Dictating(6));
    }

    #[test]
    fn digits_that_are_no_telephone_number_do_not_wait_for_more() {
        for text in ["A table for two", "My code is one two three four", "Since 2019"] {
            assert!(matches!(judge("en", text, ""), Completeness::Confident(500)), "{text}");
        }
    }

    #[test]
    fn digits_inside_a_word_are_not_dictated() {
        let judged = judge("en", "My phone is an S23 A54 X10", "");
        assert_eq!(judged, Completeness::Confident(confidence::PLAIN));
    }

    #[test]
    fn a_yes_is_whole() {
        for (language, text) in [("en", "Yes."), ("de", "Ja genau"), ("fr", "Oui"), ("pt", "É")] {
            let judged = judge(language, text, "");
            assert_eq!(judged, Completeness::Confident(confidence::SHORT_ANSWER), "{text}");
        }
    }

    #[test]
    fn an_address_that_is_spelled_is_waited_for() {
        let judged = judge("en", "it's s m i", "How do you spell that?");
        assert_eq!(judged, Completeness::Confident(confidence::SPELLING));
    }
}
