//! Telnyx: Call Control and TeXML.

mod signature;
mod upgrade;

pub use signature::{
    InvalidPublicKey, TelnyxPublicKey, TelnyxSecrets, TelnyxSigningKey, sign, verify,
};
pub use upgrade::check_upgrade;
