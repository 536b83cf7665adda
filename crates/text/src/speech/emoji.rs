//! Emoji and other pictures. Blocks of the Unicode standard, from knowledge; letters, digits,
//! arrows that are said and signs like © are not among them.

/// Whether a character is a picture, or joins or colours pictures.
pub(super) fn is_emoji(character: char) -> bool {
    matches!(character,
        // Joiner, variation selectors, keycap.
        '\u{200D}' | '\u{FE00}'..='\u{FE0F}' | '\u{20E3}'
        // Flags, cards, pictures, faces, transport, chess, hands, and what was added later.
        | '\u{1F000}'..='\u{1FAFF}'
        // Sun to scissors and stars: miscellaneous symbols and dingbats.
        | '\u{2600}'..='\u{27BF}'
        | '\u{2B05}'..='\u{2B07}' | '\u{2B1B}' | '\u{2B1C}' | '\u{2B50}' | '\u{2B55}'
        // Watch, hourglass, keys of a recorder.
        | '\u{231A}' | '\u{231B}' | '\u{2328}' | '\u{23CF}' | '\u{23E9}'..='\u{23FA}'
        // Boxes, triangles and circles that lists are decorated with.
        | '\u{2500}'..='\u{25FF}'
        | '\u{2139}' | '\u{2194}'..='\u{2199}' | '\u{21A9}' | '\u{21AA}'
        | '\u{2934}' | '\u{2935}' | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}'
        // Tags of regional flags, private use.
        | '\u{E0020}'..='\u{E007F}' | '\u{E000}'..='\u{F8FF}'
    )
}
