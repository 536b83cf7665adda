//! What is said, and what is on record of it.

use offhook_conversation::ConversationConfig;
use offhook_types::agent::{Pronunciation, Speech};

use crate::caller::Caller;
use crate::world::{DELAYS, World, config};

fn asks() -> Caller {
    Caller::default().says(500, "What does it cost?")
}

fn world(speech: Speech, caller: Caller, answer: &str) -> World {
    let config = ConversationConfig { speech, ..config(Default::default()) };
    World::of(config, caller, &[answer, "All right."], DELAYS).answered()
}

/// Everything that the voice was asked for.
fn said(world: &World) -> String {
    world.spoken.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(" ")
}

#[test]
fn numbers_are_said_as_people_say_them_and_recorded_as_they_were_written() {
    let answer = "It is **$12.50**, from 3:30 pm.";
    let world = world(Speech::default(), asks(), answer).run();
    assert_eq!(said(&world), "It is twelve dollars and fifty cents, from three thirty p.m.");
    assert_eq!(world.transcript(), format!("caller: What does it cost?\nagent: {answer}"));
}

#[test]
fn an_interrupted_reply_ends_with_the_written_word_that_was_heard() {
    let answer = "It is $12.50 for you and $1,499.99 for everybody else in this town.";
    let caller = asks().says(5_600, "no wait");
    let world = world(Speech::default(), caller, answer).run();
    let transcript = world.transcript();
    let heard = transcript.lines().nth(1).expect("a reply");
    assert!(heard.starts_with("agent: It is $12.50 for you") && heard.ends_with("--"), "{heard}");
    assert!(answer.starts_with(&heard["agent: ".len()..heard.len() - 2]), "{heard}");
}

#[test]
fn what_has_nothing_to_say_is_not_waited_for() {
    let world = world(Speech::default(), asks(), "Two euros. 🙂\n\n---\n").run();
    assert_eq!(said(&world), "Two euros.");
    assert!(world.transcript().ends_with("agent: Two euros."), "{}", world.transcript());
}

#[test]
fn an_agents_own_words_apply() {
    let speech = Speech {
        blocked: vec!["damn".to_owned()],
        pronunciations: vec![Pronunciation { word: "GIF".to_owned(), say: "jiff".to_owned() }],
        ..Speech::default()
    };
    let world = world(speech, asks(), "A damn GIF costs nothing.").run();
    assert_eq!(said(&world), "A jiff costs nothing.");
    assert!(world.transcript().ends_with("agent: A damn GIF costs nothing."));
}

#[test]
fn an_agent_that_hesitates_does_so_aloud_and_not_on_record() {
    let speech = Speech { has_fillers: true, ..Speech::default() };
    let hesitates = |seed: u64| {
        let config =
            ConversationConfig { speech: speech.clone(), seed, ..config(Default::default()) };
        let world = World::of(config, asks(), &["We open at nine."], DELAYS).answered().run();
        assert!(world.transcript().ends_with("agent: We open at nine."), "{}", world.transcript());
        said(&world) != "We open at nine."
    };
    let count = (0..30).filter(|seed| hesitates(*seed)).count();
    assert!((3..20).contains(&count), "{count} of 30");
}

#[test]
fn an_echo_of_a_number_is_known_however_the_recogniser_writes_it() {
    for echo in ["twelve dollars and fifty cents", "it is $12.50 from"] {
        let caller = asks().says(4_600, echo);
        let world = world(Speech::default(), caller, "It is $12.50 from today on for everybody.");
        let world = world.run();
        assert!(world.conversation.counts().echoes >= 1, "{echo}");
        assert_eq!(world.transcript().lines().count(), 2, "{echo}: {}", world.transcript());
    }
}
