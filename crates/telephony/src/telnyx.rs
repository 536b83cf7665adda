//! Telnyx: Call Control and TeXML.

mod signature;

pub use signature::{
    InvalidPublicKey, TelnyxPublicKey, TelnyxSecrets, TelnyxSigningKey, sign, verify,
};
