//! Why a document was refused.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::rules::is_secret_header;

/// One thing that is wrong with a document. It repeats what was given, numbers of people included:
/// it goes to whoever sent the document, and into no log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// Where: `turn.interrupt.min_words`, `tools[0].name`. Empty: the whole document.
    pub path: String,
    /// What stands there: JSON, shortened; or `nothing`. Keys are not repeated.
    pub given: String,
    /// What could stand there.
    pub allowed: String,
}

impl Problem {
    pub(super) fn new(path: &str, given: &Value, allowed: impl Into<String>) -> Self {
        let last = path.rsplit('.').next().unwrap_or_default();
        let is_secret = last == "api_key" || is_secret_header(last);
        let given = if is_secret { "a key in clear".to_owned() } else { shortened(given) };
        Self { path: path.to_owned(), given, allowed: allowed.into() }
    }

    pub(super) fn missing(path: &str, allowed: impl Into<String>) -> Self {
        Self { path: path.to_owned(), given: "nothing".to_owned(), allowed: allowed.into() }
    }

    /// The same problem of a document that stands inside another.
    pub(super) fn inside(mut self, member: &str) -> Self {
        self.path = format!("{member}.{}", self.path);
        self
    }

    /// Whether one of the two places holds the other.
    pub(super) fn is_about(&self, path: &str) -> bool {
        let (short, long) =
            if self.path.len() < path.len() { (&*self.path, path) } else { (path, &*self.path) };
        short.is_empty()
            || long
                .strip_prefix(short)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "the document" } else { &self.path };
        write!(f, "{path}: {} is given, allowed is {}", self.given, self.allowed)
    }
}

fn shortened(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= GIVEN_CHARS_MAX {
        return text;
    }
    text.chars().take(GIVEN_CHARS_MAX).chain(['…']).collect()
}

const GIVEN_CHARS_MAX: usize = 60;
