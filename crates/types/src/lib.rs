//! The words that all Offhook crates share: time, ids, units, the commands and events of a call,
//! and the document an agent is configured by. It holds no behaviour of a call: rules live in
//! `conversation`, samples in `audio`, wire formats in `telephony`.

pub mod agent;
mod call_status;
mod carrier;
mod codec;
mod control;
mod dtmf;
mod e164;
mod end_reason;
mod ids;
mod llm;
mod media;
mod pii;
mod playout;
mod provider;
mod provider_failure;
mod sample_rate;
pub mod samples;
mod stt;
mod time;
mod tone;
mod tool;
mod trace;
mod tts;
mod voice;

pub use agent::{AGENT_VERSION, AgentDocument};
pub use call_status::{CallStatus, CallStatusTracker, StatusUpdate};
pub use carrier::{
    Answerer, CarrierCommand, CarrierEvent, LineOutcome, LineSide, TransferMode, TransferOutcome,
};
pub use codec::{Codec, CodecFormat, UnsupportedFormat};
pub use control::ControlCommand;
pub use dtmf::{DtmfDigit, DtmfOrigin, NotADtmfDigit, ParseDtmfError};
pub use e164::{E164, E164Error, Party};
pub use end_reason::{EndKind, EndReason, EndedBy, Evidence, FailedStage};
pub use ids::{AgentId, CallId, Generation, InvalidId, RequestId, ToolCallId, TurnId, UtteranceId};
pub use llm::{ChatMessage, LlmCommand, LlmEvent, LlmStop, TokenUsage, ToolCall, ToolDefinition};
pub use media::{
    ForeignMark, Mark, MarkOutcome, MediaCommand, MediaEvent, MediaNote, MediaPacket, StreamStart,
};
pub use pii::Pii;
pub use playout::{BackgroundSound, PlayoutCommand, PlayoutEvent};
pub use provider::{ProviderCommand, ProviderEvent};
pub use provider_failure::{FailureKind, ProviderFailure, ProviderStage};
pub use sample_rate::{SampleRate, UnsupportedRate};
pub use stt::{HeardWord, SttCommand, SttEvent};
pub use time::Timestamp;
pub use tone::{ProgressTone, SpecialInformation, ToneEvent, ToneSpan};
pub use tool::{ToolCommand, ToolEvent};
pub use trace::{CallEvent, TRACE_VERSION, TraceError, TraceLine, TtsNote};
pub use tts::{SpokenWord, TtsCommand, TtsEvent};
pub use voice::{VoiceFrame, VoiceRun};
