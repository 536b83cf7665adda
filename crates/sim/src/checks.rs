//! What holds at every moment of every call.

use offhook_session::Output;

/// Checkers of one call.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    ended: bool,
}

impl Checks {
    /// # Panics
    /// If an output breaks what every call promises.
    pub(crate) fn output(&mut self, output: &Output<'_>) {
        assert!(!self.ended, "{output:?} after the end");
        self.ended = matches!(output, Output::Ended(_));
    }
}
