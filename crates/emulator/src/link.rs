//! A network in one direction, in virtual time.

use std::collections::VecDeque;
use std::time::Duration;

use offhook_types::Timestamp;

use crate::WireMessage;

/// One direction of a TCP connection: messages arrive late, some later than others, never out of
/// order and never lost. A lost packet shows as a stall: everything behind it waits and then
/// arrives at once.
///
/// `M` is what travels; a simulation that must also carry the closing of the socket makes it an
/// enum. Bandwidth is not modelled, and the queue grows with what is sent during the delay: the
/// sender is the one to stop.
#[derive(Debug)]
pub struct Link<M = WireMessage> {
    config: LinkConfig,
    random: fastrand::Rng,
    in_flight: VecDeque<(Timestamp, M)>,
    last_arrival: Timestamp,
    stall: Option<Stall>,
}

/// How a network behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkConfig {
    /// What every message takes.
    pub delay: Duration,
    /// What a message takes on top at most; each value up to it is as likely as another.
    pub jitter_max: Duration,
    /// Stalls, if there are any.
    pub stalls: Option<StallConfig>,
}

/// How a network stalls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StallConfig {
    /// Time from the end of one stall to the start of the next: between half of this and one and
    /// a half times this.
    pub gap: Duration,
    /// Shortest stall.
    pub length_min: Duration,
    /// Longest stall.
    pub length_max: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Stall {
    from: Timestamp,
    until: Timestamp,
}

impl<M> Link<M> {
    /// A network whose behaviour `seed` decides.
    pub fn new(config: LinkConfig, seed: u64) -> Self {
        Self {
            config,
            random: fastrand::Rng::with_seed(seed ^ LINK_STREAM),
            in_flight: VecDeque::new(),
            last_arrival: Timestamp::ZERO,
            stall: None,
        }
    }

    /// Messages under way.
    pub fn in_flight(&self) -> usize {
        self.in_flight.len()
    }

    /// Sends a message.
    pub fn send(&mut self, now: Timestamp, message: M) {
        let jitter = self.up_to(self.config.jitter_max);
        let arrival = (now + self.config.delay + jitter).max(self.last_arrival);
        let arrival = self.after_stalls(arrival);
        self.last_arrival = arrival;
        self.in_flight.push_back((arrival, message));
    }

    /// The next message that has arrived by `now`.
    pub fn poll(&mut self, now: Timestamp) -> Option<M> {
        let is_here = self.in_flight.front()?.0 <= now;
        if is_here { self.in_flight.pop_front().map(|(_, message)| message) } else { None }
    }

    /// When the next message arrives.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.in_flight.front().map(|(arrival, _)| *arrival)
    }

    /// What would arrive inside a stall arrives at its end.
    fn after_stalls(&mut self, arrival: Timestamp) -> Timestamp {
        let Some(config) = self.config.stalls else { return arrival };
        let mut stall = match self.stall {
            Some(stall) => stall,
            None => self.next_stall(config, Timestamp::ZERO),
        };
        while arrival >= stall.until {
            stall = self.next_stall(config, stall.until);
        }
        self.stall = Some(stall);
        if arrival >= stall.from { stall.until } else { arrival }
    }

    fn next_stall(&mut self, config: StallConfig, after: Timestamp) -> Stall {
        // A gap of nothing would make stalls without end.
        let gap = config.gap.max(Duration::from_millis(1));
        let from = after + gap / 2 + self.up_to(gap);
        let spread = config.length_max.saturating_sub(config.length_min);
        let until = from + config.length_min + self.up_to(spread);
        Stall { from, until }
    }

    fn up_to(&mut self, max: Duration) -> Duration {
        let micros = u64::try_from(max.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(self.random.u64(0..=micros))
    }
}

/// Keeps the network apart from other random numbers of the same seed.
const LINK_STREAM: u64 = 0x11_4E7;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn a_message_takes_the_delay_and_at_most_the_jitter() {
        let config = LinkConfig { delay: MS(30), jitter_max: MS(10), stalls: None };
        let mut link = Link::new(config, 1);
        for index in 0..100 {
            let sent = Timestamp::from_millis(index * 100);
            link.send(sent, index);
            let took = link.poll_timeout().unwrap().saturating_since(sent);
            assert!((MS(30)..=MS(40)).contains(&took), "{took:?}");
            assert_eq!(link.poll(sent + MS(29)), None);
            assert_eq!(link.poll(sent + MS(40)), Some(index));
        }
    }

    #[test]
    fn a_stall_holds_messages_back_and_lets_them_go_at_once() {
        let stalls = StallConfig { gap: MS(1_000), length_min: MS(200), length_max: MS(300) };
        let config = LinkConfig { stalls: Some(stalls), ..LinkConfig::default() };
        let mut link = Link::new(config, 1);
        let mut waits = Vec::new();
        for index in 0..500 {
            let sent = Timestamp::from_millis(index * 20);
            link.send(sent, index);
            let arrival = link.in_flight.back().unwrap().0;
            waits.push(arrival.saturating_since(sent));
        }
        assert!(waits.iter().all(|wait| *wait <= MS(300)));
        // Ten seconds with a stall of 0.2 to 0.3 s every 0.7 to 1.8 s.
        let stalled = waits.iter().filter(|wait| !wait.is_zero()).count();
        assert!((60..=190).contains(&stalled), "{stalled}");
    }

    #[test]
    fn the_same_seed_is_the_same_network() {
        let config = LinkConfig { jitter_max: MS(50), ..LinkConfig::default() };
        let arrivals = |seed| -> Vec<Timestamp> {
            let mut link = Link::new(config, seed);
            (0..50).for_each(|index| link.send(Timestamp::from_millis(index * 20), ()));
            link.in_flight.into_iter().map(|(arrival, ())| arrival).collect()
        };
        assert_eq!(arrivals(7), arrivals(7));
        assert_ne!(arrivals(7), arrivals(8));
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_overtakes(
            delay_ms in 0_u64..500,
            jitter_ms in 0_u64..500,
            gaps_ms in prop::collection::vec(0_u64..100, 0..100),
            seed: u64,
        ) {
            let stalls = StallConfig { gap: MS(300), length_min: MS(0), length_max: MS(400) };
            let config =
                LinkConfig { delay: MS(delay_ms), jitter_max: MS(jitter_ms), stalls: Some(stalls) };
            let mut link = Link::new(config, seed);
            let (mut now, mut arrived) = (Timestamp::ZERO, Vec::new());
            for (index, gap_ms) in gaps_ms.iter().enumerate() {
                now += MS(*gap_ms);
                link.send(now, index);
                arrived.extend(std::iter::from_fn(|| link.poll(now)));
            }
            while let Some(at) = link.poll_timeout() {
                prop_assert!(at >= now);
                now = at;
                arrived.extend(link.poll(now));
            }
            prop_assert_eq!(arrived, (0..gaps_ms.len()).collect::<Vec<_>>());
        }
    }
}
