# SPDX-License-Identifier: GPL-2.0-or-later
"""A user of the scripted server as a test drives it: what he gets, and, where he has no client, what he does.

    romeo = server.add_user("romeo@x.test"); juliet = server.add_user("juliet@x.test").appear()
    await juliet.say("romeo@x.test", "here, below")         # juliet is a puppet: on line, without a client
    await juliet.expect_message("romeo@x.test", "wherefore art thou")"""

import asyncio
import random
import time

from msn import oim, p2p, wire
from msn.state import AL, BL, FL, PL, RL, Account
from msn.switchboard import Switchboard
from waiting import TIMEOUT, Inbox


class User(Account):
    verified = True
    #: Whether a puppet comes to a switchboard that it is called to.
    answers = True
    accepts_files = None            # True, False, or None: the test answers
    stalls_files = False            # an accepted file is not sent

    def __init__(self, server, address, password):
        super().__init__(server, address, password)
        self.pictures, self.negotiations = {}, []
        self.files = Inbox(f"files of {address}", str)
        self.got = Inbox(f"puppet {address}")
        self.boards = []            # PuppetMember
        self.echoes = False

    # What he gets, whoever it is from

    def receive(self, words, payload=None):
        """Any command of the notification server."""
        self.session.send(words, payload)

    def receive_message(self, kind, body, **headers):
        """A message from Hotmail."""
        self.receive(["MSG", "Hotmail", "Hotmail"], wire.Message.make(kind, body, **headers).encode())

    def challenge(self, digits=None):
        """CHL; the answer is checked when it comes."""
        self.session.challenge = digits or str(random.randrange(10 ** 19, 10 ** 20))
        self.receive(["CHL", "0", self.session.challenge])

    def sign_in_elsewhere(self):
        """Ends the session as the real server does when he signs in at another place."""
        if isinstance(self.session, Puppet):
            self.vanish()
        elif self.session:
            self.session.end_elsewhere()

    def drop(self):
        """Cuts the notification server's connection without a word."""
        self.session.abort()

    def stop_reading(self):
        """The link is as if dead."""
        self.session.link.writer.transport.pause_reading()

    # Lists, as if they had always been so

    def put_on_list(self, address, lists=FL | AL, groups=(), name=None):
        """The other, who need not have an account, does not hear of it; his reverse list is right."""
        entry = self.contact(address)
        entry.name = name or entry.name
        entry.lists |= lists
        for one in groups:
            group = self.group(one) or self.make_group(one)
            if group.guid not in entry.groups:
                entry.groups.append(group.guid)
        other = self.server.accounts.get(wire.address_key(address))
        if other and lists & FL:
            theirs = other.contact(self.address)
            theirs.lists |= RL if theirs.lists & (FL | AL | BL) else PL
        return entry

    def fill(self, count, groups=10):
        """So many contacts in so many groups."""
        for number in range(count):
            name = f"contact{number}@many.test"
            self.server.add_user(name, name=f"Contact {number} ☃")
            self.put_on_list(name, FL | AL, [f"Group {number % groups}"] if number % 3 else [])

    def check_lists(self):
        for one in self.contacts.values():
            assert one.lists & (AL | BL) != AL | BL, f"{one.address} is allowed and blocked"

    # A user without a client

    def appear(self, status="NLN", caps=wire.CAPABILITIES):
        """On line as a puppet."""
        self.session, self.status, self.caps = Puppet(self), status, caps
        if self.visible:
            self.announce()
        return self

    def vanish(self):
        for board in list(self.boards):
            board.leave()
        watchers = self.watchers() if self.visible else []
        self.sign_out()
        self.depart(watchers)

    def echo(self):
        """A puppet that says back what it is told, nudges back, takes files, and likes whoever adds it."""
        self.echoes, self.accepts_files = True, True
        self.appear()
        self.set_picture(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 6)
        return self

    def _keep_picture(self, data):
        text = wire.object_text(self.address, data)
        self.pictures[wire.object_fields(text)["SHA1D"]] = data
        return text

    def set_status(self, status):
        watchers, was_visible = self.watchers(), self.visible
        self.status = status
        if self.visible:
            self.announce()
        elif was_visible:
            self.depart(watchers)

    def set_name(self, name):
        self.name = name
        self.announce()

    def set_psm(self, text, media=""):
        self.psm = wire.personal_message(text, media)
        for one in self.watchers():
            self.tell_psm(one.session)

    def set_picture(self, data, broken=False):
        """BROKEN: what is sent is not what the object says."""
        self.object = wire.quote_all(self._keep_picture(data))
        if broken:
            self.pictures = {digest: data[::-1] for digest in self.pictures}
        self.announce()

    def add(self, address):
        """As a client adds: allowed and on the list; the other hears of it."""
        entry = self.contact(address)
        entry.lists |= FL | AL
        other = self.server.user(address)
        other.was_added_by(self)
        self.announce_to(other)

    def remove(self, address):
        self.take_off(address, FL)
        self.server.user(address).was_removed_by(self)

    def accept(self, address):
        """Answers the request of one who has added this user."""
        self.contact(address).lists |= AL | RL
        self.take_off(address, PL)
        self.add(address)

    def block(self, address):
        other, saw = self.server.user(address), self.server.user(address).sees(self)
        self.contact(address).lists |= BL
        self.take_off(address, AL)
        if saw:
            self.depart([other])

    def unblock(self, address):
        self.contact(address).lists |= AL
        self.take_off(address, BL)
        self.announce_to(self.server.user(address))

    def leave_message(self, address, text, sent=None, number=1, run="{F7D7A5D2-45BA-4A5B-9E6E-0C2B3D6E1F10}"):
        """An offline message, whether or not the other is on line."""
        other = self.server.user(address)
        oim.keep(other, oim.Offline(self.address, self.name, other.address, text, run, number, sent or time.time()))

    # Conversations

    async def call(self, *addresses, board=None):
        """A switchboard with these people, who have come when it returns."""
        if board is None:
            made = Switchboard(self.server)
            self.server.switchboards.append(made)
            board = PuppetMember(self, made)
            made.members.append(board)
        for address in addresses:
            code = board.switchboard.call(self, address)
            assert code is None, f"{self.address} calls {address}: {code}"
        for address in addresses:
            await board.got.expect(lambda one: one.name == "JOI" and one.words[1] == address, f"{address} to come")
        return board

    async def board_with(self, address):
        """The one that has nobody but us two; made where there is none."""
        key = wire.address_key(address)
        for board in self.boards:
            if {one.account.key for one in board.switchboard.members} == {self.key, key}:
                return board
        return await self.call(address)

    async def say(self, address, text, **style):
        (await self.board_with(address)).say(text, **style)

    async def type(self, address):
        (await self.board_with(address)).send_payload(wire.typing_message(self.address))

    async def nudge(self, address):
        (await self.board_with(address)).send_payload(wire.datacast_message(1))

    async def say_raw(self, address, payload):
        (await self.board_with(address)).send_payload(payload)

    async def fetch_picture(self, address, text=None, timeout=TIMEOUT):
        """The picture that the other shows, or that TEXT is about."""
        text = text or wire.unquote(self.server.user(address).object)
        transfer = (await self.board_with(address)).peer(address).fetch(text)
        return await asyncio.wait_for(transfer.outcome, timeout)

    async def offer_file(self, address, name, data, size=None):
        """A p2p.Transfer."""
        return (await self.board_with(address)).peer(address).offer(name, data, size)

    # What a puppet got

    async def expect(self, name, where=lambda command: True, timeout=TIMEOUT):
        """A command of the notification server."""
        return await self.got.expect(lambda one: isinstance(one, wire.Command) and one.name == name and where(one), name, timeout)

    async def _expect_message(self, sender, what, fits, timeout):
        key = wire.address_key(sender)
        return await self.got.expect(lambda one: isinstance(one, Said) and one.sender == key and fits(one.message),
                                     f"{what} of {sender}", timeout)

    async def expect_message(self, sender, text=None, timeout=TIMEOUT):
        """A text, as a Said."""
        return await self._expect_message(sender, f"text {text!r}", lambda message: message.kind == "text/plain"
                                          and text in (None, message.text), timeout)

    async def expect_part(self, sender, timeout=TIMEOUT):
        """A text, or a later part of one, which has no type."""
        return await self._expect_message(sender, "text or part", lambda message: message.kind in ("text/plain", ""), timeout)

    async def expect_typing(self, sender, timeout=TIMEOUT):
        return await self._expect_message(sender, "typing", lambda message: message.kind == "text/x-msmsgscontrol", timeout)

    async def expect_nudge(self, sender, timeout=TIMEOUT):
        return await self._expect_message(sender, "nudge", lambda message: message.kind == "text/x-msnmsgr-datacast"
                                          and b"ID: 1" in message.body, timeout)

    async def expect_emoticons(self, sender, timeout=TIMEOUT):
        """Those announced for the next text: objects by shortcut."""
        said = await self._expect_message(sender, "emoticons", lambda message: message.kind == "text/x-mms-emoticon", timeout)
        parts = said.message.body.decode().split("\t")
        return dict(zip(parts[0::2], parts[1::2]))

    async def expect_file(self, timeout=TIMEOUT):
        """An offer: (peer, text, transfer). Answer with peer.answer(text, "200 OK")."""
        return await self.files.expect(lambda one: True, "an offer of a file", timeout)


