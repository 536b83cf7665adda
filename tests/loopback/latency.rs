//! The same calls in virtual time and over real sockets: voice to voice, and speech to silence.

use std::time::Duration;

use offhook_engine::CallClock;
use offhook_sim::{Caller, Scenario, synthetic_speech};
use offhook_types::{CallEvent, PlayoutCommand, PlayoutEvent, Timestamp, TraceLine};
use tokio::sync::mpsc;

use super::phone::{Lines, Phone};
use super::runtime;
use super::served::{Served, agent};

const HOURS: &str = "We are open from nine to five on weekdays, and on Saturdays we open at ten \
                     and close at two, but on Sundays we are closed all day.";
const ANSWERS: [&str; 3] = [HOURS, HOURS, "We do."];
/// The emulated carriers begin their streams with the first frame, 20 ms after the socket.
const BEGAN: Duration = Duration::from_millis(20);
const HANGS_UP_AT: Duration = Duration::from_millis(8_600);
/// What callers say: a question and two interruptions. `(7)` is a pause of 7 ms, so that what is
/// measured falls everywhere between two frames.
const CALLERS: [[(u64, &str); 3]; 3] = [
    [
        (1_000, "What are your opening hours?"),
        (3_700, "and what about next Sunday?"),
        (6_200, "do you have a table?"),
    ],
    [
        (1_000, "(7) What are your opening hours?"),
        (3_700, "(7) and what about next Sunday?"),
        (6_200, "(7) do you have a table?"),
    ],
    [
        (1_000, "(13) What are your opening hours?"),
        (3_700, "(13) and what about next Sunday?"),
        (6_200, "(13) do you have a table?"),
    ],
];
const ROUNDS_MAX: usize = 3;
const AGREES_WITHIN: Duration = Duration::from_millis(10);
/// Timers of the runtime have steps of a millisecond.
const USUALLY_LATE: Duration = Duration::from_millis(2);
/// How often an answer waits for another thread on its way, once nothing else is waited for: for
/// its text, for its audio, and on both ways over the socket. What came before was waited for while
/// the caller's silence was still too short.
const WAITS: u32 = 4;

/// When an answer or a stop reached the carrier, after the caller's last or first sample.
#[derive(Debug, Default)]
struct Measured {
    voice_to_voice: Vec<Duration>,
    stop: Vec<Duration>,
}

/// Both are measured in the time of the carrier's stream, at the moment when the first message of
/// an answer, or the clear, is at the carrier. The emulator plays 20 ms at a time, so that what the
/// caller hears would hide up to a frame of difference or make one where there is a microsecond.
///
/// A loaded machine runs everything late that is real. How late is measured beside the calls, by
/// threads that do nothing but wait and tell each other; a median may be later by that for each
/// time that an answer waits on its way. And the best of three rounds counts: a driver that adds
/// latency of its own adds it in every round.
#[test]
fn a_call_over_a_socket_is_as_quick_as_in_the_simulation() {
    let simulated = Measured::all(CALLERS.iter().map(|lines| simulate(lines)));
    assert!(simulated.voice_to_voice.len() >= 9 && simulated.stop.len() >= 5, "{simulated:?}");
    let mut told = Vec::new();
    for _ in 0..ROUNDS_MAX {
        let probe = std::thread::spawn(machine_lateness);
        let served = serve();
        let late = probe.join().expect("a probe");
        assert_eq!(served.voice_to_voice.len(), simulated.voice_to_voice.len(), "{served:?}");
        assert_eq!(served.stop.len(), simulated.stop.len(), "{served:?}");
        let medians = [&simulated, &served]
            .map(|measured| (median(&measured.voice_to_voice), median(&measured.stop)));
        println!("simulated, over sockets: {medians:?}; the machine is late by {late:?}");
        let within = AGREES_WITHIN + WAITS * late.saturating_sub(USUALLY_LATE);
        let [(voice, stop), (voice_served, stop_served)] = medians;
        if voice.abs_diff(voice_served) <= within && stop.abs_diff(stop_served) <= within {
            return;
        }
        told.push(format!("{late:?} {medians:?} {served:?}"));
    }
    panic!("{ROUNDS_MAX} rounds differ from {simulated:?}:\n{}", told.join("\n"));
}

