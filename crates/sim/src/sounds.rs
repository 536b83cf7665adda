//! Sounds of a caller that have no words.

use std::sync::Arc;

use offhook_audio::{ProgressToneGenerator, ToneCadence, ToneSegment};
use offhook_types::SampleRate;

use crate::caller::RATE;
use crate::speakers::{Speakers, SpeakersError};

/// A sound by its name: one that is made here, or one of `speakers`.
pub(crate) fn wordless(
    name: &str,
    speakers: &mut dyn Speakers,
) -> Result<Arc<[i16]>, SpeakersError> {
    match name {
        "cough" => Ok(cough(&[(0.12, 1.0)])),
        "coughs" => Ok(cough(&[(0.14, 1.0), (0.11, 0.8), (0.12, 0.7)])),
        "throat" => Ok(throat()),
        "door" => Ok(door()),
        _ => match tone(name) {
            Some(segments) => Ok(play(&segments)),
            None => speakers.speak(name, ""),
        },
    }
}

/// Bursts of breath through an open mouth, with a voiced end as coughs have: seconds and loudness
/// of each.
fn cough(bursts: &[(f32, f32)]) -> Arc<[i16]> {
    let mut random = fastrand::Rng::with_seed(COUGH);
    let mut out = Vec::new();
    let mut state = [[0.0; 2]; 2];
    for (seconds, loudness) in bursts {
        let length = (seconds * RATE as f32) as usize;
        for index in 0..length {
            let at = index as f32 / length as f32;
            let attack = (at * 12.0).min(1.0);
            let breath = (random.f32() - 0.5) * attack * (-3.0 * at).exp();
            // The last third is voiced: the vocal folds close again.
            let fold = (index as f32 * 150.0 / RATE as f32 * std::f32::consts::TAU).sin();
            let voiced = if at > 0.6 { 0.12 * fold * (1.0 - at) } else { 0.0 };
            let source = breath + voiced;
            let low = resonate(&mut state[0], source, 900.0, 350.0);
            let high = resonate(&mut state[1], source, 2_300.0, 700.0);
            out.push(((low + 0.5 * high) * loudness * 4_500.0).clamp(-20_000.0, 20_000.0) as i16);
        }
        out.resize(out.len() + RATE / 10, 0);
    }
    out.into()
}

/// Clearing one's throat: a growl of irregular pulses.
fn throat() -> Arc<[i16]> {
    let mut random = fastrand::Rng::with_seed(COUGH);
    let mut state = [0.0; 2];
    let length = RATE * 3 / 10;
    let mut next = 0;
    (0..length)
        .map(|index| {
            let pulse = if index == next { 1.0 } else { 0.0 };
            if index == next {
                next += RATE / 85 + random.usize(0..40);
            }
            let edge = (index.min(length - index) as f32 / 400.0).min(1.0);
            let source = pulse + 0.05 * (random.f32() - 0.5);
            (resonate(&mut state, source, 620.0, 160.0) * edge * 5_000.0) as i16
        })
        .collect()
}

/// Tones of machines and of the network, by name.
fn tone(name: &str) -> Option<Vec<ToneSegment>> {
    let single = ToneSegment::single;
    let segments = match name {
        "record_tone" => vec![single(1_000.0, 500)],
        "record_tone_440" => vec![single(440.0, 700)],
        "sit" => vec![single(950.0, 330), single(1_400.0, 330), single(1_800.0, 330)],
        "busy" => [ToneSegment::pair(480.0, 620.0, 500), ToneSegment::silence(500)].repeat(4),
        "ringback" => vec![ToneSegment::pair(440.0, 480.0, 2_000), ToneSegment::silence(4_000)],
        "fax" => [single(1_100.0, 500), ToneSegment::silence(3_000)].repeat(2),
        _ => return None,
    };
    Some(segments)
}

fn play(segments: &[ToneSegment]) -> Arc<[i16]> {
    let millis: usize = segments.iter().map(|segment| usize::from(segment.duration_ms)).sum();
    let cadence = ToneCadence { segments, repeats: false };
    let mut audio = vec![0; millis * RATE / 1_000];
    ProgressToneGenerator::new(SampleRate::HZ_8000, cadence, TONE_DBFS).process_into(&mut audio);
    audio.into()
}

/// A door that falls shut: a blow and what it leaves in a room.
fn door() -> Arc<[i16]> {
    let mut random = fastrand::Rng::with_seed(COUGH);
    let mut state = [0.0; 2];
    (0..RATE / 4)
        .map(|index| {
            let at = index as f32 / RATE as f32;
            let blow = (random.f32() - 0.5) * (-at / 0.03).exp();
            (resonate(&mut state, blow, 160.0, 80.0) * 4_000.0).clamp(-24_000.0, 24_000.0) as i16
        })
        .collect()
}

/// A two-pole resonator.
pub(crate) fn resonate(state: &mut [f32; 2], input: f32, hz: f32, bandwidth_hz: f32) -> f32 {
    let radius = (-std::f32::consts::PI * bandwidth_hz / RATE as f32).exp();
    let angle = std::f32::consts::TAU * hz / RATE as f32;
    let output = input + 2.0 * radius * angle.cos() * state[0] - radius * radius * state[1];
    *state = [output, state[0]];
    output
}

/// As loud as machines are.
const TONE_DBFS: f32 = -15.0;
const COUGH: u64 = 0x434F_5547_4800_0001;
