//! Takes noise, and on request other people's voices, off the caller's line.
//!
//! `Noise` runs RNNoise, a small recurrent network on 10 ms steps at 48 kHz, between two
//! resamplers. It was trained on full-band speech, but holds up on telephone audio.
//! `NoiseAndVoices` adds [`MainSpeaker`], which holds down voices well below the caller's. `cargo
//! bench --bench accuracy_denoise` measures on recorded speech, 8 kHz mu-law:
//!
//! - noise in the pauses goes down by 21 to 24 dB, hold music by 18 to 20, the caller's level by
//!   0.1 dB in quiet, 0.3 dB at 20 dB SNR, 1 dB at 10 dB, and at 5 dB SNR by 0.5 (car) to 2.5 dB
//!   (babble: 4 % of the loud frames lose more than 10 dB);
//! - a voice behind the caller's goes down by 1 dB if 6 dB below, 5 if 9, 13 if 12 to 18, for 0.1
//!   dB of the caller's level and 1.5 dB of the first 100 ms of phrases at the most.
//!
//! What it removes is limited, because a network that is sometimes wrong must not be able to mute a
//! caller.
//!
//! Tried on 8 kHz mu-law recordings and not kept, for want of any gain: feeding the network an
//! artificial upper band (spectral images), and bringing the level up or down by 12 dB before it.
//!
//! Assumes 8 or 16 kHz. Knowingly left out: dereverberation, and a competing voice under the
//! caller's own words, which passes unchanged.

mod main_speaker;
mod rnnoise;

use offhook_types::SampleRate;
/// What is taken off the line; off, samples pass unchanged and without delay.
pub use offhook_types::agent::Denoise as DenoiseMode;

use crate::denoise::main_speaker::MainSpeaker;
use crate::denoise::rnnoise::RnnNoise;
use crate::resample::round_into;

/// What one frame went through.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DenoiseReport {
    /// Probability that the frame holds speech, anybody's, 0 to 1: the larger of the network's two
    /// 10 ms steps. It refers to the newest samples that went in. Zero where nothing listens (mode
    /// off, or digital silence).
    pub speech_probability: f32,
    /// Energy of the output frame over that of the input it stems from, in dB: 0 or less but for
    /// rounding. Zero where the input is silent.
    pub gain_db: f32,
    /// Whether a voice in the background is being held down.
    pub is_voice_held: bool,
}

/// A rate at which the noise suppressor does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("noise suppression works at 8000 and 16000 Hz, not at {0}")]
pub struct DenoiserError(pub SampleRate);

/// Noise suppression of one stream in 20 ms frames.
///
/// Getters: [`delay_samples`](Self::delay_samples), [`mode`](Self::mode). Commands:
/// [`process_into`](Self::process_into), [`reset`](Self::reset).
///
/// Build it on the thread that runs it: the network's Fourier transforms keep their scratch memory
/// per thread, and `new` fills it for the calling one.
pub struct Denoiser {
    mode: DenoiseMode,
    stages: Option<Stages>,
}

struct Stages {
    noise: RnnNoise,
    voices: Option<MainSpeaker>,
    cleaned: Vec<f32>,
}

impl Denoiser {
    /// Allocates everything one stream needs.
    ///
    /// `strength` limits what is taken off: 0 nothing, 1 as much as 24 dB of noise and 18 dB more
    /// of a background voice; outside 0 to 1 the nearer end counts, and not-a-number as 0. Weaker
    /// leaves more noise, and less harm where the network errs.
    ///
    /// # Errors
    /// [`DenoiserError`] at other rates than 8 and 16 kHz, unless the mode is off.
    pub fn new(mode: DenoiseMode, rate: SampleRate, strength: f32) -> Result<Self, DenoiserError> {
        if mode == DenoiseMode::Off {
            return Ok(Self { mode, stages: None });
        }
        if rate != SampleRate::HZ_8000 && rate != SampleRate::HZ_16000 {
            return Err(DenoiserError(rate));
        }
        let strength = if strength.is_nan() { 0.0 } else { strength.clamp(0.0, 1.0) };
        let voices = mode == DenoiseMode::NoiseAndVoices;
        let stages = Stages {
            noise: RnnNoise::new(rate, strength)?,
            voices: voices.then(|| MainSpeaker::new(rate, strength)),
            cleaned: vec![0.0; rate.frame_samples()],
        };
        Ok(Self { mode, stages: Some(stages) })
    }

