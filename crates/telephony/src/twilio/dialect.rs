//! Twilio's messages: JSON text, audio in base64, strings for counters.
//!
//! Left out: `<Start><Stream>`, which forks audio and cannot answer; both its tracks are read, the
//! agent's own is skipped.

use offhook_types::{
    Codec, CodecFormat, Generation, MarkOutcome, MediaCommand, MediaEvent, MediaPacket, StreamStart,
};
use serde_json::Value;

use crate::caps::{Caps, Carrier, ChunkRule, ClearSupport, DtmfOut, HangupMeans, MarkSupport};
use crate::dialect::{Anomaly, CannotSend, Decoded, Dialect, digit_of, format_of, mark_of};
use crate::json::{
    Count, Text, decode_base64, json_object, parameters, parse, push_base64, push_string, str_of,
};
use crate::stream::PAYLOAD_BYTES_MAX;
use crate::wire::{Outbox, WireMessage};

/// Twilio Media Streams on one call.
pub struct TwilioDialect {
    /// `"streamSid":"MZ…"`, once the stream has started.
    stream_field: Option<String>,
    generation: Generation,
    payload: Vec<u8>,
}

json_object! {
    Envelope {
        "event" => event: Text<'a>,
        "sequenceNumber" => sequence: Count,
        "streamSid" => stream: Text<'a>,
        "protocol" => protocol: Text<'a>,
        "version" => version: Text<'a>,
        "media" => media: Media<'a>,
        "mark" => mark: Name<'a>,
        "dtmf" => dtmf: Digit<'a>,
        "start" => start: Start<'a>,
        "stop" => stop: Stop<'a>,
    }
}

json_object! {
    Media {
        "track" => track: Text<'a>,
        "chunk" => chunk: Count,
        "timestamp" => timestamp: Count,
        "payload" => payload: Text<'a>,
    }
}

json_object! {
    Name { "name" => name: Text<'a>, }
}

json_object! {
    Digit {
        "track" => track: Text<'a>,
        "digit" => digit: Text<'a>,
        "duration" => duration: Count,
    }
}

json_object! {
    Start {
        "accountSid" => account: Text<'a>,
        "streamSid" => stream: Text<'a>,
        "callSid" => call: Text<'a>,
        "tracks" => tracks: Value,
        "mediaFormat" => format: Format<'a>,
        "customParameters" => parameters: Value,
    }
}

json_object! {
    Format {
        "encoding" => encoding: Text<'a>,
        "sampleRate" => rate: Count,
        "channels" => channels: Count,
    }
}

json_object! {
    Stop {
        "accountSid" => account: Text<'a>,
        "callSid" => call: Text<'a>,
    }
}

impl TwilioDialect {
    /// A stream that has not started.
    pub const fn new() -> Self {
        Self { stream_field: None, generation: Generation::new(0), payload: Vec::new() }
    }

    fn start<'a>(&mut self, envelope: &Envelope<'_>) -> Result<Decoded<'a>, Anomaly> {
        if self.stream_field.is_some() {
            return Err(Anomaly::SecondStart);
        }
        let start = envelope.start.as_ref().ok_or(Anomaly::Malformed)?;
        let stream = start.stream.as_ref().or(envelope.stream.as_ref());
        let stream = stream.ok_or(Anomaly::Malformed)?.as_str().to_owned();
        let format = start.format.as_ref();
        let encoding = format.and_then(|format| format.encoding.as_ref());
        let rate = format.and_then(|format| format.rate).map(|rate| rate.0);
        // Twilio itself sends µ-law only; the byte order is that of carriers that copy its dialect.
        let format = match encoding {
            Some(encoding) => format_of(encoding.as_str(), rate, Codec::L16Le)?,
            None => CodecFormat::PCMU,
        };
        let mut field = String::from("\"streamSid\":");
        push_string(&stream, &mut field);
        self.stream_field = Some(field);
        let unknown_fields = envelope.unknown_fields + start.unknown_fields;
        let start = StreamStart {
            stream,
            carrier_call: str_of(start.call.as_ref()).to_owned(),
            from: None,
            to: None,
            inbound: format,
            outbound: format,
            parameters: parameters(start.parameters.as_ref()),
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
            timestamp_ms: media.timestamp.map(|timestamp| timestamp.0),
        };
        Ok(Decoded::event(MediaEvent::Audio(packet), unknown_fields + media.unknown_fields))
    }

    fn mark(&self, name: &str) -> Result<MediaEvent<'static>, Anomaly> {
        let mark = mark_of(name)?;
        // A clear returns every mark that waits, and its return looks like that of a played one.
        let is_current = mark.generation == self.generation;
        let outcome = if is_current { MarkOutcome::Played } else { MarkOutcome::Unknown };
        Ok(MediaEvent::Mark { mark, outcome })
    }
}

