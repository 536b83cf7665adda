//! Power spectrum of a real signal, by a complex transform of half its length.
//!
//! Even samples are the real and odd samples the imaginary part; the two spectra are told apart by
//! their symmetry and put together again. Only powers are wanted, so that each pair of mirrored
//! bins is one step of the loop, and eight steps fill the vector registers. (The crate `realfft`
//! does the same bin by bin, at twice the cost of the transform itself.)

use std::sync::Arc;

use rustfft::num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

/// Plan, window and buffers for signals of one length.
pub(crate) struct PowerSpectrum {
    plan: Arc<dyn Fft<f32>>,
    window: Box<[f32]>,
    /// `e^{-jwn}` of the whole length, for the bins of the lower half.
    turn_re: Box<[f32]>,
    turn_im: Box<[f32]>,
    buffer: Box<[Complex32]>,
    scratch: Box<[Complex32]>,
    powers: Box<[f32]>,
}

impl PowerSpectrum {
    /// For signals of `window` samples, an even number, under a periodic Hann window, followed by
    /// silence up to `len` samples, a multiple of four.
    pub(crate) fn new(window: usize, len: usize) -> Self {
        let plan = FftPlanner::new().plan_fft_forward(len / 2);
        let step = std::f64::consts::TAU / len as f64;
        let turns = || (0..len / 4).map(|bin| step * bin as f64);
        let window_step = std::f64::consts::TAU / window as f64;
        let weight = |n: usize| (0.5 - 0.5 * (window_step * n as f64).cos()) as f32;
        Self {
            window: (0..window).map(weight).collect(),
            turn_re: turns().map(|angle| angle.cos() as f32).collect(),
            turn_im: turns().map(|angle| -angle.sin() as f32).collect(),
            buffer: vec![Complex32::default(); len / 2].into(),
            scratch: vec![Complex32::default(); plan.get_inplace_scratch_len()].into(),
            powers: vec![0.0; len / 2 + 1].into(),
            plan,
        }
    }

    /// Squared magnitudes of the windowed signal's bins, from 0 to half the sample rate inclusive.
    pub(crate) fn of(&mut self, samples: &[f32]) -> &[f32] {
        let (sounding, silent) = self.buffer.split_at_mut(self.window.len() / 2);
        window_into(samples, &self.window, sounding);
        silent.fill(Complex32::default());
        self.plan.process_with_scratch(&mut self.buffer, &mut self.scratch);
        let half = self.buffer.len();
        let (low, high) = self.powers.split_at_mut(half / 2 + 1);
        unite(&self.buffer, [&self.turn_re, &self.turn_im], low, high);
        let (first, middle) = (self.buffer[0], self.buffer[half / 2]);
        self.powers[0] = (first.re + first.im).powi(2);
        self.powers[half / 2] = middle.re * middle.re + middle.im * middle.im;
        self.powers[half] = (first.re - first.im).powi(2);
        &self.powers
    }
}

// Out of line, so that the compiler knows that the slices do not overlap.

#[inline(never)]
fn window_into(samples: &[f32], window: &[f32], buffer: &mut [Complex32]) {
    let (samples, window) = (samples.as_chunks::<2>().0, window.as_chunks::<2>().0);
    for ((z, samples), window) in buffer.iter_mut().zip(samples).zip(window) {
        *z = Complex32::new(samples[0] * window[0], samples[1] * window[1]);
    }
}

/// Powers of bins `k` and `half - k` for all `k` of the lower half but 0.
#[inline(never)]
fn unite(buffer: &[Complex32], turns: [&[f32]; 2], low: &mut [f32], high: &mut [f32]) {
    let pairs = buffer.len() / 2 - 1;
    let rising = &buffer[1..=pairs];
    let falling = &buffer[buffer.len() - pairs..];
    let turns = turns[0][1..=pairs].iter().zip(&turns[1][1..=pairs]);
    let powers = low[1..=pairs].iter_mut().zip(high[..pairs].iter_mut().rev());
    let bins = rising.iter().zip(falling.iter().rev());
    for (((z, mirror), (turn_re, turn_im)), (low, high)) in bins.zip(turns).zip(powers) {
        // Twice the spectra of the even and of the odd samples.
        let (even_re, even_im) = (z.re + mirror.re, z.im - mirror.im);
        let (odd_re, odd_im) = (z.im + mirror.im, mirror.re - z.re);
        let turned_re = turn_re * odd_re - turn_im * odd_im;
        let turned_im = turn_re * odd_im + turn_im * odd_re;
        let (re, im) = (even_re + turned_re, even_im + turned_im);
        *low = 0.25 * (re * re + im * im);
        let (re, im) = (even_re - turned_re, even_im - turned_im);
        *high = 0.25 * (re * re + im * im);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bin_is_that_of_the_discrete_fourier_transform() {
        const LEN: usize = 64;
        let samples: Vec<f32> = (0..LEN).map(|n| (n * n * 31 % 997) as f32 - 400.0).collect();
        let mut spectrum = PowerSpectrum::new(LEN, LEN);
        let powers = spectrum.of(&samples);
        assert_eq!(powers.len(), LEN / 2 + 1);
        for (bin, power) in powers.iter().enumerate() {
            let (mut re, mut im) = (0.0, 0.0);
            for (n, sample) in samples.iter().enumerate() {
                let step = std::f64::consts::TAU * n as f64 / LEN as f64;
                let windowed = f64::from(*sample) * (0.5 - 0.5 * step.cos());
                re += windowed * (step * bin as f64).cos();
                im -= windowed * (step * bin as f64).sin();
            }
            let expected = re * re + im * im;
            assert!((f64::from(*power) - expected).abs() < 1e-5 * expected + 1.0, "{bin}");
        }
    }
    #[test]
    fn silence_after_the_window_is_as_good_as_written_out() {
        let samples: Vec<f32> = (0..48).map(|n| (n * n * 31 % 997) as f32 - 400.0).collect();
        let mut padded = PowerSpectrum::new(48, 64);
        padded.of(&[9_999.0; 48]);
        let powers = padded.of(&samples).to_vec();
        let mut plain = PowerSpectrum::new(64, 64);
        plain.window.fill(0.0);
        plain.window[..48].copy_from_slice(&padded.window);
        let mut written_out = samples;
        written_out.resize(64, 0.0);
        assert_eq!(plain.of(&written_out), powers);
    }
}
