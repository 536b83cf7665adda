//! What the agent says something for: it decides what follows when it was heard.

use offhook_types::FailedStage;

/// What a reply is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It answers the caller.
    #[default]
    Answer,
    /// It opens the call.
    Opening,
    /// It asks whether anybody is there.
    Reminder,
    /// An operator wants it said.
    Announcement,
    /// It is said before a tool runs.
    ToolBefore,
    /// It is said while tools run, or because one failed.
    Tool,
    /// It says who calls, to those who ask before they put through.
    Screening,
    /// It is left with a machine.
    Message,
    /// It takes leave, because the model ended the call.
    Farewell,
    /// It ends a call that has reached its limit.
    Limit,
    /// It ends a call whose worker shuts down.
    Drain,
    /// It ends a call in which something failed.
    Fault(FailedStage),
}

impl Purpose {
    /// Whether the call is over behind it.
    pub(crate) const fn is_final(self) -> bool {
        match self {
            Self::Message | Self::Farewell | Self::Limit | Self::Drain | Self::Fault(_) => true,
            Self::Answer
            | Self::Opening
            | Self::Reminder
            | Self::Announcement
            | Self::ToolBefore
            | Self::Tool
            | Self::Screening => false,
        }
    }

    /// Whether words that were given have to be said, even though the caller spoke in between.
    pub(crate) const fn is_owed(self) -> bool {
        match self {
            Self::Opening | Self::Announcement => true,
            Self::Answer
            | Self::Reminder
            | Self::ToolBefore
            | Self::Tool
            | Self::Screening
            | Self::Message
            | Self::Farewell
            | Self::Limit
            | Self::Drain
            | Self::Fault(_) => false,
        }
    }
}
