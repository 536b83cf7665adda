//! Is there more in this frame than the echo that this line leaves?
//!
//! The residual of the canceller is compared, band by band, with what the far end usually leaves of
//! itself there: distortion, the tail beyond the filter, a filter that is still learning. What is
//! learned is the logarithm of that ratio, slowly, and slower while the caller seems to speak; the
//! comparison is the mean excess over all bands, so that one band in which the loudspeaker rattles
//! is not a voice.

use super::bands::{BANDS, Bands};
use super::lanes::log2;

/// One frame, as band energies.
#[derive(Clone, Copy)]
pub(super) struct Evidence<'a> {
    /// What the canceller left.
    pub(super) residual: &'a Bands,
    /// The far end at the delay of the echo.
    pub(super) far: &'a Bands,
    /// The noise of the line.
    pub(super) noise: &'a Bands,
    /// Share of the residual that is a scaled copy of the estimated echo.
    pub(super) leak: f32,
    /// Energy of the echo before cancelling over that of the far end, 0 while unknown.
    pub(super) path_gain: f32,
}

/// Learns what a line leaves of the far end, and says when there is more.
pub(super) struct Decision {
    /// Per band, log2 of residual over far energy when only echo is heard.
    usual_log2: Bands,
    /// Per band, far energy, smeared by distortion and with the decay of a room.
    far: Bands,
    frames: u32,
    excess: f32,
    score: f32,
    run: u32,
    hold: u32,
}

impl Decision {
    pub(super) fn new() -> Self {
        Self {
            usual_log2: [LOUDEST_ECHO_LOG2; BANDS],
            far: [0.0; BANDS],
            frames: 0,
            excess: 0.0,
            score: 0.0,
            run: 0,
            hold: 0,
        }
    }

    /// Whether the line is still being learned.
    pub(super) fn is_settling(&self) -> bool {
        self.frames < SETTLING_FRAMES
    }

    /// How sure it is that the last frame held no caller, in steps of 5.
    pub(super) fn echo_percent(&self) -> u8 {
        let certainty = 1.0 / (1.0 + (PERCENT_SLOPE * (self.score - CALLER_LOG2)).exp());
        (certainty * 20.0).round() as u8 * 5
    }

    /// Whether the caller is heard over the echo.
    pub(super) fn hears_caller(&mut self, frame: Evidence) -> bool {
        self.frames = self.frames.saturating_add(1);
        self.follow_far(frame.far);
        let usual = self.usual_log2.map(f32::exp2);
        let excess = self.excess_log2(frame, &usual);
        self.score = 0.5 * (self.excess + excess);
        self.excess = excess;
        let is_caller = self.score > CALLER_LOG2;
        self.learn(frame, &usual, is_caller);
        self.hold(is_caller)
    }

    pub(super) fn reset(&mut self) {
        *self = Self::new();
    }

    fn follow_far(&mut self, far: &Bands) {
        let smear = SMEAR * far.iter().sum::<f32>() + f32::MIN_POSITIVE;
        for (kept, &energy) in self.far.iter_mut().zip(far) {
            *kept = (energy + smear).max(ROOM_DECAY * *kept);
        }
    }

    /// Mean over the bands of how far the residual is above what was expected, in log2 of energy.
    fn excess_log2(&self, frame: Evidence, usual: &Bands) -> f32 {
        let least = UNTRUSTED_RESIDUAL * frame.path_gain;
        let unexplained = if frame.leak > LEAK_CERTAIN { 1.0 - frame.leak } else { 1.0 };
        let mut sum = 0.0;
        for (band, usual) in usual.iter().enumerate() {
            let expected = usual.max(least) * self.far[band];
            let floor = NOISE_MARGIN * frame.noise[band];
            let found = unexplained * frame.residual[band] + floor;
            sum += log2(found / (expected + floor)).clamp(LEAST_LOG2, MOST_LOG2);
        }
        sum / BANDS as f32
    }

    fn learn(&mut self, frame: Evidence, usual: &Bands, is_caller: bool) {
        let rate = if self.is_settling() { SETTLING_RATE } else { LEARNING_RATE };
        let rate_up = if is_caller { RATE_DURING_CALLER } else { rate };
        for (band, usual) in usual.iter().enumerate() {
            let audible = NOISE_MARGIN * frame.noise[band];
            if frame.residual[band] < audible && usual * self.far[band] < audible {
                continue;
            }
            let ratio_log2 = log2((frame.residual[band] + 0.1) / self.far[band]);
            let step = (ratio_log2 - self.usual_log2[band]).clamp(-MOST_STEP_LOG2, MOST_STEP_LOG2);
            let learned = self.usual_log2[band] + step * if step > 0.0 { rate_up } else { rate };
            self.usual_log2[band] = learned.clamp(QUIETEST_LOG2, 0.0);
        }
    }

    /// Speech goes on for a while: a frame alone is held for one more, a run of them longer.
    fn hold(&mut self, is_caller: bool) -> bool {
        if is_caller {
            self.run += 1;
            self.hold = if self.run >= RUN_FRAMES { HOLD_FRAMES } else { 1 };
            return true;
        }
        if self.hold > 0 {
            self.hold -= 1;
            return true;
        }
        self.run = 0;
        false
    }
}

