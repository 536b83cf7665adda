//! TwiML: what Twilio does with a call.
//!
//! Sources: Twilio docs, "TwiML Voice" (`<Connect>`, `<Stream>`, `<Dial>`, `<Reject>`), and PyPI
//! `twilio` 9.13.0, `twiml/voice_response.py`, for the names of attributes. `<Stream>` has no codec
//! to choose: it is always µ-law at 8 kHz. (The library knows `audioFormat` and `sampleRate` there;
//! no public page says which values they take.)

use crate::answer::{
    AnswerError, AnswerProblem, DialTarget, check_length, check_range, check_url, check_web_url,
    check_xml,
};
use crate::xml_response::{Attribute, XmlResponse, attribute};
use crate::{Afterwards, RejectReason, StreamTarget, Transfer};

/// Longest name and value of a `<Parameter>` together (Twilio docs, `<Stream>`: under 500).
const PARAMETER_CHARS_MAX: usize = 499;
/// Longest document that can be given inline when a call is dialled (PyPI `twilio` 9.13.0, calls).
const INLINE_CHARS_MAX: usize = 4_000;
/// `<Dial timeout>` in seconds. The upper limit is that of dialling through the REST interface; the
/// lower is from memory.
const RING_TIMEOUT_S: (u32, u32) = (5, 600);

/// Connects the call to a media stream, both ways.
///
/// When this engine closes the stream, the call goes on as `afterwards` says. An address with a
/// query string is refused: Twilio may fail to connect to it (error 31920).
///
/// # Errors
///
/// The parameter that Twilio would refuse.
pub fn connect_stream(
    stream: &StreamTarget,
    afterwards: &Afterwards,
) -> Result<String, AnswerError> {
    check_url("url", &stream.url, &["wss://"])?;
    if stream.url.contains('?') {
        return Err(AnswerError::new("url", AnswerProblem::Query));
    }
    let mut attributes = vec![attribute("url", stream.url.as_str())];
    attributes.extend(status_callback(stream)?);
    let mut response = XmlResponse::new();
    response.open("Connect", &[]);
    response.open("Stream", &attributes);
    for (name, value) in &stream.parameters {
        check_xml(name, name)?;
        check_xml(name, value)?;
        let length = name.chars().count() + value.chars().count();
        check_length(name, length, PARAMETER_CHARS_MAX, "characters with its value")?;
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
    let mut response = XmlResponse::new();
    response.empty("Hangup", &[]);
    response.finish()
}

/// Refuses a call that was not answered yet; it costs nothing.
pub fn reject(reason: RejectReason) -> String {
    let mut response = XmlResponse::new();
    response.empty("Reject", &[attribute("reason", reason.word())]);
    response.finish()
}

/// Dials somebody and connects the caller. The caller hears ringing until the target answers.
///
/// # Errors
///
/// The parameter that Twilio would refuse.
pub fn transfer(transfer: &Transfer) -> Result<String, AnswerError> {
    let mut attributes = vec![attribute("answerOnBridge", "true")];
    let (min, max) = RING_TIMEOUT_S;
    check_range("timeout", transfer.ring_timeout_s.into(), min, max)?;
    attributes.extend(dial_attributes(transfer)?);
    let mut response = XmlResponse::new();
    write_dial(&mut response, transfer, &attributes)?;
    Ok(response.finish())
}

/// Checks that a document can be given inline when a call is dialled or redirected.
///
/// # Errors
///
/// If it is too long: serve it from an address instead.
pub fn check_inline(document: &str) -> Result<(), AnswerError> {
    check_length("Twiml", document.chars().count(), INLINE_CHARS_MAX, "characters")
}

/// The attributes of `<Stream>` that ask for reports about it.
pub(crate) fn status_callback(stream: &StreamTarget) -> Result<Vec<Attribute<'_>>, AnswerError> {
    let Some(url) = stream.status_url.as_deref() else { return Ok(Vec::new()) };
    check_web_url("statusCallback", url)?;
    Ok(vec![attribute("statusCallback", url), attribute("statusCallbackMethod", "POST")])
}

/// The attributes of `<Dial>` that Twilio and Telnyx have in common.
pub(crate) fn dial_attributes(transfer: &Transfer) -> Result<Vec<Attribute<'_>>, AnswerError> {
    let mut attributes = vec![
        ("callerId", transfer.caller_id.as_ref().map(|number| number.as_str().into())),
        attribute("timeout", transfer.ring_timeout_s.to_string()),
    ];
    if let Afterwards::Fetch(url) = &transfer.afterwards {
        check_web_url("action", url)?;
        attributes.push(attribute("action", url.as_str()));
        attributes.push(attribute("method", "POST"));
    }
    Ok(attributes)
}

