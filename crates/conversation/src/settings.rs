//! What the rules of a call go by: the sections of the agent's document that are rules already, and
//! of the others what a rule needs of them.

mod tools;
mod transfers;
mod turns;

pub use offhook_types::agent::{
    Closing as ClosingSettings, ClosingMode, Dtmf as DtmfSettings, EndCondition,
    Faults as FaultSettings, Fillers as FillerSettings, Ivr as IvrSettings,
    Limits as LimitSettings, OnInterruption, Opening as OpeningSettings, OpeningMode, Patience,
    Screening as ScreeningSettings, Silence as SilenceSettings, ToolWhen,
    Voicemail as VoicemailSettings, VoicemailMode,
};
use serde::{Deserialize, Serialize};

pub use tools::ToolSettings;
pub(crate) use tools::no_arguments;
pub use transfers::TransferSettings;
pub use turns::TurnSettings;

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
