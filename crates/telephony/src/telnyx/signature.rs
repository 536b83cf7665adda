//! Telnyx' Ed25519 signature over webhooks.
//!
//! Source: PyPI `telnyx` 4.189.0, `resources/webhooks.py`. TeXML webhooks carry the same headers
//! (Telnyx API reference, TeXML stream callback, read 2026-11-24).

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use crate::signature::{base64_decode, base64_encode, check_window};
use crate::{Headers, Secret, SignatureError};

/// What Telnyx' requests are verified with.
#[derive(Clone, Debug, Default)]
pub struct TelnyxSecrets {
    /// Public keys of the account. All are tried.
    pub public_keys: Vec<TelnyxPublicKey>,
    /// Tokens given as `stream_auth_token`, which Telnyx sends back on the upgrade. All are tried.
    pub stream_tokens: Vec<Secret>,
}

/// The public key that Telnyx shows in its portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TelnyxPublicKey(VerifyingKey);

/// A text that is no public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("telnyx public key must be 32 bytes in base64, as the portal shows it")]
pub struct InvalidPublicKey;

/// The private key of test callers, which sign in Telnyx' place.
#[derive(Clone)]
pub struct TelnyxSigningKey(SigningKey);

/// Holds the signature.
const SIGNATURE_HEADER: &str = "telnyx-signature-ed25519";
/// Holds the time of the signature, in unix seconds.
const TIMESTAMP_HEADER: &str = "telnyx-timestamp";

impl TelnyxPublicKey {
    /// Reads a key in base64.
    ///
    /// # Errors
    ///
    /// If it is no Ed25519 key.
    pub fn parse(text: &str) -> Result<Self, InvalidPublicKey> {
        let bytes = base64_decode(text.trim(), "public key").map_err(|_| InvalidPublicKey)?;
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| InvalidPublicKey)?;
        VerifyingKey::from_bytes(&bytes).map(Self).map_err(|_| InvalidPublicKey)
    }

    /// The key in base64.
    pub fn encode(&self) -> String {
        base64_encode(self.0.as_bytes())
    }
}

impl TelnyxSigningKey {
    /// The key of a 32-byte seed.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The public half.
    pub fn public_key(&self) -> TelnyxPublicKey {
        TelnyxPublicKey(self.0.verifying_key())
    }
}

impl std::fmt::Debug for TelnyxSigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TelnyxSigningKey([secret])")
    }
}

/// Signs a body as Telnyx does, at a time in unix seconds; the value of the signature header.
pub fn sign(key: &TelnyxSigningKey, signed_at_s: u64, body: &[u8]) -> String {
    let message = message(&signed_at_s.to_string(), body);
    base64_encode(&key.0.sign(&message).to_bytes())
}

/// Verifies a webhook. `now_s` is in unix seconds.
///
/// # Errors
///
/// The check that failed.
pub fn verify(
    secrets: &TelnyxSecrets,
    headers: &Headers,
    body: &[u8],
    now_s: u64,
) -> Result<(), SignatureError> {
    if secrets.public_keys.is_empty() {
        return Err(SignatureError::NoSecret);
    }
    let header = |name| headers.first(name).ok_or(SignatureError::MissingHeader(name));
    let (given, timestamp) = (header(SIGNATURE_HEADER)?, header(TIMESTAMP_HEADER)?);
    let signed_at_s: u64 =
        timestamp.parse().map_err(|_| SignatureError::Malformed(TIMESTAMP_HEADER))?;
    let given = base64_decode(given, SIGNATURE_HEADER)?;
    let given = Signature::from_slice(&given);
    let given = given.map_err(|_| SignatureError::Malformed(SIGNATURE_HEADER))?;
    let message = message(timestamp, body);
    let is_good =
        secrets.public_keys.iter().any(|key| key.0.verify_strict(&message, &given).is_ok());
    if !is_good {
        return Err(SignatureError::Mismatch);
    }
    check_window(signed_at_s, now_s)
}

fn message(timestamp: &str, body: &[u8]) -> Vec<u8> {
    [timestamp.as_bytes(), b"|", body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"data":{"event_type":"call.hangup"}}"#;
    const AT: u64 = 1_700_000_000;
    const PUBLIC: &str = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";
    const SIGNATURE: &str =
        "+HUd2Jh32zctPWKKinzLX5qTGhZLKdvSwr9beaswFfZA+yox8IRwA0CO0mOLR9FguZxL5vBwso0pSd8F7zIfBw==";

    #[test]
    fn a_webhook_is_signed_and_verified() {
        let key = TelnyxSigningKey::from_seed(&std::array::from_fn(|index| index as u8));
        assert_eq!(key.public_key().encode(), PUBLIC);
        assert_eq!(sign(&key, AT, BODY), SIGNATURE);
        assert_eq!(check(SIGNATURE, "1700000000", BODY, AT), Ok(()));
    }

    #[test]
    fn any_change_is_refused() {
        let mismatch = Err(SignatureError::Mismatch);
        assert_eq!(check(SIGNATURE, "1700000000", b"{}", AT), mismatch);
        assert_eq!(check(SIGNATURE, "1700000001", BODY, AT), mismatch);
        assert_eq!(check(SIGNATURE, "01700000000", BODY, AT), mismatch);
        let signature = Err(SignatureError::Malformed(SIGNATURE_HEADER));
        assert_eq!(check("AAAA", "1700000000", BODY, AT), signature);
        assert_eq!(check("%", "1700000000", BODY, AT), signature);
        let timestamp = Err(SignatureError::Malformed(TIMESTAMP_HEADER));
        assert_eq!(check(SIGNATURE, "yesterday", BODY, AT), timestamp);
        assert_eq!(check(SIGNATURE, "-1", BODY, AT), timestamp);
    }

    #[test]
    fn a_replay_is_refused() {
        assert_eq!(check(SIGNATURE, "1700000000", BODY, AT + 300), Ok(()));
        let old = Err(SignatureError::TooOld { age_s: 301 });
        assert_eq!(check(SIGNATURE, "1700000000", BODY, AT + 301), old);
        let new = Err(SignatureError::TooNew { ahead_s: 301 });
        assert_eq!(check(SIGNATURE, "1700000000", BODY, AT - 301), new);
    }

    #[test]
    fn what_is_missing_is_named() {
        let headers = Headers::from_iter([(TIMESTAMP_HEADER, "1")]);
        let missing = SignatureError::MissingHeader(SIGNATURE_HEADER);
        assert_eq!(verify(&secrets(), &headers, BODY, AT), Err(missing));
        let none = TelnyxSecrets::default();
        assert_eq!(verify(&none, &headers, BODY, AT), Err(SignatureError::NoSecret));
        assert_eq!(TelnyxPublicKey::parse("AAAA"), Err(InvalidPublicKey));
    }

    fn secrets() -> TelnyxSecrets {
        let public_keys = vec![TelnyxPublicKey::parse(PUBLIC).unwrap()];
        TelnyxSecrets { public_keys, ..TelnyxSecrets::default() }
    }

    fn check(
        signature: &str,
        timestamp: &str,
        body: &[u8],
        now_s: u64,
    ) -> Result<(), SignatureError> {
        let fields = [("Telnyx-Signature-Ed25519", signature), ("Telnyx-Timestamp", timestamp)];
        verify(&secrets(), &Headers::from_iter(fields), body, now_s)
    }
}
