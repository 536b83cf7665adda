//! Plivo XML: what Plivo, and carriers with its dialect, do with a call.
//!
//! Sources: Plivo docs, "XML – Stream", "Dial", "Hangup"; PyPI `plivo` 4.63.0, `xml/`, for the
//! names of attributes.

use crate::answer::{
    AnswerError, AnswerProblem, DialTarget, check_length, check_range, check_unique, check_url,
    check_web_url,
};
use crate::xml_response::{XmlResponse, attribute};
use crate::{Afterwards, RejectReason, StreamTarget, Transfer};

/// How an audio stream is opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamSettings {
    /// The audio, the same both ways. Plivo's own default is L16 at 8 kHz; it is always written
    /// out.
    pub audio: PlivoAudio,
    /// Plivo ends the stream after this many seconds. None: a day.
    pub stream_timeout_s: Option<u32>,
    /// Plivo's noise suppression, 60 to 100. None: off.
    pub noise_cancellation_level: Option<u8>,
}

/// The audio of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlivoAudio {
    /// µ-law at 8 kHz.
    #[default]
    Mulaw8k,
    /// PCM of 16 bits, little-endian, at 8 kHz.
    L16At8k,
    /// PCM of 16 bits, little-endian, at 16 kHz.
    L16At16k,
    /// PCM of 16 bits, little-endian, at 24 kHz: Vobiz only, and from us to the caller only.
    L16At24k,
}

impl PlivoAudio {
    /// The `contentType` of a stream. In messages on the socket it stands without the rate.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Mulaw8k => "audio/x-mulaw;rate=8000",
            Self::L16At8k => "audio/x-l16;rate=8000",
            Self::L16At16k => "audio/x-l16;rate=16000",
            Self::L16At24k => "audio/x-l16;rate=24000",
        }
    }
}

/// Longest `extraHeaders` (Plivo docs, Stream).
const EXTRA_HEADERS_BYTES_MAX: usize = 512;
const NOISE_CANCELLATION_LEVEL: (u32, u32) = (60, 100);

/// Connects the call to an audio stream, both ways. The call stays while the stream is open, and
/// goes on as `afterwards` says.
///
/// # Errors
///
/// The parameter that Plivo would refuse. Names and values may hold `A-Z a-z 0-9` only.
pub fn connect_stream(
    stream: &StreamTarget,
    settings: &StreamSettings,
    afterwards: &Afterwards,
) -> Result<String, AnswerError> {
    check_url("Stream", &stream.url, &["wss://", "ws://"])?;
    let extra_headers = extra_headers(&stream.parameters)?;
    let mut attributes = vec![
        attribute("bidirectional", "true"),
        attribute("keepCallAlive", "true"),
        attribute("audioTrack", "inbound"),
        attribute("contentType", settings.audio.content_type()),
        ("streamTimeout", settings.stream_timeout_s.map(|seconds| seconds.to_string().into())),
    ];
    if let Some(level) = settings.noise_cancellation_level {
        let (min, max) = NOISE_CANCELLATION_LEVEL;
        check_range("noiseCancellationLevel", level.into(), min, max)?;
        attributes.push(attribute("noiseCancellation", "true"));
        attributes.push(attribute("noiseCancellationLevel", level.to_string()));
    }
    if let Some(url) = stream.status_url.as_deref() {
        check_web_url("statusCallbackUrl", url)?;
        attributes.push(attribute("statusCallbackUrl", url));
        attributes.push(attribute("statusCallbackMethod", "POST"));
    }
    attributes.push(("extraHeaders", extra_headers.map(Into::into)));
    let mut response = XmlResponse::new();
    response.text("Stream", &attributes, &stream.url);
    response.redirect(afterwards)?;
    Ok(response.finish())
}

/// Drops the line.
pub fn hang_up() -> String {
    let mut response = XmlResponse::new();
    response.empty("Hangup", &[]);
    response.finish()
}

