//! A media stream of each carrier in the middle of a call: 20 ms in, 20 ms out. Benches and tests
//! share it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use offhook_telephony::{
    Carrier, DialectOptions, FrameKind, MediaStream, WireMessage, dialect_for,
};
use offhook_types::{Codec, MediaEvent, Timestamp, UtteranceId};

/// A stream, and five seconds of the caller's messages to go round in, so that no branch can learn
/// them.
pub(crate) struct StreamLoad {
    stream: MediaStream,
    heard: Vec<Message>,
    frames: Vec<Vec<u8>>,
    next: u64,
}

enum Message {
    Text(String),
    Binary(Vec<u8>),
}

const FRAMES: u64 = 250;
/// Frames of a clause: 4 s.
const CLAUSE_FRAMES: u64 = 200;

impl StreamLoad {
    /// A stream of PCMU, or of linear audio at 16 kHz where the carrier has nothing else.
    pub(crate) fn new(carrier: Carrier) -> Self {
        let mut stream = MediaStream::new(dialect_for(carrier, &DialectOptions::default()));
        stream.handle_message(Timestamp::ZERO, WireMessage::Text(start(carrier)), |_| ());
        while stream.poll_message().is_some() {}
        let format = stream.outbound_format().expect("the stream has started");
        let sample_bytes = if format.codec() == Codec::Pcmu { 1 } else { 2 };
        let bytes = sample_bytes * format.sample_rate().frame_samples();
        let frames: Vec<Vec<u8>> = (0..FRAMES).map(|seed| noise(seed, bytes)).collect();
        let heard = (0..).zip(&frames).map(|(index, frame)| media(carrier, index, frame)).collect();
        Self { stream, heard, frames, next: 0 }
    }

    /// Takes 20 ms of the caller; gives the bytes of audio in it.
    pub(crate) fn hear(&mut self) -> usize {
        let message = match &self.heard[(self.next % FRAMES) as usize] {
            Message::Text(text) => WireMessage::Text(text),
            Message::Binary(bytes) => WireMessage::Binary(bytes),
        };
        let mut bytes = 0;
        self.next += 1;
        let now = Timestamp::from_millis(20 * self.next);
        self.stream.handle_message(now, message, |event| {
            if let MediaEvent::Audio(packet) = event {
                bytes = packet.payload.len();
            }
        });
        bytes
    }

    /// Sends 20 ms of the agent; gives the bytes of the messages, marks included.
    pub(crate) fn speak(&mut self) -> usize {
        let frame = &self.frames[(self.next % FRAMES) as usize];
        self.next += 1;
        let now = Timestamp::from_millis(20 * self.next);
        let clause = UtteranceId::new((self.next / CLAUSE_FRAMES) as u32);
        let sent = self.stream.send_frame(now, frame, FrameKind::Speech(clause));
        sent.and_then(|()| self.stream.flush(now)).expect("the stream is open");
        let mut bytes = 0;
        while let Some(message) = self.stream.poll_message() {
            bytes += message.len();
        }
        bytes
    }
}

fn start(carrier: Carrier) -> &'static str {
    match carrier {
        Carrier::Raw => r#"{"type":"hello"}"#,
        Carrier::Twilio => {
            r#"{"event":"start","start":{"streamSid":"MZ18ad3ab5a668481ce02b83e7395059f0","callSid":"CA1","mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}}}"#
        }
        Carrier::Telnyx => {
            r#"{"event":"start","start":{"call_control_id":"v2:T02","media_format":{"encoding":"PCMU","sample_rate":8000,"channels":1}},"stream_id":"32DE0DEA-53CB-4B21-89A4-9E1819C043BC"}"#
        }
        Carrier::Plivo => {
            r#"{"event":"start","start":{"callId":"4d2a3f02","streamId":"20170ada-f610-433b-8758-c02a2aab3662","mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000}}}"#
        }
        Carrier::Vonage => {
            r#"{"event":"websocket:connected","content-type":"audio/l16;rate=16000"}"#
        }
    }
}

fn media(carrier: Carrier, index: u32, frame: &[u8]) -> Message {
    let payload = STANDARD.encode(frame);
    let millis = 20 * index;
    match carrier {
        Carrier::Raw => {
            let words = [0, index, 320 * index].map(u32::to_le_bytes);
            Message::Binary([words.as_flattened(), frame].concat())
        }
        Carrier::Vonage => Message::Binary(frame.to_vec()),
        Carrier::Twilio => Message::Text(format!(
            r#"{{"event":"media","sequenceNumber":"{index}","media":{{"track":"inbound","chunk":"{index}","timestamp":"{millis}","payload":"{payload}"}},"streamSid":"MZ18ad3ab5a668481ce02b83e7395059f0"}}"#
        )),
        Carrier::Telnyx => Message::Text(format!(
            r#"{{"event":"media","sequence_number":"{index}","media":{{"track":"inbound","chunk":"{index}","timestamp":"{millis}","payload":"{payload}"}},"stream_id":"32DE0DEA-53CB-4B21-89A4-9E1819C043BC"}}"#
        )),
        Carrier::Plivo => Message::Text(format!(
            r#"{{"sequenceNumber":{index},"streamId":"20170ada-f610-433b-8758-c02a2aab3662","event":"media","media":{{"track":"inbound","timestamp":"{millis}","chunk":{index},"payload":"{payload}"}},"extra_headers":"{{\"callid\":\"01J\"}}"}}"#
        )),
    }
}

/// Bytes without a pattern, the same for the same seed.
fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    };
    (0..bytes).map(|_| next()).collect()
}
