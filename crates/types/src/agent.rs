//! The agent document: everything a call is configured by, one file per section.
//!
//! Every section and field has a default, so that a document says only what it wants otherwise.
//! Times are whole milliseconds, levels 0 to 1, languages BCP 47.

mod after_call;
mod ambience;
mod booking;
mod brain;
mod closing;
mod dtmf;
mod fillers;
mod gatekeepers;
mod hooks;
mod knowledge;
mod limits;
mod listening;
mod messaging;
mod opening;
mod order;
mod origin;
mod overrides;
mod privacy;
mod problem;
mod reading;
mod retry;
mod rules;
mod shape;
mod silence;
mod speech;
mod tool;
mod transfer;
mod turn;
mod variables;
mod voice;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use after_call::{Evaluation, EvaluationScale, Extract, ExtractType};
pub use ambience::{Ambience, AmbienceSound, Thinking, ThinkingSound};
pub use booking::Booking;
pub use brain::{Brain, BrainMode, FallbackLlm, Llm, LlmKind, LlmTier, TurnWebhook};
pub use closing::{Closing, ClosingMode, EndCondition};
pub use dtmf::Dtmf;
pub use fillers::Fillers;
pub use gatekeepers::{Ivr, Screening, Voicemail, VoicemailMode};
pub use hooks::{BeforeAnswer, BeforeAnswerMethod, Hooks};
pub use knowledge::{Faq, Knowledge, Memory};
pub use limits::{Faults, Limits};
pub use listening::{Denoise, FallbackStt, Input, Stt, SttContext, SttMode, Vad};
pub use messaging::{Message, MessageChannel, Messaging, Outcome};
pub use opening::{Answer, Opening, OpeningMode};
pub use order::{CallOrder, Contact};
pub use origin::{Origin, OriginValue};
pub use overrides::{CallOverrides, OverrideSource};
pub use privacy::{Privacy, Recording};
pub use problem::Problem;
pub use retry::{CallingWindow, Retry};
pub use rules::is_secret_header;
pub use shape::{agent_schema, order_schema};
pub use silence::Silence;
pub use speech::{Pronunciation, Speech};
pub use tool::{HttpMethod, OnInterruption, Tool, ToolSound, ToolWhen};
pub use transfer::{Availability, DayHours, HumanDetection, Transfer, Weekday};
pub use turn::{Interrupt, Patience, Turn};
pub use variables::{NotAVariable, Variable, Variables};
pub use voice::{FallbackVoice, Voice, VoiceStyle};

use crate::Pii;

/// The version of documents that this build reads and writes.
pub const AGENT_VERSION: u32 = 1;

