//! The mapping table of a platform.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

/// A public platform whose agents can be taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Platform {
    /// Synthflow, API version 2.
    Synthflow,
    /// AgentPhone (agentphone.ai), API version 1.
    AgentPhone,
    /// Revox (getrevox.com).
    Revox,
}

/// What becomes of every field of a platform.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Lists of words: name → their word → our value.
    #[serde(default)]
    pub words: BTreeMap<String, BTreeMap<String, Value>>,
    /// The fields, by where they stand.
    #[serde(rename = "section")]
    pub sections: Vec<Section>,
}

/// Fields that stand in one place of a document, or in each entry of a list.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Which document they belong to.
    pub object: Object,
    /// What the names of these fields begin with.
    #[serde(default)]
    pub names: String,
    /// Where they stand in their document: a place, `list[]`, or `list[MEMBER]`.
    #[serde(default)]
    pub at: String,
    /// Where they stand in ours.
    #[serde(default)]
    pub into: String,
    /// What our entry is told by that it came from here: names and values.
    #[serde(default)]
    pub when: BTreeMap<String, Value>,
    /// The fields.
    #[serde(rename = "fields")]
    pub rows: Vec<Row>,
}

/// A kind of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Object {
    /// An agent or assistant: our agent document.
    Agent,
    /// The request for a call: our order of a call.
    Call,
    /// What a call came to, and what is exchanged about it while it lasts: no document, converted
    /// by the part that answers it.
    Result,
}

/// What becomes of one field.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its name behind the section's. A `*` marks fields that their API requires.
    pub name: String,
    /// Its place in ours, seen from the section's.
    #[serde(default)]
    pub ours: Option<String>,
    /// How its value is converted. Default: it is the same.
    #[serde(default)]
    pub by: Option<String>,
    /// The field whose conversion takes care of this one.
    #[serde(default)]
    pub with: Option<String>,
    /// What the platform takes when it is absent: documented, or assumed where `assumed` says so.
    #[serde(default)]
    pub default: Option<Value>,
    /// The default is our reading, no document states it.
    #[serde(default)]
    pub assumed: bool,
    /// The least and the most that the platform takes: what goes beyond is written as that.
    #[serde(default)]
    pub range: Option<[f64; 2]>,
    /// It holds a key, which does not enter a document of ours.
    #[serde(default)]
    pub secret: bool,
    /// Where it takes effect: a test or scenario that shows it, `not yet: ` and the part that will
    /// bring it, or `none: ` and the reason why a call does not depend on it.
    #[serde(default)]
    pub effect: Option<String>,
    /// Why it has no place in ours.
    #[serde(default)]
    pub none: Option<String>,
}

impl Platform {
    /// Every platform.
    pub const ALL: [Self; 3] = [Self::Synthflow, Self::AgentPhone, Self::Revox];

    /// Its name, as documents hold it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Synthflow => "synthflow",
            Self::AgentPhone => "agentphone",
            Self::Revox => "revox",
        }
    }

    /// The platform of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|platform| platform.name() == name)
    }

    /// What becomes of its fields.
    pub fn table(self) -> &'static Table {
        static TABLES: LazyLock<[Table; 3]> = LazyLock::new(|| {
            Platform::ALL.map(|platform| {
                toml::from_str(platform.source()).expect("a test reads every table")
            })
        });
        match self {
            Self::Synthflow => &TABLES[0],
            Self::AgentPhone => &TABLES[1],
            Self::Revox => &TABLES[2],
        }
    }

    const fn source(self) -> &'static str {
        match self {
            Self::Synthflow => include_str!("tables/synthflow.toml"),
            Self::AgentPhone => include_str!("tables/agentphone.toml"),
            Self::Revox => include_str!("tables/revox.toml"),
        }
    }
}

impl Table {
    /// The sections of one kind of document, in order.
    pub(crate) fn sections(&self, object: Object) -> impl Iterator<Item = &Section> {
        self.sections.iter().filter(move |section| section.object == object)
    }
}

impl Row {
    /// Where the field stands, seen from the section's place.
    pub(crate) fn at(&self) -> &str {
        self.name.trim_end_matches('*')
    }

    /// Where its value is put, if this row converts it.
    pub(crate) fn target(&self) -> Option<&str> {
        if self.with.is_some() { None } else { self.ours.as_deref() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::Convert;
    use crate::special;

    #[test]
    fn every_conversion_of_every_table_exists() {
        for platform in Platform::ALL {
            assert_eq!(Platform::from_name(platform.name()), Some(platform));
            let table = platform.table();
            for row in table.sections.iter().flat_map(|section| &section.rows) {
                let Some(by) = row.by.as_deref().filter(|_| row.target().is_some()) else {
                    continue;
                };
                let is_value = Convert::named(table, Some(by)).is_some();
                let is_special = special::named(platform, by).is_some();
                assert!(is_value != is_special, "{platform:?} {}: {by}", row.name);
            }
        }
    }
}
