//! RNNoise between two resamplers, mixed with the untouched signal so that it can only take off so
//! much.

use nnnoiseless::DenoiseState;
use offhook_types::SampleRate;

use super::{DenoiserError, energy};
use crate::resample::{BlockResampler, Response, widen_into};

/// Noise is taken down by at most this at full strength. Alone, RNNoise takes 29 dB (at 20 dB SNR)
/// to 46 dB (at 5 dB SNR) off the pauses of 8 kHz mu-law recordings; limited to 24 dB, SI-SDR and
/// spectral distance of the speech stay the same within 0.4 dB, and a word that the network takes
/// for noise is still there. Less leaves noise that nobody gains from; more only deepens the
/// mistakes.
const ATTENUATION_DB_MAX: f32 = 24.0;

/// Frames of digital silence after which nothing of an earlier sound is left in any filter: the
/// delay is less than one frame, the network's pitch search looks 36 ms back.
const SILENT_FRAMES_SETTLED: u32 = 5;

/// RNNoise's frame, 10 ms at 48 kHz.
const STEP: usize = DenoiseState::FRAME_SIZE;

/// One frame's findings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// The network's probability of speech in each 10 ms.
    pub(super) speech_probabilities: [f32; 2],
    /// Sum of squares of the input that the output stems from.
    pub(super) energy_in: f32,
}

pub(super) struct RnnNoise {
    up: BlockResampler,
    down: BlockResampler,
    network: Box<DenoiseState<'static>>,
    /// Input of one frame, preceded by as much of the past as the delay.
    dry: Vec<f32>,
    wide: Vec<f32>,
    wide_cleaned: Vec<f32>,
    delay: usize,
    /// Share of the untouched signal that always passes.
    dry_share: f32,
    silent_frames: u32,
}

impl RnnNoise {
    pub(super) fn new(rate: SampleRate, strength: f32) -> Result<Self, DenoiserError> {
        let wide_rate = SampleRate::HZ_48000;
        let up = BlockResampler::new(rate, wide_rate, Response::Prompt);
        let down = BlockResampler::new(wide_rate, rate, Response::Prompt);
        let (Ok(up), Ok(down)) = (up, down) else { return Err(DenoiserError(rate)) };
        // The network overlaps its windows by half, so it returns the step before the one it was
        // given.
        let wide_delay = up.delay_samples() + STEP;
        let delay = rate.samples_in_ms(1_000) * wide_delay / 48_000 + down.delay_samples();
        warm_up();
        Ok(Self {
            up,
            down,
            network: DenoiseState::new(),
            dry: vec![0.0; delay + rate.frame_samples()],
            wide: vec![0.0; wide_rate.frame_samples()],
            wide_cleaned: vec![0.0; wide_rate.frame_samples()],
            delay,
            dry_share: 10_f32.powf(-ATTENUATION_DB_MAX * strength / 20.0),
            silent_frames: 0,
        })
    }

    pub(super) const fn delay_samples(&self) -> usize {
        self.delay
    }

    /// Cleans one frame into `output`, a frame long.
    pub(super) fn process_into(&mut self, near: &[i16], output: &mut [f32]) -> Step {
        let frame = output.len();
        debug_assert_eq!(near.len(), frame, "one frame at a time");
        let known = near.len().min(frame);
        self.dry.copy_within(frame.., 0);
        let fresh = &mut self.dry[self.delay..];
        widen_into(&near[..known], &mut fresh[..known]);
        fresh[known..].fill(0.0);
        let is_silent = near[..known].iter().all(|&sample| sample == 0);
        self.silent_frames = if is_silent { self.silent_frames.saturating_add(1) } else { 0 };
        if self.silent_frames > SILENT_FRAMES_SETTLED {
            // The network would leave its state alone and return zeros as well, after all its
            // transforms.
            output.fill(0.0);
            return Step { speech_probabilities: [0.0; 2], energy_in: 0.0 };
        }
        self.up.process_into(fresh, &mut self.wide);
        let (first, second) = self.wide_cleaned.split_at_mut(STEP);
        let speech_probabilities = [
            self.network.process_frame(first, &self.wide[..STEP]),
            self.network.process_frame(second, &self.wide[STEP..]),
        ];
        self.down.process_into(&self.wide_cleaned, output);
        mix_in(output, &self.dry[..frame], self.dry_share);
        Step { speech_probabilities, energy_in: energy(&self.dry[..frame]) }
    }

    pub(super) fn reset(&mut self) {
        self.up.reset();
        self.down.reset();
        self.network = DenoiseState::new();
        self.dry.fill(0.0);
        self.silent_frames = 0;
    }
}

/// Moves `wet` towards `dry` by `dry_share`.
fn mix_in(wet: &mut [f32], dry: &[f32], dry_share: f32) {
    for (wet, &dry) in wet.iter_mut().zip(dry) {
        *wet += dry_share * (dry - *wet);
    }
}

/// Makes this thread's first frame as free of allocation as the rest: the network's Fourier
/// transforms are planned and given scratch memory on first use, once per thread.
fn warm_up() {
    let mut network = DenoiseState::new();
    let mut output = [0.0; STEP];
    // Any sound will do: silence would skip the network.
    let mut input = [1_000.0; STEP];
    input[..STEP / 2].fill(-1_000.0);
    network.process_frame(&mut output, &input);
}
