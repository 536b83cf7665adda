//! Documents of the platforms as their field lists allow them, drawn from a seed.

use std::collections::BTreeMap;

use fastrand::Rng;
use offhook_platforms::{Object, Platform};
use serde_json::{Map, Value, json};

use crate::fields::{Field, fields};

/// A document that the field list allows, every field in it or not, and now and then a value that
/// it does not allow.
pub(crate) fn document(platform: Platform, object: Object, seed: u64) -> Value {
    let mut draw = Draw { rng: Rng::with_seed(seed), platform };
    let fields = fields(platform);
    let fields = fields.iter().filter(|field| field.kind != "result");
    let is_call = |field: &&Field| field.name.starts_with("call.");
    if object == Object::Call {
        let fields = fields.filter(is_call);
        let leaves = fields.map(|field| (&field.name["call.".len()..], field));
        return draw.object(&leaves.collect::<Vec<_>>());
    }
    let (actions, others): (Vec<&Field>, Vec<&Field>) =
        fields.filter(|field| !is_call(field)).partition(|field| field.name.starts_with("action."));
    let variant = *draw.one(&["(dedicated-instance)", "(openrouter)", "(custom)", "(realtime)"]);
    let leaves = others.into_iter().filter_map(|field| match field.name.split_once('(') {
        None => Some((field.name, field)),
        Some((name, "top level)")) => Some((name.trim_end(), field)),
        Some(_) => field.name.contains(variant).then_some((field.name, field)),
    });
    let mut document = draw.object(&leaves.collect::<Vec<_>>());
    if !actions.is_empty() && draw.rng.bool() {
        document["actions"] = draw.actions(&actions);
    }
    if draw.rng.u8(..) < 64 {
        document["unheard_of"] = draw.anything();
    }
    document
}

struct Draw {
    rng: Rng,
    platform: Platform,
}

impl Draw {
    /// An object with these members: the rest of a field's name, and the field.
    fn object(&mut self, leaves: &[(&str, &Field)]) -> Value {
        let mut members: BTreeMap<String, Vec<(&str, &Field)>> = BTreeMap::new();
        for (name, field) in leaves {
            let (head, rest) = name.split_once('.').unwrap_or((name, ""));
            let head = head.split_once('(').map_or(head, |(head, _)| head);
            members.entry(head.trim_end_matches('*').to_owned()).or_default().push((rest, field));
        }
        // `tools` and `tools[]` are one member, named once by itself and once by its entries.
        let lists: Vec<String> =
            members.keys().filter_map(|name| name.strip_suffix("[]")).map(str::to_owned).collect();
        lists.iter().for_each(|name| drop(members.remove(name)));
        let mut object = Map::new();
        for (name, mut fields) in members {
            let is_forced = fields.iter().any(|(_, field)| is_needed(field.name));
            if !is_forced && self.rng.u8(..) < 90 {
                continue;
            }
            let is_list = name.ends_with("[]");
            let leaf = fields.iter().find(|(rest, _)| rest.is_empty()).map(|(_, field)| *field);
            fields.retain(|(rest, _)| !rest.is_empty());
            let value = if !is_forced && self.rng.u8(..) < 8 {
                self.anything()
            } else if fields.is_empty() {
                self.leaf(leaf.expect("a member without members has a kind"))
            } else if is_list {
                (0..self.rng.usize(..3)).map(|_| self.object(&fields)).collect()
            } else {
                self.object(&fields)
            };
            object.insert(name.trim_end_matches("[]").to_owned(), value);
        }
        Value::Object(object)
    }

    fn actions(&mut self, fields: &[&Field]) -> Value {
        let kinds: Vec<&str> = fields.iter().filter_map(|it| it.name.split('.').nth(1)).collect();
        let count = self.rng.usize(1..5);
        let action = |draw: &mut Self| {
            let kind = (*draw.one(&kinds)).to_owned();
            let prefix = format!("action.{kind}.");
            let leaves: Vec<(&str, &Field)> = fields
                .iter()
                .filter_map(|field| Some((field.name.strip_prefix(&prefix)?, *field)))
                .collect();
            json!({kind: draw.object(&leaves)})
        };
        (0..count).map(|_| action(self)).collect()
    }

