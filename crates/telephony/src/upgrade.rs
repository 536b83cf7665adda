//! Whether a media socket may be opened: the request before the first frame.
//!
//! The check happens before the 101 answer. What a socket says afterwards (its `start` message) is
//! not authenticated by any carrier: the session binds it to a call by a one-time token.

use core::net::IpAddr;
use std::fmt;

use crate::{Claims, Headers, PublicUrl, SignatureError};

/// A request to open a WebSocket, as it arrived. `Debug` shows neither query nor header values:
/// they carry tokens.
#[derive(Clone)]
pub struct Upgrade {
    /// Path and query as routed here, below the prefix of the public URL.
    pub target: String,
    /// Its headers.
    pub headers: Headers,
}

/// What an upgrade is checked against.
#[derive(Clone, Copy, Debug)]
pub struct UpgradeContext<'a> {
    /// Path of the carrier's media socket, as in [`Upgrade::target`].
    pub path: &'a str,
    /// The address carriers use. Without one, signatures over an address cannot be verified.
    pub public_url: Option<&'a PublicUrl>,
    /// The other end of the connection: a proxy, if there is one.
    pub peer: IpAddr,
    /// Unix time in seconds.
    pub now_s: u64,
}

/// A socket that may be opened.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UpgradeAccepted {
    /// The sub-protocol to answer with. Without one the answer must name none (RFC 6455 §4.2.2).
    pub subprotocol: Option<&'static str>,
    /// The claims of the token, where the carrier sends one.
    pub claims: Option<Claims>,
}

/// A socket that may not be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("media socket refused with status {status}: {reason}")]
pub struct UpgradeRefusal {
    /// The HTTP status to answer with. The reason is for the log only.
    pub status: u16,
    /// Why.
    pub reason: RefusalReason,
}

/// Why a media socket is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefusalReason {
    /// The path is another one.
    #[error("the path is not the carrier's media path")]
    Path,
    /// The request asks for no WebSocket, or for a version other than 13 (RFC 6455 §4.2.1).
    #[error("the request asks for no websocket of version 13")]
    NotWebSocket,
    /// Sub-protocols are offered and none of them is known.
    #[error("none of the offered sub-protocols is spoken here: offer voice.raw.v1 or none")]
    Subprotocol,
    /// A web page of another site opens the socket.
    #[error("the web page's origin is not in the list of allowed origins")]
    Origin,
    /// The token is missing or wrong.
    #[error("the stream token is missing or wrong")]
    Token,
    /// The signature does not hold.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// No secret is configured, and the request does not come from this host.
    #[error(transparent)]
    Unsigned(#[from] UnsignedRefusal),
}

/// Why a request that nothing can verify is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnsignedRefusal {
    /// The peer is another host.
    #[error("unsigned requests are served on loopback only: configure the carrier's secret")]
    NotLoopback,
    /// The carrier has a secret, so the request must be signed with it.
    #[error("the carrier's secret is configured, so requests must be signed")]
    SecretConfigured,
    /// A proxy on this host forwards requests of others.
    #[error("the request was forwarded by a proxy: configure the carrier's secret")]
    Forwarded,
    /// The engine is meant to be reached from outside.
    #[error("a public url is configured: configure the carrier's secret as well")]
    PublicUrl,
}

/// Whether a webhook or an upgrade may be served although nothing verifies it: only for the
/// developer's own machine, and never where a proxy or a tunnel could bring in somebody else.
///
/// # Errors
///
/// The first condition that does not hold.
pub fn check_unsigned_use(
    peer: IpAddr,
    has_carrier_secret: bool,
    headers: &Headers,
    public_url: Option<&PublicUrl>,
) -> Result<(), UnsignedRefusal> {
    if has_carrier_secret {
        return Err(UnsignedRefusal::SecretConfigured);
    }
    // An IPv4 peer of an IPv6 socket arrives as ::ffff:127.0.0.1.
    if !peer.to_canonical().is_loopback() {
        return Err(UnsignedRefusal::NotLoopback);
    }
    if headers.is_forwarded() {
        return Err(UnsignedRefusal::Forwarded);
    }
    if public_url.is_some() { Err(UnsignedRefusal::PublicUrl) } else { Ok(()) }
}

impl UpgradeRefusal {
    pub(crate) fn new(reason: impl Into<RefusalReason>) -> Self {
        let reason = reason.into();
        let status = match &reason {
            RefusalReason::Path => 404,
            RefusalReason::NotWebSocket => 426,
            RefusalReason::Subprotocol => 400,
            RefusalReason::Token => 401,
            RefusalReason::Origin | RefusalReason::Signature(_) | RefusalReason::Unsigned(_) => 403,
        };
        Self { status, reason }
    }
}

