# SPDX-License-Identifier: GPL-2.0-or-later
"""What a worker tells of messages: each is taken or failed, once, and taken is what the network is sure to have."""

import asyncio
import re
import signal
import time

import pytest
import pytest_asyncio

from fake_hub import FakeHub
from msn.server import ScriptedMsn
from msn.state import AL, FL, RL
from relay import Relay
from servers import PASSWORD, Ngircd, Prosody

UNSURE = "it may not have arrived"
UNSENT = "message was sent"


@pytest_asyncio.fixture
async def make_hub():
    """make_hub(protocol): a hub with a worker of it."""
    hubs = []

    async def make(protocol):
        hubs.append(FakeHub(protocol))
        return await hubs[-1].start()

    yield make
    for hub in hubs:
        await hub.stop()


@pytest_asyncio.fixture
async def make_relay():
    relays = []

    async def make(port):
        relays.append(Relay(port))
        return await relays[-1].start()

    yield make
    for relay in relays:
        relay.stop()


# -- IRC -------------------------------------------------------------------

class Irc:
    """A hub with an account on an IRC server."""

    def __init__(self, hub, nick, account):
        self.hub, self.nick, self.account = hub, nick, account

    def say(self, *args, **how):
        return self.hub.say(self.account, *args, **how)


@pytest_asyncio.fixture
async def irc(make_hub, name):
    async def make(port, interval=0, burst=5):
        hub, nick = await make_hub("prpl-irc"), name("nick")
        return Irc(hub, nick, await hub.sign_in(f"{nick}@127.0.0.1", port=port, **{"ratelimit-interval": interval, "ratelimit-burst": burst}))
    return make


def pings(lines):
    return [line for line in lines if re.search(r"^PING :passerelle-taken-\d+$", line)]


async def answer_ping(ircd, me):
    """The one that is asked now is answered by hand."""
    token = (await ircd.expect(r"^PING (:passerelle-taken-\d+)$"))[1]
    ircd.send(me.nick, f":scripted.test PONG scripted.test {token}")


async def test_irc_messages_are_taken(irc, irc_friend, ngircd, name):
    me, friend, chan = await irc(ngircd.port), await irc_friend(ngircd.port), "#" + name("room")
    friend.send(f"JOIN {chan}")
    await friend.expect(rf" 366 {friend.nick} {chan} ")
    await me.hub.join(me.account, chan)
    numbers = [me.say(friend.nick, "hello"), me.say(friend.nick, "two\nlines"), me.say(friend.nick, "long " * 400),
               me.say(chan, "hello all", room=True), me.say(chan, "more\nlines", room=True)]
    await me.hub.taken(*numbers)
    assert "confirms" not in me.hub.ready
    await friend.expect(rf"PRIVMSG {chan} :lines$")
    await me.hub.sign_out(me.account)


async def test_irc_taken_is_what_the_server_has_answered_for(irc, scripted_ircd):
    ircd = await scripted_ircd()
    me = await irc(ircd.port)
    ircd.pongs = False
    first = me.say("juliet", "hello")
    await ircd.expect("PRIVMSG juliet :hello")
    await me.hub.in_step()
    assert not me.hub.outcomes
    await answer_ping(ircd, me)
    await me.hub.taken(first)
    # The answer to one question says nothing of what is sent later.
    second = me.say("juliet", "again")
    token = (await ircd.expect(r"^PING (:passerelle-taken-\d+)$"))[1]
    third = me.say("juliet", "and again")
    await ircd.expect("PRIVMSG juliet :and again")
    ircd.send(me.nick, f":scripted.test PONG scripted.test {token}")
    await me.hub.taken(second)
    await me.hub.in_step()
    assert third not in me.hub.outcomes
    await answer_ping(ircd, me)
    await me.hub.taken(third)


