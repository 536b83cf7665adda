//! How often the voice detectors are wrong, on people's recordings through a telephone line.
//!
//! Reads the recordings of Debian packages at run time; says which are missing, and succeeds
//! without them. Labels come from the clean recordings and are published in `tests/labels/vad`; a
//! recording or a procedure that does not match them fails the run. English and French choose
//! thresholds and calibration, the other voices are only reported.
//!
//! `cargo bench --bench accuracy_vad [-- --quick | --write-labels]`

mod labels;
mod noises;
mod rates;
mod recordings;
mod report;
mod scoring;
mod streams;

use std::env;
use std::io::{self, Write};
use std::process::ExitCode;

use offhook_audio::{NeuralVad, VoiceDetector, WebRtcVad};
use offhook_types::SampleRate;

use labels::Label;
use noises::NOISES;
use recordings::{MUSIC, RecordingSet, SETS, load_music};
use streams::{CleanStream, Condition};

/// One voice under one condition, as both detectors heard it.
pub(crate) struct Heard {
    set: &'static str,
    is_tuning: bool,
    condition: String,
    labels: Vec<Label>,
    /// By detector, then by frame.
    probabilities: [Vec<u8>; 2],
}

fn main() -> ExitCode {
    match run(&mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            // Nothing else is left to do when the error cannot be written.
            let _ = writeln!(io::stderr(), "{problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(out: &mut impl Write) -> Result<(), String> {
    let is_asked = |flag: &str| env::args().any(|argument| argument == flag);
    let mut heard = Vec::new();
    let music: Vec<Vec<i16>> = load_music().into_iter().map(|piece| piece.samples).collect();
    if music.is_empty() {
        note(out, &format!("no music: install {}", MUSIC.1))?;
    }
    for set in &SETS {
        let mut recordings = set.load(0);
        if recordings.is_empty() {
            note(out, &format!("{} is left out: install {}", set.name, set.package))?;
            continue;
        }
        if is_asked("--write-labels") {
            labels::write(set, &recordings)?;
            continue;
        }
        labels::check(set, &recordings)?;
        if is_asked("--quick") {
            recordings.truncate(12);
        }
        let stream = CleanStream::new(&recordings, 1);
        let surroundings = Surroundings { voices: voices_besides(set), music: &music };
        listen_to(set, &stream, &surroundings, is_asked("--quick"), &mut heard)?;
        note(out, &format!("{}: {} recordings", set.name, recordings.len()))?;
    }
    if heard.is_empty() {
        return note(out, "nothing to score");
    }
    print(out, &heard).map_err(|error| format!("report: {error}"))
}

/// What babble and music are made of.
struct Surroundings<'a> {
    voices: Vec<Vec<i16>>,
    music: &'a [Vec<i16>],
}

fn listen_to(
    set: &RecordingSet,
    stream: &CleanStream,
    surroundings: &Surroundings<'_>,
    is_quick: bool,
    heard: &mut Vec<Heard>,
) -> Result<(), String> {
    let levels: &[f32] = if is_quick { &[-26.0] } else { &[-10.0, -26.0, -35.0, -45.0] };
    for &level_dbfs in levels {
        let condition = Condition { noise: None, level_dbfs };
        let name = format!("clean, {level_dbfs} dBFS");
        heard.push(hear(set, stream, condition, name, None)?);
    }
    let ratios: &[f32] = if is_quick { &[10.0] } else { &[20.0, 10.0, 5.0] };
    for kind in NOISES {
        let noise = kind.generate(stream.len(), 99, &surroundings.voices, surroundings.music);
        for &ratio in ratios {
            let condition = Condition { noise: Some((kind, ratio)), level_dbfs: -26.0 };
            let name = format!("{}, {ratio} dB", kind.name());
            heard.push(hear(set, stream, condition, name, Some(&noise))?);
        }
    }
    Ok(())
}

fn hear(
    set: &RecordingSet,
    stream: &CleanStream,
    condition: Condition,
    name: String,
    noise: Option<&[f32]>,
) -> Result<Heard, String> {
    let line = stream.through_line(condition, noise);
    let mut webrtc = WebRtcVad::new(SampleRate::HZ_8000).map_err(|error| error.to_string())?;
    let mut neural = NeuralVad::new();
    Ok(Heard {
        set: set.name,
        is_tuning: set.is_tuning,
        condition: name,
        labels: stream.labels.clone(),
        probabilities: [
            probabilities(&mut webrtc, &line.narrow),
            probabilities(&mut neural, &line.wide),
        ],
    })
}

fn probabilities(detector: &mut impl VoiceDetector, samples: &[i16]) -> Vec<u8> {
    samples
        .chunks_exact(detector.sample_rate().frame_samples())
        .map(|frame| detector.speech_probability(frame).in_255ths())
        .collect()
}

/// Recordings of other voices that are not scored themselves.
fn voices_besides(set: &RecordingSet) -> Vec<Vec<i16>> {
    SETS.iter()
        .filter(|other| other.name != set.name && other.name != "read")
        .flat_map(|other| other.load(2).into_iter().take(30))
        .map(|recording| recording.samples)
        .collect()
}

fn print(out: &mut impl Write, heard: &[Heard]) -> io::Result<()> {
    let held_out: Vec<&Heard> = heard.iter().filter(|h| !h.is_tuning).collect();
    let tuning: Vec<&Heard> = heard.iter().filter(|h| h.is_tuning).collect();
    writeln!(out, "\n## Held-out voices: frames at even odds, default gate\n")?;
    report::conditions(out, &held_out)?;
    writeln!(out, "## By voice, all conditions\n")?;
    report::voices(out, &heard.iter().collect::<Vec<_>>())?;
    writeln!(out, "## Thresholds on held-out voices: miss % / false alarm % of frames\n")?;
    report::thresholds(out, &held_out)?;
    writeln!(out, "## Gates, chosen on English and French\n")?;
    report::gates(out, &without_rivals(&tuning))?;
    writeln!(out, "## Gates, held-out voices\n")?;
    report::gates(out, &without_rivals(&held_out))
}

/// Without babble and music, where other voices are meant to be heard as little as a detector can
/// help it.
fn without_rivals<'a>(heard: &[&'a Heard]) -> Vec<&'a Heard> {
    let is_rival = |h: &Heard| ["babble", "music"].iter().any(|n| h.condition.starts_with(n));
    heard.iter().copied().filter(|h| !is_rival(h)).collect()
}

fn note(out: &mut impl Write, text: &str) -> Result<(), String> {
    writeln!(out, "{text}").map_err(|error| format!("report: {error}"))
}
