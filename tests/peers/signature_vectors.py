"""Signature vectors made and checked with the carriers' own published libraries.

Versions: twilio 9.13.0, plivo 4.63.0, telnyx 4.189.0 with PyNaCl (its own choice for webhooks), vonage-jwt 1.1.5
(which signs and verifies with PyJWT). Set up once:

    python3 -m venv venv
    venv/bin/pip install twilio==9.13.0 plivo==4.63.0 'telnyx[webhooks]==4.189.0' vonage-jwt==1.1.5

Make the vectors that the Rust tests verify (the seed is fixed: the same files come out every time):

    venv/bin/python tests/peers/signature_vectors.py generate crates/telephony/fixtures

Have the libraries judge what our own `sign` makes:

    cargo run -q -p offhook-telephony --example sign_requests | venv/bin/python tests/peers/signature_vectors.py verify
"""

import base64
import hashlib
import hmac
import json
import random
import sys
from importlib.metadata import version
from pathlib import Path
from unittest import mock
from urllib.parse import parse_qs, urlencode

import jwt
from nacl.signing import SigningKey
from plivo.utils import signature_v3
from telnyx import Telnyx
from twilio.request_validator import RequestValidator
from vonage_jwt.verify_jwt import verify_signature

SEED = 20261124
COUNT = 100
NOW = 1_790_000_000
VERSIONS = {"twilio": "9.13.0", "plivo": "4.63.0", "telnyx": "4.189.0", "vonage-jwt": "1.1.5"}
WORDS = [
    "CallSid",
    "From",
    "To",
    "CallStatus",
    "digits",
    "a",
    "A",
    "b_2",
    "x-y",
    "",
    "Zürich",
    "名前",
    "🙂",
    "&=?#",
    "+1 415",
    "%41",
]


class MultiDict:
    """Parameters with repeated names, as the web frameworks that Twilio's library knows hold them."""

    def __init__(self, pairs):
        self.pairs = pairs

    def __iter__(self):
        return (name for name, _ in self.pairs)

    def __len__(self):
        return len(self.pairs)

    def getall(self, wanted):
        return [value for name, value in self.pairs if name == wanted]


def text(rng, ascii_only=False):
    letters = "abcXYZ019 _-.+&=%?#/;:@" if ascii_only else "abcXYZ019 _-.+&=%?#/;:@\"'<>\näßñ漢字🙂"
    return "".join(rng.choice(letters) for _ in range(rng.randrange(0, 12)))


def pairs(rng, count, ascii_only=False):
    words = [word for word in WORDS if word and (word.isascii() or not ascii_only)]
    return [(rng.choice(words), text(rng, ascii_only)) for _ in range(count)]


def public(rng):
    return rng.choice(
        [
            "https://example.com",
            "https://agent.example.com:8443",
            "http://voice.example.org/prefix",
            "https://a.example/x/y",
        ]
    )


def target(rng, with_query):
    path = rng.choice(["/voice", "/twilio/status", "/a/b/", "/plivo/answer"])
    return path + ("?" + urlencode(pairs(rng, rng.randrange(1, 4), True)) if with_query else "")


