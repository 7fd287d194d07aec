# SPDX-License-Identifier: GPL-2.0-or-later
"""How rooms are set up, and who is banned from them: channels of ngircd and of inspircd, rooms of another XMPP server."""

import re

import pytest
import pytest_asyncio

from client import NS, condition, error_text, field_xml, find, form, show, submit, text
from conftest import running
from gateway import any_irc, irc, xmpp
from muc import Room, codes, item

OWNER = "http://jabber.org/protocol/muc#owner"
CONFIG = "http://jabber.org/protocol/muc#roomconfig"
NS["owner"] = OWNER


@pytest.fixture(scope="module")
def gateway(prosody, ngircd, inspircd, elsewhere):
    with running(prosody, {"irc": irc(ngircd.port), "echo": irc(inspircd.port), "other": any_irc(inspircd.port),
                           "xmpp": xmpp(elsewhere)}) as gateway:
        yield gateway


@pytest.fixture(params=["irc", "echo"], ids=["ngircd", "inspircd"])
def network(request, ngircd, inspircd):
    """The gateway's name and the port of its IRC server."""
    return request.param, {"irc": ngircd, "echo": inspircd}[request.param].port


class Channel:
    """A channel with a friend in it, its operator, and a user."""

    def __init__(self, me, nick, friend, name, room):
        self.me, self.nick, self.friend, self.name, self.room = me, nick, friend, name, room

    async def modes(self, wanted):
        """What the server says that they are."""
        self.friend.send(f"MODE {self.name}")
        line = await self.friend.expect(rf" 324 {self.friend.nick} {self.name} :?\+(\S*)(.*)$")
        letters, *words = wanted.split()
        assert set(line[1]) == set(letters) and line[2].replace(":", "").split() == words, line[0]


@pytest_asyncio.fixture
async def inside(gateway, network, user, irc_friend, name):
    where, port = network
    me, nick, friend, chan = await user(gateway.server), name("nick"), await irc_friend(port), "#" + name("room")
    await me.sign_up(gateway.jid(where), username=nick)
    friend.send(f"JOIN {chan}")
    await friend.expect(rf" 366 {friend.nick} {chan} ")
    friend.send(f"MODE {chan} +nt")
    channel = Channel(me, nick, friend, chan, Room(me, gateway.jid(where, chan)))
    await channel.modes("nt")
    await channel.room.join(nick)
    return channel


@pytest_asyncio.fixture
async def operator(inside):
    inside.friend.send(f"MODE {inside.name} +o {inside.nick}")
    await inside.room.comes(inside.nick, role="moderator")
    return inside


# The form

async def ask(room):
    return await room.user.ask(room.jid, f"<query xmlns='{OWNER}'/>")


async def settings(room):
    """The form's values by the last part of their name."""
    reply = await ask(room)
    assert reply.get("type") == "result", show(reply)
    fields = form(reply)
    assert text(fields.pop("FORM_TYPE"), "x:value") == CONFIG
    return {name.partition("_")[2] or name: text(field, "x:value") for name, field in fields.items() if name}


async def put(room, **values):
    """Submits the form with these only; an answer without an error, or its condition, and then its words."""
    known = {name: ("irc#" if name == "no_external" else "muc#roomconfig_") + name for name in values}
    given = submit(CONFIG, **{known[name]: value for name, value in values.items()})
    reply = await room.user.ask(room.jid, f"<query xmlns='{OWNER}'>{given}</query>", "set")
    assert reply.get("type") == "result" or error_text(reply), show(reply)
    return reply


async def done(room, **values):
    reply = await put(room, **values)
    assert reply.get("type") == "result", show(reply)


async def test_the_form_has_what_is(operator):
    operator.friend.send(f"MODE {operator.name} +imk-t sesame", f"MODE {operator.name} +l 17")
    assert await settings(operator.room) == {
        "publicroom": "1", "membersonly": "1", "moderatedroom": "1", "changesubject": "1", "external": "1",
        "passwordprotectedroom": "1", "roomsecret": "sesame", "maxusers": "17"}
    operator.friend.send(f"MODE {operator.name} -imk+t sesame", f"MODE {operator.name} -l", f"MODE {operator.name} +s-n")
    assert await settings(operator.room) == {
        "publicroom": "0", "membersonly": "0", "moderatedroom": "0", "changesubject": "0", "external": "0",
        "passwordprotectedroom": "0", "roomsecret": None, "maxusers": None}


