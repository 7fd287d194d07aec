# SPDX-License-Identifier: GPL-2.0-or-later
"""Workers outlive the hub: nobody on the networks notices that it was restarted, and users find all as it is."""

import asyncio
import datetime
import json
import os
import re
import shutil
import signal
import sqlite3
import struct

import pytest

from client import STANZAS, find, submit, text
from conftest import running
from gateway import any_irc, irc, left_behind, program, worker_program, xmpp
from muc import Room, occupant_id, stanza_id
from process import folder, tcp_queues
from servers import PASSWORD
from test_archive import rows
from test_menu import CHANGE, entry, hidden, question
from wire import VERSION


@pytest.fixture(scope="module")
def gateway(prosody, ngircd, elsewhere):
    with running(prosody, {"irc": irc(ngircd.port), "xmpp": xmpp(elsewhere), "other": any_irc(ngircd.port)}) as gateway:
        yield gateway


@pytest.fixture
def network(ngircd):
    return "irc", ngircd.port


class Eyes:
    """What a client shows of others' presence, from the presences it has got."""

    def __init__(self, user):
        self.shown, self.own = {}, user.jid
        user.stream.add_filter("in", self._look)

    def _look(self, stanza):
        one = stanza.xml
        who = one.get("from") or ""
        if one.tag == STANZAS[2] and one.get("type") in (None, "unavailable") and not who.startswith(self.own):
            self.shown.pop(who, None)
            if one.get("type") is None:
                rank = find(one, "mucuser:x/mucuser:item")
                self.shown[who] = (text(one, "c:show"), text(one, "c:status"),
                                   rank is not None and (rank.get("role"), rank.get("affiliation")))
        return stanza


async def same_as_new(user, me, eyes, *rooms):
    """A client that was there all the time shows the same as one that has come just now."""
    phone = await user(me.server, me.name, "phone", presence=False)
    fresh = Eyes(phone)
    phone.available()
    for room in rooms:
        await Room(phone, room.jid).join(room.nick)
    for jid in await phone.contacts():
        phone.presence("probe", jid)
        await phone.expect("presence", jid)
    assert eyes.shown == fresh.shown
    await phone.logout()


async def has_happened(friend):
    friend.send("PING here")
    await friend.expect("PONG.* :?here")


async def started(gateway):
    await asyncio.to_thread(gateway.start)


async def restarted(gateway):
    """By passerellectl: the process is the same."""
    mark, pid = gateway.mark(), gateway.child.pid
    gateway.ctl("restart")
    await gateway.line("ready: ", since=mark)
    assert gateway.alive and gateway.child.pid == pid


async def gone(gateway, *workers):
    async with asyncio.timeout(10):
        while set(workers) & set(gateway.workers()):
            await asyncio.sleep(0.05)   # the pace of the question, not a wait


def unread(port):
    """Bytes that the server of this port has written, and who is connected has not read."""
    return sum(unsent for local, _, unsent, _ in tcp_queues() if local == port) + sum(here for _, peer, _, here in tcp_queues() if peer == port)


# One to one

async def test_messages_both_ways(gateway, on_irc):
    me, nick, friend, contact = on_irc.me, on_irc.nick, on_irc.friend, on_irc.contact
    workers, mark = gateway.workers(), gateway.mark()
    gateway.crash()
    friend.say(nick, "in the gap")
    await has_happened(friend)
    await started(gateway)
    await me.expect_body(contact, "in the gap")
    me.message(contact, "and back")
    await friend.expect_message(nick, "and back")
    assert gateway.workers() == workers and "signing in, was queued" in gateway.text(mark)
    friend.inbox.refuse(lambda line: " QUIT " in line, "a QUIT")
    me.refuse("presence", gateway.jid("irc"), "unavailable")


async def test_a_message_that_a_worker_has_not_read_yet(gateway, on_irc):
    """It is under way when the hub dies: it arrives, once, and nobody is told that it may not have."""
    me, friend = on_irc.me, on_irc.friend
    worker = next(row["worker"] for row in gateway.ctl("accounts") if row["owner"] == me.jid)
    pid = next(row["pid"] for row in gateway.ctl("workers") if row["id"] == worker)
    os.kill(pid, signal.SIGSTOP)
    mark = gateway.mark()
    me.message(on_irc.contact, "slowly")
    await gateway.line(r"sends send-message .*text=\(6 bytes\)", since=mark)
    gateway.crash()
    os.kill(pid, signal.SIGCONT)
    await friend.expect_message(on_irc.nick, "slowly")
    await started(gateway)
    me.message(on_irc.contact, "and steadily")
    await friend.expect_message(on_irc.nick, "and steadily")
    me.refuse("message", on_irc.contact, "error")
    friend.inbox.refuse(lambda line: "slowly" in line, "the message again")


