//! `offhook sim`: whole calls in virtual time: scenarios, random worlds and Monte-Carlo plans.

mod curves;
mod plan;
mod scenarios;
mod voices;
mod worlds;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result, bail};
use clap::Args;
use offhook_sim::{Scenario, Speakers, World};

use crate::build_name::build_name;
use crate::call::StereoFile;
use voices::Voices;

/// Play whole calls in virtual time: scenarios, random worlds, Monte-Carlo plans.
#[derive(Debug, Args)]
#[command(after_help = "\
A scenario is a text file: an agent, what a caller does when, and what must come of it; \
tests/scenarios has one for every rule. A plan (config/sim) plays many calls drawn by seed and \
prints and draws what callers feel against a setting of the agent. Callers are recordings of \
people and voices of packages (config/voices.toml); nothing else is needed, no key, no network.

Examples:
  offhook sim tests/scenarios                  every scenario of a folder
  offhook sim cough.toml --heard cough.wav     listen to it: caller left, agent right
  offhook sim cough.toml --trace cough.jsonl   why the rules decided; see `offhook replay`
  offhook sim --worlds 200                     200 random calls under every checker
  offhook sim --worlds 1 --seed 17             the one with seed 17 again
  offhook sim config/sim/sensitivity.toml --svg curves.svg

Exit status: 0 all is as it must be, 1 something is not, or cannot be read.")]
pub(crate) struct SimArgs {
    /// Scenarios, plans, and folders of them.
    paths: Vec<PathBuf>,
    /// Play so many random calls.
    #[arg(long, value_name = "COUNT")]
    worlds: Option<u64>,
    /// The seed of the first random call, or of a plan.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Calls for each point of a plan, instead of what the plan says.
    #[arg(long, value_name = "COUNT")]
    calls: Option<u32>,
    /// Voices and sounds, instead of the bundled file.
    #[arg(long, value_name = "FILE")]
    voices: Option<PathBuf>,
    /// Calls at the same time. Default: one for each core.
    #[arg(long, value_name = "COUNT")]
    jobs: Option<usize>,
    /// Record a single call: the caller left, the agent right.
    #[arg(long, value_name = "WAV")]
    heard: Option<PathBuf>,
    /// Write the decision trace of a single call.
    #[arg(long, value_name = "JSONL")]
    trace: Option<PathBuf>,
    /// Write the media trace of a single call: everything that the session was told, audio too.
    #[arg(long, value_name = "JSONL")]
    media_trace: Option<PathBuf>,
    /// Draw the curves of a plan.
    #[arg(long, value_name = "SVG")]
    svg: Option<PathBuf>,
    /// Write the curves of a plan as a Markdown table as well.
    #[arg(long, value_name = "MD")]
    table: Option<PathBuf>,
}

pub(crate) fn run(args: &SimArgs, out: &mut impl Write) -> Result<()> {
    if args.paths.is_empty() && args.worlds.is_none() {
        bail!("nothing to play: name a scenario, a plan or a folder, or give --worlds COUNT");
    }
    let mut voices = Voices::open(args.voices.as_deref())?;
    let mut files = Vec::new();
    for path in &args.paths {
        gather(path, &mut files)?;
    }
    let mut texts = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("reading {}", path.display()))?;
        texts.push((path, text));
    }
    let (plans, scenarios): (Vec<_>, Vec<_>) =
        texts.into_iter().partition(|(_, text)| plan::is_plan(text));
    let mut failed = 0;
    if !scenarios.is_empty() {
        failed += scenarios::run(args, &scenarios, &mut voices, out)?;
    }
    for (path, text) in &plans {
        plan::run(args, path, text, &mut voices, out)?;
    }
    if let Some(count) = args.worlds {
        failed += worlds::run(args, count, &mut voices, out)?;
    }
    if failed > 0 {
        bail!("{failed} of the calls are not as they must be");
    }
    Ok(())
}

/// The files of a path: itself, or every TOML file below a folder, by name.
fn gather(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let entries = std::fs::read_dir(path).with_context(|| format!("reading {}", path.display()))?;
    let mut below = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<Vec<_>>>()?;
    below.sort();
    for path in below {
        if path.is_dir() || path.extension().is_some_and(|extension| extension == "toml") {
            gather(&path, files)?;
        }
    }
    Ok(())
}

/// A call, and the agent's voice where it does not hum.
type Part = (Scenario, Option<String>);

/// Plays calls on several cores; what is asked of each is given back in order.
fn play_all<T: Send>(
    args: &SimArgs,
    scenarios: Vec<Part>,
    judge: impl Fn(usize, World) -> T + Sync,
) -> Result<Vec<T>> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let jobs = args.jobs.unwrap_or(cores).clamp(1, scenarios.len().max(1));
    let mut lanes: Vec<Vec<(usize, Part)>> = (0..jobs).map(|_| Vec::new()).collect();
    for (index, scenario) in scenarios.into_iter().enumerate() {
        lanes[index % jobs].push((index, scenario));
    }
    let play_lane = |lane: Vec<(usize, Part)>| {
        let play = |(index, (mut scenario, voice)): (usize, Part)| {
            scenario.media_trace_by = args.media_trace.as_ref().map(|_| build_name());
            let world = World::new(scenario, args.agent_voice(voice.as_deref())?);
            Ok((index, judge(index, world.run())))
        };
        lane.into_iter().map(play).collect::<Result<Vec<(usize, T)>>>()
    };
    let play_lane = &play_lane;
    let mut judged = Vec::new();
    thread::scope(|scope| {
        let threads: Vec<_> =
            lanes.into_iter().map(|lane| scope.spawn(move || play_lane(lane))).collect();
        for thread in threads {
            let lane = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            judged.extend(lane?);
        }
        anyhow::Ok(())
    })?;
    judged.sort_by_key(|(index, _)| *index);
    Ok(judged.into_iter().map(|(_, judged)| judged).collect())
}

impl SimArgs {
    /// Whether something of a single call is to be kept.
    fn keeps_a_call(&self) -> bool {
        self.heard.is_some() || self.trace.is_some() || self.media_trace.is_some()
    }

    fn agent_voice<'a>(
        &self,
        name: Option<&'a str>,
    ) -> Result<Option<(&'a str, Box<dyn Speakers>)>> {
        let Some(name) = name else { return Ok(None) };
        let voices: Box<dyn Speakers> = Box::new(Voices::open(self.voices.as_deref())?);
        Ok(Some((name, voices)))
    }
}

/// Writes the recording and the trace of a call, where they are asked for.
fn keep(args: &SimArgs, world: &World) -> Result<()> {
    use offhook_types::SampleRate;
    if let Some(path) = &args.heard {
        let rate = SampleRate::HZ_8000;
        let mut file = StereoFile::create(path, rate, rate)?;
        let agent = world.ear().samples();
        let frames = agent.len() / rate.frame_samples();
        let (mut caller, mut heard) =
            (vec![0; rate.frame_samples()], vec![0; rate.frame_samples()]);
        for frame in 0..frames {
            let start = frame * caller.len();
            world.caller().frame(start, agent, &mut caller);
            let end = start + heard.len();
            heard.copy_from_slice(&agent[start..end]);
            file.write(&caller, &heard)?;
        }
        file.finish()?;
    }
    if let Some(path) = &args.trace {
        let mut text = String::new();
        for line in world.trace() {
            text.push_str(&line.to_json()?);
            text.push('\n');
        }
        std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))?;
    }
    if let Some(path) = &args.media_trace {
        std::fs::write(path, world.media_trace())
            .with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(())
}
