//! Tools, as far as the conversation is concerned: what is said around them, who waits for them,
//! and how the model learns their results.

use offhook_types::{BackgroundSound, PlayoutCommand, RequestId, ToolCall, ToolCommand, ToolEvent};
use serde_json::Value;

use super::Conversation;
use crate::closing::Closing;
use crate::output::Output;
use crate::purpose::Purpose;
use crate::rules::{TOOL_RESULT_BYTES_MAX, TOOL_ROUNDS_MAX};
use crate::settings::{ToolSettings, ToolWhen};
use crate::state::State;
use crate::timer::Timer;
use crate::tools::{Tool, ToolClock};

/// How a tool ended.
enum Ended {
    With(String),
    Badly(String),
}

impl Conversation {
    /// The model called a tool of the agent's document. `None` where there is no such tool.
    pub(super) fn tool_called(&mut self, call: &ToolCall, request: RequestId) -> Option<()> {
        let found = self
            .config
            .call
            .tools
            .iter()
            .find(|tool| tool.name == call.name && tool.when == ToolWhen::During);
        let settings = found?.clone();
        let may_call = self.may_call_tools();
        let begun = if may_call {
            self.tools.begin(self.now, call.clone(), request, &settings, false)
        } else {
            None
        };
        let Some(is_running) = begun.map(Tool::is_running) else {
            self.decided("tool_refused", format!("{}: too many", call.name));
            self.history.note_result(&call.id, "too many tools were called".to_owned());
            self.owe_results();
            return Some(());
        };
        if is_running {
            self.run_tool(call, request, &settings);
        }
        Some(())
    }

    /// Tools that run when the call begins.
    pub(super) fn run_tools_before(&mut self) {
        for (index, settings) in self.tools_when(ToolWhen::Before).into_iter().enumerate() {
            let Some(call) = fixed_call(&settings, "before", index) else { continue };
            let request = RequestId { turn: self.take_turn_id(), attempt: 0 };
            if self.tools.begin(self.now, call.clone(), request, &settings, true).is_some() {
                self.run_tool(&call, request, &settings);
            }
        }
    }

    /// Tools that run when the call is over. The runner keeps their results: nobody is here to.
    pub(super) fn run_tools_after(&mut self) {
        for (index, settings) in self.tools_when(ToolWhen::After).into_iter().enumerate() {
            let Some(call) = fixed_call(&settings, "after", index) else { continue };
            let request = RequestId { turn: self.take_turn_id(), attempt: 0 };
            let timeout_ms = settings.timeout_ms;
            self.outputs.push_back(Output::Tool(ToolCommand::Run { request, call, timeout_ms }));
        }
    }

    /// The tool runner reported.
    pub(super) fn tool_reported(&mut self, event: ToolEvent) {
        let (call, ended) = match event {
            ToolEvent::Finished { call, result } => (call, Ended::With(text_of(&result))),
            ToolEvent::Failed { call, reason } => (call, Ended::Badly(within(reason))),
            ToolEvent::TimedOut { call } => (call, Ended::Badly("timed out".to_owned())),
            ToolEvent::Canceled { call } => (call, Ended::Badly("canceled".to_owned())),
        };
        let Some(tool) = self.tools.finish(&call) else {
            self.counts.stale += 1;
            return;
        };
        self.tool_ended(&tool, ended);
    }

    /// A tool is slow, or out of time.
    pub(super) fn tool_due(&mut self) {
        while let Some((call, clock)) = self.tools.due(self.now) {
            match clock {
                ToolClock::Slow => {
                    let tool = self.tools.find(&call).filter(|tool| tool.is_waited_for());
                    let text = tool.and_then(|tool| tool.settings.say_slow.clone());
                    if let Some(text) = text.filter(|_| self.state == State::Working) {
                        self.say_for_tool(&text);
                    }
                }
                ToolClock::TimedOut => {
                    let Some(tool) = self.tools.finish(&call) else { continue };
                    self.outputs.push_back(Output::Tool(ToolCommand::Cancel { call }));
                    self.tool_ended(&tool, Ended::Badly("timed out".to_owned()));
                }
            }
        }
        self.set_tool_timer();
    }

    /// A tool came to its one end. What it brought is told to the model, and asked about if anybody
    /// waits for it.
    fn tool_ended(&mut self, tool: &Tool, ended: Ended) {
        let (observed, result, say_error) = match ended {
            Ended::With(result) => ("finished".to_owned(), result, None),
            Ended::Badly(why) => {
                let result = serde_json::json!({"error": why}).to_string();
                (why, result, tool.settings.say_error.clone())
            }
        };
        let name = &tool.settings.name;
        self.decided("tool", format!("{name}: {observed}"));
        self.set_tool_timer();
        if !self.tools.holds_opening() && tool.settings.when == ToolWhen::Before {
            self.history.note(&format!("{name}: {result}"));
            return self.speak_up();
        }
        if tool.settings.when == ToolWhen::Before {
            return self.history.note(&format!("{name}: {result}"));
        }
        self.history.note_result(&tool.call.id, result);
        if !tool.is_waited_for() {
            return;
        }
        match say_error {
            Some(text) => self.tools.errors.push_back(text),
            None => self.tools.has_results = true,
        }
        if self.state == State::Working {
            self.state = State::Listening;
            self.work();
        }
    }

