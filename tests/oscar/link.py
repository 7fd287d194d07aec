# SPDX-License-Identifier: GPL-2.0-or-later
"""One connection of the scripted client: hello, requests and their answers, and how it ended."""

import asyncio
import itertools
import random

from oscar import codec
from oscar.codec import Frame, Reader, Snac, Tlvs, u16
from waiting import TIMEOUT, Inbox

#: Version, tool id and tool version of each family that a client asks for.
FAMILIES = {0x01: (3, 0x0110, 0x0629), 0x02: (1, 0x0110, 0x0629), 0x03: (1, 0x0110, 0x0629), 0x04: (1, 0x0110, 0x0629),
            0x06: (1, 0x0110, 0x0629), 0x07: (1, 0x0010, 0x0629), 0x08: (1, 0x0104, 0x0001), 0x09: (1, 0x0110, 0x0629),
            0x0A: (1, 0x0110, 0x0629), 0x0B: (1, 0x0104, 0x0001), 0x0D: (1, 0x0010, 0x0629), 0x0E: (1, 0x0010, 0x0629),
            0x0F: (1, 0x0010, 0x0629), 0x10: (1, 0x0010, 0x0629), 0x13: (4, 0x0110, 0x0629), 0x15: (1, 0x0110, 0x047C),
            0x18: (1, 0x0010, 0x0629)}


class Refused(Exception):
    """An error SNAC, or a sign-on that was refused; CODE and SUBCODE say why."""

    def __init__(self, code, subcode=None, what=""):
        super().__init__(f"{what} refused with code {code:02X}" + (f", subcode {subcode:02X}" if subcode is not None else ""))
        self.code, self.subcode = code, subcode

    @classmethod
    def by(cls, snac):
        reader = snac.reader()
        return cls(reader.u16(), reader.tlvs().number(0x08), f"family {snac.family:02X}")


class Link:
    """SNACs that answer a request go to who asked; all others are in .inbox. In the end .farewell is the last frame or None."""

    def __init__(self, owner):
        self.owner = owner
        self.inbox = Inbox(owner)
        self.requests, self.answers = itertools.count(1), {}
        self.sequence = random.randrange(0x10000)
        self.farewell, self.ended, self.families = None, asyncio.Event(), []
        self.on_snac = lambda snac: None    # sees every SNAC that nobody asked for before it goes to the inbox

    async def open(self, host, port, tlvs=b"", source=None, tls=None):
        """Connects and says hello; SOURCE is the local address, for servers that count sign-ons by address."""
        local = (source, 0) if source else None
        self.reader, self.writer = await asyncio.open_connection(host, port, local_addr=local, ssl=tls)
        hello = await asyncio.wait_for(self.read(), TIMEOUT)
        assert hello and hello.channel == codec.SIGN_ON and hello.data[:4] == b"\0\0\0\1", f"no hello but {hello}"
        self.send_frame(codec.SIGN_ON, b"\0\0\0\1" + tlvs)
        self.task = asyncio.ensure_future(self._run())
        return self

    async def read(self):
        """The next frame; None where the connection is over. A sign-off may come without its length."""
        try:
            head = await self.reader.readexactly(6)
        except asyncio.IncompleteReadError as end:
            return Frame.decode(end.partial) if len(end.partial) == 4 else None
        except ConnectionError:
            return None
        try:
            return Frame.decode(head + await self.reader.readexactly(int.from_bytes(head[4:], "big")))
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    async def _run(self):
        while frame := await self.read():
            if frame.channel == codec.DATA:
                self._take(Snac.decode(frame.data))
            elif frame.channel == codec.SIGN_OFF:
                self.farewell = frame
                break
        self.ended.set()
        for waiting in self.answers.values():
            waiting.put_nowait(None)
        self.writer.close()

    def _take(self, snac):
        if snac.request in self.answers:
            self.answers[snac.request].put_nowait(snac)
        else:
            self.on_snac(snac)
            self.inbox.put(snac)

    def send_bytes(self, data):
        self.writer.write(data)

    def send_frame(self, channel, data=b""):
        self.send_bytes(Frame(channel, data, self.sequence).encode())
        self.sequence = (self.sequence + 1) & 0xFFFF

    def send(self, family, subtype, body=b"", request=None):
        """Sends a SNAC and returns its request id."""
        request = next(self.requests) if request is None else request
        self.send_frame(codec.DATA, Snac(family, subtype, body, request).encode())
        return request

    async def ask_all(self, family, subtype, body=b"", last=lambda snac: not snac.flags & codec.MORE, timeout=TIMEOUT):
        """The answers to a request up to the last one; an error SNAC raises Refused."""
        request, what = next(self.requests), f"{family:02X}/{subtype:02X}"
        queue = self.answers[request] = asyncio.Queue()
        self.send(family, subtype, body, request)
        found = []
        try:
            while not found or not last(found[-1]):
                try:
                    snac = await asyncio.wait_for(queue.get(), timeout)
                except asyncio.TimeoutError:
                    raise AssertionError(f"{self.owner}: no answer to {what} within {timeout} s") from None
                if snac is None:
                    raise AssertionError(f"{self.owner}: the connection ended in place of an answer to {what}")
                if snac.subtype == 0x01 and not found:
                    raise Refused.by(snac)
                found.append(snac)
        finally:
            del self.answers[request]
        return found

    async def ask(self, family, subtype, body=b"", timeout=TIMEOUT):
        return (await self.ask_all(family, subtype, body, lambda snac: True, timeout))[0]

    async def expect(self, family, subtype, where=lambda snac: True, timeout=TIMEOUT):
        """The first SNAC of that kind that nobody asked for."""
        return await self.inbox.expect(lambda snac: snac.kind == (family, subtype) and where(snac),
                                       f"{family:02X}/{subtype:02X}", timeout)

    async def expect_end(self, timeout=TIMEOUT):
        """Waits for the server to end the connection; the TLVs of its farewell, None if it went without one."""
        await asyncio.wait_for(self.ended.wait(), timeout)
        return Reader(self.farewell.data).tlvs() if self.farewell else None

    async def negotiate(self):
        """01/03 to 01/08, as on every connection after the cookie."""
        snac = await self.expect(0x01, 0x03)
        reader = snac.reader()
        while len(reader):
            self.families.append(reader.u16())
        pairs = b"".join(u16(family) + u16(FAMILIES[family][0]) for family in self.families)
        await self.ask(0x01, 0x17, pairs)
        classes, _ = codec.read_rates((await self.ask(0x01, 0x06)).reader())
        self.send(0x01, 0x08, b"".join(u16(one.id) for one in classes))
        return classes

    def online(self):
        """01/02."""
        self.send(0x01, 0x02, b"".join(u16(family) + b"".join(map(u16, FAMILIES[family])) for family in self.families))

    def close(self):
        """Signs off."""
        if not self.ended.is_set():
            self.send_frame(codec.SIGN_OFF)
            self.writer.close()
        self.task.cancel()


def tlvs_of(*pairs):
    return Tlvs(pairs).encode()
