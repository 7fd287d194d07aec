# SPDX-License-Identifier: GPL-2.0-or-later
"""Staying signed in, and in rooms, while no client is there; coming back to rooms after restarts."""

import asyncio
import os
import signal

import pytest
import pytest_asyncio

import servers
from client import show, text
from conftest import running
from gateway import any_irc, irc
from muc import Room


@pytest.fixture(scope="module")
def gateway(prosody, ngircd):
    with running(prosody, {"irc": irc(ngircd.port), "other": any_irc(ngircd.port)}) as gateway:
        yield gateway


@pytest.fixture
def network(ngircd):
    return "irc", ngircd.port


async def tell(user, gateway, *words):
    """Says something to the gateway, and gives its answer."""
    user.message(gateway.jid("irc"), " ".join(words))
    return text(await user.expect("message", gateway.jid("irc"), has="c:body"), "c:body")


@pytest_asyncio.fixture
async def staying(gateway, inside):
    assert "stay" in await tell(inside.me, gateway, "stay")
    return inside


async def answers(friend, nick, number):
    """Waits until the IRC server's answer to a WHOIS has this number."""
    async with asyncio.timeout(10):
        while True:
            friend.send(f"WHOIS {nick}")
            lines = []
            while not lines or " 318 " not in lines[-1]:
                lines.append((await friend.expect(rf" (\d+) \S+ {nick} .*$")).string)
            if any(f" {number} " in line for line in lines):
                return lines


async def test_away_and_back(staying, gateway, user):
    """The network sees somebody who is away; what was said meanwhile is there later."""
    friend, me = staying.friend, staying.me
    await me.logout()
    await answers(friend, staying.nick, 301)
    friend.say(staying.name, "are you there?")
    back = await user(gateway.server, me.name)
    room = Room(back, staying.room.jid)
    await room.join(staying.nick)
    assert [text(one, "c:body") for one in room.history] == ["are you there?"]
    friend.inbox.refuse(lambda line: " PART " in line or f":{staying.nick}!" in line and " QUIT " in line, "a leave")
    room.say("now I am")
    await friend.expect(rf"^:{staying.nick}!\S+ PRIVMSG {staying.name} :now I am$")


async def test_leaving_the_room_leaves_it(staying):
    staying.room.leave("enough")
    await staying.room.goes(staying.nick, 110)
    await staying.friend.expect(rf"^:{staying.nick}!\S+ PART {staying.name} :\"?enough")
    staying.me.refuse("message", staying.room.jid)


async def test_coming_back_at_once(staying):
    staying.room.leave()
    await staying.room.goes(staying.nick, 110)
    await staying.room.join(staying.nick)
    staying.friend.say(staying.name, "still here")
    await staying.room.heard(staying.friend.nick, "still here")
    staying.friend.inbox.refuse(lambda line: " PART " in line, "a leave")


async def test_without_it_the_last_client_takes_all_along(staying, gateway):
    assert "signed out" in await tell(staying.me, gateway, "unstay")
    await staying.me.logout()
    await staying.friend.expect(rf"^:{staying.nick}!\S+ (QUIT|PART)")


async def test_private_messages_are_not_lost(staying, gateway, user):
    staying.friend.say(staying.nick, "for your eyes")
    await staying.me.expect_body(gateway.jid("irc", staying.friend.nick), "for your eyes")
    await staying.me.logout()
    await answers(staying.friend, staying.nick, 301)
    staying.friend.say(staying.nick, "when you are back")
    back = await user(gateway.server, staying.me.name)
    await back.expect_body(gateway.jid("irc", staying.friend.nick), "when you are back")


async def test_kicked_while_away(staying, gateway, user):
    await staying.me.logout()
    await answers(staying.friend, staying.nick, 301)
    staying.friend.send(f"KICK {staying.name} {staying.nick} :too quiet")
    back = await user(gateway.server, staying.me.name)
    said = await back.expect("message", gateway.jid("irc"), has="c:body")
    assert staying.room.jid in text(said, "c:body") and "too quiet" in text(said, "c:body")


