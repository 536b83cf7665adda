//! The playback ledger: how much of the agent's audio the caller has heard.
//!
//! ```text
//! generated ≥ sent ≥ heard          all in samples of the current generation, at the line's rate
//! ```
//!
//! Audio plays at the carrier, out of sight. The ledger keeps a schedule of when each sample would
//! be played if the line had no delay, learns the delay from marks that come back, and never lets
//! what is heard exceed what was sent or fall behind what a mark has proved.
//!
//! A clear ends a generation. What the caller will have heard of it is the schedule's position at
//! the moment of the clear: the clear takes the same way as the audio did, so the way's delay
//! cancels out. Evidence that arrives within [`SETTLE`] corrects it, as far as this carrier's marks
//! and acknowledgements prove anything.
//!
//! Assumes: a carrier plays in order and without gaps what it has, and messages keep their order.
//! Left out: the caller's own telephone network behind the carrier, which nothing here can see.

mod delay;
mod schedule;
mod segments;

use std::collections::VecDeque;
use std::time::Duration;

use offhook_types::{
    Generation, Mark, MarkOutcome, MediaEvent, SampleRate, Timestamp, UtteranceId,
};

use crate::caps::{Caps, ClearSupport, MarkSupport};
use delay::Delay;
pub use schedule::PlayHead;
use schedule::Schedule;
pub use segments::FrameKind;
use segments::Segments;

/// What was heard of one generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Which.
    pub generation: Generation,
    /// Samples of it that were played, speech or not.
    pub samples: u64,
    /// The clause that was playing there, or the last before.
    pub utterance: Option<UtteranceId>,
    /// Samples of that clause that were played.
    pub utterance_samples: u64,
}

/// Keeps what was generated, sent and heard; how is said at the top of this file.
///
/// Getters, then commands: [`generate`](Self::generate), [`send`](Self::send),
/// [`mark`](Self::mark), [`clear`](Self::clear); then [`handle_event`](Self::handle_event) and
/// [`observe_round_trip`](Self::observe_round_trip); then [`poll_settled`](Self::poll_settled) and
/// [`poll_timeout`](Self::poll_timeout). Nothing allocates after `new`.
#[derive(Debug)]
pub struct Ledger {
    marks: MarkSupport,
    clear: ClearSupport,
    generation: Generation,
    schedule: Schedule,
    segments: Segments,
    sent_marks: VecDeque<SentMark>,
    acked: u64,
    delay: Delay,
    cut: Cut,
    settled: Option<Heard>,
    unexpected_marks: u64,
}

#[derive(Clone, Copy, Debug)]
struct SentMark {
    mark: Mark,
    at: Timestamp,
}

/// The last cleared generation, for which evidence may still arrive.
#[derive(Debug)]
struct Cut {
    /// When it is settled whatever arrived; `None` once it is.
    deadline: Option<Timestamp>,
    generation: Generation,
    heard: u64,
    /// Neither less nor more than this is possible.
    bounds: (u64, u64),
    segments: Segments,
    sent_marks: VecDeque<SentMark>,
}

/// How long evidence about a cleared generation is waited for. The farthest carriers answer within
/// this; later, the history was already shown to the model.
pub const SETTLE: Duration = Duration::from_millis(250);

/// Marks that may be on their way. More are never asked for at once; where a carrier loses all of
/// them, the oldest are forgotten.
const MARKS_MAX: usize = 32;

impl Ledger {
    /// An empty ledger for a stream of this rate.
    pub fn new(rate: SampleRate, caps: &Caps) -> Self {
        Self {
            marks: caps.marks,
            clear: caps.clear,
            generation: Generation::default(),
            schedule: Schedule::new(rate),
            segments: Segments::new(),
            sent_marks: VecDeque::with_capacity(MARKS_MAX),
            acked: 0,
            delay: Delay::default(),
            cut: Cut {
                deadline: None,
                generation: Generation::default(),
                heard: 0,
                bounds: (0, 0),
                segments: Segments::new(),
                sent_marks: VecDeque::with_capacity(MARKS_MAX),
            },
            settled: None,
            unexpected_marks: 0,
        }
    }

    /// The generation that is being sent.
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// Samples handed to the outbound layer.
    pub const fn generated(&self) -> u64 {
        self.segments.generated()
    }

    /// Samples handed to the socket.
    pub const fn sent(&self) -> u64 {
        self.schedule.sent()
    }

