# SPDX-License-Identifier: GPL-2.0-or-later
"""Rooms: channels of ngircd and of inspircd, and rooms of another XMPP server."""

import asyncio
import os
import signal

import pytest
import pytest_asyncio

from client import NS, condition, error_text, find, show
from conftest import running
from gateway import any_irc, irc, xmpp
from muc import Room, codes, item, nick_of


@pytest.fixture(scope="module")
def gateway(prosody, ngircd, inspircd, elsewhere):
    with running(prosody, {"irc": irc(ngircd.port), "echo": irc(inspircd.port), "other": any_irc(inspircd.port),
                           "xmpp": xmpp(elsewhere)}) as gateway:
        yield gateway


@pytest.fixture(params=["irc", "echo"], ids=["ngircd", "inspircd"])
def network(request, ngircd, inspircd):
    """The gateway's name and the port of its IRC server."""
    return request.param, {"irc": ngircd, "echo": inspircd}[request.param].port


# Joining and leaving

async def test_join(channel):
    there = await channel.room.join(channel.nick)
    assert set(there) == {channel.friend.nick, channel.nick}
    assert item(there[channel.friend.nick]).get("role") == "moderator"
    assert item(there[channel.friend.nick]).get("affiliation") == "admin"
    assert item(there[channel.nick]).get("role") == "participant"
    assert item(there[channel.nick]).get("affiliation") == "none"
    assert channel.room.subject == ""
    await channel.friend.expect(rf"^:{channel.nick}!\S+ JOIN :?{channel.name}")


async def test_join_by_another_nick(channel, name):
    """The nick is the account's: the room says that it gave another than was asked for."""
    there = await channel.room.join(name("wish"))
    assert channel.room.nick == channel.nick and {110, 210} <= codes(there[channel.nick])


async def test_join_with_a_topic(channel):
    channel.friend.send(f"TOPIC {channel.name} :of roses & <names>")
    await channel.friend.expect("TOPIC")
    await channel.room.join(channel.nick)
    assert channel.room.subject == "of roses & <names>"


async def test_join_before_the_sign_in(gateway, network, user, irc_friend, name):
    """Clients join as soon as they are there: the room waits for the account."""
    where, port = network
    nick, chan, friend, me = name("nick"), "#" + name("room"), await irc_friend(port), await user(gateway.server)
    await me.sign_up(gateway.jid(where), username=nick)
    friend.send(f"JOIN {chan}")
    await friend.expect(" 366 ")
    await me.logout()
    await friend.expect_online(nick, False)
    back = await user(gateway.server, me.name)
    there = await Room(back, gateway.jid(where, chan)).join(nick)
    assert set(there) == {nick, friend.nick}


async def test_leave(inside):
    inside.room.leave("good night")
    assert 110 in codes(await inside.room.goes(inside.nick))
    await inside.friend.expect(rf"^:{inside.nick}!\S+ PART {inside.name} :\"?good night")
    await inside.room.join(inside.nick)
    inside.friend.inbox.refuse(lambda line: f" PART {inside.name}" in line, "a second PART")


async def test_going_off_line_leaves(inside):
    await inside.me.logout()
    await inside.friend.expect(rf"^:{inside.nick}!\S+ (QUIT|PART)")


async def test_two_resources_are_one_occupant(gateway, inside, user):
    other = Room(await user(gateway.server, inside.me.name, "phone"), inside.room.jid)
    there = await other.join(inside.nick)
    assert set(there) == {inside.nick, inside.friend.nick}
    inside.friend.say(inside.name, "to both")
    await inside.room.heard(inside.friend.nick, "to both")
    await other.heard(inside.friend.nick, "to both")
    inside.room.leave()
    await inside.room.goes(inside.nick, 110)
    inside.friend.say(inside.name, "to one")
    await other.heard(inside.friend.nick, "to one")
    inside.friend.inbox.refuse(lambda line: f" PART {inside.name}" in line, "a PART of an occupant who is still there")
    inside.me.refuse("message", inside.room.jid, body="to one")


async def test_joining_twice_tells_all_again(inside):
    there = await inside.room.join(inside.nick)
    assert set(there) == {inside.nick, inside.friend.nick}


async def test_others_come_and_go(inside, irc_friend, network):
    other = await irc_friend(network[1])
    other.send(f"JOIN {inside.name}")
    presence = await inside.room.comes(other.nick, role="participant", affiliation="none")
    assert item(presence).get("jid")
    other.send(f"PART {inside.name} :tired")
    presence = await inside.room.goes(other.nick)
    assert "tired" in find(presence, "c:status").text
    other.send(f"JOIN {inside.name}")
    await inside.room.comes(other.nick)
    other.send("QUIT :home")
    await inside.room.goes(other.nick)


async def test_one_who_is_away(channel, irc_friend, network):
    """IRC tells so to who asks, after it has told of everybody."""
    channel.friend.send("AWAY :out")
    await channel.friend.expect(" 306 ")
    channel.room.ask(channel.nick)
    presence = await channel.me.expect("presence", channel.room.at(channel.friend.nick), "", has="c:show")
    assert find(presence, "c:show").text == "away" and item(presence).get("role") == "moderator"


