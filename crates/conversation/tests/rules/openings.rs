//! Who speaks first.

use offhook_conversation::{ConversationConfig, OpeningMode, OpeningSettings};
use offhook_types::ChatMessage;

use crate::caller::Caller;
use crate::world::{DELAYS, World, config};

const HELLO: &str = "Hello, this is the restaurant.";

fn opened(opening: OpeningSettings) -> ConversationConfig {
    ConversationConfig { opening: Some(opening), ..config(Default::default()) }
}

fn run(opening: OpeningSettings, caller: Caller, answers: &[&str]) -> World {
    World::of(opened(opening), caller, answers, DELAYS).answered().run()
}

fn waits(wait_timeout_ms: u32, text: &str) -> OpeningSettings {
    let (mode, text) = (OpeningMode::Wait, text.to_owned());
    let wait_timeout_ms = Some(wait_timeout_ms);
    OpeningSettings { mode, text, wait_timeout_ms, ..OpeningSettings::default() }
}

#[test]
fn a_static_opening_is_said_after_its_delay() {
    for delay_ms in [0, 400, 1_500] {
        let opening = OpeningSettings { delay_ms, ..HELLO.into() };
        let world = run(opening, Caller::default(), &[]);
        assert_eq!(world.transcript(), format!("agent: {HELLO}"));
        let at = world.heard_after(0).expect("an opening");
        let expected = u64::from(delay_ms) + DELAYS.speech;
        assert!((expected..=expected + 60).contains(&at), "{at} ms of {delay_ms}");
    }
}

#[test]
fn a_caller_who_says_hello_first_hears_the_text_word_for_word_and_no_model_is_asked() {
    let world = run(HELLO.into(), Caller::default().says(100, "hello?"), &["never"]);
    assert_eq!(world.transcript(), format!("caller: hello?\nagent: {HELLO}"));
    assert_eq!(world.model_asked, 0);
    assert_eq!(world.decided("opening: deferred"), 1);
}

#[test]
fn a_caller_who_asks_first_hears_the_text_and_then_the_answer() {
    let caller = Caller::default().says(100, "do you have a table for two tonight?");
    let mut world = World::of(opened(HELLO.into()), caller, &[], DELAYS).answered();
    world.model.unprompted(&["We do, at six."]);
    let world = world.run();
    assert_eq!(
        world.transcript(),
        format!(
            "caller: do you have a table for two tonight?\nagent: {HELLO}\nagent: We do, at six."
        )
    );
}

#[test]
fn a_caller_who_asks_first_and_again_over_the_opening_is_answered_once() {
    let text = "This is the restaurant by the old bridge. How can I help you this evening?";
    let caller = Caller::default()
        .says(100, "do you have a table for two tonight?")
        .says(4_500, "a table for two at six please");
    let answers = ["Never said.", "At six, yes."];
    let mut world = World::of(opened(text.into()), caller, &answers, DELAYS).answered();
    world.model.unprompted(&["Never said."]);
    let world = world.run();
    let transcript = world.transcript();
    assert!(transcript.ends_with("please\nagent: At six, yes."), "{transcript}");
}

#[test]
fn a_caller_who_goes_on_before_the_opening_is_heard_still_hears_it() {
    for pause in (100..1_500).step_by(100) {
        let text = format!("hello? ({pause}) is anybody there");
        let caller = Caller::default().says(100, &text);
        let opening = OpeningSettings { is_interruptible: false, ..HELLO.into() };
        let mut world = World::of(opened(opening), caller, &["Yes."], DELAYS).answered();
        world.model.unprompted(&["Yes.", "Yes."]);
        let world = world.run();
        assert!(world.transcript().contains(&format!("agent: {HELLO}")), "{}", world.transcript());
    }
}

#[test]
fn an_opening_that_the_law_requires_is_not_interrupted() {
    let text = "This call is recorded for quality and training purposes. How can I help you?";
    let opening = OpeningSettings { is_interruptible: false, ..text.into() };
    let caller = Caller::default().says(1_500, "what about my table for tonight?");
    let world = run(opening, caller, &["It is booked."]);
    assert_eq!(
        world.transcript(),
        format!("agent: {text}\ncaller: what about my table for tonight?\nagent: It is booked.")
    );
}

#[test]
fn a_generated_opening_is_written_by_the_model_as_told() {
    let opening = OpeningSettings { mode: OpeningMode::Generated, ..HELLO.into() };
    let mut world = World::of(opened(opening), Caller::default(), &[], DELAYS).answered();
    world.model.unprompted(&["Good evening!"]);
    let world = world.run();
    assert_eq!(world.transcript(), "agent: Good evening!");
    let told = ChatMessage::System { text: HELLO.to_owned() };
    assert!(world.asked[0].contains(&told), "{:?}", world.asked[0]);
}

#[test]
fn a_generated_opening_sees_what_a_caller_said_who_was_faster() {
    let opening = OpeningSettings { mode: OpeningMode::Generated, ..HELLO.into() };
    let caller = Caller::default().says(100, "do you have a table?");
    let world = run(opening, caller, &["Good evening, we do."]);
    assert_eq!(world.transcript(), "caller: do you have a table?\nagent: Good evening, we do.");
    let told = ChatMessage::System { text: HELLO.to_owned() };
    assert!(world.asked.last().expect("a request").contains(&told));
}

#[test]
fn an_agent_that_waits_lets_the_caller_open() {
    let caller = Caller::default().says(2_000, "hello? do you have a table?");
    let world = run(waits(5_000, HELLO), caller, &["We do."]);
    assert_eq!(world.transcript(), "caller: hello? do you have a table?\nagent: We do.");
}

#[test]
fn an_agent_that_waited_for_nothing_speaks_when_the_time_is_up() {
    let world = run(waits(5_000, HELLO), Caller::default(), &[]).run();
    let at = world.said_at(HELLO);
    assert!(at.is_none_or(|at| (5_000..5_200).contains(&at)), "{at:?}");
    let mut world =
        World::of(opened(waits(5_000, HELLO)), Caller::default(), &[], DELAYS).answered();
    world.run_until(9_000);
    assert_eq!(world.transcript(), format!("agent: {HELLO}"));
}

#[test]
fn an_agent_that_waited_for_nothing_and_has_no_text_lets_the_model_open() {
    let config = opened(waits(3_000, ""));
    let mut world = World::of(config, Caller::default(), &[], DELAYS).answered();
    world.model.unprompted(&["Is anybody there?"]);
    world.run_until(7_000);
    assert_eq!(world.transcript(), "agent: Is anybody there?");
    let told = world.asked[0].iter().filter(|it| matches!(it, ChatMessage::System { .. })).count();
    assert_eq!(told, 2, "the prompt, and what to do: {:?}", world.asked);
}

#[test]
fn a_cough_does_not_take_the_opening_away() {
    for at in (0..700).step_by(60) {
        let world = run(HELLO.into(), Caller::default().coughs(at, 200), &[]);
        assert_eq!(world.transcript(), format!("agent: {HELLO}"), "a cough at {at} ms");
    }
}
