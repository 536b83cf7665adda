//! Whom the runtime tells about a call.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// URLs that are told about a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Hooks {
    /// Told once a call is over and looked at. Default null.
    pub ended: Option<String>,
    /// Asked before a call that comes in is answered: it may add variables, choose another agent
    /// or decline. Default null.
    pub before_answer: Option<BeforeAnswer>,
}

/// Somebody who is asked before a call is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["url"]))]
pub struct BeforeAnswer {
    /// Where; `{{phone}}` is the caller's number.
    pub url: String,
    /// How. Default POST, with the call as JSON; GET sends nothing.
    pub method: BeforeAnswerMethod,
    /// How long until the call is answered without it, in ms. Default 5,000. More loses callers.
    #[schemars(range(min = 100, max = 30_000))]
    pub timeout_ms: u32,
    /// A reply without every variable of the instructions ends the call. Default false.
    pub must_reply: bool,
}

/// How the one who is asked before a call is answered is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the names say it")]
pub enum BeforeAnswerMethod {
    #[default]
    Post,
    Get,
}

impl Default for BeforeAnswer {
    fn default() -> Self {
        Self {
            url: String::new(),
            method: BeforeAnswerMethod::default(),
            timeout_ms: 5_000,
            must_reply: false,
        }
    }
}
