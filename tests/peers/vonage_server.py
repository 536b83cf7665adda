"""Vonage Voice: pipecat-ai's serializer takes the calls, and the vendor's verifier checks their upgrade."""

import json
import time

import jwt
import ours
import pipecat_side
from call import run
from pipecat.serializers.vonage import VonageFrameSerializer
from vonage_jwt.verify_jwt import verify_signature
from vonage_voice.models.common import WebsocketAuthorization
from vonage_voice.models.connect_endpoints import WebsocketEndpoint
from vonage_voice.models.ncco import Connect

SECRET = "a signature secret of forty-two characters"
PARAMETERS = {"call_id": "01J", "uuid": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"}


async def at_rate(call, rate, *quirks):
    def make(message):
        expected = {"event": "websocket:connected", "content-type": f"audio/l16;rate={rate}", **PARAMETERS}
        call.claim("the first message", message == expected, message)
        return VonageFrameSerializer(VonageFrameSerializer.InputParams(vonage_sample_rate=rate))

    def check_upgrade(headers):
        scheme, token = headers["Authorization"].split()
        call.claim("vonage-jwt accepts the upgrade", scheme == "Bearer" and verify_signature(token, SECRET))

    def mark_message(name):
        return {"action": "notify", "payload": {"mark": name}}

    side = pipecat_side.Side(call, rate, make, mark_message, acknowledges_clear=True)
    token = jwt.encode({"iat": int(time.time()), "jti": "1", "iss": "Vonage"}, SECRET, algorithm="HS256")
    arguments = ["--carrier", "vonage", "--codec", "l16", "--rate", str(rate)]
    arguments += [f"--header=Authorization: Bearer {token}"]
    arguments += [f"--param={name}={value}" for name, value in PARAMETERS.items()]
    arguments += [f"--quirk={quirk}" for quirk in quirks]
    status = await pipecat_side.converse(call, side, False, *arguments, check_upgrade=check_upgrade)
    call.judge(status, 1, marks="3", played="2", cleared="1", end="ended by engine")
    if rate == 16000:
        ours.claim_same(call, "vonage", side.sent)


async def our_document(call):
    endpoint = WebsocketEndpoint(
        uri="wss://agent.example.com/media",
        contentType="audio/l16;rate=16000",
        headers={"callid": "01J", "token": "abc"},
        authorization=WebsocketAuthorization(type="vonage"),
    )
    action = Connect(
        endpoint=[endpoint], from_="14155550199", eventUrl=["https://agent.example.com/status"]
    ).model_dump(mode="json", by_alias=True, exclude_none=True)
    found = json.loads(ours.document("vonage"))
    call.claim(f"our NCCO is {action}, not", found == [action], found)


if __name__ == "__main__":
    run(
        ("pipecat-ai's Vonage serializer, 16 kHz (third party)", lambda call: at_rate(call, 16000)),
        ("pipecat-ai's Vonage serializer, 24 kHz (third party)", lambda call: at_rate(call, 24000)),
        (
            "pipecat-ai's Vonage serializer, nested keys (third party)",
            lambda call: at_rate(call, 8000, "nested-dtmf"),
        ),
        ("vonage-voice writes our NCCO", our_document),
    )
