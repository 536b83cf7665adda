//! Pure crates touch no clock, socket, file, thread, environment or ambient randomness.

use crate::source_tree::files;

const PURE_CRATES: [&str; 9] = [
    "types",
    "audio",
    "telephony",
    "emulator",
    "conversation",
    "text",
    "session",
    "sim",
    "platforms",
];

/// What a pure crate must not name, outside its tests.
const IMPURE: [&str; 16] = [
    "std::net",
    "std::fs",
    "std::env",
    "std::process",
    "std::thread",
    "std::io::",
    "Instant",
    "SystemTime",
    "Mutex",
    "RwLock",
    "RandomState",
    "thread_rng",
    "rand::rng",
    "OsRng",
    "tokio",
    "async fn",
];

#[test]
fn pure_crates_name_nothing_impure() {
    let mut faults = Vec::new();
    for name in PURE_CRATES {
        for file in files(&[&format!("crates/{name}/src")], "rs") {
            let code = file.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            for (index, line) in code.lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                for word in IMPURE.iter().filter(|word| code.contains(**word)) {
                    faults.push(format!("{}:{}: {word}", file.path, index + 1));
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
