//! What the samples of a generation are: whose clause, a fade tail, or the bed.

use std::collections::VecDeque;

use offhook_types::UtteranceId;

/// What a frame of outgoing audio holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// The agent's speech.
    Speech(UtteranceId),
    /// The faded rest of speech that was interrupted. It is no longer heard as words.
    Tail,
    /// Ambience, hold music, keypad tones or silence.
    Bed,
}

#[derive(Debug)]
pub(super) struct Segments {
    segments: VecDeque<Segment>,
    generated: u64,
}

#[derive(Clone, Copy, Debug)]
struct Segment {
    kind: FrameKind,
    start: u64,
    end: u64,
}

/// A clause and the pause behind it are two; at most two clauses are ahead of the play head, so
/// that what falls out here was heard long ago.
const SEGMENTS_MAX: usize = 64;

impl Segments {
    pub(super) fn new() -> Self {
        Self { segments: VecDeque::with_capacity(SEGMENTS_MAX), generated: 0 }
    }

    /// Samples generated.
    pub(super) const fn generated(&self) -> u64 {
        self.generated
    }

    /// Appends samples.
    pub(super) fn push(&mut self, kind: FrameKind, samples: u64) {
        let start = self.generated;
        self.generated += samples;
        if let Some(last) = self.segments.back_mut().filter(|last| last.kind == kind) {
            last.end = self.generated;
            return;
        }
        if self.segments.len() == SEGMENTS_MAX {
            self.segments.pop_front();
        }
        self.segments.push_back(Segment { kind, start, end: self.generated });
    }

    /// Samples of this clause before `position`.
    pub(super) fn speech_before(&self, position: u64, utterance: UtteranceId) -> u64 {
        let of = |segment: &&Segment| segment.kind == FrameKind::Speech(utterance);
        let before = |segment: &Segment| segment.end.min(position).saturating_sub(segment.start);
        self.segments.iter().filter(of).map(before).sum()
    }

    /// The clause that was playing at `position`, or the last before it.
    pub(super) fn speaking_at(&self, position: u64) -> Option<UtteranceId> {
        let started = self.segments.iter().rev().filter(|segment| segment.start < position);
        started.into_iter().find_map(|segment| match segment.kind {
            FrameKind::Speech(utterance) => Some(utterance),
            FrameKind::Tail | FrameKind::Bed => None,
        })
    }

    /// Where the last speech ends.
    pub(super) fn speech_end(&self) -> Option<u64> {
        let is_speech = |segment: &&Segment| matches!(segment.kind, FrameKind::Speech(_));
        self.segments.iter().rev().find(is_speech).map(|segment| segment.end)
    }

    pub(super) fn clear(&mut self) {
        self.segments.clear();
        self.generated = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: UtteranceId = UtteranceId::new(1);
    const SECOND: UtteranceId = UtteranceId::new(2);

    #[test]
    fn the_bed_and_a_tail_are_not_speech() {
        let mut segments = Segments::new();
        segments.push(FrameKind::Tail, 160);
        segments.push(FrameKind::Speech(FIRST), 320);
        segments.push(FrameKind::Bed, 160);
        segments.push(FrameKind::Speech(SECOND), 160);
        assert_eq!(segments.speech_before(160, FIRST), 0);
        assert_eq!(segments.speech_before(400, FIRST), 240);
        assert_eq!(segments.speech_before(10_000, FIRST), 320);
        assert_eq!(segments.speaking_at(160), None);
        assert_eq!(segments.speaking_at(600), Some(FIRST));
        assert_eq!(segments.speaking_at(641), Some(SECOND));
        assert_eq!(segments.speech_end(), Some(800));
    }

    #[test]
    fn a_clause_resumed_behind_a_bed_counts_once() {
        let mut segments = Segments::new();
        for kind in [FrameKind::Speech(FIRST), FrameKind::Bed, FrameKind::Speech(FIRST)] {
            segments.push(kind, 160);
        }
        assert_eq!(segments.speech_before(480, FIRST), 320);
    }

    #[test]
    fn the_oldest_falls_out_and_memory_does_not_grow() {
        let mut segments = Segments::new();
        let capacity = segments.segments.capacity();
        for index in 0..10_000 {
            segments.push(FrameKind::Speech(UtteranceId::new(index)), 160);
        }
        assert_eq!(segments.segments.capacity(), capacity);
        assert_eq!(segments.speech_before(u64::MAX, UtteranceId::new(9_999)), 160);
    }
}
