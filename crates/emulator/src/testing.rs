//! What the tests of the dialects share: a call with a caller who remembers what was heard.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use offhook_types::Timestamp;
use serde_json::Value;

use crate::{CallState, CallerLine, Dial, Dialect, Emulator, LineEventKind, Rule, WireMessage};

/// A call under test, with its caller and its clock.
pub(crate) struct Rig {
    pub(crate) call: Box<dyn Emulator>,
    pub(crate) caller: Caller,
    pub(crate) now: Timestamp,
}

/// A caller who says `says` every 20 ms.
#[derive(Default)]
pub(crate) struct Caller {
    pub(crate) says: Vec<u8>,
    pub(crate) heard: Vec<Option<Vec<u8>>>,
}

impl CallerLine for Caller {
    fn speak_into(&mut self, _at: Timestamp, payload: &mut Vec<u8>) {
        payload.extend_from_slice(&self.says);
    }

    fn hear(&mut self, _at: Timestamp, payload: Option<&[u8]>) {
        self.heard.push(payload.map(<[u8]>::to_vec));
    }
}

impl Rig {
    /// A call that has been dialled and not yet answered.
    pub(crate) fn dial(dialect: Dialect, change: impl FnOnce(&mut Dial)) -> Self {
        let mut dial = Dial::new(dialect, 1);
        change(&mut dial);
        let call = dialect.dial(dial).unwrap();
        Self { call, caller: Caller::default(), now: Timestamp::ZERO }
    }

    /// A call whose stream runs, with what it said first.
    pub(crate) fn open(dialect: Dialect, change: impl FnOnce(&mut Dial)) -> (Self, Vec<Value>) {
        let mut rig = Self::dial(dialect, change);
        rig.call.handle_open(rig.now, Some("voice.raw.v1"));
        let first = rig.texts();
        if dialect == Dialect::Raw {
            let hello = first.last().unwrap();
            let ready = serde_json::json!({
                "type": "ready", "call_id": "01J", "in": hello["in"], "out": hello["out"],
            });
            rig.say(&ready);
        }
        assert_eq!(rig.call.state(), CallState::Streaming);
        (rig, first)
    }

    /// Lets time pass.
    pub(crate) fn run_ms(&mut self, millis: u64) {
        let end = self.now + Duration::from_millis(millis);
        while let Some(at) = self.call.poll_timeout().filter(|at| *at <= end) {
            self.call.handle_timeout(at, &mut self.caller);
        }
        self.now = end;
    }

    /// The engine says something.
    pub(crate) fn say(&mut self, message: &Value) {
        self.call.handle_message(self.now, WireMessage::Text(message.to_string()));
    }

    /// The engine sends bytes.
    pub(crate) fn send(&mut self, bytes: Vec<u8>) {
        self.call.handle_message(self.now, WireMessage::Binary(bytes));
    }

    /// All messages that wait for the engine.
    pub(crate) fn messages(&mut self) -> Vec<WireMessage> {
        std::iter::from_fn(|| self.call.poll_message()).collect()
    }

    /// The texts among them.
    pub(crate) fn texts(&mut self) -> Vec<Value> {
        let messages = self.messages();
        messages
            .iter()
            .filter_map(WireMessage::as_text)
            .map(|text| serde_json::from_str(text).unwrap())
            .collect()
    }

    /// The texts among them that are not the caller's audio.
    pub(crate) fn replies(&mut self) -> Vec<Value> {
        let mut texts = self.texts();
        texts.retain(|text| text["event"] != "media");
        texts
    }

    /// Which rules were violated, in order.
    pub(crate) fn broken_rules(&self) -> Vec<Rule> {
        self.call.violations().iter().map(|violation| violation.rule).collect()
    }

    /// Everything that was told, in order.
    pub(crate) fn events(&mut self) -> Vec<LineEventKind> {
        std::iter::from_fn(|| self.call.poll_event()).map(|event| event.kind).collect()
    }
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A literal of a vendor's documentation.
pub(crate) fn literal(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}
