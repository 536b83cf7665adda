//! Conversions of Synthflow that look at more than one field.

use serde_json::{Map, Value, json};

use crate::path::value;
use crate::special::{Special, set, text, words_of};

pub(crate) const SPECIALS: &[Special] = &[
    Special { name: "longest call", import: import_longest, export: export_longest },
    Special { name: "voicemail", import: import_voicemail, export: export_voicemail },
    Special { name: "words to interrupt", import: import_words, export: export_words },
    Special { name: "denoise", import: import_denoise, export: export_denoise },
    Special { name: "background noise", import: import_noise, export: export_noise },
    Special { name: "reminder", import: import_reminder, export: export_reminder },
    Special { name: "plain end reasons", import: import_reasons, export: |_, _| {} },
    Special { name: "closing of a reason", import: import_closing, export: export_closing },
    Special { name: "hook before the answer", import: import_hook, export: export_hook },
    Special { name: "calendar", import: import_calendar, export: export_calendar },
    Special { name: "transfer", import: import_transfer, export: export_transfer },
    Special { name: "availability", import: import_hours, export: export_hours },
    Special { name: "before the call", import: import_before, export: export_before },
    Special { name: "authorisation", import: import_authorisation, export: |_, _| {} },
];

fn import_longest(theirs: &Value, ours: &mut Value, _: usize) {
    let seconds = value(theirs, "max_duration.duration_seconds").and_then(Value::as_f64);
    if let Some(seconds) = seconds
        && value(theirs, "max_duration.is_enabled") != Some(&json!(false))
    {
        set(ours, "limits.max_call_ms", (seconds * 1_000.0).round() as i64);
    }
}

fn export_longest(ours: &Value, theirs: &mut Value) {
    if let Some(ms) = value(ours, "limits.max_call_ms").and_then(Value::as_u64) {
        let seconds = ms.div_ceil(1_000);
        set(theirs, "max_duration", json!({"is_enabled": true, "duration_seconds": seconds}));
    }
}

/// Without a message the line is dropped when a machine answers.
fn import_voicemail(theirs: &Value, ours: &mut Value, _: usize) {
    let message = value(theirs, "voicemail_message");
    let message = message.filter(|message| message["enabled"] == true);
    let (mode, field) = match message.and_then(|message| message["mode"].as_str()) {
        Some("prompt") => ("generated", "prompt"),
        _ => ("static", "exact_message"),
    };
    let voicemail = match message.and_then(|message| text(message, field)) {
        Some(text) => json!({"mode": mode, "text": text}),
        None => json!({"mode": "hangup"}),
    };
    set(ours, "voicemail", voicemail);
}

fn export_voicemail(ours: &Value, theirs: &mut Value) {
    let Some(voicemail) = value(ours, "voicemail") else { return };
    let (mode, field) = match voicemail["mode"].as_str() {
        Some("static") => ("exact_message", "exact_message"),
        Some("generated") => ("prompt", "prompt"),
        _ => return,
    };
    let message = json!({"enabled": true, "mode": mode, field: voicemail["text"]});
    set(theirs, "voicemail_message", message);
}

/// A count of words as text or number, or "Off".
fn import_words(theirs: &Value, ours: &mut Value, _: usize) {
    let Some(given) = value(theirs, "min_words_to_interrupt") else { return };
    if given.as_str().is_some_and(|word| word.eq_ignore_ascii_case("off")) {
        set(ours, "turn.interrupt.enabled", false);
    }
    let count = given.as_u64().or_else(|| given.as_str()?.parse().ok());
    if let Some(count) = count {
        set(ours, "turn.interrupt.min_words", count);
    }
}

/// What is a sensitivity here is a count of words there.
fn export_words(ours: &Value, theirs: &mut Value) {
    let Some(interrupt) = value(ours, "turn.interrupt") else { return };
    let sensitivity = interrupt["sensitivity"].as_f64();
    let words = interrupt["min_words"].as_u64().unwrap_or_default();
    if interrupt["enabled"] == false || sensitivity == Some(0.0) {
        set(theirs, "min_words_to_interrupt", "Off");
        return;
    }
    let count = words.max(sensitivity.map_or(0, words_of));
    if count > 0 {
        set(theirs, "min_words_to_interrupt", count.to_string());
    }
}

/// A level, whatever it is, turns on the suppression of other voices.
fn import_denoise(theirs: &Value, ours: &mut Value, _: usize) {
    let level = value(theirs, "suppression_level").and_then(Value::as_f64);
    let is_advanced = value(theirs, "noise_cancellation") == Some(&json!("advanced"));
    let mode = if is_advanced || level.is_some() { "noise_and_voices" } else { "noise" };
    set(ours, "input.denoise", mode);
    if let Some(level) = level {
        // Its range is not published and goes above 1, which is as much as ours takes.
        set(ours, "input.denoise_level", level.clamp(0.0, 1.0));
    }
}

