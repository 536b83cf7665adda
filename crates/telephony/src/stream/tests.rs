//! The order of a stream and its outbound layer, over the Twilio dialect, and over Plivo's where
//! the carrier acknowledges a clear.

use offhook_types::{Generation, UtteranceId};

use super::*;
use crate::plivo::PlivoDialect;
use crate::twilio::TwilioDialect;

const START: &str = r#"{"event":"start","start":{"streamSid":"MZ1","callSid":"CA1","mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000}}}"#;
const MEDIA: &str = r#"{"event":"media","media":{"track":"inbound","chunk":"1","timestamp":"0","payload":"/////w=="}}"#;
const CLAUSE: UtteranceId = UtteranceId::new(7);

const fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn stream() -> MediaStream {
    MediaStream::new(Box::new(TwilioDialect::new()))
}

fn open() -> MediaStream {
    let mut stream = stream();
    assert_eq!(hear(&mut stream, 0, START), 1);
    stream
}

/// Hands in a text; says how many events it made.
fn hear(stream: &mut MediaStream, millis: u64, text: &str) -> usize {
    let mut events = 0;
    stream.handle_message(at(millis), WireMessage::Text(text), |_| events += 1);
    events
}

/// Everything that waits for the socket, a letter per message and the bytes of audio in it.
fn sent(stream: &mut MediaStream) -> String {
    let mut out = String::new();
    while let Some(WireMessage::Text(text)) = stream.poll_message() {
        let value: serde_json::Value = serde_json::from_str(text).expect("json");
        let audio = value["media"]["payload"].as_str().map(|payload| payload.len() / 4 * 3);
        let name = value["mark"]["name"].as_str();
        match (audio, name) {
            (Some(bytes), _) => out += &format!("audio {} ", bytes / 160 * 20),
            (_, Some(name)) => out += &format!("{name} "),
            _ => out += &format!("{} ", value["event"].as_str().expect("an event")),
        }
    }
    out
}