async def test_irc_one_ping_for_many(irc, scripted_ircd):
    ircd = await scripted_ircd()
    me = await irc(ircd.port)
    await me.hub.taken(*[me.say("juliet", f"line {n}") for n in range(500)])
    assert len(pings(ircd.tried.things)) <= 2
    # One after the other: one PING in a second at most.
    begin, before = time.monotonic(), len(pings(ircd.tried.things))
    for n in range(500):
        me.say("juliet", f"word {n}")
        await ircd.expect(f"PRIVMSG juliet :word {n}$")
    await me.hub.taken(*me.hub.said)
    assert len(pings(ircd.tried.things)) - before <= time.monotonic() - begin + 2


async def test_irc_nobody_asks_without_a_number(irc, scripted_ircd):
    ircd = await scripted_ircd()
    me = await irc(ircd.port)
    me.hub.send("send-message", account=me.account, number=0, peer="juliet", text="hello", id="x", resource="desk")
    ircd.answers["PRIVMSG juliet :never"] = [f":scripted.test 401 {me.nick} juliet :No such nick/channel"]
    me.hub.send("send-message", account=me.account, number=0, peer="juliet", text="never", id="y", resource="desk")
    failure = await me.hub.expect("message-failed")
    assert (failure["number"], failure["id"]) == (0, "y")
    assert not pings(ircd.tried.things) and not me.hub.outcomes


async def test_irc_nobody_of_this_name(irc, irc_friend, ngircd):
    me, friend = await irc(ngircd.port), await irc_friend(ngircd.port)
    numbers = [me.say(friend.nick, "one"), me.say("nobody", "two"), me.say(friend.nick, "three"), me.say("nobody", "four\nfive\nsix")]
    await me.hub.taken(numbers[0], numbers[2])
    await me.hub.failed(numbers[1], numbers[3], cause="no-peer", words="No such nick")
    await me.hub.sign_out(me.account)


async def test_irc_a_line_in_the_middle_fails(irc, scripted_ircd):
    """The one message of which a line was refused; a later one to the same nick is not meant."""
    ircd = await scripted_ircd()
    me = await irc(ircd.port)
    ircd.answers["PRIVMSG juliet :two"] = [f":scripted.test 404 {me.nick} juliet :No colours here"]
    number = me.say("juliet", "one\ntwo\nthree")
    await me.hub.failed(number, cause="refused", words="No colours here")
    await me.hub.taken(me.say("juliet", "four"))


async def test_irc_a_room_refuses(irc, irc_friend, ngircd, name):
    me, friend, chan = await irc(ngircd.port), await irc_friend(ngircd.port), "#" + name("room")
    friend.send(f"JOIN {chan}")
    await friend.expect(rf" 366 {friend.nick} {chan} ")
    await me.hub.join(me.account, chan)
    friend.send(f"MODE {chan} +m")
    await friend.expect(rf" MODE {chan} \+m")
    await me.hub.failed(me.say(chan, "psst", room=True), cause="refused")
    friend.send(f"MODE {chan} +v {me.nick}")
    await friend.expect(rf" MODE {chan} \+v")
    await me.hub.taken(me.say(chan, "hello", room=True))


async def test_irc_too_low_a_rank(irc, scripted_ircd):
    """482 is said of orders and of messages: it means the message where nothing was ordered."""
    ircd = await scripted_ircd()
    me = await irc(ircd.port)
    ircd.answers["^JOIN #garden"] = [f":{me.nick}!x@y JOIN :#garden", f":scripted.test 353 {me.nick} = #garden :{me.nick}",
                                     f":scripted.test 366 {me.nick} #garden :End of /NAMES list."]
    refusal = f":scripted.test 482 {me.nick} #garden :You're not channel operator"
    await me.hub.join(me.account, "#garden")
    ircd.answers["PRIVMSG #garden :psst"] = ircd.answers["TOPIC #garden :roses"] = [refusal]
    await me.hub.taken(me.say("#garden", "hello", room=True))
    await me.hub.failed(me.say("#garden", "psst", room=True), cause="refused", words="not channel operator")
    me.hub.send("set-topic", account=me.account, room="#garden", text="roses")
    await me.hub.taken(me.say("#garden", "hello again", room=True))
    assert (await me.hub.expect("room-refused"))["room"] == "#garden"


