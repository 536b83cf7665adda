//! An agent's document as a file.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use offhook_session::{SessionConfig, Sounds};
use offhook_text::prompt::CallFacts;
use offhook_types::SampleRate;
use offhook_types::agent::{AgentDocument, CallOverrides, Direction};

/// Reads a document; what is wrong with it is told at once, problem by problem.
pub(crate) fn read(path: &Path) -> Result<AgentDocument> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
    AgentDocument::from_json(&text).or_else(|problems| {
        let mut report = format!("{shown} has {} problem(s)", problems.len());
        for problem in &problems {
            // A text takes any line.
            let _ = write!(report, "\n  {problem}");
        }
        bail!(report)
    })
}

/// The agent for a call of now of which nothing else is known, on an 8 kHz line.
pub(crate) fn session(document: &AgentDocument, overrides: &CallOverrides) -> SessionConfig {
    let mut document = document.clone();
    overrides.apply_to(&mut document);
    let mut sounds = Sounds::new(SampleRate::HZ_8000);
    SessionConfig::of_document(&document, &facts(overrides), SEED, &mut sounds)
}

/// What is known of a call that this command line makes.
pub(crate) fn facts(overrides: &CallOverrides) -> CallFacts {
    let mut facts = CallFacts::new("local".to_owned(), Direction::Inbound, now_unix_s());
    facts.variables = overrides.variables.clone();
    facts
}

#[expect(clippy::disallowed_methods, reason = "a prompt tells the time of the wall")]
fn now_unix_s() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

const SEED: u64 = 1;
