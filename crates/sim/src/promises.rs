//! What a call promises: tools come to an end, limits are kept, nobody is cut short by us, and no
//! line stays open without a reason.

use std::collections::BTreeMap;
use std::time::Duration;

use offhook_session::{Input, Output, SessionConfig, State};
use offhook_types::{
    CarrierCommand, ControlCommand, EndKind, EndReason, Timestamp, ToolCallId, ToolCommand,
    ToolEvent,
};

use crate::faults::Faults;

/// Checkers of one call's promises.
#[derive(Debug)]
pub(crate) struct Promises {
    limit: Option<Duration>,
    hangup: Option<Duration>,
    answered_at: Option<Timestamp>,
    /// The last moment at which the line had a reason to be open.
    alive_at: Timestamp,
    is_closing: bool,
    is_muted: bool,
    skipped_at: Option<Timestamp>,
    drained_at: Option<Timestamp>,
    /// Tools that were run: until when each must be over; `None` when it is.
    tools: BTreeMap<ToolCallId, Option<Timestamp>>,
    /// Since when the caller is being handed over.
    transferred_at: Option<Timestamp>,
    /// The agent was being heard when the line was dropped.
    was_audible: bool,
    has_failed: bool,
    state: (State, Timestamp),
}

/// The line at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) now: Timestamp,
    pub(crate) state: State,
    /// The caller speaks, presses keys, or nothing can be heard of either.
    pub(crate) caller_is_busy: bool,
    /// How long ago the agent was heard last.
    pub(crate) agent_silent: Duration,
}

impl Promises {
    pub(crate) fn of(agent: &SessionConfig) -> Self {
        let millis = |millis: u32| Duration::from_millis(u64::from(millis));
        Self {
            limit: agent.call.limits.max_call_ms.map(millis),
            hangup: agent.call.silence.hangup_ms.map(millis),
            answered_at: None,
            alive_at: Timestamp::ZERO,
            is_closing: false,
            is_muted: false,
            skipped_at: None,
            drained_at: None,
            tools: BTreeMap::new(),
            transferred_at: None,
            was_audible: false,
            has_failed: false,
            state: (State::Waiting, Timestamp::ZERO),
        }
    }

    /// What the session is told.
    pub(crate) fn input(&mut self, now: Timestamp, input: &Input<'_>) {
        match input {
            Input::Control(ControlCommand::MuteAgent { is_muted }) => self.is_muted = *is_muted,
            Input::Control(ControlCommand::Drain { deadline_ms }) => {
                let at = now + Duration::from_millis(u64::from(*deadline_ms));
                self.drained_at = Some(at);
            }
            Input::Tool(
                ToolEvent::Finished { call, .. }
                | ToolEvent::Failed { call, .. }
                | ToolEvent::TimedOut { call }
                | ToolEvent::Canceled { call },
            ) => {
                self.tools.insert(call.clone(), None);
            }
            Input::Control(
                ControlCommand::Hangup | ControlCommand::Say { .. } | ControlCommand::Inject { .. },
            )
            | Input::Wire(_)
            | Input::Closed
            | Input::Broken { .. }
            | Input::Stt(_)
            | Input::EndOfTurn { .. }
            | Input::Llm(_)
            | Input::Tts(_)
            | Input::Carrier(_)
            | Input::Timeout => {}
        }
    }

    /// What the session asks for; `is_audible`: the agent is heard, and has not finished.
    pub(crate) fn output(
        &mut self,
        now: Timestamp,
        output: &Output<'_>,
        is_audible: bool,
        faults: &mut Faults,
    ) {
        match output {
            Output::Tool(ToolCommand::Run { call, timeout_ms, .. }) => {
                let until = now + Duration::from_millis(u64::from(*timeout_ms)) + MARGIN;
                if self.tools.insert(call.id.clone(), Some(until)).is_some() {
                    faults.note(now, &format!("{} runs twice", call.id));
                }
            }
            Output::Tool(ToolCommand::Cancel { call }) => {
                if self.tools.insert(call.clone(), None).flatten().is_none() {
                    faults.note(now, &format!("{call} is cancelled and does not run"));
                }
            }
            Output::Carrier(CarrierCommand::Transfer { .. }) => self.transferred_at = Some(now),
            Output::Hangup(_) => self.was_audible = is_audible,
            Output::Ended(reason) => self.ended(now, reason, faults),
            Output::Carrier(
                CarrierCommand::Hangup
                | CarrierCommand::CancelTransfer
                | CarrierCommand::SendDtmf { .. },
            )
            | Output::Wire(_)
            | Output::SttAudio(_)
            | Output::Stt(_)
            | Output::Llm(_)
            | Output::Tts(_)
            | Output::AskEndOfTurn { .. }
            | Output::Trace(_) => {}
        }
    }

