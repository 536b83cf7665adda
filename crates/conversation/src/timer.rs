//! The deadlines of a conversation. Silence is no deadline: it is counted in frames.

use offhook_types::Timestamp;

/// Why a conversation wants to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// The recogniser's final words did not come: answer what there is.
    FinalWords,
    /// An interruption brought no words: go on.
    Resume,
    /// A reply stands still: ask again.
    ReplyStalled,
    /// No media came: the line is lost.
    MediaLost,
    /// The opening is due, or the caller was waited for long enough.
    Opening,
    /// The call nears its longest duration, or has reached it.
    Limit,
    /// The worker shuts down.
    Drain,
    /// No further key came: the entry is complete.
    Keypad,
    /// A tool is slow or out of time.
    Tool,
    /// An answer or a tool is slow: bridge it.
    Filler,
    /// A transfer rings for too long.
    Transfer,
}

/// One deadline for each timer.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    deadlines: [Option<Timestamp>; ALL.len()],
}

/// Every timer, in the order of the enum.
const ALL: [Timer; 11] = [
    Timer::FinalWords,
    Timer::Resume,
    Timer::ReplyStalled,
    Timer::MediaLost,
    Timer::Opening,
    Timer::Limit,
    Timer::Drain,
    Timer::Keypad,
    Timer::Tool,
    Timer::Filler,
    Timer::Transfer,
];

impl Timers {
    pub(crate) const fn set(&mut self, timer: Timer, at: Timestamp) {
        self.deadlines[timer as usize] = Some(at);
    }

    pub(crate) const fn stop(&mut self, timer: Timer) {
        self.deadlines[timer as usize] = None;
    }

    /// The earliest deadline, and which.
    pub(crate) fn next(&self) -> Option<(Timestamp, Timer)> {
        let set = ALL
            .into_iter()
            .filter_map(|timer| self.deadlines[timer as usize].map(|deadline| (deadline, timer)));
        set.min()
    }

    /// Takes the earliest deadline that has come.
    pub(crate) fn expire(&mut self, now: Timestamp) -> Option<Timer> {
        let (deadline, timer) = self.next()?;
        if deadline > now {
            return None;
        }
        self.stop(timer);
        Some(timer)
    }

    pub(crate) const fn stop_all(&mut self) {
        self.deadlines = [None; ALL.len()];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_come_in_order_and_once() {
        let mut timers = Timers::default();
        timers.set(Timer::Resume, Timestamp::from_millis(30));
        timers.set(Timer::FinalWords, Timestamp::from_millis(20));
        assert_eq!(timers.next(), Some((Timestamp::from_millis(20), Timer::FinalWords)));
        assert_eq!(timers.expire(Timestamp::from_millis(10)), None);
        assert_eq!(timers.expire(Timestamp::from_millis(40)), Some(Timer::FinalWords));
        assert_eq!(timers.expire(Timestamp::from_millis(40)), Some(Timer::Resume));
        assert_eq!(timers.next(), None);
    }

    #[test]
    fn every_timer_has_its_place() {
        assert!(ALL.iter().enumerate().all(|(index, timer)| *timer as usize == index));
    }
}
