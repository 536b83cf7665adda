//! Telephone numbers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Pii;

/// A telephone number in the international form of ITU-T E.164: `+`, a country code that does not
/// start with 0, and at most 15 digits in all.
///
/// `Debug` is redacted and there is no `Display`, so that a number cannot reach a log by accident;
/// [`E164::as_str`] gives the digits to those who dial or store them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct E164(String);

/// Why a text is not a telephone number. It does not repeat the text, which may be somebody's
/// number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum E164Error {
    /// The number does not start with `+` and a country code.
    #[error("telephone number must start with + and a country code, as in +14155550123")]
    NotInternational,
    /// A character that is neither a digit nor a common separator.
    #[error("telephone number may hold digits, spaces, dots, hyphens and brackets after the +")]
    InvalidCharacter,
    /// Fewer than 7 or more than 15 digits.
    #[error("telephone number has {0} digits: E.164 numbers have 7 to 15")]
    Length(usize),
}

/// The party of a call as the carrier names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// A telephone number.
    Number(Pii<E164>),
    /// Anything else a carrier sends: a SIP address, a client name, a short code.
    Address(Pii<String>),
    /// The caller withheld the number (carriers send `anonymous`, `restricted` or nothing).
    Anonymous,
}

/// The shortest number we dial. E.164 states no minimum; national plans go down to 7 digits with
/// the country code.
const DIGITS_MIN: usize = 7;
/// ITU-T E.164 §6.
const DIGITS_MAX: usize = 15;

impl E164 {
    /// The number as `+` and digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for E164 {
    type Err = E164Error;

    /// Parses a number, dropping spaces, dots, hyphens and brackets.
    fn from_str(text: &str) -> Result<Self, E164Error> {
        let rest = text.trim().strip_prefix('+').ok_or(E164Error::NotInternational)?;
        let mut number = String::with_capacity(1 + DIGITS_MAX);
        number.push('+');
        let mut digits = 0;
        for character in rest.chars() {
            match character {
                '0'..='9' => {
                    digits += 1;
                    if digits <= DIGITS_MAX {
                        number.push(character);
                    }
                }
                ' ' | '.' | '-' | '(' | ')' => {}
                _ => return Err(E164Error::InvalidCharacter),
            }
        }
        if number.as_bytes().get(1) == Some(&b'0') {
            return Err(E164Error::NotInternational);
        }
        if !(DIGITS_MIN..=DIGITS_MAX).contains(&digits) {
            return Err(E164Error::Length(digits));
        }
        Ok(Self(number))
    }
}

impl TryFrom<String> for E164 {
    type Error = E164Error;

    fn try_from(text: String) -> Result<Self, E164Error> {
        text.parse()
    }
}

impl From<E164> for String {
    fn from(number: E164) -> Self {
        number.0
    }
}

impl fmt::Debug for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("E164([redacted])")
    }
}

impl Party {
    /// Reads what a carrier put into `From` or `To`: a number where it is one, with or without the
    /// `+`.
    pub fn from_carrier(text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() || ANONYMOUS.iter().any(|word| text.eq_ignore_ascii_case(word)) {
            return Self::Anonymous;
        }
        if let Ok(number) = text.parse::<E164>() {
            return Self::Number(Pii::new(number));
        }
        let digits_only = text.len() >= 10 && text.bytes().all(|byte| byte.is_ascii_digit());
        match format!("+{text}").parse::<E164>() {
            Ok(number) if digits_only => Self::Number(Pii::new(number)),
            _ => Self::Address(Pii::new(text.to_owned())),
        }
    }
}

/// What carriers send for a withheld number (RFC 3323 §4.1.1.3, and telephony practice).
const ANONYMOUS: [&str; 6] =
    ["anonymous", "restricted", "private", "unknown", "unavailable", "withheld"];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn separators_are_dropped() {
        let number: E164 = " +1 (415) 555-01.23 ".parse().unwrap();
        assert_eq!(number.as_str(), "+14155550123");
    }

    #[test]
    fn a_number_that_cannot_be_dialled_is_refused_with_the_reason() {
        assert_eq!("4155550123".parse::<E164>(), Err(E164Error::NotInternational));
        assert_eq!("+0415555012".parse::<E164>(), Err(E164Error::NotInternational));
        assert_eq!("+1415CALLME".parse::<E164>(), Err(E164Error::InvalidCharacter));
        assert_eq!("+123456".parse::<E164>(), Err(E164Error::Length(6)));
        assert_eq!("+1234567890123456".parse::<E164>(), Err(E164Error::Length(16)));
    }

    #[test]
    fn carriers_name_parties_in_many_ways() {
        let number = Party::Number(Pii::new("+14155550123".parse().unwrap()));
        assert_eq!(Party::from_carrier("+14155550123"), number);
        assert_eq!(Party::from_carrier("14155550123"), number);
        assert_eq!(Party::from_carrier("Anonymous"), Party::Anonymous);
        assert_eq!(Party::from_carrier(""), Party::Anonymous);
        let sip = "sip:ada@example.com";
        assert_eq!(Party::from_carrier(sip), Party::Address(Pii::new(sip.to_owned())));
        assert_eq!(Party::from_carrier("55512"), Party::Address(Pii::new("55512".to_owned())));
    }

    #[test]
    fn a_number_is_redacted_when_printed() {
        let number: E164 = "+14155550123".parse().unwrap();
        let printed = format!("{number:?} {:?}", Party::Number(Pii::new(number.clone())));
        assert!(!printed.contains("415"), "{printed}");
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(text in ".*") {
            let _ = Party::from_carrier(&text);
            if let Ok(number) = text.parse::<E164>() {
                prop_assert_eq!(number.as_str().parse::<E164>(), Ok(number.clone()));
                prop_assert!((1 + DIGITS_MIN..=1 + DIGITS_MAX).contains(&number.as_str().len()));
            }
        }
    }
}
