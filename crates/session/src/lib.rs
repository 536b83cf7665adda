//! One whole call without a socket, a clock or a provider: the media stream, the audio path and the
//! conversation joined. It decides nothing itself: it carries what one part says to the next.

mod config;
mod document;
mod input;
mod lines;
mod media_trace;
mod output;
mod recorder;
mod session;
mod speech;
mod timer;

pub use config::{AudioSettings, SessionConfig};
pub use document::Sounds;
pub use input::Input;
pub use media_trace::{
    Digest, Doings, MEDIA_TRACE_VERSION, MediaDifference, MediaRecorder, MediaReplay,
    NotAMediaTrace, decisions_in, replay_media,
};
pub use offhook_conversation::{
    CallSettings, ClosingMode, ClosingSettings, ConversationCounts, Difference, DtmfSettings,
    EndCondition, Entry, FaultSettings, FillerSettings, History, IvrSettings, LimitSettings,
    NotATrace, OnInterruption, OpeningMode, OpeningSettings, Patience, ScreeningSettings,
    SilenceSettings, State, Timer as RuleTimer, ToolSettings, ToolWhen, TransferSettings,
    TurnSettings, VoicemailMode, VoicemailSettings, replay,
};
pub use output::Output;
pub use session::Session;
pub use timer::Timer;
