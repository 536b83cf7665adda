//! Vonage's messages: linear audio in binary frames of exactly 20 ms, everything else as JSON text.
//!
//! The socket is a leg of its own and its first message does not name the caller's. This engine's
//! answer document puts the caller's leg into the header `uuid`, which comes back here.
//!
//! Left out: a message for the end. The socket closes.

use std::fmt::Write as _;

use offhook_types::{
    Codec, CodecFormat, Generation, MarkOutcome, MediaCommand, MediaEvent, MediaPacket, StreamStart,
};
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::caps::{
    Caps, Carrier, ChunkRule, ClearSupport, DtmfOut, HangupMeans, MarkSupport, frame_bytes,
};
use crate::dialect::{
    Anomaly, CannotSend, Decoded, Dialect, digit_of, format_of, mark_of, rate_in,
};
use crate::json::{Count, Text, json_object, parameters, parse, str_of};
use crate::stream::PAYLOAD_BYTES_MAX;
use crate::wire::{Outbox, WireMessage};

/// Vonage's Voice WebSocket on one call.
pub struct VonageDialect {
    format: Option<CodecFormat>,
    generation: Generation,
}

json_object! {
    /// Enough to know what a message is. Other fields mean something only then: the first message
    /// holds the custom headers among its own fields, under any names.
    Kind {
        "event" => event: Text<'a>,
        "content-type" => content_type: IgnoredAny,
        "dtmf" => dtmf: IgnoredAny,
    }
}

json_object! {
    Connected { "content-type" => content_type: Text<'a>, }
}

json_object! {
    Press {
        "event" => event: IgnoredAny,
        "digit" => digit: Text<'a>,
        "duration" => duration: Count,
    }
}

json_object! {
    /// A key as some clients of this dialect send it.
    NestedPress {
        "event" => event: IgnoredAny,
        "dtmf" => dtmf: Press<'a>,
    }
}

json_object! {
    Notify {
        "event" => event: IgnoredAny,
        "payload" => payload: Payload<'a>,
    }
}

json_object! {
    Payload { "mark" => mark: Text<'a>, }
}

impl VonageDialect {
    /// A stream that has not started.
    pub const fn new() -> Self {
        Self { format: None, generation: Generation::new(0) }
    }

    fn connected<'a>(&mut self, text: &str) -> Result<Decoded<'a>, Anomaly> {
        if self.format.is_some() {
            return Err(Anomaly::SecondStart);
        }
        let connected: Connected<'_> = parse(text)?;
        let content_type = connected.content_type.as_ref().ok_or(Anomaly::Malformed)?.as_str();
        let format = format_of(content_type, rate_in(content_type), Codec::L16Le)?;
        if format.codec() != Codec::L16Le {
            return Err(Anomaly::UnsupportedFormat);
        }
        let mut headers: Value = parse(text)?;
        if let Some(fields) = headers.as_object_mut() {
            fields.remove("event");
            fields.remove("content-type");
        }
        let parameters = parameters(Some(&headers));
        self.format = Some(format);
        let start = StreamStart {
            stream: String::new(),
            carrier_call: parameters
                .get("uuid")
                .map(|leg| leg.expose().clone())
                .unwrap_or_default(),
            from: None,
            to: None,
            inbound: format,
            outbound: format,
            parameters,
        };
        Ok(Decoded::started(start, 0))
    }

    fn audio<'a>(&self, payload: &'a [u8]) -> Result<Decoded<'a>, Anomaly> {
        if self.format.is_none() {
            return Err(Anomaly::BeforeStart);
        }
        if payload.is_empty() || !payload.len().is_multiple_of(2) {
            return Err(Anomaly::Malformed);
        }
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err(Anomaly::Oversized);
        }
        let packet = MediaPacket { payload, sequence: None, timestamp_ms: None };
        Ok(Decoded::event(MediaEvent::Audio(packet), 0))
    }

    fn notify<'a>(&self, notify: &Notify<'_>) -> Result<Decoded<'a>, Anomaly> {
        let payload = notify.payload.as_ref().ok_or(Anomaly::Malformed)?;
        let mark = mark_of(str_of(payload.mark.as_ref()))?;
        // Whether a clear drops what waits or returns it is not stated: afterwards it proves
        // nothing.
        let is_current = mark.generation == self.generation;
        let outcome = if is_current { MarkOutcome::Played } else { MarkOutcome::Unknown };
        let event = MediaEvent::Mark { mark, outcome };
        Ok(Decoded::event(event, notify.unknown_fields + payload.unknown_fields))
    }
}

impl Default for VonageDialect {
    fn default() -> Self {
        Self::new()
    }
}

impl Dialect for VonageDialect {
    fn caps(&self) -> &Caps {
        &CAPS
    }

