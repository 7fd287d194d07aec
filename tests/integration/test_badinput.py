# SPDX-License-Identifier: GPL-2.0-or-later
"""What is malformed, absurd or hostile: refused with a clear word, and the hub lives on."""

import asyncio
import re
import sqlite3
import subprocess

import pytest

from client import condition, error_text, find, show, submit, text
from conftest import running
from gateway import Gateway, any_irc, irc, program, worker_program

PING = "<ping xmlns='urn:xmpp:ping'/>"


@pytest.fixture(scope="module")
def gateway(prosody, ngircd):
    with running(prosody, {"irc": irc(ngircd.port), "other": any_irc(ngircd.port)}) as gateway:
        yield gateway


async def still_serves(me, gateway):
    assert (await me.ask(gateway.jid("irc"), PING)).get("type") == "result"


STANZAS = [
    "<message to='{gw}'/>", "<message to='{gw}' type='nonsense'><body/></message>", "<presence to='{gw}' type='error'/>",
    "<message to='x@{gw}' type='chat'><body xmlns='urn:other'>not ours</body></message>",
    "<message to='x@{gw}' type='chat'><body/><body/></message>",
    "<message to='{gw}' type='chat'><body>a<b xmlns='urn:b'>nested</b>c</body></message>",
    "<presence to='x@{gw}'><show>sideways</show><priority>many</priority><status/></presence>",
    "<presence to='{gw}'><priority>99999999999999999999</priority></presence>",
    "<presence to='x@{gw}' type='subscribe'><nick xmlns='http://jabber.org/protocol/nick'/></presence>",
    "<presence to='%@{gw}' type='subscribe'/>", "<presence to='#room@{gw}' type='subscribe'/>",
    "<presence to='x@{gw}/res' type='probe'/>", "<presence to='{gw}/x' type='unavailable'/>",
    "<message to='{gw}' type='chat'><body>&#x7f;&#x200b;&#xfeff;&#xfffd;</body></message>",
    "<message to='x@{gw}' type='chat'><body>" + "<i/>" * 3000 + "</body></message>",
    "<message to='x@{gw}' type='chat'>" + "<a>" * 100 + "</a>" * 100 + "</message>",
    "<message to='x@{gw}' type='chat' xml:lang='" + "l" * 3000 + "'><body>x</body></message>"]


@pytest.mark.parametrize("number", range(len(STANZAS)))
async def test_odd_stanzas(gateway, user, on_irc, number):
    """With and without an account."""
    for me in (on_irc.me, await user(gateway.server)):
        me.xml(STANZAS[number].format(gw=gateway.jid("irc")))
        await still_serves(me, gateway)


IQS = [
    ("get", ""), ("set", ""), ("get", "<query xmlns=''/>"),
    ("set", "<query xmlns='jabber:iq:register'/>"), ("set", "<query xmlns='jabber:iq:register'><username/></query>"),
    ("set", "<query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'/></query>"),
    ("set", "<query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'><field/></x></query>"),
    ("set", "<query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='nonsense'/></query>"),
    ("set", "<command xmlns='http://jabber.org/protocol/commands'/>"),
    ("get", "<command xmlns='http://jabber.org/protocol/commands' node='status'/>"),
    ("set", "<ping xmlns='urn:xmpp:ping'/>"), ("set", "<query xmlns='jabber:iq:version'/>"),
    ("set", "<query xmlns='http://jabber.org/protocol/disco#info'/>")]


@pytest.mark.parametrize("number", range(len(IQS)))
async def test_odd_questions_have_an_answer(gateway, user, number):
    me, (type_, payload) = await user(gateway.server), IQS[number]
    for to in (gateway.jid("irc"), gateway.jid("irc", "nobody")):
        name = f"odd{number}"
        me.xml(f"<iq type='{type_}' id='{name}' to='{to}'>{payload}</iq>")
        reply = await me.expect("iq", id_=name)
        assert reply.get("type") == "error" and condition(reply), show(reply)
    await still_serves(me, gateway)


@pytest.mark.parametrize("local", ["%", "a%", "%b", "a%b%c", "\\20", "a\\40", "\\5c\\5c", "n" * 500, "#channel", "a,b", "*", "é"], ids=lambda local: local[:8])
async def test_names_that_are_no_contact(gateway, on_irc, local):
    """An error or silence, but nothing on the IRC line that was not meant."""
    me, contact = on_irc.me, f"{local}@{gateway.jid('irc')}"
    me.message(contact, "QUIT")
    me.presence("subscribe", contact)
    me.presence("unsubscribe", contact)
    await still_serves(me, gateway)
    me.message(on_irc.contact, "still here")
    await on_irc.friend.expect_message(on_irc.nick, "still here")


