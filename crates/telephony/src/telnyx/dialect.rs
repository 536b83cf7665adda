//! Telnyx' messages: JSON text, audio in base64, strings for counters, in no guaranteed order.
//!
//! Left out: MP3 mode, in which no codec of a call can be sent; AMR-WB, which is refused at the
//! start; `occurred_at` of a key, because a key that comes late is still pressed.

use offhook_types::{
    Codec, CodecFormat, Generation, MarkOutcome, MediaCommand, MediaEvent, MediaPacket, Party,
    StreamStart,
};
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::caps::{Caps, Carrier, ChunkRule, ClearSupport, DtmfOut, HangupMeans, MarkSupport};
use crate::dialect::{Anomaly, CannotSend, Decoded, Dialect, digit_of, format_of, mark_of};
use crate::dialect_options::LinearOrder;
use crate::json::{
    Count, Text, decode_base64, json_object, parameters, parse, push_base64, str_of,
};
use crate::stream::PAYLOAD_BYTES_MAX;
use crate::wire::{Outbox, WireMessage};

/// Telnyx Media Streaming on one call.
pub struct TelnyxDialect {
    caps: Caps,
    linear: Codec,
    outbound: CodecFormat,
    is_started: bool,
    generation: Generation,
    payload: Vec<u8>,
    complaint: String,
}

