//! When a turn of the caller is over, and how soon it is answered.

use offhook_conversation::{Input, Patience, TurnSettings};
use offhook_types::SttEvent;

use crate::caller::{Caller, WORD_MS};
use crate::world::{DELAYS, Delays, World};

const HOURS: &str = "We are open from nine to five, Monday to Friday. Anything else?";

fn run(caller: Caller, answers: &[&str]) -> World {
    World::new(TurnSettings::default(), caller, answers).run()
}

#[test]
fn a_question_is_answered_once_and_soon() {
    let question = "What time do you open tomorrow?";
    let world = run(Caller::default().says(1_000, question), &[HOURS]);
    assert_eq!(world.transcript(), format!("caller: {question}\nagent: {HOURS}"));
    let end = 1_000 + 6 * WORD_MS;
    let latency = world.heard_after(end).expect("an answer");
    // Of this, 388 ms are the recogniser, the model's first clause and the voice.
    assert!((345..=500).contains(&latency), "{latency} ms");
}

#[test]
fn patience_sets_how_long_a_pause_is_waited_for() {
    let latency = |patience| {
        let settings = TurnSettings { patience, ..TurnSettings::default() };
        let caller = Caller::default().says(1_000, "I need a table for two");
        let world = World::new(settings, caller, &["Sure, for when?"]).run();
        world.heard_after(1_000 + 6 * WORD_MS).expect("an answer")
    };
    let [low, medium, high] = [Patience::Low, Patience::Medium, Patience::High].map(latency);
    assert!(low < medium && medium < high, "{low} {medium} {high}");
    assert!((430..=520).contains(&low) && (1_500..=1_600).contains(&high), "{low} {high}");
}

#[test]
fn a_pause_behind_an_and_is_not_an_end() {
    let caller = Caller::default().says(1_000, "I need a table for two and (900) a highchair.");
    let world = run(caller, &["Of course."]);
    assert_eq!(
        world.transcript(),
        "caller: I need a table for two and a highchair.\nagent: Of course."
    );
    assert_eq!(world.conversation.counts().turns, 1);
}

#[test]
fn a_telephone_number_with_pauses_between_its_groups_is_one_turn() {
    let number = "my number is four one five (1500) five five five (1800) zero one two three";
    let world = run(Caller::default().says(1_000, number), &["Thank you."]);
    assert_eq!(world.conversation.counts().turns, 1, "{}", world.transcript());
    assert!(world.transcript().contains("four one five five five five zero one two three"));
}

#[test]
fn a_number_that_stops_for_three_seconds_is_taken_as_it_is() {
    let caller = Caller::default().says(1_000, "call me on four one five (5000) hello?");
    let world = run(caller, &["I only heard three digits.", "Yes."]);
    assert!(world.transcript().starts_with("caller: call me on four one five\nagent: I only"));
}

#[test]
fn a_whispered_yes_without_voice_opens_a_turn() {
    let world = run(Caller::default().whispers(1_000, "yes please"), &["Good."]);
    assert_eq!(world.transcript(), "caller: yes please\nagent: Good.");
}

#[test]
fn a_caller_who_talks_for_ever_is_cut_in_on() {
    let settings = TurnSettings { turn_ms_max: Some(5_000), ..TurnSettings::default() };
    let endless = "and then (220) ".repeat(20);
    let caller = Caller::default().says(0, &endless);
    let mut world = World::new(settings, caller, &["Let me stop you there."]);
    world.run_until(8_500);
    assert!(world.transcript().contains("agent: Let"), "{}", world.transcript());
}

#[test]
fn the_answer_is_begun_before_the_turn_is_over_and_heard_only_after() {
    let caller = Caller::default().says(1_000, "I need a table for two");
    let world = run(caller, &["Sure, for when?"]);
    let counts = world.conversation.counts();
    assert_eq!((counts.speculations, counts.speculations_dropped, world.model_asked), (1, 0, 1));
    // Without speculation the model's and the voice's time come on top.
    let settings = TurnSettings { speculates: false, ..TurnSettings::default() };
    let caller = Caller::default().says(1_000, "I need a table for two");
    let slow = World::new(settings, caller, &["Sure, for when?"]).run();
    let end = 1_000 + 6 * WORD_MS;
    assert!(world.heard_after(end).expect("an answer") + 100 < slow.heard_after(end).expect("one"));
}

