//! Carriers without their sockets: each media-stream dialect's bytes to events and back, pacing and
//! the playback ledger; and what their webhooks say and want to hear: signatures, upgrades, answer
//! documents, call statuses. It knows no sample, no rule of a conversation and no REST API, opens
//! no socket and reads no clock.
//!
//! A stream is a [`MediaStream`] over one [`Dialect`]; what differs between carriers is asked of
//! [`Caps`]. Each carrier is a module of its own with the same parts: dialect, signature and
//! upgrade, answer, status.

mod answer;
mod caps;
mod carrier_secrets;
mod chunk;
mod dialect;
mod dialect_options;
mod form;
mod headers;
mod json;
mod jwt;
mod ledger;
mod pacing;
pub mod plivo;
mod public_url;
pub mod raw;
mod secret;
mod signature;
#[cfg(test)]
mod signature_fixtures;
mod status;
mod stream;
pub mod telnyx;
#[cfg(test)]
mod test_support;
pub mod twilio;
mod upgrade;
#[cfg(test)]
mod upgrade_request;
pub mod vonage;
mod webhook;
mod wire;
mod xml_response;

pub use answer::{Afterwards, AnswerError, AnswerProblem, RejectReason, StreamTarget, Transfer};
pub use caps::{Caps, Carrier, ChunkRule, ClearSupport, DtmfOut, HangupMeans, MarkSupport};
pub use carrier_secrets::{CarrierSecrets, check_upgrade};
pub use dialect::{Anomaly, CannotSend, Decoded, Dialect};
pub use dialect_options::{DialectOptions, LinearOrder, dialect_for};
pub use form::FormParams;
pub use headers::Headers;
pub use jwt::{Claims, sign_jwt, verify_jwt};
pub use ledger::{FrameKind, Heard, Ledger, PlayHead, SETTLE};
pub use pacing::Demand;
pub use public_url::{PublicUrl, PublicUrlError};
pub use secret::{EmptySecret, Secret};
pub use signature::SignatureError;
pub use status::{
    LineContext, LineDirection, StatusError, StatusReport, StreamNotice, UnknownValue,
    outcome_of_sip,
};
pub use stream::{
    BINARY_BYTES_MAX, MediaStream, START_TIMEOUT, StreamCounts, StreamPhase, TEXT_BYTES_MAX,
};
pub use upgrade::{
    RefusalReason, UnsignedRefusal, Upgrade, UpgradeAccepted, UpgradeContext, UpgradeRefusal,
    check_unsigned_use,
};
pub use webhook::{Method, WebhookRequest};
pub use wire::{Outbox, WireMessage};
