//! Conversions of one value.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value, json};

use crate::json_schema;
use crate::table::Table;

/// How the value of one field becomes the value of one of ours, and back.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Convert<'t> {
    /// It is the same.
    Same,
    /// True is false.
    Not,
    /// Times a factor, and which side is whole numbers.
    Times { factor: f64, theirs_whole: bool, ours_whole: bool },
    /// A list of words.
    Words(&'t BTreeMap<String, Value>),
    /// The only entry of a list.
    Only,
    /// `[{"key", "value"}]`, which is an object here.
    Pairs,
    /// Variables, which are an object there and in order here.
    Variables,
    /// A name of letters, digits, `_` and `-`; others become `_`.
    Identifier,
    /// A list of arguments, which is a JSON Schema here.
    Arguments(json_schema::Dialect),
}

impl<'t> Convert<'t> {
    /// The conversion of a name, if it is one of a single value.
    pub(crate) fn named(table: &'t Table, name: Option<&str>) -> Option<Self> {
        let times = |factor, theirs_whole, ours_whole| {
            Some(Self::Times { factor, theirs_whole, ours_whole })
        };
        match name {
            None => Some(Self::Same),
            Some("not") => Some(Self::Not),
            Some("seconds") => times(1_000.0, false, true),
            Some("whole seconds") => times(1_000.0, true, true),
            Some("hours") => times(3_600_000.0, true, true),
            Some("frames of 20 ms") => times(20.0, true, true),
            Some("percent") => times(0.01, true, false),
            Some("only entry") => Some(Self::Only),
            Some("pairs") => Some(Self::Pairs),
            Some("variables") => Some(Self::Variables),
            Some("identifier") => Some(Self::Identifier),
            Some("arguments of an action") => Some(Self::Arguments(json_schema::ACTION)),
            Some("arguments of a tool") => Some(Self::Arguments(json_schema::TOOL)),
            Some(words) => table.words.get(words.strip_prefix("words: ")?).map(Self::Words),
        }
    }

    /// Our value. `None`: it has none.
    pub(crate) fn ours(self, theirs: &Value) -> Option<Value> {
        match self {
            Self::Same | Self::Variables => Some(theirs.clone()),
            Self::Not => theirs.as_bool().map(|value| Value::Bool(!value)),
            Self::Times { factor, ours_whole, .. } => {
                let value = theirs.as_f64()? * factor;
                number(value, ours_whole)
            }
            Self::Words(words) => words.get(theirs.as_str()?).cloned(),
            Self::Only => Some(json!([theirs])),
            Self::Pairs => pairs(theirs),
            Self::Identifier => theirs.as_str().map(|text| identifier(text).into()),
            Self::Arguments(dialect) => dialect.schema(theirs),
        }
    }

    /// Their value. `None`: it has none.
    pub(crate) fn theirs(self, ours: &Value) -> Option<Value> {
        match self {
            Self::Same | Self::Identifier => Some(ours.clone()),
            Self::Not => ours.as_bool().map(|value| Value::Bool(!value)),
            Self::Times { factor, theirs_whole, .. } => {
                number(ours.as_f64()? / factor, theirs_whole)
            }
            Self::Words(words) => {
                let word = words.iter().find(|(_, value)| *value == ours);
                word.map(|(word, _)| word.as_str().into())
            }
            Self::Only => ours.get(0).cloned(),
            Self::Pairs => {
                let pairs = ours.as_object()?.iter();
                let pairs = pairs.map(|(key, value)| json!({"key": key, "value": value}));
                Some(pairs.collect())
            }
            Self::Variables => pairs(ours).filter(|pairs| *pairs != json!({})),
            Self::Arguments(dialect) => dialect.arguments(ours),
        }
    }
}

/// A number as JSON, whole where it must be or is.
pub(crate) fn number(value: f64, must_be_whole: bool) -> Option<Value> {
    let rounded = value.round();
    let is_whole = must_be_whole || (value - rounded).abs() < WHOLE_WITHIN;
    if is_whole && rounded.abs() < WHOLE_MAX {
        return Some(Value::from(rounded as i64));
    }
    Number::from_f64(value).map(Value::Number)
}

fn pairs(theirs: &Value) -> Option<Value> {
    if theirs.is_object() {
        return Some(theirs.clone());
    }
    let pair = |pair: &Value| Some((pair["key"].as_str()?.to_owned(), pair.get("value")?.clone()));
    let pairs: Option<Map<String, Value>> = theirs.as_array()?.iter().map(pair).collect();
    pairs.map(Value::Object)
}

fn identifier(text: &str) -> String {
    let legal = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '_' };
    text.chars().map(legal).take(IDENTIFIER_CHARS_MAX).collect()
}

/// Below what a product of a decimal fraction and a power of ten is off by.
const WHOLE_WITHIN: f64 = 1e-9;
/// 2⁵³: above it not every whole number is a floating-point number.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;
const IDENTIFIER_CHARS_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_convert_both_ways() {
        let seconds = Convert::Times { factor: 1_000.0, theirs_whole: false, ours_whole: true };
        assert_eq!(seconds.ours(&json!(0.4)), Some(json!(400)));
        assert_eq!(seconds.theirs(&json!(400)), Some(json!(0.4)));
        assert_eq!(seconds.theirs(&json!(12_000)), Some(json!(12)));
        let percent = Convert::Times { factor: 0.01, theirs_whole: true, ours_whole: false };
        assert_eq!(percent.ours(&json!(20)), Some(json!(0.2)));
        assert_eq!(percent.theirs(&json!(0.29)), Some(json!(29)));
    }

    #[test]
    fn pairs_are_an_object_and_a_name_is_an_identifier() {
        let theirs = json!([{"key": "a", "value": "1"}]);
        assert_eq!(Convert::Pairs.ours(&theirs), Some(json!({"a": "1"})));
        assert_eq!(Convert::Pairs.theirs(&json!({"a": "1"})), Some(theirs));
        assert_eq!(Convert::Identifier.ours(&json!("Check stock!")), Some(json!("Check_stock_")));
    }
}
