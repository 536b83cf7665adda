//! When each sample of a generation would be played if the line had no delay.
//!
//! A carrier plays what arrives one after another. So everything that is sent while something is
//! still waiting follows it without a gap, and what is sent later starts a new run.

use std::collections::VecDeque;
use std::time::Duration;

use offhook_types::{SampleRate, Timestamp};

#[derive(Debug)]
pub(super) struct Schedule {
    rate: SampleRate,
    runs: VecDeque<Run>,
    sent: u64,
}

/// Samples without a gap: from `first` on, played from `starts_at` on.
#[derive(Clone, Copy, Debug)]
struct Run {
    first: u64,
    starts_at: Timestamp,
}

/// The newest stretch of audio without a gap, and when it is played if the line has no delay.
#[derive(Clone, Copy, Debug)]
pub struct PlayHead {
    rate: SampleRate,
    run: Run,
    sent: u64,
}

/// Gaps that are remembered. More than a few lie within the time that is still asked about only
/// when audio comes in single frames.
const RUNS_MAX: usize = 32;

impl Schedule {
    pub(super) fn new(rate: SampleRate) -> Self {
        Self { rate, runs: VecDeque::with_capacity(RUNS_MAX), sent: 0 }
    }

    /// Samples sent.
    pub(super) const fn sent(&self) -> u64 {
        self.sent
    }

    /// When everything sent will have been played; `None` before the first.
    pub(super) fn end(&self) -> Option<Timestamp> {
        self.runs.back().map(|run| run.starts_at + self.span(self.sent - run.first))
    }

    /// Adds samples; says for how long there was nothing left to play, if there was not.
    pub(super) fn send(&mut self, now: Timestamp, samples: u64) -> Option<Duration> {
        let gap = match self.end() {
            Some(end) if end >= now => None,
            Some(end) => Some(now.saturating_since(end)),
            None => Some(Duration::ZERO),
        };
        if gap.is_some() {
            if self.runs.len() == RUNS_MAX {
                self.runs.pop_front();
            }
            self.runs.push_back(Run { first: self.sent, starts_at: now });
        }
        self.sent += samples;
        gap
    }

    /// Samples played at this time.
    pub(super) fn position(&self, at: Timestamp) -> u64 {
        let mut end = self.sent;
        for run in self.runs.iter().rev() {
            if at >= run.starts_at {
                return (run.first + self.samples(at.saturating_since(run.starts_at))).min(end);
            }
            end = run.first;
        }
        end
    }

    /// When the samples before `position` have been played.
    pub(super) fn time_of(&self, position: u64) -> Option<Timestamp> {
        let run = self.runs.iter().rev().find(|run| run.first < position);
        run.or(self.runs.front())
            .map(|run| run.starts_at + self.span(position.saturating_sub(run.first)))
    }

    pub(super) fn play_head(&self) -> Option<PlayHead> {
        let run = *self.runs.back()?;
        Some(PlayHead { rate: self.rate, run, sent: self.sent })
    }

    /// A new generation.
    pub(super) fn clear(&mut self) {
        self.runs.clear();
        self.sent = 0;
    }

    pub(super) fn span(&self, samples: u64) -> Duration {
        Duration::from_micros(samples.saturating_mul(1_000_000) / u64::from(self.rate.hz()))
    }

    fn samples(&self, span: Duration) -> u64 {
        let micros = u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
        micros.saturating_mul(u64::from(self.rate.hz())) / 1_000_000
    }
}

impl PlayHead {
    /// The sample of the generation that is played at this moment, if one is.
    pub fn position(&self, at: Timestamp) -> Option<u64> {
        let since = (at >= self.run.starts_at).then(|| at.saturating_since(self.run.starts_at))?;
        let micros = u64::try_from(since.as_micros()).ok()?;
        let position =
            self.run.first + micros.saturating_mul(u64::from(self.rate.hz())) / 1_000_000;
        (position < self.sent).then_some(position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn what_is_sent_in_time_follows_without_a_gap() {
        let mut schedule = Schedule::new(SampleRate::HZ_8000);
        assert_eq!(schedule.send(at(100), 160), Some(Duration::ZERO));
        assert_eq!(schedule.send(at(110), 160), None);
        assert_eq!(schedule.end(), Some(at(140)));
        assert_eq!(schedule.position(at(100)), 0);
        assert_eq!(schedule.position(at(125)), 200);
        assert_eq!(schedule.position(at(500)), 320);
        assert_eq!(schedule.time_of(240), Some(at(130)));
    }

    #[test]
    fn what_is_sent_late_starts_when_it_is_sent() {
        let mut schedule = Schedule::new(SampleRate::HZ_8000);
        schedule.send(at(0), 160);
        assert_eq!(schedule.send(at(50), 160), Some(Duration::from_millis(30)));
        assert_eq!(schedule.position(at(30)), 160);
        assert_eq!(schedule.position(at(60)), 240);
        assert_eq!(schedule.time_of(160), Some(at(20)));
        assert_eq!(schedule.time_of(161).map(Timestamp::as_millis), Some(50));
    }
}