    /// What is taken off the line.
    pub const fn mode(&self) -> DenoiseMode {
        self.mode
    }

    /// How many samples a sound comes out later than it went in: 15 ms at 8 kHz, 12.5 ms at 16 kHz,
    /// none when off.
    pub fn delay_samples(&self) -> usize {
        self.stages.as_ref().map_or(0, |stages| stages.noise.delay_samples())
    }

    /// Cleans one frame of 20 ms into `output`, which is as long.
    ///
    /// A shorter input is completed with silence; what exceeds 20 ms is ignored. What `output` has
    /// beyond a frame is left alone. Off, `output` gets the input, as much of it as fits.
    pub fn process_into(&mut self, near: &[i16], output: &mut [i16]) -> DenoiseReport {
        let Some(stages) = &mut self.stages else {
            let passed = near.len().min(output.len());
            output[..passed].copy_from_slice(&near[..passed]);
            return DenoiseReport::default();
        };
        let step = stages.noise.process_into(near, &mut stages.cleaned);
        let is_voice_held = match &mut stages.voices {
            Some(voices) => voices.process(&mut stages.cleaned, step.speech_probabilities),
            None => false,
        };
        round_into(&stages.cleaned, output);
        let [earlier, later] = step.speech_probabilities;
        DenoiseReport {
            speech_probability: earlier.max(later),
            gain_db: gain_db(step.energy_in, energy(&stages.cleaned)),
            is_voice_held,
        }
    }

    /// Forgets the stream so far. Allocates, unlike processing.
    pub fn reset(&mut self) {
        if let Some(stages) = &mut self.stages {
            stages.noise.reset();
            if let Some(voices) = &mut stages.voices {
                voices.reset();
            }
        }
    }
}

/// Sum of squares.
fn energy(samples: &[f32]) -> f32 {
    samples.iter().map(|s| s * s).sum()
}

/// One unit of energy is a single sample of 1 in the frame; what is quieter counts as silence.
fn gain_db(energy_in: f32, energy_out: f32) -> f32 {
    if energy_in < 1.0 {
        return 0.0;
    }
    10.0 * (energy_out.max(1.0) / energy_in).log10()
}

