//! Requests of anybody on the internet: signatures, tokens, upgrades, status reports and what else
//! is read of a carrier's HTTP. Beside not panicking, what is signed here must verify, and the same
//! signature over another body must not.
//!
//! An input is a letter, a byte of flags and a request as text: the target, header lines, an empty
//! line and the body.

use std::net::{IpAddr, Ipv4Addr};
use std::str;

use offhook_telephony::{
    Claims, FormParams, Headers, LineContext, LineDirection, Method, PublicUrl, Secret,
    SignatureError, StatusReport, Upgrade, UpgradeContext, WebhookRequest, check_unsigned_use,
    plivo, raw, sign_jwt, telnyx, twilio, verify_jwt, vonage,
};
use offhook_types::{CallStatusTracker, StatusUpdate};

/// Any request, through the part of the engine that the first byte names.
pub(crate) fn webhooks(data: &[u8]) {
    let [kind, flags, rest @ ..] = data else { return };
    let request = Request::split(rest, *flags);
    match kind {
        b'f' => form(rest),
        b'u' => public_url(rest),
        b't' => request.verify_twilio(),
        b'p' => request.verify_plivo(),
        b'x' => request.verify_telnyx(),
        b'v' => request.verify_vonage(),
        b'j' => request.verify_tokens(),
        b'w' => request.check_upgrades(),
        b'o' => stream_options(rest),
        _ => request.read_statuses(),
    }
}

/// Names and values survive being written and read.
fn form(encoded: &[u8]) {
    let form = FormParams::parse(encoded);
    assert_eq!(FormParams::parse(form.encode().as_bytes()), form);
    for (name, value) in form.iter() {
        assert!(form.first(name).is_some());
        assert!(form.text(name).is_none_or(|text| !text.is_empty()));
        let _ = Secret::new(value);
        let _ = telnyx::TelnyxPublicKey::parse(value);
    }
}

/// A URL that was accepted is accepted again as it prints, and means the same.
fn public_url(text: &[u8]) {
    let Ok(text) = str::from_utf8(text) else { return };
    let Ok(url) = PublicUrl::parse(text) else { return };
    assert_eq!(PublicUrl::parse(&url.to_string()).as_ref(), Ok(&url));
    assert_eq!(PublicUrl::parse(&url.websocket("")).as_ref(), Ok(&url));
    assert!(!url.authority().is_empty() && !url.prefix().ends_with('/'));
    assert!(url.to_string().starts_with(&url.origin()));
}

/// Addresses, tokens and rates that somebody configured.
fn stream_options(text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    let (url, token) = text.split_once('\n').unwrap_or((&text, ""));
    let token = Secret::new(token).ok();
    let options = telnyx::StreamOptions {
        stream_bidirectional_sampling_rate: url.len().try_into().ok(),
        stream_auth_token: token.clone(),
        ..telnyx::StreamOptions::new(url)
    };
    if options.check().is_ok() {
        assert!(url.starts_with("ws://") || url.starts_with("wss://"));
        assert!(token.is_none_or(|token| token.expose().chars().count() <= 4_000));
    }
}

/// A request whose parts are as hostile as the input makes them.
struct Request {
    flags: u8,
    target: String,
    fields: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    fn split(bytes: &[u8], flags: u8) -> Self {
        let end = bytes.windows(2).position(|pair| pair == b"\n\n");
        let (head, body) = match end {
            Some(end) => (&bytes[..end], &bytes[end + 2..]),
            None => (bytes, &[][..]),
        };
        let head = String::from_utf8_lossy(head);
        let mut lines = head.split('\n');
        let target = lines.next().unwrap_or_default().to_owned();
        let fields = lines.filter_map(|line| line.split_once(':'));
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { flags, target, fields, body: body.to_vec() }
    }

    fn has(&self, bit: u8) -> bool {
        self.flags & 1 << bit != 0
    }

    /// The request's own headers, those in `first` in front of them.
    fn headers(&self, first: &[(&str, &str)]) -> Headers {
        let own = self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        first.iter().copied().chain(own).collect()
    }

    fn method(&self) -> Method {
        if self.has(0) { Method::Get } else { Method::Post }
    }

    fn webhook<'a>(&'a self, headers: &'a Headers) -> WebhookRequest<'a> {
        WebhookRequest { method: self.method(), target: &self.target, headers, body: &self.body }
    }

    fn public_url(&self) -> PublicUrl {
        let url = match self.flags >> 1 & 3 {
            0 => "https://a.example",
            1 => "https://a.example:8443/x/y",
            2 => "http://a.example/voice",
            _ => "http://[::1]:8080",
        };
        PublicUrl::parse(url).expect("a URL")
    }

