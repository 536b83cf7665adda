//! How close concealment comes to the audio that was lost, on recorded human voices, as a Markdown
//! table.
//!
//! `cargo bench --bench accuracy_concealment`. Voices: the 8 kHz prompts of the Debian packages
//! `asterisk-core-sounds-*-wav` and `asterisk-prompt-it-menardi-wav`, and the 16 kHz speech of
//! `pocketsphinx-testdata`. Without them there is nothing to measure; the program says so and
//! succeeds.
//!
//! Per loss pattern, over frames of active speech: segmental SNR of the lost frames (mean over
//! frames, each between -10 and 35 dB; silence has 0 by definition), and log-spectral distance (32
//! ms Hann windows, 300 to 3,400 Hz) of the lost frames and of the received frame after each loss.
//! Three fillings: silence, the last frame repeated, and the timeline of the engine.

#![expect(clippy::print_stdout, reason = "the table is this program's output")]

use std::f32::consts::TAU;
use std::path::{Path, PathBuf};

use offhook_audio::{CarrierTime, MediaTimeline, StreamKind};
use offhook_types::{SampleRate, Timestamp};

const FOLDERS: [&str; 2] = ["/usr/share/asterisk/sounds", "/usr/share/pocketsphinx/test/data"];

/// A way to fill lost frames: the voice, which of its frames are lost, its rate.
type Filling = fn(&[i16], &[bool], SampleRate) -> Vec<i16>;

/// Audio measured per rate at most: 20 minutes.
const SECONDS_MAX: usize = 1_200;

/// Frames below this RMS (-50 dBov) are no active speech.
const ACTIVE_RMS: f32 = 104.0;

fn main() {
    let mut paths = Vec::new();
    for folder in FOLDERS {
        find_recordings(Path::new(folder), &mut paths);
    }
    paths.sort();
    if paths.is_empty() {
        println!("no recordings in {FOLDERS:?}: install the packages named in this file");
        return;
    }
    for rate in [SampleRate::HZ_8000, SampleRate::HZ_16000] {
        let voices = recordings(&paths, rate);
        let seconds = voices.iter().map(Vec::len).sum::<usize>() / rate.hz() as usize;
        if seconds > 0 {
            println!(
                "\n{rate}, {seconds} s of speech. In dB: segmental SNR of lost frames / their"
            );
            println!("log-spectral distance / that of the frame after a loss.\n");
            println!("| Loss | Mean burst | Silence | Repetition | Engine |");
            println!("|---|---|---|---|---|");
            for percent in [1, 3, 5, 10] {
                for burst in [1, 3] {
                    print_row(&voices, rate, percent, burst);
                }
            }
        }
    }
}

fn print_row(voices: &[Vec<i16>], rate: SampleRate, percent: u32, burst: u32) {
    let fillings: [Filling; 3] = [silence, repetition, engine];
    let cells = fillings.map(|fill| {
        let mut score = Score::default();
        for (i, voice) in voices.iter().enumerate() {
            let lost = losses(voice.len() / rate.frame_samples(), percent, burst, i as u64);
            score.add(voice, &fill(voice, &lost, rate), &lost, rate);
        }
        score.to_string()
    });
    println!("| {percent} % | {} ms | {} |", burst * 20, cells.join(" | "));
}

/// Which frames are lost: a two-state chain with the given mean rate and mean burst length.
fn losses(frames: usize, percent: u32, burst: u32, seed: u64) -> Vec<bool> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut is_bad = false;
    let leave = 1.0 / f64::from(burst);
    let rate = f64::from(percent) / 100.0;
    let enter = if burst == 1 { rate } else { leave * rate / (1.0 - rate) };
    (0..frames)
        .map(|frame| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let draw = (state >> 11) as f64 / (1_u64 << 53) as f64;
            is_bad = if is_bad && burst > 1 { draw >= leave } else { draw < enter };
            is_bad && frame >= 5
        })
        .collect()
}

fn silence(voice: &[i16], lost: &[bool], rate: SampleRate) -> Vec<i16> {
    let mut heard = voice.to_vec();
    for (frame, _) in
        heard.chunks_exact_mut(rate.frame_samples()).zip(lost).filter(|(_, lost)| **lost)
    {
        frame.fill(0);
    }
    heard
}

fn repetition(voice: &[i16], lost: &[bool], rate: SampleRate) -> Vec<i16> {
    let mut heard = voice.to_vec();
    let len = rate.frame_samples();
    for frame in (1..lost.len()).filter(|&frame| lost[frame]) {
        heard.copy_within((frame - 1) * len..frame * len, frame * len);
    }
    heard
}

fn engine(voice: &[i16], lost: &[bool], rate: SampleRate) -> Vec<i16> {
    let mut timeline = MediaTimeline::new(rate, StreamKind::Continuous, 1);
    let mut heard = Vec::with_capacity(voice.len());
    for (i, frame) in voice.chunks_exact(rate.frame_samples()).enumerate() {
        if !lost[i] {
            let millis = i as u64 * 20;
            let time = Some(CarrierTime::Millis(millis));
            timeline.handle_audio(Timestamp::from_millis(millis), time, frame, |frame| {
                heard.extend_from_slice(frame.samples);
            });
        }
    }
    heard
}

/// Sums over the frames judged.
#[derive(Default)]
struct Score {
    lost: Sums,
    after: Sums,
}

