//! Cutting the silence that speech synthesisers put before the first word: it is pure delay for the
//! caller.
//!
//! Assumes one utterance at a time, sound being what rises above the utterance's own floor. Silence
//! inside and after an utterance is left alone: it is prosody. A breath before the first word
//! counts as sound.

use offhook_types::SampleRate;

use super::gain::multiplier_from_db;

/// Finds the onset of an utterance that arrives in chunks of any size, and withholds what comes
/// before.
///
/// Blocks of 5 ms are compared with the quietest block so far. The threshold is that floor plus 10
/// dB, kept between -60 and -45 dBFS: a synthesiser that is digitally silent lets the faintest "f"
/// count, one that hisses is trimmed all the same. The level is taken about the block's mean, so
/// that an offset (DC) is not sound.
#[derive(Clone, Debug)]
pub struct LeadingSilenceTrimmer {
    block_samples: usize,
    pre_roll_samples: usize,
    trimmed_samples_max: usize,
    floor: f32,
    block: Block,
    /// The newest withheld samples: the pre-roll and the blocks not yet judged.
    held: Vec<i16>,
    held_capacity: usize,
    seen: usize,
    trimmed: usize,
    is_open: bool,
}

/// What is to be played of a chunk: first `pre_roll`, then `samples`. Both are empty while the
/// silence lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrimmedSpeech<'a> {
    /// Samples of earlier chunks that were withheld and turned out to be needed.
    pub pre_roll: &'a [i16],
    /// What remains of this chunk.
    pub samples: &'a [i16],
}

/// Sums over the block being collected.
#[derive(Clone, Copy, Debug, Default)]
struct Block {
    samples: usize,
    sum: i64,
    energy: i64,
}

impl LeadingSilenceTrimmer {
    /// What is kept before the block in which sound is found. An "h", "f" or "s" starts some 10 ms
    /// before it reaches the threshold; less clips it, more is delay.
    pub const PRE_ROLL_MS: u32 = 10;

    const BLOCK_MS: u32 = 5;
    const MARGIN_DB: f32 = 10.0;
    const THRESHOLD_DBFS_MIN: f32 = -60.0;
    const THRESHOLD_DBFS_MAX: f32 = -45.0;

    /// A trimmer for utterances at `rate` that removes at most `trimmed_ms_max` of each. The bound
    /// is for text whose author wants the agent to wait a moment; 500 is ample for the synthesisers
    /// we know of.
    pub fn new(rate: SampleRate, trimmed_ms_max: u32) -> Self {
        let block_samples = rate.samples_in_ms(Self::BLOCK_MS);
        let pre_roll_samples = rate.samples_in_ms(Self::PRE_ROLL_MS);
        let held_capacity = pre_roll_samples + 2 * block_samples;
        Self {
            block_samples,
            pre_roll_samples,
            trimmed_samples_max: rate.samples_in_ms(trimmed_ms_max),
            floor: f32::INFINITY,
            block: Block::default(),
            held: Vec::with_capacity(held_capacity),
            held_capacity,
            seen: 0,
            trimmed: 0,
            is_open: false,
        }
    }

    /// Samples removed from the utterance: by how much its word timings shift. Final once anything
    /// was returned to be played or the utterance ended.
    pub const fn trimmed_samples(&self) -> usize {
        self.trimmed
    }

    /// The longest time for which sound may be withheld before it is recognised as such, in
    /// samples.
    pub const fn delay_samples(&self) -> usize {
        self.block_samples - 1
    }

    /// Takes the next chunk of the utterance and returns what of it (and of what was withheld) is
    /// to be played.
    pub fn trim<'a>(&'a mut self, chunk: &'a [i16]) -> TrimmedSpeech<'a> {
        if self.is_open {
            return TrimmedSpeech { pre_roll: &[], samples: chunk };
        }
        let before = self.seen;
        let Some(start) = self.find_start(chunk) else {
            self.hold(chunk);
            self.trimmed = self.seen.saturating_sub(self.held.len());
            return TrimmedSpeech { pre_roll: &[], samples: &[] };
        };
        self.is_open = true;
        self.trimmed = start;
        let from_held = before.saturating_sub(start).min(self.held.len());
        TrimmedSpeech {
            pre_roll: &self.held[self.held.len() - from_held..],
            samples: &chunk[start.saturating_sub(before)..],
        }
    }

