//! Record tones and tones of the network: detection, timing, and false alarms on recordings of
//! people and music.
//!
//! Signals go through µ-law. Recordings are those of Debian's Asterisk and PocketSphinx packages,
//! read where they are installed; without them the tables of false alarms are left out.

use std::path::{Path, PathBuf};

use offhook_audio::{ProgressToneDetector, ProgressToneGenerator, TonePlan};
use offhook_types::{ProgressTone, SampleRate, SpecialInformation, ToneEvent, ToneSpan};

/// Prints all tables. `quick` takes a tenth of the trials and of the recordings.
#[expect(clippy::print_stdout, reason = "a benchmark prints its results")]
pub(crate) fn run(quick: bool) {
    let trials = if quick { 20 } else { 200 };
    let recordings = Recordings::find(if quick { 10 } else { 1 });
    println!("## Record tones\n");
    println!(
        "Found, of {trials} beeps per cell; in brackets the error of the end, 95th percentile, ms."
    );
    println!(
        "Levels -35 to -6 dBFS, right after speech, µ-law; lost: one 20 ms frame in 20 missing.\n"
    );
    record_tones(trials, &recordings);
    println!("\n## Tones of the network\n");
    println!("Recognised, of {trials} calls per cell; in brackets the median time it took, ms.");
    println!("Levels -35 to -10 dBFS, first heard at the beginning of the cadence, µ-law.\n");
    network_tones(trials);
    println!("\n## False alarms\n");
    if recordings.is_empty() {
        println!(
            "No recordings: install asterisk-core-sounds-{{en,es,fr,it,ru}}-wav, \
             asterisk-prompt-it-menardi-wav, asterisk-moh-opsound-wav and pocketsphinx-testdata."
        );
        return;
    }
    false_alarms(&recordings);
}

/// What a line does to a tone.
#[derive(Clone, Copy)]
struct Line {
    name: &'static str,
    snr_db: Option<f32>,
    loses_frames: bool,
}

const LINES: [Line; 5] = [
    Line { name: "clean", snr_db: None, loses_frames: false },
    Line { name: "20 dB", snr_db: Some(20.0), loses_frames: false },
    Line { name: "15 dB", snr_db: Some(15.0), loses_frames: false },
    Line { name: "10 dB", snr_db: Some(10.0), loses_frames: false },
    Line { name: "lost", snr_db: Some(20.0), loses_frames: true },
];

/// A kind of beep; frequencies are drawn from the range.
struct Beep {
    name: &'static str,
    hz: (f32, f32),
    duration_ms: (f32, f32),
    second: bool,
    sweep: f32,
    ramp_ms: f32,
}

/// A steady tone of one frequency with hard edges.
const PLAIN: Beep = Beep {
    name: "",
    hz: (350.0, 2_200.0),
    duration_ms: (300.0, 1_500.0),
    second: false,
    sweep: 0.0,
    ramp_ms: 2.0,
};

/// Below 650 Hz a voice might be meant, so the detector is stricter there. The tones of pairs are
/// chosen so that they are no DTMF digits.
const BEEPS: [Beep; 8] = [
    Beep { name: "120 ms, 350-650 Hz", hz: (350., 650.), duration_ms: (120., 120.), ..PLAIN },
    Beep { name: "120 ms, 650-2200 Hz", hz: (650., 2_200.), duration_ms: (120., 120.), ..PLAIN },
    Beep { name: "200 ms, 350-2200 Hz", duration_ms: (200., 200.), ..PLAIN },
    Beep { name: "0.3-1.5 s, 350-650 Hz", hz: (350., 650.), ..PLAIN },
    Beep { name: "0.3-1.5 s, 650-2200 Hz", hz: (650., 2_200.), ..PLAIN },
    Beep { name: "0.3-1.5 s, ramps of 50 ms", hz: (500., 1_800.), ramp_ms: 50., ..PLAIN },
    Beep { name: "0.3-1.5 s, swept by 8 %", hz: (800., 1_800.), sweep: 0.08, ..PLAIN },
    Beep { name: "0.3-1.5 s, two tones", hz: (980., 1_800.), second: true, ..PLAIN },
];

