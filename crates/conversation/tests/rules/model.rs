//! A scripted language model.

use std::collections::{BTreeMap, VecDeque};

use offhook_conversation::{Entry, History};
use offhook_types::{
    ChatMessage, FailureKind, LlmStop, ProviderFailure, ProviderStage, RequestId, ToolCall, TurnId,
};

/// What the model answers: a text for each turn of the caller, in order, and texts for whatever
/// else it is asked: to open, to go on behind a tool, to take leave.
///
/// A text may call tools: `I will look. [[opening_hours {"day": "sunday"}]]`. The text `!` fails.
pub(crate) struct Model {
    answers: Vec<String>,
    unprompted: VecDeque<String>,
    given: BTreeMap<TurnId, String>,
    calls: u32,
}

/// A piece of an answer.
pub(crate) enum Said {
    Text(String),
    Call(ToolCall),
    Finished(LlmStop),
    Failed(ProviderFailure),
}

impl Model {
    pub(crate) fn new(answers: &[&str]) -> Self {
        Self {
            answers: answers.iter().map(|answer| (*answer).to_owned()).collect(),
            unprompted: VecDeque::new(),
            given: BTreeMap::new(),
            calls: 0,
        }
    }

    /// What it says where no turn of the caller asks for it, in order.
    pub(crate) fn unprompted(&mut self, answers: &[&str]) {
        self.unprompted = answers.iter().map(|answer| (*answer).to_owned()).collect();
    }

    pub(crate) fn answer(
        &mut self,
        request: RequestId,
        history: &History,
        messages: &[ChatMessage],
    ) -> Vec<Said> {
        let turns = history.entries().iter().filter(|entry| matches!(entry, Entry::Caller { .. }));
        let of_turn =
            |entry: &Entry| matches!(entry, Entry::Caller { turn, .. } if *turn == request.turn);
        let users = messages.iter().filter(|message| matches!(message, ChatMessage::User { .. }));
        // A turn that is not yet over is asked about, or this one is.
        let is_asked = users.count() > turns.clone().count() || turns.clone().any(of_turn);
        let is_last = matches!(messages.last(), Some(ChatMessage::User { .. }));
        let answer = if is_asked && is_last {
            self.to_turn(request.turn, history)
        } else {
            let next = || self.unprompted.pop_front().unwrap_or_default();
            self.given.entry(request.turn).or_insert_with(next).clone()
        };
        self.pieces(&answer)
    }

    fn to_turn(&self, turn: TurnId, history: &History) -> String {
        let entries = history.entries().iter();
        let of_caller = |entry: &&Entry| matches!(entry, Entry::Caller { .. });
        let written = entries.clone().filter(of_caller).count();
        let has_turn = entries
            .clone()
            .any(|entry| matches!(entry, Entry::Caller { turn: found, .. } if *found == turn));
        let index = if has_turn { written - 1 } else { written };
        self.answers.get(index).cloned().unwrap_or_default()
    }

    fn pieces(&mut self, answer: &str) -> Vec<Said> {
        if answer == "!" {
            return vec![Said::Failed(ProviderFailure {
                provider: "test".to_owned(),
                stage: ProviderStage::Stream,
                kind: FailureKind::Unavailable,
                status: None,
                message: "gone".to_owned(),
            })];
        }
        let mut pieces = Vec::new();
        let mut rest = answer;
        let mut stop = LlmStop::Complete;
        while let Some((text, behind)) = rest.split_once("[[") {
            let (call, behind) = behind.split_once("]]").expect("a call ends in ]]");
            pieces.extend(text.split_inclusive(' ').map(|word| Said::Text(word.to_owned())));
            pieces.push(Said::Call(self.call(call)));
            stop = LlmStop::ToolCalls;
            rest = behind;
        }
        pieces.extend(rest.split_inclusive(' ').map(|word| Said::Text(word.to_owned())));
        pieces.push(Said::Finished(stop));
        pieces
    }

    fn call(&mut self, call: &str) -> ToolCall {
        let (name, arguments) = call.split_once(' ').unwrap_or((call, "{}"));
        self.calls += 1;
        ToolCall {
            id: format!("call_{}", self.calls).parse().expect("an id"),
            name: name.to_owned(),
            arguments: serde_json::from_str(arguments).expect("arguments in JSON"),
        }
    }
}
