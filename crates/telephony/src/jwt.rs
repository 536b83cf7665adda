//! JSON web tokens signed with HMAC-SHA256 (RFC 7515, RFC 7519), and no other kind.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

use crate::signature::{WINDOW_S, hmac_sha256};
use crate::{Secret, SignatureError};

/// The claims of a token.
pub type Claims = Map<String, Value>;

/// Signs claims with HS256.
pub fn sign_jwt(secret: &Secret, claims: &Claims) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let payload = URL_SAFE_NO_PAD.encode(Value::Object(claims.clone()).to_string());
    let signed = format!("{header}.{payload}");
    let signature = URL_SAFE_NO_PAD.encode(hmac_sha256(secret.expose(), &signed));
    format!("{signed}.{signature}")
}

/// Verifies a token's signature with any of `secrets`, and its times at `now_s` (unix seconds).
///
/// Only HS256 is accepted, whatever the token's header says: `none` would need no key, and an
/// RS256 public key used as a HMAC key is known to everybody. A token that names critical
/// extensions is refused, since none is known here (RFC 7515 §4.1.11).
///
/// # Errors
///
/// The check that failed.
pub fn verify_jwt(secrets: &[Secret], token: &str, now_s: u64) -> Result<Claims, SignatureError> {
    if secrets.is_empty() {
        return Err(SignatureError::NoSecret);
    }
    if token.len() > TOKEN_BYTES_MAX {
        return Err(SignatureError::Malformed(TOKEN));
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(SignatureError::Malformed(TOKEN))?;
    let (header, payload) = signed.split_once('.').ok_or(SignatureError::Malformed(TOKEN))?;
    let header = decode_object(header)?;
    if header.get("alg").and_then(Value::as_str) != Some("HS256") || header.contains_key("crit") {
        return Err(SignatureError::UnsupportedAlgorithm);
    }
    let given = decode(signature)?;
    let is_good = secrets.iter().any(|secret| {
        let expected = hmac_sha256(secret.expose(), signed);
        bool::from(expected.ct_eq(&given))
    });
    if !is_good {
        return Err(SignatureError::Mismatch);
    }
    let claims = decode_object(payload)?;
    check_times(&claims, now_s)?;
    Ok(claims)
}

/// `exp` must lie ahead, `nbf` and `iat` behind, give or take nothing for `exp` (a short-lived
/// token must be short-lived) and the window for the others. Without `exp`, `iat` must lie within
/// the window, or the token would be good for ever.
fn check_times(claims: &Claims, now_s: u64) -> Result<(), SignatureError> {
    let expires_at_s = time(claims, "exp")?;
    let issued_at_s = time(claims, "iat")?;
    if let Some(expired_s) = expires_at_s.filter(|at_s| *at_s <= now_s) {
        return Err(SignatureError::TooOld { age_s: now_s - expired_s });
    }
    for starts_at_s in [time(claims, "nbf")?, issued_at_s].into_iter().flatten() {
        let ahead_s = starts_at_s.saturating_sub(now_s);
        if ahead_s > WINDOW_S {
            return Err(SignatureError::TooNew { ahead_s });
        }
    }
    match (expires_at_s, issued_at_s) {
        (Some(_), _) => Ok(()),
        (None, Some(issued_at_s)) => {
            let age_s = now_s.saturating_sub(issued_at_s);
            if age_s > WINDOW_S { Err(SignatureError::TooOld { age_s }) } else { Ok(()) }
        }
        (None, None) => Err(SignatureError::Malformed("token time: neither exp nor iat")),
    }
}

/// A time claim in unix seconds. RFC 7519 §2 allows fractions, which are cut off.
fn time(claims: &Claims, name: &str) -> Result<Option<u64>, SignatureError> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let seconds = value.as_u64().or_else(|| {
        let fraction = value.as_f64().filter(|seconds| (0.0..=TIME_S_MAX).contains(seconds))?;
        Some(fraction as u64)
    });
    seconds.map(Some).ok_or(SignatureError::Malformed("token time"))
}

fn decode(part: &str) -> Result<Vec<u8>, SignatureError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| SignatureError::Malformed(TOKEN))
}

fn decode_object(part: &str) -> Result<Claims, SignatureError> {
    serde_json::from_slice(&decode(part)?).map_err(|_| SignatureError::Malformed(TOKEN))
}