#[test]
fn an_answer_to_half_a_turn_is_dropped_and_never_heard() {
    let caller = Caller::default().says(1_000, "I need a table (500) for tomorrow evening.");
    let world = run(caller, &["For tomorrow, fine."]);
    let counts = world.conversation.counts();
    assert_eq!((counts.turns, counts.speculations_dropped), (1, 1));
    assert_eq!(
        world.transcript(),
        "caller: I need a table for tomorrow evening.\nagent: For tomorrow, fine."
    );
    assert_eq!(world.agent.len(), 1);
}

#[test]
fn a_turn_that_goes_on_while_the_agent_thinks_is_one_turn() {
    let delays = Delays { first_token: 900, ..DELAYS };
    let caller = Caller::default().says(1_000, "What time do you open? (700) On Sundays.");
    let world = World::with(TurnSettings::default(), caller, &["At ten."], delays, None).run();
    assert_eq!(world.transcript(), "caller: What time do you open? On Sundays.\nagent: At ten.");
    assert_eq!(world.decided("turn_goes_on"), 1);
}

#[test]
fn a_sure_end_of_turn_model_shortens_the_wait_and_an_unsure_one_lengthens_it() {
    let latency = |permille| {
        let caller = Caller::default().says(1_000, "I need a table for two");
        let delays = Delays { end_of_turn: 40, ..DELAYS };
        let mut world = World::with(TurnSettings::default(), caller, &["Sure."], delays, None);
        world.end_of_turn_permille = permille;
        world.run().heard_after(1_000 + 6 * WORD_MS).expect("an answer")
    };
    assert!(latency(980) < 500 && latency(20) > 1_000);
}

#[test]
fn voice_without_words_is_dropped_as_noise() {
    let world = run(Caller::default().coughs(1_000, 700), &["Pardon?"]);
    assert_eq!(world.transcript(), "");
    assert_eq!(world.conversation.counts().noises, 1);
    assert_eq!(world.model_asked, 0);
}

#[test]
fn a_murmur_answers_a_long_turn_once_in_six_seconds() {
    let long = "so the thing is that (300) ".repeat(12);
    let murmurs = |enable_backchannel| {
        let settings = TurnSettings { enable_backchannel, ..TurnSettings::default() };
        let world = World::new(settings, Caller::default().says(500, &long), &["I see."]).run();
        world.conversation.counts().murmurs
    };
    assert_eq!((murmurs(true), murmurs(false)), (3, 0));
}

#[test]
fn the_model_is_shown_what_was_heard_and_nothing_else() {
    let caller = Caller::default()
        .says(500, "What time do you open?")
        .says(4_000, "no wait what about Sunday?");
    let world = run(caller, &[HOURS, "On Sundays we are closed."]);
    let last = world.asked.last().expect("a request");
    let shown: Vec<String> = last.iter().map(|message| format!("{message:?}")).collect();
    assert_eq!(shown.len(), 4, "{shown:?}");
    assert!(shown[2].contains("We are open") && !shown[2].contains("Anything"), "{}", shown[2]);
}

#[test]
fn an_announcement_waits_until_nobody_speaks() {
    let caller = Caller::default().says(500, "What time do you open?");
    let mut world = World::new(TurnSettings::default(), caller, &["At ten in the morning."]);
    world.run_until(1_000);
    world.announce("Your call is being recorded.");
    let world = world.run();
    assert_eq!(
        world.transcript(),
        "caller: What time do you open?\nagent: At ten in the morning.\nagent: Your call is being \
         recorded."
    );
}

#[test]
fn a_partial_that_its_final_has_overtaken_is_not_said_twice() {
    let question = "What time do you open tomorrow?";
    let caller = Caller::default().says(1_000, question);
    // The last word ends at 2,680 ms, the final comes at 2,880.
    for millis in (2_900..3_260).step_by(40) {
        let mut world = World::new(TurnSettings::default(), caller.clone(), &[HOURS]);
        world.run_until(millis);
        let text = question.to_owned();
        world.happens(Input::Stt(SttEvent::Partial { text, stable_bytes: 0 }));
        let transcript = world.run().transcript();
        assert_eq!(transcript, format!("caller: {question}\nagent: {HOURS}"), "at {millis} ms");
    }
}

#[test]
fn the_same_words_said_again_are_said_twice() {
    let caller = Caller::default().says(1_000, "No.").says(2_100, "No.");
    let world = run(caller, &["I see.", "All right."]);
    assert_eq!(world.transcript().matches("No.").count(), 2, "{}", world.transcript());
}
