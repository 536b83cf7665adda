//! What was said in the call, as it was heard: the caller's turns and what the caller heard of the
//! agent's replies. It is written in one place only, and the model is shown nothing else.

use offhook_types::{ChatMessage, ToolCall, ToolCallId, TurnId};

use crate::notes::Notes;

/// One side's contribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A turn of the caller.
    Caller {
        /// Which.
        turn: TurnId,
        /// The recognised words.
        text: String,
    },
    /// What was heard of a reply.
    Agent {
        /// The turn it answers.
        turn: TurnId,
        /// The words that were heard.
        text: String,
        /// The caller did not let it be finished.
        was_interrupted: bool,
    },
}

/// The conversation so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    entries: Vec<Entry>,
    notes: Notes,
}

impl History {
    /// Turns and replies in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What a model is shown: the prompt and the conversation. A turn that is not yet part of it
    /// may be put behind.
    pub fn messages(&self, prompt: &str, unanswered: Option<&str>) -> Vec<ChatMessage> {
        let mut messages = vec![ChatMessage::System { text: prompt.to_owned() }];
        for (index, entry) in self.entries.iter().enumerate() {
            self.notes.messages_before(index, &mut messages);
            messages.push(match entry {
                Entry::Caller { text, .. } => ChatMessage::User { text: text.clone() },
                Entry::Agent { text, .. } => {
                    ChatMessage::Assistant { text: text.clone(), tool_calls: Vec::new() }
                }
            });
        }
        self.notes.messages_from(self.entries.len(), &mut messages);
        messages.extend(unanswered.map(|text| ChatMessage::User { text: text.to_owned() }));
        messages
    }

    /// Tells the model something that nobody said, at this place of the conversation.
    pub(crate) fn note(&mut self, text: &str) {
        self.notes.push_text(self.entries.len(), text);
    }

    /// The model called a tool, at this place of the conversation.
    pub(crate) fn note_call(&mut self, call: ToolCall) {
        self.notes.push_call(self.entries.len(), call);
    }

    /// The result of a tool that was called.
    pub(crate) fn note_result(&mut self, call: &ToolCallId, result: String) {
        self.notes.set_result(call, result);
    }

    /// The agent's last words.
    pub(crate) fn last_agent_text(&self) -> &str {
        let is_agent = self.entries.iter().rev().find_map(|entry| match entry {
            Entry::Agent { text, .. } => Some(text.as_str()),
            Entry::Caller { .. } => None,
        });
        is_agent.unwrap_or_default()
    }

    /// The caller's words of a turn; a turn that goes on replaces what was written of it, as long
    /// as nothing of an answer was heard.
    pub(crate) fn write_caller(&mut self, turn: TurnId, text: &str) {
        match self.entries.last_mut() {
            Some(Entry::Caller { turn: last, text: written }) if *last == turn => {
                text.clone_into(written);
            }
            _ => self.entries.push(Entry::Caller { turn, text: text.to_owned() }),
        }
    }

    /// The caller's words of a turn that nobody will answer, unless they are written already.
    pub(crate) fn write_unanswered(&mut self, turn: TurnId, text: &str) {
        let of_turn = |entry: &Entry| match entry {
            Entry::Caller { turn: written, .. } => *written == turn,
            Entry::Agent { .. } => false,
        };
        let is_last = self.entries.last().is_some_and(of_turn);
        if is_last || !self.entries.iter().any(of_turn) {
            self.write_caller(turn, text);
        }
    }

    /// What was heard of a reply so far.
    pub(crate) fn write_agent(&mut self, turn: TurnId, heard: &str, interrupted: bool) {
        let of_turn =
            self.entries.iter_mut().rev().take(2).find(
                |entry| matches!(entry, Entry::Agent { turn: written, .. } if *written == turn),
            );
        if let Some(Entry::Agent { text, was_interrupted, .. }) = of_turn {
            heard.clone_into(text);
            *was_interrupted = interrupted;
        } else if !heard.is_empty() {
            let text = heard.to_owned();
            self.entries.push(Entry::Agent { turn, text, was_interrupted: interrupted });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_of_which_nothing_was_heard_was_not_said() {
        let mut history = History::default();
        history.write_caller(TurnId::new(0), "hello");
        history.write_agent(TurnId::new(0), "", true);
        assert_eq!(history.entries().len(), 1);
        history.write_caller(TurnId::new(0), "hello there");
        assert_eq!(
            history.messages("p", None),
            [
                ChatMessage::System { text: "p".to_owned() },
                ChatMessage::User { text: "hello there".to_owned() },
            ]
        );
    }

    #[test]
    fn a_reply_is_corrected_in_place_even_behind_the_next_turn() {
        let mut history = History::default();
        history.write_caller(TurnId::new(0), "hello");
        history.write_agent(TurnId::new(0), "Good morning, how", true);
        history.write_caller(TurnId::new(1), "wait");
        history.write_agent(TurnId::new(0), "Good morning,", true);
        let texts: Vec<&str> = history
            .entries()
            .iter()
            .map(|entry| match entry {
                Entry::Caller { text, .. } | Entry::Agent { text, .. } => text.as_str(),
            })
            .collect();
        assert_eq!(texts, ["hello", "Good morning,", "wait"]);
    }
}
