//! Plivo, and carriers with its dialect such as Vobiz.

mod signature;

pub use signature::{PlivoBrand, PlivoSecrets, sign, verify, verify_upgrade};