#[expect(clippy::print_stdout, reason = "a benchmark prints its results")]
fn record_tones(trials: u32, recordings: &Recordings) {
    print_header("Beep", &LINES.map(|line| line.name));
    let greeting = recordings.greeting();
    for beep in &BEEPS {
        print!("| {} |", beep.name);
        for line in LINES {
            let mut random = Random::new(7);
            let mut errors = Vec::new();
            for trial in 0..trials {
                if let Some(error_ms) = record_tone_trial(beep, line, trial, &greeting, &mut random)
                {
                    errors.push(error_ms.abs());
                }
            }
            let share = 100.0 * errors.len() as f32 / trials as f32;
            print!(" {share:.1} % ({:.0}) |", percentile(&mut errors, 0.95));
        }
        println!();
    }
}

/// The error of the end in ms, or none if the beep was missed.
fn record_tone_trial(
    beep: &Beep,
    line: Line,
    trial: u32,
    greeting: &[i16],
    random: &mut Random,
) -> Option<f32> {
    let level_dbfs = -6.0 - 29.0 * (trial % 8) as f32 / 7.0;
    let speech_samples = 8_000 + (random.unit() * 1_600.0) as usize;
    let mut signal: Vec<f32> = (0..speech_samples)
        .map(|n| f32::from(*greeting.get(n % greeting.len().max(1)).unwrap_or(&0)))
        .collect();
    let tone = beep.samples(level_dbfs, random);
    let end = signal.len() + tone.len();
    signal.extend(tone);
    signal.resize(end + 8_000 * 5, 0.0);
    let heard = through(line, &signal, level_dbfs, random);
    let events = detect(SampleRate::HZ_8000, &heard);
    let ends = events.iter().filter_map(|event| match event {
        ToneEvent::RecordTone { span } => Some(end_of(span) as f32),
        ToneEvent::ToneHeard { .. }
        | ToneEvent::ProgressBegan { .. }
        | ToneEvent::ProgressEnded { .. } => None,
    });
    ends.map(|found| (found - end as f32) / 8.0).find(|error_ms| error_ms.abs() < 100.0)
}

