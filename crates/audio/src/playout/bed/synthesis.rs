//! The few building blocks that the beds are made of: periodic filtered noise, slow random curves,
//! short sounds.
//!
//! Everything on a [`Track`] wraps round its end: filters are warmed up on the end of the loop
//! before they run over it, curves close, and sounds that reach over the end go on at the start.

use std::f32::consts::TAU;

use offhook_types::SampleRate;

use super::super::gain::multiplier_from_db;
use super::super::limiter::rounded;
use super::super::random::SeededRandom;

/// A loop being made.
pub(super) struct Track {
    pub(super) rate: SampleRate,
    samples: Vec<f32>,
}

/// A second-order filter by its purpose. Corner frequencies above what the rate carries are moved
/// below it.
#[derive(Clone, Copy)]
pub(super) enum Pass {
    Low {
        hz: f32,
    },
    High {
        hz: f32,
    },
    /// Unit gain at the centre.
    Band {
        hz: f32,
        q: f32,
    },
}

/// A closed curve through evenly spaced points, smooth at each.
pub(super) struct Curve(Vec<f32>);

impl Track {
    pub(super) fn new(rate: SampleRate, loop_ms: u32) -> Self {
        Self { rate, samples: vec![0.0; rate.samples_in_ms(loop_ms)] }
    }

    /// Adds filtered noise at `level_db` (RMS), shaped by `envelope`.
    pub(super) fn add_noise(
        &mut self,
        seed: u64,
        filters: &[Pass],
        level_db: f32,
        envelope: &Curve,
    ) {
        let mut random = SeededRandom::new(seed);
        let mut noise: Vec<f32> = self.samples.iter().map(|_| random.bipolar()).collect();
        for &filter in filters {
            let mut biquad = Biquad::new(filter, self.rate);
            // Half a second outlasts the ringing of every filter used here.
            let warm_up = noise.len().saturating_sub(self.rate.samples_in_ms(500));
            noise[warm_up..].iter().for_each(|&x| {
                biquad.process(x);
            });
            noise.iter_mut().for_each(|x| *x = biquad.process(*x));
        }
        let scale = multiplier_from_db(level_db) / rms(&noise);
        envelope.multiply(&mut noise);
        for (sample, noise) in self.samples.iter_mut().zip(noise) {
            *sample += noise * scale;
        }
    }

    /// Adds a short sound, its peak scaled to `level_db`, from `at_s` seconds on.
    pub(super) fn add_sound(&mut self, at_s: f32, level_db: f32, sound: &[f32]) {
        let peak = sound.iter().fold(f32::MIN_POSITIVE, |peak, x| peak.max(x.abs()));
        self.add_scaled(at_s, multiplier_from_db(level_db) / peak, sound);
    }

    /// Adds a short sound as it is.
    pub(super) fn add_scaled(&mut self, at_s: f32, scale: f32, sound: &[f32]) {
        let length = self.samples.len();
        let mut at = (at_s * self.rate.hz() as f32) as usize % length;
        for x in sound {
            self.samples[at] += x * scale;
            at = if at + 1 == length { 0 } else { at + 1 };
        }
    }

    /// Brings the loop to `level_dbfs` without offset, and its rare peaks to at most
    /// [`CREST_DB_MAX`] above that.
    pub(super) fn into_samples(mut self, level_dbfs: f32) -> Vec<i16> {
        let mean = self.samples.iter().sum::<f32>() / self.samples.len() as f32;
        self.samples.iter_mut().for_each(|x| *x -= mean);
        let level = 32_768.0 * multiplier_from_db(level_dbfs);
        let peak = level * multiplier_from_db(CREST_DB_MAX);
        // Bending peaks lowers the level a little: each pass makes up for the one before.
        for _ in 0..4 {
            let scale = level / rms(&self.samples);
            self.samples.iter_mut().for_each(|x| *x = bent(*x * scale, peak));
        }
        self.samples.iter().map(|&x| rounded(x)).collect()
    }
}

/// Peaks over the RMS level that a bed may have. Gaussian noise of this length reaches 13 dB.
const CREST_DB_MAX: f32 = 15.0;

/// Passes up to half of `peak`, bends what is above so that it stays below `peak`.
fn bent(x: f32, peak: f32) -> f32 {
    let knee = 0.5 * peak;
    let excess = (x.abs() - knee).max(0.0) / knee;
    (x.abs().min(knee) + knee * excess / (1.0 + excess * excess).sqrt()).copysign(x)
}

impl Curve {
    /// 1 throughout.
    pub(super) fn flat() -> Self {
        Self(vec![1.0])
    }

    /// Random points between `low` and `high`.
    pub(super) fn random(seed: u64, points: usize, low: f32, high: f32) -> Self {
        let mut random = SeededRandom::new(seed);
        Self((0..points).map(|_| random.between(low, high)).collect())
    }

    /// Zero but for swells to 1: (centre, half width) as parts of the loop.
    pub(super) fn swells(points: usize, swells: &[(f32, f32)]) -> Self {
        let at = |i: usize| {
            let t = i as f32 / points as f32;
            let swell = |&(centre, half_width): &(f32, f32)| {
                let distance = (t - centre).abs();
                let x = (distance.min(1.0 - distance) / half_width).min(1.0);
                0.5 + 0.5 * (0.5 * TAU * x).cos()
            };
            swells.iter().map(swell).fold(0.0, f32::max)
        };
        Self((0..points).map(at).collect())
    }

    /// The same curve with other values.
    pub(super) fn map(mut self, f: impl Fn(f32) -> f32) -> Self {
        self.0.iter_mut().for_each(|x| *x = f(*x));
        self
    }