# What is said

async def test_messages_both_ways(inside):
    inside.friend.say(inside.name, "wherefore & <why>")
    await inside.room.heard(inside.friend.nick, "wherefore & <why>")
    sent = inside.room.say("here, below")
    await inside.friend.expect(rf"^:{inside.nick}!\S+ PRIVMSG {inside.name} :here, below$")
    assert (await inside.room.heard(inside.nick, "here, below")).get("id") == sent


async def test_own_messages_come_once(inside):
    inside.room.say("once")
    await inside.room.heard(inside.nick, "once")
    inside.room.say("twice")
    await inside.room.heard(inside.nick, "twice")
    inside.friend.say(inside.name, "end")
    await inside.room.heard(inside.friend.nick, "end")
    inside.me.refuse("message", inside.room.jid, body="once")
    inside.me.refuse("message", inside.room.jid, body="twice")


async def test_own_messages_come_back_whole(inside):
    """Clients know their own by what they have put in (XEP-0359)."""
    inside.me.message(inside.room.jid, "hello", "<origin-id xmlns='urn:xmpp:sid:0' id='mine'/>", "groupchat")
    message = await inside.room.heard(inside.nick, "hello")
    assert message.find("{urn:xmpp:sid:0}origin-id").get("id") == "mine"


async def test_a_long_message(inside):
    """It goes in pieces, and the room shows it as it was said."""
    long = " ".join(f"word{n}" for n in range(300))
    inside.room.say(long)
    await inside.room.heard(inside.nick, long)
    await inside.friend.expect(r"PRIVMSG \S+ :word0 ")
    await inside.friend.expect(r"PRIVMSG \S+ :.*word299$")


async def test_several_lines(inside):
    inside.room.say("one\ntwo")
    await inside.friend.expect(r"PRIVMSG \S+ :one$")
    await inside.friend.expect(r"PRIVMSG \S+ :two$")
    await inside.room.heard(inside.nick, "one\ntwo")


async def test_actions_both_ways(inside):
    inside.friend.say(inside.name, "\x01ACTION waves\x01")
    await inside.room.heard(inside.friend.nick, "/me waves")
    inside.room.say("/me bows")
    await inside.friend.expect("PRIVMSG \\S+ :\x01ACTION bows\x01")
    await inside.room.heard(inside.nick, "/me bows")


async def test_notices(inside):
    inside.friend.send(f"NOTICE {inside.name} :attention")
    await inside.room.heard(inside.friend.nick, "(notice) attention")


async def test_ctcp_to_a_room(inside):
    """What programs ask each other, nobody reads."""
    inside.friend.say(inside.name, "\x01VERSION\x01")
    inside.friend.say(inside.name, "\x01PING 12345\x01")
    inside.friend.say(inside.name, "in words")
    await inside.room.heard(inside.friend.nick, "in words")
    inside.me.refuse("message", inside.room.at(inside.friend.nick), has="c:body")


async def test_two_users_in_one_channel(gateway, inside, network, user, name):
    other, nick = await user(gateway.server), name("nick")
    await other.sign_up(gateway.jid(network[0]), username=nick)
    there = await (room := Room(other, inside.room.jid)).join(nick)
    assert set(there) == {inside.nick, inside.friend.nick, nick}
    await inside.room.comes(nick)
    inside.room.say("hello")
    await room.heard(inside.nick, "hello")
    await inside.room.heard(inside.nick, "hello")
    room.say("and back")
    await inside.room.heard(nick, "and back")
    await room.heard(nick, "and back")
    inside.friend.say(inside.name, "end")
    for one in (room, inside.room):
        await one.heard(inside.friend.nick, "end")
        for text in ("hello", "and back", "end"):
            one.user.refuse("message", one.jid, body=text)


async def test_private_messages(inside):
    inside.room.say_to(inside.friend.nick, "psst")
    await inside.friend.expect_message(inside.nick, "psst")
    inside.friend.say(inside.nick, "yes?")
    await inside.room.private(inside.friend.nick, "yes?")


async def test_private_message_to_nobody(inside):
    await inside.me.expect_error(inside.room.say_to("nobody", "psst"), "cancel item-not-found")


async def test_not_inside(channel):
    await channel.me.expect_error(channel.room.say("let me"), "modify not-acceptable")


async def test_one_to_one_with_an_occupant_stays_apart(gateway, inside, network):
    contact = gateway.jid(network[0], inside.friend.nick)
    inside.me.message(contact, "here too")
    await inside.friend.expect_message(inside.nick, "here too")
    inside.friend.say(inside.nick, "there too")
    await inside.me.expect_body(contact, "there too")
    inside.room.say_to(inside.friend.nick, "by the room")
    await inside.friend.expect_message(inside.nick, "by the room")
    inside.friend.say(inside.nick, "in the room")
    await inside.room.private(inside.friend.nick, "in the room")
    inside.me.message(contact, "out again")
    await inside.friend.expect_message(inside.nick, "out again")
    inside.friend.say(inside.nick, "out as well")
    await inside.me.expect_body(contact, "out as well")


# Topics, nicks, ranks

