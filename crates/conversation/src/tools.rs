//! Tools that run outside the call: each comes to exactly one end, whatever the caller, the tool
//! and the clock do.
//!
//! ```text
//!              say_before was heard              finished, failed
//! Announced ─────────────────────────▶ Running ───────────────────▶ over
//!     │ the caller spoke                 │ timed out, canceled       ▲
//!     └──────────────────────────────────┴───────────────────────────┘
//! ```

use std::collections::VecDeque;
use std::time::Duration;

use offhook_types::{RequestId, Timestamp, ToolCall, ToolCallId};

use crate::rules::TOOLS_MAX;
use crate::settings::{OnInterruption, ToolSettings};

/// The tools under way.
#[derive(Debug, Default)]
pub(crate) struct Tools {
    tools: Vec<Tool>,
    /// Results came that the model has to be asked about.
    pub(crate) has_results: bool,
    /// What is still to be said of tools that failed.
    pub(crate) errors: VecDeque<String>,
    /// Times that the model was asked again behind tools, in this turn of the caller.
    pub(crate) rounds: u8,
}

/// A tool under way.
#[derive(Debug)]
pub(crate) struct Tool {
    pub(crate) call: ToolCall,
    pub(crate) request: RequestId,
    pub(crate) settings: ToolSettings,
    stage: Stage,
    /// Nobody waits for it: the model is told its result when it is next asked.
    is_detached: bool,
    is_before: bool,
    said_while: bool,
    said_slow: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It runs when `say_before` was heard.
    Announced,
    /// It runs since.
    Running(Timestamp),
}

/// What a tool that runs has to say, or that its time is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ToolClock {
    /// It has run for `slow_ms`.
    Slow,
    /// It has run for `timeout_ms`.
    TimedOut,
}

impl Tools {
    /// A tool that the model called: it runs at once, or when what comes before it was heard.
    /// `None` where too many are under way, or one by this name.
    pub(crate) fn begin(
        &mut self,
        now: Timestamp,
        call: ToolCall,
        request: RequestId,
        settings: &ToolSettings,
        is_before: bool,
    ) -> Option<&Tool> {
        let is_known = self.tools.iter().any(|tool| tool.call.id == call.id);
        if is_known || self.tools.len() >= TOOLS_MAX {
            return None;
        }
        let waits = settings.say_before.is_some() && !is_before;
        let stage = if waits { Stage::Announced } else { Stage::Running(now) };
        self.tools.push(Tool {
            call,
            request,
            settings: settings.clone(),
            stage,
            is_detached: false,
            is_before,
            said_while: false,
            said_slow: false,
        });
        self.tools.last()
    }

    /// Whether any tool is under way.
    pub(crate) const fn is_empty(&self) -> bool {
        self.tools.is_empty()
    }

    /// Whether the caller waits for one.
    pub(crate) fn is_waited_for(&self) -> bool {
        self.tools.iter().any(|tool| !tool.is_detached && !tool.is_before)
    }

    /// Whether the opening waits for one.
    pub(crate) fn holds_opening(&self) -> bool {
        self.tools.iter().any(|tool| tool.is_before)
    }

    /// Whether one is under way behind which the caller is answered.
    pub(crate) fn blocks(&self) -> bool {
        let blocks = |tool: &Tool| {
            !tool.is_detached && tool.settings.on_interruption == OnInterruption::Block
        };
        self.tools.iter().any(blocks)
    }

    /// Whether one of those that the caller waits for has a sound.
    pub(crate) fn has_sound(&self) -> bool {
        let sounds =
            |tool: &Tool| tool.settings.has_sound && tool.is_running() && !tool.is_detached;
        self.tools.iter().any(sounds)
    }

    /// Whether one of those that the caller waits for says something while it runs.
    pub(crate) fn speaks(&self) -> bool {
        let speaks =
            |tool: &Tool| tool.settings.say_while.is_some() || tool.settings.say_slow.is_some();
        self.tools.iter().any(speaks)
    }

    /// What is to be said before the next tool runs.
    pub(crate) fn next_announced(&self) -> Option<&Tool> {
        self.tools.iter().find(|tool| tool.stage == Stage::Announced)
    }

    /// What came before it was heard: it runs.
    pub(crate) fn run_announced(&mut self, now: Timestamp) -> Option<&Tool> {
        let tool = self.tools.iter_mut().find(|tool| tool.stage == Stage::Announced)?;
        tool.stage = Stage::Running(now);
        Some(tool)
    }

    /// The next thing to be said while tools run, once for each.
    pub(crate) fn take_say_while(&mut self) -> Option<String> {
        let is_due = |tool: &&mut Tool| tool.is_running() && !tool.said_while && !tool.is_detached;
        let tool =
            self.tools.iter_mut().filter(is_due).find(|tool| tool.settings.say_while.is_some())?;
        tool.said_while = true;
        tool.settings.say_while.clone()
    }

    /// A tool came to its end.
    pub(crate) fn finish(&mut self, call: &ToolCallId) -> Option<Tool> {
        let index = self.tools.iter().position(|tool| tool.call.id == *call)?;
        Some(self.tools.remove(index))
    }

