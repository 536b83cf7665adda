//! How well the echo guard tells the agent's own voice from the caller's, on human recordings.
//!
//! Agent and caller are different speakers; both pass mu-law. The echo path is a delay, a
//! loudspeaker's mild saturation, a short impulse response and an attenuation. `--quick` takes a
//! shorter track and one pair of speakers.
#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

use std::path::{Path, PathBuf};

use offhook_audio::{EchoGuard, EchoReport};
use offhook_types::SampleRate;
use webrtc_vad::{SampleRate as VadRate, Vad, VadMode};

const FRAME: usize = 160;
const SOUNDS: &str = "/usr/share/asterisk/sounds";
const PACKAGES: &str = "asterisk-core-sounds-en-wav asterisk-core-sounds-fr-wav \
                        asterisk-core-sounds-it-wav asterisk-core-sounds-ru-wav";
const PAIRS: [(&str, &str); 3] = [
    ("en_US_f_Allison", "it_IT_m_Carlo"),
    ("it_IT_m_Carlo", "fr_CA_f_June"),
    ("ru_RU_f_IvrvoiceRU", "en_US_f_Allison"),
];

fn main() {
    let is_quick = std::env::args().any(|argument| argument == "--quick");
    let (seconds, pairs) = if is_quick { (40, 1) } else { (90, PAIRS.len()) };
    let tracks: Vec<Tracks> =
        PAIRS[..pairs].iter().filter_map(|pair| Tracks::read(pair, seconds)).collect();
    if tracks.len() < pairs {
        println!("recordings not found under {SOUNDS}; install {PACKAGES}");
        return;
    }
    println!("{seconds} s x {pairs} pairs of speakers, 8 kHz, mu-law, WebRTC VAD mode 2\n");
    println!(
        "| path | loss dB | delay ms | caller dB | echo frames voiced %: line, guarded \
         | false interruptions a minute, 60 ms rule: line, guarded, with extra \
         | 220 ms rule: line, guarded, with extra | caller frames lost % \
         | onset added ms p50/p95 | with extra | delay error ms | found after s |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|");
    for room in [Room::Hybrid, Room::Speakerphone] {
        for loss_db in [10, 20, 30] {
            for delay_ms in [50, 150, 300, 600] {
                print_row(&tracks, Some(Echo { room, loss_db, delay_ms }), 0);
            }
        }
    }
    print_row(&tracks, None, 0);
    for loss_db in [10, 20, 30] {
        let echo = Echo { room: Room::Speakerphone, loss_db, delay_ms: 230 };
        print_row(&tracks, Some(echo), -12);
    }
    print_row(&tracks, None, -12);
}

fn print_row(tracks: &[Tracks], echo: Option<Echo>, caller_db: i32) {
    let mut alone = Score::default();
    let mut double = Score::default();
    for track in tracks {
        alone.run(track, echo, None);
        double.run(track, echo, Some(caller_db));
    }
    let name = echo.map_or("no echo | - | -".to_owned(), |echo| {
        format!("{:?} | {} | {}", echo.room, echo.loss_db, echo.delay_ms)
    });
    let minutes = alone.frames as f64 / 3_000.0;
    let percent = |count: usize, total: usize| 100.0 * count as f64 / total.max(1) as f64;
    let rule = |counts: [usize; 3]| {
        let rates = counts.map(|count| format!("{:.1}", count as f64 / minutes));
        rates.join(", ")
    };
    println!(
        "| {name} | {caller_db} | {:.1}, {:.1} | {} | {} | {:.1} | {} | {} | {} | {} |",
        percent(alone.voiced_line, alone.echo_frames),
        percent(alone.voiced_out, alone.echo_frames),
        rule(alone.false_60),
        rule(alone.false_220),
        percent(double.lost, double.caller_frames),
        quantiles(&mut double.onset_ms),
        quantiles(&mut double.onset_extra_ms),
        quantiles(&mut alone.delay_error_ms),
        alone
            .found_ms
            .iter()
            .map(|ms| format!("{:.1}", ms / 1_000.0))
            .collect::<Vec<_>>()
            .join(" "),
    );
}

fn quantiles(values: &mut [f64]) -> String {
    if values.is_empty() {
        return "-".to_owned();
    }
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values[((values.len() - 1) as f64 * share).round() as usize];
    format!("{:.0}/{:.0}", at(0.5), at(0.95))
}

#[derive(Clone, Copy, Debug)]
enum Room {
    Hybrid,
    Speakerphone,
}

#[derive(Clone, Copy)]
struct Echo {
    room: Room,
    loss_db: i32,
    delay_ms: usize,
}

