//! The raw dialect's messages: JSON text for control, binary for audio, and a client that says what
//! it has played.

use std::fmt::Write as _;

use offhook_types::{
    CallId, Codec, CodecFormat, Generation, MarkOutcome, MediaCommand, MediaEvent, MediaPacket,
    SampleRate, StreamStart,
};
use serde_json::Value;

use crate::caps::{Caps, Carrier, ChunkRule, ClearSupport, DtmfOut, HangupMeans, MarkSupport};
use crate::dialect::{Anomaly, CannotSend, Decoded, Dialect, digit_of, mark_of};
use crate::json::{Count, Text, json_object, parameters, parse, push_string, str_of};
use crate::wire::{Outbox, WireMessage};

/// The raw dialect on one call.
pub struct RawDialect {
    call: Option<CallId>,
    stream: Option<Stream>,
}

/// What client and engine agreed on, and where the engine's audio is.
struct Stream {
    inbound: CodecFormat,
    outbound: CodecFormat,
    framing: Framing,
    generation: Generation,
    sequence: u32,
    /// Samples of the generation that were sent; the header's 32 bits wrap after a day at 48 kHz.
    offset: u32,
}

/// Whether each binary message begins with a header.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Framing {
    Framed,
    Bare,
}

json_object! {
    Envelope {
        "type" => kind: Text<'a>,
        "in" => inbound: Format<'a>,
        "out" => outbound: Format<'a>,
        "framing" => framing: Text<'a>,
        "params" => parameters: Value,
        "name" => name: Text<'a>,
        "state" => state: Text<'a>,
        "gen" => generation: Count,
        "played_samples" => played: Count,
        "digit" => digit: Text<'a>,
        "duration_ms" => duration: Count,
    }
}

json_object! {
    Format {
        "codec" => codec: Text<'a>,
        "rate" => rate: Count,
    }
}

impl RawDialect {
    /// A stream that has not started. The client is told the id of the `call`.
    pub const fn new(call: Option<CallId>) -> Self {
        Self { call, stream: None }
    }

    fn hello<'a>(
        &mut self,
        hello: &Envelope<'_>,
        replies: &mut Outbox,
    ) -> Result<Decoded<'a>, Anomaly> {
        if self.stream.is_some() {
            return Err(Anomaly::SecondStart);
        }
        let stream = match Stream::agreed(hello) {
            Ok(stream) => stream,
            Err(anomaly) => {
                replies.push_text(|text| {
                    text.push_str("{\"type\":\"error\",\"reason\":\"unsupported_format\"}");
                });
                return Err(anomaly);
            }
        };
        let call = self.call.as_ref().map(CallId::as_str).unwrap_or_default();
        replies.push_text(|text| stream.write_ready(call, text));
        let unknown_fields = [hello.inbound.as_ref(), hello.outbound.as_ref()]
            .into_iter()
            .flatten()
            .fold(hello.unknown_fields, |sum, format| sum + format.unknown_fields);
        let start = StreamStart {
            stream: call.to_owned(),
            carrier_call: call.to_owned(),
            from: None,
            to: None,
            inbound: stream.inbound,
            outbound: stream.outbound,
            parameters: parameters(hello.parameters.as_ref()),
        };
        self.stream = Some(stream);
        Ok(Decoded::started(start, unknown_fields))
    }
}

impl Stream {
    fn agreed(hello: &Envelope<'_>) -> Result<Self, Anomaly> {
        let inbound = hello.inbound.as_ref().map_or(Ok(DEFAULT_FORMAT), format_of)?;
        let outbound = hello.outbound.as_ref().map_or(Ok(inbound), format_of)?;
        let framing = match hello.framing.as_ref().map(Text::as_str) {
            None | Some("framed") => Framing::Framed,
            Some("bare") => Framing::Bare,
            Some(_) => return Err(Anomaly::UnsupportedFormat),
        };
        let generation = Generation::new(0);
        Ok(Self { inbound, outbound, framing, generation, sequence: 0, offset: 0 })
    }