fn export_denoise(ours: &Value, theirs: &mut Value) {
    let level = value(ours, "input.denoise_level");
    if let Some(level) = level {
        set(theirs, "suppression_level", level.clone());
    }
    if level.is_none() && value(ours, "input.denoise") == Some(&json!("noise_and_voices")) {
        set(theirs, "noise_cancellation", "advanced");
    }
}

fn import_noise(theirs: &Value, ours: &mut Value, _: usize) {
    let Some(noise) = value(theirs, "background_noise") else { return };
    let sound = noise["type"].as_str().filter(|sound| ["cafe", "office"].contains(sound));
    let is_enabled = noise["enabled"] != false;
    set(ours, "ambience.sound", sound.filter(|_| is_enabled).unwrap_or("none"));
    if let Some(percent) = noise["volume"].as_f64() {
        set(ours, "ambience.volume", percent / 100.0);
    }
}

fn export_noise(ours: &Value, theirs: &mut Value) {
    let sound = value(ours, "ambience.sound").and_then(Value::as_str);
    let Some(sound) = sound.filter(|sound| *sound != "none") else { return };
    let volume = value(ours, "ambience.volume").and_then(Value::as_f64).unwrap_or_default();
    let percent = (volume * 100.0).round() as i64;
    // Its two sounds are rooms; what is outdoors here is nearest to the louder one.
    let sound = if sound == "outdoor" { "cafe" } else { sound };
    set(theirs, "background_noise", json!({"enabled": true, "type": sound, "volume": percent}));
}

/// A reminder needs its time and its words.
fn import_reminder(theirs: &Value, ours: &mut Value, _: usize) {
    let seconds = value(theirs, "reminder_after_idle_time_seconds").and_then(Value::as_f64);
    let message = text(theirs, "reminder_after_idle_message");
    let is_on = value(theirs, "send_user_idle_reminders") == Some(&json!(true));
    if let Some(message) = message {
        set(ours, "silence.reminder_text", message);
    }
    if let (true, Some(seconds), Some(_)) = (is_on, seconds, message) {
        set(ours, "silence.reminder_ms", (seconds * 1_000.0).round() as i64);
        // Whether it repeats is not documented: it does, as long as the line is held.
        let hangup = value(theirs, "allowed_idle_time_seconds").and_then(Value::as_f64);
        let count = hangup.map_or(1.0, |hangup| (hangup / seconds).ceil() - 1.0);
        set(ours, "silence.reminder_count_max", count.clamp(1.0, 20.0) as i64);
    }
}

fn export_reminder(ours: &Value, theirs: &mut Value) {
    if let Some(message) = text(ours, "silence.reminder_text") {
        set(theirs, "reminder_after_idle_message", message);
    }
    if let Some(ms) = value(ours, "silence.reminder_ms").and_then(Value::as_u64) {
        set(theirs, "send_user_idle_reminders", true);
        set(theirs, "reminder_after_idle_time_seconds", ms.div_ceil(1_000));
    }
}

/// The older list counts only where the newer is absent.
fn import_reasons(theirs: &Value, ours: &mut Value, _: usize) {
    if value(theirs, "end_call_reasons_v2").is_some() {
        return;
    }
    let reasons = value(theirs, "end_call_reasons").and_then(Value::as_array);
    let reasons: Vec<Value> = reasons
        .into_iter()
        .flatten()
        .filter(|reason| reason.is_string())
        .map(|reason| json!({"reason": reason}))
        .collect();
    if !reasons.is_empty() {
        set(ours, "end_conditions", reasons);
    }
}

fn import_closing(theirs: &Value, ours: &mut Value, _: usize) {
    let mode = match value(theirs, "closing_message_mode").and_then(Value::as_str) {
        Some("static") => "static",
        Some("prompt") => "generated",
        // "none" has the model say goodbye, as the call's own closing does by default.
        _ => return,
    };
    let text = text(theirs, "closing_message").unwrap_or_default();
    set(ours, "closing", json!({"mode": mode, "text": text}));
}

fn export_closing(ours: &Value, theirs: &mut Value) {
    let mode = match value(ours, "closing.mode").and_then(Value::as_str) {
        Some("static") => "static",
        Some("generated") => "prompt",
        _ => "none",
    };
    set(theirs, "closing_message_mode", mode);
    if let Some(text) = text(ours, "closing.text") {
        set(theirs, "closing_message", text);
    }
}

fn import_hook(theirs: &Value, ours: &mut Value, _: usize) {
    if let Some(url) = text(theirs, "inbound_call_webhook_url") {
        set(ours, "hooks.before_answer", json!({"url": url, "method": "POST"}));
    }
}

fn export_hook(ours: &Value, theirs: &mut Value) {
    let is_post = value(ours, "hooks.before_answer.method") == Some(&json!("POST"));
    if let Some(url) = text(ours, "hooks.before_answer.url").filter(|_| is_post) {
        set(theirs, "inbound_call_webhook_url", url);
    }
}

