//! Carriers' JSON read in one pass, without a document in between: borrowed text, numbers that may
//! come as strings, fields in any order, and a count of those that nobody knows.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use offhook_types::Pii;
use serde::Deserialize;
use serde::de::{self, Visitor};
use serde_json::Value;

use crate::dialect::Anomaly;

/// Declares an object of a carrier's message: each field is optional, `null` is absent, and other
/// fields are skipped and counted.
macro_rules! json_object {
    (
        $(#[$meta:meta])*
        $name:ident { $($(#[$field_meta:meta])* $key:literal => $field:ident: $type:ty,)* }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Default)]
        pub(crate) struct $name<'a> {
            $($(#[$field_meta])* pub(crate) $field: Option<$type>,)*
            /// Fields that are none of these.
            pub(crate) unknown_fields: u32,
            pub(crate) lifetime: std::marker::PhantomData<&'a ()>,
        }

        impl<'de: 'a, 'a> serde::Deserialize<'de> for $name<'a> {
            fn deserialize<D: serde::Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
                #[expect(non_camel_case_types, reason = "variants are named after the fields")]
                enum Key { $($field,)* Unknown }

                struct KeyVisitor;

                impl serde::de::Visitor<'_> for KeyVisitor {
                    type Value = Key;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a field name")
                    }

                    fn visit_str<E>(self, key: &str) -> Result<Key, E> {
                        Ok(match key {
                            $($key => Key::$field,)*
                            _ => Key::Unknown,
                        })
                    }
                }

                impl<'de> serde::Deserialize<'de> for Key {
                    fn deserialize<D: serde::Deserializer<'de>>(
                        source: D,
                    ) -> Result<Self, D::Error> {
                        source.deserialize_identifier(KeyVisitor)
                    }
                }

                struct ObjectVisitor<'a>(std::marker::PhantomData<&'a ()>);

                impl<'de: 'a, 'a> serde::de::Visitor<'de> for ObjectVisitor<'a> {
                    type Value = $name<'a>;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str(concat!("an object ", stringify!($name)))
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(
                        self,
                        mut map: A,
                    ) -> Result<Self::Value, A::Error> {
                        let mut object = $name::default();
                        while let Some(key) = map.next_key::<Key>()? {
                            match key {
                                $(Key::$field => object.$field = map.next_value()?,)*
                                Key::Unknown => {
                                    map.next_value::<serde::de::IgnoredAny>()?;
                                    object.unknown_fields += 1;
                                }
                            }
                        }
                        Ok(object)
                    }
                }

                source.deserialize_map(ObjectVisitor(std::marker::PhantomData))
            }
        }
    };
}
pub(crate) use json_object;

/// Text, borrowed from the message where it holds no escapes. Numbers are read as text as well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text<'a>(pub(crate) Cow<'a, str>);

/// A count that may be written as a number or as a string of digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count(pub(crate) u64);

impl<'a> Text<'a> {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text, or nothing.
pub(crate) fn str_of<'t>(text: Option<&'t Text<'_>>) -> &'t str {
    text.map_or("", Text::as_str)
}

/// Parses a whole message.
pub(crate) fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Anomaly> {
    serde_json::from_str(text).map_err(|_| Anomaly::Malformed)
}

/// Decodes base64, padded or not, into `buffer`, which grows only up to `bytes_max`.
pub(crate) fn decode_base64<'b>(
    payload: &str,
    buffer: &'b mut Vec<u8>,
    bytes_max: usize,
) -> Result<&'b [u8], Anomaly> {
    let room = payload.len().div_ceil(4) * 3;
    if room > bytes_max {
        return Err(Anomaly::Oversized);
    }
    if buffer.len() < room {
        buffer.resize(room, 0);
    }
    let written = BASE64.decode_slice(payload, buffer).map_err(|_| Anomaly::Malformed)?;
    Ok(&buffer[..written])
}

/// Appends `bytes` in base64.
pub(crate) fn push_base64(bytes: &[u8], out: &mut String) {
    BASE64.encode_string(bytes, out);
}

/// Appends `text` as a JSON string, with its quotes.
pub(crate) fn push_string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{0}'..='\u{1f}' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