/// Refuses a call that was not answered yet. The words are from memory.
pub fn reject(reason: RejectReason) -> String {
    let mut response = XmlResponse::new();
    response.empty("Hangup", &[attribute("reason", reason.word())]);
    response.finish()
}

/// Dials somebody and connects the caller.
///
/// # Errors
///
/// The parameter that Plivo would refuse.
pub fn transfer(transfer: &Transfer) -> Result<String, AnswerError> {
    let digits = |number: &str| number.trim_start_matches('+').to_owned();
    let mut attributes = vec![
        ("callerId", transfer.caller_id.as_ref().map(|number| digits(number.as_str()).into())),
        attribute("timeout", transfer.ring_timeout_s.to_string()),
    ];
    if let Afterwards::Fetch(url) = &transfer.afterwards {
        check_web_url("action", url)?;
        attributes.push(attribute("action", url.as_str()));
        attributes.push(attribute("method", "POST"));
        attributes.push(attribute("redirect", "true"));
    }
    let mut response = XmlResponse::new();
    response.open("Dial", &attributes);
    match transfer.dial_target()? {
        DialTarget::Number(number) => response.text("Number", &[], &digits(number.as_str())),
        DialTarget::Sip(address) => response.text("User", &[], address),
    }
    response.close("Dial");
    if transfer.afterwards == Afterwards::HangUp {
        response.empty("Hangup", &[]);
    }
    Ok(response.finish())
}

fn extra_headers(parameters: &[(String, String)]) -> Result<Option<String>, AnswerError> {
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    for (name, value) in parameters {
        if name.is_empty() || !is_plain(name) || !is_plain(value) {
            let problem = AnswerProblem::Character("extraHeaders takes A-Z a-z 0-9 only");
            return Err(AnswerError::new(name.clone(), problem));
        }
    }
    check_unique(parameters)?;
    let pairs: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let headers = pairs.join(",");
    check_length("extraHeaders", headers.len(), EXTRA_HEADERS_BYTES_MAX, "bytes")?;
    Ok((!headers.is_empty()).then_some(headers))
}

#[cfg(test)]
mod tests {
    use offhook_types::Party;
    use proptest::prelude::*;

    use super::*;

    const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;

    #[test]
    fn a_stream_is_connected() {
        let stream = StreamTarget {
            status_url: Some("https://agent.example.com/plivo/stream?a=1&b=2".to_owned()),
            ..stream(&[("callid", "01J"), ("token", "abc")])
        };
        let settings = StreamSettings {
            stream_timeout_s: Some(3_600),
            noise_cancellation_level: Some(85),
            ..StreamSettings::default()
        };
        let document = connect_stream(&stream, &settings, &Afterwards::HangUp).unwrap();
        let expected = [
            HEAD,
            r#"<Response><Stream bidirectional="true" keepCallAlive="true" audioTrack="inbound""#,
            r#" contentType="audio/x-mulaw;rate=8000" streamTimeout="3600""#,
            r#" noiseCancellation="true" noiseCancellationLevel="85""#,
            r#" statusCallbackUrl="https://agent.example.com/plivo/stream?a=1&amp;b=2""#,
            r#" statusCallbackMethod="POST" extraHeaders="callid=01J,token=abc">"#,
            "wss://agent.example.com/plivo/media</Stream></Response>",
        ];
        assert_eq!(document, expected.concat());
    }

    #[test]
    fn a_call_can_be_resumed_after_its_stream() {
        let next = Afterwards::Fetch("https://agent.example.com/resume".to_owned());
        let settings = StreamSettings { audio: PlivoAudio::L16At16k, ..StreamSettings::default() };
        let document = connect_stream(&stream(&[]), &settings, &next).unwrap();
        let expected = [
            HEAD,
            r#"<Response><Stream bidirectional="true" keepCallAlive="true" audioTrack="inbound""#,
            r#" contentType="audio/x-l16;rate=16000">wss://agent.example.com/plivo/media"#,
            r#"</Stream><Redirect method="POST">https://agent.example.com/resume</Redirect>"#,
            "</Response>",
        ];
        assert_eq!(document, expected.concat());
    }