async def test_messages_that_were_read_and_not_dealt_with(gateway, on_irc):
    """A hub that reads many at once dies between two of them."""
    me, friend, most = on_irc.me, on_irc.friend, 150
    for attempt in range(20):
        mark, hub = gateway.mark(), gateway.child.pid
        os.kill(hub, signal.SIGSTOP)
        for n in range(most):
            me.message(on_irc.contact, f"line {n} of {attempt}")
        await me.ask(me.server.domain, "<ping xmlns='urn:xmpp:ping'/>")     # the server has written them all
        os.kill(hub, signal.SIGCONT)
        while (given := gateway.text(mark).count("sends send-message")) == 0:
            pass                        # a moment later it would be too late
        os.kill(hub, signal.SIGSTOP)
        given, all_read = gateway.text(mark).count("sends send-message"), not unread(gateway.server.component_port)
        if all_read:
            os.kill(hub, signal.SIGKILL)
            gateway.crash()
            await started(gateway)
        else:                           # what is in the kernel dies with the hub: that is not promised
            os.kill(hub, signal.SIGCONT)
        for n in range(most):
            await friend.expect_message(on_irc.nick, f"line {n} of {attempt}", timeout=30)
        if all_read and given < most - 1:
            break
    else:
        raise AssertionError("the hub never died between two messages")
    await gateway.line("stanzas that were read before are dealt with now", since=mark)


async def test_a_message_that_waited_for_its_room(prosody, ngircd, user, scripted_ircd, name):
    """It is older than another that the worker has, and did not reach the worker before the hub died."""
    place, ircd, nick = folder("deaf"), await scripted_ircd(), name("nick")
    script = worker_program("deaf_worker.py", program("passerelle-worker"), place)
    inside = [f":{nick}!n@host JOIN #den", f":scripted.test 353 {nick} = #den :{nick}", f":scripted.test 366 {nick} #den :End of /NAMES list."]
    with running(prosody, {"other": any_irc(ngircd.port)}, workers={"program": script}) as gateway:
        me = await user(prosody)
        await me.sign_up(gateway.jid("other"), username=nick, **{"option.server": "localhost", "option.port": ircd.port})
        room = Room(me, gateway.jid("other", "#den%localhost"))
        ircd.answers["^JOIN #den"] = inside
        await room.join(nick)
        ircd.answers.clear()
        ircd.drop(nick)
        await ircd.expect("^JOIN #den")
        await ircd.expect("^JOIN #den", 30)
        room.say("the older one")
        me.message(gateway.jid("other", "friend%localhost"), "the later one")
        await ircd.expect("^PRIVMSG friend :the later one")
        mark = gateway.mark()
        os.kill(gateway.workers()[0], signal.SIGUSR1)
        async with asyncio.timeout(10):
            while not (place / "deaf").exists():
                await asyncio.sleep(0.02)   # the pace of the question, not a wait
        for line in inside:
            ircd.send(nick, line)
        await gateway.line("sends send-message .*#den", since=mark)
        gateway.crash()
        await started(gateway)
        await ircd.expect("^PRIVMSG #den :the older one", 30)
        await room.heard(nick, "the older one")
        ircd.tried.refuse(lambda line: "the later one" in line, "the message again")


async def test_contacts(gateway, user, elsewhere, name):
    """Who came and who went meanwhile is seen, the others are as they were, and the roster is."""
    me, nick = await user(gateway.server), name("romeo")
    eyes = Eyes(me)
    elsewhere.add_user(nick)
    await me.sign_up(gateway.jid("xmpp"), username=nick, password=PASSWORD)
    people = {what: await user(elsewhere) for what in ("stays", "leaves", "returns", "is away", "speaks")}
    contacts = {what: gateway.jid("xmpp", one.jid) for what, one in people.items()}
    for what, one in people.items():
        await me.add_contact(contacts[what], name=what)
        await one.expect("presence", f"{nick}@{elsewhere.domain}", "")
        await me.expect("presence", contacts[what], "")
    people["is away"].available("away", "for a walk")
    await me.expect("presence", contacts["is away"], "", where=lambda p: text(p, "c:show") == "away")
    people["returns"].presence("unavailable")
    await me.expect("presence", contacts["returns"], "unavailable")
    roster = await me.contacts()
    for one in people.values():
        one.inbox.clear()

    gateway.crash()
    people["leaves"].presence("unavailable")
    people["returns"].available("dnd", "back again")
    people["speaks"].message(f"{nick}@{elsewhere.domain}", "are you there?")
    await people["speaks"].ask(None, "<ping xmlns='urn:xmpp:ping'/>")
    await started(gateway)
    await me.expect("presence", contacts["returns"], "", where=lambda p: text(p, "c:status") == "back again")
    await me.expect("presence", contacts["leaves"], "unavailable")
    await me.expect_body(contacts["speaks"], "are you there?")
    assert (await me.contacts()).keys() == roster.keys()
    await same_as_new(user, me, eyes)
    for one in people.values():
        one.refuse("presence", f"{nick}@{elsewhere.domain}", "unavailable")
    people["leaves"].available()
    await me.expect("presence", contacts["leaves"], "")


async def test_a_contact_is_removed_meanwhile(gateway, friends, user, elsewhere):
    other = await user(elsewhere, friends.nick.split("@")[0], "elsewhere")
    gateway.crash()
    await other.ask(None, f"<query xmlns='jabber:iq:roster'><item jid='{friends.friend.jid}' subscription='remove'/></query>", "set")
    await started(gateway)
    await friends.me.expect("presence", friends.contact, "unsubscribed")


