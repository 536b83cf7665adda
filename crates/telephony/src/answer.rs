//! What is common to the documents that tell a carrier what to do with a call.

use std::fmt;

use offhook_types::{E164, Party};

use crate::public_url::is_url_byte;
use crate::webhook::path_of;

/// A media stream that a carrier is asked to open to this engine. `Debug` shows the path and the
/// names of the parameters only: values are one-time tokens, and what is known about the caller.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct StreamTarget {
    /// The WebSocket address.
    pub url: String,
    /// Names and values that come back in the stream's first message.
    pub parameters: Vec<(String, String)>,
    /// Where the carrier reports that the stream started, stopped or failed.
    pub status_url: Option<String>,
}

/// What happens to the call when a document's action is over: the stream was closed by us, or a
/// dialled party did not answer or is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Afterwards {
    /// The line is dropped.
    HangUp,
    /// The carrier asks this address for the next document.
    Fetch(String),
}

/// A caller who is handed to somebody else by the carrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Whom to dial: a telephone number or a SIP address.
    pub target: Party,
    /// The number that the target sees, where the carrier lets one choose.
    pub caller_id: Option<E164>,
    /// Give up ringing after this many seconds.
    pub ring_timeout_s: u16,
    /// What becomes of the caller when the target does not answer, and when it hangs up.
    pub afterwards: Afterwards,
}

/// How a call is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RejectReason {
    /// The caller hears that the line is busy.
    Busy,
    /// The caller hears that the number is not in service.
    Rejected,
}

/// A document that the carrier would refuse or garble.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{parameter} {problem}")]
pub struct AnswerError {
    /// The parameter at fault, by the name it has in the document.
    pub parameter: String,
    /// What is wrong with it.
    pub problem: AnswerProblem,
}

/// What is wrong with a parameter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerProblem {
    /// The address has another scheme.
    #[error("must start with {0}")]
    Scheme(&'static str),
    /// The address has a query string.
    #[error("must have no query string: pass parameters instead")]
    Query,
    /// A character that the document cannot carry.
    #[error("holds a character that cannot be sent: {0}")]
    Character(&'static str),
    /// It is too long.
    #[error("has {length} {unit}: at most {max}")]
    TooLong {
        /// Its length.
        length: usize,
        /// The carrier's limit.
        max: usize,
        /// What is counted.
        unit: &'static str,
    },
    /// A number is out of range.
    #[error("is {value}: {min} to {max}")]
    OutOfRange {
        /// The number.
        value: u32,
        /// The carrier's lower limit.
        min: u32,
        /// The carrier's upper limit.
        max: u32,
    },
    /// The codec has no such sampling rate.
    #[error("is {rate_hz} Hz: use {allowed}")]
    Rate {
        /// The rate.
        rate_hz: u32,
        /// The rates it has.
        allowed: &'static str,
    },
    /// A name occurs twice where the document can hold it once.
    #[error("is given twice")]
    Twice,
    /// The target is neither a telephone number nor a SIP address.
    #[error("must be a telephone number or a sip: address")]
    Target,
}

/// Whom a carrier dials.
pub(crate) enum DialTarget<'a> {
    Number(&'a E164),
    Sip(&'a str),
}

impl AnswerError {
    pub(crate) fn new(parameter: impl Into<String>, problem: AnswerProblem) -> Self {
        Self { parameter: parameter.into(), problem }
    }
}

impl RejectReason {
    /// The word that Twilio, Telnyx and Plivo use.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Rejected => "rejected",
        }
    }
}

impl Transfer {
    /// The target as something that can be dialled.
    pub(crate) fn dial_target(&self) -> Result<DialTarget<'_>, AnswerError> {
        let refused = || AnswerError::new("target", AnswerProblem::Target);
        match &self.target {
            Party::Number(number) => Ok(DialTarget::Number(number.expose())),
            Party::Address(address) => {
                let address = address.expose();
                let scheme = address.split_once(':').map(|(scheme, _)| scheme);
                let is_sip = scheme.is_some_and(|scheme| {
                    scheme.eq_ignore_ascii_case("sip") || scheme.eq_ignore_ascii_case("sips")
                });
                if !is_sip {
                    return Err(refused());
                }
                check_xml("target", address)?;
                Ok(DialTarget::Sip(address))
            }
            Party::Anonymous => Err(refused()),
        }
    }
}

impl fmt::Debug for StreamTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.parameters.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("StreamTarget")
            .field("url", &path_of(&self.url))
            .field("parameters", &names)
            .finish_non_exhaustive()
    }
}

