//! A media trace leaves its recorder in pieces that are worth a write, and nothing is lost between.

use offhook_session::{Input, MediaRecorder, SessionConfig};
use offhook_telephony::{Carrier, DialectOptions, WireMessage};
use offhook_types::Timestamp;

#[test]
fn a_trace_comes_in_whole_lines_some_64_kib_at_a_time() {
    let (session, options) = (SessionConfig::default(), DialectOptions::default());
    let mut recorder =
        MediaRecorder::new(&session, Carrier::Twilio, &options, "this".to_owned()).expect("JSON");
    let payload = "A".repeat(214);
    let mut pieces = Vec::new();
    for index in 0..1_000 {
        let now = Timestamp::from_millis(20 * index);
        recorder.input(now, &Input::Wire(WireMessage::Text(&payload)));
        pieces.extend(recorder.take());
    }
    // 250 bytes a line.
    assert_eq!(pieces.len(), 3);
    assert!(pieces.iter().all(|piece| (65_536..70_000).contains(&piece.len())));
    pieces.push(recorder.finish());
    assert!(pieces.iter().all(|piece| piece.ends_with(b"\n")));
    let lines = pieces.concat().iter().filter(|byte| **byte == b'\n').count();
    assert_eq!(lines, 1 + 1_000);
}
