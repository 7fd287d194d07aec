# SPDX-License-Identifier: GPL-2.0-or-later
"""A user of the scripted server as a test drives it: what he gets, and, where he has no client, what he does.

    romeo = server.add_user("romeo"); juliet = server.add_user("juliet").appear()
    juliet.say("romeo", "here, below")          # juliet is a puppet: on line, without a client
    await juliet.expect_message("romeo", "wherefore art thou")"""

import hashlib
import time

from oscar import codec, login
from oscar.codec import Icbm, Item, OldMessage, Reader, Rendezvous, Room, Snac, Tlvs, UserInfo, str8, tlv, u16, u32, u8
from oscar.connection import signed_on_elsewhere
from oscar.families import chat, feedbag, icbm
from oscar.state import Account, Session, new_cookie
from waiting import TIMEOUT, Inbox

HTML = "<HTML><BODY>{}</BODY></HTML>"


class User(Account):
    puppet = None
    echoes = False

    # What he gets, whoever it is from

    def receive(self, family, subtype, body=b"", flags=0, request=0x80000000):
        """Any SNAC, to all sessions."""
        self.send(Snac(family, subtype, body, request, flags))

    def receive_message(self, sender, text, charset=None, html=True, automatic=False, sent=None, tlvs=()):
        """SENDER is a name that need not be one of an account. TEXT may be bytes; HTML puts the usual tags around."""
        account = self.server.accounts.get(codec.normal(sender))
        info = account.info() if account else UserInfo(sender)
        if isinstance(text, str):
            text = HTML.format(text) if html else text
            charset, text = (charset, text.encode()) if charset is not None else codec.encode_text(text)
        more = ([(0x04, b"")] if automatic else []) + ([(0x16, u32(sent))] if sent else [])
        found = Tlvs([(0x02, codec.fragments(charset or 0, text)), *more, *tlvs])
        self.receive(0x04, 0x07, Icbm(new_cookie(), 1, info, found).encode())

    def receive_note(self, text):
        """A message of the server itself: no TLVs in the user info, a zero cookie."""
        body = Icbm(bytes(8), 1, UserInfo("OOS System Msg"), Tlvs([(0x02, codec.message_fragments(text, b"\1\1\2"))]))
        self.receive(0x04, 0x07, body.encode())

    def receive_old_message(self, sender, kind, text, uin=None):
        """Channel 4, where the fields of a text are separated by FE."""
        old = OldMessage(uin or int(sender), kind, codec.raw(text))
        self.receive(0x04, 0x07, Icbm(new_cookie(), 4, UserInfo(sender), Tlvs([(0x05, old.encode())])).encode())

    def receive_typing(self, sender, event):
        self.receive(0x04, 0x14, bytes(8) + u16(1) + str8(sender) + u16(event))

    def receive_rates(self, number, code):
        """01/0A about a class as it is."""
        for session in self.online:
            one, tail = session.rates.classes[number], session.connection.with_tail
            session.connection.send(Snac(0x01, 0x0A, u16(code) + one.encode(tail), 0x80000000))

    def receive_pause(self, *families):
        self.receive(0x01, 0x0B, b"".join(map(u16, families)))

    def receive_resume(self):
        self.receive(0x01, 0x0D)

    def receive_missed(self, sender, count, reason):
        self.receive(0x04, 0x0A, u16(1) + UserInfo(sender).encode() + u16(count) + u16(reason))

    def migrate(self, connection=None, wrong=False):
        """01/12: the client is to sign on again at the same address with a new cookie, for all that it had."""
        for session in self.online:
            one = connection or session.connection
            where, _ = login.address(one)
            cookie = login.issue(self.server, login.Ticket(self, session.several))
            tlvs = Tlvs([where, (0x06, cookie[::-1] if wrong else cookie)])
            session.connection.send(Snac(0x01, 0x12, u16(0) + tlvs.encode(), 0x80000000))

    def sign_off(self, *, elsewhere=False):
        """The server ends all sessions of this user, or the puppet's."""
        for session in list(self.sessions):
            login.end_session(session, signed_on_elsewhere() if elsewhere else b"")

    async def settled(self):
        """Returns when the client has dealt with all that was sent to it: it has answered a pause, and goes on."""
        self.receive_pause(0x0B)
        await self.server.expect(self.name, 0x01, 0x0C, lambda snac: snac.body == u16(0x0B))
        self.receive_resume()

    # A user without a client

    def appear(self, capabilities=(codec.XHTML,), status=0):
        """On line as a puppet, which uses its list from the first."""
        self.puppet = Session(self, None, 1, 1, True, True, capabilities=list(capabilities), status=status)
        self.puppet.got = Inbox(f"puppet {self.name}")
        self.sessions.append(self.puppet)
        if self.visible:
            self.server.announce(self)
        return self

    def vanish(self):
        login.leave(self.puppet)
        self.puppet = None

    def echo(self):
        """A puppet that says back what it is told, and agrees to whatever it is asked."""
        self.appear()
        self.puppet.got.put = self._answer
        return self

    def _answer(self, snac):
        if snac.kind == (0x04, 0x07):
            message = Icbm.read_received(snac.reader())
            if message.channel == 1 and not message.tlvs.has(0x04):
                self.say(message.peer.name, codec.plain(message.text))
        elif snac.kind == (0x13, 0x19):
            self.authorize_user(snac.reader().name(), True, "you are welcome")

    def _tell(self, name, channel, tlvs, cookie=None):
        receiver = self.server.user(name)
        icbm.deliver(self, receiver, Icbm(cookie or new_cookie(), channel, receiver.name, tlvs))
        receiver.heard[self.key] = time.time()

    def say(self, name, text, html=None, automatic=False):
        """A message as this user's client would send it: HTML unless both are numbers."""
        html = not (self.uin and self.server.user(name).uin) if html is None else html
        text = HTML.format(text) if html else text
        self._tell(name, 1, Tlvs([(0x02, codec.message_fragments(text))] + ([(0x04, b"")] if automatic else [])))

    def leave_message(self, name, text):
        """A message that waits, whether or not the receiver is on line."""
        self.server.user(name).stored.append(icbm.Stored(
            self, 1, new_cookie(), Tlvs([(0x02, codec.message_fragments(text)), (0x03, b""), (0x06, b"")]), int(time.time())))

    def type(self, name, event):
        self.server.user(name).receive_typing(self.name, event)

    def offer(self, name, capability, tlvs, cookie=None):
        """A proposal of channel 2; returns its cookie."""
        cookie = cookie or new_cookie()
        self._tell(name, 2, Tlvs([(0x05, Rendezvous(0, cookie, capability, Tlvs(tlvs)).encode())]), cookie)
        return cookie

    def invite(self, name, room, text="come in"):
        """An invitation into a room of exchange 4, made where it is missing."""
        made = chat.make_room(self.server, 4, room)
        place = Room(made.exchange, made.cookie).encode_id()
        return self.offer(name, codec.CHAT, [(0x0A, u16(1)), (0x0F, b""), (0x0C, text.encode()), (0x2711, place)])

    def cancel(self, name, cookie, capability=codec.CHAT):
        self._tell(name, 2, Tlvs([(0x05, Rendezvous(1, cookie, capability, Tlvs([(0x0B, u16(1))])).encode())]), cookie)

    def enter(self, room):
        """The puppet goes into a room; what it would get there is in the returned member's .got."""
        member = PuppetMember(self, chat.make_room(self.server, 4, room))
        member.room.enter(member)
        return member

    def go_away(self, text):
        self.puppet.away = text.encode() or None
        self.server.announce(self)

    def go_idle(self, seconds):
        self.puppet.idle_since = time.time() - seconds if seconds else 0
        self.server.announce(self)

    def set_status(self, word):
        was_visible = self.visible
        self.puppet.status = word
        if self.visible:
            self.server.announce(self)
        elif was_visible:
            self.server.departed_for_all(self)

    def set_profile(self, text, kind=codec.mime("us-ascii")):
        self.profile, self.profile_type = codec.raw(text), kind.encode()

    def set_icon(self, image):
        """An icon whose image the server has; None takes it away."""
        for item in self.of_kind(codec.ICON_ITEM):
            del self.items[item.key]
        if image:
            digest = hashlib.md5(image).digest()
            self.server.images[digest] = image
            self.store(Item("1", 0, 0x7000, codec.ICON_ITEM, Tlvs([(codec.BART, u8(0) + str8(digest)), (codec.ALIAS, b"")])))
        self.server.announce(self)

    def put_on_list(self, name, group="Buddies", alias=None, kind=codec.BUDDY, pending=False):
        """As if this user had always had NAME on the list."""
        number = 0
        if kind == codec.BUDDY:
            number = next((item.group for item in self.of_kind(codec.GROUP) if item.name == group and item.group), None)
            if number is None:
                self.fill_list(0, group)
                number = max(item.group for item in self.items.values())
        one = max((item.id for item in self.items.values() if item.group == number), default=0) + 1
        if number == 0:
            one = max([one, 0x6000, *(item.group + 1 for item in self.items.values())])
        tlvs = Tlvs(([(codec.ALIAS, alias.encode())] if alias else []) + ([(codec.PENDING, b"")] if pending else []))
        item = Item(name, number, one, kind, tlvs)
        self.store(item)
        if number:
            head = self.items[(number, 0)]
            head.tlvs = head.tlvs.with_(codec.ORDER, b"".join(map(u16, [*head.order, one])))
        return item

    def change_list(self, subtype, *items):
        """The server itself inserts (08), updates (09) or deletes (0A) items, and tells the client."""
        for item in items:
            self.items.pop(item.key, None) if subtype == 0x0A else self.store(item)
        self.receive(0x13, subtype, b"".join(item.encode() for item in items))

    def ask_authorization(self, name, reason):
        feedbag.ask(self, self.server.user(name), reason)

    def authorize_user(self, name, granted, reason=""):
        feedbag.reply(self, self.server.user(name), granted, reason)

    def add(self, name):
        """The other hears that he was added."""
        feedbag.added(self, self.server.user(name))

    def check_list(self):
        """The orders name exactly the groups and contacts that there are."""
        groups = {item.group for item in self.of_kind(codec.GROUP) if item.group}
        root = self.items.get((0, 0))
        order = root.order if root else []
        assert sorted(order) == sorted(groups), f"root has the order {order}, groups are {groups}"
        for number in groups:
            members, head = {item.id for item in self.of_kind(codec.BUDDY) if item.group == number}, self.items[number, 0]
            assert sorted(head.order) == sorted(members), f"group {number} has {members}: {head}"

    async def orderly(self):
        """Returns when the client has done with the list and it is in order."""
        for _ in range(20):
            await self.settled()
            try:
                return self.check_list()
            except AssertionError as problem:
                disorder = problem
        raise disorder

    # What a puppet got

    async def expect(self, family, subtype, where=lambda snac: True, timeout=TIMEOUT):
        return await self.puppet.got.expect(lambda snac: snac.kind == (family, subtype) and where(snac),
                                            f"{family:02X}/{subtype:02X}", timeout)

    async def expect_message(self, sender, text, timeout=TIMEOUT):
        """A message whose text without tags is TEXT; as an Icbm."""
        def fits(snac):
            message = Icbm.read_received(snac.reader())
            return message.channel == 1 and message.peer.key == codec.normal(sender) and codec.plain(message.text) == text
        return Icbm.read_received((await self.expect(0x04, 0x07, fits, timeout)).reader())

    async def expect_typing(self, sender, event, timeout=TIMEOUT):
        wanted = str8(self.server.user(sender).name) + u16(event)
        return await self.expect(0x04, 0x14, lambda snac: snac.body.endswith(wanted), timeout)

    async def expect_rendezvous(self, sender, kind, timeout=TIMEOUT):
        """A message of channel 2 as a Rendezvous."""
        def fits(snac):
            message = Icbm.read_received(snac.reader())
            return message.channel == 2 and message.peer.key == codec.normal(sender) and message.tlvs.get(5)[:2] == u16(kind)
        found = Icbm.read_received((await self.expect(0x04, 0x07, fits, timeout)).reader())
        return Rendezvous.read(Reader(found.tlvs.get(0x05)))


