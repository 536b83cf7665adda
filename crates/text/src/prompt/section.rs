//! Writes a prompt section by section and keeps account of what is missing and what is shared.

use offhook_types::ToolDefinition;

use super::BuiltPrompt;
use super::template::{Piece, pieces};
use super::values::{Values, note, push_tidily};

/// A prompt as it grows.
pub(super) struct Writer<'a> {
    values: &'a Values<'a>,
    text: String,
    missing: Vec<String>,
    /// Where the first value of this call stands.
    call_start: Option<usize>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(values: &'a Values<'a>) -> Self {
        let mut missing = Vec::new();
        if !values.time().is_zone_known {
            note(&mut missing, "timezone");
        }
        Self { values, text: String::new(), missing, call_start: None }
    }

    pub(super) fn heading(&mut self, heading: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.line(&format!("# {heading}"));
    }

    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.end_line();
    }

    pub(super) fn text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(super) fn end_line(&mut self) {
        self.text.push('\n');
    }

    /// What follows is of this call only.
    pub(super) fn begin_call(&mut self) {
        // The space before it goes where a value is missing.
        self.call_start.get_or_insert(self.text.trim_end_matches(' ').len());
    }

    /// Words of the agent's author, variables put in.
    pub(super) fn template(&mut self, template: &str) {
        for piece in pieces(template) {
            match (self.values.found(piece), piece) {
                (Some(value), _) => {
                    if value.is_of_call {
                        self.begin_call();
                    }
                    self.text.push_str(&value.in_prompt());
                }
                (None, Piece::Text(text)) => push_tidily(&mut self.text, text),
                (None, Piece::Place { name, .. }) => {
                    // Another call may have a value here.
                    self.begin_call();
                    note(&mut self.missing, name);
                }
            }
        }
    }

    /// Words of the agent's author that stand elsewhere.
    pub(super) fn aside(&mut self, template: &str) -> String {
        let mut aside = Self {
            values: self.values,
            text: String::new(),
            missing: std::mem::take(&mut self.missing),
            call_start: None,
        };
        aside.template(template);
        self.missing = aside.missing;
        aside.text.trim_end().to_owned()
    }

    pub(super) fn finish(self, tools: Vec<ToolDefinition>) -> BuiltPrompt {
        let prefix_bytes = self.call_start.unwrap_or(self.text.len());
        BuiltPrompt { system: self.text, tools, missing: self.missing, prefix_bytes }
    }
}
