//! Expressions that are said as a whole: `24/7`.

use crate::speech::number::is_end;
use crate::speech::place::{Place, Said};

pub(super) fn fixed(place: &Place<'_>) -> Option<Said> {
    if !place.is_word_start() {
        return None;
    }
    let run = place.run();
    let mut entries = place.lexicon.file.fixed.iter().rev();
    entries.find_map(|(written, spoken)| {
        let begins = run.get(..written.len()).is_some_and(|run| run.eq_ignore_ascii_case(written));
        let tokens = if begins { place.tokens_in(written.len())? } else { return None };
        let next = place.rest().get(tokens);
        let goes_on = next.is_some_and(|token| matches!(token.mark(), Some('/' | '-' | '.' | ',')))
            && place.rest().get(tokens + 1).is_some_and(|token| token.is_word());
        (is_end(next) && !goes_on).then(|| Said::words(tokens, spoken.clone()))
    })
}
