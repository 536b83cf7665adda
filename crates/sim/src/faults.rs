//! What must never be, and was.

use offhook_types::Timestamp;

/// What checkers found in one call; kept, so that the call can be looked at to its end.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<String>);

impl Faults {
    pub(crate) fn note(&mut self, now: Timestamp, what: &str) {
        if self.0.len() < KEPT_MAX {
            self.0.push(format!("{} ms: {what}", now.as_millis()));
        }
    }

    pub(crate) fn all(&self) -> &[String] {
        &self.0
    }
}

/// Enough to understand what is wrong.
const KEPT_MAX: usize = 8;
