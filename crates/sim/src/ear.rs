//! What the caller hears: when the agent is audible.

use std::time::Duration;

use crate::caller::samples_in;

/// A stretch in which the agent was heard, pauses of up to 200 ms included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// When its first frame began.
    pub from: Duration,
    /// When its last frame ended.
    pub to: Duration,
}

/// The caller's ear.
#[derive(Debug, Default)]
pub struct Ear {
    stretches: Vec<Stretch>,
    pub(crate) samples: Vec<i16>,
}

/// The caller's side decodes to 8 kHz; a hum of the voice is far above this, a bed is below.
const AUDIBLE: i16 = 400;
const PAUSE_MAX: Duration = Duration::from_millis(200);
const FRAME: Duration = Duration::from_millis(20);

impl Ear {
    /// When the agent was heard.
    pub fn stretches(&self) -> &[Stretch] {
        &self.stretches
    }

    /// From a moment to the first sound of the agent behind it.
    pub fn silence_after(&self, at: Duration) -> Option<Duration> {
        self.stretches.iter().find(|stretch| stretch.from >= at).map(|stretch| stretch.from - at)
    }

    /// From a moment at which the agent is heard to when it falls silent.
    pub fn stops_after(&self, at: Duration) -> Option<Duration> {
        let covers = |stretch: &&Stretch| stretch.from <= at && at < stretch.to;
        self.stretches.iter().find(covers).map(|stretch| stretch.to - at)
    }

    /// 20 ms that are heard from `at` on.
    pub(crate) fn hear(&mut self, at: Duration, frame: &[i16]) {
        self.samples.resize(samples_in(at), 0);
        self.samples.extend_from_slice(frame);
        if !frame.iter().any(|sample| sample.unsigned_abs() > AUDIBLE.unsigned_abs()) {
            return;
        }
        match self.stretches.last_mut() {
            Some(stretch) if at <= stretch.to + PAUSE_MAX => stretch.to = at + FRAME,
            _ => self.stretches.push(Stretch { from: at, to: at + FRAME }),
        }
    }
}
