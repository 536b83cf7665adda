//! Scenarios and random calls of the whole session, on real speech, through `offhook sim` as its
//! users run it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use offhook_sim::ScenarioFile;

/// Rules that scenarios are about; each has at least five.
const RULES: [&str; 28] = [
    "backchannel",
    "carrier",
    "closing",
    "echo",
    "end_of_turn",
    "faults",
    "fillers",
    "history",
    "idle",
    "interruption",
    "keys",
    "language",
    "limits",
    "line",
    "menus",
    "noise",
    "opening",
    "operator",
    "progress",
    "recogniser",
    "reply",
    "resume",
    "screening",
    "speculation",
    "tools",
    "transfer",
    "voicemail",
    "wording",
];
/// How calls end; each has at least two scenarios.
const ENDS: [&str; 21] = [
    "agent_ended",
    "agent_goodbye",
    "busy",
    "custom",
    "drained",
    "failed",
    "human_goodbye",
    "human_pick_up_cut_off",
    "idle_timeout",
    "ivr_failed",
    "max_duration",
    "media_lost",
    "no_answer",
    "operator_ended",
    "screening_refused",
    "transferred",
    "undefined",
    "user_canceled",
    "voicemail",
    "voicemail_cut_off",
    "voicemail_message_left",
];

fn sim(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_offhook"))
        .arg("sim")
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("offhook starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.success(), text + &String::from_utf8_lossy(&output.stderr))
}

#[test]
fn every_scenario_is_true() {
    let (is_true, report) = sim(&["tests/scenarios"]);
    println!("{}", report.lines().last().unwrap_or_default());
    assert!(is_true, "{report}");
}

#[test]
fn two_hundred_random_calls_keep_every_promise() {
    let count = std::env::var("OFFHOOK_SEEDS").unwrap_or_else(|_| "200".to_owned());
    let (is_kept, report) = sim(&["--worlds", &count]);
    println!("{report}");
    assert!(is_kept, "{report}");
    let median = report.split("median ").nth(1).and_then(|rest| rest.split(' ').next());
    let median: u32 = median.and_then(|text| text.parse().ok()).expect("a median");
    assert!(median >= 45, "the median call lasts {median} s: it is too short to mean much");
}

#[test]
fn every_rule_has_five_scenarios_every_end_two_and_a_hundred_combine_rules() {
    let mut of_rule: BTreeMap<String, usize> = BTreeMap::new();
    let mut of_end: BTreeMap<String, usize> = BTreeMap::new();
    let (mut all, mut combined) = (0, 0);
    for scenario in scenarios() {
        all += 1;
        combined += usize::from(scenario.rules.len() > 1);
        for rule in scenario.rules {
            *of_rule.entry(rule).or_default() += 1;
        }
        // `failed(llm) by system`
        if let Some(end) =
            scenario.expect.ends.as_deref().and_then(|end| end.split(['(', ' ']).next())
        {
            *of_end.entry(end.to_owned()).or_default() += 1;
        }
    }
    assert!(all >= 200 && combined >= 100, "{all} scenarios, {combined} of several rules");
    for (names, of, least) in [(&RULES[..], of_rule, 5), (&ENDS[..], of_end, 2)] {
        for name in names {
            let count = of.get(*name).copied().unwrap_or_default();
            assert!(count >= least, "{name} has {count} scenarios: {of:?}");
        }
        let unknown: Vec<_> = of.keys().filter(|name| !names.contains(&name.as_str())).collect();
        assert!(unknown.is_empty(), "names in scenarios that are not in the list: {unknown:?}");
    }
}

/// Every scenario of the folders below `tests/scenarios`.
fn scenarios() -> Vec<ScenarioFile> {
    let below = |folder: &Path| -> Vec<PathBuf> {
        let entries = folder.read_dir().expect("a folder of scenarios");
        entries.map(|entry| entry.expect("readable").path()).collect()
    };
    let folders = below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios"));
    let files = folders.iter().flat_map(|folder| below(folder));
    files
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("readable");
            let scenario = ScenarioFile::parse(&text);
            scenario.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        })
        .collect()
}

#[test]
fn a_scenario_that_is_not_true_says_what_is_wrong_and_how_to_see_it_again() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join("untrue.toml");
    let text = r#"
        claim = "the agent answers before it was asked"
        [agent]
        answers = ["We open at nine."]
        [caller]
        voice = "synthetic"
        does = [{ at_ms = 500, says = "When do you open?", answered_within_ms = 10 }]
        [expect]
        transcript = ["agent: We open at nine."]
        counts = { interruptions = 3, coughs = 1 }
    "#;
    std::fs::write(&path, text).unwrap();
    let (is_true, report) = sim(&[path.to_str().unwrap()]);
    assert!(!is_true);
    for part in [
        "FAILED the agent answers before it was asked",
        "answered after",
        "caller: When do you open?",
        "interruptions is 0, expected 3",
        "there is no count `coughs`",
        "again: offhook sim",
    ] {
        assert!(report.contains(part), "{part}: {report}");
    }
    std::fs::write(&path, text.replace("at_ms", "at_s")).unwrap();
    let (_, report) = sim(&[path.to_str().unwrap()]);
    assert!(report.contains("unknown field `at_s`") && report.contains("line 7"), "{report}");
}
