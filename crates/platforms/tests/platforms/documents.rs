//! One document of each platform, and what becomes of it here.

use offhook_platforms::{Platform, Secrets, agent_from, agent_to, order_from};
use offhook_types::agent::{
    AmbienceSound, BrainMode, ClosingMode, Denoise, ExtractType, LlmKind, OpeningMode, Patience,
    SttMode, ToolWhen, VoicemailMode,
};
use offhook_types::{AgentDocument, TransferMode};
use serde_json::json;

#[test]
fn an_assistant_of_synthflow() {
    let theirs = json!({
        "type": "inbound",
        "name": "Front desk",
        "is_recording": true,
        "external_webhook_url": "https://example.com/calls",
        "max_duration": {"is_enabled": true, "duration_seconds": 1200},
        "agent": {
            "prompt": "You answer the telephone of Example Dental.",
            "greeting_message": "Hello {name}.",
            "greeting_message_mode": "human",
            "greeting_message_human_talk_timeout": 3,
            "language": "de-DE",
            "timezone": "Europe/Vienna",
            "patience_level": "high",
            "min_words_to_interrupt": "2",
            "interruption_fade_out": 5,
            "suppression_level": 1.1,
            "background_noise": {"enabled": true, "type": "cafe", "volume": 20},
            "allowed_idle_time_seconds": 12,
            "send_user_idle_reminders": true,
            "reminder_after_idle_time_seconds": 4,
            "reminder_after_idle_message": "Are you there?",
            "transcriber_speech_recognition": "high_accuracy",
            "end_call_reasons_v2": [
                {"reason": "wrong number", "closing_message_mode": "static",
                 "closing_message": "Sorry, goodbye."},
            ],
        },
        "actions": [
            {"CUSTOM_ACTION": {
                "http_mode": "POST", "url": "https://example.com/slots", "name": "find slot",
                "description": "Finds a free slot.", "run_action_before_call_start": false,
                "message_delay_time": 3, "message_delay": "One moment.", "failure_timeout": 8,
                "headers": [{"key": "Authorization", "value": "Bearer abc"}],
            }},
            {"LIVE_TRANSFER": {
                "transfer_mode": "warm_transfer_with_context", "phone": "+14155550123",
                "instructions": "The caller is angry.", "initiating_msg": "I connect you.",
                "timeout": 20,
            }},
        ],
    });
    let imported = agent_from(Platform::Synthflow, &theirs).unwrap();
    let document = &imported.document;
    assert_eq!(document.opening.mode, OpeningMode::Wait);
    assert_eq!(document.opening.wait_timeout_ms, Some(3_000));
    assert_eq!(document.opening.delay_ms, 0);
    assert_eq!(document.turn.patience, Patience::High);
    assert_eq!(document.turn.interrupt.min_words, 2);
    assert_eq!(document.turn.fade_out_ms, 100);
    assert_eq!(document.input.denoise, Denoise::NoiseAndVoices);
    assert_eq!(document.ambience.sound, AmbienceSound::Cafe);
    assert!((document.ambience.volume - 0.2).abs() < 1e-9);
    assert_eq!(document.silence.reminder_ms, Some(4_000));
    assert_eq!(document.silence.reminder_count_max, 2);
    assert_eq!(document.silence.hangup_ms, Some(12_000));
    assert_eq!(document.limits.max_call_ms, Some(1_200_000));
    assert_eq!(document.stt.mode, SttMode::Accurate);
    assert_eq!(document.voicemail.as_ref().unwrap().mode, VoicemailMode::Hangup);
    let condition = &document.end_conditions[0];
    assert_eq!(condition.closing.as_ref().unwrap().mode, ClosingMode::Static);
    let tool = &document.tools[0];
    assert_eq!((&*tool.name, tool.when), ("find_slot", ToolWhen::During));
    assert_eq!((tool.slow_ms, tool.timeout_ms), (3_000, 8_000));
    assert_eq!(document.transfers[0].mode, TransferMode::WarmWithSummary);
    assert_eq!(document.transfers[0].ring_timeout_ms, 20_000);
    assert_eq!(imported.unfit, []);
    assert_eq!(imported.secrets.len(), 1);
    // The action's name has a space, and the level is above ours.
    assert_eq!(kept(document), ["/actions/0", "/agent/suppression_level"]);
    assert_eq!(agent_to(Platform::Synthflow, document, &imported.secrets), theirs);
}

