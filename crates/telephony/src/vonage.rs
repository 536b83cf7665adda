//! Vonage Voice.

mod signature;
mod upgrade;

pub use signature::{VonageSecrets, sign, verify};
pub use upgrade::check_upgrade;