    fn verify_twilio(&self) {
        let public = self.public_url();
        let secrets = twilio_secrets();
        let headers = self.headers(&[]);
        let _ = twilio::verify(&secrets, &public, &self.webhook(&headers));
        let _ = twilio::verify_upgrade(&secrets, &public, &headers, &self.target);
        let form = self.webhook(&headers).form();
        let (digest, settings) = if self.has(3) {
            (twilio::TwilioAlgorithm::HmacSha256, "key=K1, algorithm=hmac_sha256")
        } else {
            (twilio::TwilioAlgorithm::HmacSha1, "")
        };
        let url = public.http(&self.target);
        let signature = twilio::sign(&secret(), digest, &url, &form.clone().unwrap_or_default());
        let signed = self.headers(&[
            ("X-Twilio-Signature", &signature),
            ("X-Twilio-Webhooks-Signature-Settings", settings),
        ]);
        let verified = twilio::verify(&secrets, &public, &self.webhook(&signed));
        if self.settings_are_ours() {
            let is_whole = form.is_some() || self.body.is_empty();
            assert!(verified.is_ok() || !is_whole && verified == Err(SignatureError::BodyHash));
        }
    }

    /// Whether no header of the input chooses another key or digest than the one in front.
    fn settings_are_ours(&self) -> bool {
        !self.fields.iter().any(|(name, _)| name.to_ascii_lowercase().contains("settings"))
    }

    fn verify_plivo(&self) {
        let public = self.public_url();
        let brand = if self.has(3) { plivo::PlivoBrand::Vobiz } else { plivo::PlivoBrand::Plivo };
        let secrets = plivo::PlivoSecrets { auth_tokens: vec![secret()], brand };
        let headers = self.headers(&[]);
        let _ = plivo::verify(&secrets, &public, &self.webhook(&headers));
        let _ = plivo::verify_upgrade(&secrets, &public, &headers, &self.target);
        let form = self.webhook(&headers).form();
        let is_whole = self.body.is_empty() || form.is_some() && self.method() == Method::Post;
        let (url, form) = (public.http(&self.target), form.unwrap_or_default());
        let signature = plivo::sign(&secret(), self.method(), &url, &form, "7");
        let with = |signature: &str| {
            self.headers(&[(brand.signature_header(), signature), (brand.nonce_header(), "7")])
        };
        let verified = plivo::verify(&secrets, &public, &self.webhook(&with(&signature)));
        let expected = if is_whole { Ok(()) } else { Err(SignatureError::BodyHash) };
        if self.has_one(brand.signature_header()) {
            assert_eq!(verified, expected);
            let url = public.websocket(&self.target);
            let signature = plivo::sign(&secret(), Method::Get, &url, &FormParams::default(), "7");
            let headers = with(&signature);
            let verified = plivo::verify_upgrade(&secrets, &public, &headers, &self.target);
            assert_eq!(verified, Ok(()));
        }
    }

    /// Whether the input has no header of this name of its own.
    fn has_one(&self, name: &str) -> bool {
        !self.fields.iter().any(|(own, _)| own.eq_ignore_ascii_case(name))
    }

    fn verify_telnyx(&self) {
        let key = telnyx::TelnyxSigningKey::from_seed(&[self.flags >> 6; 32]);
        let public_keys = vec![key.public_key()];
        let secrets = telnyx::TelnyxSecrets { public_keys, ..Default::default() };
        let _ = telnyx::verify(&secrets, &self.headers(&[]), &self.body, NOW_S);
        if !self.has(5) {
            return;
        }
        // Signing takes far longer than everything around it.
        let at_s = NOW_S - 300 + u64::from(self.flags & 31) * 20;
        let signature = telnyx::sign(&key, at_s, &self.body);
        let time = at_s.to_string();
        let fields = [("Telnyx-Signature-Ed25519", &*signature), ("Telnyx-Timestamp", &*time)];
        let signed = self.headers(&fields);
        let verified = telnyx::verify(&secrets, &signed, &self.body, NOW_S);
        assert_eq!(verified.is_ok(), at_s <= NOW_S + 300);
        let other = [&self.body[..], b" "].concat();
        let verified = telnyx::verify(&secrets, &signed, &other, NOW_S);
        assert_eq!(verified, Err(SignatureError::Mismatch));
    }

    fn verify_vonage(&self) {
        let secrets = vonage::VonageSecrets {
            signature_secrets: vec![secret()],
            api_key: self.has(1).then(|| "key".to_owned()),
            application_id: self.has(2).then(|| "app".to_owned()),
        };
        let _ = vonage::verify(&secrets, &self.headers(&[]), &self.body, NOW_S);
        let authorization = vonage::sign(&secret(), &self.claims(), &self.body);
        let signed = self.headers(&[("Authorization", &authorization)]);
        if vonage::verify(&secrets, &signed, &self.body, NOW_S).is_ok() && !self.body.is_empty() {
            let other = [&self.body[..], b" "].concat();
            let verified = vonage::verify(&secrets, &signed, &other, NOW_S);
            assert_eq!(verified, Err(SignatureError::BodyHash));
        }
    }

