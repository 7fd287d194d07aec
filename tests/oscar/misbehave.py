# SPDX-License-Identifier: GPL-2.0-or-later
"""What the scripted server can do to its own frames, each a trick for server.misbehave().

KINDS are the SNACs to do it to, as (family, subtype); none means all but those of the sign-on. TIMES is how often, None for
ever. Afterwards .done is how often it was played; .played can be waited for."""

import asyncio
import random

from oscar import codec
from oscar.codec import Frame, Snac, tlv


class Hangup:
    """A trick's answer that cuts the connection after some bytes."""

    def __init__(self, last_words=b""):
        self.last_words = last_words


class Trick:
    def __init__(self, *kinds, times=None):
        self.kinds, self.left, self.done = kinds, times, 0
        self.played = asyncio.Event()

    def apply(self, connection, frame, snac, data):
        """The bytes to send instead, None for nothing, or a Hangup."""
        meant = snac and (snac.kind in self.kinds if self.kinds else connection.service != "login")
        if not meant or self.left == 0:
            return data
        if self.left:
            self.left -= 1
        self.done += 1
        self.played.set()
        return self.change(connection, frame, snac, data)

    def change(self, connection, frame, snac, data):
        raise NotImplementedError


class Silent(Trick):
    """The SNAC does not come."""

    def change(self, connection, frame, snac, data):
        connection.sequence -= 1
        return None


class Twice(Trick):
    """The SNAC comes twice, with the same request id."""

    def change(self, connection, frame, snac, data):
        connection.sequence += 1
        return data + Frame(codec.DATA, snac.encode(), connection.sequence).encode()


class Cut(Trick):
    """The connection is cut in the middle of the frame."""

    def change(self, connection, frame, snac, data):
        return Hangup(data[:max(1, len(data) // 2)])


class LongFrame(Trick):
    """The frame says that it has 50 bytes more than it has."""

    def change(self, connection, frame, snac, data):
        return data[:4] + codec.u16(len(data) - 6 + 50) + data[6:]


class ShortFrame(Trick):
    """The frame says that it has three bytes less than it has: what follows is no frame."""

    def change(self, connection, frame, snac, data):
        return data[:4] + codec.u16(len(data) - 6 - 3) + data[6:]


class NoMarker(Trick):
    """Something else than a frame stands where one should begin."""

    def change(self, connection, frame, snac, data):
        return b"HTTP/1.1 400 Bad Request\r\n\r\n" + data


class Body(Trick):
    """A trick on the body alone: the frame's length is right."""

    def change(self, connection, frame, snac, data):
        return Frame(frame.channel, Snac(snac.family, snac.subtype, self.body(snac.body), snac.request, snac.flags).encode(),
                     frame.sequence).encode()

    def body(self, body):
        raise NotImplementedError


class Truncated(Body):
    """Only the first bytes of the body come."""

    def __init__(self, *kinds, keep=0.5, times=None):
        super().__init__(*kinds, times=times)
        self.keep = keep

    def body(self, body):
        return body[:int(len(body) * self.keep)]


class Overrun(Body):
    """After the body comes a TLV that claims far more bytes than there are."""

    def body(self, body):
        return body + codec.u16(0x0D) + codec.u16(0xFFF0) + b"\x09\x46"


class HugeCounts(Body):
    """Every 16-bit number of the body that is at an even place says 65535."""

    def body(self, body):
        return b"\xff\xff" * (len(body) // 2) + body[len(body) & ~1:]


class Empty(Body):
    """No body at all."""

    def body(self, body):
        return b""


class ShortSnac(Trick):
    """A frame of channel 2 with too few bytes for a SNAC goes before."""

    def change(self, connection, frame, snac, data):
        connection.sequence += 1
        return Frame(codec.DATA, b"\0\x01\0\x03\0\0", frame.sequence).encode() + Frame(
            codec.DATA, snac.encode(), connection.sequence).encode()


class Strangers(Trick):
    """After every SNAC come an unknown subtype, an unknown family, and frames of unknown channels and of channel 3 and 5."""

    def change(self, connection, frame, snac, data):
        strange = [Frame(codec.DATA, Snac(snac.family, 0xEE, tlv(0xEEEE, b"what")).encode()),
                   Frame(codec.DATA, Snac(0xBEEF, 0x01, b"\0\x01").encode()),
                   Frame(codec.DATA, Snac(0xBEEF, 0x22, b"").encode()),
                   Frame(codec.ERROR, b"\0\0"), Frame(codec.KEEPALIVE), Frame(9, b"nine")]
        for one in strange:
            connection.sequence += 1
            one.sequence = connection.sequence
        return data + b"".join(one.encode() for one in strange)


class Fuzz(Trick):
    """Some bytes of the body are others; the same ones for the same SEED."""

    def __init__(self, *kinds, seed=1, share=0.05, times=None):
        super().__init__(*kinds, times=times)
        self.random, self.share = random.Random(seed), share

    def change(self, connection, frame, snac, data):
        data = bytearray(data)
        for at in range(16, len(data)):
            if self.random.random() < self.share:
                data[at] = self.random.randrange(256)
        return bytes(data)
