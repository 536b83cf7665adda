//! A clause: what the model wrote, what is said for it, and how the two belong together.

use super::span_map::Spans;

/// A part of a reply that is spoken in one go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clause {
    /// As the model wrote it, white space and marks included. The `written` of all clauses of a
    /// reply are the model's text.
    pub written: String,
    /// For the voice. Empty only in a reply's last clause, where that had nothing to say.
    pub spoken: String,
    /// Which word is which.
    pub map: Spans,
}

impl Clause {
    /// What was written of that which was heard, when the voice got this far into `spoken` (bytes;
    /// any number is allowed). It ends with a whole word: one of which more than half was said
    /// counts. What is several words to the voice ("three thirty p.m.") is one here ("3:30 pm").
    #[must_use]
    pub fn written_heard(&self, spoken_bytes: usize) -> &str {
        &self.written[..self.heard_end(spoken_bytes)]
    }

    /// The same for a voice that tells no times: a permille of the clause's speech, taken to be
    /// spoken evenly.
    #[must_use]
    pub fn written_heard_permille(&self, permille: u16) -> &str {
        let bytes = self.spoken.len() * usize::from(permille.min(1_000)) / 1_000;
        self.written_heard(bytes)
    }

    /// What was not heard, as a clause of its own, for a reply that is taken up again.
    #[must_use]
    pub fn unheard(&self, spoken_bytes: usize) -> Option<Self> {
        let heard = self.heard_spans(spoken_bytes);
        let first = self.map.as_slice().get(heard)?;
        let spoken = self.spoken[first.spoken_start as usize..].to_owned();
        // The white space before it was not heard either.
        let written_start = self.heard_end(spoken_bytes);
        let mut map = self.map.tail(heard);
        map.shift(first.written_start as usize - written_start, 0);
        let written = self.written[written_start..].to_owned();
        (!spoken.is_empty()).then_some(Self { written, spoken, map })
    }

    fn heard_spans(&self, spoken_bytes: usize) -> usize {
        if spoken_bytes >= self.spoken.len() {
            return self.map.as_slice().len();
        }
        self.map.heard(&self.spoken, spoken_bytes)
    }

    fn heard_end(&self, spoken_bytes: usize) -> usize {
        let heard = self.heard_spans(spoken_bytes);
        match self.map.as_slice().get(heard) {
            None => self.written.len(),
            Some(next) => self.written[..next.written_start as usize].trim_end().len(),
        }
    }
}
