# SPDX-License-Identifier: GPL-2.0-or-later
"""A hub with nothing but one real worker, whose events it keeps: the counterpart of bad_worker.py.

    hub = await FakeHub("prpl-irc").start()
    account = await hub.sign_in("romeo@127.0.0.1", port=6667)
    number = hub.say(account, "juliet", "here, below")
    assert (await hub.outcome(number))["t"] == "messages-taken"

The frames are those of src/wire/wire.h, their fields those of src/wire/wire.def."""

import asyncio
import itertools
import json
import signal
import struct

from gateway import BAD_LINES, BUILD, program
from process import Process, folder
from waiting import TIMEOUT, Inbox
from wire import VERSION

VERDICTS = ("messages-taken", "message-failed")


class FakeHub:
    def __init__(self, protocol):
        self.protocol, self.dir = protocol, folder("fake-hub")
        self.inbox = Inbox("fake hub", json.dumps)
        self.sent, self.acknowledged, self.moved = 0, 0, asyncio.Event()
        self.numbers, self.accounts = itertools.count(1), itertools.count(1)
        self.said, self.outcomes = {}, {}       # number -> what was sent; number -> what was told of it

    def _welcome(self):
        """Everything that the two say of themselves to each other."""
        return {"version": VERSION, "received": 0, "hub": "fake", "protocol": self.protocol, "plugin-folder": str(BUILD / "plugins"), "verify": "off"}

    async def start(self):
        path, lock = self.dir / "socket", self.dir / "lock"
        lock.touch()
        self.server = await asyncio.start_unix_server(self._serve, path)
        self.worker = Process("worker", [program("passerelle-worker"), "--socket", path, "--id", 1, "--lock", lock], self.dir / "log",
                              env={"G_MESSAGES_DEBUG": "all", "UBSAN_OPTIONS": "print_stacktrace=1",
                                   "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1"}).start()
        self.ready = await self.expect("protocol-ready", 30)
        return self

    async def stop(self):
        """The worker leaves in good order."""
        if self.worker.alive:
            self.worker.signal(signal.SIGTERM)
            await asyncio.to_thread(self.worker.wait_end, 20)
        self.server.close()
        bad = [line for line in self.worker.text().splitlines() if BAD_LINES.search(line) and "libpurple: " not in line]
        assert not bad, bad
        status = self.worker.child.returncode
        assert status == 0, f"exit status {status}:\n{self.worker.text()[-4000:]}"

    # The wire

    async def _serve(self, reader, writer):
        self.writer = writer
        try:
            while True:
                length, = struct.unpack(">I", await reader.readexactly(4))
                self._take(json.loads(await reader.readexactly(length)))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _write(self, **fields):
        body = json.dumps(fields).encode()
        self.writer.write(struct.pack(">I", len(body)) + body)

    def _take(self, frame):
        if frame.get("t") == "hello":
            self._write(t="welcome", **self._welcome())
            return
        if "a" in frame:
            self.acknowledged = max(self.acknowledged, frame["a"])
            self.moved.set()
        if "s" in frame:
            self._write(a=frame["s"])
            if frame["t"] in VERDICTS:
                for number in [int(word) for word in frame.get("numbers", "").split()] or [frame.get("number", 0)]:
                    if number:
                        self.outcomes.setdefault(number, []).append(frame)
                self.moved.set()
            self.inbox.put(frame)

    def send(self, kind, **fields):
        self.sent += 1
        self._write(t=kind, s=self.sent, **fields)

    async def expect(self, kind, timeout=TIMEOUT, **fields):
        """The first event of that kind with these fields."""
        return await self.inbox.expect(lambda event: event["t"] == kind and fields.items() <= event.items(), f"{kind} {fields}", timeout)

    async def _until(self, true, what, timeout=TIMEOUT):
        end = asyncio.get_running_loop().time() + timeout
        while not true():
            self.moved.clear()
            try:
                await asyncio.wait_for(self.moved.wait(), end - asyncio.get_running_loop().time())
            except asyncio.TimeoutError:
                raise AssertionError(f"{what} did not come in {timeout} s; the worker's log:\n{self.worker.text()[-6000:]}") from None

    async def in_step(self):
        """Returns when the worker has done what it was told, and all that came of it at once is here."""
        self.send("ping", stamp=0)
        await self._until(lambda: self.acknowledged >= self.sent, "an acknowledgement")

    # What tests do

    async def sign_in(self, name, password=None, timeout=30, **options):
        """The account's number; OPTIONS are the plugin's."""
        account = next(self.accounts)
        words = [str(word) for option in options.items() for word in option]
        more = {"password": password} if password else {}
        self.send("sign-in", account=account, name=name, options=words, show="online", **more)
        event = await self.inbox.expect(lambda event: event["t"] in ("signed-in", "signed-out") and event["account"] == account,
                                        f"the sign-in of {name}", timeout)
        assert event["t"] == "signed-in", event
        return account

    async def join(self, account, room, nick=None):
        self.send("join-room", account=account, room=room, **({"nick": nick} if nick else {}))
        event = await self.inbox.expect(lambda event: event["t"] in ("room-joined", "room-closed") and event["room"] == room, f"a join of {room}")
        assert event["t"] == "room-joined", event

    def say(self, account, peer, text, room=False):
        """Its number."""
        number = next(self.numbers)
        self.said[number] = {"account": account, "peer": peer, "id": f"id{number}", "resource": f"desk{number}"}
        self.send("send-message", number=number, text=text, room=room, **self.said[number])
        return number

    async def outcome(self, number, timeout=TIMEOUT):
        """What the worker says that has become of it; a failure names the message as it came."""
        await self._until(lambda: number in self.outcomes, f"the outcome of message {number}", timeout)
        event = self.outcomes[number][0]
        named = {"account"} if event["t"] == "messages-taken" else {"account", "peer", "id", "resource"}
        assert all(event.get(key) == self.said[number][key] for key in named), event
        return event

    async def taken(self, *numbers, arrived=False, timeout=TIMEOUT):
        for number in numbers:
            event = await self.outcome(number, timeout)
            assert event["t"] == "messages-taken" and event.get("arrived", False) == arrived, event

    async def failed(self, *numbers, cause=None, words="", timeout=TIMEOUT):
        for number in numbers:
            event = await self.outcome(number, timeout)
            assert event["t"] == "message-failed" and cause in (None, event["cause"]) and words in event["text"], event

    def verdicts(self, kind, *numbers):
        """Those of NUMBERS, or of all, of which the worker has said so by now."""
        return [number for number in numbers or self.said if kind in (event["t"] for event in self.outcomes.get(number, ()))]

    async def sign_out(self, account):
        self.send("sign-out", account=account)
        return await self.signed_out(account)

    async def signed_out(self, account, timeout=TIMEOUT):
        """By then each message of the account has one verdict, also those that were given too late."""
        event = await self.expect("signed-out", timeout, account=account)
        await self.in_step()
        for number, said in self.said.items():
            assert said["account"] != account or len(self.outcomes.get(number, ())) == 1, (number, self.outcomes.get(number))
        return event
