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
    let mut hiding = Hiding { platform, text: document.to_string(), secrets: Secrets::new() };
    for section in platform.table().sections(object) {
        for row in section.rows.iter().filter(|row| row.secret) {
            let base = Base::parse(&section.at);
            for element in elements(document, &base) {
                if path::value(element, row.at()).is_some() {
                    hiding.hide(path::place(element, row.at()), row.at());
                }
            }
        }
    }
    hiding.secrets
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

struct Hiding {
    platform: Platform,
    /// The document, in which no name of a key may stand already.
    text: String,
    secrets: Secrets,
}

impl Hiding {
    /// Hides a key: a text, or those headers among pairs or members that hold one.
    fn hide(&mut self, holder: &mut Value, field: &str) {
        match holder {
            Value::String(text) => {
                let name = self.free_name(field);
                let key = std::mem::replace(text, format!("${{{name}}}"));
                self.secrets.insert(name, Pii::new(key));
            }
            Value::Array(pairs) => {
                for pair in pairs {
                    let is_secret = pair["key"].as_str().is_some_and(is_secret_header);
                    if is_secret && let Some(value) = pair.get_mut("value") {
                        self.hide(value, field);
                    }
                }
            }
            Value::Object(members) => {
                for (_, value) in members.iter_mut().filter(|(name, _)| is_secret_header(name)) {
                    self.hide(value, field);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn free_name(&self, field: &str) -> String {
        let legal = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
        let names = (self.secrets.len() + 1..).map(|number| {
            let name = format!("{}_{field}_{number}", self.platform.name());
            name.chars().map(legal).collect::<String>()
        });
        let mut free = names.filter(|name| !self.text.contains(name));
        free.next().expect("a text does not hold every number")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_that_stands_in_the_document_names_no_key() {
        let theirs = json!({"name": "${REVOX_LLM_MODEL_API_KEY_1}", "llm_model": {"api_key": "k"}});
        let mut document = theirs.clone();
        let secrets = take(Platform::Revox, Object::Agent, &mut document);
        assert_eq!(document["llm_model"]["api_key"], "${REVOX_LLM_MODEL_API_KEY_2}");
        assert!(!format!("{secrets:?}").contains("\"k\""));
        restore(&mut document, &secrets);
        assert_eq!(document, theirs);
    }
}
