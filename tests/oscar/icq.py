# SPDX-License-Identifier: GPL-2.0-or-later
"""The friend as a user of ICQ: stored messages, information, searches (family 15)."""

from dataclasses import dataclass

from oscar import codec
from oscar.codec import Icq, OldMessage, Reader, decode_utf8, le16, le32, lestr, u8

OK, NOTHING = 0x0A, 0x32
FULL_INFO = [0x00C8, 0x00DC, 0x00EB, 0x010E, 0x00D2, 0x00E6, 0x00F0, 0x00FA]


@dataclass
class Found:
    """One user that a search found."""

    uin: int
    nick: str
    first: str
    last: str
    email: str
    authorize: bool     # whether he wants to be asked
    status: int         # 0 off line, 1 on line, 2 hidden
    gender: int
    age: int

    @classmethod
    def read(cls, reader):
        inside = Reader(reader.take(reader.le16()))
        names = inside.le32(), *(decode_utf8(inside.lestr()) for _ in range(4))
        return cls(*names, inside.u8() == 0, inside.le16(), inside.u8(), inside.le16())


class IcqUser:
    """A part of OscarFriend, for names that are numbers."""

    _sequence = 0

    async def ask_icq(self, kind, data=b"", last=lambda snac: not snac.flags & codec.MORE):
        """The answers to one request, as Icq."""
        self._sequence += 1
        snacs = await self.link.ask_all(0x15, 0x02, Icq(self.uin, kind, self._sequence, data).encode(), last)
        found = [Icq.read(snac.reader()) for snac in snacs]
        assert all(one.uin == self.uin and one.sequence == self._sequence for one in found)
        return found

    async def ask_meta(self, subtype, data=b""):
        """Answers of a meta request as (subtype, result, Reader)."""
        found = []
        for one in await self.ask_icq(0x07D0, le16(subtype) + data):
            reader = Reader(one.data)
            found.append((reader.le16(), reader.u8(), reader))
        return found

    async def fetch_stored_icq(self):
        """What was stored for this number, as (sender, text), deleted at the server."""
        found = []
        for one in await self.ask_icq(0x003C, last=lambda snac: Icq.read(snac.reader()).kind == 0x0042):
            if one.kind == 0x0041:
                reader = Reader(one.data)
                sender = reader.le32()
                reader.take(6)
                found.append((sender, decode_utf8(OldMessage.read(reader, sender).text)))
        self._sequence += 1
        self.link.send(0x15, 0x02, Icq(self.uin, 0x003E, self._sequence).encode())
        return found

    async def short_info(self, uin):
        """nick, first, last, email, authorize; None for a number that is not there."""
        (subtype, result, reader), = await self.ask_meta(0x04BA, le32(uin))
        assert subtype == 0x0104
        if result != OK:
            return None
        names = dict(zip(("nick", "first", "last", "email"), (decode_utf8(reader.lestr()) for _ in range(4))))
        return {**names, "authorize": reader.u8() == 0}

    async def full_info(self, uin):
        """The readers of the eight parts by subtype."""
        found = await self.ask_meta(0x04B2, le32(uin))
        assert [subtype for subtype, _, _ in found] == FULL_INFO, [hex(subtype) for subtype, _, _ in found]
        return {subtype: reader for subtype, _, reader in found}

    async def search(self, subtype, data):
        found = await self.ask_meta(subtype, data)
        assert found[-1][0] == 0x01AE and all(one[0] == 0x01A4 for one in found[:-1])
        return [Found.read(reader) for _, result, reader in found if result == OK]

    async def search_number(self, uin):
        return await self.search(0x051F, le32(uin))

    async def search_names(self, first="", last="", nick=""):
        return await self.search(0x0515, lestr(first) + lestr(last) + lestr(nick))

    async def search_email(self, email):
        return await self.search(0x0573, codec.le_tlv(0x015E, lestr(email)))

    async def set_names(self, nick="", first="", last="", email="", city=""):
        data = b"".join(map(lestr, (nick, first, last, email, city, "", "", "", "", "", ""))) + le16(0) + u8(0) + u8(0)
        (subtype, result, _), = await self.ask_meta(0x03EA, data)
        assert (subtype, result) == (0x0064, OK)

    async def set_authorization(self, needed):
        (subtype, result, _), = await self.ask_meta(0x0424, bytes([0 if needed else 1, 0, 0, 0]))
        assert (subtype, result) == (0x00A0, OK)
