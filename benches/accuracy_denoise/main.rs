//! How much noise and how many background voices the noise suppressor takes off recorded speech,
//! and what that costs the speech. Prints Markdown tables; deterministic.
//!
//! `cargo bench --bench accuracy_denoise [-- --quick]`; `--quick` uses one voice and two noises.
//!
//! It reads recordings of Debian packages from /usr/share: see `recordings.rs`. Without them it
//! says so and ends with success.

#![expect(clippy::print_stdout, reason = "the tables are this program's output")]

mod measure;
mod noise;
mod recordings;

use offhook_audio::{DenoiseMode, Denoiser};
use offhook_types::SampleRate;

use crate::measure::{Damage, attenuation_db, damage, mark_speech, si_sdr_db};
use crate::noise::{Noise, mix, through_mu_law};
use crate::recordings::{Recordings, Speech};

/// Level of the caller's speech: -26 dB relative to full scale while active, the usual level of
/// test speech.
const SPEECH_RMS: f64 = 1_642.0;

fn main() {
    let is_quick = std::env::args().any(|argument| argument == "--quick");
    let Some(recordings) = Recordings::open(is_quick) else {
        println!("No recordings found. Install: {}", recordings::PACKAGES.join(" "));
        return;
    };
    let noises: &[Noise] = if is_quick { &[Noise::White, Noise::Babble] } else { &Noise::ALL };
    println!("## Noise, 8 kHz mu-law\n");
    let narrow = recordings.narrow_band();
    noise_table(&recordings, &narrow, noises);
    println!("\n## Noise, 16 kHz linear\n");
    noise_table(&recordings, &recordings.wide_band(), noises);
    println!("\n## A competing voice without pause behind the caller, 8 kHz mu-law\n");
    voice_table(&recordings, &narrow);
    println!("\n## The telephone is handed to a quieter speaker, 8 kHz mu-law\n");
    handover_table(&narrow);
}

/// One row per noise and signal-to-noise ratio, averaged over the voices.
fn noise_table(recordings: &Recordings, speech: &[Speech], noises: &[Noise]) {
    if speech.is_empty() {
        println!("no recordings at this rate");
        return;
    }
    println!(
        "| noise | SNR dB | mode | off pauses dB | SI-SDR dB | spectral distance dB \
         | speech level dB | speech frames cut |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for mode in [DenoiseMode::Noise, DenoiseMode::NoiseAndVoices] {
        row("none", "", mode, &run_all(speech, mode, |clean| clean.to_vec()));
    }
    for &noise in noises {
        for snr_db in [20.0, 10.0, 5.0] {
            for mode in [DenoiseMode::Noise, DenoiseMode::NoiseAndVoices] {
                let runs = run_all(speech, mode, |clean| {
                    let rate = speech[0].rate;
                    let sound = noise.render(recordings, rate, clean.len());
                    mix(clean, &sound, SPEECH_RMS * 10_f64.powf(-snr_db / 20.0))
                });
                row(noise.name(), &format!("{snr_db:.0}"), mode, &runs);
            }
        }
    }
}

struct Run {
    attenuation_db: f64,
    before: Damage,
    after: Damage,
    si_sdr_before_db: f64,
    si_sdr_after_db: f64,
}

fn run_all(speech: &[Speech], mode: DenoiseMode, dirty: impl Fn(&[i16]) -> Vec<i16>) -> Vec<Run> {
    speech.iter().map(|voice| run(voice, mode, &dirty(&voice.samples))).collect()
}

fn run(voice: &Speech, mode: DenoiseMode, dirty: &[i16]) -> Run {
    let clean = &voice.samples;
    let line =
        if voice.rate == SampleRate::HZ_8000 { through_mu_law(dirty) } else { dirty.to_vec() };
    let cleaned = denoise(mode, voice.rate, &line);
    let speech = mark_speech(clean, voice.rate);
    // The first two seconds are the network's to settle in.
    let settled = voice.rate.samples_in_ms(2_000)..cleaned.len();
    Run {
        attenuation_db: attenuation_db(&speech, &line, &cleaned),
        before: damage(&speech, clean, &line),
        after: damage(&speech, clean, &cleaned),
        si_sdr_before_db: si_sdr_db(&clean[settled.clone()], &line[settled.clone()]),
        si_sdr_after_db: si_sdr_db(&clean[settled.clone()], &cleaned[settled]),
    }
}