def twilio_vectors(rng):
    for index in range(COUNT):
        base, algorithm = public(rng), rng.choice(["HMAC_SHA1", "HMAC_SHA256"])
        token = "".join(rng.choice("0123456789abcdef") for _ in range(32))
        validator = RequestValidator(token)
        kind = rng.choice(["form", "form", "json", "upgrade"])
        where, body, params = target(rng, kind != "upgrade" and rng.random() < 0.5), "", None
        if kind == "form":
            items = pairs(rng, rng.randrange(0, 8))
            body, params = urlencode(items), MultiDict(items)
        elif kind == "json":
            body = json.dumps({"text": text(rng), "n": index}, ensure_ascii=False)
            where += ("&" if "?" in where else "?") + "bodySHA256=" + hashlib.sha256(body.encode()).hexdigest()
        url = base + where
        if kind == "upgrade":
            url = url.replace("http", "ws", 1)
            if rng.random() < 0.5:
                query = urlencode(pairs(rng, 3, True))
                where += "?" + query
                params = {name: values[0] for name, values in parse_qs(query).items()}
        signature = validator.compute_signature(url, params or {}, algorithm)
        given = body if kind == "json" else params
        valid = validator.validate(url, given, signature, algorithm)
        assert valid, url
        if rng.random() < 0.3:
            signature = validator.compute_signature(url + "x", params or {}, algorithm)
            valid = validator.validate(url, given, signature, algorithm)
        yield {
            "kind": kind,
            "token": token,
            "algorithm": algorithm,
            "public_url": base,
            "target": where,
            "body": body,
            "signature": signature,
            "valid": valid,
        }


def plivo_vectors(rng):
    for _ in range(COUNT):
        base, method = public(rng), rng.choice(["GET", "POST"])
        token, nonce = "t" + text(rng) + "t", str(rng.randrange(10**19, 10**20))
        where = target(rng, rng.random() < 0.5)
        items = pairs(rng, rng.randrange(0, 6)) if method == "POST" else []
        params = {}
        for name, value in items:
            params.setdefault(name, []).append(value)
        address = (
            signature_v3.construct_get_url(base + where, {})
            if method == "GET"
            else signature_v3.construct_post_url(base + where, params)
        )
        made = signature_v3.get_signature_v3(token.encode(), address.decode(), nonce.encode()).decode()
        header = (
            ",".join(rng.sample([made, base64.b64encode(rng.randbytes(32)).decode()], 2))
            if rng.random() < 0.3
            else made
        )
        judge = lambda where: signature_v3.validate_v3_signature(
            method, base + where, nonce, token, header, dict(params)
        )
        valid = judge(where)
        assert valid, base + where
        if rng.random() < 0.3:
            where += "?z=1"
            valid = judge(where)
        yield {
            "method": method,
            "token": token,
            "nonce": nonce,
            "public_url": base,
            "target": where,
            "body": urlencode(items),
            "signature": header,
            "valid": valid,
        }


def telnyx_judges(public_key, timestamp, body, signature, now):
    headers = {"Telnyx-Signature-Ed25519": signature, "Telnyx-Timestamp": str(timestamp)}
    with mock.patch("time.time", return_value=now):
        try:
            Telnyx(api_key="none").webhooks.unwrap(body, headers=headers, key=public_key)
        except ValueError:
            return False
    return True


def telnyx_vectors(rng):
    for index in range(COUNT):
        seed = rng.randbytes(32)
        key, timestamp = SigningKey(seed), NOW + rng.randrange(-(10**6), 10**6)
        public_key = base64.b64encode(key.verify_key.encode()).decode()
        body = json.dumps(
            {"data": {"event_type": "call.hangup", "id": str(index), "payload": {"from": text(rng)}}},
            ensure_ascii=False,
        )
        signature = base64.b64encode(key.sign(f"{timestamp}|{body}".encode()).signature).decode()
        now = timestamp + rng.choice([0, 1, -1, 299, 300, -300, 301, -301, 5000])
        if rng.random() < 0.2:
            body = body.replace("hangup", "answered")
        valid = telnyx_judges(public_key, timestamp, body, signature, now)
        yield {
            "seed": base64.b64encode(seed).decode(),
            "public_key": public_key,
            "timestamp": str(timestamp),
            "body": body,
            "signature": signature,
            "now_s": now,
            "valid": valid,
        }


def vonage_judges(token, secret):
    try:
        return verify_signature(token, secret)
    except Exception:  # The library wraps every other failure in an error of its own.
        return False


