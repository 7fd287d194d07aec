# SPDX-License-Identifier: GPL-2.0-or-later
"""What stands in OSCAR's frames: passwords, texts, user info, feedbag items, messages, rates, ICQ; both directions.

It has all of wire.py too, so that the others import one module."""

import hashlib
import re
import struct
from dataclasses import dataclass, field

from oscar.wire import *  # noqa: F401,F403
from oscar.wire import Malformed, Reader, Tlvs, decode_utf8, le16, le32, normal, raw, str8, str16, tlv, u8, u16, u32

ROAST = bytes.fromhex("F32681C43986DB9271A3B9E6537A957C")
DIGEST_TAIL = b"AOL Instant Messenger (SM)"


def roast(password):
    return bytes(byte ^ ROAST[number % 16] for number, byte in enumerate(raw(password)))


def digest(key, password, double=True):
    inner = hashlib.md5(raw(password)).digest() if double else raw(password)
    return hashlib.md5(raw(key) + inner + DIGEST_TAIL).digest()


# Texts

ASCII, UTF16, LATIN1, MOBILE = 0, 2, 3, 13


def encode_text(text):
    """Charset and bytes as a modern client sends a text."""
    return (ASCII, text.encode()) if text.isascii() else (UTF16, text.encode("utf-16-be"))


def decode_text(charset, data, encoding="iso-8859-1"):
    for name in {UTF16: ("utf-16-be", "utf-8"), LATIN1: ("iso-8859-1",)}.get(charset, ("utf-8", encoding)):
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-16-be" if charset == UTF16 else "utf-8", "replace")


def mime(charset, kind="text/aolrtf"):
    return f'{kind}; charset="{charset}"'


def decode_mime(kind, data):
    """A text whose charset is named by a MIME type or, in rooms, by itself."""
    name = decode_utf8(kind or b"us-ascii").lower().rpartition("=")[2].strip(' "')
    name = {"unicode-2-0": "utf-16-be", "us-ascii": "cp1252", "": "cp1252"}.get(name, name)
    try:
        return data.decode(name, "replace")
    except LookupError:
        return data.decode("cp1252", "replace")


def plain(html):
    """HTML without its tags, as far as tests write any."""
    text = re.sub(r"(?i)<br */?>", "\n", html)
    text = re.sub(r"<[^>]*>", "", text)
    for name, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&nbsp;", " "), ("&amp;", "&")):
        text = text.replace(name, character)
    return re.sub(r"&#(\d+);", lambda found: chr(int(found[1])), text)


# User info

@dataclass
class UserInfo:
    name: str
    warning: int = 0
    tlvs: Tlvs = field(default_factory=Tlvs)

    def encode(self):
        return str8(self.name) + u16(self.warning) + self.tlvs.counted()

    @classmethod
    def read(cls, reader):
        name, warning, count = reader.name(), reader.u16(), reader.u16()
        return cls(name, warning, reader.tlvs(count))

    @property
    def key(self):
        return normal(self.name)

    @property
    def classes(self):
        return self.tlvs.number(0x01, 0)

    @property
    def away(self):
        return bool(self.classes & 0x20)

    @property
    def status(self):
        return self.tlvs.number(0x06, 0)

    @property
    def idle_minutes(self):
        return self.tlvs.number(0x04, 0)

    @property
    def capabilities(self):
        value = self.tlvs.get(0x0D, b"")
        return [value[at:at + 16] for at in range(0, len(value), 16)]

    @property
    def icon(self):
        """The BART id of the icon, if there is one."""
        ids = read_bart_ids(self.tlvs.get(0x1D, b""))
        return next((one for one in ids if one.kind == 1 and one.hash), None)


def read_users(reader):
    users = []
    while len(reader):
        users.append(UserInfo.read(reader))
    return users


@dataclass(frozen=True)
class BartId:
    kind: int
    hash: bytes
    flags: int = 0

    def encode(self):
        return u16(self.kind) + u8(self.flags) + str8(self.hash)

    @classmethod
    def read(cls, reader):
        kind, flags = reader.u16(), reader.u8()
        return cls(kind, reader.str8(), flags)


