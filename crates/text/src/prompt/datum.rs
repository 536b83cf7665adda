//! A value from outside, made harmless.

/// Longer values are cut: a prompt is no place for documents.
const CHARACTERS_MAX: usize = 4_000;

/// One line between curly quotation marks. Nothing in it can close them, begin a line, open a
/// template or a tag, or be a token of a model's chat form.
pub(super) fn quoted(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 6);
    quoted.push('“');
    for character in one_line(value).chars() {
        quoted.push(match character {
            '“' | '”' | '„' => '"',
            '{' => '(',
            '}' => ')',
            '<' => '‹',
            '>' => '›',
            '`' => '\'',
            '|' => '¦',
            _ => character,
        });
    }
    quoted.push('”');
    quoted
}

/// Without line breaks and other control characters, spaces in a row being one.
pub(super) fn one_line(value: &str) -> String {
    let is_hidden = |character: char| {
        character.is_control()
            // Marks of direction, which hide what they stand before, and line separators.
            || matches!(character, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}')
    };
    let visible: String =
        value.chars().map(|c| if is_hidden(c) { ' ' } else { c }).take(CHARACTERS_MAX).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}
