# SPDX-License-Identifier: GPL-2.0-or-later
"""An IRC server's own commands, said to the gateway, to the server's address, or as an ad-hoc command."""

import asyncio

import pytest
import pytest_asyncio

from client import NS, condition, error_text, find, form, show, submit, text
from conftest import running
from gateway import any_irc, irc
from muc import Room

LOCAL = {"option.server": "127.0.0.1"}


@pytest.fixture(scope="module")
def gateway(prosody, ngircd, inspircd):
    with running(prosody, {"irc": irc(ngircd.port), "other": any_irc(inspircd.port)}) as gateway:
        yield gateway


class Asker:
    """A user who is signed in, and the address that takes the server's commands."""

    def __init__(self, me, nick, server, port, prefix, contact):
        self.me, self.nick, self.server, self.port, self.prefix, self.contact = me, nick, server, port, prefix, contact

    async def ask(self, line, timeout=10):
        self.me.message(self.server, self.prefix + line)
        return text(await self.me.expect("message", self.server, "chat", has="c:body", timeout=timeout), "c:body")


@pytest_asyncio.fixture(params=["gateway", "server"])
async def asker(request, gateway, user, ngircd, inspircd, name):
    me, nick = await user(gateway.server), name("nick")
    if request.param == "gateway":
        await me.sign_up(gateway.jid("irc"), username=nick)
        return Asker(me, nick, gateway.jid("irc"), ngircd.port, "irc ", lambda who: gateway.jid("irc", who))
    await me.sign_up(gateway.jid("other"), username=nick, **LOCAL)
    return Asker(me, nick, gateway.jid("other", "127.0.0.1"), inspircd.port, "", lambda who: gateway.jid("other", f"{who}%127.0.0.1"))


async def test_whois(asker, irc_friend):
    friend = await irc_friend(asker.port)
    answer = await asker.ask(f"whois {friend.nick}")
    assert friend.nick in answer and "a friend" in answer and "End of" not in answer, answer
    assert "End of" not in await asker.ask(f"/WHO {friend.nick}")


async def test_what_the_server_says(asker):
    for line, wanted in (("VERSION", "ircd"), ("TIME", "20"), ("ADMIN", "test"), ("LUSERS", "users"), ("MOTD", ""), ("LINKS", "irc."), ("INFO", "ircd"),
                         ("STATS u", "up"), ("ISON {nick}", "{nick}"), ("USERHOST {nick}", "{nick}="), ("LIST", ""), ("MODE {nick}", "+")):
        answer = await asker.ask(line.format(nick=asker.nick))
        assert wanted.format(nick=asker.nick).lower() in answer.lower(), answer


async def test_errors_in_the_servers_words(asker):
    assert "no such" in (await asker.ask("WHOIS nobody-is-called-so")).lower()
    assert "channel" in (await asker.ask("TOPIC #no-such-room :words")).lower()


async def test_orders_are_done(asker, irc_friend, name):
    """What shows elsewhere is not said again: the command is done."""
    friend, chan = await irc_friend(asker.port), "#" + name("room")
    room = Room(asker.me, asker.contact(chan))
    await room.join(asker.nick)
    assert await asker.ask(f"TOPIC {chan} :by command") == "Done."
    await room.topic("by command")
    assert friend.nick in await asker.ask(f"INVITE {friend.nick} {chan}")
    await friend.expect(rf" INVITE {friend.nick} :?{chan}")
    friend.send(f"JOIN {chan}")
    await room.comes(friend.nick)
    await asker.ask(f"MODE {chan} +v {friend.nick}")
    await room.comes(friend.nick, affiliation="member")
    assert asker.nick in await asker.ask(f"NAMES {chan}")
    assert "by command" in await asker.ask(f"TOPIC {chan}")
    new = name("new")
    await asker.ask(f"NICK {new}")
    await room.goes(asker.nick, 303)
    await room.comes(new)
    await asker.ask(f"KICK {chan} {friend.nick} :enough said")
    await friend.expect(rf" KICK {chan} {friend.nick} :enough said")
    await room.goes(friend.nick, 307)
    await room.join(new)