async def test_irc_a_late_error_names_its_message(irc, scripted_ircd):
    """After the server has answered for it, which real ones do not do."""
    ircd = await scripted_ircd()
    me = await irc(ircd.port)
    number = me.say("juliet", "hello")
    await me.hub.taken(number)
    ircd.send(me.nick, f":scripted.test 401 {me.nick} juliet :No such nick/channel")
    failure = await me.hub.expect("message-failed")
    assert (failure["number"], failure["id"], failure["resource"]) == (number, f"id{number}", f"desk{number}")


async def test_irc_a_burst_over_the_limit(irc, scripted_ircd):
    """The lines that wait are proven as they leave, not with the last; the PINGs do not take their place."""
    ircd = await scripted_ircd()
    me = await irc(ircd.port, interval=1, burst=3)
    begin = time.monotonic()
    numbers = [me.say("juliet", f"line {n}") for n in range(14)]
    await me.hub.taken(numbers[0], timeout=20)
    assert not me.hub.verdicts("messages-taken", numbers[-1])
    await me.hub.taken(*numbers, timeout=40)
    lines = [line for line in ircd.tried.things if "PRIVMSG juliet" in line or line in pings(ircd.tried.things)]
    assert [line for line in lines if "PRIVMSG" in line] == [f"PRIVMSG juliet :line {n}" for n in range(14)]
    assert len(lines) - 14 <= 4
    # A PING counts for the limit, too.
    assert time.monotonic() - begin >= len(lines) - 3 - 2


async def test_irc_a_burst_is_cut(irc, scripted_ircd):
    ircd = await scripted_ircd()
    me = await irc(ircd.port, interval=1, burst=3)
    numbers = [me.say("juliet", f"line {n}") for n in range(40)]
    await ircd.expect("PRIVMSG juliet :line 11$", timeout=30)
    ircd.pongs = False
    await ircd.expect("PRIVMSG juliet :line 14$", timeout=30)
    ircd.drop(me.nick)
    await me.hub.signed_out(me.account)
    taken = me.hub.verdicts("messages-taken")
    assert taken == numbers[:len(taken)] and 3 <= len(taken) <= 13
    await me.hub.failed(*numbers[len(taken):15], cause="network", words=UNSURE)
    await me.hub.failed(*numbers[16:], cause="network", words=UNSENT)


async def test_irc_the_server_is_killed(irc, irc_friend):
    """Whatever was taken, the others have; whatever they have not, has failed."""
    server = Ngircd("irc.killed.test")
    try:
        me, friend = await irc(server.port), await irc_friend(server.port)
        for n in range(200):
            me.say(friend.nick, f"line {n}")
        await me.hub.taken(1)
        for n in range(200, 2000):
            me.say(friend.nick, f"line {n}")
        server.process.kill()
        await me.hub.signed_out(me.account)
        await friend.task
        heard = {int(line.rsplit(" ", 1)[1]) + 1 for line in friend.inbox.things if "PRIVMSG" in line}
        assert set(me.hub.verdicts("messages-taken")) <= heard
        # Those that came when it was over are another matter.
        failures = [await me.hub.outcome(number) for number in me.hub.verdicts("message-failed")]
        assert {failure["cause"] for failure in failures} <= {"network", "offline"}
        assert len(failures) + len(me.hub.verdicts("messages-taken")) == 2000
    finally:
        server.stop()


async def test_irc_the_server_hangs(irc, make_relay):
    server = Ngircd("irc.hangs.test")
    try:
        relay = await make_relay(server.port)
        me = await irc(relay.port)
        server.process.signal(signal.SIGSTOP)
        number = me.say("juliet", "hello")
        await relay.expect("PING :passerelle-taken")
        await me.hub.in_step()
        assert not me.hub.outcomes
        await me.hub.sign_out(me.account)
        await me.hub.failed(number, cause="requested", words=UNSURE)
    finally:
        server.process.signal(signal.SIGCONT)
        server.stop()


