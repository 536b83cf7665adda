//! A call made of recordings with pauses between them, mixed with noise and sent through µ-law.

use offhook_audio::Resampler;
use offhook_types::SampleRate;

use crate::labels::{self, FRAME, Label};
use crate::noises::{Noise, Seeded};
use crate::rates::through_mu_law;
use crate::recordings::Recording;

/// Clean speech of one set with pauses, and its labels.
pub(crate) struct CleanStream {
    samples: Vec<f32>,
    idle: Vec<f32>,
    /// One label per frame.
    pub(crate) labels: Vec<Label>,
}

/// What the detectors hear.
pub(crate) struct LineStream {
    /// 8 kHz after µ-law.
    pub(crate) narrow: Vec<i16>,
    /// The same at 16 kHz, as the inbound chain makes it of an 8 kHz line, with its delay.
    pub(crate) wide: Vec<i16>,
}

/// One line of the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Condition {
    /// Noise and its distance below active speech, in dB; `None` is the idle line.
    pub(crate) noise: Option<(Noise, f32)>,
    /// Active speech level in dB below full scale (RMS over speech frames).
    pub(crate) level_dbfs: f32,
}

/// Idle-channel noise of every condition. A line is never digital zero; µ-law's first step is at
/// -72 dBFS.
const IDLE_DBFS: f32 = -70.0;

impl CleanStream {
    /// Strings the recordings together in a seeded order with 0.4 to 3 s between them.
    pub(crate) fn new(recordings: &[Recording], seed: u64) -> Self {
        let mut random = Seeded::new(seed);
        let mut order: Vec<usize> = (0..recordings.len()).collect();
        for i in (1..order.len()).rev() {
            order.swap(i, random.below(i + 1));
        }
        let mut stream = Self { samples: Vec::new(), idle: Vec::new(), labels: Vec::new() };
        stream.pause(50);
        for index in order {
            let samples = &recordings[index].samples;
            let own = labels::derive(samples);
            let whole = own.len() * FRAME;
            let gain = active_gain(samples, &own);
            stream.samples.extend(samples[..whole].iter().map(|&s| f32::from(s) * gain));
            stream.labels.extend(own);
            stream.pause(20 + random.below(130));
        }
        stream.idle = Noise::White.generate(stream.samples.len(), seed ^ 1, &[], &[]);
        stream
    }

    fn pause(&mut self, frames: usize) {
        self.samples.resize(self.samples.len() + frames * FRAME, 0.0);
        self.labels.resize(self.labels.len() + frames, Label::NonSpeech);
    }

    /// Length in samples.
    pub(crate) fn len(&self) -> usize {
        self.samples.len()
    }

    /// Scales, adds `noise` (unit power, at least as long) and codes.
    pub(crate) fn through_line(&self, condition: Condition, noise: Option<&[f32]>) -> LineStream {
        let amplitude = |dbfs: f32| 32_768.0 * 10.0_f32.powf(dbfs / 20.0);
        let speech = amplitude(condition.level_dbfs);
        let around = condition.noise.map_or(0.0, |(_, snr)| amplitude(condition.level_dbfs - snr));
        let idle = amplitude(IDLE_DBFS);
        let narrow: Vec<i16> = (0..self.samples.len())
            .map(|n| {
                let added = noise.map_or(0.0, |noise| noise[n]) * around;
                let sum = self.samples[n] * speech + added + self.idle[n] * idle;
                // The cast saturates, as a codec does.
                through_mu_law(sum.round() as i16)
            })
            .collect();
        let mut doubler = Resampler::new(SampleRate::HZ_8000, SampleRate::HZ_16000)
            .expect("every G.711 line is doubled");
        let wide =
            narrow.chunks_exact(FRAME).flat_map(|frame| doubler.process(frame).to_vec()).collect();
        LineStream { narrow, wide }
    }
}

/// What makes the speech frames of a recording unit power.
fn active_gain(samples: &[i16], labels: &[Label]) -> f32 {
    let (mut energy, mut count) = (0.0_f64, 0_usize);
    for (frame, label) in samples.chunks_exact(FRAME).zip(labels) {
        if *label == Label::Speech {
            energy += frame.iter().map(|&s| f64::from(s).powi(2)).sum::<f64>();
            count += FRAME;
        }
    }
    if energy == 0.0 { 0.0 } else { (count as f64 / energy).sqrt() as f32 }
}
