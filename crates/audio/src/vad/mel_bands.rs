//! What the network of the crate `earshot` listens to: the logarithm of the energy in forty mel
//! bands of 48 ms, 16 ms apart.
//!
//! The crate computes the same with a plain transform, bin by bin, at 2.5 times the cost of the
//! network itself. Here the transform is that of `rustfft`, and the bands are sums over vector
//! registers. Differences are those of rounding.

use crate::power_spectrum::PowerSpectrum;

/// Samples between two looks: 16 ms at 16 kHz.
pub(super) const STEP_SAMPLES: usize = 256;
/// Samples of one look.
pub(super) const LOOK_SAMPLES: usize = 768;
/// Bands of a look.
pub(super) const BANDS: usize = 40;

/// Looks at a stream of 16 kHz. 21 KiB with its tables.
pub(super) struct MelBands {
    /// The newest look, after the pre-emphasis.
    samples: [f32; LOOK_SAMPLES],
    /// The newest sample of the stream, before it.
    newest: f32,
    spectrum: PowerSpectrum,
    /// Of all bands one after the other, each bin's weight.
    weights: Box<[f32]>,
}

impl MelBands {
    pub(super) fn new() -> Self {
        Self {
            samples: [0.0; LOOK_SAMPLES],
            newest: 0.0,
            spectrum: PowerSpectrum::new(LOOK_SAMPLES, TRANSFORM_SAMPLES),
            weights: weights(),
        }
    }

    /// Takes the next 16 ms, and writes the logarithms of the bands' energies.
    pub(super) fn look_into(&mut self, step: &[i16; STEP_SAMPLES], bands: &mut [f32]) {
        self.samples.copy_within(STEP_SAMPLES.., 0);
        let (_, entering) = self.samples.split_at_mut(LOOK_SAMPLES - STEP_SAMPLES);
        emphasise_into(step, self.newest, entering);
        self.newest = f32::from(step[STEP_SAMPLES - 1]);
        let powers = self.spectrum.of(&self.samples);
        let mut weights = &*self.weights;
        for (band, edges) in bands.iter_mut().zip(EDGES.windows(3)) {
            let bins = &powers[edges[0]..edges[2]];
            let (own, others) = weights.split_at(bins.len());
            weights = others;
            *band = weighted_sum(bins, own) + LEAST_ENERGY;
        }
        to_logarithms(bands);
    }

    pub(super) fn reset(&mut self) {
        self.samples.fill(0.0);
        self.newest = 0.0;
    }
}

/// First-order pre-emphasis of a step whose predecessor is `before`.
#[inline(never)]
fn emphasise_into(step: &[i16; STEP_SAMPLES], before: f32, out: &mut [f32]) {
    let mut wide = [before; STEP_SAMPLES + 1];
    for (wide, &sample) in wide[1..].iter_mut().zip(step) {
        *wide = f32::from(sample);
    }
    for ((out, sample), before) in out.iter_mut().zip(&wide[1..]).zip(&wide) {
        *out = sample - PRE_EMPHASIS * before;
    }
}

/// Sum of products, in lanes that fill a vector register.
fn weighted_sum(bins: &[f32], weights: &[f32]) -> f32 {
    let (bins, few_bins) = bins.as_chunks::<8>();
    let (weights, few_weights) = weights.as_chunks::<8>();
    let mut lanes = [0.0_f32; 8];
    for (bins, weights) in bins.iter().zip(weights) {
        for ((lane, bin), weight) in lanes.iter_mut().zip(bins).zip(weights) {
            *lane += bin * weight;
        }
    }
    let rest: f32 = few_bins.iter().zip(few_weights).map(|(bin, weight)| bin * weight).sum();
    lanes.iter().sum::<f32>() + rest
}

/// Natural logarithms of positive normal numbers, within 1e-6 of the exponent's share or of the
/// last digit: `ln m = 2 artanh((m - 1) / (m + 1))` of a mantissa near one, by its series. Without
/// a branch, so that eight bands are one step.
#[inline(never)]
fn to_logarithms(numbers: &mut [f32]) {
    for number in numbers {
        // The mantissa lies between the root of a half and that of two: the subtraction carries
        // into the exponent where it would be above.
        let above = number.to_bits().wrapping_sub(ROOT_HALF_BITS);
        let exponent = (above as i32 >> 23) as f32;
        let mantissa = f32::from_bits((above & 0x007F_FFFF) + ROOT_HALF_BITS);
        let x = (mantissa - 1.0) / (mantissa + 1.0);
        let y = x * x;
        let series = 2.0 + y * (2.0 / 3.0 + y * (2.0 / 5.0 + y * (2.0 / 7.0 + y * (2.0 / 9.0))));
        *number = exponent * std::f32::consts::LN_2 + x * series;
    }
}

/// Triangles: each band rises from its lower edge to its middle and falls to its upper edge, where
/// the next but one begins. The energy is that of samples between -1 and 1.
fn weights() -> Box<[f32]> {
    let mut weights = Vec::new();
    for edges in EDGES.windows(3) {
        let [lower, middle, upper] = [edges[0], edges[1], edges[2]];
        let rising = (lower..middle).map(|bin| (bin - lower) as f32 / (middle - lower) as f32);
        let falling = (middle..upper).map(|bin| (upper - bin) as f32 / (upper - middle) as f32);
        weights.extend(rising.chain(falling).map(|weight| weight / (32_768.0 * 32_768.0)));
    }
    weights.into()
}

/// Length of the transform: 15.625 Hz a bin.
const TRANSFORM_SAMPLES: usize = 1_024;

/// Edges of the bands in bins, 62.5 to 7,594 Hz, as the network was trained with them (`earshot`
/// 1.2.2, `MEL_COEFFS`).
const EDGES: [usize; BANDS + 2] = [
    4, 7, 10, 13, 17, 21, 25, 29, 33, 38, 43, 48, 54, 60, 66, 73, 80, 87, 95, 103, 112, 122, 132,
    142, 153, 165, 178, 191, 205, 220, 236, 253, 270, 289, 309, 330, 353, 376, 402, 428, 456, 486,
];

/// As the network was trained with it (`earshot` 1.2.2).
const PRE_EMPHASIS: f32 = 0.97;

/// Keeps the logarithm of silence finite, as the network was trained with it (`earshot` 1.2.2).
const LEAST_ENERGY: f32 = 1e-20;

/// The bits of the square root of a half.
const ROOT_HALF_BITS: u32 = 0x3F35_04F3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_those_of_the_library_within_a_millionth() {
        let mut number = 1e-20_f32;
        while number < 1e8 {
            let mut logarithms = [number; BANDS];
            to_logarithms(&mut logarithms);
            let expected = f64::from(number).ln();
            let error = (f64::from(logarithms[0]) - expected).abs();
            assert!(error < 1e-6 * expected.abs().max(1.0), "{number}: {}", logarithms[0]);
            number *= 1.001;
        }
    }
}
