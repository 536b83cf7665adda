//! Conversions of AgentPhone that look at more than one field.

use serde_json::{Value, json};

use crate::path::value;
use crate::special::{
    Special, export_message, import_message, import_only_transfer, sensitivity_of, set, text,
};

pub(crate) const SPECIALS: &[Special] = &[
    Special { name: "first words", import: import_first, export: export_first },
    Special { name: "first words of a call", import: import_greeting, export: export_greeting },
    Special {
        name: "message or none",
        import: |theirs, ours, _| import_message(theirs, ours, "voicemailMessage"),
        export: |ours, theirs| export_message(ours, theirs, "voicemailMessage"),
    },
    Special {
        name: "only transfer",
        import: |theirs, ours, _| import_only_transfer(theirs, ours, "transferNumber"),
        export: export_transfer,
    },
    Special { name: "sensitivity", import: import_sensitivity, export: export_sensitivity },
    Special { name: "words while it runs", import: import_while, export: export_while },
    Special {
        name: "screening",
        import: |theirs, ours, _| import_screening(theirs, ours, "screening"),
        export: |ours, theirs| export_screening(ours, theirs, "screening"),
    },
    Special {
        name: "screening of a call",
        import: |theirs, ours, _| import_screening(theirs, ours, "overrides.screening"),
        export: |ours, theirs| export_screening(ours, theirs, "overrides.screening"),
    },
    Special { name: "instructions of a call", import: import_prompt, export: export_prompt },
    Special { name: "attached numbers", import: import_numbers, export: |_, _| {} },
];

/// Without first words the agent waits (inferred, not documented).
fn import_first(theirs: &Value, ours: &mut Value, _: usize) {
    match text(theirs, "beginMessage") {
        Some(words) => set(ours, "opening", json!({"mode": "static", "text": words})),
        None => set(ours, "opening", json!({"mode": "wait"})),
    }
}

fn export_first(ours: &Value, theirs: &mut Value) {
    if let Some(words) = text(ours, "opening.text") {
        set(theirs, "beginMessage", words);
    }
}

/// What a call is opened with is said as soon as it is answered.
fn import_greeting(theirs: &Value, ours: &mut Value, _: usize) {
    if let Some(words) = text(theirs, "initialGreeting") {
        set(ours, "overrides.greeting", words);
        set(ours, "overrides.opening_mode", "static");
    }
}

fn export_greeting(ours: &Value, theirs: &mut Value) {
    if let Some(words) = text(ours, "overrides.greeting") {
        set(theirs, "initialGreeting", words);
    }
}

fn export_transfer(ours: &Value, theirs: &mut Value) {
    if let Some(target) = text(ours, "transfers[0].target") {
        set(theirs, "transferNumber", target);
    }
}

fn import_sensitivity(theirs: &Value, ours: &mut Value, _: usize) {
    let default = json!(SENSITIVITY);
    let given = value(theirs, "interruptionSensitivity").unwrap_or(&default);
    set(ours, "turn.interrupt.sensitivity", given.clone());
}

/// Never is a sensitivity there, and so is what would be a count of words.
fn export_sensitivity(ours: &Value, theirs: &mut Value) {
    let Some(interrupt) = value(ours, "turn.interrupt") else { return };
    let words = interrupt["min_words"].as_u64().unwrap_or_default();
    let given = match interrupt["sensitivity"].as_f64() {
        _ if interrupt["enabled"] == false => 0.0,
        Some(given) if words > 0 => given.min(sensitivity_of(words)),
        Some(given) => given,
        None => return,
    };
    if given != SENSITIVITY {
        set(theirs, "interruptionSensitivity", given);
    }
}

fn import_while(theirs: &Value, ours: &mut Value, _: usize) {
    let speaks = value(theirs, "speakDuringExecution") == Some(&json!(true));
    if let Some(words) = text(theirs, "executionMessage").filter(|_| speaks) {
        set(ours, "say_while", words);
    }
}

fn export_while(ours: &Value, theirs: &mut Value) {
    if let Some(words) = text(ours, "say_while") {
        set(theirs, "speakDuringExecution", true);
        set(theirs, "executionMessage", words);
    }
}

/// A purpose alone is given by the agent's name; an identity alone is not used.
fn import_screening(theirs: &Value, ours: &mut Value, at: &str) {
    let Some(purpose) = text(theirs, "callScreeningPurpose") else { return };
    let identity = text(theirs, "callScreeningIdentity").or_else(|| text(theirs, "name"));
    if let Some(identity) = identity {
        set(ours, at, json!({"identity": identity, "purpose": purpose}));
    }
}

fn export_screening(ours: &Value, theirs: &mut Value, at: &str) {
    let Some(screening) = value(ours, at) else { return };
    for (member, name) in
        [("identity", "callScreeningIdentity"), ("purpose", "callScreeningPurpose")]
    {
        if let Some(words) = text(screening, member) {
            set(theirs, name, words);
        }
    }
}

/// Instructions for a call have the hosted model answer it, whoever answers otherwise.
fn import_prompt(theirs: &Value, ours: &mut Value, _: usize) {
    if let Some(prompt) = text(theirs, "systemPrompt") {
        set(ours, "overrides.prompt", prompt);
        set(ours, "overrides.brain_mode", "llm");
    }
}

fn export_prompt(ours: &Value, theirs: &mut Value) {
    if let Some(prompt) = text(ours, "overrides.prompt") {
        set(theirs, "systemPrompt", prompt);
    }
}

/// Numbers have ids and states of their own there, which only the platform can give.
fn import_numbers(theirs: &Value, ours: &mut Value, _: usize) {
    let numbers = value(theirs, "numbers").and_then(Value::as_array);
    let numbers = numbers.into_iter().flatten().map(|number| number["phoneNumber"].clone());
    let numbers: Vec<Value> = numbers.filter(Value::is_string).collect();
    if !numbers.is_empty() {
        set(ours, "numbers", numbers);
    }
}

const SENSITIVITY: f64 = 0.8;
