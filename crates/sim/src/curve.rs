//! What callers felt at one value of a setting.

use std::time::Duration;

/// Everything that was measured at one value, for one kind of caller.
#[derive(Clone, Debug, Default)]
pub struct Point {
    /// Calls that were played to their end.
    pub calls: u32,
    /// Calls in which the caller got no chance to do everything.
    pub incomplete: u32,
    /// Questions in whose pauses the agent began to speak.
    pub cut_ins: u32,
    /// From the end of a question to the first word of its answer.
    pub answers: Vec<Duration>,
    /// Sounds over the agent that were not meant to interrupt.
    pub listening: u32,
    /// Of them, those that stopped it.
    pub false_stops: u32,
    /// Interruptions.
    pub barge_ins: u32,
    /// From the first sound of an interruption to the agent's silence.
    pub stops: Vec<Duration>,
    /// Interruptions that the agent talked over.
    pub missed: u32,
}

impl Point {
    /// Both together.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.calls += other.calls;
        self.incomplete += other.incomplete;
        self.cut_ins += other.cut_ins;
        self.answers.extend(other.answers);
        self.listening += other.listening;
        self.false_stops += other.false_stops;
        self.barge_ins += other.barge_ins;
        self.stops.extend(other.stops);
        self.missed += other.missed;
        self
    }

    /// Voice-to-voice latency: the share of answers that came within this, in ms.
    pub fn voice_to_voice_ms(&self, share: f64) -> Option<f64> {
        percentile(&self.answers, share)
    }

    /// Stop latency: the share of stops that took no longer, in ms.
    pub fn stop_ms(&self, share: f64) -> Option<f64> {
        percentile(&self.stops, share)
    }

    /// Percentage of sounds that stopped the agent although they were not meant to.
    pub fn false_stops_percent(&self) -> Option<f64> {
        percent(self.false_stops, self.listening)
    }

    /// Percentage of interruptions that the agent talked over.
    pub fn missed_percent(&self) -> Option<f64> {
        percent(self.missed, self.barge_ins)
    }

    /// Percentage of questions in whose pauses the agent began to speak.
    pub fn cut_ins_percent(&self) -> Option<f64> {
        percent(self.cut_ins, self.calls)
    }
}

fn percent(part: u32, whole: u32) -> Option<f64> {
    (whole > 0).then(|| 100.0 * f64::from(part) / f64::from(whole))
}

fn percentile(durations: &[Duration], share: f64) -> Option<f64> {
    let mut sorted = durations.to_vec();
    sorted.sort_unstable();
    let last = sorted.len().checked_sub(1)?;
    let index = (last as f64 * share.clamp(0.0, 1.0)).round() as usize;
    Some(sorted[index].as_secs_f64() * 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_what_was_measured_and_nothing_is_no_number() {
        let millis = |millis| Duration::from_millis(millis);
        let answers = vec![millis(900), millis(500), millis(700)];
        let point = Point { answers, false_stops: 1, listening: 4, ..Point::default() };
        assert_eq!(point.voice_to_voice_ms(0.5), Some(700.0));
        assert_eq!(point.voice_to_voice_ms(1.0), Some(900.0));
        assert_eq!(point.false_stops_percent(), Some(25.0));
        assert_eq!((point.stop_ms(0.5), point.missed_percent()), (None, None));
    }
}