async def test_what_is_not_passed_on(asker, irc_friend):
    friend = await irc_friend(asker.port)
    for lines, wanted in ((("QUIT :bye", "quit"), "logout"), (("JOIN #x", "PART #x"), "room"), (("PRIVMSG x :y",), "address"), (("AWAY :x",), "status"),
                          (("PASS x", "USER a b c d", "CAP LS", "AUTHENTICATE PLAIN", "PING x", "PONG x", "OPER a b", ":somebody QUIT", "what is this?"),
                           "WHOIS, WHOWAS"), (("WHO", "KICK #x"), "needs more"), (("WHOIS x\nQUIT :smuggled", "WHOIS x\rQUIT :smuggled"), "one line"),
                          (("WHOIS " + "x" * 505, "WHOIS " + "ä" * 300, "WHOIS " + "x" * 5000), "too long")):
        for line in lines:
            answer = await asker.ask(line)
            assert wanted in answer, answer
    asker.me.message(asker.contact(friend.nick), "still there")
    await friend.expect_message(asker.nick, "still there")


# The gateway's own ways

async def test_of_several_accounts_one_is_named(gateway, user, ngircd, inspircd, name):
    me, bot = await user(gateway.server), gateway.jid("other")
    one, two = name("one"), name("two")
    await me.sign_up(bot, username=one, **LOCAL)
    await me.sign_up(bot, username=two, **{"option.server": "localhost", "option.port": ngircd.port})
    me.inbox.clear()
    for line, wanted in ((f"irc MODE {one}", "several accounts"), (f"irc 127.0.0.1 WHOIS {one}", one), (f"irc localhost WHOIS {two}", two),
                         ("irc", "whois juliet"), ("help", "irc [ACCOUNT] COMMAND")):
        me.message(bot, line)
        assert wanted in text(await me.expect("message", bot, has="c:body"), "c:body")


async def test_ad_hoc(gateway, user, name):
    me, nick, domain = await user(gateway.server), name("nick"), gateway.jid("irc")

    async def run(inside="", extra=""):
        return await me.ask(domain, f"<command xmlns='{NS['cmd']}' node='irc'{extra}>{inside}</command>", "set")

    assert condition(await run()) == "auth registration-required"
    await me.sign_up(domain, username=nick)
    items = await me.ask(domain, f"<query xmlns='{NS['items']}' node='{NS['cmd']}'/>")
    assert "irc" in [one.get("node") for one in items.iterfind("items:query/items:item", NS)]
    for line, good in ((f"WHOIS {nick}", True), ("QUIT", False)):
        first = find(await run(), "cmd:command")
        assert "command" in form(first), show(first)
        reply = await run(submit("urn:x", command=line), f" action='complete' sessionid='{first.get('sessionid')}'")
        if good:
            assert nick in text(find(reply, "cmd:command"), "cmd:note"), show(reply)
        else:
            assert "logout" in error_text(reply)


async def test_only_for_those_who_are_registered(gateway, user):
    me = await user(gateway.server)
    me.message(gateway.jid("irc"), "irc MOTD")
    assert "not registered" in text(await me.expect("message", gateway.jid("irc"), has="c:body"), "c:body")
    await me.expect_error(me.message(gateway.jid("other", "127.0.0.1"), "MOTD"), "auth registration-required")


async def test_another_encoding(gateway, user, irc_friend, inspircd, name):
    me, nick, friend = await user(gateway.server), name("nick"), await irc_friend(inspircd.port, encoding="latin-1")
    await me.sign_up(gateway.jid("other"), username=nick, **LOCAL, **{"option.encoding": "ISO-8859-1"})
    chan, asker = "#" + name("room"), Asker(me, nick, gateway.jid("other", "127.0.0.1"), 0, "", None)
    friend.send(f"JOIN {chan}", f"TOPIC {chan} :Größe")
    await friend.expect(f" TOPIC {chan} :Größe")
    assert "Größe" in await asker.ask(f"TOPIC {chan}")


# What real servers do not show

@pytest_asyncio.fixture
async def scripted(gateway, user, scripted_ircd, name):
    ircd, me, nick = await scripted_ircd(), await user(gateway.server), name("nick")
    await me.sign_up(gateway.jid("other"), username=nick, **{"option.server": "localhost", "option.port": ircd.port})
    return ircd, Asker(me, nick, gateway.jid("other", "localhost"), ircd.port, "", lambda who: gateway.jid("other", f"{who}%localhost"))


