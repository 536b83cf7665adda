//! Whoever stands between the agent and a person: call screening, and telephone menus.

use crate::lexicon::Lexicon;
use crate::rules::MENU_PHRASES_MIN;
use crate::words::contains;

/// Gatekeepers that were met.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Gatekeeper {
    pub(crate) gate: Gate,
    /// Times that it was said who calls.
    pub(crate) answers: u8,
    /// Turns of menus in a row.
    pub(crate) menu_turns: u8,
}

/// What was met before a person spoke.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Gate {
    /// Nothing, or a person speaks.
    #[default]
    Open,
    /// Somebody was told who calls.
    Screening,
    /// A menu.
    Menu,
}

/// What a gatekeeper wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Demand {
    /// Nothing: this is no gatekeeper.
    None,
    /// To know who calls, and why.
    Identity,
    /// A key.
    Key,
    /// Patience.
    Wait,
}

/// Reads a turn.
pub(crate) fn read_demand(said: &[String], lexicon: &Lexicon) -> Demand {
    let count = |list: &[Vec<String>]| -> usize {
        list.iter().map(|phrase| occurrences(said, phrase)).sum()
    };
    let menu = count(&lexicon.menu);
    let is_long = said.len() >= MENU_WORDS_MIN;
    if menu >= MENU_PHRASES_MIN || (menu > 0 && is_long) {
        Demand::Key
    } else if lexicon.screening.iter().any(|phrase| contains(said, phrase)) {
        Demand::Identity
    } else if lexicon.hold.iter().any(|phrase| contains(said, phrase)) {
        Demand::Wait
    } else {
        Demand::None
    }
}

/// Words of a turn from which on a single phrase of a menu makes it one.
const MENU_WORDS_MIN: usize = 8;

fn occurrences(said: &[String], phrase: &[String]) -> usize {
    if phrase.is_empty() {
        return 0;
    }
    said.windows(phrase.len()).filter(|window| *window == phrase).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::words;

    #[test]
    fn gatekeepers_are_known_in_six_languages() {
        for (language, text, demand) in [
            ("en", "Who's calling please?", Demand::Identity),
            ("en", "For sales press one. For support press two.", Demand::Key),
            ("en", "Please stay on the line.", Demand::Wait),
            ("de", "Wen darf ich melden?", Demand::Identity),
            ("de", "Für den Verkauf drücken Sie die Eins, für Service die Zwei.", Demand::Key),
            ("de", "Einen Moment bitte, ich verbinde.", Demand::Wait),
            ("es", "¿De parte de quién?", Demand::Identity),
            ("es", "Para ventas marque uno, para soporte marque dos.", Demand::Key),
            ("fr", "C'est de la part de qui ?", Demand::Identity),
            ("fr", "Pour les ventes, tapez 1. Pour le service, tapez 2.", Demand::Key),
            ("it", "Chi parla?", Demand::Identity),
            ("it", "Per le vendite prema uno, per assistenza prema due.", Demand::Key),
            ("pt", "Quem está falando?", Demand::Identity),
            ("pt", "Para vendas digite um, para suporte digite dois.", Demand::Key),
        ] {
            let said = words(text);
            assert_eq!(read_demand(&said, Lexicon::of_language(language)), demand, "{text}");
        }
    }

    #[test]
    fn people_are_no_gatekeepers() {
        for text in ["Hello, Ada speaking.", "I will press on with it.", "Yes, that is me."] {
            let said = words(text);
            assert_eq!(read_demand(&said, Lexicon::of_language("en")), Demand::None, "{text}");
        }
    }
}
