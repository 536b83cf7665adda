//! A document's shape: names, types and ranges, as its JSON Schema states them.
//!
//! A walk over the few words of JSON Schema that the generated schema uses: a general validator
//! would bring a dozen crates and stop where ours goes on, to find what else is wrong.

use std::sync::LazyLock;

use regex_lite::Regex;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::problem::Problem;
use super::{AgentDocument, CallOrder};

/// The JSON Schema of agent documents (draft 2020-12).
pub fn agent_schema() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(schema_of::<AgentDocument>);
    &SCHEMA
}

/// The JSON Schema of orders of calls (draft 2020-12).
pub fn order_schema() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(schema_of::<CallOrder>);
    &SCHEMA
}

fn schema_of<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value()
}

/// Every departure of a value from the schema. Whatever departs is taken out of the value, so that
/// the rest can be read and looked at further.
pub(super) fn check(schema: &Value, value: &mut Value) -> Vec<Problem> {
    let mut walk = Walk { root: schema, problems: Vec::new() };
    if !walk.is_sound(schema, value, "") {
        *value = Value::Object(Map::new());
    }
    walk.problems
}

struct Walk<'s> {
    root: &'s Value,
    problems: Vec<Problem>,
}

impl<'s> Walk<'s> {
    /// Whether a value can be kept. Members that cannot are taken out.
    fn is_sound(&mut self, schema: &'s Value, value: &mut Value, path: &str) -> bool {
        let schema = self.resolved(schema, value);
        if !has_type(schema, value) || !is_listed(schema, value) {
            self.problems.push(Problem::new(path, value, self.allowed(schema)));
            return false;
        }
        match value {
            Value::Object(members) => {
                self.check_members(schema, members, path);
                true
            }
            Value::Array(items) => self.has_sound_items(schema, items, path),
            Value::String(_) | Value::Number(_) if !is_within(schema, value) => {
                self.problems.push(Problem::new(path, value, self.allowed(schema)));
                false
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
        }
    }

    fn check_members(&mut self, schema: &'s Value, members: &mut Map<String, Value>, at: &str) {
        let known = schema["properties"].as_object();
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !members.contains_key(name) {
                let allowed = self.allowed(self.dereferenced(&schema["properties"][name]));
                self.problems.push(Problem::missing(&joined(at, name), allowed));
            }
        }
        members.retain(|name, value| {
            let path = joined(at, name);
            if let Some(member) = known.and_then(|known| known.get(name)) {
                return self.is_sound(member, value, &path);
            }
            match schema.get("additionalProperties") {
                Some(Value::Bool(false)) => {
                    let allowed = nearest(name, known);
                    self.problems.push(Problem::new(&path, value, allowed));
                    false
                }
                Some(others) => self.is_sound(others, value, &path),
                None => true,
            }
        });
    }

    fn has_sound_items(&mut self, schema: &'s Value, items: &mut [Value], at: &str) -> bool {
        let Some(item_schema) = schema.get("items") else { return true };
        let mut is_sound = true;
        for (index, item) in items.iter_mut().enumerate() {
            is_sound &= self.is_sound(item_schema, item, &format!("{at}[{index}]"));
        }
        is_sound
    }

