//! Who has said goodbye, in words that the other side heard.

use crate::ending::Farewells;
use crate::lexicon::Lexicon;
use crate::rules::FAREWELL_WORDS_BESIDE_MAX;
use crate::words::{contains, count_without};

/// The farewells of a call so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FarewellsSaid {
    heard: Farewells,
}

/// Whether these words are a farewell: one of the language's, with little beside it but thanks and
/// politeness. "How do I say goodbye?" has too much.
pub(crate) fn is_farewell(text: &str, said: &[String], lexicon: &Lexicon) -> bool {
    let has_farewell = lexicon.farewells.iter().any(|phrase| contains(said, phrase));
    let is_question = text.trim_end().ends_with('?');
    has_farewell && !is_question && beside(said, lexicon) <= FAREWELL_WORDS_BESIDE_MAX
}

/// Whether a reply ends with a farewell: its last sentence, or the two last.
pub(crate) fn ends_with_farewell(text: &str, lexicon: &Lexicon) -> bool {
    let text = text.trim_end();
    let sentences: Vec<&str> = text.split_inclusive(['.', '!', '?', '…']).collect();
    let last = sentences.iter().rev().filter(|part| !part.trim().is_empty()).take(2);
    let mut last = last.map(|sentence| (*sentence, crate::words::words(sentence)));
    let is_asked = text.ends_with('?');
    !is_asked && last.any(|(sentence, said)| is_farewell(sentence, &said, lexicon))
}

/// Whether these words are nothing but thanks, farewell and listening.
pub(crate) fn is_polite(said: &[String], lexicon: &Lexicon) -> bool {
    !said.is_empty() && beside(said, lexicon) == 0
}

/// Words that are neither farewell, nor thanks, nor listening.
fn beside(said: &[String], lexicon: &Lexicon) -> usize {
    let mut polite = lexicon.farewells.clone();
    polite.extend(lexicon.thanks.iter().cloned());
    polite.extend(lexicon.backchannel.iter().cloned());
    count_without(said, &polite)
}

impl FarewellsSaid {
    pub(crate) const fn heard(self) -> Farewells {
        self.heard
    }

    pub(crate) const fn caller_said(&mut self) {
        self.heard = match self.heard {
            Farewells::None | Farewells::Caller => Farewells::Caller,
            Farewells::Agent => Farewells::AgentFirst,
            Farewells::CallerFirst => Farewells::CallerFirst,
            Farewells::AgentFirst => Farewells::AgentFirst,
        };
    }

    pub(crate) const fn agent_said(&mut self) {
        self.heard = match self.heard {
            Farewells::None | Farewells::Agent => Farewells::Agent,
            Farewells::Caller => Farewells::CallerFirst,
            Farewells::CallerFirst => Farewells::CallerFirst,
            Farewells::AgentFirst => Farewells::AgentFirst,
        };
    }

    /// The conversation goes on: nobody has said goodbye.
    pub(crate) const fn withdraw(&mut self) {
        self.heard = Farewells::None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::words;

    fn is(language: &str, text: &str) -> bool {
        is_farewell(text, &words(text), Lexicon::of_language(language))
    }

    #[test]
    fn people_say_goodbye_in_six_languages() {
        for (language, texts) in [
            ("en", ["Bye!", "Okay, thank you very much, goodbye.", "Take care, bye bye"]),
            (
                "de",
                [
                    "Tschüss!",
                    "Vielen Dank, auf Wiederhören.",
                    "Alles klar, schönen Tag noch, tschau",
                ],
            ),
            ("es", ["Adiós.", "Muchas gracias, hasta luego.", "Vale, que tenga un buen día"]),
            (
                "fr",
                ["Au revoir.", "Merci beaucoup, bonne journée, au revoir !", "D'accord, à bientôt"],
            ),
            (
                "it",
                ["Arrivederci.", "Grazie mille, buona giornata!", "Va bene, a presto, ciao ciao"],
            ),
            ("pt", ["Tchau!", "Muito obrigado, até logo.", "Está bem, tenha um bom dia"]),
        ] {
            for text in texts {
                assert!(is(language, text), "{language}: {text}");
            }
        }
    }

    #[test]
    fn a_sentence_with_a_farewell_in_it_is_no_farewell() {
        for (language, text) in [
            ("en", "How do I say goodbye?"),
            ("en", "I would like to buy a flight to Goodbye Island next week"),
            ("en", "bye the way can I bring my dog"),
            ("de", "Wann sagt man eigentlich auf Wiedersehen zu seinem Chef"),
            ("fr", "Je voudrais savoir si la bonne journée commence à neuf heures"),
            ("en", "Thank you."),
        ] {
            assert!(!is(language, text), "{text}");
        }
    }

    #[test]
    fn a_reply_says_goodbye_at_its_end() {
        let ends = |text| ends_with_farewell(text, Lexicon::of_language("en"));
        assert!(ends("Your table is booked for six. Thank you for calling. Goodbye!"));
        assert!(ends("Have a great day! See you on Sunday."));
        assert!(!ends("Goodbye is what people say. We open at nine. Anything else?"));
        assert!(!ends("Bye! Or is there anything else?"));
        assert!(!ends("We open at nine."));
    }

    #[test]
    fn who_said_goodbye_first_stays_first() {
        let mut said = FarewellsSaid::default();
        said.agent_said();
        said.caller_said();
        said.agent_said();
        assert_eq!(said.heard(), Farewells::AgentFirst);
        said.withdraw();
        said.caller_said();
        said.agent_said();
        assert_eq!(said.heard(), Farewells::CallerFirst);
    }
}
