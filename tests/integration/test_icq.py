# SPDX-License-Identifier: GPL-2.0-or-later
"""ICQ, by our own plugin, as a user of the gateway sees it: against the real server where it is to be had, and a scripted one."""

import itertools

import pytest
import pytest_asyncio

from client import NS, condition, error_text, find, show, text
from muc import Room
from oscar_steps import PASSWORD, choose, fill_in, open_form, said, serving

_numbers = itertools.count(200003)


@pytest.fixture
def number():
    """A new UIN at each call."""
    return lambda: str(next(_numbers))


@pytest_asyncio.fixture
async def icq(prosody, user, oscar_network):
    with serving("icq", oscar_network, prosody, user) as icq:
        yield icq


@pytest_asyncio.fixture
async def pair(icq, oscar_friend, number):
    """(me, my number, the friend, the friend as I see him)"""
    mine, his = number(), number()
    friend = await oscar_friend(icq.network, his)
    me = await icq.sign_up(mine)
    for uin in (mine, his):     # nobody has to be asked, unless a test says so
        icq.network.set_authorization(uin, False)
    return me, mine, friend, icq.contact(his)


async def test_a_wrong_password_is_refused(icq, user, number):
    mine = number()
    icq.network.add_user(mine, PASSWORD)
    me = await user(icq.gateway.server)
    reply = await me.register(icq.domain, username=mine, password="wrong99")
    assert condition(reply) == "auth not-authorized" and error_text(reply), show(reply)


@pytest.mark.parametrize("way", ["md5_login", "md5_single", "channel1_login"])
async def test_each_way_to_sign_on(icq, number, way):
    await icq.sign_up(number(), **{"option.login_type": way})


async def test_it_is_a_gateway_to_icq(icq, user):
    me = await user(icq.gateway.server)
    identity = find(await me.ask(icq.domain, f"<query xmlns='{NS['info']}'/>"), "info:query/info:identity[@category='gateway']")
    assert identity.get("type") == "icq"


@pytest.mark.parametrize("words", ["hello there", "1 < 2 & 3 > 2", "привет, мир", "日本語", "two\nlines", "*not* _styled_"])
async def test_messages_both_ways(pair, words):
    """ICQ's messages are plain text."""
    me, mine, friend, contact = pair
    me.message(contact, words)
    message = await friend.expect_message(mine)
    assert message.text.replace("\r\n", "\n") == words
    await friend.say(mine, words)
    await me.expect_body(contact, words)


async def test_typing_both_ways(pair):
    me, mine, friend, contact = pair
    await friend.disclose_typing()
    await friend.add_contact(mine)
    await friend.expect_online(mine)
    await friend.say(mine, "wait")
    await me.expect_body(contact, "wait")
    friend.type(mine, 2)
    await me.expect("message", contact, has="cs:composing")
    me.message(contact, None, "<composing xmlns='http://jabber.org/protocol/chatstates'/>")
    await friend.expect_typing(mine, 2)


async def test_messages_wait_for_the_user(icq, pair):
    me, mine, friend, contact = pair

    async def meanwhile():
        await friend.expect_offline(mine)
        for number in range(3):
            await friend.say(mine, f"number {number}")

    await friend.add_contact(mine)
    await friend.expect_online(mine)
    await icq.sign_out_and(me, meanwhile)
    for number in range(3):
        message = await me.expect("message", contact, body=f"number {number}", timeout=20)
        assert find(message, "delay:delay") is not None, show(message)


@pytest.mark.parametrize("word,shown", [(0x01, "away"), (0x04, "xa"), (0x02, "dnd"), (0x10, "dnd"), (0x20, "chat")])
async def test_the_states_of_a_contact(icq, pair, word, shown):
    me, mine, friend, contact = pair
    await me.add_contact(contact)
    await me.expect("presence", contact, "")
    await friend.set_status(word)
    await me.expect("presence", contact, "", where=lambda p: text(p, "c:show") == shown)
    await friend.set_status(0)
    await me.expect("presence", contact, "", where=lambda p: text(p, "c:show") is None)


@pytest.mark.parametrize("show,word", [("away", 0x01), ("xa", 0x04), ("dnd", 0x02), ("chat", 0x20)])
async def test_the_users_own_state(icq, pair, show, word):
    me, mine, friend, _ = pair
    await friend.add_contact(mine)
    await friend.expect_online(mine)
    me.available(show)
    await friend.expect_online(mine, lambda info: info.status is not None and info.status & word)


async def test_a_contact_that_must_be_asked(icq, pair, oscar_friend, number):
    me, mine, _, _ = pair
    careful = await oscar_friend(icq.network, number())
    icq.network.set_authorization(careful.name, True)
    contact = icq.contact(careful.name)
    me.presence("subscribe", contact)
    await me.expect("presence", contact, "subscribed")
    await careful.expect_authorization_request(mine, timeout=20)
    me.refuse("presence", contact, "")
    careful.authorize(mine, True)
    await me.expect("presence", contact, "", timeout=20)


async def test_a_person_asks_and_is_let_in(icq, pair):
    me, mine, friend, contact = pair
    me.agree = False
    icq.network.set_authorization(mine, True)
    friend.ask_authorization(mine, "let me in")
    request = await me.expect("presence", contact, "subscribe")
    assert text(request, "c:status") == "let me in", show(request)
    me.presence("subscribed", contact)
    assert (await friend.expect_authorization_answer(mine))[0] is True


async def test_a_person_asks_and_is_turned_away(icq, pair):
    me, mine, friend, contact = pair
    me.agree = False
    icq.network.set_authorization(mine, True)
    friend.ask_authorization(mine, "please")
    await me.expect("presence", contact, "subscribe")
    me.presence("unsubscribed", contact)
    assert (await friend.expect_authorization_answer(mine))[0] is False


async def test_people_are_found_by_number_and_name(icq, pair, number):
    me, mine, friend, _ = pair
    nick = f"nick{number()}"
    await friend.set_names(nick=nick, first="Romeo", last="Montague", email=f"{nick}@e.test", city="Verona")
    await choose(me, icq.domain, "earch.*ame")
    fill_in(me, icq.domain, await open_form(me, icq.domain), nick=nick)
    assert nick in await said(me, icq.domain, friend.name, timeout=20)
    await choose(me, icq.domain, "earch.*(UIN|umber)")
    form = await open_form(me, icq.domain)
    fill_in(me, icq.domain, form, answer=friend.name)
    assert nick in await said(me, icq.domain, nick, timeout=20)


async def test_a_room(pair, name):
    """ICQ's network is AIM's: its rooms are, too."""
    me, mine, friend, contact = pair
    garden = name("garden")
    visit = await friend.join(garden)
    room = Room(me, contact.replace(friend.name, garden))
    assert set(await room.join(mine)) == {mine, friend.name}
    visit.say("привет", "unicode-2-0")
    await room.heard(friend.name, "привет")
    room.say("hello & goodbye")
    await visit.expect_talk(mine, "hello & goodbye")
    await room.heard(mine, "hello & goodbye")
    assert (await room.archive()).texts == ["привет", "hello & goodbye"]
    visit.leave()
    await room.goes(friend.name)