@pytest.mark.parametrize("when", ["before", "meanwhile"])
async def test_a_person_asks(gateway, on_xmpp, when):
    me, friend = on_xmpp.me, on_xmpp.friend
    me.agree = False
    friend.presence("subscribe", on_xmpp.nick) if when == "before" else None
    if when == "before":
        await me.expect("presence", on_xmpp.contact, "subscribe")
    gateway.crash()
    friend.presence("subscribe", on_xmpp.nick) if when == "meanwhile" else None
    await started(gateway)
    if when == "meanwhile":
        await me.expect("presence", on_xmpp.contact, "subscribe")
    else:
        await me.expect_signed_in(gateway.jid("xmpp"))
    me.presence("subscribed", on_xmpp.contact)
    await friend.expect("presence", on_xmpp.nick, "subscribed")
    me.refuse("presence", on_xmpp.contact, "subscribe")


async def test_a_question_waits(gateway, user, elsewhere, name):
    """The form that was sent before the hub died can be submitted to the next one."""
    me, nick, domain = await user(gateway.server), name("romeo"), gateway.jid("xmpp")
    elsewhere.add_user(nick)
    await me.sign_up(domain, username=nick, password=PASSWORD)
    me.message(domain, f"menu {await entry(me, domain, CHANGE)}")
    _, fields = await question(me, domain, "hange")
    gateway.crash()
    await started(gateway)
    await me.expect_signed_in(domain)
    me.refuse("message", domain, has="x:x")
    secrets = {var: "new-secret" for var, field in fields.items() if field.get("type") == "text-private"}
    me.message(domain, None, submit("", **{"passerelle#question": hidden(fields), **secrets}))
    await me.expect("message", domain, where=lambda m: "changed" in (text(m, "c:body") or ""))
    gateway.crash()
    mark = gateway.mark()
    await started(gateway)
    assert await entry(me, domain, CHANGE) and f"{me.jid}: signing out" not in gateway.text(mark)


async def test_an_account_that_is_signing_in(gateway, user, scripted_ircd, name):
    ircd, me, nick = await scripted_ircd(), await user(gateway.server), name("nick")
    domain = gateway.jid("other")
    await me.sign_up(domain, username=nick, **{"option.server": "127.0.0.1", "option.port": ircd.port})
    ircd.welcome = False
    ircd.drop(nick)
    await me.expect_lost(domain)
    await ircd.expect("^USER")
    await ircd.expect("^USER", 30)
    mark = gateway.mark()
    gateway.crash()
    await started(gateway)
    await gateway.line("goes on with 1 accounts", since=mark)
    ircd.let_in()
    await me.expect_signed_in(domain)
    ircd.send(nick, f":friend!f@f PRIVMSG {nick} :welcome")
    await me.expect_body(gateway.jid("other", "friend%127.0.0.1"), "welcome")
    ircd.tried.refuse(lambda line: line.startswith("USER"), "another sign-in")


async def test_a_password_that_is_refused_meanwhile(gateway, user, scripted_ircd, name):
    ircd, me, nick = await scripted_ircd(), await user(gateway.server), name("nick")
    domain = gateway.jid("other")
    await me.sign_up(domain, username=nick, **{"option.server": "127.0.0.1", "option.port": ircd.port})
    ircd.welcome = False
    ircd.drop(nick)
    await me.expect_lost(domain)
    await ircd.expect("^USER")
    await ircd.expect("^USER", 30)
    gateway.crash()
    ircd.waiting[-1][1].write(f":scripted.test 464 {nick} :Password incorrect\r\nERROR :Closing Link\r\n".encode())
    await started(gateway)
    await me.expect("message", domain, where=lambda m: "not tried again" in (text(m, "c:body") or ""))


async def test_an_account_that_was_removed(gateway, on_irc):
    gateway.crash()
    with sqlite3.connect(gateway.dir / "passerelle.db") as store:
        store.execute("PRAGMA foreign_keys = ON")
        assert store.execute("DELETE FROM accounts WHERE owner = ?", (on_irc.me.jid,)).rowcount == 1
    await started(gateway)
    await on_irc.friend.expect_online(on_irc.nick, False)
    assert not [row for row in gateway.ctl("accounts") if row["owner"] == on_irc.me.jid]


async def test_a_registration_that_is_under_way(gateway, user, scripted_ircd, name):
    """Nobody waits for its result any more: it comes to nothing."""
    ircd, me, nick = await scripted_ircd(), await user(gateway.server), name("nick")
    ircd.welcome = False
    fields = submit("jabber:iq:register", username=nick, **{"option.server": "127.0.0.1", "option.port": ircd.port})
    me.xml(f"<iq type='set' id='lost' to='{gateway.jid('other')}'><query xmlns='jabber:iq:register'>{fields}</query></iq>")
    await ircd.expect("^USER ")
    gateway.crash()
    ircd.let_in()
    await started(gateway)
    await ircd.expect("^QUIT")
    assert not [row for row in gateway.ctl("accounts") if row["owner"] == me.jid]


async def test_a_login_that_is_being_verified(gateway, user, scripted_ircd, name):
    """The stored one counts."""
    ircd, me, nick, new = await scripted_ircd(), await user(gateway.server), name("nick"), name("nick")
    domain, options = gateway.jid("other"), {"option.server": "127.0.0.1", "option.port": ircd.port}
    await me.sign_up(domain, username=nick, **options)
    ircd.welcome = False
    fields = submit("jabber:iq:register", username=new, **options)
    me.xml(f"<iq type='set' id='lost' to='{domain}'><query xmlns='jabber:iq:register'>{fields}</query></iq>")
    await ircd.expect(f"^NICK {new}")
    gateway.crash()
    ircd.let_in()
    await started(gateway)
    await ircd.expect("^QUIT")
    await ircd.expect(f"^NICK {nick}", 20)
    await me.expect_signed_in(domain)


