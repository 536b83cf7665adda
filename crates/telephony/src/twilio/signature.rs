//! Twilio's signature over webhooks and media-stream upgrades.
//!
//! Sources: PyPI `twilio` 9.13.0, `request_validator.py` (webhooks, ports, body hash, shared keys);
//! PyPI `twilio-agent-connect` 2.5.0, `tac/server/signature_validation.py` (upgrades).

use subtle::ConstantTimeEq;

use crate::public_url::split_port;
use crate::signature::{base64_decode, base64_encode, hmac_sha1, hmac_sha256, sha256_hex};
use crate::webhook::{path_of, query_of};
use crate::{FormParams, Headers, PublicUrl, Secret, SignatureError, WebhookRequest};

/// What Twilio signs with. All are tried: regions have tokens of their own, and a rotation has two
/// at a time.
#[derive(Clone, Debug, Default)]
pub struct TwilioSecrets {
    /// Auth tokens of the account.
    pub auth_tokens: Vec<Secret>,
    /// Shared keys, used when a request names one.
    pub shared_keys: Vec<SharedKey>,
}

/// A key that Twilio signs with in place of the auth token, and the id that requests name it by.
#[derive(Clone, Debug)]
pub struct SharedKey {
    /// The id in the settings header.
    pub id: String,
    /// The key.
    pub secret: Secret,
}

/// The digest under a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TwilioAlgorithm {
    /// The auth token's, and the default.
    HmacSha1,
    /// Selected by the settings header.
    HmacSha256,
}

/// Holds the signature.
pub(super) const SIGNATURE_HEADER: &str = "x-twilio-signature";
/// Holds `key=<id>,algorithm=<name>` when another key or digest than the default was used.
const SETTINGS_HEADER: &str = "x-twilio-webhooks-signature-settings";
/// Query item with the SHA-256 of a body that is no form.
const BODY_HASH: &str = "bodySHA256";

impl TwilioSecrets {
    /// Whether there is nothing to verify with.
    pub fn is_empty(&self) -> bool {
        self.auth_tokens.is_empty() && self.shared_keys.is_empty()
    }

    /// The secrets and the digest that a request says it was signed with.
    fn for_request(
        &self,
        headers: &Headers,
    ) -> Result<(Vec<&Secret>, TwilioAlgorithm), SignatureError> {
        if self.is_empty() {
            return Err(SignatureError::NoSecret);
        }
        let setting = |name: &str| {
            let settings = headers.list(SETTINGS_HEADER).filter_map(|part| part.split_once('='));
            let mut settings = settings.map(|(key, value)| (key.trim(), value.trim()));
            settings.find(|(key, value)| *key == name && !value.is_empty()).map(|found| found.1)
        };
        let algorithm = match setting("algorithm") {
            None => TwilioAlgorithm::HmacSha1,
            Some(name) if name.eq_ignore_ascii_case("HMAC_SHA1") => TwilioAlgorithm::HmacSha1,
            Some(name) if name.eq_ignore_ascii_case("HMAC_SHA256") => TwilioAlgorithm::HmacSha256,
            Some(_) => return Err(SignatureError::UnsupportedAlgorithm),
        };
        let Some(id) = setting("key") else {
            return Ok((self.auth_tokens.iter().collect(), algorithm));
        };
        let keys = self.shared_keys.iter().filter(|key| key.id == id);
        let keys: Vec<&Secret> = keys.map(|key| &key.secret).collect();
        if keys.is_empty() { Err(SignatureError::UnknownKey) } else { Ok((keys, algorithm)) }
    }
}

/// Signs a request as Twilio does: the URL, then each parameter's name and value, sorted by name
/// and value, equal ones once.
pub fn sign(secret: &Secret, algorithm: TwilioAlgorithm, url: &str, params: &FormParams) -> String {
    base64_encode(&digest(secret, algorithm, url, params))
}

/// Appends the hash of a body that is no form to the URL to be signed and requested.
pub fn with_body_hash(url: &str, body: &[u8]) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{BODY_HASH}={}", sha256_hex(body))
}

