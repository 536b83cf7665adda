//! Telnyx: Call Control and TeXML.

mod answer;
mod signature;
mod status;
mod stream_options;
mod upgrade;

pub use answer::{TexmlStream, connect_stream, hang_up, reject, transfer};
pub use signature::{
    InvalidPublicKey, TelnyxPublicKey, TelnyxSecrets, TelnyxSigningKey, sign, verify,
};
pub use status::{parse_event, parse_texml_status};
pub use stream_options::{
    BidirectionalMode, CustomParameter, StreamOptions, StreamTrack, TargetLegs, TelnyxCodec,
};
pub use upgrade::check_upgrade;