async def test_irc_lines_are_swallowed(irc, irc_friend, ngircd, make_relay):
    relay, friend = await make_relay(ngircd.port), await irc_friend(ngircd.port)
    me = await irc(relay.port)
    first = me.say(friend.nick, "hello")
    await me.hub.taken(first)
    relay.swallows = True
    second = me.say(friend.nick, "are you there?")
    await relay.expect("are you there?")
    relay.cut()
    await me.hub.signed_out(me.account)
    await me.hub.failed(second, cause="network", words=UNSURE)


async def test_irc_signing_out_in_the_middle(irc, irc_friend, ngircd):
    me, friend = await irc(ngircd.port, interval=2, burst=5), await irc_friend(ngircd.port)
    numbers = [me.say(friend.nick, f"line {n}") for n in range(20)]
    await friend.expect("PRIVMSG .* :line 3$")
    assert (await me.hub.sign_out(me.account))["cause"] == "requested"
    await me.hub.failed(*numbers[6:], cause="requested", words=UNSENT)
    late = me.say(friend.nick, "late")
    await me.hub.failed(late, cause="offline")


async def test_irc_the_others_are_not_concerned(irc, irc_friend, ngircd, scripted_ircd, name):
    """Two accounts of one worker: one connection ends, the other goes on."""
    me, friend, ircd = await irc(ngircd.port), await irc_friend(ngircd.port), await scripted_ircd()
    nick = name("nick")
    other = await me.hub.sign_in(f"{nick}@127.0.0.1", port=ircd.port)
    ircd.pongs = False
    lost, kept = me.hub.say(other, "juliet", "hello"), me.say(friend.nick, "hello")
    await ircd.expect("PRIVMSG juliet :hello")
    ircd.drop(nick)
    await me.hub.signed_out(other)
    await me.hub.failed(lost, words=UNSURE)
    await me.hub.taken(kept)


# -- XMPP ------------------------------------------------------------------

class OnXmpp:
    """A hub with an account on another XMPP server, which is reached through a relay."""

    def __init__(self, hub, jid, account, relay):
        self.hub, self.jid, self.account, self.relay = hub, jid, account, relay

    def say(self, *args, **how):
        return self.hub.say(self.account, *args, **how)

    def pings(self):
        return len(re.findall(rb"<iq [^>]*id='passerelle-taken-[^>]*><ping ", self.relay.said))


async def sign_in_xmpp(make_hub, make_relay, server, who):
    jid = server.add_user(who)
    hub, relay = await make_hub("prpl-jabber"), await make_relay(server.port)
    account = await hub.sign_in(jid, PASSWORD, connect_server="127.0.0.1", port=relay.port,
                                connection_security="opportunistic_tls", auth_plain_in_clear="true")
    return OnXmpp(hub, jid, account, relay)


@pytest_asyncio.fixture
async def xmpp(make_hub, make_relay, elsewhere, name):
    return await sign_in_xmpp(make_hub, make_relay, elsewhere, name("romeo"))


async def test_xmpp_messages_are_taken(xmpp, user, elsewhere, name):
    friend = await user(elsewhere)
    await xmpp.hub.taken(xmpp.say(friend.jid, "hello"), xmpp.say(friend.jid, "two\nlines"))
    await friend.expect_body(xmpp.jid, "hello")
    room = f"{name('room')}@rooms.{elsewhere.domain}"
    await xmpp.hub.join(xmpp.account, room, "romeo")
    await xmpp.hub.taken(xmpp.say(room, "hello all", room=True))
    await xmpp.hub.sign_out(xmpp.account)


