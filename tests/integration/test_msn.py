# SPDX-License-Identifier: GPL-2.0-or-later
"""MSN Messenger, by our own plugin, as a user of the gateway sees it, against a scripted server."""

import asyncio
import contextlib

import pytest
import pytest_asyncio

from client import NS, condition, error_text, find, show, text
from conftest import running
from gateway import fixed
from msn.server import ScriptedMsn
from msn.state import AL, FL, RL
from muc import Room
from oscar_steps import groups, said

PASSWORD = "secret"
NUDGE = f"<attention xmlns='{NS['att']}'/>"


@pytest_asyncio.fixture
async def network():
    """In the end it says whether a client did what the real one punishes."""
    one = await ScriptedMsn().start()
    yield one
    await one.stop()
    one.check()


class Msn:
    """The network, a gateway to it, and its users."""

    def __init__(self, network, gateway, user):
        self.network, self.gateway, self._user = network, gateway, user
        self.domain = gateway.jid("msn")

    def contact(self, address):
        return self.gateway.jid("msn", address)

    async def sign_up(self, address, **options):
        if address not in self.network.accounts:
            self.network.add_user(address, PASSWORD)
        me = await self._user(self.gateway.server)
        await me.sign_up(self.domain, username=address, password=PASSWORD, **options)
        return me

    def puppet(self, address, mine):
        """Somebody on line who is on the list of MINE, and has them too."""
        other = self.network.add_user(address, PASSWORD)
        account = self.network.accounts.get(mine) or self.network.add_user(mine, PASSWORD)
        account.put_on_list(address, FL | AL)
        other.put_on_list(mine)
        account.contact(address).lists = FL | AL | RL
        return other.appear()


@contextlib.contextmanager
def serving(network, server, user, tls=False, **settings):
    options = {"server": "127.0.0.1", "port": network.port, "login_url": (network.secure if tls else network.plain) + "/login"}
    with running(server, {"msn": {"network": "msn", **fixed(options), **settings}}) as gateway:
        yield Msn(network, gateway, user)


@pytest.fixture
def msn(network, prosody, user):
    with serving(network, prosody, user) as msn:
        yield msn


@pytest.fixture
def address(name):
    return lambda stem="romeo": name(stem) + "@x.test"


@pytest_asyncio.fixture
async def pair(msn, address):
    """(me, my address there, the other, the other as I see him)"""
    mine, his = address(), address("juliet")
    other = msn.puppet(his, mine)
    me = await msn.sign_up(mine)
    await me.expect("presence", msn.contact(his), "")
    return me, mine, other, msn.contact(his)


async def test_a_wrong_password_is_refused(msn, user, address):
    mine = address()
    msn.network.add_user(mine, PASSWORD)
    me = await user(msn.gateway.server)
    reply = await me.register(msn.domain, username=mine, password="wrong")
    assert condition(reply) == "auth not-authorized" and error_text(reply), show(reply)
    assert find(await me.ask(msn.domain, "<query xmlns='jabber:iq:register'/>"), "reg:query/reg:registered") is None


async def register_over_tls(msn, user, address, answer=None):
    """(the user, the outcome); ANSWER is the word to say when the certificate, which is self-signed, is asked about."""
    me = await user(msn.gateway.server)
    msn.network.add_user(address, PASSWORD)
    registering = asyncio.ensure_future(me.register(msn.domain, username=address, password=PASSWORD, timeout=60))
    if answer:
        await me.choose_about(msn.domain, "certificate", answer)
    return me, await registering


@pytest.mark.parametrize("settings,answer", [({}, None), ({"verify": "ask"}, "reject")])
async def test_an_unknown_certificate_is_refused(network, prosody, user, address, settings, answer):
    with serving(network, prosody, user, tls=True, **settings) as msn:
        me, reply = await register_over_tls(msn, user, address(), answer)
        assert reply.get("type") == "error" and "certificate" in error_text(reply), show(reply)
        network.requests.refuse(lambda request: True, "a password over TLS that is not trusted")


async def test_verify_off_takes_any_certificate(network, prosody, user, address):
    with serving(network, prosody, user, tls=True, verify="off") as msn:
        _, reply = await register_over_tls(msn, user, address())
        assert reply.get("type") == "result", show(reply)


