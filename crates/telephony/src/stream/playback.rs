//! The outbound layer of an open stream: frames to messages, marks between them, and the ledger.

use std::time::Duration;

use offhook_types::{CodecFormat, MediaCommand, MediaEvent, Timestamp, UtteranceId};

use super::clear_barrier::ClearBarrier;
use super::has_marks;
use crate::caps::Caps;
use crate::chunk::Chunker;
use crate::dialect::{CannotSend, Dialect};
use crate::ledger::{FrameKind, Heard, Ledger};
use crate::pacing::{Demand, Pacer};
use crate::wire::Outbox;

pub(super) struct Playback {
    format: CodecFormat,
    chunker: Chunker,
    pacer: Pacer,
    ledger: Ledger,
    barrier: ClearBarrier,
    has_marks: bool,
    probes: bool,
    /// Speech since the last mark, in samples.
    unmarked: u64,
    /// The last frame that was made belongs to a clause that goes on.
    is_speaking: bool,
    /// The same of the last that was sent.
    was_speaking: bool,
}

/// Speech between two marks. Denser marks cost messages and gain nothing; a mark for every small
/// chunk was reported to delay Twilio's audio, about five a second are safe.
const MARK_INTERVAL_MS: u32 = 200;

impl Playback {
    pub(super) fn new(format: CodecFormat, caps: &Caps) -> Self {
        Self {
            format,
            chunker: Chunker::new(format, &caps.chunks),
            pacer: Pacer::new(Duration::from_millis(u64::from(caps.lead_ms_max))),
            ledger: Ledger::new(format.sample_rate(), caps),
            barrier: ClearBarrier::new(caps.clear_barrier_ms),
            has_marks: has_marks(caps),
            probes: caps.returns_idle_marks,
            unmarked: 0,
            is_speaking: false,
            was_speaking: false,
        }
    }

    pub(super) const fn format(&self) -> CodecFormat {
        self.format
    }

    pub(super) const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    pub(super) const fn underruns(&self) -> u64 {
        self.pacer.underruns()
    }

    pub(super) fn frames_due(&self, now: Timestamp, demand: Demand) -> usize {
        if self.barrier.is_held(now) {
            return 0;
        }
        let waiting = self.chunker.waiting_frames();
        self.pacer.frames_due(now, self.ledger.sent_until(), demand).saturating_sub(waiting)
    }

    pub(super) fn send_frame(
        &mut self,
        now: Timestamp,
        payload: &[u8],
        kind: FrameKind,
        dialect: &mut dyn Dialect,
        outbox: &mut Outbox,
    ) -> Result<(), CannotSend> {
        let frames = self.chunker.frames_in(payload).map_err(|_| CannotSend::WrongSize)?;
        if let FrameKind::Speech(utterance) = kind {
            self.probe(now, utterance, dialect, outbox)?;
        }
        let samples = self.chunker.samples_in(frames);
        self.ledger.generate(kind, samples);
        self.is_speaking = matches!(kind, FrameKind::Speech(_));
        let mut sent = Sent { dialect, outbox, result: Ok(()), samples: 0 };
        let pushed = self.chunker.push(payload, |bytes, samples| sent.audio(bytes, samples));
        pushed.map_err(|_| CannotSend::WrongSize)?;
        let (result, sent_samples) = (sent.result, sent.samples);
        self.note_sent(now, sent_samples);
        result?;
        let FrameKind::Speech(utterance) = kind else { return Ok(()) };
        self.unmarked += samples;
        if self.unmarked < self.mark_interval() {
            return Ok(());
        }
        self.flush(now, dialect, outbox)?;
        self.mark(now, utterance, dialect, outbox)
    }

    pub(super) fn flush(
        &mut self,
        now: Timestamp,
        dialect: &mut dyn Dialect,
        outbox: &mut Outbox,
    ) -> Result<(), CannotSend> {
        let mut sent = Sent { dialect, outbox, result: Ok(()), samples: 0 };
        self.chunker.flush(|bytes, samples| sent.audio(bytes, samples));
        let (result, samples) = (sent.result, sent.samples);
        self.note_sent(now, samples);
        result
    }

