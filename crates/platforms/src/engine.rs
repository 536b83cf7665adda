//! Runs a table: every section in order, every row of it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::base::Base;
use crate::convert::{self, Convert};
use crate::path;
use crate::special::{self, Special};
use crate::table::{Object, Platform, Row, Section, Table};

/// What a document of theirs says, as a sparse document of ours.
pub(crate) fn import(platform: Platform, object: Object, theirs: &Value) -> Value {
    let mut ours = Value::Object(Map::new());
    for section in platform.table().sections(object) {
        import_section(platform, section, theirs, &mut ours);
    }
    ours
}

/// What a document of ours says, as a document of theirs. What is their default is left out.
pub(crate) fn export(platform: Platform, object: Object, ours: &Value) -> Value {
    let mut theirs = Value::Object(Map::new());
    let mut exported = BTreeSet::new();
    for section in platform.table().sections(object) {
        export_section(platform, section, ours, &mut theirs, &mut exported);
    }
    theirs
}

fn import_section(platform: Platform, section: &Section, theirs: &Value, ours: &mut Value) {
    let (at, into) = (Base::parse(&section.at), Base::parse(&section.into));
    let empty = Value::Object(Map::new());
    let found = match &at.within {
        None => path::value(theirs, &at.path).or(into.path.is_empty().then_some(&empty)),
        Some(_) => path::value(theirs, &at.path),
    };
    let Some(found) = found else { return };
    let entries: Vec<&Value> = match &at.within {
        None => vec![found],
        Some(within) => {
            let entries = found.as_array().into_iter().flatten();
            entries.filter_map(|entry| path::value(entry, within)).collect()
        }
    };
    for (index, entry) in entries.into_iter().enumerate().filter(|(_, entry)| entry.is_object()) {
        let place = path::place(ours, &into.path);
        let place = match into.within {
            None => place,
            Some(_) => appended(place),
        };
        if place.is_null() {
            *place = Value::Object(Map::new());
        }
        for (name, value) in &section.when {
            *path::place(place, name) = value.clone();
        }
        for row in &section.rows {
            import_row(platform, row, entry, place, index);
        }
        if into.within.is_none() {
            break;
        }
    }
}

fn import_row(platform: Platform, row: &Row, theirs: &Value, ours: &mut Value, index: usize) {
    let Some(target) = row.target() else { return };
    match Conversion::of(platform, row) {
        Some(Conversion::Special(special)) => (special.import)(theirs, ours, index),
        Some(Conversion::Value(convert)) => {
            let given = path::value(theirs, row.at()).or(row.default.as_ref());
            if let Some(value) = given.and_then(|given| convert.ours(given)) {
                *path::place(ours, target) = value;
            }
        }
        None => {}
    }
}

fn export_section(
    platform: Platform,
    section: &Section,
    ours: &Value,
    theirs: &mut Value,
    exported: &mut BTreeSet<(String, usize)>,
) {
    let (at, into) = (Base::parse(&section.at), Base::parse(&section.into));
    let Some(found) = path::value(ours, &into.path) else { return };
    let entries: Vec<&Value> = match into.within {
        None => vec![found],
        Some(_) => found.as_array().into_iter().flatten().collect(),
    };
    for (index, entry) in entries.into_iter().enumerate() {
        let is_meant = section.when.iter().all(|(name, value)| {
            entry.pointer(&format!("/{}", name.replace('.', "/"))) == Some(value)
        });
        let is_new = into.within.is_none() || !exported.contains(&(into.path.clone(), index));
        if !is_meant || !is_new {
            continue;
        }
        exported.insert((into.path.clone(), index));
        let mut made = match at.within {
            None => path::value(theirs, &at.path).cloned(),
            Some(_) => None,
        }
        .unwrap_or_else(|| Value::Object(Map::new()));
        for row in &section.rows {
            export_row(platform, row, entry, &mut made);
        }
        match &at.within {
            None if made == Value::Object(Map::new()) => {}
            None => *path::place(theirs, &at.path) = made,
            Some(within) => {
                *path::place(appended(path::place(theirs, &at.path)), within) = made;
            }
        }
    }
}

fn export_row(platform: Platform, row: &Row, ours: &Value, theirs: &mut Value) {
    let Some(target) = row.target() else { return };
    match Conversion::of(platform, row) {
        Some(Conversion::Special(special)) => (special.export)(ours, theirs),
        Some(Conversion::Value(convert)) => {
            let value = path::value(ours, target).and_then(|value| convert.theirs(value));
            let value = value.map(|value| within(row, value));
            if let Some(value) = value.filter(|value| !is_default(row, value)) {
                *path::place(theirs, row.at()) = value;
            }
        }
        None => {}
    }
}

enum Conversion {
    Value(Convert<'static>),
    Special(&'static Special),
}

impl Conversion {
    fn of(platform: Platform, row: &Row) -> Option<Self> {
        let table: &'static Table = platform.table();
        match Convert::named(table, row.by.as_deref()) {
            Some(convert) => Some(Self::Value(convert)),
            None => special::named(platform, row.by.as_deref()?).map(Self::Special),
        }
    }
}

/// The nearest value that the platform takes.
fn within(row: &Row, value: Value) -> Value {
    match (row.range, value.as_f64()) {
        (Some([least, _]), Some(number)) if number < least => convert::number(least, false),
        (Some([_, most]), Some(number)) if number > most => convert::number(most, false),
        (_, _) => None,
    }
    .unwrap_or(value)
}

/// Whether a value is what the platform takes anyway. 1 and 1.0 are one number.
fn is_default(row: &Row, value: &Value) -> bool {
    let Some(default) = &row.default else { return false };
    default == value || (value.is_number() && default.as_f64() == value.as_f64())
}

fn appended(list: &mut Value) -> &mut Value {
    if !list.is_array() {
        *list = Value::Array(Vec::new());
    }
    let items = list.as_array_mut().expect("it was just made one");
    items.push(Value::Object(Map::new()));
    items.last_mut().expect("one was just pushed")
}
