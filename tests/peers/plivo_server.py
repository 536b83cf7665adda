"""Plivo's own server SDK, plivo-stream-sdk, takes calls: on websockets and on FastAPI, where it checks signatures."""

import asyncio
import json
import warnings

import audio
import ours
from call import AGENT_HZ, Call, both, run

# The SDK names a class of websockets by an old path.
warnings.simplefilter("ignore", DeprecationWarning)

import uvicorn
from fastapi import FastAPI, WebSocket
from plivo import plivoxml
from plivo.utils import signature_v3
from plivo_stream import types
from plivo_stream.fastapi import PlivoFastAPIStreamingHandler
from plivo_stream.websockets import PlivoWebsocketStreamingHandler
from websockets.asyncio.server import serve

PARAMETERS = {"callid": "01J", "token": "abc"}
AUTH_TOKEN, NONCE = "plivotoken", "12345678901234567890"
ARGUMENTS = ["--carrier", "plivo"] + [f"--param={name}={value}" for name, value in PARAMETERS.items()]


class Side:
    """What the peer does in a call, in the SDK's words."""

    def __init__(self, call: Call, handler, content_type="audio/x-mulaw", rate=8000):
        self.call, self.handler, self.content_type, self.rate = call, handler, content_type, rate
        self.chunks = 0
        self.errors = []
        call.rate = rate
        handler.on_start(self.started)
        handler.on_media(self.media)
        handler.on_dtmf(self.dtmf)
        handler.on_played_stream(self.played)
        handler.on_cleared_audio(self.cleared)
        handler.on_error(self.failed)
        handler.on_disconnected(self.closed)

    async def started(self, event: types.StartEvent):
        call, start = self.call, event.start
        call.claim("start has number 0", event.sequence_number == 0, event.sequence_number)
        call.claim("the track is the caller's", start.tracks == ["inbound"], start.tracks)
        call.claim("encoding", start.media_format.encoding == self.content_type, start.media_format)
        call.claim("sample rate", start.media_format.sample_rate == self.rate, start.media_format)
        call.claim("extra headers", json.loads(event.extra_headers) == PARAMETERS, event.extra_headers)
        call.claim("the SDK knows the stream", self.handler.get_stream_id() == start.stream_id)
        call.claim("the SDK knows the call", self.handler.get_call_id() == start.call_id)
        call.started = start
        call.note()

    async def media(self, event: types.MediaEvent):
        self.chunks += 1
        call = self.call
        if event.media.chunk != self.chunks or event.sequence_number < self.chunks:
            call.claim("chunks are counted from 1", False, event.media.chunk)
        if event.stream_id != call.started.stream_id or event.media.track != "inbound":
            call.claim("media is of the stream and the caller", False, event)
        data = event.get_raw_media()
        call.caller += audio.from_linear(data) if "l16" in self.content_type else audio.from_mulaw(data)
        call.note()

    async def dtmf(self, event: types.DtmfEvent):
        self.call.digits.append(event.dtmf.digit)
        self.call.note()

    async def played(self, event: types.PlayedStreamEvent):
        self.call.marks.append(event.name)
        self.call.note()

    async def cleared(self, event: types.ClearedAudioEvent):
        self.call.claim("what is cleared is the stream", event.stream_id == self.call.started.stream_id)
        self.call.cleared += 1
        self.call.note()

    async def failed(self, error):
        self.errors.append(error)

    async def closed(self):
        self.call.is_closed = True
        self.call.note()

    async def say(self, seconds):
        samples = audio.sine(self.rate, AGENT_HZ, seconds)
        data = audio.linear(samples) if "l16" in self.content_type else audio.mulaw(samples)
        step = self.rate // 50 * (2 if "l16" in self.content_type else 1)
        for begin in range(0, len(data), step):
            await self.handler.send_media(data[begin : begin + step], self.content_type, self.rate)

    async def mark(self, name):
        await self.handler.send_checkpoint(name)

    async def clear(self):
        await self.handler.send_clear_audio()
        await self.call.until("clearedAudio", lambda: self.call.cleared == 1)

    async def hang_up(self):
        await self.handler.stop()

    def judge(self, status):
        self.call.claim("the SDK reports no error", not self.errors, self.errors)
        self.call.judge(status, 1, marks="3", played="2", cleared="1", end="ended by engine")


