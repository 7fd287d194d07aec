# SPDX-License-Identifier: GPL-2.0-or-later
"""Families 0D and 0E: finding and making rooms, and being in one."""

import random
import re
import time

from oscar import codec
from oscar.codec import Malformed, Reader, Room, Snac, Tlvs, UserInfo, normal, tlv, u16, u32, u8
from oscar.connection import Closed

PRIVATE, PUBLIC = 4, 5
ROLL = re.compile(r"^//roll(?:-dice(\d+))?(?:-sides(\d+))?\s*$", re.I)


class ChatRoom:
    """A room is kept until the server ends. Members are connections, or puppets with .account and .send()."""

    def __init__(self, exchange, name):
        self.exchange, self.name, self.members = exchange, name, []
        self.cookie = f"{exchange}-0-{name}"
        self.created = int(time.time())

    def describe(self):
        return Room(self.exchange, self.cookie, 0, Tlvs([
            (0x6A, self.name.encode()), (0xC9, u16(15)), (0xCA, u32(self.created)), (0xD1, u16(1024)), (0xD2, u16(100)),
            (0xD3, self.name.encode()), (0xD5, u8(2)), (0xDA, u16(1024))]))

    def enter(self, member):
        for other in self.members:
            other.send(Snac(0x0E, 0x03, member.account.info().encode()))
        self.members.append(member)
        member.send(Snac(0x0E, 0x03, b"".join(one.account.info().encode() for one in self.members)))
        member.send(Snac(0x0E, 0x02, self.describe().encode()))

    def leave(self, member):
        if member in self.members:
            self.members.remove(member)
            for other in self.members:
                other.send(Snac(0x0E, 0x04, member.account.info().encode()))

    def say(self, info, cookie, message, but=None, only=None):
        """MESSAGE is the value of TLV 05; ONLY is the name that a whisper is for."""
        tlvs = Tlvs([(0x03, info.encode())] + ([] if only else [(0x01, b"")]) + [(0x05, message)])
        for member in list(self.members):
            if member is not but and (only is None or member.account.key == only):
                member.send(Snac(0x0E, 0x06, cookie + u16(3) + tlvs.encode()))


def make_room(server, exchange, name):
    """The room of that name, made if it is not there; the spelling of the first one stays."""
    cookie = f"{exchange}-0-{name}".lower()
    return server.rooms.setdefault((exchange, cookie), ChatRoom(exchange, name))


def exchange_tlv(number):
    name = b"default Exchange" if number == PRIVATE else b"public"
    tlvs = Tlvs([(0xD1, u16(1024)), (0xD2, u16(100)), (0xD5, u8(2)), (0xC9, u16(15)), (0xD3, name)])
    return tlv(0x03, u16(number) + tlvs.counted())


def limits(connection, snac):
    connection.answer(snac, 0x09, tlv(0x02, u8(10)) + exchange_tlv(PRIVATE) + exchange_tlv(PUBLIC))


def exchange_info(connection, snac):
    number = snac.reader().u16()
    if number not in (PRIVATE, PUBLIC):
        return connection.refuse(snac, 0x08)
    connection.answer(snac, 0x09, tlv(0x02, u8(10)) + exchange_tlv(number))
    return None


def room_info(connection, snac):
    wanted = Room.read_id(snac.reader())
    room = connection.server.rooms.get((wanted.exchange, wanted.cookie.lower()))
    if room is None:
        connection.violate(f"0D/04 for a room that is not there: {wanted.cookie}")
        raise Closed
    connection.answer(snac, 0x09, tlv(0x04, room.describe().encode()))


def create(connection, snac):
    wanted = Room.read(snac.reader())
    name = wanted.tlvs.text(0xD3)
    if name is None:
        raise Malformed("0D/08 without a name")
    if wanted.exchange not in (PRIVATE, PUBLIC):
        return connection.refuse(snac, 0x08)
    if wanted.exchange == PUBLIC and (PUBLIC, f"{PUBLIC}-0-{name}".lower()) not in connection.server.rooms:
        return connection.refuse(snac, 0x14)
    room = make_room(connection.server, wanted.exchange, name)
    connection.answer(snac, 0x09, tlv(0x04, room.describe().encode()))
    return None


def talk(connection, snac):
    reader = snac.reader()
    cookie, channel, tlvs = reader.take(8), reader.u16(), reader.tlvs()
    inside = Reader(tlvs.get(0x05, b"")).tlvs()
    if channel != 3 or not inside.has(0x01):
        raise Malformed("0E/05 without a text")
    room, info = connection.room, connection.account.info()
    whisper = normal(tlvs.text(0x02)) if tlvs.has(0x02) else None
    dice = ROLL.match(codec.plain(codec.decode_mime(inside.get(0x02), inside.get(0x01))))
    if dice:
        count, sides = int(dice[1] or 2), int(dice[2] or 6)
        said = f"{connection.account.name} rolled {count} {sides}-sided dice: " + " ".join(
            str(random.randint(1, sides)) for _ in range(count))
        message = tlv(0x02, b"us-ascii") + tlv(0x03, b"en") + tlv(0x01, said.encode())
        room.say(UserInfo("OnlineHost"), cookie, message)
        return
    room.say(info, cookie, tlvs.get(0x05), None if tlvs.has(0x06) else connection, whisper)
    if whisper and tlvs.has(0x06):
        connection.send(Snac(0x0E, 0x06, cookie + u16(3) + tlv(0x03, info.encode()) + tlv(0x05, tlvs.get(0x05))))


HANDLERS = {(0x0D, 0x02): limits, (0x0D, 0x03): exchange_info, (0x0D, 0x04): room_info, (0x0D, 0x08): create, (0x0E, 0x05): talk}
