//! Complaints that users of voice agents keep having, each as a test that names it.
//!
//! | Complaint | Test |
//! |---|---|
//! | "uh-huh", a cough, a television or an echo stops the agent | |
//! | | `interruptions::an_uh_huh_does_not_stop_a_patient_agent_and_asks_for_no_answer` |
//! | | `a_short_cough_ducks_the_agent_who_goes_on_from_the_same_word` |
//! | | `endless_noise_cannot_silence_the_agent` |
//! | | `the_agents_own_words_in_the_transcript_do_not_stop_it` |
//! | | [`listening_does_not_stop_the_agent_however_long_it_takes`] |
//! | words needed are counted across the whole turn, voiced time is ignored | |
//! | | `interruptions::words_that_are_asked_for_are_counted_in_this_utterance_only` |
//! | | `lower_sensitivity_stops_later` |
//! | after a false interruption the agent never goes on | |
//! | | `interruptions::after_a_false_interruption_the_agent_goes_on_with_the_rest_of_its_answer` |
//! | noise before the reply kills it | |
//! | | `interruptions::noise_does_not_kill_an_answer_that_was_not_heard_yet` |
//! | | [`noise_does_not_kill_an_opening_that_was_not_heard_yet`] |
//! | every sound cancels the answer, the agent never speaks again | |
//! | | [`a_caller_who_goes_on_again_and_again_is_answered_at_last`] |
//! | the agent falls silent in the middle of a reply until it is spoken to | |
//! | | [`speech_that_stands_still_is_said_again`] |
//! | | [`an_announcement_whose_voice_stands_still_is_said_again`] |
//! | | [`speech_that_stands_still_twice_is_given_up`] |
//! | | [`a_guess_that_says_nothing_does_not_end_the_callers_turn`] |
//! | | [`a_model_that_never_answers_is_asked_again_and_then_given_up`] |
//! | | [`noise_again_and_again_does_not_prolong_the_wait_for_a_model_that_stopped`] |
//! | the model is shown text that was never spoken, or misses some that was | |
//! | | `turns::the_model_is_shown_what_was_heard_and_nothing_else` |
//! | | at each step of each random call `reference::rules` (`history_is_right`) |
//! | two answers to one turn, answers to the question before | |
//! | | [`words_that_are_final_late_are_answered_once`] |
//! | | `reference::rules` (`answers_are_right`) |
//! | telephone numbers and addresses are cut in two | |
//! | | `turns::a_telephone_number_with_pauses_between_its_groups_is_one_turn` |
//! | | [`an_address_that_is_spelled_is_one_turn`] |
//! | the end-of-turn model is slow or never answers | |
//! | | [`an_end_of_turn_model_that_is_slow_holds_nothing_up`] |
//! | a short "yes" or "no" is not heard | |
//! | | `turns::a_whispered_yes_without_voice_opens_a_turn` |
//! | | [`a_whisper_is_not_cut_off_between_its_words`] |
//! | while the model writes, the agent cannot be interrupted, and the next turn is lost | |
//! | | [`an_agent_whose_model_still_writes_is_interrupted_and_answers_the_next_turn`] |
//! | a provider that is waited for holds up the turn | |
//! | | [`a_model_that_is_waited_for_does_not_keep_the_caller_from_going_on`] |
//! | the agent is cut before anybody knows why | |
//! | | `interruptions::a_short_cough_ducks_the_agent_who_goes_on_from_the_same_word` |
//! | a caller is cut in on for having spoken over a long reply | |
//! | | [`a_caller_who_spoke_over_a_long_reply_is_heard_out`] |
//!
//! Settings that nothing obeys are a complaint of their own. By field: `patience`
//! (`turns::patience_sets_how_long_a_pause_is_waited_for`), `interruption_sensitivity_permille` and
//! `min_words` (`interruptions`), `enable_backchannel`, `speculates` and `turn_ms_max` (`turns`);
//! the others are below.