/// Which calendar, and what it takes besides.
fn import_calendar(theirs: &Value, ours: &mut Value, _: usize) {
    let calendar = |name| value(theirs, name).and_then(Value::as_object);
    let found = CALENDARS.iter().find_map(|known| Some((known, calendar(known.0)?)));
    let Some(((_, provider, id), calendar)) = found else { return };
    let mut other = calendar.clone();
    let event = other.remove(*id).unwrap_or_default();
    set(ours, "provider", *provider);
    set(ours, "event", event.as_str().unwrap_or_default());
    set(ours, "other", other);
}

fn export_calendar(ours: &Value, theirs: &mut Value) {
    let provider = value(ours, "provider").and_then(Value::as_str);
    let known = CALENDARS.iter().find(|(_, name, _)| Some(*name) == provider);
    let Some((name, _, id)) = known else { return };
    let other = value(ours, "other").and_then(Value::as_object).cloned();
    let mut calendar: Map<String, Value> = other.unwrap_or_default();
    if let Some(event) = text(ours, "event") {
        calendar.insert((*id).to_owned(), event.into());
    }
    set(theirs, name, calendar);
}

/// A name, which theirs has not; music is the default; persons are waited for only if asked.
fn import_transfer(theirs: &Value, ours: &mut Value, index: usize) {
    set(ours, "label", format!("transfer_{}", index + 1));
    if value(theirs, "human_detection") == Some(&json!(true)) {
        let seconds = value(theirs, "human_detection_timeout_seconds").and_then(Value::as_u64);
        let timeout_ms = seconds.unwrap_or(60).saturating_mul(1_000);
        set(ours, "human_detection", json!({"timeout_ms": timeout_ms}));
    }
}

fn export_transfer(ours: &Value, theirs: &mut Value) {
    let timeout_ms = value(ours, "human_detection.timeout_ms").and_then(Value::as_u64);
    if let Some(timeout_ms) = timeout_ms {
        set(theirs, "human_detection", true);
        let seconds = timeout_ms.div_ceil(1_000).clamp(30, 1_800);
        set(theirs, "human_detection_timeout_seconds", seconds);
    }
}

fn import_hours(theirs: &Value, ours: &mut Value, _: usize) {
    let Some(given) = value(theirs, "human_availability") else { return };
    let days = given["schedule"].as_array().into_iter().flatten();
    let hours = days.flat_map(|day| {
        let weekday = day["weekday"].as_str().unwrap_or_default().to_ascii_lowercase();
        let intervals = day["interval"].as_array().into_iter().flatten();
        intervals.map(
            move |interval| json!({"day": weekday, "from": interval["from"], "to": interval["to"]}),
        )
    });
    let availability = json!({
        "enabled": given["active"] != false,
        "timezone": given["timezone"],
        "hours": hours.collect::<Vec<_>>(),
        "unavailable_text": given["unavailable_message"].as_str().unwrap_or_default(),
    });
    set(ours, "availability", availability);
}

fn export_hours(ours: &Value, theirs: &mut Value) {
    let Some(given) = value(ours, "availability") else { return };
    let hours = given["hours"].as_array().into_iter().flatten();
    let schedule = hours.map(
        |day| json!({"weekday": day["day"], "interval": [{"from": day["from"], "to": day["to"]}]}),
    );
    let mut availability = json!({
        "timezone": given["timezone"],
        "schedule": schedule.collect::<Vec<_>>(),
        "active": given["enabled"],
    });
    if let Some(text) = text(given, "unavailable_text") {
        set(&mut availability, "unavailable_message", text);
    }
    set(theirs, "human_availability", availability);
}

/// Before the call there is no model to find arguments.
fn import_before(theirs: &Value, ours: &mut Value, _: usize) {
    if value(theirs, "run_action_before_call_start") == Some(&json!(true)) {
        set(ours, "when", "before");
        if value(ours, "parameters").is_some() {
            set(ours, "parameters.required", json!([]));
        }
    }
}

fn export_before(ours: &Value, theirs: &mut Value) {
    let when = value(ours, "when").and_then(Value::as_str).unwrap_or("during");
    set(theirs, "run_action_before_call_start", when == "before");
}

/// Authorisation is a header like others here; on the way back it stays one.
fn import_authorisation(theirs: &Value, ours: &mut Value, _: usize) {
    let Some(auth) = value(theirs, "custom_auth") else { return };
    let is_header = auth["location"].as_str().is_none_or(|place| place.starts_with("header"));
    if let Some(key) = text(auth, "value").filter(|_| auth["is_needed"] == true && is_header) {
        let scheme = text(auth, "key").unwrap_or("Bearer");
        set(ours, "headers.Authorization", format!("{scheme} {key}"));
    }
}

/// Member → provider, and what names the event there.
const CALENDARS: [(&str, &str, &str); 2] =
    [("CALCOM", "calcom", "event_id"), ("GHL", "ghl", "calendar_id")];
