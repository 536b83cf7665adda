//! Scenarios and random calls of the whole session, on real speech, through `offhook sim` as its
//! users run it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use offhook_sim::ScenarioFile;

/// Rules that scenarios are about; each has at least five.
const RULES: [&str; 18] = [
    "backchannel",
    "closing",
    "echo",
    "end_of_turn",
    "history",
    "idle",
    "interruption",
    "keys",
    "language",
    "limits",
    "line",
    "noise",
    "opening",
    "progress",
    "recogniser",
    "reply",
    "resume",
    "speculation",
];
/// Rules that scenarios have begun to be about.
const BEGUN: [&str; 9] = [
    "carrier",
    "faults",
    "fillers",
    "menus",
    "operator",
    "screening",
    "tools",
    "transfer",
    "voicemail",
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
fn every_rule_has_five_scenarios_and_twenty_combine_rules() {
    let mut of_rule: BTreeMap<String, usize> = BTreeMap::new();
    let (mut all, mut combined) = (0, 0);
    for folder in Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios").read_dir().unwrap()
    {
        for file in folder.unwrap().path().read_dir().unwrap() {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let scenario = ScenarioFile::parse(&text);
            let scenario = scenario.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            all += 1;
            combined += usize::from(scenario.rules.len() > 1);
            for rule in scenario.rules {
                *of_rule.entry(rule).or_default() += 1;
            }
        }
    }
    assert!(all >= 60 && combined >= 20, "{all} scenarios, {combined} of several rules");
    for rule in RULES {
        let count = of_rule.get(rule).copied().unwrap_or_default();
        assert!(count >= 5, "{rule} has {count} scenarios: {of_rule:?}");
    }
    let is_known = |rule: &str| RULES.contains(&rule) || BEGUN.contains(&rule);
    let unknown: Vec<_> = of_rule.keys().filter(|rule| !is_known(rule)).collect();
    assert!(unknown.is_empty(), "rules of scenarios that are not in the list: {unknown:?}");
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
