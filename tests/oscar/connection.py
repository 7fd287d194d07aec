# SPDX-License-Identifier: GPL-2.0-or-later
"""One connection to the scripted server: frames in and out, and what the real server would punish."""

import asyncio

from oscar import codec
from oscar.codec import Frame, Malformed, Snac, tlv
from oscar.misbehave import Hangup
from oscar.rates import Rates

#: Lost, or worse, when they come before 01/02: the server's answers go through a session that is not there yet.
NEEDS_READY = {(0x15, 0x02), (0x04, 0x10), (0x01, 0x04)}


class Closed(Exception):
    """The connection is to end; what is waiting to go out still goes."""


class Seen:
    """Something that a client sent: a SNAC, or another frame (keepalive, sign-off)."""

    def __init__(self, connection, frame, snac=None):
        self.user, self.service, self.frame, self.snac = connection.user, connection.service, frame, snac

    @property
    def kind(self):
        return self.snac.kind if self.snac else self.frame.channel

    def __str__(self):
        what = self.snac or f"channel {self.frame.channel} {self.frame.data.hex()}"
        return f"{self.user} on {self.service}: {what}"


class Connection:
    """SERVICE is 'login', 'BOS', or the number of the family that the connection is for."""

    def __init__(self, server, reader, writer):
        self.server, self.reader, self.writer = server, reader, writer
        self.service, self.session, self.room, self.user = "login", None, None, None
        self.sequence, self.received = 99, None
        self.rates, self.offered = None, []
        self.ready = False                  # 01/02 has come on this connection
        self.out, self.writing, self.closing = asyncio.Queue(), None, False
        self.quiet = None                   # the timer after which 01/0A goes out
        self.host, self.port = writer.get_extra_info("sockname")[:2]
        self.peer = writer.get_extra_info("peername")[0]
        self.tls = writer.get_extra_info("ssl_object") is not None

    @property
    def account(self):
        return self.session.account if self.session else None

    # Out

    def send(self, snac):
        self.send_frame(Frame(codec.DATA, snac.encode()), snac)

    def answer(self, request, subtype, body=b"", flags=0, family=None):
        self.send(Snac(family or request.family, subtype, body, request.request, flags))

    def refuse(self, request, code, subcode=None):
        self.answer(request, 0x01, codec.u16(code) + (b"" if subcode is None else tlv(0x08, codec.u16(subcode))))

    def send_frame(self, frame, snac=None):
        """Numbers the frame, lets the tricks have their way with it, and sends it in its turn."""
        if self.closing or (self.server.deaf and self.service != "login"):
            return
        self.sequence = (self.sequence + 1) & 0xFFFF
        frame.sequence = self.sequence
        data = frame.encode()
        for trick in list(self.server.tricks):
            data = trick.apply(self, frame, snac, data)
            if isinstance(data, Hangup):
                self.send_bytes(data.last_words)
                self.abort()
                return
            if data is None:
                return
        self.send_bytes(data)

    def send_bytes(self, data):
        if data == b"":
            return
        self.out.put_nowait(data)
        if self.writing is None:
            self.writing = self.server.spawn(self._write())

    async def _write(self):
        """Writes in order; None ends the connection, False cuts it."""
        try:
            while (data := await self.out.get()):
                if not self.server.trickle:
                    self.writer.write(data)
                    await self.writer.drain()
                    continue
                for at in range(len(data)):
                    self.writer.write(data[at:at + 1])
                    await self.writer.drain()
                    await asyncio.sleep(self.server.trickle)
            if data is None and self.writer.can_write_eof():
                self.writer.write_eof()
                return
        except (OSError, RuntimeError):     # the client has gone already
            pass
        self.writer.close() if data is None else self.writer.transport.abort()

    async def linger(self):
        """Reads on until the client has gone too: a socket closed over unread bytes would take back what was just sent."""
        if self.writing:
            await self.writing
        try:
            async with asyncio.timeout(2):
                while await self.reader.read(4096):
                    pass
        except (OSError, RuntimeError):
            pass
        if not self.writer.is_closing():
            self.writer.close()

    def close(self):
        """Ends the connection after all that was sent."""
        if not self.closing:
            self.send_bytes(None)
            self.closing = True

    def abort(self):
        """The same without the farewell of TCP."""
        if not self.closing:
            self.send_bytes(False)
            self.closing = True

    def sign_off(self, tlvs=b"", short=False):
        """Channel 4, and the end. SHORT is the real server's frame without a length."""
        if short and not self.closing:
            self.sequence = (self.sequence + 1) & 0xFFFF
            self.send_bytes(Frame(codec.SIGN_OFF, b"", self.sequence).encode()[:4])
        else:
            self.send_frame(Frame(codec.SIGN_OFF, tlvs))
        self.close()

    # In

    async def read(self):
        """The next frame, or None at the end."""
        try:
            head = await self.reader.readexactly(6)
            if head[0] != codec.MARKER:
                self.violate("no frame marker: " + head.hex())
                raise Closed
            frame = Frame.decode(head + await self.reader.readexactly(int.from_bytes(head[4:], "big")))
        except asyncio.IncompleteReadError as end:
            if end.partial:
                self.violate("the connection ended inside a frame: " + end.partial.hex())
            return None
        except ConnectionError:
            return None
        if self.received is not None and frame.sequence != (self.received + 1) & 0xFFFF:
            self.violate(f"sequence {frame.sequence} after {self.received}")
        self.received = frame.sequence
        return frame

    def violate(self, what):
        self.server.violations.append(f"{self.user or self.peer} on {self.service}: {what}")

    async def serve(self, handlers):
        """SNACs of a signed-on connection until its end."""
        while frame := await self.read():
            if frame.channel == codec.DATA:
                self._take(frame, handlers)
            else:
                self.server.seen.put(Seen(self, frame))
                if frame.channel == codec.SIGN_OFF:
                    return
                if frame.channel != codec.KEEPALIVE:
                    self.violate(f"a frame of channel {frame.channel}")
                    return
            if self.closing:
                return

    def _take(self, frame, handlers):
        try:
            snac = Snac.decode(frame.data)
        except Malformed as problem:
            self.violate(str(problem))
            raise Closed from None
        self.server.seen.put(Seen(self, frame, snac))
        if not self.server.deaf and self._within_limits(snac):
            self._check(snac)
            try:
                handlers.get(snac.kind, unknown)(self, snac)
            except Malformed as problem:
                self.violate(f"{snac} does not decode: {problem}")
                raise Closed from None

    def _check(self, snac):
        if snac.request == 0 or snac.request & 0x80000000:
            self.violate(f"{snac}: a request id that is not for clients")
        if self.service == "BOS" and not self.ready and snac.kind in NEEDS_READY:
            self.violate(f"{snac} before 01/02")

    def _within_limits(self, snac):
        if self.account.bot:
            return True
        fate = self.rates.take(snac.kind)
        loop = asyncio.get_running_loop()
        if self.quiet:
            self.quiet.cancel()
        self.quiet = loop.call_later(self.server.quiet, self._tell_rates)
        if fate in ("drop", "disconnect"):
            self.violate(f"rate limit: {snac.family:02X}/{snac.subtype:02X} {fate}")
            self.server.over_limit.append((self.user, snac))
        if fate == "disconnect":
            self.sign_off(signed_on_elsewhere(), self.session.several is None)
        return fate in ("pass", "alert")

    def _tell_rates(self):
        for code, one in self.rates.changes():
            if one.id in self.session.subscribed and not self.closing:
                self.send(Snac(0x01, 0x0A, codec.u16(code) + one.encode(self.with_tail), 0x80000000))

    @property
    def with_tail(self):
        """Whether rate classes have their last two fields."""
        return self.session.versions.get(0x01, 1) >= 2

    def use_rates(self, rates=None):
        self.rates = rates or Rates(self.server.rate_classes)


def unknown(connection, snac):
    connection.server.unknown.append(snac)
    connection.refuse(snac, 0x01)


def signed_on_elsewhere():
    return tlv(0x09, b"\x01") + tlv(0x0B, b"http://example.org/elsewhere")
