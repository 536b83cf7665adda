//! Twilio: bidirectional Media Streams (`<Connect><Stream>`).
//!
//! Sources: Twilio docs, "Media Streams – WebSocket Messages" and the pages of errors 31901 to
//! 31931, read 2026-11-21. Assumptions that these pages do not state are marked where they matter.

mod answer;
mod dialect;
mod signature;
mod status;
mod upgrade;

pub use answer::{check_inline, connect_stream, hang_up, reject, transfer};
pub(crate) use answer::{dial_attributes, status_callback, write_dial};
pub use dialect::TwilioDialect;
pub use signature::{
    SharedKey, TwilioAlgorithm, TwilioSecrets, sign, verify, verify_upgrade, with_body_hash,
};
pub use status::parse_status;
pub use upgrade::check_upgrade;
