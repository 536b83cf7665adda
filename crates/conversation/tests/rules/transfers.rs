//! A caller who is handed to somebody else.

use offhook_conversation::{
    CallSettings, Input, LimitSettings, SilenceSettings, ToolSettings, TransferSettings,
};
use offhook_types::{
    BackgroundSound, CarrierCommand, CarrierEvent, ControlCommand, EndedBy, LineOutcome, Party,
    TransferMode, TransferOutcome,
};

use crate::caller::Caller;
use crate::world::{DELAYS, World, config};

const PUT_THROUGH: &str = "I will put you through. [[transfer {\"target\": \"sales\"}]]";
const BACK: &str = "Nobody is there.";

fn rules(mode: TransferMode) -> CallSettings {
    let sales = TransferSettings {
        label: "sales".to_owned(),
        target: Party::from_carrier("+14155550199"),
        condition: "the caller wants to buy".to_owned(),
        mode,
        ring_timeout_ms: 10_000,
    };
    CallSettings { transfers: vec![sales], ..CallSettings::default() }
}

fn asks() -> Caller {
    Caller::default().says(500, "I want to buy a car")
}

fn transferring(mode: TransferMode, caller: Caller, outcomes: &[(u64, TransferOutcome)]) -> World {
    let mut world = World::ruled(rules(mode), caller, &[PUT_THROUGH, "Of course."]);
    world.outside.transfers = outcomes.to_vec();
    world.model.unprompted(&[BACK, "What else?"]);
    world
}

fn transfers(world: &World) -> usize {
    let is_transfer =
        |command: &&CarrierCommand| matches!(command, CarrierCommand::Transfer { .. });
    world.carrier_asked.iter().filter(is_transfer).count()
}

#[test]
fn a_caller_who_is_connected_is_transferred_when_the_words_were_heard() {
    let outcomes = [(500, TransferOutcome::Ringing), (4_000, TransferOutcome::Connected)];
    let world = transferring(TransferMode::Cold, asks(), &outcomes).run_to_end(60_000);
    let (kind, at) = world.end();
    assert_eq!(kind, "Transferred by Agent");
    assert!(at >= world.agent[0].1 + 4_000);
    assert_eq!(world.decided("hang up"), 0, "the caller's line is somebody else's");
}

#[test]
fn a_target_that_does_not_answer_gives_the_caller_back_to_the_agent() {
    let outcomes = [(500, TransferOutcome::Ringing), (6_000, TransferOutcome::NotReached)];
    let caller = asks().says(16_000, "then do something else");
    let world = transferring(TransferMode::Warm, caller, &outcomes).run();
    assert!(world.ended.is_none());
    assert!(world.transcript().contains(&format!("agent: {BACK}")), "{}", world.transcript());
    assert!(world.transcript().ends_with("agent: Of course."), "{}", world.transcript());
}

#[test]
fn what_a_tool_brought_while_it_rang_is_told_with_the_failure_and_once() {
    let outcomes = [(500, TransferOutcome::Ringing), (6_000, TransferOutcome::NotReached)];
    let tools = vec![ToolSettings { name: "look".to_owned(), ..ToolSettings::default() }];
    let call = CallSettings { tools, ..rules(TransferMode::Warm) };
    let both = "[[transfer {\"target\": \"sales\"}]] [[look {}]]";
    let mut world = World::ruled(call, asks(), &[both]);
    world.outside.transfers = outcomes.to_vec();
    world.outside.fails("look", 3_000, "it is down");
    world.model.unprompted(&[BACK, "Said twice."]);
    let world = world.run();
    assert_eq!(world.transcript(), format!("caller: I want to buy a car\nagent: {BACK}"));
    assert_eq!(world.model_asked, 2);
}