#[derive(Default)]
struct Sums {
    snr: f64,
    distance: f64,
    frames: u32,
}

impl Score {
    fn add(&mut self, voice: &[i16], heard: &[i16], lost: &[bool], rate: SampleRate) {
        let len = rate.frame_samples();
        let window = if rate == SampleRate::HZ_8000 { 256 } else { 512 };
        for frame in 1..heard.len() / len {
            let span = frame * len..(frame + 1) * len;
            let is_judged = lost[frame] || lost[frame - 1];
            // Centred on the frame.
            let start = (frame * len + len / 2).saturating_sub(window / 2);
            if !is_judged || rms(&voice[span.clone()]) < ACTIVE_RMS || start + window > heard.len()
            {
                continue;
            }
            let snr = f64::from(snr_db(&voice[span.clone()], &heard[span]));
            let clean = spectrum_db(&voice[start..start + window], rate);
            let filled = spectrum_db(&heard[start..start + window], rate);
            let squares: f32 = clean.iter().zip(&filled).map(|(a, b)| (a - b).powi(2)).sum();
            let distance = f64::from((squares / clean.len() as f32).sqrt());
            let part = if lost[frame] { &mut self.lost } else { &mut self.after };
            part.snr += snr;
            part.distance += distance;
            part.frames += 1;
        }
    }
}

impl std::fmt::Display for Score {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (lost, after) = (&self.lost, &self.after);
        let (lost_frames, after_frames) =
            (f64::from(lost.frames.max(1)), f64::from(after.frames.max(1)));
        let snr = lost.snr / lost_frames;
        let (during, next) = (lost.distance / lost_frames, after.distance / after_frames);
        write!(f, "{snr:.1} / {during:.1} / {next:.1}")
    }
}

fn rms(samples: &[i16]) -> f32 {
    let sum: f32 = samples.iter().map(|&sample| f32::from(sample).powi(2)).sum();
    (sum / samples.len() as f32).sqrt()
}

fn snr_db(clean: &[i16], heard: &[i16]) -> f32 {
    let power: f32 = clean.iter().map(|&sample| f32::from(sample).powi(2)).sum();
    let error: f32 =
        clean.iter().zip(heard).map(|(&a, &b)| (f32::from(a) - f32::from(b)).powi(2)).sum();
    (10.0 * (power.max(1.0) / error.max(1e-3)).log10()).clamp(-10.0, 35.0)
}

/// Power per bin in the telephone band, floored at that of rounding to 16 bits.
fn spectrum_db(samples: &[i16], rate: SampleRate) -> Vec<f32> {
    let len = samples.len();
    let mut re: Vec<f32> = samples
        .iter()
        .enumerate()
        .map(|(i, &sample)| f32::from(sample) * (0.5 - 0.5 * (TAU * i as f32 / len as f32).cos()))
        .collect();
    let mut im = vec![0.0; len];
    transform(&mut re, &mut im);
    let bin = |hz: usize| hz * len / rate.hz() as usize;
    (bin(300)..bin(3_400))
        .map(|i| 10.0 * (re[i] * re[i] + im[i] * im[i]).max(len as f32).log10())
        .collect()
}

/// Discrete Fourier transform by recursive halving; the length is a power of two.
fn transform(re: &mut [f32], im: &mut [f32]) {
    let len = re.len();
    if len == 1 {
        return;
    }
    let split = |values: &[f32], from: usize| -> Vec<f32> {
        values.iter().skip(from).step_by(2).copied().collect()
    };
    let (mut even_re, mut even_im) = (split(re, 0), split(im, 0));
    let (mut odd_re, mut odd_im) = (split(re, 1), split(im, 1));
    transform(&mut even_re, &mut even_im);
    transform(&mut odd_re, &mut odd_im);
    for k in 0..len / 2 {
        let (sin, cos) = (-TAU * k as f32 / len as f32).sin_cos();
        let (turned_re, turned_im) =
            (cos * odd_re[k] - sin * odd_im[k], sin * odd_re[k] + cos * odd_im[k]);
        (re[k], im[k]) = (even_re[k] + turned_re, even_im[k] + turned_im);
        (re[k + len / 2], im[k + len / 2]) = (even_re[k] - turned_re, even_im[k] - turned_im);
    }
}

fn find_recordings(folder: &Path, paths: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let is_link = path.symlink_metadata().is_ok_and(|meta| meta.is_symlink());
        if path.is_dir() && !is_link {
            find_recordings(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "wav") {
            paths.push(path);
        }
    }
}

/// Every so many-th of the recordings at one rate, so that all voices take part within the limit.
fn recordings(paths: &[PathBuf], rate: SampleRate) -> Vec<Vec<i16>> {
    let all: Vec<Vec<i16>> = paths.iter().filter_map(|path| read_mono(path, rate)).collect();
    let samples: usize = all.iter().map(Vec::len).sum();
    let step = samples.div_ceil(SECONDS_MAX * rate.hz() as usize).max(1);
    all.into_iter().step_by(step).collect()
}

fn read_mono(path: &Path, rate: SampleRate) -> Option<Vec<i16>> {
    let reader = hound::WavReader::open(path).ok()?;
    let spec = reader.spec();
    let is_wanted =
        spec.channels == 1 && spec.bits_per_sample == 16 && spec.sample_rate == rate.hz();
    is_wanted.then(|| reader.into_samples().flatten().collect())
}
