//! Vonage: the WebSocket endpoint of the Voice API (`connect` action of an NCCO).
//!
//! Sources: Vonage docs on Voice WebSockets (`Nexmo/nexmo-developer`, 2021) and the AsyncAPI
//! description of 2026-05, read 2026-11-21. Vonage Video's Audio Connector is another product with
//! another dialect. Assumptions that these do not state are marked where they matter.

mod dialect;

pub use dialect::VonageDialect;