const TOKEN: &str = "token";
/// Carriers' tokens have a few hundred bytes; a header of more than this is no token.
const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// Year 9999, far within what an `f64` holds exactly.
const TIME_S_MAX: f64 = 253_402_300_799.0;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const NOW: u64 = 1_700_000_000;

    #[test]
    fn a_signed_token_is_verified() {
        let claims = object(json!({"iat": NOW, "sub": "demo"}));
        assert_eq!(verify_jwt(&[secret()], &sign_jwt(&secret(), &claims), NOW), Ok(claims));
    }

    #[test]
    fn only_hs256_is_accepted() {
        for header in [
            json!({"alg": "none"}),
            json!({"alg": "None"}),
            json!({"alg": "RS256"}),
            json!({"alg": "hs256"}),
            json!({"alg": "HS512"}),
            json!({"alg": ["HS256"]}),
            json!({}),
            json!({"alg": "HS256", "crit": ["exp"]}),
        ] {
            let signed = format!("{}.{}", encode(&header), encode(&json!({"iat": NOW})));
            let signature = URL_SAFE_NO_PAD.encode(hmac_sha256(secret().expose(), &signed));
            for token in [format!("{signed}.{signature}"), format!("{signed}.")] {
                let verified = verify_jwt(&[secret()], &token, NOW);
                assert_eq!(verified, Err(SignatureError::UnsupportedAlgorithm), "{header}");
            }
        }
    }

    #[test]
    fn a_token_is_good_for_its_time_only() {
        let check = |claims: Value| {
            verify_jwt(&[secret()], &sign_jwt(&secret(), &object(claims)), NOW).map(|_| ())
        };
        assert_eq!(check(json!({"iat": NOW - 300})), Ok(()));
        assert_eq!(check(json!({"iat": NOW - 301})), Err(SignatureError::TooOld { age_s: 301 }));
        assert_eq!(check(json!({"iat": NOW + 301})), Err(SignatureError::TooNew { ahead_s: 301 }));
        assert_eq!(
            check(json!({"nbf": NOW + 301, "exp": NOW + 900})),
            Err(SignatureError::TooNew { ahead_s: 301 })
        );
        assert_eq!(check(json!({"iat": NOW - 800, "exp": NOW + 100})), Ok(()));
        assert_eq!(
            check(json!({"exp": NOW as f64 + 0.5})),
            Err(SignatureError::TooOld { age_s: 0 })
        );
        assert_eq!(
            check(json!({"iat": NOW, "exp": NOW})),
            Err(SignatureError::TooOld { age_s: 0 })
        );
        let neither = SignatureError::Malformed("token time: neither exp nor iat");
        assert_eq!(check(json!({})), Err(neither));
        for time in [json!("soon"), json!(-1), json!(1e300), json!(null)] {
            let malformed = Err(SignatureError::Malformed("token time"));
            assert_eq!(check(json!({"exp": time, "iat": NOW})), malformed);
        }
    }

    #[test]
    fn one_of_several_secrets_is_enough_and_none_is_not() {
        let token = sign_jwt(&secret(), &object(json!({"iat": NOW})));
        let other = Secret::new("other").unwrap();
        assert!(verify_jwt(&[other.clone(), secret()], &token, NOW).is_ok());
        assert_eq!(verify_jwt(&[other], &token, NOW), Err(SignatureError::Mismatch));
        assert_eq!(verify_jwt(&[], &token, NOW), Err(SignatureError::NoSecret));
    }

    proptest! {
        #[test]
        fn any_text_is_refused(text in "[a-zA-Z0-9_.=-]{0,80}", any in ".*") {
            prop_assert!(verify_jwt(&[secret()], &text, NOW).is_err());
            prop_assert!(verify_jwt(&[secret()], &any, NOW).is_err());
        }

        #[test]
        fn a_changed_character_is_refused(index in 0..100_usize, character in "[a-zA-Z0-9_.-]") {
            let token = sign_jwt(&secret(), &object(json!({"iat": NOW, "a": "some claim"})));
            let index = index % token.len();
            let mut changed = token.clone();
            changed.replace_range(index..=index, &character);
            prop_assert_eq!(
                verify_jwt(&[secret()], &changed, NOW).is_ok(),
                changed == token,
                "{}", changed
            );
        }
    }

    fn secret() -> Secret {
        Secret::new("a secret of the account").unwrap()
    }

    fn object(value: Value) -> Claims {
        value.as_object().unwrap().clone()
    }

    fn encode(value: &Value) -> String {
        URL_SAFE_NO_PAD.encode(value.to_string())
    }
}