@pytest.mark.parametrize("fields", [
    {"username": "a\nQUIT", "option.server": "127.0.0.1"}, {"username": "\u202e" * 100, "option.server": "127.0.0.1"},
    {"username": "nick", "option.server": "127.0.0.1\nX"}, {"username": "nick", "option.server": "no such host.invalid"},
    {"username": "nick", "option.server": "x" * 4000}, {"username": "nick", "option.server": "127.0.0.1", "password": "p\nQUIT"},
    {"username": "nick", "option.server": "127.0.0.1", "option.encoding": "NO-SUCH-CHARSET"},
    {"username": "nick", "option.server": "127.0.0.1", "option.realname": "r" * 60000}], ids=lambda f: repr(f)[:50])
async def test_absurd_fields(gateway, user, fields):
    me = await user(gateway.server)
    reply = await me.register(gateway.jid("other"), timeout=90, **fields)
    assert reply.get("type") == "error" and error_text(reply), show(reply)[:500]
    await still_serves(me, gateway)


async def test_a_thousand_fields(gateway, user):
    me = await user(gateway.server)
    reply = await me.register(gateway.jid("other"), timeout=90, **{f"field{n}": n for n in range(1000)})
    assert condition(reply).startswith("modify"), show(reply)[:500]


async def test_control_characters_from_the_network(gateway, on_irc):
    """One of them would end the component's stream for every user."""
    for code in [*range(1, 10), 11, 12, *range(14, 32), 127]:
        on_irc.friend.send_bytes(b"PRIVMSG %s :a%cb" % (on_irc.nick.encode(), code))
    on_irc.friend.say(on_irc.nick, "the end")
    await on_irc.me.expect_body(on_irc.contact, "the end")
    await still_serves(on_irc.me, gateway)
    got = [text(thing, "c:body") or "" for thing in on_irc.me.inbox.things if thing.tag.endswith("message")]
    assert got and all(re.fullmatch("[ab *_~`\t\x7f]*", body) for body in got), got