    fn write_ready(&self, call: &str, text: &mut String) {
        text.push_str("{\"type\":\"ready\",\"call_id\":");
        push_string(call, text);
        for (direction, format) in [("in", self.inbound), ("out", self.outbound)] {
            let codec = if format == CodecFormat::PCMU { "pcmu" } else { "pcm16le" };
            let rate = format.sample_rate().hz();
            // Writing to a string cannot fail.
            let _ = write!(text, ",\"{direction}\":{{\"codec\":\"{codec}\",\"rate\":{rate}}}");
        }
        text.push_str(match self.framing {
            Framing::Framed => ",\"framing\":\"framed\"}",
            Framing::Bare => ",\"framing\":\"bare\"}",
        });
    }

    fn audio<'a>(&self, message: &'a [u8]) -> Result<MediaPacket<'a>, Anomaly> {
        let (payload, sequence, timestamp_ms) = match self.framing {
            Framing::Bare => (message, None, None),
            Framing::Framed => {
                let (header, payload) =
                    message.split_first_chunk::<HEADER_BYTES>().ok_or(Anomaly::Malformed)?;
                // The first word is the generation, which only the engine's audio has.
                let [.., s0, s1, s2, s3, o0, o1, o2, o3] = *header;
                let sequence = u64::from(u32::from_le_bytes([s0, s1, s2, s3]));
                let offset = u64::from(u32::from_le_bytes([o0, o1, o2, o3]));
                let millis = offset * 1_000 / u64::from(self.inbound.sample_rate().hz());
                (payload, Some(sequence), Some(millis))
            }
        };
        let sample_bytes = if self.inbound.codec() == Codec::Pcmu { 1 } else { 2 };
        if payload.is_empty() || !payload.len().is_multiple_of(sample_bytes) {
            return Err(Anomaly::Malformed);
        }
        let samples_max = self.inbound.sample_rate().samples_in_ms(AUDIO_MS_MAX);
        if payload.len() > samples_max * sample_bytes {
            return Err(Anomaly::Oversized);
        }
        Ok(MediaPacket { payload, sequence, timestamp_ms })
    }

    fn write_audio(&mut self, payload: &[u8], bytes: &mut Vec<u8>) {
        if self.framing == Framing::Framed {
            bytes.extend(self.generation.index().to_le_bytes());
            bytes.extend(self.sequence.to_le_bytes());
            bytes.extend(self.offset.to_le_bytes());
        }
        bytes.extend_from_slice(payload);
        let samples = self.outbound.samples_in_bytes(payload.len()).unwrap_or(0);
        self.sequence = self.sequence.wrapping_add(1);
        self.offset = self.offset.wrapping_add(samples as u32);
    }
}

impl Dialect for RawDialect {
    fn caps(&self) -> &Caps {
        &CAPS
    }

    fn decode<'a>(
        &'a mut self,
        message: WireMessage<'a>,
        replies: &mut Outbox,
    ) -> Result<Decoded<'a>, Anomaly> {
        let text = match message {
            WireMessage::Binary(bytes) => {
                let stream = self.stream.as_ref().ok_or(Anomaly::BeforeStart)?;
                return Ok(Decoded::event(MediaEvent::Audio(stream.audio(bytes)?), 0));
            }
            WireMessage::Text(text) if text.len() > TEXT_BYTES_MAX => {
                return Err(Anomaly::Oversized);
            }
            WireMessage::Text(text) => text,
        };
        let envelope: Envelope<'_> = parse(text)?;
        let event = match str_of(envelope.kind.as_ref()) {
            "mark" => {
                let mark = mark_of(str_of(envelope.name.as_ref()))?;
                let outcome = match str_of(envelope.state.as_ref()) {
                    "played" => MarkOutcome::Played,
                    "cleared" => MarkOutcome::Cleared,
                    _ => return Err(Anomaly::Malformed),
                };
                MediaEvent::Mark { mark, outcome }
            }
            "cleared" => {
                let generation = envelope.generation.ok_or(Anomaly::Malformed)?.0;
                let generation = u32::try_from(generation).map_err(|_| Anomaly::Malformed)?;
                let generation = Generation::new(generation);
                let samples = envelope.played.ok_or(Anomaly::Malformed)?.0;
                MediaEvent::Played { generation, samples }
            }
            "dtmf" => {
                let digit = digit_of(str_of(envelope.digit.as_ref()))?;
                let duration = envelope.duration.and_then(|millis| u32::try_from(millis.0).ok());
                MediaEvent::Dtmf { digit, duration_ms: duration }
            }
            "bye" => MediaEvent::Stopped,
            "hello" => return self.hello(&envelope, replies),
            "" => return Err(Anomaly::Malformed),
            _ => return Err(Anomaly::UnknownEvent),
        };
        Ok(Decoded::event(event, envelope.unknown_fields))
    }

    fn encode(&mut self, command: MediaCommand<'_>, out: &mut Outbox) -> Result<(), CannotSend> {
        let stream = self.stream.as_mut().ok_or(CannotSend::NotStarted)?;
        match command {
            MediaCommand::Audio { payload } => {
                out.push_binary(|bytes| stream.write_audio(payload, bytes));
            }
            MediaCommand::Mark(mark) => out.push_text(|text| {
                // Writing to a string cannot fail.
                let _ = write!(text, "{{\"type\":\"mark\",\"name\":\"{mark}\"}}");
            }),
            MediaCommand::Clear { next } => {
                (stream.generation, stream.offset) = (next, 0);
                out.push_text(|text| {
                    let _ = write!(text, "{{\"type\":\"clear\",\"gen\":{next}}}");
                });
            }
            MediaCommand::Hangup => out.push_text(|text| {
                text.push_str("{\"type\":\"hangup\",\"reason\":\"completed\"}");
            }),
            MediaCommand::Dtmf { .. } => return Err(CannotSend::Unsupported),
        }
        Ok(())
    }
}

