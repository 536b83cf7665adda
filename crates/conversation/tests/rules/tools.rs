//! Tools: what is said around them, who waits for them, and that each comes to an end.

use offhook_conversation::{
    CallSettings, ConversationConfig, OnInterruption, SilenceSettings, ToolSettings, ToolWhen,
};
use offhook_types::ChatMessage;
use serde_json::json;

use crate::caller::Caller;
use crate::world::{DELAYS, World, config};

const LOOK: &str = "[[look {\"day\": \"sunday\"}]]";
const CLOSED: &str = "On Sundays we are closed.";

fn tool() -> ToolSettings {
    ToolSettings { name: "look".to_owned(), ..ToolSettings::default() }
}

fn rules(tools: &[ToolSettings]) -> CallSettings {
    CallSettings { tools: tools.to_vec(), ..CallSettings::default() }
}

fn asks() -> Caller {
    Caller::default().says(500, "Are you open on Sunday?")
}

/// A call in which the model looks something up, which takes so long.
fn looking(tool: ToolSettings, caller: Caller, delay: u64, answers: &[&str]) -> World {
    let mut world = World::ruled(rules(&[tool]), caller, answers);
    world.outside.returns("look", delay, json!({"open": false}));
    world.model.unprompted(&[CLOSED, "And that is all.", "Never."]);
    world
}

fn said(world: &World, text: &str) -> u64 {
    world.said_at(text).unwrap_or_else(|| panic!("{text}: {}", world.transcript()))
}

#[test]
fn a_result_is_told_to_the_model_which_answers_with_it() {
    let world = looking(tool(), asks(), 1_000, &[LOOK]).run();
    assert_eq!(world.transcript(), format!("caller: Are you open on Sunday?\nagent: {CLOSED}"));
    let asked = world.asked.last().expect("a request");
    let (call, text) = ("call_1".parse().expect("an id"), "{\"open\":false}".to_owned());
    assert_eq!(asked.last(), Some(&ChatMessage::Tool { call, text }));
    assert!(
        matches!(&asked[2], ChatMessage::Assistant { tool_calls, .. } if tool_calls.len() == 1)
    );
}

#[test]
fn what_comes_before_a_tool_is_heard_before_it_runs() {
    let say_before = Some("I will look that up for you.".to_owned());
    let world = looking(ToolSettings { say_before, ..tool() }, asks(), 500, &[LOOK]).run();
    let (ran, heard) = (world.outside.run[0].0, world.agent[0].1);
    assert!(ran >= heard, "it ran at {ran} and was announced until {heard}");
    assert!(said(&world, CLOSED) > ran + 500);
}

#[test]
fn a_slow_tool_is_talked_over_and_then_excused() {
    let tool = ToolSettings {
        say_while: Some("One moment.".to_owned()),
        say_slow: Some("It takes a little longer.".to_owned()),
        slow_ms: 3_000,
        ..tool()
    };
    let world = looking(tool, asks(), 6_000, &[LOOK]).run();
    let ran = world.outside.run[0].0;
    assert!((0..300).contains(&(said(&world, "One moment.") - ran)));
    assert!((3_000..3_300).contains(&(said(&world, "It takes a little longer.") - ran)));
    assert!(said(&world, CLOSED) > ran + 6_000);
}

#[test]
fn a_tool_that_is_out_of_time_is_over_and_what_comes_later_is_dropped() {
    let say_error = Some("I cannot look that up right now.".to_owned());
    let tool = ToolSettings { timeout_ms: 2_000, say_error, ..tool() };
    let world = looking(tool, asks(), 5_000, &[LOOK]).run();
    assert!(world.transcript().ends_with("agent: I cannot look that up right now."));
    assert_eq!(world.outside.canceled.len(), 1);
    assert_eq!(world.model_asked, 1, "the caller was told already");
    assert!(world.conversation.counts().stale >= 1);
}

#[test]
fn without_words_for_it_the_model_is_told_of_a_failure() {
    let mut world = looking(tool(), asks(), 0, &[LOOK]);
    world.outside.fails("look", 300, "the calendar is down");
    world.model.unprompted(&["I am afraid I cannot see it."]);
    let world = world.run();
    assert!(world.transcript().ends_with("agent: I am afraid I cannot see it."));
    let asked = format!("{:?}", world.asked.last());
    assert!(asked.contains("the calendar is down"), "{asked}");
}