impl Echo {
    /// The echo of `far`: saturation, impulse response, attenuation, delay.
    fn of(self, far: &[f32]) -> Vec<f32> {
        let (taps, decay_ms, drive) = match self.room {
            Room::Hybrid => (48, 1.0, 0.3),
            Room::Speakerphone => (480, 12.0, 0.7),
        };
        let mut noise = Noise(7);
        let response: Vec<f32> = (0..taps)
            .map(|n| {
                let tail = (-(n as f32) / (8.0 * decay_ms)).exp();
                if n == 0 { 1.0 } else { 0.5 * tail * noise.next() }
            })
            .collect();
        let spoken: Vec<f32> =
            far.iter().map(|&x| (drive * x / 8_192.0).tanh() * 8_192.0 / drive).collect();
        let mut echo = vec![0.0; far.len()];
        let delay = self.delay_ms * 8;
        for (start, &sample) in spoken.iter().enumerate() {
            for (n, tap) in response.iter().enumerate() {
                if let Some(out) = echo.get_mut(start + delay + n) {
                    *out += sample * tap;
                }
            }
        }
        let energy = |x: &[f32]| x.iter().map(|x| f64::from(x * x)).sum::<f64>();
        let gain =
            (energy(far) / energy(&echo)).sqrt() * 10_f64.powf(-f64::from(self.loss_db) / 20.0);
        echo.iter_mut().for_each(|sample| *sample *= gain as f32);
        echo
    }
}

/// What one pair of speakers says.
struct Tracks {
    agent: Vec<f32>,
    caller: Vec<f32>,
}

impl Tracks {
    fn read((agent, caller): &(&str, &str), seconds: usize) -> Option<Self> {
        let mut noise = Noise(11);
        let mut agent_track = Vec::new();
        for prompt in prompts(agent)? {
            agent_track.extend(prompt);
            let pause = 2_400.0 + 4_000.0 * noise.next().abs();
            agent_track.resize(agent_track.len() + pause as usize, 0.0);
            if agent_track.len() >= seconds * 8_000 {
                break;
            }
        }
        agent_track.truncate(seconds * 8_000 / FRAME * FRAME);
        let mut caller_track = vec![0.0; agent_track.len()];
        let mut start = 4 * 8_000;
        for prompt in prompts(caller)? {
            let burst = &prompt[..prompt.len().min(16_000)];
            let Some(room) = caller_track.get_mut(start..start + burst.len()) else {
                break;
            };
            room.copy_from_slice(burst);
            start += burst.len() + 20_000 + (12_000.0 * noise.next().abs()) as usize;
        }
        Some(Self { agent: agent_track, caller: caller_track })
    }
}

/// Prompts of one speaker of at least a second, in a fixed order, at -22 dB of full scale.
fn prompts(speaker: &str) -> Option<Vec<Vec<f32>>> {
    let mut paths = Vec::new();
    collect_wavs(&Path::new(SOUNDS).join(speaker), &mut paths);
    paths.sort();
    let all: Vec<Vec<f32>> = paths
        .iter()
        .filter_map(|path| hound::WavReader::open(path).ok())
        .filter(|wav| wav.spec().sample_rate == 8_000 && wav.duration() >= 8_000)
        .map(|mut wav| wav.samples::<i16>().filter_map(Result::ok).map(f32::from).collect())
        .map(normalise)
        .collect();
    (all.len() >= 40).then_some(all)
}

fn normalise(mut samples: Vec<f32>) -> Vec<f32> {
    let loud: Vec<f32> = samples.iter().copied().filter(|x| x.abs() > 200.0).collect();
    let rms = (loud.iter().map(|x| x * x).sum::<f32>() / loud.len().max(1) as f32).sqrt();
    samples.iter_mut().for_each(|x| *x *= 2_600.0 / rms.max(1.0));
    samples
}

fn collect_wavs(folder: &Path, paths: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        if path.is_dir() {
            collect_wavs(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "wav") {
            paths.push(path);
        }
    }
}

/// Voiced time that must gather, with gaps up to 100 ms, before the caller is believed.
#[derive(Default)]
struct Rule {
    voiced_ms: usize,
    gap_ms: usize,
    has_fired: bool,
}

impl Rule {
    fn fires(&mut self, is_voiced: bool, needed_ms: usize) -> bool {
        if is_voiced {
            self.voiced_ms += 20;
            self.gap_ms = 0;
        } else {
            self.gap_ms += 20;
            if self.gap_ms >= 100 {
                *self = Self::default();
            }
        }
        let fires = !self.has_fired && self.voiced_ms >= needed_ms;
        self.has_fired |= fires;
        fires
    }
}

#[derive(Default)]
struct Score {
    frames: usize,
    echo_frames: usize,
    voiced_line: usize,
    voiced_out: usize,
    false_60: [usize; 3],
    false_220: [usize; 3],
    caller_frames: usize,
    lost: usize,
    onset_ms: Vec<f64>,
    onset_extra_ms: Vec<f64>,
    delay_error_ms: Vec<f64>,
    found_ms: Vec<f64>,
}

struct Heard {
    caller: bool,
    line: bool,
    out: bool,
    has_echo: bool,
    report: EchoReport,
}

impl Score {
    fn run(&mut self, tracks: &Tracks, echo: Option<Echo>, caller_db: Option<i32>) {
        let heard = listen(tracks, echo, caller_db);
        self.frames += heard.len();
        if caller_db.is_some() {
            self.judge_caller(&heard);
        } else {
            self.judge_echo(&heard, echo);
        }
    }