async def on_websockets(call, *arguments, content_type="audio/x-mulaw", rate=8000):
    side = Side(call, PlivoWebsocketStreamingHandler(), content_type, rate)
    async with serve(side.handler.handle, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/media"
        side.judge(await both(call.go_through(side, False), call.dial(url, *ARGUMENTS, *arguments)))


async def caller_hangs_up(call):
    side = Side(call, PlivoWebsocketStreamingHandler())
    async with serve(side.handler.handle, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/media"
        status = await both(
            call.until("the SDK is told", lambda: call.is_closed), call.dial(url, *ARGUMENTS, seconds=1.5)
        )
    call.judge_caller_hung_up(status)
    call.claim("the SDK reports no error", not side.errors, side.errors)


def quirky(call):
    quirks = ["escaped-slashes", "text-numbers", "relative-time"]
    return on_websockets(call, *(f"--quirk={quirk}" for quirk in quirks))


def wide(call):
    l16 = ["--codec", "l16", "--rate", "16000"]
    return on_websockets(call, *l16, content_type="audio/x-l16", rate=16000)


async def on_fastapi(call, conversation, auth_token):
    """A server whose SDK checks the signature of the upgrade, called with one made with `auth_token`."""
    app, sides = FastAPI(), []

    @app.websocket("/media")
    async def media(websocket: WebSocket):
        sides.append(Side(call, PlivoFastAPIStreamingHandler(websocket)))
        call.note()
        await sides[0].handler.start(with_signature_verification=True, auth_token=AUTH_TOKEN)

    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical"))
    serving = asyncio.ensure_future(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    # What the SDK takes for the address of the upgrade.
    signed = signature_v3.construct_get_url(f"http://127.0.0.1:{port}/media/websocket", {})
    signature = signature_v3.get_signature_v3(auth_token.encode(), signed, NONCE.encode()).decode()
    headers = [f"--header=X-Plivo-Signature-V3: {signature}", f"--header=X-Plivo-Signature-V3-Nonce: {NONCE}"]
    dialling = call.dial(f"ws://127.0.0.1:{port}/media", *ARGUMENTS, *headers)
    try:
        await conversation(dialling, sides)
    finally:
        server.should_exit = True
        await serving


def signed(call):
    async def conversation(dialling, sides):
        async def converse():
            await call.until("the SDK takes the call", lambda: sides)
            await call.go_through(sides[0], False)

        status = await both(converse(), dialling)
        sides[0].judge(status)

    return on_fastapi(call, conversation, AUTH_TOKEN)


def forged(call):
    async def conversation(dialling, sides):
        call.judge_refused(await dialling)
        call.claim("the SDK says why", "signature" in str(sides[0].errors), sides[0].errors)

    return on_fastapi(call, conversation, "another token")


def our_document():
    """The SDK's XML for what `stream_messages` asks for."""
    response = plivoxml.ResponseElement()
    stream = plivoxml.StreamElement(
        "wss://agent.example.com/media",
        bidirectional=True,
        keepCallAlive=True,
        audioTrack="inbound",
        contentType="audio/x-mulaw;rate=8000",
        statusCallbackUrl="https://agent.example.com/status",
        statusCallbackMethod="POST",
        extraHeaders="callid=01J,token=abc",
    )
    return response.add(stream).to_string()


async def our_messages(call):
    ours.claim_same_xml(call, "plivo", our_document())
    models = {"audio": types.PlayAudioEvent, "mark": types.CheckpointEvent, "clear": types.ClearAudioEvent}
    ours.claim_parsed(call, "plivo", models)


if __name__ == "__main__":
    run(
        ("plivo-stream-sdk on websockets", on_websockets),
        ("plivo-stream-sdk on websockets, with quirks", quirky),
        ("plivo-stream-sdk on websockets, L16 at 16 kHz", wide),
        ("plivo-stream-sdk on websockets, the caller hangs up", caller_hangs_up),
        ("plivo-stream-sdk on FastAPI, signed", signed),
        ("plivo-stream-sdk on FastAPI, forged", forged),
        ("plivo-stream-sdk reads our messages, plivo our XML", our_messages),
    )
