//! How far the caller's ear is behind our clock, learnt from marks.
//!
//! A mark comes back after the way to the carrier, whatever the carrier holds before it plays, and
//! the way back. Only the first two delay what is heard. The ways together are known from marks
//! that were sent while nothing was playing, or from pings; each is taken as half. Where neither
//! was seen, the least that marks ever took stands for both ways, and what later marks take more,
//! for holding.

use std::time::Duration;

#[derive(Debug, Default)]
pub(super) struct Delay {
    round_trip: Option<Duration>,
    least: Option<Duration>,
    recent: [Duration; RECENT],
    observed: usize,
}

/// Marks whose least delay counts: at five a second, the jitter of 1.6 s is shorter at least once.
const RECENT: usize = 8;

/// What lies between our clock and the caller's ear while nothing is known: a carrier's network and
/// its jitter buffer. Too small credits the caller with words they did not hear, too large repeats
/// words they did; both by less than one word.
const UNKNOWN: Duration = Duration::from_millis(60);

impl Delay {
    /// A mark came back this long after what it stands behind would have been played without any
    /// delay. Says whether playing has fallen behind since the last.
    pub(super) fn observe(&mut self, delay: Duration) -> bool {
        let before = self.held();
        self.recent[self.observed % RECENT] = delay;
        self.observed += 1;
        self.least = Some(self.least.map_or(delay, |least| least.min(delay)));
        self.observed >= RECENT && self.held() >= before + FELL_BEHIND
    }

    /// A message came back this long after it was sent, without waiting for audio.
    pub(super) fn observe_round_trip(&mut self, round_trip: Duration) {
        let least = self.round_trip.map_or(round_trip, |least| least.min(round_trip));
        self.round_trip = Some(least);
    }

    /// From our clock to the carrier's playout.
    pub(super) fn to_playout(&self) -> Duration {
        let half_trip = self.round_trip.map(|round_trip| round_trip / 2);
        match (self.least_recent(), half_trip, self.least) {
            (Some(recent), Some(half_trip), _) => recent.saturating_sub(half_trip).max(half_trip),
            (Some(recent), None, Some(least)) => recent.saturating_sub(least / 2),
            (_, Some(half_trip), _) => half_trip,
            _ => UNKNOWN,
        }
    }

    /// How long the carrier holds audio that could be played.
    pub(super) fn held(&self) -> Duration {
        let ways = self.round_trip.or(self.least).unwrap_or_default();
        self.least_recent().unwrap_or(ways).saturating_sub(ways)
    }

    fn least_recent(&self) -> Option<Duration> {
        self.recent[..self.observed.min(RECENT)].iter().min().copied()
    }
}

/// Growth of the least recent delay that is no jitter: the carrier ran out of audio.
const FELL_BEHIND: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn half_of_the_least_delay_is_taken_for_the_way_there() {
        let mut delay = Delay::default();
        assert_eq!(delay.to_playout(), UNKNOWN);
        for jitter in [30, 0, 12] {
            delay.observe(ms(120 + jitter));
        }
        assert_eq!(delay.to_playout(), ms(60));
    }

    #[test]
    fn what_a_carrier_holds_is_told_apart_once_the_round_trip_is_known() {
        let mut delay = Delay::default();
        delay.observe_round_trip(ms(80));
        delay.observe(ms(140));
        assert_eq!(delay.to_playout(), ms(100));
        assert_eq!(delay.held(), ms(60));
    }

    #[test]
    fn playing_that_fell_behind_is_noticed_and_jitter_is_not() {
        let mut delay = Delay::default();
        assert!(![100, 130, 100, 180, 100, 100, 150, 100, 170].map(|d| delay.observe(ms(d)))[8]);
        let noticed = [140; RECENT].map(|d| delay.observe(ms(d)));
        assert_eq!(noticed.iter().filter(|noticed| **noticed).count(), 1);
        assert_eq!(delay.to_playout(), ms(90));
    }
}
