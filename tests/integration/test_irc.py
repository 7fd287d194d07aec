# SPDX-License-Identifier: GPL-2.0-or-later
"""IRC: ngircd, inspircd, and a scripted server for what real ones do not do on demand."""

import asyncio

import pytest
import pytest_asyncio

from client import condition, error_text, form, show
from conftest import running
from gateway import any_irc, children, irc
from services import Services


@pytest.fixture(scope="module")
def gateway(prosody, ngircd, inspircd):
    with running(prosody, {"irc": irc(ngircd.port), "other": any_irc(inspircd.port),
                           "echo": irc(inspircd.tls_port, verify="off", **{"option.ssl": "true"})}) as gateway:
        yield gateway


@pytest.fixture
def domain(gateway):
    return gateway.jid("irc")


@pytest_asyncio.fixture
async def services(inspircd):
    one = await Services(inspircd, {"guarded": "nickserv-word"}).link()
    yield one
    await one.quit()


async def test_private_messages_both_ways(gateway, domain, user, irc_friend, ngircd, name):
    me, friend, nick = await user(gateway.server), await irc_friend(ngircd.port), name("nick")
    await me.sign_up(domain, username=nick)
    contact = gateway.jid("irc", friend.nick)
    me.message(contact, "wherefore art thou")
    await friend.expect_message(nick, "wherefore art thou")
    friend.say(nick, "here, below")
    await me.expect_body(contact, "here, below")


async def test_a_stranger_may_begin(gateway, domain, user, irc_friend, ngircd, name):
    me, friend, nick = await user(gateway.server), await irc_friend(ngircd.port), name("nick")
    await me.sign_up(domain, username=nick)
    friend.say(nick, "psst")
    await me.expect_body(gateway.jid("irc", friend.nick), "psst")


async def test_nick_with_odd_letters_is_one_contact(gateway, domain, user, irc_friend, ngircd, name):
    me, nick = await user(gateway.server), name("nick")
    friend = await irc_friend(ngircd.port, name("[od]\\d`"))
    await me.sign_up(domain, username=nick)
    friend.say(nick, "hello")
    message = await me.expect("message", body="hello")
    me.message(message.get("from"), "and back")
    await friend.expect_message(nick, "and back")


async def test_a_nick_in_use_is_told(gateway, domain, user, irc_friend, ngircd):
    me, friend = await user(gateway.server), await irc_friend(ngircd.port)
    reply = await me.register(domain, username=friend.nick)
    if reply.get("type") == "error":
        assert condition(reply) == "cancel conflict", show(reply)
        assert friend.nick in error_text(reply)
    else:
        await me.expect("message", domain, where=lambda m: friend.nick in show(m))


async def test_two_servers_at_one_gateway(gateway, user, irc_friend, ngircd, inspircd, name):
    domain, me = gateway.jid("other"), await user(gateway.server)
    here, there, nick = await irc_friend(inspircd.port), await irc_friend(ngircd.port), name("nick")
    await me.sign_up(domain, username=nick, **{"option.server": "127.0.0.1"})
    await me.sign_up(domain, username=nick, **{"option.server": "localhost", "option.port": ngircd.port})
    me.message(gateway.jid("other", f"{here.nick}%127.0.0.1"), "to the one")
    await here.expect_message(nick, "to the one")
    me.message(gateway.jid("other", f"{there.nick}%localhost"), "to the other")
    await there.expect_message(nick, "to the other")
    there.say(nick, "from the other")
    await me.expect_body(gateway.jid("other", f"{there.nick}%localhost"), "from the other")


async def test_a_host_name_is_looked_up_without_forking(gateway, user, inspircd, name):
    await (await user(gateway.server)).sign_up(gateway.jid("other"), username=name("nick"), **{"option.server": "localhost"})
    assert [children(worker) for worker in gateway.workers()] == [[] for _ in gateway.workers()]


async def test_an_ambiguous_contact_is_refused(gateway, user, name):
    domain, me, nick = gateway.jid("other"), await user(gateway.server), name("nick")
    await me.sign_up(domain, username=nick, **{"option.server": "127.0.0.1"})
    await me.expect_error(me.message(gateway.jid("other", "nobody"), "whereto?"), "cancel item-not-found")


async def test_other_encoding(gateway, user, irc_friend, inspircd, name):
    domain, me, nick = gateway.jid("other"), await user(gateway.server), name("nick")
    friend = await irc_friend(inspircd.port, encoding="latin-1")
    await me.sign_up(domain, username=nick, **{"option.server": "127.0.0.1", "option.encoding": "ISO-8859-1"})
    contact = gateway.jid("other", f"{friend.nick}%127.0.0.1")
    me.message(contact, "größer")
    await friend.expect_message(nick, "größer")
    friend.say(nick, "Übermaß")
    await me.expect_body(contact, "Übermaß")


