//! A small recurrent network (the crate `earshot`): forty mel bands in three windows of 48 ms, a
//! convolution, two gated layers, 40 KiB of weights. A logistic model weighs its score together
//! with how far the frame stands out of the noise floor: the score alone misses whole vowels below
//! -35 dBFS and takes the gaps of loud noise for voices.
//!
//! The network steps every 16 ms and a frame has 20, so the remainder waits for the next frame: of
//! five steps in four frames each sees every sample once. A frame counts the highest of the steps
//! that it completes.
//!
//! Left out: 8 kHz. The network was trained on 16 kHz; the chain upsamples narrow-band legs, and
//! the empty upper bands do it no harm (the figures of `accuracy_vad` are all of upsampled µ-law).

use earshot::{DefaultPredictor, Predictor};
use offhook_types::SampleRate;

use super::mel_bands::{BANDS, LOOK_SAMPLES, MelBands, STEP_SAMPLES};
use super::prominence::{Prominence, Standout};
use super::{SpeechProbability, VoiceDetector};

/// Looks that the convolution sees at once.
const LOOKS: usize = 3;
/// Samples of these looks.
const WINDOW_SAMPLES: usize = LOOK_SAMPLES + (LOOKS - 1) * STEP_SAMPLES;
/// Numbers that the network works in.
const ROOM: usize = 432;

/// Detector on a recurrent network, for 16 kHz. 25 KiB.
pub struct NeuralVad {
    network: Network,
    waiting: [i16; STEP_SAMPLES],
    waiting_count: usize,
    /// The network's score of the last frame that completed a step.
    score: f32,
    prominence: Prominence,
}

/// The network of the crate behind bands of our own. It hides its layers (`Predictor`) from the
/// documentation and may change them: the version is pinned, and a test holds the scores against
/// those of the crate's own detector.
struct Network {
    bands: MelBands,
    /// The last three looks, oldest first.
    looks: [f32; LOOKS * BANDS],
    layers: DefaultPredictor,
    room: [f32; ROOM],
}

impl NeuralVad {
    /// A detector for one stream at 16 kHz.
    pub fn new() -> Self {
        Self {
            network: Network::new(),
            waiting: [0; STEP_SAMPLES],
            waiting_count: 0,
            score: 0.0,
            prominence: Prominence::new(),
        }
    }
}

impl Default for NeuralVad {
    fn default() -> Self {
        Self::new()
    }
}

impl VoiceDetector for NeuralVad {
    fn sample_rate(&self) -> SampleRate {
        SampleRate::HZ_16000
    }

    fn window_samples(&self) -> usize {
        WINDOW_SAMPLES
    }

    /// At most 192 (12 ms) for frames of 320: the remainders of 320 by 256 are 64, 128, 192 and 0.
    fn delay_samples(&self) -> usize {
        192
    }

    /// Takes any number of samples; a frame that completes no step goes by the last score.
    fn speech_probability(&mut self, frame: &[i16]) -> SpeechProbability {
        let mut highest: Option<f32> = None;
        let mut rest = frame;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(STEP_SAMPLES - self.waiting_count));
            self.waiting[self.waiting_count..][..now.len()].copy_from_slice(now);
            self.waiting_count += now.len();
            rest = later;
            if self.waiting_count == STEP_SAMPLES {
                self.waiting_count = 0;
                let score = self.network.score_of(&self.waiting);
                highest = Some(highest.map_or(score, |other| other.max(score)));
            }
        }
        self.score = highest.unwrap_or(self.score);
        if frame.is_empty() {
            return SpeechProbability::NONE;
        }
        let standout = self.prominence.standout_of(frame);
        SpeechProbability::from_log_odds(log_odds(self.score, standout))
    }

    fn reset(&mut self) {
        self.network.reset();
        self.waiting_count = 0;
        self.score = 0.0;
        self.prominence = Prominence::new();
    }
}

impl Network {
    fn new() -> Self {
        Self {
            bands: MelBands::new(),
            looks: [0.0; LOOKS * BANDS],
            layers: DefaultPredictor::new(),
            room: [0.0; ROOM],
        }
    }

    /// How much the next 16 ms sound like speech, 0 to 1.
    fn score_of(&mut self, step: &[i16; STEP_SAMPLES]) -> f32 {
        self.looks.copy_within(BANDS.., 0);
        let newest = &mut self.looks[(LOOKS - 1) * BANDS..];
        self.bands.look_into(step, newest);
        self.layers.normalize(newest);
        self.layers.predict(&self.looks, &mut self.room)
    }

    fn reset(&mut self) {
        self.bands.reset();
        self.looks.fill(0.0);
        self.layers.reset();
    }
}

