//! Turns 40 ms of a signal into a spectrum whose bins disturb each other little.

use super::fourier::Fourier;

/// Pre-emphasises `signal`, multiplies it with `window` and leaves its spectrum in `fourier`.
pub(super) fn analyse(signal: &[f32], window: &[f32], fourier: &mut Fourier) {
    // The window begins at zero, so the first sample needs no predecessor.
    fourier.samples[0] = 0.0;
    let out = &mut fourier.samples[1..];
    for ((out, pair), weight) in out.iter_mut().zip(signal.windows(2)).zip(&window[1..]) {
        *out = (pair[1] - PRE_EMPHASIS * pair[0]) * weight;
    }
    fourier.forward();
}

/// A periodic Hann window.
pub(super) fn hann(len: usize) -> Vec<f32> {
    let step = std::f32::consts::TAU / len as f32;
    (0..len).map(|n| 0.5 - 0.5 * (step * n as f32).cos()).collect()
}

/// First-order pre-emphasis, the usual one of speech coders: it keeps the strong low end of a voice
/// from leaking over the phases of its upper bands.
pub(super) const PRE_EMPHASIS: f32 = 0.9;

/// Mean square of a Hann window.
pub(super) const HANN_MEAN_SQUARE: f32 = 0.375;