@pytest.mark.parametrize("encoding, odd, words", [("UTF-8,ISO-8859-15", "iso-8859-15", "Übermaß €"), ("UTF-8,CP1251", "cp1251", "дальше")])
async def test_a_second_encoding_is_for_what_is_not_the_first(gateway, user, irc_friend, inspircd, name, encoding, odd, words):
    me, nick = await user(gateway.server), name("nick")
    old, new = await irc_friend(inspircd.port, encoding=odd), await irc_friend(inspircd.port)
    await me.sign_up(gateway.jid("other"), username=nick, **{"option.server": "127.0.0.1", "option.encoding": encoding})
    for friend in (old, new):
        friend.say(nick, words)
        await me.expect_body(gateway.jid("other", f"{friend.nick}%127.0.0.1"), words)
    me.message(gateway.jid("other", f"{new.nick}%127.0.0.1"), words)
    await new.expect_message(nick, words)


async def test_private_notices(gateway, domain, user, irc_friend, ngircd, name):
    me, nick, friend = await user(gateway.server), name("nick"), await irc_friend(ngircd.port)
    await me.sign_up(domain, username=nick)
    friend.send(f"NOTICE {nick} :mind the gap")
    await me.expect_body(gateway.jid("irc", friend.nick), "(notice) mind the gap")


async def test_ctcp(gateway, domain, user, irc_friend, ngircd, name):
    """Programs ask each other; people read nothing of it."""
    me, nick, friend = await user(gateway.server), name("nick"), await irc_friend(ngircd.port)
    await me.sign_up(domain, username=nick)
    for asked, answered in (("PING 12345", "PING 12345"), ("VERSION", "VERSION ")):
        friend.say(nick, f"\x01{asked}\x01")
        await friend.expect(rf"^:{nick}!\S+ NOTICE {friend.nick} :\x01{answered}")
    for odd in ("\x01TIME\x01", "\x01FINGER\x01", "\x01", "\x01\x01", "\x01ACTION\x01", "\x01UNHEARD OF\x01"):
        friend.say(nick, odd)
    friend.send(f"NOTICE {nick} :\x01VERSION a client of theirs\x01")
    friend.say(nick, "in words")
    await me.expect_body(gateway.jid("irc", friend.nick), "in words")
    me.refuse("message", where=lambda m: any(word in show(m) for word in ("CTCP", "TIME", "FINGER", "VERSION", "12345", "UNHEARD")))


async def test_tls_with_an_unknown_certificate_is_refused(gateway, user, inspircd, name):
    domain, me = gateway.jid("other"), await user(gateway.server)
    reply = await me.register(domain, username=name("nick"),
                              **{"option.server": "127.0.0.1", "option.port": inspircd.tls_port, "option.ssl": "true"})
    assert reply.get("type") == "error", show(reply)
    assert "certificate" in error_text(reply).lower(), show(reply)


async def test_server_password(gateway, user, scripted_ircd, name):
    domain, me, nick = gateway.jid("other"), await user(gateway.server), name("nick")
    ircd = await scripted_ircd(password="open sesame")
    where = {"option.server": "127.0.0.1", "option.port": ircd.port}
    reply = await me.register(domain, username=nick, password="wrong", **where)
    assert condition(reply) == "auth not-authorized", show(reply)
    assert "Password incorrect" in error_text(reply)
    await me.sign_up(domain, username=nick, password="open sesame", **where)


async def test_sasl_on_a_real_server(gateway, user, services, inspircd, name):
    domain, me = gateway.jid("other"), await user(gateway.server)
    where = {"option.server": "127.0.0.1", "option.sasl": "true", "option.auth_plain_in_clear": "true"}
    reply = await me.register(domain, username="guarded", password="wrong", **where)
    assert condition(reply) == "auth not-authorized", show(reply)
    await me.sign_up(domain, username="guarded", password="nickserv-word", **where)
    await services.expect_login("guarded")


async def test_nickserv_is_a_contact(gateway, user, services, name):
    domain, me, nick = gateway.jid("other"), await user(gateway.server), name("nick")
    await me.sign_up(domain, username=nick, **{"option.server": "127.0.0.1"})
    nickserv = gateway.jid("other", "nickserv%127.0.0.1")
    me.message(nickserv, "IDENTIFY guarded nickserv-word")
    await me.expect("message", nickserv, where=lambda m: "now identified" in show(m))


