//! Noise that stands in for the background of the line while the carrier sends nothing.
//!
//! Level and colour are learnt from the quietest frames received: the level follows the floor of
//! the frame powers, down fast and up slowly; the colour is an all-pole filter fitted to frames
//! near that floor. It is never louder than the learnt floor.
//!
//! Left out: the reflection coefficients of an RFC 3389 payload (no carrier is known to send them
//! over its WebSocket; the level byte is taken).

use offhook_types::SampleRate;

/// A learner and generator of background noise. The same seed and input give the same noise.
#[derive(Clone, Debug)]
pub struct ComfortNoise {
    background: Background,
    /// RMS told by the carrier for this pause, in sample units.
    told_level: Option<f32>,
    filter: AllPole,
    /// The filter does not reflect what was learnt since it was made.
    is_stale: bool,
    random: u64,
    seed: u64,
    /// Frames shorter than this tell nothing.
    samples_min: usize,
}

/// A noise level outside what RFC 3389 §3.1 allows: 0 to 127, for 0 to -127 dBov.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("comfort noise level byte {0} is above 127")]
pub struct InvalidNoiseLevel(pub u8);

/// What is known of the background.
#[derive(Clone, Copy, Debug, Default)]
struct Background {
    /// Mean square of the quietest frames; `None` before the first frame.
    floor: Option<f32>,
    /// Autocorrelation of frames near the floor, per sample.
    correlation: [f32; ORDER + 1],
}

/// An all-pole filter and its state.
#[derive(Clone, Copy, Debug, Default)]
struct AllPole {
    coefficients: [f32; ORDER],
    memory: [f32; ORDER],
    /// RMS of the excitation.
    gain: f32,
    /// Bound on the output.
    peak: f32,
}

impl ComfortNoise {
    /// A generator that is silent until it has heard a background or been told a level.
    pub fn new(rate: SampleRate, seed: u64) -> Self {
        Self {
            background: Background::default(),
            told_level: None,
            filter: AllPole::default(),
            is_stale: false,
            random: scramble(seed),
            seed,
            samples_min: rate.samples_in_ms(5),
        }
    }

    /// RMS of the noise it makes, in sample units.
    pub fn level(&self) -> f32 {
        let learnt = self.background.floor.unwrap_or(0.0).sqrt();
        self.told_level.unwrap_or(learnt).min(LEVEL_MAX)
    }

    /// Forgets the background and starts the noise anew from its seed.
    pub fn reset(&mut self) {
        self.background = Background::default();
        self.told_level = None;
        self.filter = AllPole::default();
        self.random = scramble(self.seed);
        self.is_stale = false;
    }

    /// Learns from received audio, a frame of 20 ms at a time; other lengths are accepted, less
    /// than 5 ms is ignored. Audio ends the pause for which a level was told.
    pub fn hear(&mut self, frame: &[i16]) {
        if frame.len() < self.samples_min {
            return;
        }
        self.told_level = None;
        self.background.hear(frame);
        self.is_stale = true;
    }

    /// Takes the level the carrier gives for this pause, as -dBov in the first byte of an RFC 3389
    /// payload.
    ///
    /// # Errors
    /// [`InvalidNoiseLevel`] above 127; the level stays as it was.
    pub fn set_level_dbov(&mut self, minus_dbov: u8) -> Result<(), InvalidNoiseLevel> {
        if minus_dbov > 127 {
            return Err(InvalidNoiseLevel(minus_dbov));
        }
        self.told_level = Some(32_767.0 * 10.0_f32.powf(-f32::from(minus_dbov) / 20.0));
        self.is_stale = true;
        Ok(())
    }

    /// Fills `output` with noise.
    pub fn generate_into(&mut self, output: &mut [i16]) {
        self.begin();
        let mut block = [0.0; BLOCK];
        for part in output.chunks_mut(BLOCK) {
            let noise = &mut block[..part.len()];
            self.next_block(noise);
            for (sample, &value) in part.iter_mut().zip(noise.iter()) {
                *sample = to_sample(value);
            }
        }
    }

