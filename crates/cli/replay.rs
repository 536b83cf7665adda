//! `offhook replay`: plays a trace again and says whether it decides the same.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use offhook_session::{decisions_in, replay, replay_media};
use offhook_types::{CallEvent, Timestamp, TraceLine};

use crate::build_name::build_name;

/// Play a call's trace again, and show the first thing that differs.
#[derive(Debug, Args)]
#[command(after_help = "\
A DECISION TRACE holds everything that the rules of a call were told and decided, a JSON line \
each; played again by the build that wrote it, it decides the same on any machine. A difference \
shows what a change of the rules would have done to this call.

A MEDIA TRACE holds everything that came in, the audio included, and a digest of what went out. \
Played again by the same binary on a processor with the same features, the session sends the same \
bytes: voice detector, echo guard and all. Both are made by `offhook sim` and `offhook serve`.

Examples:
  offhook replay call.trace.jsonl              says whether it decides the same
  offhook replay call.trace.jsonl --decisions  lists what the rules decided, and why
  offhook sim cough.toml --media-trace cough.jsonl && offhook replay cough.jsonl

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
    let is_media = lines().next().is_some_and(|line| line.starts_with(r#"{"media_trace":"#));
    if args.decisions && is_media {
        list_decisions(decisions_in(lines()), out)?;
    } else if args.decisions {
        list_decisions(lines().filter_map(|line| TraceLine::parse(line).ok()), out)?;
    }
    let context = || format!("playing {path} again");
    let is_same = if is_media {
        play_media(lines(), out).with_context(context)?
    } else {
        play_decisions(lines(), out).with_context(context)?
    };
    if !is_same {
        bail!("{path} is decided differently now");
    }
    Ok(())
}

fn list_decisions(
    lines: impl Iterator<Item = TraceLine>,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    for line in lines {
        if let CallEvent::Decided(evidence) = line.event {
            let at = seconds(evidence.at);
            writeln!(out, "{at:9.3} s  {:<18} {}", evidence.rule, evidence.observed)?;
        }
    }
    Ok(())
}

/// Whether a decision trace decides the same.
fn play_decisions<'a>(
    lines: impl Iterator<Item = &'a str> + Clone,
    out: &mut impl Write,
) -> anyhow::Result<bool> {
    let Some(difference) = replay(lines.clone())? else {
        writeln!(out, "{} lines, decided the same", lines.count())?;
        return Ok(true);
    };
    let at = seconds(difference.at);
    writeln!(out, "first difference at line {}, {at:.3} s", difference.line)?;
    write_difference(difference.recorded.as_ref(), difference.replayed.as_ref(), out)?;
    Ok(false)
}

/// Whether a media trace does the same.
fn play_media<'a>(
    lines: impl Iterator<Item = &'a str>,
    out: &mut impl Write,
) -> anyhow::Result<bool> {
    let replay = replay_media(lines)?;
    let (made_by, here) = (&replay.made_by, build_name());
    let Some(difference) = replay.difference else {
        writeln!(out, "{} inputs, the same was done to the bit", replay.inputs)?;
        return Ok(true);
    };
    if *made_by != here {
        writeln!(out, "made by {made_by}, played by {here}: audio may differ in the last bit")?;
    }
    let at = seconds(difference.at);
    writeln!(out, "first difference behind the input in line {}, {at:.3} s", difference.line)?;
    let (recorded, replayed) = (&difference.recorded, &difference.replayed);
    for (what, recorded, replayed) in [
        ("the messages to the carrier", &recorded.wire, &replayed.wire),
        ("the audio for the recogniser", &recorded.stt_audio, &replayed.stt_audio),
    ] {
        if recorded != replayed {
            writeln!(out, "  {what}")?;
            write_difference(recorded.as_ref(), replayed.as_ref(), out)?;
        }
    }
    if recorded.hangup != replayed.hangup {
        writeln!(out, "  the hang-up")?;
        write_difference(recorded.hangup.as_ref(), replayed.hangup.as_ref(), out)?;
    }
    let (recorded_lines, replayed_lines) = (&recorded.trace, &replayed.trace);
    let count = recorded_lines.len().max(replayed_lines.len());
    let first = (0..count).find(|at| recorded_lines.get(*at) != replayed_lines.get(*at));
    if let Some(first) = first {
        let event = |lines: &[TraceLine]| lines.get(first).map(|line| line.event.clone());
        write_difference(event(recorded_lines).as_ref(), event(replayed_lines).as_ref(), out)?;
    }
    Ok(false)
}

fn write_difference<T: std::fmt::Debug>(
    recorded: Option<&T>,
    replayed: Option<&T>,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    for (whose, what) in [("recorded", recorded), ("replayed", replayed)] {
        match what {
            Some(what) => writeln!(out, "  {whose}: {what:?}")?,
            None => writeln!(out, "  {whose}: nothing")?,
        }
    }
    Ok(())
}

fn seconds(at: Timestamp) -> f64 {
    at.as_micros() as f64 / 1e6
}
