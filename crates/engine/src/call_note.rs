//! What an engine tells about its calls while they run and when they are over.

use std::time::Duration;

use offhook_session::ConversationCounts;
use offhook_telephony::{Carrier, StreamCounts};
use offhook_types::{EndReason, Timestamp, TraceLine};

/// Something about a call, for whoever keeps traces, logs and figures.
#[derive(Debug)]
pub enum CallNote {
    /// A media socket was opened.
    Began {
        /// The call's number on this engine, from 1.
        call: u64,
        /// Whose stream it is.
        carrier: Carrier,
    },
    /// A line of the call's decision trace. Policy `newest lost`: one that finds the channel full
    /// is counted in [`DriverCounts::notes_lost`], and the trace will not play again.
    Trace {
        /// The call.
        call: u64,
        /// The line.
        line: TraceLine,
    },
    /// More of the call's media trace. Policy `cut short`: where one finds the channel full, the
    /// trace ends before it and plays again up to there.
    MediaTrace {
        /// The call.
        call: u64,
        /// Whole lines.
        text: Vec<u8>,
    },
    /// The call is over; its last note, which is never lost.
    Ended(Box<CallReport>),
}

/// A call that is over.
#[derive(Clone, Debug)]
pub struct CallReport {
    /// The call's number on this engine.
    pub call: u64,
    /// Whose stream it was.
    pub carrier: Carrier,
    /// How long its socket was open.
    pub duration: Duration,
    /// Why it ended; `None` where the engine was stopped before it did.
    pub reason: Option<EndReason>,
    /// What came and went on the stream.
    pub stream: StreamCounts,
    /// How often rules decided.
    pub conversation: ConversationCounts,
    /// Frames that could not be sent, and samples that waited too long for the recogniser.
    pub losses: (u64, u64),
    /// What the driver saw.
    pub driver: DriverCounts,
}

/// What a call's driver saw. None of it should be large.
#[derive(Clone, Copy, Debug, Default)]
pub struct DriverCounts {
    /// Inputs that the session was given.
    pub inputs: u64,
    /// Of them, deadlines.
    pub timeouts: u64,
    /// How late the latest deadline was noticed.
    pub late_max: Duration,
    /// The longest that one input took, from the session being told to its last output: so long
    /// did every other call of the thread wait.
    pub step_max: Duration,
    /// Wake-ups that had more to do than their share.
    pub budget_exhausted: u64,
    /// When the first message was given to the carrier, since the socket was accepted.
    pub first_sent_at: Option<Timestamp>,
    /// The most messages that waited for the carrier to read.
    pub outgoing_max: usize,
    /// Messages that found no room because the carrier does not read.
    pub outgoing_lost: u64,
    /// Chunks of audio that the recogniser was not given because the providers do not move.
    pub audio_lost: u64,
    /// Commands that were lost for the same reason.
    pub commands_lost: u64,
    /// Audio buffers that were made; the others were used again.
    pub buffers_made: u64,
    /// Notes that were lost because nobody took them.
    pub notes_lost: u64,
    /// Hang-ups that only the carrier's REST API could have done.
    pub hangups_by_rest: u64,
}