async def test_an_accepted_certificate_is_remembered(network, prosody, user, address):
    mine = address()
    with serving(network, prosody, user, tls=True, verify="ask") as msn:
        me, reply = await register_over_tls(msn, user, mine, "accept")
        assert reply.get("type") == "result", show(reply)
        await me.expect_signed_in(msn.domain)
        network.user(mine).drop()
        await me.expect_lost(msn.domain)
        await me.expect_signed_in(msn.domain, timeout=40)


async def test_it_is_a_gateway_to_msn(msn, user):
    me = await user(msn.gateway.server)
    identity = find(await me.ask(msn.domain, f"<query xmlns='{NS['info']}'/>"), "info:query/info:identity[@category='gateway']")
    assert identity.get("type") == "msn"


@pytest.mark.parametrize("dialect", ["12", "11", "10", "9", "8", "7"])
async def test_each_dialect(msn, address, dialect):
    await msn.sign_up(address(), **{"option.protocol_version": dialect})


@pytest.mark.parametrize("words", ["hello there", "1 < 2 & \"3\"", "äöü ß €", "日本語", "🌹", "100% + 1", "two\nlines"])
async def test_messages_both_ways(pair, words):
    me, mine, other, contact = pair
    me.message(contact, words)
    await other.expect_message(mine, words.replace("\n", "\r\n"))
    await other.say(mine, words.replace("\n", "\r\n"))
    await me.expect_body(contact, words)


async def test_typing_both_ways(pair):
    me, mine, other, contact = pair
    await other.type(mine)
    await me.expect("message", contact, has="cs:composing")
    await other.say(mine, "so")
    await me.expect_body(contact, "so")
    me.message(contact, None, "<composing xmlns='http://jabber.org/protocol/chatstates'/>")
    await other.expect_typing(mine)


async def test_nudges_both_ways(pair):
    me, mine, other, contact = pair
    await other.nudge(mine)
    nudge = await me.expect("message", contact, "headline", has="att:attention")
    assert text(nudge, "c:body") and find(nudge, "fb:fallback").get("for") == NS["att"], show(nudge)
    me.message(contact, None, NUDGE, "headline")
    await other.expect_nudge(mine)
    me.message(contact, "look here", NUDGE)
    await other.expect_nudge(mine)
    await other.expect_message(mine, "look here")
    me.refuse("message", contact)


async def test_a_nudge_that_is_not_taken_comes_back(pair):
    """That one, and not the message that went before it."""
    me, mine, other, contact = pair
    other.vanish()
    await me.expect("presence", contact, "unavailable")
    me.message(contact, "when you are back")
    nudge = me.message(contact, None, NUDGE)
    error = await me.expect_error(nudge, "cancel not-allowed")
    assert "nudge" in error_text(error), show(error)
    me.refuse("message", type_="error")


async def test_what_contacts_can_is_told(pair):
    me, _, _, contact = pair
    reply = await me.ask(contact, f"<query xmlns='{NS['info']}'/>")
    features = [feature.get("var") for feature in reply.iterfind("info:query/info:feature", NS)]
    assert {NS["att"], NS["cs"]} <= set(features), show(reply)


async def test_a_message_that_is_not_taken_comes_back(msn, pair):
    me, mine, other, contact = pair
    msn.network.nak = True
    sent = me.message(contact, "refused")
    error = await me.expect("message", type_="error", where=lambda m: m.get("id") == sent, timeout=40)
    assert error_text(error), show(error)
    msn.network.nak = False
    me.message(contact, "taken")
    await other.expect_message(mine, "taken")


async def test_messages_wait_for_the_user(msn, pair):
    me, mine, other, contact = pair
    me.presence("unavailable", msn.domain)
    await me.expect("presence", msn.domain, "unavailable")
    other.leave_message(mine, "while you were away", sent=1700000000)
    me.available(to=msn.domain)
    message = await me.expect("message", contact, where=lambda m: "while you were away" in (text(m, "c:body") or ""), timeout=20)
    assert find(message, "delay:delay") is not None, show(message)


