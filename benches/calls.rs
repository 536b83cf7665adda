//! Whole calls in virtual time: how much faster than real time a session runs with its carrier, its
//! caller and its audio, and a decision trace without them.
//!
//! `cargo bench --bench calls`; a call here lasts 19 s, so that 63 ms are 300 times real time.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use offhook_audio::VadKind;
use offhook_session::{AudioSettings, SessionConfig, TurnSettings, replay};
use offhook_sim::{Caller, Scenario, synthetic_speech};

/// Three questions and an interruption; the agent answers at length.
fn scenario() -> Scenario {
    let lines = [
        (1_000, "What are your opening hours?"),
        (6_000, "and what about next Sunday?"),
        (12_000, "Do you have (400) a table for two (600) by the window?"),
    ];
    let caller = lines.into_iter().fold(Caller::default(), |caller, (at, text)| {
        let (samples, words) = synthetic_speech(text);
        caller.with(Duration::from_millis(at), &samples, &words)
    });
    let agent = SessionConfig {
        prompt: "You are a restaurant.".to_owned(),
        opening: Some("Hello, this is the restaurant.".into()),
        turns: TurnSettings::default(),
        audio: AudioSettings { vad: VadKind::WebRtc, ..AudioSettings::default() },
        seed: 1,
        ..SessionConfig::default()
    };
    let answers = [
        "We are open from nine to five on weekdays. On Saturdays we open at ten.",
        "On Sundays we are closed.",
        "We do. Shall I book it for you?",
    ];
    Scenario::new(agent, caller, &answers)
}

fn calls(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("calls");
    group.sample_size(10);
    group.bench_function("session_light_19_s", |bench| {
        bench.iter(|| black_box(scenario().play()).session().counts());
    });
    let world = scenario().play();
    let trace: Vec<String> = world.trace().iter().filter_map(|line| line.to_json().ok()).collect();
    group.bench_function("replay_19_s", |bench| {
        bench.iter(|| black_box(replay(trace.iter().map(String::as_str))).is_ok());
    });
    group.finish();
}

criterion_group!(benches, calls);
criterion_main!(benches);