async def test_a_login_that_has_just_been_accepted(gateway, on_irc, name):
    """What was stored is what its worker has, even if the hub had no time to say so."""
    me, new, domain = on_irc.me, name("nick"), gateway.jid("irc")
    answer = await me.register(domain, username=new)
    gateway.crash()
    mark = gateway.mark()
    await started(gateway)
    assert answer.get("type") == "result" and f"{me.jid}: signing out" not in gateway.text(mark)
    await on_irc.friend.expect_online(new, True)


async def test_a_sign_out_that_is_under_way(gateway, on_irc):
    """It was wanted: it is no loss that anybody is told of."""
    me, domain = on_irc.me, gateway.jid("irc")
    worker = next(row["worker"] for row in gateway.ctl("accounts") if row["owner"] == me.jid)
    pid = next(row["pid"] for row in gateway.ctl("workers") if row["id"] == worker)
    os.kill(pid, signal.SIGSTOP)
    mark = gateway.mark()
    me.presence("unavailable")
    await gateway.line(f"{me.jid}: signing out", since=mark)
    gateway.crash()
    os.kill(pid, signal.SIGCONT)
    await on_irc.friend.expect_online(on_irc.nick, False)
    me.inbox.clear()
    await started(gateway)
    assert [row["state"] for row in gateway.ctl("accounts") if row["owner"] == me.jid] == ["signed out"]
    me.available()
    await me.expect_signed_in(domain)
    me.refuse("message", domain)


async def test_a_user_who_has_left_meanwhile(gateway, on_irc, user):
    """Nothing tells that they are not there: they are signed out when they had time to say so."""
    gateway.crash()
    await on_irc.me.logout()
    await started(gateway)
    async with asyncio.timeout(40):
        while [row["state"] for row in gateway.ctl("accounts") if row["owner"] == on_irc.me.jid] != ["signed out"]:
            await asyncio.sleep(0.2)    # the pace of the question, not a wait
    await on_irc.friend.expect_online(on_irc.nick, False)


# Rooms

async def test_a_channel(gateway, inside, irc_friend, ngircd, user, name):
    """All that can happen there happens while there is no hub."""
    me, room, chan, operator = inside.me, inside.room, inside.name, inside.friend
    eyes = Eyes(me)
    me.available()
    people = {}
    for what in ("stays", "parts", "quits", "is kicked", "becomes", "rises"):
        people[what] = await irc_friend(ngircd.port)
        people[what].send(f"JOIN {chan}")
        await room.comes(people[what].nick)
    comes, passes = await irc_friend(ngircd.port), await irc_friend(ngircd.port)
    await room.join(inside.nick)
    me.inbox.clear()
    changed = name("nick")

    gateway.crash()
    people["stays"].say(chan, "is anybody there?")
    people["parts"].send(f"PART {chan} :tired")
    people["quits"].send("QUIT :home")
    operator.send(f"KICK {chan} {people['is kicked'].nick} :too loud", f"MODE {chan} +v {people['rises'].nick}",
                  f"TOPIC {chan} :what now?")
    people["becomes"].send(f"NICK {changed}")
    for one in (people["stays"], people["parts"], people["becomes"]):
        await has_happened(one)
    for one in (comes, passes):
        one.send(f"JOIN {chan}")
        await one.expect(" 366 ")
    passes.say(chan, "only passing")
    passes.send(f"PART {chan}")
    await has_happened(passes)
    comes.say(chan, "hello all")
    await has_happened(comes)
    await has_happened(operator)
    await operator.expect(f" PART {chan}.*$")
    await started(gateway)

    await room.heard(people["stays"].nick, "is anybody there?")
    assert "tired" in find(await room.goes(people["parts"].nick), "c:status").text
    await room.goes(people["quits"].nick)
    assert "too loud" in find(await room.goes(people["is kicked"].nick, 307), "mucuser:x/mucuser:item/mucuser:reason").text
    await room.comes(people["rises"].nick, affiliation="member")
    await room.topic("what now?")
    await room.goes(people["becomes"].nick, 303)
    await room.comes(changed)
    await room.comes(comes.nick)
    await room.heard(passes.nick, "only passing")
    await room.heard(comes.nick, "hello all")
    for nick in (inside.nick, people["stays"].nick, operator.nick):
        me.refuse("presence", room.at(nick))
    await room.goes(passes.nick)
    room.say("so many")
    await operator.expect(rf"^:{inside.nick}!\S+ PRIVMSG {chan} :so many$")
    await room.heard(inside.nick, "so many")
    people["stays"].say(chan, "indeed")
    await room.heard(people["stays"].nick, "indeed")
    await same_as_new(user, me, eyes, room)
    operator.inbox.refuse(lambda line: line.startswith(f":{inside.nick}!") and (" QUIT " in line or " PART " in line or " JOIN " in line), "a change")


