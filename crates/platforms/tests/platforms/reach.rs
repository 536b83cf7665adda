//! That nothing is lost says nothing about the tables: `origin` would keep what they get wrong. So
//! every field must be seen to change our document, and to come back from it alone.

use std::collections::BTreeSet;

use offhook_platforms::{Object, Platform, agent_from, agent_to, order_from, order_to};
use offhook_types::AgentDocument;
use offhook_types::agent::CallOrder;
use serde_json::Value;

use crate::generated::document;
use crate::tables::{Named, in_section, rows};

#[test]
fn every_field_changes_ours_and_comes_back_from_it_alone() {
    let mut faults = Vec::new();
    for platform in Platform::ALL {
        for object in [Object::Agent, Object::Call] {
            let seen = seen(platform, object);
            for (name, Named { section, row }) in rows(platform) {
                // Containers have no value of their own; their fields are looked at.
                let is_container = row.with.as_deref().is_some_and(|with| with.ends_with('*'));
                if row.ours.is_none() || section.object != object || is_container {
                    continue;
                }
                if !seen.changing.contains(&name) {
                    faults.push(format!("{platform:?} {name} never changes ours"));
                }
                let stays = STAYS.iter().any(|(stays, _)| *stays == name);
                if seen.returning.contains(&name) == stays {
                    let how = if stays {
                        "comes back, which is not expected"
                    } else {
                        "never comes back"
                    };
                    faults.push(format!("{platform:?} {name} {how}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[derive(Default)]
struct Seen {
    changing: BTreeSet<String>,
    returning: BTreeSet<String>,
}

fn seen(platform: Platform, object: Object) -> Seen {
    let mut seen = Seen::default();
    for seed in 0..SEEDS {
        let theirs = document(platform, object, seed);
        let (ours, default, alone) = match object {
            Object::Agent => through_agent(platform, &theirs),
            Object::Call | Object::Result => through_order(platform, &theirs),
        };
        for (name, Named { section, row }) in rows(platform) {
            let (Some(place), true) = (&row.ours, section.object == object) else { continue };
            let at = joined(&section.at, &without_variant(row.name.trim_end_matches('*')));
            let given = values(&theirs, &at);
            if given.is_empty() {
                continue;
            }
            let places = [place.clone(), in_section(section, place)];
            let differs = |place: &String| values(&ours, place) != values(&default, place);
            if places.iter().any(differs) {
                seen.changing.insert(name.clone());
            }
            let back = values(&alone, &at);
            if given.iter().any(|value| is_telling(value) && back.contains(value)) {
                seen.returning.insert(name);
            }
        }
    }
    seen
}

/// Ours, a default of ours, and theirs as ours gives it back without `origin`.
fn through_agent(platform: Platform, theirs: &Value) -> (Value, Value, Value) {
    let imported = agent_from(platform, theirs).expect("an agent");
    let mut document = imported.document;
    document.origin = None;
    let alone = agent_to(platform, &document, &imported.secrets);
    (as_value(&document), as_value(&AgentDocument::default()), alone)
}

fn through_order(platform: Platform, theirs: &Value) -> (Value, Value, Value) {
    let imported = order_from(platform, theirs).expect("an order");
    let mut order = imported.document;
    order.origin = None;
    let alone = order_to(platform, &order, &imported.secrets);
    (as_value(&order), as_value(&CallOrder::default()), alone)
}

fn as_value<T: serde::Serialize>(document: &T) -> Value {
    serde_json::to_value(document).expect("JSON")
}

/// A value that tells one field from another.
fn is_telling(value: &Value) -> bool {
    !value.is_null() && *value != serde_json::json!([]) && *value != serde_json::json!({})
}

/// Every value at `agent.prompt`, `tools[].name`, `actions[CUSTOM_ACTION].url`,
/// `transfers[0].target`.
fn values(document: &Value, place: &str) -> Vec<Value> {
    let mut found = vec![document];
    for step in place.split('.').filter(|step| !step.is_empty()) {
        // `actions[A.B]` is parted in two steps, `actions[A` and `B]`: both name members.
        let (name, list) = match step.split_once('[') {
            Some((name, entry)) => (name, Some(entry.trim_end_matches(']'))),
            None => (step.trim_end_matches(']'), None),
        };
        found = found.into_iter().filter_map(|value| value.get(name)).collect();
        let Some(entry) = list else { continue };
        found = found.into_iter().filter_map(Value::as_array).flatten().collect();
        if entry.parse::<usize>().is_err() && !entry.is_empty() {
            found = found.into_iter().filter_map(|value| value.get(entry)).collect();
        }
    }
    found.into_iter().filter(|value| !value.is_null()).cloned().collect()
}

/// `llm_model(custom).api_key` is `llm_model.api_key` of a model of that kind.
fn without_variant(name: &str) -> String {
    match (name.split_once('('), name.split_once(')')) {
        (Some((head, _)), Some((_, tail))) => format!("{head}{tail}"),
        (_, _) => name.to_owned(),
    }
}

fn joined(section: &str, field: &str) -> String {
    if section.is_empty() { field.to_owned() } else { format!("{section}.{field}") }
}

/// Fields that ours alone does not give back, and why.
const STAYS: [(&str, &str); 5] = [
    ("action.CUSTOM_ACTION.custom_auth", "a header like others here, and written as one"),
    ("action.CUSTOM_ACTION.custom_auth.value", "part of that header"),
    ("agent.end_call_reasons", "the newer list is written in its place"),
    ("numbers[]", "ids and states of numbers are the platform's to give"),
    ("call.assistant", "seldom the same as a whole; its fields are those of an assistant"),
];
const SEEDS: u64 = 500;