    /// The caller has the floor: what was not begun never runs, what may be abandoned is, and
    /// nobody waits for the rest.
    pub(crate) fn interrupt(&mut self) -> Vec<Tool> {
        let is_over = |tool: &mut Tool| {
            let cancels = tool.settings.on_interruption == OnInterruption::Cancel;
            !tool.is_detached && !tool.is_before && (cancels || tool.stage == Stage::Announced)
        };
        let over: Vec<Tool> = self.tools.extract_if(.., is_over).collect();
        for tool in self.tools.iter_mut().filter(|tool| !tool.is_before) {
            tool.is_detached = true;
        }
        self.has_results = false;
        over
    }

    /// Every tool that is under way: the call is over.
    pub(crate) fn drain(&mut self) -> Vec<Tool> {
        std::mem::take(&mut self.tools)
    }

    /// The next moment at which a tool is slow or out of time.
    pub(crate) fn deadline(&self) -> Option<Timestamp> {
        self.tools.iter().filter_map(Tool::deadline).min()
    }

    /// What has become due: a call and what of it. Being slow is said once.
    pub(crate) fn due(&mut self, now: Timestamp) -> Option<(ToolCallId, ToolClock)> {
        let tool =
            self.tools.iter_mut().find(|tool| tool.deadline().is_some_and(|at| at <= now))?;
        if tool.times_out_at().is_some_and(|at| at <= now) {
            return Some((tool.call.id.clone(), ToolClock::TimedOut));
        }
        tool.said_slow = true;
        Some((tool.call.id.clone(), ToolClock::Slow))
    }

    /// The tool of this call.
    pub(crate) fn find(&self, call: &ToolCallId) -> Option<&Tool> {
        self.tools.iter().find(|tool| tool.call.id == *call)
    }
}

impl Tool {
    /// Whether somebody waits for its result.
    pub(crate) const fn is_waited_for(&self) -> bool {
        !self.is_detached && !self.is_before
    }

    /// Whether the tool runner has it.
    pub(crate) const fn is_running(&self) -> bool {
        matches!(self.stage, Stage::Running(_))
    }

    fn times_out_at(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::Announced => None,
            Stage::Running(since) => Some(since + millis(self.settings.timeout_ms)),
        }
    }

    fn deadline(&self) -> Option<Timestamp> {
        let times_out = self.times_out_at()?;
        let is_slow_due = self.settings.say_slow.is_some() && !self.said_slow;
        match self.stage {
            Stage::Running(since) if is_slow_due => {
                Some(times_out.min(since + millis(self.settings.slow_ms)))
            }
            Stage::Running(_) | Stage::Announced => Some(times_out),
        }
    }
}

const fn millis(millis: u32) -> Duration {
    Duration::from_millis(millis as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(policy: OnInterruption, say_before: Option<&str>) -> ToolSettings {
        ToolSettings {
            on_interruption: policy,
            say_before: say_before.map(str::to_owned),
            say_slow: Some("Still looking.".to_owned()),
            slow_ms: 3_000,
            timeout_ms: 8_000,
            ..ToolSettings::default()
        }
    }

    fn call(id: &str) -> ToolCall {
        ToolCall {
            id: id.parse().expect("an id"),
            name: "look".to_owned(),
            arguments: serde_json::Value::Null,
        }
    }

    fn begun(tools: &mut Tools, id: &str, settings: &ToolSettings) -> bool {
        let (at, request) = (Timestamp::ZERO, RequestId::default());
        tools.begin(at, call(id), request, settings, false).is_some()
    }

    #[test]
    fn a_tool_is_slow_once_and_then_out_of_time() {
        let mut tools = Tools::default();
        begun(&mut tools, "a", &tool(OnInterruption::Finish, None));
        let at = Timestamp::from_millis;
        assert_eq!(tools.deadline(), Some(at(3_000)));
        assert_eq!(tools.due(at(2_999)), None);
        assert!(matches!(tools.due(at(3_000)), Some((_, ToolClock::Slow))));
        assert_eq!(tools.deadline(), Some(at(8_000)));
        let (id, clock) = tools.due(at(8_000)).expect("its time is up");
        assert_eq!(clock, ToolClock::TimedOut);
        assert!(tools.finish(&id).is_some() && tools.finish(&id).is_none());
        assert_eq!(tools.deadline(), None);
    }

    #[test]
    fn the_caller_abandons_one_leaves_one_running_and_one_never_runs() {
        let mut tools = Tools::default();
        begun(&mut tools, "cancel", &tool(OnInterruption::Cancel, None));
        begun(&mut tools, "finish", &tool(OnInterruption::Finish, None));
        begun(&mut tools, "unheard", &tool(OnInterruption::Finish, Some("One moment.")));
        let over = tools.interrupt();
        let over: Vec<&str> = over.iter().map(|tool| tool.call.id.as_str()).collect();
        assert_eq!(over, ["cancel", "unheard"]);
        assert!(!tools.is_empty() && !tools.is_waited_for());
        assert!(tools.interrupt().is_empty(), "what nobody waits for is not abandoned");
    }

    #[test]
    fn one_call_is_not_begun_twice_and_not_too_many_at_once() {
        let mut tools = Tools::default();
        let settings = tool(OnInterruption::Finish, None);
        assert!(begun(&mut tools, "a", &settings) && !begun(&mut tools, "a", &settings));
        let taken = (0..20).filter(|id| begun(&mut tools, &format!("b{id}"), &settings)).count();
        assert_eq!(taken, TOOLS_MAX - 1);
    }
}