    /// The schema behind references, and of "this or null" the one that is meant.
    fn resolved(&self, schema: &'s Value, value: &Value) -> &'s Value {
        let schema = self.dereferenced(schema);
        let Some(choices) = schema["anyOf"].as_array() else { return schema };
        let fits = |choice: &&'s Value| has_type(self.dereferenced(choice), value);
        let choice = choices.iter().find(fits).or(choices.first());
        choice.map_or(schema, |choice| self.dereferenced(choice))
    }

    fn dereferenced(&self, schema: &'s Value) -> &'s Value {
        let Some(reference) = schema["$ref"].as_str() else { return schema };
        self.root.pointer(reference.trim_start_matches('#')).unwrap_or(schema)
    }

    /// What a schema allows, in words.
    fn allowed(&self, schema: &'s Value) -> String {
        if let Some(choices) = schema["anyOf"].as_array() {
            let words = choices.iter().map(|choice| self.allowed(self.dereferenced(choice)));
            return words.collect::<Vec<_>>().join(" or ");
        }
        let listed: Vec<&str> = listed(schema).iter().filter_map(|value| value.as_str()).collect();
        if !listed.is_empty() {
            return format!("one of {}", listed.join(", "));
        }
        let mut words = types(schema).map(type_in_words).collect::<Vec<_>>().join(" or ");
        match (schema["minimum"].as_number(), schema["maximum"].as_number()) {
            (Some(min), Some(max)) if min == max => words = min.to_string(),
            (Some(min), Some(max)) => words += &format!(" from {min} to {max}"),
            (Some(min), None) => words += &format!(" of at least {min}"),
            (None, Some(max)) => words += &format!(" of at most {max}"),
            (None, None) => {}
        }
        if schema["minLength"].as_u64() == Some(1) {
            words += " that is not empty";
        }
        if let Some(max) = schema["maxLength"].as_u64() {
            words += &format!(" of at most {max} characters");
        }
        if let Some(pattern) = schema["pattern"].as_str() {
            words += &format!(" of the form {pattern}");
        }
        words
    }
}

/// An unknown name is most often a known one, misspelled.
fn nearest(name: &str, known: Option<&Map<String, Value>>) -> String {
    let mut known: Vec<&str> = known.into_iter().flatten().map(|(name, _)| &**name).collect();
    let likeness = |known: &str| strsim::jaro_winkler(name, known);
    known.sort_by(|a, b| likeness(b).total_cmp(&likeness(a)));
    match known.as_slice() {
        [first, ..] if likeness(first) >= LIKENESS_MIN => {
            format!("no such name; did you mean {first}?")
        }
        _ => {
            known.sort_unstable();
            format!("one of the names {}", known.join(", "))
        }
    }
}

fn has_type(schema: &Value, value: &Value) -> bool {
    let mut types = types(schema).peekable();
    types.peek().is_none() || types.any(|name| is_of_type(name, value))
}

/// The types that a schema names, or those of the choices that it lists one by one.
fn types(schema: &Value) -> impl Iterator<Item = &str> {
    let choices = schema["oneOf"].as_array().into_iter().flatten();
    std::iter::once(schema).chain(choices).flat_map(|schema| {
        let several = schema["type"].as_array().into_iter().flatten().filter_map(Value::as_str);
        schema["type"].as_str().into_iter().chain(several)
    })
}

fn is_of_type(name: &str, value: &Value) -> bool {
    match value {
        Value::Null => name == "null",
        Value::Bool(_) => name == "boolean",
        Value::Number(number) => name == "number" || (name == "integer" && !number.is_f64()),
        Value::String(_) => name == "string",
        Value::Array(_) => name == "array",
        Value::Object(_) => name == "object",
    }
}

fn type_in_words(name: &str) -> &str {
    match name {
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        "string" => "text",
        "array" => "a list",
        "object" => "an object",
        _ => name,
    }
}

/// The values that a schema lists: as one list, or one by one with a description each.
fn listed(schema: &Value) -> Vec<&Value> {
    let plain = schema["enum"].as_array().into_iter().flatten();
    let described = schema["oneOf"].as_array().into_iter().flatten();
    let described = described.flat_map(|choice| {
        let several = choice["enum"].as_array().into_iter().flatten();
        choice.get("const").into_iter().chain(several)
    });
    plain.chain(described).collect()
}

fn is_listed(schema: &Value, value: &Value) -> bool {
    let listed = listed(schema);
    listed.is_empty() || listed.contains(&value)
}

fn is_within(schema: &Value, value: &Value) -> bool {
    if let Some(number) = value.as_f64() {
        let is_above = schema["minimum"].as_f64().is_none_or(|min| number >= min);
        return is_above && schema["maximum"].as_f64().is_none_or(|max| number <= max);
    }
    let Some(text) = value.as_str() else { return true };
    let length = text.chars().count() as u64;
    schema["minLength"].as_u64().is_none_or(|min| length >= min)
        && schema["maxLength"].as_u64().is_none_or(|max| length <= max)
        && schema["pattern"].as_str().is_none_or(|pattern| matches(pattern, text))
}

fn matches(pattern: &str, text: &str) -> bool {
    Regex::new(pattern).expect("patterns of the schema are constants").is_match(text)
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Likeness from which an unknown name is taken for a known one; 0.8 takes "wait_timeout" for
/// "wait_timeout_ms" and nothing for "foo".
const LIKENESS_MIN: f64 = 0.8;
