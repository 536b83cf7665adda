//! A bank that measures how much of each of a few frequencies a short block holds.
//!
//! Each block is multiplied with a table of the frequencies' waves, laid out across the bank
//! (`[f32; LANES]`), so that all frequencies advance in the same vector instructions. (Goertzel's
//! recursion needs as many, and each of its steps waits for the one before.) The result is complex
//! and its phase is counted from the start of the stream: for a steady tone exactly on a lane's
//! frequency it is the same in every block, so that results of neighbouring blocks can be added
//! into longer windows, and the turn from one to the next tells how far the tone is off.

use super::keypad::phase_of;
use crate::fused::fused;

/// One complex number a lane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Lanes<const LANES: usize> {
    /// Real parts.
    pub(super) re: [f32; LANES],
    /// Imaginary parts.
    pub(super) im: [f32; LANES],
}

impl<const LANES: usize> Lanes<LANES> {
    /// Zero in every lane.
    pub(super) const ZERO: Self = Self { re: [0.0; LANES], im: [0.0; LANES] };

    /// Adds `weight` times `other`.
    pub(super) fn add_scaled(&mut self, weight: f32, other: &Self) {
        // Two loops: together they are not vectorised.
        add_scaled(&mut self.re, weight, &other.re);
        add_scaled(&mut self.im, weight, &other.im);
    }

    /// Product lane by lane.
    fn times(&self, other: &Self) -> Self {
        let (a, b) = (self, other);
        Self {
            re: std::array::from_fn(|lane| a.re[lane] * b.re[lane] - a.im[lane] * b.im[lane]),
            im: std::array::from_fn(|lane| a.re[lane] * b.im[lane] + a.im[lane] * b.re[lane]),
        }
    }

    /// Squared magnitude of each lane.
    pub(super) fn power(&self) -> [f32; LANES] {
        std::array::from_fn(|lane| self.re[lane] * self.re[lane] + self.im[lane] * self.im[lane])
    }

    /// `lane` times the conjugate of the same lane of `earlier`: its angle is the turn between the
    /// two.
    pub(super) fn turn(&self, earlier: &Self, lane: usize) -> (f32, f32) {
        (
            self.re[lane] * earlier.re[lane] + self.im[lane] * earlier.im[lane],
            self.im[lane] * earlier.re[lane] - self.re[lane] * earlier.im[lane],
        )
    }
}

/// Waves of `LANES` frequencies over blocks of a fixed length.
#[derive(Clone, Debug)]
pub(super) struct ToneBank<const LANES: usize> {
    /// `e^{-jwn}` at each sample `n` of a block, `w` in radians a sample.
    waves: Box<[Lanes<LANES>]>,
    /// `e^{-jwN}` for a block of `N` samples.
    block: Lanes<LANES>,
    /// `e^{-jwn}` at the first sample `n` of the block to come.
    reference: Lanes<LANES>,
}

impl<const LANES: usize> ToneBank<LANES> {
    /// The phase of all lanes where a stream begins.
    const ONE: Lanes<LANES> = Lanes { re: [1.0; LANES], im: [0.0; LANES] };

    /// A bank for `frequencies_hz`, over blocks of `block_samples` at `rate_hz`.
    pub(super) fn new(frequencies_hz: [f64; LANES], block_samples: usize, rate_hz: u32) -> Self {
        let after = |samples| {
            let phase = frequencies_hz.map(|hz| phase_of(hz, samples, rate_hz));
            Lanes { re: phase.map(|it| it.cos() as f32), im: phase.map(|it| -it.sin() as f32) }
        };
        Self {
            waves: (0..block_samples).map(after).collect(),
            block: after(block_samples),
            reference: Self::ONE,
        }
    }

    /// Correlates the next block of the stream with each frequency: `sum x[n] e^{-jwn}`.
    pub(super) fn block(&mut self, samples: &[f32]) -> Lanes<LANES> {
        let result = correlate(samples, &self.waves).times(&self.reference);
        self.advance_reference();
        result
    }

    /// Forgets where in the stream it was.
    pub(super) fn reset(&mut self) {
        self.reference = Self::ONE;
    }

