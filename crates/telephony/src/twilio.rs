//! Twilio: bidirectional Media Streams (`<Connect><Stream>`).
//!
//! Sources: Twilio docs, "Media Streams – WebSocket Messages" and the pages of errors 31901 to
//! 31931, read 2026-11-21. Assumptions that these pages do not state are marked where they matter.

mod dialect;

pub use dialect::TwilioDialect;
