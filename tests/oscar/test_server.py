# SPDX-License-Identifier: GPL-2.0-or-later
"""The scripted server's switches do what they say: a switch that did nothing would make every test of a client pass."""

import asyncio
import json
import os
import signal
import ssl
import subprocess
import sys

import pytest

from oscar import codec, misbehave, rates
from oscar.client import OscarFriend
from oscar.codec import Frame, Snac, tlv, u16
from oscar.link import Link, Refused
from oscar.test_client_on_servers import refused
from servers import certificate

CODES = [*range(0x01, 0x1F), 0x20, 0x22]
MESSAGE_ERRORS = [*((code, None) for code in (2, 3, 4, 5, 9, 0x0A, 0x0D, 0x0E, 0x10)), (4, 0x0E), (4, 0x0F)]
LONG = codec.Icbm(bytes(8), 1, "x", codec.Tlvs([(2, codec.message_fragments("x" * 2600))])).encode()


@pytest.mark.parametrize("by", ["md5", "channel 1"])
@pytest.mark.parametrize("code", CODES)
async def test_every_login_error(scripted, friend, name, code, by):
    one = await friend(scripted, name(), connect=False, by=by)
    scripted.login_error = code
    assert await refused(one.connect()) == code
    scripted.login_error = None
    await one.connect()


@pytest.mark.parametrize("by_snac", [True, False])
async def test_too_many_sign_ons(scripted, friend, name, by_snac):
    scripted.logins_per_address, scripted.refuses_by_snac = 0, by_snac
    one = await friend(scripted, name(), connect=False)
    assert await refused(one.connect()) == 0x1D


async def test_wrong_cookie(scripted, friend, name):
    scripted.wrong_cookie = True
    one = await friend(scripted, name(), connect=False)
    await one.sign_on_at_login()
    link = await Link("one").open(*one.address(one.reply), tlv(0x06, one.reply.get(0x06)), one.source)
    assert await link.expect_end() is None


async def test_address_without_a_port(scripted, friend, name):
    scripted.names_port = False
    one = await friend(scripted, name())
    assert one.reply.text(0x05) == "127.0.0.1"


