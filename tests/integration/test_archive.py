# SPDX-License-Identifier: GPL-2.0-or-later
"""What was said in rooms before: history on join, the archive (XEP-0313), and the ids by which clients know it again."""

import asyncio
import signal
import sqlite3

import pytest
import pytest_asyncio

from client import NS, condition, error_text, find, show, text
from conftest import running
from gateway import any_irc, irc, xmpp
from muc import Room, nick_of, occupant_id, stanza_id
from servers import PASSWORD


@pytest.fixture(scope="module")
def gateway(prosody, ngircd, elsewhere):
    with running(prosody, {"irc": irc(ngircd.port), "other": any_irc(ngircd.port), "xmpp": xmpp(elsewhere)}) as gateway:
        yield gateway


@pytest.fixture
def network(ngircd):
    return "irc", ngircd.port


@pytest_asyncio.fixture
async def five(inside):
    """Five messages of the friend's were said; their stanzas in .said."""
    inside.said = []
    for n in range(5):
        inside.friend.say(inside.name, f"line {n}")
        inside.said.append(await inside.room.heard(inside.friend.nick, f"line {n}"))
    return inside


@pytest_asyncio.fixture
async def another(user, name):
    """another(gateway, name of it, room): another user's view of the room."""
    async def make(gateway, where, room):
        other, nick = await user(gateway.server), name("nick")
        await other.sign_up(gateway.jid(where), username=nick)
        theirs = Room(other, room.jid)
        theirs.nick = nick
        return theirs

    return make


@pytest_asyncio.fixture
async def second(gateway, inside, network, another):
    """Another user in the same channel."""
    room = await another(gateway, network[0], inside.room)
    await come(room, inside.room)
    return room


@pytest_asyncio.fixture
async def phone(gateway, inside, user):
    """Another resource of the same user, which has not joined yet."""
    return Room(await user(gateway.server, inside.me.name, "phone"), inside.room.jid)


async def come(room, other):
    """Joins where OTHER is."""
    await room.join(room.nick)
    await other.comes(room.nick)


def bodies(messages):
    return [text(one, "c:body") for one in messages]


def rows(gateway, where):
    with sqlite3.connect(f"file:{gateway.dir}/passerelle.db?mode=ro", uri=True) as base:
        return base.execute(f"SELECT nick, text, audience FROM said WHERE {where} ORDER BY id").fetchall()


def change(gateway, sql):
    with sqlite3.connect(f"{gateway.dir}/passerelle.db") as base:
        base.execute(sql)


# History on join

async def test_history(five, phone):
    await phone.join(five.nick)
    assert bodies(phone.history) == [f"line {n}" for n in range(5)]
    assert [stanza_id(one) for one in phone.history] == [stanza_id(one) for one in five.said]
    assert [one.get("id") for one in phone.history] == [one.get("id") for one in five.said]
    for one in phone.history:
        assert nick_of(one) == five.friend.nick and one.get("type") == "groupchat"
        assert find(one, "delay:delay").get("from") == five.room.jid


@pytest.mark.parametrize("history, lines", [
    ({"maxstanzas": 0}, []), ({"maxchars": 0}, []), ({"maxstanzas": 2}, [3, 4]), ({"maxstanzas": 100}, [0, 1, 2, 3, 4]),
    ({"seconds": 1000}, [0, 1, 2, 3, 4]), ({"since": "2001-01-01T00:00:00Z", "maxstanzas": 1}, [4]),
    ({"since": "2101-01-01T00:00:00Z"}, []), ({"maxchars": 500}, [3, 4]), ({"maxstanzas": "many"}, [0, 1, 2, 3, 4])],
    ids=lambda given: " ".join(f"{name} {value}" for name, value in given.items()) if isinstance(given, dict) else "")
async def test_as_much_history_as_is_wanted(five, phone, history, lines):
    await phone.join(five.nick, history=history)
    assert bodies(phone.history) == [f"line {n}" for n in lines]


async def test_history_since_a_message(five, phone):
    """To the millisecond, as the room gave the time."""
    await phone.join(five.nick)
    stamp = find(phone.history[3], "delay:delay").get("stamp")
    again = Room(phone.user, phone.jid)
    await again.join(five.nick, history={"since": stamp})
    assert bodies(again.history)[-2:] == ["line 3", "line 4"] and "line 0" not in bodies(again.history)[:-4]


