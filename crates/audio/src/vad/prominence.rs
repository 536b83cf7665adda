//! How far a frame stands out of the noise around it.
//!
//! The floor is the quietest smoothed level of the last 3 s: speech dips below it between
//! syllables, steady noise does not. It follows a falling noise at once and a rising one within its
//! window. A talker who leaves no dip for that long raises it, which makes the detector more
//! doubtful, never deaf.

/// Frames among which the loudest are sought: 200 ms, longer than the gap between two syllables'
/// peaks.
const RECENT_FRAMES: usize = 10;
/// Which of them counts, from the loudest down. Speech has three loud ones among ten, a key stroke
/// one or two: with the first, key strokes at 20 dB are mistaken for speech half as often again;
/// the fourth delays the onset in noise.
const RECENT_RANK: usize = 3;
/// Frames of one block of the minimum.
const BLOCK_FRAMES: u8 = 10;
/// Blocks remembered; with the one that fills they span 3.0 to 3.2 s. With 0.8 s the floor climbs
/// into long vowels, from 4 s on a line whose noise rises is mistaken for speech for longer, and
/// nothing else is gained.
const BLOCKS: usize = 15;
/// Share of a new frame in the smoothed power. 1 would let a single zero crossing of the noise be
/// the floor.
const SMOOTHING: f32 = 0.3;
/// The floor never counts as lower than this: -62 dBFS, in squared sample units. On a line that is
/// digitally silent between words even its own quantisation noise would stand out.
const QUIETEST_FLOOR: f32 = 677.0;

/// Tracks the noise floor of one stream.
pub(crate) struct Prominence {
    smoothed: f32,
    block_minimum: f32,
    minima: [f32; BLOCKS],
    frames_in_block: u8,
    recent: [f32; RECENT_FRAMES],
    cursor: usize,
}

/// Decibels above the noise floor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Standout {
    /// Of this frame.
    pub(crate) frame_db: f32,
    /// Reached or exceeded by three frames of the last 200 ms.
    pub(crate) sustained_db: f32,
}

impl Prominence {
    pub(crate) fn new() -> Self {
        Self {
            smoothed: f32::INFINITY,
            block_minimum: f32::INFINITY,
            minima: [f32::INFINITY; BLOCKS],
            frames_in_block: 0,
            recent: [0.0; RECENT_FRAMES],
            cursor: 0,
        }
    }

    /// Takes the next frame; an empty one counts as silence.
    pub(crate) fn standout_of(&mut self, frame: &[i16]) -> Standout {
        let power = power_without_offset(frame);
        if self.smoothed.is_finite() {
            self.smoothed += SMOOTHING * (power - self.smoothed);
        } else {
            self.smoothed = power;
        }
        self.block_minimum = self.block_minimum.min(self.smoothed);
        let floor = self.minima.iter().fold(self.block_minimum, |least, &x| least.min(x));
        self.close_full_block();

        let ratio = power.max(1.0) / floor.max(QUIETEST_FLOOR);
        let frame_db = (10.0 * ratio.log10()).max(0.0);
        self.recent[self.cursor] = frame_db;
        self.cursor = (self.cursor + 1) % RECENT_FRAMES;
        Standout { frame_db, sustained_db: ranked(&self.recent) }
    }

    fn close_full_block(&mut self) {
        self.frames_in_block += 1;
        if self.frames_in_block == BLOCK_FRAMES {
            self.minima.rotate_left(1);
            self.minima[BLOCKS - 1] = self.block_minimum;
            self.block_minimum = f32::INFINITY;
            self.frames_in_block = 0;
        }
    }
}

/// The value at [`RECENT_RANK`] from the largest down.
fn ranked(values: &[f32; RECENT_FRAMES]) -> f32 {
    let mut largest = [0.0_f32; RECENT_RANK];
    for &value in values {
        let mut value = value;
        for place in &mut largest {
            if value > *place {
                std::mem::swap(place, &mut value);
            }
        }
    }
    largest[RECENT_RANK - 1]
}

/// Mean power about the mean, in squared sample units: a constant offset is silence.
fn power_without_offset(frame: &[i16]) -> f32 {
    let (mut sum, mut squares) = (0_i64, 0_i64);
    for &sample in frame {
        let sample = i64::from(sample);
        sum += sample;
        squares += sample * sample;
    }
    let count = frame.len().max(1) as f32;
    let mean = sum as f32 / count;
    (squares as f32 / count - mean * mean).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(amplitude: i16) -> Vec<i16> {
        (0..160).map(|n| if n % 8 < 4 { amplitude } else { -amplitude }).collect()
    }

    #[test]
    fn steady_noise_does_not_stand_out_at_any_level() {
        for amplitude in [0, 8, 100, 3_000, i16::MAX] {
            let mut prominence = Prominence::new();
            for _ in 0..200 {
                let standout = prominence.standout_of(&square(amplitude));
                assert!(standout.sustained_db < 0.1, "{amplitude}: {standout:?}");
            }
        }
    }

    #[test]
    fn three_frames_of_ten_times_the_amplitude_stand_out_by_20_db_for_200_ms() {
        let mut prominence = Prominence::new();
        for _ in 0..50 {
            prominence.standout_of(&square(100));
        }
        for frame in 1..=3 {
            let loud = prominence.standout_of(&square(1_000));
            assert!((loud.frame_db - 20.0).abs() < 0.1, "{loud:?}");
            assert_eq!(loud.sustained_db > 19.0, frame == 3, "frame {frame}");
        }
        for frame in 1..=10 {
            let after = prominence.standout_of(&square(100));
            assert!(after.frame_db < 0.1);
            assert_eq!(after.sustained_db > 19.0, frame < 8, "frame {frame}");
        }
    }

    #[test]
    fn clicks_every_200_ms_are_never_sustained() {
        let mut prominence = Prominence::new();
        for frame in 0..500 {
            let amplitude = if frame % 10 < 2 { 20_000 } else { 100 };
            assert!(prominence.standout_of(&square(amplitude)).sustained_db < 0.1);
        }
    }

    #[test]
    fn a_noise_that_rises_is_the_floor_within_3200_ms() {
        let mut prominence = Prominence::new();
        for _ in 0..100 {
            prominence.standout_of(&square(100));
        }
        let mut frames = 0;
        while prominence.standout_of(&square(1_000)).frame_db > 1.0 {
            frames += 1;
            assert!(frames <= 160, "still above the floor after {frames} frames");
        }
        assert!(frames >= 140, "a phrase of {frames} frames would have become the floor");
    }

    #[test]
    fn a_constant_offset_is_silence() {
        let mut prominence = Prominence::new();
        prominence.standout_of(&[0; 160]);
        assert_eq!(prominence.standout_of(&[20_000; 160]).frame_db, 0.0);
    }
}
