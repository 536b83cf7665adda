//! Reading a document: everything that is wrong with it is told at once.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::problem::Problem;
use super::{AgentDocument, CallOrder, agent_schema, order_schema, rules, shape};

impl AgentDocument {
    /// Reads a document.
    ///
    /// # Errors
    ///
    /// Every problem it has, in the order of their paths: unknown names, wrong types and ranges,
    /// and fields that contradict each other.
    pub fn from_json(json: &str) -> Result<Self, Vec<Problem>> {
        let value = serde_json::from_str(json).map_err(|error| {
            vec![Problem {
                path: String::new(),
                given: format!("text that is no JSON ({error})"),
                allowed: "JSON".to_owned(),
            }]
        })?;
        Self::from_value(value)
    }

    /// Reads a document that is JSON already.
    ///
    /// # Errors
    ///
    /// As [`AgentDocument::from_json`].
    pub fn from_value(mut value: Value) -> Result<Self, Vec<Problem>> {
        let mut problems = shape::check(agent_schema(), &mut value);
        read(&value, &mut problems, rules::check)
    }

    /// Every rule that the document breaks, in the order of their paths. Documents that were read
    /// break none; one that was built or changed in code may.
    pub fn problems(&self) -> Vec<Problem> {
        let value = serde_json::to_value(self).expect("a document's map keys are text");
        Self::from_value(value).err().unwrap_or_default()
    }
}

impl CallOrder {
    /// Reads an order of a call, and the agent in it where there is one.
    ///
    /// # Errors
    ///
    /// As [`AgentDocument::from_json`].
    pub fn from_value(mut value: Value) -> Result<Self, Vec<Problem>> {
        let mut problems = shape::check(order_schema(), &mut value);
        read(&value, &mut problems, rules::check_order)
    }
}

/// Reads what has the right shape, and adds the rules it breaks to what is wrong with its shape.
fn read<T: DeserializeOwned>(
    value: &Value,
    problems: &mut Vec<Problem>,
    rules: impl Fn(&T) -> Vec<Problem>,
) -> Result<T, Vec<Problem>> {
    match T::deserialize(value) {
        Ok(document) => {
            let mut broken = rules(&document);
            broken.retain(|rule| !problems.iter().any(|problem| problem.is_about(&rule.path)));
            problems.append(&mut broken);
            if problems.is_empty() {
                return Ok(document);
            }
        }
        Err(error) => problems.push(Problem {
            path: String::new(),
            given: error.to_string(),
            allowed: "what the JSON Schema says".to_owned(),
        }),
    }
    problems.sort();
    Err(std::mem::take(problems))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, json};

    use super::*;

    #[test]
    fn a_name_and_instructions_are_a_document() {
        let document = AgentDocument::from_json(
            r#"{"version":1,"name":"Ada","instructions":"Answer the telephone."}"#,
        )
        .unwrap();
        assert_eq!(document.opening.delay_ms, 400);
        assert_eq!(document.problems(), []);
    }

    #[test]
    fn every_problem_is_told_with_path_given_and_allowed() {
        let problems = told(json!({
            "version": 2,
            "name": "Ada",
            "instructions": "Answer.",
            "opening": {"delay": 300, "mode": "loud"},
            "turn": {"interrupt": {"sensitivity": 1.5, "min_words": "3"}},
            "silence": {"reminder_ms": 20_000, "hangup_ms": 15_000},
            "tools": [{"name": "look up"}, {"description": "no name"}, {"name": "end_call"}],
            "llm": {"api_key": "sk-0123456789"},
            "transfers": [{"label": "Sales", "target": "415"}],
        }));
        // One a line: path, what is given, what is allowed.
        let allowed = r#"
llm.api_key: a key in clear is given, allowed is text or null of the form ^\$\{
opening.delay: 300 is given, allowed is no such name; did you mean delay_ms?
opening.mode: "loud" is given, allowed is one of static, generated, wait
silence.reminder_ms: 20000 is given, allowed is less than silence.hangup_ms, or no reminder
silence.reminder_text: "" is given, allowed is what is said, as silence.reminder_ms is given
tools[0].name: "look up" is given, allowed is text of the form ^[A-Za-z0-9_-]{1,64}$
tools[1].name: nothing is given, allowed is text of the form ^[A-Za-z0-9_-]{1,64}$
tools[2].name: "end_call" is given, allowed is a name that the engine does not use
transfers[0].target: "415" is given, allowed is a number as +14155550123
turn.interrupt.min_words: "3" is given, allowed is a whole number from 0 to 5
turn.interrupt.sensitivity: 1.5 is given, allowed is a number from 0.0 to 1.0
version: 2 is given, allowed is 1
"#;
        let expected: Vec<&str> = allowed.trim().lines().collect();
        assert_eq!(problems.len(), expected.len(), "{problems:#?}");
        for (problem, expected) in problems.iter().zip(expected) {
            assert!(problem.starts_with(expected), "{problem}\n{expected}");
        }
    }

    #[test]
    fn what_is_no_document_is_told_so() {
        assert_eq!(told(json!([1])), ["the document: [1] is given, allowed is an object"]);
        assert!(AgentDocument::from_json("{").is_err());
    }

    #[test]
    fn a_default_document_keeps_its_own_schema() {
        let document = AgentDocument {
            name: "Ada".to_owned(),
            instructions: "Answer.".to_owned(),
            ..AgentDocument::default()
        };
        assert_eq!(document.problems(), []);
        let json = serde_json::to_string(&document).unwrap();
        assert_eq!(AgentDocument::from_json(&json).unwrap(), document);
    }

    proptest! {
        #[test]
        fn any_json_is_read_or_refused(value in any_json()) {
            let _ = AgentDocument::from_value(value);
        }

        /// Names that exist with values that may not: whatever the shape lets through can be read.
        #[test]
        fn what_is_wrong_is_told_with_its_path(values in any_members()) {
            let mut document = json!({"version": 1, "name": "Ada", "instructions": "Answer."});
            document.as_object_mut().unwrap().extend(values);
            match AgentDocument::from_value(document) {
                Ok(document) => prop_assert_eq!(document.problems(), []),
                Err(problems) => {
                    prop_assert!(!problems.is_empty());
                    prop_assert!(problems.iter().all(|problem| !problem.path.is_empty()));
                }
            }
        }
    }

    fn told(value: Value) -> Vec<String> {
        let problems = AgentDocument::from_value(value).unwrap_err();
        problems.iter().map(Problem::to_string).collect()
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            prop_oneof![Just("static"), Just("fast"), Just("+14155550123"), Just("10:00")]
                .prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            let name = prop_oneof![proptest::sample::select(names()), "[a-z_]{1,8}"];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(name, inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    fn any_members() -> impl Strategy<Value = Map<String, Value>> {
        let sections = agent_schema()["properties"].as_object().unwrap();
        let sections: Vec<String> = sections.keys().cloned().collect();
        prop::collection::btree_map(proptest::sample::select(sections), any_json(), 0..6)
            .prop_map(|members| members.into_iter().collect())
    }

    /// Every name of any section.
    fn names() -> Vec<String> {
        let sections = agent_schema()["$defs"].as_object().unwrap().values();
        let names = sections.filter_map(|section| section["properties"].as_object());
        names.flat_map(Map::keys).cloned().collect()
    }
}