async def test_xmpp_a_bounce_comes_before_the_proof(xmpp, user, elsewhere):
    friend = await user(elsewhere)
    good, bad = xmpp.say(friend.jid, "hello"), xmpp.say(f"nobody@{elsewhere.domain}", "hello")
    last = xmpp.say(friend.jid, "bye")
    await xmpp.hub.taken(good, last)
    await xmpp.hub.failed(bad)
    # A room that we are in by our own word only.
    await xmpp.hub.failed(xmpp.say(f"somebody@rooms.{elsewhere.domain}/nobody", "psst"))


async def test_xmpp_one_ping_for_many(xmpp, user, elsewhere):
    friend = await user(elsewhere)
    begin = time.monotonic()
    await xmpp.hub.taken(*[xmpp.say(friend.jid, f"line {n}") for n in range(300)])
    for n in range(100):
        xmpp.say(friend.jid, f"word {n}")
        await xmpp.relay.expect(f"word {n}<")
    await xmpp.hub.taken(*xmpp.hub.said)
    assert xmpp.pings() <= time.monotonic() - begin + 2


async def test_xmpp_the_connection_breaks_before_the_proof(xmpp, user, elsewhere):
    friend = await user(elsewhere)
    await xmpp.hub.taken(xmpp.say(friend.jid, "hello"))
    xmpp.relay.mute = True
    number = xmpp.say(friend.jid, "are you there?")
    await xmpp.relay.expect("are you there?")
    await xmpp.hub.in_step()
    assert number not in xmpp.hub.outcomes
    xmpp.relay.cut()
    await xmpp.hub.signed_out(xmpp.account)
    await xmpp.hub.failed(number, cause="network", words=UNSURE)


async def test_xmpp_signing_out_in_the_middle(xmpp, user, elsewhere):
    friend = await user(elsewhere)
    xmpp.relay.mute = True
    number = xmpp.say(friend.jid, "hello")
    await xmpp.relay.expect("hello")
    await xmpp.hub.sign_out(xmpp.account)
    await xmpp.hub.failed(number, cause="requested", words=UNSURE)


async def test_xmpp_the_server_is_killed(make_hub, make_relay, name):
    server = Prosody("killed.test")
    try:
        me = await sign_in_xmpp(make_hub, make_relay, server, name("romeo"))
        for n in range(50):
            me.say(f"nobody@{server.domain}", f"line {n}")
        me.say(f"nobody@{server.domain}", "last")
        server.process.kill()
        for n in range(500):
            me.say(f"nobody@{server.domain}", f"line {n}")
        await me.hub.signed_out(me.account)
        assert not me.hub.verdicts("messages-taken")
    finally:
        server.stop()


# -- SIMPLE ----------------------------------------------------------------

async def sign_in_sip(make_hub, server, port, who, **options):
    """(the hub, the account)"""
    hub = await make_hub("prpl-simple")
    return hub, await hub.sign_in(f"{who}@{server.domain}", PASSWORD, useproxy="true", proxy="127.0.0.1", port=port, **options)


@pytest.mark.parametrize("udp", ["false", "true"])
async def test_sip_the_word_of_the_other_side(make_hub, kamailio, sip_friend, name, udp):
    """200: it has the message; 202: somebody will pass it on; anything else: it does not."""
    friend = await sip_friend()
    hub, account = await sign_in_sip(make_hub, kamailio, kamailio.port, name("romeo"), udp=udp)
    await hub.taken(hub.say(account, friend.aor, "hello"), hub.say(account, friend.aor, "long " * 400), arrived=True)
    friend.answer = lambda text: "202 Accepted"
    await hub.taken(hub.say(account, friend.aor, "later"), arrived=False)
    friend.answer = lambda text: "486 Busy Here"
    await hub.failed(hub.say(account, friend.aor, "now"), cause="refused", words="Busy")
    await hub.failed(hub.say(account, f"{name('nobody')}@{kamailio.domain}", "who?"), cause="no-peer", words="Not Found")
    await hub.sign_out(account)


