//! Lists of arguments, which are JSON Schemas here.

use serde_json::{Map, Value, json};

/// How a platform lists the arguments of a tool.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dialect {
    /// Their types, what each is in JSON Schema, and the format that tells it from others of that
    /// type.
    types: &'static [(&'static str, &'static str, Option<&'static str>)],
    /// The member that lists what an argument can be.
    options: Option<&'static str>,
    /// Each argument says whether it is required; otherwise all are.
    says_required: bool,
}

impl Dialect {
    /// The schema of a list of arguments.
    pub(crate) fn schema(self, arguments: &Value) -> Option<Value> {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for argument in arguments.as_array()? {
            let name = argument["name"].as_str()?;
            let word = argument["type"].as_str().unwrap_or("string");
            let (_, kind, format) = self.types.iter().find(|(theirs, ..)| *theirs == word)?;
            let mut property = json!({"type": kind});
            if let Some(format) = format {
                property["format"] = json!(format);
            }
            if let Some(description) = argument.get("description") {
                property["description"] = description.clone();
            }
            if let Some(example) = argument.get("example") {
                property["examples"] = json!([example]);
            }
            if let Some(options) = self.options.and_then(|options| argument.get(options)) {
                property["enum"] = options.clone();
            }
            if !self.says_required || argument["required"] == true {
                required.push(name);
            }
            properties.insert(name.to_owned(), property);
        }
        Some(json!({"type": "object", "properties": properties, "required": required}))
    }

    /// The list of arguments of a schema.
    pub(crate) fn arguments(self, schema: &Value) -> Option<Value> {
        let properties = schema["properties"].as_object()?;
        let required = schema["required"].as_array();
        let is_required = |name: &str| required.is_some_and(|names| names.contains(&json!(name)));
        let arguments = properties.iter().map(|(name, property)| {
            let mut argument = json!({"name": name, "type": self.type_of(property)});
            if let Some(description) = property.get("description") {
                argument["description"] = description.clone();
            }
            if let (Some(options), Some(values)) = (self.options, property.get("enum")) {
                argument[options] = values.clone();
            }
            if self.says_required {
                argument["required"] = json!(is_required(name));
            } else if let Some(example) = property["examples"].get(0) {
                argument["example"] = example.clone();
            }
            argument
        });
        let arguments: Vec<Value> = arguments.collect();
        (!arguments.is_empty()).then_some(Value::Array(arguments))
    }

    fn type_of(self, property: &Value) -> &'static str {
        let kind = property["type"].as_str().unwrap_or("string");
        let format = property["format"].as_str();
        if self.options.is_some() && property.get("enum").is_some() {
            return "enum";
        }
        let same = |exact: bool| {
            let is_same = |(_, ours, of): &&(&str, &str, Option<&str>)| {
                *ours == kind && (!exact || *of == format)
            };
            self.types.iter().find(is_same)
        };
        same(true).or_else(|| same(false)).map_or("string", |(theirs, ..)| theirs)
    }
}

/// Synthflow's `variables_during_the_call`.
pub(crate) const ACTION: Dialect = Dialect {
    types: &[
        ("string", "string", None),
        ("int", "integer", None),
        ("float", "number", None),
        ("bool", "boolean", None),
        ("list", "array", None),
        ("money", "string", Some("money")),
        ("phone_number", "string", Some("phone-number")),
        ("email", "string", Some("email")),
        ("datetime", "string", Some("local-date-time")),
        ("utc_datetime", "string", Some("date-time")),
    ],
    options: None,
    says_required: false,
};

/// Revox' `input_schema`.
pub(crate) const TOOL: Dialect = Dialect {
    types: &[
        ("string", "string", None),
        ("number", "number", None),
        ("boolean", "boolean", None),
        ("enum", "string", None),
        ("date", "string", Some("date")),
        ("datetime", "string", Some("date-time")),
    ],
    options: Some("enum_options"),
    says_required: true,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_a_schema_and_back() {
        let listed = json!([
            {"name": "day", "type": "date", "required": true, "description": "The day."},
            {"name": "size", "type": "enum", "enum_options": ["s", "l"], "required": false},
        ]);
        let schema = TOOL.schema(&listed).unwrap();
        assert_eq!(schema["properties"]["day"]["format"], "date");
        assert_eq!(schema["required"], json!(["day"]));
        assert_eq!(TOOL.arguments(&schema), Some(listed));
        let listed = json!([{"name": "price", "type": "money", "example": "5 EUR"}]);
        assert_eq!(ACTION.arguments(&ACTION.schema(&listed).unwrap()), Some(listed));
    }
}
