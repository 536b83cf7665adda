//! What an agent's document says about a call, one file per rule.
//!
//! Every part has a default, so that a document says only what it wants otherwise.

mod closing;
mod dtmf;
mod faults;
mod fillers;
mod ivr;
mod limits;
mod opening;
mod screening;
mod silence;
mod tools;
mod transfers;
mod turns;
mod voicemail;

use serde::{Deserialize, Serialize};

pub use closing::{ClosingMode, ClosingSettings, EndCondition};
pub use dtmf::DtmfSettings;
pub use faults::FaultSettings;
pub use fillers::FillerSettings;
pub use ivr::IvrSettings;
pub use limits::LimitSettings;
pub use opening::{OpeningMode, OpeningSettings};
pub use screening::ScreeningSettings;
pub use silence::SilenceSettings;
pub(crate) use tools::no_arguments;
pub use tools::{OnInterruption, ToolSettings, ToolWhen};
pub use transfers::TransferSettings;
pub use turns::{Patience, TurnSettings};
pub use voicemail::{VoicemailMode, VoicemailSettings};

/// Every rule of a call but those of turns and its opening.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CallSettings {
    /// What happens when nobody says anything.
    pub silence: SilenceSettings,
    /// How long a call may last.
    pub limits: LimitSettings,
    /// How a call is ended that the agent ends.
    pub closing: ClosingSettings,
    /// What the agent ends a call for, each in its own words.
    pub end_conditions: Vec<EndCondition>,
    /// What happens when a machine answers. `None` talks to it as to a person.
    pub voicemail: Option<VoicemailSettings>,
    /// What a call-screening service is told. `None` leaves it to the model.
    pub screening: Option<ScreeningSettings>,
    /// What can be done outside the call.
    pub tools: Vec<ToolSettings>,
    /// Whom the caller can be handed to.
    pub transfers: Vec<TransferSettings>,
    /// Telephone menus.
    pub ivr: IvrSettings,
    /// What bridges a slow answer.
    pub fillers: FillerSettings,
    /// Keys that the caller presses.
    pub dtmf: DtmfSettings,
    /// What is said when nothing works any more.
    pub faults: FaultSettings,
}
