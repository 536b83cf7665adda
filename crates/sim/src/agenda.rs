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
    /// The agent is waited for this long at most.
    patience: Option<Duration>,
}

impl<T> Agenda<T> {
    /// Does something when everything before it is done.
    #[must_use]
    pub fn then(mut self, when: When, thing: T) -> Self {
        self.things.push_back((when, thing));
        self
    }

    /// Waits for the agent no longer than this, each time. Without it, for ever.
    #[must_use]
    pub const fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = Some(patience);
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
        let given_up = self.patience.map(|patience| self.free_at + patience);
        let (due, keys_taken) = self
            .moment(when, now, ear)
            .or(given_up.map(|at| (at, self.keys_taken)))
            .filter(|(due, _)| *due <= now)?;
        (self.keys_taken, self.free_at) = (keys_taken, due);
        self.things.pop_front().map(|(_, thing)| (due, thing))
    }

    /// The moment, as soon as it is known, and the keys that it takes up.
    fn moment(&self, when: &When, now: Duration, ear: &Ear) -> Option<(Duration, usize)> {
        let due = match when {
            When::At(at) => (*at).max(self.free_at),
            When::After(span) => self.free_at + *span,
            When::AgentBegins(span) => ear.speaking_since(self.free_at)?.from + *span,
            When::AgentStops(span) => {
                let stretch = ear.speaking_since(self.free_at)?;
                if !ear.is_silent_for(now, STOPPED_AFTER) {
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
                let taken = self.keys_taken + at + keys.len().max(1);
                return Some((self.free_at.max(ear.keys()[taken - 1].0) + *span, taken));
            }
        };
        Some((due, self.keys_taken))
    }
}

impl<T> Default for Agenda<T> {
    fn default() -> Self {
        Self { things: VecDeque::new(), free_at: Duration::ZERO, keys_taken: 0, patience: None }
    }
}

/// Silence after which a caller takes the agent to have stopped.
const STOPPED_AFTER: Duration = Duration::from_millis(400);
