//! Speech that was made and not yet sent: clauses in order, and whether they may be played.

use std::collections::VecDeque;

use offhook_types::{RequestId, UtteranceId};

/// The queue between the synthesiser and the line, at the line's rate.
///
/// It is bounded by its source: the conversation asks for at most two clauses or 8 s ahead of what
/// is heard. Nothing is dropped here but what is told to be.
#[derive(Debug, Default)]
pub(crate) struct SpeechQueue {
    clauses: VecDeque<Clause>,
    /// The request whose speech may be played.
    allowed: Option<RequestId>,
    /// Buffers of clauses that are over, to be filled again.
    spare: Vec<VecDeque<i16>>,
}

/// A clause, of which some may be played already.
#[derive(Debug)]
struct Clause {
    request: RequestId,
    utterance: UtteranceId,
    samples: VecDeque<i16>,
    is_made: bool,
    was_begun: bool,
}

/// What was taken from the queue for one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) utterance: UtteranceId,
    pub(crate) samples: usize,
    pub(crate) is_first: bool,
    pub(crate) is_last: bool,
}

/// Buffers that are kept. Two clauses are ahead at most, and one is playing.
const SPARE_MAX: usize = 4;

impl SpeechQueue {
    /// A clause was asked of the voice.
    pub(crate) fn expect(&mut self, request: RequestId, utterance: UtteranceId) {
        let samples = self.spare.pop().unwrap_or_default();
        let (is_made, was_begun) = (false, false);
        self.clauses.push_back(Clause { request, utterance, samples, is_made, was_begun });
    }

    /// Audio of a clause. False where it is not expected any more.
    pub(crate) fn push(
        &mut self,
        request: RequestId,
        utterance: UtteranceId,
        samples: &[i16],
    ) -> bool {
        let clause = self.clause(request, utterance);
        clause.map(|clause| clause.samples.extend(samples)).is_some()
    }

    /// All audio of a clause is there. False where it is not expected any more.
    pub(crate) fn finish(&mut self, request: RequestId, utterance: UtteranceId) -> bool {
        self.clause(request, utterance).map(|clause| clause.is_made = true).is_some()
    }

    pub(crate) fn is_expected(&self, request: RequestId, utterance: UtteranceId) -> bool {
        self.clauses.iter().any(|clause| (clause.request, clause.utterance) == (request, utterance))
    }

    /// The speech of this request may be played, and no other.
    pub(crate) const fn allow(&mut self, request: RequestId) {
        self.allowed = Some(request);
    }

    /// Nothing of this request may be played for now.
    pub(crate) fn hold(&mut self, request: RequestId) {
        if self.allowed == Some(request) {
            self.allowed = None;
        }
    }

    /// Throws away what is left of a request; of the clause that was being played, which is given
    /// back, the rest is handed on first.
    pub(crate) fn drop_request(
        &mut self,
        request: RequestId,
        mut rest: impl FnMut(&[i16]),
    ) -> Option<UtteranceId> {
        let is_playing = |clause: &&Clause| clause.request == request && clause.was_begun;
        let playing = self.clauses.iter().find(is_playing);
        let utterance = playing.map(|clause| clause.utterance);
        if let Some(playing) = playing {
            let (first, second) = playing.samples.as_slices();
            rest(first);
            rest(second);
        }
        for index in (0..self.clauses.len()).rev() {
            if self.clauses[index].request == request
                && let Some(clause) = self.clauses.remove(index)
            {
                self.keep(clause.samples);
            }
        }
        utterance
    }

    /// Whether a frame can be filled now.
    pub(crate) fn is_ready(&self, frame: usize) -> bool {
        let clause = self.playable().and_then(|index| self.clauses.get(index));
        clause.is_some_and(|clause| clause.is_made || clause.samples.len() >= frame)
    }

    /// Takes up to a frame; the last of a clause may be shorter.
    pub(crate) fn take(&mut self, frame: &mut [i16]) -> Option<Taken> {
        if !self.is_ready(frame.len()) {
            return None;
        }
        let index = self.playable()?;
        let clause = self.clauses.get_mut(index)?;
        let samples = clause.samples.len().min(frame.len());
        for (to, from) in frame.iter_mut().zip(clause.samples.drain(..samples)) {
            *to = from;
        }
        let taken = Taken {
            utterance: clause.utterance,
            samples,
            is_first: !clause.was_begun,
            is_last: clause.is_made && clause.samples.is_empty(),
        };
        clause.was_begun = true;
        if taken.is_last
            && let Some(clause) = self.clauses.remove(index)
        {
            self.keep(clause.samples);
        }
        Some(taken)
    }

