//! Faults, operators, and the worker's shutdown.

use offhook_conversation::{CallSettings, ConversationConfig, FaultSettings, Input};
use offhook_types::{
    ChatMessage, ControlCommand, FailureKind, ProviderFailure, ProviderStage, SttEvent,
};

use crate::caller::Caller;
use crate::world::{DELAYS, World, config};

const SORRY: &str = "I am sorry, something went wrong. Please call again.";
const CLOSING_DOWN: &str = "I have to end this call now. Please call again.";

fn rules() -> CallSettings {
    let faults = FaultSettings { text: SORRY.to_owned(), drain_text: CLOSING_DOWN.to_owned() };
    CallSettings { faults, ..CallSettings::default() }
}

fn asks() -> Caller {
    Caller::default().says(2_000, "What are your opening hours?")
}

fn gone() -> ProviderFailure {
    ProviderFailure {
        provider: "test".to_owned(),
        stage: ProviderStage::Stream,
        kind: FailureKind::Unavailable,
        status: None,
        message: "gone".to_owned(),
    }
}

#[test]
fn a_model_that_is_dead_is_admitted_in_a_sentence_that_was_made_before() {
    let world = World::ruled(rules(), asks(), &["!"]).run_to_end(60_000);
    assert_eq!(world.transcript(), format!("caller: What are your opening hours?\nagent: {SORRY}"));
    assert_eq!(world.end().0, "Failed(Llm) by System");
}

#[test]
fn a_recogniser_that_dies_while_the_agent_speaks_ends_the_call_behind_the_sentence() {
    let long = "We are open from nine to five on weekdays, and from ten on Saturdays.";
    let mut world = World::ruled(rules(), asks(), &[long]);
    world.run_until(5_500);
    world.happens(Input::Stt(SttEvent::Failed(gone())));
    world.happens(Input::Stt(SttEvent::Failed(gone())));
    let world = world.run_to_end(60_000);
    assert!(world.transcript().ends_with(&format!("--\nagent: {SORRY}")), "{}", world.transcript());
    assert_eq!(world.end().0, "Failed(Stt) by System");
}

#[test]
fn a_voice_that_dies_before_it_made_the_sentence_ends_the_call_without_it() {
    let mut world = World::ruled(rules(), Caller::default(), &[]);
    // The sentence takes 80 ms to be made.
    world.run_until(20);
    world.happens(Input::Stt(SttEvent::Failed(gone())));
    assert_eq!(world.end().0, "Failed(Stt) by System");
    let mut world = World::ruled(CallSettings::default(), Caller::default(), &[]);
    world.run_until(2_000);
    world.happens(Input::Stt(SttEvent::Failed(gone())));
    assert_eq!(world.end(), ("Failed(Stt) by System".to_owned(), 2_000));
}

#[test]
fn a_recogniser_whose_connection_is_dead_is_restarted_and_then_admitted() {
    // Complaint: the agent was deaf and nobody was told, because the connection was half open.
    let caller = Caller::default().says(1_000, &"hello can you hear me ".repeat(50));
    let mut world = World::ruled(rules(), caller.clone(), &[]);
    world.is_recogniser_dead = true;
    let world = world.run_to_end(90_000);
    assert_eq!(world.decided("recogniser_silent"), 2);
    assert_eq!(world.transcript(), format!("agent: {SORRY}"));
    assert_eq!(world.end().0, "Failed(Stt) by System");
    // One that comes back is good again.
    let mut world = World::ruled(rules(), caller, &["I can."]);
    world.is_recogniser_dead = true;
    world.run_until(17_000);
    world.is_recogniser_dead = false;
    let world = world.run();
    assert!(world.transcript().contains("agent: I can."), "{:?}", world.log);
}

#[test]
fn a_line_without_media_is_lost_after_ten_seconds() {
    let mut world = World::ruled(rules(), Caller::default(), &[]);
    world.run_until(3_000);
    world.stall(10_000);
    assert_eq!(world.end(), ("MediaLost by System".to_owned(), 13_000));
}

