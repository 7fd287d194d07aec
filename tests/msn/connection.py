# SPDX-License-Identifier: GPL-2.0-or-later
"""One client's conversation with the notification server or a switchboard, whatever carries it: a socket, or the gateway."""

import asyncio
from dataclasses import dataclass

from msn import wire
from msn.misbehave import Hangup


@dataclass
class Seen:
    """What a client said. USER is the key of his address, None before he has told it; SERVICE is NS, SB or HTTP."""

    service: str
    user: str
    command: wire.Command
    connection: object = None

    @property
    def words(self):
        return self.command.words

    @property
    def payload(self):
        return self.command.payload

    @property
    def message(self):
        return wire.Message.read(self.payload)

    def __str__(self):
        return f"{self.service} {self.user or '?'}: {self.command}"


class Connection:
    """LINK has write(bytes), close() and abort(). A handler takes the connection and a command, and answers with send()."""

    dialect = 12

    def __init__(self, server, link, service, peer=("127.0.0.1", 0)):
        self.server, self.link, self.service, self.peer = server, link, service, peer
        self.account, self.ready = None, False
        self.lines = wire.Lines(wire.FROM_CLIENT)
        self.closed, self.said_something = False, False
        self.local_port, self.address, self.salt, self.challenge = None, None, None, None
        self.switchboard, self.said_list = None, False
        self.sent = []              # names of the commands sent

    @property
    def user(self):
        return self.account.key if self.account else self.address and wire.address_key(self.address)

    def violate(self, text):
        self.server.violations.append(f"{self.service} {self.user or '?'}: {text}")

    # Reading

    def feed(self, data, handlers):
        """Deals with all commands that are complete."""
        self.lines.feed(data)
        self.said_something = True
        try:
            while not self.closed and (command := self.lines.take()):
                if self.lines.bare:
                    self.lines.bare = 0
                    self.violate(f"a line that ends in a bare LF: {command}")
                self._handle(command, handlers)
        except wire.Malformed as problem:
            self.violate(str(problem))
            self.close()

    def _handle(self, command, handlers):
        self.server.seen.put(Seen(self.service, self.user, command, self))
        words = command.words
        if len(words[0]) != 3 or "" in words[:-1] or (words[-1] == "" and len(words) > 1):
            self.violate(f"not a command: {command}")
        numbered = words[0] not in ("PNG", "OUT")
        if numbered and (command.number is None or not 0 < command.number < 1 << 32):
            self.violate(f"no transaction id: {command}")
            return
        if self.server.deaf or self.server.deaf_to(self, command):
            return
        handler = handlers.get(words[0])
        if handler is None or handler(self, command) is False:
            self.violate(f"never answered: {command}")

    # Writing

    def send(self, words, payload=None):
        if self.closed:
            return
        command = wire.Command(list(map(str, words)), payload)
        data = command.encode()
        for trick in self.server.tricks:
            data = trick.apply(self, command, data)
            if data is None:
                return
            if isinstance(data, Hangup):
                self.link.write(data.last_words)
                self.close()
                return
        self.sent.append(command.name)
        self.link.write(data)

    def reply(self, command, *words, payload=None):
        """The command's own name and id, then WORDS."""
        self.send([command.name, command.words[1], *words], payload)

    def echo(self, command):
        self.send(command.words, command.payload)

    def error(self, command, code):
        self.send([f"{code:03}", command.words[1]])

    def end_elsewhere(self):
        """He has signed in at another place."""
        self.send(["OUT", "OTH"])
        self.close()

    def close(self):
        """After what was sent has gone out."""
        if not self.closed:
            self.closed = True
            self.link.close()
            self.server.left(self)

    def abort(self):
        """At once, without a word."""
        self.closed = True
        self.link.abort()
        self.server.left(self)


class Socket:
    """A link over TCP, which may be slow."""

    def __init__(self, server, writer):
        self.server, self.writer = server, writer
        self.waiting, self.pump, self.closing = bytearray(), None, False

    def write(self, data):
        if not self.server.trickle and not self.pump:
            if not self.writer.is_closing():
                self.writer.write(data)
            return
        self.waiting += data
        if not self.pump:
            self.pump = self.server.spawn(self._drip())

    async def _drip(self):
        try:
            while self.waiting:
                self.writer.write(self.waiting[:1])
                del self.waiting[:1]
                await asyncio.sleep(self.server.trickle)
        finally:
            self.pump = None
        if self.closing:
            self.writer.close()

    def close(self):
        self.closing = True
        if not self.pump:
            self.writer.close()

    def abort(self):
        self.writer.transport.abort()


class Held:
    """A link over the gateway: what the server says waits for the next request."""

    def __init__(self):
        self.waiting, self.closing = bytearray(), False

    def write(self, data):
        self.waiting += data

    def take(self):
        data, self.waiting = bytes(self.waiting), bytearray()
        return data

    def close(self):
        self.closing = True

    abort = close