async def test_sip_a_second_worker_does_not_repeat_the_first(make_hub, kamailio, sip_friend, name):
    """Nor is it taken for a repetition by the server: what it says arrives."""
    friend = await sip_friend()
    for words in ("hello", "hello, too"):
        hub, account = await sign_in_sip(make_hub, kamailio, kamailio.port, name("romeo"), dopublish="false")
        assert hub.ready["confirms"]
        await hub.taken(hub.say(account, friend.aor, words), arrived=True)
        await friend.expect("MESSAGE", f"{words}$")


@pytest.mark.parametrize("second,kind,arrived", [("486 Busy Here", "message-failed", False), ("202 Accepted", "messages-taken", False)])
async def test_sip_one_piece_decides(make_hub, kamailio, sip_friend, name, second, kind, arrived):
    friend = await sip_friend()
    hub, account = await sign_in_sip(make_hub, kamailio, kamailio.port, name("romeo"), udp="true")
    friend.answer = lambda text: second if "middle" in text else "200 OK"
    number = hub.say(account, friend.aor, "begin " * 140 + "middle " + "end " * 400)
    event = await hub.outcome(number)
    assert (event["t"], event.get("arrived", False)) == (kind, arrived)
    await hub.taken(hub.say(account, friend.aor, "hello"), arrived=True)
    await hub.sign_out(account)


async def test_sip_no_answer_before_the_end(make_hub, make_relay, kamailio, sip_friend, name):
    friend, relay = await sip_friend(), await make_relay(kamailio.port)
    hub, account = await sign_in_sip(make_hub, kamailio, relay.port, name("romeo"))
    relay.mute = True
    number = hub.say(account, friend.aor, "hello")
    await friend.expect("MESSAGE", "hello")
    await hub.sign_out(account)
    await hub.failed(number, cause="requested", words=UNSURE)


async def test_sip_signing_out_while_the_server_is_away(make_hub, make_relay, kamailio, name):
    """The plugin would connect once more, and tell an account that is no more; the worker must live."""
    relay = await make_relay(kamailio.port)
    hub, account = await sign_in_sip(make_hub, kamailio, relay.port, name("romeo"))
    relay.stop()
    await hub.in_step()
    number = hub.say(account, f"juliet@{kamailio.domain}", "hello")
    await hub.sign_out(account)
    await hub.failed(number, words=UNSURE)      # its plugin may have seen by itself that the server is away
    await hub.in_step()


# -- AIM -------------------------------------------------------------------

async def sign_on_aim(make_hub, network, who, bot=True):
    """(the hub, the account)"""
    network.add_user(who, bot=bot)
    hub = await make_hub("prpl-aim")
    return hub, await hub.sign_in(who, "secret7", server="127.0.0.1", port=network.port)


async def test_aim_the_servers_word(make_hub, scripted_oscar, oscar_friend, name):
    """It has the message; whether the other's program has it, it does not say."""
    friend = await oscar_friend(scripted_oscar, name("juliet"))
    hub, account = await sign_on_aim(make_hub, scripted_oscar, name("romeo"))
    await hub.taken(hub.say(account, friend.name, "hello"), hub.say(account, friend.name, "long " * 500), arrived=False)
    assert "confirms" not in hub.ready
    scripted_oscar.message_error = (0x0A, None)
    await hub.failed(hub.say(account, friend.name, "hello"), cause="refused")
    scripted_oscar.message_error = None
    await hub.failed(hub.say(account, name("nobody"), "who?"), cause="no-peer")
    await hub.sign_out(account)


async def test_aim_a_late_refusal_names_its_message(make_hub, scripted_oscar, name):
    romeo, juliet = name("romeo"), name("juliet")
    scripted_oscar.add_user(juliet).appear()
    hub, account = await sign_on_aim(make_hub, scripted_oscar, romeo)
    number = hub.say(account, juliet, "hello")
    cookie = (await scripted_oscar.expect(romeo, 0x04, 0x06)).body[:8]
    await hub.taken(number)
    scripted_oscar.user(romeo).receive(0x04, 0x0B, cookie + bytes([0, 1, len(juliet)]) + juliet.encode() + bytes([0, 1]))
    failure = await hub.expect("message-failed")
    assert (failure["number"], failure["id"], failure["resource"]) == (number, f"id{number}", f"desk{number}")


