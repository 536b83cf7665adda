//! Twilio, and carriers that copy its interface.

mod signature;
mod upgrade;

pub use signature::{
    SharedKey, TwilioAlgorithm, TwilioSecrets, sign, verify, verify_upgrade, with_body_hash,
};
pub use upgrade::check_upgrade;
