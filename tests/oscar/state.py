# SPDX-License-Identifier: GPL-2.0-or-later
"""What the scripted server knows: accounts with their lists, and the sessions in which they are signed on.

Nothing here writes to a socket; a session hands what it is to get to its connection, or keeps it if it is a puppet."""

import itertools
import time
from dataclasses import dataclass, field

from oscar import codec
from oscar.codec import Item, Snac, Tlvs, UserInfo, normal, u16, u32
from oscar.rates import Rates

#: What the server leaves out of the capabilities that others see.
HIDDEN_CAPABILITIES = {codec.capability(short) for short in (0x134D, 0x1341, 0x134A, 0x1347)}
STORE_LIMIT = 10
INVISIBLE = 0x100


@dataclass
class Stored:
    """A message that waits for its receiver."""

    sender: object
    channel: int
    cookie: bytes
    tlvs: Tlvs
    time: int


class Account:
    """A user of the server, on line or not."""

    def __init__(self, server, name, password):
        self.server, self.name, self.password = server, name, password
        self.key, self.uin = normal(name), int(normal(name)) if codec.is_uin(name) else None
        self.bot = False                # a bot has no rate limits
        self.confirmed = False
        self.login_error = None         # the code that its sign-ons are refused with
        self.email, self.created = "", int(time.time())
        self.items, self.changed = {}, 0
        self.granted = set()            # who may have this one on the list
        self.authorize = self.uin is not None
        self.web_aware = False
        self.directory, self.icq = Tlvs(), {"nick": "", "first": "", "last": "", "email": ""}
        self.stored, self.notes = [], []    # notes: authorization events that wait
        self.warning, self.warned, self.heard = 0, 0, {}     # heard: when who last sent a message here
        self.sessions = []
        self.profile = self.profile_type = None

    @property
    def online(self):
        """The sessions that others can reach."""
        return [session for session in self.sessions if session.ready]

    @property
    def visible(self):
        return any(not session.status & INVISIBLE for session in self.online)

    # The list

    def store(self, item):
        item.name = normal(item.name) if item.kind in (codec.BUDDY, codec.PERMIT, codec.DENY) else item.name
        self.items[item.key] = item
        self.touch()

    def touch(self):
        self.changed = max(int(time.time()), self.changed + 1)

    def of_kind(self, kind):
        return [item for item in self.items.values() if item.kind == kind]

    def entry(self, name):
        """The item of a buddy, or None."""
        return next((item for item in self.of_kind(codec.BUDDY) if normal(item.name) == normal(name)), None)

    @property
    def list_in_use(self):
        return any(session.list_in_use for session in self.sessions)

    @property
    def types_openly(self):
        """Whether the preferences disclose typing: only if there is such an item, and then by default."""
        for item in self.of_kind(codec.PREFERENCES):
            valid = item.tlvs.number(0xD6, 0) & 0x400000
            return not valid or bool(item.tlvs.number(0xC9, 0) & 0x400000)
        return False

    def blocks(self, other):
        """Whether this one's list keeps OTHER away; it does so only once it is in use."""
        if not self.list_in_use or other is self:
            return False
        mode = next((item.tlvs.number(codec.MODE, 1) for item in self.of_kind(codec.PRIVACY)), 1)
        named = lambda kind: any(normal(item.name) == other.key for item in self.of_kind(kind))
        return {2: True, 3: not named(codec.PERMIT), 4: named(codec.DENY), 5: not self.entry(other.name)}.get(mode, False)

    def watches(self, other):
        if any(other.key in session.temporary for session in self.sessions):
            return True
        entry = self.entry(other.name)
        return self.list_in_use and entry is not None and not entry.pending

    def fill_list(self, count, group="Crowd", stem="crowd"):
        """Puts COUNT buddies into a new group, as if they had always been there."""
        number = max((item.group for item in self.items.values()), default=0) + 1
        members = list(range(1, count + 1))
        root = self.items.setdefault((0, 0), Item("", 0, 0, codec.GROUP))
        root.tlvs = root.tlvs.with_(codec.ORDER, b"".join(map(u16, [*root.order, number])))
        self.store(Item(group, number, 0, codec.GROUP, Tlvs([(codec.ORDER, b"".join(map(u16, members)))])))
        for member in members:
            self.store(Item(f"{stem}{member}", number, member, codec.BUDDY))

    # What others see

    def info(self, session=None):
        """The user-info block; with several sessions away and idle count only if all are."""
        sessions = [session] if session else self.online or self.sessions
        if not sessions:
            return UserInfo(self.name, self.warning, Tlvs())
        first = sessions[0]
        away = all(one.away is not None for one in sessions)
        classes = 0x50 if self.uin else 0x10
        classes |= (0 if self.confirmed else 0x01) | (0x20 if away else 0) | (0x400 if self.bot else 0)
        status = first.status
        for one in sessions[1:]:
            status &= one.status
        tlvs = Tlvs([(0x03, u32(first.since)), (0x01, u16(classes)), (0x06, u32(status))])
        if all(one.idle_since for one in sessions):
            minutes = int(time.time() - max(one.idle_since for one in sessions)) // 60
            if minutes:
                tlvs.append((0x04, u16(minutes)))
        if icon := self.icon():
            tlvs.append((0x1D, icon.encode()))
        if self.uin:
            tlvs.append((0x0C, first.direct or bytes(37)))
        shown = [one for one in first.capabilities if one not in HIDDEN_CAPABILITIES]
        if shown:
            tlvs.append((0x0D, b"".join(shown)))
        tlvs.append((0x1E, u32(0)))
        return UserInfo(self.name, self.warning, tlvs)

    def icon(self):
        """The BART id of the list's icon item, with flag 40 while the server lacks the image."""
        for item in self.of_kind(codec.ICON_ITEM):
            if item.name == "1" and len(value := item.tlvs.get(codec.BART, b"")) > 2:
                found = codec.BartId(1, value[2:2 + value[1]])
                return codec.BartId(1, found.hash, 0x01 if found.hash in self.server.images else 0x41)
        return None

    def send(self, snac, but=None):
        """To every session that others can reach."""
        for session in self.online:
            if session is not but:
                session.send(snac)


