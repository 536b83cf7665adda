//! Scenarios: calls written down with what must come of them.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use offhook_sim::{Expectation, ScenarioFile, World};

use super::voices::Voices;
use super::{SimArgs, keep, play_all};

/// Plays scenarios; gives back how many failed.
pub(super) fn run(
    args: &SimArgs,
    texts: &[(PathBuf, String)],
    voices: &mut Voices,
    out: &mut impl Write,
) -> Result<usize> {
    let mut files = Vec::new();
    for (path, text) in texts {
        let file = ScenarioFile::parse(text).with_context(|| path.display().to_string())?;
        files.push(file);
    }
    if args.keeps_a_call() && files.len() != 1 {
        let count = files.len();
        bail!("--heard, --trace and --media-trace are for a single scenario; these are {count}");
    }
    let mut scenarios = Vec::new();
    for (file, (path, _)) in files.iter().zip(texts) {
        let scenario = file.scenario(voices).with_context(|| path.display().to_string())?;
        scenarios.push((scenario, file.agent.voice.clone()));
    }
    let judge = |index: usize, world: World| {
        let kept = keep(args, &world);
        (Expectation::judge(&files[index], &world), world.duration(), kept)
    };
    let mut failed = 0;
    let mut spoken = Duration::ZERO;
    for ((wrong, duration, kept), (file, (path, _))) in
        play_all(args, scenarios, judge)?.into_iter().zip(files.iter().zip(texts))
    {
        kept?;
        spoken += duration;
        let verdict = if wrong.is_empty() { "ok    " } else { "FAILED" };
        writeln!(out, "{verdict} {} ({:.1} s)", file.claim, duration.as_secs_f64())?;
        if !wrong.is_empty() {
            failed += 1;
            for wrong in &wrong {
                writeln!(out, "    {wrong}")?;
            }
            writeln!(out, "    again: offhook sim {} --trace call.jsonl", path.display())?;
        }
    }
    let seconds = spoken.as_secs_f64();
    writeln!(out, "{} scenarios, {failed} failed, {seconds:.0} s of calls", files.len())?;
    Ok(failed)
}
