//! Keypad digits: every limit of ITU-T Q.24, talk-off, and what the blanker lets through.

use offhook_audio::{DtmfDetector, DtmfEnd, DtmfStart, ToneBlanker};
use offhook_types::{DtmfDigit, SampleRate};

use crate::dtmf_conditions::{Condition, NOMINAL, Want, conditions};
use crate::recordings::{BOOKS, MUSIC, PROMPTS, Recording, Source};
use crate::signal::{Noise, TonePair, add_noise, add_pair, peak_of, to_i16};

const ROWS_HZ: [f64; 4] = [697.0, 770.0, 852.0, 941.0];
const COLUMNS_HZ: [f64; 4] = [1_209.0, 1_336.0, 1_477.0, 1_633.0];

/// What a detector made of a signal.
#[derive(Default)]
struct Heard {
    starts: Vec<DtmfStart>,
    ends: Vec<DtmfEnd>,
    tone_samples: usize,
}

/// Prints all tables about digits.
pub(crate) fn report(is_quick: bool) {
    let trials = if is_quick { 4 } else { 40 };
    for rate in [SampleRate::HZ_8000, SampleRate::HZ_16000] {
        sweeps(rate, trials);
    }
    sequences(trials);
    timing(trials);
    blanking(trials);
    talk_off(is_quick);
}

fn sweeps(rate: SampleRate, trials: usize) {
    println!(
        "\n### DTMF, single digits at {rate}: all 16 digits, {trials} onsets and phases each\n"
    );
    println!("| Condition | Exactly one, right | None | Other | Wanted | |");
    println!("|---|---|---|---|---|---|");
    for (name, condition, want) in conditions() {
        let (mut right, mut none, mut other) = (0, 0, 0);
        let mut noise = Noise::new(7);
        for digit in DtmfDigit::all() {
            for _ in 0..trials {
                let heard = listen(rate, &one_digit(rate, digit, &condition, &mut noise));
                match heard.starts.as_slice() {
                    [] => none += 1,
                    [start] if start.digit == digit => right += 1,
                    _ => other += 1,
                }
            }
        }
        let all = 16 * trials;
        let percent = |count: usize| 100.0 * count as f64 / all as f64;
        let (wanted, is_met) = match want {
            Want::Heard => ("heard", right == all),
            Want::Refused => ("refused", none == all),
            Want::Free => ("", true),
        };
        println!(
            "| {name} | {:.1} % | {:.1} % | {:.1} % | {wanted} | {} |",
            percent(right),
            percent(none),
            percent(other),
            verdict(want == Want::Free, is_met),
        );
    }
}

fn verdict(is_free: bool, is_met: bool) -> &'static str {
    match (is_free, is_met) {
        (true, _) => "",
        (false, true) => "pass",
        (false, false) => "**FAIL**",
    }
}

fn pair_of(digit: DtmfDigit, condition: &Condition, noise: &mut Noise) -> TonePair {
    let [row, column] = condition.deviation_percent;
    TonePair {
        hz: [
            ROWS_HZ[digit.row()] * (1.0 + row / 100.0),
            COLUMNS_HZ[digit.column()] * (1.0 + column / 100.0),
        ],
        dbm0: condition.dbm0,
        turns: [noise.uniform(), noise.uniform()],
    }
}

