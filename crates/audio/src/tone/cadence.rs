//! Cadences of progress tones as data: which frequencies, how long on, how long off, in three
//! national plans.
//!
//! The generator plays them. The detector does not look here: it recognises cadences by the general
//! rules of [`super::call_progress`], so that it hears countries that have no table. Plans of other
//! countries differ from [`TonePlan::Europe`] mostly in timing (the supplement of ITU-T E.180 lists
//! them).

use offhook_types::{ProgressTone, SpecialInformation};

/// Part of a cadence: up to two sinusoids, or silence, for a while.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToneSegment {
    /// Frequencies in Hz; 0 for none.
    pub frequencies_hz: [f32; 2],
    /// Length in milliseconds.
    pub duration_ms: u16,
    /// Whether the phase is turned by 180 degrees relative to a segment that is not.
    pub is_inverted: bool,
}

impl ToneSegment {
    /// One sinusoid.
    pub const fn single(hz: f32, duration_ms: u16) -> Self {
        Self { frequencies_hz: [hz, 0.0], duration_ms, is_inverted: false }
    }

    /// Two sinusoids of equal level.
    pub const fn pair(low_hz: f32, high_hz: f32, duration_ms: u16) -> Self {
        Self { frequencies_hz: [low_hz, high_hz], duration_ms, is_inverted: false }
    }

    /// Nothing.
    pub const fn silence(duration_ms: u16) -> Self {
        Self { frequencies_hz: [0.0, 0.0], duration_ms, is_inverted: false }
    }

    const fn inverted(self) -> Self {
        Self { is_inverted: true, ..self }
    }
}

/// Segments in order, once or for ever.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToneCadence<'a> {
    /// What is played.
    pub segments: &'a [ToneSegment],
    /// Whether it starts again after the last segment.
    pub repeats: bool,
}

/// Whose exchanges the tones imitate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TonePlan {
    /// North American precise tone plan.
    UnitedStates,
    /// British tones (BT SIN 350).
    UnitedKingdom,
    /// The tones that ITU-T E.180 recommends, as most of Europe uses them.
    Europe,
}

impl TonePlan {
    /// All plans.
    pub const ALL: [Self; 3] = [Self::UnitedStates, Self::UnitedKingdom, Self::Europe];

    /// The cadence of `tone` in this plan. Fax tones and the pitch-coded special information tones
    /// are the same everywhere.
    pub const fn cadence(self, tone: ProgressTone) -> ToneCadence<'static> {
        let segments = match (self, tone) {
            (Self::UnitedStates | Self::UnitedKingdom, ProgressTone::Dial) => PAIR_DIAL,
            (Self::Europe, ProgressTone::Dial) => EUROPE_DIAL,
            (Self::UnitedStates, ProgressTone::Ringback) => US_RINGBACK,
            (Self::UnitedKingdom, ProgressTone::Ringback) => UK_RINGBACK,
            (Self::Europe, ProgressTone::Ringback) => EUROPE_RINGBACK,
            (Self::UnitedStates, ProgressTone::Busy) => US_BUSY,
            (Self::UnitedKingdom, ProgressTone::Busy) => UK_BUSY,
            (Self::Europe, ProgressTone::Busy) => EUROPE_BUSY,
            (Self::UnitedStates, ProgressTone::Reorder) => US_REORDER,
            (Self::UnitedKingdom, ProgressTone::Reorder) => UK_REORDER,
            (Self::Europe, ProgressTone::Reorder) => EUROPE_REORDER,
            (_, ProgressTone::SpecialInformation(kind)) => match kind {
                SpecialInformation::Intercept => SIT_INTERCEPT,
                SpecialInformation::VacantCode => SIT_VACANT_CODE,
                SpecialInformation::Reorder => SIT_REORDER,
                SpecialInformation::NoCircuit => SIT_NO_CIRCUIT,
                SpecialInformation::Unspecified => SIT_ITU,
            },
            (_, ProgressTone::FaxCalling) => FAX_CALLING,
            (_, ProgressTone::FaxAnswer) => FAX_ANSWER,
        };
        ToneCadence { segments, repeats: true }
    }
}

