//! The three rising tones before an announcement that a call failed.
//!
//! ITU-T E.180: 950, 1400 and 1800 Hz, each 50 Hz either way, 330 ms each, 70 ms either way, no
//! more than 30 ms between them. North American exchanges say why in the pitch (low 913.8, 1370.6,
//! high 985.2, 1428.5 Hz; the third is 1776.7 Hz) and the length (short 274 ms, long 380 ms) of the
//! first two.

use offhook_types::SpecialInformation;

use super::burst::{Burst, ms_of};

/// What the three `segments` say, or none if they are not these tones.
pub(super) fn classify(segments: &[Burst; 3]) -> Option<SpecialInformation> {
    let [first, second, third] = segments;
    let fits = segments.iter().zip(NOMINAL_HZ).all(|(segment, nominal_hz)| {
        segment.high_hz.is_none()
            && (segment.low_hz - nominal_hz).abs() <= TOLERANCE_HZ
            && DURATION_MS.contains(&segment.duration_ms())
    });
    let follow = |a: &Burst, b: &Burst| ms_of(b.start.saturating_sub(a.end)) <= GAP_MS_MAX;
    if !fits || !follow(first, second) || !follow(second, third) {
        return None;
    }
    let pitches = (pitch(first, FIRST_HZ), pitch(second, SECOND_HZ));
    let (Some(first_pitch), Some(second_pitch)) = pitches else {
        return Some(SpecialInformation::Unspecified);
    };
    let is_long = |segment: &Burst| segment.duration_ms() >= LONG_MS_MIN;
    Some(match (first_pitch, second_pitch, is_long(first), is_long(second)) {
        (Pitch::Low, Pitch::Low, false, false) => SpecialInformation::Intercept,
        (Pitch::High, Pitch::Low, true, false) => SpecialInformation::VacantCode,
        (Pitch::Low, Pitch::High, false, true) | (Pitch::High, Pitch::Low, false, true) => {
            SpecialInformation::Reorder
        }
        (Pitch::High, Pitch::High, true, true) | (Pitch::Low, Pitch::Low, true, true) => {
            SpecialInformation::NoCircuit
        }
        _ => SpecialInformation::Unspecified,
    })
}

#[derive(Clone, Copy, PartialEq)]
enum Pitch {
    Low,
    High,
}

/// Which of two frequencies it is; neither if it is the one between them, as the ITU has it.
fn pitch(segment: &Burst, (low_hz, high_hz): (f32, f32)) -> Option<Pitch> {
    if (segment.low_hz - low_hz).abs() <= PITCH_TOLERANCE_HZ {
        Some(Pitch::Low)
    } else if (segment.low_hz - high_hz).abs() <= PITCH_TOLERANCE_HZ {
        Some(Pitch::High)
    } else {
        None
    }
}

const NOMINAL_HZ: [f32; 3] = [950.0, 1_400.0, 1_800.0];
/// The 50 Hz of ITU-T E.180, and 10 for what noise does; it covers the North American pitches.
const TOLERANCE_HZ: f32 = 60.0;
/// The 330 ± 70 ms of ITU-T E.180, and 20 for how well edges are known, or for a packet lost at an
/// edge.
const DURATION_MS: std::ops::RangeInclusive<u32> = 240..=420;
/// The 30 ms of ITU-T E.180, and 40 for two packets lost there.
const GAP_MS_MAX: u32 = 70;
const FIRST_HZ: (f32, f32) = (913.8, 985.2);
const SECOND_HZ: (f32, f32) = (1_370.6, 1_428.5);
/// Less than half way to the frequency that ITU-T E.180 has between the two.
const PITCH_TOLERANCE_HZ: f32 = 14.0;
/// Half way between short (274 ms) and long (380 ms).
const LONG_MS_MIN: u32 = 327;

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(hz: [f32; 3], ms: [u64; 3], gap_ms: u64) -> [Burst; 3] {
        let mut start = 0;
        std::array::from_fn(|index| {
            let end = start + ms[index] * 8;
            let burst = Burst { start, end, low_hz: hz[index], ..Burst::default() };
            start = end + gap_ms * 8;
            burst
        })
    }

    #[test]
    fn the_reason_is_read_from_pitch_and_length() {
        use SpecialInformation as Kind;
        let cases = [
            ([913.8, 1_370.6, 1_776.7], [274, 274, 380], Kind::Intercept),
            ([985.2, 1_370.6, 1_776.7], [380, 274, 380], Kind::VacantCode),
            ([913.8, 1_428.5, 1_776.7], [274, 380, 380], Kind::Reorder),
            ([985.2, 1_428.5, 1_776.7], [380, 380, 380], Kind::NoCircuit),
            ([950.0, 1_400.0, 1_800.0], [330, 330, 330], Kind::Unspecified),
        ];
        for (hz, ms, kind) in cases {
            assert_eq!(classify(&segments(hz, ms, 0)), Some(kind));
            assert_eq!(
                classify(&segments(hz, ms, 30)),
                Some(kind),
                "ITU-T E.180 allows 30 ms gaps"
            );
        }
    }

    #[test]
    fn three_other_tones_say_nothing() {
        let lengths = [330; 3];
        assert_eq!(classify(&segments([1_800.0, 1_400.0, 950.0], lengths, 0)), None, "falling");
        assert_eq!(classify(&segments([950.0, 1_400.0, 1_800.0], lengths, 200)), None, "apart");
        assert_eq!(classify(&segments([950.0, 1_400.0, 1_800.0], [120; 3], 0)), None, "short");
    }
}