/// A digit at a random moment, with silence around it.
fn one_digit(
    rate: SampleRate,
    digit: DtmfDigit,
    condition: &Condition,
    noise: &mut Noise,
) -> Vec<i16> {
    let hz = rate.hz();
    let pair = pair_of(digit, condition, noise);
    let from_ms = 60.0 + 20.0 * noise.uniform();
    let total_ms = from_ms + condition.on_ms + 120.0;
    let mut samples = vec![0.0; (total_ms * f64::from(hz) / 1_000.0) as usize];
    add_pair(&mut samples, hz, &pair, from_ms, condition.on_ms);
    if condition.dropout_ms > 0.0 {
        let middle_ms = from_ms + (condition.on_ms - condition.dropout_ms) / 2.0;
        let sample_at = |ms: f64| (ms * f64::from(hz) / 1_000.0) as usize;
        samples[sample_at(middle_ms)..sample_at(middle_ms + condition.dropout_ms)].fill(0.0);
    }
    if let Some(dbm0) = condition.dial_tone_dbm0 {
        let dial = TonePair { hz: [350.0, 440.0], dbm0: [dbm0; 2], turns: [0.1, 0.6] };
        add_pair(&mut samples, hz, &dial, 0.0, total_ms);
    }
    if let Some(dbm0) = condition.hum_dbm0 {
        let hum = TonePair { hz: [50.0, 150.0], dbm0: [dbm0, dbm0 - 12.0], turns: [0.3, 0.2] };
        add_pair(&mut samples, hz, &hum, 0.0, total_ms);
    }
    if let Some(snr_db) = condition.snr_db {
        let signal: f64 = condition.dbm0.iter().map(|&it| peak_of(it).powi(2) / 2.0).sum();
        add_noise(&mut samples, signal / 10_f64.powf(snr_db / 10.0), noise);
    }
    for sample in &mut samples {
        *sample += condition.offset;
    }
    to_i16(&samples)
}

fn listen(rate: SampleRate, samples: &[i16]) -> Heard {
    let mut detector = DtmfDetector::new(rate).expect("8 and 16 kHz are supported");
    let mut heard = Heard::default();
    for frame in samples.chunks(rate.frame_samples()) {
        let report = detector.process(frame);
        heard.starts.extend(report.started);
        heard.ends.extend(report.ended);
        heard.tone_samples += report.tone.map_or(0, |tone| tone.len());
    }
    heard
}

/// Digits in a row: pauses, and the fastest dialling that is allowed.
fn sequences(trials: usize) {
    println!("\n### DTMF, digits in a row at 8000 Hz: {} sequences of 16\n", 16 * trials);
    println!("| On / off | Same digit, all right | Different digits, all right | Wanted | |");
    println!("|---|---|---|---|---|");
    for (on_ms, off_ms, want) in [
        (50.0, 43.0, Want::Heard),
        (40.0, 40.0, Want::Heard),
        (100.0, 40.0, Want::Heard),
        (60.0, 30.0, Want::Free),
        (60.0, 25.0, Want::Free),
        (100.0, 100.0, Want::Heard),
    ] {
        let all = 16 * trials;
        let same = (0..all).filter(|&n| is_sequence_heard(on_ms, off_ms, true, n)).count();
        let mixed = (0..all).filter(|&n| is_sequence_heard(on_ms, off_ms, false, n)).count();
        let percent = |count| 100.0 * count as f64 / all as f64;
        println!(
            "| {on_ms} / {off_ms} ms | {:.1} % | {:.1} % | {} | {} |",
            percent(same),
            percent(mixed),
            if want == Want::Heard { "heard" } else { "" },
            verdict(want == Want::Free, same == all && mixed == all),
        );
    }
}

fn is_sequence_heard(on_ms: f64, off_ms: f64, is_same: bool, seed: usize) -> bool {
    let rate = SampleRate::HZ_8000;
    let mut noise = Noise::new(seed as u64 + 1);
    let keys: Vec<_> = DtmfDigit::all().collect();
    let digits: Vec<_> = (0..16)
        .map(|n| if is_same { keys[seed % 16] } else { keys[(seed + 7 * n) % 16] })
        .collect();
    let start_ms = 60.0 + 20.0 * noise.uniform();
    let total_ms = start_ms + 16.0 * (on_ms + off_ms) + 100.0;
    let mut samples = vec![0.0; (total_ms * 8.0) as usize];
    for (n, &digit) in digits.iter().enumerate() {
        let from_ms = start_ms + n as f64 * (on_ms + off_ms);
        let pair = pair_of(digit, &NOMINAL, &mut noise);
        add_pair(&mut samples, rate.hz(), &pair, from_ms, on_ms);
    }
    let heard = listen(rate, &to_i16(&samples));
    heard.starts.iter().map(|it| it.digit).eq(digits.iter().copied())
        && heard.ends.iter().map(|it| it.digit).eq(digits)
}

