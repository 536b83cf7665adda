//! What an agent's document says about telephone menus.

use serde::{Deserialize, Serialize};

/// Menus that answer in place of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IvrSettings {
    /// The model may press keys and leave a turn unanswered. Default false: a menu ends the call.
    #[serde(rename = "enabled")]
    pub is_enabled: bool,
}