#[test]
fn tools_that_run_at_once_are_answered_once_with_all_results() {
    let other = ToolSettings { name: "weather".to_owned(), ..tool() };
    let answer = "[[look {}]] [[weather {}]]";
    let mut world = World::ruled(rules(&[tool(), other]), asks(), &[answer]);
    world.outside.returns("look", 400, json!("closed"));
    world.outside.returns("weather", 1_500, json!("sunny"));
    world.model.unprompted(&["Closed, but sunny."]);
    let world = world.run();
    assert_eq!(world.model_asked, 2);
    let asked = format!("{:?}", world.asked.last());
    assert!(asked.contains("\"closed\"") && asked.contains("\"sunny\""), "{asked}");
    assert!(world.transcript().ends_with("agent: Closed, but sunny."));
}

#[test]
fn a_caller_who_goes_on_is_answered_while_the_tool_finishes_silently() {
    // Complaint: speaking during a look-up cancelled it, or left it running for ever.
    let caller =
        asks().says(4_000, "and do you have parking?").says(9_000, "so what about Sunday?");
    let answers = [LOOK, "We do.", CLOSED];
    let world = looking(tool(), caller, 4_000, &answers).run();
    assert!(world.outside.canceled.is_empty());
    assert!(
        world
            .transcript()
            .ends_with(&format!("agent: We do.\ncaller: so what about Sunday?\nagent: {CLOSED}"))
    );
    assert!(format!("{:?}", world.asked[1]).contains("running"));
    assert!(format!("{:?}", world.asked.last()).contains("open"));
}

#[test]
fn a_tool_that_may_be_abandoned_is_when_the_caller_goes_on() {
    let tool = ToolSettings { on_interruption: OnInterruption::Cancel, ..tool() };
    let caller = asks().says(4_000, "never mind do you have parking?");
    let world = looking(tool, caller, 8_000, &[LOOK, "We do."]).run();
    assert_eq!(world.outside.canceled.len(), 1);
    assert!(world.transcript().ends_with("agent: We do."), "{}", world.transcript());
}

#[test]
fn behind_a_tool_that_blocks_the_caller_is_answered_afterwards() {
    let tool = ToolSettings { on_interruption: OnInterruption::Block, ..tool() };
    let caller = asks().says(4_000, "and do you have parking?");
    let world = looking(tool, caller, 4_000, &[LOOK, "We do."]).run();
    assert!(world.transcript().contains(&format!("agent: {CLOSED}")), "{:?}", world.log);
    assert!(world.transcript().ends_with("agent: We do."), "{}", world.transcript());
    assert!(world.outside.canceled.is_empty());
}

#[test]
fn a_cough_does_not_lose_a_result() {
    for cough in [2_600, 3_000, 3_900] {
        let world = looking(tool(), asks().coughs(cough, 400), 2_000, &[LOOK]).run();
        assert!(world.transcript().ends_with(CLOSED), "a cough at {cough}: {:?}", world.log);
    }
}

#[test]
fn an_okay_of_a_caller_who_waits_does_not_take_the_result_away() {
    let world = looking(tool(), asks().says(3_000, "okay"), 3_000, &[LOOK, "Never."]).run();
    assert!(
        world.transcript().ends_with(&format!("caller: okay\nagent: {CLOSED}")),
        "{:?}",
        world.log
    );
}

#[test]
fn a_tool_of_an_attempt_that_was_dropped_never_runs() {
    // Complaint: a tool of a discarded attempt ran, twice where the attempt was repeated.
    let caller = Caller::default().says(500, "book a table. (300) for six people please");
    let world = looking(tool(), caller, 500, &[LOOK]).run();
    assert!(world.conversation.counts().speculations_dropped > 0, "{:?}", world.log);
    assert_eq!(world.outside.run.len(), 1);
    assert!(world.transcript().starts_with("caller: book a table. for six people please\n"));
}

#[test]
fn a_caller_who_hangs_up_leaves_no_tool_running() {
    let say_before = Some("I will look that up for you.".to_owned());
    for tool in [tool(), ToolSettings { say_before, ..tool() }] {
        for millis in (2_000..6_000).step_by(180) {
            let mut world = looking(tool.clone(), asks(), 3_000, &[LOOK]);
            world.run_until(millis);
            // The world checks that every tool is over.
            world.hang_up();
            world.run_until(millis + 5_000);
        }
    }
}

