//! Conversions of Revox that look at more than one field.

use serde_json::{Map, Value, json};

use crate::engine;
use crate::path::value;
use crate::special::{
    ONLY_LABEL, Special, export_message, import_message, import_only_transfer, set, text,
};
use crate::table::{Object, Platform};

pub(crate) const SPECIALS: &[Special] = &[
    Special { name: "model", import: import_model, export: export_model },
    Special { name: "calendar", import: import_calendar, export: export_calendar },
    Special { name: "farewell", import: import_farewell, export: export_farewell },
    Special {
        name: "message or none",
        import: |theirs, ours, _| import_message(theirs, ours, "voicemail_message"),
        export: |ours, theirs| export_message(ours, theirs, "voicemail_message"),
    },
    Special { name: "lookup before the answer", import: import_lookup, export: export_lookup },
    Special { name: "transfers", import: import_transfers, export: export_transfers },
    Special { name: "thinking sound", import: import_thinking, export: export_thinking },
    Special { name: "concurrency key", import: import_concurrency, export: export_concurrency },
    Special { name: "whole assistant", import: import_assistant, export: export_assistant },
];

fn import_model(theirs: &Value, ours: &mut Value, _: usize) {
    let Some(given) = value(theirs, "llm_model") else { return };
    let Some(model) = MODELS.iter().find(|model| given["type"] == model.kind) else { return };
    let mut llm = Map::new();
    if let Some(provider) = model.provider {
        llm.insert("provider".to_owned(), json!(provider));
    }
    for (name, member) in model.fields {
        if let Some(given) = value(given, name) {
            llm.insert((*member).to_owned(), given.clone());
        }
    }
    if model.kind == REALTIME {
        llm.insert("kind".to_owned(), json!("speech"));
    }
    set(ours, "llm", llm);
}

fn export_model(ours: &Value, theirs: &mut Value) {
    let Some(llm) = value(ours, "llm").filter(|llm| value(llm, "model").is_some()) else { return };
    let kind = if llm["kind"] == "speech" {
        REALTIME
    } else if value(llm, "base_url").is_some() {
        CUSTOM
    } else if llm["provider"] == OPENROUTER {
        OPENROUTER
    } else {
        DEDICATED
    };
    let mut given = json!({"type": kind});
    for (name, member) in MODELS.iter().filter(|it| it.kind == kind).flat_map(|it| it.fields) {
        if let Some(ours) = value(llm, member) {
            set(&mut given, name, ours.clone());
        }
    }
    set(theirs, "llm_model", given);
}

fn import_calendar(theirs: &Value, ours: &mut Value, _: usize) {
    let Some(calendly) = value(theirs, "calendly") else { return };
    let booking = json!({
        "provider": CALENDLY,
        "connection": calendly["connection_id"],
        "event": calendly["event_type_id"],
    });
    set(ours, "booking", booking);
}

fn export_calendar(ours: &Value, theirs: &mut Value) {
    let Some(booking) = value(ours, "booking").filter(|it| it["provider"] == CALENDLY) else {
        return;
    };
    let calendly = json!({
        "connection_id": booking["connection"],
        "event_type_id": booking["event"],
    });
    set(theirs, "calendly", calendly);
}

fn import_farewell(theirs: &Value, ours: &mut Value, _: usize) {
    if let Some(words) = text(theirs, "end_of_call_sentence") {
        set(ours, "closing", json!({"mode": "static", "text": words}));
    }
}

fn export_farewell(ours: &Value, theirs: &mut Value) {
    let is_static = value(ours, "closing.mode") == Some(&json!("static"));
    if let Some(words) = text(ours, "closing.text").filter(|_| is_static) {
        set(theirs, "end_of_call_sentence", words);
    }
}

/// A reply without every variable errors the call.
fn import_lookup(theirs: &Value, ours: &mut Value, _: usize) {
    if let Some(url) = text(theirs, "precall_lookup_url") {
        let hook = json!({"url": url, "method": "GET", "must_reply": true});
        set(ours, "hooks.before_answer", hook);
    }
}

fn export_lookup(ours: &Value, theirs: &mut Value) {
    let is_lookup = value(ours, "hooks.before_answer.method") == Some(&json!("GET"));
    if let Some(url) = text(ours, "hooks.before_answer.url").filter(|_| is_lookup) {
        set(theirs, "precall_lookup_url", url);
    }
}

/// A list with one mode for all, or the older single number.
fn import_transfers(theirs: &Value, ours: &mut Value, _: usize) {
    let destinations = value(theirs, "transfer_destinations").and_then(Value::as_array);
    let Some(destinations) = destinations.filter(|list| !list.is_empty()) else {
        import_only_transfer(theirs, ours, "transfer_phone_number");
        return;
    };
    let is_warm = value(theirs, "human_transfer_mode") == Some(&json!("warm"));
    let summary = value(theirs, "warm_transfer_summary_instructions").filter(|_| is_warm);
    let mode = if is_warm { "warm_with_summary" } else { "cold" };
    let transfers = destinations.iter().map(|destination| {
        json!({
            "label": destination["label"],
            "target": destination["phone_number"],
            "mode": mode,
            "summary_instructions": summary,
        })
    });
    set(ours, "transfers", transfers.collect::<Vec<_>>());
}

