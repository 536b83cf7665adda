//! Farewells, `end_call`, and the silence behind the last words.

use super::Conversation;
use crate::closing::{Closing, EndCall, Grace};
use crate::ending::{Cause, Farewells};
use crate::farewell::{ends_with_farewell, is_farewell};
use crate::interruption::is_only_listening;
use crate::purpose::Purpose;
use crate::reply::Reply;
use crate::settings::{ClosingMode, ClosingSettings};

impl Conversation {
    /// The model called `end_call`. What it says with it is heard first.
    pub(super) fn end_called(&mut self, reason: &str) {
        let named = reason.trim();
        let conditions = &self.config.call.end_conditions;
        let condition = conditions.iter().find(|known| known.reason.eq_ignore_ascii_case(named));
        let condition = condition.map(|known| known.reason.clone());
        self.decided("end_call", format!("\"{named}\""));
        self.closing = Closing::Asked(EndCall { reason: named.to_owned(), condition });
    }

    /// A reply was heard to its end. True where the rule of closing says something now.
    pub(super) fn closes_after(&mut self, reply: &Reply) -> bool {
        let text = reply.heard_text();
        let says_goodbye = ends_with_farewell(&text, self.lexicon);
        if says_goodbye {
            self.farewells.agent_said();
        }
        match (&self.closing, reply.purpose) {
            (Closing::Asked(end_call), Purpose::Farewell) => {
                self.closing = Closing::Grace(Grace::short(Some(end_call.clone())));
            }
            (Closing::Asked(end_call), _) => {
                let end_call = end_call.clone();
                return self.say_closing(end_call, !text.is_empty());
            }
            (Closing::Grace(_), _) => {}
            (Closing::Open, Purpose::Answer) if says_goodbye => {
                let grace = match self.farewells.heard() {
                    Farewells::CallerFirst | Farewells::AgentFirst => Grace::short(None),
                    Farewells::None | Farewells::Caller | Farewells::Agent => Grace::unanswered(),
                };
                self.decided("farewell", format!("{:?}", self.farewells.heard()));
                self.closing = Closing::Grace(grace);
            }
            (Closing::Open, _) => {}
        }
        false
    }

    /// What was to be said did not come: a call that the model has ended closes without it.
    pub(super) fn close_without_words(&mut self) {
        if let Closing::Asked(end_call) = &self.closing {
            self.closing = Closing::Grace(Grace::short(Some(end_call.clone())));
        }
    }

    /// The caller's turn is over. True where it needs no answer: the call is ending, and nothing
    /// was added.
    pub(super) fn closes_after_turn(&mut self, text: &str, said: &[String]) -> bool {
        let says_goodbye = is_farewell(text, said, self.lexicon);
        let adds_nothing = says_goodbye
            || is_only_listening(said, self.lexicon)
            || crate::farewell::is_polite(said, self.lexicon);
        if says_goodbye {
            self.farewells.caller_said();
        } else if !adds_nothing {
            self.farewells.withdraw();
        }
        let is_closing = self.closing != Closing::Open;
        if is_closing && !adds_nothing {
            self.decided("closing", "the caller goes on".to_owned());
            self.closing = Closing::Open;
            return false;
        }
        match &self.closing {
            Closing::Open => false,
            Closing::Asked(end_call) => {
                self.closing = Closing::Grace(Grace::short(Some(end_call.clone())));
                true
            }
            Closing::Grace(grace) if says_goodbye || grace.end_call.is_some() => {
                self.closing = Closing::Grace(Grace::short(grace.end_call.clone()));
                true
            }
            Closing::Grace(_) => true,
        }
    }

    /// Says the words that end the call. False where there are none.
    fn say_closing(&mut self, end_call: EndCall, has_own_words: bool) -> bool {
        let settings = self.closing_settings(&end_call);
        let text = settings.text.trim();
        match settings.mode {
            ClosingMode::Static if !text.is_empty() => {
                self.say(text, Purpose::Farewell, true);
                true
            }
            ClosingMode::Generated if !has_own_words => {
                let instruction = if text.is_empty() { CLOSE_INSTRUCTION } else { text };
                self.history.note(instruction);
                self.ask_unprompted(Purpose::Farewell);
                true
            }
            ClosingMode::Static | ClosingMode::Generated | ClosingMode::None => {
                self.closing = Closing::Grace(Grace::short(Some(end_call)));
                false
            }
        }
    }

    fn closing_settings(&self, end_call: &EndCall) -> ClosingSettings {
        let call = &self.config.call;
        let own = end_call.condition.as_ref().and_then(|named| {
            let found = call.end_conditions.iter().find(|known| known.reason == *named);
            found.and_then(|known| known.closing.clone())
        });
        own.unwrap_or_else(|| call.closing.clone())
    }

    /// Drops the line: everything was said and heard.
    pub(super) fn close(&mut self) {
        let Closing::Grace(grace) = &self.closing else { return };
        let (cause, observed) = match &grace.end_call {
            Some(EndCall { condition: Some(condition), .. }) => {
                (Cause::EndCondition, format!("end_call, \"{condition}\""))
            }
            Some(EndCall { reason, .. }) => (Cause::EndCall, format!("end_call, \"{reason}\"")),
            None => (Cause::Farewell, "silence behind a farewell".to_owned()),
        };
        self.drop_line(cause, &observed);
    }
}

/// What a model is told that ended the call without a word.
const CLOSE_INSTRUCTION: &str = "The call is about to end. Say goodbye in one short sentence.";