def read_bart_ids(data):
    reader, found = Reader(data), []
    while len(reader):
        found.append(BartId.read(reader))
    return found


def capability(short):
    """A capability by its short form."""
    return bytes.fromhex(f"0946{short:04x}4c7f11d18222444553540000")


XHTML, FILE, DIRECT_IM, ICON, RELAY, INTEROPERATE, UTF8 = map(
    capability, (0x0002, 0x1343, 0x1345, 0x1346, 0x1349, 0x134D, 0x134E))
CHAT = bytes.fromhex("748f2420628711d18222444553540000")
TYPING = bytes.fromhex("563fc8090b6f41bd9f79422609dfa2f3")


# Feedbag items

BUDDY, GROUP, PERMIT, DENY, PRIVACY, PREFERENCES, IGNORE, ICON_ITEM = 0, 1, 2, 3, 4, 5, 0x0E, 0x14
PENDING, ORDER, MODE, BART, ALIAS, COMMENT = 0x66, 0xC8, 0xCA, 0xD5, 0x131, 0x13C


@dataclass
class Item:
    name: str
    group: int
    id: int
    kind: int
    tlvs: Tlvs = field(default_factory=Tlvs)

    def encode(self):
        return (str16(self.name) + u16(self.group) + u16(self.id) + u16(self.kind) + str16(self.tlvs.encode()))

    @classmethod
    def read(cls, reader):
        name = decode_utf8(reader.str16())
        group, number, kind = reader.u16(), reader.u16(), reader.u16()
        return cls(name, group, number, kind, Reader(reader.str16()).tlvs())

    @property
    def key(self):
        return self.group, self.id

    @property
    def order(self):
        value = self.tlvs.get(ORDER, b"")
        return [int.from_bytes(value[at:at + 2], "big") for at in range(0, len(value), 2)]

    @property
    def pending(self):
        return self.tlvs.has(PENDING)


def read_items(reader):
    items = []
    while len(reader):
        items.append(Item.read(reader))
    return items


@dataclass
class ItemList:
    """13/06."""

    items: list
    time: int = 0

    def encode(self):
        return u8(0) + u16(len(self.items)) + b"".join(item.encode() for item in self.items) + u32(self.time)

    @classmethod
    def read(cls, reader):
        if reader.u8() != 0:
            raise Malformed("a list of another version")
        items = [Item.read(reader) for _ in range(reader.u16())]
        return cls(items, reader.u32())


# Messages

def fragments(charset, data, features=b"\x01"):
    """TLV 02 of a channel-1 message."""
    return b"\x05\x01" + str16(features) + b"\x01\x01" + str16(u16(charset) + u16(0) + data)


def message_fragments(text, features=b"\x01"):
    return fragments(*encode_text(text), features)


def read_fragments(data, encoding="iso-8859-1"):
    """The text of TLV 02."""
    reader, text = Reader(data), ""
    while len(reader):
        kind, _version = reader.u8(), reader.u8()
        inside = Reader(reader.str16())
        if kind == 1:
            charset = inside.u16()
            inside.u16()
            text += decode_text(charset, inside.rest(), encoding)
    return text


@dataclass
class Icbm:
    """04/06 and 04/07; PEER is the receiver's name in the one, the sender's UserInfo in the other."""

    cookie: bytes
    channel: int
    peer: object
    tlvs: Tlvs = field(default_factory=Tlvs)

    def encode(self):
        peer = self.peer.encode() if isinstance(self.peer, UserInfo) else str8(self.peer)
        return self.cookie + u16(self.channel) + peer + self.tlvs.encode()

    @classmethod
    def read_sent(cls, reader):
        return cls(reader.take(8), reader.u16(), reader.name(), reader.tlvs())

    @classmethod
    def read_received(cls, reader):
        return cls(reader.take(8), reader.u16(), UserInfo.read(reader), reader.tlvs())

    @property
    def text(self):
        """The text of channel 1, as it stands on the wire."""
        return read_fragments(self.tlvs.get(0x02, b""))


