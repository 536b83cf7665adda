//! A Fourier transform that carries two real signals at once, one as real and one as imaginary
//! part.
//!
//! Real and imaginary parts of spectra are kept apart, so that loops over bins fill vector
//! registers; of the two signals of a transform, the spectra are told apart by their symmetry, in
//! one pass.

use std::sync::Arc;

pub(super) use rustfft::num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

/// Bins of a real signal, 25 Hz apart, from 0 Hz to half the sample rate inclusive.
#[derive(Clone)]
pub(super) struct Spectrum {
    pub(super) re: Vec<f32>,
    pub(super) im: Vec<f32>,
}

impl Spectrum {
    pub(super) fn new(bins: usize) -> Self {
        Self { re: vec![0.0; bins], im: vec![0.0; bins] }
    }

    pub(super) fn clear(&mut self) {
        self.re.fill(0.0);
        self.im.fill(0.0);
    }
}

/// The transform of one length and its buffers. Unnormalised: there and back is `len` times the
/// input.
pub(super) struct Fourier {
    plan: Arc<dyn Fft<f32>>,
    /// Of half the length, for a signal that comes alone.
    half_plan: Arc<dyn Fft<f32>>,
    /// `cos wn` of the whole length over a quarter turn, whose reverse is the sine.
    quarter: Vec<f32>,
    buffer: Vec<Complex32>,
    scratch: Vec<Complex32>,
}

impl Fourier {
    pub(super) fn new(len: usize) -> Self {
        let mut planner = FftPlanner::new();
        let (plan, half_plan) = (planner.plan_fft_forward(len), planner.plan_fft_forward(len / 2));
        let scratch = plan.get_inplace_scratch_len().max(half_plan.get_inplace_scratch_len());
        let step = std::f64::consts::TAU / len as f64;
        let quarter = (0..=len / 4).map(|n| (step * n as f64).cos() as f32).collect();
        Self {
            plan,
            half_plan,
            quarter,
            buffer: vec![Complex32::default(); len],
            scratch: vec![Complex32::default(); scratch],
        }
    }

    /// Samples of a transform.
    pub(super) fn len(&self) -> usize {
        self.buffer.len()
    }

    /// Transforms two signals.
    pub(super) fn forward(
        &mut self,
        a: &[f32],
        b: &[f32],
        a_spectrum: &mut Spectrum,
        b_spectrum: &mut Spectrum,
    ) {
        interleave(a, b, &mut self.buffer);
        self.plan.process_with_scratch(&mut self.buffer, &mut self.scratch);
        separate(&self.buffer, a_spectrum, b_spectrum);
    }

    /// Transforms two signals, both multiplied with `window` after a pre-emphasis of `1 -
    /// coefficient z^-1`. The window must begin with zero: the first sample has no predecessor.
    pub(super) fn forward_windowed(
        &mut self,
        [a, b]: [&[f32]; 2],
        window: &[f32],
        coefficient: f32,
        [a_spectrum, b_spectrum]: &mut [Spectrum; 2],
    ) {
        self.buffer[0] = Complex32::default();
        interleave_windowed(a, b, window, coefficient, &mut self.buffer[1..]);
        self.plan.process_with_scratch(&mut self.buffer, &mut self.scratch);
        separate(&self.buffer, a_spectrum, b_spectrum);
    }

    /// Transforms a signal that is silent in its first half. It is alone, so that its even samples
    /// can be the real part and its odd ones the imaginary part of a transform of half the length.
    pub(super) fn forward_late(&mut self, late: &[f32], spectrum: &mut Spectrum) {
        let half = late.len();
        let buffer = &mut self.buffer[..half];
        let (silent, sounding) = buffer.split_at_mut(half / 2);
        silent.fill(Complex32::default());
        for (z, pair) in sounding.iter_mut().zip(late.as_chunks::<2>().0) {
            *z = Complex32::new(pair[0], pair[1]);
        }
        self.half_plan.process_with_scratch(buffer, &mut self.scratch);
        let (first, middle) = (buffer[0], buffer[half / 2]);
        let (low_re, high_re) = spectrum.re[1..half].split_at_mut(half / 2 - 1);
        let (low_im, high_im) = spectrum.im[1..half].split_at_mut(half / 2 - 1);
        join(buffer, &self.quarter, low_re, low_im, &mut high_re[1..], &mut high_im[1..]);
        (spectrum.re[0], spectrum.im[0]) = (first.re + first.im, 0.0);
        (spectrum.re[half / 2], spectrum.im[half / 2]) = (middle.re, -middle.im);
        (spectrum.re[half], spectrum.im[half]) = (first.re - first.im, 0.0);
    }