async def test_only_what_differs_is_set(operator):
    await done(operator.room, publicroom="1", membersonly="0", moderatedroom="1", changesubject="1", no_external="1",
               passwordprotectedroom="0", roomsecret="", maxusers="")
    await operator.friend.expect(rf"^:{operator.nick}!\S+ MODE {operator.name} :?-t\+m$")
    await operator.modes("mn")


async def test_everything_is_set(operator):
    await done(operator.room, publicroom="false", membersonly="true", moderatedroom="1", changesubject="1", no_external="0",
               passwordprotectedroom="1", roomsecret="sesame", maxusers="12")
    await operator.modes("imskl sesame 12")
    assert await settings(operator.room) == {
        "publicroom": "0", "membersonly": "1", "moderatedroom": "1", "changesubject": "1", "external": "0",
        "passwordprotectedroom": "1", "roomsecret": "sesame", "maxusers": "12"}
    await done(operator.room, publicroom="1", membersonly="0", moderatedroom="0", changesubject="0", no_external="1",
               passwordprotectedroom="0", maxusers="none")
    await operator.modes("nt")


async def test_another_password(operator):
    await done(operator.room, roomsecret="sesame")
    await done(operator.room, passwordprotectedroom="1", roomsecret="barley")
    assert (await settings(operator.room))["roomsecret"] == "barley"
    await operator.modes("nkt barley")
    await done(operator.room, passwordprotectedroom="1")
    await operator.modes("nkt barley")


async def test_nothing_to_set(operator):
    """Also what a client does to have a room without configuring it."""
    await done(operator.room)
    await done(operator.room, moderatedroom="0")
    reply = await operator.me.ask(operator.room.jid, f"<query xmlns='{OWNER}'><x xmlns='jabber:x:data' type='submit'/></query>", "set")
    assert reply.get("type") == "result"
    operator.friend.say(operator.name, "end")
    await operator.room.heard(operator.friend.nick, "end")
    operator.friend.inbox.refuse(lambda line: line.startswith(f":{operator.nick}!") and " MODE " in line, "a change of modes")


async def test_cancel(operator):
    reply = await operator.me.ask(operator.room.jid, f"<query xmlns='{OWNER}'><x xmlns='jabber:x:data' type='cancel'/></query>", "set")
    assert reply.get("type") == "result"


async def test_not_for_everybody(inside):
    for reply in (await ask(inside.room), await put(inside.room, moderatedroom="1")):
        assert condition(reply) == "auth forbidden" and error_text(reply)


async def test_the_server_refuses(scripted):
    """The rank was lost, and nobody has said so."""
    scripted.answer(r"^MODE #big \+m$", ":scripted.test 482 {} #big :You're not channel operator")
    reply = await put(scripted.room, moderatedroom="1")
    assert condition(reply) == "auth forbidden" and error_text(reply) == "You're not channel operator"


async def test_the_server_does_nothing(scripted):
    reply = await put(scripted.room, moderatedroom="1")
    assert condition(reply) == "auth forbidden" and error_text(reply)


async def test_the_form_is_asked_for_too_often(scripted):
    scripted.ircd.pongs = False
    for number in range(25):
        scripted.me.xml(f"<iq type='get' id='many{number}' to='{scripted.room.jid}'><query xmlns='{OWNER}'/></iq>")
    reply = await scripted.me.expect("iq", id_="many24")
    assert condition(reply) == "wait resource-constraint"


