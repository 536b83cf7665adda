//! Every dialect against a hostile carrier: whatever comes in the middle of a call changes a count,
//! and the call goes on.

mod golden;

use golden::{GOLDEN, Golden};
use offhook_telephony::{
    Anomaly, BINARY_BYTES_MAX, Carrier, Demand, DialectOptions, FrameKind, MediaStream,
    StreamPhase, TEXT_BYTES_MAX, WireMessage, dialect_for,
};
use offhook_types::{Codec, MediaEvent, Timestamp, UtteranceId};
use proptest::prelude::*;

#[test]
fn an_ordinary_call_has_nothing_to_skip() {
    for golden in &GOLDEN {
        let mut call = Call::open(golden);
        for message in golden.messages().into_iter().skip(1) {
            call.hear(message);
        }
        let counts = call.stream.counts();
        assert_eq!((counts.skipped_total(), counts.unknown_fields), (0, 0), "{}", golden.carrier);
        assert_eq!(counts.audio_messages, 1, "{}", golden.carrier);
        if let Some(end) = golden.end {
            call.hear(WireMessage::Text(end));
            assert_eq!(call.stream.phase(), StreamPhase::Stopped);
            assert_eq!(call.hear(golden.audio), None);
            assert_eq!(call.stream.counts().skipped(Anomaly::AfterStop), 1);
        }
    }
}