#[test]
fn an_agent_of_agentphone() {
    let theirs = json!({
        "id": "agt_1",
        "name": "Ada",
        "voiceMode": "webhook",
        "webhook": {"url": "https://example.com/turn", "timeout": 20},
        "modelTier": "max",
        "transferNumber": "+14155550123",
        "voicemailMessage": "Please call back.",
        "ambientSound": "coffee-shop",
        "maxSilenceMs": 20000,
        "interruptionSensitivity": 0.35,
        "callScreeningPurpose": "It is about your order.",
    });
    let imported = agent_from(Platform::AgentPhone, &theirs).unwrap();
    let document = &imported.document;
    assert_eq!(document.brain.mode, BrainMode::TurnWebhook);
    assert_eq!(document.brain.webhook.as_ref().unwrap().timeout_ms, 20_000);
    assert_eq!(document.opening.mode, OpeningMode::Wait);
    assert_eq!(document.transfers[0].mode, TransferMode::Cold);
    assert_eq!(document.voicemail.as_ref().unwrap().text, "Please call back.");
    assert_eq!(document.silence.hangup_ms, Some(20_000));
    assert!((document.turn.interrupt.sensitivity - 0.35).abs() < 1e-9);
    // What it takes when nothing is said counts here as well.
    assert!(document.turn.has_backchannel);
    assert_eq!(document.input.denoise, Denoise::Noise);
    assert_eq!(document.screening.as_ref().unwrap().identity, "Ada");
    // Who calls is the agent's name; the mode was stated although it is the default.
    assert_eq!(kept(document), ["/callScreeningIdentity", "/voiceMode"]);
    assert_eq!(agent_to(Platform::AgentPhone, document, &imported.secrets), theirs);
}

#[test]
fn an_assistant_of_revox() {
    let theirs = json!({
        "name": "Reminder",
        "prompt": "You remind people of appointments.",
        "first_sentence": "Hello {{first_name}}.",
        "first_sentence_mode": "static",
        "max_call_duration_secs": 90.5,
        "max_duration_end_message": "We have to stop here.",
        "end_of_call_sentence": "Goodbye!",
        "ivr_navigation_enabled": true,
        "voice": {"id": "v1", "provider": "cartesia", "speed": 1.2},
        "llm_model": {"type": "custom", "api_key": "sk-1", "api_url": "https://example.com/v1",
                      "model_name": "m"},
        "transfer_destinations": [{"label": "Sales", "phone_number": "+14155550123"}],
        "human_transfer_mode": "cold",
        "structured_output_config": [
            {"name": "size", "type": "enum", "required": true, "enum_options": ["s", "l"]},
        ],
        "call_retry_config": {
            "allowed_days": ["monday"], "call_twice_in_a_row": true, "max_retry_attempts": 2,
            "calling_windows": [{"calling_window_start_time": "09:00",
                                 "calling_window_end_time": "12:00", "retry_delay_seconds": 60}],
        },
        "slack": {"channels": [], "connection_id": "c", "outcomes": ["interested"]},
    });
    let imported = agent_from(Platform::Revox, &theirs).unwrap();
    let document = &imported.document;
    assert_eq!(document.opening.mode, OpeningMode::Static);
    assert_eq!(document.limits.max_call_ms, Some(90_500));
    assert_eq!(document.closing.text, "Goodbye!");
    assert!(document.ivr.is_enabled);
    assert_eq!(document.llm.kind, LlmKind::Text);
    assert_eq!(document.llm.base_url.as_deref(), Some("https://example.com/v1"));
    assert_eq!(document.llm.api_key.as_deref(), Some("${REVOX_LLM_MODEL_API_KEY_1}"));
    assert_eq!(document.extract[0].kind, ExtractType::Enum);
    let retry = document.retry.as_ref().unwrap();
    assert_eq!((retry.attempt_count_max, retry.windows[0].delay_ms), (2, 60_000));
    assert_eq!(kept(document), ["/slack"]);
    assert_eq!(agent_to(Platform::Revox, document, &imported.secrets), theirs);
}

#[test]
fn an_edit_counts_and_what_was_not_edited_comes_back() {
    let theirs = json!({
        "name": "Ada", "systemPrompt": "Answer.", "voiceMode": "hosted",
        "voicemailMessage": null, "voiceSpeed": 1, "unheard_of": [1],
    });
    let imported = agent_from(Platform::AgentPhone, &theirs).unwrap();
    let mut document = imported.document;
    document.voice.speed = 1.25;
    document.instructions = "Answer quickly.".to_owned();
    let back = agent_to(Platform::AgentPhone, &document, &imported.secrets);
    assert_eq!(
        back,
        json!({
            "name": "Ada", "systemPrompt": "Answer quickly.", "voiceMode": "hosted",
            "voicemailMessage": null, "voiceSpeed": 1.25, "unheard_of": [1],
        })
    );
}

