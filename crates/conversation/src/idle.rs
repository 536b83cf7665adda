//! A line on which nobody says anything: reminders, and the end.
//!
//! The clock counts the line's own time from the later of the caller's last words or digits and
//! the end of what was last heard of the agent, reminders left out. What the caller waits for
//! holds it: a tool, a transfer, an answer that is being made.

use crate::settings::SilenceSettings;
use crate::situation::{Heard, Situation, Speaking};

/// The clock of a quiet line.
#[derive(Debug, Default)]
pub(crate) struct Idle {
    quiet_ms: u32,
    reminders: u8,
}

/// What a moment does to the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    /// Nobody says anything: it runs.
    Runs,
    /// It stands still.
    Holds,
    /// Somebody says something: it begins anew.
    Resets,
}

/// What is to be done about the silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdleVerdict {
    /// Nothing.
    Wait,
    /// Ask whether anybody is there.
    Remind,
    /// Hang up.
    HangUp,
}

/// What a moment does to the clock of a quiet line.
pub(crate) const fn clock(situation: Situation) -> Clock {
    let Situation { heard, speaking, has_tool, is_transferring, is_muted } = situation;
    if matches!(heard, Heard::Words | Heard::Digits) {
        return Clock::Resets;
    }
    if is_transferring || is_muted {
        return Clock::Holds;
    }
    match speaking {
        Speaking::Speech | Speaking::Final => Clock::Resets,
        Speaking::Making | Speaking::Skipping => Clock::Holds,
        Speaking::Nothing | Speaking::Reminder if has_tool => Clock::Holds,
        Speaking::Nothing | Speaking::Reminder => match heard {
            Heard::Voice => Clock::Holds,
            Heard::Silence | Heard::Noise | Heard::Words | Heard::Digits => Clock::Runs,
        },
    }
}

impl Idle {
    /// Somebody said something just now.
    pub(crate) const fn new() -> Self {
        Self { quiet_ms: 0, reminders: 0 }
    }

    /// Lets the line's time pass.
    pub(crate) fn advance(
        &mut self,
        situation: Situation,
        millis: u32,
        settings: &SilenceSettings,
    ) -> IdleVerdict {
        match clock(situation) {
            Clock::Resets => *self = Self::new(),
            Clock::Holds => {}
            Clock::Runs => {
                self.quiet_ms = self.quiet_ms.saturating_add(millis);
                return self.judge(situation, settings);
            }
        }
        IdleVerdict::Wait
    }

    /// For how long nobody has said anything, in ms.
    pub(crate) const fn quiet_ms(&self) -> u32 {
        self.quiet_ms
    }

    fn judge(&mut self, situation: Situation, settings: &SilenceSettings) -> IdleVerdict {
        if situation.speaking != Speaking::Nothing {
            // A reminder is heard to its end.
            return IdleVerdict::Wait;
        }
        if settings.hangup_ms.is_some_and(|hangup| self.quiet_ms >= hangup) {
            return IdleVerdict::HangUp;
        }
        let Some(every) = settings.reminder_ms.filter(|every| *every > 0) else {
            return IdleVerdict::Wait;
        };
        let due = every.saturating_mul(u32::from(self.reminders) + 1);
        let may =
            self.reminders < settings.reminder_count_max && !settings.reminder_text.is_empty();
        if may && self.quiet_ms >= due {
            self.reminders += 1;
            return IdleVerdict::Remind;
        }
        IdleVerdict::Wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: Situation = Situation {
        heard: Heard::Silence,
        speaking: Speaking::Nothing,
        has_tool: false,
        is_transferring: false,
        is_muted: false,
    };

    fn settings() -> SilenceSettings {
        SilenceSettings {
            reminder_ms: Some(5_000),
            reminder_text: "Are you there?".to_owned(),
            reminder_count_max: 2,
            hangup_ms: Some(12_000),
        }
    }

    /// When reminders come and when the end, in ms of a silence.
    fn moments(situation: impl Fn(u32) -> Situation) -> Vec<(u32, IdleVerdict)> {
        let mut idle = Idle::default();
        let frames = (20..=30_000).step_by(20);
        let mut verdicts = frames
            .map(|at| (at, idle.advance(situation(at), 20, &settings())))
            .filter(|(_, verdict)| *verdict != IdleVerdict::Wait);
        let mut moments = Vec::new();
        for (at, verdict) in verdicts.by_ref() {
            moments.push((at, verdict));
            if verdict == IdleVerdict::HangUp {
                break;
            }
        }
        moments
    }

    #[test]
    fn every_situation_runs_holds_or_resets_the_clock() {
        let stored = include_str!("../tests/tables/idle.txt");
        Situation::check_table("idle", stored, |situation| {
            format!("{:?}", clock(situation)).to_lowercase()
        });
    }

    #[test]
    fn reminders_come_at_each_interval_and_do_not_put_off_the_end() {
        let reminding = |at| match at {
            5_020..=6_500 | 10_020..=11_500 => Situation { speaking: Speaking::Reminder, ..QUIET },
            _ => QUIET,
        };
        let expected = [
            (5_000, IdleVerdict::Remind),
            (10_000, IdleVerdict::Remind),
            (12_000, IdleVerdict::HangUp),
        ];
        assert_eq!(moments(reminding), expected);
    }

    #[test]
    fn words_begin_the_silence_anew_and_what_is_waited_for_only_holds_it() {
        let words = |at| match at {
            4_000..=4_020 => Situation { heard: Heard::Words, ..QUIET },
            _ => QUIET,
        };
        assert_eq!(moments(words)[0], (9_020, IdleVerdict::Remind));
        let tool = |at| Situation { has_tool: (4_001..=7_000).contains(&at), ..QUIET };
        assert_eq!(moments(tool)[0], (8_000, IdleVerdict::Remind));
    }
}
