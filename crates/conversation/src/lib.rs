//! The rules of a call: whose turn it is, when it is over, who interrupts whom, and what was heard.
//! It handles text and whole numbers only: no audio, no socket, no clock, no provider.
//!
//! Everything starts at [`Conversation`]; each rule is a file named after what it decides, and
//! every constant is in `rules.rs`.

mod closing;
mod completeness;
mod conversation;
mod deafness;
mod ending;
mod endpointing;
mod farewell;
mod gatekeeper;
mod history;
mod idle;
mod input;
mod interruption;
mod keypad;
mod lexicon;
mod limits;
mod noise;
mod notes;
mod opening;
mod output;
mod own_words;
mod prepared;
mod purpose;
mod reply;
mod rules;
mod settings;
mod situation;
mod state;
mod timer;
mod toolbox;
mod tools;
mod trace;
mod transfer;
mod turn;
mod voicemail;
mod words;

pub use conversation::{Conversation, ConversationConfig, ConversationCounts};
pub use ending::{
    agentphone_disconnection_reason, end_reasons_page, revox_end_reason, revox_ended_by,
    synthflow_analytics_reason, synthflow_get_reason, synthflow_webhook_reason,
};
pub use history::{Entry, History};
pub use input::Input;
pub use output::Output;
pub use settings::{
    CallSettings, ClosingMode, ClosingSettings, DtmfSettings, EndCondition, FaultSettings,
    FillerSettings, IvrSettings, LimitSettings, OnInterruption, OpeningMode, OpeningSettings,
    Patience, ScreeningSettings, SilenceSettings, ToolSettings, ToolWhen, TransferSettings,
    TurnSettings, VoicemailMode, VoicemailSettings,
};
pub use state::State;
pub use timer::Timer;
pub use trace::{Difference, NotATrace, Recorder, replay};
