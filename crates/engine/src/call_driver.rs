//! The driver of one call: it carries what happens to the session, and what the session asks to
//! the socket, the providers and whoever takes notes.

use std::future::poll_fn;
use std::task::{Context, Poll};

use offhook_session::{Input, MediaRecorder, Output, Session};
use offhook_telephony::{Carrier, WireMessage};
use offhook_types::{ControlCommand, EndReason, ProviderCommand, Timestamp};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::call_note::{CallNote, CallReport, DriverCounts};
use crate::clock::{Alarm, CallClock};
use crate::config::{CLOSE_MAX, STEPS_MAX};
use crate::media_socket::{Incoming, MediaSocket};
use crate::provider_line::ProviderLink;

/// One call and everything that it is connected with. It lives on its media thread.
pub(crate) struct CallDriver {
    pub(crate) call: u64,
    pub(crate) carrier: Carrier,
    pub(crate) session: Session,
    pub(crate) socket: MediaSocket,
    pub(crate) providers: ProviderLink,
    pub(crate) controls: mpsc::Receiver<ControlCommand>,
    pub(crate) notes: mpsc::Sender<CallNote>,
    /// Where every input is written down, if that is allowed.
    pub(crate) recorder: Option<MediaRecorder>,
    pub(crate) clock: CallClock,
    pub(crate) alarm: Alarm,
    pub(crate) counts: DriverCounts,
    pub(crate) ended: Option<EndReason>,
}

impl CallDriver {
    /// Runs the call to its end.
    pub(crate) async fn run(mut self) {
        self.note(CallNote::Began { call: self.call, carrier: self.carrier });
        self.alarm.set(self.session.poll_timeout().map(|(at, _)| at));
        poll_fn(|cx| self.poll(cx)).await;
        if let Some(recorder) = self.recorder.take() {
            self.note(CallNote::MediaTrace { call: self.call, text: recorder.finish() });
        }
        self.socket.close();
        // Either way the socket is gone afterwards.
        let _ = timeout(CLOSE_MAX, poll_fn(|cx| self.socket.poll_close(cx))).await;
        let report = CallReport {
            call: self.call,
            carrier: self.carrier,
            duration: self.clock.now().saturating_since(Timestamp::ZERO),
            reason: self.ended,
            stream: self.session.stream_counts(),
            conversation: self.session.counts(),
            losses: self.session.losses(),
            driver: self.counts,
        };
        let _nobody_takes_notes_any_more = self.notes.send(CallNote::Ended(Box::new(report))).await;
    }

    /// Takes one thing of each kind in turn, so that none starves the others, until nothing is left
    /// or the other calls of this thread must have their turn.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        for _ in 0..STEPS_MAX {
            let mut is_idle = true;
            if let Poll::Ready(due) = self.alarm.poll_ring(cx) {
                is_idle = false;
                let late = self.clock.now().saturating_since(due);
                self.counts.late_max = self.counts.late_max.max(late);
                self.counts.timeouts += 1;
                self.tell(Input::Timeout);
            }
            if let Poll::Ready(incoming) = self.socket.poll_incoming(cx) {
                is_idle = false;
                self.tell_incoming(&incoming);
            }
            if let Poll::Ready(event) = self.providers.poll_event(cx) {
                is_idle = false;
                self.tell(event.into());
            }
            if let Poll::Ready(Some(command)) = self.controls.poll_recv(cx) {
                is_idle = false;
                self.tell(Input::Control(command));
            }
            if self.ended.is_some() {
                return Poll::Ready(());
            }
            if is_idle {
                return Poll::Pending;
            }
        }
        self.counts.budget_exhausted += 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn tell_incoming(&mut self, incoming: &Incoming) {
        match incoming {
            Incoming::Message(Message::Binary(bytes)) => {
                self.tell(Input::Wire(WireMessage::Binary(bytes)));
            }
            Incoming::Message(message) => {
                let text = message.to_text().unwrap_or_default();
                self.tell(Input::Wire(WireMessage::Text(text)));
            }
            Incoming::Closed => self.tell(Input::Closed),
            Incoming::Broken(observed) => self.tell(Input::Broken { observed }),
        }
    }

    /// Tells the session something, does what it asks and sets the alarm to what it waits for.
    fn tell(&mut self, input: Input<'_>) {
        if self.ended.is_some() {
            return;
        }
        let now = self.clock.now();
        let Self { session, socket, providers, counts, recorder, .. } = self;
        counts.inputs += 1;
        if let Some(recorder) = recorder {
            recorder.input(now, &input);
        }
        session.handle_input(now, input);
        let mut notes_lost = 0;
        while let Some(output) = session.poll_output() {
            if let Some(recorder) = recorder {
                recorder.output(&output);
            }
            match output {
                Output::Wire(message) => {
                    counts.first_sent_at.get_or_insert(now);
                    socket.send(message, counts);
                }
                Output::SttAudio(audio) => providers.hear(audio, counts),
                Output::Stt(command) => providers.ask(ProviderCommand::Stt(command), counts),
                Output::AskEndOfTurn { ask } => {
                    providers.ask(ProviderCommand::AskEndOfTurn { ask }, counts);
                }
                Output::Llm(command) => providers.ask(ProviderCommand::Llm(command), counts),
                Output::Tts(command) => providers.ask(ProviderCommand::Tts(command), counts),
                Output::Tool(command) => {
                    providers.ask(ProviderCommand::Tool(Box::new(command)), counts);
                }
                Output::Carrier(command) => {
                    providers.ask(ProviderCommand::Carrier(Box::new(command)), counts);
                }
                Output::Hangup(means) => socket.hang_up(means, counts),
                Output::Trace(line) => {
                    let note = CallNote::Trace { call: self.call, line };
                    notes_lost += u64::from(self.notes.try_send(note).is_err());
                }
                Output::Ended(reason) => self.ended = Some(reason),
            }
        }
        self.counts.notes_lost += notes_lost;
        if let Some(text) = self.recorder.as_mut().and_then(MediaRecorder::take)
            && !self.note(CallNote::MediaTrace { call: self.call, text })
        {
            self.recorder = None;
        }
        self.counts.step_max = self.counts.step_max.max(self.clock.now().saturating_since(now));
        self.alarm.set(self.session.poll_timeout().map(|(at, _)| at));
    }

    /// Whether somebody takes the note.
    fn note(&mut self, note: CallNote) -> bool {
        let is_taken = self.notes.try_send(note).is_ok();
        self.counts.notes_lost += u64::from(!is_taken);
        is_taken
    }
}
