//! `offhook replay`: plays a decision trace again and says whether it decides the same.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use offhook_session::replay;

/// Play a call's decision trace again, and show the first decision that differs.
#[derive(Debug, Args)]
#[command(after_help = "\
A decision trace holds everything that the rules of a call were told and decided, a JSON line \
each; played again by the build that wrote it, it decides the same on any machine. A difference \
shows what a change of the rules would have done to this call.

Examples:
  offhook replay call.trace.jsonl              says whether it decides the same
  offhook replay call.trace.jsonl --decisions  lists what the rules decided, and why

Exit status: 0 the same, 1 different or unreadable.")]
pub(crate) struct ReplayArgs {
    /// The trace, JSON lines.
    trace: PathBuf,
    /// List what the rules decided, with the moment and the evidence.
    #[arg(long)]
    decisions: bool,
}

pub(crate) fn run(args: &ReplayArgs, out: &mut impl Write) -> anyhow::Result<()> {
    let path = args.trace.display();
    let text = fs::read_to_string(&args.trace).with_context(|| format!("reading {path}"))?;
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    if args.decisions {
        for line in lines() {
            if let Ok(line) = offhook_types::TraceLine::parse(line)
                && let offhook_types::CallEvent::Decided(evidence) = line.event
            {
                let seconds = evidence.at.as_micros() as f64 / 1e6;
                writeln!(out, "{seconds:9.3} s  {:<18} {}", evidence.rule, evidence.observed)?;
            }
        }
    }
    let Some(difference) = replay(lines()).with_context(|| format!("playing {path} again"))? else {
        writeln!(out, "{} lines, decided the same", lines().count())?;
        return Ok(());
    };
    let seconds = difference.at.as_micros() as f64 / 1e6;
    writeln!(out, "first difference at line {}, {seconds:.3} s", difference.line)?;
    let shown = |event: Option<&offhook_types::CallEvent>| {
        event.map_or_else(|| "nothing".to_owned(), |event| format!("{event:?}"))
    };
    writeln!(out, "  recorded: {}", shown(difference.recorded.as_ref()))?;
    writeln!(out, "  replayed: {}", shown(difference.replayed.as_ref()))?;
    bail!("{path} is decided differently now")
}
