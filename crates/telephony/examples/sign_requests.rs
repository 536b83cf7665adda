//! Signs made-up requests in every carrier's way and writes them as JSON, for the carriers' own
//! libraries to judge: see `tests/peers/signature_vectors.py`.

use std::io::Write;

use offhook_telephony::{FormParams, Method, Secret, plivo, telnyx, twilio, vonage};
use serde_json::{Value, json};

const COUNT: u64 = 60;
const NOW_S: u64 = 1_790_000_000;

fn main() -> std::io::Result<()> {
    let make = |sign: fn(&mut Words) -> Value, seed: u64| -> Vec<Value> {
        (0..COUNT).map(|index| sign(&mut Words(seed * 1_000 + index))).collect()
    };
    let signed = json!({
        "twilio": make(sign_twilio, 1),
        "plivo": make(sign_plivo, 2),
        "telnyx": make(sign_telnyx, 3),
        "vonage": make(sign_vonage, 4),
    });
    writeln!(std::io::stdout(), "{signed}")
}

fn sign_twilio(words: &mut Words) -> Value {
    let secret = words.secret();
    let algorithm = words.pick(&["HMAC_SHA1", "HMAC_SHA256"]);
    let digest = match algorithm {
        "HMAC_SHA1" => twilio::TwilioAlgorithm::HmacSha1,
        _ => twilio::TwilioAlgorithm::HmacSha256,
    };
    let scheme = words.pick(&["https", "wss"]);
    let url = words.url(scheme);
    let is_json = words.pick(&[true, false]);
    let params = if is_json { FormParams::default() } else { words.params() };
    let body = is_json.then(|| json!({ "text": words.text() }).to_string());
    let url = match &body {
        Some(body) => twilio::with_body_hash(&url, body.as_bytes()),
        None => url,
    };
    json!({
        "secret": secret.expose(), "algorithm": algorithm, "url": url, "body": body,
        "params": params.iter().collect::<Vec<_>>(),
        "signature": twilio::sign(&secret, digest, &url, &params),
    })
}

fn sign_plivo(words: &mut Words) -> Value {
    let secret = words.secret();
    let nonce = words.next().to_string();
    let url = words.url("https");
    let (name, method) = words.pick(&[("GET", Method::Get), ("POST", Method::Post)]);
    let params = if name == "GET" { FormParams::default() } else { words.params() };
    json!({
        "secret": secret.expose(), "nonce": nonce, "url": url, "method": name,
        "params": params.iter().collect::<Vec<_>>(),
        "signature": plivo::sign(&secret, method, &url, &params, &nonce),
    })
}

fn sign_telnyx(words: &mut Words) -> Value {
    let seed = std::array::from_fn(|_| words.next() as u8);
    let key = telnyx::TelnyxSigningKey::from_seed(&seed);
    let body = json!({ "data": { "event_type": "call.hangup", "text": words.text() } }).to_string();
    json!({
        "public_key": key.public_key().encode(), "timestamp": NOW_S, "body": body,
        "signature": telnyx::sign(&key, NOW_S, body.as_bytes()),
    })
}

fn sign_vonage(words: &mut Words) -> Value {
    let secret = words.secret();
    let body = json!({ "status": "completed", "text": words.text() }).to_string();
    let claims = json!({ "iat": 1_700_000_000, "exp": 4_102_444_800_u64, "api_key": words.text() });
    let claims = claims.as_object().expect("an object");
    let header = vonage::sign(&secret, claims, body.as_bytes());
    let token = header.strip_prefix("Bearer ").expect("a bearer token");
    json!({ "secret": secret.expose(), "body": body, "token": token })
}

/// A reproducible source of texts (SplitMix64).
struct Words(u64);

impl Words {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[(self.next() % from.len() as u64) as usize]
    }

    fn text(&mut self) -> String {
        let letters: Vec<char> = "abcXYZ019 _-.+&=%?#/;:@\"'<>\näß漢🙂".chars().collect();
        (0..self.next() % 12).map(|_| self.pick(&letters)).collect()
    }

    fn secret(&mut self) -> Secret {
        let secret = format!("{:016x}{:016x}", self.next(), self.next());
        Secret::new(&secret).expect("not empty")
    }

    fn params(&mut self) -> FormParams {
        (0..self.next() % 6)
            .map(|_| (self.pick(&["From", "To", "a", "A", "Zürich", "b_2"]), self.text()))
            .collect()
    }

    fn url(&mut self, scheme: &str) -> String {
        let host = self.pick(&["example.com", "agent.example.com:8443", "a.example/prefix"]);
        let query = self.pick(&["", "?b=2&a=1", "?a=x%20y&a=%26&Z=", "?a=1+2"]);
        format!("{scheme}://{host}/voice{query}")
    }
}