@dataclass(eq=False)
class Session:
    """One sign-on of an account. Without a connection it is a puppet: what it would get is in GOT."""

    account: Account
    connection: object = None
    number: int = 1
    several: int = None             # what TLV 4A of the login said
    ready: bool = False             # 01/02 has come
    list_in_use: bool = False       # 13/07 has come
    subscribed: set = field(default_factory=set)
    versions: dict = field(default_factory=dict)
    away: str = None
    idle_since: float = 0
    status: int = 0
    direct: bytes = b""
    capabilities: list = field(default_factory=list)
    temporary: set = field(default_factory=set)
    since: int = field(default_factory=lambda: int(time.time()))
    got: object = None
    services: list = field(default_factory=list)    # connections to services of this session

    def __post_init__(self):
        self.rates = Rates(self.account.server.rate_classes)

    def send(self, snac):
        """What comes by way of others: lost, as on the real server, until the client has said that it is on line."""
        if not self.ready:
            return
        if self.connection:
            self.connection.send(snac)
        elif self.got is not None:
            self.got.put(snac)

    def understands_html(self):
        return codec.XHTML in self.capabilities


class Watching:
    """Who hears of whom. The server mixes this in; it has .accounts by key."""

    def watchers(self, account):
        return [other for other in self.accounts.values() if other.online and other is not account and other.watches(account)]

    def may_see(self, watcher, account):
        return account.visible and not account.blocks(watcher) and not watcher.blocks(account)

    def announce(self, account):
        """Tells everybody who watches how ACCOUNT is now."""
        for other in self.watchers(account):
            self.show(other, account)

    def show(self, watcher, account):
        snac = arrived(account) if self.may_see(watcher, account) else departed(account)
        watcher.send(snac)

    def show_all(self, session):
        """Tells one session of all that it watches and can see."""
        for other in list(self.accounts.values()):
            if session.account.watches(other) and self.may_see(session.account, other):
                session.send(arrived(other))

    def departed_for_all(self, account):
        for other in self.watchers(account):
            if not account.blocks(other) and not other.blocks(account):
                other.send(departed(account))


_cookies = itertools.count(1)


def new_cookie():
    return next(_cookies).to_bytes(8, "big")


def arrived(account):
    return Snac(0x03, 0x0B, account.info().encode(), 0x80000000)


def departed(account):
    return Snac(0x03, 0x0C, UserInfo(account.name, account.warning, Tlvs([(0x01, u16(0))])).encode(), 0x80000000)


def delayed(cookie, channel, sender, tlvs, when):
    """04/07 for what waited; its user info has no TLVs."""
    info = UserInfo(sender.name, sender.warning)
    return Snac(0x04, 0x07, codec.Icbm(cookie, channel, info, tlvs.with_(0x16, u32(when))).encode(), 0x80000000)


def flagged(subtype, body):
    """A SNAC of family 13 with the block that says its version in front."""
    return Snac(0x13, subtype, codec.str16(codec.tlv(0x01, u16(2))) + body, 0, codec.EXTRA_BLOCK)
