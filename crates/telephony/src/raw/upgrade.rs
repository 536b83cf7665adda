//! Whether a browser or a test caller may open a socket.

use crate::webhook::query_of;
use crate::{
    PublicUrl, RefusalReason, Secret, Upgrade, UpgradeAccepted, UpgradeContext, UpgradeRefusal,
    verify_jwt,
};

/// Who may open a raw socket.
#[derive(Clone, Debug, Default)]
pub struct RawSecrets {
    /// Keys of the short-lived tokens (HS256) that this engine's API hands out. All are tried.
    pub token_secrets: Vec<Secret>,
    /// Web pages that may open a socket, as in `https://app.example.com`. Pages under the public
    /// URL always may.
    pub allowed_origins: Vec<String>,
}

/// The sub-protocol spoken on a raw socket.
pub const SUBPROTOCOL: &str = "voice.raw.v1";
/// A browser can send no headers of its own, but it can offer the token as a sub-protocol.
const TOKEN_SUBPROTOCOL: &str = "token.";
/// Query item with the token. It ends up in the logs of proxies: prefer the sub-protocol.
const TOKEN_QUERY: &str = "token";

/// Checks the upgrade of a raw socket.
///
/// # Errors
///
/// The check that failed, and the status to answer with.
pub fn check_upgrade(
    upgrade: &Upgrade,
    context: &UpgradeContext<'_>,
    secrets: &RawSecrets,
) -> Result<UpgradeAccepted, UpgradeRefusal> {
    upgrade.check(context)?;
    let mut accepted = UpgradeAccepted { subprotocol: subprotocol(upgrade)?, claims: None };
    if !is_origin_allowed(upgrade, context, secrets) {
        return Err(UpgradeRefusal::new(RefusalReason::Origin));
    }
    if secrets.token_secrets.is_empty() {
        upgrade.check_unsigned(context)?;
        return Ok(accepted);
    }
    let query = query_of(&upgrade.target);
    let offered = upgrade.headers.list("sec-websocket-protocol");
    let token = offered.filter_map(|item| item.strip_prefix(TOKEN_SUBPROTOCOL)).next();
    let token = token.or_else(|| query.first(TOKEN_QUERY));
    let token = token.ok_or_else(|| UpgradeRefusal::new(RefusalReason::Token))?;
    let claims = verify_jwt(&secrets.token_secrets, token, context.now_s);
    accepted.claims = Some(claims.map_err(UpgradeRefusal::new)?);
    Ok(accepted)
}

fn subprotocol(upgrade: &Upgrade) -> Result<Option<&'static str>, UpgradeRefusal> {
    let mut offered = upgrade.headers.list("sec-websocket-protocol").peekable();
    if offered.peek().is_none() {
        return Ok(None);
    }
    if offered.any(|item| item == SUBPROTOCOL) {
        Ok(Some(SUBPROTOCOL))
    } else {
        Err(UpgradeRefusal::new(RefusalReason::Subprotocol))
    }
}