@pytest.mark.parametrize("hello", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
async def test_no_hello(scripted, hello):
    scripted.hello = hello
    reader, writer = await asyncio.open_connection("127.0.0.1", scripted.port)
    writer.write_eof()
    assert await reader.read() == hello
    writer.close()


@pytest.mark.parametrize("subtype", [0x07, 0x03])
async def test_tricks_of_the_sign_on(scripted, friend, name, subtype):
    one = await friend(scripted, name(), connect=False)
    scripted.misbehave(misbehave.Cut((0x17, subtype)))
    with pytest.raises(AssertionError, match="ended in place of an answer"):
        await one.sign_on_at_login()


async def test_refused_service(scripted, friend, name):
    scripted.service_error = 0x05
    one = await friend(scripted, name())
    assert await refused(one.find_room("any")) == 0x05


async def test_dead_link(scripted, friend, name):
    one = await friend(scripted, name())
    scripted.stop_reading(one.name)
    with pytest.raises(AssertionError, match="no answer"):
        await one.link.ask(0x01, 0x0E, timeout=0.2)
    assert scripted.of(one.name)


async def test_trickle(scripted, friend, name):
    scripted.trickle = 0.0001
    one = await friend(scripted, name())
    assert one.info.name == one.name


async def test_tls(friend, name, tmp_path):
    from oscar.server import ScriptedOscar
    crt, key = certificate(tmp_path, "oscar.test")
    server = await ScriptedOscar().start(tls=(crt, key))
    trust = ssl.create_default_context(cafile=str(crt))
    trust.check_hostname = False
    server.add_user(who := name())
    one = OscarFriend(who, server.tls_port, tls=trust)
    await one.connect()
    assert one.reply.number(0x8E) == 1 and one.address(one.reply)[1] == server.tls_port
    await one.quit()
    await server.stop()


async def test_deaf(scripted, friend, name):
    one = await friend(scripted, name())
    scripted.deaf = True
    with pytest.raises(AssertionError, match="no answer"):
        await one.link.ask(0x01, 0x0E, timeout=0.3)
    await scripted.expect(one.name, 0x01, 0x0E)


async def test_early_snacs(scripted, friend, name):
    scripted.early = [Snac(0x04, 0x07, b"early", 0x80000000), Snac(0x13, 0x06, b"early")]
    one = await friend(scripted, name())
    assert [snac.kind for snac in one.link.inbox.things[:2]] == [(0x04, 0x07), (0x13, 0x06)]


# Tricks

async def raw_frames(scripted, one, trick, count):
    """The bytes that the server sends in answer to 01/0E while it plays TRICK."""
    await one.sign_on_at_login()
    host, port = one.address(one.reply)
    reader, writer = await asyncio.open_connection(host, port)
    await reader.readexactly(10)
    writer.write(Frame(codec.SIGN_ON, b"\0\0\0\1" + tlv(0x06, one.reply.get(0x06)), 1).encode())
    head = await reader.readexactly(6)
    await reader.readexactly(int.from_bytes(head[4:], "big"))
    scripted.misbehave(trick)
    writer.write(Frame(codec.DATA, Snac(0x01, 0x0E, b"", 7).encode(), 2).encode())
    data = b""
    while len(data) < count and (more := await asyncio.wait_for(reader.read(4096), 5)):
        data += more
    writer.write(Frame(codec.SIGN_OFF, b"", 3).encode())
    writer.close()
    return data


def parts(data):
    """Channel and SNAC kind of each frame."""
    found = []
    while data:
        size = 6 + int.from_bytes(data[4:6], "big")
        frame, data = Frame.decode(data[:size]), data[size:]
        found.append((frame.channel, Snac.decode(frame.data).kind if frame.channel == 2 and len(frame.data) > 9 else frame.data))
    return found


INFO = (0x01, 0x0F)


@pytest.mark.parametrize("trick, fits", [
    (misbehave.Twice(INFO), lambda data: [kind for _, kind in parts(data)] == [INFO, INFO]),
    (misbehave.Cut(INFO), lambda data: data[0] == 0x2A and len(data) < 6 + int.from_bytes(data[4:6], "big")),
    (misbehave.LongFrame(INFO), lambda data: len(data) + 50 == 6 + int.from_bytes(data[4:6], "big")),
    (misbehave.ShortFrame(INFO), lambda data: len(data) - 3 == 6 + int.from_bytes(data[4:6], "big")),
    (misbehave.NoMarker(INFO), lambda data: data.startswith(b"HTTP")),
    (misbehave.Truncated(INFO, keep=0.1), lambda data: parts(data) == [(2, INFO)] and len(data) < 30),
    (misbehave.Empty(INFO), lambda data: parts(data) == [(2, INFO)] and len(data) == 16),
    (misbehave.Overrun(INFO), lambda data: data.endswith(b"\x00\x0d\xff\xf0\x09\x46") and parts(data) == [(2, INFO)]),
    (misbehave.HugeCounts(INFO), lambda data: data[16:].startswith(b"\xff" * 20) and parts(data) == [(2, INFO)]),
    (misbehave.ShortSnac(INFO), lambda data: [kind for _, kind in parts(data)] == [b"\0\1\0\3\0\0", INFO]),
    (misbehave.Strangers(INFO), lambda data: [channel for channel, _ in parts(data)] == [2, 2, 2, 2, 3, 5, 9]),
    (misbehave.Fuzz(INFO, share=0.5), lambda data: data[16:] != b"" and parts(data) == [(2, INFO)] and b"user" not in data)],
    ids=lambda value: type(value).__name__ if isinstance(value, misbehave.Trick) else "")
async def test_tricks(scripted, friend, name, trick, fits):
    one = await friend(scripted, name(), connect=False)
    data = await raw_frames(scripted, one, trick, 50 if not isinstance(trick, (misbehave.Truncated, misbehave.Empty)) else 10)
    assert fits(data), data.hex()
    assert trick.done == 1
    scripted.violations.clear()


async def test_silence_is_about_one_kind_and_so_many_times(scripted, friend, name):
    one = await friend(scripted, name())
    trick = scripted.misbehave(misbehave.Silent(INFO, times=1))
    with pytest.raises(AssertionError, match="no answer"):
        await one.link.ask(0x01, 0x0E, timeout=0.2)
    await one.link.ask(0x01, 0x0E)
    assert trick.done == 1


# What a test makes happen

async def test_signed_on_elsewhere_and_cut(scripted, friend, name):
    one = await friend(scripted, name())
    scripted.sign_on_elsewhere(one.name)
    assert (await one.expect_end()).get(0x09) == b"\x01"
    two = await friend(scripted, name())
    scripted.drop(two.name)
    assert await two.expect_end() is None


async def test_migration(scripted, friend, name):
    one = await friend(scripted, name())
    scripted.user(one.name).migrate()
    reader = (await one.link.expect(0x01, 0x12)).reader()
    assert reader.u16() == 0
    one.reply = reader.tlvs()
    one.link.close()
    await one.enter_bos()
    assert len(scripted.of(one.name)) == 1


@pytest.mark.parametrize("code, subcode", MESSAGE_ERRORS)
async def test_refused_message(scripted, friend, name, code, subcode):
    one = await friend(scripted, name())
    scripted.message_error = code, subcode
    with pytest.raises(Refused) as caught:
        await one.say(one.name, "to myself")
    assert (caught.value.code, caught.value.subcode) == (code, subcode)


async def test_refused_changes_of_the_list(scripted, friend, name):
    one = await friend(scripted, name())
    await one.add_group("Buddies")
    scripted.item_result = lambda item: 0x0C if item.name == "full" else None
    assert await one.add_contact("full") == 0x0C and await one.add_contact("fine") == 0
    scripted.item_error = 0x05
    assert await refused(one.add_contact("other")) == 0x05


@pytest.mark.parametrize("pieces", [1, 7])
async def test_a_thousand_contacts(scripted, friend, name, pieces):
    one = await friend(scripted, name(), connect=False)
    scripted.user(one.name).fill_list(1000)
    scripted.list_parts = pieces
    await one.connect()
    assert len(one.of_kind(codec.BUDDY)) == 1000 and len(one.group("Crowd").order) == 1000


async def test_small_limits_are_noted(scripted, friend, name):
    scripted.rate_classes, scripted.quiet = rates.SMALL, 0.05
    puppet = scripted.add_user(name("puppet")).appear()
    scripted.add_user(who := name(), bot=False)
    one = await friend(scripted, who, account=False)
    for count in range(5):
        one.send_message(puppet.name, f"message {count}")
    for count in range(3):
        await puppet.expect_message(who, f"message {count}")
    await one.link.expect(0x01, 0x0A, lambda snac: snac.reader().u16() == rates.LIMITED)
    assert [snac.kind for _, snac in scripted.over_limit] == [(0x04, 0x06)] * 2
    assert all("rate limit" in text for text in scripted.violations) and len(scripted.violations) == 2
    scripted.violations.clear()
    assert puppet.puppet.got.things == []


@pytest.mark.parametrize("wrong, what", [
    (lambda link: link.send_bytes(Frame(codec.KEEPALIVE, b"", link.sequence + 5).encode()), "sequence"),
    (lambda link: link.send_frame(codec.ERROR), "channel 3"), (lambda link: link.send(0x01, 0x0E, b"", 0), "request id"),
    (lambda link: link.send_bytes(b"GET / HTTP/1.0\r\n\r\n"), "marker"),
    (lambda link: link.send_frame(codec.DATA, b"\0\1"), "fewer than 10"),
    (lambda link: link.send(0x10, 0x02, u16(1) + codec.str16(b"GIF")), "did not ask for"),
    (lambda link: link.send(0x13, 0x0A, codec.Item("nobody", 1, 1, 0).encode()), "not there"),
    (lambda link: link.send(0x13, 0x08, codec.Item("Buddies", 1, 0, codec.GROUP).encode()), "no root group"),
    (lambda link: link.send(0x13, 0x08, codec.Item("nobody", 1, 1, codec.BUDDY).encode()), "no such group"),
    (lambda link: link.send(0x13, 0x08, codec.Item("nobody", 0, 0x8000, codec.DENY).encode()), "above 7FFF"),
    (lambda link: link.send(0x13, 0x09, codec.Item("nobody", 0, 1, codec.DENY).encode()), "no such item"),
    (lambda link: link.send(0x04, 0x06, LONG), "a message of 26"),
    (lambda link: link.send(0x01, 0x17, u16(0x05) + u16(1)), "does not offer")])
async def test_violations(scripted, friend, name, wrong, what):
    one = await friend(scripted, name())
    wrong(one.link)
    one.link.writer.write_eof()
    await one.expect_end()
    assert any(what in text for text in scripted.violations), scripted.violations
    scripted.violations.clear()


async def test_items_that_are_there_already(scripted, friend, name):
    one = await friend(scripted, name())
    for item in (codec.Item("", 0, 1, codec.PRIVACY), codec.Item("", 0, 1, codec.PRIVACY), codec.Item("", 0, 2, codec.PRIVACY)):
        assert await one.edit(0x08, item) == [0]
    assert [text.rpartition(": ")[2] for text in scripted.violations] == [
        "there is such an item", "a second one of its class", "a second one of its class"]
    scripted.violations.clear()


async def test_disorder_is_found(scripted, friend, name):
    one = await friend(scripted, name())
    await one.add_contact("somebody")
    scripted.user(one.name).check_list()
    await one._order(one.group("Buddies").group, [1, 2])
    with pytest.raises(AssertionError, match="group 1 has"):
        scripted.user(one.name).check_list()


async def test_puppet(scripted, friend, name):
    puppet = scripted.add_user(name("puppet")).appear()
    one = await friend(scripted, name())
    puppet.put_on_list(one.name)
    await one.add_contact(puppet.name)
    await one.expect_online(puppet.name)
    puppet.say(one.name, "here, <b>below</b>")
    await one.expect_message(puppet.name, "here, below")
    await one.say(puppet.name, "wherefore")
    await puppet.expect_message(one.name, "wherefore")
    one.type(puppet.name, 2)
    await puppet.expect_typing(one.name, 2)
    puppet.go_away("out")
    await one.expect_online(puppet.name, lambda user: user.away)
    member = puppet.enter("Den")
    visit = await one.join("Den")
    member.say("welcome")
    await visit.expect_talk(puppet.name, "welcome")
    visit.say("thanks")
    await member.expect_talk(one.name, "thanks")
    puppet.vanish()
    await one.expect_offline(puppet.name)


def test_it_runs_alone_and_says_where():
    tests = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with subprocess.Popen([sys.executable, "-m", "oscar.server", "--users", "alice:secret7", "--echo", "parrot"], cwd=tests,
                          stdout=subprocess.PIPE) as child:
        ports = json.loads(child.stdout.readline())

        async def talk():
            one = await OscarFriend("alice", ports["port"]).connect()
            await one.say("parrot", "polly")
            await one.expect_message("parrot", "polly")
            await one.quit()
        asyncio.run(talk())
        child.send_signal(signal.SIGTERM)
        assert child.wait(10) == 0
