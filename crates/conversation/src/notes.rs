//! What the model is told and nobody said: instructions, and what tools were asked and answered.

use offhook_types::{ChatMessage, ToolCall, ToolCallId};

/// Notes between the entries of a conversation.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Notes {
    notes: Vec<Note>,
}

#[derive(Clone, Debug, PartialEq)]
struct Note {
    /// Entries that come before it.
    after: usize,
    what: What,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    Text(String),
    /// Calls of one reply, each with its result once there is one.
    Calls(Vec<(ToolCall, Option<String>)>),
}

impl Notes {
    /// Puts an instruction behind this many entries.
    pub(crate) fn push_text(&mut self, after: usize, text: &str) {
        self.notes.push(Note { after, what: What::Text(text.to_owned()) });
    }

    /// Puts a tool call behind this many entries; calls in a row are of one message.
    pub(crate) fn push_call(&mut self, after: usize, call: ToolCall) {
        match self.notes.last_mut() {
            Some(Note { after: last, what: What::Calls(calls) }) if *last == after => {
                calls.push((call, None));
            }
            _ => self.notes.push(Note { after, what: What::Calls(vec![(call, None)]) }),
        }
    }

    /// The result of a call that was put here.
    pub(crate) fn set_result(&mut self, id: &ToolCallId, result: String) {
        let calls = self.notes.iter_mut().rev().filter_map(|note| match &mut note.what {
            What::Calls(calls) => Some(calls),
            What::Text(_) => None,
        });
        let found = calls.flatten().find(|(call, _)| call.id == *id);
        if let Some((_, stored)) = found {
            *stored = Some(result);
        }
    }

    /// What comes right before the entry of this index.
    pub(crate) fn messages_before(&self, entry: usize, messages: &mut Vec<ChatMessage>) {
        self.write(|note| note.after == entry, messages);
    }

    /// What comes behind all entries, of which there are this many.
    pub(crate) fn messages_from(&self, entries: usize, messages: &mut Vec<ChatMessage>) {
        self.write(|note| note.after >= entries, messages);
    }

    fn write(&self, is_here: impl Fn(&Note) -> bool, messages: &mut Vec<ChatMessage>) {
        for note in self.notes.iter().filter(|note| is_here(note)) {
            match &note.what {
                What::Text(text) => messages.push(ChatMessage::System { text: text.clone() }),
                What::Calls(calls) => {
                    let tool_calls = calls.iter().map(|(call, _)| call.clone()).collect();
                    messages.push(ChatMessage::Assistant { text: String::new(), tool_calls });
                    messages.extend(calls.iter().map(|(call, result)| ChatMessage::Tool {
                        call: call.id.clone(),
                        text: result.clone().unwrap_or_else(|| RUNNING.to_owned()),
                    }));
                }
            }
        }
    }
}

/// What a model is told of a tool that has not returned: providers insist on a result.
const RUNNING: &str = "{\"status\":\"running\"}";
