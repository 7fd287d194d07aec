# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages: what is written must arrive, whole, in order, and as it was meant."""

import os
import signal

import pytest

from client import NS, condition, error_text, find, show, text
from conftest import running
from gateway import irc, xmpp
from servers import PASSWORD


@pytest.fixture(scope="module")
def gateway(prosody, ngircd, elsewhere):
    with running(prosody, {"irc": irc(ngircd.port), "xmpp": xmpp(elsewhere, **{"max-message": 20000})}) as gateway:
        yield gateway


ODD = ["<b>not bold</b> & &amp; \"quoted\" 'single'", "a < b > c", "5 * 3 * 2 _x_ ~y~ `z`", "100% %s %n \\n", "grüße ☃ 𝄞 日本"]


@pytest.mark.parametrize("body", ODD)
async def test_odd_letters_to_irc(on_irc, body):
    on_irc.me.message(on_irc.contact, body)
    await on_irc.friend.expect_message(on_irc.nick, body)


@pytest.mark.parametrize("body", ODD)
async def test_odd_letters_from_irc(on_irc, body):
    on_irc.friend.say(on_irc.nick, body)
    await on_irc.me.expect_body(on_irc.contact, body)


@pytest.mark.parametrize("body", ODD + ["two\nlines", "  leading blanks", "https://example.org/?a=1&b=2"])
async def test_odd_letters_over_xmpp(on_xmpp, body):
    on_xmpp.me.message(on_xmpp.contact, body)
    await on_xmpp.friend.expect_body(on_xmpp.nick, body)
    on_xmpp.friend.message(on_xmpp.nick, body)
    await on_xmpp.me.expect_body(on_xmpp.contact, body)


async def test_the_friends_html_becomes_styled_text(on_xmpp):
    on_xmpp.friend.message(on_xmpp.nick, "plain form", "<html xmlns='http://jabber.org/protocol/xhtml-im'>"
                           "<body xmlns='http://www.w3.org/1999/xhtml'><strong>bold</strong> and <em>slanted</em> &lt;</body></html>")
    await on_xmpp.me.expect_body(on_xmpp.contact, "*bold* and _slanted_ <")


async def test_irc_formatting_becomes_styled_text(on_irc):
    on_irc.friend.say(on_irc.nick, "\x02bold\x02 and \x0304,01red\x03 end")
    await on_irc.me.expect_body(on_irc.contact, "*bold* and red end")


async def test_lines_become_lines(on_irc):
    on_irc.me.message(on_irc.contact, "one\ntwo\n\nthree")
    for line in ("one", "two", "three"):
        await on_irc.friend.expect_message(on_irc.nick, line)


async def test_a_line_cannot_carry_a_command(on_irc):
    on_irc.me.message(on_irc.contact, "harmless\r\nQUIT :injected")
    await on_irc.friend.expect_message(on_irc.nick, "harmless")
    await on_irc.friend.expect_message(on_irc.nick, "QUIT :injected")


@pytest.mark.parametrize("letter", ["ä", "𝄞", "x", "日 "])
async def test_a_long_message_is_split_between_letters(on_irc, letter):
    body = (letter * 1500).strip()
    on_irc.me.message(on_irc.contact, body)
    on_irc.me.message(on_irc.contact, "the end")
    got = []
    while not got or got[-1] != "the end":
        match = await on_irc.friend.expect(rf"^:{on_irc.nick}!\S+ PRIVMSG \S+ :(.*)$")
        assert len(match.string.encode()) <= 510
        got.append(match.group(1))
    assert "\ufffd" not in "".join(got)
    assert "".join(got[:-1]).replace(" ", "") == body.replace(" ", "")
    assert len(got) > 3


async def test_slash_me_both_ways(on_irc):
    on_irc.me.message(on_irc.contact, "/me waves")
    await on_irc.friend.expect_message(on_irc.nick, "\x01ACTION waves\x01")
    on_irc.friend.say(on_irc.nick, "\x01ACTION waves back\x01")
    await on_irc.me.expect_body(on_irc.contact, "/me waves back")


async def test_other_slashes_are_just_text(on_irc):
    on_irc.me.message(on_irc.contact, "/quit now")
    await on_irc.friend.expect_message(on_irc.nick, "/quit now")


async def test_order_is_kept(on_irc):
    for number in range(200):
        on_irc.me.message(on_irc.contact, f"out {number}")
        on_irc.friend.say(on_irc.nick, f"in {number}")
    for number in range(200):
        out = await on_irc.friend.expect(rf"PRIVMSG {on_irc.friend.nick} :out ")
        assert out.string.endswith(f"out {number}")
        message = await on_irc.me.expect("message", on_irc.contact)
        assert text(message, "c:body") == f"in {number}"


