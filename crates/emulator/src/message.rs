//! JSON messages: what the engine sent, read strictly; what the carrier sends, written.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::WireMessage;
use crate::violation::{Refusal, Rule};

/// The fields of a JSON object that the engine sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    /// Where the object lies in the message, for the words of a refusal.
    path: &'static str,
    map: &'a Map<String, Value>,
}

/// Reads a text message that must be a JSON object.
pub(crate) fn parse(message: &WireMessage) -> Result<Value, Refusal> {
    let WireMessage::Text(text) = message else {
        return Err(Refusal::new(Rule::MessageKind, "a binary message where only text is taken"));
    };
    match serde_json::from_str(text) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err(Refusal::new(Rule::NotJson, "the message is JSON, but no object")),
        Err(_) => Err(Refusal::new(Rule::NotJson, "the message is not JSON")),
    }
}

/// The text of a message for the engine.
pub(crate) fn write(message: &impl Serialize) -> String {
    serde_json::to_string(message).expect("text, numbers and maps with text keys serialise")
}

impl<'a> Fields<'a> {
    /// The message itself.
    pub(crate) fn of(message: &'a Value) -> Result<Self, Refusal> {
        let map = message.as_object();
        let map = map.ok_or_else(|| Refusal::new(Rule::NotJson, "the message is no object"))?;
        Ok(Self { path: "", map })
    }

    /// A field that must hold text.
    pub(crate) fn text(self, name: &'static str) -> Result<&'a str, Refusal> {
        self.value(name)?.as_str().ok_or_else(|| self.wrong(name, "must be a string"))
    }

    /// A field that may be left out, but if it is there must hold text.
    pub(crate) fn optional_text(self, name: &'static str) -> Result<Option<&'a str>, Refusal> {
        if self.map.contains_key(name) { self.text(name).map(Some) } else { Ok(None) }
    }

    /// A field that must hold a whole number that is not negative.
    pub(crate) fn count(self, name: &'static str) -> Result<u64, Refusal> {
        self.value(name)?.as_u64().ok_or_else(|| self.wrong(name, "must be a whole number"))
    }

    /// A field that must hold an object.
    pub(crate) fn object(self, name: &'static str) -> Result<Fields<'a>, Refusal> {
        let map = self.value(name)?.as_object();
        let map = map.ok_or_else(|| self.wrong(name, "must be an object"))?;
        Ok(Fields { path: name, map })
    }

    /// A field that must be there.
    pub(crate) fn value(self, name: &'static str) -> Result<&'a Value, Refusal> {
        self.map.get(name).ok_or_else(|| self.wrong(name, "is missing"))
    }

    /// Base64 audio (RFC 4648 §4, padded).
    pub(crate) fn audio(self, name: &'static str) -> Result<Vec<u8>, Refusal> {
        let bytes = STANDARD.decode(self.text(name)?);
        let bytes = bytes.map_err(|_| {
            Refusal::new(Rule::NotBase64, format!("{} is not base64", self.name_of(name)))
        })?;
        if bytes.is_empty() {
            let detail = format!("{} holds no audio", self.name_of(name));
            return Err(Refusal::new(Rule::EmptyAudio, detail));
        }
        Ok(bytes)
    }

    /// The first field that is not among `known`.
    pub(crate) fn stranger(self, known: &[&str]) -> Option<Refusal> {
        let stranger = self.map.keys().find(|name| !known.contains(&name.as_str()))?;
        let shown: String = stranger.chars().take(40).collect();
        let detail = format!("{} is not a field of this message", self.name_of(&shown));
        Some(Refusal::new(Rule::ExtraField, detail))
    }

    fn wrong(self, name: &str, what: &str) -> Refusal {
        Refusal::new(Rule::Field, format!("{} {what}", self.name_of(name)))
    }

    fn name_of(self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}
