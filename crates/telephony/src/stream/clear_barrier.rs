//! New audio behind a clear, held until the carrier says that the old is gone.

use std::time::Duration;

use offhook_types::Timestamp;

/// Holds audio between a clear and its acknowledgement, but never longer than the carrier's limit.
///
/// Acknowledgements carry no name: they are counted off against the clears that still wait. Clears
/// whose time has passed no longer wait, so that one lost acknowledgement delays one answer.
#[derive(Debug)]
pub(super) struct ClearBarrier {
    limit: Option<Duration>,
    unacknowledged: u32,
    deadline: Timestamp,
}

impl ClearBarrier {
    /// For a carrier with this limit; without one nothing is ever held.
    pub(super) fn new(limit_ms: Option<u32>) -> Self {
        let limit = limit_ms.map(|millis| Duration::from_millis(u64::from(millis)));
        Self { limit, unacknowledged: 0, deadline: Timestamp::ZERO }
    }

    /// Until when audio is held, if it is.
    pub(super) fn held_until(&self) -> Option<Timestamp> {
        (self.unacknowledged > 0).then_some(self.deadline)
    }

    /// Whether audio is held now.
    pub(super) fn is_held(&self, now: Timestamp) -> bool {
        self.held_until().is_some_and(|deadline| now < deadline)
    }

    /// A clear was sent.
    pub(super) fn handle_clear(&mut self, now: Timestamp) {
        let Some(limit) = self.limit else { return };
        if !self.is_held(now) {
            self.unacknowledged = 0;
        }
        self.unacknowledged = self.unacknowledged.saturating_add(1);
        self.deadline = now + limit;
    }

    /// The carrier acknowledged a clear.
    pub(super) fn handle_cleared(&mut self) {
        self.unacknowledged = self.unacknowledged.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn nothing_is_held_where_the_carrier_has_no_barrier() {
        let mut barrier = ClearBarrier::new(None);
        barrier.handle_clear(at(0));
        assert_eq!((barrier.held_until(), barrier.is_held(at(0))), (None, false));
    }

    #[test]
    fn each_clear_waits_for_its_own_acknowledgement() {
        let mut barrier = ClearBarrier::new(Some(1_000));
        barrier.handle_clear(at(0));
        barrier.handle_clear(at(300));
        barrier.handle_cleared();
        assert!(barrier.is_held(at(400)));
        barrier.handle_cleared();
        assert!(!barrier.is_held(at(400)));
        // One too many does not count against the next.
        barrier.handle_cleared();
        barrier.handle_clear(at(500));
        assert_eq!(barrier.held_until(), Some(at(1_500)));
    }

    #[test]
    fn a_lost_acknowledgement_delays_one_answer_only() {
        let mut barrier = ClearBarrier::new(Some(1_000));
        barrier.handle_clear(at(0));
        assert!(barrier.is_held(at(999)));
        assert!(!barrier.is_held(at(1_000)));
        barrier.handle_clear(at(2_000));
        barrier.handle_cleared();
        assert!(!barrier.is_held(at(2_001)));
    }
}
