//! What the model may call: the built-in tools, and those of the agent's document.

use offhook_types::ToolDefinition;
use serde_json::{Value, json};

use crate::settings::{CallSettings, ToolWhen, no_arguments};

/// A tool that the conversation itself is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BuiltIn {
    /// End the call.
    EndCall,
    /// Press keys.
    SendDtmf,
    /// Say nothing this turn.
    SkipTurn,
    /// Hand the caller over.
    Transfer,
}

impl BuiltIn {
    /// The built-in tool of this name.
    pub(crate) fn named(name: &str, settings: &CallSettings) -> Option<Self> {
        let is_menu = settings.ivr.is_enabled;
        match name {
            END_CALL => Some(Self::EndCall),
            TRANSFER if !settings.transfers.is_empty() => Some(Self::Transfer),
            SEND_DTMF if is_menu => Some(Self::SendDtmf),
            SKIP_TURN if is_menu => Some(Self::SkipTurn),
            _ => None,
        }
    }
}

/// What the model is offered.
pub(crate) fn offered(settings: &CallSettings) -> Vec<ToolDefinition> {
    let mut offered = vec![end_call(settings)];
    if !settings.transfers.is_empty() {
        offered.push(transfer(settings));
    }
    if settings.ivr.is_enabled {
        offered.push(ToolDefinition {
            name: SEND_DTMF.to_owned(),
            description: "Press keys, to pass a telephone menu.".to_owned(),
            parameters: json!({
                "type": "object",
                "properties": {"digits": {"type": "string", "pattern": "^[0-9*#A-D]{1,32}$"}},
                "required": ["digits"],
            }),
        });
        offered.push(ToolDefinition {
            name: SKIP_TURN.to_owned(),
            description: "Say nothing and wait: a menu or announcement goes on, or you are on \
                          hold."
                .to_owned(),
            parameters: no_arguments(),
        });
    }
    let during = settings.tools.iter().filter(|tool| tool.when == ToolWhen::During);
    offered.extend(during.map(|tool| ToolDefinition {
        name: tool.name.clone(),
        description: tool.description.clone(),
        parameters: tool.parameters.clone(),
    }));
    offered
}

fn end_call(settings: &CallSettings) -> ToolDefinition {
    let conditions: Vec<&str> =
        settings.end_conditions.iter().map(|condition| condition.reason.as_str()).collect();
    let mut reason = json!({"type": "string", "description": "why the call ends"});
    if !conditions.is_empty() {
        let listed = conditions.iter().copied().chain(["other"]);
        reason["enum"] = Value::from(listed.collect::<Vec<_>>());
    }
    ToolDefinition {
        name: END_CALL.to_owned(),
        description: "End the call, once what you say with it was heard. Call it when there is \
                      nothing left to do, or when a condition for it is met."
            .to_owned(),
        parameters: json!({
            "type": "object",
            "properties": {"reason": reason},
            "required": ["reason"],
        }),
    }
}

fn transfer(settings: &CallSettings) -> ToolDefinition {
    let labels: Vec<&str> = settings.transfers.iter().map(|target| target.label.as_str()).collect();
    let conditions = settings.transfers.iter().filter(|target| !target.condition.is_empty());
    let conditions: String =
        conditions.map(|target| format!(" {}: {}.", target.label, target.condition)).collect();
    ToolDefinition {
        name: TRANSFER.to_owned(),
        description: format!(
            "Hand the caller to somebody else, once what you say with it was heard.{conditions}"
        ),
        parameters: json!({
            "type": "object",
            "properties": {"target": {"type": "string", "enum": labels}},
            "required": ["target"],
        }),
    }
}

const TRANSFER: &str = "transfer";
const END_CALL: &str = "end_call";
const SEND_DTMF: &str = "send_dtmf";
const SKIP_TURN: &str = "skip_turn";
