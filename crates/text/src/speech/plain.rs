//! Written text without what is not said: markdown, emoji, tags. Every byte that is left knows
//! where it stood.
//!
//! Marks of emphasis are removed one by one, not in pairs: a clause may hold only one of two.

use super::emoji::is_emoji;
use crate::lexicon::Lexicon;

/// Text that may be said, and where it comes from.
#[derive(Debug, Default)]
pub(super) struct Plain {
    pub(super) text: String,
    /// For every byte, the first byte of its character in the written text.
    origins: Vec<u32>,
}

impl Plain {
    /// The text of a clause; `begins_line` where its first character begins a line.
    pub(super) fn new(written: &str, begins_line: bool, lexicon: &Lexicon) -> Self {
        let mut plain = Self {
            text: String::with_capacity(written.len()),
            origins: Vec::with_capacity(written.len()),
        };
        let mut start = 0;
        for line in written.split_inclusive('\n') {
            let skipped = if start > 0 || begins_line { line_marker(line, lexicon) } else { 0 };
            plain.add_line(&line[skipped..], start + skipped);
            start += line.len();
        }
        plain
    }

    /// Where the word that begins at this byte begins in the written text: behind the white space
    /// before it, so that its opening marks belong to it. None where it is part of a written word.
    pub(super) fn written_start(&self, byte: usize, written: &str) -> Option<usize> {
        let Some(before) = byte.checked_sub(1) else { return Some(0) };
        let origin = self.origins.get(before).map_or(0, |origin| *origin as usize);
        let character = written[origin..].chars().next()?;
        character.is_whitespace().then(|| origin + character.len_utf8())
    }

    fn add_line(&mut self, line: &str, offset: usize) {
        let mut index = 0;
        while let Some(character) = line[index..].chars().next() {
            let rest = &line[index..];
            let before = line[..index].chars().next_back();
            let (taken, kept) = match character {
                '[' | '!' if link(rest).is_some() => {
                    let (label, length) = link(rest).unwrap_or_default();
                    let start = rest.find('[').map_or(0, |bracket| bracket + 1);
                    self.add_line(label, offset + index + start);
                    (length, None)
                }
                '<' => tag(rest),
                '&' => entity(rest),
                '\\' => (1, None),
                '`' | '[' | ']' => (1, None),
                '*' => stars(before, rest),
                '_' => underscores(line, index, before, rest),
                '~' if rest.starts_with("~~") => (2, None),
                '|' if rest.trim_end() == "|" => (1, None),
                '|' => (1, Some(',')),
                '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' => {
                    (character.len_utf8(), None)
                }
                ':' | ';' if before.is_none_or(char::is_whitespace) && smiley(rest) > 0 => {
                    (smiley(rest), None)
                }
                _ if is_emoji(character) => (character.len_utf8(), None),
                _ => (character.len_utf8(), Some(character)),
            };
            if let Some(kept) = kept {
                self.add(kept, offset + index);
            }
            index += taken;
        }
    }

    fn add(&mut self, character: char, origin: usize) {
        self.text.push(character);
        let origin = u32::try_from(origin).unwrap_or(u32::MAX);
        self.origins.resize(self.text.len(), origin);
    }
}

/// Bytes of the marker that a line begins with: heading, list, quotation, table, rule.
fn line_marker(line: &str, lexicon: &Lexicon) -> usize {
    let body = line.trim();
    let marks = body.chars().filter(|mark| !mark.is_whitespace());
    let is_rule = body.len() >= 3
        && (["-", "*", "_", "="].iter().any(|mark| marks.clone().all(|c| mark.contains(c)))
            || body.contains("--") && marks.clone().all(|c| "|-:".contains(c)));
    if is_rule {
        return line.len();
    }
    let mut rest = line.trim_start();
    loop {
        let before = rest.len();
        rest = rest
            .trim_start_matches('#')
            .strip_prefix(' ')
            .filter(|_| rest.starts_with('#'))
            .unwrap_or(rest);
        for marker in ["> ", "- ", "* ", "+ ", "• ", "‣ ", "◦ ", "– ", "[ ] ", "[x] ", "[X] ", "|"]
        {
            rest = rest.strip_prefix(marker).unwrap_or(rest).trim_start();
        }
        rest = numbered(rest, lexicon);
        if rest.len() == before {
            return line.len() - rest.len();
        }
    }
}

