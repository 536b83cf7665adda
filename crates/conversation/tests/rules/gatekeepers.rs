//! Call screening and telephone menus.

use offhook_conversation::{CallSettings, IvrSettings, ScreeningSettings, SilenceSettings};
use offhook_types::CarrierCommand;

use crate::caller::Caller;
use crate::world::World;

const WHO: &str = "This is Ada of Example Dental.";
const WHY: &str = "It is about your appointment.";
const MENU: &str = "for sales press one for support press two";

fn screening() -> CallSettings {
    let screening = Some(ScreeningSettings { identity: WHO.to_owned(), purpose: WHY.to_owned() });
    CallSettings { screening, ..CallSettings::default() }
}

fn menus() -> CallSettings {
    CallSettings { ivr: IvrSettings { is_enabled: true }, ..CallSettings::default() }
}

#[test]
fn who_asks_who_is_calling_is_told_who_and_why_without_a_model() {
    let caller = Caller::default().says(500, "hi who is calling please?");
    let world = World::ruled(screening(), caller, &["never"]).run();
    assert!(world.transcript().ends_with(&format!("agent: {WHO} {WHY}")), "{}", world.transcript());
    assert!(!world.transcript().contains("never"));
}

#[test]
fn a_service_that_asks_to_wait_is_not_answered_and_the_person_behind_it_is() {
    let caller = Caller::default()
        .says(500, "please state your name and why you are calling")
        .says(8_000, "please stay on the line")
        .says(14_000, "hello this is Bob");
    let world = World::ruled(screening(), caller, &["", "", "Hello Bob."]).run();
    let said: Vec<&str> = world.spoken.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(said, [WHO, WHY, "Hello Bob."]);
}

#[test]
fn a_service_that_hangs_up_has_refused_the_call() {
    let caller = Caller::default().says(500, "please state your name and why you are calling");
    let mut world = World::ruled(screening(), caller, &[]);
    world.run_until(9_000);
    world.hang_up();
    assert_eq!(world.end().0, "ScreeningRefused by Caller");
}

#[test]
fn screening_is_answered_twice_at_most() {
    let mut caller = Caller::default();
    for index in 0..3 {
        caller = caller.says(500 + 9_000 * index, "sorry who is calling?");
    }
    let world = World::ruled(screening(), caller, &["", "", "I told you."]).run();
    assert_eq!(world.decided("screening"), 2);
    assert!(world.transcript().ends_with("agent: I told you."), "{}", world.transcript());
}

#[test]
fn without_an_identity_the_model_answers_who_is_calling() {
    let caller = Caller::default().says(500, "who is calling please?");
    let world = World::ruled(CallSettings::default(), caller, &["Ada."]).run();
    assert!(world.transcript().ends_with("agent: Ada."));
}

#[test]
fn a_person_who_has_talked_with_the_agent_is_no_screening_service() {
    let rules = CallSettings { voicemail: None, ..screening() };
    let caller = Caller::default()
        .says(500, "hello?")
        .says(4_000, "good thank you")
        .says(9_000, "wait who is calling again?");
    let world = World::ruled(rules, caller, &["How are you?", "Fine.", "It is Ada."]).run();
    assert!(world.transcript().ends_with("agent: It is Ada."), "{}", world.transcript());
}

#[test]
fn a_menu_that_nobody_can_operate_ends_the_call() {
    let caller = Caller::default().says(500, MENU);
    let world = World::ruled(CallSettings::default(), caller, &["never"]).run_to_end(30_000);
    assert_eq!(world.end().0, "IvrFailed by Agent");
    assert!(world.agent.is_empty());
}

#[test]
fn a_menu_is_passed_by_keys_and_the_person_behind_it_is_talked_to() {
    let caller = Caller::default().says(500, MENU).says(9_000, "sales this is Bob");
    let answers = ["[[send_dtmf {\"digits\": \"1\"}]]", "Hello Bob."];
    let mut world = World::ruled(menus(), caller, &answers).run();
    let digits = vec!['1'.try_into().expect("a key")];
    assert_eq!(world.carrier_asked, [CarrierCommand::SendDtmf { digits }]);
    assert!(world.transcript().ends_with("agent: Hello Bob."), "{:?}", world.log);
    world.hang_up();
    assert_eq!(world.end().0, "HumanPickUpCutOff by Caller");
}

#[test]
fn a_menu_that_hangs_up_was_not_passed() {
    let caller = Caller::default().says(500, MENU);
    let mut world = World::ruled(menus(), caller, &["[[skip_turn]]"]);
    world.run_until(8_000);
    world.hang_up();
    assert_eq!(world.end().0, "IvrFailed by Caller");
}

#[test]
fn a_menu_that_leads_in_circles_is_given_up() {
    let mut caller = Caller::default();
    for index in 0..20 {
        caller = caller.says(500 + 6_000 * index, MENU);
    }
    let answers: Vec<&str> = (0..20).map(|_| "[[send_dtmf {\"digits\": \"1\"}]]").collect();
    let world = World::ruled(menus(), caller, &answers).run_to_end(120_000);
    assert_eq!(world.end().0, "IvrFailed by Agent");
    assert_eq!(world.carrier_asked.len(), 12);
}

#[test]
fn a_model_that_was_not_offered_keys_presses_none() {
    let caller = Caller::default().says(500, "please press one for me");
    let answers = ["[[send_dtmf {\"digits\": \"1\"}]]", "I cannot."];
    let world = World::ruled(CallSettings::default(), caller, &answers).run();
    assert!(world.carrier_asked.is_empty(), "{:?}", world.carrier_asked);
    assert_eq!(world.decided("unknown_tool"), 1, "{:?}", world.log);
}

#[test]
fn a_turn_that_was_skipped_holds_the_line_for_two_minutes_and_no_longer() {
    let silence = SilenceSettings { hangup_ms: Some(10_000), ..SilenceSettings::default() };
    let rules = CallSettings { silence, ..menus() };
    let caller = Caller::default().says(500, MENU);
    let world = World::ruled(rules, caller, &["[[skip_turn]]"]).run_to_end(300_000);
    let (kind, at) = world.end();
    assert_eq!(kind, "IdleTimeout by Agent");
    assert!((120_000..150_000).contains(&at), "{at} ms");
}