async def test_history_has_what_was_said_while_there(five):
    five.room.leave()
    await five.room.goes(five.nick)
    await five.friend.expect(rf"^:{five.nick}!\S+ PART {five.name}")
    five.friend.say(five.name, "behind your back")
    five.friend.send("PING here")
    await five.friend.expect("PONG")
    await five.room.join(five.nick)
    assert bodies(five.room.history) == [f"line {n}" for n in range(5)]
    five.friend.say(five.name, "to your face")
    await five.room.heard(five.friend.nick, "to your face")
    page = await five.room.archive()
    assert page.texts == [*(f"line {n}" for n in range(5)), "to your face"]


# One message for all

async def test_stored_once_for_two_users(gateway, inside, second):
    inside.friend.say(inside.name, "to both of you")
    ids = {stanza_id(await room.heard(inside.friend.nick, "to both of you")) for room in (inside.room, second)}
    assert len(ids) == 1 and None not in ids
    pages = [await room.archive() for room in (inside.room, second)]
    assert [page.ids[-1] for page in pages] == [*ids, *ids]
    assert len(rows(gateway, "text = 'to both of you'")) == 1


async def test_the_same_words_again_are_another_message(inside, second):
    for _ in range(3):
        inside.friend.say(inside.name, "again")
    ids = [[stanza_id(await room.heard(inside.friend.nick, "again")) for _ in range(3)] for room in (inside.room, second)]
    assert ids[0] == ids[1] and len(set(ids[0])) == 3


async def test_each_sees_what_was_said_while_they_were_there(five, gateway, network, user, name):
    other, nick = await user(gateway.server), name("nick")
    await other.sign_up(gateway.jid(network[0]), username=nick)
    late = Room(other, five.room.jid)
    await late.join(nick)
    assert late.history == [] and (await late.archive()).texts == []
    five.friend.say(five.name, "line 4")            # as before
    assert stanza_id(await late.heard(five.friend.nick, "line 4")) != stanza_id(five.said[4])
    assert (await late.archive()).texts == ["line 4"]


async def test_own_messages(gateway, inside, second):
    """The speaker's own comes back with the room's id and is the one that others have heard."""
    sent = inside.room.say("my own words")
    mine, theirs = await inside.room.heard(inside.nick, "my own words"), await second.heard(inside.nick, "my own words")
    assert stanza_id(mine) == stanza_id(theirs) and mine.get("id") == sent
    mine, theirs = await inside.room.archive(), await second.archive()
    assert mine.texts == theirs.texts == ["my own words"] and mine.ids == theirs.ids
    assert mine.messages[0].get("id") == sent
    assert len(rows(gateway, "text = 'my own words'")) == 1


async def test_what_goes_in_pieces(inside, second):
    """IRC shows several lines as several messages; the speaker has said one."""
    inside.room.say("one\ntwo")
    await inside.room.heard(inside.nick, "one\ntwo")
    await second.heard(inside.nick, "one")
    await second.heard(inside.nick, "two")
    assert (await inside.room.archive()).texts == ["one\ntwo"]
    assert (await second.archive()).texts == ["one", "two"]


async def test_an_id_that_a_client_made_up(inside):
    """Only the room says what a message is in its archive, and who said it."""
    inside.me.message(inside.room.jid, "trust me", f"<stanza-id xmlns='{NS['sid']}' by='{inside.room.jid}' id='1'/>"
                      f"<occupant-id xmlns='{NS['oid']}' id='king'/>", "groupchat")
    message = await inside.room.heard(inside.nick, "trust me")
    assert stanza_id(message) == (await inside.room.archive()).ids[-1]
    assert len(message.findall("oid:occupant-id", NS)) == 1 and occupant_id(message) != "king"


async def test_private_messages_are_not_kept(inside):
    inside.room.say_to(inside.friend.nick, "psst")
    await inside.friend.expect_message(inside.nick, "psst")
    inside.friend.say(inside.nick, "what?")
    await inside.room.private(inside.friend.nick, "what?")
    assert (await inside.room.archive()).texts == []