@pytest.mark.parametrize("values, named", [
    ({"roomsecret": "two words"}, "roomsecret"), ({"roomsecret": "a,b"}, "roomsecret"), ({"roomsecret": ":a"}, "roomsecret"),
    ({"roomsecret": "a\r\nQUIT"}, "roomsecret"), ({"roomsecret": "x" * 300}, "roomsecret"), ({"roomsecret": "x" * 5000}, "roomsecret"),
    ({"passwordprotectedroom": "1"}, "roomsecret"), ({"passwordprotectedroom": "1", "roomsecret": ""}, "roomsecret"),
    ({"maxusers": "many"}, "maxusers"), ({"maxusers": "-1"}, "maxusers"), ({"maxusers": "10 +o somebody"}, "maxusers"),
    ({"maxusers": "1\n2"}, "maxusers"), ({"maxusers": "99999999999999999999"}, "maxusers"),
    ({"moderatedroom": "perhaps"}, "moderatedroom"), ({"moderatedroom": ""}, "moderatedroom"), ({"nonsense": "1"}, "nonsense")], ids=str)
async def test_what_cannot_be(operator, values, named):
    reply = await put(operator.room, **values)
    assert condition(reply) == "modify not-acceptable" and named in error_text(reply), show(reply)
    await operator.modes("nt")


@pytest.mark.parametrize("payload, wanted", [
    ("", "modify bad-request"), ("<x xmlns='jabber:x:data' type='form'/>", "modify bad-request"),
    ("<x xmlns='jabber:x:data' type='submit'><field><value>1</value></field></x>", "modify bad-request"),
    ("<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>jabber:iq:register</value></field></x>", "modify bad-request"),
    (f"<x xmlns='jabber:x:data' type='submit'>{field_xml(**{'muc#roomconfig_maxusers': '3'})*2}</x>", "modify not-acceptable"),
    (f"<x xmlns='jabber:x:data' type='submit'>{field_xml(x='') * 600}</x>", "modify not-acceptable"),
    ("<destroy/>", "cancel not-allowed")], ids=["nothing", "form", "nameless", "another-form", "twice", "many", "destroy"])
async def test_what_is_no_form(operator, payload, wanted):
    reply = await operator.me.ask(operator.room.jid, f"<query xmlns='{OWNER}'>{payload}</query>", "set")
    assert condition(reply) == wanted and error_text(reply), show(reply)


# What the room is

async def features(room):
    reply = await room.user.ask(room.jid, "<query xmlns='http://jabber.org/protocol/disco#info'/>")
    return {one.get("var") for one in reply.iterfind("info:query/info:feature", NS) if one.get("var").startswith("muc_")}


OPEN = {"muc_unsecured", "muc_open", "muc_unmoderated", "muc_public", "muc_nonanonymous", "muc_temporary"}


async def test_the_form_of_service_discovery(operator):
    """Clients look there whether everybody may change the topic (Gajim)."""
    async def known():
        reply = await operator.me.ask(operator.room.jid, "<query xmlns='http://jabber.org/protocol/disco#info'/>")
        return {var: text(field, "x:value") for var, field in form(reply).items()}

    operator.friend.send(f"TOPIC {operator.name} :of roses", f"MODE {operator.name} -t+n")
    await operator.room.topic("of roses")
    await changed(operator.room)
    assert await known() == {"FORM_TYPE": "http://jabber.org/protocol/muc#roominfo", "muc#roominfo_occupants": "2",
                             "muc#roominfo_subject": "of roses", "muc#roominfo_changesubject": "1"}
    operator.friend.send(f"MODE {operator.name} +t")
    await changed(operator.room)
    assert (await known())["muc#roominfo_changesubject"] == "0"


async def changed(room):
    """The room says that it is set up otherwise."""
    return await room.user.expect("message", room.jid, "groupchat", where=lambda m: 104 in codes(m))


async def test_what_the_room_is(operator):
    await settings(operator.room)
    assert await features(operator.room) == OPEN
    operator.me.refuse("message", operator.room.jid, where=lambda m: 104 in codes(m))
    operator.friend.send(f"MODE {operator.name} +imsk sesame")
    await changed(operator.room)
    assert await features(operator.room) == {"muc_passwordprotected", "muc_membersonly", "muc_moderated", "muc_hidden", "muc_nonanonymous",
                                             "muc_temporary"}
    operator.friend.send(f"MODE {operator.name} -imsk sesame")
    await changed(operator.room)
    assert await features(operator.room) == OPEN
    operator.friend.send(f"MODE {operator.name} -t")
    await changed(operator.room)
    operator.friend.send(f"MODE {operator.name} +l 100")
    await changed(operator.room)


