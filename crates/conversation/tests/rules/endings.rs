//! Why calls end.

use offhook_conversation::{CallSettings, ConversationConfig, FaultSettings, Input, TurnSettings};
use offhook_types::{CarrierEvent, ControlCommand, EndedBy, FailedStage, LineOutcome, LineSide};

use crate::caller::Caller;
use crate::world::{DELAYS, World, config};

fn asks() -> Caller {
    Caller::default().says(500, "What are your opening hours?")
}

fn dropped_at(millis: u64, caller: Caller, answers: &[&str]) -> String {
    let mut world = World::ruled(CallSettings::default(), caller, answers);
    world.run_until(millis);
    world.hang_up();
    world.end().0
}

#[test]
fn a_caller_who_hangs_up_without_a_farewell_was_cut_off() {
    let answers = ["We open at nine, and on Sundays not at all. Anything else?"];
    for millis in [0, 900, 2_400, 4_000, 9_000] {
        let kind = dropped_at(millis, asks(), &answers);
        assert_eq!(kind, "HumanPickUpCutOff by Caller", "at {millis} ms");
    }
}

#[test]
fn a_caller_who_says_goodbye_and_hangs_up_said_goodbye_even_before_the_turn_was_over() {
    let caller = Caller::default().says(500, "okay bye");
    for millis in [1_300, 1_700, 3_000] {
        let kind = dropped_at(millis, caller.clone(), &["Goodbye!"]);
        assert_eq!(kind, "HumanGoodbye by Caller", "at {millis} ms");
    }
}

#[test]
fn a_caller_who_hangs_up_on_the_agents_farewell_heard_it_first() {
    let kind = dropped_at(4_500, asks(), &["At nine. Goodbye! We look forward to your visit."]);
    assert_eq!(kind, "AgentGoodbye by Caller");
}

#[test]
fn a_farewell_that_was_generated_and_not_heard_is_none() {
    let answer = "We are open from nine to five on weekdays, and from ten on Saturdays. Goodbye!";
    assert_eq!(dropped_at(4_000, asks(), &[answer]), "HumanPickUpCutOff by Caller");
}

#[test]
fn a_call_that_nobody_takes_ends_as_the_carrier_says() {
    let end = |outcome, dropped_by| {
        let caller = Caller::default();
        let mut world = World::of(config(CallSettings::default()), caller, &[], DELAYS);
        world.happens(Input::Carrier(CarrierEvent::Ended { outcome, dropped_by }));
        world.end().0
    };
    assert_eq!(end(LineOutcome::Busy, None), "Busy by Caller");
    assert_eq!(end(LineOutcome::NoAnswer, None), "NoAnswer by System");
    assert_eq!(end(LineOutcome::Rejected, None), "ScreeningRefused by Caller");
    assert_eq!(end(LineOutcome::Canceled, None), "UserCanceled by Operator");
    assert_eq!(end(LineOutcome::Canceled, Some(LineSide::Caller)), "UserCanceled by Caller");
    assert_eq!(end(LineOutcome::Failed, None), "Failed(Carrier) by System");
}

#[test]
fn a_line_that_drops_ends_the_call_at_once_and_once_whoever_dropped_it() {
    // Complaint: after a hang-up in the middle of a reply, calls hung for seconds, and went on
    // sending into a socket that was closed.
    let ends: [(Input, &str); 4] = [
        (Input::LineDropped { by: EndedBy::Caller }, "HumanPickUpCutOff by Caller"),
        (Input::LineDropped { by: EndedBy::System }, "Undefined by System"),
        (
            Input::Carrier(CarrierEvent::Ended {
                outcome: LineOutcome::Completed,
                dropped_by: Some(LineSide::Caller),
            }),
            "HumanPickUpCutOff by Caller",
        ),
        (
            Input::Failed { stage: FailedStage::Media, observed: "broken".to_owned() },
            "Failed(Media) by System",
        ),
    ];
    for (input, kind) in ends {
        let long = "We are open from nine to five on weekdays, and from ten on Saturdays.";
        let mut world = World::ruled(CallSettings::default(), asks(), &[long]);
        world.run_until(3_500);
        world.happens(input.clone());
        assert_eq!(world.end().0, kind);
        // The world's checkers fail on any output behind the end.
        world.happens(input);
        world.hang_up();
        world.control(ControlCommand::Hangup);
        world.run_until(15_000);
        assert_eq!(world.agent.last().expect("it spoke").1, 3_500);
    }
}

#[test]
fn what_the_caller_was_saying_when_the_line_dropped_is_on_record() {
    let caller = asks().says(3_800, "no wait I wanted to say that");
    let answers = ["We are open from nine to five on weekdays, and from ten on Saturdays."];
    let rules = || CallSettings::default();
    let mut world = World::ruled(rules(), caller.clone(), &answers);
    world.run_until(5_000);
    world.hang_up();
    assert!(world.transcript().ends_with("no wait I"), "{}", world.transcript());
    // An agent that cannot be interrupted speaks on, and listens.
    let config = ConversationConfig {
        turns: TurnSettings { interruption_sensitivity_permille: 0, ..TurnSettings::default() },
        ..config(rules())
    };
    let mut world = World::of(config, caller, &answers, DELAYS).answered();
    world.run_until(5_000);
    world.hang_up();
    assert!(world.transcript().ends_with("no wait I"), "{}", world.transcript());
    assert_eq!(world.transcript().matches("What are your").count(), 1);
}

#[test]
fn a_caller_who_hangs_up_on_the_excuse_ends_a_call_that_had_failed() {
    let faults = FaultSettings {
        text: "I am sorry, something is wrong on our side.".to_owned(),
        ..FaultSettings::default()
    };
    let rules = CallSettings { faults, ..CallSettings::default() };
    let mut world = World::ruled(rules, asks(), &["We open at nine."]);
    world.run_until(3_000);
    let observed = "it does not answer".to_owned();
    world.happens(Input::Failed { stage: FailedStage::Llm, observed });
    world.run_until(4_000);
    world.hang_up();
    assert_eq!(world.end().0, "Failed(Llm) by System");
}

#[test]
fn a_farewell_that_the_caller_went_on_behind_does_not_count_and_thanks_leave_it() {
    let end = |said: &str| {
        let caller = Caller::default().says(500, "that is all").says(3_300, said);
        let answers = ["Goodbye!", "We are closed on Sunday."];
        let mut world = World::ruled(CallSettings::default(), caller, &answers);
        world.run_until(5_000);
        assert!(world.ended.is_none(), "{}", world.transcript());
        if said.starts_with("wait") {
            world.run_until(9_000);
        }
        world.hang_up();
        world.end().0
    };
    assert_eq!(end("wait what about Sunday"), "HumanPickUpCutOff by Caller");
    assert_eq!(end("okay thanks"), "AgentGoodbye by Caller");
}
