//! What the cutter knows of the clause that it reads.

use super::stop::Needs;

/// What is known of the clause that is being read.
#[derive(Debug)]
pub(super) struct Scan {
    /// Characters that are no white space.
    pub(super) letters: usize,
    pub(super) word_start: usize,
    pub(super) previous_word_start: usize,
    /// Where the line began, if it began within this clause.
    pub(super) line_start: Option<usize>,
    pub(super) begins_line: bool,
    pub(super) bracket_start: Option<usize>,
    pub(super) pending: Option<Pending>,
}

/// A cut that what follows decides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    pub(super) cut: usize,
    pub(super) needs: Needs,
    /// White space stood behind the mark.
    pub(super) is_spaced: bool,
}

impl Scan {
    pub(super) fn new(begins_line: bool) -> Self {
        Self {
            letters: 0,
            word_start: 0,
            previous_word_start: 0,
            line_start: begins_line.then_some(0),
            begins_line,
            bracket_start: None,
            pending: None,
        }
    }

    /// White space ended a word.
    pub(super) fn turn_word(&mut self, text: &str, index: usize, end: usize) {
        if !text[self.word_start..index].is_empty() {
            self.previous_word_start = self.word_start;
        }
        self.word_start = end;
    }
}