async def test_what_the_room_is_is_not_for_outsiders(gateway, operator, user):
    operator.room.leave()
    await operator.room.goes(operator.nick)
    assert await features(operator.room) == set()


# Visitors

async def test_a_moderated_room_has_visitors(operator, irc_friend, network):
    other, voiced = await irc_friend(network[1]), await irc_friend(network[1])
    for one in (other, voiced):
        one.send(f"JOIN {operator.name}")
        await operator.room.comes(one.nick, role="participant", affiliation="none")
    operator.friend.send(f"MODE {operator.name} +v {voiced.nick}")
    await operator.room.comes(voiced.nick, role="participant", affiliation="member")
    operator.friend.send(f"MODE {operator.name} +m")
    await operator.room.comes(other.nick, role="visitor", affiliation="none")
    operator.friend.send(f"MODE {operator.name} +v {other.nick}")
    await operator.room.comes(other.nick, role="participant", affiliation="member")
    operator.friend.send(f"MODE {operator.name} -v {other.nick}")
    await operator.room.comes(other.nick, role="visitor", affiliation="none")
    operator.friend.send(f"MODE {operator.name} -m")
    await operator.room.comes(other.nick, role="participant", affiliation="none")
    for one in (voiced.nick, operator.friend.nick, operator.nick):
        operator.me.refuse("presence", operator.room.at(one))


async def test_joining_a_moderated_room(inside):
    inside.room.leave()
    await inside.room.goes(inside.nick)
    inside.friend.send(f"MODE {inside.name} +m")
    await inside.modes("nmt")
    there = await inside.room.join(inside.nick)
    if item(there[inside.nick]).get("role") != "visitor":       # the server had not told its modes yet
        await inside.room.comes(inside.nick, role="visitor", affiliation="none")
    there = await inside.room.join(inside.nick)
    assert item(there[inside.nick]).get("role") == "visitor"


async def test_a_mode_without_a_word_before_a_rank(inside):
    """libpurple's plugin would give the rank to nobody."""
    inside.friend.send(f"MODE {inside.name} +mv {inside.nick}")
    await inside.room.comes(inside.nick, role="participant", affiliation="member")
    inside.friend.send(f"MODE {inside.name} -m+o {inside.nick}")
    await inside.room.comes(inside.nick, role="moderator", affiliation="admin")


# Bans

async def banned(room):
    """Those of the list: JID to reason."""
    reply = await room.user.ask(room.jid, f"<query xmlns='{NS['admin']}'><item affiliation='outcast'/></query>")
    assert reply.get("type") == "result", show(reply)
    items = list(reply.iterfind("admin:query/admin:item", NS))
    assert all(one.get("affiliation") == "outcast" for one in items)
    return {one.get("jid"): text(one, "admin:reason") for one in items}


async def rank(room, jid, **given):
    attributes = "".join(f" {name}='{value}'" for name, value in given.items())
    return await room.user.ask(room.jid, f"<query xmlns='{NS['admin']}'><item jid='{jid}'{attributes}/></query>", "set")


async def test_list_of_bans(gateway, operator, network):
    assert await banned(operator.room) == {}
    operator.friend.send(f"MODE {operator.name} +b tybalt!*@*", f"MODE {operator.name} +b *!*@*.example.net")
    await operator.friend.expect(r"MODE \S+ \+b \S+example")
    bans = await banned(operator.room)
    assert set(bans) == {gateway.jid(network[0], "tybalt"), gateway.jid(network[0], "*!*@*.example.net")}
    assert operator.friend.nick in bans[gateway.jid(network[0], "tybalt")]
    assert "*!*@*.example.net" in bans[gateway.jid(network[0], "*!*@*.example.net")]


