//! What the last few milliseconds look like to a keypad receiver: how strong each of the eight
//! frequencies is, and whether two of them make up the sound.
//!
//! The stream is cut into hops of 4 ms. Each hop is correlated once with the eight frequencies;
//! hops are then added into a wide window of 20 ms that decides, and a narrow one of 8 ms that only
//! suspects. A tone off its nominal frequency turns from hop to hop: the turn gives the frequency
//! error exactly where a comparison of neighbouring filters would guess it, and how much the window
//! lost by it.

use offhook_types::DtmfDigit;

use super::keypad::{KEYPAD_HZ, phase_of, power_of};
use super::tonality::{sum, sum_of_squares};
use super::tone_bank::{Lanes, ToneBank};
use crate::resample::widen_into;

/// Hops in a second. 250 give a whole number of hops in a 20 ms frame, and 23 ms and 40 ms tones
/// (ITU-T Q.24: must be refused, must be accepted) differ by four of them.
pub(super) const HOPS_PER_SECOND: u32 = 250;

/// Half the wide window, in hops: what it says is about the moment that long ago.
pub(super) const WINDOW_CENTRE_HOPS: f64 = 2.5;

/// Two keypad frequencies that make up the sound of a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pair {
    /// Lane 0-3 of the row.
    pub(super) row: usize,
    /// Lane 4-7 of the column.
    pub(super) column: usize,
}

/// What one hop brought.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// Mean square of each frequency in the wide window, as if nothing else were there.
    pub(super) powers: [f32; 8],
    /// Mean square of everything in the wide window.
    pub(super) total: f32,
    /// The pair of the wide window, where there is one.
    pub(super) pair: Option<Pair>,
    /// Turns of that pair's row and column since the hop before, as unit-free complex numbers.
    pub(super) turns: [(f32, f32); 2],
    /// Whether the last two hops alone look like a pair.
    pub(super) is_suspect: bool,
}

/// Cuts a stream into hops and looks at each.
#[derive(Clone, Debug)]
pub(super) struct KeypadSpectrum {
    bank: ToneBank<8>,
    hops: [Hop; WIDE.len()],
    /// Where the newest is; the one before it comes after it.
    newest: usize,
    window: Lanes<8>,
    hop_samples: f32,
    limits: Limits,
}

#[derive(Clone, Copy, Debug)]
struct Hop {
    tones: Lanes<8>,
    mean_square: f32,
}

/// What a pair has to satisfy, in the units of the stream.
#[derive(Clone, Copy, Debug)]
struct Limits {
    power_min: f32,
    turn_cosine_min: [f32; 8],
}

/// One window's view of the stream.
struct Window<'a> {
    powers: &'a [f32; 8],
    total: f32,
    /// The window, and the one a hop earlier.
    now: &'a Lanes<8>,
    before: &'a Lanes<8>,
    /// Power that a tone keeps in this window when it turns by the angle of this cosine from hop to
    /// hop.
    kept: fn(f32) -> f32,
}

impl KeypadSpectrum {
    /// A spectrum for hops of `hop_samples` at `rate_hz`.
    pub(super) fn new(hop_samples: usize, rate_hz: u32) -> Self {
        let turn_cosine_min =
            KEYPAD_HZ.map(|hz| phase_of(hz * HOP_DEVIATION_MAX, hop_samples, rate_hz).cos() as f32);
        Self {
            bank: ToneBank::new(KEYPAD_HZ, hop_samples, rate_hz),
            hops: [Hop::SILENT; WIDE.len()],
            newest: 0,
            window: Lanes::ZERO,
            hop_samples: hop_samples as f32,
            limits: Limits { power_min: power_of(LEVEL_MIN_DBM0) as f32, turn_cosine_min },
        }
    }