/// A format of the client's `hello`.
fn format_of(format: &Format<'_>) -> Result<CodecFormat, Anomaly> {
    let rate = format.rate.map(|rate| rate.0);
    match format.codec.as_ref().map(Text::as_str) {
        Some("pcmu") if rate.is_none_or(|rate| rate == 8_000) => Ok(CodecFormat::PCMU),
        None | Some("pcm16le") => {
            let rate = match rate {
                Some(8_000) => SampleRate::HZ_8000,
                None | Some(16_000) => SampleRate::HZ_16000,
                Some(24_000) => SampleRate::HZ_24000,
                Some(48_000) => SampleRate::HZ_48000,
                Some(_) => return Err(Anomaly::UnsupportedFormat),
            };
            CodecFormat::new(Codec::L16Le, rate).map_err(|_| Anomaly::UnsupportedFormat)
        }
        Some(_) => Err(Anomaly::UnsupportedFormat),
    }
}

/// Of a client that names none.
const DEFAULT_FORMAT: CodecFormat = match CodecFormat::new(Codec::L16Le, SampleRate::HZ_16000) {
    Ok(format) => format,
    Err(_) => panic!("linear audio has every rate"),
};
/// Generation, sequence and offset, each a 32-bit number with its low byte first.
const HEADER_BYTES: usize = 12;
const AUDIO_MS_MAX: u32 = 200;
const TEXT_BYTES_MAX: usize = 1 << 16;

