//! Plivo's messages: JSON text, audio in base64, numbers for counters, headers as JSON in a string.
//!
//! Left out: Vobiz' `stop` from this side, which leaves `<Stream>` as closing the socket does;
//! `timestamp`, which is milliseconds since the start in the SDK and since 1970 in the field.

use std::fmt::Write as _;

use offhook_types::{
    Codec, CodecFormat, MarkOutcome, MediaCommand, MediaEvent, MediaPacket, SampleRate, StreamStart,
};
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::caps::{Caps, Carrier, ChunkRule, ClearSupport, DtmfOut, HangupMeans, MarkSupport};
use crate::dialect::{
    Anomaly, CannotSend, Decoded, Dialect, digit_of, format_of, mark_of, rate_in,
};
use crate::json::{
    Count, Text, decode_base64, json_object, parameters, parse, push_base64, push_string, str_of,
};
use crate::stream::PAYLOAD_BYTES_MAX;
use crate::wire::{Outbox, WireMessage};

/// Plivo Audio Streaming on one call.
pub struct PlivoDialect {
    outbound: Option<CodecFormat>,
    heads: Option<Heads>,
    payload: Vec<u8>,
}

/// What messages to Plivo begin with, once the stream has started.
struct Heads {
    /// `"streamId":"2017…"`.
    stream_field: String,
    /// Everything in front of the audio.
    audio: String,
}

json_object! {
    Envelope {
        "event" => event: Text<'a>,
        "sequenceNumber" => sequence: IgnoredAny,
        "streamId" => stream: Text<'a>,
        "name" => name: Text<'a>,
        "media" => media: Media<'a>,
        "dtmf" => dtmf: Digit<'a>,
        "start" => start: Start<'a>,
        "stop" => stop: IgnoredAny,
        // On every message; read where it is of use, in the start.
        "extra_headers" => extra_headers: IgnoredAny,
    }
}

json_object! {
    Media {
        "track" => track: Text<'a>,
        "chunk" => chunk: Count,
        "timestamp" => timestamp: IgnoredAny,
        "payload" => payload: Text<'a>,
    }
}

json_object! {
    Digit {
        "track" => track: IgnoredAny,
        "digit" => digit: Text<'a>,
        "timestamp" => timestamp: IgnoredAny,
    }
}

json_object! {
    Start {
        "callId" => call: Text<'a>,
        "streamId" => stream: Text<'a>,
        "accountId" => account: IgnoredAny,
        "tracks" => tracks: IgnoredAny,
        "mediaFormat" => format: Format<'a>,
    }
}

json_object! {
    Format {
        "encoding" => encoding: Text<'a>,
        "sampleRate" => rate: Count,
    }
}

json_object! {
    Headers { "extra_headers" => headers: Value, }
}

impl PlivoDialect {
    /// A stream that has not started. `outbound` is what is sent as `playAudio`, where it differs
    /// from what comes: µ-law, or linear at 8 or 16 kHz (Vobiz: 24 kHz as well), low byte first. A
    /// stream with another `outbound` does not start.
    pub const fn new(outbound: Option<CodecFormat>) -> Self {
        Self { outbound, heads: None, payload: Vec::new() }
    }

