//! What is printed while a call goes on and when it is over.

use std::io::Write;
use std::time::Duration;

use anyhow::Result;
use offhook_emulator::{CallState, Dialect, Emulator, LineEvent, LineEventKind, MarkFate, Played};
use offhook_types::Timestamp;

/// Prints a call to `out` as it goes on.
pub(super) struct Report<W> {
    out: W,
    /// When the agent was heard first.
    first_heard_at: Option<Timestamp>,
}

impl<W: Write> Report<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, first_heard_at: None }
    }

    /// Prints one thing that happened.
    pub(super) fn tell(&mut self, at: Timestamp, what: &str) -> Result<()> {
        writeln!(self.out, "{:>9.3} s  {what}", seconds(at))?;
        Ok(())
    }

    /// Prints an event of the line.
    pub(super) fn event(&mut self, event: &LineEvent) -> Result<()> {
        if event.kind == LineEventKind::AudioBegan {
            self.first_heard_at.get_or_insert(event.at);
        }
        self.tell(event.at, &describe(&event.kind))
    }

    /// Prints the call in one line.
    pub(super) fn summary(&mut self, dialect: Dialect, call: &dyn Emulator) -> Result<()> {
        let (played, tally) = (call.played(), call.tally());
        let rate = call.formats().to_caller.sample_rate();
        let samples = usize::try_from(played.samples).unwrap_or(usize::MAX);
        let first = match self.first_heard_at {
            Some(at) => format!("first heard at {:.3} s", seconds(at)),
            None => "never heard".to_owned(),
        };
        let end = match call.state() {
            CallState::Ended(end) => {
                format!("ended by {} after {:.2} s: {}", end.by, seconds(end.at), end.cause)
            }
            CallState::Connecting | CallState::Streaming => "not ended".to_owned(),
        };
        writeln!(
            self.out,
            "{dialect}: {} frames sent; agent {first}, {:.2} s in all ({samples} samples), \
             {} underruns; {} marks, {} played, {} cleared; {} clears; {} violations; {end}",
            tally.frames_sent,
            rate.duration_of(samples).as_secs_f64(),
            played.underruns,
            tally.marks_set,
            tally.marks_played,
            tally.marks_cleared,
            played.clears,
            call.violation_count(),
        )?;
        Ok(())
    }
}

fn describe(kind: &LineEventKind) -> String {
    match kind {
        LineEventKind::Connected => "connected".to_owned(),
        LineEventKind::Started => "stream started".to_owned(),
        LineEventKind::AudioBegan => "agent is heard".to_owned(),
        LineEventKind::AudioPaused => format!("agent silent for {} ms", Played::HOLE_MS_MAX),
        LineEventKind::MarkSet { name } => format!("mark {} set", shown(name)),
        LineEventKind::MarkDone { name, fate } => {
            let fate = match fate {
                MarkFate::Played => "played",
                MarkFate::Cleared => "cleared",
            };
            format!("mark {} {fate}", shown(name))
        }
        LineEventKind::Cleared { dropped_samples } => {
            format!("cleared, {dropped_samples} samples dropped")
        }
        LineEventKind::DigitPressed { digit } => format!("caller presses {digit}"),
        LineEventKind::DigitsPlayed { digits } => {
            let digits: String = digits.iter().map(|digit| digit.as_char()).collect();
            format!("engine has {digits} played to the caller")
        }
        LineEventKind::Violated(violation) => format!("VIOLATION {violation}"),
        LineEventKind::Ended(end) => {
            let line = if end.is_line_up { ", the line stays up" } else { "" };
            format!("ended by {}: {}{line}", end.by, end.cause)
        }
    }
}

/// A name that the engine chose, short and without control characters.
fn shown(name: &str) -> String {
    name.chars().take(60).map(|c| if c.is_control() { '?' } else { c }).collect()
}

fn seconds(at: Timestamp) -> f64 {
    Duration::from_micros(at.as_micros()).as_secs_f64()
}