async def test_ban_of_one_who_is_not_there(gateway, operator, network, irc_friend, name):
    stranger = await irc_friend(network[1], name("Stranger"))
    jid = gateway.jid(network[0], stranger.nick.lower())
    for _ in range(2):
        assert (await rank(operator.room, jid, affiliation="outcast")).get("type") == "result"
    stranger.send(f"JOIN {operator.name}")
    await stranger.expect(" 474 ")
    assert set(await banned(operator.room)) == {jid}
    assert (await rank(operator.room, jid, affiliation="none")).get("type") == "result"
    assert await banned(operator.room) == {}
    stranger.send(f"JOIN {operator.name}")
    await stranger.expect(" 366 ")
    assert condition(await rank(operator.room, gateway.jid(network[0], "nobody"), affiliation="none")) == "cancel item-not-found"


async def test_patterns_are_unbanned_as_they_are_listed(operator):
    operator.friend.send(f"MODE {operator.name} +b *!*@Host.Example.NET")
    await operator.friend.expect(r"MODE \S+ \+b")
    [jid] = await banned(operator.room)
    assert (await rank(operator.room, jid, affiliation="none")).get("type") == "result"
    await operator.friend.expect(rf"^:{operator.nick}!\S+ MODE {operator.name} :?-b :?\*!\*@Host.Example.NET")
    assert await banned(operator.room) == {}


async def test_ban_by_nick(operator):
    assert (await operator.room.act("tybalt", affiliation="outcast")).get("type") == "result"
    assert [jid.partition("@")[0].partition("%")[0] for jid in await banned(operator.room)] == ["tybalt"]
    assert (await operator.room.act("tybalt", affiliation="none")).get("type") == "result"


async def test_bans_are_not_for_everybody(gateway, inside, network):
    reply = await inside.me.ask(inside.room.jid, f"<query xmlns='{NS['admin']}'><item affiliation='outcast'/></query>")
    assert condition(reply) == "auth forbidden" and error_text(reply)
    reply = await rank(inside.room, gateway.jid(network[0], "tybalt"), affiliation="outcast")
    assert condition(reply) == "auth forbidden" and error_text(reply)


@pytest.mark.parametrize("who", ["a b", "a,b", "+o", "a\nQUIT", "-x!*@*", "x" * 300])
async def test_bans_that_cannot_be(operator, who):
    reply = await operator.room.act(who, affiliation="outcast")
    assert condition(reply) == "modify not-acceptable" and error_text(reply), show(reply)
    assert await banned(operator.room) == {}


async def act_on(room, *items):
    inside = "".join("<item" + "".join(f" {name}='{value}'" for name, value in one.items()) + "/>" for one in items)
    return await room.user.ask(room.jid, f"<query xmlns='{NS['admin']}'>{inside}</query>", "set", timeout=5)


async def test_several_at_a_time(operator, irc_friend, network):
    others = [await irc_friend(network[1]) for _ in range(3)]
    for one in others:
        one.send(f"JOIN {operator.name}")
        await operator.room.comes(one.nick)
    reply = await act_on(operator.room, {"nick": others[0].nick, "affiliation": "member"}, {"nick": others[1].nick, "role": "none"},
                         {"nick": "tybalt", "affiliation": "outcast"}, {"nick": "paris", "affiliation": "outcast"})
    assert reply.get("type") == "result", show(reply)
    await operator.room.comes(others[0].nick, affiliation="member")
    await operator.room.goes(others[1].nick, 307)
    assert len(await banned(operator.room)) == 2
    reply = await act_on(operator.room, {"nick": others[2].nick, "affiliation": "admin"}, {"nick": "paris", "affiliation": "none"},
                         {"nick": "nobody", "affiliation": "none"})
    assert condition(reply) == "cancel item-not-found"
    operator.me.refuse("iq", operator.room.jid)


async def test_several_of_whom_one_cannot_be(operator):
    for wrong in ({"nick": "nobody", "role": "none"}, {"nick": "tybalt", "affiliation": "owner"}, {"nick": "a b", "affiliation": "outcast"}):
        reply = await act_on(operator.room, wrong, *({"nick": f"tybalt{n}", "affiliation": "outcast"} for n in range(3)))
        assert reply.get("type") == "error" and error_text(reply), show(reply)
    reply = await act_on(operator.room, *({"nick": f"tybalt{n}", "affiliation": "outcast"} for n in range(21)))
    assert condition(reply) == "modify bad-request" and error_text(reply)
    assert condition(await act_on(operator.room)) == "modify bad-request"
    operator.me.refuse("iq", operator.room.jid)


