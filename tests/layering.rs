//! Arrows between crates point inwards only: the manifests are read and any other arrow fails.

use std::collections::BTreeMap;
use std::process::Command;

use crate::source_tree::{files, root};

/// Crate → the crates of ours it may depend on. Only crates that exist are checked; a new crate or
/// a new arrow is an architecture change and is made here first.
const ARROWS: [(&str, &[&str]); 16] = [
    ("types", &[]),
    ("audio", &["types"]),
    ("telephony", &["types"]),
    // Not telephony: the engine and what it is tested against must not share a misreading.
    ("emulator", &["types"]),
    ("text", &["types"]),
    ("conversation", &["types", "text"]),
    ("session", &["types", "audio", "telephony", "text", "conversation"]),
    ("platforms", &["types"]),
    ("models", &["types"]),
    ("providers", &["types"]),
    ("carriers", &["types"]),
    ("engine", &["types", "telephony", "session", "providers", "models", "carriers"]),
    ("store", &["types"]),
    ("jobs", &["types", "store"]),
    ("api", &["types", "platforms", "engine", "jobs", "store"]),
    ("sim", &["types", "audio", "telephony", "emulator", "session"]),
];

/// Crates that must compile where there is no operating system.
const FREESTANDING: [&str; 6] =
    ["types", "telephony", "emulator", "conversation", "platforms", "text"];
const FREESTANDING_TARGET: &str = "wasm32-unknown-unknown";

#[test]
fn crates_depend_inwards_only() {
    let allowed: BTreeMap<_, _> = ARROWS.into_iter().collect();
    let manifests = manifests();
    assert!(manifests.contains_key("types"), "the manifests were not found");
    for (name, manifest) in &manifests {
        let arrows = allowed.get(name.as_str());
        let arrows = arrows.unwrap_or_else(|| panic!("crate {name} is not in ARROWS"));
        for target in arrows_of(manifest) {
            assert!(arrows.contains(&target.as_str()), "{name} must not depend on {target}");
        }
    }
}

#[test]
fn every_crate_is_an_explicit_workspace_member() {
    let text = std::fs::read_to_string(root().join("Cargo.toml")).expect("the root manifest");
    let workspace: toml::Table = text.parse().expect("the root manifest is TOML");
    let members = workspace["workspace"]["members"].as_array().expect("members");
    let members: Vec<&str> = members.iter().filter_map(toml::Value::as_str).collect();
    for name in manifests().keys() {
        assert!(members.contains(&format!("crates/{name}").as_str()), "{name}");
    }
    assert!(members.iter().all(|member| !member.contains('*')), "no globs");
}

#[test]
fn pure_crates_compile_without_an_operating_system() {
    if !has_target() {
        // The target's standard library is not on every machine; `purity` reads the sources as
        // well.
        return;
    }
    for name in FREESTANDING.iter().filter(|name| manifests().contains_key(**name)) {
        let status = Command::new(env!("CARGO"))
            .args(["check", "--quiet", "--locked", "--target", FREESTANDING_TARGET])
            .args(["--target-dir", "target/freestanding", "-p", &format!("offhook-{name}")])
            .current_dir(root())
            .status()
            .expect("cargo runs");
        assert!(status.success(), "{name} does not compile for {FREESTANDING_TARGET}");
    }
}

fn has_target() -> bool {
    let rustc = Command::new("rustc").args(["--print", "sysroot"]).output().expect("rustc runs");
    let sysroot = String::from_utf8(rustc.stdout).expect("a path");
    std::path::Path::new(sysroot.trim()).join("lib/rustlib").join(FREESTANDING_TARGET).is_dir()
}

/// Crate name without `offhook-` → its manifest.
fn manifests() -> BTreeMap<String, toml::Table> {
    let files = files(&["crates"], "toml");
    let manifests = files.into_iter().filter(|file| file.path.ends_with("/Cargo.toml"));
    manifests
        .map(|file| {
            let name = file.path.split('/').nth(1).expect("crates/<name>/Cargo.toml").to_owned();
            (name, file.text.parse().expect("a manifest is TOML"))
        })
        .collect()
}

/// Our crates that a manifest depends on, development dependencies included.
fn arrows_of(manifest: &toml::Table) -> Vec<String> {
    ["dependencies", "dev-dependencies", "build-dependencies"]
        .iter()
        .filter_map(|section| manifest.get(*section)?.as_table())
        .flat_map(|table| table.keys())
        .filter_map(|name| name.strip_prefix("offhook-").map(str::to_owned))
        .collect()
}
