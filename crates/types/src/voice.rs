//! What the audio path heard of the caller, as whole numbers: the same on every machine.

use serde::{Deserialize, Serialize};

/// What was heard in 20 ms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoiceFrame {
    /// The frame by itself holds a voice.
    pub is_voiced: bool,
    /// A talk spurt goes on.
    pub is_open: bool,
    /// Voiced time of the spurt, or of the candidate that may become one, in ms.
    pub voiced_ms: u32,
    /// Time since the last voiced frame of a spurt, in ms of media time.
    pub silence_ms: u32,
    /// Voiced time that the echo guard asks for on top, in ms.
    pub extra_ms: u16,
}

/// Frames that follow each other evenly: a trace has one of these for each change of the voice, and
/// not fifty lines a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoiceRun {
    /// The first of them.
    #[serde(flatten)]
    pub first: VoiceFrame,
    /// How many.
    pub frames: u32,
    /// Time from one to the next, in µs.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub every_us: u64,
    /// By how much `voiced_ms` grows from one to the next.
    #[serde(default, skip_serializing_if = "is_zero_32")]
    pub voiced_step_ms: u32,
    /// By how much `silence_ms` grows from one to the next.
    #[serde(default, skip_serializing_if = "is_zero_32")]
    pub silence_step_ms: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn is_zero_32(number: &u32) -> bool {
    *number == 0
}

impl VoiceRun {
    /// A run of one.
    pub const fn new(first: VoiceFrame) -> Self {
        Self { first, frames: 1, every_us: 0, voiced_step_ms: 0, silence_step_ms: 0 }
    }

    /// Takes the next frame in, `since_last_us` after the last, if it follows evenly.
    pub fn extend(&mut self, since_last_us: u64, frame: VoiceFrame) -> bool {
        let last = self.frame(self.frames - 1);
        let steps = frame
            .voiced_ms
            .checked_sub(last.voiced_ms)
            .zip(frame.silence_ms.checked_sub(last.silence_ms));
        let Some((voiced_step_ms, silence_step_ms)) = steps else { return false };
        let is_alike = (frame.is_voiced, frame.is_open, frame.extra_ms)
            == (last.is_voiced, last.is_open, last.extra_ms);
        let step = (since_last_us, voiced_step_ms, silence_step_ms);
        let is_even =
            self.frames == 1 || step == (self.every_us, self.voiced_step_ms, self.silence_step_ms);
        if !is_alike || !is_even {
            return false;
        }
        (self.every_us, self.voiced_step_ms, self.silence_step_ms) = step;
        self.frames += 1;
        true
    }

    /// The frame of this index.
    pub const fn frame(&self, index: u32) -> VoiceFrame {
        let mut frame = self.first;
        frame.voiced_ms = frame.voiced_ms.saturating_add(index.saturating_mul(self.voiced_step_ms));
        frame.silence_ms =
            frame.silence_ms.saturating_add(index.saturating_mul(self.silence_step_ms));
        frame
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frames() -> impl Strategy<Value = Vec<(u64, VoiceFrame)>> {
        let frame = (any::<bool>(), any::<bool>(), 0_u32..4, 0_u32..4, 0_u16..2).prop_map(
            |(is_voiced, is_open, voiced, silence, extra)| VoiceFrame {
                is_voiced,
                is_open,
                voiced_ms: 20 * voiced,
                silence_ms: 20 * silence,
                extra_ms: 300 * extra,
            },
        );
        proptest::collection::vec((19_999_u64..20_001, frame), 1..40)
    }

    proptest! {
        #[test]
        fn runs_give_back_the_frames_that_went_in(frames in frames()) {
            let mut runs: Vec<VoiceRun> = Vec::new();
            let mut starts = Vec::new();
            let mut now = 0;
            for (since, frame) in &frames {
                now += since;
                let is_taken = runs.last_mut().is_some_and(|run| run.extend(*since, *frame));
                if !is_taken {
                    runs.push(VoiceRun::new(*frame));
                    starts.push(now);
                }
            }
            let mut out = Vec::new();
            for (run, start) in runs.iter().zip(starts) {
                for index in 0..run.frames {
                    out.push((start + u64::from(index) * run.every_us, run.frame(index)));
                }
            }
            let mut now = 0;
            let expected: Vec<(u64, VoiceFrame)> = frames.iter().map(|(since, frame)| {
                now += since;
                (now, *frame)
            }).collect();
            prop_assert_eq!(out, expected);
        }
    }

    #[test]
    fn a_second_of_silence_is_one_run() {
        let silence = |silence_ms| VoiceFrame { silence_ms, ..VoiceFrame::default() };
        let mut run = VoiceRun::new(silence(20));
        assert!((2..=50).all(|index| run.extend(20_000, silence(20 * index))));
        let json = serde_json::to_string(&run).unwrap();
        assert_eq!(serde_json::from_str::<VoiceRun>(&json).unwrap(), run);
    }
}