async def test_topic_both_ways(inside):
    inside.friend.send(f"MODE {inside.name} -t", f"TOPIC {inside.name} :spring")
    await inside.room.topic("spring")
    inside.room.set_topic("summer")
    await inside.friend.expect(rf"^:{inside.nick}!\S+ TOPIC {inside.name} :summer")
    await inside.room.topic("summer")


async def test_topic_is_refused(inside):
    inside.friend.send(f"MODE {inside.name} +t")
    inside.friend.say(inside.name, "set")
    await inside.room.heard(inside.friend.nick, "set")
    await inside.me.expect_error(inside.room.set_topic("mine"), "auth forbidden")


async def test_others_change_their_nick(inside, name):
    new, old = name("other"), inside.friend.nick
    inside.friend.send(f"NICK {new}")
    presence = await inside.room.goes(old, 303)
    assert item(presence).get("nick") == new
    await inside.room.comes(new, role="moderator")


async def test_own_nick(inside, name):
    new = name("mine")
    inside.me.presence(None, inside.room.at(new))
    presence = await inside.room.goes(inside.nick, 110, 303)
    assert item(presence).get("nick") == new
    assert 110 in codes(await inside.room.comes(new))
    await inside.friend.expect(rf"^:{inside.nick}!\S+ NICK :?{new}$")
    inside.room.say("by another name")
    await inside.room.heard(new, "by another name")


async def test_nick_conflict_in_the_room(inside):
    inside.me.presence(None, inside.room.at(inside.friend.nick))
    reply = await inside.me.expect("presence", inside.room.at(inside.friend.nick), "error")
    assert condition(reply) == "cancel conflict" and error_text(reply)


async def test_nick_conflict_on_the_server(inside, irc_friend, network):
    stranger = await irc_friend(network[1])
    inside.me.presence(None, inside.room.at(stranger.nick))
    reply = await inside.me.expect("presence", inside.room.at(stranger.nick), "error")
    assert condition(reply) == "cancel conflict" and error_text(reply)


async def test_ranks_from_the_network(inside):
    inside.friend.send(f"MODE {inside.name} +v {inside.nick}")
    await inside.room.comes(inside.nick, role="participant", affiliation="member")
    inside.friend.send(f"MODE {inside.name} +o {inside.nick}")
    await inside.room.comes(inside.nick, role="moderator", affiliation="admin")
    inside.friend.send(f"MODE {inside.name} -ov {inside.nick} {inside.nick}")
    await inside.room.comes(inside.nick, role="participant", affiliation="none")


async def test_modes_are_told_in_the_room(inside):
    inside.friend.send(f"MODE {inside.name} +m")
    message = await inside.me.expect("message", inside.room.jid, "groupchat", has="c:body", where=lambda m: "+m" in find(m, "c:body").text)
    assert message.get("from") == inside.room.jid


@pytest_asyncio.fixture
async def operator(inside):
    inside.friend.send(f"MODE {inside.name} +o {inside.nick}")
    await inside.room.comes(inside.nick, role="moderator")
    return inside


async def test_ranks_from_us(operator, irc_friend, network):
    other = await irc_friend(network[1])
    other.send(f"JOIN {operator.name}")
    await operator.room.comes(other.nick)
    for given, shown in [({"role": "moderator"}, "moderator"), ({"affiliation": "member"}, "participant"), ({"affiliation": "admin"}, "moderator"),
                         ({"role": "visitor"}, "participant")]:
        reply = await operator.room.act(other.nick, **given)
        assert reply.get("type") == "result", show(reply)
        await operator.room.comes(other.nick, role=shown)


async def test_kick(operator, irc_friend, network):
    other = await irc_friend(network[1])
    other.send(f"JOIN {operator.name}")
    await operator.room.comes(other.nick)
    reply = await operator.room.act(other.nick, "too loud", role="none")
    assert reply.get("type") == "result", show(reply)
    await other.expect(rf"^:{operator.nick}!\S+ KICK {operator.name} {other.nick} :too loud$")
    presence = await operator.room.goes(other.nick, 307)
    assert find(item(presence), "mucuser:reason").text == "too loud"
    assert find(item(presence), "mucuser:actor").get("nick") == operator.nick


async def test_ban(operator, irc_friend, network):
    other = await irc_friend(network[1])
    other.send(f"JOIN {operator.name}")
    await operator.room.comes(other.nick)
    reply = await operator.room.act(other.nick, affiliation="outcast")
    assert reply.get("type") == "result", show(reply)
    await operator.room.goes(other.nick)
    other.send(f"JOIN {operator.name}")
    await other.expect(" 474 ")


async def test_what_is_so_already_is_done_at_once(operator):
    for rank in ({"role": "moderator"}, {"affiliation": "admin"}):
        async with asyncio.timeout(5):
            reply = await operator.room.act(operator.friend.nick, **rank)
        assert reply.get("type") == "result", show(reply)


@pytest.mark.parametrize("rank", [{"role": "none"}, {"affiliation": "outcast"}, {"role": "moderator"}], ids=str)
async def test_acting_without_the_right(inside, rank):
    reply = await inside.room.act(inside.friend.nick, **rank)
    assert condition(reply) == "auth forbidden" and error_text(reply), show(reply)