    /// A rule decided.
    pub(crate) fn decided(&mut self, now: Timestamp, rule: &str, observed: &str) {
        match rule {
            "end_call" | "farewell" => self.is_closing = true,
            "closing" | "voicemail" | "mute" | "keypad" => self.is_closing = false,
            "end_of_turn" => self.alive_at = now,
            "skip_turn" => self.skipped_at = Some(now),
            "failed" => self.has_failed = true,
            "transfer" if observed.starts_with("failed") => self.transferred_at = None,
            _ => {}
        }
    }

    /// After every step of the world.
    pub(crate) fn step(&mut self, moment: Moment, faults: &mut Faults) {
        let Moment { now, state, caller_is_busy, .. } = moment;
        if state != State::Waiting {
            self.answered_at.get_or_insert(now);
        }
        if state != self.state.0 {
            self.state = (state, now);
        }
        if state == State::Ended {
            return;
        }
        if caller_is_busy {
            self.skipped_at = None;
        }
        self.check_limits(now, faults);
        self.check_tools(now, faults);
        self.check_states(moment, faults);
        let skips = self.skipped_at.is_some_and(|at| now < at + SKIP_HOLDS);
        let works = self.tools.values().any(Option::is_some);
        let waits = matches!(state, State::Listening | State::CallerTurn);
        if !waits || caller_is_busy || self.is_muted || skips || works {
            self.alive_at = now;
        }
        let most = if self.is_closing { Some(Duration::ZERO) } else { self.hangup };
        let idle = now.saturating_since(self.alive_at);
        if most.is_some_and(|most| idle == most + OPEN_MAX) {
            let closing = self.is_closing;
            faults.note(now, &format!("open for {idle:?} without a reason, closing {closing}"));
        }
    }

    fn check_limits(&self, now: Timestamp, faults: &mut Faults) {
        let limit = self.answered_at.zip(self.limit).map(|(at, limit)| at + limit);
        for (name, at) in [("limit", limit), ("drain", self.drained_at)] {
            if at.is_some_and(|at| now == at + OVERRUN_MAX) {
                faults.note(now, &format!("the {name} is overrun by {OVERRUN_MAX:?}"));
            }
        }
    }

    fn check_tools(&self, now: Timestamp, faults: &mut Faults) {
        for (call, until) in &self.tools {
            if *until == Some(now) {
                faults.note(now, &format!("{call} is out of time and was not given up"));
            }
        }
    }

    fn check_states(&self, moment: Moment, faults: &mut Faults) {
        let Moment { now, state, agent_silent, .. } = moment;
        let lasts = now.saturating_since(self.state.1);
        let most = match state {
            State::Working => Some(WORKING_MAX),
            State::Machine => Some(MACHINE_MAX),
            State::Transferring => Some(TRANSFERRING_MAX),
            State::Waiting
            | State::Listening
            | State::CallerTurn
            | State::Thinking
            | State::Speaking
            | State::Ducked
            | State::Ended => None,
        };
        if most == Some(lasts) {
            faults.note(now, &format!("{state:?} for {lasts:?}"));
        }
        let handed_over = self.transferred_at.map(|at| now.saturating_since(at));
        if state == State::Transferring
            && !self.has_failed
            && handed_over.is_some_and(|span| span == SILENT_AFTER)
            && agent_silent < AUDIBLE
        {
            faults.note(now, "the agent speaks while the caller is handed over");
        }
    }

    fn ended(&self, now: Timestamp, reason: &EndReason, faults: &mut Faults) {
        if reason.evidence.is_empty() {
            faults.note(now, "an end without evidence");
        }
        if self.was_audible && !may_cut(&reason.kind) {
            faults.note(now, &format!("we hung up on the agent's own words: {:?}", reason.kind));
        }
        for (call, until) in &self.tools {
            let is_after = call.as_str().starts_with("after_");
            if until.is_some() && !is_after {
                faults.note(now, &format!("{call} outlives the call"));
            }
        }
    }
}

/// Whether an end may cut the agent's words: one that comes from outside or by the clock, and a
/// machine's, who is not talked to.
const fn may_cut(kind: &EndKind) -> bool {
    match kind {
        EndKind::MaxDuration
        | EndKind::OperatorEnded
        | EndKind::UserCanceled
        | EndKind::Drained
        | EndKind::MediaLost
        | EndKind::Voicemail
        | EndKind::VoicemailCutOff
        | EndKind::Failed(_) => true,
        EndKind::VoicemailMessageLeft
        | EndKind::HumanGoodbye
        | EndKind::AgentGoodbye
        | EndKind::HumanPickUpCutOff
        | EndKind::AgentEnded
        | EndKind::Custom(_)
        | EndKind::IdleTimeout
        | EndKind::Transferred
        | EndKind::ScreeningRefused
        | EndKind::IvrFailed
        | EndKind::NoAnswer
        | EndKind::Busy
        | EndKind::Undefined => false,
    }
}

