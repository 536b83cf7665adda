//! Names of the things a call is made of.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A text id that may come from outside: 1 to 64 characters of `A-Z a-z 0-9 _ - . :`, so that it is
/// safe in a path, a header, a log line and a database key.
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                check_id(text).map(|()| Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                check_id(&text).map(|()| Self(text))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

/// A counter that names the n-th thing of its kind in a call, from 0.
macro_rules! counted_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(u32);

        impl $name {
            /// The n-th of its kind.
            pub const fn new(index: u32) -> Self {
                Self(index)
            }

            /// The position in the call, from 0.
            pub const fn index(self) -> u32 {
                self.0
            }

            /// The one after this.
            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0.wrapping_add(1))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

text_id! {
    /// One call, unique across workers.
    CallId
}
text_id! {
    /// One agent document.
    AgentId
}
text_id! {
    /// One tool call, as the language model named it.
    ToolCallId
}

counted_id! {
    /// One exchange: what the caller said and the answer to it. Every request to a provider carries
    /// it, so that an answer to an older turn is dropped at the door.
    TurnId
}
counted_id! {
    /// One stretch of outgoing audio between two clears. What a carrier reports about an older
    /// generation is ignored.
    Generation
}
counted_id! {
    /// One clause given to the synthesiser.
    UtteranceId
}

/// One request of a turn to the language model or the synthesiser. A turn has more than one when it
/// was answered speculatively and the caller went on.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct RequestId {
    /// The turn that is being answered.
    pub turn: TurnId,
    /// Which attempt at it, from 0.
    pub attempt: u8,
}

/// A text that cannot serve as an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("id must have 1 to {ID_BYTES_MAX} characters of A-Z a-z 0-9 _ - . :")]
pub struct InvalidId;

/// Twilio and Telnyx ids have 34 to 64 characters; longer ones would only feed logs.
const ID_BYTES_MAX: usize = 64;

fn check_id(text: &str) -> Result<(), InvalidId> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte);
    let plain_dots = text.bytes().all(|byte| byte == b'.');
    let ok = (1..=ID_BYTES_MAX).contains(&text.len()) && text.bytes().all(allowed) && !plain_dots;
    if ok { Ok(()) } else { Err(InvalidId) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_safe_in_a_path_and_a_header() {
        for text in ["01J9ZK", "call_7-a.b:c", &"x".repeat(64)] {
            assert_eq!(text.parse::<CallId>().unwrap().as_str(), text);
        }
        for text in ["", ".", "..", "a/b", "a b", "a\r\nb", "é", &"x".repeat(65)] {
            assert_eq!(text.parse::<CallId>(), Err(InvalidId), "{text:?}");
        }
    }

    #[test]
    fn deserialising_checks_an_id_too() {
        assert!(serde_json::from_str::<AgentId>("\"../../etc\"").is_err());
        assert!(serde_json::from_str::<AgentId>("\"demo\"").is_ok());
    }

    #[test]
    fn counted_ids_follow_each_other() {
        assert_eq!(TurnId::default().next(), TurnId::new(1));
        assert!(Generation::new(2) > Generation::new(1));
    }
}
