//! What a document's shape cannot say: fields that need, exclude or bound each other.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::problem::Problem;
use super::{
    AgentDocument, AgentKind, BrainMode, CallOrder, Closing, ClosingMode, ExtractType, Tool,
    ToolWhen, Transfer, VoicemailMode,
};
use crate::{E164, Pii};

/// Every rule that a document breaks.
pub(super) fn check(document: &AgentDocument) -> Vec<Problem> {
    let mut broken = Broken::default();
    broken.words(document);
    broken.times(document);
    broken.endings(document);
    broken.tools(&document.tools);
    broken.transfers(&document.transfers);
    broken.after_call(document);
    broken.names_of_places(document);
    broken.urls(document);
    broken.0
}

/// Every rule that an order breaks, those of its agent included.
pub(super) fn check_order(order: &CallOrder) -> Vec<Problem> {
    let mut broken = Broken::default();
    let numbers = [("to", Some(&order.to)), ("from", order.from.as_ref())];
    for (path, number) in numbers {
        let Some(number) = number.map(Pii::expose) else { continue };
        broken.unless(number.parse::<E164>().is_ok(), path, &**number, NUMBER);
    }
    broken.unless(
        order.agent.is_none() || order.agent_id.is_none(),
        "agent",
        order.agent_id.clone(),
        "either agent or agent_id",
    );
    let agent = order.agent.iter().flat_map(|agent| check(agent));
    broken.0.extend(agent.map(|problem| problem.inside("agent")));
    broken.0
}

#[derive(Default)]
struct Broken(Vec<Problem>);

impl Broken {
    fn unless(&mut self, holds: bool, path: &str, given: impl Into<Value>, allowed: &str) {
        if !holds {
            self.0.push(Problem::new(path, &given.into(), allowed));
        }
    }

    fn words(&mut self, document: &AgentDocument) {
        let is_whole = document.kind != AgentKind::MultiStep;
        let asks_model = document.brain.mode == BrainMode::Llm;
        self.unless(
            !document.instructions.trim().is_empty() || !asks_model || !is_whole,
            "instructions",
            &*document.instructions,
            "text that is not empty, unless brain.mode is turn_webhook",
        );
        if let Some(voicemail) = &document.voicemail {
            self.unless(
                voicemail.mode == VoicemailMode::Hangup || !voicemail.text.trim().is_empty(),
                "voicemail.text",
                &*voicemail.text,
                "the message, unless voicemail.mode is hangup",
            );
        }
        if let Some(screening) = &document.screening {
            self.unless(
                !screening.identity.trim().is_empty(),
                "screening.identity",
                &*screening.identity,
                "who is calling; set screening to null to leave it to the model",
            );
        }
    }

    fn times(&mut self, document: &AgentDocument) {
        let silence = &document.silence;
        if let Some(reminder_ms) = silence.reminder_ms {
            self.unless(
                silence.hangup_ms.is_none_or(|hangup_ms| reminder_ms < hangup_ms),
                "silence.reminder_ms",
                reminder_ms,
                "less than silence.hangup_ms, or no reminder is ever said",
            );
            self.unless(
                !silence.reminder_text.trim().is_empty(),
                "silence.reminder_text",
                &*silence.reminder_text,
                "what is said, as silence.reminder_ms is given",
            );
        }
        let hours = document.transfers.iter().enumerate().filter_map(|(index, transfer)| {
            Some((format!("transfers[{index}].availability"), transfer.availability.as_ref()?))
        });
        for (path, availability) in hours {
            for (index, day) in availability.hours.iter().enumerate() {
                let path = format!("{path}.hours[{index}].to");
                self.unless(day.from < day.to, &path, &*day.to, "later than from");
            }
        }
        for (index, window) in document.retry.iter().flat_map(|retry| &retry.windows).enumerate() {
            let path = format!("retry.windows[{index}].to");
            self.unless(window.from < window.to, &path, &*window.to, "later than from");
        }
    }

    fn endings(&mut self, document: &AgentDocument) {
        self.closing("closing", &document.closing);
        for (index, condition) in document.end_conditions.iter().enumerate() {
            if let Some(closing) = &condition.closing {
                self.closing(&format!("end_conditions[{index}].closing"), closing);
            }
        }
        let reasons = document.end_conditions.iter().map(|condition| &*condition.reason);
        self.distinct("end_conditions", "reason", reasons);
    }

    fn closing(&mut self, path: &str, closing: &Closing) {
        self.unless(
            closing.mode != ClosingMode::Static || !closing.text.trim().is_empty(),
            &format!("{path}.text"),
            &*closing.text,
            "the farewell, as its mode is static",
        );
    }

    fn tools(&mut self, tools: &[Tool]) {
        self.distinct("tools", "name", tools.iter().map(|tool| &*tool.name));
        for (index, tool) in tools.iter().enumerate() {
            let at = |field: &str| format!("tools[{index}].{field}");
            self.unless(
                !BUILT_IN.contains(&&*tool.name),
                &at("name"),
                &*tool.name,
                "a name that the engine does not use: end_call, transfer, send_dtmf, skip_turn",
            );
            self.unless(
                tool.parameters.is_object(),
                &at("parameters"),
                tool.parameters.clone(),
                "a JSON Schema: an object",
            );
            self.unless(
                tool.when == ToolWhen::During || !needs_model(&tool.parameters),
                &at("parameters"),
                tool.parameters.clone(),
                "no required arguments: only a tool that runs during the call is given any",
            );
            self.unless(
                tool.say_slow.is_none() || tool.slow_ms < tool.timeout_ms,
                &at("slow_ms"),
                tool.slow_ms,
                "less than timeout_ms, or say_slow is never said",
            );
            for (name, value) in &tool.headers {
                self.unless(
                    !is_secret_header(name) || value.contains("${"),
                    &at(&format!("headers.{name}")),
                    Value::Null,
                    "a key of the operator as ${NAME}, never the key itself",
                );
            }
        }
    }

