//! Telnyx: Media Streaming over WebSockets, bidirectional in RTP mode.
//!
//! Sources: Telnyx docs, "Media Streaming over Websockets" (copy of 2026-04-10) and the AsyncAPI
//! page "stream-call-media-over-websocket", read 2026-11-21. Assumptions that these pages do not
//! state are marked where they matter.

mod dialect;

pub use dialect::TelnyxDialect;
