//! How well tones are heard: sweeps against the limits of the standards, and what speech and music
//! are mistaken for.
//!
//! `cargo bench --bench accuracy_tones [-- --quick] [--where]` prints tables in Markdown; `--where`
//! names the recordings in which something was heard that is not there. The sweeps are synthetic
//! and seeded. The recordings are those of Debian packages, read where they are installed; without
//! them that part is left out.
#![expect(clippy::print_stdout, reason = "a report on standard output is all this program makes")]

mod dtmf;
mod dtmf_conditions;
mod progress;
mod recordings;
mod signal;

fn main() {
    let is_quick = std::env::args().any(|argument| argument == "--quick");
    dtmf::report(is_quick);
    progress::run(is_quick);
}
