//! What stops the agent, and what does not.

use offhook_conversation::TurnSettings;

use crate::caller::Caller;
use crate::world::{DELAYS, Delays, World};

const LONG: &str = "We are open from nine to five on weekdays. On Saturdays we open at ten and \
                    close at two. On Sundays we are closed. Is there anything else I can do?";

/// A caller whose question is answered at length from about 2.7 s on.
fn asks() -> Caller {
    Caller::default().says(500, "What are your opening hours?")
}

fn run(settings: TurnSettings, caller: Caller) -> World {
    World::new(settings, caller, &[LONG, "On Sunday we are closed.", "Good."]).run()
}

fn sensitivity(permille: u16) -> TurnSettings {
    TurnSettings { interruption_sensitivity_permille: permille, ..TurnSettings::default() }
}

#[test]
fn the_agent_stops_for_a_caller_who_speaks() {
    let caller = asks().says(5_000, "and what about Sunday?");
    let world = run(TurnSettings::default(), caller);
    let stop = world.silent_after(5_000).expect("the agent spoke");
    assert!(stop <= 260, "{stop} ms");
    assert!(world.transcript().contains("--\ncaller: and what about Sunday?\nagent: On Sunday"));
    assert_eq!(world.conversation.counts().interruptions, 1);
}

#[test]
fn at_sensitivity_one_the_first_sound_stops_the_agent() {
    let world = run(sensitivity(1_000), asks().says(5_000, "and what about Sunday?"));
    assert!(world.silent_after(5_000).expect("the agent spoke") <= 80);
}

#[test]
fn at_sensitivity_zero_nothing_does_and_the_caller_is_answered_afterwards() {
    let world = run(sensitivity(0), asks().says(5_000, "and what about Sunday?"));
    assert_eq!(
        world.transcript(),
        format!(
            "caller: What are your opening hours?\nagent: {LONG}\ncaller: and what about \
             Sunday?\nagent: On Sunday we are closed."
        )
    );
    assert_eq!(world.ducked_frames, 0);
}

#[test]
fn lower_sensitivity_stops_later() {
    let stop = |permille| {
        let world = run(sensitivity(permille), asks().says(5_000, "and what about Sunday then?"));
        world.silent_after(5_000).expect("the agent spoke")
    };
    let stops = [1_000, 800, 500, 200].map(stop);
    assert!(stops.is_sorted() && stops[0] < stops[1] && stops[2] < stops[3], "{stops:?}");
}

#[test]
fn a_short_cough_ducks_the_agent_who_goes_on_from_the_same_word() {
    let world = run(TurnSettings::default(), asks().coughs(5_000, 160));
    assert_eq!(world.transcript(), format!("caller: What are your opening hours?\nagent: {LONG}"));
    assert_eq!(world.conversation.counts().false_starts, 1);
    assert!(world.ducked_frames > 5);
    assert_eq!(world.agent.len(), 1, "the agent fell silent");
}

#[test]
fn an_uh_huh_does_not_stop_a_patient_agent_and_asks_for_no_answer() {
    let world = run(sensitivity(300), asks().says(5_000, "uh-huh"));
    assert_eq!(world.transcript(), format!("caller: What are your opening hours?\nagent: {LONG}"));
    assert_eq!(world.conversation.counts().interruptions, 0);
}

#[test]
fn an_uh_huh_that_did_stop_the_agent_is_made_good() {
    let world = run(sensitivity(1_000), asks().says(5_000, "uh-huh"));
    assert_eq!(world.conversation.counts().resumed, 1);
    let said = world.transcript().replace("--", "");
    assert_eq!(said, format!("caller: What are your opening hours?\nagent: {LONG}"));
}

#[test]
fn after_a_false_interruption_the_agent_goes_on_with_the_rest_of_its_answer() {
    // The model is still writing when the sound comes.
    let delays = Delays { token: 200, ..DELAYS };
    let caller = asks().coughs(4_000, 400);
    let world = World::with(TurnSettings::default(), caller, &[LONG], delays, None).run();
    assert_eq!(world.conversation.counts().resumed, 1);
    assert_eq!(world.transcript(), format!("caller: What are your opening hours?\nagent: {LONG}"));
}

#[test]
fn noise_does_not_kill_an_answer_that_was_not_heard_yet() {
    let delays = Delays { first_token: 1_500, ..DELAYS };
    let caller = Caller::default().says(500, "What are your opening hours?").coughs(2_900, 400);
    let world = World::with(TurnSettings::default(), caller, &[LONG], delays, None).run();
    assert_eq!(world.transcript(), format!("caller: What are your opening hours?\nagent: {LONG}"));
}

#[test]
fn words_that_are_asked_for_are_counted_in_this_utterance_only() {
    let settings = TurnSettings { min_words: 3, ..TurnSettings::default() };
    let caller = asks().says(4_500, "no").says(7_000, "no").says(9_500, "no");
    let world = run(settings, caller);
    assert_eq!(world.conversation.counts().interruptions, 0, "{:?}", world.log);
    let settings = TurnSettings { min_words: 3, ..TurnSettings::default() };
    let world = run(settings, asks().says(5_000, "what about next Sunday?"));
    assert_eq!(world.conversation.counts().interruptions, 1);
}

#[test]
fn endless_noise_cannot_silence_the_agent() {
    let mut caller = asks();
    for index in 0..40 {
        caller = caller.coughs(3_000 + index * 1_900, 900);
    }
    let world = run(sensitivity(1_000), caller);
    assert!(world.transcript().contains("anything else I can do?"), "{}", world.transcript());
    assert!(world.conversation.counts().interruptions <= 2);
}

#[test]
fn the_agents_own_words_in_the_transcript_do_not_stop_it() {
    let caller = asks().whispers(5_200, "open from nine to five on weekdays");
    let world = run(sensitivity(1_000), caller);
    assert_eq!(world.transcript(), format!("caller: What are your opening hours?\nagent: {LONG}"));
    assert!(world.conversation.counts().echoes > 0);
}

#[test]
fn an_opening_is_said_first_and_the_caller_is_answered_after_it() {
    let caller = Caller::default().says(4_000, "Do you have a table?");
    let world = World::with(
        TurnSettings::default(),
        caller,
        &["We do."],
        DELAYS,
        Some("Hello, this is the restaurant."),
    )
    .run();
    assert_eq!(
        world.transcript(),
        "agent: Hello, this is the restaurant.\ncaller: Do you have a table?\nagent: We do."
    );
}

#[test]
fn a_caller_who_hangs_up_at_any_moment_leaves_nothing_behind() {
    for millis in (0..12_000).step_by(140) {
        let caller = asks().says(5_000, "and what about Sunday?");
        let mut world = World::new(TurnSettings::default(), caller, &[LONG, "Closed."]);
        world.run_until(millis);
        world.hang_up();
        assert!(world.ended.is_some());
        world.run_until(millis + 3_000);
    }
}

#[test]
fn a_sound_that_goes_on_is_waited_out_before_the_agent_goes_on() {
    let resumed_at = |millis: u64| {
        let world = run(TurnSettings::default(), asks().coughs(5_000, millis));
        assert_eq!(world.conversation.counts().resumed, 1, "{millis} ms");
        world.heard_after(5_400).expect("it goes on") + 5_400
    };
    // 1.5 s behind the interruption, or when the sound is over.
    let (short, long) = (resumed_at(600), resumed_at(2_000));
    assert!((6_700..7_000).contains(&short), "{short}");
    assert!((7_200..7_500).contains(&long), "{long}");
}
