//! Conversions that look at more than one field.

use serde_json::{Value, json};

use crate::table::Platform;
use crate::{agentphone, path, revox, synthflow};

/// A conversion that looks at more than one field of a section.
pub(crate) struct Special {
    /// What tables call it.
    pub(crate) name: &'static str,
    /// Reads theirs at the section's place, writes ours at its.
    pub(crate) import: fn(theirs: &Value, ours: &mut Value, index: usize),
    /// Reads ours, writes theirs.
    pub(crate) export: fn(ours: &Value, theirs: &mut Value),
}

/// The conversion of a name.
pub(crate) fn named(platform: Platform, name: &str) -> Option<&'static Special> {
    let specials = match platform {
        Platform::Synthflow => synthflow::SPECIALS,
        Platform::AgentPhone => agentphone::SPECIALS,
        Platform::Revox => revox::SPECIALS,
    };
    specials.iter().find(|special| special.name == name)
}

/// Sets the value at a path.
pub(crate) fn set(document: &mut Value, at: &str, value: impl Into<Value>) {
    *path::place(document, at) = value.into();
}

/// The text at a path, if it is not empty.
pub(crate) fn text<'v>(document: &'v Value, at: &str) -> Option<&'v str> {
    path::value(document, at)?.as_str().filter(|text| !text.trim().is_empty())
}

/// A message for machines that is a text or nothing: with a text it is left, without one the call
/// ends at once.
pub(crate) fn import_message(theirs: &Value, ours: &mut Value, at: &str) {
    let voicemail = match text(theirs, at) {
        Some(message) => json!({"mode": "static", "text": message}),
        None => json!({"mode": "hangup"}),
    };
    set(ours, "voicemail", voicemail);
}

/// The way back: a message that the model writes has no text of its own.
pub(crate) fn export_message(ours: &Value, theirs: &mut Value, at: &str) {
    if path::value(ours, "voicemail.mode") == Some(&json!("static"))
        && let Some(message) = text(ours, "voicemail.text")
    {
        set(theirs, at, message);
    }
}

/// One number that the caller can be handed to.
pub(crate) fn import_only_transfer(theirs: &Value, ours: &mut Value, at: &str) {
    if let Some(target) = text(theirs, at) {
        let transfer = json!({"label": ONLY_LABEL, "target": target, "mode": "cold"});
        set(ours, "transfers", json!([transfer]));
    }
}

/// The sensitivity that asks for about as much voice as a count of words does.
pub(crate) fn sensitivity_of(words: u64) -> f64 {
    let voiced_ms = words as f64 * WORD_MS;
    let sensitivity = 1.0 - (voiced_ms - LEAST_VOICED_MS) / MORE_VOICED_MS;
    (sensitivity.clamp(0.05, 1.0) * 100.0).round() / 100.0
}

/// The count of words that takes about as long as the voice that a sensitivity asks for.
pub(crate) fn words_of(sensitivity: f64) -> u64 {
    let voiced_ms = LEAST_VOICED_MS + (1.0 - sensitivity) * MORE_VOICED_MS;
    (voiced_ms / WORD_MS).floor().clamp(0.0, 5.0) as u64
}

/// A word of unhurried speech, 200 a minute (derived).
const WORD_MS: f64 = 300.0;
/// Voice that interrupts at sensitivity 1, and how much more at 0: the rules of turns.
const LEAST_VOICED_MS: f64 = 60.0;
const MORE_VOICED_MS: f64 = 800.0;

/// What the only target is called that had no name.
pub(crate) const ONLY_LABEL: &str = "human";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_sensitivity_are_about_the_same() {
        let sensitivities: Vec<f64> = (1..=4).map(sensitivity_of).collect();
        assert_eq!(sensitivities, [0.7, 0.32, 0.05, 0.05]);
        let words: Vec<u64> = [1.0, 0.8, 0.7, 0.32, 0.05].into_iter().map(words_of).collect();
        assert_eq!(words, [0, 0, 1, 2, 2]);
    }
}
