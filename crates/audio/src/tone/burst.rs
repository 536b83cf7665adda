//! One unbroken tone: where it lay, what it was made of, how steady it was.

use super::tonality::ANALYSIS_HZ;

/// One unbroken tone. Positions are samples at the analysis rate.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Burst {
    pub(super) start: u64,
    pub(super) end: u64,
    /// The frequency, or the lower of two, Hz.
    pub(super) low_hz: f32,
    /// The higher of two, Hz.
    pub(super) high_hz: Option<f32>,
    /// Mean square while it sounded, of all frequencies: little more than the tone's own.
    pub(super) power: f32,
    /// Range of the frequency relative to its mean, over analyses that lie within the tone.
    pub(super) wander: f32,
    /// Analyses that heard this tone and nothing else.
    pub(super) clean_steps: u32,
    /// Those of them that lie within the tone, neither reaching over its beginning nor over its
    /// end.
    pub(super) steady_steps: u32,
    /// Analyses that heard something else beside it.
    pub(super) spoiled_steps: u32,
}

impl Burst {
    pub(super) fn duration_ms(&self) -> u32 {
        ms_of(self.end.saturating_sub(self.start))
    }

    /// Whether `other` has the same frequencies.
    pub(super) fn is_same_tone(&self, other: &Self) -> bool {
        match (self.high_hz, other.high_hz) {
            (Some(high), Some(other_high)) => {
                is_near(self.low_hz, other.low_hz) && is_near(high, other_high)
            }
            (None, None) => is_near(self.low_hz, other.low_hz),
            // Noise may hide the weaker of two in one of the bursts, or while one has only begun.
            (Some(high), None) => is_near(self.low_hz, other.low_hz) || is_near(high, other.low_hz),
            (None, Some(high)) => is_near(self.low_hz, other.low_hz) || is_near(self.low_hz, high),
        }
    }

    /// Whether this is the pair of `low_hz` and `high_hz`.
    pub(super) fn is_pair(&self, low_hz: f32, high_hz: f32) -> bool {
        self.high_hz.is_some_and(|high| is_near(high, high_hz)) && is_near(self.low_hz, low_hz)
    }

    /// Whether this is one of the pairs that exchanges use.
    pub(super) fn is_exchange_pair(&self) -> bool {
        EXCHANGE_PAIRS_HZ.iter().any(|(low, high)| self.is_pair(*low, *high))
    }

    /// Whether this is the pair of a DTMF digit, by frequency alone.
    pub(super) fn is_digit(&self) -> bool {
        DTMF_LOW_HZ.iter().any(|low| DTMF_HIGH_HZ.iter().any(|high| self.is_pair(*low, *high)))
    }
}

/// What happened from one analysis to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum BurstEdge {
    /// A tone has begun.
    Began,
    /// A tone has ended.
    Ended(Burst),
    /// A tone has ended and a different one began at once.
    Changed(Burst),
    /// What seemed a tone went on as something else: speech, music.
    Dissolved(Burst),
}

/// Milliseconds in `samples` at the analysis rate; saturates after 49 days.
pub(super) fn ms_of(samples: u64) -> u32 {
    u32::try_from(samples * 1_000 / u64::from(ANALYSIS_HZ)).unwrap_or(u32::MAX)
}

/// Within 3 %: exchanges keep to about 1 %, noise and a neighbour 40 Hz away move an estimate by as
/// much again.
fn is_near(hz: f32, nominal_hz: f32) -> bool {
    (hz - nominal_hz).abs() <= nominal_hz * 0.03
}

const DTMF_LOW_HZ: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
const DTMF_HIGH_HZ: [f32; 4] = [1_209.0, 1_336.0, 1_477.0, 1_633.0];
/// Dialling in North America and Britain, ringing in Britain and its former colonies, ringing and
/// busy in North America.
const EXCHANGE_PAIRS_HZ: [(f32, f32); 4] =
    [(350.0, 440.0), (400.0, 450.0), (440.0, 480.0), (480.0, 620.0)];