/// How well the moments are told.
fn timing(trials: usize) {
    println!("\n### DTMF, moments at 8000 Hz\n");
    println!("| Tone | Onset error, mean / worst | Length error, mean / worst |");
    println!("|---|---|---|");
    for (on_ms, snr_db) in [(40.0, None), (100.0, None), (100.0, Some(15.0)), (300.0, Some(20.0))] {
        let mut noise = Noise::new(11);
        let (mut onsets, mut lengths) = (Vec::new(), Vec::new());
        for digit in DtmfDigit::all() {
            for _ in 0..trials {
                let condition = Condition { on_ms, snr_db, ..NOMINAL };
                let samples = one_digit(SampleRate::HZ_8000, digit, &condition, &mut noise);
                let total_ms = samples.len() as f64 / 8.0;
                let onset_ms = total_ms - 120.0 - on_ms;
                for end in listen(SampleRate::HZ_8000, &samples).ends {
                    onsets.push(end.onset_sample as f64 / 8.0 - onset_ms);
                    lengths.push(f64::from(end.duration_ms) - on_ms);
                }
            }
        }
        let snr = snr_db.map_or(String::new(), |db| format!(", SNR {db} dB"));
        println!(
            "| {on_ms} ms{snr} | {} | {} |",
            mean_and_worst(&onsets),
            mean_and_worst(&lengths)
        );
    }
}

fn mean_and_worst(errors_ms: &[f64]) -> String {
    let mean = errors_ms.iter().sum::<f64>() / errors_ms.len().max(1) as f64;
    let worst = errors_ms.iter().fold(0.0_f64, |worst, it| worst.max(it.abs()));
    format!("{mean:+.1} / {worst:.1} ms")
}

/// What the blanker lets through of a tone, over all ways it can lie in the frames.
fn blanking(trials: usize) {
    println!("\n### DTMF, what the blanker lets through (100 ms tones at 8000 Hz)\n");
    println!("| Condition | Leak, mean | Leak, worst | Tone energy let through |");
    println!("|---|---|---|---|");
    let quiet = Condition { on_ms: 100.0, ..NOMINAL };
    for (name, condition) in [
        ("-10 dBm0", quiet),
        ("-25 dBm0", Condition { dbm0: [-25.0; 2], ..quiet }),
        ("high tone -8 dB", Condition { dbm0: [-8.0, -16.0], ..quiet }),
        ("both +1.5 %", Condition { deviation_percent: [1.5; 2], ..quiet }),
        ("SNR 15 dB", Condition { snr_db: Some(15.0), ..quiet }),
    ] {
        let mut noise = Noise::new(5);
        let (mut leaks_ms, mut through, mut whole) = (Vec::new(), 0.0, 0.0);
        for digit in DtmfDigit::all() {
            for _ in 0..trials {
                let samples = one_digit(SampleRate::HZ_8000, digit, &condition, &mut noise);
                let (leak_ms, passed, all) = leak(&samples, condition.on_ms);
                leaks_ms.push(leak_ms);
                through += passed;
                whole += all;
            }
        }
        let mean = leaks_ms.iter().sum::<f64>() / leaks_ms.len() as f64;
        let worst = leaks_ms.iter().fold(0.0_f64, |worst, &it| worst.max(it));
        let db = 10.0 * (through / whole).max(1e-9).log10();
        println!("| {name} | {mean:.1} ms | {worst:.1} ms | {db:.1} dB |");
    }
}

/// Milliseconds of the tone that came out as they went in, and the energy in and out while it
/// sounded.
fn leak(samples: &[i16], on_ms: f64) -> (f64, f64, f64) {
    let rate = SampleRate::HZ_8000;
    let mut detector = DtmfDetector::new(rate).expect("8 kHz is supported");
    let mut blanker = ToneBlanker::new(rate, 3);
    let mut out = vec![0; samples.len()];
    for (frame, output) in samples.chunks(160).zip(out.chunks_mut(160)) {
        let report = detector.process(frame);
        blanker.process_into(frame, report.tone, output);
    }
    let until = samples.len() - 960;
    let from = until - (on_ms * 8.0) as usize;
    let energy = |part: &[i16]| part.iter().map(|&it| f64::from(it).powi(2)).sum::<f64>();
    let passed = energy(&out[from..until]);
    let all = energy(&samples[from..until]);
    let same = (from..until).filter(|&n| samples[n] != 0 && out[n] == samples[n]).count();
    (same as f64 / 8.0, passed, all)
}