#[test]
fn a_carrier_that_says_nothing_is_given_up_when_it_has_rung_for_long_enough() {
    // Complaint: the ring timeout was ignored.
    let mut world = transferring(TransferMode::Warm, asks(), &[]);
    world.run_until(30_000);
    assert_eq!(world.carrier_asked.last(), Some(&CarrierCommand::CancelTransfer));
    let back = world.said_at(BACK).unwrap_or_else(|| panic!("{:?}", world.log));
    assert!((15_000..15_400).contains(&(back - world.agent[0].1)), "{back} ms");
}

#[test]
fn a_transfer_is_asked_for_once_and_the_agent_is_silent_meanwhile() {
    // Complaint: the transfer was repeated, and the agent talked on while it rang.
    let outcomes = [(500, TransferOutcome::Ringing), (12_000, TransferOutcome::Connected)];
    let caller = asks().says(6_000, "hello are you still there?").says(9_000, "hello?");
    let world = transferring(TransferMode::Cold, caller, &outcomes).run_to_end(60_000);
    assert_eq!((transfers(&world), world.model_asked), (1, 1));
    assert_eq!(world.agent.len(), 1, "{:?}", world.spoken);
    assert_eq!(world.end().0, "Transferred by Agent");
}

#[test]
fn a_target_that_was_tried_is_not_tried_again() {
    let caller = asks().says(16_000, "please try again");
    let outcomes = [(3_000, TransferOutcome::Failed)];
    let mut world = World::ruled(rules(TransferMode::Warm), caller, &[PUT_THROUGH, PUT_THROUGH]);
    world.outside.transfers = outcomes.to_vec();
    world.model.unprompted(&[BACK, "I cannot reach them."]);
    let world = world.run();
    assert_eq!(transfers(&world), 1);
    assert!(world.transcript().ends_with("agent: I cannot reach them."), "{}", world.transcript());
}

#[test]
fn a_summary_is_written_for_the_target_and_not_said_to_the_caller() {
    let outcomes = [
        (500, TransferOutcome::Ringing),
        (3_000, TransferOutcome::Answered),
        (6_000, TransferOutcome::Connected),
    ];
    let mut world = transferring(TransferMode::WarmWithSummary, asks(), &outcomes);
    world.model.unprompted(&["Somebody wants to buy a car."]);
    let world = world.run_to_end(60_000);
    let asked = world.carrier_asked.first().expect("a transfer");
    let CarrierCommand::Transfer { summary, .. } = asked else { panic!("{asked:?}") };
    assert_eq!(summary.as_deref(), Some("Somebody wants to buy a car."));
    assert!(!world.transcript().contains("Somebody"));
    assert_eq!(world.end().0, "Transferred by Agent");
    let hold = format!("background: {:?}", Some(BackgroundSound::Hold));
    assert!(world.log.iter().any(|(_, line)| *line == hold), "{:?}", world.log);
}

#[test]
fn a_summary_that_takes_too_long_is_done_without() {
    let config = config(rules(TransferMode::WarmWithSummary));
    let mut world = World::of(config, asks(), &[PUT_THROUGH], DELAYS).answered();
    while world.carrier_asked.is_empty() && world.now() < 30_000 {
        if world.said_at("I will put you through.").is_some() {
            world.delays.first_token = 60_000;
        }
        world.run_until(world.now() + 20);
    }
    let asked = world.carrier_asked.first().expect("a transfer");
    assert!(matches!(asked, CarrierCommand::Transfer { summary: None, .. }), "{asked:?}");
    let waited = world.now() - world.agent[0].1;
    assert!((4_900..5_200).contains(&waited), "{waited} ms");
    assert_eq!(world.cancelled.len(), 1);
}

#[test]
fn a_target_that_answered_and_is_not_connected_gives_the_caller_back() {
    let outcomes = [(2_000, TransferOutcome::Answered)];
    let mut world = transferring(TransferMode::Warm, asks(), &outcomes);
    world.run_until(60_000);
    let back = world.said_at(BACK).unwrap_or_else(|| panic!("{:?}", world.log));
    let waited = back - world.agent[0].1;
    assert!((32_000..32_500).contains(&waited), "{waited} ms");
}