/// Programs send no origin, browsers always do. A page of this very host may open a socket only
/// where nothing is configured, and only under a loopback name: any other name could be a foreign
/// site's that resolves to this host.
fn is_origin_allowed(
    upgrade: &Upgrade,
    context: &UpgradeContext<'_>,
    secrets: &RawSecrets,
) -> bool {
    let Some(origin) = upgrade.headers.first("origin") else { return true };
    if secrets
        .allowed_origins
        .iter()
        .any(|allowed| allowed.trim_end_matches('/').eq_ignore_ascii_case(origin))
    {
        return true;
    }
    match context.public_url {
        Some(public_url) => public_url.origin().eq_ignore_ascii_case(origin),
        None => PublicUrl::parse(origin).is_ok_and(|page| {
            let (host, _) = crate::public_url::split_port(page.authority());
            ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| host.eq_ignore_ascii_case(name))
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::upgrade_request::{NOW_S, local, public, upgrade};
    use crate::{SignatureError, sign_jwt};

    const PROTOCOL: &str = "Sec-WebSocket-Protocol";

    #[test]
    fn a_token_is_taken_from_the_sub_protocol_or_the_query() {
        let token = token(NOW_S + 60);
        let offered = format!("voice.raw.v1, token.{token}");
        let accepted = check("/raw", &[(PROTOCOL, offered.as_str())]).unwrap();
        assert_eq!(accepted.subprotocol, Some(SUBPROTOCOL));
        assert_eq!(accepted.claims.unwrap()["agent"], "demo");
        let accepted = check(&format!("/raw?token={token}"), &[]).unwrap();
        assert_eq!(accepted.subprotocol, None);
        assert_eq!(accepted.claims.unwrap()["agent"], "demo");
    }

    #[test]
    fn a_missing_or_stale_token_is_refused() {
        assert_eq!(check("/raw", &[]).unwrap_err().status, 401);
        let stale = check(&format!("/raw?token={}", token(NOW_S - 1)), &[]).unwrap_err();
        let too_old = RefusalReason::Signature(SignatureError::TooOld { age_s: 1 });
        assert_eq!((stale.status, stale.reason), (403, too_old));
    }

    #[test]
    fn an_unknown_sub_protocol_is_refused() {
        let target = format!("/raw?token={}", token(NOW_S + 60));
        let refusal = check(&target, &[(PROTOCOL, "chat, voice.raw.v2")]).unwrap_err();
        assert_eq!((refusal.status, refusal.reason), (400, RefusalReason::Subprotocol));
        assert!(check(&target, &[(PROTOCOL, "chat"), (PROTOCOL, SUBPROTOCOL)]).is_ok());
    }

    #[test]
    fn a_page_of_another_site_is_refused() {
        let target = format!("/raw?token={}", token(NOW_S + 60));
        let url = public("https://agent.example.com/prefix");
        let is_allowed = |origin: &str, public_url| {
            let context = UpgradeContext { public_url, ..local("/raw") };
            let upgrade = upgrade(&target, &[("Origin", origin)]);
            check_upgrade(&upgrade, &context, &secrets()).is_ok()
        };
        for origin in ["https://app.example.com", "https://agent.example.com"] {
            assert!(is_allowed(origin, Some(&url)), "{origin}");
        }
        for origin in [
            "https://evil.example",
            "http://agent.example.com",
            "https://agent.example.com:8443",
            "https://agent.example.com.evil.example",
            "http://localhost:8080",
            "null",
            "",
        ] {
            assert!(!is_allowed(origin, Some(&url)), "{origin}");
        }
        assert!(is_allowed("http://localhost:8080", None));
        assert!(is_allowed("http://[::1]", None));
        assert!(!is_allowed("http://localhost.evil.example", None));
        assert!(!is_allowed("http://rebound.example:8080", None));
    }

    #[test]
    fn without_a_secret_only_this_host_is_served() {
        let none = RawSecrets::default();
        assert!(check_upgrade(&upgrade("/raw", &[]), &local("/raw"), &none).is_ok());
        let context = UpgradeContext { peer: "192.0.2.1".parse().unwrap(), ..local("/raw") };
        assert_eq!(check_upgrade(&upgrade("/raw", &[]), &context, &none).unwrap_err().status, 403);
    }

    fn secrets() -> RawSecrets {
        let token_secrets = vec![Secret::new("raw key").unwrap()];
        RawSecrets { token_secrets, allowed_origins: vec!["https://app.example.com/".to_owned()] }
    }

    fn token(expires_at_s: u64) -> String {
        let claims = json!({"agent": "demo", "exp": expires_at_s});
        sign_jwt(&secrets().token_secrets[0], claims.as_object().unwrap())
    }

    fn check(target: &str, fields: &[(&str, &str)]) -> Result<UpgradeAccepted, UpgradeRefusal> {
        check_upgrade(&upgrade(target, fields), &local("/raw"), &secrets())
    }
}
