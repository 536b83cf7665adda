//! Cuts a stream of text into clauses. Each character is read once, so that the chunks in which
//! the text comes make no difference.
//!
//! A cut at a mark needs white space behind it, and where that is not enough (`Dr. Smith`,
//! `p.m. Tomorrow`, `May 5, 2026`) the character behind the white space: "3.5", "e.g." and
//! "example.com" stay whole. Code between fences is a clause of its own.

use super::scan::{Pending, Scan};
use super::stop::{Needs, Stop};
use super::word_list::WordList;
use crate::language::Language;
use crate::lexicon::Lexicon;

/// A clause as it was written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RawClause {
    pub(super) text: String,
    /// It is code, which nobody says.
    pub(super) is_code: bool,
    /// Its first character begins a line.
    pub(super) begins_line: bool,
}

/// Cuts text into clauses.
#[derive(Debug)]
pub(super) struct Cutter {
    language: Language,
    lexicon: &'static Lexicon,
    /// What was not cut yet.
    text: String,
    /// Bytes of it that were read.
    read: usize,
    /// The mark of the fence the text is within.
    fence: Option<char>,
    scan: Scan,
    /// Whether a clause was said already.
    pub(super) has_spoken: bool,
}

/// Characters that a first clause must have to be cut at a comma: shorter ones sound chopped.
const FIRST_CLAUSE_MIN: usize = 12;
/// Characters that a first clause without a comma must have to be cut before a word like "because".
const FIRST_CLAUSE_UNMARKED_MIN: usize = 30;
/// A sentence longer than this is cut at the next comma or, at twice that, between two words:
/// voices lose their breath, and the history its grain.
const CLAUSE_MAX: usize = 220;
/// Whatever it is, nothing is held longer than this.
const HELD_BYTES_MAX: usize = 4_000;
/// Nor a run without white space: the longest address is shorter, and rules look at whole runs.
const WORD_BYTES_MAX: usize = 500;
/// A link's label is not cut, up to this length.
const LABEL_BYTES_MAX: usize = 200;

impl Cutter {
    pub(super) fn new(language: Language) -> Self {
        Self {
            language,
            lexicon: Lexicon::of(language),
            text: String::new(),
            read: 0,
            fence: None,
            scan: Scan::new(true),
            has_spoken: false,
        }
    }

    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// The next clause that is certainly whole.
    pub(super) fn poll(&mut self, words: &WordList) -> Option<RawClause> {
        while let Some(character) = self.text[self.read..].chars().next() {
            let index = self.read;
            self.read += character.len_utf8();
            let was_code = self.fence.is_some();
            let cut = if was_code {
                self.code_step(index, character)
            } else {
                self.step(index, character, words)
            };
            if let Some(cut) = cut {
                return Some(self.cut(cut, was_code));
            }
        }
        None
    }

    /// The stream is over: the rest, if there is any.
    pub(super) fn finish(&mut self) -> Option<RawClause> {
        let is_code = self.fence.is_some();
        (!self.text.is_empty()).then(|| self.cut(self.text.len(), is_code))
    }

    fn cut(&mut self, end: usize, is_code: bool) -> RawClause {
        let rest = self.text.split_off(end);
        let text = std::mem::replace(&mut self.text, rest);
        let begins_line = self.scan.begins_line;
        self.read = 0;
        self.scan = Scan::new(text.ends_with('\n'));
        RawClause { text, is_code, begins_line }
    }

    /// Reads a character of code: up to the line that closes it.
    fn code_step(&mut self, index: usize, character: char) -> Option<usize> {
        if character != '\n' {
            let end = index + character.len_utf8();
            // "```ls``` lists": code within a line, no fence.
            self.scan.letters += 1;
            let is_opening = self.scan.line_start.is_none();
            if is_opening && character == '`' && !self.text[..index].ends_with('`') {
                self.fence = None;
                return None;
            }
            return (end > HELD_BYTES_MAX).then_some(end);
        }
        let line = self.scan.line_start.map_or("", |start| self.text[start..index].trim());
        self.scan.line_start = Some(index + 1);
        let closes = self.fence.is_some_and(|mark| line.chars().all(|c| c == mark));
        if closes && line.len() >= 3 {
            self.fence = None;
            return Some(index + 1);
        }
        None
    }

    fn step(&mut self, index: usize, character: char, words: &WordList) -> Option<usize> {
        let end = index + character.len_utf8();
        if let Some(cut) = self.decide(index, character) {
            return Some(cut);
        }
        if character == '\n' {
            if self.scan.letters > 0 {
                return Some(end);
            }
            self.scan.line_start = Some(end);
            self.scan.begins_line = true;
        }
        if character.is_whitespace() {
            let cut = self.white_space(index, words);
            self.scan.turn_word(&self.text, index, end);
            return cut;
        }
        self.scan.letters += 1;
        if matches!(character, '`' | '~') && self.opens_fence(end) {
            self.fence = Some(character);
            // The line that opens it cannot close it.
            self.scan.line_start = None;
            return None;
        }
        self.mark(index, character)
    }