    /// Takes the next hop of the stream.
    pub(super) fn look(&mut self, samples: &[i16]) -> Look {
        let mut wide = [0.0; HOP_SAMPLES_MAX];
        let wide = &mut wide[..samples.len().min(HOP_SAMPLES_MAX)];
        widen_into(samples, wide);
        self.newest = (self.newest + WIDE.len() - 1) % WIDE.len();
        let mean_square = mean_square_without_offset(wide);
        self.hops[self.newest] = Hop { tones: self.bank.block(wide), mean_square };

        let before = std::mem::replace(&mut self.window, Lanes::ZERO);
        let mut total = 0.0;
        let (older, newer) = self.hops.split_at(self.newest);
        for (hop, weight) in newer.iter().chain(older).zip(WIDE) {
            self.window.add_scaled(weight, &hop.tones);
            total += weight * weight * hop.mean_square;
        }
        total /= WIDE_SQUARES;
        let scale = 2.0 / (WIDE_SUM * self.hop_samples).powi(2);
        let powers = self.window.power().map(|power| power * scale);
        let wide = Window {
            powers: &powers,
            total,
            now: &self.window,
            before: &before,
            kept: |cosine| ((1.0 + 2.0 * cosine) / 3.0).powi(4),
        };
        let pair = find_pair(&wide, &self.limits);
        let turns = pair.map_or([(0.0, 0.0); 2], |it| [wide.turn(it.row), wide.turn(it.column)]);
        Look { powers, total, pair, turns, is_suspect: pair.is_some() || self.is_suspect() }
    }

    /// Forgets what it heard.
    pub(super) fn reset(&mut self) {
        self.bank.reset();
        self.hops = [Hop::SILENT; WIDE.len()];
        self.window = Lanes::ZERO;
    }

    /// Whether the last two hops alone look like a pair.
    fn is_suspect(&self) -> bool {
        let newest = &self.hops[self.newest];
        let before = &self.hops[(self.newest + 1) % WIDE.len()];
        if newest.mean_square < self.limits.power_min {
            return false;
        }
        let mut sum = newest.tones;
        sum.add_scaled(1.0, &before.tones);
        let scale = 2.0 / (2.0 * self.hop_samples).powi(2);
        let narrow = Window {
            powers: &sum.power().map(|power| power * scale),
            total: (newest.mean_square + before.mean_square) / 2.0,
            now: &newest.tones,
            before: &before.tones,
            kept: |cosine| (1.0 + cosine) / 2.0,
        };
        find_pair(&narrow, &self.limits).is_some()
    }
}

impl Pair {
    /// The key at this place.
    pub(super) fn digit(self) -> DtmfDigit {
        DtmfDigit::from_keypad(self.row, self.column - 4)
    }
}

impl Window<'_> {
    fn turn(&self, lane: usize) -> (f32, f32) {
        self.now.turn(self.before, lane)
    }
}

impl Hop {
    const SILENT: Self = Self { tones: Lanes::ZERO, mean_square: 0.0 };
}

/// The strongest row and column of `window`, if together they are a keypad tone.
fn find_pair(window: &Window<'_>, limits: &Limits) -> Option<Pair> {
    let row = strongest(window.powers, 0);
    let column = strongest(window.powers, 4);
    // Each comparison is written so that a NaN, if one could arise, refuses.
    let row_power = true_power(window, limits, row)?;
    let column_power = true_power(window, limits, column)?;
    let is_twist_ok = row_power <= column_power * NORMAL_TWIST_MAX
        && column_power <= row_power * REVERSE_TWIST_MAX;
    let both = row_power + column_power;
    let rest = (window.total - both).max(0.0);
    let is_pure = both >= window.total * PURITY_MIN
        && row_power.min(column_power) >= rest * WEAKER_TO_REST_MIN;
    (is_twist_ok && is_pure).then_some(Pair { row, column })
}

/// Power of the tone in `lane`, were it on its nominal frequency; none if it is too weak or too far
/// off.
fn true_power(window: &Window<'_>, limits: &Limits, lane: usize) -> Option<f32> {
    let (re, im) = window.turn(lane);
    let magnitude = (re * re + im * im).sqrt();
    if magnitude <= 0.0 || re < magnitude * limits.turn_cosine_min[lane] {
        return None;
    }
    let power = window.powers[lane] / (window.kept)(re / magnitude);
    (power >= limits.power_min).then_some(power)
}

/// The strongest of the four lanes from `first`.
fn strongest(powers: &[f32; 8], first: usize) -> usize {
    let mut best = first;
    for lane in first + 1..first + 4 {
        if powers[lane] > powers[best] {
            best = lane;
        }
    }
    best
}

/// Mean square of a hop without its mean, so that an offset or mains hum of a bad line does not
/// count as sound.
fn mean_square_without_offset(samples: &[f32]) -> f32 {
    let count = samples.len() as f32;
    let mean = sum(samples) / count;
    (sum_of_squares(samples) / count - mean * mean).max(0.0)
}

