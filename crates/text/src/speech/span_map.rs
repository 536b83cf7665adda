//! Which part of what is said stands for which part of what was written.

/// Where a written word and what is said for it begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First byte in the written text.
    pub written_start: u32,
    /// First byte in the spoken text.
    pub spoken_start: u32,
}

/// Spans in order. Each ends where the next begins and the last with its texts, so that they cover
/// both; neither start ever falls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spans(Vec<Span>);

impl Spans {
    /// The spans.
    #[must_use]
    pub fn as_slice(&self) -> &[Span] {
        &self.0
    }

    /// A new span. Where the last one has nothing to say it is the beginning of this one.
    pub(super) fn begin(&mut self, written_start: usize, spoken_start: usize) {
        let place = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
        let spoken_start = place(spoken_start);
        match self.0.last() {
            None => self.0.push(Span { written_start: 0, spoken_start: 0 }),
            Some(last) if last.spoken_start >= spoken_start => {}
            Some(_) => self.0.push(Span { written_start: place(written_start), spoken_start }),
        }
    }

    /// The spoken text lost what was behind this byte: nothing begins there.
    pub(super) fn limit(&mut self, spoken_bytes: usize) {
        let end = u32::try_from(spoken_bytes).unwrap_or(u32::MAX);
        for span in self.0.iter_mut().rev().take_while(|span| span.spoken_start > end) {
            span.spoken_start = end;
        }
    }

    /// The spoken text is this long: what would begin behind it belongs to the last word.
    pub(super) fn end(&mut self, spoken_bytes: usize) {
        let is_within = |span: &Span| (span.spoken_start as usize) < spoken_bytes;
        let within = self.0.iter().skip(1).take_while(|span| is_within(span)).count();
        self.0.truncate(1 + within);
        if self.0.is_empty() {
            self.0.push(Span { written_start: 0, spoken_start: 0 });
        }
    }

    /// Puts something before everything: written, spoken, or both.
    pub(super) fn shift(&mut self, written: usize, spoken: usize) {
        let by = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
        for span in self.0.iter_mut().skip(1) {
            span.written_start += by(written);
            span.spoken_start += by(spoken);
        }
        if let Some(first) = self.0.first_mut()
            && spoken > 0
        {
            first.spoken_start = by(spoken);
            first.written_start = 0;
            self.0.insert(0, Span { written_start: 0, spoken_start: 0 });
        }
    }

    /// The number of spans that are heard when this much of `spoken` was: those of which more than
    /// half was said.
    pub(super) fn heard(&self, spoken: &str, heard_bytes: usize) -> usize {
        let end_of = |index: usize| {
            self.0.get(index + 1).map_or(spoken.len(), |next| next.spoken_start as usize)
        };
        let is_heard = |index: &usize| {
            let start = self.0[*index].spoken_start as usize;
            let end = spoken
                .get(start..end_of(*index))
                .map_or(start, |said| start + said.trim_end().len());
            start + (end - start) / 2 < heard_bytes
        };
        (0..self.0.len()).take_while(is_heard).count()
    }

    /// Splits off the spans from an index on, counted from their own beginning.
    pub(super) fn tail(&self, index: usize) -> Self {
        let Some(first) = self.0.get(index).copied() else { return Self::default() };
        let moved = self.0[index..].iter().map(|span| Span {
            written_start: span.written_start - first.written_start,
            spoken_start: span.spoken_start - first.spoken_start,
        });
        Self(moved.collect())
    }
}