/// What speech and music are mistaken for.
fn talk_off(is_quick: bool) {
    println!("\n### DTMF, talk-off\n");
    println!("| Recordings | Minutes | Digits heard | Per hour | Blanked |");
    println!("|---|---|---|---|---|");
    let step = if is_quick { 10 } else { 1 };
    for source in [PROMPTS, BOOKS, MUSIC] {
        let recordings = source.read(if source.name == PROMPTS.name { step } else { 1 });
        if recordings.is_empty() {
            continue;
        }
        talk_off_row(&source, "as recorded", &recordings, 1.0, None);
        talk_off_row(&source, "at -15 dBm0", &recordings, 1.0, Some(-15.0));
        for speed in [0.8, 0.9, 1.1, 1.25] {
            let how = format!("at -15 dBm0, {speed} times the speed");
            talk_off_row(&source, &how, &recordings, speed, Some(-15.0));
        }
    }
}

fn talk_off_row(
    source: &Source,
    how: &str,
    recordings: &[Recording],
    speed: f64,
    mean_dbm0: Option<f64>,
) {
    let (mut digits, mut seconds, mut blanked) = (String::new(), 0.0, 0.0);
    for recording in recordings {
        let Ok(rate) = SampleRate::new(recording.rate_hz) else { continue };
        if DtmfDetector::new(rate).is_err() {
            continue;
        }
        let samples = levelled(&faster(&recording.samples, speed), mean_dbm0);
        let heard = listen(rate, &samples);
        digits.extend(heard.starts.iter().map(|it| it.digit.as_char()));
        for start in &heard.starts {
            if std::env::args().any(|argument| argument == "--where") {
                let at = start.onset_sample as f64 / f64::from(rate.hz());
                println!("<!-- {} {at:.3} s {} -->", start.digit, recording.path.display());
            }
        }
        seconds += samples.len() as f64 / f64::from(rate.hz());
        blanked += heard.tone_samples as f64 / f64::from(rate.hz());
    }
    println!(
        "| {}, {how} | {:.1} | {} {digits} | {:.1} | {:.2} % |",
        source.name,
        seconds / 60.0,
        digits.len(),
        digits.len() as f64 / seconds * 3_600.0,
        100.0 * blanked / seconds,
    );
}

/// Plays `samples` at another speed, pitch and all: more voices than there are recordings of.
fn faster(samples: &[i16], speed: f64) -> Vec<i16> {
    let len = (samples.len() as f64 / speed) as usize;
    let at = |n: usize| f64::from(samples.get(n).copied().unwrap_or(0));
    let between = |n: usize| {
        let place = n as f64 * speed;
        let whole = place as usize;
        at(whole) + (at(whole + 1) - at(whole)) * place.fract()
    };
    (0..len).map(|n| between(n).round() as i16).collect()
}

/// Brings the mean level of what is not silence to `mean_dbm0`.
fn levelled(samples: &[i16], mean_dbm0: Option<f64>) -> Vec<i16> {
    let loud = samples.iter().map(|&it| f64::from(it).powi(2)).filter(|&it| it > 10_000.0);
    let (sum, count) = loud.fold((0.0, 0), |(sum, count), it| (sum + it, count + 1));
    match mean_dbm0 {
        Some(dbm0) if count > 0 => {
            let gain = peak_of(dbm0) / (2.0 * sum / f64::from(count)).sqrt();
            to_i16(&samples.iter().map(|&it| f64::from(it) * gain).collect::<Vec<_>>())
        }
        _ => samples.to_vec(),
    }
}