    fn decode<'a>(
        &'a mut self,
        message: WireMessage<'a>,
        _replies: &mut Outbox,
    ) -> Result<Decoded<'a>, Anomaly> {
        let text = match message {
            WireMessage::Binary(payload) => return self.audio(payload),
            WireMessage::Text(text) => text,
        };
        let kind: Kind<'_> = parse(text)?;
        match str_of(kind.event.as_ref()) {
            "websocket:dtmf" => key(&parse(text)?, 0),
            "websocket:cleared" => Ok(Decoded::event(MediaEvent::Cleared, kind.unknown_fields)),
            "websocket:notify" => self.notify(&parse(text)?),
            "websocket:connected" => self.connected(text),
            "" if kind.dtmf.is_some() => {
                let nested: NestedPress<'_> = parse(text)?;
                key(nested.dtmf.as_ref().ok_or(Anomaly::Malformed)?, nested.unknown_fields)
            }
            "" => Err(Anomaly::Malformed),
            _ => Err(Anomaly::UnknownEvent),
        }
    }

    fn encode(&mut self, command: MediaCommand<'_>, out: &mut Outbox) -> Result<(), CannotSend> {
        let format = self.format.ok_or(CannotSend::NotStarted)?;
        match command {
            MediaCommand::Audio { payload } => {
                if frame_bytes(format) != Some(payload.len()) {
                    return Err(CannotSend::WrongSize);
                }
                out.push_binary(|bytes| bytes.extend_from_slice(payload));
            }
            MediaCommand::Mark(mark) => out.push_text(|text| {
                // Writing to a string cannot fail.
                let _ =
                    write!(text, "{{\"action\":\"notify\",\"payload\":{{\"mark\":\"{mark}\"}}}}");
            }),
            MediaCommand::Clear { next } => {
                self.generation = next;
                out.push_text(|text| text.push_str("{\"action\":\"clear\"}"));
            }
            MediaCommand::Dtmf { .. } | MediaCommand::Hangup => {
                return Err(CannotSend::Unsupported);
            }
        }
        Ok(())
    }
}

fn key<'a>(key: &Press<'_>, unknown_fields: u32) -> Result<Decoded<'a>, Anomaly> {
    let digit = digit_of(key.digit.as_ref().ok_or(Anomaly::Malformed)?.as_str())?;
    let duration_ms = key.duration.and_then(|duration| u32::try_from(duration.0).ok());
    let event = MediaEvent::Dtmf { digit, duration_ms };
    Ok(Decoded::event(event, unknown_fields + key.unknown_fields))
}

const CAPS: Caps = Caps {
    carrier: Carrier::Vonage,
    // The leg hears a mix of the others, which is made whether or not they speak.
    is_continuous: true,
    reorder_packets: 0,
    // By assumption: what a clear does with pending notifications is not stated.
    marks: MarkSupport::WhenPlayed,
    // What a notification does while nothing plays is not stated.
    returns_idle_marks: false,
    clear: ClearSupport::Acknowledged,
    clear_barrier_ms: None,
    detects_byte_order: false,
    chunks: ChunkRule { frames_min: 1, frames_max: 1, bytes_max: 64_000 },
    // 3,072 messages of 20 ms; 1,024 by the older pages.
    lead_ms_max: 20_000,
    needs_audio_always: false,
    sends_dtmf: true,
    dtmf_out: DtmfOut::Rest,
    hangup: HangupMeans::Rest,
    may_ping: true,
    text_bytes_max: 1 << 20,
};

#[cfg(test)]
mod tests {
    use offhook_types::SampleRate;

    use super::*;
    use crate::test_support::{Told, decode, encode, mark, tell, unknown_fields};

    const START: &str = r#"{"event":"websocket:connected","content-type":"audio/l16;rate=16000","call_id":"01J","uuid":"aaaaaaaa"}"#;

    fn started() -> VonageDialect {
        let mut dialect = VonageDialect::new();
        decode(&mut dialect, START).expect("a start");
        dialect
    }

    fn start(json: &str) -> StreamStart {
        let told = decode(&mut VonageDialect::new(), json);
        let Ok(Told::Started(start)) = told else { panic!("{told:?}: {json}") };
        start
    }

    fn hear(dialect: &mut VonageDialect, payload: &[u8]) -> Result<Told, Anomaly> {
        tell(dialect, WireMessage::Binary(payload), &mut Outbox::new())
    }

    #[test]
    fn the_first_message_holds_the_format_and_the_custom_headers() {
        let first = start(START);
        let wide = CodecFormat::new(Codec::L16Le, SampleRate::HZ_16000).expect("a format");
        assert_eq!((first.inbound, first.outbound), (wide, wide));
        assert_eq!(first.carrier_call, "aaaaaaaa");
        let parameters = &first.parameters;
        assert_eq!((parameters["call_id"].expose().as_str(), parameters.len()), ("01J", 2));
        assert_eq!(decode(&mut started(), START), Err(Anomaly::SecondStart));
    }

