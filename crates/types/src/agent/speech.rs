//! What becomes of text before it is spoken.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Text for speech.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Speech {
    /// The agent says "um" and "uh" as people do. Default false. It bridges nothing.
    #[serde(rename = "fillers")]
    pub has_fillers: bool,
    /// Words and characters that are never spoken. Default none.
    pub blocked: Vec<String>,
    /// How words are said. Default none.
    pub pronunciations: Vec<Pronunciation>,
    /// A dictionary of pronunciations at the voice's provider. Default null.
    pub dictionary: Option<String>,
}

/// How a word is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["word", "say"]))]
pub struct Pronunciation {
    /// The word or phrase as it is written. Capitals do not matter.
    #[schemars(length(min = 1))]
    pub word: String,
    /// What is spoken in its place: respelled, or IPA between slashes where the voice can.
    #[schemars(length(min = 1))]
    pub say: String,
}
