//! Subtracts the linear part of the echo.
//!
//! A partitioned-block Kalman filter in the frequency domain (G. Enzner, P. Vary, "Frequency-domain
//! adaptive Kalman filter for acoustic echo control in hands-free telephones", Signal Processing
//! 86, 2006): each bin carries how uncertain its coefficient is, and steps by that uncertainty over
//! the power of the near end. The caller's voice raises the latter and so stops the adaptation by
//! itself, without a double-talk detector to mistune.

use offhook_types::SampleRate;

use super::fourier::{Complex32, Fourier};
use super::lanes::{dot, loudest};

/// Frames of echo path that are modelled: 40 ms from the start of the window.
pub(super) const PARTITIONS: usize = 2;

/// Adaptive model of the echo path from `start` on.
pub(super) struct Canceller {
    frame: usize,
    weights: [Vec<Complex32>; PARTITIONS],
    uncertainty: [Vec<f32>; PARTITIONS],
    /// Spectra of the far end, newest first.
    far: [Vec<Complex32>; PARTITIONS],
    near_power: Vec<f32>,
    residual: Vec<f32>,
    peaks: [(usize, f32); PARTITIONS],
    next_constrained: usize,
}

/// Energies of one frame, summed over its samples.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cancelled {
    pub(super) near: f32,
    pub(super) echo: f32,
    pub(super) residual: f32,
    /// Share of the residual, 0 to 1, that is a scaled copy of the estimated echo.
    pub(super) leak: f32,
    /// Factor of that copy.
    pub(super) leak_gain: f32,
}

impl Canceller {
    pub(super) fn new(rate: SampleRate) -> Self {
        let frame = rate.frame_samples();
        let bins = frame + 1;
        let spectra = || std::array::from_fn(|_| vec![Complex32::default(); bins]);
        let mut canceller = Self {
            frame,
            weights: spectra(),
            uncertainty: std::array::from_fn(|_| vec![0.0; bins]),
            far: spectra(),
            near_power: vec![0.0; bins],
            residual: vec![0.0; frame],
            peaks: [(0, 0.0); PARTITIONS],
            next_constrained: 0,
        };
        canceller.reset();
        canceller
    }

    /// What is left of the newest near frame.
    pub(super) fn residual(&self) -> &[f32] {
        &self.residual
    }

    /// Spectrum of the newest far window (25 Hz bins, two frames).
    pub(super) fn far_spectrum(&self) -> &[Complex32] {
        &self.far[0]
    }

    /// Samples from the start of the window to the strongest reflection.
    pub(super) fn peak(&self) -> usize {
        let (mut best, mut magnitude) = (0, 0.0);
        for (partition, &(index, height)) in self.peaks.iter().enumerate() {
            if height > magnitude {
                (best, magnitude) = (partition * self.frame + index, height);
            }
        }
        best
    }

    /// Moves to the next frame: takes two frames of far end from `fourier.samples`, estimates the
    /// echo of them and subtracts it from `near`.
    pub(super) fn cancel(&mut self, near: &[f32], fourier: &mut Fourier) -> Cancelled {
        self.far.rotate_right(1);
        fourier.forward_into(&mut self.far[0]);
        fourier.spectrum.fill(Complex32::default());
        for (weights, far) in self.weights.iter().zip(&self.far) {
            multiply_add(&mut fourier.spectrum, weights, far);
        }
        fourier.inverse();
        let scale = 1.0 / fourier.samples.len() as f32;
        // The first half is where the transform wraps around.
        let echo = &mut fourier.samples[self.frame..];
        subtract(near, echo, scale, &mut self.residual);
        let (near, power) = (dot(near, near), dot(echo, echo));
        let residual = dot(&self.residual, &self.residual);
        let cross = dot(&self.residual, echo);
        Cancelled {
            near,
            echo: power,
            residual,
            leak: cross * cross / (residual * power + 1.0),
            leak_gain: cross / (power + 1.0),
        }
    }

    /// Learns from the residual, and leaves the spectrum of it (zero-padded to two frames) in
    /// `fourier`.
    pub(super) fn adapt(&mut self, fourier: &mut Fourier) {
        let (padding, frame) = fourier.samples.split_at_mut(self.frame);
        padding.fill(0.0);
        frame.copy_from_slice(&self.residual);
        fourier.forward();
        smooth_power(&mut self.near_power, &fourier.spectrum);
        let mut total = [0.0; MAX_BINS];
        let total = &mut total[..self.near_power.len()];
        for (total, &power) in total.iter_mut().zip(&self.near_power) {
            *total = 2.0 * power + 1.0;
        }
        for (uncertainty, far) in self.uncertainty.iter().zip(&self.far) {
            add_uncertain_power(total, uncertainty, far);
        }
        for total in total.iter_mut() {
            *total = 1.0 / *total;
        }
        let state = self.weights.iter_mut().zip(&mut self.uncertainty);
        for ((weights, uncertainty), far) in state.zip(&self.far) {
            step(weights, uncertainty, far, &fourier.spectrum, total);
        }
    }

