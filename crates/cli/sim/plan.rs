//! Monte-Carlo plans: tables and curves of what callers feel.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use offhook_sim::{PlanFile, Point};

use super::curves::draw;
use super::voices::Voices;
use super::{SimArgs, play_all};

/// What a plan showed: for each kind of caller, a point for each value.
pub(super) struct Curves {
    pub(super) title: String,
    pub(super) setting: String,
    pub(super) labels: Vec<String>,
    pub(super) lines: Vec<(String, Vec<Point>)>,
}

/// Whether a file is a plan and not a scenario.
pub(super) fn is_plan(text: &str) -> bool {
    text.lines().any(|line| line.trim() == "[sweep]")
}

pub(super) fn run(
    args: &SimArgs,
    path: &Path,
    text: &str,
    voices: &mut Voices,
    out: &mut impl Write,
) -> Result<()> {
    let plan = PlanFile::parse(text).with_context(|| path.display().to_string())?;
    let calls = args.calls.unwrap_or(plan.calls);
    let mut lines = Vec::new();
    for (kind, caller) in plan.callers.iter().enumerate() {
        let mut points = Vec::new();
        for value in 0..plan.sweep.len() {
            points.push(play_point(args, &plan, (value, kind, calls), voices)?);
            writeln!(
                std::io::stderr(),
                "{}: {}, {} {}: {calls} calls",
                plan.title,
                caller.name,
                plan.sweep.name(),
                plan.sweep.label(value)
            )?;
        }
        lines.push((caller.name.clone(), points));
    }
    let curves = Curves {
        title: plan.title.clone(),
        setting: plan.sweep.name().to_owned(),
        labels: (0..plan.sweep.len()).map(|index| plan.sweep.label(index)).collect(),
        lines,
    };
    let table = curves.table();
    write!(out, "{table}")?;
    if let Some(path) = &args.table {
        std::fs::write(path, &table).with_context(|| format!("writing {}", path.display()))?;
    }
    if let Some(path) = &args.svg {
        draw(path, &curves)?;
    }
    Ok(())
}

fn play_point(
    args: &SimArgs,
    plan: &PlanFile,
    (value, kind, calls): (usize, usize, u32),
    voices: &mut Voices,
) -> Result<Point> {
    let mut scenarios = Vec::new();
    for call in 0..calls {
        let scenario = plan.scenario(value, kind, args.seed + u64::from(call), voices)?;
        scenarios.push((scenario, plan.agent.voice.clone()));
    }
    let judge = |_, world| {
        let mut point = Point::default();
        PlanFile::note(&mut point, &world);
        point
    };
    let points = play_all(args, scenarios, judge)?;
    Ok(points.into_iter().fold(Point::default(), Point::with))
}

impl Curves {
    /// A Markdown table.
    fn table(&self) -> String {
        let mut table = format!(
            "## {}\n\n| callers | {} | calls | voice-to-voice p50 / p95 ms | stop p50 / p95 ms | \
             false stops % | talked over % | cut in % |\n|---|---|---|---|---|---|---|---|\n",
            self.title, self.setting
        );
        let number = |value: Option<f64>| {
            value.map_or_else(|| "-".to_owned(), |value| format!("{value:.0}"))
        };
        for (name, points) in &self.lines {
            for (label, point) in self.labels.iter().zip(points) {
                table.push_str(&format!(
                    "| {name} | {label} | {} | {} / {} | {} / {} | {} | {} | {} |\n",
                    point.calls,
                    number(point.voice_to_voice_ms(0.5)),
                    number(point.voice_to_voice_ms(0.95)),
                    number(point.stop_ms(0.5)),
                    number(point.stop_ms(0.95)),
                    number(point.false_stops_percent()),
                    number(point.missed_percent()),
                    number(point.cut_ins_percent()),
                ));
            }
        }
        table
    }
}
