//! Plivo: bidirectional Audio Streaming (`<Stream>`), and carriers that speak the same dialect.
//!
//! Sources: Plivo's server SDK `plivo-stream-sdk` 0.1.1 and Plivo docs on audio streaming,
//! playAudio, checkpoint and clearAudio, read 2026-11-21. Vobiz speaks it as well and takes linear
//! audio at 24 kHz. Assumptions that these do not state are marked where they matter.

mod dialect;

pub use dialect::PlivoDialect;
