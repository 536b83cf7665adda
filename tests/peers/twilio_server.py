"""Twilio's own server, twilio-agent-connect, takes calls on FastAPI and checks their signatures.

It bridges Media Streams to a language model's real-time socket, whose place a few lines below take: they hear what the
caller says, speak, and find that the caller interrupts. It sends no marks and reads no keys; for these, pipecat-ai's
serializer takes a call as well.
"""

import asyncio
import base64
import json
import os
from types import SimpleNamespace

os.environ["TAC_ANALYTICS_DISABLED"] = "true"

import audio
import ours
import pipecat_side
import uvicorn
import websockets
from call import AGENT_HZ, both, run
from pipecat.serializers.twilio import TwilioFrameSerializer
from tac import TAC, TACConfig
from tac.channels.voice import VoiceChannel
from tac.channels.voice.media_streams.openai_realtime import (
    TWILIO_AUDIO_FORMAT_FOR_REALTIME,
    OpenAIRealtimeProviderConfig,
    provider,
)
from tac.channels.voice.media_streams.twiml import generate_twiml
from tac.models.voice import VoiceTwiMLOptionsMediaStreams
from tac.server import TACFastAPIServer, TACServerConfig
from tac.server.fastapi_server import FastAPIWebSocketAdapter
from twilio.request_validator import RequestValidator

AUTH_TOKEN = "12345"
PARAMETERS = {"call_id": "01J", "token": "one-time"}
ARGUMENTS = ["--carrier", "twilio"] + [f"--param={name}={value}" for name, value in PARAMETERS.items()]


class Model:
    """The model's end of the bridge: what comes from the caller, and what is said to the caller."""

    def __init__(self, call):
        self.call = call
        self.events = []
        self.is_closed = False

    async def serve(self, socket):
        self.socket = socket
        async for text in socket:
            event = json.loads(text)
            if event["type"] == "input_audio_buffer.append":
                self.call.caller += audio.from_mulaw(base64.b64decode(event["audio"]))
            else:
                self.events.append(event)
            self.call.note()
        self.is_closed = True
        self.call.note()

    async def send(self, **event):
        await self.socket.send(json.dumps(event))

    async def say(self, item, seconds):
        data = audio.mulaw(audio.sine(8000, AGENT_HZ, seconds))
        await self.send(type="response.created")
        for begin in range(0, len(data), 800):
            delta = base64.b64encode(data[begin : begin + 800]).decode()
            await self.send(type="response.output_audio.delta", item_id=item, delta=delta)
        await self.send(type="response.done", response={"output": []})

    def events_of(self, kind):
        return [event for event in self.events if event["type"] == kind]

    async def converse(self):
        """The steps of the other peers' calls, without marks and keys."""
        call = self.call
        await call.until("the model is connected", lambda: self.events_of("session.update"))
        await call.until("a second of the caller", lambda: len(call.caller) >= 8000)
        await self.say("first", 1.0)
        await asyncio.sleep(1.4)
        await self.say("second", 2.0)
        await asyncio.sleep(0.5)
        await self.send(type="input_audio_buffer.speech_started")
        await call.until("the reply is truncated", lambda: self.events_of("conversation.item.truncate"))
        await self.say("third", 0.2)
        await asyncio.sleep(0.5)
        # The way in which a call of this server ends: the model goes, the server closes the socket.
        await self.socket.close()


class Server:
    """The vendor's server on a free port, with the model in its place."""

    def __init__(self, call):
        self.call, self.model, self.sent = call, Model(call), {}

    async def __aenter__(self):
        self.models = await websockets.serve(self.model.serve, "127.0.0.1", 0)
        model_port = self.models.sockets[0].getsockname()[1]

        async def connect(_url, additional_headers):
            return await websockets.connect(
                f"ws://127.0.0.1:{model_port}", additional_headers=additional_headers
            )

        provider.websockets = SimpleNamespace(connect=connect)
        sound = {"format": TWILIO_AUDIO_FORMAT_FOR_REALTIME}
        session = {"type": "realtime", "model": "none", "audio": {"input": sound, "output": sound}}
        config = TACConfig(
            account_sid="AC" + "0" * 32,
            auth_token=AUTH_TOKEN,
            api_key="SK" + "0" * 32,
            api_secret="none",
            phone_number="+14155550199",
            voice_public_domain="https://agent.example.com",
            log_level="CRITICAL",
        )
        tac = TAC(config)
        channel = VoiceChannel(
            tac, config=OpenAIRealtimeProviderConfig(openai_api_key="none", default_session_config=session)
        )
        self.watch(channel)
        app = TACFastAPIServer(tac=tac, voice_channel=channel, config=TACServerConfig()).app
        config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", log_config=None)
        self.server = uvicorn.Server(config)
        self.serving = asyncio.ensure_future(self.server.serve())
        while not self.server.started:
            await asyncio.sleep(0.01)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.url = f"ws://127.0.0.1:{port}/ws"
        return self

    async def __aexit__(self, *_):
        self.server.should_exit = True
        await self.serving
        self.models.close()

    def watch(self, channel):
        """Keeps what the server understood of the start and what it sends."""
        register, send = channel._provider._register_call, channel._provider._twilio_send

        def registered(start, websocket):
            conversation = register(start, websocket)
            self.call.started = provider.StreamStartMessage(**start)
            self.session = channel._conversations[conversation]
            return conversation

        async def sending(conversation, message):
            self.sent["audio" if message["event"] == "media" else message["event"]] = message
            await send(conversation, message)

        channel._provider._register_call, channel._provider._twilio_send = registered, sending


