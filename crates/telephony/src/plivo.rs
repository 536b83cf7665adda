//! Plivo: bidirectional Audio Streaming (`<Stream>`), and carriers that speak the same dialect.
//!
//! Sources: Plivo's server SDK `plivo-stream-sdk` 0.1.1 and Plivo docs on audio streaming,
//! playAudio, checkpoint and clearAudio, read 2026-11-21. Vobiz speaks it as well and takes linear
//! audio at 24 kHz. Assumptions that these do not state are marked where they matter.

mod answer;
mod dialect;
mod signature;
mod status;
mod upgrade;

pub use answer::{PlivoAudio, StreamSettings, connect_stream, hang_up, reject, transfer};
pub use dialect::PlivoDialect;
pub use signature::{PlivoBrand, PlivoSecrets, sign, verify, verify_upgrade};
pub use status::parse_status;
pub use upgrade::check_upgrade;