async def test_being_kicked(inside):
    inside.friend.send(f"KICK {inside.name} {inside.nick} :out & away")
    presence = await inside.room.goes(inside.nick, 110, 307)
    assert find(item(presence), "mucuser:reason").text == "out & away"
    assert find(item(presence), "mucuser:actor").get("nick") == inside.friend.nick
    await inside.me.expect_error(inside.room.say("but"), "modify not-acceptable")
    await inside.room.join(inside.nick)


@pytest.mark.parametrize("encoding, words", [("ISO-8859-1", "größer"), ("CP1251", "дальше")])
async def test_another_encoding(gateway, user, irc_friend, inspircd, name, encoding, words):
    """What is said, the topic and the reasons, both ways; from somebody who writes UTF-8 there, too."""
    me, nick, chan = await user(gateway.server), name("nick"), "#" + name("room")
    friend, modern = await irc_friend(inspircd.port, encoding=encoding), await irc_friend(inspircd.port)
    await me.sign_up(gateway.jid("other"), username=nick, **{"option.server": "127.0.0.1", "option.encoding": encoding,
                                                             "option.autodetect_utf8": "true"})
    room = Room(me, gateway.jid("other", f"{chan}%127.0.0.1"))
    await room.join(nick)
    for one in (friend, modern):
        one.send(f"JOIN {chan}")
        await room.comes(one.nick)
        one.say(chan, words)
        await room.heard(one.nick, words)
    room.say(words)
    await friend.expect(rf" PRIVMSG {chan} :{words}$")
    room.set_topic(words)
    await friend.expect(rf" TOPIC {chan} :{words}$")
    await room.topic(words)
    await room.act(modern.nick, words, role="none")
    await friend.expect(rf" KICK {chan} {modern.nick} :{words}$")
    assert find(item(await room.goes(modern.nick, 307)), "mucuser:reason").text == words
    friend.send(f"PART {chan} :{words}")
    assert words in find(await room.goes(friend.nick), "c:status").text
    await friend.quit()


# Joining that fails

async def test_password(channel):
    channel.friend.send(f"MODE {channel.name} +k sesame")
    await channel.friend.expect(r"MODE \S+ \+k")
    assert await channel.room.refused(channel.nick) == "auth not-authorized"
    assert await channel.room.refused(channel.nick, "wrong") == "auth not-authorized"
    assert channel.nick in await channel.room.join(channel.nick, "sesame")


@pytest.mark.parametrize("mode, wanted", [("+i", "auth registration-required"), ("+l 1", "wait service-unavailable"),
                                          ("+b {}!*@*", "auth forbidden")])
async def test_closed_to_us(channel, mode, wanted):
    channel.friend.send(f"MODE {channel.name} {mode.format(channel.nick)}")
    await channel.friend.expect(r"MODE \S+ :?\+")
    assert await channel.room.refused(channel.nick) == wanted


async def test_no_room_of_this_name(gateway, network, user, irc_friend, name):
    me, nick = await user(gateway.server), name("nick")
    await me.sign_up(gateway.jid(network[0]), username=nick)
    assert await Room(me, gateway.jid(network[0], "someone")).refused(nick) == "cancel item-not-found"
    assert await Room(me, gateway.jid(network[0], "#")).refused(nick) == "cancel item-not-found"
    assert await Room(me, gateway.jid(network[0], "#a,b")).refused(nick) == "cancel item-not-found"


async def test_no_nick(channel):
    channel.me.presence(None, channel.room.jid, f"<x xmlns='{NS['muc']}'/>")
    reply = await channel.me.expect("presence", channel.room.jid, "error")
    assert condition(reply) == "modify jid-malformed"


async def test_without_an_account(gateway, network, user):
    me = await user(gateway.server)
    assert await Room(me, gateway.jid(network[0], "#somewhere")).refused("me") == "auth registration-required"


# What is asked of a room

async def test_what_a_room_is(inside):
    reply = await inside.me.ask(inside.room.jid, "<query xmlns='http://jabber.org/protocol/disco#info'/>")
    identity = find(reply, "info:query/info:identity")
    assert (identity.get("category"), identity.get("type"), identity.get("name")) == ("conference", "text", inside.name)
    assert NS["muc"] in [one.get("var") for one in reply.iterfind("info:query/info:feature", NS)]


async def test_who_is_there(inside):
    reply = await inside.me.ask(inside.room.jid, "<query xmlns='http://jabber.org/protocol/disco#items'/>")
    assert {one.get("jid") for one in reply.iterfind("items:query/items:item", NS)} == {
        inside.room.at(inside.nick), inside.room.at(inside.friend.nick)}


async def test_who_is_there_is_not_for_outsiders(channel):
    reply = await channel.me.ask(channel.room.jid, "<query xmlns='http://jabber.org/protocol/disco#items'/>")
    assert find(reply, "items:query/items:item") is None and reply.get("type") == "result"


async def test_self_ping(inside):
    ping = "<ping xmlns='urn:xmpp:ping'/>"
    assert (await inside.me.ask(inside.room.at(inside.nick), ping)).get("type") == "result"
    inside.room.leave()
    await inside.room.goes(inside.nick)
    assert condition(await inside.me.ask(inside.room.at(inside.nick), ping)) == "modify not-acceptable"