    fn leaf(&mut self, field: &Field) -> Value {
        let (kind, of) = field.kind.split_once(' ').unwrap_or((field.kind, ""));
        let words: Vec<&str> = of.split('|').collect();
        match kind {
            "text" => self.text().into(),
            "texts" => (0..self.rng.usize(..4)).map(|_| self.text()).collect(),
            "bool" => self.rng.bool().into(),
            "int" => {
                let (low, high) = bounds(of);
                Value::from(self.rng.i64(low as i64..=high as i64))
            }
            "num" => {
                let (low, high) = bounds(of);
                let part = f64::from(self.rng.u32(0..=100)) / 100.0;
                // As people write numbers: two decimals.
                json!(((low + (high - low) * part) * 100.0).round() / 100.0)
            }
            "words" => (*self.one(&words)).into(),
            "some" => words.into_iter().filter(|_| self.rng.bool()).collect(),
            "url" => format!("https://example.com/{}", self.rng.u8(..)).into(),
            "phone" => format!("+1415555{:04}", self.rng.u16(..10_000)).into(),
            "time" => "2026-03-01T09:00:00Z".into(),
            "pairs" if field.name.contains("headers") => json!([
                {"key": "Authorization", "value": SECRET},
                {"key": self.text(), "value": self.text()},
            ]),
            "pairs" => json!([{"key": self.text(), "value": self.text()}]),
            "headers" => json!({"X-Api-Key": SECRET, "X-Trace": self.text()}),
            "map" => json!({"name": self.text(), "city": self.text()}),
            "variables" => match self.rng.u8(..3) {
                0 => json!([{"key": "name", "value": self.text()}, {"key": "n", "value": 7}]),
                1 => json!({"name": self.text(), "n": 7}),
                _ => json!(["name: Ada", "site: https://example.com"]),
            },
            _ => self.part(field.name, kind),
        }
    }

    /// Parts that a platform documents as one field.
    fn part(&mut self, name: &str, kind: &str) -> Value {
        match kind {
            "calcom" => json!({"event_id": "77", "integration": "Zoom", "user_email": "a@b.c"}),
            "ghl" => json!({"calendar_id": "c", "autoconfirm": "new", "booking_title": "Visit"}),
            "extractor" => json!({"identifier": self.text(), "description": self.text(),
                "choices": ["yes", "perhaps"], "examples": ["maybe"]}),
            "question" => json!({"identifier": self.text(), "text": "Was it polite?",
                "category": "likert_scale", "expected_result": "yes"}),
            "availability" => json!({"timezone": "Europe/Berlin", "active": self.rng.bool(),
                "schedule": [{"weekday": "monday", "interval": [{"from": "09:00", "to": "17:00"}]}],
                "unavailable_message": self.text()}),
            "auth" => json!({"is_needed": self.rng.bool(), "location": "header", "key": "Bearer",
                "value": SECRET}),
            "arguments" => json!([
                {"name": "price", "type": "money", "description": "What it costs."},
                {"name": "when", "type": "datetime", "example": "tomorrow at nine"},
            ]),
            "schema" => json!({"type": "object", "properties": {"id": {"type": "string"}}}),
            "numbers" => json!([{"id": "num_1", "phoneNumber": "+14155550100", "type": "sms"}]),
            "concurrency" => json!({"key": self.text()}),
            "assistant" => document(self.platform, Object::Agent, self.rng.u64(..)),
            kind => panic!("{name}: nothing is drawn for {kind}"),
        }
    }

    fn text(&mut self) -> String {
        let texts = ["Ada", "Good morning, {name}.", "ü ß 日本", "a/b~c", "true", "0"];
        format!("{} {}", self.one(&texts), self.rng.u8(..))
    }

    fn anything(&mut self) -> Value {
        let values = [
            Value::Null,
            json!(""),
            json!(-1),
            json!(0.5),
            json!(1e300),
            json!([]),
            json!({}),
            json!([1, "a", null]),
            json!({"a": {"b": [true]}}),
            json!("anything"),
        ];
        self.one(&values).clone()
    }

    fn one<'v, T>(&mut self, values: &'v [T]) -> &'v T {
        &values[self.rng.usize(..values.len())]
    }
}

/// Without these there is no agent or call of ours.
fn is_needed(name: &str) -> bool {
    let needed =
        ["name", "name*", "agent", "agent.prompt", "systemPrompt", "prompt*", "call.phone*"];
    needed.contains(&name)
        || ["call.toNumber*", "call.phone_number"].contains(&name)
        || name.starts_with("llm_model(")
}

fn bounds(range: &str) -> (f64, f64) {
    let (low, high) = range.split_once("..").unwrap_or(("0", "1000"));
    (low.parse().unwrap_or(0.0), high.parse().unwrap_or(1_000_000.0))
}

/// A key that must not be found in any document of ours.
pub(crate) const SECRET: &str = "sk-this-is-a-key";