async def test_the_worker_dies_while_nobody_is_there(staying, gateway):
    await staying.me.logout()
    await answers(staying.friend, staying.nick, 301)
    for pid in gateway.workers():
        os.kill(pid, signal.SIGKILL)
    gateway.expected.append("ended")
    await staying.friend.expect(rf"^:{staying.nick}!\S+ (QUIT|PART)")
    await staying.friend.expect(rf"^:{staying.nick}!\S+ JOIN :?{staying.name}")


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL], ids=lambda end: end.name)
async def test_a_restart(prosody, ngircd, user, irc_friend, name, end):
    """The account and its rooms are back before any client is; a room's password is remembered."""
    with running(prosody, {"echo": irc(ngircd.port)}) as gateway:
        me, nick, chan, friend = await user(prosody), name("nick"), "#" + name("room"), await irc_friend(ngircd.port)
        await me.sign_up(gateway.jid("echo"), username=nick, **{"option.stay": "true"})
        friend.send(f"JOIN {chan}", f"MODE {chan} +k sesame")
        await friend.expect(r" MODE .*sesame")
        room, left = Room(me, gateway.jid("echo", chan)), Room(me, gateway.jid("echo", chan + "left"))
        await room.join(nick, password="sesame")
        friend.send(f"JOIN {chan}left")
        await left.join(nick)
        left.leave()
        await friend.expect(rf"^:{nick}!\S+ PART {chan}left")
        await me.logout()
        friend.inbox.clear()
        gateway.signal(end)
        await asyncio.to_thread(gateway.wait_end, 10)
        gateway.end_workers()
        await friend.expect(rf"^:{nick}!\S+ (QUIT|PART)")
        await asyncio.to_thread(gateway.start)
        await friend.expect(rf"^:{nick}!\S+ JOIN :?{chan}$", 20)
        friend.say(chan, "welcome back")
        friend.send("PING here")
        await friend.expect("PONG")
        friend.inbox.refuse(lambda line: line.startswith(f":{nick}!") and f" JOIN :{chan}left" in line, "a join of the room that was left")
        back = await user(prosody, me.name)
        again = Room(back, room.jid)
        await again.join(nick)
        assert [text(one, "c:body") for one in again.history] == ["welcome back"]


async def test_rooms_are_joined_a_few_at_a_time(gateway, user, scripted_ircd, name):
    ircd, me, nick = await scripted_ircd(), await user(gateway.server), name("nick")
    await me.sign_up(gateway.jid("other"), username=nick,
                     **{"option.server": "localhost", "option.port": ircd.port, "option.stay": "true"})
    names = [f"#room{n}" for n in range(10)]

    async def let_in():
        chan = (await ircd.expect(r"^JOIN (\S+)")).group(1)
        ircd.send(nick, f":{nick}!n@host JOIN {chan}")
        ircd.send(nick, f":scripted.test 353 {nick} = {chan} :{nick}")
        ircd.send(nick, f":scripted.test 366 {nick} {chan} :End of /NAMES list.")
        return chan

    for chan in names:
        Room(me, gateway.jid("other", f"{chan}%localhost")).ask(nick)
        assert await let_in() == chan
    await me.expect("message", gateway.jid("other", "#room9%localhost"), has="c:subject")
    ircd.drop(nick)
    await ircd.expect("^NICK", 30)
    first = {(await ircd.expect(r"^JOIN (\S+)")).group(1) for _ in range(4)}
    ircd.users[nick].write(b"PING :sync\r\n")
    await ircd.expect("^PONG.*sync")
    ircd.tried.refuse(lambda line: line.startswith("JOIN"), "a fifth join at once")
    for chan in first:
        ircd.send(nick, f":scripted.test 471 {nick} {chan} :Cannot join channel (+l)")
    # Those that were refused are not asked for again.
    assert {await let_in() for _ in range(6)} == set(names) - first
    await me.inbox.expect(lambda one: one.get("from") == gateway.jid("other", f"{min(set(names) - first)}%localhost") + f"/{nick}",
                          "itself in one of the others")
    ircd.tried.refuse(lambda line: line.startswith("JOIN"), "one more join")


async def test_the_administrator_decides(prosody, ngircd, user, name):
    with running(prosody, {"echo": irc(ngircd.port, **{"option.stay": "true", "lock.stay": "true"})}) as gateway:
        me = await user(prosody)
        await me.sign_up(gateway.jid("echo"), username=name("nick"))
        reply = await me.ask(gateway.jid("echo"), "<query xmlns='jabber:iq:register'/>")
        assert "option.stay" not in show(reply)
        me.message(gateway.jid("echo"), "unstay")
        assert "administrator" in text(await me.expect("message", gateway.jid("echo"), has="c:body"), "c:body")