async def test_typing_both_ways(friends):
    """The network has typing; a first message shows that both want it."""
    me, friend, states = friends.me, friends.friend, "xmlns='http://jabber.org/protocol/chatstates'"
    me.message(friends.contact, "hello", f"<active {states}/>")
    await friend.expect_body(friends.nick, "hello")
    friend.message(friends.nick, "hi", f"<active {states}/>")
    await me.expect_body(friends.contact, "hi")
    me.message(friends.contact, None, f"<composing {states}/>")
    await friend.expect("message", friends.nick, has="cs:composing")
    me.message(friends.contact, None, f"<paused {states}/>")
    await friend.expect("message", friends.nick, where=lambda m: find(m, "cs:paused") is not None or find(m, "cs:active") is not None)
    friend.message(friends.nick, None, f"<composing {states}/>")
    await me.expect("message", friends.contact, has="cs:composing")
    friend.message(friends.nick, None, f"<paused {states}/>")
    await me.expect("message", friends.contact, where=lambda m: find(m, "cs:paused") is not None or find(m, "cs:active") is not None)


async def test_a_chat_state_alone_is_no_message_on_irc(on_irc):
    on_irc.me.message(on_irc.contact, None, "<composing xmlns='http://jabber.org/protocol/chatstates'/>")
    on_irc.me.message(on_irc.contact, "after it")
    line = await on_irc.friend.expect(f"^:{on_irc.nick}!")
    assert line.string.endswith(":after it")


async def test_nudges_both_ways(friends):
    """XEP-0224, where the network has them."""
    me, friend, nudge = friends.me, friends.friend, f"<attention xmlns='{NS['att']}'/>"
    friend.message(friends.nick, None, nudge, "headline")
    await me.expect("message", friends.contact, "headline", has="att:attention")
    me.message(friends.contact, None, nudge)
    reply = await me.expect("message", friends.contact, "error")
    assert error_text(reply), show(reply)           # the friend's client does not say that it wants any


async def test_a_nudge_to_a_network_without_them(on_irc):
    nudge = f"<attention xmlns='{NS['att']}'/>"
    await on_irc.me.expect_error(on_irc.me.message(on_irc.contact, None, nudge), "cancel feature-not-implemented")
    on_irc.me.message(on_irc.contact, "in words", nudge)
    await on_irc.friend.expect_message(on_irc.nick, "in words")


async def test_what_a_friend_plays(friends):
    """XEP-0118, where the network has it."""
    me, friend = friends.me, friends.friend
    me.can(NS["tune"] + "+notify")
    await friend.play("Sigh no more", "Balthasar", "Much ado")
    assert await me.expect_tune(friends.contact) == ("Sigh no more", "Balthasar", "Much ado")
    await me.expect("presence", friends.contact, "", where=lambda p: text(p, "c:status") == "♫ Sigh no more - Balthasar")


async def test_a_delayed_message_tells_its_time(gateway, friends):
    """The friend has seen that we are there: else their server would keep it for us, and add its own time."""
    friends.friend.message(friends.nick, "from long ago", "<delay xmlns='urn:xmpp:delay' stamp='2020-01-02T03:04:05Z'/>")
    message = await friends.me.expect_body(friends.contact, "from long ago")
    delay = find(message, "delay:delay")
    assert delay is not None and delay.get("stamp") == "2020-01-02T03:04:05Z", show(message)
    assert delay.get("from") in (gateway.jid("xmpp"), friends.contact)


async def test_an_offline_message_comes_with_the_sign_in(gateway, on_xmpp):
    me, domain = on_xmpp.me, gateway.jid("xmpp")
    me.presence("unavailable", domain)
    await me.expect("presence", domain, "unavailable")
    on_xmpp.friend.message(on_xmpp.nick, "while you were away")
    await on_xmpp.friend.ask(None, "<ping xmlns='urn:xmpp:ping'/>")
    me.available(to=domain)
    await me.expect_body(on_xmpp.contact, "while you were away", timeout=20)


async def test_to_nobody_is_told(gateway, on_irc):
    contact = gateway.jid("irc", "nosuchnick")
    reply = await on_irc.me.expect_error(on_irc.me.message(contact, "anybody?"), "cancel item-not-found")
    assert "nosuchnick" in error_text(reply).lower() or "such nick" in error_text(reply).lower()