async def test_presence_of_one_who_is_not_inside(channel):
    """A client that believes to be in hears that it is not."""
    channel.me.presence(None, channel.room.at(channel.nick), "<show>away</show>")
    await channel.room.goes(channel.nick, 110, 333)


async def test_a_room_is_no_contact(channel):
    channel.me.presence("subscribe", channel.room.jid)
    reply = await channel.me.expect("presence", channel.room.jid, "error")
    assert condition(reply) == "cancel not-allowed" and error_text(reply)


async def test_moderators(inside):
    reply = await inside.me.ask(inside.room.jid, f"<query xmlns='{NS['admin']}'><item role='moderator'/></query>")
    assert [one.get("nick") for one in reply.iterfind("admin:query/admin:item", NS)] == [inside.friend.nick]


# Lists

def listed(reply):
    return {one.get("jid"): one.get("name") for one in reply.iterfind("items:query/items:item", NS)}


async def items(user, domain, page=""):
    inside = f"<set xmlns='{NS['rsm']}'>{page}</set>" if page else ""
    return await user.ask(domain, f"<query xmlns='http://jabber.org/protocol/disco#items'>{inside}</query>")


async def test_list_of_rooms(gateway, network, user, irc_friend, name):
    me, nick, friend = await user(gateway.server), name("nick"), await irc_friend(network[1])
    domain, stem = gateway.jid(network[0]), name("#list")
    for number in range(7):
        friend.send(f"JOIN {stem}{number}")
        await friend.expect(rf" 366 \S+ {stem}{number} ")
    await me.sign_up(domain, username=nick)
    whole = listed(await items(me, domain))
    assert {f"{stem}{number}@{domain}" for number in range(7)} <= set(whole)
    assert whole[f"{stem}3@{domain}"] == f"{stem}3 (1)"
    pages, page = {}, "<max>3</max>"
    while True:
        reply = await items(me, domain, page)
        assert int(find(reply, "items:query/rsm:set/rsm:count").text) == len(whole)
        some = listed(reply)
        assert len(some) <= 3 and not set(some) & set(pages)
        if not some:
            break
        pages.update(some)
        page = f"<max>3</max><after>{find(reply, 'items:query/rsm:set/rsm:last').text}</after>"
    assert pages == whole
    last = listed(await items(me, domain, "<max>2</max><before/>"))
    assert list(last) == list(whole)[-2:]
    assert listed(await items(me, domain, "<max>0</max>")) == {}
    assert condition(await items(me, domain, "<max>3</max><after>nothing</after>")) == "cancel item-not-found"


async def test_no_list_for_strangers(gateway, network, user):
    reply = await items(await user(gateway.server), gateway.jid(network[0]))
    assert reply.get("type") == "result" and not listed(reply)


# Invitations

async def test_being_invited(channel):
    channel.friend.send(f"MODE {channel.name} +i", f"INVITE {channel.nick} {channel.name}")
    message = await channel.me.expect("message", channel.room.jid, has="mucuser:x/mucuser:invite")
    assert find(message, "mucuser:x/mucuser:invite").get("from").startswith(channel.friend.nick.lower() + "@")
    assert channel.nick in await channel.room.join(channel.nick)


async def test_inviting(operator, gateway, irc_friend, network):
    other = await irc_friend(network[1])
    contact = gateway.jid(network[0], other.nick)
    operator.me.message(operator.room.jid, None, f"<x xmlns='{NS['mucuser']}'><invite to='{contact}'/></x>", "normal")
    await other.expect(rf"^:{operator.nick}!\S+ INVITE {other.nick} :?{operator.name}")


async def test_inviting_somebody_here(inside, gateway, user):
    other = await user(gateway.server)
    inside.me.message(inside.room.jid, None, f"<x xmlns='{NS['mucuser']}'><invite to='{other.jid}'><reason>come</reason></invite></x>", "normal")
    message = await other.expect("message", inside.room.jid, has="mucuser:x/mucuser:invite/mucuser:reason")
    assert find(message, "mucuser:x/mucuser:invite").get("from") == inside.me.jid


async def test_a_client_that_is_gone_leaves(inside):
    """Its server says so, by an error to what the room sends."""
    inside.me.xml(f"<presence type='error' to='{inside.room.at(inside.nick)}'><error type='cancel'>"
                  "<recipient-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>")
    await inside.friend.expect(rf"^:{inside.nick}!\S+ PART :?{inside.name}")


# Names

@pytest.mark.parametrize("chan", ["#Grüner-Tisch", "#a@b", "#'quote\"&<x>", "#50%", "##two", "#dot.dot", "#sl/ash", "#b\\s20"])
async def test_names_of_channels(gateway, network, user, irc_friend, name, chan):
    me, nick, chan = await user(gateway.server), name("nick"), chan + name("x")
    friend, _ = await asyncio.gather(irc_friend(network[1]), me.sign_up(gateway.jid(network[0]), username=nick))
    friend.send(f"JOIN {chan}")
    await friend.expect(" 366 ")
    room = Room(me, gateway.jid(network[0], chan.lower()))
    assert set(await room.join(nick)) == {nick, friend.nick}
    friend.say(chan, "hello")
    await room.heard(friend.nick, "hello")
    room.say("back")
    await friend.expect(r"PRIVMSG \S+ :back$")


