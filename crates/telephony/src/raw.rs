//! Raw: the dialect of this project, for browsers, tests and other programs.
//!
//! Source: `docs/raw-dialect.md`, which defines it.

mod dialect;
mod upgrade;

pub use dialect::RawDialect;
pub use upgrade::{RawSecrets, SUBPROTOCOL, check_upgrade};
