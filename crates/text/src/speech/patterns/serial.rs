//! Numbers of papers: `123-45-6789`, `01310-100`, `123.456.789-09`. Digit by digit, in their
//! groups.

use crate::speech::number::is_end;
use crate::speech::place::{Place, Said};

pub(super) fn serial(place: &Place<'_>) -> Option<Said> {
    if !place.is_word_start() {
        return None;
    }
    let rest = place.rest();
    let mut groups = vec![rest.first()?.digits()?];
    let mut has_points = false;
    let mut index = 1;
    while let [mark, digits, ..] = &rest[index..]
        && groups.len() < 12
        && let Some('-' | '.' | '/') = mark.mark()
        && let Some(digits) = digits.digits()
    {
        has_points |= !mark.is_mark('-');
        groups.push(digits);
        index += 2;
    }
    let is_cued = place.is_cued(&place.lexicon.file.digit_cues, 3);
    let has_serial_group =
        groups.iter().any(|group| group.len() >= 5 || group.len() > 2 && group.starts_with('0'));
    let is_serial = match groups.len() {
        0 | 1 => false,
        2 => !has_points && (has_serial_group || is_cued),
        _ => !has_points || is_cued,
    };
    if !is_serial || !is_end(rest.get(index)) {
        return None;
    }
    let groups: Vec<String> =
        groups.iter().map(|group| super::quantity::in_groups(place, group)).collect();
    Some(Said::words(index, groups.join(", ")))
}
