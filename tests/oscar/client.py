# SPDX-License-Identifier: GPL-2.0-or-later
"""An AIM or ICQ user (the friend), who signs on as a careful client does and then does what a test says."""

import asyncio
import itertools

from oscar import codec
from oscar.codec import Icbm, Snac, Tlvs, UserInfo, normal, str8, tlv, u16, u32, u8
from oscar.contacts import Contacts
from oscar.icq import IcqUser
from oscar.link import Link, Refused, tlvs_of
from oscar.rooms import RoomUser
from waiting import TIMEOUT

_sources = itertools.cycle(f"127.0.0.{number}" for number in range(2, 250))
_cookies = itertools.count(1)

CAPABILITIES = [codec.FILE, codec.ICON, codec.XHTML, codec.INTEROPERATE, codec.UTF8, codec.CHAT]
DIRECTORY = {"first": 0x01, "last": 0x02, "country": 0x06, "city": 0x08, "nick": 0x0C}
CLIENT = Tlvs([(0x03, b"Passerelle test"), (0x16, u16(0x0109)), (0x17, u16(5)), (0x18, u16(1)), (0x19, u16(0)),
               (0x1A, u16(0x0BDC)), (0x14, u32(0x611)), (0x0F, b"en"), (0x0E, b"us")])


class OscarFriend(Contacts, RoomUser, IcqUser):
    """BY is how to sign on: 'md5', 'single md5' or 'channel 1'. Each friend has a loopback address of his own, since the
    real server counts sign-ons by address. What comes unasked is in .link.inbox; .seen has who is on line."""

    def __init__(self, name, port, password="secret7", by="md5", several=1, source=None, tls=None):
        self.name, self.key, self.port, self.password, self.by = name, normal(name), port, password, by
        self.uin = int(self.key) if codec.is_uin(name) else None
        self.several, self.source, self.tls = several, source or next(_sources), tls
        self.link, self.info, self.reply = None, None, None
        self.items, self.list_time, self.services = {}, 0, {}
        self.seen, self.seen_changed = {}, asyncio.Event()
        self.motd = None

    # Signing on and off

    async def connect(self, status=0, capabilities=CAPABILITIES):
        await self.sign_on_at_login()
        await self.enter_bos(status, capabilities)
        return self

    async def sign_on_at_login(self):
        """The first half: .reply has the address and the cookie. Refused says why not."""
        login = Link(f"{self.name} at the login")
        several = [(0x4A, u8(self.several))] if self.several is not None else []
        if self.by == "channel 1":
            proof = [(0x01, self.name.encode()), (0x02, codec.roast(self.password))]
            await self._open(login, self.port, tlvs_of(*proof, *CLIENT, *several))
            self.reply = await login.expect_end()
        else:
            await self._open(login, self.port)
            double = self.by == "md5"
            answer = await self._during_login(login, 0x06, tlvs_of((0x01, self.name.encode()), (0x4B, b""), (0x5A, b"")))
            if answer.subtype == 0x07:
                key = answer.reader().str16()
                proof = [(0x25, codec.digest(key, self.password, double))] + ([(0x4C, b"")] if double else [])
                answer = await self._during_login(login, 0x02, tlvs_of((0x01, self.name.encode()), *proof, *CLIENT, *several))
            self.reply = answer.tlvs()
        login.close()
        assert self.reply is not None, "the login ended without a word"
        if self.reply.has(0x08):
            raise Refused(self.reply.number(0x08), what="sign-on")
        assert self.reply.has(0x05) and self.reply.has(0x06), f"neither success nor failure: {self.reply}"

    async def _during_login(self, login, subtype, body):
        """The answer, or a refusal of the server's own accord before the end: 17/03 with request 0, or channel 4."""
        try:
            return await login.ask(0x17, subtype, body)
        except AssertionError:
            unasked = [snac for snac in login.inbox.things if snac.kind == (0x17, 0x03)]
            if login.farewell and login.farewell.data:
                unasked.append(Snac(0x17, 0x03, login.farewell.data))
            if not unasked:
                raise
            return unasked[0]

    async def _open(self, link, port, tlvs=b"", host="127.0.0.1"):
        return await link.open(host, int(port), tlvs, None if host == "::1" else self.source, self.tls)

    def address(self, tlvs):
        host, _, port = tlvs.text(0x05).partition(":")
        return host, int(port or self.port)

    async def enter_bos(self, status=0, capabilities=CAPABILITIES):
        """The second half, in the order of the protocol description: 01/02 last."""
        host, port = self.address(self.reply)
        self.link = Link(self.name)
        self.link.on_snac = self._note
        await self._open(self.link, port, tlvs_of((0x06, self.reply.get(0x06))), host)
        self.rates = await self.link.negotiate()
        self.info = UserInfo.read((await self.link.ask(0x01, 0x0E)).reader())
        for family in (0x13, 0x02, 0x03, 0x09):
            await self.link.ask(family, 0x02)
        await self.link.ask(0x04, 0x04)
        await self.fetch_list()
        self.link.send(0x02, 0x04, tlvs_of((0x05, b"".join(capabilities))))
        self.link.send(0x04, 0x02, u16(0) + u32(0x50B if self.uin else 0x10B) + u16(8000) + u16(999) + u16(999) + u32(0))
        await self.set_status(status)
        self.link.send(0x13, 0x07)
        self.link.online()
        await self.link.expect(0x0B, 0x02)

    def _note(self, snac):
        if snac.kind == (0x03, 0x0B):
            for user in codec.read_users(snac.reader()):
                self.seen[user.key] = user
        elif snac.kind == (0x03, 0x0C):
            for user in codec.read_users(snac.reader()):
                self.seen.pop(user.key, None)
        self.seen_changed.set()
        if snac.kind in ((0x13, 0x08), (0x13, 0x09), (0x13, 0x0A)):
            self.list_changed(snac)

    async def quit(self):
        for link in [*self.services.values(), self.link]:
            if link:
                link.close()

    async def expect_end(self, timeout=TIMEOUT):
        """The server ends the session; the TLVs of its farewell or None."""
        return await self.link.expect_end(timeout)

    async def in_step(self):
        """Returns when the server has dealt with everything sent so far."""
        await self.link.ask(0x04, 0x04)

    # Presence

    async def set_status(self, word, direct=None):
        direct = [(0x0C, direct)] if direct else []
        answer = await self.link.ask(0x01, 0x1E, tlvs_of((0x06, u32(word)), *direct))
        self.info = UserInfo.read(answer.reader())

    def go_away(self, text):
        """Empty to come back."""
        mime = [(0x03, codec.mime("us-ascii").encode())] if text else []
        self.link.send(0x02, 0x04, tlvs_of(*mime, (0x04, text.encode())))

    def set_profile(self, text):
        self.link.send(0x02, 0x04, tlvs_of((0x01, codec.mime("us-ascii").encode()), (0x02, text.encode())))

    def go_idle(self, seconds):
        self.link.send(0x01, 0x11, u32(seconds))

    async def _see(self, question, what, timeout):
        """Waits until who is on line, as .seen has it, is as asked."""
        try:
            async with asyncio.timeout(timeout):
                while not question():
                    self.seen_changed.clear()
                    await self.seen_changed.wait()
        except TimeoutError:
            raise AssertionError(f"{self.name} waited {timeout} s for {what} and sees:\n{self.seen}") from None

    async def expect_online(self, name, where=lambda user: True, timeout=TIMEOUT):
        """Waits until NAME is on line and so; his UserInfo."""
        seen = lambda: self.seen.get(normal(name))
        await self._see(lambda: seen() and where(seen()), f"{name} to be on line, or to be so", timeout)
        return seen()

    async def expect_offline(self, name, timeout=TIMEOUT):
        await self._see(lambda: normal(name) not in self.seen, f"{name} to be off line", timeout)

    async def ask_info(self, name, mask=3):
        """Profile (1), away text (2), capabilities (4): UserInfo and the TLVs of 02/06."""
        reader = (await self.link.ask(0x02, 0x15, u32(mask) + str8(name))).reader()
        return UserInfo.read(reader), reader.tlvs()

    # Messages

    def message_body(self, to, text, automatic=False, html=None, store=True, charset=None):
        html = not (self.uin and codec.is_uin(to)) if html is None else html
        if html:
            text = f"<HTML><BODY>{text}</BODY></HTML>"
        charset, data = (charset, text.encode("iso-8859-1")) if charset is not None else codec.encode_text(text)
        tlvs = [(0x02, codec.fragments(charset, data)), (0x03, b"")]
        tlvs += [(0x04, b"")] if automatic else [(0x06, b"")] if store else []
        return Icbm(next(_cookies).to_bytes(8, "big"), 1, to, Tlvs(tlvs)).encode()

    async def say(self, to, text, **how):
        """Sends a message and waits until the server has it; Refused has the code of 04/01."""
        await self.link.ask(0x04, 0x06, self.message_body(to, text, **how))

    def send_message(self, to, text, **how):
        """The same without waiting; the request id, which an error would have."""
        return self.link.send(0x04, 0x06, self.message_body(to, text, **how))

    async def expect_message(self, sender, text=None, where=lambda message: True, timeout=TIMEOUT):
        """A message of channel 1 whose text without tags is TEXT; as an Icbm."""
        def fits(snac):
            message = Icbm.read_received(snac.reader())
            return (message.channel == 1 and message.peer.key == normal(sender) and where(message)
                    and (text is None or codec.plain(message.text) == text))
        return Icbm.read_received((await self.link.expect(0x04, 0x07, fits, timeout)).reader())

    async def fetch_stored(self):
        """Asks for what was stored for an AIM user; the messages are then to be expected."""
        await self.link.ask(0x04, 0x10)

    def type(self, to, event):
        """0 nothing, 1 typed, 2 typing, 0F window closed."""
        self.link.send(0x04, 0x14, bytes(8) + u16(1) + str8(to) + u16(event))

    async def expect_typing(self, sender, event, timeout=TIMEOUT):
        def fits(snac):
            reader = snac.reader()
            reader.take(10)
            return normal(reader.name()) == normal(sender) and reader.u16() == event
        await self.link.expect(0x04, 0x14, fits, timeout)

    async def warn(self, name, anonymous=False):
        """The new level, in tenths of a percent."""
        reader = (await self.link.ask(0x04, 0x08, u16(int(anonymous)) + str8(name))).reader()
        reader.u16()
        return reader.u16()

    # Account and directory

    async def change_password(self, old, new):
        reader = (await self.link.ask(0x07, 0x04, tlvs_of((0x02, new.encode()), (0x12, old.encode())))).reader()
        reader.u16()
        tlvs = reader.tlvs(reader.u16())
        if tlvs.has(0x08):
            raise Refused(tlvs.number(0x08), what="password")
        self.password = new

    async def set_directory(self, **fields):
        """first, last, nick, city ...; whoever is to be found must have find=True."""
        find = (0x0A, u16(int(fields.pop("find", True))))
        await self.link.ask(0x02, 0x09, tlvs_of(*((DIRECTORY[field], value.encode()) for field, value in fields.items()), find))

    async def search_directory(self, **fields):
        """Screen names of those who have these names."""
        wanted = [(DIRECTORY[field], value.encode()) for field, value in fields.items()]
        body = tlvs_of((0x1C, b"us-ascii"), (0x0A, u16(0)), *wanted)
        reader = (await self.link.ask(0x0F, 0x02, body)).reader()
        assert reader.u16() == 5
        reader.u16()
        return [normal(reader.tlvs(reader.u16()).text(0x09)) for _ in range(reader.u16())]

    # Services

    async def service(self, family, extra=b"", key=None):
        """The connection to a service, made if there is none; it is on line when this returns."""
        key = key or family
        if key not in self.services or self.services[key].ended.is_set():
            tlvs = (await self.link.ask(0x01, 0x04, u16(family) + extra)).tlvs()
            host, port = self.address(tlvs)
            link = self.services[key] = Link(f"{self.name} at service {family:02X}")
            await self._open(link, port, tlv(0x06, tlvs.get(0x06)), host)
            await link.negotiate()
            link.online()
        return self.services[key]


