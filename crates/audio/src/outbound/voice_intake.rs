//! From a synthesiser's chunks to speech at the line's rate.

use offhook_types::SampleRate;

use crate::playout::LeadingSilenceTrimmer;
use crate::resample::{Resampler, ResamplerError};

/// Takes one utterance after another from a synthesiser, in chunks of any size: trims the silence
/// before each and brings it to the line's rate, where the session holds it until it is played.
pub struct VoiceIntake {
    trimmer: LeadingSilenceTrimmer,
    line: LineRate,
}

/// Whole frames for the resampler, and out of them exactly as much as went in: the filter's delay
/// is cut off in front, so that it delays no word.
struct LineRate {
    resampler: Resampler,
    frame: Box<[i16]>,
    filled: usize,
    taken_samples: u64,
    given_samples: u64,
    /// Samples of the filter's delay still to be cut off.
    skip: usize,
}

impl VoiceIntake {
    /// An intake of speech at `voice_rate` for a line at `line_rate`, which removes at most
    /// `trimmed_ms_max` of silence before each utterance.
    ///
    /// # Errors
    /// [`ResamplerError`] for a pair of rates that cannot be converted.
    pub fn new(
        voice_rate: SampleRate,
        line_rate: SampleRate,
        trimmed_ms_max: u32,
    ) -> Result<Self, ResamplerError> {
        let resampler = Resampler::new(voice_rate, line_rate)?;
        Ok(Self {
            trimmer: LeadingSilenceTrimmer::new(voice_rate, trimmed_ms_max),
            line: LineRate {
                skip: resampler.delay_samples(),
                resampler,
                frame: vec![0; voice_rate.frame_samples()].into_boxed_slice(),
                filled: 0,
                taken_samples: 0,
                given_samples: 0,
            },
        })
    }

    /// Samples removed from this utterance so far, at the voice's rate: by how much its word times
    /// shift.
    pub const fn trimmed_samples(&self) -> usize {
        self.trimmer.trimmed_samples()
    }

    /// Takes the next chunk of the utterance; hands on what is ready at the line's rate.
    pub fn push(&mut self, chunk: &[i16], mut sink: impl FnMut(&[i16])) {
        let trimmed = self.trimmer.trim(chunk);
        self.line.push(trimmed.pre_roll, &mut sink);
        self.line.push(trimmed.samples, &mut sink);
    }

    /// Ends the utterance; hands on the rest of it. The next chunk begins another.
    pub fn finish(&mut self, mut sink: impl FnMut(&[i16])) {
        self.line.push(self.trimmer.finish(), &mut sink);
        self.line.finish(&mut sink);
        self.trimmer.reset();
    }

    /// Forgets an utterance that was cancelled.
    pub fn reset(&mut self) {
        self.trimmer.reset();
        self.line.reset();
    }
}

impl LineRate {
    fn push(&mut self, samples: &[i16], sink: &mut impl FnMut(&[i16])) {
        if self.resampler.is_identity() {
            if !samples.is_empty() {
                sink(samples);
            }
            return;
        }
        self.taken_samples += samples.len() as u64;
        let mut rest = samples;
        while !rest.is_empty() {
            let piece;
            (piece, rest) = rest.split_at(rest.len().min(self.frame.len() - self.filled));
            self.frame[self.filled..self.filled + piece.len()].copy_from_slice(piece);
            self.filled += piece.len();
            if self.filled == self.frame.len() {
                self.give_frame(u64::MAX, sink);
            }
        }
    }

    fn finish(&mut self, sink: &mut impl FnMut(&[i16])) {
        let (from, to) = (self.resampler.from_rate().hz(), self.resampler.to_rate().hz());
        let due = (self.taken_samples * u64::from(to)).div_ceil(u64::from(from));
        while self.given_samples < due {
            self.frame[self.filled..].fill(0);
            self.give_frame(due, sink);
        }
        self.reset();
    }

    /// Converts the frame and hands on what of it is speech, up to `due` samples in all.
    fn give_frame(&mut self, due: u64, sink: &mut impl FnMut(&[i16])) {
        self.filled = 0;
        let samples = self.resampler.process(&self.frame);
        let skipped = self.skip.min(samples.len());
        self.skip -= skipped;
        let samples = &samples[skipped..];
        let left = due.saturating_sub(self.given_samples);
        let count = samples.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        self.given_samples += count as u64;
        if count > 0 {
            sink(&samples[..count]);
        }
    }

    fn reset(&mut self) {
        self.resampler.reset();
        self.skip = self.resampler.delay_samples();
        self.filled = 0;
        self.taken_samples = 0;
        self.given_samples = 0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_word_of_an_utterance_is_not_waited_for() {
        // Half a second of silence and then half a second of sound, 24 kHz to 8 kHz.
        let mut voice = vec![0; 12_000];
        voice.extend(tone(12_000));
        let mut intake =
            VoiceIntake::new(SampleRate::HZ_24000, SampleRate::HZ_8000, 500).expect("rates");
        let mut line = Vec::new();
        intake.push(&voice, |samples| line.extend_from_slice(samples));
        intake.finish(|samples| line.extend_from_slice(samples));
        // 10 ms of pre-roll and at most the block of 5 ms in which the sound was found.
        assert!((4_000..=4_000 + 80 + 40).contains(&line.len()), "{}", line.len());
        let onset = line.iter().position(|sample| sample.abs() > 1_000).expect("sound");
        assert!(onset <= 160, "sound begins after {onset} samples");
    }

    proptest! {
        #[test]
        fn chunks_of_any_size_give_the_same_speech(
            sizes in proptest::collection::vec(1_usize..2_000, 1..20),
            total in 1_usize..9_000,
        ) {
            let voice = tone(total);
            let rates = (SampleRate::HZ_24000, SampleRate::HZ_8000);
            let whole = intake_of(rates, [voice.as_slice()]);
            let mut rest = voice.as_slice();
            let mut chunks = Vec::new();
            for size in sizes.into_iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (chunk, later) = rest.split_at(size.min(rest.len()));
                chunks.push(chunk);
                rest = later;
            }
            prop_assert_eq!(intake_of(rates, chunks), whole);
        }
    }

    fn intake_of<'a>(
        (voice_rate, line_rate): (SampleRate, SampleRate),
        chunks: impl IntoIterator<Item = &'a [i16]>,
    ) -> Vec<i16> {
        let mut intake = VoiceIntake::new(voice_rate, line_rate, 500).expect("rates");
        let mut line = Vec::new();
        for chunk in chunks {
            intake.push(chunk, |samples| line.extend_from_slice(samples));
        }
        intake.finish(|samples| line.extend_from_slice(samples));
        line
    }

    fn tone(samples: usize) -> Vec<i16> {
        (0..samples).map(|index| ((index as f32 * 0.2).sin() * 8_000.0) as i16).collect()
    }
}
