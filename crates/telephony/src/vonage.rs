//! Vonage Voice.

mod answer;
mod signature;
mod status;
mod upgrade;

pub use answer::{
    SocketAuthorization, SocketSettings, VonageAudio, connect_stream, hang_up, transfer,
};
pub use signature::{VonageSecrets, sign, verify};
pub use status::parse_event;
pub use upgrade::check_upgrade;
