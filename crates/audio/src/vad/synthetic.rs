//! Voices that need no recording, for tests: a buzz through three moving formants, in syllables
//! that start with a hiss.

use std::f32::consts::{PI, TAU};

use offhook_types::SampleRate;

/// First three formants of the vowels a, i, o, e and u of a man (Peterson and Barney, 1952), in Hz.
const VOWELS: [[f32; 3]; 5] = [
    [730.0, 1_090.0, 2_440.0],
    [270.0, 2_290.0, 3_010.0],
    [570.0, 840.0, 2_410.0],
    [530.0, 1_840.0, 2_480.0],
    [300.0, 870.0, 2_240.0],
];

/// `ms` of syllables of 250 ms, one vowel gliding into the next over a voice falling from 150 to
/// 100 Hz, at `rms_dbfs`.
pub(crate) fn voice(rate: SampleRate, ms: u32, rms_dbfs: f32) -> Vec<i16> {
    let hz = rate.hz() as f32;
    let hiss = noise(rate, ms, -20.0);
    let mut formants = [Resonator::default(); 3];
    let mut phase = 0.0_f32;
    let samples: Vec<f32> = hiss
        .iter()
        .enumerate()
        .map(|(n, &hiss)| {
            let syllable = 4.0 * n as f32 / hz;
            let (index, along) = (syllable as usize, syllable.fract());
            phase += (150.0 - 50.0 * (syllable / 8.0).fract()) / hz;
            let pulse = if phase >= 1.0 { 1.0 } else { 0.0 };
            phase = phase.fract();
            let (from, to) = (VOWELS[index % 5], VOWELS[(index + 1) % 5]);
            let source = pulse + f32::from(hiss) * 4e-6;
            let vowel: f32 = formants
                .iter_mut()
                .enumerate()
                .map(|(k, formant)| {
                    let centre = from[k] + (to[k] - from[k]) * along;
                    formant.step(source, centre, 60.0 + 0.05 * centre, hz)
                })
                .sum();
            let consonant = if along < 0.2 { f32::from(hiss) * 2e-6 } else { 0.0 };
            vowel * (PI * along).sin().powf(0.5) + consonant
        })
        .collect();
    scaled(&samples, rms_dbfs)
}

/// `ms` of white noise.
pub(crate) fn noise(rate: SampleRate, ms: u32, rms_dbfs: f32) -> Vec<i16> {
    let mut state = 1_u32;
    let samples: Vec<f32> = (0..rate.samples_in_ms(ms))
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        })
        .collect();
    scaled(&samples, rms_dbfs)
}

/// Sample by sample, clipped.
pub(crate) fn mixed(a: &[i16], b: &[i16]) -> Vec<i16> {
    a.iter().zip(b).map(|(&a, &b)| a.saturating_add(b)).collect()
}

#[derive(Clone, Copy, Default)]
struct Resonator {
    one: f32,
    two: f32,
}

impl Resonator {
    fn step(&mut self, input: f32, centre_hz: f32, width_hz: f32, hz: f32) -> f32 {
        let radius = (-PI * width_hz / hz).exp();
        let back = 2.0 * radius * (TAU * centre_hz / hz).cos();
        let output = (1.0 - radius) * input + back * self.one - radius * radius * self.two;
        self.two = self.one;
        self.one = output;
        output
    }
}

fn scaled(samples: &[f32], rms_dbfs: f32) -> Vec<i16> {
    let power = samples.iter().map(|x| x * x).sum::<f32>() / samples.len().max(1) as f32;
    let gain = 32_768.0 * 10.0_f32.powf(rms_dbfs / 20.0) / power.sqrt().max(1e-9);
    samples.iter().map(|x| (x * gain).round() as i16).collect()
}