    /// Marks that came back without having been sent, or twice.
    pub const fn unexpected_marks(&self) -> u64 {
        self.unexpected_marks
    }

    /// What of the current generation the caller has heard by now.
    pub fn heard(&self, now: Timestamp) -> Heard {
        let position = self.schedule.position(now - self.delay.to_playout());
        let samples = position.max(self.acked).min(self.sent());
        heard_of(&self.segments, self.generation, samples)
    }

    /// Samples of this clause that the caller has heard by now, in the current generation.
    pub fn heard_of(&self, utterance: UtteranceId, now: Timestamp) -> u64 {
        self.segments.speech_before(self.heard(now).samples, utterance)
    }

    /// When everything sent so far will have been played by the carrier's side of the line, on our
    /// clock and without its delay: the end of the lead.
    pub fn sent_until(&self) -> Option<Timestamp> {
        self.schedule.end()
    }

    /// When the caller will have heard the last speech that was sent; `None` where there is none in
    /// this generation.
    pub fn speech_heard_at(&self) -> Option<Timestamp> {
        let end = self.segments.speech_end()?.min(self.sent());
        self.schedule.time_of(end).map(|time| time + self.delay.to_playout())
    }

    /// What is being played now, without the line's delay: the far reference of an echo guard.
    pub fn play_head(&self) -> Option<PlayHead> {
        self.schedule.play_head()
    }

    /// Whether everything sent has been played for certain: nothing is in flight.
    pub fn is_idle(&self, now: Timestamp) -> bool {
        let played_by = self.sent_until().map(|until| until + self.delay.to_playout());
        played_by.is_none_or(|played_by| played_by <= now)
    }

    /// How long samples of this stream last.
    pub(crate) fn span(&self, samples: u64) -> Duration {
        self.schedule.span(samples)
    }

    /// Takes note of audio that was made.
    pub fn generate(&mut self, kind: FrameKind, samples: u64) {
        self.segments.push(kind, samples);
    }

    /// Takes note that the next `samples` were handed to the socket. Says for how long the carrier
    /// had nothing left to play, where that was so.
    pub fn send(&mut self, now: Timestamp, samples: u64) -> Option<Duration> {
        let gap = self.schedule.send(now, samples);
        debug_assert!(self.sent() <= self.generated(), "audio is made before it is sent");
        gap
    }

    /// The mark that stands behind everything sent; `None` where marks are of no use.
    pub fn mark(&mut self, now: Timestamp, utterance: UtteranceId) -> Option<Mark> {
        if self.marks == MarkSupport::None {
            return None;
        }
        let mark = Mark { generation: self.generation, utterance, end_sample: self.sent() };
        if self.sent_marks.len() == MARKS_MAX {
            self.sent_marks.pop_front();
        }
        self.sent_marks.push_back(SentMark { mark, at: now });
        Some(mark)
    }

    /// Ends the generation: nothing of it that is not yet played will be. The answer is what the
    /// caller will have heard of it as far as is known now; [`poll_settled`](Self::poll_settled)
    /// gives the last word.
    ///
    /// A carrier without a clear plays on: everything sent counts as heard, and the generation
    /// stays.
    pub fn clear(&mut self, now: Timestamp) -> Heard {
        if self.clear == ClearSupport::None {
            return heard_of(&self.segments, self.generation, self.sent());
        }
        self.settle();
        let position = self.schedule.position(now - self.delay.held());
        let samples = position.max(self.acked).min(self.sent());
        let heard = heard_of(&self.segments, self.generation, samples);
        let cut = &mut self.cut;
        cut.deadline = Some(now + SETTLE);
        cut.generation = self.generation;
        cut.heard = samples;
        cut.bounds = (self.acked, self.schedule.sent());
        std::mem::swap(&mut cut.segments, &mut self.segments);
        std::mem::swap(&mut cut.sent_marks, &mut self.sent_marks);
        self.segments.clear();
        self.sent_marks.clear();
        self.generation = self.generation.next();
        self.schedule.clear();
        self.acked = 0;
        heard
    }

    /// Learns from what the carrier says. True where it says that playing has fallen behind.
    pub fn handle_event(&mut self, now: Timestamp, event: &MediaEvent<'_>) -> bool {
        match event {
            MediaEvent::Mark { mark, outcome } => self.handle_mark(now, *mark, *outcome),
            MediaEvent::Played { generation, samples } => {
                self.handle_played(*generation, *samples);
                false
            }
            MediaEvent::Cleared => {
                self.handle_cleared();
                false
            }
            MediaEvent::Started(_)
            | MediaEvent::Audio(_)
            | MediaEvent::Dtmf { .. }
            | MediaEvent::Queue { .. }
            | MediaEvent::Flow { .. }
            | MediaEvent::PlaybackStarted
            | MediaEvent::PlaybackCompleted
            | MediaEvent::Error { .. }
            | MediaEvent::Stopped => false,
        }
    }

