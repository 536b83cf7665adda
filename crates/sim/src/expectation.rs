//! What must come of a scenario.

use std::collections::BTreeMap;
use std::time::Duration;

use offhook_session::Entry;
use offhook_types::{EndReason, Party};
use serde::Deserialize;

use crate::measure::{Reaction, reactions};
use crate::scenario_file::ScenarioFile;
use crate::world::World;

/// What must come of a call. In texts `*` stands for anything.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expectation {
    /// The conversation as it is recorded: `caller: …`, `agent: …`, with `--` behind a reply that
    /// was interrupted.
    pub transcript: Option<Vec<String>>,
    /// How often rules decided, by the names of the call's counts: exactly.
    pub counts: BTreeMap<String, u32>,
    /// The same: at most.
    pub counts_max: BTreeMap<String, u32>,
    /// The same: at least.
    pub counts_min: BTreeMap<String, u32>,
    /// Decisions that are in the trace: `rule: evidence`, each behind the one before.
    pub decided: Vec<String>,
    /// Decisions that are not.
    pub never_decided: Vec<String>,
    /// Why the call ends: `kind by who`. Without it the call must go on to its end.
    pub ends: Option<String>,
    /// How long the agent is heard in all, at least.
    pub agent_speaks_ms_min: Option<u64>,
    /// The keys that the agent pressed, as they were heard: `"12#"`.
    pub agent_pressed: Option<String>,
    /// Transfers that were asked for: `"+14155550199 cold"`.
    pub transferred_to: Option<Vec<String>>,
    /// Tools that were run: the name and its arguments as JSON, `"look {\"day\":\"sunday\"}"`.
    pub tools: Option<Vec<String>>,
    /// What the voice is asked to say, its clauses joined by spaces: each of these is in it.
    pub said: Vec<String>,
    /// What the model was told at any time, its instructions and the results of tools included.
    pub model_told: Vec<String>,
    /// What it never was.
    pub model_never_told: Vec<String>,
}

impl Expectation {
    /// What is wrong with a call that was played; nothing if all is as it must be.
    pub fn judge(file: &ScenarioFile, world: &World) -> Vec<String> {
        let expect = &file.expect;
        let mut wrong: Vec<String> = world.faults().to_vec();
        if world.ended().is_none() && world.caller().left() > 0 {
            wrong.push(format!("the caller waited in vain: {} steps left", world.caller().left()));
        }
        if world.ended().is_none() && world.left_outside() > 0 {
            let left = world.left_outside();
            wrong.push(format!("carrier and operator waited in vain: {left} steps left"));
        }
        expect.judge_transcript(world, &mut wrong);
        expect.judge_counts(world, &mut wrong);
        expect.judge_decisions(world, &mut wrong);
        expect.judge_end(world, &mut wrong);
        expect.judge_speech(world, &mut wrong);
        expect.judge_asked(world, &mut wrong);
        judge_steps(file, world, &mut wrong);
        wrong
    }

    fn judge_transcript(&self, world: &World, wrong: &mut Vec<String>) {
        judge_list("transcript is", self.transcript.as_deref(), &transcript(world), wrong);
    }

    fn judge_counts(&self, world: &World, wrong: &mut Vec<String>) {
        let counts = counts(world);
        let bounds = [
            (&self.counts, "", u32::eq as fn(&u32, &u32) -> bool),
            (&self.counts_max, "at most ", u32::le as fn(&u32, &u32) -> bool),
            (&self.counts_min, "at least ", u32::ge as fn(&u32, &u32) -> bool),
        ];
        for (expected, word, holds) in bounds {
            for (name, bound) in expected {
                match counts.get(name) {
                    None => wrong.push(format!(
                        "there is no count `{name}`; there are {}",
                        counts.keys().cloned().collect::<Vec<_>>().join(", ")
                    )),
                    Some(count) if !holds(count, bound) => {
                        wrong.push(format!("{name} is {count}, expected {word}{bound}"));
                    }
                    Some(_) => {}
                }
            }
        }
    }

    fn judge_decisions(&self, world: &World, wrong: &mut Vec<String>) {
        let decisions: Vec<String> = world
            .decisions()
            .iter()
            .map(|decision| format!("{}: {}", decision.rule, decision.observed))
            .collect();
        let mut rest = decisions.as_slice();
        for pattern in &self.decided {
            match rest.iter().position(|decision| matches(pattern, decision)) {
                Some(at) => rest = &rest[at + 1..],
                None => wrong.push(format!("`{pattern}` was not decided, or not in this order")),
            }
        }
        for pattern in &self.never_decided {
            if let Some(decision) = decisions.iter().find(|decision| matches(pattern, decision)) {
                wrong.push(format!("`{decision}` was decided"));
            }
        }
    }

    fn judge_end(&self, world: &World, wrong: &mut Vec<String>) {
        let ended = world.ended().map(end_name);
        if self.ends != ended {
            let or_not = |end: &Option<String>| end.clone().unwrap_or_else(|| "not at all".into());
            wrong.push(format!("it ends {}, expected {}", or_not(&ended), or_not(&self.ends)));
        }
    }

    fn judge_speech(&self, world: &World, wrong: &mut Vec<String>) {
        let Some(least) = self.agent_speaks_ms_min else { return };
        let heard: Duration =
            world.ear().stretches().iter().map(|stretch| stretch.to - stretch.from).sum();
        if heard < Duration::from_millis(least) {
            wrong.push(format!("the agent was heard for {heard:?}, expected {least} ms"));
        }
    }

