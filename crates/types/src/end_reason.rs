//! Why a call ended.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Why a call ended: exactly one per call, decided by rule from what happened, with the evidence
/// for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndReason {
    /// What ended it.
    #[serde(flatten)]
    pub kind: EndKind,
    /// Who ended it.
    pub who: EndedBy,
    /// What was observed, in order of time.
    pub evidence: Vec<Evidence>,
}

/// What ended a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "detail", rename_all = "snake_case")]
pub enum EndKind {
    /// A machine answered and no message was left; also a full mailbox.
    Voicemail,
    /// A machine answered and heard the whole message.
    VoicemailMessageLeft,
    /// A machine answered and the line dropped inside the message.
    VoicemailCutOff,
    /// Farewells were exchanged and the caller said goodbye first.
    HumanGoodbye,
    /// Farewells were exchanged and the agent said goodbye first.
    AgentGoodbye,
    /// The caller's line dropped without a farewell.
    HumanPickUpCutOff,
    /// The agent ended the call by its own decision, without one of the configured conditions.
    AgentEnded,
    /// One of the agent's configured end conditions, in its words.
    Custom(String),
    /// The call reached its longest permitted duration.
    MaxDuration,
    /// Nobody said anything for the configured time.
    IdleTimeout,
    /// The caller was handed to somebody else.
    Transferred,
    /// A call-screening service or person refused the call.
    ScreeningRefused,
    /// A telephone menu could not be passed.
    IvrFailed,
    /// The call was cancelled before it was answered.
    UserCanceled,
    /// An operator hung up.
    OperatorEnded,
    /// The worker was shut down and the call did not finish in time.
    Drained,
    /// Nobody answered.
    NoAnswer,
    /// The line was busy.
    Busy,
    /// The carrier's media stopped and did not come back.
    MediaLost,
    /// A part of the engine or a provider failed with no fallback left.
    Failed(FailedStage),
    /// Nothing above fits what was observed.
    Undefined,
}

/// The part of a call that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailedStage {
    /// Dialling or answering at the carrier.
    Carrier,
    /// The media stream: it never started, or broke the protocol.
    Media,
    /// Speech-to-text.
    Stt,
    /// The language model.
    Llm,
    /// Text-to-speech.
    Tts,
    /// A transfer that could not return to the conversation.
    Transfer,
    /// The engine itself.
    Engine,
}

/// Who ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// The person or machine at the other end.
    Caller,
    /// The agent, by a rule of its document or a decision of its model.
    Agent,
    /// The engine, the carrier or a provider.
    System,
    /// A person or program through the control interface.
    Operator,
}

/// One observation that a decision rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// When it was observed.
    #[serde(rename = "at_us")]
    pub at: Timestamp,
    /// The rule that took note of it.
    pub rule: Cow<'static, str>,
    /// What was seen: "340 ms voiced, 2 words, sensitivity 0.8".
    pub observed: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_reason_reads_as_plain_json() {
        let reason = EndReason {
            kind: EndKind::Failed(FailedStage::Stt),
            who: EndedBy::System,
            evidence: vec![Evidence {
                at: Timestamp::from_millis(1_500),
                rule: Cow::Borrowed("no_fallback_left"),
                observed: "2 providers tried".to_owned(),
            }],
        };
        let json = serde_json::to_string(&reason).unwrap();
        assert_eq!(
            json,
            r#"{"kind":"failed","detail":"stt","who":"system","evidence":[{"at_us":1500000,"rule":"no_fallback_left","observed":"2 providers tried"}]}"#
        );
        assert_eq!(serde_json::from_str::<EndReason>(&json).unwrap(), reason);
    }
}
