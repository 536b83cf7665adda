//! The words that all Offhook crates share: time, ids, units, and the commands and events of a call.
//! It holds no behaviour of a call: rules live in `conversation`, samples in `audio`, wire formats in `telephony`.

mod sample_rate;
mod time;

pub use sample_rate::{SampleRate, UnsupportedRate};
pub use time::Timestamp;
