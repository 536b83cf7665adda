//! One media stream of one call: a dialect with everything that is the same for all carriers.
//!
//! ```text
//!            start            stop, or the socket closes
//! Awaiting ────────▶ Open ─────────────────────────────▶ Stopped
//!    └──────────────────── the socket closes ──────────────▲
//! ```

mod clear_barrier;
mod counts;
mod playback;

use std::time::Duration;

use offhook_types::{CodecFormat, DtmfDigit, MediaCommand, MediaEvent, Timestamp, UtteranceId};

use crate::caps::{Caps, MarkSupport};
use crate::dialect::{Anomaly, CannotSend, Dialect};
use crate::ledger::{FrameKind, Heard, Ledger, PlayHead};
use crate::pacing::Demand;
use crate::wire::{Outbox, WireMessage};
pub use counts::StreamCounts;
use playback::Playback;

/// Where a stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamPhase {
    /// Nothing but greetings came yet.
    Awaiting,
    /// Media flows.
    Open,
    /// Nothing will come or be sent any more.
    Stopped,
}

/// One media stream of one call.
///
/// In this order: getters; commands ([`send_frame`](Self::send_frame), [`flush`](Self::flush),
/// [`end_utterance`](Self::end_utterance), [`clear`](Self::clear), [`send_dtmf`](Self::send_dtmf),
/// [`hang_up`](Self::hang_up)); [`handle_message`](Self::handle_message),
/// [`handle_closed`](Self::handle_closed), [`observe_round_trip`](Self::observe_round_trip); then
/// [`poll_message`](Self::poll_message) until it is empty, [`poll_settled`](Self::poll_settled) and
/// [`poll_timeout`](Self::poll_timeout).
///
/// A message that cannot be understood changes [`counts`](Self::counts) and nothing else.
pub struct MediaStream {
    dialect: Box<dyn Dialect>,
    phase: StreamPhase,
    playback: Option<Playback>,
    outbox: Outbox,
    counts: StreamCounts,
    is_paused: bool,
}

/// The longest text message that is read: none of a carrier is a tenth of it.
pub const TEXT_BYTES_MAX: usize = 1 << 20;
/// The longest binary message that is read.
pub const BINARY_BYTES_MAX: usize = 1 << 16;
/// The longest audio of one message, decoded: more than 300 ms of any format.
pub(crate) const PAYLOAD_BYTES_MAX: usize = 1 << 16;
/// How long a socket may stay without the stream's start.
pub const START_TIMEOUT: Duration = Duration::from_secs(10);

impl MediaStream {
    /// A stream whose socket was just opened.
    pub fn new(dialect: Box<dyn Dialect>) -> Self {
        Self {
            dialect,
            phase: StreamPhase::Awaiting,
            playback: None,
            outbox: Outbox::new(),
            counts: StreamCounts::default(),
            is_paused: false,
        }
    }

    /// Where the stream is.
    pub const fn phase(&self) -> StreamPhase {
        self.phase
    }

    /// What the stream can do.
    pub fn caps(&self) -> &Caps {
        self.dialect.caps()
    }

    /// What came and went, and what was wrong with it.
    pub fn counts(&self) -> StreamCounts {
        let mut counts = self.counts;
        counts.refused_messages = self.outbox.refused();
        if let Some(playback) = &self.playback {
            counts.underruns = playback.underruns();
            counts.unexpected_marks = playback.ledger().unexpected_marks();
        }
        counts
    }

    /// What the agent's audio must be encoded with, once the stream has started.
    pub fn outbound_format(&self) -> Option<CodecFormat> {
        self.playback.as_ref().map(Playback::format)
    }

    /// What was sent and heard, once the stream has started.
    pub fn ledger(&self) -> Option<&Ledger> {
        self.playback.as_ref().map(Playback::ledger)
    }

    /// What is being played now.
    pub fn play_head(&self) -> Option<PlayHead> {
        self.playback.as_ref().and_then(|playback| playback.ledger().play_head())
    }

    /// How many frames of 20 ms to send now: none while the carrier asks for a pause, and none
    /// between a clear and its acknowledgement where the carrier needs that
    /// ([`Caps::clear_barrier_ms`]). More than are due must not be sent.
    pub fn frames_due(&self, now: Timestamp, demand: Demand) -> usize {
        match &self.playback {
            Some(playback) if self.phase == StreamPhase::Open && !self.is_paused => {
                playback.frames_due(now, demand)
            }
            _ => 0,
        }
    }

    /// Sends encoded audio, usually 20 ms. [`flush`](Self::flush) after the last that is due.
    ///
    /// # Errors
    /// [`CannotSend`] while the stream is not open, or for a payload that is no whole frame of a
    /// codec without a byte for silence.
    pub fn send_frame(
        &mut self,
        now: Timestamp,
        payload: &[u8],
        kind: FrameKind,
    ) -> Result<(), CannotSend> {
        let (dialect, outbox, playback) = self.open()?;
        playback.send_frame(now, payload, kind, dialect, outbox)
    }

    /// Sends what waits for more to make a message, as far as the carrier takes it.
    ///
    /// # Errors
    /// [`CannotSend::NotStarted`] while the stream is not open.
    pub fn flush(&mut self, now: Timestamp) -> Result<(), CannotSend> {
        let (dialect, outbox, playback) = self.open()?;
        playback.flush(now, dialect, outbox)
    }

