//! What a document of another platform said that ours cannot say, or not as exactly.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Where a document came from, so that it can be given back as it came. The runtime ignores it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["platform"]))]
pub struct Origin {
    /// The platform.
    pub platform: String,
    /// JSON pointer into the platform's document → what stood there.
    pub values: BTreeMap<String, OriginValue>,
}

/// A value that would not come back from ours as it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OriginValue {
    /// What stood there. Absent: nothing did.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub theirs: Option<Value>,
    /// What ours gives there. Absent: nothing. Once ours gives something else, it was edited, and
    /// the edit counts.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub ours: Option<Value>,
}

/// `null` is a value, and not the absence of one.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
