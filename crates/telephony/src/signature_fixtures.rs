//! Vectors made with the carriers' own libraries: what they accept is accepted here, what they
//! refuse is refused. `tests/peers/signature_vectors.py` makes the files.

use serde_json::Value;

use crate::{
    Headers, Method, PublicUrl, Secret, SignatureError, WebhookRequest, plivo, telnyx, twilio,
    verify_jwt, vonage,
};

#[test]
fn twilio_and_its_library_agree() {
    check_all(include_str!("../fixtures/twilio_signatures.json"), |vector| {
        let secrets = twilio::TwilioSecrets {
            auth_tokens: vec![secret(text(vector, "token"))],
            ..twilio::TwilioSecrets::default()
        };
        let content_type = match text(vector, "kind") {
            "json" => "application/json",
            _ => FORM,
        };
        let headers = Headers::from_iter([
            ("X-Twilio-Signature", text(vector, "signature").to_owned()),
            (
                "X-Twilio-Webhooks-Signature-Settings",
                format!("algorithm={}", text(vector, "algorithm")),
            ),
            ("Content-Type", content_type.to_owned()),
        ]);
        let (public, target) = (public_url(vector), text(vector, "target"));
        if text(vector, "kind") == "upgrade" {
            return twilio::verify_upgrade(&secrets, &public, &headers, target);
        }
        let body = text(vector, "body").as_bytes();
        let request = WebhookRequest { method: Method::Post, target, headers: &headers, body };
        twilio::verify(&secrets, &public, &request)
    });
}

#[test]
fn plivo_and_its_library_agree() {
    check_all(include_str!("../fixtures/plivo_signatures.json"), |vector| {
        let auth_tokens = vec![secret(text(vector, "token"))];
        let secrets = plivo::PlivoSecrets { auth_tokens, ..plivo::PlivoSecrets::default() };
        let headers = Headers::from_iter([
            ("X-Plivo-Signature-V3", text(vector, "signature")),
            ("X-Plivo-Signature-V3-Nonce", text(vector, "nonce")),
            ("Content-Type", FORM),
        ]);
        let request = WebhookRequest {
            method: if text(vector, "method") == "GET" { Method::Get } else { Method::Post },
            target: text(vector, "target"),
            headers: &headers,
            body: text(vector, "body").as_bytes(),
        };
        plivo::verify(&secrets, &public_url(vector), &request)
    });
}

#[test]
fn plivo_upgrades_signed_by_its_library_pass() {
    let vectors = vectors(include_str!("../fixtures/plivo_signatures.json"));
    let gets = vectors.iter().filter(|vector| text(vector, "method") == "GET" && is_valid(vector));
    let mut count = 0;
    for vector in gets {
        let auth_tokens = vec![secret(text(vector, "token"))];
        let secrets = plivo::PlivoSecrets { auth_tokens, ..plivo::PlivoSecrets::default() };
        let headers = Headers::from_iter([
            ("X-Plivo-Signature-V3", text(vector, "signature")),
            ("X-Plivo-Signature-V3-Nonce", text(vector, "nonce")),
        ]);
        let (public, target) = (public_url(vector), text(vector, "target"));
        let verified = plivo::verify_upgrade(&secrets, &public, &headers, target);
        assert_eq!(verified, Ok(()), "{vector}");
        count += 1;
    }
    assert!(count >= 20, "{count} upgrades");
}

#[test]
fn telnyx_and_its_library_agree() {
    check_all(include_str!("../fixtures/telnyx_signatures.json"), |vector| {
        let public_key = telnyx::TelnyxPublicKey::parse(text(vector, "public_key")).unwrap();
        let secrets = telnyx::TelnyxSecrets {
            public_keys: vec![public_key],
            ..telnyx::TelnyxSecrets::default()
        };
        let headers = Headers::from_iter([
            ("Telnyx-Signature-Ed25519", text(vector, "signature")),
            ("Telnyx-Timestamp", text(vector, "timestamp")),
        ]);
        telnyx::verify(&secrets, &headers, text(vector, "body").as_bytes(), now_s(vector))
    });
}

#[test]
fn vonage_and_its_library_agree() {
    check_all(include_str!("../fixtures/vonage_signatures.json"), |vector| {
        let signature_secrets = vec![secret(text(vector, "secret"))];
        let secrets = vonage::VonageSecrets {
            signature_secrets: signature_secrets.clone(),
            api_key: Some("a1b2c3d".to_owned()),
            ..vonage::VonageSecrets::default()
        };
        let token = text(vector, "token");
        let headers = Headers::from_iter([("Authorization", format!("Bearer {token}"))]);
        let body = text(vector, "body").as_bytes();
        let verified = vonage::verify(&secrets, &headers, body, now_s(vector));
        if verified.is_ok() {
            assert_eq!(
                vonage::verify(&secrets, &headers, b"{}", now_s(vector)),
                Err(SignatureError::BodyHash)
            );
        }
        assert_eq!(verify_jwt(&signature_secrets, token, now_s(vector)).is_ok(), verified.is_ok());
        verified.map(|_| ())
    });
}

const FORM: &str = "application/x-www-form-urlencoded";

fn check_all(file: &str, verify: impl Fn(&Value) -> Result<(), SignatureError>) {
    let vectors = vectors(file);
    let valid = vectors.iter().filter(|vector| is_valid(vector)).count();
    assert!(valid >= 50 && vectors.len() - valid >= 10, "{valid} of {}", vectors.len());
    for vector in &vectors {
        let verified = verify(vector);
        assert_eq!(verified.is_ok(), is_valid(vector), "{verified:?} {vector}");
    }
}

fn vectors(file: &str) -> Vec<Value> {
    serde_json::from_str(file).unwrap()
}

fn is_valid(vector: &Value) -> bool {
    vector["valid"].as_bool().unwrap()
}

fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector[field].as_str().unwrap()
}

fn now_s(vector: &Value) -> u64 {
    vector["now_s"].as_u64().unwrap()
}

fn public_url(vector: &Value) -> PublicUrl {
    PublicUrl::parse(text(vector, "public_url")).unwrap()
}

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}