    fn start<'a>(&mut self, text: &str, envelope: &Envelope<'_>) -> Result<Decoded<'a>, Anomaly> {
        if self.heads.is_some() {
            return Err(Anomaly::SecondStart);
        }
        let start = envelope.start.as_ref().ok_or(Anomaly::Malformed)?;
        let stream = start.stream.as_ref().or(envelope.stream.as_ref());
        let stream = stream.ok_or(Anomaly::Malformed)?.as_str().to_owned();
        let inbound = inbound(start.format.as_ref())?;
        let outbound = self.outbound.unwrap_or(inbound);
        let headers: Headers<'_> = parse(text)?;
        self.heads = Some(Heads::new(&stream, outbound)?);
        let unknown_fields = envelope.unknown_fields + start.unknown_fields;
        let start = StreamStart {
            stream,
            carrier_call: str_of(start.call.as_ref()).to_owned(),
            from: None,
            to: None,
            inbound,
            outbound,
            parameters: parameters(unwrapped(headers.headers).as_ref()),
        };
        Ok(Decoded::started(start, unknown_fields))
    }

    fn media(&mut self, media: &Media<'_>, unknown_fields: u32) -> Result<Decoded<'_>, Anomaly> {
        if media.track.as_ref().is_some_and(|track| track.as_str() == "outbound") {
            return Err(Anomaly::OtherTrack);
        }
        let payload = media.payload.as_ref().ok_or(Anomaly::Malformed)?;
        let packet = MediaPacket {
            payload: decode_base64(payload.as_str(), &mut self.payload, PAYLOAD_BYTES_MAX)?,
            sequence: media.chunk.map(|chunk| chunk.0),
            timestamp_ms: None,
        };
        Ok(Decoded::event(MediaEvent::Audio(packet), unknown_fields + media.unknown_fields))
    }
}

impl Dialect for PlivoDialect {
    fn caps(&self) -> &Caps {
        &CAPS
    }

    fn decode<'a>(
        &'a mut self,
        message: WireMessage<'a>,
        _replies: &mut Outbox,
    ) -> Result<Decoded<'a>, Anomaly> {
        let WireMessage::Text(text) = message else { return Err(Anomaly::Malformed) };
        let envelope: Envelope<'_> = parse(text)?;
        let unknown = envelope.unknown_fields;
        match str_of(envelope.event.as_ref()) {
            "media" => self.media(envelope.media.as_ref().ok_or(Anomaly::Malformed)?, unknown),
            "playedStream" => {
                // A checkpoint that is cleared never returns, so that one of any generation that
                // does was played.
                let mark = mark_of(str_of(envelope.name.as_ref()))?;
                let event = MediaEvent::Mark { mark, outcome: MarkOutcome::Played };
                Ok(Decoded::event(event, unknown))
            }
            "clearedAudio" => Ok(Decoded::event(MediaEvent::Cleared, unknown)),
            "dtmf" => {
                let dtmf = envelope.dtmf.as_ref().ok_or(Anomaly::Malformed)?;
                let digit = digit_of(str_of(dtmf.digit.as_ref()))?;
                let event = MediaEvent::Dtmf { digit, duration_ms: None };
                Ok(Decoded::event(event, unknown + dtmf.unknown_fields))
            }
            "start" => self.start(text, &envelope),
            // Not documented: the end is usually that of the socket.
            "stop" => Ok(Decoded::event(MediaEvent::Stopped, unknown)),
            "" => Err(Anomaly::Malformed),
            _ => Err(Anomaly::UnknownEvent),
        }
    }

    fn encode(&mut self, command: MediaCommand<'_>, out: &mut Outbox) -> Result<(), CannotSend> {
        let heads = self.heads.as_ref().ok_or(CannotSend::NotStarted)?;
        match command {
            MediaCommand::Audio { payload } => out.push_text(|text| {
                text.push_str(&heads.audio);
                push_base64(payload, text);
                text.push_str("\"}}");
            }),
            MediaCommand::Mark(mark) => out.push_text(|text| {
                text.push_str("{\"event\":\"checkpoint\",");
                text.push_str(&heads.stream_field);
                // Writing to a string cannot fail.
                let _ = write!(text, ",\"name\":\"{mark}\"}}");
            }),
            MediaCommand::Clear { .. } => out.push_text(|text| {
                text.push_str("{\"event\":\"clearAudio\",");
                text.push_str(&heads.stream_field);
                text.push('}');
            }),
            MediaCommand::Dtmf { digits } => out.push_text(|text| {
                text.push_str("{\"event\":\"sendDTMF\",\"dtmf\":\"");
                text.extend(digits.iter().map(|digit| digit.as_char()));
                text.push_str("\"}");
            }),
            MediaCommand::Hangup => return Err(CannotSend::Unsupported),
        }
        Ok(())
    }
}