async def test_bookmarks(privileged, ngircd, user, irc_friend, name):
    """Where the server lets us read them (XEP-0402, XEP-0356), an account that stays joins those that are to be joined."""
    with running(privileged, {"echo": irc(ngircd.port)}) as gateway:
        me, nick, friend = await user(privileged), name("nick"), await irc_friend(ngircd.port)
        wanted, not_wanted = "#" + name("room"), "#" + name("room")
        for jid, autojoin in ((gateway.jid("echo", wanted), "true"), (gateway.jid("echo", not_wanted), "false"),
                              ("#other@elsewhere.test", "true")):
            reply = await me.ask(None, "<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='urn:xmpp:bookmarks:1'>"
                                 f"<item id='{jid}'><conference xmlns='urn:xmpp:bookmarks:1' autojoin='{autojoin}'><nick>{nick}</nick>"
                                 "</conference></item></publish><publish-options><x xmlns='jabber:x:data' type='submit'>"
                                 "<field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/pubsub#publish-options</value></field>"
                                 "<field var='pubsub#persist_items'><value>true</value></field>"
                                 "<field var='pubsub#max_items'><value>max</value></field>"
                                 "<field var='pubsub#access_model'><value>whitelist</value></field></x></publish-options></pubsub>", "set")
            assert reply.get("type") == "result", show(reply)
        friend.send(f"JOIN {wanted}", f"JOIN {not_wanted}")
        await friend.expect(f" 366 .*{not_wanted} ")
        await me.sign_up(gateway.jid("echo"), username=nick, **{"option.stay": "true"})
        await friend.expect(rf"^:{nick}!\S+ JOIN :?{wanted}$")
        friend.say(wanted, "early bird")
        room = Room(me, gateway.jid("echo", wanted))
        await room.join(nick)
        friend.inbox.refuse(lambda line: line.startswith(f":{nick}!") and f" JOIN :{not_wanted}" in line, "a room that is not to be joined")


# Rooms while a server restarts

async def test_the_irc_server_restarts(prosody, user, irc_friend, name):
    """The room is joined again, and who has not come back is gone."""
    server = servers.Ngircd()
    try:
        with running(prosody, {"echo": irc(server.port)}) as gateway:
            me, nick, chan = await user(prosody), name("nick"), "#" + name("room")
            leaves, returns = await irc_friend(server.port), await irc_friend(server.port)
            room = Room(me, gateway.jid("echo", chan))
            await me.sign_up(gateway.jid("echo"), username=nick)
            for friend in (leaves, returns):
                friend.send(f"JOIN {chan}")
                await friend.expect(" 366 ")
            assert set(await room.join(nick)) == {nick, leaves.nick, returns.nick}
            await asyncio.to_thread(server.process.kill)
            await me.expect("message", room.jid, "groupchat", where=lambda m: "lost" in (text(m, "c:body") or ""))
            await asyncio.to_thread(server.start)
            again = await irc_friend(server.port, returns.nick)
            again.send(f"JOIN {chan}")
            await again.expect(rf"^:{nick}!\S+ JOIN :?{chan}", 30)
            await room.goes(leaves.nick)
            again.say(chan, "that was short")
            await room.heard(again.nick, "that was short")
            me.refuse("presence", room.at(again.nick), "unavailable")
    finally:
        server.stop()


async def test_the_xmpp_server_restarts(ngircd, user, meet):
    """The network notices nothing; what was said meanwhile is in the room's history."""
    server = servers.Prosody("restarting.test", ["irc.restarting.test"])
    try:
        with running(server, {"irc": irc(ngircd.port)}) as gateway:
            here = await meet(gateway, "irc", ngircd.port)
            me, nick, chan, friend, room = here.me, here.nick, here.name, here.friend, here.room
            await room.join(nick)
            mark = gateway.mark()
            gateway.expected.append("no connection to the XMPP server")
            await asyncio.to_thread(server.process.kill)
            await gateway.line("no connection to the XMPP server", since=mark)
            friend.say(chan, "are you there?")
            await gateway.line(r"takes room-message .*text=\(14 bytes\)", since=mark)
            await asyncio.to_thread(server.start)
            back = await user(server, me.name)
            await back.expect_signed_in(gateway.jid("irc"), timeout=60)
            again = Room(back, room.jid)
            await again.join(nick)
            assert [text(one, "c:body") for one in again.history] == ["are you there?"]
            again.say("now I am")
            await friend.expect(rf"^:{nick}!\S+ PRIVMSG {chan} :now I am$")
            friend.inbox.refuse(lambda line: line.startswith(f":{nick}!") and (" PART " in line or " QUIT " in line), "a leave")
    finally:
        server.stop()