/// Custom parameters: an object of strings; other values are kept as their JSON.
pub(crate) fn parameters(object: Option<&Value>) -> BTreeMap<String, Pii<String>> {
    let entries = object.and_then(Value::as_object).into_iter().flatten();
    entries.map(|(name, value)| (name.clone(), Pii::new(plain(value)))).collect()
}

/// A value as a person would write it: strings without their quotes.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Encoders differ in whether they pad; decoding takes both.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        struct TextVisitor<'a>(std::marker::PhantomData<&'a ()>);

        impl<'de: 'a, 'a> Visitor<'de> for TextVisitor<'a> {
            type Value = Text<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a number")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'a>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'a>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Text<'a>, E> {
                Ok(Text(Cow::Owned(number.to_string())))
            }
        }

        source.deserialize_any(TextVisitor(std::marker::PhantomData))
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: serde::Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        struct CountVisitor;

        impl Visitor<'_> for CountVisitor {
            type Value = Count;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a count, as a number or a string")
            }

            fn visit_u64<E>(self, number: u64) -> Result<Count, E> {
                Ok(Count(number))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Count, E> {
                u64::try_from(number).map(Count).map_err(|_| E::custom("a count below zero"))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Count, E> {
                let is_whole = (0.0..9e15).contains(&number) && number.fract() == 0.0;
                if is_whole { Ok(Count(number as u64)) } else { Err(E::custom("not a count")) }
            }

            fn visit_str<E: de::Error>(self, digits: &str) -> Result<Count, E> {
                digits.trim().parse().map(Count).map_err(|_| E::custom("not a count"))
            }
        }

        source.deserialize_any(CountVisitor)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    json_object! {
        Example {
            "name" => name: Text<'a>,
            "count" => count: Count,
        }
    }

    #[test]
    fn text_without_escapes_is_borrowed() {
        let example: Example<'_> = parse(r#"{"name":"plain"}"#).unwrap();
        assert!(matches!(example.name, Some(Text(Cow::Borrowed("plain")))));
        let example: Example<'_> = parse(r#"{"name":"a\/b"}"#).unwrap();
        assert_eq!(str_of(example.name.as_ref()), "a/b");
    }

    #[test]
    fn numbers_and_strings_of_digits_are_both_counts() {
        for json in [r#"{"count":7}"#, r#"{"count":"7"}"#, r#"{"count":7.0}"#] {
            assert_eq!(parse::<Example<'_>>(json).unwrap().count, Some(Count(7)), "{json}");
        }
        for json in [r#"{"count":-1}"#, r#"{"count":"x"}"#, r#"{"count":1.5}"#, r#"{"count":[]}"#] {
            assert_eq!(parse::<Example<'_>>(json).err(), Some(Anomaly::Malformed), "{json}");
        }
        assert_eq!(parse::<Example<'_>>(r#"{"count":null}"#).unwrap().count, None);
    }

    #[test]
    fn fields_that_nobody_knows_are_skipped_and_counted() {
        let json = r#"{"a":{"b":[1,{"c":null}]},"name":"x","z":"é"}"#;
        let example: Example<'_> = parse(json).unwrap();
        assert_eq!((str_of(example.name.as_ref()), example.unknown_fields), ("x", 2));
    }

    #[test]
    fn base64_is_read_with_and_without_padding_and_in_bounds() {
        let mut buffer = Vec::new();
        assert_eq!(decode_base64("/w==", &mut buffer, 64).unwrap(), [0xFF]);
        assert_eq!(decode_base64("/w", &mut buffer, 64).unwrap(), [0xFF]);
        assert_eq!(decode_base64("/*", &mut buffer, 64), Err(Anomaly::Malformed));
        let long = "A".repeat(1_000);
        assert_eq!(decode_base64(&long, &mut buffer, 64), Err(Anomaly::Oversized));
        assert!(buffer.len() <= 64);
    }

    proptest! {
        #[test]
        fn any_text_survives_as_a_json_string(text in ".*") {
            let mut json = String::new();
            push_string(&text, &mut json);
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