use offhook_conversation::{Input, Patience, State, TurnSettings};
use offhook_types::{EndKind, FailedStage, VoiceFrame};

use crate::caller::Caller;
use crate::world::{DELAYS, Delays, World};

const LONG: &str = "We are open from nine to five on weekdays. On Saturdays we open at ten and \
                    close at two. On Sundays we are closed. Is there anything else I can do?";

fn asks() -> Caller {
    Caller::default().says(500, "What are your opening hours?")
}

fn run(settings: TurnSettings, caller: Caller) -> World {
    World::new(settings, caller, &[LONG, "On Sunday we are closed.", "Good."]).run()
}

#[test]
fn listening_does_not_stop_the_agent_however_long_it_takes() {
    let settings =
        TurnSettings { interruption_sensitivity_permille: 500, ..TurnSettings::default() };
    let world = run(settings, asks().says(5_000, "okay okay okay okay okay"));
    assert_eq!(world.conversation.counts().interruptions, 0, "{:?}", world.log);
    assert_eq!(world.decided("duck"), 1, "the agent goes up and down");
}

#[test]
fn noise_does_not_kill_an_opening_that_was_not_heard_yet() {
    let opening = "This call is recorded. How can I help you?";
    let delays = Delays { speech: 600, ..DELAYS };
    let caller = Caller::default().coughs(100, 400);
    let world = World::with(TurnSettings::default(), caller, &[], delays, Some(opening)).run();
    assert_eq!(world.transcript(), format!("agent: {opening}"));
}

#[test]
fn a_caller_who_goes_on_again_and_again_is_answered_at_last() {
    // Each answer is due when the caller says one thing more.
    let mut caller = Caller::default();
    for index in 0..12 {
        caller = caller.says(500 + index * 2_300, "and one more table please.");
    }
    let delays = Delays { first_token: 1_500, ..DELAYS };
    let mut world = World::with(TurnSettings::default(), caller, &["Of course."; 12], delays, None);
    world.run_until(20_000);
    assert!(!world.agent.is_empty(), "the agent was silenced: {:?}", world.log);
}

#[test]
fn speech_that_stands_still_is_said_again() {
    let mut world = World::new(TurnSettings::default(), asks(), &[LONG]);
    world.mute_clauses = 1..2;
    world.run_until(30_000);
    assert_eq!(world.decided("speech_stalled"), 1);
    assert_eq!(world.transcript(), format!("caller: What are your opening hours?\nagent: {LONG}"));
}

#[test]
fn speech_that_stands_still_twice_is_given_up() {
    let caller = asks().says(30_000, "Hello?");
    let mut world = World::new(TurnSettings::default(), caller, &[LONG, "Yes."]);
    world.mute_clauses = 1..4;
    let world = world.run();
    assert_eq!(world.decided("speech_stalled"), 2, "{:?}", world.log);
    assert!(world.heard_after(20_000).is_some_and(|after| after > 9_000), "{:?}", world.agent);
    assert!(world.transcript().ends_with("caller: Hello?\nagent: Yes."));
}

#[test]
fn an_announcement_whose_voice_stands_still_is_said_again() {
    let mut world = World::new(TurnSettings::default(), Caller::default(), &[]);
    world.mute_clauses = 0..1;
    world.announce("This call is recorded.");
    world.run_until(20_000);
    assert_eq!(world.transcript(), "agent: This call is recorded.");
}

#[test]
fn the_tail_of_a_sound_does_not_take_the_floor_back() {
    let delays = Delays { first_token: 2_000, ..DELAYS };
    let mut world = World::with(TurnSettings::default(), asks(), &[LONG], delays, None);
    world.run_until(3_000);
    assert_eq!(world.conversation.state(), State::Thinking);
    let tail = VoiceFrame { is_open: true, voiced_ms: 100, silence_ms: 100, ..Default::default() };
    assert_eq!(world.try_out(Input::Frame(tail)), Vec::<String>::new());
    let sound = VoiceFrame { is_voiced: true, silence_ms: 0, ..tail };
    assert_eq!(world.try_out(Input::Frame(sound)), ["hold", "[turn_goes_on]"]);
}