    /// The last frame of this clause was sent: fills up the last message and marks its end.
    ///
    /// # Errors
    /// [`CannotSend::NotStarted`] while the stream is not open.
    pub fn end_utterance(
        &mut self,
        now: Timestamp,
        utterance: UtteranceId,
    ) -> Result<(), CannotSend> {
        let (dialect, outbox, playback) = self.open()?;
        playback.end_utterance(now, utterance, dialect, outbox)
    }

    /// Throws away what the caller has not heard and begins a new generation; see
    /// [`Ledger::clear`].
    ///
    /// # Errors
    /// [`CannotSend::NotStarted`] while the stream is not open.
    pub fn clear(&mut self, now: Timestamp) -> Result<Heard, CannotSend> {
        let (dialect, outbox, playback) = self.open()?;
        playback.clear(now, dialect, outbox)
    }

    /// Sends digits as a message.
    ///
    /// # Errors
    /// [`CannotSend::Unsupported`] where [`Caps::dtmf_out`] names another way.
    pub fn send_dtmf(&mut self, digits: &[DtmfDigit]) -> Result<(), CannotSend> {
        let (dialect, outbox, _) = self.open()?;
        dialect.encode(MediaCommand::Dtmf { digits }, outbox)
    }

    /// Ends the call by a message.
    ///
    /// # Errors
    /// [`CannotSend::Unsupported`] where [`Caps::hangup`] names another way.
    pub fn hang_up(&mut self) -> Result<(), CannotSend> {
        let (dialect, outbox, _) = self.open()?;
        dialect.encode(MediaCommand::Hangup, outbox)
    }

    /// Takes one message from the socket. The event, if any, is lent until the next call.
    pub fn handle_message(
        &mut self,
        now: Timestamp,
        message: WireMessage<'_>,
        mut sink: impl FnMut(&MediaEvent<'_>),
    ) {
        self.counts.messages += 1;
        let limit = match message {
            WireMessage::Text(_) => TEXT_BYTES_MAX,
            WireMessage::Binary(_) => BINARY_BYTES_MAX,
        };
        if message.len() > limit {
            return self.counts.note(Anomaly::Oversized);
        }
        if self.phase == StreamPhase::Stopped {
            return self.counts.note(Anomaly::AfterStop);
        }
        let decoded = match self.dialect.decode(message, &mut self.outbox) {
            Ok(decoded) => decoded,
            Err(anomaly) => return self.counts.note(anomaly),
        };
        self.counts.unknown_fields += u64::from(decoded.unknown_fields);
        let Some(event) = decoded.event else { return };
        match (&event, self.phase) {
            (MediaEvent::Started(_), StreamPhase::Open | StreamPhase::Stopped) => {
                return self.counts.note(Anomaly::SecondStart);
            }
            (MediaEvent::Started(start), StreamPhase::Awaiting) => {
                self.phase = StreamPhase::Open;
                let outbound = start.outbound;
                sink(&event);
                self.playback = Some(Playback::new(outbound, self.dialect.caps()));
                return;
            }
            (MediaEvent::Stopped, _) => self.phase = StreamPhase::Stopped,
            (MediaEvent::Error { .. }, _) => self.counts.carrier_errors += 1,
            (_, StreamPhase::Awaiting) => return self.counts.note(Anomaly::BeforeStart),
            (MediaEvent::Flow { is_paused }, _) => self.is_paused = *is_paused,
            (MediaEvent::Audio(_), _) => self.counts.audio_messages += 1,
            _ => {}
        }
        if let Some(playback) = &mut self.playback {
            playback.handle_event(now, &event);
        }
        sink(&event);
    }

    /// The socket is closed: says whether that is the end of a stream that had not ended yet.
    pub fn handle_closed(&mut self) -> bool {
        let had_ended = self.phase == StreamPhase::Stopped;
        self.phase = StreamPhase::Stopped;
        !had_ended
    }

    /// A ping came back after this long: see [`Ledger::observe_round_trip`].
    pub fn observe_round_trip(&mut self, round_trip: Duration) {
        if let Some(playback) = &mut self.playback {
            playback.observe_round_trip(round_trip);
        }
    }

    /// Whether every message was taken.
    pub fn is_drained(&self) -> bool {
        self.outbox.is_empty()
    }

    /// The next message for the socket.
    pub fn poll_message(&mut self) -> Option<WireMessage<'_>> {
        self.outbox.poll()
    }

    /// What was heard of a generation that was cleared, once it is certain.
    pub fn poll_settled(&mut self, now: Timestamp) -> Option<Heard> {
        self.playback.as_mut()?.poll_settled(now)
    }

    /// When there is something to do if no message comes: frames to send for this demand, or
    /// [`poll_settled`](Self::poll_settled).
    pub fn poll_timeout(&self, demand: Demand) -> Option<Timestamp> {
        let playback = self.playback.as_ref().filter(|_| self.phase == StreamPhase::Open)?;
        let demand = if self.is_paused { Demand::Nothing } else { demand };
        playback.poll_timeout(demand)
    }

    fn open(&mut self) -> Result<(&mut dyn Dialect, &mut Outbox, &mut Playback), CannotSend> {
        match &mut self.playback {
            Some(playback) if self.phase == StreamPhase::Open => {
                Ok((&mut *self.dialect, &mut self.outbox, playback))
            }
            _ => Err(CannotSend::NotStarted),
        }
    }
}

/// Whether marks of this carrier say anything.
pub(crate) const fn has_marks(caps: &Caps) -> bool {
    !matches!(caps.marks, MarkSupport::None)
}

#[cfg(test)]
mod tests;
