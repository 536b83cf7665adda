//! Parameters of a web form or a query string.

use std::fmt;

/// Decoded names and values (`application/x-www-form-urlencoded`), in the order they came in. A
/// name may occur more than once. `Debug` shows names only: values are telephone numbers and
/// tokens.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct FormParams(Vec<(String, String)>);

impl FormParams {
    /// Decodes a body or a query string (without its `?`). Any bytes decode: what is no UTF-8
    /// becomes U+FFFD.
    pub fn parse(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// Encodes as a body or a query string.
    pub fn encode(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }

    /// The first value of `name`, exactly as written.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.iter().find(|(field, _)| *field == name).map(|(_, value)| value)
    }

    /// The first value of `name` that is not empty, white space at its ends removed.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.first(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether there is no parameter.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for FormParams {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(params: I) -> Self {
        Self(params.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl fmt::Debug for FormParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_form_is_decoded_in_order() {
        let form = FormParams::parse(b"From=%2B1415&Body=a+b%26c&From=second&Empty=&Flag");
        let expected =
            [("From", "+1415"), ("Body", "a b&c"), ("From", "second"), ("Empty", ""), ("Flag", "")];
        assert_eq!(form.iter().collect::<Vec<_>>(), expected);
        assert_eq!(form.first("From"), Some("+1415"));
        assert_eq!((form.first("Empty"), form.text("Empty")), (Some(""), None));
        assert!(!format!("{form:?}").contains("1415"));
    }

    proptest! {
        #[test]
        fn any_bytes_decode_and_any_params_survive(
            bytes in prop::collection::vec(any::<u8>(), 0..64),
            params in prop::collection::vec((".*", ".*"), 0..4),
        ) {
            let _ = FormParams::parse(&bytes);
            let form: FormParams = params.into_iter().collect();
            prop_assert_eq!(FormParams::parse(form.encode().as_bytes()), form);
        }
    }
}
