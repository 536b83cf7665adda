//! Raw: the dialect of this project, for browsers, tests and other programs.
//!
//! Source: `docs/raw-dialect.md`, which defines it.

mod dialect;

pub use dialect::RawDialect;
