//! Whether a Telnyx media stream may be opened.

use super::TelnyxSecrets;
use crate::webhook::query_of;
use crate::{
    RefusalReason, SignatureError, Upgrade, UpgradeAccepted, UpgradeContext, UpgradeRefusal,
};

/// Holds the `stream_auth_token` that the stream was started with (Telnyx docs, "Media Streaming
/// over WebSockets", read 2026-04-10).
const TOKEN_HEADER: &str = "x-telnyx-streaming-auth-token";
/// Query item with the token. `<Stream>` of TeXML has no attribute for a token, so there it stands
/// in the stream's address.
pub(super) const TOKEN_QUERY: &str = "token";

/// Checks the upgrade of a media stream. Telnyx offers no sub-protocol; none is chosen. An upgrade
/// is not signed: the token is all that shows where it comes from.
///
/// # Errors
///
/// The check that failed, and the status to answer with.
pub fn check_upgrade(
    upgrade: &Upgrade,
    context: &UpgradeContext<'_>,
    secrets: &TelnyxSecrets,
) -> Result<UpgradeAccepted, UpgradeRefusal> {
    upgrade.check(context)?;
    if secrets.stream_tokens.is_empty() {
        if !secrets.public_keys.is_empty() {
            return Err(UpgradeRefusal::new(SignatureError::NoSecret));
        }
        upgrade.check_unsigned(context)?;
        return Ok(UpgradeAccepted::default());
    }
    let query = query_of(&upgrade.target);
    let given = upgrade.headers.first(TOKEN_HEADER).or_else(|| query.first(TOKEN_QUERY));
    let given = given.unwrap_or_default();
    // Every token is compared, so that the time does not tell which one was close.
    let is_good = secrets.stream_tokens.iter().fold(false, |good, token| token.is(given) | good);
    if is_good {
        Ok(UpgradeAccepted::default())
    } else {
        Err(UpgradeRefusal::new(RefusalReason::Token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telnyx::TelnyxPublicKey;
    use crate::upgrade_request::{local, upgrade};
    use crate::{Secret, UnsignedRefusal};

    #[test]
    fn the_token_of_the_stream_opens_it() {
        let tokens = ["old", "new"].map(|token| Secret::new(token).unwrap()).to_vec();
        let secrets = TelnyxSecrets { stream_tokens: tokens, ..TelnyxSecrets::default() };
        let check = |target: &str, fields: &[(&str, &str)]| {
            check_upgrade(&upgrade(target, fields), &local("/media"), &secrets)
                .map_err(|refusal| (refusal.status, refusal.reason))
        };
        let header = "X-Telnyx-Streaming-Auth-Token";
        assert!(check("/media", &[(header, "old")]).is_ok());
        assert!(check("/media", &[(header, "new")]).is_ok());
        assert!(check("/media?token=new", &[]).is_ok());
        let refused = Err((401, RefusalReason::Token));
        assert_eq!(check("/media", &[]), refused);
        assert_eq!(check("/media", &[(header, "")]), refused);
        assert_eq!(check("/media?token=new", &[(header, "guess")]), refused);
    }

    #[test]
    fn a_key_for_webhooks_does_not_open_the_socket_to_everybody() {
        let public_keys =
            vec![TelnyxPublicKey::parse("A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=").unwrap()];
        let secrets = TelnyxSecrets { public_keys, ..TelnyxSecrets::default() };
        let refusal = check_upgrade(&upgrade("/media", &[]), &local("/media"), &secrets);
        let no_secret = RefusalReason::Signature(SignatureError::NoSecret);
        assert_eq!(refusal.unwrap_err().reason, no_secret);
    }

    #[test]
    fn without_a_secret_only_this_host_is_served() {
        let none = TelnyxSecrets::default();
        assert!(check_upgrade(&upgrade("/media", &[]), &local("/media"), &none).is_ok());
        let context = UpgradeContext { peer: "192.0.2.1".parse().unwrap(), ..local("/media") };
        let refusal = check_upgrade(&upgrade("/media", &[]), &context, &none).unwrap_err();
        assert_eq!(refusal.reason, RefusalReason::Unsigned(UnsignedRefusal::NotLoopback));
    }
}
