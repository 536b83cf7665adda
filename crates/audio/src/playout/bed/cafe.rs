//! A café: many people talking at once, cups and spoons, the steam of the coffee machine.

use offhook_types::SampleRate;

use super::super::random::SeededRandom;
use super::BedKind;
use super::synthesis::{Curve, Pass, Track, partials};

/// The loop, before its level is set. Levels are relative to the babble's loudest band.
pub(super) fn track(rate: SampleRate) -> Track {
    let mut track = Track::new(rate, BedKind::Cafe.loop_ms());
    add_room(&mut track);
    add_babble(&mut track);
    add_steam(&mut track);
    add_cups(&mut track);
    track
}

fn add_room(track: &mut Track) {
    let room = [Pass::High { hz: 150.0 }, Pass::Low { hz: 550.0 }];
    track.add_noise(0xCA_01, &room, -2.0, &Curve::flat());
    let air = [Pass::Band { hz: 1_800.0, q: 0.4 }];
    track.add_noise(0xCA_02, &air, -15.0, &Curve::flat());
}

/// Bands of noise at the places of the first three formants of common vowels, each swelling at its
/// own syllabic pace. So many at once that the sum hardly swells: it is a crowd to the ear and a
/// hum to a voice detector. Pitch is left out on purpose.
fn add_babble(track: &mut Track) {
    let formants: [(f32, f32); 14] = [
        (310.0, -3.0),
        (390.0, -1.0),
        (470.0, 0.0),
        (560.0, 0.0),
        (660.0, -1.0),
        (760.0, -3.0),
        (900.0, -5.0),
        (1_080.0, -7.0),
        (1_300.0, -9.0),
        (1_550.0, -11.0),
        (1_850.0, -13.0),
        (2_200.0, -15.0),
        (2_550.0, -17.0),
        (2_900.0, -19.0),
    ];
    for (i, (hz, level_db)) in formants.into_iter().enumerate() {
        for talker in 0..if hz < 800.0 { 2 } else { 1 } {
            let seed = 0xCA_10 + (i * 2 + talker) as u64;
            // 3.5 to 5.5 points a second: syllables.
            let points = 70 + (i * 13 + talker * 29) % 40;
            let envelope = Curve::random(seed, points, 0.1, 1.0).map(|x| x * x);
            let hz = hz * (1.0 + 0.05 * talker as f32);
            let band = [Pass::Band { hz, q: 5.0 }];
            track.add_noise(seed ^ 0xFF00, &band, level_db, &envelope);
        }
    }
}

fn add_steam(track: &mut Track) {
    let steam = Curve::swells(400, &[(0.58, 0.07), (0.64, 0.05)]);
    let hiss = [Pass::High { hz: 1_500.0 }, Pass::Band { hz: 2_700.0, q: 0.7 }];
    track.add_noise(0xCA_40, &hiss, -8.0, &steam);
}

/// Porcelain rings at a few inharmonic frequencies and is damped by the table at once.
fn add_cups(track: &mut Track) {
    let mut random = SeededRandom::new(0xCA_50);
    for at_s in [0.9, 2.6, 2.75, 5.3, 7.9, 8.15, 8.3, 10.9, 14.4, 14.6, 16.7, 18.9] {
        let hz = random.between(1_750.0, 2_300.0);
        let decay_ms = random.between(60.0, 140.0);
        let cup = partials(
            track.rate,
            1.5,
            &[
                (hz, 1.0, decay_ms),
                (hz * 1.29, 0.6, decay_ms * 0.8),
                (hz * 1.56, 0.4, decay_ms * 0.6),
                (hz * 0.43, 0.3, decay_ms * 0.4),
            ],
        );
        track.add_sound(at_s, random.between(2.0, 9.0), &cup);
    }
}