/// The whole recording through the suppressor, its delay taken out.
fn denoise(mode: DenoiseMode, rate: SampleRate, line: &[i16]) -> Vec<i16> {
    let mut denoiser = Denoiser::new(mode, rate, 1.0).expect("8 and 16 kHz are supported");
    let delay = denoiser.delay_samples();
    let mut padded = line.to_vec();
    padded.resize((line.len() + delay).next_multiple_of(rate.frame_samples()), 0);
    let mut cleaned = vec![0; padded.len()];
    let frames = padded.chunks_exact(rate.frame_samples());
    for (input, output) in frames.zip(cleaned.chunks_exact_mut(rate.frame_samples())) {
        denoiser.process_into(input, output);
    }
    cleaned[delay..delay + line.len()].to_vec()
}

fn row(noise: &str, snr: &str, mode: DenoiseMode, runs: &[Run]) {
    let mean = |value: fn(&Run) -> f64| runs.iter().map(value).sum::<f64>() / runs.len() as f64;
    println!(
        "| {noise} | {snr} | {mode:?} | {:.1} | {:.1} -> {:.1} | {:.1} -> {:.1} \
         | {:.1} | {:.1} % |",
        mean(|r| r.attenuation_db),
        mean(|r| r.si_sdr_before_db),
        mean(|r| r.si_sdr_after_db),
        mean(|r| r.before.spectral_distance_db),
        mean(|r| r.after.spectral_distance_db),
        mean(|r| r.after.level_db),
        100.0 * mean(|r| r.after.cut_share),
    );
}

/// What is left of another voice in the caller's pauses.
fn voice_table(recordings: &Recordings, speech: &[Speech]) {
    println!(
        "| voice behind dB | mode | off the voice dB | caller level dB \
         | caller frames cut | first 100 ms of phrases dB |"
    );
    println!("|---|---|---|---|---|---|");
    for below_db in [6.0, 9.0, 12.0, 18.0, 24.0] {
        for mode in [DenoiseMode::Noise, DenoiseMode::NoiseAndVoices] {
            let runs = run_all(speech, mode, |clean| {
                let behind = recordings.competing(clean.len());
                mix(clean, &behind, SPEECH_RMS * 10_f64.powf(-below_db / 20.0))
            });
            let mean =
                |value: fn(&Run) -> f64| runs.iter().map(value).sum::<f64>() / runs.len() as f64;
            println!(
                "| -{below_db:.0} | {mode:?} | {:.1} | {:.1} | {:.1} % | {:.1} |",
                mean(|r| r.attenuation_db),
                mean(|r| r.after.level_db),
                100.0 * mean(|r| r.after.cut_share),
                mean(|r| r.after.onset_db),
            );
        }
    }
}

/// How long a quieter new speaker waits to be heard: until 500 ms of speech pass within 3 dB.
fn handover_table(speech: &[Speech]) {
    println!("| new speaker dB | heard after s |");
    println!("|---|---|");
    let first = &speech[0].samples;
    let second = &speech[speech.len() - 1].samples;
    let rate = speech[0].rate;
    for below_db in [6.0, 12.0, 18.0, 24.0] {
        let gain = 10_f64.powf(-below_db / 20.0);
        let mut clean = first[..rate.samples_in_ms(15_000)].to_vec();
        let start = clean.len() + rate.samples_in_ms(1_000);
        clean.resize(start, 0);
        clean.extend(second.iter().map(|&s| (f64::from(s) * gain).round() as i16));
        let line = through_mu_law(&clean);
        let reference = denoise(DenoiseMode::Noise, rate, &line);
        let cleaned = denoise(DenoiseMode::NoiseAndVoices, rate, &line);
        match measure::heard_from(&clean, &reference, &cleaned, rate, start) {
            Some(samples) => {
                println!("| -{below_db:.0} | {:.2} |", rate.duration_of(samples).as_secs_f64());
            }
            None => println!("| -{below_db:.0} | never |"),
        }
    }
}
