//! What an agent's document says to those who ask who is calling.

use serde::{Deserialize, Serialize};

/// The answer to call screening.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScreeningSettings {
    /// Who is calling, as a sentence: "This is Ada of Example Dental." Default empty.
    pub identity: String,
    /// Why, as a sentence. Default empty. Services record a few seconds: more than two sentences
    /// are cut off.
    pub purpose: String,
}