#[test]
fn what_ours_cannot_hold_is_told_and_kept() {
    let theirs = json!({"name": "Ada", "prompt": "Answer.", "first_sentence_delay_ms": 9_000_000});
    let imported = agent_from(Platform::Revox, &theirs).unwrap();
    assert_eq!(imported.document.opening.delay_ms, 400);
    assert_eq!(imported.unfit[0].path, "opening.delay_ms");
    assert_eq!(agent_to(Platform::Revox, &imported.document, &imported.secrets), theirs);
}

#[test]
fn one_document_crosses_from_platform_to_platform() {
    let theirs = json!({
        "name": "Ada", "prompt": "Answer.", "first_sentence": "Hello.",
        "first_sentence_mode": "static", "max_call_duration_secs": 600,
        "voicemail_message": "Please call back.",
        "voice": {"id": "v", "provider": "cartesia", "speed": 1.4},
    });
    let document = agent_from(Platform::Revox, &theirs).unwrap().document;
    let there = agent_to(Platform::Synthflow, &document, &Secrets::new());
    assert_eq!(there["agent"]["greeting_message"], "Hello.");
    assert_eq!(there["max_duration"]["duration_seconds"], 600);
    assert_eq!(there["voicemail_message"]["exact_message"], "Please call back.");
    assert_eq!(there["agent"]["voice_speed"], 1.2, "the most that it takes");
}

#[test]
fn words_needed_to_interrupt_become_a_sensitivity_and_the_other_way_round() {
    let theirs = |count: &str| {
        let agent = json!({"prompt": "p", "min_words_to_interrupt": count});
        json!({"name": "Ada", "agent": agent})
    };
    let crossed = |count: &str| {
        let document = agent_from(Platform::Synthflow, &theirs(count)).unwrap().document;
        agent_to(Platform::AgentPhone, &document, &Secrets::new())
    };
    assert_eq!(crossed("2")["interruptionSensitivity"], 0.32);
    assert_eq!(crossed("Off")["interruptionSensitivity"], 0.0);
    assert_eq!(crossed("0").get("interruptionSensitivity"), None);

    let agent = json!({"name": "Ada", "systemPrompt": "p", "interruptionSensitivity": 0.3});
    let document = agent_from(Platform::AgentPhone, &agent).unwrap().document;
    let there = agent_to(Platform::Synthflow, &document, &Secrets::new());
    assert_eq!(there["agent"]["min_words_to_interrupt"], "2");
}

#[test]
fn requests_for_calls() {
    let order = order_from(
        Platform::Synthflow,
        &json!({"model_id": "m", "phone": "+14155550123", "name": "Ada",
                "custom_variables": ["Company: Example"], "greeting": "Hi."}),
    );
    let order = order.unwrap().document;
    assert_eq!(order.agent_id.as_deref(), Some("m"));
    let overrides = order.overrides();
    assert_eq!(overrides.variables.text("Company").as_deref(), Some("Example"));
    assert_eq!(overrides.variables.text("name").as_deref(), Some("Ada"));

    let order = order_from(
        Platform::AgentPhone,
        &json!({"agentId": "a", "toNumber": "+14155550123", "systemPrompt": "Be brief.",
                "initialGreeting": "Hello!", "modelTier": "turbo", "disableRecording": true}),
    );
    let mut agent = AgentDocument::default();
    agent.opening.mode = OpeningMode::Wait;
    order.unwrap().document.overrides().apply_to(&mut agent);
    assert_eq!((agent.opening.mode, &*agent.opening.text), (OpeningMode::Static, "Hello!"));
    assert_eq!(agent.instructions, "Be brief.");
    assert!(!agent.recording.is_enabled);

    let order = order_from(
        Platform::Revox,
        &json!({"phone_number": "+14155550123", "prompt_variables": {"a": "b"},
                "assistant": {"name": "Ada", "prompt": "Answer."}}),
    );
    assert_eq!(order.unwrap().document.agent.unwrap().instructions, "Answer.");
}

/// Pointers to what is kept of theirs, or to what ours adds.
fn kept(document: &AgentDocument) -> Vec<&str> {
    let origin = document.origin.as_ref().expect("it came from a platform");
    origin.values.keys().map(String::as_str).collect()
}
