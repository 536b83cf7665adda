//! The last moments of what was sent, by position.

use offhook_types::SampleRate;

/// A ring of the newest samples of a stream, addressed by their position since its start.
///
/// What a carrier was told to drop is taken back with [`PlayedHistory::truncate_to`], so that
/// positions stay those of the play head: the ring tells what the caller hears, not all that was
/// ever sent.
#[derive(Clone, Debug)]
pub struct PlayedHistory {
    ring: Box<[i16]>,
    oldest: u64,
    end: u64,
}

impl PlayedHistory {
    /// A history of the last `span_ms` (at least one frame).
    pub fn new(rate: SampleRate, span_ms: u32) -> Self {
        let capacity = rate.samples_in_ms(span_ms).max(rate.frame_samples());
        Self { ring: vec![0; capacity].into_boxed_slice(), oldest: 0, end: 0 }
    }

    /// Position of the next sample: how many there were since the stream's start.
    pub const fn end(&self) -> u64 {
        self.end
    }

    /// Position of the oldest sample still known.
    pub const fn oldest(&self) -> u64 {
        self.oldest
    }

    /// Copies the samples from `position` on. What is not known (older than the ring, or not yet
    /// written) becomes zero; returns how many samples of `out` are known.
    pub fn copy_range_into(&self, position: u64, out: &mut [i16]) -> usize {
        out.fill(0);
        let known_start = position.max(self.oldest);
        let known_end = position.saturating_add(out.len() as u64).min(self.end);
        if known_start >= known_end {
            return 0;
        }
        let known = (known_end - known_start) as usize;
        let skipped = (known_start - position) as usize;
        let slot = self.slot(known_start);
        let first = known.min(self.ring.len() - slot);
        let out = &mut out[skipped..skipped + known];
        out[..first].copy_from_slice(&self.ring[slot..slot + first]);
        out[first..].copy_from_slice(&self.ring[..known - first]);
        known
    }

    /// Appends samples.
    pub fn push(&mut self, samples: &[i16]) {
        self.write_at(self.end, samples);
    }

    /// Forgets everything from `position` on; the next sample is written there. A position outside
    /// what is known is moved to its nearest end.
    pub fn truncate_to(&mut self, position: u64) {
        self.end = position.clamp(self.oldest, self.end);
    }

    /// Forgets everything and starts again at position 0.
    pub fn reset(&mut self) {
        self.oldest = 0;
        self.end = 0;
    }

    /// Replaces samples from `position` on and appends what reaches beyond the end.
    pub(super) fn write_at(&mut self, position: u64, samples: &[i16]) {
        debug_assert!((self.oldest..=self.end).contains(&position));
        let capacity = self.ring.len();
        let write_end = position + samples.len() as u64;
        let samples = &samples[samples.len().saturating_sub(capacity)..];
        let slot = self.slot(write_end - samples.len() as u64);
        let first = samples.len().min(capacity - slot);
        self.ring[slot..slot + first].copy_from_slice(&samples[..first]);
        self.ring[..samples.len() - first].copy_from_slice(&samples[first..]);
        self.end = self.end.max(write_end);
        self.oldest = self.oldest.max(self.end.saturating_sub(capacity as u64));
    }

    fn slot(&self, position: u64) -> usize {
        (position % self.ring.len() as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_range_is_read_back_across_the_ring_s_seam() {
        let mut history = PlayedHistory::new(SampleRate::HZ_8000, 100);
        let all: Vec<i16> = (0..5_000).collect();
        all.chunks(160).for_each(|frame| history.push(frame));
        assert_eq!((history.oldest(), history.end()), (4_200, 5_000));
        let mut out = [-1; 700];
        assert_eq!(history.copy_range_into(4_250, &mut out), 700);
        assert_eq!(out[..], all[4_250..4_950]);
    }

    #[test]
    fn what_is_not_known_reads_as_silence() {
        let mut history = PlayedHistory::new(SampleRate::HZ_8000, 20);
        history.push(&[7; 320]);
        let mut out = [-1; 200];
        assert_eq!(history.copy_range_into(100, &mut out), 140);
        assert_eq!((out[59], out[60]), (0, 7));
        assert_eq!(history.copy_range_into(300, &mut out), 20);
        assert_eq!((out[19], out[20]), (7, 0));
        assert_eq!(history.copy_range_into(u64::MAX, &mut out), 0);
    }

    #[test]
    fn dropped_audio_is_replaced_from_the_position_heard() {
        let mut history = PlayedHistory::new(SampleRate::HZ_8000, 100);
        history.push(&[1; 400]);
        history.truncate_to(300);
        history.push(&[2; 50]);
        let mut out = [0; 350];
        assert_eq!(history.copy_range_into(0, &mut out), 350);
        assert_eq!((history.end(), out[299], out[300]), (350, 1, 2));
        history.truncate_to(1_000_000);
        assert_eq!(history.end(), 350);
    }

    proptest! {
        /// A plain vector is the reference.
        #[test]
        fn any_sequence_agrees_with_a_vector(
            steps in prop::collection::vec((0_usize..400, 0_u64..400), 1..40),
        ) {
            let mut history = PlayedHistory::new(SampleRate::HZ_8000, 20);
            let mut reference: Vec<i16> = Vec::new();
            let mut next = 0_i16;
            for (length, back) in steps {
                let keep = history.end().saturating_sub(back).max(history.oldest());
                history.truncate_to(keep);
                reference.truncate(keep as usize);
                let samples: Vec<i16> = (0..length).map(|_| { next += 1; next }).collect();
                history.push(&samples);
                reference.extend(&samples);
                let known = &reference[history.oldest() as usize..];
                let mut out = vec![0; known.len()];
                prop_assert_eq!(history.copy_range_into(history.oldest(), &mut out), known.len());
                prop_assert_eq!(&out[..], known);
            }
        }
    }
}