    fn judge_echo(&mut self, heard: &[Heard], echo: Option<Echo>) {
        for frame in heard.iter().filter(|frame| frame.has_echo) {
            self.echo_frames += 1;
            self.voiced_line += usize::from(frame.line);
            self.voiced_out += usize::from(frame.out);
        }
        for (base_ms, counts) in [(60, &mut self.false_60), (220, &mut self.false_220)] {
            let mut rules: [Rule; 3] = Default::default();
            for frame in heard {
                let extra = base_ms + usize::from(frame.report.extra_voiced_ms);
                let voiced = [(frame.line, base_ms), (frame.out, base_ms), (frame.out, extra)];
                for ((rule, (voiced, needed)), count) in
                    rules.iter_mut().zip(voiced).zip(counts.iter_mut())
                {
                    let fires = rule.fires(voiced, needed);
                    *count += usize::from(fires);
                }
            }
        }
        let Some(echo) = echo else {
            return;
        };
        let mut first = None;
        for (index, frame) in heard.iter().enumerate() {
            if let Some(delay_ms) = frame.report.delay_ms {
                first.get_or_insert(index);
                self.delay_error_ms.push((f64::from(delay_ms) - echo.delay_ms as f64).abs());
            }
        }
        let start = heard.iter().position(|frame| frame.has_echo).unwrap_or(0);
        self.found_ms
            .push(first.map_or(f64::NAN, |index| 20.0 * index.saturating_sub(start) as f64));
    }

    fn judge_caller(&mut self, heard: &[Heard]) {
        for frame in heard.iter().filter(|frame| frame.caller) {
            self.caller_frames += 1;
            self.lost += usize::from(!frame.out);
        }
        let mut silent = 0;
        for index in 0..heard.len() {
            if !heard[index].caller {
                silent += 1;
                continue;
            }
            if silent >= 25 {
                let burst = &heard[index..heard.len().min(index + 75)];
                self.onset_ms.extend(onset(burst, |_| 0));
                self.onset_extra_ms
                    .extend(onset(burst, |frame| usize::from(frame.report.extra_voiced_ms)));
            }
            silent = 0;
        }
    }
}

/// How much later than on the clean caller the 60 ms rule fires on the guarded signal.
fn onset(burst: &[Heard], extra_ms: impl Fn(&Heard) -> usize) -> Option<f64> {
    let (mut clean, mut guarded) = (Rule::default(), Rule::default());
    let clean = burst.iter().position(|frame| clean.fires(frame.caller, 60))?;
    let late = burst.iter().position(|frame| guarded.fires(frame.out, 60 + extra_ms(frame)));
    Some(20.0 * (late.unwrap_or(burst.len()) as f64 - clean as f64).max(0.0))
}

fn listen(tracks: &Tracks, echo: Option<Echo>, caller_db: Option<i32>) -> Vec<Heard> {
    let far: Vec<i16> = tracks.agent.iter().map(|&x| x as i16).collect();
    let sent: Vec<f32> = far.iter().map(|&x| f32::from(mu_law(x))).collect();
    let echo = echo.map_or(vec![0.0; sent.len()], |echo| echo.of(&sent));
    let caller_gain = caller_db.map_or(0.0, |db| 10_f32.powf(db as f32 / 20.0));
    let mut noise = Noise(3);
    let mut guard = EchoGuard::new(SampleRate::HZ_8000);
    let mut vads: [Vad; 3] = std::array::from_fn(|_| {
        Vad::new_with_rate_and_mode(VadRate::Rate8kHz, VadMode::Aggressive)
    });
    let mut hears = |vad: usize, frame: &[i16]| vads[vad].is_voice_segment(frame) == Ok(true);
    let mut heard = Vec::new();
    let mut out = [0; FRAME];
    for start in (0..far.len()).step_by(FRAME) {
        let span = start..start + FRAME;
        let mut clean = [0; FRAME];
        let mut near = [0; FRAME];
        for (n, index) in span.clone().enumerate() {
            let caller = caller_gain * tracks.caller[index];
            let hiss = 15.0 * noise.next();
            clean[n] = mu_law((caller + hiss) as i16);
            near[n] = mu_law((caller + hiss + echo[index]) as i16);
        }
        let report = guard.process_into(&near, &far[span.clone()], &mut out);
        let energy: f32 = echo[span].iter().map(|x| x * x).sum();
        heard.push(Heard {
            caller: hears(0, &clean),
            line: hears(1, &near),
            out: hears(2, &out),
            has_echo: energy > 400.0 * FRAME as f32,
            report,
        });
    }
    heard
}

/// Uniform numbers from -1 to 1.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1 << 23) as f32 - 1.0
    }
}

/// One pass through ITU-T G.711 mu-law, §3.2.
fn mu_law(sample: i16) -> i16 {
    let magnitude = (i32::from(sample).abs() + 132).min(32_767);
    let exponent = 24 - magnitude.leading_zeros() as i32;
    let step = 1 << (exponent + 3);
    let decoded = magnitude / step * step + step / 2 - 132;
    if sample < 0 { -decoded as i16 } else { decoded as i16 }
}
