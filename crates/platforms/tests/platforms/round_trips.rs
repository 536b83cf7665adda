//! Theirs to ours and back is theirs.

use offhook_platforms::{Object, Platform, agent_from, agent_to, order_from, order_to};
use offhook_types::AgentDocument;
use offhook_types::agent::CallOrder;
use proptest::prelude::*;
use serde_json::json;

use crate::generated::{SECRET, document};

#[test]
fn an_agent_comes_back_as_it_was() {
    for platform in Platform::ALL {
        for seed in 0..SEEDS {
            let theirs = document(platform, Object::Agent, seed);
            let imported = agent_from(platform, &theirs)
                .unwrap_or_else(|problems| panic!("{platform:?} {seed}: {problems:?}\n{theirs}"));
            let stored = serde_json::to_string(&imported.document).unwrap();
            assert!(!stored.contains(SECRET), "{platform:?} {seed}: a key in {stored}");
            let read = AgentDocument::from_json(&stored);
            let read = read.unwrap_or_else(|problems| panic!("{platform:?} {seed}: {problems:?}"));
            let back = agent_to(platform, &read, &imported.secrets);
            assert_eq!(back, theirs, "{platform:?} {seed}");
        }
    }
}

#[test]
fn a_request_for_a_call_comes_back_as_it_was() {
    for platform in Platform::ALL {
        for seed in 0..SEEDS {
            let theirs = document(platform, Object::Call, seed);
            let imported = order_from(platform, &theirs)
                .unwrap_or_else(|problems| panic!("{platform:?} {seed}: {problems:?}\n{theirs}"));
            let stored = serde_json::to_value(&imported.document).unwrap();
            let read: CallOrder = CallOrder::from_value(stored).unwrap();
            let back = order_to(platform, &read, &imported.secrets);
            assert_eq!(back, theirs, "{platform:?} {seed}");
        }
    }
}

proptest! {
    #[test]
    fn nothing_that_is_no_agent_panics(text in ".{0,40}", number in any::<f64>()) {
        for platform in Platform::ALL {
            for theirs in [
                json!(text),
                json!([text]),
                json!({"name": text, "agent": number, "prompt": [text], "voice": text}),
                json!({"name": text, "agent": {"prompt": "p"},
                       "actions": [text, {"LIVE_TRANSFER": 1}]}),
                json!({"name": "Ada", "systemPrompt": "p", "prompt": "p", "numbers": number,
                       "llm_model": number, "transfer_destinations": [number],
                       "faq_items": [text]}),
            ] {
                if let Ok(imported) = agent_from(platform, &theirs) {
                    let back = agent_to(platform, &imported.document, &imported.secrets);
                    prop_assert_eq!(back, theirs.clone());
                }
                let _ = order_from(platform, &theirs);
            }
        }
    }
}

const SEEDS: u64 = 300;