#[test]
fn the_opening_waits_for_a_tool_that_runs_before_it_and_the_model_knows_its_result() {
    let arguments = json!({"source": "crm"});
    let before = ToolSettings { when: ToolWhen::Before, arguments, timeout_ms: 3_000, ..tool() };
    let config = ConversationConfig {
        opening: Some("Hello.".into()),
        ..config(rules(std::slice::from_ref(&before)))
    };
    let caller = Caller::default().says(5_000, "who am I?");
    let mut world = World::of(config.clone(), caller.clone(), &["You are Ada."], DELAYS);
    world.outside.returns("look", 1_500, json!({"name": "Ada"}));
    let world = world.answered().run();
    assert!((1_500..1_700).contains(&said(&world, "Hello.")), "{:?}", world.spoken);
    assert_eq!(world.outside.run[0].1.arguments, json!({"source": "crm"}));
    assert!(format!("{:?}", world.asked[0]).contains("Ada"));
    // One that never returns holds it until its time is up.
    let world = World::of(config, caller, &["You are Ada."], DELAYS).answered().run();
    assert!((3_000..3_200).contains(&said(&world, "Hello.")), "{:?}", world.spoken);
}

#[test]
fn a_tool_for_afterwards_runs_when_the_call_is_over() {
    let after = ToolSettings { when: ToolWhen::After, ..tool() };
    let caller = Caller::default().says(500, "thank you bye");
    let world = World::ruled(rules(&[after]), caller, &["Goodbye!"]).run_to_end(30_000);
    assert_eq!(world.outside.run.len(), 1);
    assert_eq!(world.outside.run[0].0, world.end().1);
}

#[test]
fn arguments_that_the_document_fixes_are_not_the_models_to_choose() {
    let arguments = json!({"account": 7});
    let fixed = ToolSettings { arguments, ..tool() };
    let answer = "[[look {\"day\": \"sunday\", \"account\": 1}]]";
    let world = looking(fixed, asks(), 100, &[answer]).run();
    assert_eq!(world.outside.run[0].1.arguments, json!({"day": "sunday", "account": 7}));
}

#[test]
fn a_model_that_calls_tools_for_ever_has_to_answer_at_last() {
    let mut world = looking(tool(), asks(), 100, &[LOOK]);
    world.model.unprompted(&[LOOK, LOOK, LOOK, LOOK, "Here it is."]);
    let world = world.run();
    assert!(world.transcript().ends_with("agent: Here it is."), "{:?}", world.log);
    assert_eq!(world.tools_offered.last(), Some(&0), "the last request offers none");
}

#[test]
fn a_running_tool_holds_the_clock_of_silence_and_is_heard_to_work() {
    // Complaint: the idle timer fired during a tool call.
    let silence = SilenceSettings {
        reminder_ms: Some(3_000),
        reminder_text: "Are you there?".to_owned(),
        hangup_ms: Some(6_000),
        ..SilenceSettings::default()
    };
    let tool = ToolSettings { has_sound: true, timeout_ms: 20_000, ..tool() };
    let rules = CallSettings { silence, ..rules(&[tool]) };
    let mut world = World::ruled(rules, asks(), &[LOOK]);
    world.outside.returns("look", 12_000, json!(1));
    world.model.unprompted(&[CLOSED]);
    let world = world.run_to_end(60_000);
    assert!(said(&world, CLOSED) > 14_000);
    assert!(said(&world, "Are you there?") > said(&world, CLOSED));
    let sounds: Vec<&str> = world
        .log
        .iter()
        .map(|(_, line)| line.as_str())
        .filter(|line| line.starts_with("background"))
        .collect();
    assert_eq!(sounds, ["background: Some(Working)", "background: None"]);
}

#[test]
fn a_model_that_calls_what_it_was_not_offered_is_not_asked_for_ever() {
    for call in ["[[look {}]]", "[[unheard_of {}]]"] {
        let mut world = World::ruled(rules(&[tool()]), asks(), &[call]);
        world.outside.returns("look", 100, json!({"open": true}));
        world.model.unprompted(&[call; 40]);
        let world = world.run_to_end(30_000);
        assert!(world.model_asked <= 6, "{call}: asked {} times", world.model_asked);
        assert!(world.outside.run.len() <= 5, "{call}: {:?}", world.outside.run);
    }
}

#[test]
fn a_tool_for_behind_the_call_is_not_the_models_to_call() {
    let report = ToolSettings { when: ToolWhen::After, ..tool() };
    let world = looking(report, asks(), 500, &["[[look {}]]", CLOSED]).run();
    assert_eq!(world.decided("unknown_tool"), 1, "{:?}", world.log);
    assert!(world.outside.run.is_empty(), "{:?}", world.outside.run);
}