/// Everything a call is configured by.
///
/// `name` and `version` are needed, everything else has a default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["version", "name"]))]
pub struct AgentDocument {
    /// Where editors find the schema. Default null.
    #[serde(rename = "$schema", skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Version of this form: 1.
    #[schemars(range(min = 1, max = 1))]
    pub version: u32,
    /// The agent's id where it is stored. Default null: not stored yet.
    pub id: Option<String>,
    /// What people call it.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// What it is for, for people. Default empty.
    pub description: String,
    /// Whether it is a whole agent. Default standalone.
    pub kind: AgentKind,
    /// Which calls it takes. Default all.
    pub directions: Vec<Direction>,
    /// Its telephone numbers: calls to them reach it. Default none.
    pub numbers: Vec<Pii<String>>,
    /// The number that it calls from. Default null: its first.
    pub caller_id: Option<Pii<String>>,
    /// What it is told to be and do; variables are put in. Default empty.
    pub instructions: String,
    /// BCP 47 tag of the language it hears and speaks, or `multi`: found out per utterance.
    /// Default `en`.
    pub language: String,
    /// IANA name of its clock. Default null: UTC.
    pub timezone: Option<String>,
    /// Values for its words; those of a call override them. Default none.
    pub variables: Variables,
    /// Who answers the caller.
    pub brain: Brain,
    /// The language model.
    pub llm: Llm,
    /// The recogniser.
    pub stt: Stt,
    /// The voice.
    pub voice: Voice,
    /// Text for speech.
    pub speech: Speech,
    /// The path of the caller's audio.
    pub input: Input,
    /// Sounds under the conversation.
    pub ambience: Ambience,
    /// Before the line is answered.
    pub answer: Answer,
    /// The first words.
    pub opening: Opening,
    /// Turns and interruptions.
    pub turn: Turn,
    /// What happens when nobody says anything.
    pub silence: Silence,
    /// How long a call may last.
    pub limits: Limits,
    /// How a call is ended that the agent ends.
    pub closing: Closing,
    /// What the agent ends a call for, each in its own words. Default none.
    pub end_conditions: Vec<EndCondition>,
    /// What happens when a machine answers. Default null: it is talked to as to a person.
    pub voicemail: Option<Voicemail>,
    /// What a call-screening service is told. Default null: left to the model.
    pub screening: Option<Screening>,
    /// Telephone menus.
    pub ivr: Ivr,
    /// Keys that the caller presses.
    pub dtmf: Dtmf,
    /// What bridges a slow answer.
    pub fillers: Fillers,
    /// What is said when nothing works any more.
    pub faults: Faults,
    /// What can be done outside the call. Default none.
    pub tools: Vec<Tool>,
    /// Whom the caller can be handed to. Default none.
    pub transfers: Vec<Transfer>,
    /// Appointments. Default null: none.
    pub booking: Option<Booking>,
    /// Text messages.
    pub messaging: Messaging,
    /// Documents that it can look things up in. Default none.
    pub knowledge: Vec<Knowledge>,
    /// Questions that callers ask. Default none.
    pub faq: Vec<Faq>,
    /// What is remembered of those who call again.
    pub memory: Memory,
    /// What is read out of the transcript when the call is over. Default none.
    pub extract: Vec<Extract>,
    /// How the model is asked for it. Default null: in the engine's own words.
    pub extract_instructions: Option<String>,
    /// Questions about how the call went. Default none.
    pub evaluations: Vec<Evaluation>,
    /// The recording.
    pub recording: Recording,
    /// What may be kept of what was said.
    pub privacy: Privacy,
    /// Whom the runtime tells about a call.
    pub hooks: Hooks,
    /// Calling again when nobody was reached. Default null: it is not.
    pub retry: Option<Retry>,
    /// Where this document came from. Default null: it was written as it is.
    pub origin: Option<Origin>,
}

/// Whether a document is a whole agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgentKind {
    /// A whole agent.
    #[default]
    Standalone,
    /// A sequence of steps, each an agent.
    MultiStep,
    /// One of those steps.
    Step,
}

/// Which way a call came about.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Somebody called the agent.
    Inbound,
    /// The agent calls.
    Outbound,
    /// From a browser.
    Web,
}

impl Default for AgentDocument {
    fn default() -> Self {
        Self {
            schema: None,
            version: AGENT_VERSION,
            id: None,
            name: String::new(),
            description: String::new(),
            kind: AgentKind::default(),
            directions: Vec::new(),
            numbers: Vec::new(),
            caller_id: None,
            instructions: String::new(),
            language: "en".to_owned(),
            timezone: None,
            variables: Variables::new(),
            brain: Brain::default(),
            llm: Llm::default(),
            stt: Stt::default(),
            voice: Voice::default(),
            speech: Speech::default(),
            input: Input::default(),
            ambience: Ambience::default(),
            answer: Answer::default(),
            opening: Opening::default(),
            turn: Turn::default(),
            silence: Silence::default(),
            limits: Limits::default(),
            closing: Closing::default(),
            end_conditions: Vec::new(),
            voicemail: None,
            screening: None,
            ivr: Ivr::default(),
            dtmf: Dtmf::default(),
            fillers: Fillers::default(),
            faults: Faults::default(),
            tools: Vec::new(),
            transfers: Vec::new(),
            booking: None,
            messaging: Messaging::default(),
            knowledge: Vec::new(),
            faq: Vec::new(),
            memory: Memory::default(),
            extract: Vec::new(),
            extract_instructions: None,
            evaluations: Vec::new(),
            recording: Recording::default(),
            privacy: Privacy::default(),
            hooks: Hooks::default(),
            retry: None,
            origin: None,
        }
    }
}
