//! Whole calls in virtual time: the carrier's emulator, real codecs and detectors, the session, and
//! everything around it with known delays.

use std::time::Duration;

use offhook_audio::{AmbienceConfig, Bed, BedKind, DenoiseMode, VadKind};
use offhook_session::{AudioSettings, SessionConfig, TurnSettings, decisions_in, replay_media};
use offhook_sim::{Caller, Scenario, World, synthetic_speech};
use offhook_telephony::Carrier;
use offhook_types::{CallEvent, EndKind, EndedBy, Evidence, SampleRate, Timestamp};

const HOURS: &str = "We are open from nine to five on weekdays. On Saturdays we open at ten and \
                     close at two. On Sundays we are closed. Is there anything else?";

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn agent() -> SessionConfig {
    SessionConfig {
        prompt: "You are a restaurant.".to_owned(),
        opening: None,
        turns: TurnSettings::default(),
        audio: AudioSettings { vad: VadKind::WebRtc, ..AudioSettings::default() },
        seed: 1,
        ..SessionConfig::default()
    }
}

/// Says each text at its moment. A caller's line is quiet for the first second, as lines are.
fn caller(lines: &[(u64, &str)]) -> Caller {
    lines.iter().fold(Caller::default(), |caller, (at, text)| {
        let (samples, words) = synthetic_speech(text);
        caller.with(ms(*at), &samples, &words)
    })
}

