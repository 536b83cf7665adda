//! An office: ventilation over everything, typing across the room, now and then paper or a door,
//! murmur behind a wall.
//!
//! A ringing telephone is left out: it would return with every round of the loop and give it away,
//! and callers and tone detectors would take it for the line's.

use offhook_types::SampleRate;

use super::super::random::SeededRandom;
use super::BedKind;
use super::synthesis::{Curve, Pass, Track, burst};
use super::typing::add_key;

/// The loop, before its level is set. Levels are relative to the ventilation.
pub(super) fn track(rate: SampleRate) -> Track {
    let mut track = Track::new(rate, BedKind::Office.loop_ms());
    add_ventilation(&mut track);
    add_murmur(&mut track);
    add_far_typing(&mut track);
    add_paper(&mut track);
    add_door(&mut track);
    track
}

fn add_ventilation(track: &mut Track) {
    let slow = || Curve::random(0x0F_01, 16, 0.85, 1.1);
    let body = [Pass::High { hz: 140.0 }, Pass::Low { hz: 420.0 }];
    track.add_noise(0x0F_02, &body, 0.0, &slow());
    track.add_noise(0x0F_03, &[Pass::Band { hz: 800.0, q: 0.4 }], -11.0, &slow());
    track.add_noise(0x0F_04, &[Pass::Band { hz: 2_200.0, q: 0.5 }], -21.0, &slow());
}

/// Formant-wide bands of noise, each with its own pace: the colour of voices without pitch or
/// words.
fn add_murmur(track: &mut Track) {
    for (i, hz) in [430.0, 620.0, 950.0, 1_500.0].into_iter().enumerate() {
        let seed = 0x0F_10 + i as u64;
        let envelope = Curve::random(seed, 45 + 7 * i, 0.0, 1.0).map(|x| x * x);
        let bands = [Pass::Band { hz, q: 3.0 }, Pass::Low { hz: 1_800.0 }];
        track.add_noise(seed ^ 0xFF00, &bands, -9.0 - 4.0 * i as f32, &envelope);
    }
}

fn add_far_typing(track: &mut Track) {
    let mut random = SeededRandom::new(0x0F_20);
    for start_s in [0.7, 4.1, 9.8, 13.2, 17.0] {
        let mut at_s: f32 = start_s;
        for _ in 0..(6.0 + random.between(0.0, 9.0)) as usize {
            let level_db = random.between(0.0, 7.0);
            add_key(track, random.next_u64(), at_s, level_db, 1_900.0);
            at_s += random.between(0.09, 0.26);
        }
    }
}

fn add_paper(track: &mut Track) {
    let rustle = Curve::swells(400, &[(0.34, 0.014), (0.352, 0.01), (0.83, 0.012)]);
    track.add_noise(0x0F_30, &[Pass::Band { hz: 2_600.0, q: 0.8 }], -9.0, &rustle);
}

fn add_door(track: &mut Track) {
    let thud = [Pass::Band { hz: 210.0, q: 1.2 }, Pass::Low { hz: 500.0 }];
    let latch = [Pass::Band { hz: 1_300.0, q: 1.5 }];
    let rate = track.rate;
    track.add_sound(12.35, 12.0, &burst(rate, 0x0F_40, 6.0, 260.0, &thud));
    track.add_sound(12.28, 4.0, &burst(rate, 0x0F_41, 2.0, 60.0, &latch));
}
