//! Seeded choices.

use std::time::Duration;

use crate::providers::Spread;

/// Seeded choices.
pub(super) struct Draw(fastrand::Rng);

impl Draw {
    pub(super) fn new(seed: u64) -> Self {
        // Neighbouring seeds must not begin alike.
        Self(fastrand::Rng::with_seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
    }

    pub(super) fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.0.usize(0..choices.len())].clone()
    }

    pub(super) fn number(&mut self, from: u64, to: u64) -> u64 {
        self.0.u64(from..=to)
    }

    /// A number between 0 and 1.
    pub(super) fn share(&mut self) -> f32 {
        self.0.f32()
    }

    pub(super) fn within(&mut self, from_ms: u64, to_ms: u64) -> Duration {
        Duration::from_millis(self.number(from_ms, to_ms))
    }

    /// Once in so many times.
    pub(super) fn once_in(&mut self, times: u32) -> bool {
        self.0.u32(0..times) == 0
    }

    /// A text, or none.
    pub(super) fn maybe(&mut self, text: &str) -> String {
        if self.once_in(2) { text.to_owned() } else { String::new() }
    }

    pub(super) fn spread(&mut self, from_ms: u64, to_ms: u64) -> Spread {
        let (one, other) = (self.within(from_ms, to_ms), self.within(from_ms, to_ms));
        Spread { min: one.min(other), max: one.max(other) }
    }
}
