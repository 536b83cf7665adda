//! What the caller hears: when the agent is audible, and which of its replies.

use std::time::Duration;

use offhook_audio::DtmfDetector;
use offhook_types::{DtmfDigit, SampleRate};

use crate::caller::{RATE, samples_in, time_of};
use crate::voice::{HARMONIC, PITCHES};

/// A stretch in which the agent was heard, pauses of up to 200 ms included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// When its first frame began.
    pub from: Duration,
    /// When its last frame ended.
    pub to: Duration,
}

/// 20 ms in which the agent was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HeardFrame {
    pub(crate) at: Duration,
    /// A bit for each pitch that a stand-in voice hums at.
    pub(crate) pitches: u8,
}

/// The caller's ear.
#[derive(Debug)]
pub struct Ear {
    stretches: Vec<Stretch>,
    keypad: DtmfDetector,
    keys: Vec<(Duration, DtmfDigit)>,
    pub(crate) frames: Vec<HeardFrame>,
    pub(crate) samples: Vec<i16>,
}

const SILENCE: [i16; 160] = [0; 160];
/// The caller's side decodes to 8 kHz; a voice is far above this, a bed is below.
const AUDIBLE: i16 = 400;
const PAUSE_MAX: Duration = Duration::from_millis(200);
pub(crate) const FRAME: Duration = Duration::from_millis(20);

impl Ear {
    /// When the agent was heard.
    pub fn stretches(&self) -> &[Stretch] {
        &self.stretches
    }

    /// Keys that the agent pressed, and when they were heard.
    pub fn keys(&self) -> &[(Duration, DtmfDigit)] {
        &self.keys
    }

    /// A key that the carrier plays to the caller.
    pub(crate) fn hear_key(&mut self, at: Duration, digit: DtmfDigit) {
        self.keys.push((at, digit));
    }

    /// Everything that was heard, at 8 kHz from the beginning of the stream.
    pub fn samples(&self) -> &[i16] {
        &self.samples
    }

    /// From a moment to the first sound of the agent behind it.
    pub fn silence_after(&self, at: Duration) -> Option<Duration> {
        self.stretches.iter().find(|stretch| stretch.from >= at).map(|stretch| stretch.from - at)
    }

    /// From a moment at which the agent is heard to when it falls silent.
    pub fn stops_after(&self, at: Duration) -> Option<Duration> {
        let covers = |stretch: &&Stretch| stretch.from <= at && at < stretch.to;
        self.stretches.iter().find(covers).map(|stretch| stretch.to - at)
    }

    /// The first stretch that was not over at a moment.
    pub(crate) fn speaking_since(&self, at: Duration) -> Option<Stretch> {
        self.stretches.iter().find(|stretch| stretch.to > at).copied()
    }

    pub(crate) fn is_silent_for(&self, now: Duration, span: Duration) -> bool {
        self.stretches.last().is_none_or(|last| last.to + span <= now)
    }

    /// 20 ms that are heard from `at` on.
    pub(crate) fn hear(&mut self, at: Duration, frame: &[i16]) {
        self.samples.resize(samples_in(at), 0);
        self.samples.extend_from_slice(frame);
        if self.is_key(at, frame) {
            return;
        }
        if !frame.iter().any(|sample| sample.unsigned_abs() > AUDIBLE.unsigned_abs()) {
            return;
        }
        self.frames.push(HeardFrame { at, pitches: pitches(frame) });
        match self.stretches.last_mut() {
            Some(stretch) if at <= stretch.to + PAUSE_MAX => stretch.to = at + FRAME,
            _ => self.stretches.push(Stretch { from: at, to: at + FRAME }),
        }
    }

    /// Whether these 20 ms are the tone of a key, or the beginning of one. They are no voice.
    fn is_key(&mut self, at: Duration, frame: &[i16]) -> bool {
        let gap = self.samples.len() - frame.len();
        while (self.keypad.position_sample() as usize) < gap {
            let missing = gap - self.keypad.position_sample() as usize;
            self.keypad.process(&SILENCE[..missing.min(SILENCE.len())]);
        }
        let heard = self.keypad.process(frame);
        if let Some(start) = heard.started {
            self.keys.push((at, start.digit));
            // What was heard of it before it was known.
            let onset = time_of(start.onset_sample as usize);
            while self.frames.pop_if(|frame| frame.at + FRAME > onset).is_some() {}
            while self.stretches.pop_if(|stretch| stretch.from + FRAME > onset).is_some() {}
        }
        heard.is_tone()
    }
}

impl Default for Ear {
    fn default() -> Self {
        Self {
            stretches: Vec::new(),
            keypad: DtmfDetector::new(SampleRate::HZ_8000).expect("a usual rate"),
            keys: Vec::new(),
            frames: Vec::new(),
            samples: Vec::new(),
        }
    }
}

/// Which pitches are heard in 20 ms.
fn pitches(frame: &[i16]) -> u8 {
    let strengths = PITCHES.map(|pitch| strength(frame, pitch * HARMONIC));
    let strongest = strengths.iter().copied().fold(0.0, f64::max);
    let least = (strongest * NEXT_TO).max(FAINT);
    strengths
        .iter()
        .enumerate()
        .fold(0, |mask, (index, strength)| mask | u8::from(*strength >= least) << index)
}

/// Amplitude of one frequency, through a Hann window that keeps the others out.
fn strength(frame: &[i16], hz: f64) -> f64 {
    let step = std::f64::consts::TAU * hz / RATE as f64;
    let window = std::f64::consts::TAU / frame.len() as f64;
    let (mut real, mut imaginary) = (0.0, 0.0);
    for (index, sample) in frame.iter().enumerate() {
        let at = index as f64;
        let weighted = f64::from(*sample) * (1.0 - (window * at).cos());
        real += weighted * (step * at).cos();
        imaginary += weighted * (step * at).sin();
    }
    2.0 * real.hypot(imaginary) / frame.len() as f64
}

/// A second voice this far below the first is its shadow in the window.
const NEXT_TO: f64 = 0.2;
/// Below this a frequency is part of a noise.
const FAINT: f64 = 150.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ear_tells_every_pitch_from_the_others_and_hears_two_at_once() {
        let hum = |pitch: f64, index: usize| {
            let phase = std::f64::consts::TAU * pitch * index as f64 / RATE as f64;
            ((phase.sin() + 0.5 * (HARMONIC * phase).sin()) * 5_000.0) as i16
        };
        for (number, pitch) in PITCHES.iter().enumerate() {
            for start in [0, 37, 101] {
                let frame: Vec<i16> = (start..start + 160).map(|at| hum(*pitch, at)).collect();
                assert_eq!(pitches(&frame), 1 << number, "{pitch} Hz");
                let both = |at| hum(*pitch, at) / 2 + hum(PITCHES[(number + 1) % 5], at) / 2;
                let frame: Vec<i16> = (start..start + 160).map(both).collect();
                assert_eq!(pitches(&frame).count_ones(), 2, "{pitch} Hz and the next");
            }
        }
    }
}
