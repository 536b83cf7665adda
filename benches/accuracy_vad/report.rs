//! The tables, in Markdown.

use std::io::{self, Write};

use offhook_audio::{GateConfig, SpeechProbability, VadKind};

use crate::Heard;
use crate::scoring::{GateScore, Histogram, percentile};

/// Every condition, pooled over the voices in `heard`.
pub(crate) fn conditions(out: &mut impl Write, heard: &[&Heard]) -> io::Result<()> {
    header(out, &["heard", "miss %", "false alarm %"])?;
    for (detector, name) in DETECTORS.iter().enumerate() {
        for condition in condition_names(heard) {
            let part: Vec<&Heard> =
                heard.iter().copied().filter(|h| h.condition == condition).collect();
            let histogram = pool(&part, detector);
            let (miss, alarm) = histogram.miss_and_false_alarm(even());
            let gate = run(&part, detector, GateConfig::for_kind(KINDS[detector]));
            writeln!(
                out,
                "| {name} | {condition} | {miss:.1} | {alarm:.1} | {} |",
                gate_cells(&gate)
            )?;
        }
    }
    writeln!(out)
}

/// Each voice by itself, over all conditions it was heard in.
pub(crate) fn voices(out: &mut impl Write, heard: &[&Heard]) -> io::Result<()> {
    header(out, &["voice", "miss %", "false alarm %"])?;
    let mut names: Vec<&str> = heard.iter().map(|h| h.set).collect();
    names.dedup();
    for (detector, name) in DETECTORS.iter().enumerate() {
        for voice in &names {
            let part: Vec<&Heard> = heard.iter().copied().filter(|h| h.set == *voice).collect();
            let (miss, alarm) = pool(&part, detector).miss_and_false_alarm(even());
            let gate = run(&part, detector, GateConfig::for_kind(KINDS[detector]));
            writeln!(out, "| {name} | {voice} | {miss:.1} | {alarm:.1} | {} |", gate_cells(&gate))?;
        }
    }
    writeln!(out)
}

/// Misses and false alarms of single frames at several thresholds.
pub(crate) fn thresholds(out: &mut impl Write, heard: &[&Heard]) -> io::Result<()> {
    const THRESHOLDS: [u8; 9] = [32, 64, 96, 112, 128, 144, 160, 192, 224];
    write!(out, "| detector | heard |")?;
    THRESHOLDS.iter().try_for_each(|threshold| write!(out, " {threshold} |"))?;
    writeln!(out, "\n|---|---|{}", "---|".repeat(THRESHOLDS.len()))?;
    for (detector, name) in DETECTORS.iter().enumerate() {
        for condition in condition_names(heard) {
            let part: Vec<&Heard> =
                heard.iter().copied().filter(|h| h.condition == condition).collect();
            let histogram = pool(&part, detector);
            write!(out, "| {name} | {condition} |")?;
            for threshold in THRESHOLDS {
                let (miss, alarm) = histogram.miss_and_false_alarm(threshold);
                write!(out, " {miss:.1}/{alarm:.1} |")?;
            }
            writeln!(out)?;
        }
    }
    writeln!(out)
}

/// What the gate's onset and thresholds buy, over all conditions.
pub(crate) fn gates(out: &mut impl Write, heard: &[&Heard]) -> io::Result<()> {
    header(out, &["onset ms", "open from", "close below"])?;
    for (detector, name) in DETECTORS.iter().enumerate() {
        for onset_ms in [40, 60, 100, 200] {
            for (open, close) in [(96, 64), (128, 90), (160, 90), (160, 128)] {
                let config = GateConfig {
                    open_from: SpeechProbability::new(open),
                    close_below: SpeechProbability::new(close),
                    onset_ms,
                    ..GateConfig::for_kind(KINDS[detector])
                };
                let gate = run(heard, detector, config);
                let cells = gate_cells(&gate);
                writeln!(out, "| {name} | {onset_ms} | {open} | {close} | {cells} |")?;
            }
        }
    }
    writeln!(out)
}

/// Names of the detectors, in the order of [`Heard::probabilities`].
pub(crate) const DETECTORS: [&str; 2] = ["webrtc", "neural"];
const KINDS: [VadKind; 2] = [VadKind::WebRtc, VadKind::Neural];

/// The columns of [`gate_cells`].
const GATE_COLUMNS: [&str; 7] = [
    "onset p50/p95 ms",
    "missed spurts %",
    "missed short %",
    "joined %",
    "false starts/min",
    "open in pauses %",
    "end p50/p95 ms",
];

fn header(out: &mut impl Write, own: &[&str]) -> io::Result<()> {
    let columns: Vec<&str> = own.iter().chain(&GATE_COLUMNS).copied().collect();
    writeln!(out, "| detector | {} |", columns.join(" | "))?;
    writeln!(out, "|---|{}", "---|".repeat(columns.len()))
}

fn even() -> u8 {
    SpeechProbability::EVEN.in_255ths()
}

fn condition_names(heard: &[&Heard]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for h in heard {
        if !names.contains(&h.condition) {
            names.push(h.condition.clone());
        }
    }
    names
}

fn pool(heard: &[&Heard], detector: usize) -> Histogram {
    let mut histogram = Histogram::default();
    heard.iter().for_each(|h| histogram.add(&h.labels, &h.probabilities[detector]));
    histogram
}

fn run(heard: &[&Heard], detector: usize, config: GateConfig) -> GateScore {
    let mut score = GateScore::default();
    heard.iter().for_each(|h| score.add(&h.labels, &h.probabilities[detector], config));
    score
}

fn gate_cells(score: &GateScore) -> String {
    let percent = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
    format!(
        "{}/{} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {}/{}",
        percentile(&score.onset_delays_ms, 50),
        percentile(&score.onset_delays_ms, 95),
        percent(score.spurts_missed, score.spurts),
        percent(score.short_spurts_missed, score.short_spurts),
        percent(score.spurts_joined, score.spurts),
        score.false_starts_per_minute(),
        score.open_in_pauses_percent(),
        percentile(&score.end_lags_ms, 50),
        percentile(&score.end_lags_ms, 95),
    )
}
