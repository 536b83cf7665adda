//! Sound that varies like speech, so that no stage sees the same frame twice or takes a shortcut.

use std::f64::consts::TAU;

/// Harmonics of a gliding pitch in syllables of 250 ms over a little noise, at about -20 dB of full
/// scale.
pub(crate) fn speech_like(rate: u32, millis: u32) -> Vec<i16> {
    let mut noise = 0x9e37_79b9_u32;
    let mut phase = 0.0;
    let sample = |n: u32| {
        let seconds = f64::from(n) / f64::from(rate);
        phase += TAU * (130.0 + 30.0 * (TAU * 0.6 * seconds).sin()) / f64::from(rate);
        let voice: f64 = (1..=20).map(|k| (f64::from(k) * phase).sin() / f64::from(k)).sum();
        let syllable = (TAU * 2.0 * seconds).sin().abs();
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let hiss = f64::from(noise >> 16) / 65_536.0 - 0.5;
        (4_000.0 * syllable * voice + 200.0 * hiss) as i16
    };
    (0..rate / 1_000 * millis).map(sample).collect()
}
