# SPDX-License-Identifier: GPL-2.0-or-later
"""The lowest layers of OSCAR: numbers and strings, FLAP frames, SNACs and TLVs.

Numbers are big-endian except in family 15 and channel-4 messages. Whatever does not decode raises Malformed."""

import struct
from dataclasses import dataclass

MARKER = 0x2A
SIGN_ON, DATA, ERROR, SIGN_OFF, KEEPALIVE = 1, 2, 3, 4, 5
MORE, EXTRA_BLOCK = 0x0001, 0x8000     # SNAC flags


class Malformed(ValueError):
    pass


class Reader:
    """Takes values from the front of some bytes; asking for more than there is is Malformed."""

    def __init__(self, data):
        self.data, self.at = bytes(data), 0

    def __len__(self):
        return len(self.data) - self.at

    def take(self, count):
        if count > len(self):
            raise Malformed(f"{count} bytes wanted, {len(self)} left of {self.data.hex()}")
        self.at += count
        return self.data[self.at - count:self.at]

    def rest(self):
        return self.take(len(self))

    def _number(self, form):
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def u8(self):
        return self._number(">B")

    def u16(self):
        return self._number(">H")

    def u32(self):
        return self._number(">I")

    def le16(self):
        return self._number("<H")

    def le32(self):
        return self._number("<I")

    def str8(self):
        return self.take(self.u8())

    def str16(self):
        return self.take(self.u16())

    def name(self):
        return decode_utf8(self.str8())

    def lestr(self):
        """A little-endian count and that many bytes; the NUL that most end with is not part of the text."""
        return self.take(self.le16()).removesuffix(b"\0")

    def tlvs(self, count=None):
        return Tlvs.read(self, count)


def u8(value):
    return struct.pack(">B", value)


def u16(value):
    return struct.pack(">H", value)


def u32(value):
    return struct.pack(">I", value)


def le16(value):
    return struct.pack("<H", value)


def le32(value):
    return struct.pack("<I", value)


def raw(text):
    return text if isinstance(text, bytes) else text.encode()


def str8(text):
    return u8(len(raw(text))) + raw(text)


def str16(text):
    return u16(len(raw(text))) + raw(text)


def lestr(text):
    return le16(len(raw(text)) + 1) + raw(text) + b"\0" if text else le16(0)


def decode_utf8(data):
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("iso-8859-1")


def normal(name):
    """The form in which names are compared."""
    return decode_utf8(raw(name)).replace(" ", "").lower()


def is_uin(name):
    return normal(name).isdigit()


# Frames and SNACs

@dataclass
class Frame:
    channel: int
    data: bytes = b""
    sequence: int = 0

    def encode(self):
        return struct.pack(">BBHH", MARKER, self.channel, self.sequence & 0xFFFF, len(self.data)) + self.data

    @classmethod
    def decode(cls, data):
        """One whole frame, or a sign-off of which only the first four bytes came."""
        reader = Reader(data)
        if reader.u8() != MARKER:
            raise Malformed("no frame starts here: " + data[:16].hex())
        channel, sequence = reader.u8(), reader.u16()
        if channel == SIGN_OFF and not len(reader):
            return cls(channel, b"", sequence)
        frame = cls(channel, reader.str16(), sequence)
        if len(reader):
            raise Malformed("bytes after the frame")
        return frame


@dataclass
class Snac:
    """A SNAC; REQUEST 0 in one that a client sends is filled in when it goes out."""

    family: int
    subtype: int
    body: bytes = b""
    request: int = 0
    flags: int = 0

    def encode(self):
        return struct.pack(">HHHI", self.family, self.subtype, self.flags, self.request) + self.body

    @classmethod
    def decode(cls, data):
        if len(data) < 10:
            raise Malformed("a SNAC of fewer than 10 bytes: " + data.hex())
        family, subtype, flags, request = struct.unpack(">HHHI", data[:10])
        return cls(family, subtype, bytes(data[10:]), request, flags)

    @property
    def kind(self):
        return self.family, self.subtype

    def reader(self):
        """The documented body: the block that flag 0x8000 announces is passed over."""
        reader = Reader(self.body)
        if self.flags & EXTRA_BLOCK:
            reader.str16()
        return reader

    def tlvs(self):
        return self.reader().tlvs()

    def __str__(self):
        return f"{self.family:02X}/{self.subtype:02X} #{self.request:x} flags {self.flags:x} {self.body[:200].hex()}"


# TLVs

class Tlvs(list):
    """Pairs of type and value in the order of the wire; types may be there more than once."""

    @classmethod
    def read(cls, reader, count=None):
        found = cls()
        while len(found) < count if count is not None else len(reader):
            kind = reader.u16()
            found.append((kind, reader.str16()))
        return found

    def get(self, kind, default=None):
        return next((value for one, value in self if one == kind), default)

    def all(self, kind):
        return [value for one, value in self if one == kind]

    def number(self, kind, default=None):
        value = self.get(kind)
        return default if value is None else int.from_bytes(value, "big")

    def text(self, kind, default=None):
        value = self.get(kind)
        return default if value is None else decode_utf8(value)

    def without(self, *kinds):
        return Tlvs(pair for pair in self if pair[0] not in kinds)

    def with_(self, kind, value):
        return Tlvs([*self.without(kind), (kind, value)])

    def has(self, kind):
        return any(one == kind for one, _ in self)

    def encode(self):
        return b"".join(tlv(kind, value) for kind, value in self)

    def counted(self):
        return u16(len(self)) + self.encode()


def tlv(kind, value=b""):
    return u16(kind) + str16(value)


def le_tlv(kind, value=b""):
    return le16(kind) + le16(len(value)) + value


def le_tlvs(reader):
    found = Tlvs()
    while len(reader):
        kind = reader.le16()
        found.append((kind, reader.take(reader.le16())))
    return found
