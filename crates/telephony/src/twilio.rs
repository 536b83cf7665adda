//! Twilio, and carriers that copy its interface.

mod answer;
mod signature;
mod status;
mod upgrade;

pub use answer::{check_inline, connect_stream, hang_up, reject, transfer};
pub(crate) use answer::{dial_attributes, status_callback, write_dial};
pub use signature::{
    SharedKey, TwilioAlgorithm, TwilioSecrets, sign, verify, verify_upgrade, with_body_hash,
};
pub use status::parse_status;
pub use upgrade::check_upgrade;
