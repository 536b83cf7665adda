//! What makes a digit of looks that agree: the run that starts it, and the gap that ends it.

use super::keypad::{KEYPAD_HZ, phase_of};
use super::keypad_spectrum::{Look, Pair};

/// Hops that looked like the same pair, with no more than a short gap between them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub(super) pair: Pair,
    hops: u32,
    /// Hops since the last that did.
    missed_hops: u32,
    /// Sum of the turns of row and column.
    turns: [(f32, f32); 2],
}

/// A digit that began and has not ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sounding {
    pub(super) pair: Pair,
    pub(super) onset_sample: u64,
    /// Whether its start was reported.
    pub(super) is_reported: bool,
    /// Largest power of both tones so far.
    pub(super) plateau: f32,
    /// Hops since the tones were last there.
    pub(super) gap_hops: u32,
}

/// Tangent of the largest turn from hop to hop, for each keypad frequency.
#[derive(Clone, Copy, Debug)]
pub(super) struct TurnLimits([f32; 8]);

impl Run {
    /// No hop yet.
    pub(super) const NONE: Self =
        Self { pair: Pair { row: 0, column: 4 }, hops: 0, missed_hops: 0, turns: [(0.0, 0.0); 2] };

    /// Takes the next hop.
    pub(super) fn extend(&mut self, look: &Look) {
        match look.pair {
            Some(pair) if pair == self.pair && self.hops > 0 => {}
            Some(pair) => *self = Self { pair, ..Self::NONE },
            None if self.missed_hops < MISSED_HOPS_MAX => {
                self.missed_hops += 1;
                return;
            }
            None => {
                *self = Self::NONE;
                return;
            }
        }
        self.missed_hops = 0;
        self.hops = self.hops.saturating_add(1);
        for (sum, turn) in self.turns.iter_mut().zip(look.turns) {
            *sum = (sum.0 * TURN_MEMORY + turn.0, sum.1 * TURN_MEMORY + turn.1);
        }
    }

    /// Whether the newest hop completes or prolongs a digit.
    pub(super) fn is_digit(&self, limits: &TurnLimits) -> bool {
        let lanes = [self.pair.row, self.pair.column];
        let mut turns = self.turns.iter().zip(lanes);
        self.missed_hops == 0
            && self.hops >= START_HOPS
            && turns.all(|(&(re, im), lane)| re > 0.0 && im.abs() <= limits.0[lane] * re)
    }
}

impl Sounding {
    /// Takes the next hop; returns whether the digit has ended.
    pub(super) fn has_ended(&mut self, look: &Look) -> bool {
        let power = look.powers[self.pair.row] + look.powers[self.pair.column];
        let is_there = power * 4.0 >= self.plateau && power >= look.total * HOLD_PURITY_MIN;
        if look.pair == Some(self.pair) || is_there {
            self.gap_hops = 0;
            self.plateau = self.plateau.max(power);
        } else {
            self.gap_hops += 1;
        }
        self.gap_hops >= END_HOPS
    }
}

impl TurnLimits {
    /// Limits for hops of `hop_samples` at `rate_hz`.
    pub(super) fn new(hop_samples: usize, rate_hz: u32) -> Self {
        let turn = |hz: f64| phase_of(hz * DEVIATION_MAX, hop_samples, rate_hz);
        Self(KEYPAD_HZ.map(|hz| turn(hz).tan() as f32))
    }
}

/// Hops that make a digit. A tone of 23 ms (ITU-T Q.24: refused) fills four or five, one of 40 ms
/// seven or eight. With three, `accuracy_tones` hears 4 digits in 2.6 hours of speech where five
/// hear none; with eight, a quarter of the digits of 40 ms is lost.
pub(super) const START_HOPS: u32 = 5;

/// Hops that may be missed in a run. A gap of 10 ms (ITU-T Q.24: part of the digit) empties four or
/// five.
const MISSED_HOPS_MAX: u32 = 5;

/// Hops without the tones that end a digit: a gap of about 27 ms. ITU-T Q.24 keeps 10 ms in one
/// digit and wants 40 ms to part two; six hops cut digits at the 20 ms of a lost packet, eight melt
/// equal digits 30 ms apart.
const END_HOPS: u32 = 7;

/// Largest mean frequency error of a run, as a fraction: between 1.8 % and 3.0 %, the narrowest
/// pair of limits in ITU-T Q.24 (most administrations: 1.5 % heard, 3.5 % not).
const DEVIATION_MAX: f64 = 0.024;

/// What the sum of a run's turns keeps from hop to hop.
const TURN_MEMORY: f32 = 0.9;

/// Share of the sound that the tones must have for a digit to go on, once it began: lower than what
/// starts one, so that a voice over a held key does not cut it in two.
const HOLD_PURITY_MIN: f32 = 0.3;

#[cfg(test)]
mod tests {
    use super::*;

    const PAIR: Pair = Pair { row: 1, column: 6 };

    fn look(pair: Option<Pair>, turn: (f32, f32)) -> Look {
        Look { powers: [1.0; 8], total: 2.0, pair, turns: [turn; 2], is_suspect: pair.is_some() }
    }

    fn run_of(looks: &[Look]) -> bool {
        let mut run = Run::NONE;
        looks.iter().for_each(|it| run.extend(it));
        run.is_digit(&TurnLimits::new(32, 8_000))
    }

    #[test]
    fn five_hops_make_a_digit_and_four_do_not() {
        let steady = look(Some(PAIR), (1.0, 0.0));
        assert!(run_of(&[steady; 5]));
        assert!(!run_of(&[steady; 4]));
    }

    #[test]
    fn a_gap_of_five_hops_is_bridged_and_one_of_six_is_not() {
        let steady = look(Some(PAIR), (1.0, 0.0));
        let nothing = look(None, (0.0, 0.0));
        let with_gap = |gap| [vec![steady; 3], vec![nothing; gap], vec![steady; 2]].concat();
        assert!(run_of(&with_gap(5)));
        assert!(!run_of(&with_gap(6)));
    }

    #[test]
    fn a_run_off_its_frequency_makes_no_digit() {
        // ITU-T Q.24: 1.5 % is heard, 3.5 % is not; of the row, for 4 ms.
        let off = |fraction: f64| {
            let turn = phase_of(KEYPAD_HZ[PAIR.row] * fraction, 32, 8_000);
            look(Some(PAIR), (turn.cos() as f32, turn.sin() as f32))
        };
        assert!(run_of(&[off(0.015); 5]));
        assert!(!run_of(&[off(-0.035); 5]));
    }
}