class Said:
    """A message that a puppet got in a switchboard."""

    def __init__(self, sender, payload, board):
        self.sender, self.payload, self.board = wire.address_key(sender), payload, board
        self.message = wire.Message.read(payload)

    def __str__(self):
        return f"{self.sender}: {self.payload!r}"


class Puppet:
    """What the server has for a puppet in place of a connection."""

    dialect, service = 12, "puppet"

    def __init__(self, account):
        self.account = account

    def end_elsewhere(self):
        self.account.vanish()

    def send(self, words, payload=None):
        command = wire.Command(list(map(str, words)), payload)
        self.account.got.put(command)
        server = self.account.server
        if command.name == "RNG" and self.account.answers:
            found = server.redeem_answer(command.words[4])
            server.spawn(self._come(found[1]))
        elif command.name in ("ADC", "ADD") and self.account.echoes and command.words[2] == "RL":
            server.spawn(self._accept(command.words[3].removeprefix("N=")))

    async def _come(self, board):
        board.enter(PuppetMember(self.account, board))

    async def _accept(self, address):
        self.account.accept(address)


class PuppetMember:
    """A puppet in a switchboard. .got has what came about its people."""

    dialect = 12

    def __init__(self, account, board):
        self.account, self.switchboard = account, board
        self.got = Inbox(f"puppet {account.address} in a switchboard")
        self.peers = {}
        account.boards.append(self)

    def send(self, words, payload=None):
        command = wire.Command(list(map(str, words)), payload)
        if command.name != "MSG":
            self.got.put(command)
            return
        said = Said(command.words[1], payload, self)
        if said.message.kind == "application/x-msnmsgrp2p":
            if wire.address_key(said.message.get("P2P-Dest")) == self.account.key:
                self.peer(command.words[1]).hear(said.message.body)
            return
        self.account.got.put(said)
        if self.account.echoes and said.message.kind in ("text/plain", "text/x-msnmsgr-datacast"):
            self.send_payload(payload)

    def peer(self, address):
        key = wire.address_key(address)
        if key not in self.peers:
            server = self.account.server
            self.peers[key] = p2p.Peer(self.account, server.user(address).address, self.send_payload,
                                       lambda text: server.violations.append(f"SB {key}: {text}"))
        return self.peers[key]

    def send_payload(self, payload):
        self.switchboard.say(self, payload)

    def say(self, text, **style):
        self.send_payload(wire.text_message(text, **style))

    def leave(self, idle=False):
        if self in self.account.boards:
            self.account.boards.remove(self)
        self.switchboard.leave(self, idle)

    @property
    def people(self):
        return sorted(one.account.address for one in self.switchboard.members if one is not self)

    async def expect_leave(self, address, timeout=TIMEOUT):
        return await self.got.expect(lambda one: one.name == "BYE" and one.words[1] == address, f"{address} to leave", timeout)

    async def expect_join(self, address, timeout=TIMEOUT):
        return await self.got.expect(lambda one: one.name == "JOI" and one.words[1] == address, f"{address} to come", timeout)
