//! House rules that no lint holds: lengths, names, module docs, documented configuration.

use crate::source_tree::{SourceFile, files};

/// A file above this is more than one thing. Unit tests at its end do not count.
const FILE_LINES_MAX: usize = 800;
const LINE_COLUMNS_MAX: usize = 100;
/// Names that say nothing about what a file defines.
const EMPTY_NAMES: [&str; 6] = ["utils", "util", "helpers", "helper", "common", "manager"];
const UNFINISHED: [&str; 5] = ["TODO", "FIXME", "XXX", "todo!(", "unimplemented!("];
/// The last word of an integer key in the configuration is its unit.
const UNITS: [&str; 9] =
    ["_ms", "_s", "_hz", "_bytes", "_count", "_db", "_percent", "_permille", "_bits"];

#[test]
fn sources_keep_the_house_rules() {
    let sources = files(&["crates", "benches", "tests"], "rs");
    assert!(sources.len() > 10, "the tree was not found");
    let faults: Vec<String> = sources.iter().flat_map(source_faults).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_configuration_key_is_documented() {
    // Plans and voices are documents like scenarios; their fields are documented at their types.
    let is_document = |path: &str| path.starts_with("config/sim/") || path == "config/voices.toml";
    let mut files = files(&["config"], "toml");
    files.retain(|file| !is_document(&file.path));
    let faults: Vec<String> = files.iter().flat_map(config_faults).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn the_checks_find_what_they_look_for() {
    let source = |path: &str, text: &str| SourceFile { path: path.into(), text: text.into() };
    let faults = |path: &str, text: &str| source_faults(&source(path, text)).len();
    assert_eq!(faults("crates/a/src/b.rs", "//! Defines b.\n"), 0);
    assert_eq!(faults("crates/a/src/b.rs", "fn b() {}\n"), 1);
    assert_eq!(faults("crates/a/src/utils.rs", "//! Defines b.\n"), 1);
    assert_eq!(faults("crates/a/src/b.rs", &format!("//! {}\n", "b ".repeat(50))), 1);
    assert_eq!(faults("crates/a/src/b.rs", &format!("//! B.\n// {} later\n", "TODO")), 1);
    let long = "//! B.\n".to_owned() + &"fn b() {}\n".repeat(FILE_LINES_MAX);
    assert_eq!(faults("crates/a/src/b.rs", &long), 1);
    let tested = "//! B.\n#[cfg(test)]\nmod tests {\n".to_owned() + &"\n".repeat(FILE_LINES_MAX);
    assert_eq!(faults("crates/a/src/b.rs", &tested), 0);

    let config = |text: &str| config_faults(&source("config/default.toml", text)).len();
    assert_eq!(config("# Time. Default 5. Shorter: x. Longer: y.\nwait_ms = 5\n"), 0);
    assert_eq!(config("wait_ms = 5\n"), 1);
    assert_eq!(config("# Time. Shorter: x.\nwait = 5\n"), 1);
}

fn source_faults(file: &SourceFile) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |line: usize, what: &str| faults.push(format!("{}:{line}: {what}", file.path));
    if !file.text.starts_with("//!") {
        fault(1, "a file begins with a //! line that says what it defines");
    }
    let stem = file.path.rsplit('/').next().and_then(|name| name.split('.').next());
    if stem.is_some_and(|stem| EMPTY_NAMES.contains(&stem)) {
        fault(1, "a file is named after the noun it defines");
    }
    let code = file.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = code.lines().count();
    if lines > FILE_LINES_MAX {
        fault(lines, &format!("more than {FILE_LINES_MAX} lines: split it by what it defines"));
    }
    let is_this_file = file.path == "tests/tidy.rs";
    for (index, line) in file.text.lines().enumerate() {
        if line.chars().count() > LINE_COLUMNS_MAX && !is_unbreakable(line) {
            fault(index + 1, &format!("more than {LINE_COLUMNS_MAX} columns"));
        }
        if !is_this_file && UNFINISHED.iter().any(|word| line.contains(word)) {
            fault(index + 1, "unfinished business");
        }
    }
    faults
}

/// A line whose length lies in one long token: a literal message of a wire protocol, a hash, an
/// address.
fn is_unbreakable(line: &str) -> bool {
    line.split_whitespace().any(|token| token.chars().count() > 60) || line.contains("r#\"{")
}

fn config_faults(file: &SourceFile) -> Vec<String> {
    let mut faults = Vec::new();
    let mut is_documented = false;
    for (index, line) in file.text.lines().enumerate() {
        let line = line.trim();
        let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) else {
            is_documented = line.starts_with('#');
            continue;
        };
        let key = key.trim();
        if !is_documented {
            faults.push(format!("{}:{}: {key} has no comment", file.path, index + 1));
        }
        let is_integer = value.trim().parse::<i64>().is_ok();
        if is_integer && !UNITS.iter().any(|unit| key.ends_with(unit)) {
            faults.push(format!("{}:{}: {key} does not end in its unit", file.path, index + 1));
        }
        is_documented = false;
    }
    faults
}
