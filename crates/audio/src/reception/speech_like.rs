//! Signals and recorders for the tests of reception.

use std::f32::consts::TAU;

use super::media_frame::{FrameOrigin, MediaFrame};

/// A pulse train of `pitch_hz` through two formant resonators (700 and 1,220 Hz, an open vowel),
/// peak about 12,000.
pub(super) fn vowel(rate_hz: u32, pitch_hz: f32, samples: usize) -> Vec<i16> {
    let mut pulses = vec![0.0; samples + 1];
    let period = rate_hz as f32 / pitch_hz;
    for pulse in 0.. {
        let at = pulse as f32 * period;
        let (whole, part) = (at as usize, at.fract());
        if whole >= samples {
            break;
        }
        pulses[whole] += 1.0 - part;
        pulses[whole + 1] += part;
    }
    pulses.truncate(samples);
    let voiced = resonate(&resonate(&pulses, rate_hz, 700.0, 90.0), rate_hz, 1_220.0, 110.0);
    let peak = voiced.iter().fold(1e-9_f32, |peak, value| peak.max(value.abs()));
    voiced.iter().map(|value| (value / peak * 12_000.0) as i16).collect()
}

/// White noise of the given RMS.
pub(super) fn hiss(rms: f32, samples: usize, seed: u32) -> Vec<i16> {
    let mut state = seed | 1;
    (0..samples)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            let uniform = state as f32 / u32::MAX as f32 * 2.0 - 1.0;
            (uniform * rms * 3.0_f32.sqrt()).round() as i16
        })
        .collect()
}

pub(super) fn rms(samples: &[i16]) -> f32 {
    let sum: f64 = samples.iter().map(|&sample| f64::from(sample).powi(2)).sum();
    (sum / samples.len().max(1) as f64).sqrt() as f32
}

/// Signal over error, in dB.
pub(super) fn snr_db(clean: &[i16], heard: &[i16]) -> f32 {
    let power: f64 = clean.iter().map(|&sample| f64::from(sample).powi(2)).sum();
    let error: f64 =
        clean.iter().zip(heard).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum();
    (10.0 * (power.max(1e-9) / error.max(1e-9)).log10()) as f32
}

pub(super) fn largest_step(samples: &[i16]) -> i32 {
    samples
        .windows(2)
        .map(|pair| (i32::from(pair[1]) - i32::from(pair[0])).abs())
        .max()
        .unwrap_or(0)
}

/// What a timeline emitted.
#[derive(Default)]
pub(super) struct Recorded {
    pub(super) origins: Vec<FrameOrigin>,
    pub(super) late: Vec<bool>,
    pub(super) samples: Vec<i16>,
    pub(super) next: u64,
}

impl Recorded {
    /// Notes a frame and checks what holds for every frame: 20 ms, and media time without holes.
    pub(super) fn push(&mut self, frame: MediaFrame<'_>, frame_samples: usize) {
        assert_eq!(frame.samples.len(), frame_samples);
        assert_eq!(frame.time.sample, self.next);
        self.next += frame_samples as u64;
        self.origins.push(frame.origin);
        self.late.push(frame.is_late);
        self.samples.extend_from_slice(frame.samples);
    }

    pub(super) fn count(&self, origin: FrameOrigin) -> usize {
        self.origins.iter().filter(|&&one| one == origin).count()
    }
}

fn resonate(input: &[f32], rate_hz: u32, centre_hz: f32, width_hz: f32) -> Vec<f32> {
    let radius = (-std::f32::consts::PI * width_hz / rate_hz as f32).exp();
    let (a1, a2) = (2.0 * radius * (TAU * centre_hz / rate_hz as f32).cos(), -radius * radius);
    let (mut y1, mut y2) = (0.0, 0.0);
    input
        .iter()
        .map(|x| {
            let y = x + a1 * y1 + a2 * y2;
            (y2, y1) = (y1, y);
            y
        })
        .collect()
}
