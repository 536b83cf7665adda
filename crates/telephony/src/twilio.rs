//! Twilio, and carriers that copy its interface.

mod signature;

pub use signature::{
    SharedKey, TwilioAlgorithm, TwilioSecrets, sign, verify, verify_upgrade, with_body_hash,
};
