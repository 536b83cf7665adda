//! Subtracts the linear part of the echo.
//!
//! A partitioned-block Kalman filter in the frequency domain (G. Enzner, P. Vary, "Frequency-domain
//! adaptive Kalman filter for acoustic echo control in hands-free telephones", Signal Processing
//! 86, 2006): each bin carries how uncertain its coefficient is, and steps by that uncertainty over
//! the power of the near end. The caller's voice raises the latter and so stops the adaptation by
//! itself, without a double-talk detector to mistune.
//!
//! A partition's response must end after one frame, or the transform wraps around. In each frame
//! one partition is transformed back beside the echo estimate, and what wraps is taken out of it in
//! the next, beside the far end: the correction costs no transform of its own.

use offhook_types::SampleRate;

use super::fourier::{Complex32, Fourier, Spectrum};
use super::lanes::{dot, loudest};

/// Frames of echo path that are modelled: 40 ms from the start of the window.
const PARTITIONS: usize = 2;

/// Adaptive model of the echo path.
pub(super) struct Canceller {
    frame: usize,
    weights: [Spectrum; PARTITIONS],
    /// Per bin, the expected squared error of a weight.
    uncertainty: [Vec<f32>; PARTITIONS],
    /// The far end, newest first.
    far: [Spectrum; PARTITIONS],
    near_power: Vec<f32>,
    residual: Vec<f32>,
    /// What of the `corrected` partition wraps around: its second frame, after a frame of zeros.
    /// Times [`RESPONSE_GAIN`].
    wrapped: Vec<f32>,
    corrected: usize,
    /// Place and height of each partition's strongest reflection.
    peaks: [(usize, f32); PARTITIONS],
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
        let mut canceller = Self {
            frame,
            weights: std::array::from_fn(|_| Spectrum::new(bins)),
            uncertainty: std::array::from_fn(|_| vec![0.0; bins]),
            far: std::array::from_fn(|_| Spectrum::new(bins)),
            near_power: vec![0.0; bins],
            residual: vec![0.0; frame],
            wrapped: vec![0.0; 2 * frame],
            corrected: 0,
            peaks: [(0, 0.0); PARTITIONS],
        };
        canceller.reset();
        canceller
    }

    /// What is left of the newest near frame.
    pub(super) fn residual(&self) -> &[f32] {
        &self.residual
    }

    /// Spectrum of the newest far window, two frames.
    pub(super) fn far(&self) -> &Spectrum {
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

    /// Moves to the next frame: takes two frames of far end, estimates the echo and subtracts it
    /// from `near`. `room` is for a spectrum.
    pub(super) fn cancel(
        &mut self,
        near: &[f32],
        far: &[f32],
        fourier: &mut Fourier,
        room: &mut Spectrum,
    ) -> Cancelled {
        self.far.rotate_right(1);
        fourier.forward(far, &self.wrapped, &mut self.far[0], room);
        subtract(&mut self.weights[self.corrected], room, 1.0 / RESPONSE_GAIN);
        self.corrected = (self.corrected + 1) % PARTITIONS;
        room.clear();
        for (weights, far) in self.weights.iter().zip(&self.far) {
            multiply_add(room, weights, far);
        }
        let mut echo = [0.0; MAX_BINS];
        let echo = &mut echo[..self.frame];
        self.transform_back(fourier, room, echo);
        subtract_into(near, echo, &mut self.residual);
        let cross = dot(&self.residual, echo);
        let (near, echo) = (dot(near, near), dot(echo, echo));
        let residual = dot(&self.residual, &self.residual);
        let leak = cross * cross / (residual * echo + 1.0);
        Cancelled { near, echo, residual, leak, leak_gain: cross / (echo + 1.0) }
    }

    /// The echo from its spectrum, and beside it the response of the next partition to be
    /// corrected.
    fn transform_back(&mut self, fourier: &mut Fourier, spectrum: &Spectrum, echo: &mut [f32]) {
        let scale = 1.0 / fourier.len() as f32;
        let samples = fourier.inverse(spectrum, &self.weights[self.corrected], RESPONSE_GAIN);
        let (early, late) = samples.split_at(self.frame);
        let (taps, wrapped) = self.wrapped.split_at_mut(self.frame);
        // Of the response the first half is kept, the second wraps around; of the echo it is the
        // other way round.
        scale_parts(early, scale, echo, taps);
        let index = loudest(taps);
        self.peaks[self.corrected] = (index, taps[index].abs());
        taps.fill(0.0);
        scale_parts(late, scale, echo, wrapped);
    }

    /// Learns from the residual, and leaves the spectrum of it (zero-padded to two frames) in
    /// `error`.
    pub(super) fn adapt(&mut self, fourier: &mut Fourier, error: &mut Spectrum) {
        fourier.forward_late(&self.residual, error);
        let mut total = [0.0; MAX_BINS];
        let total = &mut total[..self.near_power.len()];
        smooth_power(&mut self.near_power, error, total);
        for (uncertainty, far) in self.uncertainty.iter().zip(&self.far) {
            add_uncertain_power(total, uncertainty, far);
        }
        for total in total.iter_mut() {
            *total = 1.0 / *total;
        }
        let state = self.weights.iter_mut().zip(&mut self.uncertainty);
        for ((weights, uncertainty), far) in state.zip(&self.far) {
            step(weights, uncertainty, far, error, total);
        }
    }

    /// Multiplies the whole model by `gain`.
    pub(super) fn scale(&mut self, gain: f32) {
        for weights in &mut self.weights {
            for part in [&mut weights.re, &mut weights.im] {
                part.iter_mut().for_each(|weight| *weight *= gain);
            }
        }
        self.wrapped.iter_mut().for_each(|tap| *tap *= gain);
    }

    /// Forgets the path.
    pub(super) fn reset(&mut self) {
        for partition in 0..PARTITIONS {
            self.weights[partition].clear();
            self.uncertainty[partition].fill(INITIAL_UNCERTAINTY);
            self.peaks[partition] = (0, 0.0);
        }
        self.forget_far();
        self.near_power.fill(0.0);
        self.wrapped.fill(0.0);
        self.corrected = 0;
    }

    /// Forgets what was sent, but keeps the path.
    pub(super) fn forget_far(&mut self) {
        self.far.iter_mut().for_each(Spectrum::clear);
    }
}

