# SPDX-License-Identifier: GPL-2.0-or-later
"""AIM, by our own plugin, as a user of the gateway sees it: against the real server where it is to be had, and a scripted one."""

import asyncio

import pytest
import pytest_asyncio

from client import NS, condition, error_text, find, show, text
from conftest import running
from gateway import fixed
from muc import Room
from oscar import codec
from oscar.server import ScriptedOscar
from oscar_steps import PASSWORD, choose, fill_in, groups, open_form, said, serving
from process import free_port
from servers import certificate


@pytest_asyncio.fixture
async def aim(prosody, user, oscar_network):
    with serving("aim", oscar_network, prosody, user) as aim:
        yield aim


@pytest_asyncio.fixture
async def scripted(prosody, user, scripted_oscar):
    """Where the server has to be made to do something."""
    with serving("aim", scripted_oscar, prosody, user) as aim:
        yield aim


# -- The account -----------------------------------------------------------

async def test_a_wrong_password_is_refused(aim, user, name):
    romeo = name("romeo")
    aim.network.add_user(romeo, PASSWORD)
    me = await user(aim.gateway.server)
    reply = await me.register(aim.domain, username=romeo, password="wrong99")
    assert condition(reply) == "auth not-authorized", show(reply)
    assert error_text(reply)
    assert await registered_nothing(me, aim.domain)


async def registered_nothing(me, domain):
    return find(await me.ask(domain, "<query xmlns='jabber:iq:register'/>"), "reg:query/reg:registered") is None


async def test_a_network_that_is_away(prosody, user, name):
    with running(prosody, {"aim": {"network": "aim", **fixed({"server": "127.0.0.1", "port": free_port()})}}) as gateway:
        me = await user(prosody)
        reply = await me.register(gateway.jid("aim"), username=name("romeo"), password=PASSWORD, timeout=60)
        assert condition(reply) == "wait remote-server-timeout", show(reply)
        assert await registered_nothing(me, gateway.jid("aim"))


async def test_an_accepted_certificate_is_asked_about_once(prosody, user, name, tmp_path):
    """Signing on takes two connections."""
    network = await ScriptedOscar().start(tls=certificate(tmp_path, "oscar.test"))
    romeo, options = name("romeo"), fixed({"port": network.tls_port, "encryption": "require_encryption"})
    network.add_user(romeo, PASSWORD)
    with serving("aim", network, prosody, user, verify="ask", **options) as aim:
        me = await user(prosody)
        registering = asyncio.ensure_future(me.register(aim.domain, username=romeo, password=PASSWORD, timeout=60))
        await me.choose_about(aim.domain, "certificate", "accept")
        reply = await registering
        assert reply.get("type") == "result", show(reply)
        assert network.of(romeo)[0].tls
    await network.stop()


async def test_the_form_has_the_plugins_options(aim, user):
    me = await user(aim.gateway.server)
    reply = await me.ask(aim.domain, "<query xmlns='jabber:iq:register'/>")
    fields = {field.get("var") for field in reply.iterfind("reg:query/x:x/x:field", NS)}
    assert {"username", "password", "option.encryption", "option.login_type", "option.encoding"} <= fields
    assert not {"option.server", "option.port"} & fields         # locked


async def test_it_is_a_gateway_to_aim(aim, user):
    me = await user(aim.gateway.server)
    reply = await me.ask(aim.domain, f"<query xmlns='{NS['info']}'/>")
    identity = find(reply, "info:query/info:identity[@category='gateway']")
    assert identity.get("type") == "aim"


async def test_signed_on_elsewhere(scripted, name):
    """The account stops, and the user is told once; it does not fight the other sign-on."""
    romeo = name("romeo")
    me = await scripted.sign_up(romeo)
    scripted.network.sign_on_elsewhere(romeo)
    await me.expect_lost(scripted.domain)
    await said(me, scripted.domain, "not tried again")


