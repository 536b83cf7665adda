//! Whether a Plivo audio stream may be opened.

use super::{PlivoSecrets, verify_upgrade};
use crate::{SignatureError, Upgrade, UpgradeAccepted, UpgradeContext, UpgradeRefusal};

/// Checks the upgrade of an audio stream. Plivo offers no sub-protocol; none is chosen.
///
/// # Errors
///
/// The check that failed, and the status to answer with.
pub fn check_upgrade(
    upgrade: &Upgrade,
    context: &UpgradeContext<'_>,
    secrets: &PlivoSecrets,
) -> Result<UpgradeAccepted, UpgradeRefusal> {
    upgrade.check(context)?;
    if secrets.auth_tokens.is_empty() {
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
    use crate::plivo::PlivoBrand;
    use crate::upgrade_request::{local, public, upgrade};
    use crate::{RefusalReason, Secret};

    #[test]
    fn a_signed_upgrade_is_accepted_for_either_brand() {
        let signature = "VWD0SzbATyKR65A0zKT0+KiGeWSQxaMv6gETQcTKN5E=";
        let url = public("https://example.com");
        let context = UpgradeContext { public_url: Some(&url), ..local("/ws") };
        for brand in [PlivoBrand::Plivo, PlivoBrand::Vobiz] {
            let secrets =
                PlivoSecrets { auth_tokens: vec![Secret::new("plivotoken").unwrap()], brand };
            let fields = [
                (brand.signature_header(), signature),
                (brand.nonce_header(), "12345678901234567890"),
            ];
            assert!(check_upgrade(&upgrade("/ws", &fields), &context, &secrets).is_ok());
            let refusal = check_upgrade(&upgrade("/ws", &fields[..1]), &context, &secrets);
            let missing = SignatureError::MissingHeader(brand.nonce_header());
            assert_eq!(refusal.unwrap_err().reason, RefusalReason::Signature(missing));
        }
    }

    #[test]
    fn without_a_secret_only_this_host_is_served() {
        let none = PlivoSecrets::default();
        assert!(check_upgrade(&upgrade("/ws", &[]), &local("/ws"), &none).is_ok());
        let url = public("https://example.com");
        let context = UpgradeContext { public_url: Some(&url), ..local("/ws") };
        assert_eq!(check_upgrade(&upgrade("/ws", &[]), &context, &none).unwrap_err().status, 403);
    }
}