#[test]
fn nothing_counts_before_the_start_and_after_the_end() {
    let mut stream = stream();
    assert_eq!(hear(&mut stream, 0, MEDIA), 0);
    assert_eq!(stream.counts().skipped(Anomaly::BeforeStart), 1);
    assert_eq!(hear(&mut stream, 0, START), 1);
    assert_eq!(hear(&mut stream, 0, START), 0);
    assert_eq!(stream.counts().skipped(Anomaly::SecondStart), 1);
    assert_eq!(hear(&mut stream, 0, MEDIA), 1);
    assert_eq!(hear(&mut stream, 0, r#"{"event":"stop"}"#), 1);
    assert_eq!(hear(&mut stream, 0, MEDIA), 0);
    assert_eq!(stream.counts().skipped(Anomaly::AfterStop), 1);
    assert!(!stream.handle_closed());
    assert_eq!(stream.flush(at(0)), Err(CannotSend::NotStarted));
}

#[test]
fn a_socket_that_closes_ends_a_stream_once() {
    let mut stream = open();
    assert!(stream.handle_closed());
    assert!(!stream.handle_closed());
    assert_eq!(stream.phase(), StreamPhase::Stopped);
}

#[test]
fn what_is_wrong_in_the_middle_of_a_call_changes_a_count_only() {
    let mut stream = open();
    let long = format!(r#"{{"event":"media","media":{{"payload":"{}"}}}}"#, "A".repeat(100_000));
    let huge = "x".repeat(TEXT_BYTES_MAX + 1);
    for text in ["", "{", "null", "[]", r#"{"event":7}"#, r#"{"event":"media"}"#, &long, &huge] {
        assert_eq!(hear(&mut stream, 0, text), 0, "{}", &text[..text.len().min(40)]);
    }
    stream.handle_message(at(0), WireMessage::Binary(&[1, 2]), |_| panic!("an event"));
    assert_eq!(hear(&mut stream, 0, r#"{"event":"weather"}"#), 0);
    let counts = stream.counts();
    assert_eq!(counts.skipped(Anomaly::Oversized), 2);
    assert_eq!(counts.skipped(Anomaly::UnknownEvent), 2);
    assert_eq!(counts.skipped_total(), 10);
    assert_eq!(hear(&mut stream, 0, MEDIA), 1);
}

#[test]
fn speech_leaves_120_ms_ahead_with_a_mark_each_200_ms_and_at_its_end() {
    let mut stream = open();
    let mut made = 0;
    for millis in (0..=300).step_by(20) {
        for _ in 0..stream.frames_due(at(millis), Demand::Speech).min(20 - made) {
            made += 1;
            let kind = FrameKind::Speech(CLAUSE);
            stream.send_frame(at(millis), &[0x7F; 160], kind).expect("a frame");
        }
        stream.flush(at(millis)).expect("a flush");
        if made == 20 {
            stream.end_utterance(at(millis), CLAUSE).expect("an end");
            break;
        }
    }
    assert_eq!(
        sent(&mut stream),
        "g0:u7:0 audio 120 audio 20 audio 20 audio 20 audio 20 g0:u7:1600 audio 20 audio 20 \
         audio 20 audio 20 audio 20 audio 20 audio 20 audio 20 audio 20 audio 20 g0:u7:3200 "
    );
    assert_eq!(stream.counts().underruns, 0);
}

#[test]
fn a_clear_starts_a_generation_and_its_tail_carries_no_mark() {
    let mut stream = open();
    for _ in 0..6 {
        stream.send_frame(at(0), &[0x7F; 160], FrameKind::Speech(CLAUSE)).expect("a frame");
    }
    stream.flush(at(0)).expect("a flush");
    let heard = stream.clear(at(60)).expect("a clear");
    assert_eq!((heard.samples, heard.utterance), (480, Some(CLAUSE)));
    stream.send_frame(at(60), &[0x7F; 320], FrameKind::Tail).expect("a tail");
    stream.flush(at(60)).expect("a flush");
    assert_eq!(sent(&mut stream), "g0:u7:0 audio 120 clear audio 40 ");
    let ledger = stream.ledger().expect("open");
    assert_eq!(ledger.generation(), Generation::new(1));
    assert_eq!(ledger.heard(at(1_000)).utterance, None);
    assert_eq!(stream.poll_settled(at(400)), Some(heard));
}

#[test]
fn a_clause_that_comes_late_is_an_underrun_and_grows_the_lead() {
    let mut stream = open();
    let send = |stream: &mut MediaStream, millis| {
        stream.send_frame(at(millis), &[0x7F; 160], FrameKind::Speech(CLAUSE)).expect("a frame");
        stream.flush(at(millis)).expect("a flush");
    };
    send(&mut stream, 0);
    assert_eq!(stream.counts().underruns, 0);
    send(&mut stream, 100);
    assert_eq!(stream.counts().underruns, 1);
    assert_eq!(stream.frames_due(at(120), Demand::Speech), 9);
    stream.end_utterance(at(120), CLAUSE).expect("an end");
    send(&mut stream, 2_000);
    assert_eq!(stream.counts().underruns, 1);
}

const PLIVO_START: &str =
    r#"{"event":"start","start":{"streamId":"S","mediaFormat":{"encoding":"audio/x-mulaw"}}}"#;
const PLIVO_CLEARED: &str = r#"{"event":"clearedAudio","streamId":"S"}"#;

/// A Plivo stream in the middle of a clause that was interrupted at 100 ms.
fn interrupted() -> MediaStream {
    let mut stream = MediaStream::new(Box::new(PlivoDialect::new(None)));
    assert_eq!(hear(&mut stream, 0, PLIVO_START), 1);
    stream.send_frame(at(0), &[0x7F; 960], FrameKind::Speech(CLAUSE)).expect("frames");
    stream.flush(at(0)).expect("a flush");
    stream.clear(at(100)).expect("a clear");
    assert_eq!(sent(&mut stream), "audio 120 clearAudio ");
    stream
}

#[test]
fn audio_behind_a_clear_waits_for_the_acknowledgement() {
    let mut stream = interrupted();
    assert_eq!(stream.frames_due(at(180), Demand::Speech), 0);
    assert_eq!(stream.frames_due(at(180), Demand::Bed), 0);
    // The ledger's last word comes first, then the end of the wait.
    assert_eq!(stream.poll_timeout(Demand::Speech), Some(at(350)));
    assert!(stream.poll_settled(at(350)).is_some());
    assert_eq!(stream.poll_timeout(Demand::Speech), Some(at(1_100)));
    assert_eq!(stream.poll_timeout(Demand::Nothing), None);

    assert_eq!(hear(&mut stream, 400, PLIVO_CLEARED), 1);
    assert_eq!(stream.frames_due(at(400), Demand::Speech), 6);
    assert!(stream.poll_timeout(Demand::Speech) <= Some(at(400)));
}

#[test]
fn audio_behind_a_clear_waits_for_a_second_and_no_longer() {
    let mut stream = interrupted();
    assert!(stream.poll_settled(at(350)).is_some());
    assert_eq!(stream.frames_due(at(1_099), Demand::Speech), 0);
    assert_eq!(stream.frames_due(at(1_100), Demand::Speech), 6);
    stream.send_frame(at(1_100), &[0x7F; 960], FrameKind::Speech(CLAUSE)).expect("frames");
    stream.flush(at(1_100)).expect("a flush");
    assert_eq!(stream.poll_timeout(Demand::Speech), Some(at(1_120)));
}

#[test]
fn only_audio_waits_for_the_acknowledgement() {
    let mut stream = interrupted();
    let digits = ['1'.try_into().expect("a key")];
    stream.send_dtmf(&digits).expect("digits");
    stream.clear(at(120)).expect("a clear");
    assert_eq!(sent(&mut stream), "sendDTMF clearAudio ");
    assert_eq!(hear(&mut stream, 150, PLIVO_CLEARED), 1);
    assert_eq!(stream.frames_due(at(150), Demand::Speech), 0, "the second is not acknowledged");
    assert_eq!(hear(&mut stream, 170, PLIVO_CLEARED), 1);
    assert_eq!(stream.frames_due(at(170), Demand::Speech), 6);
}

#[test]
fn nothing_waits_where_a_clear_is_not_acknowledged() {
    let mut stream = open();
    stream.clear(at(100)).expect("a clear");
    assert_eq!(stream.frames_due(at(100), Demand::Speech), 6);
}
