//! How a call is closed: farewells, `end_call`, and the line that drops behind them.

use offhook_conversation::{
    CallSettings, ClosingMode, ClosingSettings, EndCondition, FillerSettings,
};

use crate::caller::Caller;
use crate::world::{DELAYS, Delays, World, config};

const BYE: &str = "You are welcome. Goodbye!";

fn says(text: &str) -> Caller {
    Caller::default().says(500, text)
}

fn run(rules: CallSettings, caller: Caller, answers: &[&str]) -> World {
    World::ruled(rules, caller, answers).run_to_end(60_000)
}

fn closing(mode: ClosingMode, text: &str) -> CallSettings {
    let closing = ClosingSettings { mode, text: text.to_owned() };
    CallSettings { closing, ..CallSettings::default() }
}

fn heard_until(world: &World) -> u64 {
    world.agent.last().expect("the agent spoke").1
}

#[test]
fn farewells_of_both_sides_end_the_call_behind_the_last_of_them() {
    let world = run(CallSettings::default(), says("thank you bye"), &[BYE]);
    let (kind, at) = world.end();
    assert_eq!(kind, "HumanGoodbye by Agent");
    let grace = at - heard_until(&world);
    assert!((780..=860).contains(&grace), "{grace} ms");
    assert_eq!(world.transcript(), format!("caller: thank you bye\nagent: {BYE}"));
}

#[test]
fn the_agents_farewell_and_four_seconds_of_silence_end_the_call() {
    let world = run(CallSettings::default(), says("then it is booked"), &["It is. Goodbye!"]);
    let (kind, at) = world.end();
    assert_eq!(kind, "AgentGoodbye by Agent");
    let silence = at - heard_until(&world);
    assert!((3_980..=4_060).contains(&silence), "{silence} ms");
}

#[test]
fn a_caller_who_answers_a_farewell_is_not_answered_again() {
    let caller = says("then it is booked").says(4_500, "okay thanks bye bye");
    let world = run(CallSettings::default(), caller, &["It is. Goodbye!", "Never said."]);
    assert_eq!(world.end().0, "AgentGoodbye by Agent");
    assert!(world.transcript().ends_with("caller: okay thanks bye bye"), "{}", world.transcript());
}

#[test]
fn thanks_behind_a_farewell_are_not_answered_either() {
    let caller = says("then it is booked").says(4_500, "okay thanks");
    let world = run(CallSettings::default(), caller, &["It is. Goodbye!", "Never said."]);
    assert_eq!(world.end().0, "AgentGoodbye by Agent");
    assert!(world.transcript().ends_with("caller: okay thanks"), "{}", world.transcript());
}

#[test]
fn a_caller_who_has_something_to_add_is_answered_and_the_call_goes_on() {
    let caller = says("thank you bye").says(4_050, "oh wait do you have parking?");
    let answers = [BYE, "We do, behind the house. Anything else?"];
    let world = World::ruled(CallSettings::default(), caller, &answers).run();
    assert!(world.ended.is_none(), "{:?}", world.log);
    assert!(world.transcript().ends_with("behind the house. Anything else?"));
    assert_eq!(world.decided("closing: the caller goes on"), 1);
}

#[test]
fn end_call_waits_until_what_was_said_with_it_was_heard() {
    // Complaint: the goodbye was cut off by the agent's own hang-up.
    let answer = "Your table is booked for six, we look forward to it. [[end_call {\"reason\": \
                  \"done\"}]]";
    let world = run(closing(ClosingMode::None, ""), says("that is all"), &[answer]);
    let (kind, at) = world.end();
    assert_eq!(kind, "AgentEnded by Agent");
    assert!(world.transcript().ends_with("we look forward to it."), "{}", world.transcript());
    assert!(at >= heard_until(&world) + 780);
}

