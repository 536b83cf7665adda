//! Does anybody speak? A probability per 20 ms frame, and a gate that turns probabilities into talk
//! spurts.
//!
//! Two detectors stand behind one trait. [`WebRtcVad`] costs a microsecond, listens at 8 and
//! 16 kHz and mistakes key strokes and music for voices. [`NeuralVad`] costs four times as
//! much, listens at 16 kHz and keeps its head in noise. Both are calibrated on the same recordings,
//! so that one threshold means the same for either: at [`SpeechProbability::EVEN`] speech and its
//! absence are equally likely where both are equally frequent. `cargo bench --bench accuracy_vad`
//! prints how often each is wrong, by noise and level.
//!
//! Assumed: frames of 20 ms in order, one detector and one gate per stream. What enters the
//! conversation is an 8-bit integer, so that a recorded decision replays on any machine.
//!
//! Left out: a level normaliser in front. Both detectors hear speech from -10 to -45 dBFS
//! (`accuracy_vad`, rows `clean`), and a gain that rises in silence would only lift noise towards
//! them. Telling one voice from another (a television from the caller) is not attempted: babble
//! near the caller's level opens the gate.

mod gate;
mod mel_bands;
mod neural;
mod prominence;
#[cfg(test)]
mod synthetic;
mod webrtc;

use offhook_types::SampleRate;

pub use gate::{FrameEvidence, GateConfig, GateEdge, GateFrame, VoiceGate};
pub use neural::NeuralVad;
pub use webrtc::WebRtcVad;

/// How likely a frame holds speech: 0 is never, 255 is certainly.
///
/// An 8-bit integer, because it crosses into the decision trace: one part in 255 is finer than any
/// detector's judgement, and an integer is the same on every machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpeechProbability(u8);

impl SpeechProbability {
    /// No speech.
    pub const NONE: Self = Self(0);
    /// As likely as not.
    pub const EVEN: Self = Self(128);
    /// Speech beyond doubt.
    pub const CERTAIN: Self = Self(255);

    /// A probability in 255ths.
    pub const fn new(in_255ths: u8) -> Self {
        Self(in_255ths)
    }

    /// The probability in 255ths.
    pub const fn in_255ths(self) -> u8 {
        self.0
    }

    /// From the natural logarithm of the odds, as logistic models give it. Not a number is no
    /// speech.
    pub fn from_log_odds(log_odds: f32) -> Self {
        let ratio = 1.0 / (1.0 + (-log_odds).exp());
        // A cast from float saturates, and takes NaN to zero.
        Self((ratio * 255.0).round() as u8)
    }
}

/// Something that hears speech in a stream of 20 ms frames.
///
/// Getters, then `speech_probability` once per frame in order, and `reset` when another stream
/// begins.
pub trait VoiceDetector {
    /// The rate it listens at; [`speech_probability`](Self::speech_probability) takes
    /// `frame_samples()` of it.
    fn sample_rate(&self) -> SampleRate;

    /// How much audio one answer looks at directly, in samples, hangover and adaptation not
    /// counted.
    fn window_samples(&self) -> usize;

    /// How many of the newest samples may not yet be part of an answer.
    fn delay_samples(&self) -> usize;

    /// The probability that this frame holds speech. Never allocates, never panics.
    fn speech_probability(&mut self, frame: &[i16]) -> SpeechProbability;

    /// Forgets the stream heard so far.
    fn reset(&mut self);
}

/// Which detector to build: [`WebRtcVad`], the cheapest, or [`NeuralVad`], the most accurate.
pub use offhook_types::agent::Vad as VadKind;

/// A detector was asked to listen at a rate that it cannot hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {kind:?} voice detector does not listen at {rate}")]
pub struct UnsupportedVadRate {
    /// The detector.
    pub kind: VadKind,
    /// The rate it was offered.
    pub rate: SampleRate,
}

/// Any of the detectors, chosen when the call starts.
pub enum Vad {
    /// Gaussian mixtures.
    WebRtc(WebRtcVad),
    /// A small recurrent network.
    Neural(Box<NeuralVad>),
}

impl Vad {
    /// Builds the detector for a stream at `rate`.
    ///
    /// # Errors
    /// [`UnsupportedVadRate`]: WebRTC listens at 8 and 16 kHz, the neural one at 16 kHz only.
    pub fn new(kind: VadKind, rate: SampleRate) -> Result<Self, UnsupportedVadRate> {
        match kind {
            VadKind::WebRtc => WebRtcVad::new(rate).map(Self::WebRtc),
            VadKind::Neural if rate == SampleRate::HZ_16000 => Ok(Self::Neural(Box::default())),
            VadKind::Neural => Err(UnsupportedVadRate { kind, rate }),
        }
    }
}

impl VoiceDetector for Vad {
    fn sample_rate(&self) -> SampleRate {
        match self {
            Self::WebRtc(vad) => vad.sample_rate(),
            Self::Neural(vad) => vad.sample_rate(),
        }
    }

    fn window_samples(&self) -> usize {
        match self {
            Self::WebRtc(vad) => vad.window_samples(),
            Self::Neural(vad) => vad.window_samples(),
        }
    }

    fn delay_samples(&self) -> usize {
        match self {
            Self::WebRtc(vad) => vad.delay_samples(),
            Self::Neural(vad) => vad.delay_samples(),
        }
    }

    fn speech_probability(&mut self, frame: &[i16]) -> SpeechProbability {
        match self {
            Self::WebRtc(vad) => vad.speech_probability(frame),
            Self::Neural(vad) => vad.speech_probability(frame),
        }
    }