    /// Transforms two spectra back. Of what is returned, `im` is the signal of `a` and `re` that of
    /// `b`, times `b_gain`: two signals that share a transform should be about as loud, or the
    /// louder's rounding errors drown the other.
    pub(super) fn inverse(&mut self, a: &Spectrum, b: &Spectrum, b_gain: f32) -> &[Complex32] {
        unite(a, b, b_gain, &mut self.buffer);
        self.plan.process_with_scratch(&mut self.buffer, &mut self.scratch);
        &self.buffer
    }
}

// The loops below are kept out of line: of arguments the compiler knows that they do not overlap,
// and fills vector registers. Inlined into one long function it forgets that, and a frame costs a
// quarter more.

#[inline(never)]
fn interleave(a: &[f32], b: &[f32], buffer: &mut [Complex32]) {
    for ((z, &a), &b) in buffer.iter_mut().zip(a).zip(b) {
        *z = Complex32::new(a, b);
    }
}

#[inline(never)]
fn interleave_windowed(
    a: &[f32],
    b: &[f32],
    window: &[f32],
    coefficient: f32,
    buffer: &mut [Complex32],
) {
    let (a, b) = (a[1..].iter().zip(a), b[1..].iter().zip(b));
    for (((z, (a, a_before)), (b, b_before)), weight) in
        buffer.iter_mut().zip(a).zip(b).zip(&window[1..])
    {
        let a = (a - coefficient * a_before) * weight;
        *z = Complex32::new(a, (b - coefficient * b_before) * weight);
    }
}

/// The spectra of the real and of the imaginary part.
#[inline(never)]
fn separate(buffer: &[Complex32], a: &mut Spectrum, b: &mut Spectrum) {
    let last = a.re.len() - 1;
    (a.re[0], a.im[0], b.re[0], b.im[0]) = (buffer[0].re, 0.0, buffer[0].im, 0.0);
    let (rising, falling) = (&buffer[1..=last], &buffer[last..]);
    let a_bins = a.re[1..].iter_mut().zip(&mut a.im[1..]);
    let b_bins = b.re[1..].iter_mut().zip(&mut b.im[1..]);
    let bins = rising.iter().zip(falling.iter().rev());
    for (((a_re, a_im), (b_re, b_im)), (z, mirror)) in a_bins.zip(b_bins).zip(bins) {
        *a_re = 0.5 * (z.re + mirror.re);
        *a_im = 0.5 * (z.im - mirror.im);
        *b_re = 0.5 * (z.im + mirror.im);
        *b_im = 0.5 * (mirror.re - z.re);
    }
}

/// The lower and the upper bins of a signal whose even and odd samples were transformed as real and
/// imaginary part. (Slices by themselves: of vectors in a structure the compiler does not know that
/// they do not overlap.)
#[inline(never)]
fn join(
    buffer: &[Complex32],
    quarter: &[f32],
    low_re: &mut [f32],
    low_im: &mut [f32],
    high_re: &mut [f32],
    high_im: &mut [f32],
) {
    let low = low_re.iter_mut().zip(low_im);
    let high = high_re.iter_mut().zip(high_im).rev();
    let turns = quarter[1..].iter().zip(quarter[..quarter.len() - 1].iter().rev());
    let bins = buffer[1..].iter().zip(buffer.iter().rev());
    for ((((low_re, low_im), (high_re, high_im)), (cosine, sine)), (z, mirror)) in
        low.zip(high).zip(turns).zip(bins)
    {
        let (even_re, even_im) = (0.5 * (z.re + mirror.re), 0.5 * (z.im - mirror.im));
        let (odd_re, odd_im) = (0.5 * (z.im + mirror.im), 0.5 * (mirror.re - z.re));
        let turned_re = cosine * odd_re + sine * odd_im;
        let turned_im = cosine * odd_im - sine * odd_re;
        (*low_re, *low_im) = (even_re + turned_re, even_im + turned_im);
        (*high_re, *high_im) = (even_re - turned_re, turned_im - even_im);
    }
}