async def test_who_had_another_nick(gateway, inside):
    old, new = inside.friend.nick, inside.friend.nick + "x"
    inside.friend.say(inside.name, "one")
    first = occupant_id(await inside.room.heard(old, "one"))
    inside.friend.send(f"NICK {new}")
    await inside.room.comes(new)
    gateway.crash()
    await started(gateway)
    inside.friend.say(inside.name, "two")
    assert occupant_id(await inside.room.heard(new, "two")) == first


async def test_kicked_meanwhile(gateway, inside):
    gateway.crash()
    inside.friend.send(f"KICK {inside.name} {inside.nick} :go away")
    await has_happened(inside.friend)
    await started(gateway)
    presence = await inside.room.goes(inside.nick, 110, 307)
    assert "go away" in find(presence, "mucuser:x/mucuser:item/mucuser:reason").text
    await inside.room.join(inside.nick)


async def test_two_clients_in_a_room(gateway, inside, user):
    """Each stays in it, and leaving still is each one's own."""
    other = Room(await user(gateway.server, inside.me.name, "phone"), inside.room.jid)
    await other.join(inside.nick)
    gateway.crash()
    inside.friend.say(inside.name, "to both")
    await has_happened(inside.friend)
    await started(gateway)
    await inside.room.heard(inside.friend.nick, "to both")
    await other.heard(inside.friend.nick, "to both")
    inside.room.leave()
    await inside.room.goes(inside.nick, 110)
    inside.friend.say(inside.name, "to one")
    await other.heard(inside.friend.nick, "to one")
    inside.me.refuse("message", inside.room.jid, body="to one")
    other.leave()
    await other.goes(inside.nick, 110)
    await inside.friend.expect(rf"^:{inside.nick}!\S+ PART {inside.name}")


async def test_private_messages_by_way_of_a_room(gateway, inside):
    inside.room.say_to(inside.friend.nick, "psst")
    await inside.friend.expect_message(inside.nick, "psst")
    gateway.crash()
    inside.friend.say(inside.nick, "what is it?")
    await has_happened(inside.friend)
    await started(gateway)
    await inside.room.private(inside.friend.nick, "what is it?")


async def test_a_join_that_is_under_way(gateway, user, scripted_ircd, name):
    ircd, me, nick = await scripted_ircd(), await user(gateway.server), name("nick")
    await me.sign_up(gateway.jid("other"), username=nick, **{"option.server": "127.0.0.1", "option.port": ircd.port})
    room = Room(me, gateway.jid("other", "#room%127.0.0.1"))
    room.ask(nick)
    await ircd.expect("^JOIN #room")
    mark = gateway.mark()
    gateway.crash()
    await started(gateway)
    await gateway.line("goes on with", since=mark)
    ircd.send(nick, f":{nick}!n@host JOIN #room")
    ircd.send(nick, f":scripted.test 353 {nick} = #room :{nick} @friend")
    ircd.send(nick, f":scripted.test 366 {nick} #room :End of /NAMES list.")
    await room.comes("friend", role="moderator")
    await me.expect("message", room.jid, "groupchat", has="c:subject")
    ircd.tried.refuse(lambda line: line.startswith("JOIN"), "a second join")


async def test_joined_meanwhile(gateway, user, scripted_ircd, name):
    """The network answers while there is no hub."""
    ircd, me, nick = await scripted_ircd(), await user(gateway.server), name("nick")
    await me.sign_up(gateway.jid("other"), username=nick, **{"option.server": "127.0.0.1", "option.port": ircd.port})
    room = Room(me, gateway.jid("other", "#room%127.0.0.1"))
    room.ask(nick)
    await ircd.expect("^JOIN #room")
    gateway.crash()
    ircd.send(nick, f":{nick}!n@host JOIN #room")
    ircd.send(nick, f":scripted.test 353 {nick} = #room :{nick} @friend other")
    ircd.send(nick, f":scripted.test 366 {nick} #room :End of /NAMES list.")
    ircd.send(nick, ":other!o@o PRIVMSG #room :welcome")
    ircd.send(nick, ":other!o@o PART #room")
    ircd.send(nick, "PING :sync")
    await ircd.expect("^PONG.*sync")
    await started(gateway)
    await room.comes("friend", role="moderator")
    await me.expect("message", room.jid, "groupchat", has="c:subject")
    await room.heard("other", "welcome")
    await room.goes("other")


async def test_a_room_of_an_xmpp_server(gateway, on_xmpp, user, elsewhere, name):
    me, jid = on_xmpp.me, f"{name('room')}@rooms.elsewhere.test"
    eyes = Eyes(me)
    me.available()
    owner = Room(on_xmpp.friend, jid)
    await owner.join("owner")
    leaves, becomes, comes = [Room(await user(elsewhere), jid) for _ in range(3)]
    await leaves.join("leaves")
    await becomes.join("becomes")
    room = Room(me, gateway.jid("xmpp", jid))
    await room.join("romeo")
    gateway.crash()
    leaves.leave("bored")
    becomes.user.presence(None, becomes.at("another"))
    await becomes.comes("another")
    await comes.join("comes")
    comes.say("hello")
    await owner.heard("comes", "hello")
    await owner.act("romeo", affiliation="member")
    await started(gateway)
    await room.goes("leaves")
    await room.goes("becomes", 303)
    await room.comes("another")
    await room.comes("comes")
    await room.heard("comes", "hello")
    await room.comes("romeo", affiliation="member")
    room.say("hello to you")
    await owner.heard("romeo", "hello to you")
    await room.heard("romeo", "hello to you")
    await same_as_new(user, me, eyes, room)
    owner.user.refuse("presence", owner.at("romeo"), "unavailable")


