//! Monte-Carlo plans.

use std::io::Write;
use std::path::Path;

use anyhow::Result;

use super::SimArgs;
use super::voices::Voices;

/// Whether a file is a plan and not a scenario.
pub(super) fn is_plan(text: &str) -> bool {
    text.lines().any(|line| line.trim() == "[sweep]")
}

pub(super) fn run(
    _args: &SimArgs,
    _path: &Path,
    _text: &str,
    _voices: &mut Voices,
    _out: &mut impl Write,
) -> Result<()> {
    Ok(())
}
