//! Vonage's signed webhooks: a bearer token over the hash of the body.
//!
//! Sources: Vonage docs, "Decoding signed webhooks"; PyPI `vonage-jwt` 1.1.5, `verify_jwt.py`. That
//! a media socket with `authorization.type` `vonage` is signed with the same secret is our reading.

use serde_json::Value;
use subtle::ConstantTimeEq;

use crate::jwt::{Claims, sign_jwt, verify_jwt};
use crate::signature::sha256_hex;
use crate::{Headers, Secret, SignatureError};

/// What Vonage signs with, and for whom.
#[derive(Clone, Debug, Default)]
pub struct VonageSecrets {
    /// Signature secrets of the account. All are tried.
    pub signature_secrets: Vec<Secret>,
    /// If set, the token must name this API key.
    pub api_key: Option<String>,
    /// If set, the token must name this application.
    pub application_id: Option<String>,
}

/// Signs a body as Vonage does; the value of the `Authorization` header. `claims` holds what goes
/// in beside the hash: `iat`, and as needed `exp`, `api_key`, `application_id`.
pub fn sign(secret: &Secret, claims: &Claims, body: &[u8]) -> String {
    let mut claims = claims.clone();
    if !body.is_empty() {
        claims.insert(BODY_HASH.to_owned(), Value::String(sha256_hex(body)));
    }
    format!("Bearer {}", sign_jwt(secret, &claims))
}

/// Verifies a webhook, or (with an empty body) an upgrade. `now_s` is in unix seconds.
///
/// A body without a signed hash is refused. The query string of a GET webhook is not signed by
/// Vonage: do not trust what it says beyond the ids that the answer document is built from.
///
/// # Errors
///
/// The check that failed.
pub fn verify(
    secrets: &VonageSecrets,
    headers: &Headers,
    body: &[u8],
    now_s: u64,
) -> Result<Claims, SignatureError> {
    let token = headers.bearer().ok_or(SignatureError::MissingHeader("authorization"))?;
    let claims = verify_jwt(&secrets.signature_secrets, token, now_s)?;
    check_claim(&claims, "api_key", secrets.api_key.as_deref())?;
    check_claim(&claims, "application_id", secrets.application_id.as_deref())?;
    match claims.get(BODY_HASH) {
        None if body.is_empty() => {}
        None => return Err(SignatureError::BodyHash),
        Some(hash) => {
            let hash = hash.as_str().unwrap_or_default().to_ascii_lowercase();
            let is_same: bool = sha256_hex(body).as_bytes().ct_eq(hash.as_bytes()).into();
            if !is_same {
                return Err(SignatureError::BodyHash);
            }
        }
    }
    Ok(claims)
}

fn check_claim(
    claims: &Claims,
    name: &'static str,
    expected: Option<&str>,
) -> Result<(), SignatureError> {
    let is_good = match expected {
        None => true,
        Some(expected) => claims.get(name).and_then(Value::as_str) == Some(expected),
    };
    if is_good { Ok(()) } else { Err(SignatureError::WrongAccount(name)) }
}

/// The claim with the SHA-256 of the body in hexadecimal.
const BODY_HASH: &str = "payload_hash";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: u64 = 1_700_000_000;
    const BODY: &[u8] = br#"{"status":"completed"}"#;

    #[test]
    fn a_webhook_is_signed_and_verified() {
        let claims = check(&authorization(BODY), BODY).unwrap();
        assert_eq!(claims["application_id"], "app");
        assert!(check(&authorization(b""), b"").is_ok(), "an upgrade has no body");
    }

    #[test]
    fn another_body_is_refused() {
        assert_eq!(check(&authorization(BODY), b"{}"), Err(SignatureError::BodyHash));
        assert_eq!(check(&authorization(BODY), b""), Err(SignatureError::BodyHash));
        assert_eq!(check(&authorization(b""), BODY), Err(SignatureError::BodyHash));
    }

    #[test]
    fn another_account_is_refused() {
        let verify = |api_key: &str, application: &str| {
            let secrets = VonageSecrets {
                api_key: Some(api_key.to_owned()),
                application_id: Some(application.to_owned()),
                ..secrets()
            };
            let headers = Headers::from_iter([("Authorization", authorization(BODY))]);
            verify(&secrets, &headers, BODY, NOW).map(|_| ())
        };
        assert_eq!(verify("key", "app"), Ok(()));
        assert_eq!(verify("other", "app"), Err(SignatureError::WrongAccount("api_key")));
        assert_eq!(verify("key", "other"), Err(SignatureError::WrongAccount("application_id")));
    }

    #[test]
    fn what_is_missing_is_named() {
        let missing = Err(SignatureError::MissingHeader("authorization"));
        assert_eq!(verify(&secrets(), &Headers::default(), BODY, NOW), missing);
        assert_eq!(check("Basic abc", BODY), missing);
        let none = VonageSecrets::default();
        let headers = Headers::from_iter([("Authorization", authorization(BODY))]);
        assert_eq!(verify(&none, &headers, BODY, NOW), Err(SignatureError::NoSecret));
    }

    fn secrets() -> VonageSecrets {
        let signature_secrets = vec![Secret::new("vonage secret").unwrap()];
        VonageSecrets { signature_secrets, ..VonageSecrets::default() }
    }

    fn authorization(body: &[u8]) -> String {
        let claims = json!({"iat": NOW, "api_key": "key", "application_id": "app"});
        sign(&secrets().signature_secrets[0], claims.as_object().unwrap(), body)
    }

    fn check(authorization: &str, body: &[u8]) -> Result<Claims, SignatureError> {
        let headers = Headers::from_iter([("Authorization", authorization)]);
        verify(&secrets(), &headers, body, NOW)
    }
}
