# SPDX-License-Identifier: GPL-2.0-or-later
"""Presence: signing in and out by it, status both ways, several resources, probes."""

import pytest

from client import condition, find, show, text
from conftest import running
from gateway import irc, xmpp
from servers import PASSWORD


@pytest.fixture(scope="module")
def gateway(prosody, ngircd, elsewhere):
    with running(prosody, {"irc": irc(ngircd.port), "xmpp": xmpp(elsewhere)}) as gateway:
        yield gateway


def is_shown(what, status=None):
    return lambda p: text(p, "c:show") == what and (status is None or text(p, "c:status") == status)


async def test_the_gateway_shows_the_sign_in(gateway, user, name):
    me, domain = await user(gateway.server), gateway.jid("irc")
    reply = await me.register(domain, username=name("nick"))
    assert reply.get("type") == "result", show(reply)
    await me.expect_signed_in(domain)
    me.presence("unavailable", domain)
    await me.expect("presence", domain, "unavailable")


async def test_sign_in_and_out_with_the_users_presence(gateway, on_irc):
    domain = gateway.jid("irc")
    await on_irc.friend.expect_online(on_irc.nick, True)
    on_irc.me.inbox.clear()
    on_irc.me.presence("unavailable")
    await on_irc.friend.expect_online(on_irc.nick, False)
    on_irc.me.available()
    await on_irc.me.expect_signed_in(domain)
    await on_irc.friend.expect_online(on_irc.nick, True)


async def test_the_last_resource_counts(gateway, on_irc, user):
    domain, phone = gateway.jid("irc"), await user(gateway.server, on_irc.me.name, "phone")
    await phone.expect_signed_in(domain)
    on_irc.me.presence("unavailable")
    on_irc.me.available()
    await on_irc.me.expect_signed_in(domain)
    on_irc.me.presence("unavailable")
    phone.message(on_irc.contact, "still here")
    await on_irc.friend.expect_message(on_irc.nick, "still here")
    await on_irc.friend.expect_online(on_irc.nick, True)


async def test_every_resource_gets_the_contacts(friends, user, gateway):
    phone = await user(gateway.server, friends.me.name, "phone")
    await phone.expect("presence", friends.contact, "")


async def test_status_text_to_the_network(friends):
    friends.me.available("away", "lunch & more")
    await friends.friend.expect("presence", friends.nick, "", where=is_shown("away", "lunch & more"))
    friends.me.available("dnd", "working")
    await friends.friend.expect("presence", friends.nick, "", where=is_shown("dnd", "working"))
    friends.me.available()
    await friends.friend.expect("presence", friends.nick, "", where=is_shown(None))


async def test_status_text_from_the_network(friends):
    for what, status in (("away", "à table <&>"), ("dnd", "busy"), ("xa", "long"), ("chat", "hi")):
        friends.friend.available(what, status)
        await friends.me.expect("presence", friends.contact, "", where=is_shown(what, status))
    friends.friend.presence("unavailable")
    await friends.me.expect("presence", friends.contact, "unavailable")


async def test_the_most_available_resource_speaks(friends, user, gateway):
    friends.me.available("away", "desk away")
    await friends.friend.expect("presence", friends.nick, "", where=is_shown("away"))
    phone = await user(gateway.server, friends.me.name, "phone")
    await friends.friend.expect("presence", friends.nick, "", where=is_shown(None))
    phone.presence("unavailable")
    await friends.friend.expect("presence", friends.nick, "", where=is_shown("away", "desk away"))


async def test_a_higher_priority_speaks_first(friends, user, gateway):
    friends.me.available("dnd", "at the desk", 10)
    await friends.friend.expect("presence", friends.nick, "", where=is_shown("dnd"))
    phone = await user(gateway.server, friends.me.name, "phone", show="dnd", status="on the phone", priority=1)
    await phone.expect("presence", friends.contact, "")
    phone.available("dnd", "phone first", 20)
    await friends.friend.expect("presence", friends.nick, "", where=is_shown("dnd", "phone first"))
    friends.friend.refuse("presence", friends.nick, where=is_shown("dnd", "on the phone"))


