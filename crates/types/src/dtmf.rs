//! The sixteen keys of a telephone keypad.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One key of the keypad: `0`-`9`, `*`, `#`, or the fourth column `A`-`D` (ITU-T Q.23).
///
/// On the wire and in text it is that single character; `a`-`d` are accepted and written as
/// capitals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "char", into = "char")]
pub struct DtmfDigit(u8);

/// A character that is no key of the keypad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no dtmf digit: use 0-9, *, # or A-D")]
pub struct NotADtmfDigit(pub char);

/// Text that is not exactly one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseDtmfError {
    /// The text is empty or has more than one character.
    #[error("one dtmf digit is one character")]
    NotOneCharacter,
    /// The one character is no key.
    #[error(transparent)]
    NotADigit(#[from] NotADtmfDigit),
}

/// How it is known that a key was pressed. Most carriers tell, and let the tone through as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DtmfOrigin {
    /// The carrier said so.
    Event,
    /// Its tone was heard.
    Tone,
}

/// Keys as they lie on the keypad, row by row: the index is `4 * row + column`.
const KEYPAD: [u8; 16] = *b"123A456B789C*0#D";

impl DtmfDigit {
    /// All keys, row by row as they lie on the keypad.
    pub fn all() -> impl Iterator<Item = Self> {
        KEYPAD.into_iter().map(Self)
    }

    /// The key in `row` 0-3 (697, 770, 852, 941 Hz) and `column` 0-3 (1209, 1336, 1477, 1633 Hz);
    /// larger numbers are taken modulo 4.
    pub const fn from_keypad(row: usize, column: usize) -> Self {
        Self(KEYPAD[4 * (row % 4) + column % 4])
    }

    /// Row of the key, 0-3, counted from the top.
    pub const fn row(self) -> usize {
        self.index() / 4
    }

    /// Column of the key, 0-3, counted from the left.
    pub const fn column(self) -> usize {
        self.index() % 4
    }

    /// The key as it is written.
    pub const fn as_char(self) -> char {
        self.0 as char
    }

    const fn index(self) -> usize {
        let mut index = 0;
        while index < KEYPAD.len() {
            if KEYPAD[index] == self.0 {
                return index;
            }
            index += 1;
        }
        unreachable!()
    }
}

impl TryFrom<char> for DtmfDigit {
    type Error = NotADtmfDigit;

    fn try_from(key: char) -> Result<Self, NotADtmfDigit> {
        match key {
            '0'..='9' | '*' | '#' | 'A'..='D' => Ok(Self(key as u8)),
            'a'..='d' => Ok(Self(key.to_ascii_uppercase() as u8)),
            _ => Err(NotADtmfDigit(key)),
        }
    }
}

impl FromStr for DtmfDigit {
    type Err = ParseDtmfError;

    fn from_str(text: &str) -> Result<Self, ParseDtmfError> {
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (Some(key), None) => Ok(Self::try_from(key)?),
            _ => Err(ParseDtmfError::NotOneCharacter),
        }
    }
}

impl From<DtmfDigit> for char {
    fn from(digit: DtmfDigit) -> Self {
        digit.as_char()
    }
}

impl fmt::Display for DtmfDigit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_char())
    }
}

impl fmt::Debug for DtmfDigit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DtmfDigit({})", self.as_char())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_characters_are_keys_and_nothing_else_is() {
        let keys = (0..=u8::MAX).filter(|&byte| DtmfDigit::try_from(byte as char).is_ok());
        assert_eq!(keys.map(char::from).collect::<String>(), "#*0123456789ABCDabcd");
        assert_eq!(DtmfDigit::try_from('w'), Err(NotADtmfDigit('w')));
        assert_eq!(DtmfDigit::try_from('٣'), Err(NotADtmfDigit('٣')));
    }

    #[test]
    fn a_key_is_found_by_the_place_it_has() {
        for digit in DtmfDigit::all() {
            assert_eq!(DtmfDigit::from_keypad(digit.row(), digit.column()), digit);
        }
        assert_eq!(DtmfDigit::from_keypad(3, 1).as_char(), '0');
        assert_eq!(DtmfDigit::from_keypad(1, 3).as_char(), 'B');
    }

    #[test]
    fn a_key_is_one_character_in_json_and_text() {
        let star: DtmfDigit = "*".parse().unwrap();
        assert_eq!(serde_json::to_string(&star).unwrap(), r#""*""#);
        assert_eq!(serde_json::from_str::<DtmfDigit>(r#""d""#).unwrap().to_string(), "D");
        assert!(serde_json::from_str::<DtmfDigit>(r#""12""#).is_err());
        assert_eq!("".parse::<DtmfDigit>(), Err(ParseDtmfError::NotOneCharacter));
        assert_eq!("12".parse::<DtmfDigit>(), Err(ParseDtmfError::NotOneCharacter));
    }
}
