//! Places in a JSON document, as the tables write them: `turn.interrupt.sensitivity`,
//! `voice.fallbacks[0].id`. The empty path is the whole document.

use serde_json::{Map, Value};

/// The value at a path; null counts as absent.
pub(crate) fn value<'v>(document: &'v Value, path: &str) -> Option<&'v Value> {
    let found = steps(path).try_fold(document, |at, step| match step {
        Step::Name(name) => at.get(name),
        Step::Index(index) => at.get(index),
    });
    found.filter(|value| !value.is_null())
}

/// The place of a path. What is missing on the way there is made, and what is in the way replaced.
pub(crate) fn place<'v>(document: &'v mut Value, path: &str) -> &'v mut Value {
    steps(path).fold(document, |at, step| match step {
        Step::Name(name) => {
            if !at.is_object() {
                *at = Value::Object(Map::new());
            }
            at.as_object_mut().expect("it was just made one").entry(name).or_insert(Value::Null)
        }
        Step::Index(index) => {
            if !at.is_array() {
                *at = Value::Array(Vec::new());
            }
            let items = at.as_array_mut().expect("it was just made one");
            if items.len() <= index {
                items.resize(index + 1, Value::Null);
            }
            &mut items[index]
        }
    })
}

/// Takes the value at a path out, an entry out of its list; whether there was one.
pub(crate) fn remove(document: &mut Value, path: &str) -> bool {
    let mut steps: Vec<Step<'_>> = steps(path).collect();
    let Some(last) = steps.pop() else { return false };
    let parent = steps.into_iter().try_fold(document, |at, step| match step {
        Step::Name(name) => at.get_mut(name),
        Step::Index(index) => at.get_mut(index),
    });
    match (parent, last) {
        (Some(Value::Object(members)), Step::Name(name)) => members.remove(name).is_some(),
        (Some(Value::Array(items)), Step::Index(index)) if index < items.len() => {
            items.remove(index);
            true
        }
        (_, _) => false,
    }
}

enum Step<'p> {
    Name(&'p str),
    Index(usize),
}

fn steps(path: &str) -> impl Iterator<Item = Step<'_>> {
    path.split(['.', '[']).filter(|step| !step.is_empty()).map(|step| {
        let index = step.strip_suffix(']').and_then(|index| index.parse().ok());
        index.map_or(Step::Name(step), Step::Index)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_place_is_made_on_the_way() {
        let mut document = json!({"voice": 7});
        *place(&mut document, "voice.fallbacks[1].id") = json!("ada");
        assert_eq!(document, json!({"voice": {"fallbacks": [null, {"id": "ada"}]}}));
        assert_eq!(value(&document, "voice.fallbacks[1].id"), Some(&json!("ada")));
        assert_eq!(value(&document, "voice.fallbacks[0]"), None);
        assert!(remove(&mut document, "voice.fallbacks[1].id"));
        assert!(!remove(&mut document, "voice.speed"));
        assert!(remove(&mut document, "voice.fallbacks[0]"));
        assert_eq!(document, json!({"voice": {"fallbacks": [{}]}}));
    }
}
