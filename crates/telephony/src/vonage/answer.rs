//! NCCO: what Vonage does with a call.
//!
//! Sources: Vonage docs, "NCCO reference" and "WebSockets"; PyPI `vonage-voice` 1.5.1, `models/`.
//! There is no action that refuses a call.

use offhook_types::E164;
use serde_json::{Map, Value, json};

use crate::answer::{
    AnswerError, DialTarget, check_length, check_range, check_unique, check_url, check_web_url,
};
use crate::{Afterwards, StreamTarget, Transfer};

/// How a WebSocket leg is opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SocketSettings {
    /// The audio, the same both ways.
    pub audio: VonageAudio,
    /// The number the leg shows as its caller; Vonage wants one of the application's. None: left
    /// out, which the NCCO reference allows for a socket (from memory) and the library does not.
    pub from: Option<E164>,
    /// What the upgrade is authorised with.
    pub authorization: SocketAuthorization,
}

/// The audio of a leg: PCM of 16 bits, little-endian.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VonageAudio {
    /// At 8 kHz.
    L16At8k,
    /// At 16 kHz.
    #[default]
    L16At16k,
    /// At 24 kHz; the library knows it, the documentation of 2021 does not.
    L16At24k,
}

/// What the upgrade of a WebSocket leg is authorised with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SocketAuthorization {
    /// Vonage signs a token.
    #[default]
    Vonage,
    /// Nothing: only for tests on one host.
    None,
}

impl VonageAudio {
    /// The `content-type` of a leg.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::L16At8k => "audio/l16;rate=8000",
            Self::L16At16k => "audio/l16;rate=16000",
            Self::L16At24k => "audio/l16;rate=24000",
        }
    }
}

/// Longest `headers` of a leg, as JSON (Vonage docs, WebSockets, 2021).
const HEADERS_BYTES_MAX: usize = 512;
/// `ringing_timer` of the REST interface in seconds; the documentation gives no limits for the
/// `timeout` of a connect action.
const RING_TIMEOUT_S: (u32, u32) = (1, 120);

/// Connects the call to a WebSocket leg.
///
/// With [`Afterwards::Fetch`] Vonage asks that address, and no other, what to do when the leg fails
/// or is gone; otherwise the line is dropped then, and the stream's status address is told.
///
/// # Errors
///
/// The parameter that Vonage would refuse.
pub fn connect_stream(
    stream: &StreamTarget,
    settings: &SocketSettings,
    afterwards: &Afterwards,
) -> Result<String, AnswerError> {
    check_url("uri", &stream.url, &["wss://", "ws://"])?;
    check_unique(&stream.parameters)?;
    let headers: Map<String, Value> = stream
        .parameters
        .iter()
        .map(|(name, value)| (name.clone(), Value::String(value.clone())))
        .collect();
    let headers = Value::Object(headers);
    check_length("headers", headers.to_string().len(), HEADERS_BYTES_MAX, "bytes")?;
    let mut endpoint = json!({
        "type": "websocket",
        "uri": stream.url,
        "content-type": settings.audio.content_type(),
        "headers": headers,
    });
    if settings.authorization == SocketAuthorization::Vonage {
        endpoint["authorization"] = json!({ "type": "vonage" });
    }
    let mut action = json!({ "action": "connect", "endpoint": [endpoint] });
    if let Some(number) = &settings.from {
        action["from"] = digits(number).into();
    }
    if let (Afterwards::HangUp, Some(url)) = (afterwards, &stream.status_url) {
        check_web_url("eventUrl", url)?;
        action["eventUrl"] = json!([url]);
    }
    ask_afterwards(&mut action, afterwards)?;
    Ok(json!([action]).to_string())
}

/// Drops the line: a document without actions ends the call (from memory).
pub fn hang_up() -> String {
    "[]".to_owned()
}

/// Dials somebody and connects the caller.
///
/// # Errors
///
/// The parameter that Vonage would refuse.
pub fn transfer(transfer: &Transfer) -> Result<String, AnswerError> {
    let (min, max) = RING_TIMEOUT_S;
    check_range("timeout", transfer.ring_timeout_s.into(), min, max)?;
    let endpoint = match transfer.dial_target()? {
        DialTarget::Number(number) => json!({ "type": "phone", "number": digits(number) }),
        DialTarget::Sip(address) => json!({ "type": "sip", "uri": address }),
    };
    let mut action = json!({
        "action": "connect",
        "timeout": transfer.ring_timeout_s,
        "endpoint": [endpoint],
    });
    if let Some(number) = &transfer.caller_id {
        action["from"] = digits(number).into();
    }
    ask_afterwards(&mut action, &transfer.afterwards)?;
    Ok(json!([action]).to_string())
}