    /// Ends the utterance. Returns the withheld samples if the last, incomplete block holds sound;
    /// otherwise nothing remains to be played. Call [`LeadingSilenceTrimmer::reset`] before the
    /// next utterance.
    pub fn finish(&mut self) -> &[i16] {
        if self.is_open {
            return &[];
        }
        self.is_open = true;
        let is_sound = self.block.samples > 0 && self.block.level() > self.threshold();
        let kept = if is_sound {
            self.held.len().min(self.pre_roll_samples + self.block.samples)
        } else {
            0
        };
        self.trimmed = self.seen - kept;
        &self.held[self.held.len() - kept..]
    }

    /// Prepares for the next utterance.
    pub fn reset(&mut self) {
        self.floor = f32::INFINITY;
        self.block = Block::default();
        self.held.clear();
        self.seen = 0;
        self.trimmed = 0;
        self.is_open = false;
    }

    /// Position in the utterance of the first sample to keep, if `chunk` decides it.
    fn find_start(&mut self, chunk: &[i16]) -> Option<usize> {
        let mut rest = chunk;
        while !rest.is_empty() {
            let (part, later) =
                rest.split_at((self.block_samples - self.block.samples).min(rest.len()));
            self.block.add(part);
            self.seen += part.len();
            rest = later;
            if self.block.samples < self.block_samples {
                break;
            }
            let level = self.block.level();
            let is_sound = level > self.threshold();
            self.floor = self.floor.min(level);
            self.block = Block::default();
            let start = self.seen.saturating_sub(self.block_samples + self.pre_roll_samples);
            if is_sound || start >= self.trimmed_samples_max {
                return Some(start.min(self.trimmed_samples_max));
            }
        }
        None
    }

    fn threshold(&self) -> f32 {
        let full_scale = 32_768.0;
        (self.floor * multiplier_from_db(Self::MARGIN_DB)).clamp(
            full_scale * multiplier_from_db(Self::THRESHOLD_DBFS_MIN),
            full_scale * multiplier_from_db(Self::THRESHOLD_DBFS_MAX),
        )
    }

    fn hold(&mut self, chunk: &[i16]) {
        let chunk = &chunk[chunk.len().saturating_sub(self.held_capacity)..];
        let excess = (self.held.len() + chunk.len()).saturating_sub(self.held_capacity);
        self.held.drain(..excess);
        self.held.extend_from_slice(chunk);
    }
}

impl Block {
    fn add(&mut self, samples: &[i16]) {
        self.samples += samples.len();
        self.sum += samples.iter().map(|&s| i64::from(s)).sum::<i64>();
        self.energy += samples.iter().map(|&s| i64::from(s) * i64::from(s)).sum::<i64>();
    }

