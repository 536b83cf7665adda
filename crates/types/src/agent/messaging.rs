//! Text messages around a call.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Text messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Messaging {
    /// The model may send text messages to the caller. Default false.
    #[serde(rename = "enabled")]
    pub is_enabled: bool,
    /// The text it sends, variables put in. Default null: the model writes it.
    pub template: Option<String>,
    /// Messages that the model may send, each with its own rule. Default none.
    pub messages: Vec<Message>,
    /// What the model is told about a message behind the call. Default null: none is sent.
    pub after_call_instructions: Option<String>,
    /// Outcomes behind which it is sent. Default none.
    pub after_call_outcomes: Vec<Outcome>,
    /// What the model is told about a message when a machine answered. Default null: none.
    pub voicemail_instructions: Option<String>,
}

/// A message that can be sent in a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Message {
    /// How it is sent. Default SMS.
    pub channel: MessageChannel,
    /// The text, variables put in. Default empty.
    pub text: String,
    /// The provider's template, in place of a text. Default null.
    pub template_id: Option<String>,
    /// Values for the provider's template. Default none.
    pub template_values: BTreeMap<String, String>,
    /// When it is sent, in words. Default empty: as the instructions say.
    pub condition: String,
    /// The agent waits for the answer. Default false: it is told to the model when it comes.
    pub waits_for_reply: bool,
    /// How long, in ms. Default null: until the call ends.
    #[schemars(range(min = 1_000, max = 3_600_000))]
    pub reply_timeout_ms: Option<u32>,
    /// Said before it is sent. Default null: nothing.
    pub say_before: Option<String>,
    /// Said when no answer came. Default null: the model finds the words.
    pub say_timeout: Option<String>,
}

/// How a message is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum MessageChannel {
    #[default]
    Sms,
    Whatsapp,
}

/// What a call came to.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The other side does not want it.
    NotInterested,
    /// The other side wants it.
    Interested,
    /// What the call was for is done.
    Completed,
    /// Another call was asked for.
    RequestedCallbackLater,
    /// Nothing of that.
    None,
}
