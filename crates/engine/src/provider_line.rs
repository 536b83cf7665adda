//! The channels between a call and its providers: the call's end never waits, the providers' does.

use std::task::{Context, Poll};

use offhook_types::{ProviderCommand, ProviderEvent};
use tokio::sync::mpsc;

use crate::call_note::DriverCounts;
use crate::clock::CallClock;
use crate::config::{COMMAND_ROOM, COMMANDS_MAX, EVENTS_MAX, SPENT_BUFFERS_MAX};

/// The providers' end of a call. Dropped, the call hears nothing of them any more.
#[derive(Debug)]
pub struct ProviderLine {
    call: u64,
    clock: CallClock,
    commands: mpsc::Receiver<ProviderCommand>,
    events: mpsc::Sender<ProviderEvent>,
    spent: mpsc::Sender<Vec<i16>>,
}

/// The call is over, so that nobody wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("call is over")]
pub struct CallOver;

/// The call's end.
#[derive(Debug)]
pub(crate) struct ProviderLink {
    commands: mpsc::Sender<ProviderCommand>,
    events: mpsc::Receiver<ProviderEvent>,
    spent: mpsc::Receiver<Vec<i16>>,
}

impl ProviderLine {
    /// The call's number on its engine.
    pub const fn call(&self) -> u64 {
        self.call
    }

    /// The call's time.
    pub const fn clock(&self) -> CallClock {
        self.clock
    }

    /// Waits for what the call asks next; `None` once it is over. Nothing is lost where the wait is
    /// given up.
    pub async fn command(&mut self) -> Option<ProviderCommand> {
        self.commands.recv().await
    }

    /// Tells the call something, when it has time for it.
    ///
    /// # Errors
    /// If the call is over.
    pub async fn report(&self, event: ProviderEvent) -> Result<(), CallOver> {
        self.events.send(event).await.map_err(|_| CallOver)
    }

    /// Gives the buffer of audio that was read back to the call, which fills it again.
    pub fn give_back(&self, command: ProviderCommand) {
        if let ProviderCommand::SttAudio(buffer) = command {
            let _freed_where_enough_are_on_their_way = self.spent.try_send(buffer);
        }
    }
}

impl ProviderLink {
    pub(crate) fn open(call: u64, clock: CallClock) -> (Self, ProviderLine) {
        let (command_sender, commands) = mpsc::channel(COMMANDS_MAX);
        let (events, event_receiver) = mpsc::channel(EVENTS_MAX);
        let (spent, spent_receiver) = mpsc::channel(SPENT_BUFFERS_MAX);
        let link = Self { commands: command_sender, events: event_receiver, spent: spent_receiver };
        (link, ProviderLine { call, clock, commands, events, spent })
    }

    /// Gives the recogniser audio.
    pub(crate) fn hear(&mut self, audio: &[i16], counts: &mut DriverCounts) {
        if self.commands.capacity() <= COMMAND_ROOM {
            counts.audio_lost += 1;
            return;
        }
        let mut buffer = self.spent.try_recv().unwrap_or_else(|_| {
            counts.buffers_made += 1;
            Vec::with_capacity(audio.len())
        });
        buffer.clear();
        buffer.extend_from_slice(audio);
        self.ask(ProviderCommand::SttAudio(buffer), counts);
    }

    pub(crate) fn ask(&self, command: ProviderCommand, counts: &mut DriverCounts) {
        if self.commands.try_send(command).is_err() {
            counts.commands_lost += 1;
        }
    }

    /// The next report; for ever none once the providers are gone.
    pub(crate) fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<ProviderEvent> {
        match self.events.poll_recv(cx) {
            Poll::Ready(Some(event)) => Poll::Ready(event),
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use offhook_types::SttCommand;

    use super::*;

    #[tokio::test]
    async fn providers_that_do_not_move_lose_the_newest_audio_and_no_command() {
        let (mut link, mut line) = ProviderLink::open(1, CallClock::start());
        let mut counts = DriverCounts::default();
        for _ in 0..2 * COMMANDS_MAX {
            link.hear(&[1; 320], &mut counts);
        }
        link.ask(ProviderCommand::Stt(SttCommand::Finalize), &mut counts);
        let kept = COMMANDS_MAX - COMMAND_ROOM;
        assert_eq!(counts.audio_lost, (2 * COMMANDS_MAX - kept) as u64);
        assert_eq!((counts.commands_lost, counts.buffers_made), (0, kept as u64));
        for _ in 0..kept {
            assert!(matches!(line.command().await, Some(ProviderCommand::SttAudio(_))));
        }
        assert_eq!(line.command().await, Some(ProviderCommand::Stt(SttCommand::Finalize)));
    }

    #[tokio::test]
    async fn a_buffer_that_is_given_back_is_filled_again() {
        let (mut link, mut line) = ProviderLink::open(1, CallClock::start());
        let mut counts = DriverCounts::default();
        for round in 0..100 {
            link.hear(&[round; 320], &mut counts);
            let command = line.command().await.expect("audio");
            assert_eq!(command, ProviderCommand::SttAudio(vec![round; 320]));
            line.give_back(command);
        }
        assert_eq!(counts.buffers_made, 1);
    }

    #[tokio::test]
    async fn a_call_that_is_over_says_so_to_its_providers() {
        let (link, mut line) = ProviderLink::open(1, CallClock::start());
        drop(link);
        assert_eq!(line.command().await, None);
        assert_eq!(
            line.report(ProviderEvent::EndOfTurn { ask: 1, permille: 1 }).await,
            Err(CallOver)
        );
    }
}
