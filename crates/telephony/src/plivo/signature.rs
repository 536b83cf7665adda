//! Plivo's signature, version 3, over webhooks and audio-stream upgrades; Vobiz uses the same under
//! other header names.
//!
//! Sources: PyPI `plivo` 4.63.0, `utils/signature_v3.py` (webhooks); PyPI `plivo-stream-sdk` 0.1.1
//! (upgrades). The header names of Vobiz are those of public adapters, not of a specification.

use subtle::ConstantTimeEq;

use crate::signature::{base64_decode, base64_encode, hmac_sha256};
use crate::webhook::{path_of, query_of};
use crate::{FormParams, Headers, Method, PublicUrl, Secret, SignatureError, WebhookRequest};

/// What Plivo, or a carrier with its dialect, signs with.
#[derive(Clone, Debug, Default)]
pub struct PlivoSecrets {
    /// Auth tokens of the account and its sub-accounts. All are tried.
    pub auth_tokens: Vec<Secret>,
    /// Whose headers carry the signature.
    pub brand: PlivoBrand,
}

/// Carriers with Plivo's dialect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlivoBrand {
    /// `X-Plivo-Signature-V3` and `X-Plivo-Signature-V3-Nonce`.
    #[default]
    Plivo,
    /// `X-Vobiz-Signature-V3` and `X-Vobiz-Signature-V3-Nonce`.
    Vobiz,
}

impl PlivoBrand {
    /// The header that holds one or more signatures, separated by commas.
    pub const fn signature_header(self) -> &'static str {
        match self {
            Self::Plivo => "x-plivo-signature-v3",
            Self::Vobiz => "x-vobiz-signature-v3",
        }
    }

    /// The header that holds the nonce.
    pub const fn nonce_header(self) -> &'static str {
        match self {
            Self::Plivo => "x-plivo-signature-v3-nonce",
            Self::Vobiz => "x-vobiz-signature-v3-nonce",
        }
    }
}

/// Signs a request as Plivo does. `form` holds the parameters of the body; a GET has none.
pub fn sign(secret: &Secret, method: Method, url: &str, form: &FormParams, nonce: &str) -> String {
    base64_encode(&digest(secret, &signed_address(method, url, form), nonce))
}

/// Verifies a webhook. Plivo signs no time, so a replay within a call is not recognised here.
///
/// # Errors
///
/// The check that failed.
pub fn verify(
    secrets: &PlivoSecrets,
    public_url: &PublicUrl,
    request: &WebhookRequest<'_>,
) -> Result<(), SignatureError> {
    // Only parameters are signed: a body that is no form would pass unread.
    let form = match (request.method, request.form()) {
        (Method::Post, Some(form)) => form,
        (Method::Get | Method::Post, _) if request.body.is_empty() => FormParams::default(),
        (Method::Get | Method::Post, _) => return Err(SignatureError::BodyHash),
    };
    let scheme = if public_url.is_secure() { "https" } else { "http" };
    let addresses = public_url.schemeless(request.target).into_iter();
    let candidates: Vec<_> = addresses
        .map(|address| signed_address(request.method, &format!("{scheme}://{address}"), &form))
        .collect();
    check(secrets, request.headers, &candidates)
}

/// Verifies the upgrade of an audio stream to `target` (path and query).
///
/// Plivo's own server library expects `http://` and `/websocket` appended to the whole address,
/// which looks like a detail of one deployment. All of ws, wss, http and https are tried, each as
/// it is, with `/` and with `/websocket`: every one of them names this very path, so none lets a
/// signature for another address pass.
///
/// # Errors
///
/// The check that failed.
pub fn verify_upgrade(
    secrets: &PlivoSecrets,
    public_url: &PublicUrl,
    headers: &Headers,
    target: &str,
) -> Result<(), SignatureError> {
    let path = path_of(target);
    let query = target.strip_prefix(path).unwrap_or_default();
    let stem = path.trim_end_matches('/');
    let targets = [
        target.to_owned(),
        format!("{path}/{query}"),
        format!("{stem}/{query}"),
        format!("{stem}{query}"),
        format!("{stem}/websocket{query}"),
        format!("{target}/websocket"),
    ];
    let mut candidates = Vec::new();
    for address in targets.iter().flat_map(|target| public_url.schemeless(target)) {
        for scheme in ["wss", "ws", "https", "http"] {
            let url = format!("{scheme}://{address}");
            candidates.push(signed_address(Method::Get, &url, &FormParams::default()));
        }
    }
    check(secrets, headers, &candidates)
}