    fn judge_asked(&self, world: &World, wrong: &mut Vec<String>) {
        let asked = world.asked();
        let tools: Vec<String> =
            asked.tools.iter().map(|call| format!("{} {}", call.name, call.arguments)).collect();
        judge_list("tools are", self.tools.as_deref(), &tools, wrong);
        let transfers: Vec<String> = asked
            .transfers
            .iter()
            .map(|(party, mode)| {
                let mode = serde_json::to_value(mode).unwrap_or_default();
                format!("{} {}", number(party), text(&mode))
            })
            .collect();
        judge_list("transfers are", self.transferred_to.as_deref(), &transfers, wrong);
        let pressed: String = world.ear().keys().iter().map(|(_, digit)| digit.as_char()).collect();
        if let Some(expected) = &self.agent_pressed
            && *expected != pressed
        {
            wrong.push(format!("the agent pressed \"{pressed}\", expected \"{expected}\""));
        }
        let was_told = |pattern: &str| asked.told.iter().any(|told| matches(pattern, told));
        let said = asked.said.join(" ");
        for text in self.said.iter().filter(|text| !said.contains(*text)) {
            wrong.push(format!("it is not said: {text}\n    but: {said}"));
        }
        for pattern in self.model_told.iter().filter(|pattern| !was_told(pattern)) {
            let told: Vec<&str> = asked.told.iter().map(String::as_str).collect();
            wrong.push(format!(
                "the model was never told `{pattern}`; it was told\n      {}",
                told.join("\n      ")
            ));
        }
        for pattern in self.model_never_told.iter().filter(|pattern| was_told(pattern)) {
            wrong.push(format!("the model was told `{pattern}`"));
        }
    }
}

/// Whether every line fits its pattern, in order.
fn judge_list(what: &str, expected: Option<&[String]>, found: &[String], wrong: &mut Vec<String>) {
    let Some(expected) = expected else { return };
    let fits = expected.len() == found.len()
        && expected.iter().zip(found).all(|(pattern, line)| matches(pattern, line));
    if !fits {
        wrong.push(format!(
            "the {what}\n      {}\n    and not\n      {}",
            found.join("\n      "),
            expected.join("\n      ")
        ));
    }
}

fn number(party: &Party) -> &str {
    match party {
        Party::Number(number) => number.expose().as_str(),
        Party::Address(address) => address.expose(),
        Party::Anonymous => "nobody",
    }
}

fn judge_steps(file: &ScenarioFile, world: &World, wrong: &mut Vec<String>) {
    let steps = file.caller.does.iter().filter(|step| step.is_sound());
    for (step, reaction) in steps.zip(reactions(world)) {
        let Reaction { sound, stopped_after, was_over_agent, answered_after, cut_in_after } =
            &reaction;
        let mut fail = |what: String| wrong.push(format!("\"{}\": {what}", sound.label));
        let within = |limit: u64, took: &Option<Duration>| {
            took.is_some_and(|took| took <= Duration::from_millis(limit))
        };
        if let Some(limit) = step.stops_agent_within_ms {
            if !was_over_agent {
                fail("the agent was not heard when it began".to_owned());
            } else if !within(limit, stopped_after) {
                fail(format!("the agent stopped after {stopped_after:?}, expected {limit} ms"));
            }
        }
        if step.agent_goes_on && !*was_over_agent {
            fail("the agent was not heard when it began".to_owned());
        } else if step.agent_goes_on
            && let Some(after) = stopped_after
        {
            fail(format!("the agent stopped after {after:?}"));
        }
        if let Some(limit) = step.answered_within_ms
            && !within(limit, answered_after)
        {
            fail(format!("answered after {answered_after:?}, expected {limit} ms"));
        }
        if let Some(least) = step.not_answered_within_ms {
            if within(least, answered_after) {
                fail(format!("answered after {answered_after:?}, expected {least} ms or more"));
            }
            if let Some(after) = cut_in_after {
                fail(format!("the agent cut in after {after:?}"));
            }
        }
    }
}

/// Why a call ended: `kind by who`.
pub fn end_name(reason: &EndReason) -> String {
    let value = serde_json::to_value(reason).unwrap_or_default();
    let kind = text(&value["kind"]);
    let detail = value.get("detail").map(|detail| format!("({})", text(detail)));
    format!("{kind}{} by {}", detail.unwrap_or_default(), text(&value["who"]))
}

/// The conversation as it is recorded.
pub fn transcript(world: &World) -> Vec<String> {
    let entries = world.session().history().entries().iter();
    entries
        .map(|entry| match entry {
            Entry::Caller { text, .. } => format!("caller: {text}"),
            Entry::Agent { text, was_interrupted: false, .. } => format!("agent: {text}"),
            Entry::Agent { text, .. } => format!("agent: {text}--"),
        })
        .collect()
}

fn counts(world: &World) -> BTreeMap<String, u32> {
    let value = serde_json::to_value(world.session().counts()).unwrap_or_default();
    serde_json::from_value(value).unwrap_or_default()
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Whether a text fits a pattern in which `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut left) = text.strip_prefix(start) else { return false };
    let mut rest = rest;
    while let Some((part, behind)) = rest.split_once('*') {
        let Some(at) = left.find(part) else { return false };
        left = &left[at + part.len()..];
        rest = behind;
    }
    left.ends_with(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything_and_the_rest_for_itself() {
        assert!(matches("agent: We are*--", "agent: We are open--"));
        assert!(matches("*", ""));
        assert!(matches("a*c*e", "abcde"));
        assert!(!matches("a*c*e", "abdce."));
        assert!(!matches("agent: We", "agent: We are"));
        assert!(!matches("agent: We are*--", "agent: We are open"));
    }
}
