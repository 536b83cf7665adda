//! What would not come back from ours as it was.

use std::collections::{BTreeMap, BTreeSet};

use offhook_types::agent::OriginValue;
use serde_json::Value;

/// Where a platform's document and what ours gives back differ: JSON pointer → both values.
///
/// An entry of a list is one value: were it taken apart, an edit that moves entries would put the
/// parts of one into another.
pub(crate) fn differences(theirs: &Value, ours: &Value) -> BTreeMap<String, OriginValue> {
    let mut values = BTreeMap::new();
    compare(Some(theirs), Some(ours), String::new(), &mut values);
    values
}

/// Puts what stood there back wherever ours gives what it gave then.
pub(crate) fn put_back(document: &mut Value, values: &BTreeMap<String, OriginValue>) {
    for (pointer, OriginValue { theirs, ours }) in values {
        if document.pointer(pointer) != ours.as_ref() {
            continue;
        }
        let Some((parent, name)) = pointer.rsplit_once('/') else {
            if let Some(theirs) = theirs {
                document.clone_from(theirs);
            }
            continue;
        };
        let name = name.replace("~1", "/").replace("~0", "~");
        match (document.pointer_mut(parent), theirs) {
            (Some(Value::Object(members)), Some(theirs)) => {
                members.insert(name, theirs.clone());
            }
            (Some(Value::Object(members)), None) => {
                members.remove(&name);
            }
            (Some(Value::Array(items)), Some(theirs)) => {
                if let Some(item) = name.parse().ok().and_then(|index: usize| items.get_mut(index))
                {
                    item.clone_from(theirs);
                }
            }
            (_, _) => {}
        }
    }
}

fn compare(
    theirs: Option<&Value>,
    ours: Option<&Value>,
    pointer: String,
    values: &mut BTreeMap<String, OriginValue>,
) {
    match (theirs, ours) {
        (theirs, ours) if theirs == ours => {}
        (Some(Value::Object(theirs)), Some(Value::Object(ours))) => {
            let names: BTreeSet<_> = theirs.keys().chain(ours.keys()).collect();
            for name in names {
                let step = name.replace('~', "~0").replace('/', "~1");
                compare(theirs.get(name), ours.get(name), format!("{pointer}/{step}"), values);
            }
        }
        (Some(Value::Array(theirs)), Some(Value::Array(ours))) if are_alike(theirs, ours) => {
            for (index, (theirs, ours)) in theirs.iter().zip(ours).enumerate() {
                if theirs != ours {
                    keep(Some(theirs), Some(ours), format!("{pointer}/{index}"), values);
                }
            }
        }
        (theirs, ours) => keep(theirs, ours, pointer, values),
    }
}

fn keep(
    theirs: Option<&Value>,
    ours: Option<&Value>,
    pointer: String,
    values: &mut BTreeMap<String, OriginValue>,
) {
    values.insert(pointer, OriginValue { theirs: theirs.cloned(), ours: ours.cloned() });
}

/// Whether two lists hold the same kinds of objects in the same order.
fn are_alike(theirs: &[Value], ours: &[Value]) -> bool {
    let share_a_name = |(theirs, ours): (&Value, &Value)| match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) => {
            theirs.keys().any(|name| ours.contains_key(name))
        }
        (theirs, ours) => theirs == ours,
    };
    theirs.len() == ours.len() && theirs.iter().zip(ours).all(share_a_name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_differs_comes_back_until_it_is_edited() {
        let theirs = json!({"a": {"x/y": 1, "z": null}, "tools": [{"n": 1, "m": 2}, {"n": 3}]});
        let ours = json!({"a": {"w": 5}, "tools": [{"n": 1}, {"n": 3}]});
        let kept = differences(&theirs, &ours);
        let pointers: Vec<_> = kept.keys().map(String::as_str).collect();
        assert_eq!(pointers, ["/a/w", "/a/x~1y", "/a/z", "/tools/0"]);

        let mut same = ours.clone();
        put_back(&mut same, &kept);
        assert_eq!(same, theirs);

        let mut edited = json!({"a": {"w": 6}, "tools": [{"n": 3}]});
        put_back(&mut edited, &kept);
        assert_eq!(edited, json!({"a": {"w": 6, "x/y": 1, "z": null}, "tools": [{"n": 3}]}));
    }
}
