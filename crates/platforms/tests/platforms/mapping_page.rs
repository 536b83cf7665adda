//! The files that are written from the types and tables: `docs/agent-document.md`'s tables and the
//! JSON Schema. `OFFHOOK_WRITE=1 cargo test -p offhook-platforms` writes them.

use std::collections::BTreeMap;
use std::fs;

use offhook_platforms::{Object, Platform, Row};
use offhook_types::AgentDocument;
use offhook_types::agent::agent_schema;

use crate::fields::in_repository;

#[test]
fn the_mapping_tables_in_the_documentation_are_current() {
    let path = in_repository("docs/agent-document.md");
    let page = fs::read_to_string(&path).unwrap();
    let (text, _) = page.split_once(MARK).expect("the page has the mark");
    is_current("docs/agent-document.md", &format!("{text}{MARK}{}", tables()));
}

#[test]
fn the_json_schema_is_current() {
    let schema = serde_json::to_string_pretty(agent_schema()).unwrap();
    is_current("config/agents/schema.json", &(schema + "\n"));
}

#[test]
fn the_example_agents_are_sound() {
    let folder = fs::read_dir(in_repository("config/agents")).unwrap();
    let mut count = 0;
    for path in folder.map(|entry| entry.unwrap().path()) {
        if path.ends_with("schema.json") {
            continue;
        }
        let agent = AgentDocument::from_json(&fs::read_to_string(&path).unwrap());
        let agent = agent.unwrap_or_else(|problems| {
            let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
            panic!("{}:\n{}", path.display(), problems.join("\n"))
        });
        assert!(!agent.opening.text.is_empty() || agent.ivr.is_enabled, "{}", path.display());
        count += 1;
    }
    assert!(count >= 5, "{count} examples");
}

fn tables() -> String {
    let mut page = String::new();
    for platform in Platform::ALL {
        let table = platform.table();
        page += &format!("\n### {}\n\n{}\n", title(platform), summary(platform));
        for object in [Object::Agent, Object::Call, Object::Result] {
            page += &format!("\n{}\n\n{HEAD}", heading(object));
            for section in table.sections.iter().filter(|section| section.object == object) {
                for row in &section.rows {
                    let name = format!("{}{}", section.names, row.name);
                    let ours = match (&row.ours, section.into.is_empty() || row.with.is_some()) {
                        (Some(ours), true) => ours.clone(),
                        (Some(ours), false) => format!("{}.{ours}", section.into),
                        (None, _) => String::new(),
                    };
                    page += &line(&name, &ours, row);
                }
            }
        }
    }
    page
}

/// How many fields take effect, will, and never do.
fn summary(platform: Platform) -> String {
    let rows = platform.table().sections.iter().flat_map(|section| &section.rows);
    let (mut all, mut later) = (0, BTreeMap::<&str, usize>::new());
    let mut none = 0;
    for row in rows {
        all += 1;
        let effect = row.effect.as_deref().unwrap_or("none: ");
        if effect.starts_with("none: ") {
            none += 1;
        } else if let Some(part) = effect.strip_prefix("not yet: ") {
            *later.entry(part).or_default() += 1;
        }
    }
    let shown = all - none - later.values().sum::<usize>();
    let later: Vec<String> =
        later.iter().map(|(part, count)| format!("{part} ({count})")).collect();
    let later = later.join(", ");
    format!("{all} fields: {shown} take effect, {none} have none, the others wait for {later}.")
}

fn line(name: &str, ours: &str, row: &Row) -> String {
    let ours = if ours.is_empty() { "-".to_owned() } else { format!("`{ours}`") };
    let conversion = match (&row.with, &row.by) {
        (Some(with), _) => format!("with `{with}`"),
        (None, Some(by)) => by.clone(),
        (None, None) if row.none.is_some() => String::new(),
        (None, None) => "same".to_owned(),
    };
    let conversion = match row.range {
        Some([least, most]) => format!("{conversion}, {least} to {most}"),
        None => conversion,
    };
    let default = match (&row.default, row.assumed) {
        (Some(default), true) => format!("`{default}` (assumed)"),
        (Some(default), false) => format!("`{default}`"),
        (None, _) => String::new(),
    };
    let effect = match (&row.effect, &row.none) {
        (Some(effect), _) => effect.replace('#', ": "),
        (None, Some(reason)) => format!("none: {reason}"),
        (None, None) => String::new(),
    };
    format!("| `{name}` | {ours} | {conversion} | {default} | {effect} |\n")
}

/// Compares with the file, or writes it.
fn is_current(path: &str, text: &str) {
    let file = in_repository(path);
    if std::env::var_os("OFFHOOK_WRITE").is_some() {
        fs::write(&file, text).expect("the repository can be written");
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        found == text,
        "{path} is not current: OFFHOOK_WRITE=1 cargo test -p offhook-platforms"
    );
}

fn title(platform: Platform) -> &'static str {
    match platform {
        Platform::Synthflow => "Synthflow",
        Platform::AgentPhone => "AgentPhone",
        Platform::Revox => "Revox",
    }
}

fn heading(object: Object) -> &'static str {
    match object {
        Object::Agent => "Agent, into the agent document:",
        Object::Call => "Request for a call, into an order:",
        Object::Result => "What a call came to, from its record:",
    }
}

const MARK: &str = "<!-- Everything below is written by a test. -->\n";
const HEAD: &str = "| Theirs | Ours | Conversion | When absent | Effect |\n|---|---|---|---|---|\n";
