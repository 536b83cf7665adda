//! Carriers' media streams without their sockets: each dialect's bytes to events and back, pacing,
//! and the playback ledger. It knows no sample, no rule of a conversation and no REST API.
//!
//! A stream is a [`MediaStream`] over one [`Dialect`]; what differs between carriers is asked of
//! [`Caps`].

mod caps;
mod chunk;
mod dialect;
mod dialect_options;
mod json;
mod ledger;
mod pacing;
pub mod plivo;
pub mod raw;
mod stream;
pub mod telnyx;
#[cfg(test)]
mod test_support;
pub mod twilio;
pub mod vonage;
mod wire;

pub use caps::{Caps, Carrier, ChunkRule, ClearSupport, DtmfOut, HangupMeans, MarkSupport};
pub use dialect::{Anomaly, CannotSend, Decoded, Dialect};
pub use dialect_options::{DialectOptions, LinearOrder, dialect_for};
pub use ledger::{FrameKind, Heard, Ledger, SETTLE};
pub use pacing::Demand;
pub use stream::{
    BINARY_BYTES_MAX, MediaStream, START_TIMEOUT, StreamCounts, StreamPhase, TEXT_BYTES_MAX,
};
pub use wire::{Outbox, WireMessage};
