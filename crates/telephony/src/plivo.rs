//! Plivo, and carriers with its dialect such as Vobiz.

mod answer;
mod signature;
mod status;
mod upgrade;

pub use answer::{PlivoAudio, StreamSettings, connect_stream, hang_up, reject, transfer};
pub use signature::{PlivoBrand, PlivoSecrets, sign, verify, verify_upgrade};
pub use status::parse_status;
pub use upgrade::check_upgrade;
