//! How many samples a second an audio stream has.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Samples per second of a mono stream, between 8 and 48 kHz, such that 20 ms is a whole number of
/// samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct SampleRate(u32);

/// A rate that no part of a call can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("sample rate {0} Hz is not supported: use a multiple of 50 between 8000 and 48000")]
pub struct UnsupportedRate(pub u32);

impl SampleRate {
    /// Narrow-band telephony.
    pub const HZ_8000: Self = Self(8_000);
    /// Wide-band telephony; what recognisers and voice detectors hear.
    pub const HZ_16000: Self = Self(16_000);
    /// What most speech synthesisers speak.
    pub const HZ_24000: Self = Self(24_000);
    /// Opus and the noise suppressor.
    pub const HZ_48000: Self = Self(48_000);

    /// Checks a rate from outside.
    ///
    /// # Errors
    /// [`UnsupportedRate`] below 8 kHz, above 48 kHz, or where 20 ms is not a whole number of
    /// samples.
    pub const fn new(hz: u32) -> Result<Self, UnsupportedRate> {
        if hz < 8_000 || hz > 48_000 || !hz.is_multiple_of(50) {
            return Err(UnsupportedRate(hz));
        }
        Ok(Self(hz))
    }

    /// Samples per second.
    pub const fn hz(self) -> u32 {
        self.0
    }

    /// Samples in one 20 ms frame.
    pub const fn frame_samples(self) -> usize {
        (self.0 / 50) as usize
    }

    /// Samples in `millis` milliseconds, rounded down.
    pub const fn samples_in_ms(self, millis: u32) -> usize {
        (self.0 as u64 * millis as u64 / 1_000) as usize
    }

    /// How long `samples` last, rounded down to a microsecond.
    pub const fn duration_of(self, samples: usize) -> Duration {
        Duration::from_micros(samples as u64 * 1_000_000 / self.0 as u64)
    }
}

impl TryFrom<u32> for SampleRate {
    type Error = UnsupportedRate;

    fn try_from(hz: u32) -> Result<Self, UnsupportedRate> {
        Self::new(hz)
    }
}

impl From<SampleRate> for u32 {
    fn from(rate: SampleRate) -> Self {
        rate.0
    }
}

impl fmt::Display for SampleRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} Hz", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_milliseconds_are_a_whole_number_of_samples_at_every_rate() {
        for hz in 0..=100_000 {
            if let Ok(rate) = SampleRate::new(hz) {
                assert_eq!(rate.frame_samples() * 50, hz as usize);
                assert_eq!(rate.duration_of(rate.frame_samples()), Duration::from_millis(20));
            }
        }
    }

    #[test]
    fn rates_that_telephony_uses_are_accepted_and_odd_ones_refused() {
        for hz in [8_000, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000] {
            assert!(SampleRate::new(hz).is_ok(), "{hz}");
        }
        for hz in [0, 7_999, 8_001, 11_025, 48_050, 96_000, u32::MAX] {
            assert_eq!(SampleRate::new(hz), Err(UnsupportedRate(hz)));
        }
    }
}