    /// Settles a pending cut by the character behind it.
    fn decide(&mut self, index: usize, character: char) -> Option<usize> {
        let pending = self.scan.pending.as_mut()?;
        if character.is_whitespace() {
            pending.is_spaced = true;
            let is_certain = pending.needs == Needs::Nothing && character != '\n';
            return is_certain.then_some(pending.cut);
        }
        let Pending { cut, needs, is_spaced } = *pending;
        if !is_spaced && CLOSERS.contains(character) {
            pending.cut = index + character.len_utf8();
            if character == '.' {
                pending.needs = Needs::Nothing;
            }
            return None;
        }
        self.scan.pending = None;
        (is_spaced && needs.is_met(character)).then_some(cut)
    }

    /// A mark at which a clause may end.
    fn mark(&mut self, index: usize, character: char) -> Option<usize> {
        let end = index + character.len_utf8();
        let scan = &mut self.scan;
        match character {
            '[' => scan.bracket_start = Some(index),
            ']' => scan.bracket_start = None,
            _ => {}
        }
        let is_label = scan.bracket_start.is_some_and(|start| index - start < LABEL_BYTES_MAX);
        let needs = match character {
            _ if is_label || scan.pending.is_some() => None,
            '。' | '！' | '？' => return Some(end),
            '.' => self.stop(index),
            '!' | '?' | '…' | ';' => Some(Needs::Nothing),
            // "Your code: 4711" says what the number is.
            ':' => Some(Needs::NoDigit),
            ',' | '–' | '—' => {
                let may_be_first = !self.has_spoken && scan.letters > FIRST_CLAUSE_MIN;
                // "May 5, 2026"; behind a word the next one need not be waited for.
                let is_number = self.text[..index].ends_with(|c: char| c.is_ascii_digit());
                let needs = if is_number { Needs::NoDigit } else { Needs::Nothing };
                (may_be_first || scan.letters > CLAUSE_MAX).then_some(needs)
            }
            _ => None,
        };
        if let Some(needs) = needs {
            self.scan.pending = Some(Pending { cut: end, needs, is_spaced: false });
        }
        let is_endless = end - self.scan.word_start > WORD_BYTES_MAX;
        (index > HELD_BYTES_MAX || is_endless).then_some(end)
    }

    /// What must follow a full stop to make it the end of a sentence.
    fn stop(&self, index: usize) -> Option<Needs> {
        let scan = &self.scan;
        let before = scan.line_start.map_or("x", |start| &self.text[start..scan.word_start]);
        let stop = Stop {
            word: &self.text[scan.word_start..index],
            word_before: self.text[scan.previous_word_start..scan.word_start].trim(),
            is_first_but_one: self.text[..scan.previous_word_start].trim().is_empty(),
            begins_line: before.trim().is_empty(),
        };
        stop.needs(self.language, self.lexicon)
    }

    /// White space at which a clause may end without a mark.
    fn white_space(&mut self, index: usize, words: &WordList) -> Option<usize> {
        let scan = &mut self.scan;
        let is_label = scan.bracket_start.is_some_and(|start| index - start < LABEL_BYTES_MAX);
        let word = &self.text[scan.word_start..index];
        if is_label || word.is_empty() {
            return None;
        }
        let before = self.text[..scan.word_start].trim_end();
        let letters_before = scan.letters.saturating_sub(word.chars().count());
        if !self.has_spoken
            && letters_before >= FIRST_CLAUSE_UNMARKED_MIN
            && before.ends_with(char::is_alphabetic)
            && self.lexicon.file.openers.iter().any(|opener| opener.eq_ignore_ascii_case(word))
            && !words.ends_within_phrase(before)
        {
            return Some(before.len());
        }
        let is_breathless = scan.letters > 2 * CLAUSE_MAX && scan.pending.is_none();
        if is_breathless
            && word.ends_with(char::is_alphabetic)
            && !words.ends_within_phrase(&self.text[..index])
        {
            scan.pending = Some(Pending { cut: index, needs: Needs::Letter, is_spaced: true });
        }
        (scan.letters > 4 * CLAUSE_MAX).then_some(index)
    }

    fn opens_fence(&self, end: usize) -> bool {
        let line = self.scan.line_start.map(|start| self.text[start..end].trim_start());
        line.is_some_and(|line| line == "```" || line == "~~~")
    }
}

/// Marks that belong to the end of the sentence before them.
const CLOSERS: &str = ".!?…\"'”’»)]}*_~`";
