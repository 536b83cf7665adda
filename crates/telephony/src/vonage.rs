//! Vonage Voice.

mod answer;
mod signature;
mod upgrade;

pub use answer::{
    SocketAuthorization, SocketSettings, VonageAudio, connect_stream, hang_up, transfer,
};
pub use signature::{VonageSecrets, sign, verify};
pub use upgrade::check_upgrade;
