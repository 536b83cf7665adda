//! Plivo, and carriers with its dialect such as Vobiz.

mod signature;
mod upgrade;

pub use signature::{PlivoBrand, PlivoSecrets, sign, verify, verify_upgrade};
pub use upgrade::check_upgrade;
