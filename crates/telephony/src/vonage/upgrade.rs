//! Whether a Vonage WebSocket leg may be opened.

use super::{VonageSecrets, verify};
use crate::{Upgrade, UpgradeAccepted, UpgradeContext, UpgradeRefusal};

/// Checks the upgrade of a WebSocket leg, whose answer document asks for `authorization.type`
/// `vonage`. Vonage offers no sub-protocol; none is chosen.
///
/// # Errors
///
/// The check that failed, and the status to answer with.
pub fn check_upgrade(
    upgrade: &Upgrade,
    context: &UpgradeContext<'_>,
    secrets: &VonageSecrets,
) -> Result<UpgradeAccepted, UpgradeRefusal> {
    upgrade.check(context)?;
    if secrets.signature_secrets.is_empty() {
        upgrade.check_unsigned(context)?;
        return Ok(UpgradeAccepted::default());
    }
    let claims = verify(secrets, &upgrade.headers, b"", context.now_s);
    let claims = claims.map_err(UpgradeRefusal::new)?;
    Ok(UpgradeAccepted { subprotocol: None, claims: Some(claims) })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::upgrade_request::{NOW_S, local, upgrade};
    use crate::vonage::sign;
    use crate::{RefusalReason, Secret, SignatureError};

    #[test]
    fn a_signed_leg_is_accepted_with_its_claims() {
        let signature_secrets = vec![Secret::new("vonage secret").unwrap()];
        let secrets = VonageSecrets { signature_secrets, ..VonageSecrets::default() };
        let claims = json!({"iat": NOW_S, "application_id": "app"});
        let claims = claims.as_object().unwrap();
        let token = sign(&secrets.signature_secrets[0], claims, b"");
        let check = |fields: &[(&str, &str)]| {
            check_upgrade(&upgrade("/media", fields), &local("/media"), &secrets)
        };
        let accepted = check(&[("Authorization", token.as_str())]).unwrap();
        assert_eq!(accepted.claims.as_ref(), Some(claims));
        let missing = SignatureError::MissingHeader("authorization");
        assert_eq!(check(&[]).unwrap_err().reason, RefusalReason::Signature(missing));
    }

    #[test]
    fn without_a_secret_only_this_host_is_served() {
        let none = VonageSecrets::default();
        assert!(check_upgrade(&upgrade("/media", &[]), &local("/media"), &none).is_ok());
        let forwarded = upgrade("/media", &[("Forwarded", "for=192.0.2.1")]);
        assert_eq!(check_upgrade(&forwarded, &local("/media"), &none).unwrap_err().status, 403);
    }
}
