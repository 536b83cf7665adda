//! Headers of an HTTP request.

use std::fmt;

/// Header names and values in the order of the request. Names are compared without regard to case
/// (RFC 9110 §5.1). `Debug` shows names only: values carry tokens and signatures.
#[derive(Clone, Default)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// The first value of `name`, white space at its ends removed.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of `name`, in order.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let fields = self.0.iter().filter(move |(field, _)| field.eq_ignore_ascii_case(name));
        fields.map(|(_, value)| value.trim())
    }

    /// The elements of a comma-separated list, over all headers of that name (RFC 9110 §5.6.1).
    pub fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        self.all(name)
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .filter(|element| !element.is_empty())
    }

    /// Whether a proxy says that it forwarded the request: any `Forwarded` (RFC 7239) or
    /// `X-Forwarded-…`.
    pub fn is_forwarded(&self) -> bool {
        let prefix = "x-forwarded";
        self.0.iter().any(|(name, _)| {
            let start = name.as_bytes().get(..prefix.len());
            name.eq_ignore_ascii_case("forwarded")
                || start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
        })
    }

    /// The token of `Authorization: Bearer …` (RFC 6750 §2.1).
    pub fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.first("authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_found_whatever_its_case() {
        let headers: Headers =
            [("X-Twilio-Signature", " abc "), ("via", "a"), ("VIA", "b, ,c")].into_iter().collect();
        assert_eq!(headers.first("x-twilio-signature"), Some("abc"));
        assert_eq!(headers.list("Via").collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(headers.first("x-twilio"), None);
        assert_eq!(format!("{headers:?}"), r#"["X-Twilio-Signature", "via", "VIA"]"#);
    }

    #[test]
    fn a_forwarded_request_is_recognised() {
        let is_forwarded = |name: &str| Headers::from_iter([(name, "x")]).is_forwarded();
        for name in ["Forwarded", "X-Forwarded-For", "x-forwarded-proto", "X-FORWARDED-HOST"] {
            assert!(is_forwarded(name), "{name}");
        }
        for name in ["host", "x-forward", "é-forwarded", "forwarded-by"] {
            assert!(!is_forwarded(name), "{name}");
        }
    }

    #[test]
    fn a_bearer_token_has_its_scheme() {
        let bearer = |value: &str| {
            Headers::from_iter([("Authorization", value)]).bearer().map(str::to_owned)
        };
        assert_eq!(bearer("bearer  a.b.c").as_deref(), Some("a.b.c"));
        assert_eq!(bearer("Basic a.b.c"), None);
        assert_eq!(bearer("a.b.c"), None);
    }
}
