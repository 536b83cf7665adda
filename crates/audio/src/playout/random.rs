//! Repeatable random numbers for synthesised sounds.

/// SplitMix64 (Steele, Lea and Flood 2014): one addition and three mixing steps a number, good for
/// any seed.
#[derive(Clone, Debug)]
pub(super) struct SeededRandom(u64);

impl SeededRandom {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) const fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in -1..1.
    pub(super) const fn bipolar(&mut self) -> f32 {
        // The top 24 bits: what an f32 holds exactly.
        (self.next_u64() >> 40) as f32 / 8_388_608.0 - 1.0
    }

    /// Uniform in `low..high`.
    pub(super) const fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * (0.5 + 0.5 * self.bipolar())
    }

    /// A start within a loop of `length` samples.
    pub(super) const fn index(&mut self, length: usize) -> usize {
        (self.next_u64() % length as u64) as usize
    }
}
