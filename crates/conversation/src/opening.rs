//! Who speaks first, and what becomes of the opening when the caller is faster.

use crate::purpose::Purpose;
use crate::settings::{OpeningMode, OpeningSettings};

/// What is left of the opening.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Opening {
    /// The caller is waited for.
    Waits,
    /// It will be said when the delay is over.
    Delayed,
    /// It is to be said as soon as the caller is silent.
    Due,
    /// It was said, or there is none.
    #[default]
    Done,
}

/// What an opening says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpeningWords {
    /// The text, word for word.
    Text,
    /// What the model writes.
    Model,
}

impl Opening {
    /// What there is when the call is answered.
    pub(crate) fn answered(settings: Option<&OpeningSettings>) -> Self {
        match settings {
            Some(OpeningSettings { mode: OpeningMode::Wait, wait_timeout_ms: Some(_), .. }) => {
                Self::Waits
            }
            Some(settings) if words(settings).is_some() && settings.mode != OpeningMode::Wait => {
                Self::Delayed
            }
            Some(_) | None => Self::Done,
        }
    }

    /// The caller's turn is over. What is then said first, if anything: a caller who speaks first
    /// has opened a call that waits for it.
    pub(crate) fn after_turn(self, settings: &OpeningSettings) -> Option<OpeningWords> {
        match self {
            Self::Delayed | Self::Due => words(settings),
            Self::Waits | Self::Done => None,
        }
    }

    /// The caller spoke before a word of this was heard.
    pub(crate) fn is_owed_again(&mut self, purpose: Purpose) {
        if purpose == Purpose::Opening {
            *self = Self::Due;
        }
    }

    /// Whether the words of the opening are still to be said.
    pub(crate) const fn is_owed(self) -> bool {
        matches!(self, Self::Delayed | Self::Due)
    }
}

/// What these settings have said; `None` where there is nothing to say.
pub(crate) fn words(settings: &OpeningSettings) -> Option<OpeningWords> {
    match settings.mode {
        OpeningMode::Generated => Some(OpeningWords::Model),
        OpeningMode::Static if settings.text.trim().is_empty() => None,
        OpeningMode::Wait if settings.text.trim().is_empty() => Some(OpeningWords::Model),
        OpeningMode::Static | OpeningMode::Wait => Some(OpeningWords::Text),
    }
}