fn transcript(world: &World) -> String {
    use offhook_session::Entry;
    assert_eq!(world.faults(), [] as [String; 0], "{:?}", world.decisions());
    let entries = world.session().history().entries().iter();
    let lines = entries.map(|entry| match entry {
        Entry::Caller { text, .. } => format!("caller: {text}"),
        Entry::Agent { text, was_interrupted: false, .. } => format!("agent: {text}"),
        Entry::Agent { text, .. } => format!("agent: {text}--"),
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn end_of(text: &str, at: u64) -> Duration {
    ms(at) + synthetic_speech(text).1.last().expect("words").end
}

#[test]
fn a_question_is_heard_answered_and_written_down_on_every_carrier() {
    let question = "What are your opening hours?";
    for carrier in Carrier::ALL {
        let mut scenario =
            Scenario::new(agent(), caller(&[(1_000, question)]), &["We open at nine."]);
        scenario.carrier = carrier;
        let world = scenario.play();
        let expected = format!("caller: {question}\nagent: We open at nine.");
        assert_eq!(transcript(&world), expected, "{carrier}");
        let latency = world.ear().silence_after(end_of(question, 1_000)).expect("an answer");
        assert!(latency <= ms(640), "{carrier}: {latency:?} {:?}", world.decisions());
        assert_eq!(world.session().stream_counts().skipped_total(), 0, "{carrier}");
    }
}

#[test]
fn an_interruption_stops_what_is_heard_and_the_history_ends_with_it() {
    let question = "What are your opening hours?";
    let lines = [(1_000, question), (6_000, "and what about next Sunday?")];
    let world = Scenario::new(agent(), caller(&lines), &[HOURS, "We are closed."]).play();
    let stop = world.ear().stops_after(ms(6_000)).expect("the agent spoke");
    assert!(stop <= ms(420), "{stop:?} {:?}", world.decisions());
    let written = transcript(&world);
    assert!(
        written.contains("--\ncaller: and what about next Sunday?\nagent: We are"),
        "{written}"
    );
    assert_eq!(world.session().counts().interruptions, 1);
}

#[test]
fn at_sensitivity_one_the_agent_falls_silent_within_200_ms_of_the_first_sound() {
    let mut agent = agent();
    agent.turns.interruption_sensitivity_permille = 1_000;
    let lines = [(1_000, "What are your opening hours?"), (6_000, "and what about Sunday?")];
    let world = Scenario::new(agent, caller(&lines), &[HOURS, "We are closed."]).play();
    // 80 ms until the gate opens and the clear leaves, 60 ms of fade, a frame at the carrier.
    let stop = world.ear().stops_after(ms(6_000)).expect("the agent spoke");
    assert!(stop <= ms(200), "{stop:?} {:?}", world.decisions());
    // The clear leaves with the decision: at most 80 ms behind the first frame that has voice in
    // it, which is at the engine when it is over.
    let is_interruption = |decision: &&Evidence| decision.rule == "interruption";
    let decided = world.decisions().iter().find(is_interruption).expect("an interruption").at;
    let first_frame = Timestamp::from_millis(6_020);
    assert!(decided <= first_frame + ms(80), "{decided:?} {:?}", world.decisions());
}

#[test]
fn a_cough_ducks_a_patient_agent_and_does_not_stop_it() {
    let mut agent = agent();
    agent.turns.interruption_sensitivity_permille = 500;
    let lines = [(1_000, "What are your opening hours?"), (6_000, "*120*")];
    let world = Scenario::new(agent, caller(&lines), &[HOURS]).play();
    let counts = world.session().counts();
    assert_eq!((counts.interruptions, counts.false_starts), (0, 1), "{:?}", world.decisions());
    assert_eq!(transcript(&world), format!("caller: What are your opening hours?\nagent: {HOURS}"));
}

#[test]
fn a_cough_that_stops_a_hasty_agent_is_made_good() {
    let lines = [(1_000, "What are your opening hours?"), (6_000, "*300*")];
    let world = Scenario::new(agent(), caller(&lines), &[HOURS]).play();
    let counts = world.session().counts();
    assert_eq!((counts.interruptions, counts.resumed), (1, 1), "{:?}", world.decisions());
    let said = transcript(&world).replace("--", "");
    assert_eq!(said, format!("caller: What are your opening hours?\nagent: {HOURS}"));
}

#[test]
fn the_agents_own_voice_on_the_line_does_not_interrupt_it() {
    for (delay, loss_db) in [(80, 15.0), (250, 20.0), (500, 25.0)] {
        let caller = caller(&[(1_000, "What are your opening hours?")]);
        let caller = caller.with_echo(ms(delay), loss_db);
        let world = Scenario::new(agent(), caller, &[HOURS]).play();
        assert_eq!(
            transcript(&world),
            format!("caller: What are your opening hours?\nagent: {HOURS}"),
            "{delay} ms, {loss_db} dB: {:?}",
            world.decisions()
        );
    }
}

#[test]
fn a_far_carrier_changes_the_latency_and_nothing_else() {
    let question = "What are your opening hours?";
    let lines = [(1_000, question), (7_000, "and what about next Sunday?")];
    let mut scenario = Scenario::new(agent(), caller(&lines), &[HOURS, "We are closed."]);
    scenario.network.0.delay = ms(120);
    scenario.network.1.delay = ms(120);
    scenario.network.0.jitter_max = ms(30);
    scenario.network.1.jitter_max = ms(30);
    let world = scenario.play();
    let latency = world.ear().silence_after(end_of(question, 1_000)).expect("an answer");
    assert!((ms(600)..ms(1_100)).contains(&latency), "{latency:?}");
    assert_eq!(world.session().counts().interruptions, 1);
    assert_eq!(world.session().stream_counts().underruns, 0);
}

#[test]
fn a_caller_who_hangs_up_ends_the_call_once_at_any_moment() {
    for at in (400..9_000).step_by(860) {
        let lines = [(1_000, "What are your opening hours?"), (5_000, "and on Sunday?")];
        let caller = caller(&lines).hanging_up_at(ms(at));
        let world = Scenario::new(agent(), caller, &[HOURS, "Closed."]).play();
        let reason = world.ended().expect("an end");
        assert_eq!((&reason.kind, reason.who), (&EndKind::HumanPickUpCutOff, EndedBy::Caller));
        assert_eq!(world.session().poll_timeout(), None, "a timer outlives the call");
    }
}

#[test]
fn the_same_seed_is_the_same_call() {
    let play = || {
        let lines = [(1_000, "What are your (300) opening hours?"), (6_000, "and on Sunday?")];
        let mut scenario = Scenario::new(agent(), caller(&lines), &[HOURS, "Closed."]);
        scenario.network.0.jitter_max = ms(40);
        scenario.network.1.jitter_max = ms(40);
        let world = scenario.play();
        (format!("{:?}", world.decisions()), format!("{:?}", world.ear().stretches()))
    };
    assert_eq!(play(), play());
}

#[test]
fn the_trace_of_a_call_decides_the_same_when_it_is_played_again() {
    let lines = [(1_000, "What are your opening hours?"), (6_000, "and what about Sunday?")];
    let world = Scenario::new(agent(), caller(&lines), &[HOURS, "We are closed."]).play();
    let trace: Vec<String> =
        world.trace().iter().map(|line| line.to_json().expect("json")).collect();
    let difference = offhook_session::replay(trace.iter().map(String::as_str));
    assert_eq!(difference.expect("a trace"), None);
    let bytes: usize = trace.iter().map(String::len).sum();
    println!("{} lines, {} bytes", trace.len(), bytes);
}

/// A call on each carrier, with everything that may be random in it.
fn media_trace(carrier: Carrier, denoise: DenoiseMode) -> String {
    let lines = [(1_000, "What are your opening hours?"), (6_000, "and what about Sunday?")];
    let mut agent = agent();
    agent.audio.denoise = denoise;
    agent.audio.vad = VadKind::Neural;
    let bed = Bed::synthesise(BedKind::Typing, SampleRate::HZ_8000);
    agent.audio.ambience = (carrier == Carrier::Twilio).then(|| AmbienceConfig::new(bed, 0.3));
    let mut scenario = Scenario::new(agent, caller(&lines), &[HOURS, "We are closed."]);
    scenario.carrier = carrier;
    scenario.media_trace_by = Some("this".to_owned());
    let world = scenario.play();
    assert_eq!(world.session().counts().interruptions, 1, "{carrier}");
    String::from_utf8(world.media_trace().to_vec()).expect("text")
}

#[test]
fn a_media_trace_played_again_does_the_same_to_the_bit_on_every_carrier() {
    for carrier in Carrier::ALL {
        let denoise =
            if carrier == Carrier::Raw { DenoiseMode::NoiseAndVoices } else { DenoiseMode::Off };
        let trace = media_trace(carrier, denoise);
        let replay = replay_media(trace.lines()).expect("a media trace");
        assert_eq!((replay.made_by.as_str(), replay.difference), ("this", None), "{carrier}");
        assert!(replay.inputs > 400, "{carrier}: {} inputs", replay.inputs);
        let decisions = decisions_in(trace.lines()).filter(|line| {
            matches!(&line.event, CallEvent::Decided(decided) if decided.rule == "interruption")
        });
        assert_eq!(decisions.count(), 1, "{carrier}");
    }
}

#[test]
fn a_media_trace_of_other_audio_differs_where_the_audio_does() {
    let trace = media_trace(Carrier::Twilio, DenoiseMode::Off);
    let mut lines: Vec<String> = trace.lines().map(str::to_owned).collect();
    let media = lines.iter().rposition(|line| line.contains("payload")).expect("media");
    let payload = lines[media].find("payload").expect("a payload") + 20;
    lines[media].replace_range(payload..payload + 4, "AAAA");
    let replay = replay_media(lines.iter().map(String::as_str)).expect("a media trace");
    let difference = replay.difference.expect("a difference");
    assert_eq!(difference.line, media + 1);
    assert_ne!(difference.recorded.stt_audio, difference.replayed.stt_audio);
    // Cut off anywhere, it plays up to there.
    let replay = replay_media(lines[..media].iter().map(String::as_str)).expect("a media trace");
    assert_eq!(replay.difference, None);
}

#[test]
fn what_is_no_media_trace_is_refused_with_its_line() {
    let trace = media_trace(Carrier::Twilio, DenoiseMode::Off);
    let good: Vec<&str> = trace.lines().take(40).collect();
    let fault = |line: usize, text: &str| {
        let mut lines = good.clone();
        lines[line] = text;
        replay_media(lines).expect_err("no media trace").to_string()
    };
    assert_eq!(fault(2, "nonsense"), "line 3 is not one of a media trace");
    assert!(fault(0, good[1]).starts_with("line 1 does not belong there"));
    assert!(fault(4, good[0]).starts_with("line 5 does not belong there"));
    let newer = good[0].replacen(r#""version":1"#, r#""version":2"#, 1);
    assert!(fault(0, &newer).contains("version 2"));
    let last = good.iter().rposition(|line| line.starts_with(r#"{"in""#)).expect("an input");
    let early = good[last].replacen(r#""at_us":"#, r#""at_us":0,"was":"#, 1);
    assert!(fault(last, &early).contains("earlier than the line before"), "{early}");
}