# The archive

async def test_pages(five):
    page = await five.room.archive(max=2)
    assert page.texts == ["line 0", "line 1"] and not page.complete
    assert (page.first, page.last) == (page.ids[0], page.ids[1]) and page.nicks == [five.friend.nick] * 2
    page = await five.room.archive(max=2, after=page.last)
    assert page.texts == ["line 2", "line 3"] and not page.complete
    page = await five.room.archive(max=2, after=page.last)
    assert page.texts == ["line 4"] and page.complete
    page = await five.room.archive(max=2, after=page.last)
    assert page.texts == [] and page.complete and page.first is None
    assert (await five.room.archive()).ids == [stanza_id(one) for one in five.said]


async def test_pages_backwards(five):
    page = await five.room.archive(max=2, before="")
    assert page.texts == ["line 3", "line 4"] and not page.complete
    page = await five.room.archive(max=2, before=page.first)
    assert page.texts == ["line 1", "line 2"] and not page.complete
    page = await five.room.archive(max=2, before=page.first)
    assert page.texts == ["line 0"] and page.complete


async def test_times(five):
    stamps = (await five.room.archive()).stamps
    assert (await five.room.archive(start=stamps[3])).texts[-2:] == ["line 3", "line 4"]
    assert (await five.room.archive(end=stamps[0])).texts[0] == "line 0"
    assert (await five.room.archive(start="2001-01-01T00:00:00Z", end="2002-01-01T00:00:00+02:00")).texts == []
    assert (await five.room.archive(start="2101-01-01T00:00:00Z")).texts == []


async def test_one_occupants_messages(five):
    five.room.say("and mine")
    await five.room.heard(five.nick, "and mine")
    assert (await five.room.archive(**{"with": five.room.at(five.nick)})).texts == ["and mine"]
    assert len((await five.room.archive(**{"with": five.room.at(five.friend.nick)})).texts) == 5
    assert (await five.room.archive(**{"with": five.room.at("nobody")})).texts == []


@pytest.mark.parametrize("how, error", [
    ({"after": "12"}, "cancel item-not-found"), ({"before": "12"}, "cancel item-not-found"), ({"after": "x"}, "cancel item-not-found"),
    ({"start": "soon"}, "modify bad-request"), ({"max": "-1"}, "modify bad-request"),
    ({"withtext": "love"}, "cancel feature-not-implemented"), ({"with": "someone@example.net"}, "cancel feature-not-implemented")],
    ids=lambda given: " ".join(given) if isinstance(given, dict) else "")
async def test_questions_that_cannot_be_answered(five, how, error):
    reply, results = await five.room.query(**how)
    assert condition(reply) == error and error_text(reply) and not results


async def test_the_form(inside):
    reply = await inside.me.ask(inside.room.jid, f"<query xmlns='{NS['mam']}'/>")
    assert [field.get("var") for field in reply.iter("{jabber:x:data}field")] == ["FORM_TYPE", "with", "start", "end"]


async def test_disco(inside):
    reply = await inside.me.ask(inside.room.jid, f"<query xmlns='{NS['info']}'/>")
    assert {NS["mam"], NS["sid"], NS["oid"], "http://jabber.org/protocol/muc#stable_id"} <= {
        one.get("var") for one in reply.iter(f"{{{NS['info']}}}feature")}


async def test_when_one_has_left(five):
    """The archive can be read later, too; nobody else can read it."""
    five.room.leave()
    await five.room.goes(five.nick)
    assert len((await five.room.archive()).texts) == 5


async def test_others_see_nothing(five, gateway, network, user, name):
    stranger = Room(await user(gateway.server), five.room.jid)
    reply, results = await stranger.query()
    assert condition(reply) == "auth registration-required" and not results
    await stranger.user.sign_up(gateway.jid(network[0]), username=name("nick"))
    assert (await stranger.archive()).texts == []
    assert (await stranger.archive(start="2001-01-01T00:00:00Z")).complete


