//! What is common to the signatures of all carriers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// Which check of a signature failed. The text is for the operator's log; the peer is told no more
/// than that it was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Nothing to verify with is configured.
    #[error("no secret is configured for this carrier: set it, or requests cannot be verified")]
    NoSecret,
    /// The public URL is needed and not configured.
    #[error("no public url is configured: this carrier signs the address it was given")]
    NoPublicUrl,
    /// The request carries no signature, or lacks a part of it.
    #[error("header {0} is missing: the request is unsigned, or a proxy dropped the header")]
    MissingHeader(&'static str),
    /// A part of the signature cannot be read.
    #[error("{0} is malformed")]
    Malformed(&'static str),
    /// The request names a key that is not configured.
    #[error("the request is signed with a key that is not configured")]
    UnknownKey,
    /// The request names an algorithm that is not accepted.
    #[error("the request is signed with an algorithm that is not accepted")]
    UnsupportedAlgorithm,
    /// No accepted secret and address give this signature.
    #[error("signature does not match: check the secret and the public url")]
    Mismatch,
    /// It was made too long ago: perhaps a replay.
    #[error("signature was made {age_s} s ago, more than {WINDOW_S}: check the clock")]
    TooOld {
        /// Its age.
        age_s: u64,
    },
    /// It was made in the future.
    #[error("signature was made {ahead_s} s in the future, more than {WINDOW_S}: check the clock")]
    TooNew {
        /// How far ahead.
        ahead_s: u64,
    },
    /// The signature is good but made for another body.
    #[error("body does not match the hash that was signed")]
    BodyHash,
    /// The signature is good but made for another account or application.
    #[error("{0} in the signature is not the configured one")]
    WrongAccount(&'static str),
}

/// How far the time of a signature may be off, in seconds, either way. Telnyx' library uses it
/// (PyPI `telnyx` 4.189.0, `resources/webhooks.py`); other carriers give no figure.
pub(crate) const WINDOW_S: u64 = 300;

/// Checks the time of a signature, both in unix seconds.
pub(crate) fn check_window(signed_at_s: u64, now_s: u64) -> Result<(), SignatureError> {
    let age_s = now_s.saturating_sub(signed_at_s);
    let ahead_s = signed_at_s.saturating_sub(now_s);
    if age_s > WINDOW_S {
        return Err(SignatureError::TooOld { age_s });
    }
    if ahead_s > WINDOW_S { Err(SignatureError::TooNew { ahead_s }) } else { Ok(()) }
}

/// HMAC-SHA1, as bytes.
pub(crate) fn hmac_sha1(key: &str, message: &str) -> Vec<u8> {
    let mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.chain_update(message).finalize().into_bytes().to_vec()
}

/// HMAC-SHA256, as bytes.
pub(crate) fn hmac_sha256(key: &str, message: &str) -> Vec<u8> {
    let mac =
        Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.chain_update(message).finalize().into_bytes().to_vec()
}

/// SHA-256 in lower-case hexadecimal.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or_default();
    Sha256::digest(bytes).iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

pub(crate) fn base64_encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Decodes a base64 text, or says which part of the signature is malformed.
pub(crate) fn base64_decode(text: &str, what: &'static str) -> Result<Vec<u8>, SignatureError> {
    STANDARD.decode(text).map_err(|_| SignatureError::Malformed(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_agree_with_their_standards() {
        // FIPS 180-2 B.1; RFC 2202 §3 case 2; RFC 4231 §4.3.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_hex(b"abc"), abc);
        let message = "what do ya want for nothing?";
        assert_eq!(base64_encode(&hmac_sha1("Jefe", message)), "7/zfauXrL6LSdBbV8YTfnCWafHk=");
        let sha256 = "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=";
        assert_eq!(base64_encode(&hmac_sha256("Jefe", message)), sha256);
    }

    #[test]
    fn a_signature_is_good_for_five_minutes_either_way() {
        assert_eq!(check_window(1_000, 1_300), Ok(()));
        assert_eq!(check_window(1_300, 1_000), Ok(()));
        assert_eq!(check_window(1_000, 1_301), Err(SignatureError::TooOld { age_s: 301 }));
        assert_eq!(check_window(1_301, 1_000), Err(SignatureError::TooNew { ahead_s: 301 }));
        assert!(check_window(0, u64::MAX).is_err() && check_window(u64::MAX, 0).is_err());
    }
}
