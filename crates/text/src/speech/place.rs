//! A place in a clause that a pattern looks at, and what a pattern says of it.

use super::token::{Token, TokenKind};
use crate::language::Language;
use crate::lexicon::Lexicon;
use crate::numbers::{self, Form};

/// What is said for some tokens.
#[derive(Debug)]
pub(super) struct Said {
    /// Tokens it stands for, at least one.
    pub(super) tokens: usize,
    pub(super) spoken: String,
    /// It counts something, so that a dash behind it may be a range.
    pub(super) is_quantity: bool,
}

impl Said {
    pub(super) const fn quantity(tokens: usize, spoken: String) -> Self {
        Self { tokens, spoken, is_quantity: true }
    }

    pub(super) const fn words(tokens: usize, spoken: String) -> Self {
        Self { tokens, spoken, is_quantity: false }
    }
}

/// A pattern: what is said for the tokens at a place, if it knows them.
pub(super) type Pattern = fn(&Place<'_>) -> Option<Said>;

/// A place in a clause.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) language: Language,
    pub(super) lexicon: &'static Lexicon,
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Token<'a>],
    pub(super) index: usize,
    /// What was said before it counted something.
    pub(super) is_behind_quantity: bool,
}

impl<'a> Place<'a> {
    /// The tokens from here on.
    pub(super) fn rest(&self) -> &'a [Token<'a>] {
        &self.tokens[self.index..]
    }

    /// The token before.
    pub(super) fn before(&self) -> Option<&'a Token<'a>> {
        self.index.checked_sub(1).map(|index| &self.tokens[index])
    }

    /// Whether a word may begin here.
    pub(super) fn is_word_start(&self) -> bool {
        self.before().is_none_or(|token| !token.is_word())
    }

    /// The place some tokens further on.
    pub(super) fn skip(&self, tokens: usize) -> Self {
        Self { index: self.index + tokens, ..*self }
    }

    /// Words before here within this clause, the nearest first.
    pub(super) fn words_before(&self) -> impl Iterator<Item = &'a str> {
        let before = self.tokens[..self.index].iter().rev();
        let near = before.take(CUE_TOKENS_MAX);
        near.filter(|token| token.is_word()).map(|token| token.text)
    }

    /// Whether one of the last words is a cue. A sentence that ended is no company.
    pub(super) fn is_cued(&self, cues: &[String], words: usize) -> bool {
        let mut left = words;
        let before = &self.tokens[..self.index];
        for (index, token) in before.iter().enumerate().rev().take(CUE_TOKENS_MAX) {
            let is_abbreviation = || {
                let word = index.checked_sub(1).map_or("", |index| before[index].text);
                !self.lexicon.abbreviations(word).is_empty()
            };
            let is_end = matches!(token.mark(), Some('!' | '?' | ';'))
                || token.is_mark('.') && !is_abbreviation();
            if is_end {
                return false;
            }
            if token.is_word() {
                if cues.iter().any(|cue| equal_ignoring_case(cue, token.text)) {
                    return true;
                }
                left -= 1;
                if left == 0 {
                    return false;
                }
            }
        }
        false
    }

    /// The run of characters from here up to white space; nothing where it is longer than any
    /// address.
    pub(super) fn run(&self) -> &'a str {
        let rest = self.rest();
        let within = &rest[..rest.len().min(RUN_TOKENS_MAX)];
        let end = within.iter().find(|token| token.is_space()).map(|token| token.start);
        let is_last = rest.len() < RUN_TOKENS_MAX;
        match (rest.first(), end) {
            (Some(token), Some(end)) => &self.text[token.start..end],
            (Some(token), None) if is_last => &self.text[token.start..],
            (Some(_) | None, _) => "",
        }
    }

    /// How many tokens a text of this many bytes from here is, if it ends between two.
    pub(super) fn tokens_in(&self, bytes: usize) -> Option<usize> {
        let rest = self.rest();
        let end = rest.first()?.start + bytes;
        let last = rest.iter().position(|token| token.end() == end)?;
        Some(last + 1)
    }

    /// Whether the token there begins with a capital letter.
    pub(super) fn is_capital(&self, tokens: usize) -> bool {
        let token = self.rest().get(tokens);
        token.is_some_and(|token| token.text.starts_with(char::is_uppercase))
    }

    pub(super) fn cardinal(&self, value: u64, form: Form) -> String {
        numbers::cardinal(self.language, value, form)
    }

    pub(super) fn digits(&self, digits: &str) -> String {
        numbers::digits(self.language, digits)
    }
}

/// How far back a cue is looked for.
const CUE_TOKENS_MAX: usize = 40;
/// Tokens of the longest address that is known as one.
const RUN_TOKENS_MAX: usize = 100;

/// Whether two words are the same but for case.
pub(super) fn equal_ignoring_case(left: &str, right: &str) -> bool {
    if left.is_ascii() && right.is_ascii() {
        return left.eq_ignore_ascii_case(right);
    }
    left.chars().flat_map(char::to_lowercase).eq(right.chars().flat_map(char::to_lowercase))
}

/// Index behind optional white space.
pub(super) fn behind_space(tokens: &[Token<'_>], index: usize) -> usize {
    let is_space = tokens.get(index).is_some_and(|token| token.kind == TokenKind::Space);
    index + usize::from(is_space)
}