#[test]
fn a_static_closing_is_said_word_for_word_behind_the_models_words() {
    let rules = closing(ClosingMode::Static, "Thank you for calling. Goodbye.");
    let world = run(rules, says("that is all"), &["Very well. [[end_call {\"reason\": \"x\"}]]"]);
    assert!(
        world.transcript().ends_with("agent: Very well.\nagent: Thank you for calling. Goodbye.")
    );
    assert_eq!(world.end().0, "AgentGoodbye by Agent");
}

#[test]
fn a_model_that_ends_the_call_without_a_word_is_asked_for_a_farewell() {
    let mut world =
        World::ruled(CallSettings::default(), says("that is all"), &["[[end_call {}]]"]);
    world.model.unprompted(&["Goodbye then!"]);
    let world = world.run_to_end(60_000);
    assert_eq!(world.transcript(), "caller: that is all\nagent: Goodbye then!");
    assert_eq!(world.end().0, "AgentGoodbye by Agent");
}

#[test]
fn an_end_condition_is_the_reason_and_has_words_of_its_own() {
    let own = ClosingSettings { mode: ClosingMode::Static, text: "Call 112 now.".to_owned() };
    let rules = CallSettings {
        end_conditions: vec![EndCondition {
            reason: "an emergency".to_owned(),
            closing: Some(own),
        }],
        ..closing(ClosingMode::Static, "Goodbye.")
    };
    let answer = "[[end_call {\"reason\": \"An emergency\"}]]";
    let world = run(rules, says("my house is on fire bye"), &[answer]);
    assert!(world.transcript().ends_with("agent: Call 112 now."), "{}", world.transcript());
    assert_eq!(world.end().0, "Custom(\"an emergency\") by Agent");
}

#[test]
fn new_words_while_the_farewell_is_said_take_the_end_back() {
    let rules = closing(ClosingMode::Static, "Thank you very much for calling us. Goodbye.");
    let caller = says("that is all").says(3_400, "no wait I have one more question");
    let answers = ["[[end_call {}]]", "Of course, which one?"];
    let world = World::ruled(rules, caller, &answers).run();
    assert!(world.ended.is_none(), "{:?}", world.log);
    assert!(world.transcript().ends_with("agent: Of course, which one?"), "{}", world.transcript());
}

#[test]
fn an_end_call_of_an_attempt_that_was_dropped_does_nothing() {
    // The model is asked before the turn is over, and ends the call; the caller goes on.
    let caller = says("that is all. (300) and a highchair please");
    let mut world = World::ruled(CallSettings::default(), caller, &["[[end_call {}]] Goodbye."]);
    world.run_until(1_900);
    assert!(world.conversation.counts().speculations > 0, "{:?}", world.log);
    world.model = crate::model::Model::new(&["Of course."]);
    let world = world.run();
    assert!(world.ended.is_none());
    assert_eq!(world.decided("end_call"), 0, "{:?}", world.log);
}

#[test]
fn noise_behind_the_last_words_holds_the_line_for_eight_seconds_at_most() {
    // Complaint: the line stayed open after the agent had ended the call.
    let caller = says("thank you bye").coughs(4_000, 20_000);
    let world = run(CallSettings::default(), caller, &[BYE]);
    let open = world.end().1 - heard_until(&world);
    assert!((2_000..=8_100).contains(&open), "{open} ms");
}

#[test]
fn a_farewell_is_not_bridged_and_one_that_never_comes_holds_no_line_open() {
    for farewell in ["", "!"] {
        let fillers =
            FillerSettings { soft_timeout_ms: 1_500, texts: vec!["One moment.".to_owned()] };
        let rules = CallSettings { fillers, ..closing(ClosingMode::Generated, "") };
        let delays = Delays { first_token: 1_000, ..DELAYS };
        let end_call = "[[end_call {\"reason\": \"done\"}]]";
        let mut world = World::of(config(rules), says("that is all"), &[end_call], delays);
        world.model.unprompted(&[farewell; 20]);
        let world = world.answered().run_to_end(60_000);
        assert!(world.ended.is_some(), "{:#?}", world.log);
        assert_eq!(world.transcript(), "caller: that is all");
    }
}
