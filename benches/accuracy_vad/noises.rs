//! What a caller's surroundings sound like, each from a seed, at unit power (±1 RMS); the mixer
//! sets the level.

use std::f32::consts::TAU;

/// A small generator (SplitMix64): the same seed gives the same noise on every machine.
pub(crate) struct Seeded(u64);

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Between 0 and 1.
    pub(crate) fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u64 << 24) as f32
    }

    /// Below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    /// Gaussian enough: the sum of twelve uniform numbers.
    fn gauss(&mut self) -> f32 {
        (0..12).map(|_| self.unit()).sum::<f32>() - 6.0
    }
}

/// A kind of noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Noise {
    White,
    Pink,
    Babble,
    Music,
    Car,
    Keys,
    Hum,
}

pub(crate) const NOISES: [Noise; 7] =
    [Noise::White, Noise::Pink, Noise::Babble, Noise::Music, Noise::Car, Noise::Keys, Noise::Hum];

impl Noise {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::White => "white",
            Self::Pink => "pink",
            Self::Babble => "babble",
            Self::Music => "music",
            Self::Car => "car",
            Self::Keys => "keys",
            Self::Hum => "hum",
        }
    }

    /// `length` samples at 8 kHz with RMS 1. `voices` and `music` are recordings to build babble
    /// and music of.
    pub(crate) fn generate(
        self,
        length: usize,
        seed: u64,
        voices: &[Vec<i16>],
        music: &[Vec<i16>],
    ) -> Vec<f32> {
        let mut random = Seeded::new(seed);
        let mut noise = match self {
            Self::White => (0..length).map(|_| random.gauss()).collect(),
            Self::Pink => pink(length, &mut random),
            Self::Babble => babble(length, &mut random, voices),
            Self::Music => excerpt(length, &mut random, music),
            Self::Car => car(length, &mut random),
            Self::Keys => keys(length, &mut random),
            Self::Hum => hum(length, &mut random),
        };
        to_unit_power(&mut noise);
        noise
    }
}

/// -3 dB per octave: white noise through three first-order sections (Kellet's economy filter).
fn pink(length: usize, random: &mut Seeded) -> Vec<f32> {
    let mut state = [0.0_f32; 3];
    (0..length)
        .map(|_| {
            let white = random.gauss();
            state[0] = 0.997_65 * state[0] + white * 0.099_046;
            state[1] = 0.963 * state[1] + white * 0.296_516_4;
            state[2] = 0.57 * state[2] + white * 1.052_691_3;
            state.iter().sum::<f32>() + white * 0.1848
        })
        .collect()
}

/// Eight voices at once, each talking without a pause, as in an open-plan office.
fn babble(length: usize, random: &mut Seeded, voices: &[Vec<i16>]) -> Vec<f32> {
    let mut sum = vec![0.0; length];
    for _ in 0..8 {
        let mut at = 0;
        while at < length && !voices.is_empty() {
            let mut voice: Vec<f32> =
                voices[random.below(voices.len())].iter().map(|&s| f32::from(s)).collect();
            to_unit_power(&mut voice);
            for (out, sample) in sum[at..].iter_mut().zip(&voice) {
                *out += sample;
            }
            at += voice.len().max(1);
        }
    }
    sum
}

fn excerpt(length: usize, random: &mut Seeded, music: &[Vec<i16>]) -> Vec<f32> {
    let mut out = Vec::with_capacity(length + 80_000);
    while out.len() < length && !music.is_empty() {
        let piece = &music[random.below(music.len())];
        let from = random.below(piece.len().saturating_sub(80_000));
        out.extend(piece[from..].iter().take(80_000).map(|&s| f32::from(s)));
    }
    out.resize(length, 0.0);
    out
}

/// Rumble: white noise through two poles at 120 Hz, its level wandering over seconds, plus the
/// engine's harmonics.
fn car(length: usize, random: &mut Seeded) -> Vec<f32> {
    let (mut first, mut second, mut drift, mut phase) = (0.0, 0.0, 0.0, 0.0_f32);
    (0..length)
        .map(|_| {
            first += 0.09 * (random.gauss() - first);
            second += 0.09 * (first - second);
            drift += 2e-4 * (random.gauss() - drift);
            phase = (phase + 42.0 / 8_000.0) % 1.0;
            let engine = (TAU * phase).sin() + 0.6 * (TAU * 2.0 * phase).sin();
            (second + 0.06 * engine + 0.02 * random.gauss()) * (1.0 + 20.0 * drift).clamp(0.3, 3.0)
        })
        .collect()
}

/// Key strokes: four to eight a second in bursts, each two short decaying bursts of noise (press
/// and release).
fn keys(length: usize, random: &mut Seeded) -> Vec<f32> {
    let mut out: Vec<f32> = (0..length).map(|_| 0.01 * random.gauss()).collect();
    let mut at = 0;
    while at < length {
        for _ in 0..5 + random.below(20) {
            strike(&mut out, at, 0.6 + random.unit(), random);
            strike(&mut out, at + 500 + random.below(300), 0.3 * random.unit(), random);
            at += 1_000 + random.below(1_000);
        }
        at += random.below(16_000);
    }
    out
}

fn strike(out: &mut [f32], at: usize, loudness: f32, random: &mut Seeded) {
    let mut decay = loudness;
    for sample in out.iter_mut().skip(at).take(160) {
        *sample += decay * random.gauss();
        decay *= 0.96;
    }
}

/// Mains hum: 50 Hz with falling harmonics, and a little hiss.
fn hum(length: usize, random: &mut Seeded) -> Vec<f32> {
    (0..length)
        .map(|n| {
            let turn = n as f32 * 50.0 / 8_000.0;
            let tones: f32 = [(1.0, 1.0), (2.0, 0.5), (3.0, 0.6), (5.0, 0.3), (7.0, 0.15)]
                .iter()
                .map(|(order, weight)| weight * (TAU * (order * turn).fract()).sin())
                .sum();
            tones + 0.03 * random.gauss()
        })
        .collect()
}

fn to_unit_power(samples: &mut [f32]) {
    let energy: f64 = samples.iter().map(|&x| f64::from(x).powi(2)).sum();
    let rms = (energy / samples.len().max(1) as f64).sqrt() as f32;
    if rms > 0.0 {
        samples.iter_mut().for_each(|x| *x /= rms);
    }
}
