//! Why a call ended: one table of what was going on when the line dropped, who had been heard to
//! say farewell, and what dropped the line. `docs/end-reasons.md` is made from it.

mod page;
mod table;
mod vocabulary;

use offhook_types::{EndKind, EndedBy, FailedStage};

use table::TABLE;

pub use page::end_reasons_page;
pub use vocabulary::{
    agentphone_disconnection_reason, revox_end_reason, revox_ended_by, synthflow_analytics_reason,
    synthflow_get_reason, synthflow_webhook_reason,
};

/// What was going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The call was not answered yet.
    Unanswered,
    /// Caller and agent talked.
    Talking,
    /// A call-screening service was told who calls, and no person has spoken since.
    Screening,
    /// A telephone menu talked, and no person has spoken since.
    Menu,
    /// A machine answered and its greeting was waited out.
    Machine,
    /// A message was being left.
    Message,
    /// A message was left.
    MessageLeft,
    /// The caller was being handed to somebody else.
    Transferring,
    /// The agent was saying that something has failed.
    Excuse,
}

/// Whose farewells were heard by the other side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Farewells {
    /// Nobody's.
    #[default]
    None,
    /// Only the caller's.
    Caller,
    /// Only the agent's.
    Agent,
    /// Both, the caller's first.
    CallerFirst,
    /// Both, the agent's first.
    AgentFirst,
}

/// What dropped the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The other end hung up.
    CallerHungUp,
    /// The carrier dropped it, or nobody knows who did.
    CarrierDropped,
    /// It was cancelled while it rang.
    Canceled,
    /// The line was busy.
    Busy,
    /// Nobody answered.
    NoAnswer,
    /// The other end refused it.
    Rejected,
    /// An operator hung up.
    Operator,
    /// The model called `end_call` for one of the agent's end conditions.
    EndCondition,
    /// The model called `end_call` for a reason of its own.
    EndCall,
    /// The rule of farewells.
    Farewell,
    /// The rule of silence.
    Idle,
    /// The rule of the longest call.
    Limit,
    /// The rule of machines.
    Machine,
    /// The rule of menus.
    Menu,
    /// Caller and target of a transfer were connected.
    Connected,
    /// The caller's stream ended in a transfer that then failed.
    TransferLost,
    /// The worker shut down.
    Drain,
    /// No media came for 10 s.
    MediaLost,
    /// Something failed with nothing to take its place.
    Fault,
}

/// One row of the table: the first that fits decides. An empty list fits everything.
#[derive(Debug)]
struct Row {
    phases: &'static [Phase],
    farewells: &'static [Farewells],
    causes: &'static [Cause],
    kind: EndKind,
    who: EndedBy,
    why: &'static str,
}

/// Why a call ended and who ended it. `condition` is the end condition that the model named,
/// `stage` what failed.
pub(crate) fn decide(
    phase: Phase,
    farewells: Farewells,
    cause: Cause,
    condition: Option<&str>,
    stage: Option<FailedStage>,
) -> (EndKind, EndedBy) {
    let row = TABLE.iter().find(|row| row.fits(phase, farewells, cause));
    let Some(row) = row else { return (EndKind::Undefined, EndedBy::System) };
    let kind = match (&row.kind, stage) {
        (EndKind::Custom(_), _) => EndKind::Custom(condition.unwrap_or_default().to_owned()),
        (EndKind::Failed(FailedStage::Engine), Some(stage)) => EndKind::Failed(stage),
        (kind, _) => kind.clone(),
    };
    (kind, row.who)
}

impl Row {
    fn fits(&self, phase: Phase, farewells: Farewells, cause: Cause) -> bool {
        (self.phases.is_empty() || self.phases.contains(&phase))
            && (self.farewells.is_empty() || self.farewells.contains(&farewells))
            && (self.causes.is_empty() || self.causes.contains(&cause))
    }
}

impl Phase {
    /// Every phase, in the order of the enum.
    #[cfg(test)]
    const ALL: [Self; 9] = [
        Self::Unanswered,
        Self::Talking,
        Self::Screening,
        Self::Menu,
        Self::Machine,
        Self::Message,
        Self::MessageLeft,
        Self::Transferring,
        Self::Excuse,
    ];
}

impl Farewells {
    /// All of them, in the order of the enum.
    #[cfg(test)]
    const ALL: [Self; 5] =
        [Self::None, Self::Caller, Self::Agent, Self::CallerFirst, Self::AgentFirst];
}

impl Cause {
    /// Every cause, in the order of the enum.
    #[cfg(test)]
    const ALL: [Self; 19] = [
        Self::CallerHungUp,
        Self::CarrierDropped,
        Self::Canceled,
        Self::Busy,
        Self::NoAnswer,
        Self::Rejected,
        Self::Operator,
        Self::EndCondition,
        Self::EndCall,
        Self::Farewell,
        Self::Idle,
        Self::Limit,
        Self::Machine,
        Self::Menu,
        Self::Connected,
        Self::TransferLost,
        Self::Drain,
        Self::MediaLost,
        Self::Fault,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_has_a_row_and_every_row_an_end() {
        let mut is_used = vec![false; TABLE.len()];
        for phase in Phase::ALL {
            for farewells in Farewells::ALL {
                for cause in Cause::ALL {
                    let row = TABLE.iter().position(|row| row.fits(phase, farewells, cause));
                    let row = row.unwrap_or_else(|| panic!("{phase:?} {farewells:?} {cause:?}"));
                    is_used[row] = true;
                }
            }
        }
        let unused: Vec<usize> = (0..TABLE.len()).filter(|row| !is_used[*row]).collect();
        assert!(unused.is_empty(), "rows that nothing reaches: {unused:?}");
    }

    #[test]
    fn a_condition_of_the_agent_beats_farewells_but_not_the_clock() {
        let both = Farewells::CallerFirst;
        let decide = |cause| decide(Phase::Talking, both, cause, Some("booked"), None).0;
        assert_eq!(decide(Cause::EndCondition), EndKind::Custom("booked".to_owned()));
        assert_eq!(decide(Cause::EndCall), EndKind::HumanGoodbye);
        assert_eq!(decide(Cause::Limit), EndKind::MaxDuration);
    }

    #[test]
    fn the_page_in_the_docs_is_made_from_the_table() {
        let page = end_reasons_page();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/end-reasons.md");
        let stored = std::fs::read_to_string(path).unwrap_or_default();
        if page != stored {
            let made = std::env::temp_dir().join("end-reasons.md");
            std::fs::write(&made, &page).expect("a file for the new page");
            panic!("docs/end-reasons.md is another page: take {}", made.display());
        }
    }
}