/// `<Dial>` as Twilio and Telnyx read it. With an `action` what follows is ignored; without one
/// the call goes on to the next verb, so the hang-up is written out.
pub(crate) fn write_dial(
    response: &mut XmlResponse,
    transfer: &Transfer,
    attributes: &[Attribute<'_>],
) -> Result<(), AnswerError> {
    response.open("Dial", attributes);
    match transfer.dial_target()? {
        DialTarget::Number(number) => response.text("Number", &[], number.as_str()),
        DialTarget::Sip(address) => response.text("Sip", &[], address),
    }
    response.close("Dial");
    if transfer.afterwards == Afterwards::HangUp {
        response.empty("Hangup", &[]);
    }
    Ok(())
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
            status_url: Some("https://agent.example.com/twilio/stream?a=1&b=2".to_owned()),
            ..stream(&[("call_id", "01J"), ("who", "Ada & <Bob> \"C\"\n")])
        };
        let document = connect_stream(&stream, &Afterwards::HangUp).unwrap();
        let expected = [
            HEAD,
            r#"<Response><Connect><Stream url="wss://agent.example.com/twilio/media""#,
            r#" statusCallback="https://agent.example.com/twilio/stream?a=1&amp;b=2""#,
            r#" statusCallbackMethod="POST"><Parameter name="call_id" value="01J"/>"#,
            r#"<Parameter name="who" value="Ada &amp; &lt;Bob&gt; &quot;C&quot;&#10;"/>"#,
            "</Stream></Connect></Response>",
        ];
        assert_eq!(document, expected.concat());
    }

    #[test]
    fn a_call_can_be_resumed_after_its_stream() {
        let next = Afterwards::Fetch("https://agent.example.com/twilio/resume?call=1&n=2".into());
        let document = connect_stream(&stream(&[]), &next).unwrap();
        let expected = [
            HEAD,
            r#"<Response><Connect><Stream url="wss://agent.example.com/twilio/media"></Stream>"#,
            r#"</Connect><Redirect method="POST">"#,
            "https://agent.example.com/twilio/resume?call=1&amp;n=2</Redirect></Response>",
        ];
        assert_eq!(document, expected.concat());
    }

    #[test]
    fn a_line_is_dropped_or_refused() {
        assert_eq!(hang_up(), format!("{HEAD}<Response><Hangup/></Response>"));
        let busy = format!(r#"{HEAD}<Response><Reject reason="busy"/></Response>"#);
        assert_eq!(reject(RejectReason::Busy), busy);
        let rejected = format!(r#"{HEAD}<Response><Reject reason="rejected"/></Response>"#);
        assert_eq!(reject(RejectReason::Rejected), rejected);
    }

    #[test]
    fn a_caller_is_transferred() {
        let mut order = Transfer {
            target: Party::from_carrier("+14155550123"),
            caller_id: Some("+14155550100".parse().unwrap()),
            ring_timeout_s: 25,
            afterwards: Afterwards::HangUp,
        };
        let expected = [
            HEAD,
            r#"<Response><Dial answerOnBridge="true" callerId="+14155550100" timeout="25">"#,
            "<Number>+14155550123</Number></Dial><Hangup/></Response>",
        ];
        assert_eq!(transfer(&order).unwrap(), expected.concat());
        order.target = Party::from_carrier("sip:ada@example.com?x=1&y=2");
        order.caller_id = None;
        order.afterwards = Afterwards::Fetch("https://agent.example.com/after".to_owned());
        let expected = [
            HEAD,
            r#"<Response><Dial answerOnBridge="true" timeout="25""#,
            r#" action="https://agent.example.com/after" method="POST">"#,
            "<Sip>sip:ada@example.com?x=1&amp;y=2</Sip></Dial></Response>",
        ];
        assert_eq!(transfer(&order).unwrap(), expected.concat());
        order.ring_timeout_s = 601;
        assert_eq!(transfer(&order).unwrap_err().to_string(), "timeout is 601: 5 to 600");
    }

    #[test]
    fn what_twilio_would_refuse_is_named() {
        let error = |stream: &StreamTarget| {
            connect_stream(stream, &Afterwards::HangUp).unwrap_err().to_string()
        };
        let at = |url: &str| StreamTarget { url: url.to_owned(), ..StreamTarget::default() };
        assert_eq!(error(&at("ws://a.example/")), "url must start with wss://");
        assert_eq!(
            error(&at("wss://a.example/?call=1")),
            "url must have no query string: pass parameters instead"
        );
        assert_eq!(
            error(&stream(&[("note", &"x".repeat(496))])),
            "note has 500 characters with its value: at most 499"
        );
        assert!(
            connect_stream(&stream(&[("note", &"é".repeat(495))]), &Afterwards::HangUp).is_ok()
        );
        let status_url = Some("ftp://a.example".to_owned());
        let error = error(&StreamTarget { status_url, ..stream(&[]) });
        assert_eq!(error, "statusCallback must start with https://");
        assert!(check_inline(&"x".repeat(4_000)).is_ok());
        let error = check_inline(&"x".repeat(4_001)).unwrap_err().to_string();
        assert_eq!(error, "Twiml has 4001 characters: at most 4000");
    }

    proptest! {
        #[test]
        fn any_parameter_survives_an_xml_parser_or_is_named(
            name in any::<String>(),
            value in any::<String>(),
        ) {
            let stream = stream(&[(&name, &value)]);
            match connect_stream(&stream, &Afterwards::HangUp) {
                Ok(document) => {
                    let parsed = roxmltree::Document::parse(&document).unwrap();
                    let is_parameter = |node: &roxmltree::Node<'_, '_>| {
                        node.has_tag_name("Parameter")
                    };
                    let found: Vec<_> = parsed.descendants().filter(is_parameter).collect();
                    prop_assert_eq!(found.len(), 1);
                    prop_assert_eq!(found[0].attribute("name"), Some(name.as_str()));
                    prop_assert_eq!(found[0].attribute("value"), Some(value.as_str()));
                }
                Err(error) => prop_assert_eq!(error.parameter, name),
            }
        }
    }

    fn stream(parameters: &[(&str, &str)]) -> StreamTarget {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        StreamTarget {
            url: "wss://agent.example.com/twilio/media".to_owned(),
            parameters: parameters.iter().map(owned).collect(),
            status_url: None,
        }
    }
}