impl Upgrade {
    /// What all carriers have in common: the path, and that a WebSocket is asked for. `path` may
    /// end in a slash, and begin with the prefix where the proxy did not take it off.
    pub(crate) fn check(&self, context: &UpgradeContext<'_>) -> Result<(), UpgradeRefusal> {
        let path = crate::webhook::path_of(&self.target);
        let prefix = context.public_url.map_or("", PublicUrl::prefix);
        let stem = |path: &str| path.trim_end_matches('/').to_owned();
        let expected = stem(context.path);
        if stem(path) != expected && stem(path) != format!("{prefix}{expected}") {
            return Err(UpgradeRefusal::new(RefusalReason::Path));
        }
        let asks = |element: &str| element.eq_ignore_ascii_case("websocket");
        let version = self.headers.first("sec-websocket-version");
        if !self.headers.list("upgrade").any(asks) || version != Some("13") {
            return Err(UpgradeRefusal::new(RefusalReason::NotWebSocket));
        }
        Ok(())
    }

    /// [`check_unsigned_use`] for a carrier without a secret.
    pub(crate) fn check_unsigned(
        &self,
        context: &UpgradeContext<'_>,
    ) -> Result<(), UpgradeRefusal> {
        check_unsigned_use(context.peer, false, &self.headers, context.public_url)
            .map_err(UpgradeRefusal::new)
    }
}

impl fmt::Debug for Upgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upgrade")
            .field("path", &crate::webhook::path_of(&self.target))
            .field("headers", &self.headers)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use core::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    #[test]
    fn unsigned_use_needs_all_four_conditions() {
        let public = PublicUrl::parse("https://agent.example.com").unwrap();
        let none = Headers::default();
        let forwarded = Headers::from_iter([("X-Forwarded-For", "127.0.0.1")]);
        let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let remote = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
        for bits in 0..16_u8 {
            let [is_remote, has_secret, is_forwarded, has_url] =
                [0, 1, 2, 3].map(|bit| bits & (1 << bit) != 0);
            let verdict = check_unsigned_use(
                if is_remote { remote } else { local },
                has_secret,
                if is_forwarded { &forwarded } else { &none },
                has_url.then_some(&public),
            );
            assert_eq!(verdict.is_ok(), bits == 0, "{bits:04b}");
            let expected = match bits {
                0b0000 => Ok(()),
                0b0001 => Err(UnsignedRefusal::NotLoopback),
                0b0010 => Err(UnsignedRefusal::SecretConfigured),
                0b0100 => Err(UnsignedRefusal::Forwarded),
                0b1000 => Err(UnsignedRefusal::PublicUrl),
                _ => continue,
            };
            assert_eq!(verdict, expected);
        }
    }

    #[test]
    fn loopback_is_recognised_in_both_families() {
        let is_allowed = |peer: &str| {
            check_unsigned_use(peer.parse().unwrap(), false, &Headers::default(), None).is_ok()
        };
        for peer in ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"] {
            assert!(is_allowed(peer), "{peer}");
        }
        for peer in ["0.0.0.0", "10.0.0.1", "::", "::ffff:10.0.0.1", "::127.0.0.1", "fe80::1"] {
            assert!(!is_allowed(peer), "{peer}");
        }
        assert!(is_allowed(&Ipv6Addr::LOCALHOST.to_string()));
    }

    #[test]
    fn the_path_may_carry_the_prefix_and_a_slash() {
        let public = PublicUrl::parse("https://agent.example.com/voice").unwrap();
        let status = |target: &str| refused(target, &[], Some(&public)).map(|status| status.0);
        for target in ["/media", "/media/", "/media?a=/x", "/voice/media", "/voice/media/?a=1"] {
            assert_eq!(status(target), None, "{target}");
        }
        for target in ["/", "", "/medias", "/voice/voice/media", "/media/x", "media"] {
            assert_eq!(status(target), Some(404), "{target}");
        }
    }

    #[test]
    fn a_token_of_an_upgrade_is_not_printed() {
        let headers = Headers::from_iter([("Authorization", "Bearer t0ken")]);
        let printed = format!("{:?}", Upgrade { target: "/raw?token=t0ken".to_owned(), headers });
        assert_eq!(printed, r#"Upgrade { path: "/raw", headers: ["Authorization"] }"#);
    }

    #[test]
    fn a_request_for_something_else_is_refused() {
        assert_eq!(refused("/media", &[], None), None);
        let not_websocket = Some((426, RefusalReason::NotWebSocket));
        assert_eq!(refused("/media", &["upgrade"], None), not_websocket);
        assert_eq!(refused("/media", &["sec-websocket-version"], None), not_websocket);
    }

    fn refused(
        target: &str,
        missing: &[&str],
        public_url: Option<&PublicUrl>,
    ) -> Option<(u16, RefusalReason)> {
        let fields = [("upgrade", "h2c, WebSocket"), ("sec-websocket-version", "13")];
        let headers = fields.into_iter().filter(|(name, _)| !missing.contains(name)).collect();
        let upgrade = Upgrade { target: target.to_owned(), headers };
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let context = UpgradeContext { path: "/media", public_url, peer, now_s: 0 };
        upgrade.check(&context).err().map(|refusal| (refusal.status, refusal.reason))
    }
}