impl Heads {
    fn new(stream: &str, outbound: CodecFormat) -> Result<Self, Anomaly> {
        let encoding = match outbound.codec() {
            Codec::Pcmu => "audio/x-mulaw",
            Codec::L16Le => "audio/x-l16",
            Codec::Pcma | Codec::L16Be | Codec::G722 | Codec::Opus => {
                return Err(Anomaly::UnsupportedFormat);
            }
        };
        let mut stream_field = String::from("\"streamId\":");
        push_string(stream, &mut stream_field);
        let rate = outbound.sample_rate().hz();
        let audio = format!(
            "{{\"event\":\"playAudio\",\"media\":{{\"contentType\":\"{encoding}\",\
             \"sampleRate\":{rate},\"payload\":\""
        );
        Ok(Self { stream_field, audio })
    }
}

/// What comes: as announced, and what Plivo's `contentType` defaults to where nothing is.
fn inbound(format: Option<&Format<'_>>) -> Result<CodecFormat, Anomaly> {
    let encoding = format.and_then(|format| format.encoding.as_ref());
    let Some(encoding) = encoding.map(Text::as_str) else {
        return CodecFormat::new(Codec::L16Le, SampleRate::HZ_8000)
            .map_err(|_| Anomaly::UnsupportedFormat);
    };
    let rate = format.and_then(|format| format.rate).map(|rate| rate.0);
    format_of(encoding, rate.or(rate_in(encoding)), Codec::L16Le)
}

/// Headers come as JSON in a string; an object is taken as well.
fn unwrapped(headers: Option<Value>) -> Option<Value> {
    match headers {
        Some(Value::String(json)) => serde_json::from_str(&json).ok(),
        other => other,
    }
}

const CAPS: Caps = Caps {
    carrier: Carrier::Plivo,
    // Not stated: calls of the field send all the time.
    is_continuous: true,
    reorder_packets: 0,
    marks: MarkSupport::WhenPlayed,
    // What a checkpoint does while nothing plays is not stated.
    returns_idle_marks: false,
    clear: ClearSupport::Acknowledged,
    // A copier's guide waits for 1 s; Plivo's own pages name no time.
    clear_barrier_ms: Some(1_000),
    detects_byte_order: false,
    chunks: ChunkRule::ANY,
    // How much is buffered is not stated.
    lead_ms_max: 30_000,
    needs_audio_always: false,
    sends_dtmf: true,
    dtmf_out: DtmfOut::Stream,
    hangup: HangupMeans::Close,
    may_ping: true,
    text_bytes_max: 1 << 20,
};

#[cfg(test)]
mod tests {
    use offhook_types::{DtmfDigit, Generation};

    use super::*;
    use crate::test_support::{Told, decode, encode, mark, unknown_fields};

    const START: &str = r#"{"sequenceNumber":0,"event":"start","start":{"callId":"4d2a3f02","streamId":"20170ada","accountId":"MA0001","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000}},"extra_headers":"{\"callid\":\"01J\"}"}"#;
    const MEDIA: &str = r#"{"sequenceNumber":7,"streamId":"20170ada","event":"media","media":{"track":"inbound","timestamp":"1684908400123","chunk":7,"payload":"no+J"},"extra_headers":"{}"}"#;

    fn started() -> PlivoDialect {
        let mut dialect = PlivoDialect::new(None);
        decode(&mut dialect, START).expect("a start");
        dialect
    }

    fn start(dialect: &mut PlivoDialect, json: &str) -> StreamStart {
        let Ok(Told::Started(start)) = decode(dialect, json) else { panic!("no start: {json}") };
        start
    }

    fn linear(rate: SampleRate) -> CodecFormat {
        CodecFormat::new(Codec::L16Le, rate).expect("a format")
    }