impl Default for TwilioDialect {
    fn default() -> Self {
        Self::new()
    }
}

impl Dialect for TwilioDialect {
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
            "mark" => {
                let mark = envelope.mark.as_ref().ok_or(Anomaly::Malformed)?;
                let event = self.mark(str_of(mark.name.as_ref()))?;
                Ok(Decoded::event(event, unknown + mark.unknown_fields))
            }
            "dtmf" => {
                let dtmf = envelope.dtmf.as_ref().ok_or(Anomaly::Malformed)?;
                let digit = digit_of(str_of(dtmf.digit.as_ref()))?;
                let duration = dtmf.duration.and_then(|duration| u32::try_from(duration.0).ok());
                let event = MediaEvent::Dtmf { digit, duration_ms: duration };
                Ok(Decoded::event(event, unknown + dtmf.unknown_fields))
            }
            "start" => self.start(&envelope),
            "stop" => Ok(Decoded::event(MediaEvent::Stopped, unknown)),
            "connected" => Ok(Decoded::nothing(unknown)),
            "" => Err(Anomaly::Malformed),
            _ => Err(Anomaly::UnknownEvent),
        }
    }

    fn encode(&mut self, command: MediaCommand<'_>, out: &mut Outbox) -> Result<(), CannotSend> {
        let stream = self.stream_field.as_deref().ok_or(CannotSend::NotStarted)?;
        match command {
            MediaCommand::Audio { payload } => out.push_text(|text| {
                text.push_str("{\"event\":\"media\",");
                text.push_str(stream);
                text.push_str(",\"media\":{\"payload\":\"");
                push_base64(payload, text);
                text.push_str("\"}}");
            }),
            MediaCommand::Mark(mark) => out.push_text(|text| {
                use std::fmt::Write as _;
                text.push_str("{\"event\":\"mark\",");
                text.push_str(stream);
                // Writing to a string cannot fail.
                let _ = write!(text, ",\"mark\":{{\"name\":\"{mark}\"}}}}");
            }),
            MediaCommand::Clear { next } => {
                self.generation = next;
                out.push_text(|text| {
                    text.push_str("{\"event\":\"clear\",");
                    text.push_str(stream);
                    text.push('}');
                });
            }
            MediaCommand::Dtmf { .. } | MediaCommand::Hangup => {
                return Err(CannotSend::Unsupported);
            }
        }
        Ok(())
    }
}

