//! Time inside a call, counted from its first moment.

use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A moment of a call: microseconds since the call started.
///
/// It is passed in, never read from a clock, so that the same inputs give the same call. It orders
/// and subtracts; subtraction saturates at zero, because a late burst may carry an older moment
/// than the one it is compared with.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The start of the call.
    pub const ZERO: Self = Self(0);

    /// A moment given in microseconds since call start.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// A moment given in milliseconds since call start; saturates after 584,000 years.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// Microseconds since call start.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Whole milliseconds since call start, rounded down.
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000
    }

    /// Time since `earlier`, or zero when `earlier` is later than this.
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(micros(span)))
    }
}

impl AddAssign<Duration> for Timestamp {
    fn add_assign(&mut self, span: Duration) {
        *self = *self + span;
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(micros(span)))
    }
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_to_a_later_moment_is_zero() {
        let early = Timestamp::from_millis(20);
        let late = Timestamp::from_millis(60);
        assert_eq!(late.saturating_since(early), Duration::from_millis(40));
        assert_eq!(early.saturating_since(late), Duration::ZERO);
    }

    #[test]
    fn arithmetic_saturates_instead_of_wrapping() {
        assert_eq!(Timestamp::ZERO - Duration::from_secs(1), Timestamp::ZERO);
        let end = Timestamp::from_micros(u64::MAX);
        assert_eq!(end + Duration::MAX, end);
    }
}