/// The median time by which a thread that waited for a moment, and told another, was late.
fn machine_lateness() -> Duration {
    let clock = CallClock::start();
    let (sender, mut receiver) = mpsc::channel(4);
    let waiting = std::thread::spawn(move || {
        runtime().block_on(async {
            for index in 1..HANGS_UP_AT.as_millis() / 20 {
                let due = Timestamp::from_millis(20 * index as u64);
                clock.sleep_until(due).await;
                sender.send(due).await.expect("a receiver");
            }
        });
    });
    let late = runtime().block_on(async {
        let mut late = Vec::new();
        while let Some(due) = receiver.recv().await {
            late.push(clock.now().saturating_since(due));
        }
        late
    });
    waiting.join().expect("a thread");
    median(&late)
}

fn simulate(lines: Lines<'_>) -> Measured {
    let caller = lines.iter().fold(Caller::default(), |caller, (at_ms, text)| {
        let (samples, words) = synthetic_speech(text);
        caller.with(Duration::from_millis(*at_ms), &samples, &words)
    });
    let world = Scenario::new(agent(None), caller.hanging_up_at(HANGS_UP_AT), &ANSWERS).play();
    assert_eq!(world.faults(), [] as [String; 0]);
    let answers = moments(world.trace(), |event| {
        matches!(event, CallEvent::Playout(PlayoutEvent::Speaking { .. }))
    });
    // The time of the trace is that of the stream: what was sent is heard with the next frame.
    let heard = world.ear().stretches()[0].from;
    assert!((answers[0]..=answers[0] + BEGAN).contains(&heard), "{heard:?} {answers:?}");
    let clears = moments(world.trace(), |event| {
        matches!(event, CallEvent::PlayoutAsked(PlayoutCommand::Cut { .. }))
    });
    Measured::of(lines, &answers, &clears)
}

fn serve() -> Measured {
    let served = CALLERS.each_ref().map(|lines| Served::start(agent(None), &ANSWERS, lines));
    let calls = CALLERS.iter().zip(&served).map(|(lines, served)| {
        let url = served.url("twilio");
        async move {
            let phone = Phone::new(lines).call(&url, HANGS_UP_AT).await;
            assert_eq!(phone.carrier.violations(), []);
            Measured::of(lines, &phone.media_at, &phone.clears_at)
        }
    });
    let measured = Measured::all(runtime().block_on(futures_util::future::join_all(calls)));
    for served in served {
        served.finish_one();
    }
    measured
}

/// Moments of the stream at which something is in the trace.
fn moments(trace: &[TraceLine], is_it: impl Fn(&CallEvent) -> bool) -> Vec<Duration> {
    let found = trace.iter().filter(|line| is_it(&line.event));
    found.map(|line| line.at.saturating_since(Timestamp::ZERO) - BEGAN).collect()
}

impl Measured {
    fn of(lines: Lines<'_>, answers: &[Duration], clears: &[Duration]) -> Self {
        let mut measured = Self::default();
        for (index, (at_ms, text)) in lines.iter().enumerate() {
            let (at, words) = (Duration::from_millis(*at_ms), synthetic_speech(text).1);
            let from = at + words.first().expect("words").start;
            let to = at + words.last().expect("words").end;
            let until = lines.get(index + 1).map(|(at_ms, _)| Duration::from_millis(*at_ms));
            let until = until.unwrap_or(HANGS_UP_AT);
            let first = |moments: &[Duration], from| {
                moments.iter().find(|at| (from..until).contains(*at)).map(|at| *at - from)
            };
            measured.voice_to_voice.extend(first(answers, to));
            measured.stop.extend(first(clears, from).filter(|_| index > 0));
        }
        measured
    }

    fn all(calls: impl IntoIterator<Item = Self>) -> Self {
        calls.into_iter().fold(Self::default(), |mut all, call| {
            all.voice_to_voice.extend(call.voice_to_voice);
            all.stop.extend(call.stop);
            all
        })
    }
}

fn median(measured: &[Duration]) -> Duration {
    let mut sorted = measured.to_vec();
    sorted.sort();
    sorted[sorted.len() / 2]
}
