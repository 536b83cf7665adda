//! Random worlds: calls drawn by seed, under every checker.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::{Result, bail};
use offhook_sim::{World, end_name, random_scenario, transcript};

use super::voices::Voices;
use super::{SimArgs, keep, play_all};

/// So many calls are drawn at once: their audio is in memory.
const BATCH: u64 = 64;

/// Plays random worlds; gives back how many failed.
pub(super) fn run(
    args: &SimArgs,
    count: u64,
    voices: &mut Voices,
    out: &mut impl Write,
) -> Result<usize> {
    if args.keeps_a_call() && count != 1 {
        bail!("--heard and --trace are for a single call: --worlds 1 --seed SEED");
    }
    let mut failed = 0;
    let mut seconds = Vec::new();
    let mut ends: BTreeMap<String, u32> = BTreeMap::new();
    let mut seed = args.seed;
    while seed < args.seed + count {
        let seeds: Vec<u64> = (seed..(seed + BATCH).min(args.seed + count)).collect();
        let mut scenarios = Vec::new();
        for seed in &seeds {
            scenarios.push((random_scenario(*seed, voices)?, None));
        }
        let judge = |_, world: World| {
            let kept = keep(args, &world);
            let end = world.ended().map(end_name);
            (world.faults().to_vec(), world.duration(), transcript(&world), end, kept)
        };
        let judged = play_all(args, scenarios, judge)?;
        for (seed, (faults, duration, written, end, kept)) in seeds.iter().zip(judged) {
            kept?;
            *ends.entry(end.unwrap_or_else(|| "none".to_owned())).or_default() += 1;
            seconds.push(duration.as_secs_f64());
            if faults.is_empty() && count > 1 {
                continue;
            }
            failed += usize::from(!faults.is_empty());
            let verdict = if faults.is_empty() { "ok    " } else { "FAILED" };
            writeln!(out, "{verdict} seed {seed} ({:.1} s)", duration.as_secs_f64())?;
            for line in faults.iter().chain(&written) {
                writeln!(out, "    {line}")?;
            }
            if !faults.is_empty() {
                writeln!(out, "    again: offhook sim --worlds 1 --seed {seed}")?;
            }
        }
        seed += BATCH;
    }
    let ends: Vec<String> = ends.iter().map(|(end, count)| format!("{end} {count}")).collect();
    writeln!(out, "ends: {}", ends.join(", "))?;
    seconds.sort_by(f64::total_cmp);
    let median = seconds.get(seconds.len() / 2).copied().unwrap_or_default();
    let sum: f64 = seconds.iter().sum();
    writeln!(
        out,
        "{count} random calls, {failed} failed, {sum:.0} s of calls, median {median:.0} s"
    )?;
    Ok(failed)
}
