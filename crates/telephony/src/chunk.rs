//! Frames of 20 ms put together to the messages that a carrier takes.

use offhook_types::CodecFormat;

use crate::caps::{ChunkRule, frame_bytes};

/// Collects encoded frames until they make a message.
#[derive(Debug)]
pub(crate) struct Chunker {
    /// Bytes of a frame; `None` where they vary and each frame is a message.
    frame_bytes: Option<usize>,
    frame_samples: u64,
    silence: Option<u8>,
    frames_min: usize,
    frames_max: usize,
    bytes: Vec<u8>,
    frames: usize,
}

/// A payload that cannot be cut into frames, of a codec without a byte for silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PartialFrame;

impl Chunker {
    pub(crate) fn new(format: CodecFormat, rule: &ChunkRule) -> Self {
        let frame_bytes = frame_bytes(format);
        let frames_max = rule.frames_max_of(format);
        Self {
            frame_bytes,
            frame_samples: format.sample_rate().frame_samples() as u64,
            silence: format.codec().silence_byte(),
            frames_min: rule.frames_min.clamp(1, frames_max),
            frames_max,
            bytes: Vec::with_capacity(frame_bytes.unwrap_or(0) * frames_max.min(16)),
            frames: 0,
        }
    }

    /// Frames in this payload once it is filled up to whole ones.
    pub(crate) fn frames_in(&self, payload: &[u8]) -> Result<usize, PartialFrame> {
        match self.frame_bytes {
            _ if payload.is_empty() => Ok(0),
            None => Ok(1),
            Some(bytes) if payload.len().is_multiple_of(bytes) => Ok(payload.len() / bytes),
            Some(bytes) => self.silence.map(|_| payload.len().div_ceil(bytes)).ok_or(PartialFrame),
        }
    }

    /// Frames that wait for more.
    pub(crate) const fn waiting_frames(&self) -> usize {
        self.frames
    }

    /// Samples of the frames that wait.
    pub(crate) const fn waiting_samples(&self) -> u64 {
        self.frames as u64 * self.frame_samples
    }

    pub(crate) const fn samples_in(&self, frames: usize) -> u64 {
        frames as u64 * self.frame_samples
    }

    /// Adds a payload; hands on each message that is full, with its samples.
    pub(crate) fn push(
        &mut self,
        payload: &[u8],
        mut emit: impl FnMut(&[u8], u64),
    ) -> Result<(), PartialFrame> {
        let frames = self.frames_in(payload)?;
        let Some(bytes) = self.frame_bytes else {
            if frames > 0 {
                emit(payload, self.frame_samples);
            }
            return Ok(());
        };
        for frame in payload.chunks(bytes) {
            self.bytes.extend_from_slice(frame);
            self.bytes.resize(self.bytes.len() + bytes - frame.len(), self.silence.unwrap_or(0));
            self.frames += 1;
            if self.frames == self.frames_max {
                self.emit(&mut emit);
            }
        }
        Ok(())
    }

    /// Hands on what waits, if the carrier takes so little.
    pub(crate) fn flush(&mut self, mut emit: impl FnMut(&[u8], u64)) {
        if self.frames >= self.frames_min {
            self.emit(&mut emit);
        }
    }

    /// Fills up what waits to the least that the carrier takes; says how many samples of silence
    /// that took. [`flush`](Self::flush) then hands it on.
    pub(crate) fn pad(&mut self) -> u64 {
        let (Some(bytes), Some(silence)) = (self.frame_bytes, self.silence) else { return 0 };
        if self.frames == 0 || self.frames >= self.frames_min {
            return 0;
        }
        let missing = self.frames_min - self.frames;
        self.bytes.resize(self.frames_min * bytes, silence);
        self.frames = self.frames_min;
        self.samples_in(missing)
    }

    /// Throws away what waits.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.frames = 0;
    }

    fn emit(&mut self, emit: &mut impl FnMut(&[u8], u64)) {
        emit(&self.bytes, self.waiting_samples());
        self.clear();
    }
}

#[cfg(test)]
mod tests {
    use offhook_types::{Codec, SampleRate};
    use proptest::prelude::*;

    use super::*;

