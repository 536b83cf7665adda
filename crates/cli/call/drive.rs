//! Between an emulated carrier and a real socket.

use std::collections::VecDeque;
use std::io::Write;
use std::pin::pin;

use anyhow::Result;
use offhook_emulator::{CallState, Emulator, Side};
use offhook_engine::CallClock;
use offhook_types::{DtmfDigit, Timestamp};

use super::caller::RecordedCaller;
use super::report::Report;
use super::socket::{Dialled, Socket};

/// One call from dialling to its end.
pub(super) struct Drive<'a, W> {
    call: &'a mut dyn Emulator,
    caller: RecordedCaller,
    report: &'a mut Report<W>,
    plan: VecDeque<(Timestamp, Planned)>,
}

/// Something that the caller does at a given time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Planned {
    /// Press a key.
    Press(DtmfDigit),
    /// The recording is at its end.
    FallSilent,
    /// Hang up, or have somebody do so.
    HangUp(Side),
}

/// How long a key is held: what people do (ITU-T Q.24 asks receivers for 40 ms).
const PRESS_MS: u32 = 100;

impl<'a, W: Write> Drive<'a, W> {
    /// A call that does what `plan` says, in order of time.
    pub(super) fn new(
        call: &'a mut dyn Emulator,
        caller: RecordedCaller,
        report: &'a mut Report<W>,
        plan: Vec<(Timestamp, Planned)>,
    ) -> Self {
        Self { call, caller, report, plan: plan.into() }
    }

    /// Dials, and stays on the line until the call is over.
    ///
    /// # Errors
    /// If there is no engine, if it does not read, or if the recording cannot be written.
    pub(super) async fn run(mut self, url: &str) -> Result<()> {
        let dialled = Socket::dial(url, &self.call.upgrade()).await?;
        let clock = CallClock::start();
        match dialled {
            Dialled::Refused(status) => self.call.handle_refused(clock.now(), Some(status)),
            Dialled::Open(mut socket, protocol) => {
                self.call.handle_open(clock.now(), protocol.as_deref());
                self.talk(&mut socket, clock).await?;
                socket.close().await;
            }
        }
        self.tell()?;
        self.caller.finish()
    }

    async fn talk(&mut self, socket: &mut Socket, clock: CallClock) -> Result<()> {
        let mut interrupt = pin!(tokio::signal::ctrl_c());
        loop {
            while let Some(message) = self.call.poll_message() {
                socket.send(message).await?;
            }
            self.tell()?;
            self.caller.take_fault()?;
            if matches!(self.call.state(), CallState::Ended(_)) {
                return Ok(());
            }
            tokio::select! {
                message = socket.receive() => match message {
                    Some(message) => self.call.handle_message(clock.now(), message),
                    None => self.call.handle_closed(clock.now()),
                },
                () = clock.sleep_until(self.wake_at()) => self.wake(clock.now())?,
                _ = &mut interrupt => self.call.hang_up(clock.now(), Side::Caller),
            }
        }
    }

    /// The next moment at which something is due. A plan ends with a hang-up, so there is one.
    fn wake_at(&self) -> Timestamp {
        let planned = self.plan.front().map(|(at, _)| *at);
        planned.into_iter().chain(self.call.poll_timeout()).min().unwrap_or(Timestamp::ZERO)
    }

    fn wake(&mut self, now: Timestamp) -> Result<()> {
        self.call.handle_timeout(now, &mut self.caller);
        while let Some((at, planned)) = self.plan.front().copied().filter(|(at, _)| *at <= now) {
            self.plan.pop_front();
            match planned {
                Planned::Press(digit) => self.call.press(now, digit, PRESS_MS),
                Planned::FallSilent => {
                    self.tell()?;
                    self.report.tell(at, "the recording ends")?;
                }
                Planned::HangUp(by) => self.call.hang_up(now, by),
            }
        }
        Ok(())
    }

    fn tell(&mut self) -> Result<()> {
        while let Some(event) = self.call.poll_event() {
            self.report.event(&event)?;
        }
        Ok(())
    }
}
