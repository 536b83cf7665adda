//! The inputs that fuzzing found worth keeping, replayed: none may panic.

#[path = "fuzz/bodies.rs"]
mod bodies;

use std::fs;

use crate::source_tree::root;

#[test]
fn no_input_of_the_corpora_panics() {
    for (name, body) in bodies::TARGETS {
        let folder = root().join("tests/fuzz/corpus").join(name);
        let entries = fs::read_dir(&folder).expect("each target has a corpus");
        let mut replayed = 0;
        for entry in entries {
            let bytes = fs::read(entry.expect("the folder is readable").path()).expect("a file");
            body(&bytes);
            replayed += 1;
        }
        assert!(replayed >= 10, "{name}: {replayed} inputs");
    }
}
