//! Personal data that must not reach a log.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

/// A value about a person: it prints as `[redacted]`, in `Display` and in `Debug`, however deep it
/// is nested.
///
/// Serialisation writes the value itself, because a stored call must stay true; what may be stored
/// or sent is decided where a call's privacy settings are known. Reading the value in code is
/// [`Pii::expose`], which stands out in review.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pii<T>(T);

impl<T> Pii<T> {
    /// Marks a value as personal.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Never pass it to a log.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// Takes the value out. Never pass it to a log.
    pub fn into_exposed(self) -> T {
        self.0
    }
}

/// The schema of the value itself.
impl<T: JsonSchema> JsonSchema for Pii<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

impl<T> From<T> for Pii<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Display for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<T> fmt::Debug for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_personal_value_prints_redacted_at_any_depth() {
        let value = Some(vec![Pii::new("+14155550123")]);
        assert_eq!(format!("{value:?}"), "Some([[redacted]])");
        assert_eq!(format!("{:#?} {}", Pii::new(7), Pii::new(7)), "[redacted] [redacted]");
    }

    #[test]
    fn serialisation_keeps_the_value() {
        let json = serde_json::to_string(&Pii::new("Ada")).unwrap();
        assert_eq!(json, "\"Ada\"");
        assert_eq!(serde_json::from_str::<Pii<String>>(&json).unwrap().expose(), "Ada");
    }
}