async def test_two_servers_at_one_gateway(gateway, user, irc_friend, inspircd, name):
    me, friend, nick, chan = await user(gateway.server), await irc_friend(inspircd.port), name("nick"), "#" + name("room")
    await me.sign_up(gateway.jid("other"), username=nick, **{"option.server": "127.0.0.1"})
    friend.send(f"JOIN {chan}")
    await friend.expect(" 366 ")
    room = Room(me, gateway.jid("other", f"{chan}%127.0.0.1"))
    assert set(await room.join(nick)) == {nick, friend.nick}
    room.say("hello")
    await friend.expect(r"PRIVMSG \S+ :hello$")


# Rooms of another XMPP server: the friend is there by the server's own rooms, the user by the gateway.

class Pair:
    def __init__(self, ours, theirs):
        self.ours, self.theirs = ours, theirs


@pytest_asyncio.fixture
async def outside(gateway, on_xmpp, name):
    room = f"{name('garden')}@rooms.elsewhere.test"
    theirs = Room(on_xmpp.friend, room)
    await theirs.join("Juliet")
    return Pair(Room(on_xmpp.me, gateway.jid("xmpp", room)), theirs)


@pytest_asyncio.fixture
async def together(outside):
    there = await outside.ours.join("Romeo")
    assert set(there) == {"Juliet", "Romeo"}
    await outside.theirs.comes("Romeo")
    return outside


async def test_xmpp_join_and_leave(together):
    together.ours.leave()
    await together.ours.goes("Romeo", 110)
    await together.theirs.goes("Romeo")


async def test_xmpp_leave_and_join_at_once(together):
    for _ in range(3):
        together.ours.leave()
        assert set(await together.ours.join("Romeo")) == {"Juliet", "Romeo"}


async def test_xmpp_messages(together):
    together.theirs.say("wherefore & <why>")
    await together.ours.heard("Juliet", "wherefore & <why>")
    sent = together.ours.say("here *below*")
    await together.theirs.heard("Romeo", "here *below*")
    assert (await together.ours.heard("Romeo", "here *below*")).get("id") == sent
    together.theirs.say("end")
    await together.ours.heard("Juliet", "end")
    together.ours.user.refuse("message", together.ours.jid, body="here *below*")


async def test_xmpp_topic(together):
    together.theirs.set_topic("of roses")
    await together.ours.topic("of roses")


async def test_xmpp_topic_is_refused(together):
    await together.ours.user.expect_error(together.ours.set_topic("of thorns"), "auth forbidden")


async def test_xmpp_nicks(together):
    together.theirs.user.presence(None, together.theirs.at("Julia"))
    await together.ours.goes("Juliet", 303)
    await together.ours.comes("Julia")
    together.ours.user.presence(None, together.ours.at("Romano"))
    await together.ours.goes("Romeo", 110, 303)
    await together.ours.comes("Romano")
    await together.theirs.comes("Romano")


async def test_xmpp_nick_conflict(outside):
    assert await outside.ours.refused("Juliet") == "cancel conflict"


async def test_xmpp_private_messages(together):
    together.ours.say_to("Juliet", "psst")
    await together.theirs.private("Romeo", "psst")
    together.theirs.say_to("Romeo", "yes?")
    await together.ours.private("Juliet", "yes?")


async def test_xmpp_private_messages_follow_a_nick(together):
    together.theirs.user.presence(None, together.theirs.at("Julia"))
    await together.ours.comes("Julia")
    together.theirs.say("it is still me")
    await together.ours.heard("Julia", "it is still me")
    together.ours.say_to("Julia", "psst")
    await together.theirs.private("Romeo", "psst")


async def test_xmpp_being_kicked(together):
    reply = await together.theirs.act("Romeo", "out", role="none")
    assert reply.get("type") == "result", show(reply)
    await together.ours.goes("Romeo", 110, 307)


async def test_xmpp_banned(outside):
    reply = await outside.theirs.user.ask(
        outside.theirs.jid, f"<query xmlns='{NS['admin']}'><item affiliation='outcast' jid='nobody@elsewhere.test'/></query>", "set")
    assert reply.get("type") == "result"


async def test_xmpp_no_such_server(gateway, on_xmpp):
    room = Room(on_xmpp.me, gateway.jid("xmpp", "garden@nowhere.elsewhere.test"))
    assert await room.refused("Romeo") in ("cancel item-not-found", "wait resource-constraint", "cancel not-allowed")


# A server that says what real ones do not on demand