    fn reset(&mut self) {
        match self {
            Self::WebRtc(vad) => vad.reset(),
            Self::Neural(vad) => vad.reset(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::synthetic::{mixed, noise, voice};
    use super::*;

    fn detectors() -> [Vad; 3] {
        [
            (VadKind::WebRtc, SampleRate::HZ_8000),
            (VadKind::WebRtc, SampleRate::HZ_16000),
            (VadKind::Neural, SampleRate::HZ_16000),
        ]
        .map(|(kind, rate)| Vad::new(kind, rate).expect("a supported rate"))
    }

    fn answers(vad: &mut Vad, samples: &[i16]) -> Vec<u8> {
        samples
            .chunks_exact(vad.sample_rate().frame_samples())
            .map(|frame| vad.speech_probability(frame).in_255ths())
            .collect()
    }

    fn share_voiced(answers: &[u8]) -> f32 {
        let even = SpeechProbability::EVEN.in_255ths();
        answers.iter().filter(|&&answer| answer >= even).count() as f32 / answers.len() as f32
    }

    #[test]
    fn a_voice_is_heard_from_minus_10_to_minus_35_dbfs_and_not_lost_at_minus_45() {
        for mut vad in detectors() {
            for (level, least) in [(-10.0, 0.9), (-26.0, 0.9), (-35.0, 0.9), (-45.0, 0.5)] {
                vad.reset();
                let rate = vad.sample_rate();
                let mut call = noise(rate, 1_000, -70.0);
                call.extend(voice(rate, 3_000, level));
                let heard = share_voiced(&answers(&mut vad, &call)[50..]);
                assert!(heard > least, "{rate}, {level} dBFS: {heard}");
            }
        }
    }

    #[test]
    fn steady_noise_is_no_voice_after_three_seconds() {
        for mut vad in detectors() {
            for level in [-70.0, -50.0, -40.0, -30.0] {
                vad.reset();
                let call = noise(vad.sample_rate(), 10_000, level);
                let heard = share_voiced(&answers(&mut vad, &call)[150..]);
                assert!(heard < 0.02, "{}, {level} dBFS: {heard}", vad.sample_rate());
            }
        }
    }

    #[test]
    fn a_voice_10_db_above_noise_stands_out() {
        for mut vad in detectors() {
            let rate = vad.sample_rate();
            let mut speech = vec![0; rate.samples_in_ms(3_000)];
            speech.extend(voice(rate, 2_000, -26.0));
            let call = mixed(&speech, &noise(rate, 5_000, -36.0));
            let heard = answers(&mut vad, &call);
            assert!(share_voiced(&heard[100..150]) < 0.1, "{rate}: noise alone");
            assert!(share_voiced(&heard[150..]) > 0.7, "{rate}: voice in noise");
        }
    }

    #[test]
    fn silence_offset_and_full_scale_square_waves_are_no_voice_for_ever() {
        for mut vad in detectors() {
            let rate = vad.sample_rate();
            let square: Vec<i16> =
                (0..rate.hz() * 10).map(|n| if n % 2 == 0 { i16::MAX } else { i16::MIN }).collect();
            for samples in [vec![0; square.len()], vec![i16::MAX; square.len()], square] {
                vad.reset();
                let heard = share_voiced(&answers(&mut vad, &samples)[150..]);
                assert!(heard < 0.02, "{rate}: {heard}");
            }
        }
    }

    #[test]
    fn after_a_reset_a_stream_is_heard_as_by_a_new_detector() {
        for (mut used, mut fresh) in detectors().into_iter().zip(detectors()) {
            let rate = used.sample_rate();
            let call = voice(rate, 1_000, -20.0);
            answers(&mut used, &noise(rate, 1_010, -20.0));
            used.reset();
            assert_eq!(answers(&mut used, &call), answers(&mut fresh, &call));
        }
    }

    #[test]
    fn the_neural_detector_refuses_8_khz_and_both_refuse_48_khz() {
        assert!(Vad::new(VadKind::Neural, SampleRate::HZ_8000).is_err());
        for kind in [VadKind::WebRtc, VadKind::Neural] {
            let rate = SampleRate::HZ_48000;
            assert_eq!(Vad::new(kind, rate).err(), Some(UnsupportedVadRate { kind, rate }));
        }
    }

    #[test]
    fn log_odds_become_probabilities() {
        for (log_odds, expected) in [
            (0.0, 128),
            (1.098_612_3, 191), // 3 to 1: 0.75 * 255
            (f32::INFINITY, 255),
            (f32::NEG_INFINITY, 0),
            (f32::NAN, 0),
        ] {
            assert_eq!(SpeechProbability::from_log_odds(log_odds).in_255ths(), expected);
        }
    }

    #[test]
    fn processing_does_not_allocate() {
        for mut vad in detectors() {
            let rate = vad.sample_rate();
            let call = voice(rate, 1_000, -20.0);
            let counted = allocation_counter::measure(|| {
                for frame in call.chunks_exact(rate.frame_samples()).cycle().take(1_000) {
                    vad.speech_probability(frame);
                }
                vad.reset();
            });
            assert_eq!(counted.count_total, 0, "{rate}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_samples_and_no_length_upset_a_detector(
            frames in prop::collection::vec(prop::collection::vec(any::<i16>(), 0..400), 0..20)
        ) {
            for mut vad in detectors() {
                for frame in &frames {
                    vad.speech_probability(frame);
                }
            }
        }
    }
}
