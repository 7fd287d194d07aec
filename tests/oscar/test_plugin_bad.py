# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin with a server that does what it must not: whatever comes, the program lives, and says what went wrong.

OSCAR_SLOW=1 adds what has to wait for the plugin's own time limits, which are of half a minute and more. OSCAR_SEEDS is how
many times bytes are changed at random."""

import asyncio
import os

import plugin_host
import pytest

from oscar import codec, misbehave
from oscar.codec import Snac, UserInfo, str8, tlv, u16
from oscar.test_server import CODES, MESSAGE_ERRORS
from waiting import first_of

pytestmark = plugin_host.NEEDED
SEEDS = range(int(os.environ.get("OSCAR_SEEDS") or 10))
slow = pytest.mark.skipif(not os.environ.get("OSCAR_SLOW"), reason="OSCAR_SLOW is not set")

#: What a code of TLV 08 means to libpurple.
KINDS = {0x01: "name", 0x07: "name", 0x08: "name", 0x04: "password", 0x05: "password", 0x20: "password", 0x09: "password",
         0x11: "password", 0x22: "password", 0x1B: "other", 0x1C: "other", 0x02: "network", 0x18: "network", 0x1D: "network"}

SIGN_ON = [(0x01, 0x03), (0x01, 0x18), (0x01, 0x07), (0x01, 0x0F), (0x13, 0x03), (0x13, 0x06), (0x02, 0x03), (0x03, 0x03),
           (0x04, 0x05), (0x09, 0x03)]
BREAKING = [misbehave.Cut, misbehave.ShortFrame, misbehave.LongFrame, misbehave.NoMarker]
BODIES = [misbehave.Truncated, misbehave.Empty, misbehave.Overrun, misbehave.HugeCounts]
HARMLESS = [misbehave.Twice, misbehave.ShortSnac, misbehave.Strangers]
LATER = [(family, subtype) for family, subtypes in {
    0x01: (0x05, 0x0A, 0x0F, 0x10, 0x21), 0x02: (0x06,), 0x03: (0x0B, 0x0C), 0x04: (0x01, 0x07, 0x0A, 0x0B, 0x0C, 0x14),
    0x0D: (0x09,), 0x0E: (0x02, 0x03, 0x04, 0x06), 0x10: (0x03, 0x05), 0x13: (0x08, 0x09, 0x0A, 0x0E, 0x19, 0x1B, 0x1C),
    0x15: (0x03,)}.items() for subtype in subtypes]


def named(value):
    if isinstance(value, type):
        return value.__name__
    return f"{value[0]:02X}-{value[1]:02X}" if isinstance(value, tuple) else None


async def begin(scripted, plugin, who, **options):
    """A plugin that begins to sign on."""
    scripted.add_user(who)
    me = await plugin(scripted, who, connect=False, **options)
    me.begin()
    return me


# The sign-on

@pytest.mark.parametrize("code", CODES)
async def test_login_error(scripted, plugin, name, code):
    scripted.login_error = code
    me = await begin(scripted, plugin, name(), login_type="channel1_login" if code % 2 else "md5_login")
    kind, text = await me.fail()
    assert text
    if code in KINDS:
        assert kind == KINDS[code]
    else:
        assert kind in ("network", "other", "password")


@pytest.mark.parametrize("way", ["md5_login", "channel1_login"])
@pytest.mark.parametrize("by_snac", [True, False])
async def test_too_many_sign_ons(scripted, plugin, name, way, by_snac):
    scripted.logins_per_address, scripted.refuses_by_snac = 0, by_snac
    me = await begin(scripted, plugin, name(), login_type=way)
    assert (await me.fail())[0] == "network"


@pytest.mark.parametrize("hello, wanted", [(b"HTTP/1.1 400 Bad Request\r\n\r\n", "network"),
                                           (b"\x2a\x01\0\1\xff\xff" + bytes(65535), "signed-on")], ids=["HTTP", "long"])
async def test_strange_hello(scripted, plugin, name, hello, wanted):
    scripted.hello = hello
    me = await begin(scripted, plugin, name())
    assert await me.ended() == wanted
    scripted.violations.clear()


async def test_no_server(scripted, plugin, name):
    me = await plugin(scripted, name(), connect=False)
    await scripted.stop()
    me.begin()
    assert (await me.fail())[0] == "network"


@pytest.mark.parametrize("trick", [misbehave.Cut, misbehave.ShortFrame, misbehave.NoMarker, *BODIES], ids=named)
@pytest.mark.parametrize("kind", [(0x17, 0x07), (0x17, 0x03)], ids=named)
async def test_broken_sign_on(scripted, plugin, name, trick, kind):
    done = scripted.misbehave(trick(kind))
    me = await begin(scripted, plugin, name())
    assert await me.ended() in ("network", "password", "signed-on", "name")
    assert done.done
    scripted.violations.clear()


async def test_wrong_cookie(scripted, plugin, name):
    scripted.wrong_cookie = True
    me = await begin(scripted, plugin, name())
    assert (await me.fail())[0] == "network"


async def test_address_without_a_port(scripted, plugin, name):
    scripted.names_port = False
    await plugin(scripted, name())


async def test_byte_by_byte(scripted, plugin, name):
    scripted.trickle = 0.0001
    me, puppet = await plugin(scripted, name()), scripted.add_user(name()).appear()
    puppet.say(me.name, "slowly")
    await me.expect("message", text="slowly")


async def test_early_snacs(scripted, plugin, name):
    other = scripted.add_user(name())
    hello = codec.Icbm(bytes(8), 1, UserInfo(other.name), codec.Tlvs([(2, codec.message_fragments("early"))]))
    scripted.early = [Snac(0x04, 0x07, hello.encode(), 0x80000000), Snac(0x03, 0x0B, other.info().encode(), 0x80000000),
                      Snac(0x13, 0x06, codec.ItemList([codec.Item("early", 1, 1, 0)], 1).encode(), 0x80000000),
                      Snac(0x13, 0x09, codec.Item("early", 1, 1, 0).encode(), 0x80000000), Snac(0x01, 0x0A, u16(3), 0x80000000),
                      Snac(0x01, 0x05, tlv(0x0D, u16(0x0D)), 0x80000000), Snac(0x15, 0x03, b"", 0x80000000),
                      Snac(0x01, 0x12, u16(0), 0x80000000), Snac(0x01, 0x0D, b"", 0x80000000)]
    me = await plugin(scripted, name())
    assert "early" not in await me.buddies()


@pytest.mark.parametrize("families", [[0x01], [0x01, 0x04], [0x01, 0x02, 0x03, 0x04, 0x09], [*range(0x01, 0x60)]])
async def test_other_families(scripted, plugin, name, families):
    scripted.families = families
    me = await begin(scripted, plugin, name())
    await me.ended()
    await me.in_step()


@pytest.mark.parametrize("trick", BREAKING, ids=named)
@pytest.mark.parametrize("kind", SIGN_ON, ids=named)
async def test_broken_frames(scripted, plugin, name, trick, kind):
    """A frame that is longer than it says, or shorter: the connection is of no use, and the plugin finds that out."""
    done = scripted.misbehave(trick(kind))
    me = await begin(scripted, plugin, name())
    await asyncio.wait_for(done.played.wait(), 10)
    if trick is not misbehave.LongFrame:
        assert await me.ended() == "network"
    await me.in_step()
    scripted.violations.clear()


@pytest.mark.parametrize("trick", BODIES, ids=named)
@pytest.mark.parametrize("kind", SIGN_ON, ids=named)
async def test_broken_bodies_during_the_sign_on(scripted, plugin, name, trick, kind):
    """It signs on or fails; or waits for its time to be over, and then can be ended."""
    done = scripted.misbehave(trick(kind))
    who = scripted.add_user(name())
    who.put_on_list("romeo", "Friends", "Bob")
    me = await plugin(scripted, who.name, connect=False, account=False)
    me.begin()
    await scripted.expect(who.name, 0x01, 0x17) if kind != (0x01, 0x03) else None
    try:
        await me.ended(1)
    except AssertionError:
        pass
    await me.in_step()
    assert done.done
    assert who.entry("romeo"), "a list that could not be read is no reason to delete anything"
    scripted.violations.clear()


@pytest.mark.parametrize("icq", [False, True], ids=["aim", "icq"])
@pytest.mark.parametrize("seed", SEEDS)
async def test_some_bytes_of_the_sign_on_are_others(scripted, plugin, name, number, seed, icq):
    who = scripted.add_user(number() if icq else name())
    who.fill_list(20)
    scripted.misbehave(misbehave.Fuzz(*SIGN_ON, seed=seed, share=0.02))
    me = await plugin(scripted, who.name, connect=False, account=False)
    me.begin()
    try:
        await me.ended(0.5)
    except AssertionError:
        pass    # it waits for its time to be over
    await me.in_step()
    scripted.violations.clear()


@pytest.mark.parametrize("trick", HARMLESS, ids=named)
async def test_harmless_strangeness(scripted, plugin, name, trick):
    done = scripted.misbehave(trick())
    me, other = await plugin(scripted, name()), scripted.add_user(name()).appear()
    me.do("say", who=other.name, text="hello")
    await other.expect_message(me.name, "hello")
    other.say(me.name, "and you")
    await me.expect("message", text="and you")
    assert done.done > 10


@pytest.mark.parametrize("kind", [(0x17, 0x07), (0x17, 0x03), *SIGN_ON], ids=named)
async def test_ended_while_it_waits(scripted, plugin, name, kind):
    """Closing must work in every state."""
    done = scripted.misbehave(misbehave.Silent(kind))
    me = await begin(scripted, plugin, name())
    await asyncio.wait_for(done.played.wait(), 10)
    me.do("disconnect")
    await me.in_step()


# Later

async def everything(scripted, plugin, name, number, icq=False):
    """A plugin that is signed on, and the user and puppet with whom all of its features have been used."""
    make = number if icq else name
    who, puppet = scripted.add_user(make()), scripted.add_user(make()).appear()
    who.put_on_list(puppet.name)
    who.granted.add(puppet.key)
    puppet.granted.add(who.key)
    puppet.heard[who.key] = 0
    me = await plugin(scripted, who.name, account=False)
    return me, who, puppet


def use(scripted, me, who, puppet, room="Den"):
    """Makes everything happen that a server can send."""
    puppet.go_away("out")
    puppet.go_away("")
    puppet.set_icon(b"GIF89a" + os.urandom(16))
    puppet.say(who.name, "hello")
    puppet.type(who.name, 2)
    puppet.invite(who.name, room)
    puppet.ask_authorization(who.name, "please")
    puppet.authorize_user(who.name, True, "yes")
    puppet.add(who.name)
    who.receive_missed(puppet.name, 2, 2)
    who.receive(0x01, 0x10, u16(100) + puppet.info().encode())
    who.receive_old_message(puppet.name, 4, b"look\xfehttp://example.org/", 100009)
    who.receive(0x04, 0x0B, bytes(8) + u16(2) + str8(puppet.name) + u16(3) + u16(2) + u16(1))
    for code in (1, 2, 3, 4):
        who.receive_rates(3, code)
    item = who.put_on_list("romeo", "Friends", "Bob")
    who.change_list(0x08, who.items[item.group, 0], item)
    who.change_list(0x09, item)
    who.change_list(0x0A, item)
    me.do("say", who=puppet.name, text="hello")
    me.do("say", who="nobody at all", text="hello")
    me.do("info", who=puppet.name)
    me.do("add", who="mercutio", group="Friends")
    me.do("icon", text="iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
    me.do("status", id="away", text="out")
    me.do("join", room=room)
    puppet.vanish()
    puppet.appear()


async def survive(scripted, me, who):
    """The program has dealt with all that came, and can be ended."""
    await me.in_step()
    if who.online:
        # The answer to a pause comes after all that was sent before; a plugin that gave the connection up sends none.
        who.receive_pause(0x0B)
        await first_of(scripted.expect(who.name, 0x01, 0x0C), me.expect("error"))
    await me.in_step()
    scripted.violations.clear()


@pytest.mark.parametrize("trick", BODIES, ids=named)
@pytest.mark.parametrize("kind", LATER, ids=named)
async def test_broken_bodies(scripted, plugin, name, number, trick, kind):
    me, who, puppet = await everything(scripted, plugin, name, number, icq=kind[0] == 0x15)
    done = scripted.misbehave(trick(kind))
    member = puppet.enter("Den")
    use(scripted, me, who, puppet)
    if kind[0] == 0x0E:
        await member.expect_users(0x03, who.name)
        member.say("hello")
        member.leave()
    await asyncio.wait_for(done.played.wait(), 10)
    await survive(scripted, me, who)


@pytest.mark.parametrize("icq", [False, True], ids=["aim", "icq"])
@pytest.mark.parametrize("seed", SEEDS)
async def test_some_bytes_are_others(scripted, plugin, name, number, seed, icq):
    me, who, puppet = await everything(scripted, plugin, name, number, icq)
    scripted.misbehave(misbehave.Fuzz(seed=seed, share=0.03))
    for _ in range(5):
        use(scripted, me, who, puppet)
    scripted.behave()
    await survive(scripted, me, who)


@pytest.mark.parametrize("code, subcode", MESSAGE_ERRORS)
async def test_refused_message_is_told(scripted, plugin, name, code, subcode):
    me, puppet = await plugin(scripted, name()), scripted.add_user(name()).appear()
    scripted.message_error = code, subcode
    me.do("say", who=puppet.name, text="hello")
    event = await me.inbox.expect(lambda one: one["event"] in ("conv-error", "notify"), "the error")
    assert event.get("text") or event.get("secondary"), event


@pytest.mark.parametrize("result", [0x02, 0x03, 0x0A, 0x0C, 0x0D])
async def test_refused_contact_is_told(scripted, plugin, name, result):
    me = await plugin(scripted, name())
    scripted.item_result = lambda item: result if item.kind == codec.BUDDY else None
    me.do("add", who="romeo")
    if result != 0x03:
        await me.inbox.expect(lambda one: one["event"] in ("conv-error", "notify"), "the error")
    await scripted.user(me.name).orderly()


async def test_refused_change_of_the_list(scripted, plugin, name):
    me = await plugin(scripted, name())
    scripted.item_error = 0x05
    me.do("add", who="romeo")
    await me.inbox.expect(lambda one: one["event"] in ("conv-error", "notify"), "the error")
    scripted.item_error = None
    me.do("add", who="juliet")
    await scripted.expect(me.name, 0x13, 0x08, lambda snac: b"juliet" in snac.body)
    await scripted.user(me.name).orderly()
    assert scripted.user(me.name).entry("juliet")


async def test_refused_service_is_told(scripted, plugin, name):
    me = await plugin(scripted, name())
    scripted.service_error = 0x05
    me.do("join", room="Den")
    await me.inbox.expect(lambda one: one["event"] in ("conv-error", "notify"), "the error")


async def test_room_that_is_cut(scripted, plugin, name):
    me = await plugin(scripted, name())
    me.do("join", room="Den")
    await me.expect("chat-joined")
    scripted.of(me.name, 0x0E)[0].abort()
    await me.expect("chat-left")
    me.do("join", room="Den")
    await me.expect("chat-joined")


@pytest.mark.parametrize("service", [0x0D, 0x0E])
async def test_service_with_a_wrong_cookie(scripted, plugin, name, service):
    me, puppet = await plugin(scripted, name()), scripted.add_user(name()).appear()
    scripted.misbehave(misbehave.Cut((0x01, 0x03)))
    me.do("join", room="Den")
    await me.inbox.expect(lambda one: one["event"] in ("conv-error", "notify"), "the error")
    scripted.behave()
    puppet.say(me.name, "still there?")
    await me.expect("message", text="still there?")


@pytest.mark.parametrize("how, kind", [
    (lambda server, who: server.drop(who), "network"), (lambda server, who: server.sign_on_elsewhere(who), "elsewhere"),
    (lambda server, who: server.user(who).sign_off(), "network"),
    (lambda server, who: server.of(who)[0].sign_off(short=True), "network"),
    (lambda server, who: server.of(who)[0].sign_off(tlv(0x09, u16(1)) + tlv(0x0B, b"http://example.org/")), "elsewhere"),
    (lambda server, who: server.of(who)[0].sign_off(tlv(0x09, b"")), "network")])
async def test_how_it_can_end(scripted, plugin, name, how, kind):
    me = await plugin(scripted, name())
    how(scripted, me.name)
    assert (await me.fail())[0] == kind
    me.do("connect")
    await me.expect("signed-on")


async def test_moved_to_where_the_cookie_is_wrong(scripted, plugin, name):
    me = await plugin(scripted, name())
    scripted.user(me.name).migrate(wrong=True)
    assert (await me.fail())[0] == "network"
    scripted.violations.clear()


async def test_answers_that_nobody_asked_for(scripted, plugin, name):
    me, puppet = await plugin(scripted, name()), scripted.add_user(name()).appear()
    for kind in [*SIGN_ON, *LATER]:
        for request in (0, 1, 2, 0x80000000, 0xFFFFFFFF):
            scripted.of(me.name)[0].send(Snac(*kind, b"\0\4" + bytes(30), request))
    await survive(scripted, me, scripted.user(me.name))
    puppet.say(me.name, "still there?")


@slow
@pytest.mark.parametrize("kind", [(0x17, 0x07), (0x17, 0x03), *SIGN_ON], ids=named)
async def test_silence_ends(scripted, plugin, name, kind):
    scripted.misbehave(misbehave.Silent(kind))
    me = await begin(scripted, plugin, name())
    assert await me.ended(100) in ("network", "signed-on")


@slow
async def test_no_hello_ends(scripted, plugin, name):
    scripted.hello = b""
    me = await begin(scripted, plugin, name())
    assert (await me.fail(100))[0] == "network"
