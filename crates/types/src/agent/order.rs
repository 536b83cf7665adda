//! A call that somebody asks for.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AgentDocument, CallOverrides, Origin};
use crate::Pii;

/// A call that somebody asks for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["to"]))]
pub struct CallOrder {
    /// The agent's id.
    pub agent_id: Option<String>,
    /// The agent, in place of an id.
    pub agent: Option<Box<AgentDocument>>,
    /// The number that is called.
    pub to: Pii<String>,
    /// The number that is shown. Default null: the agent's.
    pub from: Option<Pii<String>>,
    /// The id of the number that is shown, in place of it.
    pub from_id: Option<String>,
    /// Who is called.
    pub contact: Contact,
    /// What this call has otherwise than its agent.
    pub overrides: CallOverrides,
    /// When it is made, RFC 3339. Default null: at once.
    pub scheduled_at: Option<String>,
    /// It is made outside the agent's hours as well. Default false.
    pub skips_calling_window: bool,
    /// Calls with one key share a limit. Default null: none but the account's.
    pub concurrency_key: Option<String>,
    /// Kept with the call and given back, never looked at.
    pub metadata: BTreeMap<String, Value>,
    /// Where this order came from. Default null: it was written as it is.
    pub origin: Option<Origin>,
}

/// Who is called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Contact {
    /// The name; also the variable `name`, unless another is given.
    pub name: Option<Pii<String>>,
    /// The e-mail address, for bookings.
    pub email: Option<Pii<String>>,
    /// IANA name of their clock, for bookings.
    pub timezone: Option<String>,
}

impl CallOrder {
    /// What the order has otherwise than its agent, the contact's name included.
    pub fn overrides(&self) -> CallOverrides {
        let mut overrides = self.overrides.clone();
        if let Some(name) = &self.contact.name
            && overrides.variables.value(NAME).is_none()
        {
            overrides.variables.set(NAME, &**name.expose());
        }
        overrides
    }
}

const NAME: &str = "name";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_called_is_a_variable() {
        let order: CallOrder =
            serde_json::from_str(r#"{"to":"+14155550123","contact":{"name":"Ada"}}"#).unwrap();
        assert_eq!(order.overrides().variables.text("name").as_deref(), Some("Ada"));
        assert!(!format!("{order:?}").contains("4155550123"));
    }
}
