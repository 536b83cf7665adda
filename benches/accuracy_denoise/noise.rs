//! What is added to the speech: synthetic noises, babble and music, and the coding of a telephone
//! line.

use std::f64::consts::TAU;

use offhook_types::SampleRate;

use crate::measure::rms;
use crate::recordings::Recordings;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Noise {
    White,
    Pink,
    Car,
    Babble,
    Music,
}

impl Noise {
    pub(crate) const ALL: [Self; 5] =
        [Self::White, Self::Pink, Self::Car, Self::Babble, Self::Music];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::White => "white",
            Self::Pink => "pink",
            Self::Car => "car",
            Self::Babble => "babble",
            Self::Music => "music",
        }
    }

    /// The noise at any level.
    pub(crate) fn render(
        self,
        recordings: &Recordings,
        rate: SampleRate,
        samples: usize,
    ) -> Vec<f64> {
        let mut random = Random::from_name(self.name());
        match self {
            Self::White => (0..samples).map(|_| random.normal()).collect(),
            Self::Pink => pink(&mut random, samples),
            Self::Car => car(&mut random, rate, samples),
            Self::Babble => recordings.babble(rate, samples),
            Self::Music => recordings.music(rate, samples),
        }
    }
}

/// Sum of one-pole low-passes an octave or two apart: within 1 dB of 3 dB an octave over the
/// telephone band.
fn pink(random: &mut Random, samples: usize) -> Vec<f64> {
    const POLES: [f64; 6] = [0.999, 0.996, 0.984, 0.94, 0.78, 0.35];
    let mut states = [0.0; 6];
    let draw = |_| {
        for (state, pole) in states.iter_mut().zip(POLES) {
            *state = pole * *state + (1.0 - pole).sqrt() * random.normal();
        }
        states.iter().sum()
    };
    (0..samples).map(draw).collect()
}

/// A car at speed: noise that falls 12 dB an octave above 80 Hz, some tyre hiss, and an engine at
/// 85 to 95 Hz.
fn car(random: &mut Random, rate: SampleRate, samples: usize) -> Vec<f64> {
    let rate = f64::from(rate.hz());
    let pole = (-TAU * 80.0 / rate).exp();
    let (mut first, mut second, mut turns) = (0.0, 0.0, 0.0);
    let draw = |n: usize| {
        let white = random.normal();
        first = pole * first + (1.0 - pole) * white;
        second = pole * second + (1.0 - pole) * first;
        turns += (90.0 + 5.0 * (TAU * 0.1 * n as f64 / rate).sin()) / rate;
        second + 0.02 * (TAU * turns).sin() + 0.003 * white
    };
    (0..samples).map(draw).collect()
}

/// `speech` plus `sound` at `sound_rms`, saturated.
pub(crate) fn mix<T: Copy + Into<f64>>(speech: &[i16], sound: &[T], sound_rms: f64) -> Vec<i16> {
    let gain = sound_rms / rms(sound).max(1e-9);
    let sum = |(&s, &n): (&i16, &T)| (f64::from(s) + gain * n.into()).round() as i16;
    speech.iter().zip(sound).map(sum).collect()
}

/// Coded and decoded as ITU-T G.711 mu-law: a sign, eight segments of doubling step, 16 steps in
/// each.
pub(crate) fn through_mu_law(samples: &[i16]) -> Vec<i16> {
    const BIAS: i32 = 132;
    const CLIP: i32 = 32_635;
    let code = |&sample: &i16| {
        let biased = i32::from(sample).abs().min(CLIP) + BIAS;
        // Segment 0 begins at 2^7; its step is 2^3.
        let step_bits = biased.ilog2() - 4;
        let middle = ((biased >> step_bits) << step_bits) + (1 << step_bits) / 2 - BIAS;
        (middle * i32::from(sample).signum()) as i16
    };
    samples.iter().map(code).collect()
}

/// Marsaglia's xorshift, seeded by a name, so that each noise is its own and always the same.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn from_name(name: &str) -> Self {
        // FNV-1a.
        let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        Self(name.bytes().fold(0xcbf2_9ce4_8422_2325, fold) | 1)
    }

    /// 0 to 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Gaussian of variance 1, by Box and Muller.
    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().max(1e-12).ln()).sqrt() * (TAU * self.uniform()).cos()
    }
}
