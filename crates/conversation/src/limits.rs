//! The end of a call that comes by the clock: its longest duration, and the worker's shutdown.
//!
//! The closing words are synthesised beforehand and begin so that they are over one second before
//! the limit. One second behind it the line is dropped, whatever hangs.

use std::time::Duration;

use offhook_types::Timestamp;

use crate::rules::{LIMIT_MARGIN, LIMIT_OVERRUN_MAX};
use crate::situation::{Situation, Speaking};

/// A moment at which the call is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) at: Timestamp,
    /// Its words were begun, or there is no time for them any more.
    pub(crate) was_said: bool,
}

/// Where the call is on its way to the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LimitClock {
    /// There is time.
    Early,
    /// The words must begin to be over in time.
    TextDue,
    /// The limit is reached.
    Reached,
    /// One second more has passed.
    Overrun,
}

/// What is to be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LimitVerdict {
    /// Nothing.
    Wait,
    /// Say the words.
    Speak,
    /// Drop the line.
    Drop,
}

/// What is done on the way to the limit.
pub(crate) const fn judge(situation: Situation, clock: LimitClock) -> LimitVerdict {
    let says_last_words = matches!(situation.speaking, Speaking::Final);
    match clock {
        LimitClock::Early => LimitVerdict::Wait,
        // Somebody else has the caller's ear, or the words are the last ones anyway.
        LimitClock::TextDue
            if situation.is_transferring || situation.is_muted || says_last_words =>
        {
            LimitVerdict::Wait
        }
        LimitClock::TextDue => LimitVerdict::Speak,
        LimitClock::Reached if says_last_words => LimitVerdict::Wait,
        LimitClock::Reached | LimitClock::Overrun => LimitVerdict::Drop,
    }
}

impl Limit {
    pub(crate) const fn new(at: Timestamp) -> Self {
        Self { at, was_said: false }
    }

    /// When words of this length must begin.
    pub(crate) fn text_at(self, speech_ms: u32) -> Timestamp {
        self.at - Duration::from_millis(u64::from(speech_ms.saturating_add(LIMIT_MARGIN)))
    }

    /// Where the call is on its way here; `speech_ms` is how long the words take, if there are any.
    pub(crate) fn clock(self, now: Timestamp, speech_ms: Option<u32>) -> LimitClock {
        if now >= self.overrun_at() {
            LimitClock::Overrun
        } else if now >= self.at {
            LimitClock::Reached
        } else if !self.was_said
            && speech_ms.is_some_and(|speech_ms| now >= self.text_at(speech_ms))
        {
            LimitClock::TextDue
        } else {
            LimitClock::Early
        }
    }

    /// When the next thing is to be done.
    pub(crate) fn deadline(self, now: Timestamp, speech_ms: Option<u32>) -> Timestamp {
        let text = speech_ms.filter(|_| !self.was_said).map(|speech_ms| self.text_at(speech_ms));
        if let Some(text) = text
            && text > now
        {
            text
        } else if now < self.at {
            self.at
        } else {
            self.overrun_at()
        }
    }

    fn overrun_at(self) -> Timestamp {
        self.at + Duration::from_millis(u64::from(LIMIT_OVERRUN_MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOCKS: [LimitClock; 4] =
        [LimitClock::Early, LimitClock::TextDue, LimitClock::Reached, LimitClock::Overrun];

    #[test]
    fn every_situation_waits_speaks_or_drops_on_the_way_to_the_limit() {
        let stored = include_str!("../tests/tables/limits.txt");
        Situation::check_table("limits", stored, |situation| {
            let verdicts = CLOCKS.map(|clock| format!("{:?}", judge(situation, clock)));
            verdicts.join(" ").to_lowercase()
        });
    }

    #[test]
    fn nothing_whatever_outlasts_the_limit_by_more_than_a_second() {
        let dropped = |situation| judge(situation, LimitClock::Overrun) == LimitVerdict::Drop;
        assert!(Situation::all().all(dropped));
    }

    #[test]
    fn words_of_three_seconds_begin_four_seconds_before_the_limit() {
        let limit = Limit::new(Timestamp::from_millis(60_000));
        let at = Timestamp::from_millis;
        assert_eq!(limit.deadline(at(0), Some(3_000)), at(56_000));
        assert_eq!(limit.clock(at(55_999), Some(3_000)), LimitClock::Early);
        assert_eq!(limit.clock(at(56_000), Some(3_000)), LimitClock::TextDue);
        let said = Limit { was_said: true, ..limit };
        assert_eq!(said.deadline(at(56_000), Some(3_000)), at(60_000));
        assert_eq!(said.deadline(at(60_000), Some(3_000)), at(61_000));
        assert_eq!(limit.deadline(at(0), None), at(60_000));
        assert_eq!(limit.clock(at(61_000), None), LimitClock::Overrun);
    }
}
