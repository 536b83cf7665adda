//! From 16 to 8 kHz for analysis: a half-band filter short enough to be free, good enough for what
//! follows.
//!
//! Tones end at 2.35 kHz, so only that must stay flat, and only what would fold onto it (above 5.65
//! kHz) must go. What lies between folds onto 2.35-4 kHz, where it still counts, rightly, as not
//! being a tone.

use super::tonality::HOP;

/// Halves the rate of a stream, [`INPUT`] samples at a time.
pub(super) struct HalfRate {
    /// The tail of the last input, then the input.
    line: [f32; TAPS - 1 + INPUT],
}

/// Samples that go in at a time.
pub(super) const INPUT: usize = 2 * HOP;
/// How late the output is, samples of the output, rounded.
pub(super) const DELAY: u64 = 3;

impl HalfRate {
    pub(super) fn new() -> Self {
        Self { line: [0.0; TAPS - 1 + INPUT] }
    }

    pub(super) fn process_into(&mut self, input: &[i16; INPUT], output: &mut [f32; HOP]) {
        self.line.copy_within(INPUT.., 0);
        for (line, sample) in self.line[TAPS - 1..].iter_mut().zip(input) {
            *line = f32::from(*sample);
        }
        filter_into(&self.line, output);
    }
}

fn filter_into(line: &[f32; TAPS - 1 + INPUT], output: &mut [f32; HOP]) {
    for (n, output) in output.iter_mut().enumerate() {
        let at = &line[2 * n..2 * n + TAPS];
        let mut sum = 0.5 * at[TAPS / 2];
        for (pair, weight) in SIDE.iter().enumerate() {
            let offset = 2 * pair + 1;
            sum += weight * (at[TAPS / 2 - offset] + at[TAPS / 2 + offset]);
        }
        *output = sum;
    }
}

const TAPS: usize = 15;
/// Half of the odd taps of a windowed sinc (Hamming, 15 taps), from the centre outwards, scaled to
/// unity at DC; every even tap but the centre is zero, which is what makes a half-band filter
/// cheap.
const SIDE: [f32; 4] = [0.308235, -0.0762385, 0.0232516, -0.00524832];

#[cfg(test)]
mod tests {
    use super::*;

    /// Gain in dB of a sinusoid of `hz`, measured at the output.
    fn gain_db(hz: f32) -> f32 {
        let mut half_rate = HalfRate::new();
        let mut output = [0.0; HOP];
        let mut power = 0.0;
        for frame in 0..10 {
            let input = std::array::from_fn(|n| {
                let n = frame * INPUT + n;
                (10_000.0 * (std::f32::consts::TAU * hz * n as f32 / 16_000.0).sin()) as i16
            });
            half_rate.process_into(&input, &mut output);
            if frame > 0 {
                power += output.iter().map(|sample| sample * sample).sum::<f32>();
            }
        }
        10.0 * (power / (9.0 * HOP as f32) / 5.0e7).log10()
    }

    #[test]
    fn tones_pass_within_a_tenth_of_a_decibel() {
        for hz in [310.0, 1_000.0, 2_000.0, 2_350.0] {
            assert!(gain_db(hz).abs() < 0.1, "{hz} Hz: {} dB", gain_db(hz));
        }
    }

    #[test]
    fn what_would_fold_onto_tones_is_45_db_down() {
        // Designed: 49 dB at worst above 5.65 kHz.
        for hz in [5_650.0, 6_000.0, 7_000.0, 7_700.0] {
            assert!(gain_db(hz) < -45.0, "{hz} Hz: {} dB", gain_db(hz));
        }
    }
}