async def test_an_endless_answer_is_cut(scripted):
    ircd, asker = scripted
    ircd.answers["^LIST"] = [f":scripted.test 322 {asker.nick} #room{n:04} {n} :\x02\x0304,12topic {n}\x0f" for n in range(5000)] + [
        f":scripted.test 323 {asker.nick} :End of /LIST"]
    answer = await asker.ask("LIST")
    assert "… and 4900 more lines" in answer and "#room0099 99 topic 99" in answer and "#room0100" not in answer and len(answer) < 10000
    ircd.answers["^INFO"] = [f":scripted.test 371 {asker.nick} :{'x' * 480}"] * 40
    answer = await asker.ask("INFO", timeout=15)
    assert "more lines" in answer and len(answer) < 10000


async def test_another_server_answers_late(scripted):
    ircd, asker = scripted
    asking = asyncio.ensure_future(asker.ask("WHOIS juliet juliet"))
    await ircd.expect("^WHOIS juliet juliet$")
    await ircd.expect("^PING :passerelle")
    asker.me.message(asker.contact("other"), "hello")
    await ircd.expect("^PRIVMSG other")
    ircd.send(asker.nick, f":scripted.test 401 {asker.nick} other :No such nick")
    await asker.me.expect("message", asker.contact("other"), "error")
    ircd.send(asker.nick, f":far.test 311 {asker.nick} juliet ~j host * :Juliet Capulet")
    ircd.send(asker.nick, f":far.test 318 {asker.nick} juliet :End of /WHOIS list.")
    assert await asking == "juliet ~j host * Juliet Capulet"


async def test_no_answer_at_all_is_done(scripted):
    _, asker = scripted
    assert await asker.ask("KNOCK #quiet") == "Done."


async def test_notices_of_the_server(scripted):
    """Those that come as the answer are it; before and after, they come from the gateway, as ever; a person's from them."""
    ircd, asker = scripted
    ircd.answers["^KNOCK"] = [f":scripted.test NOTICE {asker.nick} :You knocked.", f":somebody!s@host NOTICE {asker.nick} :who is it?"]
    assert await asker.ask("KNOCK #den") == "You knocked."
    await asker.me.expect_body(asker.contact("somebody"), "(notice) who is it?")


async def test_who_is_in_a_room_is_not_confused(scripted):
    """An answer to a command of the user's, in the middle of the answer to a join."""
    ircd, asker = scripted
    room = Room(asker.me, asker.contact("#den"))
    room.ask(asker.nick)
    await ircd.expect("^JOIN #den")
    asking = asyncio.ensure_future(asker.ask("NAMES #elsewhere"))
    ircd.answers["^NAMES"] = [f":scripted.test 353 {asker.nick} = #elsewhere :stranger", f":scripted.test 366 {asker.nick} #elsewhere :End"]
    ircd.send(asker.nick, f":{asker.nick}!n@host JOIN #den")
    ircd.send(asker.nick, f":scripted.test 353 {asker.nick} = #den :friend {asker.nick}")
    ircd.send(asker.nick, f":scripted.test 366 {asker.nick} #den :End")
    assert "stranger" in await asking
    await room.comes("friend")
    asker.me.refuse("presence", room.at("stranger"))


async def test_the_connection_breaks(scripted):
    ircd, asker = scripted
    asking = asyncio.ensure_future(asker.ask("WHOIS juliet"))
    await ircd.expect("^WHOIS")
    ircd.drop(asker.nick)
    assert "ended" in await asking


async def test_many_at_once(scripted):
    """In order, each with its own answer; what is too many at the moment is refused."""
    ircd, asker = scripted
    for number in range(30):
        ircd.answers[f"^WHOIS n{number}$"] = [f":scripted.test 311 {asker.nick} n{number} u h * :number {number}", f":scripted.test 318 {asker.nick} n{number} :End"]
        asker.me.message(asker.server, f"WHOIS n{number}")
    answers = [text(await asker.me.expect("message", asker.server, has="c:body"), "c:body") for _ in range(30)]
    good = [one for one in answers if one.startswith("n")]
    numbers = [int(one.split()[0][1:]) for one in good]
    assert good == [f"n{n} u h * number {n}" for n in numbers] and numbers == sorted(set(numbers)) and len(good) >= 10
    assert all("later" in one for one in answers if one not in good)