#[test]
fn a_muted_agent_tells_the_caller_of_a_failed_transfer_when_it_may_speak() {
    let outcomes = [(3_000, TransferOutcome::NotReached)];
    let mut world = transferring(TransferMode::Warm, asks(), &outcomes);
    world.run_until(5_000);
    world.control(ControlCommand::MuteAgent { is_muted: true });
    world.run_until(12_000);
    assert!(world.said_at(BACK).is_none());
    world.control(ControlCommand::MuteAgent { is_muted: false });
    world.run_until(15_000);
    assert!(world.said_at(BACK).is_some(), "{:?}", world.log);
}

#[test]
fn a_stream_that_the_carrier_takes_away_for_a_cold_transfer_is_no_hang_up() {
    let run = |outcomes: &[(u64, TransferOutcome)]| {
        let mut world = transferring(TransferMode::Cold, asks(), outcomes);
        world.run_until(6_000);
        world.happens(Input::LineDropped { by: EndedBy::Caller });
        assert!(world.ended.is_none());
        while world.ended.is_none() && world.now() < 60_000 {
            world.stall(20);
        }
        world.end()
    };
    assert_eq!(run(&[(6_000, TransferOutcome::Connected)]).0, "Transferred by Agent");
    assert_eq!(run(&[(6_000, TransferOutcome::NotReached)]).0, "Failed(Transfer) by System");
    let (kind, at) = run(&[]);
    assert_eq!(kind, "Failed(Transfer) by System");
    assert!(at < 24_000, "{at} ms");
}

#[test]
fn a_caller_who_hangs_up_while_it_rings_takes_the_transfer_back() {
    let mut world = transferring(TransferMode::Warm, asks(), &[]);
    world.run_until(8_000);
    let (outcome, dropped_by) = (LineOutcome::Completed, None);
    world.happens(Input::Carrier(CarrierEvent::Ended { outcome, dropped_by }));
    assert_eq!(world.end().0, "HumanPickUpCutOff by Caller");
    assert_eq!(world.carrier_asked.last(), Some(&CarrierCommand::CancelTransfer));
}

#[test]
fn a_transfer_counts_towards_the_limit_and_holds_the_clock_of_silence() {
    let limits = LimitSettings { max_call_ms: Some(12_000), max_call_text: "Over.".to_owned() };
    let silence = SilenceSettings { hangup_ms: Some(5_000), ..SilenceSettings::default() };
    let rules = CallSettings { limits, silence, ..rules(TransferMode::Warm) };
    let world = World::ruled(rules, asks(), &[PUT_THROUGH]).run_to_end(60_000);
    assert_eq!(world.end(), ("MaxDuration by System".to_owned(), 12_000));
    assert_eq!(world.carrier_asked.last(), Some(&CarrierCommand::CancelTransfer));
}

#[test]
fn a_caller_who_objects_before_the_words_were_heard_is_not_transferred() {
    let answer = "I will put you through to a colleague of mine who knows more. [[transfer \
                  {\"target\": \"sales\"}]]";
    let caller = asks().says(3_500, "no wait I have a question");
    let world = World::ruled(rules(TransferMode::Cold), caller, &[answer, "Which one?"]).run();
    assert_eq!(transfers(&world), 0);
    assert!(world.transcript().ends_with("agent: Which one?"), "{}", world.transcript());
}

#[test]
fn a_report_of_a_transfer_that_nobody_asked_for_is_counted_and_changes_nothing() {
    let mut world = World::ruled(rules(TransferMode::Cold), asks(), &["Of course."]);
    world.run_until(400);
    for outcome in [TransferOutcome::Ringing, TransferOutcome::Connected] {
        world.happens(Input::Carrier(CarrierEvent::Transfer { outcome }));
    }
    assert_eq!(world.conversation.counts().stale, 2);
    assert!(world.run().transcript().ends_with("agent: Of course."));
}
