//! End reasons in the words of three published platforms.
//!
//! Synthflow: OpenAPI document and webhook page, read 2026-11; AgentPhone: package `agentphone`
//! 1.0.17; Revox: package `revox` 0.5.0. What a vocabulary has no word for is `None`.

use offhook_types::{EndKind, EndReason, EndedBy};

/// `end_call_reason` of Synthflow's webhook.
pub const fn synthflow_webhook_reason(reason: &EndReason) -> &'static str {
    match &reason.kind {
        EndKind::Voicemail | EndKind::VoicemailCutOff => "voicemail",
        EndKind::VoicemailMessageLeft => "voicemail_message_left",
        EndKind::HumanGoodbye => "human_goodbye",
        EndKind::AgentGoodbye => "agent_goodbye",
        EndKind::HumanPickUpCutOff | EndKind::ScreeningRefused => "human_pick_up_cut_off",
        EndKind::MaxDuration => "max_duration",
        EndKind::Custom(_) => "custom_end_call",
        EndKind::UserCanceled => "user_canceled",
        EndKind::AgentEnded
        | EndKind::IdleTimeout
        | EndKind::Transferred
        | EndKind::IvrFailed
        | EndKind::OperatorEnded
        | EndKind::Drained
        | EndKind::NoAnswer
        | EndKind::Busy
        | EndKind::MediaLost
        | EndKind::Failed(_)
        | EndKind::Undefined => "undefined",
    }
}

/// `end_call_reason` of Synthflow's `GET /calls/{id}`.
pub const fn synthflow_get_reason(reason: &EndReason) -> Option<&'static str> {
    Some(match &reason.kind {
        EndKind::Voicemail => "voicemail",
        EndKind::VoicemailCutOff => "voicemail_cut_off",
        EndKind::VoicemailMessageLeft => "voicemail_message_left",
        EndKind::HumanGoodbye | EndKind::ScreeningRefused => "human_ended_call",
        EndKind::AgentGoodbye
        | EndKind::AgentEnded
        | EndKind::Transferred
        | EndKind::IvrFailed
        | EndKind::OperatorEnded => "agent_ended_call",
        EndKind::HumanPickUpCutOff => "human_pick_up_cut_off",
        EndKind::Custom(_) => "custom_end_call",
        EndKind::UserCanceled => "user_canceled",
        EndKind::MaxDuration | EndKind::IdleTimeout => "timeout",
        EndKind::Drained | EndKind::MediaLost | EndKind::Failed(_) | EndKind::Undefined => "error",
        EndKind::NoAnswer | EndKind::Busy => return None,
    })
}

/// The series of Synthflow's `end_call_reason_stat` that counts the call.
pub const fn synthflow_analytics_reason(reason: &EndReason) -> Option<&'static str> {
    Some(match &reason.kind {
        EndKind::Voicemail | EndKind::VoicemailCutOff => "voicemail",
        EndKind::VoicemailMessageLeft => "voicemail_message_left",
        EndKind::HumanGoodbye => "human_goodbye",
        EndKind::AgentGoodbye | EndKind::AgentEnded | EndKind::Custom(_) => "agent_goodbye",
        EndKind::HumanPickUpCutOff => "human_pick_up_cut_off",
        EndKind::ScreeningRefused | EndKind::UserCanceled => "user_disconnected",
        EndKind::MaxDuration => "max_duration",
        EndKind::IdleTimeout => "idle_time_exceeded",
        EndKind::Transferred
        | EndKind::IvrFailed
        | EndKind::OperatorEnded
        | EndKind::Drained
        | EndKind::NoAnswer
        | EndKind::Busy
        | EndKind::MediaLost
        | EndKind::Failed(_)
        | EndKind::Undefined => return None,
    })
}

/// `disconnectionReason` of AgentPhone's `agent.call_ended`; null for calls that nobody answered.
pub const fn agentphone_disconnection_reason(reason: &EndReason) -> Option<&'static str> {
    match (&reason.kind, reason.who) {
        (EndKind::NoAnswer | EndKind::Busy, _) => None,
        (_, EndedBy::Caller) => Some("user_hangup"),
        (_, EndedBy::Agent | EndedBy::System | EndedBy::Operator) => Some("agent_hangup"),
    }
}

