//! Keeping the sum of speech and background inside sixteen bits.
//!
//! A curve without memory: no attack that lets the first peak through, no release that pumps the
//! bed after a loud word. Its price is harmonic distortion of peaks above the knee, which a
//! telephone codec hides at the small overloads that a bed under a loud voice makes; a gain of 2 on
//! a voice that was loud already sounds strained, as a clip would, but without its wrap or edge. A
//! look-ahead limiter would distort less and delay every sample; left out.

/// Bends peaks above [`SoftLimiter::KNEE`] so that the result always fits in an `i16`.
///
/// | Input peak | Output peak | Distortion (THD of a sine) |
/// |---|---|---|
/// | up to -3 dBFS | the same, bit for bit | none |
/// | 0 dBFS | -0.8 dBFS | -29 dB |
/// | +3 dBFS | -0.2 dBFS | -18 dB; a hard clip has -17 dB |
/// | +6 dBFS | -0.06 dBFS | -13 dB; a hard clip has -13 dB |
///
/// The curve is `knee + h·u/√(1+u²)`, `u` being the excess in units of the headroom `h`: its first
/// and second derivatives are continuous at the knee, so the distortion sets in gradually.
#[derive(Clone, Copy, Debug, Default)]
pub struct SoftLimiter;

impl SoftLimiter {
    /// Magnitude up to which a sample passes untouched: -3 dBFS. Higher leaves so little room that
    /// the curve becomes a clip, lower bends ordinary speech.
    pub const KNEE: f32 = 23_197.0;

    const CEILING: f32 = 32_767.0;
    const HEADROOM: f32 = Self::CEILING - Self::KNEE;

    /// The limited value of one sample in units of an `i16` step: odd, never decreasing, within
    /// ±32,767.
    #[inline]
    pub fn limit(sample: f32) -> f32 {
        let magnitude = sample.abs();
        let u = (magnitude - Self::KNEE).max(0.0) * (1.0 / Self::HEADROOM);
        // u/s = 1 - 1/(s(s + u)) for s = √(1 + u²). Written so, each operation is monotonic, and
        // IEEE rounding keeps that: the curve never turns back. It holds for an infinite input,
        // too.
        let s = (1.0 + u * u).sqrt();
        let bent = Self::HEADROOM * (1.0 - 1.0 / (s * (s + u)));
        (magnitude.min(Self::KNEE) + bent).copysign(sample)
    }

    /// Limits and rounds `mix` into `out`; both must be equally long, what one has more is left
    /// alone.
    pub fn limit_into(mix: &[f32], out: &mut [i16]) {
        debug_assert_eq!(mix.len(), out.len());
        for (out, &sample) in out.iter_mut().zip(mix) {
            *out = rounded(Self::limit(sample));
        }
    }
}

/// Rounds without limiting; what does not fit is clipped.
pub(super) fn round_into(mix: &[f32], out: &mut [i16]) {
    debug_assert_eq!(mix.len(), out.len());
    for (out, &sample) in out.iter_mut().zip(mix) {
        *out = rounded(sample);
    }
}

/// The nearest `i16`, halves away from zero. `f32::round` is a library call on a baseline x86-64
/// and does not vectorise; the cast clips at the ends of the range and truncates towards zero,
/// which the added half makes a rounding.
#[inline]
pub(super) fn rounded(sample: f32) -> i16 {
    (sample.clamp(-32_768.0, 32_767.0) + 0.5_f32.copysign(sample)) as i32 as i16
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn limited(sample: f32) -> i16 {
        let mut out = [0];
        SoftLimiter::limit_into(&[sample], &mut out);
        out[0]
    }

    /// Harmonics 2..=20 of a sine through the limiter, relative to its fundamental.
    fn thd_db(peak: f64) -> f64 {
        let n = 4_096;
        let turn = std::f64::consts::TAU / n as f64;
        let cycles = 13;
        let mut out = vec![0; n];
        let sine: Vec<f32> =
            (0..n).map(|i| (peak * (turn * (cycles * i) as f64).sin()) as f32).collect();
        SoftLimiter::limit_into(&sine, &mut out);
        let power = |k: usize| {
            let (mut re, mut im) = (0.0, 0.0);
            for (i, &x) in out.iter().enumerate() {
                let angle = turn * (k * i) as f64;
                re += f64::from(x) * angle.cos();
                im += f64::from(x) * angle.sin();
            }
            re * re + im * im
        };
        let harmonics: f64 = (2..=20).map(|h| power(h * cycles)).sum();
        10.0 * (harmonics / power(cycles)).log10()
    }

    #[test]
    fn everything_up_to_the_knee_passes_bit_for_bit() {
        for x in -23_197_i16..=23_197 {
            assert_eq!(limited(f32::from(x)), x);
        }
    }

    #[test]
    fn the_curve_never_turns_back_for_any_sum_of_eight_signals() {
        let mut last = limited(-262_144.0);
        for x in -262_144..=262_144_i32 {
            let y = limited(x as f32);
            assert!(y >= last && y > i16::MIN, "{x}: {last} then {y}");
            last = y;
        }
        assert!(last >= 32_750, "full range is used: {last}");
    }

    #[test]
    fn stated_levels_and_distortion_hold() {
        assert_eq!((limited(32_767.0), limited(65_534.0)), (29_964, 32_531));
        assert!(thd_db(16_384.0) < -85.0, "-6 dBFS: rounding only, got {}", thd_db(16_384.0));
        for (peak, db) in [(32_767.0, -29.2), (46_340.0, -17.6), (65_534.0, -13.1)] {
            assert!((thd_db(peak) - db).abs() < 0.2, "{peak}: {} dB", thd_db(peak));
        }
    }

    proptest! {
        #[test]
        fn any_float_fits_and_order_is_kept(a in any::<f32>(), b in any::<f32>()) {
            prop_assume!(!a.is_nan() && !b.is_nan());
            let (low, high) = if a <= b { (a, b) } else { (b, a) };
            prop_assert!(limited(low) <= limited(high));
            prop_assert_eq!(i32::from(limited(a)), -i32::from(limited(-a)));
        }
    }
}