// Out of line for the reason given in `fourier`.

#[inline(never)]
fn subtract_into(from: &[f32], what: &[f32], out: &mut [f32]) {
    for ((out, from), what) in out.iter_mut().zip(from).zip(what) {
        *out = from - what;
    }
}

#[inline(never)]
fn subtract(from: &mut Spectrum, what: &Spectrum, scale: f32) {
    let parts = [(&mut from.re, &what.re), (&mut from.im, &what.im)];
    for (from, what) in parts {
        for (from, what) in from.iter_mut().zip(what) {
            *from -= scale * what;
        }
    }
}

#[inline(never)]
fn scale_parts(samples: &[Complex32], scale: f32, im: &mut [f32], re: &mut [f32]) {
    for ((z, im), re) in samples.iter().zip(im).zip(re) {
        (*im, *re) = (scale * z.im, scale * z.re);
    }
}

#[inline(never)]
fn multiply_add(sums: &mut Spectrum, a: &Spectrum, b: &Spectrum) {
    let a = a.re.iter().zip(&a.im);
    let b = b.re.iter().zip(&b.im);
    let sums = sums.re.iter_mut().zip(&mut sums.im);
    for (((re, im), (&a_re, &a_im)), (&b_re, &b_im)) in sums.zip(a).zip(b) {
        *re += a_re * b_re - a_im * b_im;
        *im += a_re * b_im + a_im * b_re;
    }
}

/// Smooths the power of the near end, and begins the Kalman gain's denominator with it: twice,
/// because half of the transform is padding.
#[inline(never)]
fn smooth_power(powers: &mut [f32], spectrum: &Spectrum, total: &mut [f32]) {
    let bins = spectrum.re.iter().zip(&spectrum.im);
    for (((power, total), re), im) in
        powers.iter_mut().zip(total).zip(bins.clone().map(|bin| bin.0)).zip(bins.map(|bin| bin.1))
    {
        *power += NEAR_SMOOTHING * (re * re + im * im - *power);
        *total = 2.0 * *power + 1.0;
    }
}

#[inline(never)]
fn add_uncertain_power(totals: &mut [f32], uncertainty: &[f32], far: &Spectrum) {
    for (((total, uncertainty), re), im) in
        totals.iter_mut().zip(uncertainty).zip(&far.re).zip(&far.im)
    {
        *total += uncertainty * (re * re + im * im);
    }
}

/// One Kalman step of one partition: correct the weights, shrink their uncertainty by what was
/// learned, and let it grow by what the path may have changed.
#[inline(never)]
fn step(
    weights: &mut Spectrum,
    uncertainty: &mut [f32],
    far: &Spectrum,
    error: &Spectrum,
    reciprocal: &[f32],
) {
    let weights = weights.re.iter_mut().zip(&mut weights.im);
    let far = far.re.iter().zip(&far.im);
    let error = error.re.iter().zip(&error.im);
    for (((((w_re, w_im), uncertainty), (&x_re, &x_im)), (&e_re, &e_im)), &reciprocal) in
        weights.zip(uncertainty).zip(far).zip(error).zip(reciprocal)
    {
        let gain = *uncertainty * reciprocal;
        *w_re += gain * (x_re * e_re + x_im * e_im);
        *w_im += gain * (x_re * e_im - x_im * e_re);
        let learned = 0.5 * gain * (x_re * x_re + x_im * x_im);
        let path = *w_re * *w_re + *w_im * *w_im;
        *uncertainty = PATH_MEMORY * (1.0 - learned) * *uncertainty
            + (1.0 - PATH_MEMORY) * path
            + LEAST_UNCERTAINTY;
    }
}

/// Taps of 0.001 to 0.3 share a transform with samples of some thousand: multiplied to be about as
/// large.
const RESPONSE_GAIN: f32 = 65_536.0;

/// Bins of the longest transform, two frames at 16 kHz.
const MAX_BINS: usize = 321;

/// Squared magnitude that a weight may have before anything was heard: -10 dB, the loudest echo
/// expected.
const INITIAL_UNCERTAINTY: f32 = 0.1;

/// Added per frame, so that a weight of zero can still be learned, and no product becomes denormal.
const LEAST_UNCERTAINTY: f32 = 1e-9;

/// Smoothing of the near end's power per frame. Slower lets the first frame of a caller's voice
/// spoil the weights; faster makes the residual's own scatter stop the learning.
const NEAR_SMOOTHING: f32 = 0.3;

/// Squared share of the path that is believed to be the same one frame later: half of it is gone
/// after 7 s.
const PATH_MEMORY: f32 = 0.998;