    /// Puts what was learnt into use.
    pub(super) fn begin(&mut self) {
        if std::mem::take(&mut self.is_stale) {
            self.filter.fit(&self.background.correlation, self.level());
        }
    }

    /// The next samples of the noise, within ±4 times its level.
    pub(super) fn next_block(&mut self, noise: &mut [f32]) {
        if self.filter.gain == 0.0 {
            noise.fill(0.0);
            return;
        }
        self.random = white_noise(self.random, self.filter.gain * UNIFORM_TO_UNIT_RMS, noise);
        self.filter.run(noise);
    }
}

impl Background {
    fn hear(&mut self, frame: &[i16]) {
        let count = frame.len() as f32;
        let power = lagged_product(frame, 0) / count;
        let floor = match self.floor {
            // Whoever speaks first must not be taken for the background.
            None => power.min(FIRST_FLOOR),
            Some(floor) if power < floor => floor + FALL * (power - floor),
            Some(floor) => (floor * RISE + f32::EPSILON).min(power),
        };
        self.floor = Some(floor);
        if power > NEAR_FLOOR * floor {
            return;
        }
        for (lag, smoothed) in self.correlation.iter_mut().enumerate() {
            let product = if lag == 0 { power } else { lagged_product(frame, lag) / count };
            *smoothed += LEARNING * (product - *smoothed);
        }
    }
}

impl AllPole {
    /// Fits the filter to an autocorrelation (Levinson and Durbin) and scales its output to `level`
    /// RMS.
    fn fit(&mut self, correlation: &[f32; ORDER + 1], level: f32) {
        self.coefficients = [0.0; ORDER];
        self.peak = PEAK_OVER_LEVEL * level;
        self.gain = level;
        if level == 0.0 {
            self.memory = [0.0; ORDER];
            return;
        }
        if correlation[0] < 1.0 {
            return;
        }
        let mut error = correlation[0] * WHITE_CORRECTION;
        let power = error;
        for order in 0..ORDER {
            let mut residual = correlation[order + 1];
            for k in 0..order {
                residual += self.coefficients[k] * correlation[order - k];
            }
            let reflection = (-residual / error).clamp(-REFLECTION_MAX, REFLECTION_MAX);
            let former = self.coefficients;
            for k in 0..order {
                self.coefficients[k] = former[k] + reflection * former[order - 1 - k];
            }
            self.coefficients[order] = reflection;
            error *= 1.0 - reflection * reflection;
        }
        self.gain = level * (error / power).sqrt();
    }

    /// Filters an excitation in place. The state lives in registers meanwhile.
    fn run(&mut self, signal: &mut [f32]) {
        let (coefficients, peak) = (self.coefficients, self.peak);
        let mut memory = self.memory;
        for sample in signal {
            let mut value = *sample;
            for k in (0..ORDER).rev() {
                value -= coefficients[k] * memory[k];
            }
            // Also keeps denormals out of the memory.
            let value = if value.abs() < 1e-6 { 0.0 } else { value.clamp(-peak, peak) };
            for k in (1..ORDER).rev() {
                memory[k] = memory[k - 1];
            }
            memory[0] = value;
            *sample = value;
        }
        self.memory = memory;
    }
}

/// Fills `noise` with uniform values in ±`scale`; returns the next state of the generator:
/// xorshift64*, Vigna 2016, whose upper bits are good enough to be heard as noise.
fn white_noise(mut state: u64, scale: f32, noise: &mut [f32]) -> u64 {
    for sample in noise {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        let bits = (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 40) as i32;
        *sample = (bits - (1 << 23)) as f32 * (scale / (1 << 23) as f32);
    }
    state
}

/// Rounds to the nearest sample value; `round` is a call to a library where the processor has no
/// instruction for it.
pub(super) fn to_sample(value: f32) -> i16 {
    (value + 0.5_f32.copysign(value)) as i16
}

