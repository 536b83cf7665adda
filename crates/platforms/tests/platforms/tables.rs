//! The tables against the lists of fields, the schema and the repository.

use std::collections::{BTreeMap, BTreeSet};

use offhook_platforms::{Object, Platform, Row, Section};
use offhook_types::agent::{agent_schema, order_schema};
use serde_json::Value;

use crate::fields::{fields, in_repository};

#[test]
fn every_field_has_a_place_or_a_written_reason() {
    for platform in Platform::ALL {
        let rows = rows(platform);
        for field in fields(platform) {
            let name = field.name;
            let row = rows.get(name).unwrap_or_else(|| panic!("{platform:?} {name}: no row"));
            let is_placed = row.row.ours.is_some() && row.row.effect.is_some();
            let has_reason = row.row.none.as_ref().is_some_and(|reason| reason.len() > 20);
            assert!(is_placed != has_reason, "{platform:?} {name}: a place or a reason");
        }
    }
}

#[test]
fn every_seed_field_says_where_it_takes_effect_or_why_it_has_none() {
    let mut count = 0;
    for platform in Platform::ALL {
        let rows = rows(platform);
        for field in fields(platform).into_iter().filter(|field| field.is_seed) {
            let row = rows[field.name].row;
            assert!(row.effect.is_some() || row.none.is_some(), "{}", field.name);
            count += 1;
        }
    }
    assert_eq!(count, 157, "a seed field was lost from the lists");
}

#[test]
fn every_row_is_about_a_field_that_exists() {
    for platform in Platform::ALL {
        let fields = fields(platform);
        for name in rows(platform).keys() {
            let is_listed = fields.iter().any(|field| {
                let whole = field.name.trim_end_matches('*');
                let member = name.strip_prefix(whole);
                field.name == name || member.is_some_and(|rest| rest.starts_with('.'))
            });
            assert!(is_listed, "{platform:?} {name}");
        }
    }
}

#[test]
fn every_field_of_another_is_converted_there() {
    for platform in Platform::ALL {
        let rows = rows(platform);
        for (name, Named { row, .. }) in &rows {
            let Some(with) = row.with.as_deref() else { continue };
            let converts = |row: &Row| row.with.is_none() && row.ours.is_some();
            let found = match with.strip_suffix('*') {
                Some(prefix) => {
                    rows.iter().any(|(name, it)| name.starts_with(prefix) && converts(it.row))
                }
                None => rows
                    .iter()
                    .any(|(name, it)| name.trim_end_matches('*') == with && converts(it.row)),
            };
            assert!(found, "{platform:?} {name} is said to be converted with {with}");
        }
    }
}

#[test]
fn every_place_is_one_of_the_schema() {
    for platform in Platform::ALL {
        for (name, Named { section, row }) in rows(platform) {
            let Some(ours) = &row.ours else { continue };
            let schema = match section.object {
                Object::Agent => agent_schema(),
                Object::Call => order_schema(),
                Object::Result => continue,
            };
            // Fields that another converts name their place in the whole document.
            let place = if row.with.is_some() || section.into.is_empty() {
                ours.clone()
            } else {
                format!("{}.{ours}", section.into)
            };
            assert!(
                exists(schema, &place) || exists(schema, &in_section(section, ours)),
                "{platform:?} {name}: no {place}"
            );
        }
    }
}

#[test]
fn every_effect_is_a_test_a_part_that_is_to_come_or_a_reason() {
    for platform in Platform::ALL {
        for (name, Named { row, .. }) in rows(platform) {
            let Some(effect) = &row.effect else { continue };
            if let Some(part) = effect.strip_prefix("not yet: ") {
                assert!(PARTS.contains(&part), "{platform:?} {name}: {part}");
                continue;
            }
            if let Some(reason) = effect.strip_prefix("none: ") {
                assert!(reason.len() > 20, "{platform:?} {name}: a reason");
                continue;
            }
            let (file, test) = effect.split_once('#').unwrap_or((effect, ""));
            let text = std::fs::read_to_string(in_repository(file));
            let text = text.unwrap_or_else(|error| panic!("{platform:?} {name}: {file}: {error}"));
            let is_there = test.is_empty() || text.contains(&format!("fn {test}()"));
            assert!(is_there, "{platform:?} {name}: no {test} in {file}");
        }
    }
}

#[test]
fn no_time_is_taken_over_in_another_unit() {
    for platform in Platform::ALL {
        for (name, Named { row, .. }) in rows(platform) {
            let is_time = row.ours.as_deref().is_some_and(|ours| ours.ends_with("_ms"));
            if is_time && row.by.is_none() && row.with.is_none() {
                assert!(name.to_lowercase().ends_with("ms"), "{platform:?} {name} has no unit");
            }
        }
    }
}

#[test]
fn no_field_has_two_rows() {
    for platform in Platform::ALL {
        let names: Vec<String> = named(platform).map(|(name, _)| name).collect();
        let distinct: BTreeSet<&String> = names.iter().collect();
        assert_eq!(names.len(), distinct.len(), "{platform:?}");
    }
}

pub(crate) struct Named {
    pub(crate) section: &'static Section,
    pub(crate) row: &'static Row,
}

/// Full name → row.
pub(crate) fn rows(platform: Platform) -> BTreeMap<String, Named> {
    named(platform).collect()
}

fn named(platform: Platform) -> impl Iterator<Item = (String, Named)> {
    platform.table().sections.iter().flat_map(|section| {
        section
            .rows
            .iter()
            .map(move |row| (format!("{}{}", section.names, row.name), Named { section, row }))
    })
}

/// A place of ours, seen from the whole document.
pub(crate) fn in_section(section: &Section, ours: &str) -> String {
    if section.into.is_empty() { ours.to_owned() } else { format!("{}.{ours}", section.into) }
}

/// Whether a schema has a place: `retry.windows[].from`.
fn exists(root: &Value, place: &str) -> bool {
    let mut at = root;
    for step in place.split(['.', '[']).filter(|step| !step.is_empty()) {
        at = meant(root, at);
        at = if step.ends_with(']') { &at["items"] } else { &at["properties"][step] };
        if at.is_null() {
            return false;
        }
    }
    true
}

fn meant<'v>(root: &'v Value, schema: &'v Value) -> &'v Value {
    let schema = schema["anyOf"].get(0).unwrap_or(schema);
    let reference = schema["$ref"].as_str().map(|reference| reference.trim_start_matches('#'));
    reference.and_then(|pointer| root.pointer(pointer)).unwrap_or(schema)
}

/// What is not built yet.
const PARTS: [&str; 10] = [
    "API",
    "carriers",
    "jobs",
    "multi-step agents",
    "prompt",
    "providers",
    "sounds",
    "store",
    "tool runner",
    "transfers",
];
