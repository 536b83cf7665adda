//! An operator, or a program, that gives commands during a call.

use offhook_types::ControlCommand;
use serde::Deserialize;

use crate::agenda::Agenda;
use crate::moment::Moment;

/// The operator of a scenario.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OperatorFile {
    /// What the operator does, in order.
    pub does: Vec<OperatorStep>,
}

/// One command: when and which.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OperatorStep {
    /// So long after the call was answered.
    pub at_ms: Option<u64>,
    /// So long after what comes before. Default 0, where nothing else is said.
    pub after_ms: Option<u64>,
    /// So long after the agent began to speak.
    pub agent_begins_ms: Option<u64>,
    /// So long after the agent fell silent.
    pub agent_stops_ms: Option<u64>,

    /// Has the agent say this.
    pub says: Option<String>,
    /// What is said cannot be interrupted.
    pub is_uninterruptible: bool,
    /// Tells the model something that the caller does not hear.
    pub injects: Option<String>,
    /// Silences the agent, or lets it speak again.
    pub mutes: Option<bool>,
    /// Shuts the worker down: so much time is left.
    pub drains_ms: Option<u32>,
    /// Hangs up.
    pub hangs_up: bool,
}

impl OperatorFile {
    pub(crate) fn agenda(&self) -> Agenda<ControlCommand> {
        let steps = self.does.iter();
        let commands = steps.flat_map(|step| step.commands().into_iter().map(move |it| (step, it)));
        commands.fold(Agenda::default(), |agenda, (step, command)| {
            agenda.then(step.moment().when(), command)
        })
    }
}

impl OperatorStep {
    const fn moment(&self) -> Moment<'_> {
        let Self { at_ms, after_ms, agent_begins_ms, agent_stops_ms, .. } = *self;
        Moment { at_ms, after_ms, agent_begins_ms, agent_stops_ms, agent_presses: &[] }
    }

    fn commands(&self) -> Vec<ControlCommand> {
        let is_interruptible = !self.is_uninterruptible;
        [
            self.says.clone().map(|text| ControlCommand::Say { text, is_interruptible }),
            self.injects.clone().map(|text| ControlCommand::Inject { text }),
            self.mutes.map(|is_muted| ControlCommand::MuteAgent { is_muted }),
            self.drains_ms.map(|deadline_ms| ControlCommand::Drain { deadline_ms }),
            self.hangs_up.then_some(ControlCommand::Hangup),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
