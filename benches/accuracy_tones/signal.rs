//! Synthetic signals: tones with every property that a standard limits, and seeded noise.

use std::f64::consts::TAU;

/// Two tones at once, as a keypad sends them, good or bad.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TonePair {
    /// Frequencies in hertz.
    pub(crate) hz: [f64; 2],
    /// Levels in dBm0.
    pub(crate) dbm0: [f64; 2],
    /// Phases at the onset, in turns.
    pub(crate) turns: [f64; 2],
}

/// Seeded noise, white and of Gaussian amplitude.
pub(crate) struct Noise(u64);

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// Uniform between 0 and 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Gaussian with a deviation of one.
    pub(crate) fn gaussian(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (TAU * self.uniform()).cos()
    }
}

/// Peak of a sine of `dbm0`, in `i16` steps.
pub(crate) fn peak_of(dbm0: f64) -> f64 {
    32_767.0 * 10_f64.powf((dbm0 - offhook_audio::FULL_SCALE_SINE_DBM0) / 20.0)
}

/// Adds `pair` to `samples` between `from_ms` and `from_ms + len_ms`, hard-edged.
pub(crate) fn add_pair(
    samples: &mut [f64],
    rate_hz: u32,
    pair: &TonePair,
    from_ms: f64,
    len_ms: f64,
) {
    let rate = f64::from(rate_hz);
    let from = from_ms * rate / 1_000.0;
    let until = (from_ms + len_ms) * rate / 1_000.0;
    for (n, sample) in samples.iter_mut().enumerate() {
        let n = n as f64;
        if n < from || n >= until {
            continue;
        }
        for tone in 0..2 {
            let turn = pair.turns[tone] + pair.hz[tone] * (n - from) / rate;
            *sample += peak_of(pair.dbm0[tone]) * (TAU * turn).sin();
        }
    }
}

/// Adds white noise whose mean square over the whole band is `power`.
pub(crate) fn add_noise(samples: &mut [f64], power: f64, noise: &mut Noise) {
    for sample in samples {
        *sample += power.sqrt() * noise.gaussian();
    }
}

/// Rounds and clips to what a codec can carry.
pub(crate) fn to_i16(samples: &[f64]) -> Vec<i16> {
    samples.iter().map(|it| it.round().clamp(-32_768.0, 32_767.0) as i16).collect()
}