#[cfg(test)]
mod synthetic_speech;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::synthetic_speech::{hiss, talk};
    use super::*;

    const NARROW: SampleRate = SampleRate::HZ_8000;
    const WIDE: SampleRate = SampleRate::HZ_16000;
    const SPEECH_RMS: f64 = 1_600.0;

    #[test]
    fn off_passes_every_sample_at_once() {
        let mut denoiser = denoiser(DenoiseMode::Off, NARROW);
        let speech = talk(8_000, 200, SPEECH_RMS, 120.0);
        assert_eq!(denoiser.delay_samples(), 0);
        assert_eq!(run(&mut denoiser, &speech), speech);
    }

    #[test]
    fn delay_is_15_ms_at_8_khz_and_12_5_at_16_and_as_stated() {
        for (rate, delay_ms) in [(NARROW, 15.0), (WIDE, 12.5)] {
            let mut denoiser = denoiser(DenoiseMode::Noise, rate);
            let delay = denoiser.delay_samples();
            assert!((delay as f64 * 1e3 / f64::from(rate.hz()) - delay_ms).abs() < 1e-9);
            let speech = talk(rate.hz(), 4_000, SPEECH_RMS, 120.0);
            let out = run(&mut denoiser, &speech);
            // The lag at which output and input agree best is the delay.
            let agreement = |lag: usize| -> f64 {
                out[lag..].iter().zip(&speech).map(|(&o, &s)| f64::from(o) * f64::from(s)).sum()
            };
            let best = (0..2 * delay).max_by(|&a, &b| agreement(a).total_cmp(&agreement(b)));
            assert_eq!(best, Some(delay));
        }
    }

    /// On recordings: 21 to 24 dB (accuracy_denoise).
    #[test]
    fn steady_noise_goes_down_by_18_db_and_never_by_more_than_25() {
        for rate in [NARROW, WIDE] {
            let mut denoiser = denoiser(DenoiseMode::Noise, rate);
            let noise = hiss(rate.samples_in_ms(6_000), 200.0, 7);
            let out = run(&mut denoiser, &noise);
            let settled = rate.samples_in_ms(2_000)..;
            let off = level(&noise[settled.clone()]) - level(&out[settled]);
            assert!((18.0..=25.0).contains(&off), "{off} dB at {rate}");
        }
    }

    /// On recordings: 0.1 dB without noise, 0.2 dB at 20 dB SNR (accuracy_denoise).
    #[test]
    fn speech_keeps_its_level_within_1_db_with_and_without_noise() {
        for rate in [NARROW, WIDE] {
            for noise_rms in [0.0, SPEECH_RMS / 10.0] {
                let speech = talk(rate.hz(), 6_000, SPEECH_RMS, 120.0);
                let noise = hiss(speech.len(), noise_rms, 3);
                let line: Vec<i16> = speech.iter().zip(&noise).map(|(s, n)| s + n).collect();
                let mut denoiser = denoiser(DenoiseMode::NoiseAndVoices, rate);
                let out = run(&mut denoiser, &line);
                let settled = rate.samples_in_ms(2_000)..;
                let change = level(&out[settled.clone()]) - level(&speech[settled]);
                assert!(change.abs() < 1.0, "{change} dB at {rate}, noise {noise_rms}");
            }
        }
    }

    #[test]
    fn strength_limits_what_is_taken_off() {
        for (strength, most) in [(0.0, 0.1), (0.5, 12.5), (f32::NAN, 0.1), (7.0, 25.0)] {
            let mut denoiser =
                Denoiser::new(DenoiseMode::Noise, NARROW, strength).expect("8 kHz is supported");
            let noise = hiss(32_000, 200.0, 7);
            let out = run(&mut denoiser, &noise);
            let off = level(&noise[16_000..]) - level(&out[16_000..]);
            assert!(off <= most && off > most - 8.0, "{off} dB at strength {strength}");
        }
    }

    #[test]
    fn report_tells_speech_from_noise_and_what_was_taken_off() {
        let mut denoiser = denoiser(DenoiseMode::Noise, NARROW);
        let (mut out, mut speech_frames, mut noise_frames) = (vec![0; 160], 0, 0);
        let speech = talk(8_000, 4_000, SPEECH_RMS, 120.0);
        for frame in speech.chunks_exact(160).skip(50) {
            let report = denoiser.process_into(frame, &mut out);
            speech_frames += usize::from(report.speech_probability > 0.5);
        }
        let mut gain_db = 0.0;
        for frame in hiss(32_000, 200.0, 5).chunks_exact(160).skip(50) {
            let report = denoiser.process_into(frame, &mut out);
            noise_frames += usize::from(report.speech_probability > 0.5);
            gain_db = report.gain_db;
        }
        assert!(speech_frames > 100, "{speech_frames} of 150");
        assert!(noise_frames < 15, "{noise_frames} of 150");
        assert!((-25.0..-15.0).contains(&gain_db), "{gain_db}");
    }

    #[test]
    fn digital_silence_ends_in_digital_silence_and_the_next_word_is_heard() {
        let mut denoiser = denoiser(DenoiseMode::NoiseAndVoices, NARROW);
        let speech = talk(8_000, 2_000, SPEECH_RMS, 120.0);
        run(&mut denoiser, &speech);
        let silent = run(&mut denoiser, &[0; 16_000]);
        assert!(silent[1_600..].iter().all(|&s| s == 0));
        let again = run(&mut denoiser, &speech);
        assert!((level(&again) - level(&speech)).abs() < 1.0);
    }

    #[test]
    fn full_scale_squares_and_dc_are_survived() {
        for mode in [DenoiseMode::Noise, DenoiseMode::NoiseAndVoices] {
            let mut denoiser = denoiser(mode, NARROW);
            let square: Vec<i16> =
                (0..16_000).map(|n| if n / 9 % 2 == 0 { i16::MAX } else { i16::MIN }).collect();
            run(&mut denoiser, &square);
            run(&mut denoiser, &[20_000; 16_000]);
            let speech = talk(8_000, 4_000, SPEECH_RMS, 120.0);
            let out = run(&mut denoiser, &speech);
            // The square was louder by 26 dB and may count as a voice; 2 s later the speech does.
            let change = level(&out[24_000..]) - level(&speech[24_000..]);
            assert!(change.abs() < 1.5, "{change} dB after {mode:?}");
        }
    }

    #[test]
    fn a_reset_denoiser_is_a_new_one() {
        let speech = talk(8_000, 1_000, SPEECH_RMS, 120.0);
        let mut used = denoiser(DenoiseMode::NoiseAndVoices, NARROW);
        run(&mut used, &hiss(16_000, 3_000.0, 9));
        used.reset();
        let mut fresh = denoiser(DenoiseMode::NoiseAndVoices, NARROW);
        assert_eq!(run(&mut used, &speech), run(&mut fresh, &speech));
    }

    #[test]
    fn other_rates_are_refused_unless_off() {
        let rate = SampleRate::HZ_24000;
        assert_eq!(Denoiser::new(DenoiseMode::Noise, rate, 1.0).err(), Some(DenoiserError(rate)));
        assert!(Denoiser::new(DenoiseMode::Off, rate, 1.0).is_ok());
    }

    #[test]
    fn processing_does_not_allocate() {
        for rate in [NARROW, WIDE] {
            let mut denoiser = denoiser(DenoiseMode::NoiseAndVoices, rate);
            let speech = talk(rate.hz(), 2_000, SPEECH_RMS, 120.0);
            let mut output = vec![0; rate.frame_samples()];
            let info = allocation_counter::measure(|| {
                for _ in 0..10 {
                    for frame in speech.chunks_exact(rate.frame_samples()) {
                        denoiser.process_into(frame, &mut output);
                    }
                }
            });
            assert_eq!(info.count_total, 0, "{rate}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_samples_give_finite_reports_and_no_panic(
            scale in 0..=15_u32,
            frames in proptest::collection::vec(any::<[i16; 32]>(), 1..8),
        ) {
            let mut denoiser = denoiser(DenoiseMode::NoiseAndVoices, NARROW);
            let mut output = [0; 160];
            for pattern in frames {
                let near: Vec<i16> = pattern.iter().cycle().take(160).map(|s| s >> scale).collect();
                let report = denoiser.process_into(&near, &mut output);
                prop_assert!((0.0..=1.0).contains(&report.speech_probability));
                prop_assert!(report.gain_db.is_finite());
            }
        }
    }

    fn denoiser(mode: DenoiseMode, rate: SampleRate) -> Denoiser {
        Denoiser::new(mode, rate, 1.0).expect("8 and 16 kHz are supported")
    }

    fn run(denoiser: &mut Denoiser, line: &[i16]) -> Vec<i16> {
        let frame = if line.len().is_multiple_of(320) && denoiser.delay_samples() == 200 {
            320
        } else {
            160
        };
        let mut out = vec![0; line.len()];
        for (input, output) in line.chunks_exact(frame).zip(out.chunks_exact_mut(frame)) {
            denoiser.process_into(input, output);
        }
        out
    }

    fn level(samples: &[i16]) -> f64 {
        let energy: f64 = samples.iter().map(|&s| f64::from(s).powi(2)).sum();
        10.0 * (energy / samples.len() as f64).max(1e-3).log10()
    }
}
