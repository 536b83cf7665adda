//! The fields of the platforms, from lists that were written without the tables.

use std::path::{Path, PathBuf};

use offhook_platforms::Platform;

/// A field as its platform documents it.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// Its name; a `*` marks what their API requires.
    pub(crate) name: &'static str,
    /// What it can be: `int 0..5`, `words a|b`.
    pub(crate) kind: &'static str,
    /// The documents that founded this project state it.
    pub(crate) is_seed: bool,
}

/// Every field of a platform.
pub(crate) fn fields(platform: Platform) -> Vec<Field> {
    let list = match platform {
        Platform::Synthflow => include_str!("../fields/synthflow.txt"),
        Platform::AgentPhone => include_str!("../fields/agentphone.txt"),
        Platform::Revox => include_str!("../fields/revox.txt"),
    };
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    let fields = lines.map(|line| {
        let (name, kind) = line.split_once(" | ").expect("name | kind");
        let seed = kind.strip_suffix(" | seed");
        Field { name, kind: seed.unwrap_or(kind), is_seed: seed.is_some() }
    });
    fields.collect()
}

/// A file of the repository.
pub(crate) fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}
