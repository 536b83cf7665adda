//! The media thread: one reactor for the listener and the sockets of all calls, nothing else.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use offhook_session::{MediaRecorder, Session};
use offhook_telephony::{DialectOptions, dialect_for};
use offhook_types::ControlCommand;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinSet, LocalSet};
use tokio::time::{sleep, timeout};

use crate::call_driver::CallDriver;
use crate::call_note::{CallNote, DriverCounts};
use crate::clock::{Alarm, CallClock};
use crate::config::{CLOSE_MAX, CONTROLS_MAX, EngineConfig, HANDSHAKE_MAX, SEND_BUFFER_BYTES};
use crate::engine::EngineCounts;
use crate::handshake;
use crate::media_socket::MediaSocket;
use crate::provider_line::{ProviderLine, ProviderLink};

/// What every call of the thread is made with.
struct MediaThread {
    config: EngineConfig,
    lines: mpsc::Sender<ProviderLine>,
    notes: mpsc::Sender<CallNote>,
}

/// The calls of the thread, and how each is given commands.
#[derive(Default)]
struct Calls {
    tasks: JoinSet<bool>,
    controls: Vec<mpsc::Sender<ControlCommand>>,
    counts: EngineCounts,
}

/// Runs on the thread until it is told to drain, and until the last call is over.
pub(crate) fn run(
    config: EngineConfig,
    lines: mpsc::Sender<ProviderLine>,
    notes: mpsc::Sender<CallNote>,
    bound: oneshot::Sender<io::Result<SocketAddr>>,
    draining: oneshot::Receiver<()>,
) -> EngineCounts {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let _nobody_waits_any_more = bound.send(Err(error));
            return EngineCounts::default();
        }
    };
    LocalSet::new().block_on(&runtime, async {
        let opened = listen(config.bind).and_then(|open| Ok((open.local_addr()?, open)));
        let listener = match opened {
            Ok((address, listener)) => {
                let _nobody_waits_any_more = bound.send(Ok(address));
                listener
            }
            Err(error) => {
                let _nobody_waits_any_more = bound.send(Err(error));
                return EngineCounts::default();
            }
        };
        Rc::new(MediaThread { config, lines, notes }).serve(listener, draining).await
    })
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A restart must not wait for the connections of the run before.
    socket.set_reuseaddr(true)?;
    // Sockets that are accepted have what the listener has.
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

impl MediaThread {
    async fn serve(
        self: Rc<Self>,
        listener: TcpListener,
        mut draining: oneshot::Receiver<()>,
    ) -> EngineCounts {
        let mut calls = Calls::default();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => self.begin(&mut calls, stream, peer),
                    Err(_) => {
                        // Out of file descriptors, most often: they come back as calls end.
                        calls.counts.accept_errors += 1;
                        sleep(ACCEPT_PAUSE).await;
                    }
                },
                Some(ended) = calls.tasks.join_next() => calls.count(ended),
                // An engine that was dropped drains as well.
                _ = &mut draining => break,
            }
        }
        drop(listener);
        self.drain(calls).await
    }

    /// Looks after a connection from its first byte on.
    fn begin(self: &Rc<Self>, calls: &mut Calls, stream: TcpStream, peer: SocketAddr) {
        calls.counts.connections += 1;
        let call = calls.counts.connections;
        let has_room = calls.tasks.len() < self.config.calls_max;
        let (control, controls) = mpsc::channel(CONTROLS_MAX);
        calls.controls.retain(|control| !control.is_closed());
        calls.controls.push(control);
        let thread = Rc::clone(self);
        calls.tasks.spawn_local(async move {
            let clock = CallClock::start();
            thread.call(call, clock, stream, peer, has_room, controls).await.is_some()
        });
    }

    /// One connection: its handshake, then its call.
    async fn call(
        &self,
        call: u64,
        clock: CallClock,
        stream: TcpStream,
        peer: SocketAddr,
        has_room: bool,
        controls: mpsc::Receiver<ControlCommand>,
    ) -> Option<()> {
        // A frame of 20 ms must not wait for the next (Nagle's algorithm).
        stream.set_nodelay(true).ok()?;
        let place = self.lines.try_reserve();
        let opening = handshake::open(stream, peer.ip(), &self.config, has_room && place.is_ok());
        let (carrier, socket) = timeout(HANDSHAKE_MAX, opening).await.ok()??;
        let (providers, line) = ProviderLink::open(call, clock);
        place.ok()?.send(line);
        let (agent, options) = (&self.config.agent, DialectOptions::default());
        let recorder = self.config.media_traces_by.clone().map(|made_by| {
            MediaRecorder::new(agent, carrier, &options, made_by)
                .expect("every agent has a JSON form")
        });
        let driver = CallDriver {
            call,
            carrier,
            session: Session::new(agent.clone(), dialect_for(carrier, &options)),
            recorder,
            socket: MediaSocket::new(socket),
            providers,
            controls,
            notes: self.notes.clone(),
            clock,
            alarm: Alarm::new(clock),
            counts: DriverCounts::default(),
            ended: None,
        };
        driver.run().await;
        Some(())
    }

    /// Lets the calls end: by themselves, then by hanging up, then by leaving.
    async fn drain(&self, mut calls: Calls) -> EngineCounts {
        let deadline = self.config.drain;
        let deadline_ms = u32::try_from(deadline.as_millis()).unwrap_or(u32::MAX);
        calls.command(&ControlCommand::Drain { deadline_ms });
        if timeout(deadline, calls.end()).await.is_err() {
            calls.counts.cut_off = calls.tasks.len() as u64;
            calls.command(&ControlCommand::Hangup);
            let _those_that_are_left_are_dropped = timeout(2 * CLOSE_MAX, calls.end()).await;
        }
        calls.counts
    }
}

impl Calls {
    fn count(&mut self, ended: Result<bool, tokio::task::JoinError>) {
        self.counts.calls += u64::from(ended.unwrap_or(false));
    }

    fn command(&self, command: &ControlCommand) {
        for control in &self.controls {
            let _it_is_over_or_has_no_time = control.try_send(command.clone());
        }
    }

    /// Waits until all are over.
    async fn end(&mut self) {
        while let Some(ended) = poll_fn(|cx| self.tasks.poll_join_next(cx)).await {
            self.count(ended);
        }
    }
}

/// Connections that wait to be accepted: a burst of calls.
const BACKLOG: u32 = 1_024;
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