    fn transfers(&mut self, transfers: &[Transfer]) {
        self.distinct("transfers", "label", transfers.iter().map(|transfer| &*transfer.label));
        for (index, transfer) in transfers.iter().enumerate() {
            let target = transfer.target.expose();
            let has_book = transfer.phone_book.is_some() && target.is_empty();
            self.unless(
                has_book || is_target(target),
                &format!("transfers[{index}].target"),
                &**target,
                "a number as +14155550123, a sip: address, or a variable in braces",
            );
        }
    }

    fn after_call(&mut self, document: &AgentDocument) {
        self.distinct("extract", "name", document.extract.iter().map(|value| &*value.name));
        let names = document.evaluations.iter().map(|evaluation| &*evaluation.name);
        self.distinct("evaluations", "name", names);
        for (index, value) in document.extract.iter().enumerate() {
            self.unless(
                value.kind != ExtractType::Enum || !value.choices.is_empty(),
                &format!("extract[{index}].choices"),
                json!(value.choices),
                "at least one choice, as its type is enum",
            );
        }
    }

    fn names_of_places(&mut self, document: &AgentDocument) {
        let is_language = document.language == "multi" || is_language_tag(&document.language);
        let tags = "a BCP 47 tag as de or pt-BR, or multi";
        self.unless(is_language, "language", &*document.language, tags);
        let booking = document.booking.iter().map(|booking| ("booking", &booking.timezone));
        let retry = document.retry.iter().map(|retry| ("retry", &retry.timezone));
        let clocks = [("", &document.timezone)].into_iter().chain(booking).chain(retry);
        for (section, zone) in clocks {
            let path = if section.is_empty() { "" } else { "." };
            let zone = zone.as_deref().unwrap_or("UTC");
            let names = "an IANA name as Europe/Berlin or UTC";
            self.unless(is_zone(zone), &format!("{section}{path}timezone"), zone, names);
        }
        let numbers = document.numbers.iter().enumerate();
        let numbers = numbers.map(|(index, number)| (format!("numbers[{index}]"), number));
        let caller_id = document.caller_id.iter().map(|number| ("caller_id".to_owned(), number));
        for (path, number) in numbers.chain(caller_id) {
            let number = number.expose();
            self.unless(number.parse::<E164>().is_ok(), &path, &**number, NUMBER);
        }
    }

    fn urls(&mut self, document: &AgentDocument) {
        let hooks = &document.hooks;
        let before = hooks.before_answer.as_ref().map(|before| &before.url);
        let webhook = document.brain.webhook.as_ref().map(|webhook| &webhook.url);
        let named = [
            ("hooks.ended".to_owned(), hooks.ended.as_ref()),
            ("hooks.before_answer.url".to_owned(), before),
            ("brain.webhook.url".to_owned(), webhook),
            ("llm.base_url".to_owned(), document.llm.base_url.as_ref()),
        ];
        let tools = document.tools.iter().enumerate().flat_map(|(index, tool)| {
            let url = Some(&tool.url).filter(|url| !url.is_empty());
            [
                (format!("tools[{index}].url"), url),
                (format!("tools[{index}].mcp_url"), tool.mcp_url.as_ref()),
            ]
        });
        for (path, url) in named.into_iter().chain(tools) {
            let Some(url) = url else { continue };
            self.unless(is_url(url), &path, &**url, "a URL that begins with https:// or http://");
        }
    }

    fn distinct<'a>(&mut self, list: &str, field: &str, values: impl Iterator<Item = &'a str>) {
        let mut seen = BTreeSet::new();
        for (index, value) in values.enumerate() {
            let path = format!("{list}[{index}].{field}");
            self.unless(seen.insert(value), &path, value, "another one in each entry");
        }
    }
}

fn needs_model(parameters: &Value) -> bool {
    parameters["required"].as_array().is_some_and(|names| !names.is_empty())
}

/// Whether an HTTP header of this name holds a key and nothing else.
pub fn is_secret_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_HEADERS.contains(&&*name)
}

fn is_target(target: &str) -> bool {
    let is_variable = target.contains('{') && target.contains('}');
    target.parse::<E164>().is_ok()
        || ["sip:", "sips:"].iter().any(|scheme| target.starts_with(scheme))
        || is_variable
}

fn is_url(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
        || (url.starts_with('{') && url.contains('}'))
}

/// The letters of a tag (RFC 5646 §2.1): a language, then parts of letters and digits.
fn is_language_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let language = parts.next().unwrap_or_default();
    let is_language =
        (2..=8).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_alphabetic());
    let is_part = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    is_language && parts.all(is_part)
}

/// Whether a name has the form of a time zone's. Whether it exists is known where the database is.
fn is_zone(name: &str) -> bool {
    let is_part = |part: &str| {
        let mut bytes = part.bytes();
        bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
            && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+'))
    };
    name.len() <= 64 && name.split('/').all(is_part)
}

const NUMBER: &str = "a number as +14155550123";
/// What the engine itself gives the model.
const BUILT_IN: [&str; 4] = ["end_call", "transfer", "send_dtmf", "skip_turn"];
const SECRET_HEADERS: [&str; 5] =
    ["authorization", "proxy-authorization", "x-api-key", "api-key", "x-auth-token"];
