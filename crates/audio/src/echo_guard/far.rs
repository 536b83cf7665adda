//! What was sent to the caller lately.

use super::lanes::energy;

/// The last [`HISTORY_BLOCKS`] frames that were sent, and which of the last 64 were audible.
pub(super) struct FarHistory {
    samples: Vec<i16>,
    frame: usize,
    /// Where the newest frame begins in `samples`.
    newest: usize,
    /// Bit `n` is set when the frame sent `n` frames ago was audible.
    audible: u64,
}

impl FarHistory {
    pub(super) fn new(frame: usize) -> Self {
        Self { samples: vec![0; HISTORY_BLOCKS * frame], frame, newest: 0, audible: 0 }
    }

    pub(super) fn push(&mut self, far: &[i16]) {
        self.newest = (self.newest + self.frame) % self.samples.len();
        self.samples[self.newest..self.newest + self.frame].copy_from_slice(far);
        let is_audible = energy(far) >= AUDIBLE_MEAN_SQUARE * self.frame as f32;
        self.audible = self.audible << 1 | u64::from(is_audible);
    }

    /// Whether any of the frames sent `from..=to` frames ago was audible.
    pub(super) fn was_audible(&self, from: usize, to: usize) -> bool {
        let to = to.min(63);
        from <= to && self.audible >> from & (u64::MAX >> (63 - (to - from))) != 0
    }

    /// Fills `window` with the samples that end `delay` samples before the end of the newest frame.
    pub(super) fn copy_delayed(&self, delay: usize, window: &mut [f32]) {
        let len = self.samples.len();
        let end = self.newest + self.frame + 2 * len - delay;
        let start = (end - window.len()) % len;
        let first = window.len().min(len - start);
        let (head, tail) = window.split_at_mut(first);
        widen(&self.samples[start..start + first], head);
        widen(&self.samples[..tail.len()], tail);
    }

    pub(super) fn reset(&mut self) {
        self.samples.fill(0);
        self.audible = 0;
    }
}

fn widen(samples: &[i16], out: &mut [f32]) {
    for (wide, &sample) in out.iter_mut().zip(samples) {
        *wide = f32::from(sample);
    }
}

/// Frames of history: the longest delay searched, plus the two frames that a transform covers, plus
/// one.
const HISTORY_BLOCKS: usize = super::delay::LAGS + 3;

/// A frame is audible above this mean square: 32 of 32768, -60 dB of full scale. Below it an echo
/// that is 10 dB weaker is lost in the quantising noise of a mu-law line; comfort noise mostly
/// stays below it.
const AUDIBLE_MEAN_SQUARE: f32 = 32.0 * 32.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delayed_window_holds_what_was_sent_that_long_ago() {
        let mut history = FarHistory::new(160);
        let mut window = [0.0; 320];
        for block in 0..100_i16 {
            let frame: [i16; 160] = std::array::from_fn(|n| block * 160 + n as i16);
            history.push(&frame);
            for delay in [0, 1, 159, 160, 3_000, 6_560] {
                history.copy_delayed(delay, &mut window);
                let newest = f32::from(block) * 160.0 + 159.0 - delay as f32;
                if newest >= 320.0 {
                    assert_eq!((window[319], window[0]), (newest, newest - 319.0));
                }
            }
        }
    }

    #[test]
    fn audibility_is_remembered_for_64_frames() {
        let mut history = FarHistory::new(160);
        history.push(&[1_000; 160]);
        for age in 0..64 {
            assert!(history.was_audible(0, 63), "{age}");
            assert!(history.was_audible(age, age));
            assert!(age == 0 || !history.was_audible(0, age - 1));
            history.push(&[0; 160]);
        }
        assert!(!history.was_audible(0, 63));
    }
}
