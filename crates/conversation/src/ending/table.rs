//! The table of end reasons itself.

use offhook_types::EndKind::{self, AgentEnded, AgentGoodbye, Custom, HumanGoodbye, Voicemail};
use offhook_types::{EndedBy, FailedStage};

use super::Cause::{
    CallerHungUp, Canceled, CarrierDropped, Connected, Drain, EndCall, EndCondition, Farewell,
    Fault, Idle, Limit, MediaLost, Menu, NoAnswer, Operator, Rejected, TransferLost,
};
use super::{Cause, Farewells, Phase, Row};

/// The first row that fits decides. `failed(engine)` stands for whatever failed, the empty
/// condition for the one that was named.
#[rustfmt::skip]
pub(super) static TABLE: [Row; 33] = [
    row(&[], &[], &[Fault], EndKind::Failed(FailedStage::Engine), EndedBy::System, "no provider is left"),
    row(&[], &[], &[Cause::Busy], EndKind::Busy, EndedBy::Caller, "the line is busy"),
    row(&[], &[], &[NoAnswer], EndKind::NoAnswer, EndedBy::System, "it rang and nobody came"),
    row(&[], &[], &[Rejected], EndKind::ScreeningRefused, EndedBy::Caller, "the call was refused"),
    row(&[Phase::Unanswered], &[], &[CallerHungUp], EndKind::UserCanceled, EndedBy::Caller, "who called gave up"),
    row(&[], &[], &[Canceled], EndKind::UserCanceled, EndedBy::Operator, "the call was taken back"),
    row(&[Phase::Unanswered], &[], &[Operator], EndKind::UserCanceled, EndedBy::Operator, "the call was taken back"),
    row(&[Phase::Unanswered], &[], &[CarrierDropped], EndKind::Failed(FailedStage::Carrier), EndedBy::System, "it could not be set up"),
    row(&[], &[], &[Operator], EndKind::OperatorEnded, EndedBy::Operator, "whatever was going on"),
    row(&[], &[], &[Limit], EndKind::MaxDuration, EndedBy::System, "whatever was going on"),
    row(&[], &[], &[Drain], EndKind::Drained, EndedBy::System, "whatever was going on"),
    row(&[], &[], &[Connected], EndKind::Transferred, EndedBy::Agent, "the caller talks to somebody else"),
    row(&[], &[], &[TransferLost], EndKind::Failed(FailedStage::Transfer), EndedBy::System, "no stream to return to"),
    row(&[Phase::Transferring], &[], &[MediaLost], EndKind::Failed(FailedStage::Transfer), EndedBy::System, "no stream to return to"),
    row(&[], &[], &[MediaLost], EndKind::MediaLost, EndedBy::System, "the carrier sends nothing"),
    row(&[Phase::MessageLeft], &[], &[], EndKind::VoicemailMessageLeft, EndedBy::Agent, "it heard all, whoever hangs up first"),
    row(&[Phase::Message], &[], &[CallerHungUp, CarrierDropped], EndKind::VoicemailCutOff, EndedBy::Caller, "it did not wait for the end"),
    row(&[Phase::Machine], &[], &[CallerHungUp, CarrierDropped], Voicemail, EndedBy::Caller, "the machine hung up"),
    row(&[Phase::Machine, Phase::Message], &[], &[], Voicemail, EndedBy::Agent, "no message was left"),
    row(&[], &[], &[Cause::Machine], Voicemail, EndedBy::Agent, "no message was left"),
    row(&[Phase::Menu], &[], &[CallerHungUp, CarrierDropped], EndKind::IvrFailed, EndedBy::Caller, "the menu hung up"),
    row(&[], &[], &[Menu], EndKind::IvrFailed, EndedBy::Agent, "no way through the menu"),
    row(&[Phase::Screening], &[], &[CallerHungUp, CarrierDropped], EndKind::ScreeningRefused, EndedBy::Caller, "nobody wanted the call"),
    row(&[], &[], &[EndCondition], Custom(String::new()), EndedBy::Agent, "a condition beats farewells"),
    row(&[], &[Farewells::CallerFirst, Farewells::Caller], &[CallerHungUp, CarrierDropped], HumanGoodbye, EndedBy::Caller, "the caller said goodbye first"),
    row(&[], &[Farewells::AgentFirst, Farewells::Agent], &[CallerHungUp, CarrierDropped], AgentGoodbye, EndedBy::Caller, "the agent said goodbye first"),
    row(&[], &[Farewells::CallerFirst, Farewells::Caller], &[EndCall, Farewell], HumanGoodbye, EndedBy::Agent, "the caller said goodbye first"),
    row(&[], &[Farewells::AgentFirst, Farewells::Agent], &[EndCall, Farewell], AgentGoodbye, EndedBy::Agent, "the agent said goodbye first"),
    row(&[], &[], &[Farewell], AgentGoodbye, EndedBy::Agent, "never without a farewell"),
    row(&[], &[], &[EndCall], AgentEnded, EndedBy::Agent, "the model ended it without a farewell"),
    row(&[], &[], &[Idle], EndKind::IdleTimeout, EndedBy::Agent, "nobody said anything"),
    row(&[], &[], &[CallerHungUp], EndKind::HumanPickUpCutOff, EndedBy::Caller, "without a farewell"),
    row(&[], &[], &[CarrierDropped], EndKind::Undefined, EndedBy::System, "nobody knows"),
];

const fn row(
    phases: &'static [Phase],
    farewells: &'static [Farewells],
    causes: &'static [Cause],
    kind: EndKind,
    who: EndedBy,
    why: &'static str,
) -> Row {
    Row { phases, farewells, causes, kind, who, why }
}