    /// Nobody speaks, and tools are under way or have returned: what is to be said is, or they are
    /// waited for. True where there is anything of that.
    pub(super) fn work(&mut self) -> bool {
        if let Some(text) =
            self.tools.next_announced().and_then(|tool| tool.settings.say_before.clone())
        {
            self.say_for_tool(&text);
            if let Some(reply) = &mut self.reply {
                reply.purpose = Purpose::ToolBefore;
            }
            return true;
        }
        if let Some(text) = self.tools.take_say_while().or_else(|| self.tools.errors.pop_front()) {
            self.say_for_tool(&text);
            return true;
        }
        if self.tools.is_waited_for() {
            self.state = State::Working;
            let sound = self.tools.has_sound().then_some(BackgroundSound::Working);
            self.set_background(sound);
            self.watch_for_filler();
            return true;
        }
        self.set_background(None);
        if self.closing != Closing::Open {
            // The call is ending: what tools brought is known, and nobody is told.
            self.tools.has_results = false;
        }
        if self.tools.has_results && !self.is_muted {
            self.tools.has_results = false;
            self.tools.rounds = self.tools.rounds.saturating_add(1);
            self.ask_unprompted(Purpose::Answer);
            return true;
        }
        false
    }

    /// What comes before a tool was heard: it runs.
    pub(super) fn run_announced_tool(&mut self) {
        let Some(tool) = self.tools.run_announced(self.now) else { return };
        let (call, request, settings) = (tool.call.clone(), tool.request, tool.settings.clone());
        self.run_tool(&call, request, &settings);
    }

    /// The caller took the floor with words.
    pub(super) fn interrupt_tools(&mut self) {
        self.tools.rounds = 0;
        self.tools.errors.clear();
        for tool in self.tools.interrupt() {
            self.cancel_tool(&tool, "canceled: the caller went on");
        }
        self.set_background(None);
        self.set_tool_timer();
    }

    /// The call is over.
    pub(super) fn cancel_tools(&mut self) {
        for tool in self.tools.drain() {
            self.cancel_tool(&tool, "canceled: the call is over");
        }
    }

    /// 20 ms of the caller while a tool runs and nobody speaks.
    pub(super) fn follow_work(&mut self) {
        let is_sound = self.voice.is_open && self.voice.silence_ms == 0;
        if is_sound && !self.tools.blocks() {
            self.set_background(None);
            self.open_turn();
        }
    }

    /// Whether the model may call more tools for this turn of the caller.
    pub(super) const fn may_call_tools(&self) -> bool {
        self.tools.rounds < TOOL_ROUNDS_MAX
    }

    /// The model is to be told what came of its calls, unless it calls again and again.
    pub(super) const fn owe_results(&mut self) {
        self.tools.has_results |= self.may_call_tools();
    }

    /// A sound behind everything, or none.
    pub(super) fn set_background(&mut self, sound: Option<BackgroundSound>) {
        if self.background != sound {
            self.background = sound;
            self.playout(PlayoutCommand::Background { sound });
        }
    }

    pub(super) fn say_for_tool(&mut self, text: &str) {
        self.set_background(None);
        let is_interruptible = !self.tools.blocks();
        self.say(text, Purpose::Tool, is_interruptible);
    }

    fn cancel_tool(&mut self, tool: &Tool, why: &str) {
        self.decided("tool", format!("{}: {why}", tool.settings.name));
        let result = serde_json::json!({"error": why}).to_string();
        self.history.note_result(&tool.call.id, result);
        if tool.is_running() {
            let call = tool.call.id.clone();
            self.outputs.push_back(Output::Tool(ToolCommand::Cancel { call }));
        }
    }

    fn run_tool(&mut self, call: &ToolCall, request: RequestId, settings: &ToolSettings) {
        let timeout_ms = settings.timeout_ms;
        let call = with_fixed_arguments(call, settings);
        self.decided("tool", format!("{}: runs", settings.name));
        self.outputs.push_back(Output::Tool(ToolCommand::Run { request, call, timeout_ms }));
        self.set_tool_timer();
    }

    fn set_tool_timer(&mut self) {
        match self.tools.deadline() {
            Some(at) => self.timers.set(Timer::Tool, at),
            None => self.timers.stop(Timer::Tool),
        }
    }

    fn tools_when(&self, when: ToolWhen) -> Vec<ToolSettings> {
        self.config.call.tools.iter().filter(|tool| tool.when == when).cloned().collect()
    }
}

/// The call of a tool that no model calls.
fn fixed_call(settings: &ToolSettings, when: &str, index: usize) -> Option<ToolCall> {
    let id = format!("{when}_{index}").parse().ok()?;
    let (name, arguments) = (settings.name.clone(), settings.arguments.clone());
    Some(ToolCall { id, name, arguments })
}

/// The model's arguments, with those that the document fixes laid over them.
fn with_fixed_arguments(call: &ToolCall, settings: &ToolSettings) -> ToolCall {
    let mut call = call.clone();
    if let Value::Object(fixed) = &settings.arguments {
        if !call.arguments.is_object() {
            call.arguments = Value::Object(serde_json::Map::new());
        }
        if let Value::Object(arguments) = &mut call.arguments {
            arguments.extend(fixed.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
    }
    call
}

fn text_of(result: &Value) -> String {
    match result {
        Value::String(text) => within(text.clone()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            within(result.to_string())
        }
    }
}

/// As much of a result as a model is shown.
fn within(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(TOOL_RESULT_BYTES_MAX));
    text
}
