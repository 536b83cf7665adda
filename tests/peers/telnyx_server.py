"""Telnyx: no code of the vendor reads media streams, so that pipecat-ai's serializer takes the calls."""

import ours
import pipecat_side
from call import run
from pipecat.serializers.telnyx import TelnyxFrameSerializer

TOKEN = "stream-secret"
PARAMETERS = {"customer_id": "customer_123"}


async def with_codec(call, encoding):
    def make(message):
        if message["event"] == "connected":
            call.claim("connected comes first", call.started is None)
            return None
        start = message["start"]
        call.claim("the second message is the start", message["event"] == "start", message)
        expected = {"encoding": encoding, "sample_rate": 8000, "channels": 1}
        call.claim("media format", start["media_format"] == expected, start)
        call.claim("custom parameters", start["custom_parameters"] == PARAMETERS, start)
        call.claim("numbers", (start["from"], start["to"]) == ("+14155550123", "+14155550199"), start)
        params = TelnyxFrameSerializer.InputParams(auto_hang_up=False)
        return TelnyxFrameSerializer(
            message["stream_id"], encoding, encoding, start["call_control_id"], params=params
        )

    def check_upgrade(headers):
        found = headers.get("x-telnyx-streaming-auth-token")
        call.claim("the upgrade carries the token", found == TOKEN, found)

    side = pipecat_side.Side(call, 8000, make, lambda name: {"event": "mark", "mark": {"name": name}})
    arguments = ["--carrier", "telnyx", "--token", TOKEN, "--codec", encoding.lower()]
    arguments += [f"--param={name}={value}" for name, value in PARAMETERS.items()]
    status = await pipecat_side.converse(call, side, True, *arguments, check_upgrade=check_upgrade)
    # On Telnyx closing the socket stops the stream; pipecat hangs up through REST, which nobody answers here.
    call.judge(status, marks="3", played="2", cleared="1", end="ended by engine")
    call.claim("the line stays up", "the line stays up" in call.output, call.output)
    events = [message["event"] for message in side.messages]
    call.claim("the carrier complains about nothing", "error" not in events)
    if encoding == "PCMU":
        ours.claim_same(call, "telnyx", side.sent)


if __name__ == "__main__":
    run(
        ("pipecat-ai's Telnyx serializer, PCMU (third party)", lambda call: with_codec(call, "PCMU")),
        ("pipecat-ai's Telnyx serializer, PCMA (third party)", lambda call: with_codec(call, "PCMA")),
    )