async def test_a_message_waits_for_who_is_not_there(msn, pair, address):
    me, mine, other, contact = pair
    other.vanish()
    await me.expect("presence", contact, "unavailable")
    me.message(contact, "when you are back")
    await msn.network.expect_request("/OimWS/oim.asmx", timeout=30)
    me.refuse("message", type_="error")


@pytest.mark.parametrize("word,shown", [("AWY", "away"), ("BSY", "dnd"), ("IDL", "away"), ("BRB", "away")])
async def test_the_states_of_a_contact(pair, word, shown):
    me, mine, other, contact = pair
    other.set_status(word)
    await me.expect("presence", contact, "", where=lambda p: text(p, "c:show") == shown)
    other.set_status("NLN")
    await me.expect("presence", contact, "", where=lambda p: text(p, "c:show") is None)


async def test_the_personal_message_of_a_contact(pair):
    me, mine, other, contact = pair
    other.set_psm("in fair Verona & <so on>")
    await me.expect("presence", contact, "", where=lambda p: text(p, "c:status") == "in fair Verona & <so on>")


def media(*parts, kind="Music", format="{0} - {1}"):
    return "\\0".join(["", kind, "1", format, *parts, "", ""])


async def test_what_a_contact_plays(pair):
    me, mine, other, contact = pair
    other.set_psm("at home", media("Sigh no more", "Balthasar", "Much ado"))
    await me.expect("presence", contact, "", where=lambda p: text(p, "c:status") == "at home ♫ Sigh no more - Balthasar")
    me.refuse("message", contact)
    me.can(NS["tune"] + "+notify")
    assert await me.expect_tune(contact) == ("Sigh no more", "Balthasar", "Much ado")
    other.set_psm("", media("Pardon, goddess", format="{0}"))
    assert await me.expect_tune(contact) == ("Pardon, goddess", None, None)
    await me.expect("presence", contact, "", where=lambda p: text(p, "c:status") == "♫ Pardon, goddess")
    other.set_psm("at home", media("Chess", kind="Games", format="{0}"))
    assert await me.expect_tune(contact) == (None, None, None)
    await me.expect("presence", contact, "", where=lambda p: text(p, "c:status") == "at home Chess")
    other.set_psm("at home")
    await me.expect("presence", contact, "", where=lambda p: text(p, "c:status") == "at home")


async def test_who_does_not_want_to_know_what_is_played_is_not_told(pair):
    me, mine, other, contact = pair
    me.can("urn:xmpp:ping")
    for title in ("one", "two"):            # at the first the gateway asks
        other.set_psm("", media(title, format="{0}"))
        await me.expect("presence", contact, "", where=lambda p: text(p, "c:status") == "♫ " + title)
    await other.say(mine, "so")
    await me.expect_body(contact, "so")
    me.refuse("message", contact, has="event:event")


async def test_what_the_user_plays(msn, pair):
    """It is told again when the connection is made again."""
    me, mine, _, _ = pair

    async def expect_media(words):
        await msn.network.expect(mine, "UUX", lambda command: f"<CurrentMedia>{words}</CurrentMedia>".encode() in command.payload)
    await me.play("Sigh & no more", "Balthasar", "Much ado")
    await expect_media(media("Sigh &amp; no more", "Balthasar", "Much ado"))
    msn.network.user(mine).drop()
    await me.expect_lost(msn.domain)
    await me.expect_signed_in(msn.domain, timeout=40)
    await expect_media(media("Sigh &amp; no more", "Balthasar", "Much ado"))
    await me.play()
    await expect_media("")


@pytest.mark.parametrize("show,word", [("away", "AWY"), ("dnd", "BSY")])
async def test_the_users_own_state(msn, pair, show, word):
    me, mine, other, _ = pair
    me.available(show, "at the ball")
    await msn.network.expect(mine, "CHG", lambda command: word in command.words)
    await msn.network.expect(mine, "UUX", lambda command: b"at the ball" in (command.payload or b""))


async def test_the_list_of_the_network_comes(msn, address):
    mine, his = address(), address("juliet")
    msn.network.add_user(his, PASSWORD)
    msn.network.add_user(mine, PASSWORD).put_on_list(his, FL | AL, groups=["Verona"], name="Juliet C.")
    me = await msn.sign_up(mine)
    await me.expect("presence", msn.contact(his), "subscribe")