    /// The header lines as claims.
    fn claims(&self) -> Claims {
        let claim = |(name, value): &(String, String)| {
            (name.clone(), value.trim().parse().unwrap_or_default())
        };
        self.fields.iter().map(claim).collect()
    }

    fn verify_tokens(&self) {
        let secrets = [Secret::new("other").expect("a secret"), secret()];
        let _ = verify_jwt(&secrets, &self.target, NOW_S);
        let claims = self.claims();
        let token = sign_jwt(&secret(), &claims);
        if let Ok(verified) = verify_jwt(&secrets, &token, NOW_S) {
            assert!(verified.keys().eq(claims.keys()));
            assert!(claims.contains_key("exp") || claims.contains_key("iat"));
            let foreign = verify_jwt(&secrets[..1], &token, NOW_S);
            assert_eq!(foreign, Err(SignatureError::Mismatch));
        }
    }

    fn check_upgrades(&self) {
        let public = self.public_url();
        let own = [("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")];
        let target =
            if self.has(3) { format!("/media{}", self.target) } else { self.target.clone() };
        let headers = self.headers(if self.has(4) { &own } else { &[] });
        let upgrade = Upgrade { target, headers };
        let context = UpgradeContext {
            path: "/media",
            public_url: (!self.has(5)).then_some(&public),
            peer: IpAddr::V4(if self.has(6) { Ipv4Addr::LOCALHOST } else { Ipv4Addr::BROADCAST }),
            now_s: NOW_S,
        };
        let secrets = |is_set: bool| if is_set { vec![secret()] } else { Vec::new() };
        let is_set = self.has(7);
        let twilio =
            twilio::TwilioSecrets { auth_tokens: secrets(is_set), shared_keys: Vec::new() };
        let plivo = plivo::PlivoSecrets { auth_tokens: secrets(is_set), ..Default::default() };
        let telnyx = telnyx::TelnyxSecrets { stream_tokens: secrets(is_set), ..Default::default() };
        let vonage =
            vonage::VonageSecrets { signature_secrets: secrets(is_set), ..Default::default() };
        let raw = raw::RawSecrets { token_secrets: secrets(is_set), ..Default::default() };
        let accepted = [
            twilio::check_upgrade(&upgrade, &context, &twilio),
            plivo::check_upgrade(&upgrade, &context, &plivo),
            telnyx::check_upgrade(&upgrade, &context, &telnyx),
            vonage::check_upgrade(&upgrade, &context, &vonage),
            raw::check_upgrade(&upgrade, &context, &raw),
        ];
        let may_be_unsigned =
            check_unsigned_use(context.peer, false, &upgrade.headers, context.public_url).is_ok();
        for verdict in accepted {
            match verdict {
                Ok(accepted) => {
                    assert!(is_set || may_be_unsigned, "served without a proof");
                    let ours = [None, Some(raw::SUBPROTOCOL)];
                    assert!(ours.contains(&accepted.subprotocol));
                }
                Err(refusal) => assert!((400..500).contains(&refusal.status)),
            }
        }
    }

    /// The body as a report of every carrier.
    fn read_statuses(&self) {
        let form = FormParams::parse(&self.body);
        let direction = if self.has(0) { LineDirection::Outbound } else { LineDirection::Inbound };
        let context = LineContext { direction, is_answered: self.has(1) };
        let reports = [
            Some(twilio::parse_status(&form)),
            Some(plivo::parse_status(&form)),
            Some(telnyx::parse_texml_status(&form)),
            telnyx::parse_event(&self.body, context).ok(),
            vonage::parse_event(&self.body).ok(),
        ];
        for report in reports.iter().flatten() {
            take_twice(report);
        }
    }
}

/// Carriers deliver a report again when they doubt that it arrived: it then changes nothing.
fn take_twice(report: &StatusReport) {
    let mut call = CallStatusTracker::default();
    report.apply(&mut call);
    let status = call.status();
    assert_ne!(report.apply(&mut call), StatusUpdate::Changed, "{report:?}");
    assert_eq!(call.status(), status);
    assert!(!report.has_ended() || status.is_terminal());
    assert!(report.unknown.iter().all(|unknown| unknown.value.chars().count() <= 64));
    assert!(report.sip_code.is_none_or(|code| (100..700).contains(&code)));
}

fn twilio_secrets() -> twilio::TwilioSecrets {
    let shared = twilio::SharedKey { id: "K1".to_owned(), secret: secret() };
    twilio::TwilioSecrets { auth_tokens: vec![secret()], shared_keys: vec![shared] }
}

fn secret() -> Secret {
    Secret::new("s3cret").expect("a secret")
}

/// When the signatures of the corpus were made.
const NOW_S: u64 = 1_790_000_000;
