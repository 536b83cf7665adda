//! A real Fourier transform and its buffers, planned once and used for every frame.

use std::sync::Arc;

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

pub(super) use realfft::num_complex::Complex32;

/// Forward and inverse transform between two buffers. Unnormalised: there and back is
/// `samples.len()` times the input. A transform leaves its source as scrap.
pub(super) struct Fourier {
    /// Two frames of a signal.
    pub(super) samples: Vec<f32>,
    /// Its bins, 25 Hz apart, from 0 Hz to half the sample rate inclusive.
    pub(super) spectrum: Vec<Complex32>,
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    scratch: Vec<Complex32>,
}

impl Fourier {
    pub(super) fn new(len: usize) -> Self {
        let mut planner = RealFftPlanner::new();
        let forward = planner.plan_fft_forward(len);
        let inverse = planner.plan_fft_inverse(len);
        let scratch_len = forward.get_scratch_len().max(inverse.get_scratch_len());
        Self {
            samples: vec![0.0; len],
            spectrum: vec![Complex32::default(); len / 2 + 1],
            forward,
            inverse,
            scratch: vec![Complex32::default(); scratch_len],
        }
    }

    /// `samples` to `spectrum`.
    pub(super) fn forward(&mut self) {
        let scratch = &mut self.scratch[..self.forward.get_scratch_len()];
        self.forward
            .process_with_scratch(&mut self.samples, &mut self.spectrum, scratch)
            .expect("every buffer has the length of the plan");
    }

    /// `samples` to a spectrum that is kept.
    pub(super) fn forward_into(&mut self, spectrum: &mut [Complex32]) {
        let scratch = &mut self.scratch[..self.forward.get_scratch_len()];
        self.forward
            .process_with_scratch(&mut self.samples, spectrum, scratch)
            .expect("every buffer has the length of the plan");
    }

    /// `spectrum` to `samples`.
    pub(super) fn inverse(&mut self) {
        let last = self.spectrum.len() - 1;
        (self.spectrum[0].im, self.spectrum[last].im) = (0.0, 0.0);
        let scratch = &mut self.scratch[..self.inverse.get_scratch_len()];
        self.inverse
            .process_with_scratch(&mut self.spectrum, &mut self.samples, scratch)
            .expect("every buffer has the length of the plan and the outer bins are real");
    }
}
