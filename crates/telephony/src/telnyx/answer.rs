//! TeXML: what Telnyx does with a call whose number has a TeXML application.
//!
//! Source: Telnyx docs, "TeXML – Stream", "Dial", "Reject", read 2026-11-24. That `<Stream>` inside
//! `<Connect>` is two-way is from memory. The verbs are Twilio's.

use crate::answer::{AnswerError, check_range, check_url, check_xml};
use crate::telnyx::TelnyxCodec;
use crate::telnyx::upgrade::TOKEN_QUERY;
use crate::twilio::{dial_attributes, status_callback, write_dial};
use crate::xml_response::{XmlResponse, attribute};
use crate::{Afterwards, FormParams, RejectReason, Secret, StreamTarget, Transfer};

/// How a TeXML stream is opened.
#[derive(Clone, Debug)]
pub struct TexmlStream {
    /// The audio we send.
    pub codec: TelnyxCodec,
    /// Its rate. G.722 counts as 8000 or 16000 as the carrier does; PCMU and PCMA are 8000.
    pub sampling_rate_hz: u32,
    /// Appended to the address as `?token=…`, since `<Stream>` has no attribute for it.
    pub token: Option<Secret>,
}

impl Default for TexmlStream {
    /// PCMU at 8 kHz, no token.
    fn default() -> Self {
        Self { codec: TelnyxCodec::Pcmu, sampling_rate_hz: 8_000, token: None }
    }
}

/// `<Dial timeout>` in seconds, as for dialling through the REST interface (PyPI `telnyx` 4.189.0).
const RING_TIMEOUT_S: (u32, u32) = (5, 600);

/// Connects the call to a media stream, both ways, in RTP mode: left to itself Telnyx expects MP3.
///
/// # Errors
///
/// The parameter that Telnyx would refuse.
pub fn connect_stream(
    stream: &StreamTarget,
    options: &TexmlStream,
    afterwards: &Afterwards,
) -> Result<String, AnswerError> {
    check_url("url", &stream.url, &["wss://", "ws://"])?;
    options.codec.check_rate("bidirectionalSamplingRate", options.sampling_rate_hz)?;
    let mut url = stream.url.clone();
    if let Some(token) = &options.token {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(&FormParams::from_iter([(TOKEN_QUERY, token.expose())]).encode());
    }
    let mut attributes = vec![
        attribute("url", url),
        attribute("bidirectionalMode", "rtp"),
        attribute("bidirectionalCodec", options.codec.name()),
        attribute("bidirectionalSamplingRate", options.sampling_rate_hz.to_string()),
    ];
    attributes.extend(status_callback(stream)?);
    let mut response = XmlResponse::new();
    response.open("Connect", &[]);
    response.open("Stream", &attributes);
    for (name, value) in &stream.parameters {
        check_xml(name, name)?;
        check_xml(name, value)?;
        let pair = [attribute("name", name.as_str()), attribute("value", value.as_str())];
        response.empty("Parameter", &pair);
    }
    response.close("Stream");
    response.close("Connect");
    response.redirect(afterwards)?;
    Ok(response.finish())
}

/// Drops the line.
pub fn hang_up() -> String {
    crate::twilio::hang_up()
}

/// Refuses a call that was not answered yet.
pub fn reject(reason: RejectReason) -> String {
    crate::twilio::reject(reason)
}

/// Dials somebody and connects the caller.
///
/// # Errors
///
/// The parameter that Telnyx would refuse.
pub fn transfer(transfer: &Transfer) -> Result<String, AnswerError> {
    let (min, max) = RING_TIMEOUT_S;
    check_range("timeout", transfer.ring_timeout_s.into(), min, max)?;
    let mut response = XmlResponse::new();
    write_dial(&mut response, transfer, &dial_attributes(transfer)?)?;
    Ok(response.finish())
}

#[cfg(test)]
mod tests {
    use offhook_types::Party;
    use proptest::prelude::*;

    use super::*;

    const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;