async def test_a_room_of_another_xmpp_server(gateway, elsewhere, user, name):
    who, nick, where = name("juliet"), name("nick"), name("hall") + "@rooms.elsewhere.test"
    elsewhere.add_user(who)
    me = await user(gateway.server)
    await me.sign_up(gateway.jid("xmpp"), username=who, password=PASSWORD)
    room = Room(me, gateway.jid("xmpp", where))
    await room.join(nick)
    sent = room.say("hello there")
    message = await room.heard(nick, "hello there")
    page = await room.archive()
    assert page.texts == ["hello there"] and page.ids == [stanza_id(message)] and page.messages[0].get("id") == sent


# Across restarts

async def test_the_archive_outlives_a_killed_hub(prosody, ngircd, meet):
    with running(prosody, {"echo": irc(ngircd.port)}) as gateway:
        here = await meet(gateway, "echo", ngircd.port)
        await here.room.join(here.nick)
        here.friend.say(here.name, "before")
        first = await here.room.heard(here.friend.nick, "before")
        assert (await here.room.archive()).texts == ["before"]       # and so it is written
        await asyncio.to_thread(gateway.crash)
        here.friend.say(here.name, "meanwhile")
        await asyncio.to_thread(gateway.start)
        second = await here.room.heard(here.friend.nick, "meanwhile")
        here.friend.say(here.name, "after")
        await here.room.heard(here.friend.nick, "after")
        page = await here.room.archive()
        assert page.texts == ["before", "meanwhile", "after"] and page.ids[:2] == [stanza_id(first), stanza_id(second)]


async def keep(gateway, days):
    gateway.sections["archive"]["days"] = days
    gateway.configure()
    since = gateway.mark()
    gateway.signal(signal.SIGHUP)
    await gateway.line("configuration read again", since=since)


async def test_turned_off(prosody, ngircd, meet):
    """Nothing is kept, nothing is promised; and what was kept is forgotten."""
    with running(prosody, {"echo": irc(ngircd.port)}, archive={"days": 1}) as gateway:
        here = await meet(gateway, "echo", ngircd.port)
        me, room, friend = here.me, here.room, here.friend
        await room.join(here.nick)
        friend.say(here.name, "for the files")
        await room.heard(friend.nick, "for the files")
        assert (await room.archive()).texts == ["for the files"]
        await keep(gateway, 0)
        friend.say(here.name, "off the record")
        assert stanza_id(await room.heard(friend.nick, "off the record")) is None
        reply, _ = await room.query()
        assert condition(reply) == "cancel service-unavailable"
        reply = await me.ask(room.jid, f"<query xmlns='{NS['info']}'/>")
        assert NS["mam"] not in show(reply)
        await room.join(here.nick)
        assert room.history == []
        await keep(gateway, 1)
        friend.say(here.name, "on it again")
        await room.heard(friend.nick, "on it again")
        assert (await room.archive()).texts == ["on it again"]


async def test_a_database_that_takes_nothing(prosody, ngircd, meet, another):
    """What is said still comes; the log says once what is wrong.  When it is over the archive has all, and each sees what is theirs."""
    with running(prosody, {"echo": irc(ngircd.port)}) as gateway:
        here = await meet(gateway, "echo", ngircd.port)
        await here.room.join(here.nick)
        leaves, comes = [await another(gateway, "echo", here.room) for _ in range(2)]
        await come(leaves, here.room)
        assert (await leaves.archive()).texts == []
        for table, event in ("said", "INSERT"), ("visits", "INSERT"), ("visits", "UPDATE"):
            change(gateway, f"CREATE TRIGGER no_{event}_{table} BEFORE {event} ON {table} BEGIN SELECT RAISE (FAIL, 'there is no room left'); END")
        gateway.expected.append("tried again until it works")
        here.friend.say(here.name, "to two")
        for room in here.room, leaves:
            await room.heard(here.friend.nick, "to two")
        leaves.leave()
        await here.room.goes(leaves.nick)
        here.friend.say(here.name, "to one")
        await here.room.heard(here.friend.nick, "to one")
        await come(comes, here.room)
        here.friend.say(here.name, "to another two")
        for room in here.room, comes:
            await room.heard(here.friend.nick, "to another two")
        assert (await here.room.archive()).texts == []
        for table, event in ("said", "INSERT"), ("visits", "INSERT"), ("visits", "UPDATE"):
            change(gateway, f"DROP TRIGGER no_{event}_{table}")
        await gateway.line("what could not be saved is saved now")
        assert (await here.room.archive()).texts == ["to two", "to one", "to another two"]
        assert (await leaves.archive()).texts == ["to two"]
        assert (await comes.archive()).texts == ["to another two"]
        assert gateway.text().count("there is no room left") == 1


