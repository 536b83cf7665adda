"""A server of our own around a serializer of pipecat-ai: somebody else's reading of a carrier, not the carrier's."""

import asyncio
import json
import os
from types import SimpleNamespace

os.environ.setdefault("LOGURU_LEVEL", "CRITICAL")

import audio
from call import AGENT_HZ, both
from pipecat.frames.frames import (
    InputAudioRawFrame,
    InputDTMFFrame,
    InterruptionFrame,
    OutputAudioRawFrame,
    OutputTransportMessageUrgentFrame,
)
from websockets.asyncio.server import serve


class Side:
    """What the peer does in a call. `make` makes the serializer from the message that starts the stream."""

    def __init__(self, call, rate, make, mark_message, acknowledges_clear=False):
        self.call, self.rate, self.make = call, rate, make
        self.mark_message, self.acknowledges_clear = mark_message, acknowledges_clear
        call.rate = rate
        self.serializer = None
        self.sent = {}
        self.messages = []

    async def answer(self, socket):
        """Reads the stream to its end."""
        self.socket = socket
        async for data in socket:
            message = json.loads(data) if isinstance(data, str) else None
            if message is not None:
                self.messages.append(message)
            if self.serializer is None:
                await self.start(message)
            frame = await self.serializer.deserialize(data) if self.serializer else None
            if isinstance(frame, InputAudioRawFrame):
                self.call.caller += audio.from_linear(frame.audio)
            elif isinstance(frame, InputDTMFFrame):
                self.call.digits.append(frame.button.value)
            elif message is not None:
                self.read(message)
            self.call.note()

    async def start(self, message):
        self.serializer = self.make(message)
        if self.serializer is not None:
            await self.serializer.setup(SimpleNamespace(audio_in_sample_rate=self.rate))
            self.call.started = message

    def read(self, message):
        """What the serializers do not read: marks and acknowledgements, by the documentation."""
        if message["event"] == "mark":
            self.call.marks.append(message["mark"]["name"])
        elif message["event"] == "websocket:notify":
            self.call.marks.append(message["payload"]["mark"])
        elif message["event"] == "websocket:cleared":
            self.call.cleared += 1

    async def send(self, command, frame):
        data = await self.serializer.serialize(frame)
        if data is not None:
            # A mark is a message of ours, which the serializer only passes on: it is no evidence.
            if command != "mark":
                self.sent[command] = json.loads(data) if isinstance(data, str) else len(data)
            await self.socket.send(data)

    async def say(self, seconds):
        samples = audio.sine(self.rate, AGENT_HZ, seconds)
        for begin in range(0, len(samples), self.rate // 50):
            data = audio.linear(samples[begin : begin + self.rate // 50])
            await self.send("audio", OutputAudioRawFrame(data, sample_rate=self.rate, num_channels=1))

    async def mark(self, name):
        message = self.mark_message(name)
        await self.send("mark", OutputTransportMessageUrgentFrame(message=message))

    async def clear(self):
        await self.send("clear", InterruptionFrame())
        if self.acknowledges_clear:
            await self.call.until("acknowledgement of the clear", lambda: self.call.cleared == 1)

    async def hang_up(self):
        await self.socket.close()


async def converse(call, side, marks_return_on_clear, *arguments, check_upgrade=lambda headers: None):
    """A whole call; returns the exit status of `offhook call`."""

    async def answer(socket):
        check_upgrade(socket.request.headers)
        await side.answer(socket)

    async with serve(answer, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/media"
        return await both(call.go_through(side, marks_return_on_clear), call.dial(url, *arguments))
