//! What is outside the call: tools and the carrier's switch, as scripted.

use std::collections::{BTreeMap, BTreeSet};

use offhook_types::{ToolCall, ToolCallId, ToolEvent, TransferOutcome};
use serde_json::Value;

/// Scripted tools and transfers, and what was asked of them.
#[derive(Default)]
pub(crate) struct Outside {
    tools: BTreeMap<String, (u64, Result<Value, String>)>,
    /// How each transfer goes: milliseconds after it was asked for, and what is reported.
    pub(crate) transfers: Vec<(u64, TransferOutcome)>,
    /// Tools that were run, with the moment.
    pub(crate) run: Vec<(u64, ToolCall)>,
    /// Tools that were abandoned.
    pub(crate) canceled: Vec<ToolCallId>,
    over: BTreeSet<ToolCallId>,
}

impl Outside {
    /// A tool that returns this after so many ms. Tools without a script never return.
    pub(crate) fn returns(&mut self, name: &str, delay: u64, result: Value) {
        self.tools.insert(name.to_owned(), (delay, Ok(result)));
    }

    /// A tool that fails after so many ms.
    pub(crate) fn fails(&mut self, name: &str, delay: u64, reason: &str) {
        self.tools.insert(name.to_owned(), (delay, Err(reason.to_owned())));
    }

    /// A tool is run: what it reports, and when.
    pub(crate) fn runs(&mut self, now: u64, call: &ToolCall) -> Option<(u64, ToolEvent)> {
        let known = self.run.iter().any(|(_, run)| run.id == call.id);
        assert!(!known, "{call:?} runs twice");
        self.run.push((now, call.clone()));
        let (delay, result) = self.tools.get(&call.name)?.clone();
        let call = call.id.clone();
        Some((
            delay,
            match result {
                Ok(result) => ToolEvent::Finished { call, result },
                Err(reason) => ToolEvent::Failed { call, reason },
            },
        ))
    }

    /// A tool was abandoned.
    pub(crate) fn cancels(&mut self, call: &ToolCallId) {
        assert!(self.over.insert(call.clone()), "{call:?} ends twice");
        self.canceled.push(call.clone());
    }

    /// A tool's report is handed in.
    pub(crate) fn reports(&mut self, event: &ToolEvent) {
        let (ToolEvent::Finished { call, .. }
        | ToolEvent::Failed { call, .. }
        | ToolEvent::TimedOut { call }
        | ToolEvent::Canceled { call }) = event;
        self.over.insert(call.clone());
    }

    /// Whether a tool runs.
    pub(crate) fn is_busy(&self) -> bool {
        self.run.iter().any(|(_, call)| !self.over.contains(&call.id))
    }

    /// Every tool came to an end, but those that run when the call is over.
    pub(crate) fn check_end(&self) {
        for (_, call) in &self.run {
            let is_after = call.id.as_str().starts_with("after_");
            assert!(is_after || self.over.contains(&call.id), "{call:?} never ended");
        }
    }
}
