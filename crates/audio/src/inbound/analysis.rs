//! What is heard in a frame of the line: tones, echo, noise, speech.

use offhook_types::{SampleRate, ToneEvent};

use super::{InboundError, InboundFrame, InboundSettings, Stages};
use crate::denoise::{DenoiseMode, Denoiser};
use crate::echo_guard::{EchoGuard, EchoReport};
use crate::reception::{FrameOrigin, MediaFrame, MediaTime};
use crate::resample::Resampler;
use crate::tone::{DtmfDetector, ProgressToneDetector, ToneBlanker};
use crate::vad::{FrameEvidence, GateConfig, Vad, VadKind, VoiceDetector, VoiceGate};

/// Tone events that one frame can report: a burst's end may end one cadence and begin another.
const TONES_MAX: usize = 4;

pub(super) struct Analysis {
    analysis_rate: SampleRate,
    to_analysis: Resampler,
    far_to_analysis: Resampler,
    to_vad: Resampler,
    to_recogniser: Resampler,
    dtmf: DtmfDetector,
    progress: ProgressToneDetector,
    blanker: ToneBlanker,
    echo: Option<EchoGuard>,
    denoiser: Option<Denoiser>,
    vad: Vad,
    gate: VoiceGate,
    tones: Vec<ToneEvent>,
    lost_tones: u64,
    frames: Frames,
}

/// One frame after each stage.
struct Frames {
    far_line: Box<[i16]>,
    blanked: Box<[i16]>,
    guarded: Box<[i16]>,
    denoised: Box<[i16]>,
}

impl Analysis {
    pub(super) fn new(settings: &InboundSettings) -> Result<Self, InboundError> {
        let line_rate = settings.format.sample_rate();
        let rate = settings.analysis_rate();
        let vad_rate = match settings.vad {
            VadKind::WebRtc => rate,
            VadKind::Neural => SampleRate::HZ_16000,
        };
        let frame = || vec![0; rate.frame_samples()].into_boxed_slice();
        let denoiser = match settings.denoise {
            DenoiseMode::Off => None,
            mode @ (DenoiseMode::Noise | DenoiseMode::NoiseAndVoices) => {
                Some(Denoiser::new(mode, rate, settings.denoise_strength)?)
            }
        };
        Ok(Self {
            analysis_rate: rate,
            to_analysis: Resampler::new(line_rate, rate)?,
            far_to_analysis: Resampler::new(line_rate, rate)?,
            to_vad: Resampler::new(rate, vad_rate)?,
            to_recogniser: Resampler::new(rate, settings.recogniser_rate)?,
            dtmf: DtmfDetector::new(rate)?,
            progress: ProgressToneDetector::new(rate)?,
            blanker: ToneBlanker::new(rate, settings.seed as u32),
            echo: settings.guards_echo.then(|| EchoGuard::new(rate)),
            denoiser,
            vad: Vad::new(settings.vad, vad_rate)?,
            gate: VoiceGate::new(
                settings.gate.unwrap_or_else(|| GateConfig::for_kind(settings.vad)),
            ),
            tones: Vec::with_capacity(TONES_MAX),
            lost_tones: 0,
            frames: Frames {
                far_line: vec![0; line_rate.frame_samples()].into_boxed_slice(),
                blanked: frame(),
                guarded: frame(),
                denoised: frame(),
            },
        })
    }

    pub(super) fn lost_tone_events(&self) -> u64 {
        self.lost_tones + self.progress.lost_events()
    }

    pub(super) fn delay_samples(&self) -> usize {
        let denoise = self.denoiser.as_ref().map_or(0, Denoiser::delay_samples);
        let at_vad_rate = self.vad.delay_samples() + self.to_vad.delay_samples();
        let vad_rate = self.vad.sample_rate().hz() as usize;
        self.to_analysis.delay_samples()
            + denoise
            + at_vad_rate * self.analysis_rate.hz() as usize / vad_rate
    }

    pub(super) fn mask_own_tones_until(&mut self, sample: u64) {
        self.dtmf.mask_own_until(sample);
    }

    pub(super) fn reset(&mut self) {
        self.to_analysis.reset();
        self.far_to_analysis.reset();
        self.to_vad.reset();
        self.to_recogniser.reset();
        self.dtmf.reset();
        self.progress.reset();
        self.blanker.reset();
        self.echo.iter_mut().for_each(EchoGuard::reset);
        self.denoiser.iter_mut().for_each(Denoiser::reset);
        self.vad.reset();
        self.gate.reset();
    }

    pub(super) fn process(
        &mut self,
        frame: MediaFrame<'_>,
        far: &mut impl FnMut(MediaTime, &mut [i16]),
        sink: &mut impl FnMut(InboundFrame<'_>),
    ) {
        let Frames { far_line, blanked, guarded, denoised } = &mut self.frames;
        let heard = self.to_analysis.process(frame.samples);
        let dtmf = self.dtmf.process(heard);
        self.progress.process(heard);
        self.tones.clear();
        while let Some(event) = self.progress.poll_event() {
            if self.tones.len() < TONES_MAX {
                self.tones.push(event);
            } else {
                self.lost_tones += 1;
            }
        }
        self.blanker.process_into(heard, dtmf.tone.clone(), blanked);
        let recogniser = self.to_recogniser.process(blanked);

        let mut echo = EchoReport::default();
        let mut listening: &[i16] = blanked;
        if let Some(guard) = &mut self.echo {
            far(frame.time, far_line);
            let far = self.far_to_analysis.process(far_line);
            echo = guard.process_into(listening, far, guarded);
            listening = guarded;
        }
        let guarded = listening;
        let mut denoise = None;
        if let Some(denoiser) = &mut self.denoiser {
            denoise = Some(denoiser.process_into(listening, denoised));
            listening = denoised;
        }
        let speech = self.vad.speech_probability(self.to_vad.process(listening));
        let evidence = match frame.origin {
            FrameOrigin::Concealed => FrameEvidence::Lost,
            _ if dtmf.is_tone() => FrameEvidence::Blanked,
            FrameOrigin::Received | FrameOrigin::ComfortNoise => FrameEvidence::Heard(speech),
        };
        sink(InboundFrame {
            time: frame.time,
            origin: frame.origin,
            is_late: frame.is_late,
            line: frame.samples,
            recogniser,
            stages: Stages { blanked, guarded, denoised: listening },
            dtmf: &dtmf,
            tones: &self.tones,
            echo,
            denoise,
            speech,
            gate: self.gate.handle_frame(frame.time.timestamp, evidence),
        });
    }
}