def vonage_vectors(rng):
    for index in range(COUNT):
        secret = "".join(
            rng.choice("abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789") for _ in range(rng.choice([32, 45, 64]))
        )
        body = json.dumps({"status": "completed", "n": index, "text": text(rng)}, ensure_ascii=False)
        issued = 1_700_000_000 + rng.randrange(0, 10**7)
        claims = {
            "iat": issued,
            "jti": str(index),
            "iss": "Vonage",
            "payload_hash": hashlib.sha256(body.encode()).hexdigest(),
            "api_key": "a1b2c3d",
            "application_id": "app-" + str(index),
        }
        if rng.random() < 0.5:
            claims["exp"] = 4_102_444_800
        kind = rng.choice(["HS256"] * 8 + ["HS512", "none", "RS256", "other secret"])
        if kind == "RS256":
            # The confusion an attacker tries: another algorithm in the header, over the same HMAC.
            signed = jwt.encode(claims, secret, algorithm="HS256").split(".")
            signed[0] = base64.urlsafe_b64encode(b'{"alg":"RS256","typ":"JWT"}').decode().rstrip("=")
            digest = hmac.digest(secret.encode(), ".".join(signed[:2]).encode(), "sha256")
            signed[2] = base64.urlsafe_b64encode(digest).decode().rstrip("=")
            token = ".".join(signed)
        elif kind == "none":
            token = jwt.encode(claims, None, algorithm="none")
        elif kind == "other secret":
            token = jwt.encode(claims, secret + "x", algorithm="HS256")
        else:
            token = jwt.encode(claims, secret, algorithm=kind)
        valid = vonage_judges(token, secret)
        assert valid == (kind == "HS256"), kind
        yield {
            "kind": kind,
            "secret": secret,
            "body": body,
            "token": token,
            "now_s": issued + rng.randrange(0, 300),
            "valid": valid,
        }


def generate(folder):
    for package, expected in VERSIONS.items():
        assert version(package) == expected, f"{package} {version(package)} is not {expected}"
    vectors = {"twilio": twilio_vectors, "plivo": plivo_vectors, "telnyx": telnyx_vectors, "vonage": vonage_vectors}
    for name, make in vectors.items():
        made = list(make(random.Random(f"{SEED} {name}")))
        lines = ",\n".join(json.dumps(vector, ensure_ascii=True) for vector in made)
        path = Path(folder) / f"{name}_signatures.json"
        path.write_text(f"[\n{lines}\n]\n")
        valid = sum(vector["valid"] for vector in made)
        print(f"{path}: {len(made)} vectors, {valid} valid, {path.stat().st_size} bytes")


def verify(ours):
    judges = {
        "twilio": lambda v: RequestValidator(v["secret"]).validate(
            v["url"], v["body"] if v["body"] is not None else MultiDict(v["params"]), v["signature"], v["algorithm"]
        ),
        "plivo": lambda v: signature_v3.validate_v3_signature(
            v["method"],
            v["url"],
            v["nonce"],
            v["secret"],
            v["signature"],
            {name: [value for other, value in v["params"] if other == name] for name, _ in v["params"]},
        ),
        "telnyx": lambda v: telnyx_judges(
            v["public_key"], v["timestamp"], v["body"], v["signature"], v["timestamp"] + 10
        ),
        "vonage": lambda v: vonage_judges(v["token"], v["secret"])
        and jwt.decode(v["token"], v["secret"], algorithms="HS256")["payload_hash"]
        == hashlib.sha256(v["body"].encode()).hexdigest(),
    }
    is_good = True
    for name, judge in judges.items():
        refused = [vector for vector in ours[name] if not judge(vector)]
        print(f"{name}: {len(ours[name]) - len(refused)} of {len(ours[name])} accepted")
        for vector in refused[:3]:
            print("  refused:", json.dumps(vector))
        is_good &= not refused and len(ours[name]) >= 50
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "generate":
        generate(sys.argv[2])
    elif len(sys.argv) == 2 and sys.argv[1] == "verify":
        verify(json.load(sys.stdin))
    else:
        sys.exit(__doc__)