    #[test]
    fn custom_headers_may_have_any_name_and_value() {
        let json = START.replace("\"01J\"", r#"{"a":1},"payload":7,"dtmf":"no","digit":[5]"#);
        let parameters = start(&json).parameters;
        assert_eq!(parameters["call_id"].expose(), r#"{"a":1}"#);
        assert_eq!(parameters["dtmf"].expose(), "no");
        assert_eq!(parameters.len(), 5);
    }

    #[test]
    fn only_linear_audio_of_a_known_rate_starts() {
        for rate in [8_000, 24_000] {
            let json = START.replace("16000", &rate.to_string());
            assert_eq!(start(&json).inbound.sample_rate().hz(), rate);
        }
        for other in ["audio/l16", "audio/l16;rate=11025", "audio/x-mulaw;rate=8000", "", "opus"] {
            let json = START.replace("audio/l16;rate=16000", other);
            let told = decode(&mut VonageDialect::new(), &json);
            assert_eq!(told, Err(Anomaly::UnsupportedFormat), "{other}");
        }
    }

    #[test]
    fn audio_is_the_binary_message_itself() {
        let frame = [7; 640];
        let audio = Told::Audio(frame.to_vec(), None, None);
        assert_eq!(hear(&mut started(), &frame), Ok(audio));
        for odd in [&frame[..0], &frame[..639]] {
            assert_eq!(hear(&mut started(), odd), Err(Anomaly::Malformed));
        }
        assert_eq!(hear(&mut VonageDialect::new(), &frame), Err(Anomaly::BeforeStart));
    }

    #[test]
    fn a_key_comes_in_either_of_two_spellings() {
        for (json, duration) in [
            (r#"{"event":"websocket:dtmf","digit":"5","duration":260}"#, Some(260)),
            (r#"{"event":"websocket:dtmf","digit":5,"duration":"260"}"#, Some(260)),
            (r#"{"dtmf":{"digit":"5"}}"#, None),
            (r#"{"dtmf":{"digit":"5","duration":260}}"#, Some(260)),
        ] {
            assert_eq!(decode(&mut started(), json), Ok(Told::Dtmf('5', duration)), "{json}");
            assert_eq!(unknown_fields(&mut started(), json), 0, "{json}");
        }
        let new = r#"{"event":"websocket:dtmf","digit":"5","hue":{},"tone":[1]}"#;
        assert_eq!(unknown_fields(&mut started(), new), 2);
        for json in [r#"{"event":"websocket:dtmf"}"#, r#"{"dtmf":"5"}"#, r#"{"dtmf":{}}"#] {
            assert_eq!(decode(&mut started(), json), Err(Anomaly::Malformed), "{json}");
        }
    }

    #[test]
    fn a_notification_of_an_older_generation_proves_nothing() {
        let mut dialect = started();
        let json = r#"{"event":"websocket:notify","payload":{"mark":"g0:u7:12800"}}"#;
        let sent = mark(0, 7, 12_800);
        assert_eq!(decode(&mut dialect, json), Ok(Told::Mark(sent, MarkOutcome::Played)));
        encode(&mut dialect, MediaCommand::Clear { next: Generation::new(1) }).expect("a clear");
        assert_eq!(decode(&mut dialect, json), Ok(Told::Mark(sent, MarkOutcome::Unknown)));
        let cleared = r#"{"event":"websocket:cleared"}"#;
        assert_eq!(decode(&mut dialect, cleared), Ok(Told::Cleared));
        let foreign = r#"{"event":"websocket:notify","payload":{"other":1}}"#;
        assert_eq!(decode(&mut dialect, foreign), Err(Anomaly::ForeignMark));
    }

    #[test]
    fn the_messages_that_vonage_takes_are_written_to_the_letter() {
        let mut dialect = VonageDialect::new();
        let clear = MediaCommand::Clear { next: Generation::new(4) };
        assert_eq!(encode(&mut dialect, clear), Err(CannotSend::NotStarted));
        let mut dialect = started();
        assert_eq!(
            encode(&mut dialect, MediaCommand::Mark(mark(3, 7, 12_800))),
            Ok(r#"{"action":"notify","payload":{"mark":"g3:u7:12800"}}"#.to_owned())
        );
        assert_eq!(encode(&mut dialect, clear), Ok(r#"{"action":"clear"}"#.to_owned()));
        for command in [MediaCommand::Hangup, MediaCommand::Dtmf { digits: &[] }] {
            assert_eq!(encode(&mut dialect, command), Err(CannotSend::Unsupported));
        }
    }

    #[test]
    fn only_frames_of_exactly_20_ms_are_sent() {
        let mut dialect = started();
        let mut out = Outbox::new();
        let frame = [3; 642];
        for bytes in [0, 638, 642] {
            let command = MediaCommand::Audio { payload: &frame[..bytes] };
            assert_eq!(dialect.encode(command, &mut out), Err(CannotSend::WrongSize));
        }
        let command = MediaCommand::Audio { payload: &frame[..640] };
        assert_eq!(dialect.encode(command, &mut out), Ok(()));
        assert_eq!(out.poll(), Some(WireMessage::Binary(&frame[..640])));
        assert_eq!(out.poll(), None);
    }
}
