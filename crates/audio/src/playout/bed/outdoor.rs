//! A garden near a road: wind in gusts, traffic far off, a car now and then, birds.

use offhook_types::SampleRate;

use super::super::random::SeededRandom;
use super::BedKind;
use super::synthesis::{Curve, Pass, Track, glide};

/// The loop, before its level is set. Levels are relative to the wind.
pub(super) fn track(rate: SampleRate) -> Track {
    let mut track = Track::new(rate, BedKind::Outdoor.loop_ms());
    add_wind(&mut track);
    add_traffic(&mut track);
    add_birds(&mut track);
    track
}

/// Gusts brighten as they grow: the leaves follow the square of the wind.
fn add_wind(track: &mut Track) {
    let gusts = || Curve::random(0x0D_01, 14, 0.45, 1.0);
    let low = [Pass::High { hz: 120.0 }, Pass::Low { hz: 380.0 }];
    track.add_noise(0x0D_02, &low, 0.0, &gusts());
    let middle = [Pass::Band { hz: 700.0, q: 0.5 }];
    track.add_noise(0x0D_03, &middle, -7.0, &gusts().map(|x| x * x));
    let leaves = [Pass::High { hz: 1_200.0 }, Pass::Band { hz: 2_400.0, q: 0.4 }];
    track.add_noise(0x0D_04, &leaves, -16.0, &gusts().map(|x| x * x * x));
}

fn add_traffic(track: &mut Track) {
    let road = [Pass::High { hz: 150.0 }, Pass::Band { hz: 450.0, q: 0.6 }];
    track.add_noise(0x0D_10, &road, -9.0, &Curve::random(0x0D_11, 20, 0.8, 1.0));
    let cars = Curve::swells(400, &[(0.22, 0.14), (0.71, 0.18)]);
    track.add_noise(0x0D_12, &[Pass::Band { hz: 900.0, q: 0.6 }], -5.0, &cars);
}

/// Short falling and rising whistles in groups, under 3.4 kHz so that a telephone line carries
/// them.
fn add_birds(track: &mut Track) {
    let mut random = SeededRandom::new(0x0D_20);
    for start_s in [1.3, 3.9, 6.2, 10.4, 12.1, 15.7, 18.2] {
        let mut at_s: f32 = start_s;
        let level_db = random.between(-13.0, -7.0);
        let hz = random.between(2_500.0, 2_900.0);
        for note in 0..(3.0 + random.between(0.0, 4.0)) as usize {
            let bend = if note % 2 == 0 { 0.84 } else { 1.12 };
            let length_ms = random.between(55.0, 110.0);
            track.add_sound(at_s, level_db, &glide(track.rate, hz, hz * bend, length_ms));
            at_s += length_ms / 1_000.0 + random.between(0.03, 0.12);
        }
    }
}