    /// A carrier like Exotel: multiples of 320 bytes, at least 3,200, at most 100,000.
    const LARGE: ChunkRule = ChunkRule { frames_min: 10, frames_max: 312, bytes_max: 100_000 };
    const SINGLE: ChunkRule = ChunkRule { frames_min: 1, frames_max: 1, bytes_max: 64_000 };

    fn linear(rate: SampleRate) -> CodecFormat {
        CodecFormat::new(Codec::L16Le, rate).expect("a format")
    }

    #[test]
    fn a_carrier_of_exact_frames_is_sent_exact_frames() {
        let mut chunker = Chunker::new(linear(SampleRate::HZ_16000), &SINGLE);
        let mut sizes = Vec::new();
        chunker.push(&[1; 1_500], |bytes, samples| sizes.push((bytes.len(), samples))).unwrap();
        assert_eq!(sizes, [(640, 320); 3]);
    }

    #[test]
    fn an_odd_tail_is_filled_up_with_the_codecs_own_silence() {
        for (format, silence) in [(CodecFormat::PCMU, 0xFF), (CodecFormat::PCMA, 0xD5)] {
            let mut chunker = Chunker::new(format, &ChunkRule::ANY);
            let mut sent = Vec::new();
            chunker.push(&[1; 161], |_, _| panic!("not full")).unwrap();
            chunker.flush(|bytes, _| sent.extend_from_slice(bytes));
            assert_eq!(sent.len(), 320);
            assert!(sent[161..].iter().all(|byte| *byte == silence));
        }
    }

    #[test]
    fn a_short_end_of_an_utterance_reaches_the_least_size() {
        let mut chunker = Chunker::new(linear(SampleRate::HZ_8000), &LARGE);
        chunker.push(&[1; 640], |_, _| panic!("not full")).unwrap();
        chunker.flush(|_, _| panic!("too little"));
        assert_eq!(chunker.pad(), 8 * 160);
        let mut sizes = Vec::new();
        chunker.flush(|bytes, samples| sizes.push((bytes.len(), samples)));
        assert_eq!(sizes, [(3_200, 1_600)]);
        assert_eq!(chunker.pad(), 0);
    }

    #[test]
    fn a_codec_without_silence_takes_whole_frames_only() {
        let mut chunker = Chunker::new(CodecFormat::G722, &ChunkRule::ANY);
        assert_eq!(chunker.push(&[0; 161], |_, _| ()), Err(PartialFrame));
        assert_eq!(chunker.push(&[0; 320], |_, _| ()), Ok(()));
        assert_eq!(chunker.waiting_samples(), 640);
    }

    proptest! {
        #[test]
        fn whatever_is_pushed_leaves_in_order_and_within_the_rule(
            sizes in proptest::collection::vec(0_usize..2_000, 0..40),
            frames_min in 1_usize..12,
            extra in 0_usize..30,
        ) {
            let rule = ChunkRule { frames_min, frames_max: frames_min + extra, bytes_max: 64_000 };
            let mut chunker = Chunker::new(CodecFormat::PCMU, &rule);
            let (mut sent, mut pushed, mut messages) = (Vec::new(), Vec::new(), Vec::new());
            let mut next = 0_u8;
            for size in sizes {
                let payload: Vec<u8> = (0..size).map(|_| {
                    next = next.wrapping_add(1) % 0xFF;
                    next
                }).collect();
                pushed.extend_from_slice(&payload);
                pushed.resize(pushed.len().next_multiple_of(160), 0xFF);
                let mut emit = |bytes: &[u8], samples: u64| {
                    messages.push((bytes.len(), samples));
                    sent.extend_from_slice(bytes);
                };
                chunker.push(&payload, &mut emit).unwrap();
                chunker.flush(&mut emit);
            }
            chunker.pad();
            chunker.flush(|bytes, samples| {
                messages.push((bytes.len(), samples));
                sent.extend_from_slice(bytes);
            });
            prop_assert_eq!(&sent[..pushed.len()], &pushed[..]);
            prop_assert!(sent[pushed.len()..].iter().all(|byte| *byte == 0xFF));
            for (bytes, samples) in messages {
                prop_assert!(bytes.is_multiple_of(160) && samples == bytes as u64);
                prop_assert!((frames_min..=frames_min + extra).contains(&(bytes / 160)));
            }
        }
    }
}