    /// Cuts one partition's response to the taps that it stands for; the partitions take turns.
    pub(super) fn constrain(&mut self, fourier: &mut Fourier) {
        let partition = self.next_constrained;
        self.next_constrained = (partition + 1) % PARTITIONS;
        let weights = &mut self.weights[partition];
        fourier.spectrum.copy_from_slice(weights);
        fourier.inverse();
        let scale = 1.0 / fourier.samples.len() as f32;
        let (taps, wrapped) = fourier.samples.split_at_mut(self.frame);
        wrapped.fill(0.0);
        for tap in taps.iter_mut() {
            *tap *= scale;
        }
        let index = loudest(taps);
        self.peaks[partition] = (index, taps[index].abs());
        fourier.forward_into(weights);
    }

    /// Multiplies the whole model by `gain`.
    pub(super) fn scale(&mut self, gain: f32) {
        for weights in &mut self.weights {
            for weight in weights {
                *weight *= gain;
            }
        }
    }

    /// Forgets the path.
    pub(super) fn reset(&mut self) {
        for partition in 0..PARTITIONS {
            self.weights[partition].fill(Complex32::default());
            self.uncertainty[partition].fill(INITIAL_UNCERTAINTY);
            self.far[partition].fill(Complex32::default());
            self.peaks[partition] = (0, 0.0);
        }
        self.near_power.fill(0.0);
        self.next_constrained = 0;
    }

    /// Forgets what was sent, but keeps the path.
    pub(super) fn forget_far(&mut self) {
        for far in &mut self.far {
            far.fill(Complex32::default());
        }
    }
}

fn multiply_add(sums: &mut [Complex32], a: &[Complex32], b: &[Complex32]) {
    for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
        sum.re += a.re * b.re - a.im * b.im;
        sum.im += a.re * b.im + a.im * b.re;
    }
}

/// Scales `echo` and subtracts it from `near`.
fn subtract(near: &[f32], echo: &mut [f32], scale: f32, residual: &mut [f32]) {
    for ((near, echo), residual) in near.iter().zip(echo).zip(residual) {
        *echo *= scale;
        *residual = near - *echo;
    }
}

fn smooth_power(powers: &mut [f32], spectrum: &[Complex32]) {
    for (power, bin) in powers.iter_mut().zip(spectrum) {
        *power += NEAR_SMOOTHING * (bin.re * bin.re + bin.im * bin.im - *power);
    }
}

fn add_uncertain_power(totals: &mut [f32], uncertainty: &[f32], far: &[Complex32]) {
    for ((total, &uncertainty), far) in totals.iter_mut().zip(uncertainty).zip(far) {
        *total += uncertainty * (far.re * far.re + far.im * far.im);
    }
}

/// One Kalman step of one partition: correct the weights, shrink their uncertainty by what was
/// learned, and let it grow by what the path may have changed.
fn step(
    weights: &mut [Complex32],
    uncertainty: &mut [f32],
    far: &[Complex32],
    error: &[Complex32],
    reciprocal: &[f32],
) {
    let state = weights.iter_mut().zip(uncertainty);
    for ((((weight, uncertainty), far), error), &reciprocal) in
        state.zip(far).zip(error).zip(reciprocal)
    {
        let gain = *uncertainty * reciprocal;
        weight.re += gain * (far.re * error.re + far.im * error.im);
        weight.im += gain * (far.re * error.im - far.im * error.re);
        let learned = 0.5 * gain * (far.re * far.re + far.im * far.im);
        let path = weight.re * weight.re + weight.im * weight.im;
        *uncertainty =
            PATH_MEMORY * (1.0 - learned) * *uncertainty + (1.0 - PATH_MEMORY) * path + 1e-9;
    }
}

/// Bins of the longest transform, two frames at 16 kHz.
const MAX_BINS: usize = 321;

/// Squared magnitude that a coefficient may have before anything was heard: -10 dB, the loudest
/// echo expected.
const INITIAL_UNCERTAINTY: f32 = 0.1;

/// Forgetting of the near end's power per frame.
const NEAR_SMOOTHING: f32 = 0.3;

/// Squared state transition: how much of the path is believed to be the same one frame later.
const PATH_MEMORY: f32 = 0.998;
