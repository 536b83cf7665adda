//! A stand-in for whatever runs tools.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use offhook_types::{ToolCall, ToolCallId, ToolCommand, ToolEvent};
use serde_json::Value;

/// How tools behave.
#[derive(Clone, Debug, Default)]
pub struct ToolBehaviours {
    /// How long tools take that nothing else is said of. Default 0.
    pub delay: Duration,
    /// Tools of which something else is said, by name.
    pub of: BTreeMap<String, ToolBehaviour>,
}

/// How one tool behaves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToolBehaviour {
    /// How long it takes; behind its time-out it is given up.
    pub delay: Duration,
    /// What comes of it.
    pub result: ToolResult,
}

/// What comes of a tool.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ToolResult {
    /// Its arguments.
    #[default]
    Arguments,
    /// This.
    Returns(Value),
    /// An error.
    Fails(String),
    /// Nothing, ever: its runner is dead.
    Never,
}

/// Tools that run.
#[derive(Debug, Default)]
pub(crate) struct ToolRunner {
    running: BTreeSet<ToolCallId>,
}

impl ToolRunner {
    /// What a command brings, and after how long.
    pub(crate) fn obey(
        &mut self,
        command: &ToolCommand,
        tools: &ToolBehaviours,
    ) -> Option<(Duration, ToolEvent)> {
        match command {
            ToolCommand::Run { call, timeout_ms, .. } => {
                self.running.insert(call.id.clone());
                let usual = ToolBehaviour { delay: tools.delay, ..ToolBehaviour::default() };
                let behaviour = tools.of.get(&call.name).unwrap_or(&usual);
                behaviour.run(call, Duration::from_millis(u64::from(*timeout_ms)))
            }
            ToolCommand::Cancel { call } => {
                let was_running = self.running.remove(call);
                was_running.then(|| (Duration::ZERO, ToolEvent::Canceled { call: call.clone() }))
            }
        }
    }

    /// Whether a report is still wanted: each tool that was run reports once.
    pub(crate) fn ends(&mut self, event: &ToolEvent) -> bool {
        match event {
            ToolEvent::Canceled { .. } => true,
            ToolEvent::Finished { call, .. }
            | ToolEvent::Failed { call, .. }
            | ToolEvent::TimedOut { call } => self.running.remove(call),
        }
    }
}

impl ToolBehaviour {
    fn run(&self, call: &ToolCall, timeout: Duration) -> Option<(Duration, ToolEvent)> {
        let id = call.id.clone();
        let event = match &self.result {
            ToolResult::Never => return None,
            ToolResult::Arguments | ToolResult::Returns(_) | ToolResult::Fails(_)
                if self.delay >= timeout =>
            {
                return Some((timeout, ToolEvent::TimedOut { call: id }));
            }
            ToolResult::Arguments => {
                ToolEvent::Finished { call: id, result: call.arguments.clone() }
            }
            ToolResult::Returns(result) => ToolEvent::Finished { call: id, result: result.clone() },
            ToolResult::Fails(reason) => ToolEvent::Failed { call: id, reason: reason.clone() },
        };
        Some((self.delay, event))
    }
}