type Segments = &'static [ToneSegment];

const PAIR_DIAL: Segments = &[ToneSegment::pair(350.0, 440.0, 1_000)];
const US_RINGBACK: Segments =
    &[ToneSegment::pair(440.0, 480.0, 2_000), ToneSegment::silence(4_000)];
const US_BUSY: Segments = &[ToneSegment::pair(480.0, 620.0, 500), ToneSegment::silence(500)];
const US_REORDER: Segments = &[ToneSegment::pair(480.0, 620.0, 250), ToneSegment::silence(250)];

const UK_RINGBACK: Segments = &[
    ToneSegment::pair(400.0, 450.0, 400),
    ToneSegment::silence(200),
    ToneSegment::pair(400.0, 450.0, 400),
    ToneSegment::silence(2_000),
];
const UK_BUSY: Segments = &[ToneSegment::single(400.0, 375), ToneSegment::silence(375)];
const UK_REORDER: Segments = &[
    ToneSegment::single(400.0, 400),
    ToneSegment::silence(350),
    ToneSegment::single(400.0, 225),
    ToneSegment::silence(525),
];

const EUROPE_DIAL: Segments = &[ToneSegment::single(425.0, 1_000)];
const EUROPE_RINGBACK: Segments = &[ToneSegment::single(425.0, 1_000), ToneSegment::silence(4_000)];
const EUROPE_BUSY: Segments = &[ToneSegment::single(425.0, 500), ToneSegment::silence(500)];
const EUROPE_REORDER: Segments = &[ToneSegment::single(425.0, 250), ToneSegment::silence(250)];

// Short or long, low or high: North American exchanges encode the reason in the first two segments
// (Bellcore, as widely published; the third is always low and long).
const SIT_INTERCEPT: Segments = &[
    ToneSegment::single(913.8, 274),
    ToneSegment::single(1_370.6, 274),
    ToneSegment::single(1_776.7, 380),
    ToneSegment::silence(4_000),
];
const SIT_VACANT_CODE: Segments = &[
    ToneSegment::single(985.2, 380),
    ToneSegment::single(1_370.6, 274),
    ToneSegment::single(1_776.7, 380),
    ToneSegment::silence(4_000),
];
const SIT_REORDER: Segments = &[
    ToneSegment::single(913.8, 274),
    ToneSegment::single(1_428.5, 380),
    ToneSegment::single(1_776.7, 380),
    ToneSegment::silence(4_000),
];
const SIT_NO_CIRCUIT: Segments = &[
    ToneSegment::single(985.2, 380),
    ToneSegment::single(1_428.5, 380),
    ToneSegment::single(1_776.7, 380),
    ToneSegment::silence(4_000),
];
/// ITU-T E.180: three times 330 ms, then 1 s of silence.
const SIT_ITU: Segments = &[
    ToneSegment::single(950.0, 330),
    ToneSegment::single(1_400.0, 330),
    ToneSegment::single(1_800.0, 330),
    ToneSegment::silence(1_000),
];

/// CNG: 1100 Hz, 0.5 s on, 3 s off (ITU-T T.30).
const FAX_CALLING: Segments = &[ToneSegment::single(1_100.0, 500), ToneSegment::silence(3_000)];

/// Answer tone with phase reversals: 2100 Hz, turned every 450 ms (ITU-T V.25, V.8), 3.6 s, then
/// silence.
const FAX_ANSWER: Segments = &[
    ToneSegment::single(2_100.0, 450),
    ToneSegment::single(2_100.0, 450).inverted(),
    ToneSegment::single(2_100.0, 450),
    ToneSegment::single(2_100.0, 450).inverted(),
    ToneSegment::single(2_100.0, 450),
    ToneSegment::single(2_100.0, 450).inverted(),
    ToneSegment::single(2_100.0, 450),
    ToneSegment::single(2_100.0, 450).inverted(),
    ToneSegment::silence(4_000),
];
