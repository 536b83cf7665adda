//! The thread on which the stand-ins of all calls answer, where the sockets of real providers will
//! be: it may block, and no frame of a call is late for it.

use std::rc::Rc;

use anyhow::Result;
use offhook_engine::{Alarm, ProviderLine};
use offhook_sim::{StandIns, TimedWord};
use tokio::sync::mpsc;
use tokio::task::{JoinSet, LocalSet};

/// Answers every call whose line comes, until no more can come and all are over. `make` gives the
/// stand-ins of a call and the words that its caller will say.
pub(crate) fn run(
    mut lines: mpsc::Receiver<ProviderLine>,
    make: impl Fn(u64) -> (StandIns, Vec<TimedWord>) + 'static,
) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let make = Rc::new(make);
    LocalSet::new().block_on(&runtime, async {
        let mut calls = JoinSet::new();
        while let Some(line) = lines.recv().await {
            let make = Rc::clone(&make);
            calls.spawn_local(async move {
                let (stand_ins, words) = make(line.call());
                answer(line, stand_ins, &words).await;
            });
            while calls.try_join_next().is_some() {}
        }
        while calls.join_next().await.is_some() {}
    });
    Ok(())
}

/// Answers one call until it is over.
async fn answer(mut line: ProviderLine, mut stand_ins: StandIns, words: &[TimedWord]) {
    let clock = line.clock();
    let mut alarm = Alarm::new(clock);
    loop {
        while let Some(event) = stand_ins.poll_event(clock.now()) {
            if line.report(event).await.is_err() {
                return;
            }
        }
        alarm.set(stand_ins.poll_timeout());
        tokio::select! {
            command = line.command() => {
                let Some(command) = command else { return };
                stand_ins.handle_command(clock.now(), &command, words);
                line.give_back(command);
            }
            _ = alarm.ring() => {}
        }
    }
}