async def test_staying_in_a_room(gateway, inside, user):
    """Nobody's client is there, before or after."""
    me, friend = inside.me, inside.friend
    me.message(gateway.jid("irc"), "stay")
    await me.expect("message", gateway.jid("irc"), has="c:body")
    await me.logout()
    gateway.crash()
    friend.say(inside.name, "anybody?")
    await has_happened(friend)
    await started(gateway)
    friend.say(inside.name, "nobody.")
    await has_happened(friend)
    back = await user(gateway.server, me.name)
    again = Room(back, inside.room.jid)
    await again.join(inside.nick)
    assert [text(one, "c:body") for one in again.history] == ["anybody?", "nobody."]
    friend.inbox.refuse(lambda line: line.startswith(f":{inside.nick}!") and (" QUIT " in line or " PART " in line), "a leave")


# The workers

async def test_several_workers(prosody, ngircd, user, irc_friend, name):
    """They come back in any order; those who sign up later get a worker of a new number."""
    with running(prosody, {"echo": irc(ngircd.port)}, workers={"accounts-per-worker": 1}) as gateway:
        friend, people = await irc_friend(ngircd.port), {}
        for _ in range(3):
            nick = name("nick")
            people[nick] = await user(prosody)
            await people[nick].sign_up(gateway.jid("echo"), username=nick)
        before = gateway.ctl("workers")
        gateway.crash()
        for nick in people:
            friend.say(nick, f"to {nick}")
        await has_happened(friend)
        await started(gateway)
        for nick, me in people.items():
            await me.expect_body(gateway.jid("echo", friend.nick), f"to {nick}")
        assert [(row["id"], row["pid"]) for row in gateway.ctl("workers")] == [(row["id"], row["pid"]) for row in before]
        late = await user(prosody)
        await late.sign_up(gateway.jid("echo"), username=name("nick"))
        assert max(row["id"] for row in gateway.ctl("workers")) == max(row["id"] for row in before) + 1


@pytest.mark.parametrize("saved", [True, False], ids=["saved", "not saved"])
async def test_what_one_hears_before_and_another_after(prosody, ngircd, user, irc_friend, name, saved):
    """It is one message, by one id, and in the archive once; also what the dead hub had no time to save."""
    with running(prosody, {"echo": irc(ngircd.port)}, workers={"accounts-per-worker": 1}) as gateway:
        friend, channel, rooms = await irc_friend(ngircd.port), "#" + name("room"), []
        friend.send(f"JOIN {channel}")
        for nick in (name("nick"), name("nick")):
            me = await user(prosody)
            await me.sign_up(gateway.jid("echo"), username=nick)
            rooms.append(Room(me, gateway.jid("echo", channel)))
            await rooms[-1].join(nick)
        slow = next(row["worker"] for row in gateway.ctl("accounts") if row["owner"] == rooms[1].user.jid)
        pid = next(row["pid"] for row in gateway.ctl("workers") if row["id"] == slow)
        os.kill(pid, signal.SIGSTOP)
        friend.say(channel, "once")
        first = await rooms[0].heard(friend.nick, "once")
        while saved and not rows(gateway, "text = 'once'"):
            await asyncio.sleep(0.05)   # the pace of the question
        gateway.crash()
        os.kill(pid, signal.SIGCONT)
        await started(gateway)
        second = await rooms[1].heard(friend.nick, "once")
        assert stanza_id(second) == stanza_id(first) and second.get("id") == first.get("id")
        for room in rooms:
            assert (await room.archive()).texts == ["once"]


async def test_twice(gateway, inside):
    """The second hub dies as well."""
    for word in ("once", "twice"):
        gateway.crash()
        inside.friend.say(inside.name, word)
        await has_happened(inside.friend)
        await started(gateway)
        await inside.room.heard(inside.friend.nick, word)
    inside.room.say("three times?")
    await inside.room.heard(inside.nick, "three times?")


async def test_left_alone(prosody, ngircd, user, irc_friend, name):
    """A worker that finds no hub signs its accounts off and leaves."""
    script = folder("worker") / "worker"
    script.write_text(f"#!/bin/sh\nexec {program('passerelle-worker')} --patience 1 \"$@\"\n")
    script.chmod(0o755)
    with running(prosody, {"echo": irc(ngircd.port)}, workers={"program": script}) as gateway:
        me, nick, friend = await user(prosody), name("nick"), await irc_friend(ngircd.port)
        await me.sign_up(gateway.jid("echo"), username=nick)
        gateway.crash()
        await friend.expect_online(nick, False)
        async with asyncio.timeout(10):
            while left_behind(gateway.dir / "run"):
                await asyncio.sleep(0.05)   # the pace of the question, not a wait
        await started(gateway)
        await me.expect_signed_in(gateway.jid("echo"), timeout=60)
        await friend.expect_online(nick, True)