    /// The first clause of the request that may be played. Others wait beside it: sentences that
    /// were made beforehand.
    fn playable(&self) -> Option<usize> {
        let allowed = self.allowed?;
        self.clauses.iter().position(|clause| clause.request == allowed)
    }

    fn clause(&mut self, request: RequestId, utterance: UtteranceId) -> Option<&mut Clause> {
        self.clauses
            .iter_mut()
            .find(|clause| (clause.request, clause.utterance) == (request, utterance))
    }

    fn keep(&mut self, mut samples: VecDeque<i16>) {
        if self.spare.len() < SPARE_MAX {
            samples.clear();
            self.spare.push(samples);
        }
    }
}

#[cfg(test)]
mod tests {
    use offhook_types::TurnId;

    use super::*;

    const FIRST: UtteranceId = UtteranceId::new(0);
    const SECOND: UtteranceId = UtteranceId::new(1);

    fn request(turn: u32) -> RequestId {
        RequestId { turn: TurnId::new(turn), attempt: 0 }
    }

    #[test]
    fn nothing_is_played_that_was_not_allowed() {
        let mut queue = SpeechQueue::default();
        queue.expect(request(1), FIRST);
        queue.push(request(1), FIRST, &[1; 160]);
        assert_eq!(queue.take(&mut [0; 160]), None);
        queue.allow(request(1));
        let taken = queue.take(&mut [0; 160]).expect("a frame");
        assert!(taken.is_first && !taken.is_last);
        queue.push(request(1), FIRST, &[1; 160]);
        queue.hold(request(1));
        assert_eq!(queue.take(&mut [0; 160]), None);
    }

    #[test]
    fn a_clause_waits_for_a_whole_frame_until_it_is_made() {
        let mut queue = SpeechQueue::default();
        queue.allow(request(1));
        queue.expect(request(1), FIRST);
        queue.expect(request(1), SECOND);
        queue.push(request(1), SECOND, &[2; 160]);
        queue.push(request(1), FIRST, &[1; 100]);
        assert!(!queue.is_ready(160));
        queue.finish(request(1), FIRST);
        let taken = queue.take(&mut [0; 160]).expect("the rest");
        assert_eq!((taken.utterance, taken.samples, taken.is_last), (FIRST, 100, true));
        assert_eq!(queue.take(&mut [0; 160]).map(|taken| taken.utterance), Some(SECOND));
    }

    #[test]
    fn a_sentence_that_was_made_beforehand_lets_others_pass() {
        let mut queue = SpeechQueue::default();
        queue.expect(request(0), FIRST);
        queue.push(request(0), FIRST, &[1; 160]);
        queue.finish(request(0), FIRST);
        queue.expect(request(1), SECOND);
        queue.push(request(1), SECOND, &[2; 160]);
        queue.finish(request(1), SECOND);
        queue.allow(request(1));
        assert_eq!(queue.take(&mut [0; 160]).map(|taken| taken.utterance), Some(SECOND));
        assert_eq!(queue.take(&mut [0; 160]), None);
        queue.allow(request(0));
        assert_eq!(queue.take(&mut [0; 160]).map(|taken| taken.utterance), Some(FIRST));
    }

    #[test]
    fn what_is_dropped_does_not_come_back() {
        let mut queue = SpeechQueue::default();
        queue.allow(request(1));
        queue.expect(request(1), FIRST);
        queue.expect(request(2), SECOND);
        queue.push(request(1), FIRST, &[1; 400]);
        queue.take(&mut [0; 160]).expect("a frame");
        let mut rest = 0;
        queue.drop_request(request(1), |samples| rest += samples.len());
        assert_eq!(rest, 240);
        assert!(!queue.push(request(1), FIRST, &[1; 160]));
        assert!(queue.is_expected(request(2), SECOND));
    }
}
