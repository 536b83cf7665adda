//! The carrier's side of every media-stream dialect: what Twilio, Telnyx, Plivo, Vonage or a
//! browser do when they dial an engine. It knows nothing of an engine, shares no code with the
//! engine's own reading of the dialects, and has neither socket nor clock: a simulation, a load
//! test or a real socket drives it.
//!
//! ```
//! use offhook_emulator::{CallerLine, Dial, Dialect, WireMessage};
//! use offhook_types::Timestamp;
//!
//! /// A caller who says nothing and counts what is heard.
//! struct Listener(usize);
//!
//! impl CallerLine for Listener {
//!     fn speak_into(&mut self, _at: Timestamp, _payload: &mut Vec<u8>) {}
//!     fn hear(&mut self, _at: Timestamp, payload: Option<&[u8]>) {
//!         self.0 += payload.map_or(0, <[u8]>::len);
//!     }
//! }
//!
//! let mut call = Dialect::Twilio.dial(Dial::new(Dialect::Twilio, 1))?;
//! let mut caller = Listener(0);
//! call.handle_open(Timestamp::ZERO, None);
//! while let Some(WireMessage::Text(text)) = call.poll_message() {
//!     assert!(text.contains("connected") || text.contains("start"));
//! }
//! call.handle_timeout(Timestamp::from_millis(20), &mut caller);
//! assert!(call.poll_message().is_some_and(|media| media.as_text().is_some()));
//! # Ok::<(), offhook_emulator::DialError>(())
//! ```
//!
//! # What each carrier does, and how well that is known
//!
//! Documented: by the vendor or in its own SDK (for the raw dialect, in its proposal). Derived: by
//! us or others in the field, from code or behaviour. Each module's doc names its sources.
//!
//! | dialect | behaviour | source |
//! |---|---|---|
//! | all | a mark returns once all audio before it was heard, at once without any | documented |
//! | all | the caller's audio comes every 20 ms, silence included | from memory |
//! | raw | `hello` first, answered by `ready`; binary with a header of 12 bytes | documented |
//! | raw | at most 200 ms and 64 kB a message | documented |
//! | raw | pending marks return labelled `cleared`, then `cleared` with samples | documented |
//! | raw | `dtmf`, `bye`; `hangup` from the engine | documented |
//! | raw | closing the socket ends the call | derived |
//! | Twilio | `connected`, `start`, µ-law in base64, counters as strings | documented |
//! | Twilio | any size of message, some 10 minutes of buffer | documented |
//! | Twilio | a clear returns every pending mark and is not answered itself | documented |
//! | Twilio | `stop` when the caller hangs up | documented |
//! | Twilio | closing the socket hangs up unless a verb follows | documented |
//! | Twilio | faults are warnings 31950, 31951, 31924, 31931 | documented |
//! | Twilio | a message at fault is ignored, one with a needless field obeyed | derived |
//! | Telnyx | `connected` with the token, `start`, RTP payloads in base64 | documented |
//! | Telnyx | the order of messages is not guaranteed | documented |
//! | Telnyx | 20 ms to 30 s a message | documented |
//! | Telnyx | other sizes are refused | derived |
//! | Telnyx | a clear returns every pending mark and is not answered itself | documented |
//! | Telnyx | `stop` when the caller hangs up; keys with the time of day | documented |
//! | Telnyx | closing the socket ends the stream and not the call | from memory |
//! | Telnyx | faults are answered with `error` 100002 to 100004 | documented |
//! | Telnyx | which fault has which number | derived |
//! | Plivo | `start` first; µ-law or L16 in base64, counters as numbers | documented |
//! | Plivo | L16 has its low byte first | derived |
//! | Plivo | audio declared as another type is not heard | derived |
//! | Plivo | `clearedAudio` answers a clear | documented |
//! | Plivo | pending checkpoints never come back | derived |
//! | Plivo | `sendDTMF` plays keys to the caller | documented |
//! | Plivo | closing the socket hangs up unless an element follows | documented |
//! | Plivo | no message says that the caller hung up | derived |
//! | Vonage | `websocket:connected` with the custom headers, then binary L16 | documented |
//! | Vonage | exactly 20 ms a message, 3072 of them buffered | documented |
//! | Vonage | a message of another size is not heard | derived |
//! | Vonage | `websocket:cleared` answers a clear | documented |
//! | Vonage | pending notifications are lost (a quirk returns them) | derived |
//! | Vonage | keys with their duration | documented |
//! | Vonage | keys are reported at their release | from memory |
//! | Vonage | closing either way ends the call without a message | from memory |
//!
//! Left out: unidirectional forks, Telnyx's MP3 mode and AMR-WB, Twilio's second track; carriers'
//! REST APIs and webhooks, which are not media.

mod call;
mod caps;
mod dial;
mod dialect;
mod emulator;
mod leg;
mod line_event;
mod link;
mod message;
mod opus_packet;
mod playout;
mod plivo;
mod quirks;
mod raw;
mod telnyx;
#[cfg(test)]
mod testing;
mod twilio;
mod utc;
mod violation;
mod vonage;

pub use call::TICKS_PER_TIMEOUT_MAX;
pub use caps::{Caps, MarkReturn};
pub use dial::{Dial, DialError, Ids};
pub use dialect::{Dialect, UnknownDialect};
pub use emulator::{
    CallEnd, CallState, CallerLine, Emulator, EndCause, LineFormats, Played, Side, UpgradeRequest,
    WireMessage,
};
pub use line_event::{LineEvent, LineEventKind, MarkFate, Tally};
pub use link::{Link, LinkConfig, StallConfig};
pub use quirks::{PlivoTimestamp, Quirks, Reordering};
pub use violation::{Rule, Violation};
