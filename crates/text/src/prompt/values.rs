//! The values of a call's variables: the system's, the agent's and the call's own.

use std::borrow::Cow;

use offhook_types::agent::AgentDocument;

use super::call_time::CallTime;
use super::datum::{one_line, quoted};
use super::facts::CallFacts;
use super::template::{Certainty, Piece, pieces};
use crate::language::Language;
use crate::lexicon::Lexicon;

/// Everything that can stand in a place of an agent's words.
///
/// What a call or a document names itself comes before what the system knows: `call_id`,
/// `direction`, `from`, `to`, `name`, `email`, `agent_name`, `date`, `time`, `weekday`,
/// `timezone`.
#[derive(Debug)]
pub struct Values<'a> {
    document: &'a AgentDocument,
    facts: &'a CallFacts,
    time: CallTime,
}

/// A text with its variables put in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// Names that have no value, each once.
    pub missing: Vec<String>,
}

/// A value and where it comes from.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found<'a> {
    pub(super) text: Cow<'a, str>,
    /// Other calls have others.
    pub(super) is_of_call: bool,
    /// It was written by somebody else than the agent's author.
    is_foreign: bool,
}

impl<'a> Values<'a> {
    /// The values of a call.
    #[must_use]
    pub fn new(document: &'a AgentDocument, facts: &'a CallFacts) -> Self {
        let time = CallTime::new(facts.now_unix_s, document.timezone.as_deref());
        Self { document, facts, time }
    }

    /// A text that will be spoken: a greeting, what is said before a tool. Values are put in as
    /// they are, on one line; for a missing one nothing is written, not even the space before it.
    #[must_use]
    pub fn render(&self, text: &str) -> Rendered {
        let mut rendered = Rendered::default();
        for piece in pieces(text) {
            match (self.found(piece), piece) {
                (Some(value), _) => rendered.text.push_str(&one_line(&value.text)),
                (None, Piece::Text(text)) => push_tidily(&mut rendered.text, text),
                (None, Piece::Place { name, .. }) => note(&mut rendered.missing, name),
            }
        }
        rendered.text = rendered.text.trim().to_owned();
        rendered
    }

    /// The value for a piece, or none where it is text.
    pub(super) fn found<'b>(&'b self, piece: Piece<'b>) -> Option<Found<'b>> {
        match piece {
            Piece::Text(_) => None,
            Piece::Place { name, written, certainty } => {
                let text =
                    || Found { text: Cow::Borrowed(written), is_of_call: false, is_foreign: false };
                let value = self.value(name);
                value.or_else(|| (certainty == Certainty::Text).then(text))
            }
        }
    }

    pub(super) const fn time(&self) -> &CallTime {
        &self.time
    }

    fn value<'b>(&'b self, name: &str) -> Option<Found<'b>> {
        let found = |text, is_of_call, is_foreign| Some(Found { text, is_of_call, is_foreign });
        if let Some(text) = self.facts.variables.text(name) {
            return found(text, true, true);
        }
        if let Some(text) = self.document.variables.text(name) {
            return found(text, false, false);
        }
        let (facts, time) = (self.facts, &self.time);
        let given = |value: &'b Option<offhook_types::Pii<String>>| {
            let value = value.as_ref()?;
            found(Cow::Borrowed(value.expose().as_str()), true, true)
        };
        let ours = |text: String| found(Cow::Owned(text), true, false);
        match name {
            "call_id" => found(Cow::Borrowed(facts.call_id.as_str()), true, true),
            "direction" => ours(facts.direction_name().to_owned()),
            "from" => given(&facts.from),
            "to" => given(&facts.to),
            "name" => given(&facts.name),
            "email" => given(&facts.email),
            "agent_name" => found(Cow::Borrowed(self.document.name.as_str()), false, false),
            "date" => ours(time.date()),
            "time" => ours(time.time()),
            "timezone" => ours(time.zone().to_owned()),
            "weekday" => {
                let language = Language::of_tag(&self.document.language);
                let weekdays = &Lexicon::of(language).file.weekdays;
                weekdays.get(time.weekday_index()).and_then(|day| ours(day.clone()))
            }
            _ => None,
        }
    }
}

impl Found<'_> {
    /// As it stands in a prompt.
    pub(super) fn in_prompt(&self) -> Cow<'_, str> {
        if self.is_foreign { Cow::Owned(quoted(&self.text)) } else { Cow::Borrowed(&self.text) }
    }
}

/// Adds a name that is not there yet.
pub(super) fn note(missing: &mut Vec<String>, name: &str) {
    if !missing.iter().any(|other| other == name) {
        missing.push(name.to_owned());
    }
}

/// Adds text; behind a place without a value a space is not doubled nor left before a mark.
pub(super) fn push_tidily(text: &mut String, more: &str) {
    let begins = more.chars().next();
    let is_loose = text.ends_with(' ') && begins.is_some_and(|c| " \n,.;:!?".contains(c));
    if is_loose {
        text.pop();
    }
    text.push_str(more);
}
