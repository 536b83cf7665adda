//! The end of a conversation that both sides, or the model, have ended.
//!
//! The line is dropped only when the last words were heard and the caller has had a moment to add
//! something. Who does, is answered, and the call goes on.

use crate::rules::{CLOSING_GRACE, CLOSING_MAX, FAREWELL_SILENCE};
use crate::situation::{Heard, Situation, Speaking};

/// What is left to be done before the line drops.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Closing {
    /// Nothing ends the call.
    #[default]
    Open,
    /// The model called `end_call`; what it says is not over.
    Asked(EndCall),
    /// Everything was said and heard: silence ends the call.
    Grace(Grace),
}

/// What the model called `end_call` for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct EndCall {
    /// Its own words.
    pub(crate) reason: String,
    /// The agent's end condition that they name.
    pub(crate) condition: Option<String>,
}

/// The silence behind the last words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grace {
    /// `None` where farewells end the call.
    pub(crate) end_call: Option<EndCall>,
    needed_ms: u32,
    quiet_ms: u32,
    passed_ms: u32,
}

/// How far the silence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClosingClock {
    /// A caller may still add something.
    Short,
    /// It is long enough.
    Enough,
    /// Nothing but noise came for as long as may be.
    Overlong,
}

/// Whether the line drops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClosingVerdict {
    /// Not yet.
    Wait,
    /// It does.
    Drop,
}

/// Whether the line drops behind the last words.
pub(crate) const fn judge(situation: Situation, clock: ClosingClock) -> ClosingVerdict {
    let Situation { heard, speaking, has_tool, is_transferring, is_muted } = situation;
    let is_silent = matches!(speaking, Speaking::Nothing | Speaking::Skipping);
    if !is_silent || has_tool || is_transferring || is_muted {
        return ClosingVerdict::Wait;
    }
    match (heard, clock) {
        (Heard::Words | Heard::Digits, _) | (_, ClosingClock::Short) => ClosingVerdict::Wait,
        (Heard::Voice, ClosingClock::Enough) => ClosingVerdict::Wait,
        (Heard::Voice, ClosingClock::Overlong)
        | (Heard::Silence | Heard::Noise, ClosingClock::Enough | ClosingClock::Overlong) => {
            ClosingVerdict::Drop
        }
    }
}

impl Grace {
    /// Behind an `end_call`, or farewells of both sides.
    pub(crate) const fn short(end_call: Option<EndCall>) -> Self {
        Self { end_call, needed_ms: CLOSING_GRACE, quiet_ms: 0, passed_ms: 0 }
    }

    /// Behind a farewell of the agent that the caller may still answer.
    pub(crate) const fn unanswered() -> Self {
        Self { end_call: None, needed_ms: FAREWELL_SILENCE, quiet_ms: 0, passed_ms: 0 }
    }

    /// Lets the line's time pass.
    pub(crate) fn advance(&mut self, situation: Situation, millis: u32) -> ClosingVerdict {
        match situation.speaking {
            Speaking::Nothing | Speaking::Skipping => {
                self.passed_ms = self.passed_ms.saturating_add(millis);
            }
            Speaking::Making | Speaking::Speech | Speaking::Reminder | Speaking::Final => {
                (self.quiet_ms, self.passed_ms) = (0, 0);
            }
        }
        match situation.heard {
            Heard::Silence | Heard::Noise => self.quiet_ms = self.quiet_ms.saturating_add(millis),
            Heard::Voice => {}
            Heard::Words | Heard::Digits => (self.quiet_ms, self.passed_ms) = (0, 0),
        }
        let clock = if self.passed_ms >= CLOSING_MAX {
            ClosingClock::Overlong
        } else if self.quiet_ms >= self.needed_ms {
            ClosingClock::Enough
        } else {
            ClosingClock::Short
        };
        judge(situation, clock)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOCKS: [ClosingClock; 3] =
        [ClosingClock::Short, ClosingClock::Enough, ClosingClock::Overlong];

    #[test]
    fn every_situation_behind_the_last_words_waits_or_drops() {
        let stored = include_str!("../tests/tables/closing.txt");
        Situation::check_table("closing", stored, |situation| {
            let verdicts = CLOCKS.map(|clock| format!("{:?}", judge(situation, clock)));
            verdicts.join(" ").to_lowercase()
        });
    }

    #[test]
    fn the_line_never_drops_while_anybody_says_words() {
        for situation in Situation::all() {
            let speaks = matches!(
                situation.speaking,
                Speaking::Making | Speaking::Speech | Speaking::Reminder | Speaking::Final
            );
            let says_words = matches!(situation.heard, Heard::Words | Heard::Digits);
            if speaks || says_words {
                let waits = |clock| judge(situation, clock) == ClosingVerdict::Wait;
                assert!(CLOCKS.into_iter().all(waits), "{situation:?}");
            }
        }
    }
}
