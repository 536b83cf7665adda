//! Decision traces: a call played again decides the same, and a trace that was changed does not
//! pass.

use offhook_conversation::{NotATrace, TurnSettings, replay};

use crate::caller::Caller;
use crate::world::World;

fn trace() -> Vec<String> {
    let caller = Caller::default()
        .says(500, "What time do you open?")
        .says(4_000, "no wait what about Sunday?");
    let hours = "We are open from nine to five, Monday to Friday. Anything else?";
    World::new(TurnSettings::default(), caller, &[hours, "Closed."]).run().trace()
}

fn play(lines: &[String]) -> Result<Option<offhook_conversation::Difference>, NotATrace> {
    replay(lines.iter().map(String::as_str))
}

#[test]
fn a_call_played_again_decides_the_same() {
    let trace = trace();
    assert!(trace.len() > 40, "{} lines", trace.len());
    assert_eq!(play(&trace).expect("a trace"), None);
}

#[test]
fn a_decision_that_was_changed_is_the_first_difference() {
    let mut trace = trace();
    let line = trace.iter().position(|line| line.contains("\"interruption\"")).expect("a decision");
    trace[line] = trace[line].replace("voiced", "silent");
    let difference = play(&trace).expect("a trace").expect("a difference");
    assert_eq!(difference.line, line + 1);
    assert!(difference.recorded.is_some() && difference.replayed.is_some());
}

#[test]
fn a_caller_who_said_something_else_is_decided_otherwise() {
    let mut trace = trace();
    for line in trace.iter_mut().filter(|line| line.contains("\"event\":\"stt\"")) {
        *line = line.replace("no wait", "okay yes").replace("what about Sunday?", "okay");
    }
    assert!(play(&trace).expect("a trace").is_some());
}

#[test]
fn a_trace_that_ends_before_a_decision_says_where() {
    let mut trace = trace();
    let last = trace.iter().rposition(|line| line.contains("\"decided\"")).expect("a decision");
    trace.truncate(last);
    let difference = play(&trace).expect("a trace").expect("a difference");
    assert_eq!((difference.line, difference.recorded), (last, None));
}

#[test]
fn what_is_no_trace_is_refused_with_its_line() {
    let good = trace();
    let fault = |line: usize, text: &str| {
        let mut lines = good.clone();
        lines[line] = text.to_owned();
        play(&lines).expect_err("no trace").to_string()
    };
    assert_eq!(fault(3, "nonsense"), "line 4");
    assert!(fault(0, &good[1]).contains("before the configuration"));
    let late = good[2].replacen("\"at_us\":", "\"at_us\":9", 1);
    assert!(fault(2, &late).contains("earlier than the line before"), "{late}");
}
