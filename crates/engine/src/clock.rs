//! The clocks of this machine: the only place of the engine and the command line that reads them.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use offhook_types::Timestamp;
use tokio::time::{Instant, Sleep};

/// The time since a call began. A copy tells the same time on any thread.
#[derive(Clone, Copy, Debug)]
pub struct CallClock {
    started_at: Instant,
}

impl CallClock {
    /// A call that begins now.
    pub fn start() -> Self {
        Self { started_at: Instant::now() }
    }

    /// Now.
    pub fn now(self) -> Timestamp {
        Timestamp::ZERO + self.started_at.elapsed()
    }

    /// Waits for a moment of the call.
    pub async fn sleep_until(self, at: Timestamp) {
        tokio::time::sleep_until(self.instant(at)).await;
    }

    fn instant(self, at: Timestamp) -> Instant {
        // A moment that no clock reaches is one that never comes.
        let since_start = Duration::from_micros(at.as_micros().min(NEVER.as_micros()));
        self.started_at + since_start
    }
}

/// A year: later than any call ends.
const NEVER: Timestamp = Timestamp::from_millis(365 * 86_400 * 1_000);

/// Rings at a moment of a call, which is absolute: ringing late does not make the next time late.
#[derive(Debug)]
pub struct Alarm {
    clock: CallClock,
    at: Option<Timestamp>,
    sleep: Pin<Box<Sleep>>,
}

impl Alarm {
    /// An alarm that is not set. Inside a runtime with timers.
    pub fn new(clock: CallClock) -> Self {
        let sleep = Box::pin(tokio::time::sleep_until(clock.instant(Timestamp::ZERO)));
        Self { clock, at: None, sleep }
    }

    /// Rings at this moment and at no other.
    pub fn set(&mut self, at: Option<Timestamp>) {
        if at != self.at
            && let Some(at) = at
        {
            self.sleep.as_mut().reset(self.clock.instant(at));
        }
        self.at = at;
    }

    /// Rings: the moment it was set to. It is not set any more then.
    pub fn poll_ring(&mut self, cx: &mut Context<'_>) -> Poll<Timestamp> {
        let Some(at) = self.at else { return Poll::Pending };
        ready!(self.sleep.as_mut().poll(cx));
        self.at = None;
        Poll::Ready(at)
    }

    /// Waits until it rings; for ever where it is not set.
    pub async fn ring(&mut self) -> Timestamp {
        std::future::poll_fn(|cx| self.poll_ring(cx)).await
    }
}

/// The time of day in milliseconds since 1970; 0 on a machine whose clock stands before that.
#[expect(
    clippy::disallowed_methods,
    reason = "signatures expire and carriers tell the time of day at the call's start"
)]
pub fn epoch_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_alarm_rings_at_its_moment_however_late_the_one_before_was_heard() {
        let clock = CallClock::start();
        let mut alarm = Alarm::new(clock);
        let mut late = Duration::ZERO;
        for index in 1..=50 {
            let due = Timestamp::from_millis(20 * index);
            alarm.set(Some(due));
            assert_eq!(alarm.ring().await, due);
            late = late.max(clock.now().saturating_since(due));
            tokio::time::advance(Duration::from_millis(7)).await;
        }
        assert!(late <= Duration::from_millis(1), "{late:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_alarm_that_was_taken_back_does_not_ring() {
        let clock = CallClock::start();
        let mut alarm = Alarm::new(clock);
        alarm.set(Some(Timestamp::from_millis(20)));
        alarm.set(None);
        let waited = tokio::time::timeout(Duration::from_secs(1), alarm.ring()).await;
        assert!(waited.is_err());
        alarm.set(Some(Timestamp::from_micros(u64::MAX)));
        let waited = tokio::time::timeout(Duration::from_secs(1), alarm.ring()).await;
        assert!(waited.is_err());
    }
}
