//! Machines that answer: a message, or none, and never a conversation.

use offhook_conversation::{
    CallSettings, ConversationConfig, Input, VoicemailMode, VoicemailSettings,
};
use offhook_types::{Answerer, CarrierEvent, ProgressTone, ToneEvent, ToneSpan};

use crate::caller::Caller;
use crate::world::{DELAYS, World, config};

const MESSAGE: &str = "This is Ada of Example Dental. Please call us back.";
const GREETING: &str = "Hi this is Bob I cannot come to the phone right now please leave a message \
                        after the tone";

fn rules(mode: VoicemailMode) -> CallSettings {
    let voicemail = Some(VoicemailSettings { mode, text: MESSAGE.to_owned() });
    CallSettings { voicemail, ..CallSettings::default() }
}

fn called(mode: VoicemailMode, caller: Caller) -> World {
    let config = ConversationConfig { opening: Some("Hello Bob.".into()), ..config(rules(mode)) };
    World::of(config, caller, &["Never said to a machine.", "Neither."], DELAYS).answered()
}

fn answered_by(world: &mut World, answerer: Answerer) {
    world.happens(Input::Carrier(CarrierEvent::AnsweredBy { answerer }));
}

fn beep(world: &mut World) {
    let span = ToneSpan {
        start_sample: 0,
        duration_ms: 400,
        frequency_hz: 1_000,
        second_frequency_hz: None,
        level_dbfs: -20,
    };
    world.happens(Input::Tone(ToneEvent::RecordTone { span }));
}

/// The words of the message, as often as they were begun.
fn begun(world: &World) -> Vec<u64> {
    let is_first = |(_, text): &&(u64, String)| text == "This is Ada of Example Dental.";
    world.spoken.iter().filter(is_first).map(|(at, _)| *at).collect()
}

#[test]
fn a_machine_is_hung_up_on_as_soon_as_it_is_known() {
    let world = called(VoicemailMode::Hangup, Caller::default().says(300, GREETING));
    let world = world.run_to_end(60_000);
    let (kind, at) = world.end();
    assert_eq!(kind, "Voicemail by Agent");
    assert!(at < 6_000, "{at} ms");
    assert!(!world.transcript().contains("Never"), "{}", world.transcript());
}

#[test]
fn a_message_begins_with_the_tone_and_the_call_ends_when_it_was_heard() {
    // Complaint: one call in three that is answered is answered by a machine, and the model is
    // relied on to see it.
    let mut world = called(VoicemailMode::Static, Caller::default().says(300, GREETING));
    world.run_until(6_500);
    assert!(begun(&world).is_empty());
    beep(&mut world);
    let world = world.run_to_end(60_000);
    assert!((6_500..6_700).contains(&begun(&world)[0]), "{:?}", world.spoken);
    assert_eq!(world.end().0, "VoicemailMessageLeft by Agent");
    assert!(world.transcript().ends_with(MESSAGE), "{}", world.transcript());
}

#[test]
fn without_a_tone_a_message_begins_when_the_greeting_is_complete() {
    let caller = Caller::default().says(300, GREETING);
    let end = caller.end();
    let world = called(VoicemailMode::Static, caller).run_to_end(60_000);
    let waited = begun(&world)[0] - end;
    assert!((2_500..3_100).contains(&waited), "{waited} ms");
    assert_eq!(world.end().0, "VoicemailMessageLeft by Agent");
}

#[test]
fn a_tone_within_the_message_begins_it_again_and_once_only() {
    let caller = Caller::default().says(300, GREETING);
    let mut world = called(VoicemailMode::Static, caller);
    world.run_until(10_000);
    assert_eq!(begun(&world).len(), 1);
    beep(&mut world);
    world.run_until(11_000);
    beep(&mut world);
    let world = world.run_to_end(60_000);
    assert_eq!(begun(&world).len(), 2, "{:?}", world.spoken);
    assert_eq!(world.end().0, "VoicemailMessageLeft by Agent");
}