/// `end_reason` of a Revox attempt; null where the person hung up, and where its status is `error`.
pub const fn revox_end_reason(reason: &EndReason) -> Option<&'static str> {
    Some(match (&reason.kind, reason.who) {
        (EndKind::Voicemail | EndKind::VoicemailMessageLeft | EndKind::VoicemailCutOff, _) => {
            "voicemail"
        }
        (EndKind::MaxDuration, _) => "max_duration",
        (EndKind::IdleTimeout, _) => "user_inactive",
        (EndKind::Transferred, _) => "transfer",
        (EndKind::ScreeningRefused, _) => "user_rejected",
        (EndKind::IvrFailed, _) => "ivr_no_navigate",
        (EndKind::NoAnswer | EndKind::Busy, _) => "user_unavailable",
        (EndKind::Drained, _) => "participant_removed",
        (EndKind::MediaLost, _) => "connection_timeout",
        (EndKind::OperatorEnded, _) => "client_initiated",
        (EndKind::UserCanceled, EndedBy::Operator) => "client_initiated",
        (EndKind::AgentEnded | EndKind::Custom(_), _) => "tool_end_call",
        (EndKind::HumanGoodbye | EndKind::AgentGoodbye, EndedBy::Agent) => "tool_end_call",
        (
            EndKind::HumanGoodbye
            | EndKind::AgentGoodbye
            | EndKind::UserCanceled
            | EndKind::HumanPickUpCutOff
            | EndKind::Failed(_)
            | EndKind::Undefined,
            _,
        ) => return None,
    })
}

/// `ended_by` of a Revox attempt.
pub const fn revox_ended_by(reason: &EndReason) -> &'static str {
    match reason.who {
        EndedBy::Caller => "user",
        EndedBy::Agent => "agent",
        EndedBy::System | EndedBy::Operator => "system",
    }
}

/// Values of the published vocabularies that no call ends with here, and why not.
pub(super) const ABSENT: [(&str, &str, &str); 6] = [
    (
        "Synthflow, analytics",
        "goodbye_detected",
        "human_goodbye and agent_goodbye of the same vocabulary say more: who was first",
    ),
    ("Revox", "human_takeover", "a person cannot take a call over from inside the engine yet"),
    ("Revox", "speed_dial_abandoned", "no speed dial: calls are not dialled without an agent"),
    ("Revox", "speed_dial_operator_missed", "no speed dial"),
    ("Revox", "speed_dial_timeout", "no speed dial"),
    ("Revox", "speed_dial_hangup", "no speed dial"),
];

#[cfg(test)]
mod tests {
    use super::super::table::TABLE;
    use super::*;

    /// The vocabularies as they are published.
    const WEBHOOK: &str = "voicemail voicemail_message_left human_goodbye agent_goodbye \
        human_pick_up_cut_off max_duration custom_end_call user_canceled undefined";
    const GET: &str = "human_pick_up_cut_off voicemail voicemail_cut_off voicemail_message_left \
        agent_ended_call human_ended_call custom_end_call user_canceled timeout error";
    const ANALYTICS: &str = "voicemail human_goodbye agent_goodbye human_pick_up_cut_off \
        max_duration idle_time_exceeded goodbye_detected user_disconnected voicemail_message_left";
    const AGENTPHONE: &str = "user_hangup agent_hangup";
    const REVOX: &str = "client_initiated connection_timeout human_takeover ivr_no_navigate \
        max_duration participant_removed tool_end_call transfer user_inactive user_rejected \
        user_unavailable voicemail speed_dial_abandoned speed_dial_operator_missed \
        speed_dial_timeout speed_dial_hangup";

    #[test]
    fn every_published_value_is_reached_or_its_absence_is_argued() {
        let ends: Vec<EndReason> = TABLE
            .iter()
            .map(|row| EndReason { kind: row.kind.clone(), who: row.who, evidence: Vec::new() })
            .collect();
        let check = |name: &str,
                     published: &str,
                     word: &dyn Fn(&EndReason) -> Option<&'static str>| {
            for value in published.split_whitespace() {
                let is_reached = ends.iter().any(|end| word(end) == Some(value));
                let is_argued =
                    ABSENT.iter().any(|(of, absent, _)| (*of, *absent) == (name, value));
                assert!(is_reached != is_argued, "{name} {value}: reached {is_reached}");
            }
            let words = ends.iter().filter_map(word);
            let is_published = |word: &str| published.split_whitespace().any(|value| value == word);
            assert!(words.clone().all(is_published), "{name}: {:?}", words.collect::<Vec<_>>());
        };
        check("Synthflow, webhook", WEBHOOK, &|end| Some(synthflow_webhook_reason(end)));
        check("Synthflow, GET", GET, &synthflow_get_reason);
        check("Synthflow, analytics", ANALYTICS, &synthflow_analytics_reason);
        check("AgentPhone", AGENTPHONE, &agentphone_disconnection_reason);
        check("Revox", REVOX, &revox_end_reason);
        let by: std::collections::BTreeSet<_> = ends.iter().map(revox_ended_by).collect();
        assert_eq!(by.into_iter().collect::<Vec<_>>(), ["agent", "system", "user"]);
    }
}
