//! Halving of a recording's sample rate with a linear-phase half-band filter whose delay is taken
//! out, so that labels stay aligned; and G.711 µ-law, because this is what a caller's line does to
//! a voice.

use std::f64::consts::PI;

/// Taps on each side of the centre. 31 put the stop band below -60 dB with a Blackman window.
const SIDE: i64 = 31;

/// 8 kHz from 16 kHz.
pub(crate) fn halve(input: &[i16]) -> Vec<i16> {
    let taps = half_band();
    let at = |index: i64| usize::try_from(index).ok().and_then(|i| input.get(i)).copied();
    (0..input.len() as i64 / 2)
        .map(|n| {
            let sum: f64 = (-SIDE..=SIDE)
                .map(|k| taps[(k + SIDE) as usize] * f64::from(at(2 * n - k).unwrap_or(0)))
                .sum();
            to_i16(sum)
        })
        .collect()
}

/// What a sample is after µ-law encoding and decoding (ITU-T G.711 §3, the segment formula).
pub(crate) fn through_mu_law(sample: i16) -> i16 {
    const BIAS: i32 = 132;
    const CLIP: i32 = 32_635;
    let magnitude = i32::from(sample).abs().min(CLIP) + BIAS;
    let segment = (31 - magnitude.leading_zeros()) as i32 - 7;
    let step = (magnitude >> (segment + 3)) & 0x0f;
    let decoded = (((step << 3) + BIAS) << segment) - BIAS;
    (if sample < 0 { -decoded } else { decoded }) as i16
}

fn half_band() -> Vec<f64> {
    (-SIDE..=SIDE)
        .map(|k| {
            let x = k as f64;
            let ideal = if k == 0 { 0.5 } else { (PI * x / 2.0).sin() / (PI * x) };
            let phase = PI * (x / (SIDE as f64 + 1.0) + 1.0);
            ideal * (0.42 - 0.5 * phase.cos() + 0.08 * (2.0 * phase).cos())
        })
        .collect()
}

fn to_i16(value: f64) -> i16 {
    value.round().clamp(f64::from(i16::MIN), f64::from(i16::MAX)) as i16
}
