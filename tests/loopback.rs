//! Calls over real sockets on this machine: the engine, its driver and its door.

mod latency;
mod phone;
mod served;
// The command line's own: a binary has no library that a test could use.
#[path = "../crates/cli/call/socket.rs"]
mod socket;
#[path = "../crates/cli/serve/stand_in_thread.rs"]
mod stand_in_thread;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use offhook_emulator::{CallState, Dial, Dialect, EndCause, Side, WireMessage};
use offhook_session::{AudioSettings, replay_media};
use offhook_sim::{Providers, Speakers, SpeakersError, StandIns};
use offhook_types::{CallEvent, EndKind, EndedBy, FailedStage, SttEvent, Timestamp};

use phone::Phone;
use served::{Call, Served, agent};

const HELLO: &str = "Hello, this is the restaurant.";
const QUESTION: [(u64, &str); 1] = [(1_000, "What are your opening hours?")];

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[test]
fn a_wrong_door_says_where_the_right_ones_are() {
    let served = Served::start(agent(None), &[], &[]);
    let get = |request: &str| {
        let mut socket = TcpStream::connect(served.address()).unwrap();
        socket.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        answer
    };
    let answer = get("GET /media HTTP/1.1\r\nHost: h\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"), "{answer}");
    assert!(answer.contains("/twilio/media"), "{answer}");
    let answer = get("GET /twilio/media HTTP/1.1\r\nHost: h\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 426 Upgrade Required\r\n"), "{answer}");
    let answer = get("POST /twilio/media HTTP/1.1\r\nHost: h\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");

    let (wrong, forwarded) = (format!("ws://{}/twilio", served.address()), served.url("twilio"));
    runtime().block_on(async {
        let mut upgrade = Dialect::Twilio.dial(Dial::new(Dialect::Twilio, 1)).unwrap().upgrade();
        let refused = socket::Socket::dial(&wrong, &upgrade).await.unwrap();
        assert!(matches!(refused, socket::Dialled::Refused(404)));
        let proxy = ("X-Forwarded-For".to_owned(), offhook_types::Pii::new("192.0.2.1".to_owned()));
        upgrade.headers.push(proxy);
        let refused = socket::Socket::dial(&forwarded, &upgrade).await.unwrap();
        assert!(matches!(refused, socket::Dialled::Refused(403)));
    });
    assert_eq!(served.finish().len(), 0);
}

#[test]
fn the_agent_is_heard_on_every_carrier() {
    let served = Served::start(agent(Some(HELLO)), &[], &[]);
    let calls = Dialect::ALL.map(|dialect| {
        let url = served.url(&dialect.to_string());
        async move { Phone::at(dialect, &[]).call(&url, ms(1_500)).await }
    });
    for phone in runtime().block_on(futures_util::future::join_all(calls)) {
        let rate = phone.carrier.formats().to_caller.sample_rate();
        assert!(phone.carrier.played().samples >= rate.hz().into(), "{:?}", phone.carrier);
        assert_eq!(phone.carrier.violations(), []);
    }
    let calls = served.finish();
    assert_eq!(calls.len(), Dialect::ALL.len());
    for Call { report, media_trace, .. } in calls {
        assert_eq!((report.stream.skipped_total(), report.losses), (0, (0, 0)), "{report:?}");
        let replay = replay_media(media_trace.lines()).expect("a media trace");
        assert_eq!((replay.inputs as u64, replay.difference), (report.driver.inputs, None));
        assert_eq!(report.reason.map(|reason| reason.who), Some(EndedBy::Caller));
    }
}

#[test]
fn garbage_is_counted_and_the_call_goes_on_until_the_caller_hangs_up() {
    let served = Served::start(agent(Some(HELLO)), &["We open at nine."], &QUESTION);
    let phone = Phone::new(&QUESTION)
        .with_extra(ms(300), WireMessage::Text("{\"event\":".to_owned()))
        .with_extra(ms(500), WireMessage::Text("{\"event\":\"hello\"}".to_owned()))
        .with_extra(ms(700), WireMessage::Binary(vec![0xff; 900]));
    let phone = runtime().block_on(phone.call(&served.url("twilio"), ms(3_600)));
    let played = phone.carrier.played();
    let call = served.finish_one();
    assert_eq!(call.report.stream.skipped_total(), 3);
    assert!(call.trace.iter().any(|line| matches!(line.event, CallEvent::LlmAsked(_))));
    assert!(played.samples > 8_000, "{played:?}");
    assert_eq!(phone.carrier.violations(), []);
    let reason = call.report.reason.expect("an end");
    assert_eq!((reason.kind, reason.who), (EndKind::HumanPickUpCutOff, EndedBy::Caller));
    let driver = call.report.driver;
    println!("first message after {:?}; {driver:?}", driver.first_sent_at);
    // A deadline that has passed and is not answered would be asked for again and again.
    assert_eq!(driver.budget_exhausted, 0, "{driver:?}");
    assert!(driver.inputs < 1_500, "3.6 s are 180 frames: {driver:?}");
    assert!(driver.buffers_made <= 8, "audio buffers are used again: {driver:?}");
}