/// The spectrum of `a + i b_gain b`, real and imaginary parts swapped, which turns a forward
/// transform into an inverse one.
#[inline(never)]
fn unite(a: &Spectrum, b: &Spectrum, b_gain: f32, buffer: &mut [Complex32]) {
    let last = a.re.len() - 1;
    buffer[0] = Complex32::new(b_gain * b.re[0], a.re[0]);
    let (rising, falling) = buffer[1..].split_at_mut(last);
    let a_bins = a.re[1..].iter().zip(&a.im[1..]);
    let b_bins = b.re[1..].iter().zip(&b.im[1..]);
    for ((z, (&a_re, &a_im)), (&b_re, &b_im)) in rising.iter_mut().zip(a_bins).zip(b_bins) {
        *z = Complex32::new(a_im + b_gain * b_re, a_re - b_gain * b_im);
    }
    rising[last - 1] = Complex32::new(b_gain * b.re[last], a.re[last]);
    let a_bins = a.re[1..last].iter().zip(&a.im[1..last]);
    let b_bins = b.re[1..last].iter().zip(&b.im[1..last]);
    for ((z, (&a_re, &a_im)), (&b_re, &b_im)) in falling.iter_mut().rev().zip(a_bins).zip(b_bins) {
        *z = Complex32::new(b_gain * b_re - a_im, a_re + b_gain * b_im);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(cycles: f32, phase: f32) -> Vec<f32> {
        (0..320)
            .map(|n| (std::f32::consts::TAU * cycles * n as f32 / 320.0 + phase).cos())
            .collect()
    }

    #[test]
    fn two_tones_land_in_their_own_bins_with_their_own_phase() {
        let mut fourier = Fourier::new(320);
        let (mut a, mut b) = (Spectrum::new(161), Spectrum::new(161));
        fourier.forward(&tone(7.0, 0.0), &tone(30.0, 1.0), &mut a, &mut b);
        let expect = |spectrum: &Spectrum, bin: usize, phase: f32| {
            for other in 0..=160 {
                let scale = if other == bin { 160.0 } else { 0.0 };
                assert!((spectrum.re[other] - scale * phase.cos()).abs() < 1e-3, "{other}");
                assert!((spectrum.im[other] - scale * phase.sin()).abs() < 1e-3, "{other}");
            }
        };
        expect(&a, 7, 0.0);
        expect(&b, 30, 1.0);
    }

    #[test]
    fn there_and_back_is_the_length_times_the_input() {
        let mut fourier = Fourier::new(320);
        let (mut a, mut b) = (Spectrum::new(161), Spectrum::new(161));
        let one: Vec<f32> = (0..320).map(|n| (n * n % 97) as f32).collect();
        let two: Vec<f32> = (0..320).map(|n| (n * 31 % 89) as f32).collect();
        fourier.forward(&one, &two, &mut a, &mut b);
        for (n, z) in fourier.inverse(&a, &b, 1.0).iter().enumerate() {
            assert!((z.im / 320.0 - one[n]).abs() < 1e-3, "{n}");
            assert!((z.re / 320.0 - two[n]).abs() < 1e-3, "{n}");
        }
    }

    #[test]
    fn a_late_signal_transforms_as_a_padded_one() {
        let mut fourier = Fourier::new(320);
        let (mut a, mut b, mut late) = (Spectrum::new(161), Spectrum::new(161), Spectrum::new(161));
        let mut padded = tone(3.3, 0.4);
        padded[..160].fill(0.0);
        fourier.forward_late(&padded[160..], &mut late);
        fourier.forward(&padded, &[0.0; 320], &mut a, &mut b);
        for bin in 0..=160 {
            assert!((a.re[bin] - late.re[bin]).abs() < 1e-3);
            assert!((a.im[bin] - late.im[bin]).abs() < 1e-3);
        }
    }
}