#[test]
fn a_guess_that_says_nothing_does_not_end_the_callers_turn() {
    let caller = Caller::default().says(500, "I need a table (1000) for two.");
    let settings = TurnSettings { patience: Patience::High, ..TurnSettings::default() };
    let mut world = World::new(settings, caller, &["For when?"]);
    world.guesses_say_nothing = true;
    let world = world.run();
    assert!(world.decided("empty_reply") >= 1, "{:?}", world.log);
    assert_eq!(world.transcript(), "caller: I need a table for two.\nagent: For when?");
}

#[test]
fn a_model_that_never_answers_is_asked_again_and_then_given_up() {
    let delays = Delays { first_token: 100_000, ..DELAYS };
    let world = World::with(TurnSettings::default(), asks(), &[LONG], delays, None).run();
    assert!((3..=6).contains(&world.model_asked), "asked {} times", world.model_asked);
    assert_eq!(world.ended.map(|end| end.kind), Some(EndKind::Failed(FailedStage::Llm)));
}

#[test]
fn noise_again_and_again_does_not_prolong_the_wait_for_a_model_that_stopped() {
    // One word comes, and nothing more, in a place where something is heard every four seconds.
    let delays = Delays { token: 300_000, ..DELAYS };
    let caller = (0..15).fold(asks(), |caller, time| caller.coughs(4_000 + 4_000 * time, 1_800));
    let mut world = World::with(TurnSettings::default(), caller, &[LONG], delays, None);
    world.run_until(25_000);
    assert!(world.decided("reply_stalled") >= 1, "{:#?}", world.log);
}

#[test]
fn words_that_are_final_late_are_answered_once() {
    for last_words in [600, 1_000, 1_500, 2_500] {
        let delays = Delays { last_words, partial: 700, ..DELAYS };
        let caller = Caller::default()
            .says(500, "I need a table for two please")
            .says(4_500, "and then there is one thing more");
        let answers = ["For which day do you want it?", "Tell me.", "Go on.", "Yes?"];
        let world = World::with(TurnSettings::default(), caller, &answers, delays, None).run();
        let transcript = world.transcript();
        let said = ["need a table", "two please", "thing more"];
        let said = said.map(|words| transcript.matches(words).count());
        assert_eq!(said, [1; 3], "{last_words} ms: {transcript}");
    }
}

#[test]
fn an_address_that_is_spelled_is_one_turn() {
    let caller = Caller::default().says(500, "my email is j (800) o (800) h (800) n");
    let world = run(TurnSettings::default(), caller);
    assert_eq!(world.conversation.counts().turns, 1, "{}", world.transcript());
}

#[test]
fn an_end_of_turn_model_that_is_slow_holds_nothing_up() {
    let answered = |end_of_turn| {
        let delays = Delays { end_of_turn, ..DELAYS };
        let world = World::with(TurnSettings::default(), asks(), &[LONG], delays, None).run();
        world.heard_after(1_900).expect("an answer")
    };
    assert_eq!(answered(0), answered(20_000));
}

#[test]
fn a_whisper_is_not_cut_off_between_its_words() {
    // Final words come later than they are waited for: each new word is waited for anew.
    let delays = Delays { last_words: 600, ..DELAYS };
    let caller = Caller::default().whispers(500, "a table for two please");
    let world = World::with(TurnSettings::default(), caller, &["Sure."], delays, None).run();
    assert_eq!(world.transcript(), "caller: a table for two please\nagent: Sure.");
    assert_eq!(world.agent.len(), 1);
}