    /// A message came back this long after it was sent, without waiting for audio: a ping.
    pub fn observe_round_trip(&mut self, round_trip: Duration) {
        self.delay.observe_round_trip(round_trip);
    }

    /// The last word on a generation that was cleared, once: as soon as the evidence is complete,
    /// or when [`SETTLE`] has passed.
    pub fn poll_settled(&mut self, now: Timestamp) -> Option<Heard> {
        if self.cut.deadline.is_some_and(|deadline| deadline <= now) {
            self.settle();
        }
        self.settled.take()
    }

    /// When [`poll_settled`](Self::poll_settled) has something to say if nothing arrives before.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.cut.deadline
    }

    fn handle_mark(&mut self, now: Timestamp, mark: Mark, outcome: MarkOutcome) -> bool {
        if mark.generation != self.generation {
            self.handle_older_mark(mark, outcome);
            return false;
        }
        let Some(index) = self.sent_marks.iter().position(|sent| sent.mark == mark) else {
            self.unexpected_marks += 1;
            return false;
        };
        // Marks keep their order: what stood before this one was lost on the way.
        let sent = self.sent_marks.drain(..=index).next_back();
        let (Some(sent), MarkOutcome::Played) = (sent, outcome) else { return false };
        self.acked = self.acked.max(mark.end_sample);
        let played_at = self.schedule.time_of(mark.end_sample).unwrap_or(sent.at);
        if played_at <= sent.at {
            self.delay.observe_round_trip(now.saturating_since(sent.at));
            return false;
        }
        self.delay.observe(now.saturating_since(played_at))
    }

    fn handle_older_mark(&mut self, mark: Mark, outcome: MarkOutcome) {
        if !self.cut.awaits(mark.generation) {
            return;
        }
        let cut = &mut self.cut;
        let Some(index) = cut.sent_marks.iter().position(|sent| sent.mark == mark) else {
            self.unexpected_marks += 1;
            return;
        };
        cut.sent_marks.drain(..=index);
        match outcome {
            MarkOutcome::Played => cut.bounds.0 = cut.bounds.0.max(mark.end_sample),
            MarkOutcome::Cleared => cut.bounds.1 = cut.bounds.1.min(mark.end_sample),
            // It came back after the clear was sent, for either reason.
            MarkOutcome::Unknown => {}
        }
        if self.marks == MarkSupport::Labelled && cut.sent_marks.is_empty() {
            self.settle();
        }
    }

    fn handle_played(&mut self, generation: Generation, samples: u64) {
        if generation == self.generation {
            self.acked = self.acked.max(samples.min(self.sent()));
        } else if self.cut.awaits(generation) {
            let exact = samples.clamp(self.cut.bounds.0, self.cut.bounds.1);
            self.cut.bounds = (exact, exact);
            self.settle();
        }
    }

    /// Where a mark returns only if it was played, one that has not returned by now never will.
    fn handle_cleared(&mut self) {
        let cut = &mut self.cut;
        if self.marks == MarkSupport::WhenPlayed {
            let lost = cut.sent_marks.front().map_or(cut.bounds.1, |sent| sent.mark.end_sample);
            cut.bounds.1 = cut.bounds.1.min(lost);
            self.settle();
        }
    }

    fn settle(&mut self) {
        if self.cut.deadline.take().is_some() {
            let (least, most) = self.cut.bounds;
            let samples = self.cut.heard.max(least).min(most.max(least));
            self.settled = Some(heard_of(&self.cut.segments, self.cut.generation, samples));
        }
    }
}

impl Cut {
    /// Whether evidence about this generation is still taken.
    fn awaits(&self, generation: Generation) -> bool {
        self.deadline.is_some() && self.generation == generation
    }
}

fn heard_of(segments: &Segments, generation: Generation, samples: u64) -> Heard {
    let utterance = segments.speaking_at(samples);
    let utterance_samples =
        utterance.map_or(0, |utterance| segments.speech_before(samples, utterance));
    Heard { generation, samples, utterance, utterance_samples }
}

#[cfg(test)]
mod tests;