json_object! {
    Envelope {
        "event" => event: Text<'a>,
        "sequence_number" => sequence: IgnoredAny,
        "stream_id" => stream: Text<'a>,
        "version" => version: IgnoredAny,
        "occurred_at" => occurred_at: IgnoredAny,
        "media" => media: Media<'a>,
        "mark" => mark: Name<'a>,
        "dtmf" => dtmf: Digit<'a>,
        "start" => start: Start<'a>,
        "stop" => stop: IgnoredAny,
        "payload" => complaint: Complaint<'a>,
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
    Digit { "digit" => digit: Text<'a>, }
}

json_object! {
    Start {
        "user_id" => user: IgnoredAny,
        "call_control_id" => call: Text<'a>,
        "call_session_id" => session: IgnoredAny,
        "from" => from: Text<'a>,
        "to" => to: Text<'a>,
        "tags" => tags: IgnoredAny,
        "client_state" => client_state: IgnoredAny,
        "custom_parameters" => parameters: Value,
        "media_format" => format: Format<'a>,
    }
}

json_object! {
    Format {
        "encoding" => encoding: Text<'a>,
        "sample_rate" => rate: Count,
        "channels" => channels: Count,
    }
}

json_object! {
    Complaint {
        "code" => code: Count,
        "title" => title: Text<'a>,
        "detail" => detail: Text<'a>,
    }
}

impl TelnyxDialect {
    /// A stream that has not started. `outbound` is what Telnyx was asked to take as
    /// `stream_bidirectional_codec`; its own default, whatever the call's codec, is PCMU. Without a
    /// `byte_order`, linear audio is taken for high byte first, as in RTP, and
    /// [`Caps::detects_byte_order`] is set.
    pub fn new(outbound: Option<CodecFormat>, byte_order: Option<LinearOrder>) -> Self {
        Self {
            caps: Caps { detects_byte_order: byte_order.is_none(), ..CAPS },
            linear: byte_order.unwrap_or(LinearOrder::HighFirst).codec(),
            outbound: outbound.unwrap_or(CodecFormat::PCMU),
            is_started: false,
            generation: Generation::new(0),
            payload: Vec::new(),
            complaint: String::new(),
        }
    }

    fn start<'a>(&mut self, envelope: &Envelope<'_>) -> Result<Decoded<'a>, Anomaly> {
        if self.is_started {
            return Err(Anomaly::SecondStart);
        }
        let start = envelope.start.as_ref().ok_or(Anomaly::Malformed)?;
        let inbound = self.format(start.format.as_ref())?;
        self.is_started = true;
        let party = |text: Option<&Text<'_>>| text.map(|text| Party::from_carrier(text.as_str()));
        let unknown_fields = envelope.unknown_fields + start.unknown_fields;
        let start = StreamStart {
            stream: str_of(envelope.stream.as_ref()).to_owned(),
            carrier_call: str_of(start.call.as_ref()).to_owned(),
            from: party(start.from.as_ref()),
            to: party(start.to.as_ref()),
            inbound,
            outbound: self.outbound,
            parameters: parameters(start.parameters.as_ref()),
        };
        Ok(Decoded::started(start, unknown_fields))
    }

    fn format(&self, format: Option<&Format<'_>>) -> Result<CodecFormat, Anomaly> {
        let Some(format) = format else { return Ok(CodecFormat::PCMU) };
        if format.channels.is_some_and(|channels| channels.0 != 1) {
            return Err(Anomaly::UnsupportedFormat);
        }
        let rate = format.rate.map(|rate| rate.0);
        match &format.encoding {
            Some(encoding) => format_of(encoding.as_str(), rate, self.linear),
            None => Ok(CodecFormat::PCMU),
        }
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

    /// Codes 100002 (unknown) to 100005 (rate limit reached); others are passed on as they are.
    fn complaint(&mut self, complaint: &Complaint<'_>, unknown_fields: u32) -> Decoded<'_> {
        self.complaint.clear();
        for part in [complaint.title.as_ref(), complaint.detail.as_ref()].into_iter().flatten() {
            if !self.complaint.is_empty() {
                self.complaint.push_str(": ");
            }
            let text = part.as_str();
            self.complaint.push_str(&text[..text.floor_char_boundary(COMPLAINT_BYTES_MAX)]);
        }
        let code = complaint.code.and_then(|code| u32::try_from(code.0).ok());
        let event = MediaEvent::Error { code, text: &self.complaint };
        Decoded::event(event, unknown_fields + complaint.unknown_fields)
    }
}

impl Dialect for TelnyxDialect {
    fn caps(&self) -> &Caps {
        &self.caps
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
                let event = MediaEvent::Dtmf { digit, duration_ms: None };
                Ok(Decoded::event(event, unknown + dtmf.unknown_fields))
            }
            "error" => {
                let complaint = envelope.complaint.as_ref().ok_or(Anomaly::Malformed)?;
                Ok(self.complaint(complaint, unknown))
            }
            "start" => self.start(&envelope),
            "stop" => Ok(Decoded::event(MediaEvent::Stopped, unknown)),
            "connected" => Ok(Decoded::nothing(unknown)),
            "" => Err(Anomaly::Malformed),
            _ => Err(Anomaly::UnknownEvent),
        }
    }

    fn encode(&mut self, command: MediaCommand<'_>, out: &mut Outbox) -> Result<(), CannotSend> {
        if !self.is_started {
            return Err(CannotSend::NotStarted);
        }
        match command {
            MediaCommand::Audio { payload } => out.push_text(|text| {
                text.push_str("{\"event\":\"media\",\"media\":{\"payload\":\"");
                push_base64(payload, text);
                text.push_str("\"}}");
            }),
            MediaCommand::Mark(mark) => out.push_text(|text| {
                use std::fmt::Write as _;
                // Writing to a string cannot fail.
                let _ = write!(text, "{{\"event\":\"mark\",\"mark\":{{\"name\":\"{mark}\"}}}}");
            }),
            MediaCommand::Clear { next } => {
                self.generation = next;
                out.push_text(|text| text.push_str("{\"event\":\"clear\"}"));
            }
            MediaCommand::Dtmf { .. } | MediaCommand::Hangup => {
                return Err(CannotSend::Unsupported);
            }
        }
        Ok(())
    }
}

/// Each part of a complaint that is kept.
const COMPLAINT_BYTES_MAX: usize = 200;

