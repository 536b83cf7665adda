//! Where speech is, derived from the clean recording, and the published files that say so.
//!
//! The procedure (also in `tests/labels/vad/README.md`), on 20 ms frames of the 8 kHz recording:
//! 1. The mean is removed with a first-order high-pass at 60 Hz; the level of a frame is its mean
//!    power in dB.
//! 2. `peak` is the 95th percentile of the levels, `floor` the 5th.
//! 3. A frame is *strong* from `max(peak - 30, floor + 10)` dB up, *quiet* below
//!    `max(peak - 40, min(floor + 6, peak - 32))` dB, weak in between.
//! 4. Up to five frames (100 ms) between two strong ones are speech too: the closures of stops.
//! 5. A stretch of strong frames shorter than three (60 ms) is a click or a breath: unscored.
//! 6. Quiet frames are non-speech, except those next to speech, which are unscored like all that
//!    are weak: the level cannot say where a fading vowel ends.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::recordings::{Recording, RecordingSet};

/// Samples in a labelled frame: 20 ms at 8 kHz.
pub(crate) const FRAME: usize = 160;

/// What one frame of a clean recording holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    Speech,
    NonSpeech,
    Unscored,
}

impl Label {
    fn letter(self) -> char {
        match self {
            Self::Speech => 's',
            Self::NonSpeech => 'n',
            Self::Unscored => 'u',
        }
    }
}

/// One label per whole frame of the recording.
pub(crate) fn derive(samples: &[i16]) -> Vec<Label> {
    let levels = frame_levels_db(samples);
    if levels.is_empty() {
        return Vec::new();
    }
    let mut sorted = levels.clone();
    sorted.sort_by(f64::total_cmp);
    let percentile = |share: usize| sorted[(sorted.len() - 1) * share / 100];
    let (floor, peak) = (percentile(5), percentile(95));
    let strong_from = (peak - 30.0).max(floor + 10.0);
    let quiet_below = (peak - 40.0).max((floor + 6.0).min(peak - 32.0));

    let mut speech: Vec<bool> = levels.iter().map(|&level| level >= strong_from).collect();
    fill_short_runs(&mut speech, false, 5);
    let mut labels: Vec<Label> = levels
        .iter()
        .map(|&level| if level < quiet_below { Label::NonSpeech } else { Label::Unscored })
        .collect();
    for (start, end) in runs_of(&speech, true) {
        if end - start < 3 {
            labels[start..end].fill(Label::Unscored);
            continue;
        }
        labels[start.saturating_sub(1)..start].fill(Label::Unscored);
        labels[start..end].fill(Label::Speech);
        if let Some(after) = labels.get_mut(end) {
            *after = Label::Unscored;
        }
    }
    labels
}

/// Compact text: `12n1u40s…`.
pub(crate) fn encode(labels: &[Label]) -> String {
    let mut text = String::new();
    for run in labels.chunk_by(|a, b| a == b) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{}{}", run.len(), run[0].letter());
    }
    text
}

/// Where the label file of a set lies.
pub(crate) fn file_of(set: &RecordingSet) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/labels/vad/{}.txt", set.name))
}

/// One line of a label file.
pub(crate) fn line_of(recording: &Recording) -> String {
    format!(
        "{} {} {:016x} {}",
        recording.path,
        recording.samples.len(),
        recording.fingerprint(),
        encode(&derive(&recording.samples))
    )
}

/// Reads a label file and checks each line against its recording and against the procedure.
///
/// # Errors
/// The file is missing, a recording is of another release than the labelled one, or the procedure
/// has changed.
pub(crate) fn check(set: &RecordingSet, recordings: &[Recording]) -> Result<(), String> {
    let path = file_of(set);
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    if lines.len() != recordings.len() {
        return Err(format!(
            "{}: {} recordings are labelled, {} are installed ({})",
            set.name,
            lines.len(),
            recordings.len(),
            set.package
        ));
    }
    for (line, recording) in lines.iter().zip(recordings) {
        if *line != line_of(recording) {
            return Err(format!(
                "{}: the label of {} does not match: another release of {}, or another procedure",
                set.name, recording.path, set.package
            ));
        }
    }
    Ok(())
}

/// Writes the label file of a set anew.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn write(set: &RecordingSet, recordings: &[Recording]) -> Result<(), String> {
    let mut text = format!(
        "# {} ({}): path, samples at 8 kHz, FNV-1a 64 of the samples, 20 ms frames as runs of\n\
         # s speech, n non-speech, u unscored. Procedure: README.md beside this file.\n",
        set.folder, set.package
    );
    for recording in recordings {
        text.push_str(&line_of(recording));
        text.push('\n');
    }
    let path = file_of(set);
    fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// `(start, end)` of each stretch of `wanted`.
pub(crate) fn runs_of(flags: &[bool], wanted: bool) -> Vec<(usize, usize)> {
    let mut runs = Vec::new();
    let mut start = 0;
    for run in flags.chunk_by(|a, b| a == b) {
        if run[0] == wanted {
            runs.push((start, start + run.len()));
        }
        start += run.len();
    }
    runs
}

/// Turns inner stretches of `value` of up to `longest` frames into the opposite.
pub(crate) fn fill_short_runs(flags: &mut [bool], value: bool, longest: usize) {
    for (start, end) in runs_of(flags, value) {
        if start > 0 && end < flags.len() && end - start <= longest {
            flags[start..end].fill(!value);
        }
    }
}

fn frame_levels_db(samples: &[i16]) -> Vec<f64> {
    // One pole at 60 Hz: 1 - 2π·60/8000.
    const POLE: f64 = 0.952_876;
    let (mut last_input, mut output) = (0.0, 0.0);
    let filtered: Vec<f64> = samples
        .iter()
        .map(|&sample| {
            let input = f64::from(sample);
            output = input - last_input + POLE * output;
            last_input = input;
            output
        })
        .collect();
    filtered
        .chunks_exact(FRAME)
        .map(|frame| {
            let power = frame.iter().map(|x| x * x).sum::<f64>() / FRAME as f64;
            10.0 * (power / 32_768.0_f64.powi(2) + 1e-10).log10()
        })
        .collect()
}
