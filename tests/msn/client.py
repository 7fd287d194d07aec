# SPDX-License-Identifier: GPL-2.0-or-later
"""A client that says what a test tells it to, to try the server with; and a bare HTTP request."""

import asyncio
import ssl

from msn import wire
from waiting import TIMEOUT, Inbox


class RawClient:
    """What the server says is in .got as commands; the end of the connection is the command "closed"."""

    def __init__(self, server, address, service="NS", port=None):
        self.server, self.address, self.service = server, address, service
        self.port = port or (server.port if service == "NS" else server.switchboard_port)
        self.got = Inbox(f"{address}/{service}")
        self.numbers = iter(range(1, 1 << 31))

    async def connect(self):
        self.reader, self.writer = await asyncio.open_connection(self.server.host, self.port)
        self.reading = asyncio.ensure_future(self._read())
        return self

    async def _read(self):
        lines = wire.Lines(wire.FROM_SERVER)
        try:
            while data := await self.reader.read(65536):
                lines.feed(data)
                while command := lines.take():
                    assert not lines.bare, command
                    self.got.put(command)
        except ConnectionError:
            pass
        assert not lines.held, lines.held
        self.got.put(wire.Command(["closed"]))

    def send(self, data):
        self.writer.write(data)

    def say(self, line, payload=None):
        self.send(wire.Command(line.split(" "), payload).encode())

    def ask(self, name, rest="", payload=None):
        """With the next number, which is returned as a word."""
        number = str(next(self.numbers))
        self.say(f"{name} {number} {rest}".rstrip(), payload)
        return number

    async def expect(self, line, payload=None, timeout=TIMEOUT):
        """A command whose words are those of LINE; '*' stands for any one word."""
        wanted = line.split(" ")

        def fits(one):
            words = [str(word) for word in one.words]
            return len(words) == len(wanted) and all(b in (a, "*") for a, b in zip(words, wanted)) and payload in (None, one.payload)
        return await self.got.expect(fits, line, timeout)

    async def call(self, name, rest, answer, payload=None):
        """Asks, and expects what begins with the same name and number."""
        number = self.ask(name, rest, payload)
        return await self.expect(f"{name} {number} {answer}".rstrip())

    async def refused(self, name, rest, code):
        number = self.ask(name, rest)
        return await self.expect(f"{code} {number}")

    async def in_step(self):
        """Returns when the server has read all that was said: all that it had to say at once is there."""
        self.say("PNG")
        await self.got.expect(lambda one: one.name == "QNG", "QNG")

    async def sign_in(self, dialect=12, ticket=None, status="NLN"):
        account = self.server.user(self.address)
        await self.connect()
        await self.call("VER", f"MSNP{dialect} CVR0", f"MSNP{dialect}")
        await self.call("CVR", f"0x0409 winnt 5.1 i386 MSNMSGR 7.5.0324 MSMSGS {self.address}", "* * * * *")
        await self.call("USR", f"TWN I {self.address}", f"TWN S {self.server.policy}")
        number = self.ask("USR", f"TWN S {ticket or self.server.issue_ticket(account)}")
        await self.got.expect(lambda one: one.words[:3] == ["USR", number, "OK"], "USR OK")
        number = self.ask("SYN", "0 0" if dialect >= 10 else "0")
        await self.got.expect(lambda one: one.words[:2] == ["SYN", number], "SYN")
        if status:
            await self.call("CHG", f"{status} {wire.CAPABILITIES}", f"{status} *")
        return self

    async def open_board(self, *others):
        """A switchboard with these, who must be puppets that come."""
        found = await self.call("XFR", "SB", "SB * CKI *")
        board = await RawClient(self.server, self.address, "SB").connect()
        await board.call("USR", f"{self.address} {found.words[5]}", "OK * *")
        for other in others:
            await board.call("CAL", other, "RINGING *")
            await board.expect(f"JOI {other} * *")
        return board

    async def quit(self):
        self.writer.close()
        await self.reading


async def request(server, method, path, headers=(), body=b"", tls=False):
    """(status, headers, body)"""
    context = None
    if tls:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    port = server.https_port if tls else server.http_port
    reader, writer = await asyncio.open_connection(server.host, port, ssl=context)
    lines = [f"{method} {path} HTTP/1.1", f"Host: {server.host}:{port}", "Connection: close", f"Content-Length: {len(body)}",
             *(f"{name}: {value}" for name, value in headers)]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    answer = await reader.read()
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    return int(first.split()[1]), {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)}, body
