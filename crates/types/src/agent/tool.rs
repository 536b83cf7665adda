//! What can be done outside the call.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// When a tool runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToolWhen {
    /// As soon as the call exists, with its fixed arguments; the opening waits for it and its
    /// result is put into variables.
    Before,
    /// When the model calls it.
    #[default]
    During,
    /// When the call is over, with its fixed arguments.
    After,
}

/// What becomes of a running tool when the caller speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnInterruption {
    /// It runs on; the caller is answered, and the model knows the result from then on.
    #[default]
    Finish,
    /// It is abandoned.
    Cancel,
    /// The caller is answered afterwards.
    Block,
}

/// How a tool is reached over HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the names say it")]
pub enum HttpMethod {
    Get,
    #[default]
    Post,
    Put,
    Patch,
    Delete,
}

/// What is heard while a tool runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToolSound {
    /// Nothing.
    #[default]
    None,
    /// Keys being typed.
    Typing,
    /// A quiet room.
    Ambient,
    /// Music.
    Music,
}

/// A tool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["name"]))]
pub struct Tool {
    /// Its name, as the model calls it.
    #[schemars(extend("pattern" = "^[A-Za-z0-9_-]{1,64}$"))]
    pub name: String,
    /// What it does, for the model. Default empty.
    pub description: String,
    /// When the model should use it, in words. Default empty: as the description says.
    pub condition: String,
    /// JSON Schema of its arguments. Default: none.
    pub parameters: Value,
    /// Arguments that it is always given, behind those of the model. Default: none.
    pub arguments: BTreeMap<String, Value>,
    /// HTTP method. Default POST.
    pub method: HttpMethod,
    /// Where it is reached; variables are put in. Default empty: the name of a tool that the
    /// runtime or the MCP server knows.
    pub url: String,
    /// HTTP headers; variables are put in, `${NAME}` is a key of the operator. Default none.
    pub headers: BTreeMap<String, String>,
    /// Query parameters; variables are put in. Default none.
    pub query: BTreeMap<String, String>,
    /// The request's body; variables are put in. Default null: the arguments as JSON.
    pub body: Option<String>,
    /// URL of the MCP server that has this tool. Default null: HTTP.
    pub mcp_url: Option<String>,
    /// An account of the operator's that authorises the request. Default null.
    pub connection: Option<String>,
    /// What the model does with the result, in words. Default empty.
    pub result_instructions: String,
    /// When it runs. Default during the call.
    pub when: ToolWhen,
    /// How long it may run, in ms. Default 10,000. Less fails slow services; more than 30,000
    /// loses the caller.
    #[schemars(range(min = 100, max = 600_000))]
    pub timeout_ms: u32,
    /// Said and heard before it runs. Default null: nothing.
    pub say_before: Option<String>,
    /// Said while it runs. Default null: nothing.
    pub say_while: Option<String>,
    /// Said once it has run for `slow_ms`. Default null: nothing.
    pub say_slow: Option<String>,
    /// How long a tool runs that is slow, in ms. Default 4,000. Less says so to everybody.
    #[schemars(range(max = 600_000))]
    pub slow_ms: u32,
    /// Said when it fails or takes too long. Default null: the model finds the words.
    pub say_error: Option<String>,
    /// The model may put these sentences in its own words. Default false: word for word.
    pub rephrases: bool,
    /// What is heard while it runs and nobody speaks. Default none.
    pub sound: ToolSound,
    /// What becomes of it when the caller speaks. Default it finishes.
    pub on_interruption: OnInterruption,
}

impl Default for Tool {
    fn default() -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            condition: String::new(),
            parameters: json!({"type": "object", "properties": {}}),
            arguments: BTreeMap::new(),
            method: HttpMethod::default(),
            url: String::new(),
            headers: BTreeMap::new(),
            query: BTreeMap::new(),
            body: None,
            mcp_url: None,
            connection: None,
            result_instructions: String::new(),
            when: ToolWhen::default(),
            timeout_ms: 10_000,
            say_before: None,
            say_while: None,
            say_slow: None,
            slow_ms: 4_000,
            say_error: None,
            rephrases: false,
            sound: ToolSound::default(),
            on_interruption: OnInterruption::default(),
        }
    }
}