async def test_irc_away(on_irc):
    on_irc.me.available("away", "gone fishing")
    on_irc.me.message(on_irc.contact, "after the away")
    await on_irc.friend.expect_message(on_irc.nick, "after the away")
    on_irc.friend.say(on_irc.nick, "there?")
    await on_irc.friend.expect(f" 301 \\S+ {on_irc.nick} :gone fishing")


async def test_an_irc_contact_is_online(on_irc):
    await on_irc.me.add_contact(on_irc.contact)
    await on_irc.me.expect("presence", on_irc.contact, "")


async def test_a_probe_is_answered(friends, gateway):
    friends.friend.available("away", "probe me")
    await friends.me.expect("presence", friends.contact, "", where=is_shown("away"))
    friends.me.presence("probe", friends.contact)
    await friends.me.expect("presence", friends.contact, "", where=is_shown("away", "probe me"))
    friends.me.presence("probe", gateway.jid("xmpp"))
    await friends.me.expect_signed_in(gateway.jid("xmpp"))


async def test_a_probe_of_a_stranger_tells_nothing(gateway, on_irc, user):
    stranger = await user(gateway.server)
    stranger.presence("probe", on_irc.contact)
    await stranger.ask(gateway.jid("irc"), "<ping xmlns='urn:xmpp:ping'/>")
    stranger.refuse("presence", on_irc.contact, "")


async def test_contacts_go_offline_with_the_account(friends, gateway):
    friends.me.presence("unavailable", gateway.jid("xmpp"))
    await friends.me.expect("presence", friends.contact, "unavailable")
    await friends.friend.expect("presence", friends.nick, "unavailable")


async def test_connecting_is_shown_while_it_lasts(gateway, user, scripted_ircd, elsewhere, name):
    """xa with a text, until the network has answered."""
    me, juliet, domain = await user(gateway.server), name("juliet"), gateway.jid("xmpp")
    elsewhere.add_user(juliet)
    await me.sign_up(domain, username=juliet, password=PASSWORD)
    me.presence("unavailable", domain)
    await me.expect("presence", domain, "unavailable")
    me.inbox.clear()
    me.available(to=domain)
    await me.expect("presence", domain, "", where=lambda p: text(p, "c:show") == "xa" and text(p, "c:status"))
    await me.expect_signed_in(domain)


async def test_an_unsubscribed_user_is_still_served(gateway, user, irc_friend, ngircd, name):
    """The client refused the gateway's request: sign-in by directed presence works all the same."""
    me, domain, nick, friend = await user(gateway.server), gateway.jid("irc"), name("nick"), await irc_friend(ngircd.port)
    me.agree = False
    reply = await me.register(domain, username=nick)
    assert reply.get("type") == "result", show(reply)
    await me.expect("presence", domain, "subscribe")
    me.presence("unsubscribed", domain)
    me.available(to=domain)
    me.message(gateway.jid("irc", friend.nick), "all the same")
    await friend.expect_message(nick, "all the same", timeout=20)


async def test_presence_to_the_gateway_without_an_account(gateway, user):
    stranger = await user(gateway.server)
    stranger.presence("subscribe", gateway.jid("irc"))
    answer = await stranger.expect("presence", gateway.jid("irc"))
    assert answer.get("type") in ("unsubscribed", "error"), show(answer)
    if answer.get("type") == "error":
        assert condition(answer) == "auth registration-required"


async def test_strangers_get_no_errors_that_nobody_waits_for(gateway, user):
    """Presence that a server sends to whoever is in the roster, and chat states; what is asked after them is answered."""
    stranger, contact = await user(gateway.server), gateway.jid("irc", "somebody")
    stranger.available(to=contact)
    stranger.xml(f"<message to='{contact}' type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>")
    await stranger.expect_error(stranger.message(contact, "hello"), "auth registration-required")
    stranger.refuse("presence", contact)
    assert len([m for m in stranger.inbox.things if m.get("type") == "error"]) == 0
