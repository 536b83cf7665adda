//! Documents of anybody who may configure an agent: ours, and those of the platforms that convert
//! to it. What is read must be read again as it was, and theirs must come back from ours.
//!
//! An input is JSON: a document of ours, of any platform, an order of a call, or variables.

use std::str;

use offhook_platforms::{Platform, agent_from, agent_to, order_from, order_to};
use offhook_types::AgentDocument;
use offhook_types::agent::{CallOrder, Variable, Variables};
use serde_json::Value;

/// Any text as each of these documents.
pub(crate) fn agents(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let _ = text.parse::<Variable>();
    if let Ok(variables) = serde_json::from_str::<Variables>(text) {
        let written = serde_json::to_string(&variables).expect("variables are JSON");
        assert_eq!(serde_json::from_str::<Variables>(&written).expect("ours"), variables);
    }
    match AgentDocument::from_json(text) {
        Ok(document) => assert!(document.problems().is_empty()),
        Err(problems) => assert!(!problems.is_empty()),
    }
    let Ok(value) = serde_json::from_str::<Value>(text) else { return };
    let _ = CallOrder::from_value(value.clone());
    for platform in Platform::ALL {
        if let Ok(agent) = agent_from(platform, &value) {
            assert!(agent.document.problems().is_empty());
            assert_eq!(agent_to(platform, &agent.document, &agent.secrets), value);
        }
        if let Ok(order) = order_from(platform, &value) {
            assert_eq!(order_to(platform, &order.document, &order.secrets), value);
        }
    }
}
