//! What the caller hears: the agent's voice, shaped, over a bed of ambience, never beyond full
//! scale.
//!
//! ```text
//! TTS → LeadingSilenceTrimmer → the session's queue → PlayoutMixer → encoder
//!
//! PlayoutMixer: gain → duck → fade → rounded edges → + beds → limiter
//!                                          │                     │
//!                                   speech history        played history
//! ```
//!
//! Everything runs at the line's rate, and nothing here delays a sample. Stages between gain and
//! limiter work on `f32` in units of an `i16` step, so that a sum may exceed full scale until the
//! limiter and rounding happens once. Which frames are sent, when, and what of them was heard is
//! the ledger's business, not known here.

mod ambience;
mod bed;
mod ducking;
mod fade;
mod gain;
mod leading_silence;
mod limiter;
mod mixer;
mod played_history;
mod ramp;
mod random;
mod speech_edge;

pub use ambience::{Ambience, AmbienceConfig, BedRateMismatch};
pub use bed::{Bed, BedError, BedKind, BedLibrary};
pub use ducking::{Ducker, DuckingConfig};
pub use fade::{DECLICK_MS, FadeOut, fade_tail_into};
pub use gain::{Gain, multiplier_from_db};
pub use leading_silence::{LeadingSilenceTrimmer, TrimmedSpeech};
pub use limiter::SoftLimiter;
pub use mixer::{Interrupted, MixReport, PlayoutConfig, PlayoutMixer, Speech};
pub use played_history::PlayedHistory;
