//! Upgrade requests for the tests of all carriers.

use core::net::{IpAddr, Ipv4Addr};

use crate::{PublicUrl, Upgrade, UpgradeContext};

pub(crate) const NOW_S: u64 = 1_700_000_000;

/// A well-formed request with further headers.
pub(crate) fn upgrade(target: &str, fields: &[(&str, &str)]) -> Upgrade {
    let common =
        [("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")];
    let headers = common.iter().chain(fields).copied().collect();
    Upgrade { target: target.to_owned(), headers }
}

/// A context without a public URL, the peer being this host.
pub(crate) fn local(path: &str) -> UpgradeContext<'_> {
    let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
    UpgradeContext { path, public_url: None, peer, now_s: NOW_S }
}

pub(crate) fn public(url: &str) -> PublicUrl {
    PublicUrl::parse(url).unwrap()
}
