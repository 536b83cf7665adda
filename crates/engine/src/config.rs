//! What an engine runs, and its limits.

use std::net::SocketAddr;
use std::time::Duration;

use offhook_session::SessionConfig;
use offhook_telephony::{CarrierSecrets, PublicUrl};

/// What an engine runs.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Where carriers open their media sockets, as `/<carrier>/media`. Port 0 takes a free one.
    pub bind: SocketAddr,
    /// The agent of every call.
    pub agent: SessionConfig,
    /// What upgrades are verified with. A carrier without secrets is served on this host only.
    pub secrets: CarrierSecrets,
    /// The address that carriers use, where it is another one.
    pub public_url: Option<PublicUrl>,
    /// Calls and handshakes at a time; more are answered with status 503. Default 256. More than a
    /// core can carry makes every call late, fewer turns callers away.
    pub calls_max: usize,
    /// How long calls may go on after [`Engine::drain`](crate::Engine::drain). Default 30 s.
    /// Shorter cuts callers off, longer holds up a deployment.
    pub drain: Duration,
    /// Records the media trace of every call, made by the binary and processor of this name.
    /// Default none: it holds the caller's voice and number, and is allowed where recording is.
    pub media_traces_by: Option<String>,
}

impl EngineConfig {
    /// An engine with the usual limits for callers of this host.
    pub fn new(bind: SocketAddr, agent: SessionConfig) -> Self {
        Self {
            bind,
            agent,
            secrets: CarrierSecrets::default(),
            public_url: None,
            calls_max: 256,
            drain: Duration::from_secs(30),
            media_traces_by: None,
        }
    }
}

/// Bytes of a request's head; those of carriers have less than 2,000.
pub(crate) const HEAD_BYTES_MAX: usize = 16 * 1_024;
/// How long a client may take to ask for an upgrade.
pub(crate) const HANDSHAKE_MAX: Duration = Duration::from_secs(5);

/// Messages to the carrier that may wait for it to read: about 4 s of speech with its marks. The
/// system holds [`SEND_BUFFER_BYTES`] before that. Policy `cut off`: a message that finds no room
/// ends the stream, because a stream with a hole in it would let the ledger lie.
pub(crate) const OUTGOING_MESSAGES_MAX: usize = 256;
/// What the system holds of a socket's outgoing bytes (Linux doubles it): a few seconds of audio.
/// Without a limit it is megabytes, and a carrier that stopped reading is noticed after minutes.
pub(crate) const SEND_BUFFER_BYTES: u32 = 32 * 1_024;
/// How long a carrier may take to agree to a stream's end.
pub(crate) const CLOSE_MAX: Duration = Duration::from_secs(2);

/// What waits for a call's providers: 20 s of audio. Policy `newest audio lost`: audio that finds
/// fewer than [`COMMAND_ROOM`] places left is not given to the recogniser, and counted.
pub(crate) const COMMANDS_MAX: usize = 1_024;
/// Places that audio leaves for commands. A command that finds none is lost as well, and counted:
/// the providers have not moved for 20 s, and rules of the call have given them up before that.
pub(crate) const COMMAND_ROOM: usize = 64;
/// What providers may report ahead of the call. Policy `wait`: they wait, the call does not.
pub(crate) const EVENTS_MAX: usize = 256;
/// Audio buffers on their way back from the recogniser. Policy `freed`: more are let go.
pub(crate) const SPENT_BUFFERS_MAX: usize = 64;
/// Commands of operators that wait. Policy `refused`: the operator is told.
pub(crate) const CONTROLS_MAX: usize = 16;

/// What one wake-up of a call may do before other calls of the thread have their turn. A call that
/// flows does 1 to 3 steps; a second of backlog is 50. Fewer cost wake-ups, more let a flood on one
/// socket delay the others: 64 steps take about a millisecond.
pub(crate) const STEPS_MAX: usize = 64;