    #[test]
    fn a_stream_is_connected_in_rtp_mode() {
        let stream = StreamTarget {
            url: "wss://agent.example.com/telnyx/media".to_owned(),
            parameters: vec![("call_id".to_owned(), "01J".to_owned())],
            status_url: Some("https://agent.example.com/telnyx/stream".to_owned()),
        };
        let options =
            TexmlStream { token: Some(Secret::new("a+b&c").unwrap()), ..TexmlStream::default() };
        let document = connect_stream(&stream, &options, &Afterwards::HangUp).unwrap();
        let expected = [
            HEAD,
            "<Response><Connect>",
            r#"<Stream url="wss://agent.example.com/telnyx/media?token=a%2Bb%26c""#,
            r#" bidirectionalMode="rtp" bidirectionalCodec="PCMU""#,
            r#" bidirectionalSamplingRate="8000""#,
            r#" statusCallback="https://agent.example.com/telnyx/stream""#,
            r#" statusCallbackMethod="POST"><Parameter name="call_id" value="01J"/>"#,
            "</Stream></Connect></Response>",
        ];
        assert_eq!(document, expected.concat());
    }

    #[test]
    fn a_rate_that_the_codec_has_not_is_named() {
        let stream = StreamTarget { url: "wss://a.example/".to_owned(), ..StreamTarget::default() };
        let error = |codec, sampling_rate_hz| {
            let options = TexmlStream { codec, sampling_rate_hz, token: None };
            connect_stream(&stream, &options, &Afterwards::HangUp).unwrap_err().to_string()
        };
        let expected = "bidirectionalSamplingRate is 16000 Hz: use 8000";
        assert_eq!(error(TelnyxCodec::Pcma, 16_000), expected);
        let expected =
            "bidirectionalSamplingRate is 44100 Hz: use 8000, 16000, 22050, 24000 or 48000";
        assert_eq!(error(TelnyxCodec::L16, 44_100), expected);
    }

    #[test]
    fn a_line_is_dropped_refused_or_transferred() {
        assert_eq!(hang_up(), format!("{HEAD}<Response><Hangup/></Response>"));
        let busy = format!(r#"{HEAD}<Response><Reject reason="busy"/></Response>"#);
        assert_eq!(reject(RejectReason::Busy), busy);
        let order = Transfer {
            target: Party::from_carrier("+14155550123"),
            caller_id: None,
            ring_timeout_s: 25,
            afterwards: Afterwards::HangUp,
        };
        let expected = [
            HEAD,
            r#"<Response><Dial timeout="25"><Number>+14155550123</Number></Dial>"#,
            "<Hangup/></Response>",
        ];
        assert_eq!(transfer(&order).unwrap(), expected.concat());
        let error = transfer(&Transfer { ring_timeout_s: 4, ..order }).unwrap_err();
        assert_eq!(error.to_string(), "timeout is 4: 5 to 600");
    }

    proptest! {
        #[test]
        fn any_parameter_survives_an_xml_parser_or_is_named(
            name in any::<String>(),
            value in any::<String>(),
            token in "[ -~]{1,20}",
        ) {
            let stream = StreamTarget {
                url: "wss://a.example/media".to_owned(),
                parameters: vec![(name.clone(), value.clone())],
                status_url: None,
            };
            let token = Secret::new(&token).ok();
            let options = TexmlStream { token: token.clone(), ..TexmlStream::default() };
            match connect_stream(&stream, &options, &Afterwards::HangUp) {
                Ok(document) => {
                    let parsed = roxmltree::Document::parse(&document).unwrap();
                    let find = |tag: &str| {
                        parsed.descendants().find(|node| node.has_tag_name(tag)).unwrap()
                    };
                    prop_assert_eq!(find("Parameter").attribute("name"), Some(name.as_str()));
                    prop_assert_eq!(find("Parameter").attribute("value"), Some(value.as_str()));
                    let query = crate::webhook::query_of(find("Stream").attribute("url").unwrap());
                    prop_assert_eq!(query.first("token"), token.as_ref().map(Secret::expose));
                }
                Err(error) => prop_assert_eq!(error.parameter, name),
            }
        }
    }
}
