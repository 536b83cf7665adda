//! Music for a caller on hold: eight bars of plucked chords, composed for this engine.

use offhook_types::SampleRate;

use super::synthesis::{Track, partials};

/// Eight bars of four beats at 100 a minute.
pub(super) const LOOP_MS: u32 = 8 * 4 * BEAT_MS;

const BEAT_MS: u32 = 600;

/// One bar: the bass, and the notes that are broken over it, as semitones above A3 (220 Hz).
struct Bar {
    bass: i8,
    chord: [i8; 4],
}

/// Dmaj7, Bm7, G, A7sus4; F#m7, Bm7, Em7, A7. The bass goes no lower than B2 (123 Hz): a telephone
/// carries only its harmonics as it is.
const BARS: [Bar; 8] = [
    Bar { bass: -7, chord: [5, 9, 12, 16] },
    Bar { bass: -10, chord: [5, 9, 12, 14] },
    Bar { bass: -2, chord: [5, 10, 14, 17] },
    Bar { bass: 0, chord: [5, 7, 10, 12] },
    Bar { bass: -3, chord: [7, 9, 12, 16] },
    Bar { bass: -10, chord: [5, 9, 12, 17] },
    Bar { bass: -5, chord: [5, 7, 10, 14] },
    Bar { bass: 0, chord: [4, 7, 10, 12] },
];

/// Which note of the chord sounds on each half beat; the first goes with the bass.
const PATTERN: [usize; 8] = [0, 1, 2, 3, 2, 1, 3, 2];

/// The loop, before its level is set.
pub(super) fn track(rate: SampleRate) -> Track {
    let mut track = Track::new(rate, LOOP_MS);
    let half_beat_s = BEAT_MS as f32 / 2_000.0;
    for (bar, Bar { bass, chord }) in BARS.iter().enumerate() {
        let bar_s = bar as f32 * 8.0 * half_beat_s;
        track.add_scaled(bar_s, 0.8, &note(rate, *bass, 2_600.0));
        for (half_beat, &voice) in PATTERN.iter().enumerate() {
            let accent = if half_beat % 4 == 0 { 0.75 } else { 0.55 };
            let at_s = bar_s + half_beat as f32 * half_beat_s;
            track.add_scaled(at_s, accent, &note(rate, chord[voice], 1_800.0));
        }
    }
    track
}

/// A soft pluck: upper harmonics are weaker and die sooner.
fn note(rate: SampleRate, semitones: i8, decay_ms: f32) -> Vec<f32> {
    let hz = 220.0 * 2_f32.powf(f32::from(semitones) / 12.0);
    partials(
        rate,
        9.0,
        &[
            (hz, 1.0, decay_ms),
            (hz * 2.0, 0.35, decay_ms * 0.6),
            (hz * 3.0, 0.12, decay_ms * 0.4),
            (hz * 4.0, 0.05, decay_ms * 0.25),
        ],
    )
}