class PuppetMember:
    """A puppet in a room."""

    ready = True

    def __init__(self, account, room):
        self.account, self.room = account, room
        self.got = Inbox(f"puppet {account.name} in {room.name}")

    def send(self, snac):
        self.got.put(snac)

    def say(self, text, charset="us-ascii", only=None):
        data = text.encode({"us-ascii": "ascii", "unicode-2-0": "utf-16-be"}.get(charset, charset))
        message = tlv(0x02, charset.encode()) + tlv(0x03, b"en") + tlv(0x01, data)
        self.room.say(self.account.info(), new_cookie(), message, None, only and codec.normal(only))

    async def expect_talk(self, sender, text, timeout=TIMEOUT):
        def fits(snac):
            if snac.kind != (0x0E, 0x06):
                return False
            reader = snac.reader()
            reader.take(10)
            tlvs = reader.tlvs()
            inside = Reader(tlvs.get(0x05)).tlvs()
            said = codec.plain(codec.decode_mime(inside.get(0x02), inside.get(0x01)))
            return UserInfo.read(Reader(tlvs.get(0x03))).key == codec.normal(sender) and said == text
        return await self.got.expect(fits, f"{sender} to say {text!r}", timeout)

    async def expect_users(self, subtype, name, timeout=TIMEOUT):
        """0E/03 (came) or 0E/04 (went) with that name."""
        def fits(snac):
            return snac.kind == (0x0E, subtype) and codec.normal(name) in [user.key for user in codec.read_users(snac.reader())]
        return await self.got.expect(fits, f"0E/{subtype:02X} of {name}", timeout)

    def leave(self):
        self.room.leave(self)