async def test_ban_of_an_address_elsewhere(operator):
    assert condition(await rank(operator.room, "tybalt@elsewhere.test", affiliation="outcast")) == "cancel item-not-found"


# A server that says what real ones do not on demand

class Scripted:
    def __init__(self, ircd, me, room):
        self.ircd, self.me, self.room = ircd, me, room

    def send(self, line):
        self.ircd.send(self.room.nick, line.format(self.room.nick))

    def answer(self, pattern, *lines):
        self.ircd.answers[pattern] = [line.format(self.room.nick) for line in lines]


@pytest_asyncio.fixture
async def scripted(gateway, user, scripted_ircd, name):
    """A user on it, who is operator of #big."""
    ircd, me, nick = await scripted_ircd(), await user(gateway.server), name("nick")
    await me.sign_up(gateway.jid("other"), username=nick, **{"option.server": "localhost", "option.port": ircd.port})
    one = Scripted(ircd, me, Room(me, gateway.jid("other", "#big%localhost")))
    one.room.ask(nick)
    one.room.nick = nick
    await ircd.expect("^JOIN #big")
    one.send(":{0}!n@host JOIN #big")
    one.send(":scripted.test 353 {0} = #big :@{0} other")
    one.send(":scripted.test 366 {0} #big :End of /NAMES list.")
    await ircd.expect("^MODE #big")
    one.send(":scripted.test 324 {0} #big +nt")
    await me.expect("message", one.room.jid, "groupchat", has="c:subject")
    return one


async def test_ten_thousand_bans(scripted):
    scripted.answer(r"^MODE #big \+b$", *(f":scripted.test 367 {{}} #big *!*@host{number} other 1700000000" for number in range(10000)),
                    ":scripted.test 368 {} #big :End of Channel Ban List")
    bans = await banned(scripted.room)
    assert 100 < len(bans) <= 1000 and any(jid.startswith("*!*\\40host0%") for jid in bans)


@pytest.mark.parametrize("line", ["MODE #big", "MODE #big +", "MODE #big +k", "MODE #big +lllk", "MODE #big -+-+ :", "MODE #big +\x01\xff x", "324 {0} #big",
                                  "324 {0}", "367 {0} #big", "367 {0} #big :", "005 {0} CHANMODES= PREFIX=( KEYLEN=-1", "005", "MODE", "MODE #big " + "+k" * 200])
async def test_odd_lines(scripted, line):
    scripted.send(":scripted.test " + line)
    scripted.send(":other!o@host PRIVMSG #big :still here")
    await scripted.room.heard("other", "still here")


# Rooms of another XMPP server

class Pair:
    def __init__(self, ours, theirs, us):
        self.ours, self.theirs, self.us = ours, theirs, us

    async def rank(self, **given):
        """The friend gives us a rank."""
        reply = await rank(self.theirs, self.us, **given)
        assert reply.get("type") == "result", show(reply)


@pytest_asyncio.fixture
async def together(gateway, on_xmpp, name):
    room = f"{name('garden')}@rooms.elsewhere.test"
    pair = Pair(Room(on_xmpp.me, gateway.jid("xmpp", room)), Room(on_xmpp.friend, room), on_xmpp.nick)
    await pair.theirs.join("Juliet")
    await pair.ours.join("Romeo")
    await pair.theirs.comes("Romeo")
    return pair


@pytest_asyncio.fixture
async def owner(together):
    await together.rank(affiliation="owner")
    await together.ours.comes("Romeo", role="moderator", affiliation="owner")
    return together


async def test_xmpp_ranks(together):
    for given, shown in [({"affiliation": "member"}, ("participant", "member")), ({"affiliation": "admin"}, ("moderator", "admin")),
                         ({"affiliation": "none"}, ("participant", "none"))]:
        await together.rank(**given)
        await together.ours.comes("Romeo", role=shown[0], affiliation=shown[1])
    for role in ("visitor", "participant", "moderator"):
        reply = await together.theirs.act("Romeo", role=role)
        assert reply.get("type") == "result", show(reply)
        await together.ours.comes("Romeo", role=role, affiliation="none")