    fn advance_reference(&mut self) {
        let next = self.reference.times(&self.block);
        // One Newton step towards length 1 undoes the rounding of this turn, so that hours do not
        // add up.
        let shrink = next.power().map(|power| 1.5 - 0.5 * power);
        self.reference = Lanes {
            re: std::array::from_fn(|lane| next.re[lane] * shrink[lane]),
            im: std::array::from_fn(|lane| next.im[lane] * shrink[lane]),
        };
    }
}

fn add_scaled<const LANES: usize>(sums: &mut [f32; LANES], weight: f32, others: &[f32; LANES]) {
    for (sum, other) in sums.iter_mut().zip(others) {
        *sum += weight * other;
    }
}

/// Sums up samples times waves. Every fourth sample has sums of its own: a single one would have to
/// wait for each addition.
fn correlate<const LANES: usize>(samples: &[f32], waves: &[Lanes<LANES>]) -> Lanes<LANES> {
    let (mut re, mut im) = ([[0.0_f32; LANES]; 4], [[0.0_f32; LANES]; 4]);
    for (samples, waves) in samples.as_chunks::<4>().0.iter().zip(waves.as_chunks::<4>().0) {
        for n in 0..4 {
            // One after the other: together they are not vectorised.
            add_product(&mut re[n], samples[n], &waves[n].re);
            add_product(&mut im[n], samples[n], &waves[n].im);
        }
    }
    let sum_of = |sums: [[f32; LANES]; 4]| {
        std::array::from_fn(|lane| {
            (sums[0][lane] + sums[1][lane]) + (sums[2][lane] + sums[3][lane])
        })
    };
    Lanes { re: sum_of(re), im: sum_of(im) }
}

fn add_product<const LANES: usize>(sums: &mut [f32; LANES], sample: f32, wave: &[f32; LANES]) {
    for (sum, wave) in sums.iter_mut().zip(wave) {
        *sum = fused(sample, *wave, *sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    fn sine(hz: f64, count: usize) -> Vec<f32> {
        (0..count).map(|n| (10_000.0 * (TAU * hz * n as f64 / 8_000.0).cos()) as f32).collect()
    }

    #[test]
    fn a_block_is_the_discrete_fourier_sum_within_a_ten_thousandth() {
        let samples = sine(730.0, 32);
        let found = ToneBank::new([697.0, 1_633.0], 32, 8_000).block(&samples);
        for (lane, hz) in [697.0, 1_633.0].into_iter().enumerate() {
            let angle = |n: usize| TAU * hz * n as f64 / 8_000.0;
            let sum = |part: fn(f64) -> f64| -> f64 {
                samples.iter().enumerate().map(|(n, &x)| f64::from(x) * part(angle(n))).sum()
            };
            assert!((f64::from(found.re[lane]) - sum(f64::cos)).abs() < 16.0);
            assert!((f64::from(found.im[lane]) + sum(f64::sin)).abs() < 16.0);
        }
    }

    #[test]
    fn a_steady_tone_keeps_its_phase_for_an_hour() {
        let mut bank = ToneBank::new([750.0], 32, 8_000);
        let block = sine(750.0, 32);
        let first = bank.block(&block);
        for _ in 0..900_000 {
            bank.advance_reference();
        }
        // 750 Hz repeats after 32 samples, so that the same block comes at every place of the
        // stream.
        let late = bank.block(&block);
        assert!(cosine(late.turn(&first, 0)) > 0.99);
        assert!((late.power()[0] / first.power()[0] - 1.0).abs() < 1e-3);
    }

    #[test]
    fn the_turn_between_blocks_tells_the_frequency_error() {
        let mut bank = ToneBank::new([1_000.0], 32, 8_000);
        let samples = sine(1_020.0, 64);
        let first = bank.block(&samples[..32]);
        let second = bank.block(&samples[32..]);
        // 20 Hz for 4 ms.
        let expected = (TAU * 20.0 * 0.004).cos();
        assert!((f64::from(cosine(second.turn(&first, 0))) - expected).abs() < 0.02);
    }

    fn cosine((re, im): (f32, f32)) -> f32 {
        re / re.hypot(im)
    }
}
