//! The plain WebSocket of browsers and test callers.

mod upgrade;

pub use upgrade::{RawSecrets, SUBPROTOCOL, check_upgrade};