#[test]
fn an_agent_whose_model_still_writes_is_interrupted_and_answers_the_next_turn() {
    // 33 words at 300 ms: the model writes for ten seconds.
    let delays = Delays { token: 300, ..DELAYS };
    for at in [5_000, 7_000, 9_000, 11_000] {
        let caller = asks().says(at, "and what about Sunday?");
        let answers = [LONG, "On Sunday we are closed."];
        let world = World::with(TurnSettings::default(), caller, &answers, delays, None).run();
        assert_eq!(world.conversation.counts().turns, 2, "at {at} ms: {}", world.transcript());
        assert!(world.transcript().ends_with("Sunday?\nagent: On Sunday we are closed."));
        assert!(world.silent_after(at).is_none_or(|silent| silent <= 260));
    }
}

#[test]
fn a_model_that_is_waited_for_does_not_keep_the_caller_from_going_on() {
    let delays = Delays { first_token: 6_000, ..DELAYS };
    let caller = asks().says(4_000, "On Sundays I mean.");
    let world = World::with(TurnSettings::default(), caller, &["Closed."], delays, None).run();
    assert_eq!(
        world.transcript(),
        "caller: What are your opening hours? On Sundays I mean.\nagent: Closed."
    );
}

#[test]
fn a_caller_who_spoke_over_a_long_reply_is_heard_out() {
    let settings = TurnSettings {
        interruption_sensitivity_permille: 0,
        turn_ms_max: Some(5_000),
        ..TurnSettings::default()
    };
    // The second question begins with the reply and ends behind it.
    let caller = asks()
        .says(3_000, "and Sunday")
        .says(11_000, "I would like to know about the Sundays in May and also June.");
    let world = World::new(settings, caller, &[LONG, "Closed.", "Good."]).run();
    assert_eq!(world.decided("end_of_turn"), 2, "{}", world.transcript());
}

#[test]
fn a_turn_without_a_limit_is_listened_to() {
    let settings = TurnSettings { turn_ms_max: None, ..TurnSettings::default() };
    let caller = Caller::default().says(0, &"and then (220) ".repeat(180));
    let mut world = World::new(settings, caller, &["I see."]);
    world.run_until(95_000);
    assert!(world.agent.is_empty(), "{}", world.transcript());
}

#[test]
fn the_voice_fades_as_long_as_is_set() {
    for fade_out_ms in [0, 60, 250] {
        let settings = TurnSettings { fade_out_ms, ..TurnSettings::default() };
        let world = run(settings, asks().says(5_000, "and what about Sunday?"));
        assert_eq!(world.fades_ms, [fade_out_ms]);
    }
}

#[test]
fn backchannel_words_of_the_agent_show_that_one_listens() {
    let stops = |words: &[&str]| {
        let settings = TurnSettings {
            interruption_sensitivity_permille: 500,
            backchannel_words: words.iter().map(|word| (*word).to_owned()).collect(),
            ..TurnSettings::default()
        };
        run(settings, asks().says(5_000, "roger roger roger")).conversation.counts()
    };
    assert_eq!(stops(&[]).interruptions, 1);
    assert_eq!(stops(&["roger"]).interruptions, 0);
}

#[test]
fn phrases_that_interrupt_need_no_other_words() {
    let stops = |phrases: &[&str]| {
        let settings = TurnSettings {
            min_words: 5,
            interrupt_phrases: phrases.iter().map(|phrase| (*phrase).to_owned()).collect(),
            ..TurnSettings::default()
        };
        run(settings, asks().says(5_000, "operator please")).conversation.counts()
    };
    assert_eq!(stops(&[]).interruptions, 0);
    assert_eq!(stops(&["operator please"]).interruptions, 1);
}

#[test]
fn phrases_to_ignore_never_interrupt_and_ask_for_no_answer() {
    let turns = |phrases: &[&str]| {
        let settings = TurnSettings {
            min_words: 2,
            ignore_phrases: phrases.iter().map(|phrase| (*phrase).to_owned()).collect(),
            ..TurnSettings::default()
        };
        let counts = run(settings, asks().says(5_000, "carry on")).conversation.counts();
        (counts.interruptions, counts.turns)
    };
    assert_eq!(turns(&[]), (1, 2));
    assert_eq!(turns(&["carry on"]), (0, 1));
}