/// Checks an address for the schemes a carrier accepts.
pub(crate) fn check_url(
    parameter: &str,
    url: &str,
    schemes: &[&'static str],
) -> Result<(), AnswerError> {
    let has_scheme = schemes.iter().any(|scheme| {
        let start = url.get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme)) && url.len() > scheme.len()
    });
    if !has_scheme {
        let scheme = schemes.first().copied().unwrap_or_default();
        return Err(AnswerError::new(parameter, AnswerProblem::Scheme(scheme)));
    }
    if url.bytes().all(is_url_byte) {
        return Ok(());
    }
    let problem = AnswerProblem::Character("a url holds ASCII without spaces");
    Err(AnswerError::new(parameter, problem))
}

/// Checks the addresses that carriers fetch from.
pub(crate) fn check_web_url(parameter: &str, url: &str) -> Result<(), AnswerError> {
    check_url(parameter, url, &["https://", "http://"])
}

/// Checks that XML can carry a text (XML 1.0 §2.2): most control characters have no form in it,
/// not even as references.
pub(crate) fn check_xml(parameter: &str, text: &str) -> Result<(), AnswerError> {
    let is_allowed = |character: char| {
        matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}')
            || matches!(character, '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
    };
    if text.chars().all(is_allowed) {
        return Ok(());
    }
    let problem = AnswerProblem::Character("xml has no control characters");
    Err(AnswerError::new(parameter, problem))
}

pub(crate) fn check_length(
    parameter: &str,
    length: usize,
    max: usize,
    unit: &'static str,
) -> Result<(), AnswerError> {
    if length <= max {
        return Ok(());
    }
    Err(AnswerError::new(parameter, AnswerProblem::TooLong { length, max, unit }))
}

pub(crate) fn check_range(
    parameter: &str,
    value: u32,
    min: u32,
    max: u32,
) -> Result<(), AnswerError> {
    if (min..=max).contains(&value) {
        return Ok(());
    }
    Err(AnswerError::new(parameter, AnswerProblem::OutOfRange { value, min, max }))
}

/// Checks that no name occurs twice.
pub(crate) fn check_unique(parameters: &[(String, String)]) -> Result<(), AnswerError> {
    for (index, (name, _)) in parameters.iter().enumerate() {
        let earlier = parameters.iter().take(index);
        if earlier.into_iter().any(|(other, _)| other == name) {
            return Err(AnswerError::new(name.clone(), AnswerProblem::Twice));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use offhook_types::Pii;

    use super::*;

    #[test]
    fn an_error_names_the_parameter() {
        let error = check_range("ring_timeout_s", 700, 5, 600).unwrap_err();
        assert_eq!(error.to_string(), "ring_timeout_s is 700: 5 to 600");
        let error = check_url("url", "ws://a.example", &["wss://"]).unwrap_err();
        assert_eq!(error.to_string(), "url must start with wss://");
        let pairs = [("a", "1"), ("b", "2"), ("a", "3")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(check_unique(&pairs).unwrap_err().to_string(), "a is given twice");
    }

    #[test]
    fn a_token_of_a_stream_is_not_printed() {
        let stream = StreamTarget {
            url: "wss://a.example/media?token=t0ken".to_owned(),
            parameters: vec![("token".to_owned(), "t0ken".to_owned())],
            status_url: None,
        };
        let printed = format!("{stream:?}");
        assert!(printed.contains("wss://a.example/media") && !printed.contains("t0ken"));
    }

    #[test]
    fn an_address_is_checked() {
        let is_good = |url: &str| check_url("url", url, &["wss://"]).is_ok();
        assert!(is_good("wss://a.example/media?x=%20") && is_good("WSS://a.example"));
        for url in ["", "wss://", "https://a.example", "wss://a b", "wss://a\n", "wss://ä", "é"] {
            assert!(!is_good(url), "{url}");
        }
    }

    #[test]
    fn only_numbers_and_sip_addresses_are_dialled() {
        let is_good = |target: Party| {
            let afterwards = Afterwards::HangUp;
            Transfer { target, caller_id: None, ring_timeout_s: 30, afterwards }
                .dial_target()
                .is_ok()
        };
        let address = |text: &str| Party::Address(Pii::new(text.to_owned()));
        assert!(is_good(Party::from_carrier("+14155550123")));
        assert!(is_good(address("SIP:ada@example.com")) && is_good(address("sips:a@b")));
        assert!(!is_good(Party::Anonymous) && !is_good(address("client:ada")));
        assert!(!is_good(address("sip:a\u{0}")) && !is_good(address("55512")));
    }
}
