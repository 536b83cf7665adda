//! Vonage: the WebSocket endpoint of the Voice API (`connect` action of an NCCO).
//!
//! Sources: Vonage docs on Voice WebSockets (`Nexmo/nexmo-developer`, 2021) and the AsyncAPI
//! description of 2026-05, read 2026-11-21. Vonage Video's Audio Connector is another product with
//! another dialect. Assumptions that these do not state are marked where they matter.

mod answer;
mod dialect;
mod signature;
mod status;
mod upgrade;

pub use answer::{
    SocketAuthorization, SocketSettings, VonageAudio, connect_stream, hang_up, transfer,
};
pub use dialect::VonageDialect;
pub use signature::{VonageSecrets, sign, verify};
pub use status::parse_event;
pub use upgrade::check_upgrade;
