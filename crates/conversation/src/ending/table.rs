//! The table of end reasons itself.

use offhook_types::{EndKind as Kind, EndedBy as By, FailedStage};

use super::{Cause, Farewells, Phase, Row};

/// The first row that fits decides. The kind `failed(engine)` stands for whatever failed, the empty
/// condition for the one that was named.
#[rustfmt::skip]
pub(super) static TABLE: [Row; 35] = [
    row(ANY, &[], &[Cause::Fault], FAILED, By::System, "no provider is left"),
    row(EXCUSE, &[], HUNG_UP, FAILED, By::System, "no provider was left"),
    row(ANY, &[], &[Cause::Busy], Kind::Busy, By::Caller, "the line is busy"),
    row(ANY, &[], &[Cause::NoAnswer], Kind::NoAnswer, By::System, "it rang and nobody came"),
    row(ANY, &[], &[Cause::Rejected], Kind::ScreeningRefused, By::Caller, "the call was refused"),
    row(RINGING, &[], &[Cause::CallerHungUp], Kind::UserCanceled, By::Caller, "who called gave up"),
    row(ANY, &[], &[Cause::Canceled], Kind::UserCanceled, By::Operator, "it was taken back"),
    row(RINGING, &[], &[Cause::Operator], Kind::UserCanceled, By::Operator, "it was taken back"),
    row(RINGING, &[], &[Cause::CarrierDropped], NOT_SET_UP, By::System, "it could not be set up"),
    row(ANY, &[], &[Cause::Operator], Kind::OperatorEnded, By::Operator, "whatever was going on"),
    row(ANY, &[], &[Cause::Limit], Kind::MaxDuration, By::System, "whatever was going on"),
    row(ANY, &[], &[Cause::Drain], Kind::Drained, By::System, "whatever was going on"),
    row(ANY, &[], &[Cause::Connected], Kind::Transferred, By::Agent, "somebody else talks"),
    row(ANY, &[], &[Cause::TransferLost], STRANDED, By::System, "no stream to return to"),
    row(TRANSFER, &[], &[Cause::MediaLost], STRANDED, By::System, "no stream to return to"),
    row(ANY, &[], &[Cause::MediaLost], Kind::MediaLost, By::System, "the carrier sends nothing"),
    row(LEFT, &[], &[], Kind::VoicemailMessageLeft, By::Agent, "it heard all, whoever hangs up"),
    row(MESSAGE, &[], HUNG_UP, Kind::VoicemailCutOff, By::Caller, "it did not wait for the end"),
    row(MACHINE, &[], HUNG_UP, Kind::Voicemail, By::Caller, "the machine hung up"),
    row(MACHINE, &[], &[], Kind::Voicemail, By::Agent, "no message was left"),
    row(MESSAGE, &[], &[], Kind::Voicemail, By::Agent, "no message was left"),
    row(ANY, &[], &[Cause::Machine], Kind::Voicemail, By::Agent, "no message was left"),
    row(MENU, &[], HUNG_UP, Kind::IvrFailed, By::Caller, "the menu hung up"),
    row(ANY, &[], &[Cause::Menu], Kind::IvrFailed, By::Agent, "no way through the menu"),
    row(SCREEN, &[], HUNG_UP, Kind::ScreeningRefused, By::Caller, "nobody wanted the call"),
    row(ANY, &[], &[Cause::EndCondition], CUSTOM, By::Agent, "a condition beats farewells"),
    row(ANY, CALLER, HUNG_UP, Kind::HumanGoodbye, By::Caller, "the caller said goodbye first"),
    row(ANY, AGENT, HUNG_UP, Kind::AgentGoodbye, By::Caller, "the agent said goodbye first"),
    row(ANY, CALLER, ENDED, Kind::HumanGoodbye, By::Agent, "the caller said goodbye first"),
    row(ANY, &[], &[Cause::Farewell], Kind::AgentGoodbye, By::Agent, "the agent said so first"),
    row(ANY, AGENT, ENDED, Kind::AgentGoodbye, By::Agent, "the agent said goodbye first"),
    row(ANY, &[], &[Cause::EndCall], Kind::AgentEnded, By::Agent, "ended without a farewell"),
    row(ANY, &[], &[Cause::Idle], Kind::IdleTimeout, By::Agent, "nobody said anything"),
    row(ANY, &[], &[Cause::CallerHungUp], CUT_OFF, By::Caller, "without a farewell"),
    row(ANY, &[], &[Cause::CarrierDropped], Kind::Undefined, By::System, "nobody knows"),
];

const ANY: &[Phase] = &[];
const RINGING: &[Phase] = &[Phase::Unanswered];
const TRANSFER: &[Phase] = &[Phase::Transferring];
const MACHINE: &[Phase] = &[Phase::Machine];
const MESSAGE: &[Phase] = &[Phase::Message];
const LEFT: &[Phase] = &[Phase::MessageLeft];
const EXCUSE: &[Phase] = &[Phase::Excuse];
const MENU: &[Phase] = &[Phase::Menu];
const SCREEN: &[Phase] = &[Phase::Screening];
const CALLER: &[Farewells] = &[Farewells::CallerFirst, Farewells::Caller];
const AGENT: &[Farewells] = &[Farewells::AgentFirst, Farewells::Agent];
const HUNG_UP: &[Cause] = &[Cause::CallerHungUp, Cause::CarrierDropped];
const ENDED: &[Cause] = &[Cause::EndCall, Cause::Farewell];
const FAILED: Kind = Kind::Failed(FailedStage::Engine);
const NOT_SET_UP: Kind = Kind::Failed(FailedStage::Carrier);
const STRANDED: Kind = Kind::Failed(FailedStage::Transfer);
const CUSTOM: Kind = Kind::Custom(String::new());
const CUT_OFF: Kind = Kind::HumanPickUpCutOff;

const fn row(
    phases: &'static [Phase],
    farewells: &'static [Farewells],
    causes: &'static [Cause],
    kind: Kind,
    who: By,
    why: &'static str,
) -> Row {
    Row { phases, farewells, causes, kind, who, why }
}