#[test]
fn malformed_messages_change_a_count_only() {
    let deep = format!(r#"{{"event":"media","type":"dtmf","x":{}"#, "[".repeat(10_000));
    let long = "x".repeat(TEXT_BYTES_MAX + 1);
    let payload = format!(r#"{{"event":"media","media":{{"payload":"{}"}}}}"#, "A".repeat(99_999));
    for golden in &GOLDEN {
        let mut call = Call::open(golden);
        let other_start = golden.start.replace("0001", "0002").replace("8000", "16000");
        let texts = [
            "",
            " ",
            "{",
            "}",
            "null",
            "true",
            "7",
            "-1e999",
            "[]",
            "{}",
            "\"media\"",
            "\0",
            r#"{"event":7}"#,
            r#"{"event":null,"type":null}"#,
            r#"{"event":"weather"}"#,
            r#"{"type":"weather"}"#,
            r#"{"type":{}}"#,
            r#"{"event":"media"}"#,
            r#"{"event":"media","media":[]}"#,
            r#"{"event":"media","media":{"payload":"*"}}"#,
            r#"{"event":"media","media":{"payload":"AAAA","chunk":-1}}"#,
            r#"{"event":"media","media":{"payload":"\ud800"}}"#,
            r#"{"event":"mark","mark":{"name":"g-1:u0:0"},"type":"mark","state":"played"}"#,
            r#"{"event":"playedStream","name":"g0:u0:99999999999999999999"}"#,
            r#"{"event":"dtmf","dtmf":{"digit":"55"},"type":"dtmf","digit":"x"}"#,
            r#"{"event":"websocket:notify","payload":"g0:u0:0"}"#,
            r#"{"event":"websocket:dtmf","digit":""}"#,
            r#"{"event":"start"}"#,
            r#"{"event":"error","payload":7}"#,
            r#"{"type":"cleared","gen":-1}"#,
            "{\"event\":\"connected\"}{\"event\":\"connected\"}",
            golden.start,
            &other_start,
            &deep,
            &long,
            &payload,
        ];
        for text in texts {
            let shown = &text[..text.len().min(60)];
            assert_eq!(call.skips(WireMessage::Text(text)), 1, "{}: {shown}", golden.carrier);
        }
        let binary = vec![0; BINARY_BYTES_MAX + 1];
        for bytes in [&binary[..], &binary[..0], &binary[..11]] {
            assert_eq!(call.skips(WireMessage::Binary(bytes)), 1, "{}", golden.carrier);
        }
        call.assert_unharmed(golden);
    }
}

#[test]
fn no_beginning_of_a_message_is_taken_for_the_message() {
    for golden in &GOLDEN {
        let mut before = Call::new(golden);
        let mut call = Call::open(golden);
        for message in golden.messages() {
            for length in 0..message.len() {
                let WireMessage::Text(text) = message else { continue };
                let part = WireMessage::Text(&text[..length]);
                assert_eq!(call.skips(part), 1, "{}: {part:?}", golden.carrier);
                assert_eq!(before.skips(part), 1, "{}: {part:?}", golden.carrier);
            }
            let WireMessage::Binary(bytes) = message else { continue };
            for length in 0..bytes.len() {
                // Fewer samples are still audio; a part of a sample or of the header is not.
                let part = &bytes[..length];
                let heard = call.hear(WireMessage::Binary(part));
                assert!(heard.is_none_or(|heard| part.ends_with(&heard)), "{length}");
                assert_eq!(before.skips(WireMessage::Binary(&bytes[..length])), 1, "{length}");
            }
        }
        assert_eq!(before.stream.phase(), StreamPhase::Awaiting);
        before.start(golden);
        before.assert_unharmed(golden);
        call.assert_unharmed(golden);
    }
}

proptest! {
    #[test]
    fn messages_in_any_order_and_number_leave_the_call_as_it_was(
        carrier in 0..GOLDEN.len(),
        order in proptest::collection::vec(any::<prop::sample::Index>(), 0..60),
    ) {
        let golden = &GOLDEN[carrier];
        let messages = golden.messages();
        let mut call = Call::open(golden);
        for index in order {
            call.hear(*index.get(&messages));
        }
        call.assert_unharmed(golden);
    }

    #[test]
    fn messages_of_any_content_leave_the_call_as_it_was(
        carrier in 0..GOLDEN.len(),
        messages in proptest::collection::vec(content(), 0..40),
    ) {
        let golden = &GOLDEN[carrier];
        let mut call = Call::open(golden);
        for message in &messages {
            message.tell(golden, &mut call);
        }
        if call.stream.phase() == StreamPhase::Open {
            call.assert_unharmed(golden);
        }
    }

    #[test]
    fn a_start_of_any_content_starts_one_stream_or_none(
        carrier in 0..GOLDEN.len(),
        edits in edits(),
    ) {
        let golden = &GOLDEN[carrier];
        let mut call = Call::new(golden);
        let text = edited(golden.start.as_bytes(), &edits);
        call.hear(WireMessage::Text(&String::from_utf8_lossy(&text)));
        let format = call.stream.outbound_format();
        call.hear(WireMessage::Text(golden.start));
        prop_assert_eq!(call.stream.phase(), StreamPhase::Open);
        if format.is_some() {
            prop_assert_eq!(call.stream.outbound_format(), format);
            prop_assert_eq!(call.stream.counts().skipped(Anomaly::SecondStart), 1);
        }
    }
}

/// A message that no carrier would send.
#[derive(Clone, Debug)]
enum Content {
    Text(String),
    Binary(Vec<u8>),
    /// One of the carrier's own, changed in places.
    Edited(prop::sample::Index, Vec<Edit>),
}

/// A place in a message, what is done there, and a byte for it.
type Edit = (prop::sample::Index, u8, u8);

fn content() -> impl Strategy<Value = Content> {
    prop_oneof![
        ".{0,80}".prop_map(Content::Text),
        r#"\{("(event|type|media|dtmf)":("(media|mark|start|stop)"|-?[0-9]{1,20}|\{\}),?){0,4}\}"#
            .prop_map(Content::Text),
        proptest::collection::vec(any::<u8>(), 0..300).prop_map(Content::Binary),
        (any::<prop::sample::Index>(), edits()).prop_map(|(of, edits)| Content::Edited(of, edits)),
    ]
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    proptest::collection::vec(any::<Edit>(), 1..6)
}

fn edited(message: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut bytes = message.to_vec();
    for (place, action, byte) in edits {
        let place = place.index(bytes.len() + 1);
        match action % 4 {
            0 => bytes.insert(place, *byte),
            1 => bytes.truncate(place),
            2 => bytes.extend_from_within(..place.min(100)),
            _ => {
                if let Some(old) = bytes.get_mut(place) {
                    *old = byte % 0x60 + 0x20;
                }
            }
        }
    }
    bytes
}

impl Content {
    fn tell(&self, golden: &Golden, call: &mut Call) {
        match self {
            Self::Text(text) => call.hear(WireMessage::Text(text)),
            Self::Binary(bytes) => call.hear(WireMessage::Binary(bytes)),
            Self::Edited(of, edits) => match of.get(&golden.messages()) {
                WireMessage::Text(text) => {
                    let bytes = edited(text.as_bytes(), edits);
                    call.hear(WireMessage::Text(&String::from_utf8_lossy(&bytes)))
                }
                WireMessage::Binary(bytes) => call.hear(WireMessage::Binary(&edited(bytes, edits))),
            },
        };
    }
}

/// A stream whose answers are read as they come.
struct Call {
    stream: MediaStream,
}

const NOW: Timestamp = Timestamp::from_millis(1_000);

impl Call {
    fn new(golden: &Golden) -> Self {
        let dialect = dialect_for(golden.carrier, &DialectOptions::default());
        Self { stream: MediaStream::new(dialect) }
    }

    fn open(golden: &Golden) -> Self {
        let mut call = Self::new(golden);
        call.start(golden);
        call
    }

    fn start(&mut self, golden: &Golden) {
        self.hear(WireMessage::Text(golden.start));
        assert_eq!(self.stream.phase(), StreamPhase::Open, "{}", golden.carrier);
    }

    /// Takes a message; gives the audio in it.
    fn hear(&mut self, message: WireMessage<'_>) -> Option<Vec<u8>> {
        let mut audio = None;
        let before = self.stream.counts();
        self.stream.handle_message(NOW, message, |event| {
            if let MediaEvent::Audio(packet) = event {
                audio = Some(packet.payload.to_vec());
            }
        });
        let after = self.stream.counts();
        assert_eq!(after.messages, before.messages + 1);
        assert!(after.skipped_total() <= before.skipped_total() + 1);
        while self.stream.poll_message().is_some() {}
        audio
    }

    /// Takes a message that says nothing; gives how many were skipped.
    fn skips(&mut self, message: WireMessage<'_>) -> u64 {
        let before = self.stream.counts().skipped_total();
        let phase = self.stream.phase();
        self.stream.handle_message(NOW, message, |event| panic!("{message:?} said {event:?}"));
        while self.stream.poll_message().is_some() {}
        assert_eq!(self.stream.phase(), phase);
        self.stream.counts().skipped_total() - before
    }

    /// What comes is understood and what is sent is the same as on a call that was left alone.
    fn assert_unharmed(&mut self, golden: &Golden) {
        let mut alone = Self::open(golden);
        let heard = self.hear(golden.audio);
        assert!(heard.is_some(), "{}", golden.carrier);
        assert_eq!(heard, alone.hear(golden.audio));
        assert_eq!(self.stream.caps(), alone.stream.caps());
        assert_eq!(self.speak(), alone.speak(), "{}", golden.carrier);
    }

    /// Speaks, is interrupted and speaks again; gives the messages.
    fn speak(&mut self) -> Vec<Vec<u8>> {
        let stream = &mut self.stream;
        let format = stream.outbound_format().expect("an open stream");
        let frame = format.sample_rate().frame_samples();
        let frame = if format.codec() == Codec::Pcmu { frame } else { 2 * frame };
        assert_eq!(stream.frames_due(NOW, Demand::Speech), 6);
        for clause in [1, 2] {
            let clause = UtteranceId::new(clause);
            stream.send_frame(NOW, &vec![7; 6 * frame], FrameKind::Speech(clause)).expect("audio");
            stream.end_utterance(NOW, clause).expect("an end");
            stream.clear(NOW).expect("a clear");
        }
        let mut sent = Vec::new();
        while let Some(message) = stream.poll_message() {
            sent.push(match message {
                WireMessage::Text(text) => text.as_bytes().to_vec(),
                WireMessage::Binary(bytes) => bytes.to_vec(),
            });
        }
        assert!(sent.len() >= 6, "{sent:?}");
        sent
    }
}

#[test]
fn every_carrier_is_here() {
    assert_eq!(GOLDEN.map(|golden| golden.carrier), Carrier::ALL);
}
