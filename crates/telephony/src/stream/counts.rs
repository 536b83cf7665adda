//! What a stream's messages came to.

use crate::dialect::Anomaly;

/// What came on a stream, and what was wrong with it. Nothing here ends a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamCounts {
    /// Messages that came.
    pub messages: u64,
    /// Of them, audio.
    pub audio_messages: u64,
    /// Of them, complaints of the carrier about what it was sent.
    pub carrier_errors: u64,
    /// Fields that this version does not know, in messages that it does.
    pub unknown_fields: u64,
    /// Messages to the carrier that were refused because one step wrote too much.
    pub refused_messages: u64,
    /// Marks that came back without having been sent, or twice.
    pub unexpected_marks: u64,
    /// Times that the carrier had nothing left to play in the middle of speech.
    pub underruns: u64,
    skipped: [u64; Anomaly::ALL.len()],
}

impl StreamCounts {
    /// Messages that were skipped for this reason.
    pub const fn skipped(&self, anomaly: Anomaly) -> u64 {
        self.skipped[anomaly as usize]
    }

    /// Messages that were skipped.
    pub fn skipped_total(&self) -> u64 {
        self.skipped.iter().sum()
    }

    pub(super) const fn note(&mut self, anomaly: Anomaly) {
        self.skipped[anomaly as usize] += 1;
    }
}
