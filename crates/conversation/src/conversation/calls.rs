//! What the model calls: the built-in tools, which the conversation itself is.

use offhook_types::{DtmfDigit, ToolCall};

use super::Conversation;
use super::transfer::target_of;
use crate::rules::DTMF_SENT_MAX;
use crate::toolbox::BuiltIn;

impl Conversation {
    /// Runs what the model called, as soon as the turn that it answers is certainly over.
    pub(super) fn run_calls(&mut self) {
        let Some(reply) = &mut self.reply else { return };
        let request = reply.asked;
        let calls = reply.take_calls();
        for call in calls {
            self.history.note_call(call.clone());
            let result = match BuiltIn::named(&call.name, &self.config.call) {
                Some(BuiltIn::EndCall) => {
                    self.end_called(argument(&call, "reason"));
                    "the call ends when your words were heard"
                }
                Some(BuiltIn::SendDtmf) => self.digits_called(argument(&call, "digits")),
                Some(BuiltIn::Transfer) => {
                    let result = self.transfer_called(target_of(&call));
                    self.history.note_result(&call.id, result);
                    continue;
                }
                Some(BuiltIn::SkipTurn) => {
                    self.skipped_ms = Some(0);
                    self.decided("skip_turn", "the model waits".to_owned());
                    "waiting"
                }
                None if self.tool_called(&call, request).is_some() => continue,
                None => {
                    self.decided("unknown_tool", call.name.clone());
                    self.owe_results();
                    "there is no such tool"
                }
            };
            self.history.note_result(&call.id, result.to_owned());
        }
    }

    /// The model presses keys: they are sent when its words were heard.
    fn digits_called(&mut self, digits: &str) -> &'static str {
        let keys = digits.chars().filter(|character| !character.is_whitespace());
        let keys: Result<Vec<DtmfDigit>, _> = keys.map(DtmfDigit::try_from).collect();
        match keys {
            Ok(keys) if (1..=DTMF_SENT_MAX).contains(&keys.len()) => {
                self.digits_to_send.extend(keys);
                "pressed"
            }
            Ok(_) | Err(_) => {
                self.decided("send_dtmf", "refused".to_owned());
                "digits must be 1 to 32 of 0-9 * # A-D"
            }
        }
    }
}

/// A text argument; empty where the model wrote none.
fn argument<'a>(call: &'a ToolCall, name: &str) -> &'a str {
    call.arguments.get(name).and_then(|value| value.as_str()).unwrap_or_default()
}