#[test]
fn a_caller_who_closes_the_socket_ends_the_call() {
    for is_polite in [true, false] {
        let served = Served::start(agent(Some(HELLO)), &[], &[]);
        runtime().block_on(async {
            let mut carrier = Dialect::Twilio.dial(Dial::new(Dialect::Twilio, 1)).unwrap();
            let dialled = socket::Socket::dial(&served.url("twilio"), &carrier.upgrade()).await;
            let socket::Dialled::Open(mut socket, _) = dialled.unwrap() else { panic!("refused") };
            carrier.handle_open(Timestamp::ZERO, None);
            while let Some(message) = carrier.poll_message() {
                socket.send(message).await.unwrap();
            }
            socket.receive().await.expect("the agent speaks");
            if is_polite {
                socket.close().await;
            }
        });
        let reason = served.finish_one().report.reason.expect("an end");
        assert_eq!((reason.kind, reason.who), (EndKind::HumanPickUpCutOff, EndedBy::Caller));
    }
}

/// The same caller twice: one carrier reads, the other never does. What the recogniser says comes
/// at the same moment in both calls, although the other's messages pile up: the system takes 4 s of
/// them, the caller asks at 6 s, and at 9 s the engine's own queue is full.
#[test]
fn a_carrier_that_does_not_read_delays_nothing_it_sends_and_is_cut_off() {
    let opening = "We are open from nine to five on weekdays. ".repeat(12);
    let mut agent = agent(Some(&opening));
    // Speaks on, whatever the caller says.
    agent.turns.interruption_sensitivity_permille = 0;
    let question = [(6_000, QUESTION[0].1)];
    let recognised = |call: &Call| {
        let partials = call
            .trace
            .iter()
            .filter(|line| matches!(line.event, CallEvent::Stt(SttEvent::Partial { .. })));
        partials.map(|line| line.at).collect::<Vec<_>>()
    };
    holds_in_a_round(|| {
        let [reader, other] = [(); 2].map(|()| Served::start(agent.clone(), &[], &question));
        let (url, other_url) = (reader.url("twilio"), other.url("twilio"));
        runtime().block_on(async {
            let unread = phone::speak_without_reading(&other_url, &question, ms(20_000));
            tokio::join!(Phone::new(&question).call(&url, ms(8_500)), unread);
        });
        let [reader, other] = [reader, other].map(Served::finish_one);
        let Call { report, .. } = &other;
        assert!(report.driver.outgoing_lost > 0, "{report:?}");
        let reason = report.reason.as_ref().expect("an end");
        let expected = (&EndKind::Failed(FailedStage::Media), EndedBy::System);
        assert_eq!((&reason.kind, reason.who), expected);
        let (read, unread) = (recognised(&reader), recognised(&other));
        assert_eq!((read.len(), unread.len()), (5, 5));
        let late = read.iter().zip(&unread).map(|(read, unread)| unread.saturating_since(*read));
        let late: Vec<Duration> = late.collect();
        if late.iter().all(|late| *late <= ms(40)) { Ok(()) } else { Err(format!("{late:?}")) }
    });
}

/// A voice that has its first clauses ready, and blocks its thread for 2 s over the third.
struct BlockingVoice {
    clauses: usize,
}

impl Speakers for BlockingVoice {
    #[expect(clippy::disallowed_methods, reason = "a provider that blocks its thread is the test")]
    fn speak(&mut self, _voice: &str, _text: &str) -> Result<Arc<[i16]>, SpeakersError> {
        self.clauses += 1;
        if self.clauses == 3 {
            std::thread::sleep(ms(2_000));
        }
        let hum = |index: usize| ((index as f32 * 0.15).sin() * 8_000.0) as i16;
        Ok((0..20_000).map(hum).collect())
    }
}

