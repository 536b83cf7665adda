//! Vonage Voice.

mod signature;

pub use signature::{VonageSecrets, sign, verify};
