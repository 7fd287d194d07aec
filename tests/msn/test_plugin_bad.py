# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin with a server that does what it must not: whatever comes, the program lives, and says what went wrong.

MSN_SLOW=1 adds what has to wait for the plugin's own time limits of half a minute and more. MSN_SEEDS is how many times bytes
are changed at random."""

import asyncio
import os

import plugin_host
import pytest

from msn import misbehave, wire
from msn.test_plugin import puppet
from msn.test_plugin_more import met
from msn.web import Answer, WebTrick
from waiting import first_of

pytestmark = plugin_host.NEEDED
SEEDS = range(int(os.environ.get("MSN_SEEDS") or 5))
slow = pytest.mark.skipif(not os.environ.get("MSN_SLOW"), reason="MSN_SLOW is not set")

SIGN_ON = ["VER", "CVR", "USR", "SYN", "CHG"]
#: What comes in a session, of either server.
ALL = SIGN_ON + ["SBS", "MSG", "GTC", "BLP", "PRP", "LSG", "LST", "BPR", "ILN", "UBX", "NLN", "FLN", "ADC", "REM", "NOT", "XFR",
                 "RNG", "SB USR", "CAL", "JOI", "IRO", "ANS", "SB MSG", "ACK", "BYE"]
CODES = [*range(200, 232), 240, 241, 280, 281, 282, *range(300, 303), 402, 403, 500, 501, 502, 510, 511, 520, 540, *range(600, 606),
         640, 707, 710, 711, 712, 713, 714, 715, 717, 731, 800, *range(910, 925), 928, 933, 999, 100]
FATAL = [200, 500, 600, 601, 910, 911, 912, 918, 921, 922, 928]


def named(value):
    return value.__name__ if isinstance(value, type) else None


async def begin(scripted, plugin, who, add=True, **options):
    """A plugin that begins to sign on."""
    if add:
        scripted.add_user(who)
    me = await plugin(scripted, who, connect=False, **options)
    me.begin()
    return me


async def live(scripted, me, other):
    """As much of a session as there can be with this server: nothing of it is waited for but that the program goes on."""
    me.do("say", who=other.address, text="said by the plugin")
    await me.in_step()
    other.set_status("AWY")
    other.set_psm("a word")
    other.set_status("NLN")
    third = scripted.add_user("third@y.test").appear()
    third.add(me.name)
    if scripted.user(me.name).visible:
        try:
            board = await asyncio.wait_for(other.call(me.name), 1)
            board.say("said to the plugin")
            board.send_payload(wire.datacast_message(1))
            await asyncio.wait_for(other.call(third.address, board=board), 1)
            board.leave()
        except (AssertionError, asyncio.TimeoutError):
            pass                    # it does not come with this server
    third.remove(me.name)
    other.vanish()
    await me.in_step()


async def session(scripted, plugin, name):
    """Signs on, if that can be, and lives."""
    who = name()
    other = puppet(scripted, who, name)
    user = scripted.user(who)
    user.put_on_list(other.address, groups=["Group"])
    other.leave_message(who, "waited")
    me = await begin(scripted, plugin, who, add=False)
    seen = asyncio.ensure_future(me.ended(2))
    await asyncio.wait({seen})
    seen.exception()
    await live(scripted, me, other)
    scripted.violations.clear()
    return me


# The sign-on

@pytest.mark.parametrize("code", CODES)
async def test_sign_on_is_refused(scripted, plugin, name, code):
    scripted.sign_in_error = code
    me = await begin(scripted, plugin, name())
    kind, text = await me.fail()
    assert text and kind in ("network", "password", "other", "name", "elsewhere")
    if code == 911:
        assert kind == "password"
    elif code in FATAL[1:] and code != 928:
        assert kind == "network"


@pytest.mark.parametrize("name_of", SIGN_ON)
@pytest.mark.parametrize("code", FATAL)
async def test_error_at_a_step(scripted, plugin, name, name_of, code):
    done = scripted.misbehave(misbehave.Error(code, name_of))
    me = await begin(scripted, plugin, name())
    assert await me.ended() != "signed-on" or name_of == "CHG"
    assert done.done


@pytest.mark.parametrize("name_of", SIGN_ON)
@pytest.mark.parametrize("trick", [misbehave.Cut, misbehave.Hung], ids=named)
async def test_end_at_a_step(scripted, plugin, name, name_of, trick):
    done = scripted.misbehave(trick(name_of))
    me = await begin(scripted, plugin, name())
    assert await me.ended() == "network"
    assert done.done


@pytest.mark.parametrize("name_of", SIGN_ON)
@pytest.mark.parametrize("reason, kind", [("OTH", "elsewhere"), ("SSD", "network"), (None, "network"), ("XXX", "network")])
async def test_goodbye_at_a_step(scripted, plugin, name, name_of, reason, kind):
    scripted.misbehave(misbehave.Goodbye(name_of, reason=reason))
    me = await begin(scripted, plugin, name())
    assert await me.ended() == kind


@slow
@pytest.mark.parametrize("name_of", SIGN_ON)
async def test_silence_at_a_step(scripted, plugin, name, name_of):
    scripted.misbehave(misbehave.Silent(name_of))
    me = await begin(scripted, plugin, name())
    assert await me.ended(50) == "network"


@pytest.mark.parametrize("step", ["VER", "CVR", "USR I", "USR S"])
@pytest.mark.parametrize("hops, wanted", [(1, "signed-on"), (5, "signed-on"), (1000, "network")])
async def test_sent_elsewhere(scripted, plugin, name, step, hops, wanted):
    """At most five times."""
    scripted.hop_at, scripted.hops = step, hops
    me = await begin(scripted, plugin, name())
    assert await me.ended() == wanted
    assert scripted.hops == 0 or 1000 - scripted.hops <= 6


@pytest.mark.parametrize("there", ["127.0.0.1:1", "127.0.0.1:99999", ":", "", "no.such.host.invalid:1863", "x" * 300])
async def test_sent_nowhere(scripted, plugin, name, there):
    scripted.hop_at, scripted.hop_to = "USR I", there
    me = await begin(scripted, plugin, name())
    if there:
        assert await me.ended(20) == "network"
    await me.in_step()


async def test_no_server(scripted, plugin, name):
    me = await plugin(scripted, name(), connect=False)
    await scripted.stop()
    me.begin()
    assert (await me.fail())[0] == "network"


async def test_unknown_dialect(scripted, plugin, name):
    scripted.dialects = [6]
    me = await begin(scripted, plugin, name())
    assert await me.ended() in ("network", "other")


async def test_byte_by_byte(scripted, plugin, name):
    scripted.trickle = 0.0001
    me, other = await met(scripted, plugin, name)
    await other.say(me.name, "slowly")
    await me.expect("message", text="slowly...", timeout=20)


# The ticket

@pytest.mark.parametrize("times, wanted", [(1, "signed-on"), (5, "signed-on"), (1000, "network")])
async def test_login_is_elsewhere(scripted, plugin, name, times, wanted):
    scripted.redirects = times
    me = await begin(scripted, plugin, name())
    assert await me.ended() == wanted
    assert times < 1000 or scripted.redirects >= 990


async def test_login_is_elsewhere_on_the_same_server(scripted, plugin, name):
    """The address of a redirection may be a path alone."""
    scripted.redirects, scripted.redirect_to = 1, "/login?lc=1033"
    me = await begin(scripted, plugin, name())
    assert await me.ended() == "signed-on"


ANSWERS = {
    "404": Answer(404), "500": Answer(500), "503": Answer(503), "no-ticket": Answer(200), "redirect-to-nothing": Answer(302),
    "empty-ticket": Answer(headers=(("Authentication-Info", "Passport1.4 da-status=success,from-PP=''"),)),
    "half-a-ticket": Answer(headers=(("Authentication-Info", "Passport1.4 da-status=success,from-PP='abc"),)),
    "not-HTTP": Answer(raw=b"SSH-2.0-OpenSSH\r\n\r\n"), "nothing": Answer(raw=b""), "cut": Answer(raw=b"HTTP/1.1 20"),
    "no-end-of-head": Answer(raw=b"HTTP/1.1 200 OK\r\nA: b\r\n"), "long": Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"),
    "negative": Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabcde"),
    "bad-chunks": Answer(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\nabc\r\n0\r\n\r\n"),
    "huge-chunk": Answer(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\nabc\r\n0\r\n\r\n"),
    "long-head": Answer(raw=b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 3000000)}


@pytest.mark.parametrize("path", ["/login", "/rdr/pprdr.asp"])
@pytest.mark.parametrize("what", ANSWERS)
async def test_web_answers(scripted, plugin, name, path, what):
    scripted.login_address = scripted.plain + "/login"
    done = scripted.misbehave(WebTrick(path, ANSWERS[what]))
    options = {} if path == "/login" else {"login_url": None, "nexus_url": scripted.plain + path}
    me = await begin(scripted, plugin, name(), **options)
    end = await me.ended()
    allowed = {"network"} | ({"signed-on"} if path != "/login" else set())
    assert done.done and end in allowed, end
    scripted.violations.clear()


async def test_chunked_answers(scripted, plugin, name):
    scripted.chunked = 3
    await (await plugin(scripted, name())).heard()


async def test_refusal_in_words(scripted, plugin, name):
    scripted.refusal_text = "No%20way%2C%20friend"
    me = await plugin(scripted, name(), "wrong", connect=False)
    me.begin()
    kind, text = await me.fail()
    assert kind == "password" and "No way, friend" in text


# Anything, anywhere

@pytest.mark.parametrize("trick", [misbehave.Twice, misbehave.Before, misbehave.BareLines, misbehave.Challenge], ids=named)
async def test_harmless_things_everywhere(scripted, plugin, name, trick):
    scripted.misbehave(trick(*([] if trick is not misbehave.Before else ALL[2:])))
    me, other = await met(scripted, plugin, name)
    other.set_status("AWY")
    await me.expect("status", status="away")
    me.do("say", who=other.address, text="still here")
    await other.expect_message(me.name, "still here")
    await other.say(me.name, "me too")
    await me.expect("message", text="me too...")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("whole", [False, True], ids=["words", "all"])
async def test_bytes_at_random(scripted, plugin, name, seed, whole):
    scripted.misbehave(misbehave.Fuzz(*ALL[5:], seed=seed, whole=whole))
    await session(scripted, plugin, name)


@pytest.mark.parametrize("keep", [1, 2, 3, 4])
async def test_too_few_words(scripted, plugin, name, keep):
    scripted.misbehave(misbehave.Words(*ALL[5:], keep=keep))
    await session(scripted, plugin, name)


@pytest.mark.parametrize("name_of", SIGN_ON)
@pytest.mark.parametrize("keep", [1, 2, 3])
async def test_too_few_words_in_the_sign_on(scripted, plugin, name, name_of, keep):
    scripted.misbehave(misbehave.Words(name_of, keep=keep))
    await session(scripted, plugin, name)


@pytest.mark.parametrize("how", [{"by": -1}, {"by": -10}, {"by": 10}, {"word": "0"}, {"word": "-1"}, {"word": "99999999"},
                                 {"word": "99999999999999999999"}, {"word": "x"}], ids=str)
@pytest.mark.parametrize("names", [["NS MSG", "UBX", "NOT"], ["SB MSG"]], ids=str)
async def test_wrong_lengths(scripted, plugin, name, how, names):
    scripted.misbehave(misbehave.Length(*names, **how))
    await session(scripted, plugin, name)


@pytest.mark.parametrize("keep", [0, 0.1, 0.5, 0.9])
async def test_short_payloads(scripted, plugin, name, keep):
    scripted.misbehave(misbehave.ShortPayload(keep=keep))
    await session(scripted, plugin, name)


@pytest.mark.parametrize("name_of", ["SYN", "CHG", "XFR", "SB USR", "CAL", "ADC", "ACK"])
async def test_wrong_numbers(scripted, plugin, name, name_of):
    scripted.misbehave(misbehave.WrongNumber(name_of))
    await session(scripted, plugin, name)


async def test_line_without_end(scripted, plugin, name):
    me = await plugin(scripted, name())
    await me.heard()
    scripted.of(me.name)[0].link.write(b"NLN " + b"x" * 100000)
    assert (await me.fail())[0] == "network"


async def test_other_servers_names(scripted, plugin, name):
    """Every byte percent-encoded."""
    scripted.quote = wire.quote_all
    who = name()
    other = puppet(scripted, who, name)
    other.name = "Ünï <☃> 100%"
    me = await plugin(scripted, who, account=False)
    await me.expect("online", who=other.address)
    assert (await me.buddies())[other.address]["server_alias"] == "Ünï <☃> 100%"


# Switchboards

async def test_messages_are_refused(scripted, plugin, name):
    me, other = await met(scripted, plugin, name)
    scripted.nak = True
    me.do("say", who=other.address, text="refused")
    await me.inbox.expect(lambda one: one["event"] in ("failed", "conv-error"), "word of it")


async def test_switchboard_dies_with_messages(scripted, plugin, name):
    """Those that were said are said again, or the user hears of it: not one is lost without a word."""
    me, other = await met(scripted, plugin, name)
    scripted.dies_at_message = 1
    texts = [f"number {number}" for number in range(4)]
    for text in texts:
        me.do("say", who=other.address, text=text)
    async with asyncio.timeout(10):
        for text in texts:
            while not _arrived(other, text) and not _reported(me):
                await asyncio.wait({asyncio.ensure_future(other.got.changed.wait()), asyncio.ensure_future(me.inbox.changed.wait())},
                                   return_when=asyncio.FIRST_COMPLETED)
                other.got.changed.clear()
                me.inbox.changed.clear()


def _arrived(other, text):
    return any(getattr(one, "message", None) and one.message.text == text for one in other.got.things)


def _reported(me):
    return any(one["event"] in ("failed", "conv-error") for one in me.inbox.things)


@pytest.mark.parametrize("name_of", ["XFR", "SB USR", "CAL"])
@pytest.mark.parametrize("trick", [misbehave.Hung, misbehave.Cut], ids=named)
async def test_switchboard_ends_before_it_begins(scripted, plugin, name, name_of, trick):
    me, other = await met(scripted, plugin, name)
    scripted.misbehave(trick(name_of, times=1))
    me.do("say", who=other.address, text="said")
    await me.inbox.expect(lambda one: one["event"] in ("failed", "conv-error", "error"), "word of it") \
        if name_of == "XFR" else await _said_or_reported(me, other)


async def _said_or_reported(me, other):
    async with asyncio.timeout(10):
        while not (_arrived(other, "said") or _reported(me) or other.stored):
            await me.in_step()


@pytest.mark.parametrize("code", [200, 217, 280, 500, 600, 713, 800, 911, 913])
@pytest.mark.parametrize("name_of", ["XFR", "SB USR", "CAL"])
async def test_switchboard_is_refused(scripted, plugin, name, name_of, code):
    me, other = await met(scripted, plugin, name)
    scripted.misbehave(misbehave.Error(code, name_of))
    me.do("say", who=other.address, text="said")
    await _said_or_reported(me, other)


@slow
async def test_nobody_acknowledges(scripted, plugin, name):
    """Habit 19: after half a minute the user hears that it may not have come."""
    me, other = await met(scripted, plugin, name)
    scripted.mute_acks = True
    me.do("say", who=other.address, text="said")
    await me.inbox.expect(lambda one: one["event"] in ("failed", "conv-error"), "word of it", 45)


async def test_sent_elsewhere_in_a_session(scripted, plugin, name):
    """XFR NS unasked: the program lives, and is either there or says that it is not."""
    me, other = await met(scripted, plugin, name)
    scripted.user(me.name).receive(["XFR", "0", "NS", f"127.0.0.1:{scripted.port}", "0", "127.0.0.1:1"])
    scripted.user(me.name).challenge()
    await first_of(scripted.expect(me.name, "QRY"), me.expect("error", code="0"))


@pytest.mark.parametrize("fault", ["SystemUnavailable", "SenderThrottleLimitExceeded", "InvalidContent", "AuthenticationFailed"])
async def test_offline_message_is_refused(scripted, plugin, name, fault):
    me = await plugin(scripted, name())
    other = scripted.add_user(name())
    scripted.user(me.name).put_on_list(other.address)
    scripted.store_fault = fault
    me.do("say", who=other.address, text="for later")
    await me.inbox.expect(lambda one: one["event"] in ("failed", "conv-error"), "word of it", 30)


@pytest.mark.parametrize("what", ["404", "500", "not-HTTP", "nothing", "cut", "bad-chunks", "negative"])
async def test_offline_messages_cannot_be_fetched(scripted, plugin, name, what):
    who, other = name(), scripted.add_user(name())
    scripted.add_user(who)
    other.leave_message(who, "never seen")
    done = scripted.misbehave(WebTrick("/rsi/rsi.asmx", ANSWERS[what]))
    me = await plugin(scripted, who, account=False)
    await asyncio.wait_for(done.played.wait(), 10)
    await me.heard()
    assert scripted.user(who).stored
