//! Agents' documents through `offhook config`, as their authors run it.

use std::path::Path;
use std::process::Command;

fn config(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_offhook"))
        .arg("config")
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("offhook starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.success(), text + &String::from_utf8_lossy(&output.stderr))
}

#[test]
fn everything_that_is_wrong_with_a_document_is_told_with_its_place() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wrong_agent.json");
    let text = r#"{
        "version": 1, "name": "Ada", "instructions": "You are Ada.",
        "turn": {"interrupt": {"sensitivity": 7}, "pacience": "low"},
        "silence": {"reminder_ms": "often"}
    }"#;
    std::fs::write(&path, text).expect("a file");
    let good = "config/agents/receptionist.json";
    let (is_fine, report) = config(&["check", good, path.to_str().expect("a path")]);
    assert!(!is_fine);
    for part in [
        "ok     config/agents/receptionist.json",
        "3 problem(s)",
        "turn.interrupt.sensitivity: 7 is given",
        "did you mean patience?",
        "silence.reminder_ms: \"often\" is given",
        "1 of 2 documents have problems",
    ] {
        assert!(report.contains(part), "{part}: {report}");
    }
}

#[test]
fn the_prompt_of_a_document_is_shown_with_its_values_and_what_has_none() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("agent.json");
    let text = r#"{"version": 1, "name": "Ada", "instructions": "Greet {{name}} of {town}."}"#;
    std::fs::write(&path, text).expect("a file");
    let (is_fine, report) =
        config(&["prompt", path.to_str().expect("a path"), "--var", "name=Bob"]);
    assert!(is_fine, "{report}");
    assert!(report.contains("Greet “Bob” of."), "{report}");
    assert!(report.contains("without a value: town"), "{report}");
}