async def test_a_stranger_is_turned_away(gateway, on_irc):
    """A process that says it is a worker that is awaited, and is not."""
    worker, = [row for row in gateway.ctl("workers") if row["gateway"] == gateway.jid("irc")][:1]
    os.kill(worker["pid"], signal.SIGSTOP)
    gateway.crash()
    start = asyncio.ensure_future(started(gateway))
    mark, path = gateway.mark(), gateway.dir / "run" / "workers.sock"
    try:
        async with asyncio.timeout(10):
            while True:
                try:
                    reader, writer = await asyncio.open_unix_connection(str(path))
                    break
                except OSError:
                    await asyncio.sleep(0.05)   # the pace of the attempts
        body = json.dumps({"a": 0, "t": "hello", "version": VERSION, "worker": worker["id"], "received": 0, "hub": "gone"}).encode()
        writer.write(struct.pack(">I", len(body)) + body)
        assert await reader.read() == b""
    except ConnectionError:
        pass
    finally:
        os.kill(worker["pid"], signal.SIGCONT)
    await start
    await gateway.line("is no worker of ours; turned away", since=mark)
    gateway.expected.append("is no worker of ours")
    on_irc.friend.say(on_irc.nick, "still the same?")
    await on_irc.me.expect_body(on_irc.contact, "still the same?")
    on_irc.friend.inbox.refuse(lambda line: " QUIT " in line, "a QUIT")


async def test_a_worker_that_claims_what_it_was_not_given(prosody, ngircd, user, name):
    with running(prosody, {"echo": irc(ngircd.port)}) as gateway:
        me = await user(prosody)
        await me.sign_up(gateway.jid("echo"), username=name("nick"))
        gateway.finish()
        with sqlite3.connect(gateway.dir / "passerelle.db") as store:
            number, = store.execute("SELECT id FROM accounts").fetchone()
        real = gateway.sections["workers"]["program"]
        gateway.sections["workers"]["program"] = worker_program("bad_worker.py", f"claims-{number}")
        gateway.configure()
        gateway.start()
        gateway.sections["workers"]["program"] = real
        gateway.configure()
        gateway.expected.append("it claims account")
        mark = gateway.mark()
        gateway.crash()
        await started(gateway)
        await gateway.line(f"is ended: it claims account {number}, which it was not given", since=mark)
        await me.expect_signed_in(gateway.jid("echo"), timeout=60)
        assert len(gateway.workers()) == 1


# Restarts

async def test_a_restart(gateway, inside, user, irc_friend, ngircd, name):
    """Nothing that is said meanwhile, in whichever direction, is lost or comes twice."""
    me, room, chan, friend, nick = inside.me, inside.room, inside.name, inside.friend, inside.nick
    eyes, contact = Eyes(me), gateway.jid("irc", inside.friend.nick)
    me.available()
    other = await irc_friend(ngircd.port)
    other.send(f"JOIN {chan}")
    await room.comes(other.nick)
    await room.join(nick)
    workers, stop, sent = gateway.workers(), asyncio.Event(), {"there": 0, "back": 0, "room": 0}

    async def talk():
        while not stop.is_set():
            me.message(contact, f"there {sent['there']}")
            friend.say(nick, f"back {sent['back']}")
            other.say(chan, f"room {sent['room']}")
            for what in sent:
                sent[what] += 1
            await asyncio.sleep(0.02)   # the pace of the talk, not a wait

    talking = asyncio.ensure_future(talk())
    await friend.expect("there 5$")
    for _ in range(2):
        await restarted(gateway)
        await me.expect("message", contact, "chat", body=f"back {sent['back']}")
    stop.set()
    await talking
    me.message(contact, "the end")
    friend.say(nick, "the end")
    other.say(chan, "the end")
    await friend.expect_message(nick, "the end", 30)
    await me.expect_body(contact, "the end", 30)
    await room.heard(other.nick, "the end", 30)
    refused = {thing.get("id") for thing in me.inbox.things if thing.tag == STANZAS[1] and thing.get("type") == "error"}
    there = [int(line.rsplit(" ", 1)[1]) for line in friend.inbox.things if f"PRIVMSG {friend.nick} :there" in line]
    bodies = [(thing.get("type"), text(thing, "c:body") or "") for thing in me.inbox.things if thing.tag == STANZAS[1]]
    back = [int(body.split()[1]) for type_, body in bodies if type_ == "chat" and body.startswith("back")]
    said = [int(body.split()[1]) for type_, body in bodies if type_ == "groupchat" and body.startswith("room")]
    assert there == sorted(set(there)) and len(there) + len(refused) == sent["there"] - 1, refused  # one was waited for
    assert back == sorted(set(back)) and len(back) == sent["back"] - 2
    assert said == list(range(sent["room"]))
    assert gateway.workers() == workers
    await same_as_new(user, me, eyes, room)
    friend.inbox.refuse(lambda line: line.startswith(f":{nick}!") and (" QUIT " in line or " PART " in line), "a leave")