#[test]
fn a_provider_thread_that_blocks_for_two_seconds_makes_no_frame_late() {
    let opening = "This takes two and a half seconds. So does this. And this is late.";
    holds_in_a_round(|| {
        let served = Served::start_with(agent(Some(opening)), || {
            let audio = AudioSettings::default();
            let (rate, voice_rate) = (audio.recogniser_rate, audio.voice_rate);
            let stand_ins = StandIns::new(Providers::default(), &[], rate, voice_rate, 1);
            (stand_ins.with_voice("a", Box::new(BlockingVoice { clauses: 0 })), Vec::new())
        });
        let phone = runtime().block_on(Phone::new(&[]).call(&served.url("twilio"), ms(6_000)));
        let Call { report, .. } = served.finish_one();
        let played = phone.carrier.played();
        // The thread stood still while the agent was heard: 2 s of the caller's audio waited.
        assert!(report.driver.buffers_made >= 90, "{report:?}");
        // All 300 frames of the caller were taken, and none was lost on the way to the recogniser.
        assert!(report.stream.audio_messages >= 298, "{report:?}");
        assert_eq!((report.losses, report.driver.audio_lost), ((0, 0), 0));
        assert!(played.samples > 5 * 8_000, "{played:?}");
        // Nothing was late at the carrier: its buffer, 120 ms of it, never ran dry.
        if played.underruns == 0 { Ok(()) } else { Err(format!("{played:?} {report:?}")) }
    });
}

#[test]
fn a_call_that_does_not_end_when_the_engine_drains_is_hung_up() {
    let served = Served::start(agent(Some(HELLO)), &[], &[]);
    let url = served.url("twilio");
    let calling = std::thread::spawn(move || {
        runtime().block_on(Phone::new(&[]).call(&url, ms(20_000))).carrier.state()
    });
    let call = served.finish_after(ms(500));
    let reason = call.report.reason.expect("an end");
    assert_eq!((reason.kind, reason.who), (EndKind::Drained, EndedBy::System));
    assert!((ms(2_400)..ms(6_000)).contains(&call.report.duration), "{:?}", call.report.driver);
    let CallState::Ended(end) = calling.join().unwrap() else { panic!("the call goes on") };
    assert_eq!((end.by, end.cause), (Side::Engine, EndCause::SocketClosed));
}

#[test]
fn the_command_tells_its_address_serves_a_call_and_drains_when_it_is_told_to_stop() {
    let script = std::env::temp_dir().join(format!("offhook-serve-{}.toml", std::process::id()));
    std::fs::write(&script, format!("[agent]\nopening = \"{HELLO}\"\n")).unwrap();
    let mut server = Command::new(env!("CARGO_BIN_EXE_offhook"))
        .args(["serve", "--bind", "127.0.0.1:0", "--script"])
        .arg(&script)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(server.stdout.take().unwrap());
    let mut first = String::new();
    out.read_line(&mut first).unwrap();
    let address = first.trim().strip_prefix("listening on ").expect("an address").to_owned();
    let url = format!("ws://{address}/twilio/media");
    let call = runtime().block_on(async {
        let calling = Phone::new(&[]).call(&url, ms(2_000));
        let stopping = async {
            tokio::time::sleep(ms(600)).await;
            terminate(&server);
            tokio::time::sleep(ms(200)).await;
            assert!(TcpStream::connect(&address).is_err(), "no more calls are taken");
        };
        tokio::join!(calling, stopping).0
    });
    assert!(call.carrier.played().samples > 8_000, "the call went on: {:?}", call.carrier.played());
    assert_eq!(server.wait().unwrap().code(), Some(0));
    let mut told = String::new();
    out.read_to_string(&mut told).unwrap();
    assert!(told.contains("1 connections, 1 calls, 0 cut off"), "{told}");
    std::fs::remove_file(&script).unwrap();
}

/// A claim about moments on a machine that others use as well: what is late for their sake is not
/// late in each of three rounds, what is late for ours is.
fn holds_in_a_round(check: impl Fn() -> Result<(), String>) {
    let mut failures = Vec::new();
    for _ in 0..3 {
        match check() {
            Ok(()) => return,
            Err(failure) => failures.push(failure),
        }
    }
    panic!("{}", failures.join("\n"));
}

fn terminate(process: &Child) {
    let id = process.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill").success());
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}
