//! A bed of sound under the whole call, so that the agent's pauses do not sound like a dead line.

use offhook_types::SampleRate;
use serde::{Deserialize, Serialize};

use super::bed::Bed;
use super::ducking::{Ducker, DuckingConfig};
use super::gain::checked_multiplier;
use super::ramp::Ramp;
use super::random::SeededRandom;

/// Which bed, how loud.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AmbienceConfig {
    /// The sound; its rate must be the line's.
    pub bed: Bed,
    /// Volume, 0 silent, 1 the bed's own level ([`super::BedKind::level_dbfs`]), at most 2. Above
    /// about 0.5 the agent becomes hard to follow on a telephone.
    pub volume: f32,
    /// By how many dB the bed steps back while the agent speaks. Default 3; 0 leaves it.
    pub duck_under_speech_db: f32,
}

impl AmbienceConfig {
    /// A bed at `volume` that steps back by 3 dB under speech.
    pub const fn new(bed: Bed, volume: f32) -> Self {
        Self { bed, volume, duck_under_speech_db: 3.0 }
    }
}

/// The bed and the line have different sample rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the background is at {bed}, the line at {line}")]
pub struct BedRateMismatch {
    /// The bed's rate.
    pub bed: SampleRate,
    /// The line's rate.
    pub line: SampleRate,
}

/// Plays a [`Bed`] in an endless loop. Samples are shared, only the position is this call's own.
#[derive(Clone, Debug)]
pub struct Ambience {
    bed: Bed,
    cursor: usize,
    volume: Ramp,
    under_speech: Ducker,
    volume_ramp_samples: usize,
    part: Box<[f32]>,
}

impl Ambience {
    /// How long the bed takes to appear, to vanish, and to change its volume.
    pub const VOLUME_RAMP_MS: u32 = 300;

    /// Slow enough that the bed is not heard to pump between words.
    const UNDER_SPEECH_ATTACK_MS: u32 = 60;
    const UNDER_SPEECH_RELEASE_MS: u32 = 600;

    /// A bed that starts at a point chosen by `seed` and swells to its volume.
    ///
    /// # Errors
    /// [`BedRateMismatch`] where the bed is not at the line's `rate`.
    pub fn new(
        rate: SampleRate,
        config: AmbienceConfig,
        seed: u64,
    ) -> Result<Self, BedRateMismatch> {
        let start = SeededRandom::new(seed).index(config.bed.samples().len());
        Ok(Self { cursor: start, ..Self::from_start(rate, config)? })
    }

    /// A bed that starts at its first sample and swells to its volume.
    ///
    /// # Errors
    /// [`BedRateMismatch`] where the bed is not at the line's `rate`.
    pub fn from_start(rate: SampleRate, config: AmbienceConfig) -> Result<Self, BedRateMismatch> {
        if config.bed.rate() != rate {
            return Err(BedRateMismatch { bed: config.bed.rate(), line: rate });
        }
        let ducking = DuckingConfig {
            depth_db: config.duck_under_speech_db,
            attack_ms: Self::UNDER_SPEECH_ATTACK_MS,
            release_ms: Self::UNDER_SPEECH_RELEASE_MS,
        };
        let mut ambience = Self {
            cursor: 0,
            bed: config.bed,
            volume: Ramp::new(0.0),
            under_speech: Ducker::new(rate, ducking),
            volume_ramp_samples: rate.samples_in_ms(Self::VOLUME_RAMP_MS),
            part: vec![0.0; rate.frame_samples()].into(),
        };
        ambience.set_volume(config.volume);
        Ok(ambience)
    }

    /// The volume in force once the last change is complete.
    pub const fn volume(&self) -> f32 {
        self.volume.target()
    }

    /// Whether the coming samples of the bed are not all silence.
    pub const fn is_audible(&self) -> bool {
        !self.volume.is_at(0.0)
    }

    /// Moves to a volume of 0..=2 without a step. At 0 the bed goes on unheard.
    pub fn set_volume(&mut self, volume: f32) {
        self.volume.set_target(checked_multiplier(volume), self.volume_ramp_samples);
    }

    /// Adds the bed to `mix` (in units of an `i16` step) and moves on by as many samples;
    /// `is_under_speech` says whether the agent is heard in them.
    pub fn add_into(&mut self, mix: &mut [f32], is_under_speech: bool) {
        if !self.is_audible() {
            self.skip(mix.len(), is_under_speech);
            return;
        }
        self.set_under_speech(is_under_speech);
        let mut rest = mix;
        while !rest.is_empty() {
            let loop_left = &self.bed.samples()[self.cursor..];
            let length = rest.len().min(loop_left.len()).min(self.part.len());
            let (mix, later) = rest.split_at_mut(length);
            let part = &mut self.part[..length];
            widen(&loop_left[..length], part);
            self.volume.process(part);
            self.under_speech.process(part);
            add(part, mix);
            self.cursor = (self.cursor + length) % self.bed.samples().len();
            rest = later;
        }
    }