    /// RMS about the mean.
    fn level(self) -> f32 {
        let n = self.samples as f64;
        let mean = self.sum as f64 / n;
        (self.energy as f64 / n - mean * mean).max(0.0).sqrt() as f32
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::random::SeededRandom;
    use super::*;

    const RATE: SampleRate = SampleRate::HZ_16000;

    /// Plays an utterance through in chunks of `size`; returns what comes out and how much was
    /// trimmed.
    fn played(utterance: &[i16], size: usize) -> (Vec<i16>, usize) {
        let mut trimmer = LeadingSilenceTrimmer::new(RATE, 500);
        let mut out = Vec::new();
        for chunk in utterance.chunks(size) {
            let kept = trimmer.trim(chunk);
            out.extend_from_slice(kept.pre_roll);
            out.extend_from_slice(kept.samples);
        }
        out.extend_from_slice(trimmer.finish());
        let trimmed = trimmer.trimmed_samples();
        (out, trimmed)
    }

    /// `silence_ms` of noise at `floor_dbfs`, then noise that rises to -35 dBFS in 60 ms as the "f"
    /// of "five" does.
    fn fricative(silence_ms: u32, floor_dbfs: f32) -> Vec<i16> {
        let mut random = SeededRandom::new(7);
        let onset = RATE.samples_in_ms(silence_ms);
        let rise = RATE.samples_in_ms(60) as f32;
        // Uniform noise of peak p has an RMS of p / √3.
        let peak = |dbfs: f32| 32_768.0 * 3_f32.sqrt() * multiplier_from_db(dbfs);
        (0..onset + 3_200)
            .map(|i| {
                let risen = (i.saturating_sub(onset) as f32 / rise).min(1.0);
                (random.bipolar() * (peak(floor_dbfs) + risen * peak(-35.0))) as i16
            })
            .collect()
    }

    #[test]
    fn silence_goes_and_a_soft_fricative_stays_whole() {
        for floor_dbfs in [-96.0, -75.0, -62.0] {
            let utterance = fricative(300, floor_dbfs);
            let (out, trimmed) = played(&utterance, 160);
            assert_eq!(out[..], utterance[trimmed..]);
            // At most 15 ms are kept before the onset, and none of it is lost.
            assert!((4_560..=4_800).contains(&trimmed), "{floor_dbfs} dBFS: {trimmed} of 4800");
        }
    }

    #[test]
    fn speech_that_starts_at_once_is_untouched() {
        let utterance = fricative(0, -30.0);
        assert_eq!(played(&utterance, 1), (utterance.clone(), 0));
    }

    #[test]
    fn an_offset_is_not_sound() {
        let utterance: Vec<i16> = fricative(200, -90.0).iter().map(|s| s + 900).collect();
        let (_, trimmed) = played(&utterance, 333);
        assert!((2_960..=3_200).contains(&trimmed), "{trimmed} of 3200");
    }

    #[test]
    fn an_utterance_of_silence_ends_empty_and_a_long_one_is_trimmed_to_the_bound() {
        assert_eq!(played(&[0; 4_000], 320), (vec![], 4_000));
        let (out, trimmed) = played(&[0; 32_000], 320);
        assert_eq!((out.len(), trimmed), (24_000, 8_000), "500 ms at most");
    }

    #[test]
    fn a_click_of_two_milliseconds_is_an_utterance() {
        let (out, trimmed) = played(&[9_000, -9_000, 9_000, -9_000], 2);
        assert_eq!((out.len(), trimmed), (4, 0));
    }

    proptest! {
        #[test]
        fn chunking_changes_nothing_and_no_sample_is_lost_or_repeated(
            silence in 0_u32..700, sizes in prop::collection::vec(0_usize..900, 1..30),
        ) {
            let utterance = fricative(silence, -80.0);
            let whole = played(&utterance, utterance.len());
            let mut trimmer = LeadingSilenceTrimmer::new(RATE, 500);
            let mut out = Vec::new();
            let mut rest = &utterance[..];
            for size in sizes.iter().copied().chain([utterance.len()]) {
                let (chunk, later) = rest.split_at(size.min(rest.len()));
                rest = later;
                let kept = trimmer.trim(chunk);
                out.extend_from_slice(kept.pre_roll);
                out.extend_from_slice(kept.samples);
            }
            out.extend_from_slice(trimmer.finish());
            prop_assert_eq!(&out[..], &utterance[trimmer.trimmed_samples()..]);
            prop_assert_eq!((out, trimmer.trimmed_samples()), whole);
        }
    }

    #[test]
    fn processing_does_not_allocate() {
        let mut trimmer = LeadingSilenceTrimmer::new(RATE, 500);
        let utterance = fricative(300, -80.0);
        let measured = allocation_counter::measure(|| {
            for size in 1..400 {
                trimmer.reset();
                for chunk in utterance.chunks(size) {
                    std::hint::black_box(trimmer.trim(chunk));
                }
                std::hint::black_box(trimmer.finish());
            }
        });
        assert_eq!(measured.count_total, 0);
    }
}