#[test]
fn a_machine_that_never_stops_talking_is_hung_up_on_after_half_a_minute() {
    let endless = GREETING.to_owned() + &" and another thing".repeat(60);
    let world = called(VoicemailMode::Static, Caller::default().says(300, &endless));
    let world = world.run_to_end(90_000);
    let (kind, at) = world.end();
    assert_eq!(kind, "Voicemail by Agent");
    assert!((30_000..40_000).contains(&at), "{at} ms");
    assert!(begun(&world).is_empty());
}

#[test]
fn a_full_mailbox_is_hung_up_on() {
    let text = "you have reached Bob the mailbox is full goodbye";
    let world = called(VoicemailMode::Static, Caller::default().says(300, text));
    let world = world.run_to_end(60_000);
    assert_eq!(world.end().0, "Voicemail by Agent");
    assert!(begun(&world).is_empty());
}

#[test]
fn a_mailbox_that_says_that_it_is_full_when_a_tone_was_waited_for_is_hung_up_on() {
    let caller = Caller::default().says(2_000, "sorry the mailbox is full");
    let mut world = called(VoicemailMode::Static, caller);
    world.run_until(500);
    answered_by(&mut world, Answerer::MachineGreeting);
    let world = world.run_to_end(60_000);
    let (kind, at) = world.end();
    assert_eq!(kind, "Voicemail by Agent");
    assert!(at < 4_500 && begun(&world).is_empty(), "{at} ms");
}

#[test]
fn a_person_who_picks_up_before_the_tone_is_talked_to() {
    let caller = Caller::default().says(300, GREETING).says(7_500, "hello?");
    let world = called(VoicemailMode::Static, caller).run();
    assert!(world.ended.is_none(), "{:?}", world.log);
    assert!(begun(&world).is_empty());
    assert_eq!(world.decided("person"), 1);
    assert!(world.transcript().contains("caller: hello?\nagent: "), "{}", world.transcript());
}

#[test]
fn a_person_who_speaks_over_the_message_cancels_it() {
    let caller = Caller::default().says(300, GREETING).says(10_000, "wait I am here what is it?");
    let world = called(VoicemailMode::Static, caller).run();
    assert!(world.ended.is_none(), "{:?}", world.log);
    assert!(
        world.transcript().contains("wait I am here what is it?\nagent: "),
        "{}",
        world.transcript()
    );
}

#[test]
fn a_line_that_drops_within_the_message_has_cut_it_off() {
    let mut world = called(VoicemailMode::Static, Caller::default().says(300, GREETING));
    world.run_until(10_000);
    world.hang_up();
    assert_eq!(world.end().0, "VoicemailCutOff by Caller");
    let mut world = called(VoicemailMode::Static, Caller::default().says(300, GREETING));
    world.run_until(7_000);
    world.hang_up();
    assert_eq!(world.end().0, "Voicemail by Caller");
}

#[test]
fn the_carriers_word_is_enough_in_the_middle_of_the_agents_opening() {
    // Complaint: the carrier knew that a machine had answered, and the agent talked to it.
    let mut world = called(VoicemailMode::Static, Caller::default());
    world.run_until(800);
    answered_by(&mut world, Answerer::MachineGreeting);
    world.run_until(1_000);
    answered_by(&mut world, Answerer::MachineAfterTone);
    let world = world.run_to_end(60_000);
    assert_eq!(world.end().0, "VoicemailMessageLeft by Agent");
    assert!(begun(&world)[0] < 1_300, "{:?}", world.spoken);
}

#[test]
fn a_generated_message_is_written_while_the_greeting_goes_on() {
    let mut world = called(VoicemailMode::Generated, Caller::default().says(300, GREETING));
    world.model.unprompted(&["Hello Bob, this is Ada."]);
    let world = world.run_to_end(60_000);
    assert!(world.transcript().ends_with("agent: Hello Bob, this is Ada."), "{:?}", world.log);
    assert_eq!(world.end().0, "VoicemailMessageLeft by Agent");
}

