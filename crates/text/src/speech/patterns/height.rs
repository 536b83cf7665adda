//! Feet and inches: `5'10"`.

use crate::numbers::Form;
use crate::speech::number::is_end;
use crate::speech::place::{Place, Said};

pub(super) fn height(place: &Place<'_>) -> Option<Said> {
    let [feet, mark, inches, rest @ ..] = place.rest() else { return None };
    let is_feet = matches!(mark.mark()?, '\'' | '’' | '′');
    let (feet, inches) = (feet.digits()?, inches.digits()?);
    let is_plausible = feet.len() == 1 && inches.len() <= 2 && inches.parse::<u8>().ok()? < 12;
    let is_known = place.language.is_english() && place.is_word_start() && is_end(rest.first());
    if !is_feet || !is_plausible || !is_known {
        return None;
    }
    let has_inch = rest.first().is_some_and(|next| matches!(next.mark(), Some('"' | '”' | '″')));
    let foot = &place.lexicon.unit("ft")?.one;
    let words = |digits: &str| digits.parse().map(|value| place.cardinal(value, Form::Alone));
    let spoken = format!("{} {foot} {}", words(feet).ok()?, words(inches).ok()?);
    Some(Said::quantity(3 + usize::from(has_inch), spoken))
}
