//! How much silence ends the caller's turn.
//!
//! Evidence is the silence since the last voiced frame, the end-of-turn model's opinion of the
//! audio where there is one, and the look of the words. High confidence ends a turn near the
//! patience's minimum, low confidence waits up to its maximum.

use crate::completeness::Completeness;
use crate::rules::{
    DICTATION_PAUSE, END_SILENCE_HIGH, END_SILENCE_LOW, END_SILENCE_MEDIUM, WORDLESS_SILENCE,
};
use crate::settings::Patience;

/// Confidence, in permille, that the turn is over: the model hears what words do not show, so it
/// counts twice; words that cannot end a sentence hold it down.
pub(crate) fn confidence_permille(words: u16, model: Option<u16>) -> u16 {
    const HELD_DOWN: u32 = 400;
    let Some(model) = model else { return words };
    let both = (u32::from(words) + 2 * u32::from(model.min(1_000))) / 3;
    let both = if words == 0 { both.min(HELD_DOWN) } else { both };
    u16::try_from(both).unwrap_or(1_000)
}

/// Silence, in ms, that ends the turn.
pub(crate) fn silence_needed_ms(
    patience: Patience,
    completeness: Completeness,
    model: Option<u16>,
) -> u32 {
    let (least, most) = match patience {
        Patience::Low => END_SILENCE_LOW,
        Patience::Medium => END_SILENCE_MEDIUM,
        Patience::High => END_SILENCE_HIGH,
    };
    match completeness {
        Completeness::Wordless => WORDLESS_SILENCE,
        Completeness::Dictating(_) => DICTATION_PAUSE,
        Completeness::Confident(words) => {
            let confidence = u32::from(confidence_permille(words, model).min(1_000));
            most - (most - least) * confidence / 1_000
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn certainty_ends_a_turn_at_the_least_silence_and_doubt_at_the_most() {
        let needed =
            |patience, words| silence_needed_ms(patience, Completeness::Confident(words), None);
        assert_eq!((needed(Patience::Low, 1_000), needed(Patience::Low, 0)), (150, 700));
        assert_eq!((needed(Patience::Medium, 1_000), needed(Patience::Medium, 0)), (250, 1_200));
        assert_eq!((needed(Patience::High, 1_000), needed(Patience::High, 0)), (500, 2_500));
    }

    #[test]
    fn a_model_that_is_sure_does_not_overrule_a_trailing_and() {
        let unfinished = Completeness::Confident(0);
        assert_eq!(silence_needed_ms(Patience::Medium, unfinished, Some(1_000)), 820);
        let plain = Completeness::Confident(500);
        assert_eq!(silence_needed_ms(Patience::Medium, plain, Some(1_000)), 409);
    }

    #[test]
    fn a_number_that_is_dictated_waits_three_seconds_whatever_the_patience() {
        for patience in [Patience::Low, Patience::Medium, Patience::High] {
            assert_eq!(silence_needed_ms(patience, Completeness::Dictating(4), Some(900)), 3_000);
        }
    }

    proptest! {
        #[test]
        fn more_confidence_never_waits_longer(words in 0_u16..=1_000, model in 0_u16..=1_000) {
            let needed = |words, model| {
                silence_needed_ms(Patience::Medium, Completeness::Confident(words), Some(model))
            };
            prop_assert!(needed(words, 1_000) <= needed(words, model));
            prop_assert!(needed(1_000, model) <= needed(words, model));
            prop_assert!((250..=1_200).contains(&needed(words, model)));
        }
    }
}
