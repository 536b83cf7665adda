//! Keys that the caller presses, and keys that the agent presses.

use offhook_conversation::{CallSettings, DtmfSettings, IvrSettings, SilenceSettings};
use offhook_types::{CarrierCommand, DtmfOrigin};

use crate::caller::Caller;
use crate::world::World;

const MENU: &str = "Please enter your card number on the keypad of your telephone, and finish with \
                    the pound key. Take your time, we will wait.";

fn asks() -> Caller {
    Caller::default().says(500, "I want to pay")
}

fn menus() -> CallSettings {
    CallSettings { ivr: IvrSettings { is_enabled: true }, ..CallSettings::default() }
}

#[test]
fn keys_stop_the_agent_and_are_given_to_the_model_as_one_entry() {
    let caller = asks().presses(5_000, "4711#");
    let world = World::ruled(CallSettings::default(), caller, &[MENU, "Thank you."]).run();
    assert!((4_960..=5_000).contains(&world.agent[0].1), "{:?}", world.agent);
    assert!(
        world.transcript().ends_with("--\ncaller: [keypad: 4711]\nagent: Thank you."),
        "{}",
        world.transcript()
    );
    assert_eq!(world.model_asked, 2);
}

#[test]
fn a_pause_behind_the_last_key_ends_an_entry_without_a_terminator() {
    let caller = Caller::default().presses(2_000, "42");
    let world = World::ruled(CallSettings::default(), caller, &["Thank you."]).run();
    assert_eq!(world.transcript(), "caller: [keypad: 42]\nagent: Thank you.");
    let at = world.said_at("Thank you.").expect("an answer");
    assert!((5_300..5_700).contains(&at), "{at} ms");
}

#[test]
fn a_menu_of_one_key_waits_for_no_other() {
    let dtmf = DtmfSettings { digit_count_max: 1, ..DtmfSettings::default() };
    let rules = CallSettings { dtmf, ..CallSettings::default() };
    let caller = Caller::default().presses(2_000, "1").presses(6_000, "2");
    let world = World::ruled(rules, caller, &["One.", "Two."]).run();
    assert_eq!(
        world.transcript(),
        "caller: [keypad: 1]\nagent: One.\ncaller: [keypad: 2]\nagent: Two."
    );
    assert!(world.said_at("One.").expect("an answer") < 2_300);
}

#[test]
fn words_and_keys_of_one_turn_are_answered_together() {
    let caller = Caller::default().says(500, "my number is").presses(2_200, "415#");
    let world = World::ruled(CallSettings::default(), caller, &["Thank you."]).run();
    assert_eq!(world.transcript(), "caller: my number is [keypad: 415]\nagent: Thank you.");
}

#[test]
fn an_entry_holds_the_clock_of_silence() {
    let silence = SilenceSettings { hangup_ms: Some(4_000), ..SilenceSettings::default() };
    let dtmf = DtmfSettings { inter_digit_timeout_ms: 8_000, ..DtmfSettings::default() };
    let rules = CallSettings { silence, dtmf, ..CallSettings::default() };
    let caller = Caller::default().presses(3_000, "1").presses(9_000, "2#");
    let world = World::ruled(rules, caller, &["Thank you."]).run();
    assert_eq!(world.transcript(), "caller: [keypad: 12]\nagent: Thank you.");
}

#[test]
fn keys_over_words_that_cannot_be_interrupted_are_answered_afterwards() {
    let mut world =
        World::ruled(CallSettings::default(), asks().presses(4_000, "1#"), &["", "One."]);
    world.model.unprompted(&["One."]);
    let text = "This call is recorded for quality and training purposes.".to_owned();
    world.run_until(100);
    world.control(offhook_types::ControlCommand::Say { text, is_interruptible: false });
    let world = world.run();
    assert!(world.transcript().contains("purposes.\n"), "{}", world.transcript());
    assert!(!world.transcript().contains("--"));
    assert!(world.transcript().contains("[keypad: 1]"));
}

#[test]
fn the_model_presses_keys_when_its_words_were_heard() {
    let caller = Caller::default().says(500, "for sales press one");
    let answer = "[[send_dtmf {\"digits\": \"1\"}]]";
    let world = World::ruled(menus(), caller, &[answer]).run();
    let digits = vec!['1'.try_into().expect("a key")];
    assert_eq!(world.carrier_asked, [CarrierCommand::SendDtmf { digits }]);
    assert_eq!(world.model_asked, 1);
}

#[test]
fn the_agents_own_tones_do_not_come_back_as_keys_of_the_caller() {
    let caller = Caller::default().says(500, "for sales press one");
    let answer = "[[send_dtmf {\"digits\": \"1\"}]]";
    let mut world = World::ruled(menus(), caller, &[answer]);
    while world.carrier_asked.is_empty() {
        world.run_until(world.now() + 20);
    }
    world.run_until(world.now() + 300);
    let digit = '1'.try_into().expect("a key");
    world.happens(offhook_conversation::Input::Digit { digit, origin: DtmfOrigin::Tone });
    let world = world.run();
    assert_eq!(world.decided("own_tone"), 1);
    assert!(!world.transcript().contains("keypad"));
}

#[test]
fn a_turn_that_the_model_skips_is_not_answered_and_holds_the_clock_of_silence() {
    let silence = SilenceSettings { hangup_ms: Some(10_000), ..SilenceSettings::default() };
    let rules = CallSettings { silence, ..menus() };
    let caller =
        Caller::default().says(500, "please hold the line").says(60_000, "hello this is Ada");
    let world = World::ruled(rules, caller, &["[[skip_turn]]", "Hello Ada."]).run();
    assert!(world.transcript().ends_with("agent: Hello Ada."), "{:?}", world.log);
}

#[test]
fn without_menus_the_model_cannot_press_keys() {
    let caller = Caller::default().says(500, "for sales press one");
    let answer = "[[send_dtmf {\"digits\": \"1\"}]] Hello?";
    let world = World::ruled(CallSettings::default(), caller, &[answer]).run();
    assert!(world.carrier_asked.is_empty());
    assert_eq!(world.decided("unknown_tool"), 1);
}
