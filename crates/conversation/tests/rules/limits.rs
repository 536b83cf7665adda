//! The longest call.

use offhook_conversation::{CallSettings, LimitSettings, SilenceSettings};

use crate::caller::Caller;
use crate::world::{DELAYS, Delays, World, config};

const OVER: &str = "Our time is up, thank you for your call.";

fn rules(text: &str) -> CallSettings {
    let limits = LimitSettings { max_call_ms: Some(30_000), max_call_text: text.to_owned() };
    CallSettings { limits, ..CallSettings::default() }
}

#[test]
fn the_last_words_are_over_one_second_before_the_limit() {
    let world = World::ruled(rules(OVER), Caller::default(), &[]).run_to_end(60_000);
    let (kind, at) = world.end();
    assert_eq!(kind, "MaxDuration by System");
    assert!((28_800..=29_100).contains(&at), "{at} ms");
    assert_eq!(world.transcript(), format!("agent: {OVER}"));
}

#[test]
fn without_words_the_line_drops_at_the_limit() {
    let world = World::ruled(rules(""), Caller::default(), &[]).run_to_end(60_000);
    assert_eq!(world.end(), ("MaxDuration by System".to_owned(), 30_000));
}

#[test]
fn a_caller_who_talks_for_ever_is_told_all_the_same_and_cannot_interrupt() {
    let caller = Caller::default().says(500, &"and then she said to me ".repeat(40));
    let world = World::ruled(rules(OVER), caller, &["I see."]).run_to_end(60_000);
    assert_eq!(world.end().0, "MaxDuration by System");
    let transcript = world.transcript();
    let told = transcript.split_once(&format!("agent: {OVER}\n")).expect("whole and on record");
    assert!(told.1.starts_with("caller: and then she said"), "{transcript}");
}

#[test]
fn an_answer_that_is_being_said_gives_way_to_the_last_words() {
    let long = "We are open from nine to five on weekdays, and on Saturdays from ten. ".repeat(8);
    let caller = Caller::default().says(500, "When are you open?");
    let world = World::ruled(rules(OVER), caller, &[&long]).run_to_end(60_000);
    assert!(world.transcript().ends_with(&format!("--\nagent: {OVER}")), "{}", world.transcript());
    assert!(world.end().1 <= 29_100);
    world.check_history().expect("what was heard");
}

#[test]
fn whatever_hangs_the_line_drops_a_second_behind_the_limit() {
    // The voice never makes the last words; the model never answers.
    let delays = Delays { speech: 3_000_000, first_token: 3_000_000, ..DELAYS };
    let caller = Caller::default().says(25_000, "hello is anybody there?");
    let world = World::of(config(rules(OVER)), caller, &["Yes."], delays).answered();
    let (kind, at) = world.run_to_end(60_000).end();
    assert_eq!(kind, "MaxDuration by System");
    assert!(at <= 31_000, "{at} ms");
}

#[test]
fn a_silent_call_that_ends_before_its_limit_ends_for_its_silence() {
    let silence = SilenceSettings { hangup_ms: Some(29_000), ..SilenceSettings::default() };
    let world = World::ruled(CallSettings { silence, ..rules("") }, Caller::default(), &[]);
    assert_eq!(world.run_to_end(60_000).end(), ("IdleTimeout by Agent".to_owned(), 29_000));
}
