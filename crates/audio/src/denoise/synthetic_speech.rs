//! Speech-like sound for tests: a glottal pulse train with a gliding pitch through three formant
//! resonators, cut into syllables of changing vowels and phrases with pauses.

use std::f64::consts::{PI, TAU};

/// First three formants of /a e i o u/ in Hz (Peterson and Barney, 1952, men, rounded).
const VOWELS: [[f64; 3]; 5] = [
    [730.0, 1_090.0, 2_440.0],
    [530.0, 1_840.0, 2_480.0],
    [270.0, 2_290.0, 3_010.0],
    [570.0, 840.0, 2_410.0],
    [300.0, 870.0, 2_240.0],
];

/// Speech of about `rms` while it lasts: syllables of 180 ms every 240 ms.
pub(super) fn talk(rate: u32, millis: u32, rms: f64, pitch_hz: f64) -> Vec<i16> {
    let rate = f64::from(rate);
    let samples = (rate * f64::from(millis) / 1e3) as usize;
    let mut phase = 0.0;
    let mut memory = [[0.0; 2]; 3];
    let mut raw = Vec::with_capacity(samples);
    for n in 0..samples {
        let seconds = n as f64 / rate;
        let syllable = (seconds / 0.24) as usize;
        let within = (seconds % 0.24) / 0.18;
        let voice = if within < 1.0 { (PI * within).sin().powf(0.4) } else { 0.0 };
        phase += pitch_hz * (1.0 + 0.12 * (TAU * seconds * 0.7).sin()) / rate;
        let pulse = if phase >= 1.0 { 1.0 } else { 0.0 };
        phase %= 1.0;
        let mut sound = pulse;
        for (hz, memory) in VOWELS[syllable * 3 % 5].iter().zip(&mut memory) {
            sound = resonate(sound, *hz, rate, memory);
        }
        raw.push(voice * sound);
    }
    // Vowels of one speaker differ by a few dB, bare resonators by 15: alternate between +2 and -2
    // dB.
    let mut out = Vec::with_capacity(samples);
    for (index, syllable) in raw.chunks((rate * 0.24) as usize).enumerate() {
        let level = (syllable.iter().map(|s| s * s).sum::<f64>() / syllable.len() as f64).sqrt();
        let gain = rms / level.max(1e-9) * if index % 2 == 0 { 1.26 } else { 0.8 };
        out.extend(syllable.iter().map(|s| (s * gain).round().clamp(-32_768.0, 32_767.0) as i16));
    }
    out
}

/// Gaussian white noise of `rms`.
pub(super) fn hiss(samples: usize, rms: f64, seed: u64) -> Vec<i16> {
    let mut state = seed | 1;
    let mut uniform = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    // Twelve uniform draws less six have variance 1 and are Gaussian enough.
    (0..samples)
        .map(|_| (rms * ((0..12).map(|_| uniform()).sum::<f64>() - 6.0)).round() as i16)
        .collect()
}

fn resonate(input: f64, hz: f64, rate: f64, memory: &mut [f64; 2]) -> f64 {
    let radius = (-PI * 90.0 / rate).exp();
    let output =
        input + 2.0 * radius * (TAU * hz / rate).cos() * memory[0] - radius * radius * memory[1];
    *memory = [output, memory[0]];
    output
}
