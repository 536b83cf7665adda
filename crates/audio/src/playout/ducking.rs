//! Holding a sound down for a moment without stopping it.

use offhook_types::SampleRate;

use super::gain::multiplier_from_db;
use super::ramp::Ramp;

/// How far and how fast a [`Ducker`] goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DuckingConfig {
    /// Attenuation while ducked, in dB; clamped to 0..=60. Default 12: a caller who starts to speak
    /// hears the agent give way, and a cough still leaves the sentence intelligible. Under 6 it
    /// goes unnoticed, over 20 it is a drop-out.
    pub depth_db: f32,
    /// Time to full attenuation. Default 30 ms. It adds to the time an interruption takes to be
    /// heard; under 5 ms the edge clicks.
    pub attack_ms: u32,
    /// Time back to full level. Default 120 ms. Shorter sounds like a switch, longer swallows the
    /// next word.
    pub release_ms: u32,
}

impl Default for DuckingConfig {
    fn default() -> Self {
        Self { depth_db: 12.0, attack_ms: 30, release_ms: 120 }
    }
}

/// Attenuates speech (or a bed) while something else matters more; the first stage of an
/// interruption.
#[derive(Clone, Debug)]
pub struct Ducker {
    ramp: Ramp,
    floor: f32,
    attack_samples: usize,
    release_samples: usize,
    is_ducked: bool,
}

impl Ducker {
    /// A ducker at full level.
    pub fn new(rate: SampleRate, config: DuckingConfig) -> Self {
        let depth_db = if config.depth_db.is_finite() { config.depth_db } else { 0.0 };
        Self {
            ramp: Ramp::new(1.0),
            floor: multiplier_from_db(-depth_db.clamp(0.0, 60.0)),
            attack_samples: rate.samples_in_ms(config.attack_ms),
            release_samples: rate.samples_in_ms(config.release_ms),
            is_ducked: false,
        }
    }

    /// Whether the last command was [`Ducker::duck`].
    pub const fn is_ducked(&self) -> bool {
        self.is_ducked
    }

    /// The factor of the last sample: 1 is full level.
    pub const fn multiplier(&self) -> f32 {
        self.ramp.value()
    }

    /// Whether the coming samples pass untouched.
    pub const fn is_identity(&self) -> bool {
        self.ramp.is_at(1.0)
    }

    /// Goes down, from wherever the level is, within the attack time. No effect while already
    /// ducked.
    pub fn duck(&mut self) {
        if !self.is_ducked {
            self.is_ducked = true;
            self.ramp.set_target(self.floor, self.attack_samples);
        }
    }

    /// Comes back to full level within the release time. No effect unless ducked.
    pub fn unduck(&mut self) {
        if self.is_ducked {
            self.is_ducked = false;
            self.ramp.set_target(1.0, self.release_samples);
        }
    }

    /// Attenuates samples (in units of an `i16` step) in place.
    pub fn process(&mut self, samples: &mut [f32]) {
        self.ramp.process(samples);
    }

    /// Lets time pass without samples.
    pub(super) fn skip(&mut self, samples: usize) {
        self.ramp.skip(samples);
    }

    /// Full level at once, for a new stream.
    pub fn reset(&mut self) {
        self.ramp = Ramp::new(1.0);
        self.is_ducked = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ducks_by_the_depth_within_the_attack_time_and_comes_back() {
        let config = DuckingConfig { depth_db: 20.0, attack_ms: 30, release_ms: 100 };
        let mut ducker = Ducker::new(SampleRate::HZ_8000, config);
        let mut samples = [10_000.0_f32; 240];
        ducker.duck();
        ducker.process(&mut samples);
        assert!((samples[239] - 1_000.0).abs() < 0.1, "-20 dB after 30 ms: {}", samples[239]);
        let step = samples.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
        assert!(step < 38.0, "9,000 over 240 samples is 37.5 a sample, got {step}");
        assert!(ducker.is_ducked());

        ducker.unduck();
        let mut samples = [10_000.0_f32; 900];
        ducker.process(&mut samples);
        assert_eq!(samples[799..], [10_000.0; 101]);
        assert!(ducker.is_identity() && !ducker.is_ducked());
    }

    #[test]
    fn ducking_again_does_not_prolong_the_attack() {
        let mut ducker = Ducker::new(SampleRate::HZ_8000, DuckingConfig::default());
        ducker.duck();
        ducker.process(&mut [0.0; 200]);
        ducker.duck();
        ducker.process(&mut [0.0; 40]);
        assert!((ducker.multiplier() - 0.2512).abs() < 1e-3, "-12 dB after 30 ms");
    }

    #[test]
    fn silly_depths_stay_attenuations() {
        for (depth_db, floor) in [(f32::NAN, 1.0), (-10.0, 1.0), (1_000.0, 0.001)] {
            let config = DuckingConfig { depth_db, attack_ms: 0, release_ms: 0 };
            let mut ducker = Ducker::new(SampleRate::HZ_8000, config);
            ducker.duck();
            assert!((ducker.multiplier() - floor).abs() < 1e-6);
        }
    }
}