fn check(
    secrets: &PlivoSecrets,
    headers: &Headers,
    candidates: &[String],
) -> Result<(), SignatureError> {
    if secrets.auth_tokens.is_empty() {
        return Err(SignatureError::NoSecret);
    }
    let (signatures, nonce) = (secrets.brand.signature_header(), secrets.brand.nonce_header());
    headers.first(signatures).ok_or(SignatureError::MissingHeader(signatures))?;
    let nonce = headers.first(nonce).ok_or(SignatureError::MissingHeader(nonce))?;
    let given: Vec<Vec<u8>> = headers
        .list(signatures)
        .take(SIGNATURES_MAX)
        .map(|signature| base64_decode(signature, signatures))
        .collect::<Result<_, _>>()?;
    let is_good = secrets.auth_tokens.iter().any(|secret| {
        candidates.iter().any(|address| {
            let expected = digest(secret, address, nonce);
            given.iter().any(|given| bool::from(expected.ct_eq(given)))
        })
    });
    if is_good { Ok(()) } else { Err(SignatureError::Mismatch) }
}

/// Plivo sends one per auth token of the account; more would only cost time.
const SIGNATURES_MAX: usize = 8;

/// The address as it is signed: the query sorted, and for a form a `?` even where there is no
/// query, then the parameters. All of it is decoded.
fn signed_address(method: Method, url: &str, form: &FormParams) -> String {
    let mut address = path_of(url).to_owned();
    let query = sorted(&query_of(url));
    let form = match method {
        Method::Get => Vec::new(),
        Method::Post => sorted(form),
    };
    if !query.is_empty() || !form.is_empty() {
        address.push('?');
    }
    let pairs: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    address.push_str(&pairs.join("&"));
    if !query.is_empty() && !form.is_empty() {
        address.push('.');
    }
    for (name, value) in form {
        address.push_str(&name);
        address.push_str(&value);
    }
    address
}

fn sorted(params: &FormParams) -> Vec<(String, String)> {
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let mut sorted: Vec<_> = params.iter().map(owned).collect();
    sorted.sort_unstable();
    sorted
}

