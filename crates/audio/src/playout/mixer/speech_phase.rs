//! Whether speech flows, and so whether silence is a gap, an end or just silence.

/// ```text
/// Absent --samples--> Flowing --too few, more to come--> Dry --samples--> Flowing
///    ^                   |--- last samples, full frame --> Ended --too few--> Absent
///    |--- last samples, none ---|--------------------------|
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SpeechPhase {
    /// Between utterances.
    Absent,
    /// Within an utterance; the last sample mixed was speech.
    Flowing,
    /// Within an utterance, waiting for more of it.
    Dry,
    /// The last sample mixed was an utterance's last.
    Ended,
}

impl SpeechPhase {
    /// Whether silence would follow right after speech.
    pub(super) const fn is_on_speech(self) -> bool {
        matches!(self, Self::Flowing | Self::Ended)
    }

    /// Whether silence would be a gap.
    pub(super) const fn is_within_utterance(self) -> bool {
        matches!(self, Self::Flowing | Self::Dry)
    }

    /// The phase after a frame with `speech` of `length` samples.
    pub(super) const fn after(self, speech: usize, length: usize, is_last: bool) -> Self {
        match (speech == length, is_last) {
            (true, true) => Self::Ended,
            (true, false) => Self::Flowing,
            (false, true) => Self::Absent,
            (false, false) if speech > 0 || self.is_within_utterance() => Self::Dry,
            (false, false) => Self::Absent,
        }
    }
}