/// Samples of a hop at 16 kHz.
const HOP_SAMPLES_MAX: usize = 64;

/// Weights of the hops in the wide window: two boxes of three hops, folded. A neighbouring row (73
/// Hz) is 32 dB down, the nearest column (941 to 1,209 Hz) 25 dB. A longer window would tell them
/// apart better and short tones worse.
const WIDE: [f32; 5] = [1.0, 2.0, 3.0, 2.0, 1.0];
const WIDE_SUM: f32 = 9.0;
const WIDE_SQUARES: f32 = 19.0;

/// Weakest tone, each of the two, in dBm0. ITU-T Q.24 wants -25 dBm0 heard by some administrations
/// and -29 dBm0 not heard by others; this is the middle.
const LEVEL_MIN_DBM0: f64 = -27.0;

/// Largest frequency error of a single hop, as a fraction: looser than what the mean of a run must
/// keep, because a hop is shorter and noisier. Wider lets 3.5 % (ITU-T Q.24: refused) through in
/// noise.
const HOP_DEVIATION_MAX: f64 = 0.028;

/// How much stronger the row may be than the column, as a ratio of powers: 10 dB, for 8 dB to be
/// heard in noise.
const NORMAL_TWIST_MAX: f32 = 10.0;

/// How much stronger the column may be than the row: 6 dB, for 4 dB to be heard in noise.
const REVERSE_TWIST_MAX: f32 = 4.0;

/// Share of the sound that the two tones must explain: digits are heard down to 6 dB above the
/// noise (ITU-T Q.24 asks for 15). With 0.6, `accuracy_tones` hears 3 digits in 2.6 hours of speech
/// and 17 in 2.1 hours played faster, where 0.75 hears none and 1; with 0.9, 5 % of the digits at
/// all limits at once (1.5 %, -8 dB, 40 ms, 15 dB) are lost.
const PURITY_MIN: f32 = 0.75;

/// How far the weaker tone must stand above everything else, as a ratio of powers. 1.0 loses 3 % of
/// the digits at all limits at once; without a limit a digit is heard in 2.6 hours of speech.
const WEAKER_TO_REST_MIN: f32 = 0.6;

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    fn last_look(signal: impl Fn(f64) -> f64) -> Look {
        let mut spectrum = KeypadSpectrum::new(32, 8_000);
        let samples: Vec<_> = (0..320).map(|n| signal(n as f64 / 8_000.0).round() as i16).collect();
        samples.chunks(32).map(|hop| spectrum.look(hop)).last().unwrap()
    }

    fn sine(hz: f64, second: f64) -> f64 {
        5_000.0 * (TAU * hz * second).sin()
    }

    #[test]
    fn two_tones_are_a_pair_and_their_power_is_right_within_5_percent() {
        let look = last_look(|second| sine(852.0, second) + sine(1_477.0, second));
        assert_eq!(look.pair, Some(Pair { row: 2, column: 6 }));
        for lane in [2, 6] {
            assert!((look.powers[lane] / 12_500_000.0 - 1.0).abs() < 0.05, "{}", look.powers[lane]);
        }
        assert!((look.total / 25_000_000.0 - 1.0).abs() < 0.05);
    }

    #[test]
    fn tones_off_by_1_5_percent_are_a_pair_and_by_3_5_percent_none() {
        let off = |by: f64| {
            last_look(|second| sine(697.0 * by, second) + sine(1_633.0 * by, second)).pair
        };
        for by in [0.985, 1.015] {
            assert_eq!(off(by), Some(Pair { row: 0, column: 7 }));
        }
        assert_eq!([off(0.965), off(1.035)], [None, None]);
    }

    #[test]
    fn a_third_tone_as_strong_as_each_spoils_the_pair() {
        // The share of the pair falls to two thirds, below PURITY_MIN.
        for hz in [500.0, 1_394.0, 2_418.0, 3_000.0] {
            let with = |second| sine(697.0, second) + sine(1_209.0, second) + sine(hz, second);
            assert_eq!(last_look(with).pair, None, "{hz} Hz");
        }
    }

    #[test]
    fn an_offset_and_mains_hum_do_not_spoil_the_pair() {
        let look = last_look(|second| {
            sine(697.0, second) + sine(1_209.0, second) + 4_000.0 + sine(50.0, second)
        });
        assert_eq!(look.pair, Some(Pair { row: 0, column: 4 }));
    }
}
