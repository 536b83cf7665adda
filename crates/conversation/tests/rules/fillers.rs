//! What bridges a slow model or tool.

use offhook_conversation::{CallSettings, ConversationConfig, FillerSettings, ToolSettings};
use serde_json::json;

use crate::caller::Caller;
use crate::world::{DELAYS, Delays, World, config};

const FIRST: &str = "Let me see.";
const SECOND: &str = "One moment.";

fn rules() -> CallSettings {
    let texts = vec![FIRST.to_owned(), SECOND.to_owned()];
    let fillers = FillerSettings { soft_timeout_ms: 1_500, texts };
    CallSettings { fillers, ..CallSettings::default() }
}

fn slow(first_token: u64) -> Delays {
    Delays { first_token, ..DELAYS }
}

fn run(first_token: u64, caller: Caller, answers: &[&str]) -> World {
    World::of(config(rules()), caller, answers, slow(first_token)).answered().run()
}

fn asks() -> Caller {
    Caller::default().says(500, "When are you open")
}

#[test]
fn a_slow_model_is_bridged_and_its_answer_follows() {
    let world = run(4_000, asks(), &["We open at nine."]);
    assert_eq!(
        world.transcript(),
        format!("caller: When are you open\nagent: {FIRST} We open at nine.")
    );
    let ended = world.log.iter().find(|(_, line)| line.starts_with("end_of_turn"));
    let since = world.said_at(FIRST).expect("a filler") - ended.expect("a turn").0;
    assert!((1_500..1_700).contains(&since), "{since} ms");
}

#[test]
fn a_model_that_is_quick_enough_is_not_bridged() {
    let world = run(800, asks(), &["We open at nine."]);
    assert_eq!(world.decided("filler"), 0);
}

#[test]
fn one_turn_is_bridged_once_and_the_next_with_other_words() {
    let caller = asks().says(12_000, "and on Sunday");
    let world = run(5_000, caller, &["We open at nine.", "We are closed."]);
    assert_eq!(world.decided("filler"), 2);
    assert!(world.transcript().ends_with(&format!("agent: {SECOND} We are closed.")));
}

#[test]
fn before_the_callers_first_turn_nobody_waits() {
    let opening = offhook_conversation::OpeningSettings {
        mode: offhook_conversation::OpeningMode::Generated,
        ..Default::default()
    };
    let config = ConversationConfig { opening: Some(opening), ..config(rules()) };
    let mut world = World::of(config, Caller::default(), &[], slow(5_000));
    world.model.unprompted(&["Good evening."]);
    let mut world = world.answered();
    world.run_until(8_000);
    assert_eq!(world.transcript(), "agent: Good evening.");
}

#[test]
fn a_slow_tool_is_bridged_unless_it_has_words_of_its_own() {
    let fillers_said = |say_slow: Option<String>| {
        let tool = ToolSettings { name: "look".to_owned(), say_slow, ..ToolSettings::default() };
        let rules = CallSettings { tools: vec![tool], ..rules() };
        let mut world = World::ruled(rules, asks(), &["[[look {}]]"]);
        world.outside.returns("look", 5_000, json!(9));
        world.model.unprompted(&["At nine."]);
        let world = world.run();
        assert!(world.transcript().ends_with("agent: At nine."), "{:?}", world.log);
        world.decided("filler")
    };
    assert_eq!(fillers_said(None), 1);
    assert_eq!(fillers_said(Some("It takes a little longer.".to_owned())), 0);
}

#[test]
fn a_caller_who_goes_on_over_a_filler_is_answered_as_a_whole() {
    let caller = asks().says(4_400, "I mean on Sunday");
    let world = run(6_000, caller, &["We open at nine.", "On Sunday we are closed."]);
    assert!(world.transcript().ends_with("On Sunday we are closed."), "{}", world.transcript());
}

#[test]
fn a_model_that_stays_silent_behind_a_filler_is_asked_again() {
    let world = run(3_000, asks(), &[""]);
    assert_eq!(world.end().0, "Failed(Llm) by System", "{:?}", world.log);
    assert!(world.model_asked >= 3, "asked {} times", world.model_asked);
}
