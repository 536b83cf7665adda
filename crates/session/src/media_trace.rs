//! The media trace of a call: everything that its session was told, the audio included, and what
//! came of it. It holds the caller's voice and number: it exists only where recording is allowed.
//!
//! JSON lines. The first says how the call was made; then each input is a line with its moment, and
//! what the session did with it, if anything, the line behind it. Of outgoing audio only a digest
//! is kept, because a session that is told the same says the same, to the bit, with the same binary
//! on a processor with the same features.

mod player;
mod recorder;

use std::borrow::Cow;

use offhook_telephony::{Carrier, DialectOptions, HangupMeans, WireMessage};
use offhook_types::{
    CarrierEvent, ControlCommand, LlmEvent, SttEvent, Timestamp, ToolEvent, TraceLine, TtsEvent,
};
use serde::{Deserialize, Serialize};

use crate::config::SessionConfig;
use crate::input::Input;

pub use player::{MediaDifference, MediaReplay, NotAMediaTrace, decisions_in, replay_media};
pub use recorder::MediaRecorder;

/// The version that this build writes. It rises when a reader of the version before would misread
/// a line.
pub const MEDIA_TRACE_VERSION: u16 = 1;

/// What a session does with one input.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Doings {
    /// Messages to the carrier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wire: Option<Digest>,
    /// Audio to the recogniser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stt_audio: Option<Digest>,
    /// Lines of the decision trace. What is asked of providers, tools and the carrier is in them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trace: Vec<TraceLine>,
    /// How the line is dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hangup: Option<HangupMeans>,
}

/// What stands for audio that can be made again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// Bytes in all.
    pub bytes: u64,
    /// The beginning of their SHA-256, in hexadecimal digits.
    pub sha256: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line<'a> {
    MediaTrace(Box<Header>),
    In(Told<'a>),
    Out(Doings),
}

/// How the call was made.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    version: u16,
    /// The binary and the processor.
    made_by: String,
    carrier: Carrier,
    options: DialectOptions,
    session: SessionConfig,
}

#[derive(Debug, Serialize, Deserialize)]
struct Told<'a> {
    at_us: Timestamp,
    #[serde(flatten)]
    what: What<'a>,
}

/// An [`Input`] that can be written down.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum What<'a> {
    Text(Cow<'a, str>),
    Binary(Bytes<'a>),
    Closed,
    Broken(Cow<'a, str>),
    Stt(Cow<'a, SttEvent>),
    EndOfTurn { ask: u32, permille: u16 },
    Llm(Cow<'a, LlmEvent>),
    Tts(Cow<'a, TtsEvent>),
    Tool(Cow<'a, ToolEvent>),
    Carrier(Cow<'a, CarrierEvent>),
    Control(Cow<'a, ControlCommand>),
    Timeout,
}

/// Bytes, in base64.
#[derive(Debug)]
struct Bytes<'a>(Cow<'a, [u8]>);

impl<'a> From<&'a Input<'_>> for What<'a> {
    fn from(input: &'a Input<'_>) -> Self {
        match input {
            Input::Wire(WireMessage::Text(text)) => Self::Text(Cow::Borrowed(text)),
            Input::Wire(WireMessage::Binary(bytes)) => Self::Binary(Bytes(Cow::Borrowed(bytes))),
            Input::Closed => Self::Closed,
            Input::Broken { observed } => Self::Broken(Cow::Borrowed(observed)),
            Input::Stt(event) => Self::Stt(Cow::Borrowed(event)),
            Input::EndOfTurn { ask, permille } => {
                Self::EndOfTurn { ask: *ask, permille: *permille }
            }
            Input::Llm(event) => Self::Llm(Cow::Borrowed(event)),
            Input::Tts(event) => Self::Tts(Cow::Borrowed(event)),
            Input::Tool(event) => Self::Tool(Cow::Borrowed(event)),
            Input::Carrier(event) => Self::Carrier(Cow::Borrowed(event)),
            Input::Control(command) => Self::Control(Cow::Borrowed(command)),
            Input::Timeout => Self::Timeout,
        }
    }
}

impl<'a> From<&'a What<'_>> for Input<'a> {
    fn from(what: &'a What<'_>) -> Self {
        match what {
            What::Text(text) => Self::Wire(WireMessage::Text(text)),
            What::Binary(bytes) => Self::Wire(WireMessage::Binary(&bytes.0)),
            What::Closed => Self::Closed,
            What::Broken(observed) => Self::Broken { observed },
            What::Stt(event) => Self::Stt(event.as_ref().clone()),
            What::EndOfTurn { ask, permille } => Self::EndOfTurn { ask: *ask, permille: *permille },
            What::Llm(event) => Self::Llm(event.as_ref().clone()),
            What::Tts(event) => Self::Tts(event.as_ref().clone()),
            What::Tool(event) => Self::Tool(event.as_ref().clone()),
            What::Carrier(event) => Self::Carrier(event.as_ref().clone()),
            What::Control(command) => Self::Control(command.as_ref().clone()),
            What::Timeout => Self::Timeout,
        }
    }
}

impl Serialize for Bytes<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use base64::display::Base64Display;
        use base64::engine::general_purpose::STANDARD;
        serializer.collect_str(&Base64Display::new(&self.0, &STANDARD))
    }
}

impl<'de> Deserialize<'de> for Bytes<'_> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;
        use serde::de::Error as _;
        let text = String::deserialize(deserializer)?;
        Ok(Self(Cow::Owned(STANDARD.decode(text).map_err(D::Error::custom)?)))
    }
}