@pytest.mark.parametrize("way", ["nickserv", "sasl"])
async def test_the_password_may_be_for(way, gateway, user, services, inspircd):
    """One field says what the password is for."""
    domain, me = gateway.jid("other"), await user(gateway.server)
    await me.sign_up(domain, username="guarded", password="nickserv-word",
                     **{"option.server": "127.0.0.1", "option.identify": way, "option.auth_plain_in_clear": "true"})
    await services.expect_login("guarded")


async def test_tls_without_verifying(gateway, user, irc_friend, inspircd, name):
    me, nick, friend = await user(gateway.server), name("nick"), await irc_friend(inspircd.port)
    await me.sign_up(gateway.jid("echo"), username=nick)
    me.message(gateway.jid("echo", friend.nick), "over TLS")
    await friend.expect_message(nick, "over TLS")


async def test_sasl_with_a_wrong_password_is_told(gateway, user, scripted_ircd, name):
    domain, me, nick = gateway.jid("other"), await user(gateway.server), name("nick")
    ircd = await scripted_ircd(sasl=(nick, "right"))
    where = {"option.server": "127.0.0.1", "option.port": ircd.port, "option.sasl": "true",
             "option.auth_plain_in_clear": "true"}
    reply = await me.register(domain, username=nick, password="wrong", **where)
    assert condition(reply) == "auth not-authorized", show(reply)
    await me.sign_up(domain, username=nick, password="right", **where)


async def test_a_broken_line_is_mended_and_told_once(gateway, user, scripted_ircd, name):
    domain, me, nick = gateway.jid("other"), await user(gateway.server), name("nick")
    ircd = await scripted_ircd()
    await me.sign_up(domain, username=nick, **{"option.server": "127.0.0.1", "option.port": ircd.port})
    me.inbox.clear()
    ircd.drop(nick)
    await me.expect_lost(domain)
    await me.expect_signed_in(domain, timeout=60)
    ircd.send(nick, f":friend!f@f PRIVMSG {nick} :back again")
    await me.expect_body(gateway.jid("other", "friend%127.0.0.1"), "back again")


async def test_refused_for_good_is_not_tried_again(gateway, user, scripted_ircd, name):
    domain, me, nick = gateway.jid("other"), await user(gateway.server), name("nick")
    ircd = await scripted_ircd(password="first")
    await me.sign_up(domain, username=nick, password="first", **{"option.server": "127.0.0.1", "option.port": ircd.port})
    ircd.password = "changed"
    ircd.drop(nick)
    await me.expect("message", domain, where=lambda m: "Password incorrect" in show(m), timeout=60)
    await me.expect("presence", domain, "unavailable")


async def test_a_server_that_stops_reading_does_not_kill_the_worker(gateway, user, irc_friend, ngircd, name):
    """libpurple's IRC plugin asserts when its socket is full."""
    stuck, over = asyncio.Event(), asyncio.Event()

    async def serve(reader, writer):
        nick = None
        while not stuck.is_set() and (line := await reader.readline()):
            word, _, rest = line.decode().strip().partition(" ")
            if word == "NICK":
                nick = rest.lstrip(":")
            if word == "USER":
                writer.write(f":s 001 {nick} :hi\r\n:s 376 {nick} :end\r\n".encode())
            if "PRIVMSG" in line.decode():
                writer.transport.pause_reading()
                stuck.set()
        await over.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=4096)
    domain, me, nick = gateway.jid("other"), await user(gateway.server), name("nick")
    await me.sign_up(domain, username=nick,
                     **{"option.server": "127.0.0.1", "option.port": server.sockets[0].getsockname()[1]})
    before = gateway.workers()
    contact = gateway.jid("other", "friend%127.0.0.1")
    for _ in range(300):
        me.message(contact, "x" * 30000)
    last = me.message(contact, "last")
    other, friend, its_nick = await user(gateway.server), await irc_friend(ngircd.port), name("nick")
    await other.sign_up(domain, username=its_nick, **{"option.server": "127.0.0.1", "option.port": ngircd.port})
    other.message(gateway.jid("other", f"{friend.nick}%127.0.0.1"), "undisturbed")
    await friend.expect_message(its_nick, "undisturbed")
    assert gateway.workers() == before, "a worker died"
    over.set()
    server.close()


async def test_form_offers_the_plugins_options(gateway, user):
    me = await user(gateway.server)
    fields = form(await me.ask(gateway.jid("other"), "<query xmlns='jabber:iq:register'/>"))
    assert {"option.server", "option.port", "option.encoding", "option.ssl", "option.sasl"} <= set(fields)
    fields = form(await me.ask(gateway.jid("irc"), "<query xmlns='jabber:iq:register'/>"))
    assert not {"option.server", "option.port"} & set(fields), "locked options are in the form"
