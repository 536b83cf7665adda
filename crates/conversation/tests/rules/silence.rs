//! A line on which nobody says anything.

use offhook_conversation::{CallSettings, SilenceSettings};
use offhook_types::ControlCommand;

use crate::caller::Caller;
use crate::world::World;

const THERE: &str = "Are you still there?";

fn rules() -> CallSettings {
    let silence = SilenceSettings {
        reminder_ms: Some(6_000),
        reminder_text: THERE.to_owned(),
        reminder_count_max: 2,
        hangup_ms: Some(20_000),
    };
    CallSettings { silence, ..CallSettings::default() }
}

fn reminders(world: &World) -> Vec<u64> {
    world.spoken.iter().filter(|(_, text)| text == THERE).map(|(at, _)| *at).collect()
}

#[test]
fn a_silent_caller_is_reminded_and_then_the_line_drops() {
    let world = World::ruled(rules(), Caller::default(), &[]).run_to_end(60_000);
    assert_eq!(reminders(&world), [6_080, 12_080]);
    assert_eq!(world.end(), ("IdleTimeout by Agent".to_owned(), 20_000));
    assert_eq!(world.decided("reminder"), 2);
}

#[test]
fn silence_counts_from_what_was_heard_and_not_from_what_was_generated() {
    // Complaint: the idle timer fired while the agent could still be heard.
    // Ten seconds of speech: the reply is written and made long before it was heard.
    let answer = "We are open from nine to five on weekdays, on Saturdays we open at ten and \
                  close at two, and on Sundays we are closed unless it is a holiday of the town.";
    let caller = Caller::default().says(500, "When are you open?");
    let world = World::ruled(rules(), caller, &[answer]).run_to_end(60_000);
    let heard = world.agent[0].1;
    assert!(heard > 9_000, "{heard} ms");
    let first = reminders(&world)[0];
    assert!((heard + 6_000..heard + 6_300).contains(&first), "{first} after {heard}");
}

#[test]
fn an_answer_to_a_reminder_begins_the_silence_anew() {
    let caller = Caller::default().says(8_500, "yes I am looking for my card");
    let world = World::ruled(rules(), caller, &["Take your time."]).run_to_end(60_000);
    let end = world.end().1;
    let heard = world.agent[1].1;
    assert_eq!(reminders(&world).len(), 3, "{:?}", world.log);
    assert!((heard + 19_900..=heard + 20_100).contains(&end), "{end} after {heard}");
}

#[test]
fn a_television_without_words_does_not_hold_the_line() {
    // Complaint: after a voice without words the idle timer never fired.
    let mut caller = Caller::default();
    for burst in 0..40 {
        caller = caller.coughs(1_000 + burst * 1_500, 1_300);
    }
    let world = World::ruled(rules(), caller, &[]).run_to_end(120_000);
    let (kind, at) = world.end();
    assert_eq!(kind, "IdleTimeout by Agent");
    assert!((20_000..=24_000).contains(&at), "{at} ms");
    assert_eq!(reminders(&world).len(), 2, "{:?}", world.log);
}

#[test]
fn a_voice_that_may_become_words_holds_the_line_for_a_while() {
    let caller = Caller::default().coughs(5_500, 1_500);
    let world = World::ruled(rules(), caller, &[]).run_to_end(60_000);
    let first = reminders(&world)[0];
    assert!((7_500..8_500).contains(&first), "{first} ms");
}

#[test]
fn a_stall_of_the_network_is_no_silence() {
    let mut world = World::ruled(rules(), Caller::default(), &[]);
    world.run_until(5_000);
    world.stall(8_000);
    let world = world.run_to_end(60_000);
    assert_eq!(reminders(&world)[0], 14_080, "the line's own time was {:?}", world.log);
}

#[test]
fn a_muted_agent_neither_reminds_nor_hangs_up() {
    let mut world = World::ruled(rules(), Caller::default(), &[]);
    world.control(ControlCommand::MuteAgent { is_muted: true });
    world.run_until(40_000);
    assert!(world.ended.is_none() && reminders(&world).is_empty());
    world.control(ControlCommand::MuteAgent { is_muted: false });
    assert_eq!(world.run_to_end(90_000).end(), ("IdleTimeout by Agent".to_owned(), 60_000));
}
