//! How loud the agent speaks.

use offhook_types::SampleRate;

use super::ramp::Ramp;

/// A multiplier on speech between 0 and [`Gain::MULTIPLIER_MAX`].
///
/// A change is spread over [`Gain::RAMP_MS`]. At exactly 1.0 samples pass untouched and cost
/// nothing.
#[derive(Clone, Debug)]
pub struct Gain {
    ramp: Ramp,
    ramp_samples: usize,
}

impl Gain {
    /// Twice the amplitude, +6 dB. What exceeds full scale is left to the limiter.
    pub const MULTIPLIER_MAX: f32 = 2.0;

    /// How long a change takes. One frame: at 1 ms a jump from 0 to 2 is heard as a click on a 100
    /// Hz voice, over 100 ms a caller notices the slide.
    pub const RAMP_MS: u32 = 20;

    /// A gain that is at `multiplier` from the first sample; see [`Gain::set_multiplier`] for its
    /// range.
    pub fn new(rate: SampleRate, multiplier: f32) -> Self {
        Self {
            ramp: Ramp::new(checked_multiplier(multiplier)),
            ramp_samples: rate.samples_in_ms(Self::RAMP_MS),
        }
    }

    /// The multiplier in force once the last change is complete.
    pub const fn multiplier(&self) -> f32 {
        self.ramp.target()
    }

    /// Whether the coming samples pass untouched.
    pub const fn is_identity(&self) -> bool {
        self.ramp.is_at(1.0)
    }

    /// Whether a coming sample may become louder than it was.
    pub const fn is_amplifying(&self) -> bool {
        self.ramp.value_max() > 1.0
    }

    /// Moves to `multiplier`, clamped to 0..=[`Gain::MULTIPLIER_MAX`]; what is no number counts as
    /// 1.
    pub fn set_multiplier(&mut self, multiplier: f32) {
        self.ramp.set_target(checked_multiplier(multiplier), self.ramp_samples);
    }

    /// Multiplies samples (in units of an `i16` step) in place.
    pub fn process(&mut self, samples: &mut [f32]) {
        self.ramp.process(samples);
    }
}

/// The amplitude factor of a level difference: 6.02 dB is 2, -20 dB is 0.1.
pub fn multiplier_from_db(db: f32) -> f32 {
    10_f32.powf(db / 20.0)
}

/// A multiplier from outside, made safe: within range, and 1 where it is no number.
pub(super) const fn checked_multiplier(multiplier: f32) -> f32 {
    if multiplier.is_finite() { multiplier.clamp(0.0, Gain::MULTIPLIER_MAX) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unity_gain_is_bit_exact() {
        let mut gain = Gain::new(SampleRate::HZ_8000, 1.0);
        assert!(gain.is_identity());
        let mut samples: Vec<f32> = (i16::MIN..=i16::MAX).map(f32::from).collect();
        gain.process(&mut samples);
        assert!(samples.iter().zip(i16::MIN..=i16::MAX).all(|(&s, x)| s == f32::from(x)));
    }

    #[test]
    fn a_change_of_gain_makes_no_step() {
        let mut gain = Gain::new(SampleRate::HZ_8000, 0.0);
        gain.set_multiplier(2.0);
        let mut samples = [10_000.0_f32; 320];
        gain.process(&mut samples);
        let step = samples.windows(2).map(|w| w[1] - w[0]).fold(0.0, f32::max);
        assert!(step <= 126.0, "20,000 over 160 samples is 125 a sample, got {step}");
        assert_eq!(samples[159..], [20_000.0; 161]);
    }

    #[test]
    fn multipliers_out_of_range_are_made_safe() {
        for (asked, given) in [(9.0, 2.0), (-1.0, 0.0), (f32::NAN, 1.0), (f32::INFINITY, 1.0)] {
            assert_eq!(Gain::new(SampleRate::HZ_8000, asked).multiplier(), given);
        }
    }

    #[test]
    fn decibels_convert_to_amplitude() {
        assert!((multiplier_from_db(6.0206) - 2.0).abs() < 1e-4);
        assert!((multiplier_from_db(-20.0) - 0.1).abs() < 1e-6);
    }
}
