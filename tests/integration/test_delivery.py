# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages arrive, or come back: whatever dies while they are under way."""

import asyncio
import contextlib
import signal
import sqlite3

import pytest

import servers
from client import NS, error_text, find, show, text
from conftest import components, running
from gateway import Gateway, irc

DOMAIN = "d.test"


@pytest.fixture(scope="module")
def server():
    """A server of our own: it goes down and comes back."""
    one = servers.Prosody(DOMAIN, components(DOMAIN))
    yield one
    one.stop()


@pytest.fixture(scope="module")
def gateway(server, ngircd):
    with running(server, {"irc": irc(ngircd.port)}) as gateway:
        yield gateway


@contextlib.asynccontextmanager
async def away(server, how="kill"):
    """The XMPP server is gone, and comes back at the end."""
    await asyncio.to_thread(getattr(server.process, how))
    try:
        yield
    finally:
        await asyncio.to_thread(server.start)


async def bodies(user, frm, last, timeout=30):
    """What came from somebody up to the body LAST, as (body, id, when it was sent first or None)."""
    got = []
    while not got or got[-1][0] != last:
        message = await user.expect("message", frm, "chat", has="c:body", timeout=timeout)
        delay = find(message, "delay:delay")
        got.append((text(message, "c:body"), message.get("id"), None if delay is None else delay.get("stamp")))
    return got


def once_each(got):
    """Fails where one came again under another id."""
    ids = {}
    for body, id_, _ in got:
        assert ids.setdefault(body, id_) == id_, f"{body!r} came twice, as {ids[body]} and {id_}"
    return list(ids)


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_what_is_said_while_the_xmpp_server_is_gone_arrives(gateway, server, user, irc_friend, ngircd, name, how):
    me, nick, friend = await user(server), name("nick"), await irc_friend(ngircd.port)
    await me.sign_up(gateway.jid("irc"), username=nick)
    mark = gateway.mark()
    async with away(server, how):
        await gateway.line("no connection to the XMPP server", since=mark)
        for number in range(20):
            friend.say(nick, f"meanwhile {number}")
        friend.send(f"WHOIS {nick}")
        await friend.expect(" 318 ")
        await gateway.line("(?s)(takes peer-message.*?){20}", since=mark)
    back = await user(server, me.name)
    await back.expect_signed_in(gateway.jid("irc"), timeout=60)
    friend.say(nick, "the last")
    got = await bodies(back, gateway.jid("irc", friend.nick), "the last")
    assert once_each(got) == [f"meanwhile {number}" for number in range(20)] + ["the last"]
    assert all(stamp for body, _, stamp in got if body != "the last"), got


async def test_what_a_client_has_is_not_sent_again(gateway, server, user, irc_friend, ngircd, name):
    """The client has answered the ping behind a message: it has the message."""
    me, nick, friend = await user(server), name("nick"), await irc_friend(ngircd.port)
    me.stream.register_plugin("xep_0199")
    contact = gateway.jid("irc", friend.nick)
    await me.sign_up(gateway.jid("irc"), username=nick)
    mark = gateway.mark()
    friend.say(nick, "once")
    await me.expect_body(contact, "once")
    await me.expect("iq", gateway.jid("irc"), "get", has="{urn:xmpp:ping}ping")
    # Its answer is on the way: what comes back to a question of ours came after it.
    await me.ask(gateway.jid("irc"), "<query xmlns='jabber:iq:version'/>")
    async with away(server):
        await gateway.line("no connection to the XMPP server", since=mark)
    back = await user(server, me.name)
    await back.expect_signed_in(gateway.jid("irc"), timeout=60)
    friend.say(nick, "the last")
    assert [body for body, _, _ in await bodies(back, contact, "the last")] == ["the last"]


async def test_what_waits_for_the_xmpp_server_survives_the_hub(gateway, server, user, irc_friend, ngircd, name):
    me, nick, friend = await user(server), name("nick"), await irc_friend(ngircd.port)
    await me.sign_up(gateway.jid("irc"), username=nick)
    mark = gateway.mark()
    async with away(server):
        await gateway.line("no connection to the XMPP server", since=mark)
        for number in range(5):
            friend.say(nick, f"kept {number}")
        await gateway.line("(?s)(takes peer-message.*?){5}", since=mark)
        gateway.kill()
    await asyncio.to_thread(gateway.start)
    back = await user(server, me.name)
    got = await bodies(back, gateway.jid("irc", friend.nick), "kept 4")
    assert once_each(got) == [f"kept {number}" for number in range(5)]
    assert all(stamp for _, _, stamp in got), got


async def test_what_the_xmpp_server_does_not_take_is_in_the_log(ngircd, user, irc_friend, name):
    """It keeps nothing for those who are not there."""
    server = servers.Prosody("forgetful.test", ["irc.forgetful.test"],
                             hosts='VirtualHost "forgetful.test"\n  modules_disabled = { "offline" }')
    try:
        with Gateway(server, {"irc": irc(ngircd.port, **{"option.stay": "true"})}) as gateway:
            me, nick, friend = await user(server), name("nick"), await irc_friend(ngircd.port)
            await me.sign_up(gateway.jid("irc"), username=nick)
            mark = gateway.mark()
            await me.logout()
            await gateway.line("sends set-status .*show=away", since=mark)
            friend.say(nick, "nobody home?")
            await gateway.line(f"a message to {me.jid} came back: service-unavailable", since=mark)
    finally:
        server.stop()


# -- Too much ------------------------------------------------------------------