/// Sum of products of a signal with itself `lag` samples earlier, in lanes that vectorise.
fn lagged_product(samples: &[i16], lag: usize) -> f32 {
    let (a_lanes, a_rest) = samples[lag..].as_chunks::<16>();
    let (b_lanes, b_rest) = samples[..samples.len() - lag].as_chunks::<16>();
    let mut lanes = [0.0_f32; 16];
    for (x, y) in a_lanes.iter().zip(b_lanes) {
        for i in 0..16 {
            lanes[i] += (i32::from(x[i]) * i32::from(y[i])) as f32;
        }
    }
    let rest: f32 =
        a_rest.iter().zip(b_rest).map(|(&x, &y)| (i32::from(x) * i32::from(y)) as f32).sum();
    lanes.iter().sum::<f32>() + rest
}

/// Spreads a seed over all bits; never zero, where xorshift would stay.
fn scramble(seed: u64) -> u64 {
    (seed ^ 0x9E37_79B9_7F4A_7C15).wrapping_mul(0xBF58_476D_1CE4_E5B9) | 1
}

/// Samples generated at a time.
pub(super) const BLOCK: usize = 64;

/// Poles of the noise filter: enough for the tilt and one resonance of a line's hum or hiss.
const ORDER: usize = 6;

/// Scales a uniform value in ±1 to an RMS of 1: the square root of 3.
const UNIFORM_TO_UNIT_RMS: f32 = 1.732_050_8;

/// -40 dBov in sample units: a loud street. Music on hold has a floor too; hiss at its level would
/// be worse than a hole.
const LEVEL_MAX: f32 = 327.67;

/// Mean square of -60 dBov, the highest floor believed of a first frame.
const FIRST_FLOOR: f32 = 32.767 * 32.767;

/// Share of the way down to a quieter frame: half of it in 50 ms, so that one muted packet does not
/// erase the floor.
const FALL: f32 = 0.25;

/// Growth of the floor per louder frame: 2.2 dB a second. Faster learns vowels as background in a
/// long sentence; slower takes long to follow the caller out into the street.
const RISE: f32 = 1.01;

/// Frames within 6 dB of the floor are background.
const NEAR_FLOOR: f32 = 4.0;

/// Share of each background frame in the learnt colour: 200 ms.
const LEARNING: f32 = 0.1;

/// White noise added at -30 dB for a filter that stays stable and coarse.
const WHITE_CORRECTION: f32 = 1.001;

/// Bounds each reflection coefficient away from instability.
const REFLECTION_MAX: f32 = 0.98;

/// Bound on a sample of the noise over its RMS. Gaussian noise passes it once in 16,000 samples.
const PEAK_OVER_LEVEL: f32 = 4.0;

#[cfg(test)]
mod tests {
    use super::super::speech_like::{hiss, rms, vowel};
    use super::*;

    const RATE: SampleRate = SampleRate::HZ_8000;

    #[test]
    fn the_noise_is_as_loud_as_the_background_and_never_louder() {
        let mut noise = ComfortNoise::new(RATE, 1);
        // Learning a -60 dBov floor takes no climb; 30 is about -61 dBov.
        learn(&mut noise, &hiss(30.0, 16_000, 5));
        let made = generate(&mut noise, 16_000);
        let level_db = 20.0 * (rms(&made) / 30.0).log10();
        assert!((-3.0..=0.0).contains(&level_db), "{level_db} dB over the background");
        let peak = made.iter().map(|sample| sample.unsigned_abs()).max().unwrap();
        assert!(f32::from(peak) <= 4.0 * 30.0);
    }

    #[test]
    fn speech_over_noise_is_not_learnt_as_background() {
        let mut noise = ComfortNoise::new(RATE, 1);
        let voice = vowel(8_000, 110.0, 16_000);
        let background = hiss(20.0, 64_000, 9);
        // 2 s of speech, 0.2 s of pause, for 8 s.
        let line: Vec<i16> = background
            .iter()
            .enumerate()
            .map(
                |(i, &sample)| {
                    if i % 17_600 < 16_000 { sample + voice[i % 17_600] / 2 } else { sample }
                },
            )
            .collect();
        learn(&mut noise, &line);
        assert!(noise.level() <= 20.0 * 1.5, "{}", noise.level());
    }

