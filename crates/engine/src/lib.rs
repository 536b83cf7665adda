//! Runs calls on real sockets: a media thread that accepts carriers' sockets and drives a session
//! for each, the only clock, and bounded channels to whatever recognises, thinks and speaks. It
//! decides nothing about a call and knows no provider.
//!
//! ```text
//! media thread                                     provider thread
//!   listener ─ handshake ─┐                          ┌─ whoever holds the ProviderLine
//!   socket ⇄ MediaSocket ⇄ CallDriver ⇄ Session      │
//!                          └── ProviderLink ⇄ channels ⇄ ProviderLine
//!                          └── CallNote ─ channel ─ whoever keeps traces
//! ```

mod call_driver;
mod call_note;
mod clock;
mod config;
mod engine;
mod handshake;
mod media_socket;
mod media_thread;
mod provider_line;

pub use call_note::{CallNote, CallReport, DriverCounts};
pub use clock::{Alarm, CallClock, epoch_ms};
pub use config::EngineConfig;
pub use engine::{Engine, EngineCounts, EngineError};
pub use provider_line::{CallOver, ProviderLine};