const CAPS: Caps = Caps {
    carrier: Carrier::Telnyx,
    // Not stated: RTP of a call is forwarded as it comes, and trunks seldom pause it.
    is_continuous: true,
    reorder_packets: 3,
    marks: MarkSupport::AlsoWhenCleared,
    returns_idle_marks: true,
    clear: ClearSupport::Silent,
    clear_barrier_ms: None,
    detects_byte_order: true,
    // 20 ms to 30 s; no limit in bytes is stated.
    chunks: ChunkRule { frames_min: 1, frames_max: 1_500, bytes_max: 64_000 },
    // How much is buffered is not stated; one chunk of 30 s must fit.
    lead_ms_max: 30_000,
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
    use crate::test_support::{Told, decode, encode, mark, unknown_fields};

    const START: &str = r#"{"event":"start","sequence_number":"1","start":{"user_id":"3E6F995F","call_control_id":"v2:T02","call_session_id":"ff55a038","from":"+13122010094","to":"+13122123456","tags":["TAG1"],"client_state":"aGF2ZSBhIG5pY2UgZGF5ID1d","custom_parameters":{"customer_id":"customer_123"},"media_format":{"encoding":"PCMU","sample_rate":8000,"channels":1}},"stream_id":"32DE0DEA"}"#;
    const MEDIA: &str = r#"{"event":"media","sequence_number":"4","media":{"track":"inbound","chunk":"2","timestamp":"5","payload":"no+J"},"stream_id":"32DE0DEA"}"#;

    fn started() -> TelnyxDialect {
        let mut dialect = TelnyxDialect::new(None, None);
        decode(&mut dialect, START).expect("a start");
        dialect
    }

    fn start(dialect: &mut TelnyxDialect, json: &str) -> StreamStart {
        let Ok(Told::Started(start)) = decode(dialect, json) else { panic!("no start: {json}") };
        start
    }

    fn linear(codec: Codec) -> CodecFormat {
        CodecFormat::new(codec, SampleRate::HZ_16000).expect("a format")
    }

    #[test]
    fn a_stream_introduces_itself() {
        let mut dialect = TelnyxDialect::new(None, None);
        let hello = r#"{"event":"connected","version":"1.0.0"}"#;
        assert_eq!(decode(&mut dialect, hello), Ok(Told::Nothing));
        assert_eq!(unknown_fields(&mut TelnyxDialect::new(None, None), START), 0);
        let start = start(&mut dialect, START);
        assert_eq!((start.stream.as_str(), start.carrier_call.as_str()), ("32DE0DEA", "v2:T02"));
        assert_eq!(start.from, Some(Party::from_carrier("+13122010094")));
        assert_eq!(start.to, Some(Party::from_carrier("+13122123456")));
        assert_eq!((start.inbound, start.outbound), (CodecFormat::PCMU, CodecFormat::PCMU));
        assert_eq!(start.parameters["customer_id"].expose(), "customer_123");
        assert_eq!(decode(&mut dialect, START), Err(Anomaly::SecondStart));
    }

    #[test]
    fn every_codec_but_amr_is_taken_and_the_agents_is_the_one_that_was_asked_for() {
        let opus = CodecFormat::new(Codec::Opus, SampleRate::HZ_48000).expect("a format");
        for (announced, format) in [
            (r#""PCMA","sample_rate":8000"#, CodecFormat::PCMA),
            (r#""G722","sample_rate":"8000""#, CodecFormat::G722),
            (r#""OPUS","sample_rate":48000"#, opus),
            (r#""L16","sample_rate":16000"#, linear(Codec::L16Be)),
        ] {
            let json = START.replace(r#""PCMU","sample_rate":8000"#, announced);
            assert_eq!(start(&mut TelnyxDialect::new(None, None), &json).inbound, format);
            let asked = start(&mut TelnyxDialect::new(Some(format), None), START);
            assert_eq!((asked.inbound, asked.outbound), (CodecFormat::PCMU, format));
        }
        for refused in [r#""AMR-WB","sample_rate":16000"#, r#""L16","sample_rate":11025"#] {
            let json = START.replace(r#""PCMU","sample_rate":8000"#, refused);
            let told = decode(&mut TelnyxDialect::new(None, None), &json);
            assert_eq!(told, Err(Anomaly::UnsupportedFormat));
        }
        let stereo = START.replace("\"channels\":1", "\"channels\":2");
        let told = decode(&mut TelnyxDialect::new(None, None), &stereo);
        assert_eq!(told, Err(Anomaly::UnsupportedFormat));
    }

    #[test]
    fn the_byte_order_is_a_guess_until_somebody_says() {
        let json = START.replace(r#""PCMU","sample_rate":8000"#, r#""L16","sample_rate":16000"#);
        let mut dialect = TelnyxDialect::new(None, None);
        assert!(dialect.caps().detects_byte_order);
        assert_eq!(start(&mut dialect, &json).inbound, linear(Codec::L16Be));
        let mut dialect = TelnyxDialect::new(None, Some(LinearOrder::LowFirst));
        assert!(!dialect.caps().detects_byte_order);
        assert_eq!(start(&mut dialect, &json).inbound, linear(Codec::L16Le));
    }

    #[test]
    fn audio_comes_with_its_place_and_time() {
        let audio = decode(&mut started(), MEDIA);
        assert_eq!(audio, Ok(Told::Audio(vec![0x9E, 0x8F, 0x89], Some(2), Some(5))));
        let numbers = MEDIA.replace("\"2\"", "2").replace("\"5\"", "5").replace("\"4\"", "[4]");
        assert_eq!(decode(&mut started(), &numbers), audio);
        let outbound = MEDIA.replace("inbound", "outbound");
        assert_eq!(decode(&mut started(), &outbound), Err(Anomaly::OtherTrack));
        let new =
            MEDIA.replace("\"track\"", "\"hue\":[1],\"track\"").replace("{\"e", "{\"z\":{},\"e");
        assert_eq!(unknown_fields(&mut started(), &new), 2);
    }

    #[test]
    fn keys_marks_and_the_end_are_events() {
        let json = r#"{"event":"dtmf","stream_id":"32DE0DEA","occurred_at":"2025-06-05T08:54:19.698408Z","sequence_number":"5","dtmf":{"digit":"1"}}"#;
        assert_eq!(decode(&mut started(), json), Ok(Told::Dtmf('1', None)));
        assert_eq!(unknown_fields(&mut started(), json), 0);
        assert_eq!(decode(&mut started(), &json.replace("\"1\"", "1")), Ok(Told::Dtmf('1', None)));
        let stop = r#"{"event":"stop","sequence_number":"5","stop":{"user_id":"3E6F","call_control_id":"v2:T02"},"stream_id":"32DE0DEA"}"#;
        assert_eq!(decode(&mut started(), stop), Ok(Told::Stopped));

        let mut dialect = started();
        let json = r#"{"event":"mark","stream_id":"32DE0DEA","sequence_number":"5","mark":{"name":"g0:u7:12800"}}"#;
        let sent = mark(0, 7, 12_800);
        assert_eq!(decode(&mut dialect, json), Ok(Told::Mark(sent, MarkOutcome::Played)));
        encode(&mut dialect, MediaCommand::Clear { next: Generation::new(1) }).expect("a clear");
        assert_eq!(decode(&mut dialect, json), Ok(Told::Mark(sent, MarkOutcome::Unknown)));
    }

    #[test]
    fn telnyx_says_what_it_did_not_like() {
        let json = r#"{"event":"error","payload":{"code":100003,"title":"malformed_frame","detail":"no \"event\""},"stream_id":"32DE0DEA"}"#;
        let told = Told::Error(Some(100_003), "malformed_frame: no \"event\"".to_owned());
        assert_eq!(decode(&mut started(), json), Ok(told));
        let long = json.replace("malformed_frame", &"ö".repeat(5_000)).replace("100003", "\"x\"");
        assert_eq!(decode(&mut started(), &long), Err(Anomaly::Malformed));
        let long = long.replace("\"x\"", "\"99999999999\"");
        let Ok(Told::Error(None, text)) = decode(&mut started(), &long) else { panic!("no error") };
        assert!(text.len() <= 2 * COMPLAINT_BYTES_MAX + 2, "{} bytes", text.len());
    }

    #[test]
    fn the_three_messages_that_telnyx_takes_are_written_to_the_letter() {
        let mut dialect = TelnyxDialect::new(None, None);
        let clear = MediaCommand::Clear { next: Generation::new(4) };
        assert_eq!(encode(&mut dialect, clear), Err(CannotSend::NotStarted));
        let mut dialect = started();
        assert_eq!(
            encode(&mut dialect, MediaCommand::Audio { payload: &[0xFF; 4] }),
            Ok(r#"{"event":"media","media":{"payload":"/////w=="}}"#.to_owned())
        );
        assert_eq!(
            encode(&mut dialect, MediaCommand::Mark(mark(3, 7, 12_800))),
            Ok(r#"{"event":"mark","mark":{"name":"g3:u7:12800"}}"#.to_owned())
        );
        assert_eq!(encode(&mut dialect, clear), Ok(r#"{"event":"clear"}"#.to_owned()));
        for command in [MediaCommand::Hangup, MediaCommand::Dtmf { digits: &[] }] {
            assert_eq!(encode(&mut dialect, command), Err(CannotSend::Unsupported));
        }
    }
}
