//! The clocks of this machine: the only place of the command line that reads them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use offhook_types::Timestamp;
use tokio::time::Instant;

/// The time since a call began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallClock {
    started_at: Instant,
}

impl CallClock {
    /// A call that begins now.
    pub(crate) fn start() -> Self {
        Self { started_at: Instant::now() }
    }

    /// Now.
    pub(crate) fn now(self) -> Timestamp {
        Timestamp::ZERO + self.started_at.elapsed()
    }

    /// Waits for a moment of the call.
    pub(crate) async fn sleep_until(self, at: Timestamp) {
        let since_start = Duration::from_micros(at.as_micros());
        tokio::time::sleep_until(self.started_at + since_start).await;
    }
}

/// The time of day in milliseconds since 1970; 0 on a machine whose clock stands before that.
#[expect(
    clippy::disallowed_methods,
    reason = "a carrier tells the time of day at the call's start"
)]
pub(crate) fn epoch_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