async def test_adding_and_removing_reach_the_network(msn, address):
    mine, his = address(), address("juliet")
    msn.network.add_user(his, PASSWORD)
    me = await msn.sign_up(mine)
    await me.add_contact(msn.contact(his))
    await msn.network.expect(mine, "ADC", lambda command: f"N={his}" in command.words)
    await me.ask(None, f"<query xmlns='jabber:iq:roster'><item jid='{msn.contact(his)}' subscription='remove'/></query>", "set")
    await msn.network.expect(mine, "REM")


async def test_a_full_list_is_told(msn, address):
    mine, his = address(), address("juliet")
    msn.network.add_user(his, PASSWORD)
    me = await msn.sign_up(mine)
    msn.network.list_limit = 0
    me.presence("subscribe", msn.contact(his))
    await said(me, msn.domain, f"About {his}")


async def test_a_person_who_adds_the_user_asks(msn, pair, address):
    me, mine, _, _ = pair
    me.agree = False
    stranger = msn.network.add_user(address("paris"), PASSWORD).appear()
    stranger.add(mine)
    await me.expect("presence", msn.contact(stranger.address), "subscribe")
    me.presence("subscribed", msn.contact(stranger.address))
    await msn.network.expect(mine, "ADC", lambda command: f"N={stranger.address}" in command.words and "AL" in command.words)


async def test_groups_come_where_rosters_are_written(network, privileged, user, address):
    mine, his = address(), address("juliet")
    network.add_user(his, PASSWORD)
    network.add_user(mine, PASSWORD).put_on_list(his, FL | AL, groups=["Verona"], name="Juliet C.")
    with serving(network, privileged, user) as msn:
        me = await msn.sign_up(mine)
        await me.expect("iq", type_="set", where=lambda iq: msn.contact(his) in show(iq) and "Verona" in show(iq))
        assert groups((await me.contacts())[msn.contact(his)]) == ["Verona"]


async def test_signed_in_elsewhere(msn, address):
    mine = address()
    me = await msn.sign_up(mine)
    msn.network.user(mine).sign_in_elsewhere()
    await me.expect_lost(msn.domain)
    await said(me, msn.domain, "not tried again")


async def test_a_connection_that_breaks_comes_back(msn, address):
    mine = address()
    me = await msn.sign_up(mine)
    msn.network.user(mine).drop()
    await me.expect_lost(msn.domain)
    await me.expect_signed_in(msn.domain, timeout=40)


# Several people

async def several(msn, address):
    """A conversation that a third was called into; the user, the others, and the room's JID, of which the user was told."""
    romeo, juliet, tybalt = address(), address("juliet"), address("tybalt")
    other, third = msn.puppet(juliet, romeo), msn.puppet(tybalt, romeo)
    me = await msn.sign_up(romeo)
    board = await other.call(romeo)
    board.say("just us")
    await said(me, msn.contact(juliet), "just us")
    await other.call(tybalt, board=board)
    invitation = await me.expect("message", has="mucuser:x/mucuser:invite")
    return me, romeo, other, third, invitation.get("from")


async def test_a_conversation_of_several_is_a_room(msn, address):
    me, romeo, other, third, jid = await several(msn, address)
    room = Room(me, jid)
    assert set(await room.join("me")) == {romeo, other.address, third.address}
    third.boards[0].say("all of us")
    await room.heard(third.address, "all of us")
    sent = room.say("me too")
    await other.expect_message(romeo, "me too")
    await third.expect_message(romeo, "me too")
    assert (await room.heard(romeo, "me too")).get("id") == sent
    third.boards[0].leave()
    await room.goes(third.address)
    room.leave()
    await room.goes(romeo, 110)


async def test_what_is_said_before_one_joins_is_told(msn, address):
    me, romeo, other, third, jid = await several(msn, address)
    third.boards[0].say("anybody there?")
    assert jid in await said(me, msn.domain, "anybody there?")


async def test_no_room_by_its_name(msn, address):
    me = await msn.sign_up(address())
    assert await Room(me, msn.contact("garden")).refused("me") == "cancel item-not-found"