#[test]
fn a_call_that_outlasts_the_shutdown_is_told_and_ended_in_time() {
    // Complaint: a deployment cut calls off in the middle of a word.
    let caller = Caller::default().says(1_000, &"and then she said to me ".repeat(30));
    let mut world = World::ruled(rules(), caller, &["I see."]);
    world.run_until(5_000);
    world.control(ControlCommand::Drain { deadline_ms: 10_000 });
    let world = world.run_to_end(60_000);
    let (kind, at) = world.end();
    assert_eq!(kind, "Drained by System");
    assert!((13_800..=14_100).contains(&at), "{at} ms");
    assert!(world.said_at(CLOSING_DOWN).is_some());
}

#[test]
fn a_call_that_ends_before_the_shutdown_does_ends_for_its_own_reason() {
    let caller = Caller::default().says(1_000, "thank you bye");
    let mut world = World::ruled(rules(), caller, &["Goodbye!"]);
    world.control(ControlCommand::Drain { deadline_ms: 30_000 });
    assert_eq!(world.run_to_end(60_000).end().0, "HumanGoodbye by Agent");
}

#[test]
fn an_operator_hangs_up_at_any_moment() {
    for millis in (0..8_000).step_by(260) {
        let mut world = World::ruled(rules(), asks(), &["We open at nine. Anything else?"]);
        world.run_until(millis);
        world.control(ControlCommand::Hangup);
        assert_eq!(world.end().0, "OperatorEnded by Operator");
    }
}

#[test]
fn what_an_operator_says_is_heard_as_soon_as_nobody_speaks() {
    let mut world = World::ruled(rules(), asks(), &["We open at nine."]);
    world.run_until(2_500);
    world.announce("This is the manager.");
    let world = world.run();
    assert_eq!(
        world.transcript(),
        "caller: What are your opening hours?\nagent: We open at nine.\nagent: This is the manager."
    );
}

#[test]
fn what_an_operator_injects_is_told_to_the_model_and_not_to_the_caller() {
    let mut world = World::ruled(rules(), asks(), &["It is full."]);
    let text = "The restaurant is full tonight.".to_owned();
    world.control(ControlCommand::Inject { text: text.clone() });
    let world = world.run();
    assert!(world.asked[0].contains(&ChatMessage::System { text }), "{:?}", world.asked);
    assert!(!world.transcript().contains("tonight"));
}

#[test]
fn a_muted_agent_listens_and_answers_when_it_may_speak_again() {
    let mut world = World::ruled(rules(), asks(), &["never"]);
    world.model.unprompted(&["We open at nine."]);
    world.control(ControlCommand::MuteAgent { is_muted: true });
    world.run_until(9_000);
    assert_eq!(world.transcript(), "caller: What are your opening hours?");
    assert_eq!(world.model_asked, 0);
    world.control(ControlCommand::MuteAgent { is_muted: false });
    let world = world.run();
    assert!(world.transcript().ends_with("agent: We open at nine."));
}

#[test]
fn a_muted_agent_opens_the_call_when_it_may_speak_and_an_operator_may_before() {
    let config = ConversationConfig { opening: Some("Hello.".into()), ..config(rules()) };
    let mut world = World::of(config, Caller::default(), &[], DELAYS);
    world.control(ControlCommand::MuteAgent { is_muted: true });
    let mut world = world.answered();
    world.run_until(2_000);
    assert!(world.spoken.is_empty());
    world.announce("This is the manager.");
    world.run_until(6_000);
    world.control(ControlCommand::MuteAgent { is_muted: false });
    world.run_until(9_000);
    assert_eq!(world.transcript(), "agent: This is the manager.\nagent: Hello.");
}

#[test]
fn muting_cuts_what_the_agent_says() {
    let long = "We are open from nine to five on weekdays, and from ten on Saturdays.";
    let mut world = World::ruled(rules(), asks(), &[long]);
    world.run_until(5_500);
    world.control(ControlCommand::MuteAgent { is_muted: true });
    world.run_until(12_000);
    assert_eq!(world.agent.last().expect("it spoke").1, 5_500);
    world.check_history().expect("what was heard");
}