    /// Moves on by `samples` that are not mixed, because the bed is at volume 0.
    pub(super) fn skip(&mut self, samples: usize, is_under_speech: bool) {
        self.set_under_speech(is_under_speech);
        self.under_speech.skip(samples);
        self.cursor = (self.cursor + samples) % self.bed.samples().len();
    }

    /// Goes back by `samples` that nobody heard, so that the bed goes on where the listener is.
    pub fn rewind(&mut self, samples: u64) {
        let length = self.bed.samples().len();
        let back = (samples % length as u64) as usize;
        self.cursor = (self.cursor + length - back) % length;
    }

    fn set_under_speech(&mut self, is_under_speech: bool) {
        if is_under_speech {
            self.under_speech.duck();
        } else {
            self.under_speech.unduck();
        }
    }
}

fn widen(samples: &[i16], out: &mut [f32]) {
    for (out, &sample) in out.iter_mut().zip(samples) {
        *out = f32::from(sample);
    }
}

fn add(part: &[f32], mix: &mut [f32]) {
    for (mix, &sample) in mix.iter_mut().zip(part) {
        *mix += sample;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: SampleRate = SampleRate::HZ_8000;

    /// A bed whose sample tells its place in the loop, as far as the crossfade leaves it.
    fn staircase() -> Bed {
        let samples: Vec<i16> = (0..16_000).map(|i| i / 2 + 100).collect();
        Bed::from_pcm(RATE, &samples).unwrap()
    }

    fn plain(volume: f32) -> AmbienceConfig {
        AmbienceConfig { duck_under_speech_db: 0.0, ..AmbienceConfig::new(staircase(), volume) }
    }

    fn next(ambience: &mut Ambience, samples: usize) -> Vec<f32> {
        let mut mix = vec![0.0; samples];
        mix.chunks_mut(160).for_each(|frame| ambience.add_into(frame, false));
        mix
    }

    #[test]
    fn the_loop_has_the_bed_s_period_and_its_exact_samples() {
        let mut ambience = Ambience::new(RATE, plain(1.0), 3).unwrap();
        let length = staircase().samples().len();
        next(&mut ambience, 2_400);
        let once = next(&mut ambience, length);
        assert_eq!(once, next(&mut ambience, length));
        let start = staircase().samples().iter().position(|&s| f32::from(s) == once[0]);
        assert!(start.is_some());
    }

    #[test]
    fn what_was_not_heard_is_played_again() {
        let mut ambience = Ambience::new(RATE, plain(1.0), 3).unwrap();
        next(&mut ambience, 4_000);
        let dropped = next(&mut ambience, 1_000);
        ambience.rewind(1_000);
        assert_eq!(next(&mut ambience, 1_000), dropped);
        ambience.rewind(u64::MAX);
    }

    #[test]
    fn seeds_spread_calls_over_the_loop() {
        let starts: Vec<usize> = (0..64)
            .map(|seed| Ambience::new(RATE, plain(1.0), seed).unwrap().cursor * 10 / 12_000)
            .collect();
        let tenths: std::collections::BTreeSet<_> = starts.iter().collect();
        assert!(tenths.len() >= 9, "64 calls start in {} of 10 tenths", tenths.len());
    }

    #[test]
    fn a_volume_change_and_speech_move_the_level_without_a_step() {
        let flat = Bed::from_pcm(RATE, &[8_000; 16_000]).unwrap();
        let config =
            AmbienceConfig { duck_under_speech_db: 6.0206, ..AmbienceConfig::new(flat, 1.0) };
        let mut ambience = Ambience::new(RATE, config, 0).unwrap();
        let mut mix = vec![0.0_f32; 8_000];
        ambience.add_into(&mut mix, false);
        assert!(mix[0] < 5.0 && mix[2_400..].iter().all(|&s| s >= 8_000.0));
        let mut under_speech = vec![0.0_f32; 8_000];
        ambience.add_into(&mut under_speech, true);
        let level = under_speech[7_999] / mix[7_999];
        assert!((level - 0.5).abs() < 1e-3, "6 dB under speech: {level}");
        mix.append(&mut under_speech);
        let step = mix.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
        assert!(step < 12.0, "{step}");
    }

    #[test]
    fn a_bed_of_another_rate_is_refused() {
        let error = Ambience::new(SampleRate::HZ_16000, plain(1.0), 0).unwrap_err();
        assert_eq!(error.to_string(), "the background is at 8000 Hz, the line at 16000 Hz");
    }
}
