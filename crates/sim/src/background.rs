//! Noise around a caller.

use std::sync::Arc;

use crate::align::voiced_stretches;
use crate::caller::RATE;
use crate::speakers::{Speakers, SpeakersError};

/// Ten seconds or more of a noise that lies `below_speech_db` under a caller's usual level.
pub(crate) fn background(
    name: &str,
    below_speech_db: f32,
    seed: u64,
    speakers: &mut dyn Speakers,
) -> Result<Arc<[i16]>, SpeakersError> {
    let mut random = fastrand::Rng::with_seed(seed ^ NOISE_STREAM);
    let audio: Vec<f32> = match name {
        "hiss" => hiss(&mut random),
        "hum" => hum(),
        "babble" => babble(speakers)?,
        _ => speakers.speak(name, "")?.iter().map(|sample| f32::from(*sample)).collect(),
    };
    let energy: f32 = audio.iter().map(|sample| sample * sample).sum();
    let rms = (energy / audio.len().max(1) as f32).sqrt().max(1.0);
    let gain = SPEECH_RMS * 10_f32.powf(-below_speech_db / 20.0) / rms;
    Ok(audio.iter().map(|sample| (sample * gain).clamp(-32_768.0, 32_767.0) as i16).collect())
}

/// A bad line, a fan, a car: noise that falls with frequency.
fn hiss(random: &mut fastrand::Rng) -> Vec<f32> {
    let mut low = 0.0;
    (0..10 * RATE)
        .map(|_| {
            low += 0.25 * (random.f32() - 0.5 - low);
            low
        })
        .collect()
}

/// The mains.
fn hum() -> Vec<f32> {
    let tone = |at: usize, hz: f32| (std::f32::consts::TAU * hz * at as f32 / RATE as f32).sin();
    (0..10 * RATE)
        .map(|at| tone(at, 100.0) + 0.5 * tone(at, 200.0) + 0.3 * tone(at, 300.0))
        .collect()
}

/// Four people at other tables.
fn babble(speakers: &mut dyn Speakers) -> Result<Vec<f32>, SpeakersError> {
    let mut sum = vec![0.0; 10 * RATE];
    for (index, (voice, text)) in TABLES.iter().enumerate() {
        let said = speakers.speak(voice, text)?;
        let (from, _) = voiced_stretches(&said)[0];
        let said = &said[from..];
        for (at, slot) in sum.iter_mut().enumerate() {
            *slot += f32::from(said[(at + index * 5_000) % said.len()]);
        }
    }
    Ok(sum)
}

const TABLES: [(&str, &str); 4] = [
    ("rms", "So I told him that the whole thing would never work, and he just laughed at me."),
    ("awb", "We drove all the way up the coast last summer and it rained every single day."),
    ("slt", "Have you seen what they are asking for a flat in that street these days?"),
    ("rms", "Another bottle of the red, and could we have some more bread with it please."),
];

/// The level of a caller's speech, pauses left out: -26 dBov, the nominal level of ITU-T P.56.
pub(crate) const SPEECH_RMS: f32 = 1_642.0;
/// Keeps this stream of chance apart from the others.
const NOISE_STREAM: u64 = 0x4E4F_4953_4500_0001;