# Occupant ids (XEP-0421)

async def test_occupant_ids(inside, second, irc_friend, network):
    """The same for all of us; kept with another nick, and not given to who takes the old one."""
    friend, old = inside.friend, inside.friend.nick
    friend.say(inside.name, "one")
    first = occupant_id(await inside.room.heard(old, "one"))
    assert occupant_id(await second.heard(old, "one")) == first
    friend.send(f"NICK {old}x")
    assert {occupant_id(await room.comes(f"{old}x")) for room in (inside.room, second)} == {first}
    other = await irc_friend(network[1], old)
    other.send(f"JOIN {inside.name}")
    ids = {occupant_id(await room.comes(old)) for room in (inside.room, second)}
    assert len(ids) == 1 and first not in ids
    friend.say(inside.name, "two")
    assert {occupant_id(await room.heard(f"{old}x", "two")) for room in (inside.room, second)} == {first}
    messages = (await inside.room.archive()).messages
    assert [occupant_id(one) for one in messages] == [first, first]
    assert occupant_id((await inside.room.join(inside.nick))[f"{old}x"]) == first


# Large rooms

async def test_what_happens_while_a_newcomer_is_told(gateway, user, scripted_ircd, name):
    """Who is there comes first, itself last, then what was said before, the subject, and what was said meanwhile, once."""
    ircd, me, nick = await scripted_ircd(), await user(gateway.server), name("nick")
    await me.sign_up(gateway.jid("other"), username=nick, **{"option.server": "localhost", "option.port": ircd.port})
    room = Room(me, gateway.jid("other", "#big%localhost"))
    room.ask(nick)
    await ircd.expect("^JOIN #big")
    others = [f"occupant{n:04}" for n in range(2000)]
    ircd.send(nick, f":{nick}!n@host JOIN #big")
    for start in range(0, len(others), 20):
        ircd.send(nick, f":scripted.test 353 {nick} = #big :{' '.join(others[start:start + 20])}")
    ircd.send(nick, f":scripted.test 353 {nick} = #big :{nick}")
    ircd.send(nick, f":scripted.test 366 {nick} #big :End of /NAMES list.")
    await me.expect("message", room.jid, "groupchat", has="c:subject", timeout=30)
    ircd.send(nick, ":occupant0000!o@host PRIVMSG #big :before")
    await room.heard("occupant0000", "before")
    phone = Room(await user(gateway.server, me.name, "phone"), room.jid)
    phone.ask(nick)
    seen = lambda: [one for one in phone.user.inbox.things if (one.get("from") or "").startswith(room.jid)]
    first = await phone.user.inbox.expect(lambda one: (one.get("from") or "").startswith(room.at("occupant")), "the first occupant")
    for n in range(40):
        ircd.send(nick, f":occupant0001!o@host PRIVMSG #big :meanwhile {n}")
        ircd.send(nick, f":occupant{n + 1000}!o@host PART #big")
        ircd.send(nick, f":occupant{n + 1500}!o@host NICK renamed{n}")
    ircd.send(nick, ":occupant0001!o@host PRIVMSG #big :end")
    await phone.user.inbox.expect(lambda one: text(one, "c:body") == "end", "the last message", 30)
    there, order = {nick_of(first)}, []
    for one in seen():
        if one.tag.endswith("presence"):
            (there.discard if one.get("type") == "unavailable" else there.add)(nick_of(one))
        if one.tag.endswith("presence") and nick_of(one) == nick:
            order.append("itself")
        elif one.tag.endswith("message"):
            order.append(text(one, "c:body") or "subject")
    assert order == ["itself", "before", "subject", *(f"meanwhile {n}" for n in range(40))]
    assert not {f"occupant{n + 1000}" for n in range(40)} & there and not {f"occupant{n + 1500}" for n in range(40)} & there
    assert {f"renamed{n}" for n in range(40)} <= there and len(there) == 2001 - 40