    #[test]
    fn a_stream_introduces_itself_without_a_greeting() {
        let mut dialect = PlivoDialect::new(None);
        assert_eq!(unknown_fields(&mut PlivoDialect::new(None), START), 0);
        let start = start(&mut dialect, START);
        assert_eq!((start.stream.as_str(), start.carrier_call.as_str()), ("20170ada", "4d2a3f02"));
        assert_eq!((start.inbound, start.outbound), (CodecFormat::PCMU, CodecFormat::PCMU));
        assert_eq!(start.parameters["callid"].expose(), "01J");
        assert_eq!(decode(&mut dialect, START), Err(Anomaly::SecondStart));
    }

    #[test]
    fn headers_that_are_no_json_are_none_and_an_object_is_as_good_as_a_string() {
        let headers = r#""{\"callid\":\"01J\"}""#;
        for other in [r#""callid=01J""#, "\"\"", "null", "7", "[1]"] {
            let json = START.replace(headers, other);
            assert_eq!(start(&mut PlivoDialect::new(None), &json).parameters.len(), 0, "{other}");
        }
        let json = START.replace(headers, r#"{"callid":"01J"}"#);
        let parameters = start(&mut PlivoDialect::new(None), &json).parameters;
        assert_eq!(parameters["callid"].expose(), "01J");
    }

    #[test]
    fn a_start_that_is_refused_leaves_the_stream_to_the_next() {
        let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
        let json = START.replace(r#""{\"callid\":\"01J\"}""#, &deep);
        let mut dialect = PlivoDialect::new(None);
        assert_eq!(decode(&mut dialect, &json), Err(Anomaly::Malformed));
        start(&mut dialect, START);
    }

    #[test]
    fn linear_audio_is_low_byte_first_and_vobiz_takes_it_at_24_khz() {
        let mulaw = r#"{"encoding":"audio/x-mulaw","sampleRate":8000}"#;
        for (format, rate) in [
            (r#"{"encoding":"audio/x-l16","sampleRate":16000}"#, SampleRate::HZ_16000),
            (r#"{"encoding":"audio/x-l16","sampleRate":"8000"}"#, SampleRate::HZ_8000),
            (r#"{"encoding":"audio/x-l16;rate=16000"}"#, SampleRate::HZ_16000),
            ("null", SampleRate::HZ_8000),
        ] {
            let start = start(&mut PlivoDialect::new(None), &START.replace(mulaw, format));
            assert_eq!((start.inbound, start.outbound), (linear(rate), linear(rate)));
        }
        let wide = linear(SampleRate::HZ_24000);
        let mut vobiz = PlivoDialect::new(Some(wide));
        let start = start(&mut vobiz, START);
        assert_eq!((start.inbound, start.outbound), (CodecFormat::PCMU, wide));
        assert_eq!(
            encode(&mut vobiz, MediaCommand::Audio { payload: &[0; 2] }),
            Ok(r#"{"event":"playAudio","media":{"contentType":"audio/x-l16","sampleRate":24000,"payload":"AAA="}}"#.to_owned())
        );
    }

    #[test]
    fn a_stream_that_cannot_take_what_was_asked_for_does_not_start() {
        for format in [CodecFormat::PCMA, CodecFormat::G722] {
            let told = decode(&mut PlivoDialect::new(Some(format)), START);
            assert_eq!(told, Err(Anomaly::UnsupportedFormat));
        }
    }

    #[test]
    fn audio_comes_with_its_place_and_without_a_time() {
        let audio = decode(&mut started(), MEDIA);
        assert_eq!(audio, Ok(Told::Audio(vec![0x9E, 0x8F, 0x89], Some(7), None)));
        let strings = MEDIA.replace("\"chunk\":7", "\"chunk\":\"7\"").replace("r\":7", "r\":\"7\"");
        assert_eq!(decode(&mut started(), &strings), audio);
        let new =
            MEDIA.replace("\"track\"", "\"hue\":[1],\"track\"").replace("{\"s", "{\"z\":{},\"s");
        assert_eq!(unknown_fields(&mut started(), &new), 2);
        let outbound = MEDIA.replace("inbound", "outbound");
        assert_eq!(decode(&mut started(), &outbound), Err(Anomaly::OtherTrack));
    }

    #[test]
    fn keys_checkpoints_and_acknowledgements_are_events() {
        let key = r#"{"event":"dtmf","sequenceNumber":9,"streamId":"20170ada","dtmf":{"track":"inbound","digit":"5","timestamp":"1684908401000"},"extra_headers":"{}"}"#;
        assert_eq!(decode(&mut started(), key), Ok(Told::Dtmf('5', None)));
        let key = key.replace("\"5\"", "\"five\"");
        assert_eq!(decode(&mut started(), &key), Err(Anomaly::ForeignDigit));
        let cleared = r#"{"sequenceNumber":0,"event":"clearedAudio","streamId":"20170ada"}"#;
        assert_eq!(decode(&mut started(), cleared), Ok(Told::Cleared));
        assert_eq!(decode(&mut started(), r#"{"event":"stop"}"#), Ok(Told::Stopped));
        let json = r#"{"event":"playedStream","sequenceNumber":"11","streamId":"20170ada","name":"g0:u7:12800"}"#;
        let mut dialect = started();
        let played = Ok(Told::Mark(mark(0, 7, 12_800), MarkOutcome::Played));
        assert_eq!(decode(&mut dialect, json), played);
        encode(&mut dialect, MediaCommand::Clear { next: Generation::new(1) }).expect("a clear");
        assert_eq!(decode(&mut dialect, json), played);
        let foreign = json.replace("g0:u7:12800", "hello");
        assert_eq!(decode(&mut dialect, &foreign), Err(Anomaly::ForeignMark));
    }

    #[test]
    fn the_four_messages_that_plivo_takes_are_written_to_the_letter() {
        let mut dialect = started();
        assert_eq!(
            encode(&mut dialect, MediaCommand::Audio { payload: &[0xFF; 4] }),
            Ok(r#"{"event":"playAudio","media":{"contentType":"audio/x-mulaw","sampleRate":8000,"payload":"/////w=="}}"#.to_owned())
        );
        assert_eq!(
            encode(&mut dialect, MediaCommand::Mark(mark(3, 7, 12_800))),
            Ok(r#"{"event":"checkpoint","streamId":"20170ada","name":"g3:u7:12800"}"#.to_owned())
        );
        assert_eq!(
            encode(&mut dialect, MediaCommand::Clear { next: Generation::new(4) }),
            Ok(r#"{"event":"clearAudio","streamId":"20170ada"}"#.to_owned())
        );
        let digits: Vec<DtmfDigit> =
            "1234#".chars().map(|key| key.try_into().expect("a key")).collect();
        assert_eq!(
            encode(&mut dialect, MediaCommand::Dtmf { digits: &digits }),
            Ok(r#"{"event":"sendDTMF","dtmf":"1234#"}"#.to_owned())
        );
        assert_eq!(encode(&mut dialect, MediaCommand::Hangup), Err(CannotSend::Unsupported));
    }

    #[test]
    fn nothing_is_sent_before_the_start_and_a_hostile_id_stays_inside_its_quotes() {
        let mut dialect = PlivoDialect::new(None);
        let clear = MediaCommand::Clear { next: Generation::new(1) };
        assert_eq!(encode(&mut dialect, clear), Err(CannotSend::NotStarted));
        let hostile = START.replace("\"20170ada\"", r#""20\",\"x\":\"1""#);
        decode(&mut dialect, &hostile).expect("a start");
        for command in [clear, MediaCommand::Mark(mark(0, 1, 2))] {
            let sent = encode(&mut dialect, command).expect("a message");
            let value: Value = serde_json::from_str(&sent).expect("json");
            assert_eq!(value["streamId"], r#"20","x":"1"#);
            assert_eq!(value.get("x"), None);
        }
    }
}