@pytest_asyncio.fixture
async def scripted(gateway, user, scripted_ircd, name):
    """A user on it, in a room with these others, whoever they are."""
    ircd, me, nick = await scripted_ircd(), await user(gateway.server), name("nick")
    await me.sign_up(gateway.jid("other"), username=nick, **{"option.server": "localhost", "option.port": ircd.port})

    async def join(others, chan="#big"):
        room = Room(me, gateway.jid("other", f"{chan}%localhost"))
        room.ask(nick)
        await ircd.expect(f"^JOIN {chan}")
        ircd.send(nick, f":{nick}!n@host JOIN {chan}")
        for start in range(0, len(others), 20):
            ircd.send(nick, f":scripted.test 353 {nick} = {chan} :{' '.join(others[start:start + 20])}")
        ircd.send(nick, f":scripted.test 353 {nick} = {chan} :{nick}")
        ircd.send(nick, f":scripted.test 366 {nick} {chan} :End of /NAMES list.")
        room.nick = nick
        return ircd, room

    return join


async def test_two_thousand_occupants(scripted, user):
    others = [f"{'@' if n % 100 == 0 else ''}occupant{n:04}" for n in range(2000)]
    ircd, room = await scripted(others)
    await room.user.expect("message", room.jid, "groupchat", has="c:subject", timeout=30)
    there = [p for p in room.user.inbox.things if p.tag.endswith("presence") and (p.get("from") or "").startswith(room.jid + "/")]
    assert {nick_of(p) for p in there} == {nick.lstrip("@") for nick in others} | {room.nick} and len(there) == 2001
    assert sum(item(p).get("role") == "moderator" for p in there) == 20
    ircd.send(room.nick, ":occupant0007!o@host PRIVMSG #big :hello")
    await room.heard("occupant0007", "hello")
    for nick in others[:500]:
        ircd.send(room.nick, f":{nick.lstrip('@')}!o@host QUIT :one.test two.test")
    ircd.send(room.nick, ":occupant1999!o@host PRIVMSG #big :still here")
    await room.heard("occupant1999", "still here", timeout=30)
    gone = {nick_of(await room.user.expect("presence", None, "unavailable", where=lambda p: "occupant" in p.get("from"))) for _ in range(500)}
    assert gone == {nick.lstrip("@") for nick in others[:500]}


async def test_many_come_and_go(scripted, user):
    """Those who stay are told in the end, in slices; those who have gone again meanwhile are not told at all; who speaks is known."""
    ircd, room = await scripted(["plain"], "#busy")
    await room.user.expect("message", room.jid, "groupchat", has="c:subject")
    come = lambda nick: ircd.send(room.nick, f":{nick}!n@host JOIN #busy")
    go = lambda nick: ircd.send(room.nick, f":{nick}!n@host PART #busy")
    for number in range(300):
        come(f"first{number}")
    for number in range(1000):
        come("restless")
        go("restless")
    come("speaker")
    ircd.send(room.nick, ":speaker!n@host PRIVMSG #busy :what a crowd")
    await room.heard("speaker", "what a crowd")
    speaker = [p for p in room.user.inbox.things if p.tag.endswith("presence") and p.get("from") == room.at("speaker")]
    assert len(speaker) == 1, "somebody spoke who was not there"
    assert {nick_of(await room.user.expect("presence", None, "", where=lambda p: "first" in p.get("from"))) for _ in range(300)} \
        == {f"first{number}" for number in range(300)}
    for number in range(300):
        go(f"first{number}")
    go("plain")
    assert {nick_of(await room.user.expect("presence", None, "unavailable", where=lambda p: "first" in p.get("from"))) for _ in range(300)} \
        == {f"first{number}" for number in range(300)}
    await room.goes("plain")
    restless = [p for p in room.user.inbox.things if p.tag.endswith("presence") and p.get("from") == room.at("restless")]
    assert len(restless) < 300, f"{len(restless)} presences of one who came and went 1000 times"
    assert not restless or restless[-1].get("type") == "unavailable"


async def comes_to(user, wanted, roles):
    """Reads presence, and nothing but presence, until those in each room have the roles that are wanted; ROLES is what was."""
    while True:
        user.inbox.changed.clear()
        for stanza in user.inbox.take(lambda one: (one.get("from") or "").partition("/")[0] in wanted):
            there = roles[stanza.get("from").partition("/")[0]]
            assert stanza.tag.endswith("presence"), show(stanza)
            if stanza.get("type") == "unavailable":
                del there[nick_of(stanza)]
            else:
                there[nick_of(stanza)] = item(stanza).get("role")
        if roles == wanted:
            return
        await user.inbox.changed.wait()