async def agent_connect(call):
    async with Server(call) as server:
        signature = RequestValidator(AUTH_TOKEN).compute_signature(server.url, {})
        header = f"--header=X-Twilio-Signature: {signature}"
        status = await both(server.model.converse(), call.dial(server.url, *ARGUMENTS, header))
    start = call.started
    call.claim("call", start.call_sid.startswith("CA") and len(start.call_sid) == 34, start)
    call.claim("stream", start.stream_sid.startswith("MZ") and len(start.stream_sid) == 34, start)
    expected = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
    call.claim("media format", start.media_format == expected, start)
    call.claim("custom parameters", start.custom_parameters == PARAMETERS, start)
    call.claim("the server's session is the call", server.session.call_sid == start.call_sid)
    truncated = server.model.events_of("conversation.item.truncate")[0]
    call.claim("what is truncated is the second reply", truncated["item_id"] == "second", truncated)
    call.judge(status, marks="0", played="0", cleared="0", end="ended by engine")
    ours.claim_same(call, "twilio", server.sent)


async def caller_hangs_up(call):
    received, receive = [], FastAPIWebSocketAdapter.receive_json

    async def receiving(socket):
        message = await receive(socket)
        received.append(message["event"])
        return message

    FastAPIWebSocketAdapter.receive_json = receiving
    try:
        async with Server(call) as server:
            signature = RequestValidator(AUTH_TOKEN).compute_signature(server.url, {})
            header = f"--header=X-Twilio-Signature: {signature}"
            over = call.until("the server ends the session", lambda: server.model.is_closed)
            status = await both(over, call.dial(server.url, *ARGUMENTS, header, seconds=1.5))
    finally:
        FastAPIWebSocketAdapter.receive_json = receive
    call.judge_caller_hung_up(status)
    call.claim("it starts with connected, start, media", received[:3] == ["connected", "start", "media"], received)
    # After it the server reads no more.
    call.claim("it ends with stop", received[-1] == "stop", received[-3:])


async def our_document(call):
    options = VoiceTwiMLOptionsMediaStreams(
        custom_parameters={"callid": "01J", "token": "abc"},
        status_callback="https://agent.example.com/status",
        status_callback_method="POST",
    )
    ours.claim_same_xml(call, "twilio", generate_twiml("wss://agent.example.com/media", options))


async def forged(call):
    async with Server(call) as server:
        signature = RequestValidator("another token").compute_signature(server.url, {})
        call.judge_refused(await call.dial(server.url, *ARGUMENTS, f"--header=X-Twilio-Signature: {signature}"))


async def unsigned(call):
    async with Server(call) as server:
        call.judge_refused(await call.dial(server.url, *ARGUMENTS))


async def third_party(call):
    def make(message):
        if message["event"] == "connected":
            expected = {"event": "connected", "protocol": "Call", "version": "1.0.0"}
            call.claim("connected comes first", message == expected, message)
            return None
        call.claim("the second message is the start", message["event"] == "start", message)
        start = message["start"]
        call.claim("custom parameters", start["customParameters"] == PARAMETERS, start)
        params = TwilioFrameSerializer.InputParams(auto_hang_up=False)
        return TwilioFrameSerializer(start["streamSid"], start["callSid"], params=params)

    def mark_message(name):
        return {"event": "mark", "streamSid": call.started["streamSid"], "mark": {"name": name}}

    side = pipecat_side.Side(call, 8000, make, mark_message)
    status = await pipecat_side.converse(call, side, True, *ARGUMENTS)
    call.judge(status, marks="3", played="2", cleared="1", end="ended by engine")
    ours.claim_same(call, "twilio", side.sent)


if __name__ == "__main__":
    run(
        ("twilio-agent-connect, signed", agent_connect),
        ("twilio-agent-connect, the caller hangs up", caller_hangs_up),
        ("twilio-agent-connect, forged", forged),
        ("twilio-agent-connect, unsigned", unsigned),
        ("twilio-agent-connect writes our TwiML", our_document),
        ("pipecat-ai's Twilio serializer (third party)", third_party),
    )
