# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures: servers live for the whole run, a gateway for one file, users and friends for one test."""

import asyncio
import contextlib
import itertools
import pathlib
import sys

import pytest
import pytest_asyncio

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))

import servers
from client import User
from fixtures import base_folder
from gateway import Gateway
from irc import IrcFriend, ScriptedIrcd
from muc import Channel, Room
from oscar.client import OscarFriend
from oscar.openoscar import OpenOscar
from oscar.server import ScriptedOscar
from sip import SipFriend

_names = itertools.count(1)
_running = []


def components(domain):
    return [f"{name}.{domain}" for name in ("irc", "xmpp", "simple", "other", "echo", "aim", "icq", "msn")]


def server(make):
    def run():
        one = make()
        yield one
        one.stop()
    return pytest.fixture(scope="session")(run)


prosody = server(lambda: servers.Prosody("p.test", components("p.test"), modules=["pep"]))
privileged = server(lambda: servers.Prosody("v.test", components("v.test"), privilege=True, modules=["pep"]))
elsewhere = server(lambda: servers.Prosody(
    "elsewhere.test", modules=["user_account_management", "vcard", "pep"],
    hosts='Component "rooms.elsewhere.test" "muc"\n  restrict_room_creation = false\n  muc_room_locking = false'))
elsewhere_tls = server(lambda: servers.Prosody("secure.test", tls=True))
ejabberd = server(lambda: servers.Ejabberd("e.test", components("e.test"), privilege=True))
ngircd = server(lambda: servers.Ngircd(tls=True))
inspircd = server(servers.Inspircd)
kamailio = server(servers.Kamailio)


@contextlib.contextmanager
def running(*args, **kwargs):
    """A gateway that the check after each test knows of."""
    with Gateway(*args, **kwargs) as gateway:
        _running.append(gateway)
        try:
            yield gateway
        finally:
            _running.remove(gateway)


@pytest.fixture(autouse=True)
def gateways_are_well():
    yield
    for gateway in _running:
        gateway.check()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """A failed test shows what the gateways wrote meanwhile."""
    report = (yield).get_result()
    if report.when == "setup":
        item.marks = [(gateway, gateway.mark()) for gateway in _running]
    elif report.failed:
        for gateway, mark in getattr(item, "marks", ()):
            report.sections.append(("gateway log", gateway.text(mark)[-8000:]))


@pytest.fixture
def name():
    """A new name at each call: no test meets what another left behind."""
    return lambda stem="user": f"{stem}{next(_names)}"


@pytest_asyncio.fixture
async def user(name):
    """user(server) makes an account and logs in; user(server, name, resource) is another resource of it."""
    users = []

    async def make(server, who=None, resource="desk", **how):
        if who is None:
            who = name("user")
            server.add_user(who)
        one = User(server, who, resource)
        users.append(one)
        return await one.login(**how)

    yield make
    for one in users:
        await one.logout()


@pytest_asyncio.fixture
async def irc_friend(name):
    friends = []

    async def make(port, nick=None, **how):
        friends.append(IrcFriend(nick or name("friend"), port, **how))
        return await friends[-1].connect()

    yield make
    for friend in friends:
        await friend.quit()


@pytest_asyncio.fixture
async def meet(user, irc_friend, name):
    """meet(gateway, name of it, port of its IRC server): a new user of it and a friend, who is in a channel."""
    async def make(gateway, where, port, **options):
        me, nick, chan = await user(gateway.server), name("nick"), "#" + name("room")
        # inspircd lets people in once a second: both at once.
        friend, _ = await asyncio.gather(irc_friend(port), me.sign_up(gateway.jid(where), username=nick, **options))
        friend.send(f"JOIN {chan}")
        await friend.expect(rf" 366 {friend.nick} {chan} ")
        return Channel(me, nick, friend, chan, Room(me, gateway.jid(where, chan)))

    return make


@pytest_asyncio.fixture
async def channel(gateway, network, meet):
    """At the gateway and IRC server that `network` of the test's file names."""
    return await meet(gateway, *network)


@pytest_asyncio.fixture
async def inside(channel):
    await channel.room.join(channel.nick)
    await channel.friend.expect(rf"^:{channel.nick}!\S+ JOIN :?{channel.name}")
    return channel


@pytest_asyncio.fixture
async def scripted_ircd():
    made = []

    async def make(**how):
        made.append(ScriptedIrcd(**how))
        return await made[-1].start()

    yield make
    for one in made:
        await one.stop()


@pytest_asyncio.fixture
async def sip_friend(name, kamailio):
    friends = []

    async def make(who=None):
        friends.append(SipFriend(who or name("friend"), kamailio.domain, kamailio.port, servers.PASSWORD))
        return await friends[-1].connect()

    yield make
    for friend in friends:
        await friend.quit()


@pytest.fixture(scope="session")
def open_oscar():
    """The real server for AIM and ICQ, where it is to be had."""
    reason = OpenOscar.unavailable()
    if reason:
        pytest.skip("no Open OSCAR Server: " + reason)
    one = OpenOscar()
    yield one
    one.stop()


@pytest_asyncio.fixture
async def scripted_oscar():
    """The scripted one, which says in the end whether a client did what the real one punishes."""
    one = await ScriptedOscar().start()
    yield one
    await one.stop()
    one.check()


@pytest_asyncio.fixture(params=["scripted", "open-oscar"])
async def oscar_network(request):
    """The one and the other: what a test says is true of both."""
    if request.param == "open-oscar":
        yield request.getfixturevalue("open_oscar")
        return
    one = await ScriptedOscar().start()
    yield one
    await one.stop()
    one.check()


@pytest_asyncio.fixture
async def oscar_friend():
    """oscar_friend(network, name) makes the account and signs on with a client of its own."""
    friends = []

    async def make(network, who, password="secret7", account=True):
        if account:
            network.add_user(who, password)
        friends.append(OscarFriend(who, network.port, password))
        return await friends[-1].connect()

    yield make
    for friend in friends:
        await friend.quit()


class Pair:
    """A user behind the gateway and a friend on the network; contact is the friend as the user sees it."""

    def __init__(self, me, nick, friend, contact):
        self.me, self.nick, self.friend, self.contact = me, nick, friend, contact


@pytest_asyncio.fixture
async def on_irc(gateway, user, irc_friend, ngircd, name):
    me, nick, friend = await user(gateway.server), name("nick"), await irc_friend(ngircd.port)
    await me.sign_up(gateway.jid("irc"), username=nick)
    return Pair(me, nick, friend, gateway.jid("irc", friend.nick))


@pytest_asyncio.fixture
async def on_xmpp(gateway, user, elsewhere, name):
    me, friend, nick = await user(gateway.server), await user(elsewhere), name("romeo")
    elsewhere.add_user(nick)
    await me.sign_up(gateway.jid("xmpp"), username=nick, password=servers.PASSWORD)
    return Pair(me, f"{nick}@{elsewhere.domain}", friend, gateway.jid("xmpp", friend.jid))


@pytest_asyncio.fixture
async def friends(on_xmpp):
    """A pair that sees each other's presence."""
    await on_xmpp.me.add_contact(on_xmpp.contact)
    await on_xmpp.friend.expect("presence", on_xmpp.nick, "")
    await on_xmpp.me.expect("presence", on_xmpp.contact, "")
    return on_xmpp