impl Beep {
    fn samples(&self, level_dbfs: f32, random: &mut Random) -> Vec<f32> {
        let hz = random.between(self.hz);
        let second_hz = random.between((hz * 1.1, 2_200.0));
        let duration_ms = random.between(self.duration_ms);
        let length = (duration_ms * 8.0) as usize;
        let ramp = self.ramp_ms * 8.0;
        let peak = 32_767.0 * 10.0_f32.powf(level_dbfs / 20.0);
        let (mut phase, mut second_phase) = (random.unit(), random.unit());
        let sample = |n: usize| {
            let place = n as f32 / length as f32;
            let bend = 1.0 + self.sweep * (place - 0.5);
            phase = (phase + hz * bend / 8_000.0).fract();
            second_phase = (second_phase + second_hz / 8_000.0).fract();
            let edge = (n.min(length - 1 - n) as f32 + 1.0) / ramp;
            let sine = |phase: f32| (phase * std::f32::consts::TAU).sin();
            let sum = match self.second {
                true => (sine(phase) + sine(second_phase)) * std::f32::consts::FRAC_1_SQRT_2,
                false => sine(phase),
            };
            sum * peak * edge.min(1.0)
        };
        (0..length).map(sample).collect()
    }
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its results")]
fn network_tones(trials: u32) {
    let [clean, high, middle, low, lost] = LINES.map(|line| line.name);
    print_header("Tone", &[clean, high, middle, low, lost, "taken for beeps"]);
    let mut rows = Vec::new();
    let plain =
        [ProgressTone::Dial, ProgressTone::Ringback, ProgressTone::Busy, ProgressTone::Reorder];
    for plan in TonePlan::ALL {
        rows.extend(plain.map(|tone| (format!("{plan:?} {tone:?}"), plan, tone)));
    }
    use SpecialInformation as Kind;
    for kind in
        [Kind::Intercept, Kind::VacantCode, Kind::Reorder, Kind::NoCircuit, Kind::Unspecified]
    {
        let tone = ProgressTone::SpecialInformation(kind);
        rows.push((format!("Special information {kind:?}"), TonePlan::Europe, tone));
    }
    for tone in [ProgressTone::FaxCalling, ProgressTone::FaxAnswer] {
        rows.push((format!("{tone:?}"), TonePlan::Europe, tone));
    }
    for (name, plan, tone) in rows {
        print!("| {name} |");
        let mut beeps = 0;
        for line in LINES {
            let mut random = Random::new(11);
            let mut times = Vec::new();
            for trial in 0..trials {
                let result = network_tone_trial(plan, tone, line, trial, &mut random);
                times.extend(result.recognised_ms);
                beeps += result.beeps;
            }
            let share = 100.0 * times.len() as f32 / trials as f32;
            print!(" {share:.1} % ({:.0}) |", percentile(&mut times, 0.5));
        }
        println!(" {beeps} |");
    }
}

struct NetworkTrial {
    recognised_ms: Option<f32>,
    beeps: u32,
}

fn network_tone_trial(
    plan: TonePlan,
    tone: ProgressTone,
    line: Line,
    trial: u32,
    random: &mut Random,
) -> NetworkTrial {
    let level_dbfs = -10.0 - 25.0 * (trial % 8) as f32 / 7.0;
    let silence = (4_000.0 + random.unit() * 1_600.0) as usize;
    let mut generator =
        ProgressToneGenerator::new(SampleRate::HZ_8000, plan.cadence(tone), level_dbfs);
    let mut played = vec![0_i16; 8_000 * 14];
    generator.process_into(&mut played);
    let mut signal = vec![0.0; silence];
    signal.extend(played.into_iter().map(f32::from));
    let heard = through(line, &signal, level_dbfs, random);
    let mut result = NetworkTrial { recognised_ms: None, beeps: 0 };
    for event in detect(SampleRate::HZ_8000, &heard) {
        match event {
            ToneEvent::ProgressBegan { tone: found, span } if found == tone => {
                let took = end_of(&span) as f32 - silence as f32;
                result.recognised_ms.get_or_insert(took / 8.0);
            }
            ToneEvent::RecordTone { .. } => result.beeps += 1,
            ToneEvent::ToneHeard { .. }
            | ToneEvent::ProgressBegan { .. }
            | ToneEvent::ProgressEnded { .. } => {}
        }
    }
    result
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its results")]
fn false_alarms(recordings: &Recordings) {
    print_header("Recordings", &["hours", "record tones", "network tones", "tone-now flags"]);
    for (name, paths) in [("speech", &recordings.speech), ("music", &recordings.music)] {
        let mut seconds = 0.0;
        let mut counts = [0_u32; 3];
        for path in paths {
            let Some((rate, mut samples)) = read_wav(path) else { continue };
            seconds += samples.len() as f32 / rate.hz() as f32;
            samples.extend(vec![0; rate.samples_in_ms(6_000)]);
            for event in detect(rate, &samples) {
                match event {
                    ToneEvent::RecordTone { .. } => counts[0] += 1,
                    ToneEvent::ProgressBegan { .. } => counts[1] += 1,
                    ToneEvent::ToneHeard { .. } => counts[2] += 1,
                    ToneEvent::ProgressEnded { .. } => {}
                }
            }
        }
        let hours = seconds / 3_600.0;
        let [record, network, now] = counts.map(|count| count as f32 / hours);
        println!("| {name} | {hours:.2} | {record:.1} / h | {network:.1} / h | {now:.1} / h |");
    }
    let found = |path: &PathBuf| {
        let (rate, mut samples) = read_wav(path)?;
        samples.extend(vec![0; rate.samples_in_ms(6_000)]);
        let mut events = detect(rate, &samples).into_iter();
        events.find(|event| matches!(event, ToneEvent::RecordTone { .. }))
    };
    let heard = recordings.beeps.iter().filter_map(found).count();
    println!(
        "\nAsterisk's own record tones (beep.wav): {heard} of {} found.",
        recordings.beeps.len()
    );
}

/// Recordings on this machine.
struct Recordings {
    speech: Vec<PathBuf>,
    music: Vec<PathBuf>,
    beeps: Vec<PathBuf>,
}

impl Recordings {
    /// Takes one file in `every`.
    fn find(every: usize) -> Self {
        let mut sounds = Vec::new();
        collect_wavs(Path::new("/usr/share/asterisk/sounds"), &mut sounds);
        collect_wavs(Path::new("/usr/share/pocketsphinx/test/data"), &mut sounds);
        let mut music = Vec::new();
        collect_wavs(Path::new("/usr/share/asterisk/moh"), &mut music);
        let stem =
            |path: &PathBuf| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let is_beep = |path: &PathBuf| stem(path).as_deref() == Some("beep");
        let is_sound =
            |path: &PathBuf| stem(path).is_some_and(|stem| NO_SPEECH.contains(&stem.as_str()));
        let beeps = sounds.iter().filter(|path| is_beep(path)).cloned().collect();
        sounds.retain(|path| !is_sound(path));
        Self { speech: sounds.into_iter().step_by(every).collect(), music, beeps }
    }

    fn is_empty(&self) -> bool {
        self.speech.is_empty() && self.music.is_empty()
    }

    /// A second of speech, to put before a beep; nothing without recordings.
    fn greeting(&self) -> Vec<i16> {
        let path = Path::new("/usr/share/asterisk/sounds/en_US_f_Allison/vm-theperson.wav");
        read_wav(path).map(|(_, samples)| samples).unwrap_or_default()
    }
}

/// Prompts that are sounds, not speech: beeps, two-tone signals, chimes, and monkeys.
const NO_SPEECH: [&str; 7] = [
    "beep",
    "beeperr",
    "ascending-2tone",
    "descending-2tone",
    "confbridge-join",
    "confbridge-leave",
    "tt-monkeys",
];

/// Adds every `.wav` below `folder`, in order of name, links not followed.
fn collect_wavs(folder: &Path, into: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            collect_wavs(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "wav") {
            into.push(path);
        }
    }
}

fn read_wav(path: &Path) -> Option<(SampleRate, Vec<i16>)> {
    let mut reader = hound::WavReader::open(path).ok()?;
    let rate = SampleRate::new(reader.spec().sample_rate).ok()?;
    Some((rate, reader.samples::<i16>().collect::<Result<_, _>>().ok()?))
}

fn detect(rate: SampleRate, samples: &[i16]) -> Vec<ToneEvent> {
    let Ok(mut detector) = ProgressToneDetector::new(rate) else { return Vec::new() };
    let mut events = Vec::new();
    for frame in samples.chunks(rate.frame_samples()) {
        detector.process(frame);
        events.extend(std::iter::from_fn(|| detector.poll_event()));
    }
    events
}

/// End of a tone at 8 kHz, in samples.
fn end_of(span: &ToneSpan) -> u64 {
    span.start_sample + u64::from(span.duration_ms) * 8
}

/// Adds white noise relative to the tone, loses frames, and quantises to µ-law.
fn through(line: Line, signal: &[f32], level_dbfs: f32, random: &mut Random) -> Vec<i16> {
    let rms = 32_767.0 / std::f32::consts::SQRT_2 * 10.0_f32.powf(level_dbfs / 20.0);
    let noise = line.snr_db.map_or(0.0, |snr| rms * 10.0_f32.powf(-snr / 20.0));
    let mut heard: Vec<i16> =
        signal.iter().map(|sample| mu_law(sample + noise * random.normal())).collect();
    if line.loses_frames {
        for frame in heard.chunks_mut(160) {
            if random.unit() < 0.05 {
                frame.fill(0);
            }
        }
    }
    heard
}

/// To µ-law and back (ITU-T G.711): 14 bits in eight segments of sixteen steps.
fn mu_law(sample: f32) -> i16 {
    let magnitude = (sample.abs() as i32 + 132).min(32_635);
    let exponent = magnitude.ilog2().max(7) - 7;
    let step = 8 << exponent;
    let value = magnitude / step * step + step / 2 - 132;
    let value = if sample < 0.0 { -value } else { value };
    i16::try_from(value).unwrap_or(i16::MAX)
}

fn percentile(values: &mut [f32], share: f32) -> f32 {
    values.sort_by(f32::total_cmp);
    let index = ((values.len() as f32 * share) as usize).min(values.len().saturating_sub(1));
    values.get(index).copied().unwrap_or(f32::NAN)
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its results")]
fn print_header(first: &str, columns: &[&str]) {
    println!("| {first} | {} |", columns.join(" | "));
    println!("|---|{}", "---|".repeat(columns.len()));
}

/// A small generator of random numbers (xorshift64*), the same everywhere.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u64 << 24) as f32
    }

    fn between(&mut self, (low, high): (f32, f32)) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Nearly normal, variance 1: the sum of twelve uniform numbers.
    fn normal(&mut self) -> f32 {
        (0..12).map(|_| self.unit()).sum::<f32>() - 6.0
    }
}