@pytest.mark.parametrize("raw", [b"caf\xe9", b"\xff\xfe\xfd", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xef\xbf\xbf", b"\xc0\xaf"])
async def test_invalid_utf8_from_the_network(gateway, on_irc, raw):
    on_irc.friend.send_bytes(b"PRIVMSG %s :before %s after" % (on_irc.nick.encode(), raw))
    message = await on_irc.me.expect("message", on_irc.contact, has="c:body")
    assert text(message, "c:body").startswith("before ") and text(message, "c:body").endswith(" after")
    await still_serves(on_irc.me, gateway)


async def test_odd_lines_from_the_network(gateway, user, scripted_ircd, name):
    me, nick, ircd = await user(gateway.server), name("nick"), await scripted_ircd()
    await me.sign_up(gateway.jid("other"), username=nick, **{"option.server": "127.0.0.1", "option.port": ircd.port})
    target = nick.encode()
    for line in (b"", b":", b" ", b"PRIVMSG", b":x PRIVMSG", b":x!y@z PRIVMSG " + target, b":!@ PRIVMSG " + target + b" :who?",
                 b":\x01\x02!a@b PRIVMSG " + target + b" :odd nick", b":a<b>&'\"!a@b PRIVMSG " + target + b" :xml nick",
                 b"433", b"401 " + target, b"353 x", b"999 " + b"y" * 400, b":x!y@z PRIVMSG " + target + b" :" + b"long " * 5000,
                 b":x!y@z PRIVMSG " + target + b" :\x01DCC SEND x 1 2 3\x01", b":x!y@z PRIVMSG " + target + b" :\x01\x01"):
        ircd.send_bytes(nick, line)
    ircd.send(nick, f":friend!f@f PRIVMSG {nick} :sane again")
    await me.expect_body(gateway.jid("other", "friend%127.0.0.1"), "sane again")
    await still_serves(me, gateway)


@pytest.mark.parametrize("mode", ["exits", "crashes", "says-nothing", "says-nonsense", "says-too-much", "never-listens", "lies"])
async def test_a_worker_that_is_none(prosody, ngircd, user, name, mode):
    """The user gets an error in the end; the hub lives on."""
    with running(prosody, {"echo": irc(ngircd.port)}, "connected to the XMPP server", workers={"program": worker_program("bad_worker.py", mode)},
                 log={"level": "info"}) as gateway:
        me = await user(prosody)
        reply = await me.register(gateway.jid("echo"), username=name("nick"), timeout=120)
        assert reply.get("type") == "error" and error_text(reply), show(reply)
        await gateway.line(r"worker 1 \(process \d+\) (died|is ended)", timeout=60)
        assert (await me.ask(gateway.jid("echo"), PING)).get("type") == "result"


async def test_a_worker_that_is_busy_is_not_taken_for_dead(prosody, ngircd):
    with running(prosody, {"echo": irc(ngircd.port)}, "connected to the XMPP server", workers={"program": worker_program("bad_worker.py", "busy")}) as gateway:
        await gateway.line("cannot be served: this was all", timeout=90)
        assert "worker 1 (process" not in gateway.text()


async def test_nonsense_on_the_workers_socket(gateway, user):
    """Anybody of the same user may connect there, and say anything."""
    me = await user(gateway.server)
    path = str(gateway.dir / "run" / "workers.sock")
    for nonsense in (b"", b"\x00", b"\xff" * 1000, b"\x00\x00\x00\x02{}", b"\x00\x00\x00\x04null", b"GET / HTTP/1.1\r\n\r\n",
                     b"\x7f\xff\xff\xff" + b"x" * 100000, b"{}\n", b"[" * 100000):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(nonsense)
        writer.write_eof()
        try:
            await asyncio.wait_for(reader.read(), 10)
        except ConnectionError:
            pass
        writer.close()
    await still_serves(me, gateway)


async def test_nonsense_on_the_control_socket(gateway, user):
    me = await user(gateway.server)
    for nonsense in (b"", b"\x00" * 100, b"{\n", b"nosuch\n", b"x" * 1000000 + b"\n", b'{"command":1}\n'):
        reader, writer = await asyncio.open_unix_connection(str(gateway.dir / "run" / "control.sock"))
        try:
            writer.write(nonsense)
            writer.write_eof()
            await asyncio.wait_for(reader.read(), 10)
        except ConnectionError:
            pass
        writer.close()
    await still_serves(me, gateway)


@pytest.mark.parametrize("uri", ["sqlite:/proc/none/passerelle.db", "sqlite:/", "sqlite:", "nonsense:/x", "{dir}/garbage"])
def test_a_store_that_cannot_be_opened(prosody, ngircd, uri):
    gateway = Gateway(prosody, {"echo": irc(ngircd.port)})
    garbage = gateway.dir / "garbage"
    garbage.write_bytes(b"this is no database" * 1000)
    gateway.sections["storage"]["uri"] = f"sqlite:{garbage}" if "garbage" in uri else uri
    gateway.configure()
    done = subprocess.run(gateway.argv, capture_output=True, text=True, timeout=20)
    assert done.returncode > 0, "it must leave with an exit status, by no signal"
    assert re.search("(?i)database|storage|passerelle.key", done.stderr), done.stderr


async def test_a_store_that_cannot_be_written(gateway, user, name):
    """Somebody else holds the database: the user is told, and later all is well."""
    me, domain, nick = await user(gateway.server), gateway.jid("irc"), name("nick")
    lock = sqlite3.connect(gateway.dir / "passerelle.db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    try:
        reply = await me.register(domain, username=nick, timeout=90)
        assert reply.get("type") == "error" and error_text(reply), show(reply)
    finally:
        lock.execute("ROLLBACK")
        lock.close()
    await still_serves(me, gateway)
    await me.sign_up(domain, username=nick)


def test_a_key_that_is_gone(prosody, ngircd):
    """Without its key the database must not be taken for a new one."""
    gateway = Gateway(prosody, {"echo": irc(ngircd.port)})
    gateway.start()
    gateway.finish()
    (gateway.dir / "passerelle.key").write_text("short")
    done = subprocess.run(gateway.argv, capture_output=True, text=True, timeout=20)
    assert done.returncode > 0 and "key" in done.stderr, done.stderr


async def test_a_form_submitted_twice_at_once(gateway, user, name):
    """Two registrations overtake each other: two answers, one account."""
    me, domain, nick = await user(gateway.server), gateway.jid("irc"), name("nick")
    both = await asyncio.gather(me.register(domain, username=nick), me.register(domain, username=nick))
    assert any(reply.get("type") == "result" for reply in both), [show(reply) for reply in both]
    await me.expect_signed_in(domain)
    assert find(await me.ask(domain, "<query xmlns='jabber:iq:register'/>"), "reg:query/reg:registered") is not None


async def test_the_user_leaves_while_registering(gateway, user, scripted_ircd, name):
    me, ircd = await user(gateway.server), await scripted_ircd()
    ircd.welcome = False
    fields = submit("jabber:iq:register", username=name("nick"), **{"option.server": "127.0.0.1", "option.port": ircd.port})
    me.xml(f"<iq type='set' id='leaving' to='{gateway.jid('other')}'><query xmlns='jabber:iq:register'>{fields}</query></iq>")
    await ircd.expect("^USER ")
    await me.logout()
    another = await user(gateway.server)
    await still_serves(another, gateway)


def test_programs_say_their_version():
    for one in ("passerelled", "passerellectl"):
        done = subprocess.run([program(one), "--version"], capture_output=True, text=True, timeout=10)
        assert done.returncode == 0 and re.search(r"\d+\.\d+", done.stdout), done