    #[test]
    fn a_line_is_dropped_refused_or_transferred() {
        assert_eq!(hang_up(), format!("{HEAD}<Response><Hangup/></Response>"));
        let busy = format!(r#"{HEAD}<Response><Hangup reason="busy"/></Response>"#);
        assert_eq!(reject(RejectReason::Busy), busy);
        let mut order = Transfer {
            target: Party::from_carrier("+14155550123"),
            caller_id: Some("+14155550100".parse().unwrap()),
            ring_timeout_s: 25,
            afterwards: Afterwards::HangUp,
        };
        let expected = [
            HEAD,
            r#"<Response><Dial callerId="14155550100" timeout="25">"#,
            "<Number>14155550123</Number></Dial><Hangup/></Response>",
        ];
        assert_eq!(transfer(&order).unwrap(), expected.concat());
        order.target = Party::from_carrier("sip:ada@phone.plivo.com");
        order.caller_id = None;
        order.afterwards = Afterwards::Fetch("https://a.example/after".to_owned());
        let expected = [
            HEAD,
            r#"<Response><Dial timeout="25" action="https://a.example/after" method="POST""#,
            r#" redirect="true"><User>sip:ada@phone.plivo.com</User></Dial></Response>"#,
        ];
        assert_eq!(transfer(&order).unwrap(), expected.concat());
    }

    #[test]
    fn what_plivo_would_refuse_is_named() {
        let error = |parameters: &[(&str, &str)], level: Option<u8>| {
            let settings =
                StreamSettings { noise_cancellation_level: level, ..StreamSettings::default() };
            connect_stream(&stream(parameters), &settings, &Afterwards::HangUp)
                .unwrap_err()
                .to_string()
        };
        let plain = "holds a character that cannot be sent: extraHeaders takes A-Z a-z 0-9 only";
        assert_eq!(error(&[("call_id", "1")], None), format!("call_id {plain}"));
        assert_eq!(error(&[("callid", "a=b,c")], None), format!("callid {plain}"));
        assert_eq!(error(&[("a", "1"), ("a", "2")], None), "a is given twice");
        assert_eq!(
            error(&[("a", &"x".repeat(511))], None),
            "extraHeaders has 513 bytes: at most 512"
        );
        assert_eq!(error(&[], Some(59)), "noiseCancellationLevel is 59: 60 to 100");
    }

    proptest! {
        #[test]
        fn any_parameter_survives_an_xml_parser_or_is_named(
            pairs in prop::collection::vec(("[a-zA-Z0-9]{0,9}|.*", "[a-zA-Z0-9]{0,9}|.*"), 0..4),
        ) {
            let stream = StreamTarget { parameters: pairs.clone(), ..stream(&[]) };
            let settings = StreamSettings::default();
            match connect_stream(&stream, &settings, &Afterwards::HangUp) {
                Ok(document) => {
                    let parsed = roxmltree::Document::parse(&document).unwrap();
                    let element = parsed.root_element().first_element_child().unwrap();
                    let headers = element.attribute("extraHeaders").unwrap_or_default();
                    let split = headers.split(',').filter_map(|pair| pair.split_once('='));
                    let split: Vec<_> =
                        split.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
                    prop_assert_eq!(split, pairs);
                }
                Err(error) => {
                    let is_named = pairs.iter().any(|(name, _)| *name == error.parameter);
                    prop_assert!(is_named || error.parameter == "extraHeaders");
                }
            }
        }
    }

    fn stream(parameters: &[(&str, &str)]) -> StreamTarget {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        StreamTarget {
            url: "wss://agent.example.com/plivo/media".to_owned(),
            parameters: parameters.iter().map(owned).collect(),
            status_url: None,
        }
    }
}