async def test_aim_the_connection_breaks(make_hub, scripted_oscar, name):
    romeo, juliet = name("romeo"), name("juliet")
    scripted_oscar.add_user(juliet).appear()
    hub, account = await sign_on_aim(make_hub, scripted_oscar, romeo)
    await hub.taken(hub.say(account, juliet, "hello"))
    scripted_oscar.deaf = True
    numbers = [hub.say(account, juliet, f"line {n}") for n in range(5)]
    await hub.in_step()
    assert not set(numbers) & set(hub.outcomes)
    scripted_oscar.drop(romeo)
    await hub.signed_out(account)
    await hub.failed(*numbers, cause="network", words=UNSURE)


async def test_aim_signing_out_while_many_wait_for_the_rate(make_hub, scripted_oscar, name):
    juliet = name("juliet")
    scripted_oscar.add_user(juliet).appear()
    hub, account = await sign_on_aim(make_hub, scripted_oscar, name("romeo"), bot=False)
    numbers = [hub.say(account, juliet, f"line {n}") for n in range(100)]
    await hub.taken(numbers[0])
    await hub.sign_out(account)
    taken = hub.verdicts("messages-taken", *numbers)
    assert taken == numbers[:len(taken)] and len(taken) < 100
    await hub.failed(*numbers[len(taken):], cause="requested", words=UNSURE)


async def test_aim_rooms(make_hub, scripted_oscar, name):
    """What the room has sent back is taken; what it has not when its connection ends is not."""
    romeo, garden = name("romeo"), name("garden")
    hub, account = await sign_on_aim(make_hub, scripted_oscar, romeo)
    await hub.join(account, garden)
    await hub.taken(hub.say(account, garden, "hello", room=True), hub.say(account, garden, "two\nlines", room=True))
    scripted_oscar.deaf = True
    number = hub.say(account, garden, "are you there?", room=True)
    await hub.in_step()
    assert number not in hub.outcomes
    next(one for one in scripted_oscar.connections if one.room and one.user == romeo).abort()
    await hub.failed(number, cause="refused", words=UNSURE)
    await hub.sign_out(account)


# -- MSN -------------------------------------------------------------------

class OnMsn:
    """A hub with an account, and somebody who is on its list and on line."""

    def __init__(self, network, hub, jid, account, other):
        self.network, self.hub, self.address, self.account, self.other = network, hub, jid, account, other

    def say(self, *words, **how):
        return self.hub.say(self.account, *words, **how)


@pytest_asyncio.fixture
async def msn(make_hub, name):
    network = await ScriptedMsn().start()
    mine, his = f"{name('romeo')}@x.test", f"{name('juliet')}@x.test"
    me, other = network.add_user(mine, "secret"), network.add_user(his, "secret")
    me.put_on_list(his, FL | AL)
    other.put_on_list(mine)
    me.contact(his).lists = FL | AL | RL
    other.appear()
    hub = await make_hub("prpl-msn")
    account = await hub.sign_in(mine, "secret", server="127.0.0.1", port=network.port, login_url=network.plain + "/login")
    yield OnMsn(network, hub, mine, account, other)
    await network.stop()
    network.check()


async def test_msn_the_switchboards_word(msn):
    """It has the message; Escargot's says so of what nobody was there to get, too."""
    await msn.hub.taken(msn.say(msn.other.address, "hello"), msn.say(msn.other.address, "long " * 1000), arrived=False)
    await msn.other.expect_message(msn.address, "hello")
    assert "confirms" not in msn.hub.ready
    msn.network.nak = True
    await msn.hub.failed(msn.say(msn.other.address, "no"), cause="refused")
    msn.network.nak = False
    await msn.hub.taken(msn.say(msn.other.address, "yes"))
    await msn.hub.sign_out(msn.account)


