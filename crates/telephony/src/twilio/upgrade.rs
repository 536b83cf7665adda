//! Whether a Twilio media stream may be opened.

use super::{TwilioSecrets, verify_upgrade};
use crate::{SignatureError, Upgrade, UpgradeAccepted, UpgradeContext, UpgradeRefusal};

/// Checks the upgrade of a media stream. Twilio offers no sub-protocol; none is chosen.
///
/// # Errors
///
/// The check that failed, and the status to answer with.
pub fn check_upgrade(
    upgrade: &Upgrade,
    context: &UpgradeContext<'_>,
    secrets: &TwilioSecrets,
) -> Result<UpgradeAccepted, UpgradeRefusal> {
    upgrade.check(context)?;
    if secrets.is_empty() {
        upgrade.check_unsigned(context)?;
    } else {
        let public_url = context.public_url.ok_or(SignatureError::NoPublicUrl);
        public_url
            .and_then(|url| verify_upgrade(secrets, url, &upgrade.headers, &upgrade.target))
            .map_err(UpgradeRefusal::new)?;
    }
    Ok(UpgradeAccepted::default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upgrade_request::{local, public, upgrade};
    use crate::{RefusalReason, Secret, UnsignedRefusal};

    #[test]
    fn a_signed_upgrade_behind_a_proxy_is_accepted() {
        let signed = [("X-Twilio-Signature", "7PR3qMkpDyEJtMrVOY/LDyNq8J8=")];
        let url = public("https://example.com");
        let context = UpgradeContext { public_url: Some(&url), ..local("/media") };
        let check = |fields: &[(&str, &str)]| {
            check_upgrade(&upgrade("/media", fields), &context, &secrets())
        };
        assert_eq!(check(&signed), Ok(UpgradeAccepted::default()));
        let refusal = check(&[]).unwrap_err();
        assert_eq!(refusal.status, 403);
        let missing = SignatureError::MissingHeader("x-twilio-signature");
        assert_eq!(refusal.reason, RefusalReason::Signature(missing));
        let without_url = check_upgrade(&upgrade("/media", &signed), &local("/media"), &secrets());
        let refusal = without_url.unwrap_err();
        assert_eq!(refusal.reason, RefusalReason::Signature(SignatureError::NoPublicUrl));
    }

    #[test]
    fn without_a_secret_only_this_host_is_served() {
        let none = TwilioSecrets::default();
        let check = |fields: &[(&str, &str)]| {
            check_upgrade(&upgrade("/media", fields), &local("/media"), &none)
        };
        assert!(check(&[]).is_ok());
        let refusal = check(&[("X-Forwarded-Proto", "https")]).unwrap_err();
        assert_eq!(refusal.reason, RefusalReason::Unsigned(UnsignedRefusal::Forwarded));
    }

    fn secrets() -> TwilioSecrets {
        let auth_tokens = vec![Secret::new("12345").unwrap()];
        TwilioSecrets { auth_tokens, ..TwilioSecrets::default() }
    }
}
