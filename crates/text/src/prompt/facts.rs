//! What is known of one call.

use offhook_types::Pii;
use offhook_types::agent::{Direction, Variables};

/// What a prompt is told about one call. Everything but the time may be missing.
#[derive(Clone, Debug)]
pub struct CallFacts {
    /// The call's id.
    pub call_id: String,
    /// Which way it came about.
    pub direction: Direction,
    /// The number that calls.
    pub from: Option<Pii<String>>,
    /// The number that is called.
    pub to: Option<Pii<String>>,
    /// The name of the other person.
    pub name: Option<Pii<String>>,
    /// Their e-mail address.
    pub email: Option<Pii<String>>,
    /// Seconds since 1970-01-01 in UTC: when the prompt is built.
    pub now_unix_s: i64,
    /// Values of this call. Of those in the document that are not named here too, it is taken that
    /// every call has them; so values that overrides put into the document belong here as well.
    pub variables: Variables,
    /// What is remembered of the other person; told only where the document allows it.
    pub memory: Vec<String>,
    /// What was found in the agent's documents.
    pub passages: Vec<String>,
}

impl CallFacts {
    /// A call of which nothing else is known.
    #[must_use]
    pub const fn new(call_id: String, direction: Direction, now_unix_s: i64) -> Self {
        Self {
            call_id,
            direction,
            from: None,
            to: None,
            name: None,
            email: None,
            now_unix_s,
            variables: Variables::new(),
            memory: Vec::new(),
            passages: Vec::new(),
        }
    }

    pub(super) const fn direction_name(&self) -> &'static str {
        match self.direction {
            Direction::Inbound => "inbound",
            Direction::Outbound => "outbound",
            Direction::Web => "web",
        }
    }
}