/// Verifies a webhook.
///
/// # Errors
///
/// The check that failed.
pub fn verify(
    secrets: &TwilioSecrets,
    public_url: &PublicUrl,
    request: &WebhookRequest<'_>,
) -> Result<(), SignatureError> {
    let params = request.form().unwrap_or_default();
    let scheme = if public_url.is_secure() { "https" } else { "http" };
    let addresses = public_url.schemeless(request.target);
    let urls = addresses.iter().flat_map(|address| with_and_without_port(scheme, address));
    let candidates: Vec<_> = urls.map(|url| (url, params.clone())).collect();
    check(secrets, request.headers, &candidates)?;
    // The body of a form is signed as parameters. Any other body is signed by its hash only, so
    // without one it is not signed at all.
    if request.form().is_some() || request.body.is_empty() {
        return Ok(());
    }
    let query = request.query();
    let signed = query.first(BODY_HASH).ok_or(SignatureError::BodyHash)?.to_ascii_lowercase();
    let is_same: bool = sha256_hex(request.body).as_bytes().ct_eq(signed.as_bytes()).into();
    if is_same { Ok(()) } else { Err(SignatureError::BodyHash) }
}

/// Verifies the upgrade of a media stream to `target` (path and query).
///
/// Twilio signs the `wss` address; items of a query string count as parameters. Whether a slash at
/// the end belongs to the signed address differs, so both are tried (from experience, not from
/// Twilio's documentation).
///
/// # Errors
///
/// The check that failed.
pub fn verify_upgrade(
    secrets: &TwilioSecrets,
    public_url: &PublicUrl,
    headers: &Headers,
    target: &str,
) -> Result<(), SignatureError> {
    let scheme = if public_url.is_secure() { "wss" } else { "ws" };
    let params = first_values(&query_of(target));
    let path = path_of(target);
    let other = path.strip_suffix('/').map_or_else(|| format!("{path}/"), str::to_owned);
    let mut candidates = Vec::new();
    for path in [path, other.as_str()] {
        for address in public_url.schemeless(path) {
            for url in with_and_without_port(scheme, &address) {
                candidates.push((url, params.clone()));
            }
        }
    }
    check(secrets, headers, &candidates)
}

/// Each name once with its first value, names without a value left out: what Twilio's own library
/// makes of an upgrade's query string.
fn first_values(query: &FormParams) -> FormParams {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for (name, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
        if !seen.iter().any(|(known, _)| *known == name) {
            seen.push((name, value));
        }
    }
    seen.into_iter().collect()
}

fn check(
    secrets: &TwilioSecrets,
    headers: &Headers,
    candidates: &[(String, FormParams)],
) -> Result<(), SignatureError> {
    let (keys, algorithm) = secrets.for_request(headers)?;
    let given = headers.first(SIGNATURE_HEADER);
    let given = given.ok_or(SignatureError::MissingHeader(SIGNATURE_HEADER))?;
    let given = base64_decode(given, SIGNATURE_HEADER)?;
    let is_good = keys.iter().any(|key| {
        candidates.iter().any(|(url, params)| {
            let expected = digest(key, algorithm, url, params);
            bool::from(expected.ct_eq(&given))
        })
    });
    if is_good { Ok(()) } else { Err(SignatureError::Mismatch) }
}

/// Twilio signs with the port or without it, whatever the URL says. Its library takes 80 for `wss`.
fn with_and_without_port(scheme: &str, address: &str) -> Vec<String> {
    let (authority, path) = address.split_at(address.find(['/', '?']).unwrap_or(address.len()));
    let (host, port) = split_port(authority);
    let ports: &[&str] = match (&port, scheme) {
        (Some(port), _) => &[*port],
        (None, "https") => &["443"],
        (None, "wss") => &["443", "80"],
        (None, _) => &["80"],
    };
    let with_port = ports.iter().map(|port| format!("{scheme}://{host}:{port}{path}"));
    std::iter::once(format!("{scheme}://{host}{path}")).chain(with_port).collect()
}