async def test_to_nobody_over_xmpp_is_told(gateway, on_xmpp, elsewhere):
    contact = gateway.jid("xmpp", f"nosuchuser@{elsewhere.domain}")
    on_xmpp.me.message(contact, "anybody?")
    await on_xmpp.me.expect("message", contact, "error")


async def test_signed_out_is_told(gateway, on_irc):
    me, domain = on_irc.me, gateway.jid("irc")
    me.presence("unavailable", domain)
    await me.expect("presence", domain, "unavailable")
    await me.expect_error(me.message(on_irc.contact, "too late"), "wait recipient-unavailable")


async def test_an_oversized_body_is_refused(gateway, on_xmpp):
    reply = await on_xmpp.me.expect_error(on_xmpp.me.message(on_xmpp.contact, "x" * 20001), "modify not-acceptable")
    assert "20000" in error_text(reply) or "20 000" in error_text(reply), show(reply)
    on_xmpp.me.message(on_xmpp.contact, "y" * 20000)
    await on_xmpp.friend.expect_body(on_xmpp.nick, "y" * 20000)


async def test_a_room_message_to_a_person_is_refused(on_irc):
    message = on_irc.me.message(on_irc.contact, "all here?", type_="groupchat")
    reply = await on_irc.me.expect("message", type_="error", where=lambda m: m.get("id") == message)
    assert condition(reply) in ("cancel service-unavailable", "cancel feature-not-implemented"), show(reply)


async def test_nothing_is_answered_to_errors(on_irc, gateway):
    on_irc.me.message(gateway.jid("irc", "nosuchnick"), "an error", type_="error",
                      inside="<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>")
    on_irc.me.xml(f"<iq type='result' id='never-asked' to='{gateway.jid('irc')}'/>")
    on_irc.me.xml(f"<iq type='error' id='never-asked' to='{on_irc.contact}'/>")
    await on_irc.me.ask(gateway.jid("irc"), "<ping xmlns='urn:xmpp:ping'/>")
    on_irc.me.refuse("message", type_="error")
    on_irc.me.refuse("iq", where=lambda iq: iq.get("id") == "never-asked")


async def test_a_normal_message_goes_too(on_irc):
    on_irc.me.message(on_irc.contact, "by post", type_="normal", inside="<subject>letter</subject>")
    await on_irc.friend.expect(rf"^:{on_irc.nick}!\S+ PRIVMSG .*by post")


async def test_what_is_said_is_not_logged(gateway, on_irc):
    on_irc.me.message(on_irc.contact, "said-in-confidence out")
    await on_irc.friend.expect_message(on_irc.nick, "said-in-confidence out")
    on_irc.friend.say(on_irc.nick, "said-in-confidence in")
    await on_irc.me.expect_body(on_irc.contact, "said-in-confidence in")
    assert gateway.sections["log"]["level"] == "debug"
    assert "said-in-confidence" not in gateway.text()


async def test_a_flood_is_refused_and_the_neighbours_notice_nothing(gateway, on_xmpp, user, elsewhere, name):
    """While the worker stands still: 2 MB of one user are too much, one message of another on the same worker is not."""
    me, contact, other = on_xmpp.me, on_xmpp.contact, await user(gateway.server)
    nick = name("romeo")
    elsewhere.add_user(nick)
    await other.sign_up(gateway.jid("xmpp"), username=nick, password=PASSWORD)
    workers = {row["worker"] for row in gateway.ctl("accounts") if row["owner"] in (me.jid, other.jid)}
    assert len(workers) == 1
    pid = next(row["pid"] for row in gateway.ctl("workers") if row["id"] in workers)
    os.kill(pid, signal.SIGSTOP)
    try:
        flood = [me.message(contact, f"{number} " + "x" * 19900) for number in range(100)]
        refused = await me.expect("message", type_="error", where=lambda m: m.get("id") == flood[-1])
        assert condition(refused) == "wait resource-constraint", show(refused)
        other.message(contact, "a word from the neighbour")
        assert (await other.ask(gateway.jid("xmpp"), "<ping xmlns='urn:xmpp:ping'/>")).get("type") == "result"
        other.refuse("message", type_="error")
    finally:
        os.kill(pid, signal.SIGCONT)
    await on_xmpp.friend.expect_body(f"{nick}@{elsewhere.domain}", "a word from the neighbour")
    errors = {m.get("id") for m in me.inbox.things if m.get("type") == "error"} | {refused.get("id")}
    for number, id_ in enumerate(flood):
        if id_ not in errors:
            await on_xmpp.friend.expect("message", on_xmpp.nick, where=lambda m: (text(m, "c:body") or "").startswith(f"{number} "))
    assert 0 < len(errors) < 100