/// Mean excess of two frames that is the caller: 6.6 dB. Tuned with `cargo bench --bench
/// accuracy_echo`: at 1.8 a loud speakerphone interrupts the agent 1.8 times a minute where it does
/// 0.7 times; at 2.6 half of the callers are heard 20 ms later.
const CALLER_LOG2: f32 = 2.2;

/// Bounds of a band's excess. A clear voice has the upper one in most bands and is heard in its
/// first frame.
const LEAST_LOG2: f32 = -1.0;
const MOST_LOG2: f32 = 5.0;

/// Cancellation is trusted for 23 dB. A filter on a still line reaches 30, until the next vowel
/// finds the bins it has not learned. At 20 dB a quiet caller over a loud echo loses 3.9 % of the
/// frames where 2.9 % are lost; at 27 dB a loud speakerphone interrupts the agent twice as often.
const UNTRUSTED_RESIDUAL: f32 = 0.005;

/// A line that was just found is taken for the loudest expected, -10 dB, until it proves quieter.
const LOUDEST_ECHO_LOG2: f32 = -3.3;

/// -60 dB, below what a mu-law line can carry of an echo.
const QUIETEST_LOG2: f32 = -20.0;

/// Share of the far end's whole energy that a distorting loudspeaker or a codec puts into every
/// band, -15 dB.
const SMEAR: f32 = 0.03;

/// Energy left of a far frame 20 ms later, a reverberation time of 0.4 s.
const ROOM_DECAY: f32 = 0.5;

/// The noise floor follows the quietest frames; the average is 3 dB above it.
const NOISE_MARGIN: f32 = 2.0;

/// Share of the residual that looks like the estimated echo from which it is echo that was scaled
/// wrongly: unrelated signals share a few percent in a frame.
pub(super) const LEAK_CERTAIN: f32 = 0.5;

/// Frames after which a line counts as learned, half a second.
const SETTLING_FRAMES: u32 = 25;

/// Share of the way to a frame's ratio that is learned from it, and the most that counts of that
/// way.
const SETTLING_RATE: f32 = 0.15;
const LEARNING_RATE: f32 = 0.05;
const MOST_STEP_LOG2: f32 = 2.0;

/// The same, upwards, while the caller seems to speak: 1.2 dB a second. None at all would keep a
/// line that became worse from ever being learned; more, and a caller who talks on makes himself
/// inaudible.
const RATE_DURING_CALLER: f32 = 0.004;

/// Frames in a row that are a voice and no click, and how long a voice is held through its gaps.
const RUN_FRAMES: u32 = 3;
const HOLD_FRAMES: u32 = 5;

/// Steepness of `echo_percent` around the threshold.
const PERCENT_SLOPE: f32 = 3.0;

#[cfg(test)]
mod tests {
    use super::*;

    const FAR: Bands = [1e5; BANDS];
    const NOISE: Bands = [1.0; BANDS];

    fn frame(residual: &Bands) -> Evidence<'_> {
        Evidence { residual, far: &FAR, noise: &NOISE, leak: 0.0, path_gain: 0.01 }
    }

    fn settled() -> Decision {
        let mut decision = Decision::new();
        for _ in 0..300 {
            assert!(!decision.hears_caller(frame(&[30.0; BANDS])));
        }
        decision
    }

    #[test]
    fn a_voice_20_db_over_the_usual_residual_is_heard_in_its_first_frame() {
        assert!(settled().hears_caller(frame(&[12_000.0; BANDS])));
    }

    #[test]
    fn one_band_that_rattles_is_no_voice() {
        let mut decision = settled();
        let mut residual = [30.0; BANDS];
        residual[3] = 12_000.0;
        for _ in 0..10 {
            assert!(!decision.hears_caller(frame(&residual)));
        }
    }

    /// Ten seconds of a voice 26 dB over the residual raise what is expected by 12 dB.
    #[test]
    fn a_caller_who_talks_for_ten_seconds_stays_audible() {
        let mut decision = settled();
        for _ in 0..500 {
            assert!(decision.hears_caller(frame(&[12_000.0; BANDS])));
        }
    }

    #[test]
    fn a_residual_that_is_a_copy_of_the_echo_is_no_voice() {
        let mut decision = settled();
        let residual = [12_000.0; BANDS];
        assert!(!decision.hears_caller(Evidence { leak: 0.97, ..frame(&residual) }));
    }

    #[test]
    fn a_click_is_held_for_one_frame_and_a_voice_for_five() {
        for (loud, held) in [(1, 1), (3, 5)] {
            let mut decision = settled();
            for _ in 0..loud {
                decision.hears_caller(frame(&[12_000.0; BANDS]));
            }
            // The score is a mean of two frames, so the last loud one may count once more.
            let quiet = (0..20).take_while(|_| decision.hears_caller(frame(&[30.0; BANDS])));
            let quiet = quiet.count();
            assert!((held..=held + 1).contains(&quiet), "{loud}: {quiet}");
        }
    }
}
