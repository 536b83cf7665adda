"""One call of `offhook call` to a peer's server: dialled, gone through step by step, and judged at its end."""

import asyncio
import logging
import os
import re
import sys
import tempfile
import time
import traceback
from pathlib import Path

import audio

OFFHOOK = os.environ.get("OFFHOOK", "offhook")
# The caller says 2 s of one tone, the peer plays another.
CALLER_HZ, AGENT_HZ = 600, 425
CALLER_SECONDS = 2.0
PRESS_AT = 3.2
STEP_SECONDS = 8.0

SUMMARY = re.compile(
    r"(?P<frames>\d+) frames sent; agent (?P<first>.*?), (?P<seconds>[\d.]+) s in all \(\d+ samples\), "
    r"(?P<underruns>\d+) underruns; (?P<marks>\d+) marks, (?P<played>\d+) played, (?P<cleared>\d+) cleared; "
    r"(?P<clears>\d+) clears; (?P<violations>\d+) violations; (?P<end>.*)"
)


class Broken(Exception):
    """A claim that does not hold."""


class Call:
    """What a peer has seen of one call, and the claims that hold of it."""

    def __init__(self, name):
        self.name = name
        self.claims = 0
        self.faults = []
        self.started = None
        self.caller = []
        self.rate = 8000
        self.digits = []
        self.marks = []
        self.cleared = 0
        self.is_closed = False
        self.changed = asyncio.Event()
        self.folder = tempfile.TemporaryDirectory()
        self.output = ""
        self.summary = {}

    def claim(self, what, holds, found=""):
        """Notes that something must hold; the call goes on either way."""
        self.claims += 1
        if not holds:
            self.faults.append(f"{what} {found!r}" if found != "" else what)

    def note(self):
        """Something of the above has changed."""
        self.changed.set()

    async def until(self, what, condition, seconds=STEP_SECONDS):
        """Waits for a step, without which the call is over."""
        self.claims += 1
        deadline = time.monotonic() + seconds
        while not condition():
            self.changed.clear()
            try:
                await asyncio.wait_for(self.changed.wait(), deadline - time.monotonic())
            except asyncio.TimeoutError:
                raise Broken(f"missing step: {what}") from None

    async def dial(self, url, *arguments, seconds=20):
        """Dials the server, and returns the exit status of `offhook call`, which hangs up after so many seconds."""
        folder = Path(self.folder.name)
        audio.write_wav(folder / "caller.wav", 16000, audio.sine(16000, CALLER_HZ, CALLER_SECONDS))
        command = [OFFHOOK, "call", url, "--wav", folder / "caller.wav", "--heard", folder / "call.wav"]
        command += ["--press", f"5@{PRESS_AT}", "--seconds", str(seconds), *arguments]
        dialled = await asyncio.create_subprocess_exec(
            *map(str, command), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        try:
            output, _ = await asyncio.wait_for(dialled.communicate(), 40)
        finally:
            if dialled.returncode is None:
                dialled.kill()
        self.output = output.decode()
        found = SUMMARY.search(self.output)
        self.summary = found.groupdict() if found else {}
        return dialled.returncode

    async def go_through(self, side, marks_return_on_clear):
        """Every step of an ordinary call; `side` speaks the peer's words: say, mark, clear, hang_up."""
        await self.until("start", lambda: self.started is not None)
        await self.until("a second of the caller", lambda: len(self.caller) >= self.rate)

        began = time.monotonic()
        await side.say(1.0)
        await side.mark("one")
        await self.until("mark one returns", lambda: "one" in self.marks)
        took = time.monotonic() - began
        self.claim("mark one returns when the second is over, not before", 0.9 < took < 3.0, took)

        # Longer than a gap in speech, which would count as an underrun.
        await asyncio.sleep(0.4)
        await side.say(2.0)
        await side.mark("two")
        await asyncio.sleep(0.5)
        before = list(self.marks)
        await side.clear()
        await side.say(0.2)
        await side.mark("three")
        await self.until("mark three returns", lambda: "three" in self.marks)
        expected = ["one", "two", "three"] if marks_return_on_clear else ["one", "three"]
        self.claim("no mark returns before its time", before == ["one"], before)
        self.claim(f"marks return as {expected}", self.marks == expected, self.marks)

        await self.until("key 5", lambda: self.digits)
        self.claim("the one key is 5", self.digits == ["5"], self.digits)
        await side.hang_up()

    def judge(self, status, clears_acknowledged=None, **expected):
        """What must hold of every call that was gone through."""
        self.claim("offhook call succeeds", status == 0, status)
        self.claim("offhook call prints a summary", self.summary)
        expected = {"underruns": "0", "violations": "0", "clears": "1", **expected}
        for name, value in expected.items():
            found = self.summary.get(name, "")
            is_as_expected = value in found if name == "end" else value == found
            self.claim(f"{name}: {value}, not", is_as_expected, found)
        if clears_acknowledged is not None:
            self.claim("clears acknowledged", self.cleared == clears_acknowledged, self.cleared)
        seconds, hertz = audio.tone_in(self.caller, self.rate)
        self.claim("the peer hears 2 s of the caller", abs(seconds - CALLER_SECONDS) < 0.1, seconds)
        self.claim(f"the caller's tone is {CALLER_HZ} Hz", abs(hertz - CALLER_HZ) < 10, hertz)
        rate, (_, agent) = audio.read_wav(Path(self.folder.name) / "call.wav")
        seconds, hertz = audio.tone_in(agent, rate)
        # One second, half of two, a fifth of one; a clear takes effect within a busy machine's delay.
        self.claim("the caller hears what was played and not what was cleared", 1.6 < seconds < 2.4, seconds)
        self.claim(f"the agent's tone is {AGENT_HZ} Hz", abs(hertz - AGENT_HZ) < 10, hertz)

    def judge_caller_hung_up(self, status):
        """What must hold of a call that its caller ended."""
        self.claim("offhook call succeeds", status == 0, status)
        self.claim("no violations", self.summary.get("violations") == "0", self.output)
        self.claim("the caller ended it", "ended by caller" in self.summary.get("end", ""), self.output)

    def judge_refused(self, status):
        """What must hold of a call that the peer did not take."""
        self.claim("offhook call fails", status == 1, status)
        self.claim("offhook call says that it was refused", "refused" in self.output, self.output)
        self.claim("no stream starts", self.started is None, self.started)


def run(*calls):
    """Makes the calls one after another, tells how each went, and exits."""
    logging.disable(logging.CRITICAL)
    is_good = True
    for name, make in calls:
        call = None

        async def attempt():
            nonlocal call
            call = Call(name)
            await asyncio.wait_for(make(call), 60)

        try:
            asyncio.run(attempt())
            faults = call.faults
        except (Broken, AssertionError) as broken:
            faults = call.faults + [str(broken)]
        except Exception:
            faults = call.faults + [traceback.format_exc()]
        print(f"{'FAILED' if faults else 'ok'} {name}: {call.claims} claims", flush=True)
        for fault in faults:
            print("    " + fault.replace("\n", "\n    "))
        if faults:
            print("    offhook call said:\n    " + call.output.replace("\n", "\n    "), flush=True)
        is_good &= not faults
    sys.exit(0 if is_good else 1)


async def both(conversation, dialling):
    """The peer's side of a call and the caller's, until both are over; returns the exit status."""
    conversing, dialled = asyncio.ensure_future(conversation), asyncio.ensure_future(dialling)
    try:
        await asyncio.wait([conversing, dialled], return_when=asyncio.FIRST_COMPLETED)
        if not conversing.done():
            dialled.result()
        await conversing
        return await dialled
    finally:
        conversing.cancel()
        # A caller whom nobody answers any more is heard out, for its report.
        if not dialled.done():
            await asyncio.wait([dialled], timeout=25)
        dialled.cancel()
