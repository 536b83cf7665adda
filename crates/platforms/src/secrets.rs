//! Keys, which do not enter a document.

use std::collections::BTreeMap;

use offhook_types::Pii;
use offhook_types::agent::is_secret_header;
use serde_json::Value;

use crate::base::Base;
use crate::path;
use crate::table::{Object, Platform};

/// Keys that stood in a platform's document: the name that stands in ours as `${NAME}` → the key.
/// Names tell the keys of one document apart, not those of two: whoever stores them adds whose they
/// are.
pub type Secrets = BTreeMap<String, Pii<String>>;

/// Takes the keys out of a platform's document and puts their names there.
pub(crate) fn take(platform: Platform, object: Object, document: &mut Value) -> Secrets {
    let mut secrets = Secrets::new();
    for section in platform.table().sections(object) {
        for row in section.rows.iter().filter(|row| row.secret) {
            let base = Base::parse(&section.at);
            for element in elements(document, &base) {
                if path::value(element, row.at()).is_some() {
                    let holder = path::place(element, row.at());
                    hide(holder, platform, row.at(), &mut secrets);
                }
            }
        }
    }
    secrets
}

/// Puts the keys back.
pub(crate) fn restore(document: &mut Value, secrets: &Secrets) {
    match document {
        Value::String(text) => {
            let name = text.strip_prefix("${").and_then(|text| text.strip_suffix('}'));
            if let Some(secret) = name.and_then(|name| secrets.get(name)) {
                text.clone_from(secret.expose());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| restore(item, secrets)),
        Value::Object(members) => members.values_mut().for_each(|item| restore(item, secrets)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The places where the fields of a section stand.
fn elements<'v>(document: &'v mut Value, base: &Base) -> Vec<&'v mut Value> {
    if path::value(document, &base.path).is_none() {
        return Vec::new();
    }
    let place = path::place(document, &base.path);
    let Some(within) = &base.within else { return vec![place] };
    let entries = place.as_array_mut().into_iter().flatten();
    let entries = entries.filter(|entry| path::value(entry, within).is_some());
    entries.map(|entry| path::place(entry, within)).collect()
}

/// Hides a key: a text, or those headers among pairs or members that hold one.
fn hide(holder: &mut Value, platform: Platform, field: &str, secrets: &mut Secrets) {
    match holder {
        Value::String(text) => {
            let name = free_name(platform, field, secrets);
            let key = std::mem::replace(text, format!("${{{name}}}"));
            secrets.insert(name, Pii::new(key));
        }
        Value::Array(pairs) => {
            for pair in pairs {
                let is_secret = pair["key"].as_str().is_some_and(is_secret_header);
                if is_secret && let Some(value) = pair.get_mut("value") {
                    hide(value, platform, field, secrets);
                }
            }
        }
        Value::Object(members) => {
            for (_, value) in members.iter_mut().filter(|(name, _)| is_secret_header(name)) {
                hide(value, platform, field, secrets);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn free_name(platform: Platform, field: &str, secrets: &Secrets) -> String {
    let name = format!("{}_{field}_{}", platform.name(), secrets.len() + 1);
    let legal = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    name.chars().map(legal).collect()
}