/// Behind `1. ` or `1) `, but not where a month follows: "3. Mai".
fn numbered<'a>(rest: &'a str, lexicon: &Lexicon) -> &'a str {
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let behind = &rest[digits..];
    let body = behind.strip_prefix(". ").or_else(|| behind.strip_prefix(") "));
    match body {
        Some(body) if (1..=2).contains(&digits) => {
            let word = body.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
            if lexicon.month(word).is_some() { rest } else { body.trim_start() }
        }
        Some(_) | None => rest,
    }
}

/// The label of a link or picture and the bytes of the whole.
fn link(rest: &str) -> Option<(&str, usize)> {
    let start = if rest.starts_with('!') { 2 } else { 1 };
    if !rest.get(..start)?.ends_with('[') {
        return None;
    }
    let label_end = start + rest[start..].find(']')?;
    let target = rest[label_end + 1..].strip_prefix('(')?;
    let target_end = target.find(')')?;
    Some((&rest[start..label_end], label_end + 2 + target_end + 1))
}

/// A tag is skipped; an address in angle brackets loses only these.
fn tag(rest: &str) -> (usize, Option<char>) {
    let inside = &rest[1..];
    let end = inside.find(['>', '\n', '<']).filter(|end| inside[*end..].starts_with('>'));
    let opens = inside.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'));
    match end {
        Some(end) if opens && !inside[..end].contains(['@', ':']) => (end + 2, None),
        Some(_) if opens => (1, None),
        Some(_) | None => (1, Some('<')),
    }
}

fn entity(rest: &str) -> (usize, Option<char>) {
    const ENTITIES: [(&str, char); 6] = [
        ("&amp;", '&'),
        ("&nbsp;", ' '),
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&quot;", '"'),
        ("&#39;", '\''),
    ];
    let known = ENTITIES.iter().find(|(entity, _)| rest.starts_with(entity));
    known.map_or((1, Some('&')), |(entity, character)| (entity.len(), Some(*character)))
}

/// Emphasis, unless it stands between numbers or spaces.
fn stars(before: Option<char>, rest: &str) -> (usize, Option<char>) {
    let length = rest.bytes().take_while(|byte| *byte == b'*').count();
    let next = rest[length..].chars().next();
    let is_open = |character: Option<char>| {
        character.is_some_and(|character| character.is_whitespace() || character.is_ascii_digit())
    };
    let is_operator = length == 1 && is_open(before) && is_open(next);
    // A key: `*67`, `press *.`
    let is_key = length == 1
        && before.is_some_and(char::is_whitespace)
        && !rest[1..].contains('*')
        && next.is_none_or(|next| next.is_ascii_digit() || ".,!?;".contains(next));
    (length, (is_operator || is_key).then_some('*'))
}

/// Emphasis at the edge of a word, a space within; addresses keep theirs.
fn underscores(
    line: &str,
    index: usize,
    before: Option<char>,
    rest: &str,
) -> (usize, Option<char>) {
    let start = line[..index].rfind(char::is_whitespace).unwrap_or(0);
    let end = rest.find(char::is_whitespace).map_or(line.len(), |end| index + end);
    let run = &line[start..end];
    if run.contains('@') || run.contains("://") || run.contains("www.") {
        return (1, Some('_'));
    }
    let is_inner =
        before.is_some_and(char::is_alphanumeric) && rest[1..].starts_with(char::is_alphanumeric);
    (1, is_inner.then_some(' '))
}

/// Bytes of a smiley of the typewriter.
fn smiley(rest: &str) -> usize {
    let run = rest.split(char::is_whitespace).next().unwrap_or_default();
    let is_smiley = matches!(run, ":)" | ":-)" | ";)" | ";-)" | ":D" | ":-D" | ":(" | ":-(" | ":P");
    if is_smiley { run.len() } else { 0 }
}
