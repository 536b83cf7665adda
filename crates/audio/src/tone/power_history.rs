//! How strong each keypad frequency was in the last hops, to find when a tone began and ended.
//!
//! The amplitude that a symmetric window sees passes half of its height when the window's middle is
//! on the edge of the tone. Interpolated between hops, that tells the edge within 2 ms on a clean
//! line.

use super::keypad_spectrum::Pair;

/// Powers of the last hops.
#[derive(Clone, Debug)]
pub(super) struct PowerHistory {
    powers: [[f32; 8]; HOPS],
    /// Where the newest is; the one before it comes after it.
    newest: usize,
}

impl PowerHistory {
    /// A history of silence.
    pub(super) const SILENT: Self = Self { powers: [[0.0; 8]; HOPS], newest: 0 };

    /// Takes the newest hop and forgets the oldest.
    pub(super) fn push(&mut self, powers: [f32; 8]) {
        self.newest = (self.newest + HOPS - 1) % HOPS;
        self.powers[self.newest] = powers;
    }

    /// Largest power of `pair` in the newest `hops`.
    pub(super) fn peak_of(&self, pair: Pair, hops: u32) -> f32 {
        let newest = (0..HOPS).take(hops as usize);
        newest.map(|hop| self.amplitude(pair, hop).powi(2)).fold(0.0, f32::max)
    }

    /// How many hops ago `pair` rose through half of the amplitude that `plateau` is the power of,
    /// looking backwards from `newest` hops ago; the length of the history if it did not.
    pub(super) fn rise_hops_ago(&self, pair: Pair, plateau: f32, newest: u32) -> f64 {
        let half = plateau.sqrt() / 2.0;
        for hop in newest as usize..HOPS - 1 {
            let above = self.amplitude(pair, hop);
            let below = self.amplitude(pair, hop + 1);
            if below < half {
                return hop as f64 + share_before(half, above, below);
            }
        }
        (HOPS - 1) as f64
    }

    /// How many hops ago `pair`, last heard `last` hops ago, fell through half of the amplitude
    /// that `plateau` is the power of.
    pub(super) fn fall_hops_ago(&self, pair: Pair, plateau: f32, last: u32) -> f64 {
        let last = (last as usize).min(HOPS - 1);
        if last == 0 {
            return 0.0;
        }
        let above = self.amplitude(pair, last);
        let below = self.amplitude(pair, last - 1);
        last as f64 - share_before(plateau.sqrt() / 2.0, above, below)
    }

    fn amplitude(&self, pair: Pair, hop: usize) -> f32 {
        let powers = &self.powers[(self.newest + hop) % HOPS];
        (powers[pair.row] + powers[pair.column]).sqrt()
    }
}

/// Which share of the way from `above` down to `below` lies before `half`.
fn share_before(half: f32, above: f32, below: f32) -> f64 {
    if above > below { f64::from((above - half) / (above - below)).clamp(0.0, 1.0) } else { 0.0 }
}

/// Hops kept: a run with its gap, 44 ms, and what lies before it.
const HOPS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    const PAIR: Pair = Pair { row: 0, column: 4 };

    fn history(amplitudes: &[f32]) -> PowerHistory {
        let mut history = PowerHistory::SILENT;
        for amplitude in amplitudes {
            let power = amplitude * amplitude / 2.0;
            history.push([power, 0.0, 0.0, 0.0, power, 0.0, 0.0, 0.0]);
        }
        history
    }

    #[test]
    fn edges_are_found_between_hops() {
        let history = history(&[0.0, 25.0, 75.0, 100.0, 100.0, 75.0, 25.0, 0.0]);
        let plateau = history.peak_of(PAIR, 8);
        assert!((plateau - 10_000.0).abs() < 1.0);
        assert!((history.rise_hops_ago(PAIR, plateau, 4) - 5.5).abs() < 1e-3);
        assert!((history.fall_hops_ago(PAIR, plateau, 2) - 1.5).abs() < 1e-3);
    }

    #[test]
    fn a_tone_older_than_the_history_begins_at_its_end() {
        let history = history(&[100.0; 40]);
        assert!((history.rise_hops_ago(PAIR, 10_000.0, 0) - 15.0).abs() < 1e-9);
        assert!(history.fall_hops_ago(PAIR, 10_000.0, 0) < 1e-9);
    }
}
