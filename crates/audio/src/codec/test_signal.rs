//! Signals and measures for the tests of codecs. No recording is needed: the voice is made of
//! integers, so that it is the same on every machine.

use std::f64::consts::TAU;

use offhook_types::SampleRate;

/// A vowel-like signal at 16 kHz: pulses at 125 Hz through two resonances (700 and 1800 Hz), a
/// little noise, four syllables a second. Peaks near 12,000.
pub(super) fn voice(samples: usize) -> Vec<i16> {
    let mut noise = 1_u32;
    let mut resonances = [(30_593_i64, 15_416_i64, 0_i64, 0_i64), (23_920, 15_099, 0, 0)];
    (0..samples as i64)
        .map(|n| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let hiss = i64::from(noise >> 24) - 128;
            let phase = n % 4_000;
            let envelope = phase.min(4_000 - phase).min(1_000);
            let pulse = if n % 128 == 0 { 6_000 } else { 0 };
            let excitation = (pulse + hiss) * envelope / 1_000;
            let sum: i64 = resonances
                .iter_mut()
                .map(|(first, second, last, before)| {
                    let out = excitation + ((*first * *last - *second * *before) >> 14);
                    (*before, *last) = (*last, out);
                    out
                })
                .sum();
            (sum / 2).clamp(-32_768, 32_767) as i16
        })
        .collect()
}

/// A sine of `peak` at `hz`.
pub(super) fn sine(hz: f64, peak: f64, rate: SampleRate, samples: usize) -> Vec<i16> {
    let step = TAU * hz / f64::from(rate.hz());
    (0..samples).map(|n| (peak * (step * n as f64).sin()).round() as i16).collect()
}

/// Power of `reference` over the power of what `output` adds to it, in dB.
pub(super) fn snr_db(reference: &[i16], output: &[i16]) -> f64 {
    let power = |values: &mut dyn Iterator<Item = f64>| values.map(|x| x * x).sum::<f64>();
    let signal = power(&mut reference.iter().map(|&x| f64::from(x)));
    let noise =
        power(&mut reference.iter().zip(output).map(|(&x, &y)| f64::from(x) - f64::from(y)));
    10.0 * (signal / noise.max(1e-9)).log10()
}

/// The lag of `output` behind `reference`, below 400 samples, at which they agree best, and the
/// ratio of signal to noise there.
pub(super) fn best_lag(reference: &[i16], output: &[i16]) -> (usize, f64) {
    let length = output.len().min(reference.len()) - 400;
    (0..400)
        .map(|lag| (lag, snr_db(&reference[..length], &output[lag..lag + length])))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .expect("four hundred lags are tried")
}