fn digest(secret: &Secret, algorithm: TwilioAlgorithm, url: &str, params: &FormParams) -> Vec<u8> {
    let mut sorted: Vec<(&str, &str)> = params.iter().collect();
    sorted.sort_unstable();
    sorted.dedup();
    let mut signed = url.to_owned();
    for (name, value) in sorted {
        signed.push_str(name);
        signed.push_str(value);
    }
    match algorithm {
        TwilioAlgorithm::HmacSha1 => hmac_sha1(secret.expose(), &signed),
        TwilioAlgorithm::HmacSha256 => hmac_sha256(secret.expose(), &signed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Method;

    const FORM: &str = "application/x-www-form-urlencoded";
    const BODY: &[u8] =
        b"CallSid=CA1234567890ABCDE&From=%2B14158675309&To=%2B18005551212&Digits=1234";
    const SHA1: &str = "ygQf8YoamjKAU19UvcH+XrSJ3tU=";
    const SHA256: &str = "ht7srWwU40fHu9lpSnGkTjMIz85SzJoML2sKX7hBsqQ=";

    #[test]
    fn a_form_is_verified_with_either_digest() {
        let sha256 = "key=K1,algorithm=HMAC_SHA256";
        assert_eq!(webhook(&secrets(), "/voice?x=1", SHA1, None, FORM, BODY), Ok(()));
        assert_eq!(webhook(&secrets(), "/voice?x=1", SHA256, Some(sha256), FORM, BODY), Ok(()));
        let no_key = Some("algorithm=hmac_sha256");
        assert_eq!(webhook(&secrets(), "/voice?x=1", SHA256, no_key, FORM, BODY), Ok(()));
    }

    #[test]
    fn a_digest_or_key_that_is_not_configured_is_refused() {
        let verify = |settings| webhook(&secrets(), "/voice?x=1", SHA1, Some(settings), FORM, BODY);
        assert_eq!(verify("key=K2,algorithm=HMAC_SHA256"), Err(SignatureError::UnknownKey));
        assert_eq!(verify("algorithm=none"), Err(SignatureError::UnsupportedAlgorithm));
        assert_eq!(verify("key=K1,algorithm=HMAC_SHA256"), Err(SignatureError::Mismatch));
        let empty = TwilioSecrets::default();
        let verify = webhook(&empty, "/voice?x=1", SHA1, None, FORM, BODY);
        assert_eq!(verify, Err(SignatureError::NoSecret));
    }

    #[test]
    fn any_change_is_refused() {
        let verify = |target: &str, signature: &str, body: &[u8]| {
            webhook(&secrets(), target, signature, None, FORM, body)
        };
        assert_eq!(verify("/voice?x=2", SHA1, BODY), Err(SignatureError::Mismatch));
        assert_eq!(verify("/voice?x=1", SHA256, BODY), Err(SignatureError::Mismatch));
        assert_eq!(verify("/voice?x=1", SHA1, b"From=1"), Err(SignatureError::Mismatch));
        assert_eq!(
            verify("/voice?x=1", "no base64", BODY),
            Err(SignatureError::Malformed(SIGNATURE_HEADER))
        );
        let headers = Headers::from_iter([("content-type", FORM)]);
        assert_eq!(
            verify_request(&secrets(), "/voice?x=1", &headers, BODY),
            Err(SignatureError::MissingHeader(SIGNATURE_HEADER))
        );
    }

    #[test]
    fn one_of_several_tokens_is_enough() {
        let mut secrets = secrets();
        secrets.auth_tokens.insert(0, Secret::new("another region").unwrap());
        assert_eq!(webhook(&secrets, "/voice?x=1", SHA1, None, FORM, BODY), Ok(()));
    }

    #[test]
    fn equal_parameters_count_once_and_others_are_sorted() {
        let url = "https://example.com/voice";
        let signed = |params: &[(&str, &str)]| {
            let params = params.iter().copied().collect();
            sign(&secrets().auth_tokens[0], TwilioAlgorithm::HmacSha1, url, &params)
        };
        let sorted = signed(&[("a", "1"), ("a", "2"), ("b", "0")]);
        assert_eq!(signed(&[("b", "0"), ("a", "2"), ("a", "1"), ("a", "2")]), sorted);
        assert_ne!(signed(&[("a", "1"), ("b", "0")]), sorted);
    }

    #[test]
    fn a_json_body_is_verified_by_its_hash() {
        let target =
            "/j?bodySHA256=015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862";
        let json = "application/json";
        let signature = "6GDIxue6P6vEr2mLx8Gq5cr0sCg=";
        let verify = |target: &str, signature: &str, body: &[u8]| {
            webhook(&secrets(), target, signature, None, json, body)
        };
        assert_eq!(verify(target, signature, br#"{"a":1}"#), Ok(()));
        assert_eq!(verify(target, signature, br#"{"a":2}"#), Err(SignatureError::BodyHash));
        assert_eq!(
            with_body_hash("https://example.com/j", br#"{"a":1}"#),
            format!("https://example.com{target}")
        );
        // A signed address without a hash must not carry an unsigned body.
        let secret = &secrets().auth_tokens[0];
        let url = "https://example.com/j";
        let bare = sign(secret, TwilioAlgorithm::HmacSha1, url, &FormParams::default());
        assert_eq!(verify("/j", &bare, br#"{"a":1}"#), Err(SignatureError::BodyHash));
        assert_eq!(verify("/j", &bare, b""), Ok(()));
    }

    #[test]
    fn the_port_may_be_signed_or_not() {
        let secret = &secrets().auth_tokens[0];
        let none = FormParams::default();
        for (public, signed) in [
            ("https://example.com", "https://example.com:443/v"),
            ("https://example.com:443", "https://example.com/v"),
            ("https://example.com:8443", "https://example.com:8443/v"),
            ("https://example.com:8443", "https://example.com/v"),
            ("http://example.com", "http://example.com:80/v"),
        ] {
            let signature = sign(secret, TwilioAlgorithm::HmacSha1, signed, &none);
            let headers = Headers::from_iter([(SIGNATURE_HEADER, signature.as_str())]);
            let public = PublicUrl::parse(public).unwrap();
            let request =
                WebhookRequest { method: Method::Get, target: "/v", headers: &headers, body: b"" };
            assert_eq!(verify(&secrets(), &public, &request), Ok(()), "{signed}");
        }
    }

    #[test]
    fn an_upgrade_is_verified_with_and_without_a_slash() {
        let verify = |public: &str, target: &str, signature: &str| {
            let public = PublicUrl::parse(public).unwrap();
            let headers = Headers::from_iter([("X-Twilio-Signature", signature)]);
            verify_upgrade(&secrets(), &public, &headers, target)
        };
        let plain = "7PR3qMkpDyEJtMrVOY/LDyNq8J8=";
        let slash = "T+WBXwUXC0/CyoZ1DA+p9ilZORs=";
        for signature in [plain, slash] {
            for target in ["/media", "/media/"] {
                assert_eq!(verify("https://example.com", target, signature), Ok(()), "{target}");
            }
        }
        assert_eq!(verify("https://example.com/media", "", plain), Ok(()), "prefix only");
        assert!(verify("http://example.com", "/media", plain).is_err(), "ws is not wss");
        assert!(verify("https://example.com", "/medias", plain).is_err());
    }

    #[test]
    fn the_query_of_an_upgrade_is_signed_as_parameters() {
        let url = "wss://example.com/media";
        let params = FormParams::from_iter([("b", "2"), ("a", "1")]);
        let secret = &secrets().auth_tokens[0];
        let signature = sign(secret, TwilioAlgorithm::HmacSha1, url, &params);
        let headers = Headers::from_iter([("X-Twilio-Signature", signature)]);
        let public = PublicUrl::parse("https://example.com").unwrap();
        let verify = |target: &str| verify_upgrade(&secrets(), &public, &headers, target);
        assert_eq!(verify("/media?a=1&b=2&a=3&c="), Ok(()));
        assert_eq!(verify("/media?a=3&b=2"), Err(SignatureError::Mismatch));
        assert_eq!(verify("/media"), Err(SignatureError::Mismatch));
    }

    fn secrets() -> TwilioSecrets {
        let secret = Secret::new("12345").unwrap();
        let shared_keys = vec![SharedKey { id: "K1".to_owned(), secret: secret.clone() }];
        TwilioSecrets { auth_tokens: vec![secret], shared_keys }
    }

    fn webhook(
        secrets: &TwilioSecrets,
        target: &str,
        signature: &str,
        settings: Option<&str>,
        content_type: &str,
        body: &[u8],
    ) -> Result<(), SignatureError> {
        let mut fields = vec![("X-Twilio-Signature", signature), ("Content-Type", content_type)];
        fields.extend(settings.map(|value| ("X-Twilio-Webhooks-Signature-Settings", value)));
        verify_request(secrets, target, &fields.into_iter().collect(), body)
    }

    fn verify_request(
        secrets: &TwilioSecrets,
        target: &str,
        headers: &Headers,
        body: &[u8],
    ) -> Result<(), SignatureError> {
        let public = PublicUrl::parse("https://example.com").unwrap();
        let request = WebhookRequest { method: Method::Post, target, headers, body };
        verify(secrets, &public, &request)
    }
}