const CAPS: Caps = Caps {
    carrier: Carrier::Twilio,
    is_continuous: true,
    reorder_packets: 0,
    marks: MarkSupport::AlsoWhenCleared,
    returns_idle_marks: true,
    clear: ClearSupport::Silent,
    clear_barrier_ms: None,
    detects_byte_order: false,
    // "Any size", but tails that were no multiple of 20 ms were heard as clicks in the field.
    chunks: ChunkRule::ANY,
    // Error 31931: more than some ten minutes are thrown away.
    lead_ms_max: 60_000,
    needs_audio_always: false,
    sends_dtmf: true,
    // `<Play digits>` needs new TwiML, which ends the stream.
    dtmf_out: DtmfOut::InBand,
    hangup: HangupMeans::Close,
    may_ping: true,
    text_bytes_max: 1 << 20,
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{Told, decode, encode, mark};

    const START: &str = r#"{"event":"start","sequenceNumber":"1","start":{"accountSid":"AC1","streamSid":"MZ1","callSid":"CA1","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},"customParameters":{"call_id":"01J","token":"secret"}},"streamSid":"MZ1"}"#;

    fn started() -> TwilioDialect {
        let mut dialect = TwilioDialect::new();
        decode(&mut dialect, START).expect("a start");
        dialect
    }

    #[test]
    fn a_stream_introduces_itself() {
        let mut dialect = TwilioDialect::new();
        let hello = r#"{"event":"connected","protocol":"Call","version":"1.0.0"}"#;
        assert_eq!(decode(&mut dialect, hello), Ok(Told::Nothing));
        let Ok(Told::Started(start)) = decode(&mut dialect, START) else { panic!("no start") };
        assert_eq!((start.stream.as_str(), start.carrier_call.as_str()), ("MZ1", "CA1"));
        assert_eq!((start.inbound, start.outbound), (CodecFormat::PCMU, CodecFormat::PCMU));
        assert_eq!(start.parameters["token"].expose(), "secret");
    }

    #[test]
    fn audio_comes_with_its_place_and_time() {
        let json = r#"{"event":"media","sequenceNumber":"4","media":{"track":"inbound","chunk":"2","timestamp":"20","payload":"no+J"},"streamSid":"MZ1"}"#;
        let audio = decode(&mut started(), json);
        assert_eq!(audio, Ok(Told::Audio(vec![0x9E, 0x8F, 0x89], Some(2), Some(20))));
        let numbers = json.replace("\"2\"", "2").replace("\"20\"", "20").replace('/', "\\/");
        assert_eq!(decode(&mut started(), &numbers), audio);
    }

    #[test]
    fn the_agents_own_track_of_a_fork_is_not_the_caller() {
        let json = r#"{"event":"media","media":{"track":"outbound","chunk":"2","timestamp":"20","payload":"no+J"}}"#;
        assert_eq!(decode(&mut started(), json), Err(Anomaly::OtherTrack));
    }

    #[test]
    fn a_mark_of_an_older_generation_proves_nothing() {
        let mut dialect = started();
        let json = r#"{"event":"mark","sequenceNumber":"4","streamSid":"MZ1","mark":{"name":"g0:u7:12800"}}"#;
        let sent = mark(0, 7, 12_800);
        assert_eq!(decode(&mut dialect, json), Ok(Told::Mark(sent, MarkOutcome::Played)));
        encode(&mut dialect, MediaCommand::Clear { next: Generation::new(1) }).expect("a clear");
        assert_eq!(decode(&mut dialect, json), Ok(Told::Mark(sent, MarkOutcome::Unknown)));
        let foreign = json.replace("g0:u7:12800", "hello");
        assert_eq!(decode(&mut dialect, &foreign), Err(Anomaly::ForeignMark));
    }

    #[test]
    fn a_second_start_does_not_move_the_stream() {
        let mut dialect = started();
        let other = START.replace("MZ1", "MZ2");
        assert_eq!(decode(&mut dialect, &other), Err(Anomaly::SecondStart));
        let sent = encode(&mut dialect, MediaCommand::Clear { next: Generation::new(1) });
        assert_eq!(sent, Ok(r#"{"event":"clear","streamSid":"MZ1"}"#.to_owned()));
    }

    #[test]
    fn keys_and_the_end_are_events() {
        let json = r#"{"event":"dtmf","streamSid":"MZ1","sequenceNumber":"5","dtmf":{"track":"inbound_track","digit":"1"}}"#;
        assert_eq!(decode(&mut started(), json), Ok(Told::Dtmf('1', None)));
        assert_eq!(
            decode(&mut started(), &json.replace(":\"1\"", ":\"12\"")),
            Err(Anomaly::ForeignDigit)
        );
        let stop = r#"{"event":"stop","sequenceNumber":"5","stop":{"accountSid":"AC1","callSid":"CA1"},"streamSid":"MZ1"}"#;
        assert_eq!(decode(&mut started(), stop), Ok(Told::Stopped));
    }

    #[test]
    fn the_three_messages_that_twilio_takes_are_written_to_the_letter() {
        let mut dialect = started();
        let payload = [0xFF; 4];
        assert_eq!(
            encode(&mut dialect, MediaCommand::Audio { payload: &payload }),
            Ok(r#"{"event":"media","streamSid":"MZ1","media":{"payload":"/////w=="}}"#.to_owned())
        );
        assert_eq!(
            encode(&mut dialect, MediaCommand::Mark(mark(3, 7, 12_800))),
            Ok(r#"{"event":"mark","streamSid":"MZ1","mark":{"name":"g3:u7:12800"}}"#.to_owned())
        );
        assert_eq!(
            encode(&mut dialect, MediaCommand::Clear { next: Generation::new(4) }),
            Ok(r#"{"event":"clear","streamSid":"MZ1"}"#.to_owned())
        );
        for command in [MediaCommand::Hangup, MediaCommand::Dtmf { digits: &[] }] {
            assert_eq!(encode(&mut dialect, command), Err(CannotSend::Unsupported));
        }
    }

    #[test]
    fn nothing_is_sent_before_the_start_and_a_hostile_id_stays_inside_its_quotes() {
        let mut dialect = TwilioDialect::new();
        let clear = MediaCommand::Clear { next: Generation::new(1) };
        assert_eq!(encode(&mut dialect, clear), Err(CannotSend::NotStarted));
        let hostile = START.replace("\"MZ1\"", r#""MZ\",\"x\":\"1""#);
        decode(&mut dialect, &hostile).expect("a start");
        let sent = encode(&mut dialect, clear).expect("a clear");
        let value: Value = serde_json::from_str(&sent).expect("json");
        assert_eq!(value["streamSid"], r#"MZ","x":"1"#);
        assert_eq!(value.as_object().map(serde_json::Map::len), Some(2));
    }
}
