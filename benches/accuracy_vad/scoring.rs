//! What a detector and its gate got right and wrong.

use offhook_audio::{FrameEvidence, GateConfig, GateEdge, SpeechProbability, VoiceGate};
use offhook_types::Timestamp;

use crate::labels::{Label, fill_short_runs, runs_of};

const FRAME_MS: usize = 20;
/// Pauses up to this long belong to the talk spurt around them.
const SPURT_GAP_FRAMES: usize = 15;
/// The hangover may run this long after a spurt before an open gate counts as wrong.
const GRACE_FRAMES: usize = 15;
/// Spurts up to this long are counted a second time by themselves: "yes", "no", one digit.
const SHORT_FRAMES: usize = 25;

/// How often each probability was given to speech and to non-speech frames.
#[derive(Clone)]
pub(crate) struct Histogram {
    speech: [u64; 256],
    other: [u64; 256],
}

impl Default for Histogram {
    fn default() -> Self {
        Self { speech: [0; 256], other: [0; 256] }
    }
}

impl Histogram {
    pub(crate) fn add(&mut self, labels: &[Label], probabilities: &[u8]) {
        for (label, &probability) in labels.iter().zip(probabilities) {
            match label {
                Label::Speech => self.speech[usize::from(probability)] += 1,
                Label::NonSpeech => self.other[usize::from(probability)] += 1,
                Label::Unscored => {}
            }
        }
    }

    /// Share of speech frames below `threshold`, and of the others at or above it, in percent.
    pub(crate) fn miss_and_false_alarm(&self, threshold: u8) -> (f64, f64) {
        let at = usize::from(threshold);
        let percent = |part: &[u64], whole: &[u64]| {
            100.0 * part.iter().sum::<u64>() as f64 / whole.iter().sum::<u64>().max(1) as f64
        };
        (percent(&self.speech[..at], &self.speech), percent(&self.other[at..], &self.other))
    }
}

/// What the gate did in some streams.
#[derive(Clone, Default)]
pub(crate) struct GateScore {
    pub(crate) spurts: usize,
    pub(crate) spurts_missed: usize,
    pub(crate) short_spurts: usize,
    pub(crate) short_spurts_missed: usize,
    /// Spurts that began while the gate was open already, because of noise or of the spurt before.
    pub(crate) spurts_joined: usize,
    pub(crate) onset_delays_ms: Vec<i64>,
    pub(crate) end_lags_ms: Vec<i64>,
    false_starts: usize,
    pause_frames: usize,
    pause_frames_open: usize,
}

impl GateScore {
    pub(crate) fn add(&mut self, labels: &[Label], probabilities: &[u8], config: GateConfig) {
        let trace = run_gate(probabilities, config);
        let mut speech: Vec<bool> = labels.iter().map(|&l| l == Label::Speech).collect();
        fill_short_runs(&mut speech, false, SPURT_GAP_FRAMES);
        let spurts = runs_of(&speech, true);
        for (index, &(start, end)) in spurts.iter().enumerate() {
            let next = spurts.get(index + 1).map_or(labels.len(), |spurt| spurt.0);
            self.score_spurt(&trace, start, end, next);
        }
        self.score_pauses(&trace, labels, &speech);
    }

    pub(crate) fn false_starts_per_minute(&self) -> f64 {
        self.false_starts as f64 * 60_000.0 / (self.pause_frames * FRAME_MS).max(1) as f64
    }

    pub(crate) fn open_in_pauses_percent(&self) -> f64 {
        100.0 * self.pause_frames_open as f64 / self.pause_frames.max(1) as f64
    }

    fn score_spurt(&mut self, trace: &Trace, start: usize, end: usize, next: usize) {
        let is_short = end - start <= SHORT_FRAMES;
        self.spurts += 1;
        self.short_spurts += usize::from(is_short);
        if start > 0 && trace.open[start - 1] {
            self.spurts_joined += 1;
        } else {
            let heard = (start..(end + GRACE_FRAMES).min(next)).find(|&i| trace.open[i]);
            match heard {
                Some(i) => self.onset_delays_ms.push(((i - start + 1) * FRAME_MS) as i64),
                None => {
                    self.spurts_missed += 1;
                    self.short_spurts_missed += usize::from(is_short);
                }
            }
        }
        let closed = trace.ends.iter().find(|(at, _)| (start..next).contains(at) && *at >= end);
        if let Some((_, ended_at_ms)) = closed {
            self.end_lags_ms.push(ended_at_ms - (end * FRAME_MS) as i64);
        }
    }

    fn score_pauses(&mut self, trace: &Trace, labels: &[Label], speech: &[bool]) {
        let mut since_speech = GRACE_FRAMES;
        for (i, &is_speech) in speech.iter().enumerate() {
            since_speech = if is_speech { 0 } else { since_speech + 1 };
            if labels[i] == Label::NonSpeech && since_speech > GRACE_FRAMES {
                self.pause_frames += 1;
                self.pause_frames_open += usize::from(trace.open[i]);
            }
        }
        for &(decided, started_ms) in &trace.starts {
            let from = usize::try_from(started_ms).unwrap_or(0) / FRAME_MS;
            if labels[from..=decided].iter().all(|&label| label == Label::NonSpeech) {
                self.false_starts += 1;
            }
        }
    }
}

/// The `percent`th percentile, or zero of nothing.
pub(crate) fn percentile(values: &[i64], percent: usize) -> i64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len().saturating_sub(1) * percent / 100).copied().unwrap_or(0)
}

struct Trace {
    open: Vec<bool>,
    /// Frame of the decision, and the moment it names, in ms.
    starts: Vec<(usize, i64)>,
    ends: Vec<(usize, i64)>,
}

fn run_gate(probabilities: &[u8], config: GateConfig) -> Trace {
    let mut gate = VoiceGate::new(config);
    let mut trace = Trace { open: Vec::new(), starts: Vec::new(), ends: Vec::new() };
    for (index, &probability) in probabilities.iter().enumerate() {
        let at = Timestamp::from_millis((index * FRAME_MS) as u64);
        let heard = FrameEvidence::Heard(SpeechProbability::new(probability));
        let frame = gate.handle_frame(at, heard);
        trace.open.push(frame.is_open);
        match frame.edge {
            Some(GateEdge::SpeechStart { started_at }) => {
                trace.starts.push((index, started_at.as_millis() as i64));
            }
            Some(GateEdge::SpeechEnd { ended_at, .. }) => {
                trace.ends.push((index, ended_at.as_millis() as i64));
            }
            None => {}
        }
    }
    trace
}