fn export_transfers(ours: &Value, theirs: &mut Value) {
    let transfers = value(ours, "transfers").and_then(Value::as_array);
    let Some(transfers) = transfers.filter(|list| !list.is_empty()) else { return };
    if let [only] = transfers.as_slice()
        && only["label"] == ONLY_LABEL
        && only["mode"] == "cold"
    {
        set(theirs, "transfer_phone_number", only["target"].clone());
        return;
    }
    let destinations = transfers
        .iter()
        .map(|transfer| json!({"label": transfer["label"], "phone_number": transfer["target"]}));
    set(theirs, "transfer_destinations", destinations.collect::<Vec<_>>());
    let is_warm = transfers.iter().all(|transfer| transfer["mode"] != "cold");
    set(theirs, "human_transfer_mode", if is_warm { "warm" } else { "cold" });
    if let Some(summary) = text(ours, "transfers[0].summary_instructions") {
        set(theirs, "warm_transfer_summary_instructions", summary);
    }
}

fn import_thinking(theirs: &Value, ours: &mut Value, _: usize) {
    let file = value(theirs, "thinking_sound").and_then(Value::as_str);
    let Some((_, sound)) = THINKING_SOUNDS.iter().find(|(name, _)| Some(*name) == file) else {
        return;
    };
    set(ours, "ambience.thinking.sound", *sound);
    for (name, member) in THINKING_LEVELS {
        if let Some(level) = value(theirs, name) {
            set(ours, &format!("ambience.thinking.{member}"), level.clone());
        }
    }
}

fn export_thinking(ours: &Value, theirs: &mut Value) {
    let Some(thinking) = value(ours, "ambience.thinking") else { return };
    let known = THINKING_SOUNDS.iter().find(|(_, sound)| thinking["sound"] == *sound);
    let Some((file, _)) = known else { return };
    set(theirs, "thinking_sound", *file);
    for (name, member) in THINKING_LEVELS {
        set(theirs, name, thinking[member].clone());
    }
}

fn import_assistant(theirs: &Value, ours: &mut Value, _: usize) {
    if let Some(assistant) = value(theirs, "assistant").filter(|given| given.is_object()) {
        let mut agent = engine::import(Platform::Revox, Object::Agent, assistant);
        set(&mut agent, "version", offhook_types::AGENT_VERSION);
        set(ours, "agent", agent);
    }
}

fn export_assistant(ours: &Value, theirs: &mut Value) {
    if let Some(agent) = value(ours, "agent") {
        set(theirs, "assistant", engine::export(Platform::Revox, Object::Agent, agent));
    }
}

/// The limit of a key is set at the platform; the request names the key (the member is inferred).
fn import_concurrency(theirs: &Value, ours: &mut Value, _: usize) {
    if let Some(key) = text(theirs, "concurrency.key") {
        set(ours, "concurrency_key", key);
    }
}

fn export_concurrency(ours: &Value, theirs: &mut Value) {
    if let Some(key) = text(ours, "concurrency_key") {
        set(theirs, "concurrency.key", key);
    }
}

const CALENDLY: &str = "calendly";
const CUSTOM: &str = "custom";
const DEDICATED: &str = "dedicated-instance";
const OPENROUTER: &str = "openrouter";
const REALTIME: &str = "realtime";

/// One kind of model there.
struct Model {
    kind: &'static str,
    /// Our provider, where the kind names it.
    provider: Option<&'static str>,
    /// Their field → ours.
    fields: &'static [(&'static str, &'static str)],
}

const MODELS: [Model; 4] = [
    Model { kind: DEDICATED, provider: None, fields: &[("name", "model")] },
    Model {
        kind: OPENROUTER,
        provider: Some(OPENROUTER),
        fields: &[("openrouter_model_id", "model"), ("openrouter_provider", "route")],
    },
    Model {
        kind: CUSTOM,
        provider: None,
        fields: &[("model_name", "model"), ("api_url", "base_url"), ("api_key", "api_key")],
    },
    Model {
        kind: REALTIME,
        provider: None,
        fields: &[
            ("realtime_model_id", "model"),
            ("provider", "provider"),
            ("realtime_voice_id", "voice"),
        ],
    },
];

const THINKING_SOUNDS: [(&str, &str); 7] = [
    ("keyboard-typing.ogg", "typing"),
    ("keyboard-typing2.ogg", "typing_slowly"),
    ("office-ambience.ogg", "office"),
    ("city-ambience.ogg", "city"),
    ("forest-ambience.ogg", "forest"),
    ("crowded-room.ogg", "crowd"),
    ("hold_music.ogg", "hold_music"),
];

const THINKING_LEVELS: [(&str, &str); 2] =
    [("thinking_sound_volume", "volume"), ("thinking_sound_probability", "probability")];
