# SPDX-License-Identifier: GPL-2.0-or-later
"""Restarts: of the XMPP server, of the gateway; wrong secrets and unreachable servers."""

import asyncio
import datetime
import pathlib
import signal
import time

import pytest

import servers
from client import NS, find, show
from conftest import components, running
from gateway import Gateway, irc

DOMAIN = "r.test"


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


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_legacy_sessions_stay_while_the_server_restarts(gateway, server, user, irc_friend, ngircd, name, how):
    me, nick, friend = await user(server), name("nick"), await irc_friend(ngircd.port)
    await me.sign_up(gateway.jid("irc"), username=nick)
    mark = gateway.mark()
    await asyncio.to_thread(getattr(server.process, how))
    try:
        await gateway.line("no connection to the XMPP server", since=mark)
    finally:
        await asyncio.to_thread(server.start)
    back = await user(server, me.name)
    await back.expect_signed_in(gateway.jid("irc"), timeout=60)
    assert "signing out" not in gateway.text(mark) and "signing in" not in gateway.text(mark)
    back.message(gateway.jid("irc", friend.nick), "the server is back")
    await friend.expect_message(nick, "the server is back")
    friend.say(nick, "so I see")
    await back.expect_body(gateway.jid("irc", friend.nick), "so I see")


async def test_users_are_found_again_after_a_restart_of_the_gateway(gateway, server, user, irc_friend, ngircd, name):
    """Nobody sends presence to a component that comes back: it must ask."""
    me, nick, friend = await user(server), name("nick"), await irc_friend(ngircd.port)
    contact = gateway.jid("irc", friend.nick)
    await me.sign_up(gateway.jid("irc"), username=nick)
    await me.add_contact(contact)
    me.inbox.clear()
    await gateway.restarted()
    await me.expect_lost(gateway.jid("irc"))
    await me.expect_signed_in(gateway.jid("irc"), timeout=60)
    await me.expect("presence", contact, "", timeout=20)
    me.message(contact, "I did nothing")
    await friend.expect_message(nick, "I did nothing")


async def test_after_a_crash_of_the_gateway_and_its_workers_too(gateway, server, user, irc_friend, ngircd, name):
    me, nick, friend = await user(server), name("nick"), await irc_friend(ngircd.port)
    await me.sign_up(gateway.jid("irc"), username=nick)
    me.inbox.clear()
    gateway.kill()
    await asyncio.to_thread(gateway.start)
    await me.expect_signed_in(gateway.jid("irc"), timeout=60)
    friend.say(nick, "alive?")
    await me.expect_body(gateway.jid("irc", friend.nick), "alive?", timeout=30)


def running_processes():
    """All pids that are processes and no zombies."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, rest = stat.read_text().split(" ", 1)
        except OSError:
            continue
        if rest.rsplit(")", 1)[1].split()[0] != "Z":
            found.append(int(pid))
    return found


async def test_sigterm_signs_everybody_out(server, user, irc_friend, ngircd, name):
    with Gateway(server, {"other": irc(ngircd.port)}) as gateway:
        me, nick, friend = await user(server), name("nick"), await irc_friend(ngircd.port)
        await me.sign_up(gateway.jid("other"), username=nick)
        workers = gateway.workers()
        assert workers
        begin = time.monotonic()
        gateway.signal(signal.SIGTERM)
        await me.expect("presence", gateway.jid("other"), "unavailable")
        status = await asyncio.to_thread(gateway.wait_end, 5)
        assert status == 0 and time.monotonic() - begin < 5
        await friend.expect_online(nick, False)
        assert not set(workers) & set(running_processes())


async def test_a_wrong_secret_is_told_and_tried_again(server, ngircd, user):
    gateway = Gateway(server, {"other": irc(ngircd.port)}, component={"secret": "not-the-secret"})
    gateway.start()
    try:
        match = await gateway.line("(?i)(secret|not.authorized|password|authenticat).*")
        assert gateway.jid("other") in gateway.text(), match
        assert "not-the-secret" not in gateway.text()
        await gateway.line("(?is)(secret|not.authorized).*(secret|not.authorized)", timeout=30)
        gateway.sections["component"]["secret"] = servers.SECRET
        gateway.configure()
        gateway.signal(signal.SIGHUP)
        me = await user(server)
        while (await me.ask(gateway.jid("other"), "<query xmlns='jabber:iq:version'/>", timeout=30)).get("type") != "result":
            await asyncio.sleep(0.2)    # prosody answers for the missing component meanwhile
    finally:
        gateway.finish()


async def test_an_unreachable_server_is_waited_for(ngircd, user, name):
    """The gateway may be started first."""
    late = servers.Prosody("late.test", components("late.test"))
    await asyncio.to_thread(late.stop)
    gateway = Gateway(late, {"irc": irc(ngircd.port)})
    gateway.start()
    try:
        await gateway.line("(?i)(refused|cannot connect|could not connect|unreachable)")
        await asyncio.to_thread(late.start)
        me = await user(late)
        reply = None
        while reply is None or reply.get("type") != "result":
            reply = await me.ask(gateway.jid("irc"), "<query xmlns='jabber:iq:version'/>", timeout=30)
            await asyncio.sleep(0.1)
        gateway.finish()
    finally:
        gateway.stop()
        late.stop()


async def test_sighup_rereads_names(gateway, server, user):
    me, section = await user(server), gateway.sections[f"gateway {gateway.jid('irc')}"]
    section["name"] = "A new name"
    gateway.configure()
    mark = gateway.mark()
    gateway.signal(signal.SIGHUP)
    await gateway.line("configuration (reloaded|read again)", since=mark)
    reply = await me.ask(gateway.jid("irc"), f"<query xmlns='{NS['info']}'/>")
    assert find(reply, "info:query/info:identity").get("name") == "A new name", show(reply)


async def test_sighup_with_a_broken_file_changes_nothing(gateway, server, user):
    me, good, mark = await user(server), gateway.conf.read_text(), gateway.mark()
    gateway.conf.write_text("[component\nhost=")
    gateway.signal(signal.SIGHUP)
    await gateway.line("(?i)passerelle.conf", since=mark)
    gateway.conf.write_text(good)
    assert (await me.ask(gateway.jid("irc"), "<ping xmlns='urn:xmpp:ping'/>")).get("type") == "result"


async def test_sign_ins_are_spread_out(server, ngircd, user, name):
    """Networks ban those who send a crowd."""
    with running(server, {"other": irc(ngircd.port, **{"sign-ins-per-second": 2})}) as gateway:
        people = [await user(server) for _ in range(6)]
        for me in people:
            await me.sign_up(gateway.jid("other"), username=name("nick"))
        mark = gateway.mark()
        await gateway.restarted()
        for me in people:
            await me.expect_lost(gateway.jid("other"))
            await me.expect_signed_in(gateway.jid("other"))
        times = [datetime.datetime.fromisoformat(line[:23]) for line in gateway.text(mark).splitlines()
                 if "signing in, was queued" in line]
        assert len(times) == 6 and times[-1] - times[0] > datetime.timedelta(seconds=1.9), times