async def test_a_restart_while_many_come(gateway, user, scripted_ircd, name):
    """Those too are told of that were to be told of by and by."""
    ircd, me, nick = await scripted_ircd(), await user(gateway.server), name("nick")
    eyes = Eyes(me)
    await me.sign_up(gateway.jid("other"), username=nick, **{"option.server": "127.0.0.1", "option.port": ircd.port})
    room = Room(me, gateway.jid("other", "#room%127.0.0.1"))
    room.ask(nick)
    await ircd.expect("^JOIN #room")
    ircd.send(nick, f":{nick}!n@host JOIN #room")
    ircd.send(nick, f":scripted.test 353 {nick} = #room :{nick} @friend")
    ircd.send(nick, f":scripted.test 366 {nick} #room :End of /NAMES list.")
    await me.expect("message", room.jid, "groupchat", has="c:subject")
    mark = gateway.mark()
    ircd.users[nick].write(b"".join(b":crowd%d!c@c JOIN #room\r\n" % number for number in range(1000)))
    await gateway.line("takes room-occupant .*crowd300", since=mark)
    await restarted(gateway)
    ircd.send(nick, ":friend!f@f PRIVMSG #room :what a crowd")
    await room.heard("friend", "what a crowd")
    ircd.send(nick, ":friend!f@f PART #room")
    await room.goes("friend")
    async with asyncio.timeout(20):
        while len([jid for jid in eyes.shown if "/crowd" in jid]) < 1000:
            await asyncio.sleep(0.05)   # the pace of the question, not a wait


async def test_a_restart_with_a_broken_configuration(gateway, user):
    """It goes on as it was."""
    me, good, mark = await user(gateway.server), gateway.conf.read_text(), gateway.mark()
    gateway.conf.write_text("[component\nhost=")
    gateway.expected.append("passerelle.conf")
    try:
        gateway.signal(signal.SIGUSR1)
        await gateway.line("not restarted: mend", since=mark)
    finally:
        gateway.conf.write_text(good)
    assert (await me.ask(gateway.jid("irc"), "<ping xmlns='urn:xmpp:ping'/>")).get("type") == "result"


async def test_a_restart_takes_new_settings(prosody, ngircd, user, name):
    """Those too that need one: a gateway that is new, and the program that is there now."""
    with running(prosody, {"echo": irc(ngircd.port)}) as gateway:
        me, nick = await user(prosody), name("nick")
        await me.sign_up(gateway.jid("echo"), username=nick)
        gateway.sections[f"gateway {gateway.jid('other')}"] = any_irc(ngircd.port)
        gateway.configure()
        await restarted(gateway)
        assert {row["gateway"] for row in gateway.ctl("gateways")} == {gateway.jid("echo"), gateway.jid("other")}
        assert [row["state"] for row in gateway.ctl("accounts")] == ["signed in"]


async def test_workers_of_an_older_build(prosody, ngircd, user, irc_friend, name):
    """They take nobody new, and lose their accounts one by one to workers of the new one."""
    copy = folder("worker") / "passerelle-worker"
    shutil.copy(program("passerelle-worker"), copy)
    with running(prosody, {"echo": irc(ngircd.port, **{"sign-ins-per-second": 2})}, workers={"program": copy, "accounts-per-worker": 3}) as gateway:
        friend, people = await irc_friend(ngircd.port), {}
        for _ in range(3):
            nick = name("nick")
            people[nick] = await user(prosody)
            await people[nick].sign_up(gateway.jid("echo"), username=nick)
        old, = gateway.workers()
        os.utime(copy, (1, 1))
        for me in people.values():
            me.inbox.clear()
        mark = gateway.mark()
        await restarted(gateway)
        await gateway.line("is of another build: its 3 accounts move", since=mark)
        late, nick = await user(prosody), name("nick")
        await late.sign_up(gateway.jid("echo"), username=nick)
        assert next(row["worker"] for row in gateway.ctl("accounts") if row["owner"] == late.jid) == 2
        for nick, me in people.items():
            await me.expect_lost(gateway.jid("echo"))
            await me.expect_signed_in(gateway.jid("echo"), timeout=30)
            friend.say(nick, "welcome")
            await me.expect_body(gateway.jid("echo", friend.nick), "welcome")
        await gateway.line("of another build has no accounts left", since=mark)
        await gone(gateway, old)
        times = [datetime.datetime.fromisoformat(line[:23]) for line in gateway.text(mark).splitlines() if "signing out, was signed in" in line]
        assert len(times) == 3 and times[-1] - times[0] > datetime.timedelta(seconds=0.9), times


async def test_workers_of_another_version(gateway, on_irc):
    """Nothing can be taken over from them: they sign off, and the accounts are signed in elsewhere."""
    old = gateway.workers()
    gateway.crash()
    for path in (gateway.dir / "run" / "workers").glob("*"):
        path.write_text(re.sub("^wire=.*$", "wire=1", path.read_text(), flags=re.M))
    await started(gateway)
    await on_irc.me.expect_lost(gateway.jid("irc"))
    await on_irc.me.expect_signed_in(gateway.jid("irc"), timeout=30)
    on_irc.friend.say(on_irc.nick, "back so soon?")
    await on_irc.me.expect_body(on_irc.contact, "back so soon?")
    await gone(gateway, *old)
    gateway.check_log()


async def test_a_stop_in_the_middle_of_a_restart(prosody, ngircd, user, irc_friend, name):
    with running(prosody, {"echo": irc(ngircd.port)}) as gateway:
        me, nick, friend = await user(prosody), name("nick"), await irc_friend(ngircd.port)
        await me.sign_up(gateway.jid("echo"), username=nick)
        mark = gateway.mark()
        gateway.ctl("restart")
        await gateway.line("restarting", since=mark)
        gateway.signal(signal.SIGTERM)
        assert await asyncio.to_thread(gateway.wait_end, 10) == 0
        await friend.expect_online(nick, False)
        assert not left_behind(gateway.dir / "run")
        gateway.start()