async def test_msn_no_acknowledgement_before_the_end(msn):
    await msn.hub.taken(msn.say(msn.other.address, "hello"))
    msn.network.mute_acks = True
    number = msn.say(msn.other.address, "are you there?")
    await msn.other.expect_message(msn.address, "are you there?")
    msn.network.user(msn.address).drop()
    await msn.hub.signed_out(msn.account)
    await msn.hub.failed(number, cause="network", words=UNSURE)


async def test_msn_waiting_for_the_other_to_come(msn):
    msn.other.answers = False
    number = msn.say(msn.other.address, "hello")
    await msn.network.expect(msn.address, "CAL")
    await msn.hub.in_step()
    assert number not in msn.hub.outcomes
    await msn.hub.sign_out(msn.account)
    await msn.hub.failed(number, cause="requested", words=UNSENT)


async def test_msn_several_people(msn, name):
    third = msn.network.add_user(f"{name('tybalt')}@x.test", "secret").appear()
    msn.other.put_on_list(third.address)
    board = await msn.other.call(msn.address)
    await msn.other.call(third.address, board=board)
    room = (await msn.hub.expect("room-joined"))["room"]
    await msn.hub.taken(msn.say(room, "hello all", room=True), arrived=False)
    msn.network.nak = True
    await msn.hub.failed(msn.say(room, "no", room=True), cause="refused", words="everybody")
    msn.network.nak, msn.network.mute_acks = False, True
    number = msn.say(room, "still there?", room=True)
    await third.expect_message(msn.address, "still there?")
    msn.network.user(msn.address).drop()
    await msn.hub.signed_out(msn.account)
    await msn.hub.failed(number, cause="network", words=UNSURE)


# -- Who never answers -----------------------------------------------------

async def test_who_never_answers_is_not_waited_for(irc, scripted_ircd, irc_friend, ngircd, make_hub, make_relay, kamailio, sip_friend, name):
    """An IRC server that answers no PING is given up, after a minute; a message that no SIP reply comes for fails earlier.
    Not so where it is we who do not listen, because the hub does not want to hear."""
    ircd, friend, relay = await scripted_ircd(), await sip_friend(), await make_relay(kamailio.port)
    me, (hub, account) = await irc(ircd.port), await sign_in_sip(make_hub, kamailio, relay.port, name("romeo"))
    there, held = await irc_friend(ngircd.port), await me.hub.sign_in(f"{name('nick')}@127.0.0.1", port=ngircd.port)
    me.hub.send("hold", account=held, held=True)
    unheard = me.hub.say(held, there.nick, "hello")
    await there.expect("PRIVMSG .* :hello$")
    quiet, deaf = await sign_in_sip(make_hub, kamailio, kamailio.port, name("romeo"))
    quiet.send("hold", account=deaf, held=True)
    unread = quiet.say(deaf, friend.aor, "are you there?")
    await friend.expect("MESSAGE", "are you there")

    ircd.pongs, relay.swallows = False, True
    on_irc, by_sip = me.say("juliet", "hello"), hub.say(account, friend.aor, "hello")
    await hub.failed(by_sip, cause="network", words=UNSURE, timeout=60)
    end = await me.hub.signed_out(me.account, timeout=60)
    assert end["cause"] == "network" and "does not answer" in end["text"]
    await me.hub.failed(on_irc, cause="network", words=UNSURE)

    await asyncio.gather(me.hub.in_step(), quiet.in_step())
    assert unheard not in me.hub.outcomes and not quiet.outcomes
    me.hub.send("hold", account=held, held=False)
    await me.hub.taken(unheard)
    quiet.send("hold", account=deaf, held=False)
    await quiet.taken(unread, arrived=True)