@dataclass
class Rendezvous:
    """TLV 05 of a channel-2 message; KIND is 0 proposal, 1 cancel, 2 accept."""

    kind: int
    cookie: bytes
    capability: bytes
    tlvs: Tlvs = field(default_factory=Tlvs)

    def encode(self):
        return u16(self.kind) + self.cookie + self.capability + self.tlvs.encode()

    @classmethod
    def read(cls, reader):
        return cls(reader.u16(), reader.take(8), reader.take(16), reader.tlvs())


@dataclass
class OldMessage:
    """TLV 05 of a channel-4 message, and the end of an ICQ offline message."""

    sender: int
    kind: int
    text: bytes
    flags: int = 0

    def encode(self):
        return le32(self.sender) + self.encode_tail()

    def encode_tail(self):
        return u8(self.kind) + u8(self.flags) + le16(len(self.text) + 1) + self.text + b"\0"

    @classmethod
    def read(cls, reader, sender=None):
        sender = reader.le32() if sender is None else sender
        kind, flags = reader.u8(), reader.u8()
        return cls(sender, kind, reader.lestr(), flags)


@dataclass
class Room:
    """What names a chat room on the wire, and its TLVs where they are given."""

    exchange: int
    cookie: str
    instance: int = 0
    tlvs: Tlvs = field(default_factory=Tlvs)

    def encode_id(self):
        return u16(self.exchange) + str8(self.cookie) + u16(self.instance)

    def encode(self, detail=2):
        return self.encode_id() + u8(detail) + self.tlvs.counted()

    @classmethod
    def read_id(cls, reader):
        return cls(reader.u16(), reader.name(), reader.u16())

    @classmethod
    def read(cls, reader):
        room = cls.read_id(reader)
        reader.u8()
        room.tlvs = reader.tlvs(reader.u16())
        return room


# Rates

@dataclass
class RateClass:
    """A class of 01/07; LAST and LIMITED are only there for a client of family 01 version 2 and later."""

    id: int
    window: int
    clear: int
    alert: int
    limit: int
    disconnect: int
    current: int
    max: int
    last: int = 0
    limited: int = 0

    def encode(self, tail=True):
        head = struct.pack(">HIIIIIII", self.id, self.window, self.clear, self.alert, self.limit, self.disconnect,
                           self.current, self.max)
        return head + (u32(self.last) + u8(self.limited) if tail else b"")

    @classmethod
    def read(cls, reader, tail=True):
        values = struct.unpack(">HIIIIIII", reader.take(30))
        return cls(*values, *((reader.u32(), reader.u8()) if tail else ()))


def encode_rates(classes, members, tail=True):
    """01/07; MEMBERS is a list of (class id, list of (family, subtype))."""
    groups = (u16(number) + u16(len(kinds)) + b"".join(u16(a) + u16(b) for a, b in kinds) for number, kinds in members)
    return u16(len(classes)) + b"".join(one.encode(tail) for one in classes) + b"".join(groups)


def read_rates(reader, tail=True):
    classes = [RateClass.read(reader, tail) for _ in range(reader.u16())]
    members = []
    while len(reader):
        number = reader.u16()
        members.append((number, [(reader.u16(), reader.u16()) for _ in range(reader.u16())]))
    return classes, members


# ICQ, family 15

@dataclass
class Icq:
    """What TLV 01 of 15/02 and 15/03 holds."""

    uin: int
    kind: int
    sequence: int
    data: bytes = b""

    def encode(self):
        inside = le32(self.uin) + le16(self.kind) + le16(self.sequence) + self.data
        return tlv(1, le16(len(inside)) + inside)

    @classmethod
    def read(cls, reader):
        value = reader.tlvs().get(1)
        if value is None:
            raise Malformed("no TLV 01 in a SNAC of family 15")
        outer = Reader(value)
        inside = Reader(outer.take(outer.le16()))
        return cls(inside.le32(), inside.le16(), inside.le16(), inside.rest())