/// Fitted like the weights of the WebRTC detector, on the same recordings. Even odds lie at a score
/// of 0.43 for a frame that stands out clearly and of 0.82 for one that does not; with the
/// network's own 0.5 for both, white noise 5 dB below the speech is speech for half of the time.
fn log_odds(score: f32, standout: Standout) -> f32 {
    const BIAS: f32 = -2.70;
    const SCORE: f32 = 1.76;
    /// Per dB that three frames of the last 200 ms reach, up to 12 dB.
    const SUSTAINED_PER_DB: f32 = 0.157;
    const SUSTAINED_DB_MAX: f32 = 12.0;
    /// Per dB of the frame itself, up to 15 dB.
    const FRAME_PER_DB: f32 = 0.087;
    const FRAME_DB_MAX: f32 = 15.0;
    let score = score.clamp(0.001, 0.999);
    BIAS + SCORE * (score / (1.0 - score)).ln()
        + SUSTAINED_PER_DB * standout.sustained_db.min(SUSTAINED_DB_MAX)
        + FRAME_PER_DB * standout.frame_db.min(FRAME_DB_MAX)
}

#[cfg(test)]
mod tests {
    use earshot::Detector;

    use super::super::synthetic::{mixed, noise, voice};
    use super::*;

    #[test]
    fn scores_are_those_of_the_crates_own_detector() {
        let rate = SampleRate::HZ_16000;
        let mut call = voice(rate, 1_000, -26.0);
        call.extend(vec![0; 4_000]);
        call.extend(noise(rate, 1_000, -40.0));
        call.extend((0..4_000).map(|n| if n % 100 < 50 { i16::MAX } else { i16::MIN }));
        call.extend(mixed(&voice(rate, 1_000, -40.0), &noise(rate, 1_000, -50.0)));
        let (mut own, mut theirs) = (Network::new(), Detector::default());
        for (index, step) in call.as_chunks::<STEP_SAMPLES>().0.iter().enumerate() {
            let (own, theirs) = (own.score_of(step), theirs.predict_i16(step));
            assert!((own - theirs).abs() < 2e-3, "step {index}: {own} for {theirs}");
        }
    }

    #[test]
    fn a_frame_reports_the_highest_of_the_steps_it_completes() {
        let call = voice(SampleRate::HZ_16000, 2_000, -26.0);
        let mut network = Network::new();
        let steps = call.as_chunks::<STEP_SAMPLES>().0.iter();
        let scores: Vec<f32> = steps.map(|step| network.score_of(step)).collect();
        let mut prominence = Prominence::new();
        let mut vad = NeuralVad::new();
        for (index, frame) in call.chunks_exact(320).enumerate() {
            let completed = index * 320 / 256..(index + 1) * 320 / 256;
            let highest = scores[completed].iter().fold(0.0_f32, |a, &b| a.max(b));
            let odds = log_odds(highest, prominence.standout_of(frame));
            let expected = SpeechProbability::from_log_odds(odds);
            assert_eq!(vad.speech_probability(frame), expected, "frame {index}");
            assert!(vad.waiting_count <= vad.delay_samples());
        }
    }

    #[test]
    fn frames_of_another_length_lose_no_sample() {
        let call = voice(SampleRate::HZ_16000, 1_000, -26.0);
        let (mut even, mut odd) = (NeuralVad::new(), NeuralVad::new());
        even.speech_probability(&call[..15_872]);
        for part in call[..15_872].chunks(37) {
            odd.speech_probability(part);
        }
        let rest = call[15_872..].repeat(2);
        assert_eq!(even.waiting_count, 0);
        assert_eq!(odd.waiting_count, 0);
        let step = rest.first_chunk().expect("128 samples, repeated");
        assert_eq!(even.network.score_of(step), odd.network.score_of(step));
    }

    #[test]
    fn the_score_decides_within_the_bounds_that_prominence_sets() {
        let even_between = |sustained_db, frame_db, below: f32, above: f32| {
            let standout = Standout { frame_db, sustained_db };
            assert!(log_odds(below, standout) < 0.0 && log_odds(above, standout) > 0.0);
        };
        even_between(60.0, 60.0, 0.42, 0.44);
        even_between(0.0, 0.0, 0.81, 0.83);
    }

    #[test]
    fn a_score_that_is_no_number_or_out_of_range_is_a_probability_all_the_same() {
        let standout = Standout { frame_db: 30.0, sustained_db: 30.0 };
        let of = |score| SpeechProbability::from_log_odds(log_odds(score, standout));
        assert_eq!(of(f32::NAN), SpeechProbability::NONE);
        assert_eq!(of(-1.0), of(0.0));
        assert_eq!(of(f32::INFINITY), of(1.0));
    }
}