    pub(super) fn end_utterance(
        &mut self,
        now: Timestamp,
        utterance: UtteranceId,
        dialect: &mut dyn Dialect,
        outbox: &mut Outbox,
    ) -> Result<(), CannotSend> {
        let padded = self.chunker.pad();
        if padded > 0 {
            self.ledger.generate(FrameKind::Bed, padded);
        }
        self.flush(now, dialect, outbox)?;
        (self.is_speaking, self.was_speaking) = (false, false);
        if self.unmarked == 0 {
            return Ok(());
        }
        self.mark(now, utterance, dialect, outbox)
    }

    pub(super) fn clear(
        &mut self,
        now: Timestamp,
        dialect: &mut dyn Dialect,
        outbox: &mut Outbox,
    ) -> Result<Heard, CannotSend> {
        self.chunker.clear();
        self.unmarked = 0;
        (self.is_speaking, self.was_speaking) = (false, false);
        let heard = self.ledger.clear(now);
        let next = self.ledger.generation();
        if next != heard.generation {
            dialect.encode(MediaCommand::Clear { next }, outbox)?;
            self.barrier.handle_clear(now);
        }
        Ok(heard)
    }

    pub(super) fn handle_event(&mut self, now: Timestamp, event: &MediaEvent<'_>) {
        if matches!(event, MediaEvent::Cleared) {
            self.barrier.handle_cleared();
        }
        if self.ledger.handle_event(now, event) {
            self.pacer.handle_underrun();
        }
    }

    pub(super) fn observe_round_trip(&mut self, round_trip: Duration) {
        self.ledger.observe_round_trip(round_trip);
    }

    pub(super) fn poll_settled(&mut self, now: Timestamp) -> Option<Heard> {
        self.ledger.poll_settled(now)
    }

    pub(super) fn poll_timeout(&self, demand: Demand) -> Option<Timestamp> {
        let waiting = self.ledger.span(self.chunker.waiting_samples());
        let until = self.ledger.sent_until().map(|until| until + waiting);
        let held_until = self.barrier.held_until().unwrap_or_default();
        let frame = self.pacer.deadline(until, demand).map(|frame| frame.max(held_until));
        [frame, self.ledger.poll_timeout()].into_iter().flatten().min()
    }

    /// A mark in front of speech that starts on a silent line comes back at once, and so measures
    /// the way there and back.
    fn probe(
        &mut self,
        now: Timestamp,
        utterance: UtteranceId,
        dialect: &mut dyn Dialect,
        outbox: &mut Outbox,
    ) -> Result<(), CannotSend> {
        let is_idle = self.ledger.is_idle(now) && self.chunker.waiting_samples() == 0;
        if !self.probes || !is_idle || self.is_speaking {
            return Ok(());
        }
        self.mark(now, utterance, dialect, outbox)
    }

    fn mark(
        &mut self,
        now: Timestamp,
        utterance: UtteranceId,
        dialect: &mut dyn Dialect,
        outbox: &mut Outbox,
    ) -> Result<(), CannotSend> {
        self.unmarked = 0;
        if !self.has_marks {
            return Ok(());
        }
        match self.ledger.mark(now, utterance) {
            Some(mark) => dialect.encode(MediaCommand::Mark(mark), outbox),
            None => Ok(()),
        }
    }

    /// Audio that was handed to the socket while a clause went on and nothing was left of it.
    fn note_sent(&mut self, now: Timestamp, samples: u64) {
        if samples == 0 {
            return;
        }
        let gap = self.ledger.send(now, samples);
        if gap.is_some() && self.was_speaking {
            self.pacer.handle_underrun();
        }
        self.was_speaking = self.is_speaking;
    }

    fn mark_interval(&self) -> u64 {
        self.format.sample_rate().samples_in_ms(MARK_INTERVAL_MS) as u64
    }
}

/// Where a chunker's messages go.
struct Sent<'a> {
    dialect: &'a mut dyn Dialect,
    outbox: &'a mut Outbox,
    result: Result<(), CannotSend>,
    samples: u64,
}

impl Sent<'_> {
    fn audio(&mut self, payload: &[u8], samples: u64) {
        match self.dialect.encode(MediaCommand::Audio { payload }, self.outbox) {
            Ok(()) => self.samples += samples,
            Err(error) => self.result = Err(error),
        }
    }
}
