# SPDX-License-Identifier: GPL-2.0-or-later
"""IRC: who identifies at NickServ joins channels when the services know who it is."""

import pytest
import pytest_asyncio

from conftest import running
from gateway import any_irc
from muc import Room
from services import Services


@pytest.fixture(scope="module")
def gateway(prosody, inspircd):
    with running(prosody, {"irc": any_irc(inspircd.port)}) as gateway:
        yield gateway


@pytest_asyncio.fixture
async def services(inspircd):
    one = await Services(inspircd, {"guarded": "nickserv-word"}).link()
    yield one
    await one.quit()


async def test_a_channel_for_registered_nicks(gateway, user, services, irc_friend, inspircd, name):
    """The client joins as it comes, and is not sent away."""
    domain, chan, friend = gateway.jid("irc"), "#" + name("room"), await irc_friend(inspircd.port)
    friend.send(f"JOIN {chan}", f"MODE {chan} +R")
    await friend.expect(rf" MODE {chan} :?\+R")
    me = await user(gateway.server)
    await me.sign_up(domain, username="guarded", password="nickserv-word",
                     **{"option.server": "127.0.0.1", "option.identify": "nickserv"})
    await me.logout()
    await friend.expect_online("guarded", False)
    back = await user(gateway.server, me.name)
    assert "guarded" in await Room(back, gateway.jid("irc", f"{chan}%127.0.0.1")).join("guarded")
    stranger = await user(gateway.server)
    nick = name("nick")
    await stranger.sign_up(domain, username=nick, **{"option.server": "127.0.0.1"})
    assert await Room(stranger, gateway.jid("irc", f"{chan}%127.0.0.1")).refused(nick) == "auth registration-required"
    await friend.quit()


@pytest.mark.parametrize("answer", [
    [":scripted.test 900 {0} {0}!n@host {0} :You are now logged in"], [":NickServ MODE {0} :+r"],
    [":scripted.test 401 {0} NickServ :No such nick/channel"], [":NickServ!s@services NOTICE {0} :Mot de passe incorrect."], []],
    ids=["logged in", "mode", "no services", "words", "silence"])
async def test_joins_wait_for_nickserv(gateway, user, scripted_ircd, name, answer):
    ircd, me, nick = await scripted_ircd(), await user(gateway.server), name("nick")
    greeting = f":NickServ!s@services NOTICE {nick} :This nickname is registered. Say /msg NickServ IDENTIFY and your password."
    ircd.answers["^PRIVMSG NickServ"] = [greeting]
    await me.sign_up(gateway.jid("irc"), username=nick, password="secret-word",
                     **{"option.server": "localhost", "option.port": ircd.port, "option.identify": "nickserv"})
    room = Room(me, gateway.jid("irc", "#den%localhost"))
    room.ask(nick)
    me.message(gateway.jid("irc", "friend%localhost"), "I wait")
    await ircd.expect("^PRIVMSG NickServ :IDENTIFY secret-word$")
    await ircd.expect("^PRIVMSG friend :I wait$")
    ircd.tried.refuse(lambda line: line.startswith("JOIN"), "a JOIN before NickServ has answered")
    for line in answer:
        ircd.send(nick, line.format(nick))
    await ircd.expect("^JOIN #den$", timeout=20)


async def test_a_join_that_waits_may_be_given_up(gateway, user, scripted_ircd, name):
    ircd, me, nick = await scripted_ircd(), await user(gateway.server), name("nick")
    await me.sign_up(gateway.jid("irc"), username=nick, password="secret-word",
                     **{"option.server": "localhost", "option.port": ircd.port, "option.identify": "nickserv"})
    gone, stays = (Room(me, gateway.jid("irc", f"#{chan}%localhost")) for chan in ("gone", "stays"))
    gone.nick = nick
    gone.ask(nick)
    gone.leave()
    stays.ask(nick)
    me.message(gateway.jid("irc", "friend%localhost"), "I wait")
    await ircd.expect("^PRIVMSG friend")
    ircd.send(nick, f":NickServ MODE {nick} :+r")
    await ircd.expect("^JOIN #stays$")
    ircd.tried.refuse(lambda line: "#gone" in line, "something of a room that was left")
    ircd.drop(nick)     # with nothing that still waits
