//! Things that are done in order, each when its moment has come.

use std::collections::VecDeque;
use std::time::Duration;

use offhook_types::DtmfDigit;

use crate::ear::Ear;

/// When something is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// So long after the call began, or as soon as what comes before is over.
    At(Duration),
    /// So long after what comes before is over.
    After(Duration),
    /// So long after the agent begins to speak, or began if it still speaks.
    AgentBegins(Duration),
    /// So long after the agent has fallen silent; at least 400 ms, for a caller must hear that it
    /// is silent.
    AgentStops(Duration),
    /// So long after the agent has pressed these keys, since such a moment was waited for last.
    AgentPresses(Vec<DtmfDigit>, Duration),
}

/// Things to do, in order; each waits for the one before it to be over.
#[derive(Clone, Debug)]
pub struct Agenda<T> {
    things: VecDeque<(When, T)>,
    /// Nothing is done before this.
    free_at: Duration,
    /// Keys of the agent that were reacted to.
    keys_taken: usize,
}

impl<T> Agenda<T> {
    /// Does something when everything before it is done.
    #[must_use]
    pub fn then(mut self, when: When, thing: T) -> Self {
        self.things.push_back((when, thing));
        self
    }

    /// How much was not done yet.
    pub fn left(&self) -> usize {
        self.things.len()
    }

    /// When everything that was begun is over.
    pub const fn free_at(&self) -> Duration {
        self.free_at
    }

    /// What was begun lasts until then.
    pub(crate) const fn lasts_until(&mut self, at: Duration) {
        self.free_at = at;
    }

    /// The next thing, if it is due, and when it became due.
    pub(crate) fn take_due(&mut self, now: Duration, ear: &Ear) -> Option<(Duration, T)> {
        let (when, _) = self.things.front()?;
        let mut keys_taken = self.keys_taken;
        let due = match when {
            When::At(at) => (*at).max(self.free_at),
            When::After(span) => self.free_at + *span,
            When::AgentBegins(span) => ear.speaking_since(self.free_at)?.from + *span,
            When::AgentStops(span) => {
                let stretch = ear.speaking_since(self.free_at)?;
                let has_stopped = ear.is_silent_for(now, STOPPED_AFTER);
                if !has_stopped {
                    return None;
                }
                let last = ear.stretches().last().map_or(stretch.to, |last| last.to);
                last + (*span).max(STOPPED_AFTER)
            }
            When::AgentPresses(keys, span) => {
                let new = ear.keys().get(self.keys_taken..).unwrap_or_default();
                let is_it = |(key, wanted): (&(Duration, DtmfDigit), &DtmfDigit)| key.1 == *wanted;
                let fits = |heard: &[_]| heard.iter().zip(keys).all(is_it);
                let at = new.windows(keys.len().max(1)).position(fits)?;
                keys_taken += at + keys.len().max(1);
                self.free_at.max(ear.keys()[keys_taken - 1].0) + *span
            }
        };
        if due > now {
            return None;
        }
        self.keys_taken = keys_taken;
        self.free_at = due;
        self.things.pop_front().map(|(_, thing)| (due, thing))
    }
}

impl<T> Default for Agenda<T> {
    fn default() -> Self {
        Self { things: VecDeque::new(), free_at: Duration::ZERO, keys_taken: 0 }
    }
}

/// Silence after which a caller takes the agent to have stopped.
const STOPPED_AFTER: Duration = Duration::from_millis(400);