/// The agent is being heard: its last frame is no longer ago than this.
const AUDIBLE: Duration = Duration::from_millis(60);
/// A tool's time is watched by a timer that wakes the call at once.
const MARGIN: Duration = Duration::from_millis(50);
/// The line is dropped one second behind a limit; a step of the world is on top.
const OVERRUN_MAX: Duration = Duration::from_millis(1_010);
/// A line stays open for so long at most behind its last reason to be.
const OPEN_MAX: Duration = Duration::from_secs(10);
/// Hold music behind a turn that the model skipped.
const SKIP_HOLDS: Duration = Duration::from_secs(120);
/// Tools of random calls have 9 s; the next may begin when one is over.
const WORKING_MAX: Duration = Duration::from_secs(20);
/// A machine is waited for half a minute.
const MACHINE_MAX: Duration = Duration::from_secs(45);
/// Ring timeout, its margin, a summary, a connection.
const TRANSFERRING_MAX: Duration = Duration::from_secs(75);
/// Words before a transfer were heard when it began.
const SILENT_AFTER: Duration = Duration::from_millis(700);

#[cfg(test)]
mod tests {
    use offhook_types::{EndedBy, Evidence, RequestId, ToolCall};

    use super::*;

    fn promises() -> (Promises, Faults) {
        let mut agent = SessionConfig::default();
        agent.call.limits.max_call_ms = Some(60_000);
        agent.call.silence.hangup_ms = Some(5_000);
        (Promises::of(&agent), Faults::default())
    }

    /// Lets the time pass from one millisecond to another.
    fn pass(
        (promises, faults): &mut (Promises, Faults),
        (from, to): (u64, u64),
        state: State,
        caller_is_busy: bool,
    ) {
        let agent_silent = Duration::MAX;
        for now in (from..to).map(Timestamp::from_millis) {
            promises.step(Moment { now, state, caller_is_busy, agent_silent }, faults);
        }
    }

    #[test]
    fn a_line_that_is_open_without_a_reason_is_found_and_one_with_a_reason_is_not() {
        let mut call = promises();
        pass(&mut call, (0, 14_900), State::Listening, false);
        assert!(call.1.all().is_empty());
        pass(&mut call, (14_900, 15_100), State::Listening, false);
        assert_eq!(call.1.all().len(), 1, "{:?}", call.1);
        let mut call = promises();
        pass(&mut call, (0, 50_000), State::Listening, true);
        assert!(call.1.all().is_empty(), "{:?}", call.1);
        call.0.decided(Timestamp::from_millis(50_000), "end_call", "done");
        pass(&mut call, (50_000, 60_500), State::Listening, false);
        assert_eq!(call.1.all().len(), 1, "{:?}", call.1);
    }

    #[test]
    fn a_limit_that_is_overrun_and_a_shutdown_that_is_ignored_are_found() {
        let mut call = promises();
        pass(&mut call, (0, 61_000), State::Speaking, false);
        assert!(call.1.all().is_empty());
        let drain = ControlCommand::Drain { deadline_ms: 0 };
        call.0.input(Timestamp::from_millis(61_000), &Input::Control(drain));
        pass(&mut call, (61_000, 63_000), State::Speaking, false);
        assert_eq!(call.1.all().len(), 2, "{:?}", call.1);
    }

    #[test]
    fn a_tool_that_never_ends_and_words_that_we_cut_are_found() {
        let mut call = promises();
        let id: ToolCallId = "call_1".parse().expect("an id");
        let run = ToolCommand::Run {
            request: RequestId::default(),
            call: ToolCall {
                id: id.clone(),
                name: "look".to_owned(),
                arguments: serde_json::Value::Null,
            },
            timeout_ms: 1_000,
        };
        let (promises, faults) = &mut call;
        promises.output(Timestamp::ZERO, &Output::Tool(run), false, faults);
        pass(&mut call, (0, 1_200), State::Working, false);
        assert_eq!(call.1.all().len(), 1, "{:?}", call.1);
        let (promises, faults) = &mut call;
        let now = Timestamp::from_millis(1_200);
        promises.output(now, &Output::Hangup(offhook_telephony::HangupMeans::Close), true, faults);
        let evidence = Evidence { at: now, rule: "end".into(), observed: "tested".to_owned() };
        let reason = EndReason {
            kind: EndKind::AgentGoodbye,
            who: EndedBy::Agent,
            evidence: vec![evidence],
        };
        promises.output(now, &Output::Ended(reason), true, faults);
        assert_eq!(faults.all().len(), 3, "{faults:?}");
        assert!(faults.all()[1].contains("own words") && faults.all()[2].contains("outlives"));
    }
}