    fn multiply(&self, samples: &mut [f32]) {
        let points = self.0.len();
        let length = samples.len();
        let starts = |point: usize| point * length / points;
        for point in 0..points {
            let (from, to) = (self.0[point], self.0[(point + 1) % points]);
            let segment = &mut samples[starts(point)..starts(point + 1)];
            let per_sample = 1.0 / segment.len() as f32;
            for (i, sample) in segment.iter_mut().enumerate() {
                let t = i as f32 * per_sample;
                *sample *= from + (to - from) * t * t * (3.0 - 2.0 * t);
            }
        }
    }
}

/// A burst of noise that rises within `attack_ms` and dies away by 60 dB in `decay_ms`.
pub(super) fn burst(
    rate: SampleRate,
    seed: u64,
    attack_ms: f32,
    decay_ms: f32,
    filters: &[Pass],
) -> Vec<f32> {
    let mut random = SeededRandom::new(seed);
    let attack = attack_ms * rate.hz() as f32 / 1_000.0;
    let length = attack + decay_ms * rate.hz() as f32 / 1_000.0;
    let decay = 0.001_f32.powf(1.0 / (length - attack));
    let mut level = 1.0;
    let mut sound: Vec<f32> = (0..length as usize)
        .map(|i| {
            let rise = (i as f32 / attack).min(1.0);
            if rise >= 1.0 {
                level *= decay;
            }
            random.bipolar() * rise * level
        })
        .collect();
    for &filter in filters {
        let mut biquad = Biquad::new(filter, rate);
        sound.iter_mut().for_each(|x| *x = biquad.process(*x));
    }
    sound
}

/// Sines that rise within `attack_ms` and die away: (Hz, level, milliseconds to -60 dB).
pub(super) fn partials(rate: SampleRate, attack_ms: f32, partials: &[(f32, f32, f32)]) -> Vec<f32> {
    let per_ms = rate.hz() as f32 / 1_000.0;
    let longest = partials.iter().fold(0.0_f32, |longest, p| longest.max(p.2));
    let mut sound = vec![0.0; (longest * per_ms) as usize];
    for &(hz, level, decay_ms) in partials {
        if hz > 0.45 * rate.hz() as f32 {
            continue;
        }
        let length = ((decay_ms * per_ms) as usize).min(sound.len());
        add_decaying_sine(&mut sound[..length], rate, hz, level);
    }
    let attack = (attack_ms * per_ms) as usize;
    for (i, x) in sound.iter_mut().enumerate().take(attack) {
        *x *= i as f32 / attack as f32;
    }
    sound
}

/// A damped rotation, in f64 so that it does not drift; it stops at -60 dB, under the noise of a
/// telephone line.
fn add_decaying_sine(sound: &mut [f32], rate: SampleRate, hz: f32, level: f32) {
    let length = sound.len();
    let radius = 0.001_f64.powf(1.0 / length.max(1) as f64);
    let (sin, cos) = (std::f64::consts::TAU * f64::from(hz) / f64::from(rate.hz())).sin_cos();
    let (step_re, step_im) = (radius * cos, radius * sin);
    let (mut re, mut im) = (f64::from(level), 0.0);
    for x in sound {
        *x += im as f32;
        (re, im) = (re * step_re - im * step_im, re * step_im + im * step_re);
    }
}

/// A whistle that glides from one pitch to another, swelling and fading over `length_ms`.
pub(super) fn glide(rate: SampleRate, from_hz: f32, to_hz: f32, length_ms: f32) -> Vec<f32> {
    let length = (length_ms * rate.hz() as f32 / 1_000.0) as usize;
    let mut phase = 0.0_f32;
    (0..length)
        .map(|i| {
            let t = i as f32 / length as f32;
            phase = (phase + (from_hz + (to_hz - from_hz) * t) / rate.hz() as f32).fract();
            let swell = 0.5 - 0.5 * (TAU * t).cos();
            (TAU * phase).sin() * swell
        })
        .collect()
}

fn rms(samples: &[f32]) -> f32 {
    let power = samples.iter().map(|x| f64::from(x * x)).sum::<f64>() / samples.len() as f64;
    (power.sqrt() as f32).max(f32::MIN_POSITIVE)
}

/// Direct form 2 transposed, coefficients by R. Bristow-Johnson's "Audio EQ Cookbook" (W3C note,
/// 2021).
struct Biquad {
    b: [f32; 3],
    a: [f32; 2],
    z: [f32; 2],
}

impl Biquad {
    fn new(filter: Pass, rate: SampleRate) -> Self {
        let (hz, q) = match filter {
            Pass::Low { hz } | Pass::High { hz } => (hz, std::f32::consts::FRAC_1_SQRT_2),
            Pass::Band { hz, q } => (hz, q),
        };
        let (sin, cos) = (TAU * (hz / rate.hz() as f32).min(0.45)).sin_cos();
        let alpha = sin / (2.0 * q);
        let b = match filter {
            Pass::Low { .. } => [(1.0 - cos) / 2.0, 1.0 - cos, (1.0 - cos) / 2.0],
            Pass::High { .. } => [(1.0 + cos) / 2.0, -1.0 - cos, (1.0 + cos) / 2.0],
            Pass::Band { .. } => [alpha, 0.0, -alpha],
        };
        let a0 = 1.0 + alpha;
        let a = [-2.0 * cos / a0, (1.0 - alpha) / a0];
        Self { b: b.map(|b| b / a0), a, z: [0.0; 2] }
    }

    fn process(&mut self, x: f32) -> f32 {
        let y = self.b[0] * x + self.z[0];
        self.z = [self.b[1] * x - self.a[0] * y + self.z[1], self.b[2] * x - self.a[1] * y];
        y
    }
}