    #[test]
    fn a_loud_first_word_or_music_never_becomes_loud_noise() {
        let mut noise = ComfortNoise::new(RATE, 1);
        learn(&mut noise, &vowel(8_000, 200.0, 480));
        assert!(noise.level() <= 33.5, "-60 dBov and 3 frames of 0.04 dB: {}", noise.level());
        learn(&mut noise, &vowel(8_000, 200.0, 8_000 * 60));
        assert!(noise.level() <= LEVEL_MAX);
        assert!(rms(&generate(&mut noise, 8_000)) <= LEVEL_MAX * 1.05);
    }

    #[test]
    fn digital_silence_stays_digital_silence() {
        let mut noise = ComfortNoise::new(RATE, 1);
        learn(&mut noise, &[0; 8_000]);
        assert_eq!(generate(&mut noise, 8_000), vec![0; 8_000]);
    }

    #[test]
    fn the_noise_has_the_colour_of_the_background() {
        for is_dark in [true, false] {
            let mut noise = ComfortNoise::new(RATE, 1);
            let sign = if is_dark { 1 } else { -1 };
            let source = hiss(20.0, 32_000, 5);
            let coloured: Vec<i16> =
                source.windows(2).map(|pair| (pair[1] + sign * pair[0]) / 2).collect();
            learn(&mut noise, &coloured);
            let made = generate(&mut noise, 16_000);
            let (wanted, got) = (likeness_at_lag_1(&coloured), likeness_at_lag_1(&made));
            assert!((wanted - got).abs() < 0.1, "{wanted} {got}");
        }
    }

    #[test]
    fn a_told_level_is_kept_until_audio_arrives() {
        let mut noise = ComfortNoise::new(RATE, 1);
        learn(&mut noise, &hiss(10.0, 8_000, 5));
        noise.set_level_dbov(50).unwrap();
        let level = rms(&generate(&mut noise, 16_000));
        // RFC 3389: 0 dBov is the overload point, so -50 dBov is 32,767 / 316.
        assert!((level / 103.6 - 1.0).abs() < 0.1, "{level}");
        learn(&mut noise, &hiss(10.0, 160, 5));
        assert!(noise.level() < 11.0);
        assert_eq!(noise.set_level_dbov(128), Err(InvalidNoiseLevel(128)));
        noise.set_level_dbov(127).unwrap();
        assert_eq!(generate(&mut noise, 160), vec![0; 160]);
        noise.set_level_dbov(0).unwrap();
        assert!(rms(&generate(&mut noise, 16_000)) <= LEVEL_MAX * 1.05);
    }

    #[test]
    fn the_same_seed_makes_the_same_noise_and_another_seed_another() {
        let [mut a, mut b, mut c] = [3, 3, 4].map(|seed| ComfortNoise::new(RATE, seed));
        for noise in [&mut a, &mut b, &mut c] {
            learn(noise, &hiss(30.0, 8_000, 5));
        }
        let first = generate(&mut a, 320);
        assert_eq!(first, generate(&mut b, 320));
        assert_ne!(first, generate(&mut c, 320));
        a.reset();
        learn(&mut a, &hiss(30.0, 8_000, 5));
        assert_eq!(first, generate(&mut a, 320));
    }

    #[test]
    fn extremes_neither_overflow_nor_ring() {
        for wave in [[i16::MIN; 160], [i16::MAX; 160]] {
            let mut noise = ComfortNoise::new(RATE, 0);
            for _ in 0..3_000 {
                noise.hear(&wave);
            }
            let made = generate(&mut noise, 8_000);
            assert!(made.iter().all(|sample| f32::from(*sample).abs() <= 4.0 * LEVEL_MAX + 1.0));
        }
    }

    fn learn(noise: &mut ComfortNoise, signal: &[i16]) {
        for frame in signal.chunks(160) {
            noise.hear(frame);
        }
    }

    fn generate(noise: &mut ComfortNoise, samples: usize) -> Vec<i16> {
        let mut made = vec![0; samples];
        for frame in made.chunks_mut(160) {
            noise.generate_into(frame);
        }
        made
    }

    fn likeness_at_lag_1(samples: &[i16]) -> f32 {
        lagged_product(samples, 1) / lagged_product(samples, 0)
    }
}