#[test]
fn a_machine_that_the_carrier_knows_before_the_stream_begins_is_not_greeted() {
    let config = ConversationConfig {
        opening: Some("Hello Bob.".into()),
        ..config(rules(VoicemailMode::Hangup))
    };
    let mut world = World::of(config, Caller::default(), &[], DELAYS);
    answered_by(&mut world, Answerer::MachineGreeting);
    let world = world.answered();
    assert_eq!(world.end(), ("Voicemail by Agent".to_owned(), 0));
}

#[test]
fn people_are_not_taken_for_machines() {
    for text in [
        "hello?",
        "hello this is Bob who is there?",
        "Bob Miller speaking good morning",
        "yes this is Bob I am not available on Sunday if that is what you want",
    ] {
        let world = called(VoicemailMode::Static, Caller::default().says(300, text)).run();
        assert!(world.ended.is_none(), "{text}: {:?}", world.log);
    }
}

#[test]
fn after_a_real_exchange_talk_of_a_voicemail_is_talk() {
    let caller = Caller::default()
        .says(300, "hello?")
        .says(4_000, "yes I do remember you")
        .says(9_000, "I will leave a message on your voicemail after the tone then");
    let world = called(VoicemailMode::Static, caller).run();
    assert!(world.ended.is_none(), "{:?}", world.log);
}

#[test]
fn somebody_who_may_be_a_machine_is_given_time_to_go_on() {
    let caller = Caller::default().says(300, "you have reached Bob (1500) leave a message");
    let world = called(VoicemailMode::Hangup, caller).run_to_end(30_000);
    assert_eq!(world.end().0, "Voicemail by Agent");
    assert!(!world.transcript().contains("agent: Never"), "{}", world.transcript());
}

#[test]
fn a_fax_is_hung_up_on_and_no_message_is_left_whoever_hears_it() {
    let call = || called(VoicemailMode::Static, Caller::default());
    let mut by_carrier = call();
    by_carrier.run_until(2_000);
    answered_by(&mut by_carrier, Answerer::Fax);
    let mut by_tone = call();
    by_tone.run_until(2_000);
    by_tone.happens(fax_tone());
    for world in [by_carrier, by_tone] {
        assert_eq!(world.end(), ("Voicemail by Agent".to_owned(), 2_000));
        assert!(begun(&world).is_empty());
    }
}

#[test]
fn the_tone_of_a_fax_ends_no_conversation_with_a_person() {
    let caller = Caller::default().says(4_000, "Who is this?");
    let mut world = called(VoicemailMode::Static, caller);
    world.run_until(8_000);
    world.happens(fax_tone());
    world.run_until(10_000);
    world.hang_up();
    assert_eq!(world.end().0, "HumanPickUpCutOff by Caller");
}

fn fax_tone() -> Input {
    let span = ToneSpan {
        start_sample: 0,
        duration_ms: 500,
        frequency_hz: 1_100,
        second_frequency_hz: None,
        level_dbfs: -15,
    };
    Input::Tone(ToneEvent::ProgressBegan { tone: ProgressTone::FaxCalling, span })
}

#[test]
fn whoever_may_be_a_machine_is_given_time_to_go_on() {
    let long = "hello here is the workshop of Miller and Sons and this is Anna at the desk \
                today what can we do";
    let answered_after = |voicemail: Option<VoicemailSettings>| {
        let caller = Caller::default().says(300, long);
        let end = caller.end();
        let rules = CallSettings { voicemail, ..CallSettings::default() };
        let world = World::of(config(rules), caller, &["Hello Anna."], DELAYS).answered().run();
        world.heard_after(end).expect("an answer")
    };
    let settings = VoicemailSettings { mode: VoicemailMode::Hangup, text: String::new() };
    let (person, maybe) = (answered_after(None), answered_after(Some(settings)));
    assert!(maybe > person + 300, "{maybe} and {person} ms");
}
