//! Text with places for variables, in the three spellings that are around: `{v}`, `{{v}}`, `<v>`.
//!
//! A text is read once, from left to right; what is put in is not read again. `<v>` is also how
//! tags are written, so it is a place only where `v` has a value, or where nothing closes it.

/// A piece of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// As it stands.
    Text(&'a str),
    /// A place for the variable of this name.
    Place {
        /// The name.
        name: &'a str,
        /// As it was written.
        written: &'a str,
        /// How sure it is that it is one.
        certainty: Certainty,
    },
}

/// Whether something that looks like a place is one where no variable has its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Certainty {
    /// It is: nothing is written for it, and it is reported.
    Place,
    /// It is text, such as `<rules>` of `<rules>…</rules>`.
    Text,
}

/// The pieces of a template; together they are the text.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut index = 0;
    while let Some(offset) = text[index..].find(['{', '<']) {
        index += offset;
        let Some(piece) = place(text, index) else {
            index += 1;
            continue;
        };
        if start < index {
            pieces.push(Piece::Text(&text[start..index]));
        }
        if let Piece::Place { written, .. } = piece {
            index += written.len();
        }
        pieces.push(piece);
        start = index;
    }
    if start < text.len() {
        pieces.push(Piece::Text(&text[start..]));
    }
    pieces
}

/// The place that begins at this byte.
fn place(text: &str, start: usize) -> Option<Piece<'_>> {
    let rest = &text[start..];
    let (open, close) = if rest.starts_with("{{") {
        ("{{", "}}")
    } else if rest.starts_with('{') {
        ("{", "}")
    } else {
        ("<", ">")
    };
    let inside = &rest[open.len()..];
    let end = inside.find(['}', '>', '{', '<', '\n'])?;
    if !inside[end..].starts_with(close) {
        return None;
    }
    let name = inside[..end].trim();
    let written = &rest[..open.len() + end + close.len()];
    let is_name = is_name(name, open == "{{");
    let certainty = match open {
        "<" if is_tag(text, name) => Certainty::Text,
        _ => Certainty::Place,
    };
    is_name.then_some(Piece::Place { name, written, certainty })
}

/// Letters, digits and `_ - .`, and within double braces spaces, at most 64.
fn is_name(name: &str, may_have_spaces: bool) -> bool {
    let is_part = |character: char| {
        character.is_alphanumeric()
            || matches!(character, '_' | '-' | '.')
            || may_have_spaces && character == ' '
    };
    name.chars().count() <= 64
        && name.starts_with(|first: char| first.is_alphabetic() || first == '_')
        && name.chars().all(is_part)
}

/// Whether `<name>` is a tag: something closes it, or HTML knows it.
fn is_tag(text: &str, name: &str) -> bool {
    const HTML: [&str; 12] =
        ["br", "hr", "b", "i", "p", "li", "ul", "ol", "em", "strong", "code", "pre"];
    HTML.contains(&name.to_ascii_lowercase().as_str()) || text.contains(&format!("</{name}>"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(text: &str) -> Vec<&str> {
        let places = pieces(text).into_iter().filter_map(|piece| match piece {
            Piece::Place { name, certainty: Certainty::Place, .. } => Some(name),
            Piece::Place { .. } | Piece::Text(_) => None,
        });
        places.collect()
    }

    #[test]
    fn places_are_found_in_three_spellings_and_text_is_left_alone() {
        assert_eq!(names("Hi {a}, {{ b }}, <c>, {{first name}}."), ["a", "b", "c", "first name"]);
        assert_eq!(
            names("{\"a\": 1} {} {{}} { a b } a < b > c <rules>x</rules> <br> {a\n}"),
            [""; 0]
        );
        assert_eq!(names("{{{a}}} {x{b}"), ["a", "b"]);
        assert_eq!(names("{größe} <über_uns>"), ["größe", "über_uns"]);
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_text(text in "[{}<>/a-c \n]{0,40}") {
            let whole: String = pieces(&text)
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text) | Piece::Place { written: text, .. } => *text,
                })
                .collect();
            prop_assert_eq!(whole, text);
        }
    }
}
