//! Values that are put into an agent's words.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// Named values in the order they were given; of two with one name the later counts.
///
/// Read from any of three spellings, written as the first:
/// `[{"key": "name", "value": "Ada"}]`, `{"name": "Ada"}`, `["name: Ada"]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Variables(Vec<Variable>);

/// One named value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// The name, as it stands between braces.
    pub key: String,
    /// The value.
    pub value: Value,
}

/// Text that is no variable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a variable is written `name: value` or `name=value`, with a name")]
pub struct NotAVariable;

impl Variables {
    /// No values.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|variable| (variable.key.as_str(), &variable.value))
    }

    /// The value of a name.
    pub fn value(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|variable| variable.key == key).map(|variable| &variable.value)
    }

    /// The value of a name as it is said: text without quotes, nothing for null.
    pub fn text(&self, key: &str) -> Option<Cow<'_, str>> {
        self.value(key).map(|value| match value {
            Value::String(text) => Cow::Borrowed(text.as_str()),
            Value::Null => Cow::Borrowed(""),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                Cow::Owned(value.to_string())
            }
        })
    }

    /// Sets a value. A name that is there keeps its place.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        let (key, value) = (key.into(), value.into());
        match self.0.iter_mut().find(|variable| variable.key == key) {
            Some(variable) => variable.value = value,
            None => self.0.push(Variable { key, value }),
        }
    }

    /// Sets every value of `over`.
    pub fn extend(&mut self, over: &Self) {
        for (key, value) in over.iter() {
            self.set(key, value.clone());
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// Reads `name: value` or `name=value`, as command lines and one platform spell it; what stands
/// first parts them. Spaces around both are dropped.
impl std::str::FromStr for Variable {
    type Err = NotAVariable;

    fn from_str(text: &str) -> Result<Self, NotAVariable> {
        let (key, value) = text.split_once([':', '=']).ok_or(NotAVariable)?;
        let (key, value) = (key.trim(), value.trim());
        if key.is_empty() {
            return Err(NotAVariable);
        }
        Ok(Self { key: key.to_owned(), value: Value::String(value.to_owned()) })
    }
}

impl FromIterator<Variable> for Variables {
    fn from_iter<I: IntoIterator<Item = Variable>>(variables: I) -> Self {
        let mut all = Self::new();
        for Variable { key, value } in variables {
            all.set(key, value);
        }
        all
    }
}

impl<'de> Deserialize<'de> for Variables {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Spellings)
    }
}

struct Spellings;

impl<'de> Visitor<'de> for Spellings {
    type Value = Variables;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("variables: [{key, value}], {name: value} or [\"name: value\"]")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Variables, A::Error> {
        let mut all = Variables::new();
        while let Some((key, value)) = map.next_entry::<String, Value>()? {
            all.set(key, value);
        }
        Ok(all)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Variables, A::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Entry {
            Text(String),
            Pair(Variable),
        }
        let mut all = Variables::new();
        while let Some(entry) = seq.next_element::<Entry>()? {
            let Variable { key, value } = match entry {
                Entry::Text(text) => text.parse().map_err(A::Error::custom)?,
                Entry::Pair(variable) => variable,
            };
            all.set(key, value);
        }
        Ok(all)
    }
}

impl JsonSchema for Variables {
    fn schema_name() -> Cow<'static, str> {
        "Variables".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Named values: [{\"key\", \"value\"}], {\"name\": value} or \
                            [\"name: value\"].",
            "type": ["array", "object"],
            "items": {
                "type": ["object", "string"],
                "pattern": "^[^:=]*[^:=\\s][^:=]*[:=]",
                "properties": {"key": {"type": "string", "minLength": 1}, "value": true},
                "required": ["key", "value"],
                "additionalProperties": false,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn three_spellings_are_one_list_in_order() {
        let read = |json| serde_json::from_str::<Variables>(json).unwrap();
        let listed = read(r#"[{"key":"zip","value":"10115"},{"key":"age","value":7}]"#);
        assert_eq!(listed, read(r#"{"zip":"10115","age":7}"#));
        assert_eq!(listed.text("age").as_deref(), Some("7"));
        let texts = read(r#"["zip: 10115", "site:https://example.com"]"#);
        assert_eq!(texts.text("site").as_deref(), Some("https://example.com"));
        let names: Vec<_> = listed.iter().map(|(key, _)| key).collect();
        assert_eq!(names, ["zip", "age"]);
    }

    #[test]
    fn the_later_of_two_values_counts_in_the_place_of_the_first() {
        let mut variables: Variables = serde_json::from_str(r#"["a: 1", "b: 2", "a: 3"]"#).unwrap();
        variables.extend(&serde_json::from_str(r#"{"b":4,"c":5}"#).unwrap());
        let all: Vec<_> = variables.iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(all, ["a=\"3\"", "b=4", "c=5"]);
    }

    #[test]
    fn text_without_a_name_is_refused() {
        assert!("nothing".parse::<Variable>().is_err());
        assert!(": value".parse::<Variable>().is_err());
        assert_eq!("a=b: c".parse::<Variable>().unwrap().value, "b: c");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".*") {
            if let Ok(variable) = text.parse::<Variable>() {
                prop_assert!(!variable.key.is_empty());
            }
        }
    }
}