fn digest(secret: &Secret, address: &str, nonce: &str) -> Vec<u8> {
    hmac_sha256(secret.expose(), &format!("{address}.{nonce}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONCE: &str = "12345678901234567890";
    const POST: &str = "ZEGZKagMMf4a+kbp3wl2ZaWBKd2U8cgcQStpvDW6P18=";
    const GET: &str = "FEDwPQxivLLJCAmdVCQXCMV+hiKUVo1nZD7k1DietWE=";
    const UPGRADE: &str = "VWD0SzbATyKR65A0zKT0+KiGeWSQxaMv6gETQcTKN5E=";
    const BODY: &[u8] = b"To=15551230001&CallUUID=abc&From=15551230002";
    const FORM: &str = "application/x-www-form-urlencoded";

    #[test]
    fn a_webhook_is_verified() {
        assert_eq!(webhook(Method::Post, "/answer?b=2&a=1", POST, FORM, BODY), Ok(()));
        assert_eq!(webhook(Method::Get, "/answer?b=2&a=1", GET, FORM, b""), Ok(()));
        let url = "https://example.com/answer?b=2&a=1";
        let form = FormParams::parse(BODY);
        assert_eq!(
            signed_address(Method::Post, url, &form),
            "https://example.com/answer?a=1&b=2.CallUUIDabcFrom15551230002To15551230001"
        );
    }

    #[test]
    fn a_form_without_a_query_is_signed_behind_a_question_mark() {
        let form = FormParams::from_iter([("b", "2"), ("a", "1"), ("a", "0")]);
        let url = "https://example.com/answer";
        assert_eq!(signed_address(Method::Post, url, &form), "https://example.com/answer?a0a1b2");
        assert_eq!(signed_address(Method::Post, url, &FormParams::default()), url);
        assert_eq!(signed_address(Method::Get, url, &form), url, "a GET has no form");
    }

    #[test]
    fn one_of_several_signatures_is_enough() {
        let several = format!("AAAA, {GET},BBBB");
        assert_eq!(webhook(Method::Get, "/answer?b=2&a=1", &several, FORM, b""), Ok(()));
        let many = format!("{}{GET}", "AAAA,".repeat(SIGNATURES_MAX));
        let verified = webhook(Method::Get, "/answer?b=2&a=1", &many, FORM, b"");
        assert_eq!(verified, Err(SignatureError::Mismatch));
    }

    #[test]
    fn any_change_is_refused() {
        let mismatch = Err(SignatureError::Mismatch);
        assert_eq!(webhook(Method::Post, "/answer?b=2&a=1", POST, FORM, b"From=1"), mismatch);
        assert_eq!(webhook(Method::Post, "/answer?b=2", POST, FORM, BODY), mismatch);
        assert_eq!(webhook(Method::Get, "/other?b=2&a=1", GET, FORM, b""), mismatch);
        let body = Err(SignatureError::BodyHash);
        assert_eq!(webhook(Method::Post, "/answer?b=2&a=1", GET, "text/plain", BODY), body);
        assert_eq!(webhook(Method::Get, "/answer?b=2&a=1", GET, FORM, BODY), body);
        let malformed = SignatureError::Malformed("x-plivo-signature-v3");
        assert_eq!(webhook(Method::Get, "/answer", "?", FORM, b""), Err(malformed));
    }

    #[test]
    fn what_is_missing_is_named() {
        let public = PublicUrl::parse("https://example.com").unwrap();
        let none = Headers::default();
        let request =
            WebhookRequest { method: Method::Get, target: "/", headers: &none, body: b"" };
        let missing = SignatureError::MissingHeader("x-vobiz-signature-v3");
        let secrets = PlivoSecrets { brand: PlivoBrand::Vobiz, ..secrets() };
        assert_eq!(verify(&secrets, &public, &request), Err(missing));
        let headers = Headers::from_iter([("X-Vobiz-Signature-V3", GET)]);
        let request = WebhookRequest { headers: &headers, ..request };
        let missing = SignatureError::MissingHeader("x-vobiz-signature-v3-nonce");
        assert_eq!(verify(&secrets, &public, &request), Err(missing));
        let empty = PlivoSecrets::default();
        assert_eq!(verify(&empty, &public, &request), Err(SignatureError::NoSecret));
    }

    #[test]
    fn an_upgrade_is_verified_in_every_form_carriers_sign() {
        let public = PublicUrl::parse("https://example.com").unwrap();
        let check = |signature: &str, target: &str| {
            let fields =
                [("X-Plivo-Signature-V3", signature), ("X-Plivo-Signature-V3-Nonce", NONCE)];
            verify_upgrade(&secrets(), &public, &Headers::from_iter(fields), target)
        };
        assert_eq!(check(UPGRADE, "/ws"), Ok(()));
        for scheme in ["ws", "wss", "http", "https"] {
            for end in ["", "/", "/websocket"] {
                let url = format!("{scheme}://example.com/ws{end}");
                let secret = &secrets().auth_tokens[0];
                let none = FormParams::default();
                let signature = sign(secret, Method::Get, &url, &none, NONCE);
                assert_eq!(check(&signature, "/ws"), Ok(()), "{url}");
                assert_eq!(check(&signature, "/ws/"), Ok(()), "{url}");
                assert_eq!(check(&signature, "/w"), Err(SignatureError::Mismatch));
            }
        }
        // The library appends to the address, query included.
        let signature = sign(
            &secrets().auth_tokens[0],
            Method::Get,
            "http://example.com/ws?a=1/websocket",
            &FormParams::default(),
            NONCE,
        );
        assert_eq!(check(&signature, "/ws?a=1"), Ok(()));
    }

    fn secrets() -> PlivoSecrets {
        let auth_tokens = vec![Secret::new("plivotoken").unwrap()];
        PlivoSecrets { auth_tokens, brand: PlivoBrand::Plivo }
    }

    fn webhook(
        method: Method,
        target: &str,
        signature: &str,
        content_type: &str,
        body: &[u8],
    ) -> Result<(), SignatureError> {
        let headers = Headers::from_iter([
            ("X-Plivo-Signature-V3", signature),
            ("X-Plivo-Signature-V3-Nonce", NONCE),
            ("Content-Type", content_type),
        ]);
        let public = PublicUrl::parse("https://example.com").unwrap();
        let request = WebhookRequest { method, target, headers: &headers, body };
        verify(&secrets(), &public, &request)
    }
}
