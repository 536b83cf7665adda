//! Someone typing nearby, in words and pauses, over the faintest room.

use offhook_types::SampleRate;

use super::super::random::SeededRandom;
use super::BedKind;
use super::synthesis::{Curve, Pass, Track, burst};

/// The loop, before its level is set.
pub(super) fn track(rate: SampleRate) -> Track {
    let mut track = Track::new(rate, BedKind::Typing.loop_ms());
    let room = [Pass::High { hz: 200.0 }, Pass::Low { hz: 900.0 }];
    track.add_noise(0x17_01, &room, -34.0, &Curve::flat());
    let mut random = SeededRandom::new(0x17_02);
    let mut at_s = 0.1;
    while at_s < 11.2 {
        for _ in 0..(3.0 + random.between(0.0, 6.0)) as usize {
            add_key(&mut track, random.next_u64(), at_s, random.between(-6.0, 0.0), 2_600.0);
            at_s += random.between(0.085, 0.19);
        }
        add_space(&mut track, random.next_u64(), at_s);
        at_s += random.between(0.2, 0.75);
    }
    track
}

/// A key: the click of the cap, softly its body, and the release some 70 ms later. `brightness_hz`
/// is the click's centre: nearby keys are bright, those across the room dull.
pub(super) fn add_key(track: &mut Track, seed: u64, at_s: f32, level_db: f32, brightness_hz: f32) {
    let mut random = SeededRandom::new(seed);
    let hz = brightness_hz * random.between(0.85, 1.15);
    let rate = track.rate;
    let cap = burst(rate, random.next_u64(), 1.5, 22.0, &[Pass::Band { hz, q: 0.9 }]);
    let body_filter = [Pass::Band { hz: random.between(320.0, 480.0), q: 1.5 }];
    let body = burst(rate, random.next_u64(), 2.0, 45.0, &body_filter);
    track.add_sound(at_s, level_db, &cap);
    track.add_sound(at_s + 0.002, level_db - 7.0, &body);
    track.add_sound(at_s + random.between(0.055, 0.085), level_db - 9.0, &cap);
}

fn add_space(track: &mut Track, seed: u64, at_s: f32) {
    let thump = [Pass::Band { hz: 520.0, q: 1.1 }, Pass::Low { hz: 1_600.0 }];
    let rate = track.rate;
    track.add_sound(at_s, -3.0, &burst(rate, seed, 2.0, 70.0, &thump));
}
