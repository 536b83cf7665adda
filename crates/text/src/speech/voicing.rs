//! Makes one clause speakable: dictionary, patterns, and what is left as it stands.

use super::patterns::PATTERNS;
use super::place::{Place, Said};
use super::plain::Plain;
use super::span_map::Spans;
use super::token::{Token, TokenKind, tokens};
use super::word_list::WordList;
use crate::language::Language;
use crate::lexicon::Lexicon;

/// What is said for a plain text, and which part stands for which.
pub(super) fn voiced(
    plain: &Plain,
    written: &str,
    language: Language,
    words: &WordList,
) -> (String, Spans) {
    let tokens = tokens(&plain.text);
    let mut voice = Voice::default();
    let mut place = Place {
        language,
        lexicon: Lexicon::of(language),
        text: &plain.text,
        tokens: &tokens,
        index: 0,
        is_behind_quantity: false,
    };
    while let Some(token) = tokens.get(place.index) {
        let is_after_space = place.before().is_none_or(Token::is_space);
        let begins_word = is_after_space && !token.is_space();
        if begins_word {
            voice.begin_word(plain.written_start(token.start, written), token);
        }
        if let Some(said) = said(&place, words) {
            voice.say(&said.spoken);
            place.index += said.tokens;
            place.is_behind_quantity = said.is_quantity;
        } else {
            voice.copy(&place, token);
            place.index += 1;
            place.is_behind_quantity = false;
        }
    }
    voice.finish()
}

/// The dictionary first, then the patterns.
fn said(place: &Place<'_>, words: &WordList) -> Option<Said> {
    let token = place.rest().first()?;
    if place.is_word_start() || token.mark().is_some() {
        let found = words.find(&place.text[token.start..]);
        if let Some((bytes, spoken)) = found
            && let Some(tokens) = place.tokens_in(bytes)
        {
            return Some(Said::words(tokens, spoken.to_owned()));
        }
    }
    PATTERNS.iter().find_map(|pattern| pattern(place))
}

/// The speech as it grows.
#[derive(Default)]
struct Voice {
    text: String,
    spans: Spans,
    /// A replacement was said: what is glued to it needs a space.
    is_behind_said: bool,
}

impl Voice {
    fn begin_word(&mut self, written_start: Option<usize>, token: &Token<'_>) {
        if token.mark().is_some_and(|mark| PAUSES.contains(mark)) {
            self.trim();
        }
        if let Some(written_start) = written_start {
            self.spans.begin(written_start, self.text.len());
        }
    }

    fn say(&mut self, spoken: &str) {
        if spoken.is_empty() {
            return;
        }
        if spoken.starts_with(|first: char| PAUSES.contains(first)) {
            self.trim();
        } else if self.text.ends_with(|last: char| last.is_alphanumeric() || PAUSES.contains(last))
        {
            self.text.push(' ');
        }
        self.text.push_str(spoken);
        self.is_behind_said = true;
    }

    fn copy(&mut self, place: &Place<'_>, token: &Token<'_>) {
        match token.kind {
            TokenKind::Space => self.space(),
            TokenKind::Letters | TokenKind::Digits => {
                if self.is_behind_said && self.text.ends_with(char::is_alphanumeric) {
                    self.text.push(' ');
                }
                self.text.push_str(token.text);
            }
            TokenKind::Mark => self.mark(place, token),
        }
        self.is_behind_said = false;
    }

    fn space(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(' ') {
            self.text.push(' ');
        }
    }

    fn mark(&mut self, place: &Place<'_>, token: &Token<'_>) {
        let Some(mark) = token.mark() else { return };
        let next = place.rest().get(1);
        let is_before_word = next.is_some_and(Token::is_word);
        let is_glued = place.before().is_some_and(Token::is_word) && is_before_word;
        match mark {
            // The full stop of "p.m." is said already.
            '.' if self.is_behind_said && self.text.ends_with('.') => {}
            '.' | ',' | '!' | '?' | ';' | ':' | '…' => self.pause(mark),
            '\'' | '’' if is_glued => self.text.push('\''),
            '-' | '‐' | '‑' if is_glued => self.text.push('-'),
            // An option of a command, or a list's mark that lost its line.
            '-' if !is_glued && is_before_word => {}
            '–' | '—' | '-' if !is_glued || mark == '—' => {
                self.pause(',');
                self.space();
            }
            '–' => self.text.push('-'),
            '(' | ')' if is_short_aside(place) => {}
            '(' if is_before_word || next.is_some_and(|next| next.mark().is_some()) => {
                self.pause(',');
                self.space();
            }
            ')' if next.is_some_and(Token::is_space) && has_words(&place.rest()[1..]) => {
                self.pause(',');
            }
            '/' if !is_glued => {
                self.pause(',');
                self.space();
            }
            '/' | '\\' | '&' => self.space(),
            '¿' | '¡' => self.text.push(mark),
            _ => {}
        }
    }

    /// A mark that the voice hears; one that only repeats the last is dropped.
    fn pause(&mut self, mark: char) {
        self.trim();
        let Some(last) = self.text.chars().next_back() else { return };
        match (last, mark) {
            (',' | ':' | ';', ',') | ('.' | '!' | '?', ',' | ':' | ';') => {}
            (',', _) => {
                self.text.pop();
                self.spans.limit(self.text.len());
                self.text.push(mark);
            }
            (_, _) => self.text.push(mark),
        }
    }

    fn trim(&mut self) {
        self.text.truncate(self.text.trim_end().len());
        self.spans.limit(self.text.len());
    }

    fn finish(mut self) -> (String, Spans) {
        self.trim();
        if !self.text.contains(char::is_alphanumeric) {
            self.text.clear();
        }
        let length = self.text.len();
        self.spans.end(length);
        (self.text, self.spans)
    }
}

/// Whether it is a parenthesis of a letter or two, which is no aside: `(i)`, `item(s)`.
fn is_short_aside(place: &Place<'_>) -> bool {
    let around = [place.index.checked_sub(2), Some(place.index)];
    around.into_iter().flatten().any(|start| {
        matches!(place.tokens.get(start..start + 3), Some([open, word, close])
            if open.is_mark('(') && word.text.len() <= 2 && close.is_mark(')'))
    })
}

fn has_words(tokens: &[Token<'_>]) -> bool {
    tokens.iter().any(Token::is_word)
}

/// Marks that the voice hears and that stand close to the word before.
const PAUSES: &str = ".,!?;:…";
