//! An engine from outside: started, drained, joined.

use std::io;
use std::net::SocketAddr;
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot};

use crate::call_note::CallNote;
use crate::config::EngineConfig;
use crate::media_thread;
use crate::provider_line::ProviderLine;

/// A running engine. Dropped, it drains.
#[derive(Debug)]
pub struct Engine {
    address: SocketAddr,
    drain: Option<oneshot::Sender<()>>,
    thread: JoinHandle<EngineCounts>,
}

/// What an engine's door saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EngineCounts {
    /// Connections that were accepted.
    pub connections: u64,
    /// Of them, calls.
    pub calls: u64,
    /// Times that the system gave no connection.
    pub accept_errors: u64,
    /// Calls that were still there when the time for draining was over.
    pub cut_off: u64,
}

/// Why an engine does not run.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The address cannot be listened at.
    #[error("cannot listen at {address}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The media thread cannot be started.
    #[error("cannot start the media thread")]
    Thread(#[source] io::Error),
    /// The media thread is gone: a bug, whose message is on standard error.
    #[error("the media thread panicked")]
    Panicked,
}

impl Engine {
    /// Starts the media thread and listens. For each call the providers' end is sent to `lines`; a
    /// call that finds no place there is refused. What happens is told to `notes`.
    ///
    /// # Errors
    /// If the address is taken or not of this machine, or the system gives no thread.
    pub fn start(
        config: EngineConfig,
        lines: mpsc::Sender<ProviderLine>,
        notes: mpsc::Sender<CallNote>,
    ) -> Result<Self, EngineError> {
        let address = config.bind;
        let (bound, binding) = oneshot::channel();
        let (drain, draining) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("offhook-media".to_owned())
            .spawn(move || media_thread::run(config, lines, notes, bound, draining))
            .map_err(EngineError::Thread)?;
        match binding.blocking_recv() {
            Ok(Ok(address)) => Ok(Self { address, drain: Some(drain), thread }),
            Ok(Err(source)) => Err(EngineError::Bind { address, source }),
            Err(_) => Err(EngineError::Panicked),
        }
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more calls, and lets those that there are end within the configured time.
    pub fn drain(&mut self) {
        if let Some(drain) = self.drain.take() {
            let _it_stops_by_itself = drain.send(());
        }
    }

    /// Drains and waits until the last call is over.
    ///
    /// # Errors
    /// [`EngineError::Panicked`].
    pub fn join(mut self) -> Result<EngineCounts, EngineError> {
        self.drain();
        self.thread.join().map_err(|_| EngineError::Panicked)
    }
}