const CAPS: Caps = Caps {
    carrier: Carrier::Raw,
    is_continuous: true,
    reorder_packets: 0,
    marks: MarkSupport::Labelled,
    returns_idle_marks: true,
    clear: ClearSupport::Acknowledged,
    clear_barrier_ms: None,
    detects_byte_order: false,
    chunks: ChunkRule { frames_min: 1, frames_max: 10, bytes_max: 64_000 },
    lead_ms_max: 1_000,
    needs_audio_always: false,
    sends_dtmf: true,
    // Nobody behind the client would receive a message.
    dtmf_out: DtmfOut::InBand,
    hangup: HangupMeans::Stream,
    may_ping: true,
    text_bytes_max: TEXT_BYTES_MAX,
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{Told, decode, encode, mark, tell, unknown_fields};

    const HELLO: &str = r#"{"type":"hello","in":{"codec":"pcm16le","rate":16000},"out":{"codec":"pcm16le","rate":24000},"params":{"agent":"demo"}}"#;

    fn new() -> RawDialect {
        RawDialect::new(Some("01J".parse().expect("an id")))
    }

    /// Says hello; gives the start and the reply.
    fn hello(dialect: &mut RawDialect, json: &str) -> (Result<Told, Anomaly>, String) {
        let mut replies = Outbox::new();
        let told = tell(dialect, WireMessage::Text(json), &mut replies);
        let reply = match replies.poll() {
            Some(WireMessage::Text(text)) => text.to_owned(),
            Some(WireMessage::Binary(_)) | None => String::new(),
        };
        assert_eq!(replies.poll(), None);
        (told, reply)
    }

    fn started(json: &str) -> RawDialect {
        let mut dialect = new();
        let (told, _) = hello(&mut dialect, json);
        assert!(matches!(told, Ok(Told::Started(_))), "{json}: {told:?}");
        dialect
    }

    fn hear(dialect: &mut RawDialect, message: &[u8]) -> Result<Told, Anomaly> {
        tell(dialect, WireMessage::Binary(message), &mut Outbox::new())
    }

    fn say(dialect: &mut RawDialect, payload: &[u8]) -> Vec<u8> {
        let mut out = Outbox::new();
        dialect.encode(MediaCommand::Audio { payload }, &mut out).expect("audio");
        let Some(WireMessage::Binary(bytes)) = out.poll() else { panic!("no audio") };
        bytes.to_vec()
    }

    #[test]
    fn a_hello_is_answered_with_what_was_agreed() {
        let mut dialect = new();
        let (told, reply) = hello(&mut dialect, HELLO);
        let Ok(Told::Started(start)) = told else { panic!("no start") };
        assert_eq!(
            reply,
            r#"{"type":"ready","call_id":"01J","in":{"codec":"pcm16le","rate":16000},"out":{"codec":"pcm16le","rate":24000},"framing":"framed"}"#
        );
        assert_eq!((start.stream.as_str(), start.carrier_call.as_str()), ("01J", "01J"));
        assert_eq!(start.inbound, DEFAULT_FORMAT);
        assert_eq!(start.outbound.sample_rate(), SampleRate::HZ_24000);
        assert_eq!(start.parameters["agent"].expose(), "demo");
        assert_eq!(hello(&mut dialect, HELLO), (Err(Anomaly::SecondStart), String::new()));
    }

    #[test]
    fn a_hello_without_wishes_gets_the_defaults() {
        let (_, reply) = hello(&mut RawDialect::new(None), r#"{"type":"hello"}"#);
        assert_eq!(
            reply,
            r#"{"type":"ready","call_id":"","in":{"codec":"pcm16le","rate":16000},"out":{"codec":"pcm16le","rate":16000},"framing":"framed"}"#
        );
        let json = r#"{"type":"hello","in":{"codec":"pcmu","hue":1},"framing":"bare","z":[]}"#;
        let (_, reply) = hello(&mut new(), json);
        assert_eq!(
            reply,
            r#"{"type":"ready","call_id":"01J","in":{"codec":"pcmu","rate":8000},"out":{"codec":"pcmu","rate":8000},"framing":"bare"}"#
        );
        assert_eq!(unknown_fields(&mut new(), json), 2);
    }

    #[test]
    fn a_hello_that_cannot_be_granted_is_refused_and_may_be_repeated() {
        let mut dialect = new();
        for json in [
            r#"{"type":"hello","in":{"codec":"mp3"}}"#,
            r#"{"type":"hello","in":{"rate":44100}}"#,
            r#"{"type":"hello","out":{"codec":"pcmu","rate":16000}}"#,
            r#"{"type":"hello","framing":"rtp"}"#,
        ] {
            let reply = r#"{"type":"error","reason":"unsupported_format"}"#.to_owned();
            assert_eq!(hello(&mut dialect, json), (Err(Anomaly::UnsupportedFormat), reply));
        }
        assert!(matches!(hello(&mut dialect, HELLO), (Ok(Told::Started(_)), _)));
    }

    #[test]
    fn framed_audio_says_its_place_and_time() {
        let mut dialect = started(HELLO);
        let message = [9, 9, 9, 9, 2, 1, 0, 0, 0x80, 0x3E, 0, 0, 1, 2, 3, 4];
        let audio = Told::Audio(vec![1, 2, 3, 4], Some(258), Some(1_000));
        assert_eq!(hear(&mut dialect, &message), Ok(audio));
        for length in [0, 11, 12, 13, 15] {
            assert_eq!(hear(&mut dialect, &message[..length]), Err(Anomaly::Malformed), "{length}");
        }
        let long = vec![0; HEADER_BYTES + 6_402];
        assert!(hear(&mut dialect, &long[..HEADER_BYTES + 6_400]).is_ok());
        assert_eq!(hear(&mut dialect, &long), Err(Anomaly::Oversized));
        assert_eq!(hear(&mut new(), &message), Err(Anomaly::BeforeStart));
    }

    #[test]
    fn bare_audio_is_samples_and_nothing_else() {
        let mut dialect = started(r#"{"type":"hello","in":{"codec":"pcmu"},"framing":"bare"}"#);
        assert_eq!(hear(&mut dialect, &[5]), Ok(Told::Audio(vec![5], None, None)));
        assert_eq!(hear(&mut dialect, &[]), Err(Anomaly::Malformed));
        assert_eq!(hear(&mut dialect, &[0; 1_601]), Err(Anomaly::Oversized));
        assert_eq!(say(&mut dialect, &[6; 3]), [6; 3]);
    }

    #[test]
    fn the_agents_audio_counts_messages_through_and_samples_per_generation() {
        let mut dialect = started(HELLO);
        assert_eq!(say(&mut dialect, &[7; 4]), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 7, 7, 7]);
        assert_eq!(say(&mut dialect, &[7; 2]), [0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 7, 7]);
        let clear = MediaCommand::Clear { next: Generation::new(4) };
        let sent = encode(&mut dialect, clear);
        assert_eq!(sent, Ok(r#"{"type":"clear","gen":4}"#.to_owned()));
        assert_eq!(say(&mut dialect, &[7; 2]), [4, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 7, 7]);
    }

    #[test]
    fn the_client_says_what_became_of_the_agents_audio() {
        let mut dialect = started(HELLO);
        let json = r#"{"type":"mark","name":"g3:u7:12800","state":"played"}"#;
        let sent = mark(3, 7, 12_800);
        assert_eq!(decode(&mut dialect, json), Ok(Told::Mark(sent, MarkOutcome::Played)));
        let cleared = json.replace("played", "cleared");
        assert_eq!(decode(&mut dialect, &cleared), Ok(Told::Mark(sent, MarkOutcome::Cleared)));
        let other = json.replace("played", "lost");
        assert_eq!(decode(&mut dialect, &other), Err(Anomaly::Malformed));
        let json = r#"{"type":"cleared","gen":3,"played_samples":"43120"}"#;
        assert_eq!(decode(&mut dialect, json), Ok(Told::Played(3, 43_120)));
        for json in [r#"{"type":"cleared","gen":3}"#, r#"{"type":"cleared","gen":4294967296}"#] {
            assert_eq!(decode(&mut dialect, json), Err(Anomaly::Malformed), "{json}");
        }
    }

    #[test]
    fn keys_and_the_end_are_events() {
        let mut dialect = started(HELLO);
        let json = r#"{"type":"dtmf","digit":"5"}"#;
        assert_eq!(decode(&mut dialect, json), Ok(Told::Dtmf('5', None)));
        let held = r#"{"type":"dtmf","digit":5,"duration_ms":"120"}"#;
        assert_eq!(decode(&mut dialect, held), Ok(Told::Dtmf('5', Some(120))));
        assert_eq!(decode(&mut dialect, r#"{"type":"bye"}"#), Ok(Told::Stopped));
        let unknown = r#"{"type":"transcript"}"#;
        assert_eq!(decode(&mut dialect, unknown), Err(Anomaly::UnknownEvent));
        let long = format!(r#"{{"type":"bye","z":"{}"}}"#, "z".repeat(TEXT_BYTES_MAX));
        assert_eq!(decode(&mut dialect, &long), Err(Anomaly::Oversized));
    }

    #[test]
    fn marks_and_the_hang_up_are_written_to_the_letter() {
        let mut dialect = new();
        assert_eq!(encode(&mut dialect, MediaCommand::Hangup), Err(CannotSend::NotStarted));
        let mut dialect = started(HELLO);
        assert_eq!(
            encode(&mut dialect, MediaCommand::Mark(mark(3, 7, 12_800))),
            Ok(r#"{"type":"mark","name":"g3:u7:12800"}"#.to_owned())
        );
        assert_eq!(
            encode(&mut dialect, MediaCommand::Hangup),
            Ok(r#"{"type":"hangup","reason":"completed"}"#.to_owned())
        );
        let digits = MediaCommand::Dtmf { digits: &[] };
        assert_eq!(encode(&mut dialect, digits), Err(CannotSend::Unsupported));
    }
}
