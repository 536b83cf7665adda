//! The secrets of every carrier, and the upgrade of a media socket checked by the carrier's name.

use crate::caps::Carrier;
use crate::plivo::PlivoSecrets;
use crate::raw::RawSecrets;
use crate::telnyx::TelnyxSecrets;
use crate::twilio::TwilioSecrets;
use crate::upgrade::{Upgrade, UpgradeAccepted, UpgradeContext, UpgradeRefusal};
use crate::vonage::VonageSecrets;
use crate::{plivo, raw, telnyx, twilio, vonage};

/// What each carrier's requests are verified with. A carrier without a secret is served on this
/// host only: [`check_unsigned_use`](crate::check_unsigned_use).
#[derive(Clone, Debug, Default)]
pub struct CarrierSecrets {
    /// Our own clients.
    pub raw: RawSecrets,
    /// Twilio.
    pub twilio: TwilioSecrets,
    /// Telnyx.
    pub telnyx: TelnyxSecrets,
    /// Plivo, and carriers that copy it.
    pub plivo: PlivoSecrets,
    /// Vonage.
    pub vonage: VonageSecrets,
}

/// Checks the upgrade of a carrier's media socket.
///
/// # Errors
///
/// The check that failed, and the status to answer with.
pub fn check_upgrade(
    carrier: Carrier,
    upgrade: &Upgrade,
    context: &UpgradeContext<'_>,
    secrets: &CarrierSecrets,
) -> Result<UpgradeAccepted, UpgradeRefusal> {
    match carrier {
        Carrier::Raw => raw::check_upgrade(upgrade, context, &secrets.raw),
        Carrier::Twilio => twilio::check_upgrade(upgrade, context, &secrets.twilio),
        Carrier::Telnyx => telnyx::check_upgrade(upgrade, context, &secrets.telnyx),
        Carrier::Plivo => plivo::check_upgrade(upgrade, context, &secrets.plivo),
        Carrier::Vonage => vonage::check_upgrade(upgrade, context, &secrets.vonage),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upgrade_request::{local, upgrade};

    #[test]
    fn every_carrier_is_served_unsigned_on_this_host_and_not_through_a_proxy() {
        let secrets = CarrierSecrets::default();
        for carrier in Carrier::ALL {
            let check = |fields: &[(&str, &str)]| {
                check_upgrade(carrier, &upgrade("/media", fields), &local("/media"), &secrets)
            };
            assert!(check(&[]).is_ok(), "{carrier}");
            let refusal = check(&[("X-Forwarded-For", "192.0.2.1")]).unwrap_err();
            assert_eq!(refusal.status, 403, "{carrier}");
        }
    }
}