async def test_a_netsplit(gateway, scripted, user, irc_friend, inspircd, name):
    """Two thousand people of two rooms go and come back: nothing is said of it, and others' messages pass."""
    people = [f"person{n:04}" for n in range(2000)]
    ircd, one = await scripted(people, "#one")
    _, two = await scripted(people, "#two")
    me, nick = one.user, one.nick
    other, other_nick, friend = await user(gateway.server), name("nick"), await irc_friend(inspircd.port)
    await other.sign_up(gateway.jid("other"), username=other_nick, **{"option.server": "127.0.0.1"})
    for room in (one, two):
        await me.expect("message", room.jid, "groupchat", has="c:subject", timeout=30)
    for turn in range(2):
        me.inbox.clear()
        ircd.send(nick, "\r\n".join(f":{person}!p@host QUIT :one.test two.test" for person in people))
        friend.say(other_nick, f"split {turn}")
        ircd.send(nick, f":person!p@host PRIVMSG {nick} :during {turn}")
        await other.expect_body(gateway.jid("other", f"{friend.nick}%127.0.0.1"), f"split {turn}")
        await me.expect_body(gateway.jid("other", "person%localhost"), f"during {turn}", timeout=30)
        ircd.send(nick, "\r\n".join(f":{person}!p@host JOIN {chan}" for person in people for chan in ("#one", "#two")))
        ircd.send(nick, "\r\n".join(f":two.test MODE {chan} +ov {person} {person}" for person in people[::10] for chan in ("#one", "#two")))
        ircd.send(nick, f":person0000!p@host PRIVMSG #two :back {turn}")
        await two.heard("person0000", f"back {turn}", timeout=30)
        # Who is back before it was told that they are gone never was: what counts is what it comes to.
        wanted = {person: "moderator" if person in people[::10] else "participant" for person in people}
        await asyncio.wait_for(comes_to(me, {room.jid: wanted for room in (one, two)}, {room.jid: dict.fromkeys(people, "participant")
                                                                                       for room in (one, two)}), 30)


@pytest.mark.parametrize("nick, shown", [
    ("x" * 500, "x" * 500), ("a\x02b\x1fc", "abc"), ("<b>&\"'", "<b>&\"'"), ("\u202eevil", "\u202eevil"), ("tab\there", "tab\there")],
    ids=["long", "controls", "markup", "right-to-left", "tab"])
async def test_odd_nicks(scripted, nick, shown):
    """What no sane server lets be a nick does no harm, here or at the XMPP server."""
    ircd, room = await scripted(["plain"])
    await room.user.expect("message", room.jid, "groupchat", has="c:subject")
    ircd.send(room.nick, f":{nick}!n@host JOIN #big")
    ircd.send(room.nick, f":{nick}!n@host PRIVMSG #big :by an odd one")
    ircd.send(room.nick, ":plain!n@host PRIVMSG #big :by a plain one")
    await room.heard("plain", "by a plain one")


@pytest.mark.parametrize("text", ["\x02bold\x02 \x0304red\x03 \x16\x1f\x0f", "<script>alert('x')</script> & ]]>", "\u202etxet", "\ufffe\uffff end"],
                         ids=["colours", "markup", "right-to-left", "no-characters"])
async def test_odd_topics_and_texts(scripted, text):
    ircd, room = await scripted(["plain"])
    await room.user.expect("message", room.jid, "groupchat", has="c:subject")
    ircd.send(room.nick, f":plain!n@host TOPIC #big :{text}")
    ircd.send(room.nick, f":plain!n@host PRIVMSG #big :{text}")
    ircd.send(room.nick, f":plain!n@host PART #big :{text}")
    await room.goes("plain")
    await room.user.expect("message", room.at("plain"), "groupchat", has="c:body")


async def test_a_join_that_nobody_answers(gateway, user, scripted_ircd, name):
    ircd, me, nick = await scripted_ircd(), await user(gateway.server), name("nick")
    await me.sign_up(gateway.jid("other"), username=nick, **{"option.server": "localhost", "option.port": ircd.port})
    room = Room(me, gateway.jid("other", "#mute%localhost"))
    room.ask(nick)
    reply = await me.expect("presence", room.at(nick), "error", timeout=45)
    assert condition(reply) == "wait remote-server-timeout" and error_text(reply)


async def test_many_orders_at_once(scripted):
    """Each is answered, the refused one as refused; the server is asked few times whether it has done them all."""
    ircd, room = await scripted([f"other{n}" for n in range(10)])
    await room.user.expect("message", room.jid, "groupchat", has="c:subject")
    ircd.answers[r"^MODE #big \+o other0"] = [f":scripted.test 482 {room.nick} #big :You are nobody"]
    ircd.pongs = False
    acts = asyncio.gather(*(room.act(f"other{n}", role="moderator") for n in range(10)))
    ping = await ircd.expect("^PING :passerelle-[0-9]+$")
    for n in range(10):
        await ircd.expect(rf"^MODE #big \+o other{n}$")
    ircd.tried.refuse(lambda line: line.startswith("PING :passerelle"), "a PING for each")
    ircd.pongs = True
    ircd.send(room.nick, f":scripted.test PONG scripted.test {ping.group(0)[5:]}")
    async with asyncio.timeout(5):
        replies = await acts
    assert sorted(reply.get("type") for reply in replies) == ["error"] + 9 * ["result"]
    assert sum(line.startswith("PING :passerelle") for line in ircd.tried.things) == 1


# Trouble

async def test_the_worker_dies(gateway, inside):
    """Everything is told as it is: those who left meanwhile are gone, the room goes on."""
    for pid in gateway.workers():
        os.kill(pid, signal.SIGKILL)
    await inside.me.expect("message", inside.room.jid, "groupchat", where=lambda m: "lost" in (find(m, "c:body").text or ""))
    await inside.room.comes(inside.room.nick)
    inside.friend.say(inside.name, "welcome back")
    await inside.room.heard(inside.friend.nick, "welcome back")
    inside.room.say("thanks")
    await inside.friend.expect(r"PRIVMSG \S+ :thanks$")
    gateway.expected.append("ended")
