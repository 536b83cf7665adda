//! Things that happen later, in the order of their moments; at the same moment in the order in
//! which they were put in.

use std::collections::BTreeMap;

use offhook_types::Timestamp;

/// A queue by moment.
#[derive(Debug)]
pub(crate) struct Pending<T> {
    things: BTreeMap<(Timestamp, u64), T>,
    next: u64,
}

impl<T> Default for Pending<T> {
    fn default() -> Self {
        Self { things: BTreeMap::new(), next: 0 }
    }
}

impl<T> Pending<T> {
    pub(crate) fn len(&self) -> usize {
        self.things.len()
    }

    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        self.things.first_key_value().map(|((at, _), _)| *at)
    }

    pub(crate) fn push(&mut self, at: Timestamp, thing: T) {
        self.things.insert((at, self.next), thing);
        self.next += 1;
    }

    /// The next thing that is due.
    pub(crate) fn pop(&mut self, now: Timestamp) -> Option<T> {
        if self.next_at()? > now {
            return None;
        }
        self.things.pop_first().map(|(_, thing)| thing)
    }
}
