//! The address under which carriers reach this engine.

use std::fmt;

/// Scheme, host and path prefix that carriers use, as configured:
/// `https://agent.example.com/voice`. Behind a proxy the request that arrives has another scheme,
/// host and perhaps path, while signatures are made over the address that the carrier was given.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicUrl {
    is_secure: bool,
    /// Host and, where given, port.
    authority: String,
    /// Empty, or `/` and a path that does not end in `/`.
    prefix: String,
}

/// Why a text cannot serve as the public URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublicUrlError {
    /// Neither `https://` nor `http://` (nor `wss://`, `ws://`).
    #[error("public url must start with https:// or http://")]
    Scheme,
    /// No host, or a user name in front of it.
    #[error("public url must have a host and no user name, as in https://agent.example.com")]
    Authority,
    /// A query string or a fragment.
    #[error("public url must end with its path: it has a ? or a #")]
    Query,
    /// White space, a control character, or a character that must be percent-encoded.
    #[error("public url holds a character that does not belong into a url: percent-encode it")]
    Character,
}

impl PublicUrl {
    /// Reads a configured URL.
    ///
    /// # Errors
    ///
    /// If it is no absolute HTTP URL that paths can be appended to.
    pub fn parse(text: &str) -> Result<Self, PublicUrlError> {
        let text = text.trim();
        if !text.bytes().all(is_url_byte) {
            return Err(PublicUrlError::Character);
        }
        let (scheme, rest) = text.split_once("://").ok_or(PublicUrlError::Scheme)?;
        let is_secure = match scheme.to_ascii_lowercase().as_str() {
            "https" | "wss" => true,
            "http" | "ws" => false,
            _ => return Err(PublicUrlError::Scheme),
        };
        if rest.contains(['?', '#']) {
            return Err(PublicUrlError::Query);
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.is_empty() || authority.starts_with(':') || authority.contains('@') {
            return Err(PublicUrlError::Authority);
        }
        let prefix = path.trim_end_matches('/').to_owned();
        Ok(Self { is_secure, authority: authority.to_owned(), prefix })
    }

    /// Host and, where given, port.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The path that public addresses begin with: empty, or with a slash in front only.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Scheme and host as a web page's `Origin` (RFC 6454 §6.2).
    pub fn origin(&self) -> String {
        let scheme = if self.is_secure { "https" } else { "http" };
        format!("{scheme}://{}", self.authority)
    }

    /// Whether carriers use TLS.
    pub fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// The web address of a path of this engine.
    pub fn http(&self, target: &str) -> String {
        let scheme = if self.is_secure { "https" } else { "http" };
        format!("{scheme}://{}{}{target}", self.authority, self.prefix)
    }

    /// The WebSocket address of a path of this engine.
    pub fn websocket(&self, target: &str) -> String {
        let scheme = if self.is_secure { "wss" } else { "ws" };
        format!("{scheme}://{}{}{target}", self.authority, self.prefix)
    }

    /// What may have been asked for, host included and scheme left out, when `target` (path and
    /// query) arrived: the prefix in front of it, and, where `target` begins with the prefix
    /// because the proxy did not take it off, without.
    pub(crate) fn schemeless(&self, target: &str) -> Vec<String> {
        let mut addresses = vec![format!("{}{}{target}", self.authority, self.prefix)];
        let rest = target.strip_prefix(self.prefix.as_str());
        let has_prefix = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
        if has_prefix && !self.prefix.is_empty() {
            addresses.push(format!("{}{target}", self.authority));
        }
        addresses
    }
}

/// `authority` without its port, and the port. An IPv6 address is in brackets.
pub(crate) fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, Some(port)),
        _ => (authority, None),
    }
}

/// Whether a byte may stand in a URL as it is (RFC 3986 §2).
pub(crate) fn is_url_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !br#""<>\^`{|}"#.contains(&byte)
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.http(""))
    }
}

impl fmt::Debug for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_gives_both_kinds_of_address() {
        let url = PublicUrl::parse("https://agent.example.com:8443/voice/").unwrap();
        assert_eq!(url.http("/twilio"), "https://agent.example.com:8443/voice/twilio");
        assert_eq!(url.websocket("/media?a=1"), "wss://agent.example.com:8443/voice/media?a=1");
        assert_eq!(url.to_string(), "https://agent.example.com:8443/voice");
        assert!(url.is_secure());
        let plain = PublicUrl::parse("http://127.0.0.1:8080").unwrap();
        assert_eq!(plain.websocket("/media"), "ws://127.0.0.1:8080/media");
    }

    #[test]
    fn a_proxy_may_keep_or_take_off_the_prefix() {
        let url = PublicUrl::parse("https://a.example/voice").unwrap();
        assert_eq!(url.schemeless("/media"), ["a.example/voice/media"]);
        assert_eq!(
            url.schemeless("/voice/media"),
            ["a.example/voice/voice/media", "a.example/voice/media"]
        );
        assert_eq!(url.schemeless("/voices"), ["a.example/voice/voices"]);
        let bare = PublicUrl::parse("https://a.example").unwrap();
        assert_eq!(bare.schemeless("/media"), ["a.example/media"]);
    }

    #[test]
    fn a_url_that_nothing_can_be_appended_to_is_refused() {
        let cases = [
            ("agent.example.com", PublicUrlError::Scheme),
            ("ftp://agent.example.com", PublicUrlError::Scheme),
            ("https://", PublicUrlError::Authority),
            ("https://:443/", PublicUrlError::Authority),
            ("https://user:pw@agent.example.com", PublicUrlError::Authority),
            ("https://agent.example.com/?a=1", PublicUrlError::Query),
            ("https://agent.example.com/a b", PublicUrlError::Character),
            ("https://agent.example.com/ä", PublicUrlError::Character),
        ];
        for (text, error) in cases {
            assert_eq!(PublicUrl::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_port_is_split_off() {
        assert_eq!(split_port("a.example:8443"), ("a.example", Some("8443")));
        assert_eq!(split_port("a.example"), ("a.example", None));
        assert_eq!(split_port("[::1]:80"), ("[::1]", Some("80")));
        assert_eq!(split_port("[::1]"), ("[::1]", None));
    }
}