async def test_xmpp_ranks_are_told_at_once(together):
    together.ours.leave()
    await together.ours.goes("Romeo")
    together.ours.user.inbox.clear()
    there = await together.ours.join("Romeo")
    assert (item(there["Juliet"]).get("role"), item(there["Juliet"]).get("affiliation")) == ("moderator", "owner")
    assert (item(there["Romeo"]).get("role"), item(there["Romeo"]).get("affiliation")) == ("participant", "none")


async def test_xmpp_giving_affiliations(owner):
    """They are not roles there, as they are on IRC."""
    for affiliation, role in (("member", "participant"), ("admin", "moderator"), ("none", "participant")):
        reply = await owner.ours.act("Juliet", affiliation=affiliation)
        assert reply.get("type") == "result", show(reply)
        await owner.ours.comes("Juliet", affiliation=affiliation, role=role)


async def test_xmpp_form(owner):
    """It is the other server's own, by its own names, both ways."""
    theirs, ours = form(await ask(owner.theirs)), form(await ask(owner.ours))
    assert set(ours) == set(theirs) and len(ours) > 8
    for name, field in theirs.items():
        assert [one.text for one in field.iterfind("x:value", NS)] == [one.text for one in ours[name].iterfind("x:value", NS)], name
        assert {one.get("label"): text(one, "x:value") for one in field.iterfind("x:option", NS)} == {
            one.get("label"): text(one, "x:value") for one in ours[name].iterfind("x:option", NS)}, name
        assert (field.get("type"), field.get("label")) == (ours[name].get("type"), ours[name].get("label"))
    await done(owner.ours, roomname="Rose & <Garden>", roomdesc="Two lines", moderatedroom="1", roomsecret="sesame")
    now = await settings(owner.theirs)
    assert (now["roomname"], now["roomdesc"], now["moderatedroom"], now["roomsecret"]) == ("Rose & <Garden>", "Two lines", "1", "sesame")
    await changed(owner.ours)
    assert {"muc_moderated", "muc_passwordprotected"} <= await features(owner.ours)


async def test_xmpp_form_unchanged(owner):
    """A client gives all of it back."""
    before = form(await ask(owner.ours))
    given = "".join(f"<field var='{name}'>" + "".join(f"<value>{one.text or ''}</value>" for one in field.iterfind("x:value", NS)) + "</field>"
                    for name, field in before.items() if name)
    reply = await owner.ours.user.ask(owner.ours.jid, f"<query xmlns='{OWNER}'><x xmlns='jabber:x:data' type='submit'>{given}</x></query>", "set")
    assert reply.get("type") == "result", show(reply)
    assert [show(field) for field in form(await ask(owner.ours)).values()] == [show(field) for field in before.values()]


async def test_xmpp_form_is_not_for_everybody(together):
    assert condition(await ask(together.ours)) == "auth forbidden"
    await together.rank(affiliation="admin")
    await together.ours.comes("Romeo", affiliation="admin")
    reply = await ask(together.ours)
    assert condition(reply) == "auth forbidden" and error_text(reply)


async def test_xmpp_what_the_room_is(owner):
    assert {"muc_open", "muc_unmoderated", "muc_unsecured"} <= await features(owner.ours)
    await done(owner.theirs, membersonly="1")
    await changed(owner.ours)
    assert "muc_membersonly" in await features(owner.ours)


async def test_xmpp_bans(gateway, owner):
    tybalt = gateway.jid("xmpp", "tybalt@elsewhere.test")
    assert await banned(owner.ours) == {}
    assert (await rank(owner.ours, tybalt, affiliation="outcast")).get("type") == "result"
    assert set(await banned(owner.ours)) == {tybalt}
    assert set(await banned(owner.theirs)) == {"tybalt@elsewhere.test"}
    assert (await rank(owner.ours, tybalt, affiliation="none")).get("type") == "result"
    assert await banned(owner.theirs) == {}
    assert condition(await owner.ours.act("nobody", affiliation="outcast")) == "modify not-acceptable"
