//! The language model: what a call asks of it and what it answers.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ProviderFailure, RequestId, ToolCallId};

/// What the session asks of the language model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LlmCommand {
    /// Answer the conversation so far.
    Start {
        /// Names this request; every event of the answer carries it.
        request: RequestId,
        /// The conversation, system prompt first.
        messages: Vec<ChatMessage>,
        /// What the model may call.
        tools: Vec<ToolDefinition>,
        /// The answer is a guess that the caller has finished: no tool may start because of it.
        is_speculative: bool,
    },
    /// Stop answering. Never waited for; what still arrives is dropped.
    Cancel {
        /// The request to stop.
        request: RequestId,
    },
}

/// What the language model reports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LlmEvent {
    /// More text of the answer.
    Text {
        /// The request it answers.
        request: RequestId,
        /// The piece, cut anywhere between characters.
        text: String,
    },
    /// A complete tool call.
    ToolCall {
        /// The request it answers.
        request: RequestId,
        /// The call.
        call: ToolCall,
    },
    /// The answer is complete.
    Finished {
        /// The request it answers.
        request: RequestId,
        /// Why the model stopped.
        reason: LlmStop,
        /// Tokens used, where the provider says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        usage: Option<TokenUsage>,
    },
    /// The answer failed.
    Failed {
        /// The request that failed.
        request: RequestId,
        /// Why.
        failure: ProviderFailure,
    },
}

/// Why a model stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LlmStop {
    /// It had said what it wanted to say.
    Complete,
    /// It called tools and waits for their results.
    ToolCalls,
    /// It reached its length limit.
    Length,
    /// The provider withheld the rest, or the model refused.
    Refused,
}

/// Tokens of one answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenUsage {
    /// Tokens read.
    pub prompt_tokens: u32,
    /// Of those, how many came from the provider's cache.
    pub cached_tokens: u32,
    /// Tokens written.
    pub completion_tokens: u32,
}

/// One entry of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum ChatMessage {
    /// Instructions.
    System {
        /// The text.
        text: String,
    },
    /// What the caller said, or an event told to the model in the caller's place.
    User {
        /// The text.
        text: String,
    },
    /// What the agent said, as far as it was heard, and what it called.
    Assistant {
        /// The text; empty where the agent only called tools.
        text: String,
        /// Tool calls of this message, in order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<ToolCall>,
    },
    /// The result of a tool call.
    Tool {
        /// The call it answers.
        call: ToolCallId,
        /// The result as text, usually JSON.
        text: String,
    },
}

/// A tool the model may call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolDefinition {
    /// Its name: letters, digits, `_` and `-`, at most 64.
    pub name: String,
    /// What it does, for the model.
    pub description: String,
    /// JSON Schema of its arguments.
    pub parameters: Value,
}

/// A tool call by the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// Names the call, so that its result finds it.
    pub id: ToolCallId,
    /// The tool.
    pub name: String,
    /// Its arguments: a JSON object, or whatever else the model wrote.
    pub arguments: Value,
}