async def test_a_flood_delays_only_its_own_user(gateway, server, user, irc_friend, ngircd, name):
    """The XMPP server does not read: the network of the one for whom too much waits is not read any more, the others' are."""
    me, nick, flooder = await user(server), name("nick"), await irc_friend(ngircd.port)
    other, other_nick, friend = await user(server), name("nick"), await irc_friend(ngircd.port)
    await me.sign_up(gateway.jid("irc"), username=nick)
    await other.sign_up(gateway.jid("irc"), username=other_nick)
    mark = gateway.mark()
    server.process.signal(signal.SIGSTOP)
    try:
        for number in range(8000):
            flooder.say(nick, f"{number} {'x' * 350}")
        await gateway.line(f"{me.jid}: .* the network has to wait", since=mark)
        friend.say(other_nick, "am I heard?")
        await gateway.line(f"takes peer-message .*peer={friend.nick} ", since=mark)
    finally:
        server.process.signal(signal.SIGCONT)
    await other.expect_body(gateway.jid("irc", friend.nick), "am I heard?")
    await gateway.line(f"{me.jid}: .* the network is read again", since=mark)
    got = await bodies(me, gateway.jid("irc", flooder.nick), f"7999 {'x' * 350}", timeout=60)
    assert [int(body.split()[0]) for body in once_each(got)] == list(range(8000))


async def test_a_slow_disk_makes_the_networks_wait(server, ngircd, meet):
    """The database is locked, as by a backup: what is said in rooms does not pile up in memory."""
    with Gateway(server, {"other": irc(ngircd.port)}) as gateway:
        here = await meet(gateway, "other", ngircd.port)
        await here.room.join(here.nick)
        gateway.expected += ["in the archive", "cannot save"]
        mark = gateway.mark()
        database = sqlite3.connect(gateway.dir / "passerelle.db", isolation_level=None)
        database.execute("BEGIN EXCLUSIVE")
        for number in range(14000):
            here.friend.say(here.name, f"{number}")
        await gateway.line("too much is waiting for the database", timeout=60, since=mark)
        database.execute("ROLLBACK")
        database.close()
        await gateway.line("the network need not wait any more", timeout=60, since=mark)
        await here.room.heard(here.friend.nick, "13999", timeout=60)


# -- From XMPP ------------------------------------------------------------------

@contextlib.asynccontextmanager
async def network_away(gateway, network):
    """The IRC server is gone, and comes back at the end."""
    mark = gateway.mark()
    await asyncio.to_thread(network.process.kill)
    try:
        await gateway.line("connection lost", since=mark)
        yield
    finally:
        await asyncio.to_thread(network.start)


@pytest.fixture(scope="module")
def network():
    """An IRC server of our own: it goes down and comes back."""
    one = servers.Ngircd("irc.away.test")
    yield one
    one.stop()


async def test_a_message_waits_for_the_network(server, network, user, irc_friend, name):
    with Gateway(server, {"other": irc(network.port)}) as gateway:
        me, nick, friend = await user(server), name("nick"), name("friend")
        await me.sign_up(gateway.jid("other"), username=nick)
        async with network_away(gateway, network):
            for number in range(3):
                me.message(gateway.jid("other", friend), f"patience {number}")
            await me.ask(gateway.jid("other"), "<query xmlns='jabber:iq:version'/>")
        there = await irc_friend(network.port, friend)
        await me.expect_signed_in(gateway.jid("other"), timeout=60)
        for number in range(3):
            await there.expect_message(nick, f"patience {number}")
        me.refuse("message", type_="error")


async def test_a_message_does_not_wait_for_ever(server, network, user, irc_friend, name):
    with Gateway(server, {"other": {**irc(network.port), "message-wait": 1}}) as gateway:
        me, nick = await user(server), name("nick")
        await me.sign_up(gateway.jid("other"), username=nick)
        async with network_away(gateway, network):
            late = me.message(gateway.jid("other", "friend"), "too late")
            reply = await me.expect_error(late, "wait recipient-unavailable")
            assert "in time" in error_text(reply), show(reply)


async def test_a_message_that_may_not_wait_comes_back_at_once(server, network, user, name):
    with Gateway(server, {"other": {**irc(network.port), "message-wait": 0}}) as gateway:
        me, nick = await user(server), name("nick")
        await me.sign_up(gateway.jid("other"), username=nick)
        async with network_away(gateway, network):
            await me.expect_error(me.message(gateway.jid("other", "friend"), "now or never"), "wait recipient-unavailable")


async def test_a_message_that_waits_survives_the_hub(server, network, user, irc_friend, name):
    with Gateway(server, {"other": irc(network.port)}) as gateway:
        me, nick, friend = await user(server), name("nick"), name("friend")
        await me.sign_up(gateway.jid("other"), username=nick)
        async with network_away(gateway, network):
            me.message(gateway.jid("other", friend), "after all")
            await me.ask(gateway.jid("other"), "<query xmlns='jabber:iq:version'/>")
            gateway.kill()
            there = None
        there = await irc_friend(network.port, friend)
        await asyncio.to_thread(gateway.start)
        await there.expect_message(nick, "after all", timeout=60)


async def test_a_message_that_waits_comes_back_when_the_user_leaves(server, network, user, name):
    with Gateway(server, {"other": irc(network.port)}) as gateway:
        me, nick = await user(server), name("nick")
        await me.sign_up(gateway.jid("other"), username=nick)
        async with network_away(gateway, network):
            waiting = me.message(gateway.jid("other", "friend"), "never mind")
            me.message(gateway.jid("other"), "logout")
            reply = await me.expect_error(waiting, "wait recipient-unavailable")
            assert error_text(reply), show(reply)
