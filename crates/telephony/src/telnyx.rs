//! Telnyx: Media Streaming over WebSockets, bidirectional in RTP mode.
//!
//! Sources: Telnyx docs, "Media Streaming over Websockets" (copy of 2026-04-10) and the AsyncAPI
//! page "stream-call-media-over-websocket", read 2026-11-21. Assumptions that these pages do not
//! state are marked where they matter.

mod answer;
mod dialect;
mod signature;
mod status;
mod stream_options;
mod upgrade;

pub use answer::{TexmlStream, connect_stream, hang_up, reject, transfer};
pub use dialect::TelnyxDialect;
pub use signature::{
    InvalidPublicKey, TelnyxPublicKey, TelnyxSecrets, TelnyxSigningKey, sign, verify,
};
pub use status::{parse_event, parse_texml_status};
pub use stream_options::{
    BidirectionalMode, CustomParameter, StreamOptions, StreamTrack, TargetLegs, TelnyxCodec,
};
pub use upgrade::check_upgrade;
