# SPDX-License-Identifier: GPL-2.0-or-later
"""Chat with the gateway itself, for clients that have neither forms nor commands."""

import pytest

from client import find, show, text
from conftest import running
from gateway import any_irc, irc, xmpp
from process import free_port
from servers import PASSWORD


@pytest.fixture(scope="module")
def gateway(prosody, ngircd, elsewhere):
    with running(prosody, {"irc": irc(ngircd.port), "other": any_irc(ngircd.port), "xmpp": xmpp(elsewhere)}) as gateway:
        yield gateway


async def talk(me, bot, words, timeout=30):
    """One word to the gateway and its answer, in lower case."""
    me.message(bot, words)
    return text(await me.expect("message", bot, has="c:body", timeout=timeout), "c:body").lower()


@pytest.mark.parametrize("local", ["", "gateway@"])
async def test_help_names_the_actions(gateway, user, local):
    me = await user(gateway.server)
    said = await talk(me, local + gateway.jid("irc"), "help")
    for word in ("register", "unregister", "accounts", "login", "logout", "status"):
        assert word in said, said


async def test_unknown_words_are_answered_with_help(gateway, user):
    me = await user(gateway.server)
    assert "help" in await talk(me, gateway.jid("irc"), "abracadabra")


async def test_the_whole_way(gateway, user, irc_friend, ngircd, name):
    me, bot, nick, friend = await user(gateway.server), gateway.jid("irc"), name("nick"), await irc_friend(ngircd.port)
    await talk(me, bot, f"register {nick}")
    await me.expect_signed_in(bot)
    assert nick in await talk(me, bot, "accounts")
    me.message(gateway.jid("irc", friend.nick), "registered by chat")
    await friend.expect_message(nick, "registered by chat")
    await talk(me, bot, "logout")
    await me.expect("presence", bot, "unavailable")
    me.inbox.clear()
    await talk(me, bot, "login")
    await me.expect_signed_in(bot)
    me.inbox.clear()
    assert nick in await talk(me, bot, "status")
    await talk(me, bot, "unregister")
    await me.expect("presence", bot, "unavailable")
    me.inbox.clear()
    assert nick not in await talk(me, bot, "accounts")


async def test_register_with_settings(gateway, user, ngircd, name):
    me, bot, nick = await user(gateway.server), gateway.jid("other"), name("nick")
    await talk(me, bot, f"register {nick} server=127.0.0.1 port={ngircd.port}")
    await me.expect_signed_in(bot)


async def test_a_wrong_password_is_told_in_the_networks_words(gateway, user, elsewhere, name):
    me, bot, juliet = await user(gateway.server), gateway.jid("xmpp"), name("juliet")
    elsewhere.add_user(juliet)
    said = await talk(me, bot, f"register {juliet} wrong")
    while "register" in said and "ing" in said and "not" not in said:   # "registering ...": what it is about to do
        said = text(await me.expect("message", bot, has="c:body"), "c:body").lower()
    assert "not authorized" in said or "password" in said or "auth" in said, said
    assert juliet not in await talk(me, bot, "accounts")


async def test_the_password_is_not_said_back(gateway, user, elsewhere, name):
    me, bot, juliet = await user(gateway.server), gateway.jid("xmpp"), name("juliet")
    elsewhere.add_user(juliet, "capulet-word")
    await talk(me, bot, f"register {juliet} capulet-word")
    await me.expect_signed_in(bot)
    me.refuse("message", bot, where=lambda m: "capulet-word" in show(m))
    assert "capulet-word" not in gateway.text()


async def test_trouble_is_told_once(gateway, user, scripted_ircd, name):
    """The network goes away and does not come back for several tries: one message."""
    me, bot, nick, ircd = await user(gateway.server), gateway.jid("other"), name("nick"), await scripted_ircd()
    port = ircd.port
    await me.sign_up(bot, username=nick, **{"option.server": "127.0.0.1", "option.port": port})
    ircd.refusal = "ERROR :Closing Link: come back later"
    mark = gateway.mark()
    ircd.drop(nick)
    told = await me.expect("message", bot, has="c:body")
    for _ in range(3):
        await ircd.expect("^USER ", timeout=60)
    me.refuse("message", bot, has="c:body")
    ircd.refusal = None
    await me.expect_signed_in(bot, timeout=90)
    assert find(told, "c:body") is not None and gateway.text(mark)


@pytest.mark.parametrize("words", ["register", "register a b c d=e", "login nobody", "logout nobody", "unregister nobody",
                                   "unregister", "login", "logout", "help me " + "x" * 5000, "register \u202e\u0660"])
async def test_every_line_has_an_answer(gateway, user, words):
    me = await user(gateway.server)
    assert await talk(me, gateway.jid("xmpp"), words)


async def test_a_chat_state_is_not_a_line(gateway, user):
    me, bot = await user(gateway.server), gateway.jid("irc")
    me.message(bot, None, "<composing xmlns='http://jabber.org/protocol/chatstates'/>")
    await talk(me, bot, "help")
    me.refuse("message", bot, has="c:body")
