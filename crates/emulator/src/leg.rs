//! What all carriers have in common: the line, the buffer and the wires of one call.

use std::collections::VecDeque;
use std::time::Duration;

use offhook_types::Timestamp;

use crate::playout::{Playout, PushError, Turn};
use crate::violation::{Refusal, Rule};
use crate::{
    CallEnd, CallState, Caps, Dial, EndCause, LineEvent, LineEventKind, MarkFate, Side, Tally,
    Violation, WireMessage,
};

/// The state of one call that every dialect works on.
#[derive(Debug)]
pub(crate) struct Leg {
    pub(crate) dial: Dial,
    pub(crate) caps: Caps,
    pub(crate) state: CallState,
    pub(crate) playout: Playout,
    pub(crate) tally: Tally,
    pub(crate) violations: Vec<Violation>,
    pub(crate) violation_count: u64,
    pub(crate) outbox: VecDeque<WireMessage>,
    pub(crate) events: VecDeque<LineEvent>,
    /// When audio began to flow.
    pub(crate) started_at: Timestamp,
    /// The next tick of the running stream.
    pub(crate) next_tick: Timestamp,
    /// When to give up waiting for the handshake.
    pub(crate) give_up_at: Option<Timestamp>,
}

impl Leg {
    pub(crate) fn new(dial: Dial, caps: Caps) -> Self {
        let rate = dial.to_caller.sample_rate();
        let capacity = caps.buffer.as_millis() as u64 * u64::from(rate.hz()) / 1_000;
        Self {
            playout: Playout::new(dial.to_caller, capacity),
            dial,
            caps,
            state: CallState::Connecting,
            tally: Tally::default(),
            violations: Vec::new(),
            violation_count: 0,
            outbox: VecDeque::new(),
            events: VecDeque::new(),
            started_at: Timestamp::ZERO,
            next_tick: Timestamp::ZERO,
            give_up_at: None,
        }
    }

    pub(crate) fn is_streaming(&self) -> bool {
        self.state == CallState::Streaming
    }

    pub(crate) fn is_ended(&self) -> bool {
        matches!(self.state, CallState::Ended(_))
    }

    /// Audio flows from here on, the first 20 ms of it in 20 ms.
    pub(crate) fn start(&mut self, now: Timestamp) {
        self.state = CallState::Streaming;
        self.give_up_at = None;
        self.started_at = now;
        self.next_tick = now + TICK;
        self.note(now, LineEventKind::Started);
    }

    /// Sends a JSON text, in the spelling that the quirks ask for.
    pub(crate) fn send_text(&mut self, mut text: String) {
        if self.dial.quirks.adds_unknown && text.len() > 2 {
            text.insert_str(1, UNKNOWN_FIELDS);
        }
        if self.dial.quirks.escapes_slashes {
            text = text.replace('/', "\\/");
        }
        self.outbox.push_back(WireMessage::Text(text));
    }

    pub(crate) fn send_binary(&mut self, bytes: Vec<u8>) {
        self.outbox.push_back(WireMessage::Binary(bytes));
    }

    /// Buffers a payload of the agent.
    ///
    /// # Errors
    /// A refusal for a payload that is no audio of the line's format or does not fit.
    pub(crate) fn play(&mut self, payload: &[u8]) -> Result<(), Refusal> {
        match self.playout.push(payload) {
            Ok(_) => {
                self.tally.chunks_received += 1;
                Ok(())
            }
            Err(PushError::Full) => Err(Refusal::new(Rule::BufferFull, "the buffer is full")),
            Err(PushError::NotAPacket | PushError::TooManyMarks) => {
                Err(Refusal::new(Rule::ContentType, "the payload is no packet of the codec"))
            }
        }
    }

    /// Sets a mark behind what is buffered.
    ///
    /// # Errors
    /// A refusal if too many are pending.
    pub(crate) fn mark(&mut self, now: Timestamp, name: String) -> Result<(), Refusal> {
        let told = name.clone();
        self.playout
            .mark(name)
            .map_err(|_| Refusal::new(Rule::TooManyMarks, "too many marks are pending"))?;
        self.tally.marks_set += 1;
        self.note(now, LineEventKind::MarkSet { name: told });
        Ok(())
    }

    /// Empties the buffer; the marks in it come back in order.
    pub(crate) fn clear(&mut self, now: Timestamp) -> Vec<String> {
        let (dropped_samples, marks) = self.playout.clear();
        let marks: Vec<String> = marks.collect();
        self.note(now, LineEventKind::Cleared { dropped_samples });
        for name in &marks {
            self.tally.marks_cleared += 1;
            let name = name.clone();
            self.note(now, LineEventKind::MarkDone { name, fate: MarkFate::Cleared });
        }
        marks
    }

    /// The next mark whose audio has been heard.
    pub(crate) fn pop_due_mark(&mut self, now: Timestamp) -> Option<String> {
        let name = self.playout.pop_due_mark()?;
        self.tally.marks_played += 1;
        let told = name.clone();
        self.note(now, LineEventKind::MarkDone { name: told, fate: MarkFate::Played });
        Some(name)
    }

    pub(crate) fn note_turn(&mut self, at: Timestamp, turn: Option<Turn>) {
        match turn {
            Some(Turn::Began) => self.note(at, LineEventKind::AudioBegan),
            Some(Turn::Paused) => self.note(at, LineEventKind::AudioPaused),
            None => {}
        }
    }

    pub(crate) fn violate(&mut self, now: Timestamp, refusal: Refusal, code: Option<u32>) {
        let violation = Violation { at: now, rule: refusal.rule, code, detail: refusal.detail };
        self.violation_count += 1;
        if self.violations.len() < Violation::KEPT_MAX {
            self.violations.push(violation.clone());
        }
        self.note(now, LineEventKind::Violated(violation));
    }

    /// The stream is over, and the line too if `is_line_up` is false.
    pub(crate) fn end(&mut self, now: Timestamp, by: Side, cause: EndCause, is_line_up: bool) {
        if self.is_ended() {
            return;
        }
        let end = CallEnd { at: now, by, cause, is_line_up };
        self.state = CallState::Ended(end);
        self.note(now, LineEventKind::Ended(end));
    }

    pub(crate) fn note(&mut self, at: Timestamp, kind: LineEventKind) {
        if self.events.len() >= LineEvent::KEPT_MAX {
            self.events.pop_front();
            self.tally.events_missed += 1;
        }
        self.events.push_back(LineEvent { at, kind });
    }
}

/// How often audio moves.
pub(crate) const TICK: Duration = Duration::from_millis(20);
/// What a message gets in front of its other fields where unknown fields are asked for.
const UNKNOWN_FIELDS: &str = r#""x_future":{"nested":[1,null,{"event":"start"}]},"#;