async def test_a_connection_that_breaks_comes_back(scripted, name):
    romeo = name("romeo")
    me = await scripted.sign_up(romeo)
    scripted.network.drop(romeo)
    await me.expect_lost(scripted.domain)
    await me.expect_signed_in(scripted.domain, timeout=40)


# -- Messages --------------------------------------------------------------

@pytest_asyncio.fixture
async def pair(aim, oscar_friend, name):
    """(me, my name there, the friend, the friend as I see him)"""
    romeo, juliet = name("romeo"), name("juliet")
    friend = await oscar_friend(aim.network, juliet)
    return await aim.sign_up(romeo), romeo, friend, aim.contact(juliet)


@pytest.mark.parametrize("words", ["hello there", "<b>&amp; \"quotes\"</b>", "äöü ß €", "日本語 и кириллица", "🌹 by any other name", "two\nlines"])
async def test_messages_both_ways(pair, words):
    me, romeo, friend, contact = pair
    me.message(contact, words)
    await friend.expect_message(romeo, words)
    await friend.say(romeo, words.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>"))
    await me.expect_body(contact, words)


async def test_html_becomes_styling(pair):
    me, romeo, friend, contact = pair
    await friend.say(romeo, "a <B>bold</B> and <I>slanted</I> word, <A HREF=\"http://a.test/\">here</A>")
    body = await said(me, contact, "bold")
    assert "*bold*" in body and "_slanted_" in body and "http://a.test/" in body


async def test_a_long_message_arrives_whole(pair):
    me, romeo, friend, contact = pair
    words = [f"word{number}" for number in range(1500)]
    me.message(contact, " ".join(words))
    got = []
    while len(got) < len(words):
        message = await friend.expect_message(romeo)
        got += codec.plain(message.text).split()
    assert got == words


async def test_typing_both_ways(pair):
    me, romeo, friend, contact = pair
    await friend.disclose_typing()
    await friend.add_contact(romeo)
    await friend.expect_online(romeo)
    friend.type(romeo, 2)
    await me.expect("message", contact, has="cs:composing")
    friend.type(romeo, 0)
    await me.expect("message", contact, has="cs:active")
    await friend.say(romeo, "done")         # with it the server tells that he wants to know of our typing
    await me.expect_body(contact, "done")
    me.message(contact, None, "<composing xmlns='http://jabber.org/protocol/chatstates'/>")
    await friend.expect_typing(romeo, 2)


async def test_a_message_to_nobody_comes_back(pair, aim, name):
    me = pair[0]
    sent = me.message(aim.contact(name("nobody")), "are you there?")
    error = await me.expect("message", type_="error", where=lambda m: m.get("id") == sent)
    assert condition(error) in ("cancel item-not-found", "wait recipient-unavailable"), show(error)
    assert error_text(error)


async def test_the_refused_one_of_several_comes_back(scripted, oscar_friend, name):
    """The error is that of the message which was refused, not of the last one."""
    romeo, juliet = name("romeo"), name("juliet")
    friend = await oscar_friend(scripted.network, juliet)
    me = await scripted.sign_up(romeo)
    contact = scripted.contact(juliet)
    scripted.network.message_error = (0x0A, None)
    refused = me.message(contact, "refused")
    await scripted.network.expect(romeo, 0x04, 0x06)
    scripted.network.message_error = None
    taken = me.message(contact, "taken")
    await friend.expect_message(romeo, "taken")
    await me.expect("message", type_="error", where=lambda m: m.get("id") == refused)
    me.refuse("message", type_="error", where=lambda m: m.get("id") == taken)


async def test_messages_wait_for_the_user(aim, pair):
    me, romeo, friend, contact = pair

    async def meanwhile():
        await friend.expect_offline(romeo)
        for number in range(3):
            await friend.say(romeo, f"number {number}")

    await friend.add_contact(romeo)
    await friend.expect_online(romeo)
    await aim.sign_out_and(me, meanwhile)
    for number in range(3):
        message = await me.expect("message", contact, body=f"number {number}", timeout=20)
        assert find(message, "delay:delay") is not None, show(message)


async def test_a_burst_waits_its_turn(prosody, user, scripted_oscar, oscar_friend, name):
    """The server never has to warn: what a message costs is known, and waited for."""
    romeo, juliet = name("romeo"), name("juliet")
    friend = await oscar_friend(scripted_oscar, juliet)
    scripted_oscar.add_user(romeo, PASSWORD, bot=False)
    with serving("aim", scripted_oscar, prosody, user) as aim:
        me = await aim.sign_up(romeo, account=False)
        for number in range(12):
            me.message(aim.contact(juliet), f"line {number}")
        for number in range(12):
            await friend.expect_message(romeo, f"line {number}", timeout=60)
        assert not scripted_oscar.over_limit


# -- Presence --------------------------------------------------------------

async def test_a_contact_comes_goes_away_and_leaves(aim, pair):
    me, romeo, friend, contact = pair
    await me.add_contact(contact)
    await me.expect("presence", contact, "")
    friend.go_away("gone to the <I>market</I>")
    await me.expect("presence", contact, "", where=lambda p: text(p, "c:show") == "away" and "market" in (text(p, "c:status") or ""), timeout=20)
    friend.go_away("")
    await me.expect("presence", contact, "", where=lambda p: text(p, "c:show") is None)
    friend.go_idle(1200)
    await me.expect("presence", contact, "", where=lambda p: text(p, "c:show") == "away")
    await friend.quit()
    await me.expect("presence", contact, "unavailable")


async def test_the_users_own_status(aim, pair):
    me, romeo, friend, _ = pair
    await friend.add_contact(romeo)
    await friend.expect_online(romeo, lambda info: not info.away)
    me.available("away", "at the ball")
    await friend.expect_online(romeo, lambda info: info.away)
    _, tlvs = await friend.ask_info(romeo)
    assert "at the ball" in codec.plain(tlvs.text(0x04))
    me.available()
    await friend.expect_online(romeo, lambda info: not info.away)
    me.presence("unavailable")
    await friend.expect_offline(romeo)


# -- Contacts --------------------------------------------------------------

@pytest_asyncio.fixture
async def elsewhere(aim, oscar_friend, name):
    """Another sign-on of the account that the user has: what it sees is what the server keeps."""
    romeo, juliet = name("romeo"), name("juliet")
    aim.network.add_user(juliet, PASSWORD)
    return await oscar_friend(aim.network, romeo), romeo, juliet


async def test_the_list_of_the_network_comes(aim, elsewhere):
    other, romeo, juliet = elsewhere
    await other.add_contact(juliet, "Verona", "Juliet C.")
    me = await aim.sign_up(romeo, account=False)
    request = await me.expect("presence", aim.contact(juliet), "subscribe")
    assert find(request, "nick:nick").text == "Juliet C."


async def test_adding_and_removing_reach_the_network(aim, elsewhere):
    other, romeo, juliet = elsewhere
    me = await aim.sign_up(romeo, account=False)
    await me.add_contact(aim.contact(juliet), "Juliet", "Verona")
    await other.link.expect(0x13, 0x08, lambda snac: juliet.encode() in snac.body)
    assert other.contact(juliet) is not None
    await me.ask(None, f"<query xmlns='jabber:iq:roster'><item jid='{aim.contact(juliet)}' subscription='remove'/></query>", "set")
    await other.link.expect(0x13, 0x0A, lambda snac: juliet.encode() in snac.body)
    assert other.contact(juliet) is None


async def test_names_and_groups_both_ways(privileged, user, scripted_oscar, oscar_friend, name):
    """Where the server lets the gateway write rosters."""
    romeo, juliet = name("romeo"), name("juliet")
    scripted_oscar.add_user(juliet, PASSWORD)
    other = await oscar_friend(scripted_oscar, romeo)
    await other.add_contact(juliet, "Verona", "Juliet C.")
    with serving("aim", scripted_oscar, privileged, user) as aim:
        me, contact = await aim.sign_up(romeo, account=False), aim.contact(juliet)
        await me.expect("iq", type_="set", where=lambda iq: contact in show(iq) and "Juliet C." in show(iq))
        item = (await me.contacts())[contact]
        assert (item.get("name"), groups(item)) == ("Juliet C.", ["Verona"])
        await other.rename_contact(juliet, "Mrs. M.")
        await me.expect("iq", type_="set", where=lambda iq: contact in show(iq) and "Mrs. M." in show(iq))
        await me.ask(None, f"<query xmlns='jabber:iq:roster'><item jid='{contact}' name='My love'><group>Mantua</group></item></query>", "set")
        me.presence("unavailable")
        me.available()
        await me.expect_signed_in(aim.domain)
        await other.link.expect(0x13, 0x08, lambda snac: b"Mantua" in snac.body, timeout=20)
        await other.link.expect(0x13, 0x0A, lambda snac: juliet.encode() in snac.body)
        assert other.contact(juliet).group == other.group("Mantua").group


async def test_a_refused_change_of_the_list_is_told(scripted, name):
    romeo, juliet = name("romeo"), name("juliet")
    scripted.network.add_user(juliet, PASSWORD)
    me = await scripted.sign_up(romeo)
    scripted.network.item_result = lambda item: 0x0C if item.name == juliet else None
    me.presence("subscribe", scripted.contact(juliet))
    await said(me, scripted.domain, juliet, timeout=20)


# -- The menu --------------------------------------------------------------

async def test_the_password_is_changed(aim, pair):
    me, romeo, _, _ = pair
    await choose(me, aim.domain, "assword")
    form = await open_form(me, aim.domain)
    private = [var for var, field in form.items() if field.get("type") == "text-private"]
    fill_in(me, aim.domain, form, **dict(zip(private, [PASSWORD, "new-one9", "new-one9"], strict=True)))
    await said(me, aim.domain, "was changed", timeout=20)
    await aim.gateway.line("the password was changed")
    await aim.sign_out_and(me)


async def test_the_directory_is_searched(aim, pair, oscar_friend, name):
    me = pair[0]
    capulet = name("capulet")
    friend = await oscar_friend(aim.network, name("tybalt"))
    await friend.set_directory(first="Tybalt", last=capulet)
    await choose(me, aim.domain, "earch.*ame")
    fill_in(me, aim.domain, await open_form(me, aim.domain), last=capulet)
    assert friend.key in await said(me, aim.domain, friend.key, timeout=20)


# -- Rooms -------------------------------------------------------------------

async def test_a_room(aim, oscar_friend, name):
    romeo, other = name("romeo"), await oscar_friend(aim.network, name("juliet"))
    garden, me = name("garden"), await aim.sign_up(romeo)
    visit = await other.join(garden)
    room = Room(me, aim.contact(garden))
    assert {codec.normal(nick) for nick in await room.join(romeo)} == {romeo, other.name}
    visit.say("wherefore & <why>", "unicode-2-0")
    await room.heard(other.name, "wherefore & <why>")
    sent = room.say("here & below")
    await visit.expect_talk(romeo, "here & below")
    assert (await room.heard(room.nick, "here & below")).get("id") == sent
    assert (await room.archive()).texts == ["wherefore & <why>", "here & below"]
    visit.leave()
    await room.goes(other.name)
    for payload in ("<query xmlns='http://jabber.org/protocol/muc#owner'/>",
                    "<query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='outcast'/></query>"):
        assert condition(await me.ask(room.jid, payload)) == "cancel not-allowed"
    room.leave()
    await room.goes(room.nick, 110)


async def test_being_invited_to_a_room(aim, oscar_friend, name):
    romeo, other = name("romeo"), await oscar_friend(aim.network, name("juliet"))
    garden, me = name("garden"), await aim.sign_up(romeo)
    visit = await other.join(garden)
    other.invite(romeo, visit.room, "come in")
    invitation = await me.expect("message", has="mucuser:x/mucuser:invite")
    assert find(invitation, "mucuser:x/mucuser:invite").get("from") == aim.contact(other.name)
    assert len(await Room(me, invitation.get("from")).join(romeo)) == 2
