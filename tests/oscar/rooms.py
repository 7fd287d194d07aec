# SPDX-License-Identifier: GPL-2.0-or-later
"""The friend in chat rooms."""

import itertools

from oscar import codec
from oscar.codec import Icbm, Reader, Rendezvous, Room, Tlvs, UserInfo, normal, read_users, str8, tlv, u16
from oscar.link import tlvs_of
from waiting import TIMEOUT

_cookies = itertools.count(1 << 32)
SEND_NAMES = {"us-ascii": "ascii", "iso-8859-1": "iso-8859-1", "unicode-2-0": "utf-16-be"}


class RoomUser:
    """A part of OscarFriend."""

    async def find_room(self, name, exchange=4):
        """Finds or makes a room; its Room."""
        nav = await self.service(0x0D)
        body = Room(exchange, "create", 0xFFFF, Tlvs([(0xD3, name.encode()), (0xD6, b"us-ascii"), (0xD7, b"en")])).encode(1)
        return Room.read(Reader((await nav.ask(0x0D, 0x08, body)).tlvs().get(4)))

    async def join(self, name, exchange=4):
        return await self.enter(await self.find_room(name, exchange))

    async def enter(self, room):
        link = await self.service(0x0E, tlv(0x01, room.encode_id()), ("room", room.cookie))
        return await RoomVisit(self, room, link).begin()

    def invite(self, to, room, text="come in"):
        """The cookie of the invitation."""
        cookie = next(_cookies).to_bytes(8, "big")
        tlvs = Tlvs([(0x0A, u16(1)), (0x0F, b""), (0x0C, text.encode()), (0x2711, room.encode_id())])
        inside = Rendezvous(0, cookie, codec.CHAT, tlvs)
        self.link.send(0x04, 0x06, Icbm(cookie, 2, to, Tlvs([(0x05, inside.encode())])).encode())
        return cookie

    async def expect_invitation(self, sender, timeout=TIMEOUT):
        """The Room and the text."""
        def fits(snac):
            message = Icbm.read_received(snac.reader())
            return message.channel == 2 and message.peer.key == normal(sender) and message.tlvs.get(5)[:2] == b"\0\0"
        message = Icbm.read_received((await self.link.expect(0x04, 0x07, fits, timeout)).reader())
        inside = Rendezvous.read(Reader(message.tlvs.get(5)))
        assert inside.capability == codec.CHAT
        return Room.read_id(Reader(inside.tlvs.get(0x2711))), inside.tlvs.text(0x0C)

    def decline(self, to, cookie):
        self.link.send(0x04, 0x0B, cookie + u16(2) + str8(to) + u16(3) + u16(2) + u16(1))


class RoomVisit:
    """One user in one room."""

    def __init__(self, user, room, link):
        self.user, self.room, self.link, self.users = user, room, link, set()
        self.about = None

    async def begin(self):
        """Returns when the server has said who is there."""
        await self.expect_in(self.user.name)
        self.about = Room.read((await self.link.expect(0x0E, 0x02)).reader())
        return self

    async def _expect_user(self, subtype, name, timeout):
        fits = lambda snac: any(user.key == normal(name) for user in read_users(snac.reader()))
        snac = await self.link.expect(0x0E, subtype, fits, timeout)
        return {user.key for user in read_users(snac.reader())}

    async def expect_in(self, name, timeout=TIMEOUT):
        self.users |= await self._expect_user(0x03, name, timeout)

    async def expect_out(self, name, timeout=TIMEOUT):
        self.users -= await self._expect_user(0x04, name, timeout)

    def say(self, text, charset="us-ascii", only=None, reflect=True):
        """ONLY is the name that a whisper is for."""
        inside = tlvs_of((0x02, charset.encode()), (0x03, b"en"), (0x01, text.encode(SEND_NAMES[charset])))
        whom = (0x02, only.encode()) if only else (0x01, b"")
        tlvs = tlvs_of(whom, *([(0x06, b"")] if reflect else []), (0x05, inside))
        self.link.send(0x0E, 0x05, next(_cookies).to_bytes(8, "big") + u16(3) + tlvs)

    @staticmethod
    def _said(snac):
        """Sender, text, and whether it is for all."""
        reader = snac.reader()
        reader.take(10)
        tlvs = reader.tlvs()
        inside = Reader(tlvs.get(0x05)).tlvs()
        sender = UserInfo.read(Reader(tlvs.get(0x03)))
        return sender.key, codec.plain(codec.decode_mime(inside.get(0x02), inside.get(0x01))), tlvs.has(0x01)

    async def expect_talk(self, sender, text, public=True, timeout=TIMEOUT):
        return await self.link.expect(0x0E, 0x06, lambda snac: self._said(snac) == (normal(sender), text, public), timeout)

    async def expect_any(self, sender, timeout=TIMEOUT):
        """What SENDER says next."""
        return self._said(await self.link.expect(0x0E, 0x06, lambda snac: self._said(snac)[0] == normal(sender), timeout))[1]

    def leave(self):
        self.link.close()
        self.user.services.pop(("room", self.room.cookie))