fn ask_afterwards(action: &mut Value, afterwards: &Afterwards) -> Result<(), AnswerError> {
    let Afterwards::Fetch(url) = afterwards else { return Ok(()) };
    check_web_url("eventUrl", url)?;
    action["eventType"] = "synchronous".into();
    action["eventUrl"] = json!([url]);
    action["eventMethod"] = "POST".into();
    Ok(())
}

/// Vonage writes numbers without the plus.
fn digits(number: &E164) -> &str {
    number.as_str().trim_start_matches('+')
}

#[cfg(test)]
mod tests {
    use offhook_types::Party;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_stream_is_connected() {
        let stream = StreamTarget {
            status_url: Some("https://agent.example.com/vonage/event".to_owned()),
            ..stream(&[("call_id", "01J"), ("who", "Ada \"C\"\n")])
        };
        let settings =
            SocketSettings { from: "+447700900000".parse().ok(), ..SocketSettings::default() };
        let document = connect_stream(&stream, &settings, &Afterwards::HangUp).unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(&document).unwrap(),
            json!([{
                "action": "connect",
                "eventUrl": ["https://agent.example.com/vonage/event"],
                "from": "447700900000",
                "endpoint": [{
                    "type": "websocket",
                    "uri": "wss://agent.example.com/vonage/media",
                    "content-type": "audio/l16;rate=16000",
                    "headers": {"call_id": "01J", "who": "Ada \"C\"\n"},
                    "authorization": {"type": "vonage"},
                }],
            }])
        );
    }

    #[test]
    fn a_failing_leg_can_be_answered_with_another_document() {
        let next = Afterwards::Fetch("https://agent.example.com/fallback".to_owned());
        let settings = SocketSettings {
            audio: VonageAudio::L16At8k,
            from: None,
            authorization: SocketAuthorization::None,
        };
        let document = connect_stream(&stream(&[]), &settings, &next).unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(&document).unwrap(),
            json!([{
                "action": "connect",
                "eventType": "synchronous",
                "eventUrl": ["https://agent.example.com/fallback"],
                "eventMethod": "POST",
                "endpoint": [{
                    "type": "websocket",
                    "uri": "wss://agent.example.com/vonage/media",
                    "content-type": "audio/l16;rate=8000",
                    "headers": {},
                }],
            }])
        );
    }

    #[test]
    fn a_line_is_dropped_or_transferred() {
        assert_eq!(hang_up(), "[]");
        let mut order = Transfer {
            target: Party::from_carrier("+14155550123"),
            caller_id: Some("+14155550100".parse().unwrap()),
            ring_timeout_s: 25,
            afterwards: Afterwards::HangUp,
        };
        let document = transfer(&order).unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(&document).unwrap(),
            json!([{
                "action": "connect",
                "from": "14155550100",
                "timeout": 25,
                "endpoint": [{"type": "phone", "number": "14155550123"}],
            }])
        );
        order.target = Party::from_carrier("sip:ada@example.com;transport=tls");
        order.afterwards = Afterwards::Fetch("https://a.example/after".to_owned());
        let document: Value = serde_json::from_str(&transfer(&order).unwrap()).unwrap();
        let sip = json!([{"type": "sip", "uri": "sip:ada@example.com;transport=tls"}]);
        assert_eq!(document[0]["endpoint"], sip);
        assert_eq!(document[0]["eventType"], "synchronous");
        order.ring_timeout_s = 121;
        assert_eq!(transfer(&order).unwrap_err().to_string(), "timeout is 121: 1 to 120");
    }

    #[test]
    fn what_vonage_would_refuse_is_named() {
        let error = |parameters: &[(&str, &str)]| {
            let settings = SocketSettings::default();
            connect_stream(&stream(parameters), &settings, &Afterwards::HangUp)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(error(&[("a", &"x".repeat(505))]), "headers has 513 bytes: at most 512");
        assert_eq!(error(&[("a", "1"), ("a", "2")]), "a is given twice");
    }

    proptest! {
        #[test]
        fn any_parameter_survives_a_json_parser_or_is_named(
            name in any::<String>(),
            value in any::<String>(),
        ) {
            let settings = SocketSettings::default();
            let stream = stream(&[(&name, &value)]);
            match connect_stream(&stream, &settings, &Afterwards::HangUp) {
                Ok(document) => {
                    let parsed: Value = serde_json::from_str(&document).unwrap();
                    let headers = &parsed[0]["endpoint"][0]["headers"];
                    prop_assert_eq!(headers.as_object().map(Map::len), Some(1));
                    prop_assert_eq!(headers[&name].as_str(), Some(value.as_str()));
                }
                Err(error) => prop_assert_eq!(error.parameter, "headers"),
            }
        }
    }

    fn stream(parameters: &[(&str, &str)]) -> StreamTarget {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        StreamTarget {
            url: "wss://agent.example.com/vonage/media".to_owned(),
            parameters: parameters.iter().map(owned).collect(),
            status_url: None,
        }
    }
}
