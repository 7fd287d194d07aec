# SPDX-License-Identifier: GPL-2.0-or-later
"""The scripted server itself, asked by a raw client: what the record (test_replay.py) does not show."""

import asyncio
import json
import pathlib
import sys

import pytest

from msn import misbehave, oim, p2p, wire
from msn.client import RawClient, request
from msn.state import FL, PL
from msn.web import Answer, WebTrick

VECTORS = {one["name"]: one for one in json.loads(
    (pathlib.Path(__file__).resolve().parent.parent / "unit/plugins/data/msnp-vectors.json").read_text())["vectors"]}
AUTHORIZATION = "Passport1.4 OrgVerb=GET,OrgURL=http%3A%2F%2Fmessenger%2Emsn%2Ecom,sign-in={},pwd={},"


def forgive(scripted, count=1):
    """So many violations were meant."""
    assert len(scripted.violations) == count, scripted.violations
    scripted.violations.clear()


@pytest.mark.parametrize("name", [one for one in VECTORS if one.startswith("calc-challenge")])
def test_challenges(name):
    fields = VECTORS[name]["fields"]
    if "product_id" in fields:
        assert wire.answer(fields["challenge"], fields["product_id"], fields["product_key"]) == fields["response"]
    else:
        assert wire.old_answer(fields["challenge"], fields["key"]) == fields["response"]


def test_object_and_packets():
    data = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 6
    assert wire.object_text("alice@example.com", data) == VECTORS["calc-msnobj"]["text"]
    assert p2p.file_context("né.txt", 1650).hex() == VECTORS["calc-file-context"]["hex"]
    packet = p2p.Packet(1429571912, 4099, 0, 1544, 0, 2, 8196, 20, 1544)
    assert packet.encode()[:48].hex() == VECTORS["calc-p2p-ack"]["hex"]


@pytest.mark.parametrize("tls", [True, False])
async def test_ticket(scripted, tls):
    scripted.add_user("a@x.test", "a,b=ü ")
    status, headers, _ = await request(scripted, "GET", "/rdr/pprdr.asp", tls=tls)
    assert (status, headers["passporturls"]) == (200, f"DALogin={scripted.secure}/login")
    for password, wanted in (("a%2Cb%3D%C3%BC%20", 200), ("wrong", 401)):
        said = AUTHORIZATION.format("a%40x.test", password) + scripted.policy
        status, headers, _ = await request(scripted, "GET", "/login", [("Authorization", said)], tls=tls)
        assert status == wanted
        assert ("from-PP='" in headers.get("authentication-info", "")) == (wanted == 200)
    assert (await request(scripted, "GET", "/login"))[0] == 500
    forgive(scripted)


async def test_ticket_is_good_for_some_time_only(scripted, raw):
    scripted.ticket_life = 0
    client = await raw("a@x.test", signed_in=False)
    await client.call("VER", "MSNP12 CVR0", "MSNP12")
    await client.call("USR", "TWN I a@x.test", "TWN S *")
    await client.refused("USR", f"TWN S {scripted.issue_ticket(scripted.user('a@x.test'))}", 911)
    await client.expect("closed")


async def test_no_dialect_fits(scripted, raw):
    client = await raw("a@x.test", signed_in=False)
    await client.call("VER", "MSNP6 CVR0", "0")
    await client.expect("closed")


async def test_second_usr(raw):
    await (await raw("a@x.test")).refused("USR", "TWN I a@x.test", 205)


async def test_challenge_is_checked(scripted, raw):
    client = await raw("a@x.test")
    for right in (True, False):
        scripted.user("a@x.test").challenge("1850937852")
        await client.expect("CHL 0 1850937852")
        payload = VECTORS["calc-challenge-1850937852"]["fields"]["response"].encode() if right else b"0" * 32
        number = client.ask("QRY", "PROD0101{0RM?UBW", payload)
        await client.expect(f"QRY {number}" if right else f"540 {number}")
    await client.expect("closed")
    forgive(scripted)


async def test_what_closes_the_connection(scripted, raw):
    for number, line in enumerate(["REM 99 RL b@x.test", "ADC 99 RL N=b@x.test", "CHG 99 ABC 0"]):
        client = await raw(f"a{number}@x.test")
        scripted.add_user("b@x.test")
        client.say(line)
        await client.expect("closed")
        forgive(scripted)


async def test_what_is_never_answered(scripted, raw):
    client = await raw("a@x.test")
    for line in ("FOO 90 1", "CHG 91 NLN", "PRP 92 MOB Y", "ADC 93 FL N=b@x.test F=b 0cfb4796-832e-4209-b2f5-ac94d80f547b"):
        client.say(line)
        await client.in_step()
        forgive(scripted)
    client.say("UUX 94", b"<Data><PSM>a & b</PSM></Data>")
    await client.in_step()
    forgive(scripted)
    client.got.refuse(lambda one: len(one.words) > 1 and one.words[1].startswith("9"), "an answer")


async def test_switchboard_rules(scripted, raw):
    client, text = await raw("a@x.test"), wire.text_message("x")
    scripted.add_user("b@x.test").appear()
    for flag, payload in (("A", text.ljust(1665)), ("X", text), ("A", p2p.payload("b@x.test", p2p.Packet()))):
        board = await client.open_board("b@x.test")
        board.say(f"MSG 9 {flag}", payload)
        await board.expect("closed")
        forgive(scripted)
    board = await client.open_board("b@x.test")
    for number, flag in enumerate("UNAD", 20):
        board.say(f"MSG {number} {flag}", text)
    await board.expect("ACK 22")
    await board.expect("ACK 23")
    board.got.refuse(lambda one: one.name == "ACK", "an ACK for U or N")
    empty = await client.open_board()
    await empty.call("CAL", "b@x.test", "RINGING *")
    lonely = await client.open_board()
    lonely.say("MSG 9 A", text)
    await lonely.expect("ACK 9")
    forgive(scripted)


async def test_token_works_once(scripted, raw):
    client = await raw("a@x.test")
    found = await client.call("XFR", "SB", "SB * CKI *")
    for right in (True, False):
        board = await RawClient(scripted, "a@x.test", "SB").connect()
        if right:
            await board.call("USR", f"a@x.test {found.words[5]}", "OK * *")
        else:
            await board.refused("USR", f"a@x.test {found.words[5]}", 911)
            await board.expect("closed")


async def test_switchboard_that_hears_nothing(scripted):
    scripted.idle_limit = 0.05
    scripted.add_user("a@x.test")
    await (await RawClient(scripted, "a@x.test", "SB").connect()).expect("closed")


async def test_habit_7(scripted, raw):
    """Taking out of a group takes us off his reverse list; the repair, and what happens without."""
    client = await raw("a@x.test")
    other = scripted.add_user("b@x.test").appear()
    entry = scripted.user("a@x.test").put_on_list("b@x.test", groups=["Group"])
    await client.call("REM", f"FL {entry.guid} {entry.groups[0]}", f"FL {entry.guid} *")
    await other.expect("REM", lambda one: one.words[2] == "RL")
    await client.call("ADC", "FL N=b@x.test F=b", "FL N=b@x.test F=b@x.test *")
    await other.expect("ADC", lambda one: one.words[2] == "RL")
    assert other.lists_of("a@x.test") & PL
    group = (await client.call("ADG", "More 0", "More * 0")).words[3]
    await client.call("ADC", f"FL C={entry.guid} {group}", f"FL C={entry.guid} {group}")
    await client.call("REM", f"FL {entry.guid} {group}", f"FL {entry.guid} {group}")
    await client.refused("REM", f"FL {entry.guid}", 216)
    assert not scripted.user("a@x.test").lists_of("b@x.test") & FL


async def test_same_status_with_another_object_is_told_to_nobody(scripted, raw):
    client = await raw("a@x.test")
    other = scripted.add_user("b@x.test").appear()
    other.put_on_list("a@x.test")
    await client.call("CHG", "NLN 0 %3Cmsnobj%20%2F%3E", "NLN 0 *")
    other.got.refuse(lambda one: one.name == "NLN", "news")
    await client.call("CHG", "BRB 0 %3Cmsnobj%20%2F%3E", "BRB 0 *")
    assert (await other.expect("NLN")).words[-1] == "%3Cmsnobj%20%2F%3E"


async def test_offline_message_in_full(scripted, raw):
    alice, bob = scripted.add_user("alice@example.com"), scripted.add_user("bob@example.com")
    ticket = scripted.issue_ticket(alice)
    bodies = [VECTORS[name]["text"].partition("\r\n\r\n")[2].replace("a3f997eb1641636bd4b2", ticket).encode()
              for name in ("http-oim-store-no-lockkey", "http-oim-store")]
    lock = wire.answer(oim.LOCK, "PROD0101{0RM?UBW", "CFHUR$52U_{VIX5T")
    bodies[1] = bodies[1].replace(b"0123456789abcdef0123456789abcdef", lock.encode())
    action = [("SOAPAction", f'"{oim.STORE}Store"')]
    for body, name in zip(bodies, ("http-oim-store-no-lockkey-answer", "http-oim-store-answer")):
        status, _, answer = await request(scripted, "POST", "/OimWS/oim.asmx", action, body)
        wanted = VECTORS[name]["text"]
        assert (status, answer.decode()) == (int(wanted[9:12]), wanted.partition("\r\n\r\n")[2])
    assert [one.text for one in bob.stored] == ["You were offline ☃"]


async def test_gateway(scripted):
    scripted.add_user("a@x.test")
    path = "/gateway/gateway.dll?"
    status, headers, body = await request(scripted, "POST", path + "Action=open&Server=NS&IP=127.0.0.1", (), b"VER 1 MSNP12 CVR0\r\n")
    assert (status, body) == (200, b"VER 1 MSNP12\r\n")
    session = headers["x-msn-messenger"].partition(";")[0]
    _, _, body = await request(scripted, "POST", path + session, (), b"USR 2 TWN I a@x.test\r\n")
    assert body.startswith(b"USR 2 TWN S ct=")
    _, headers, body = await request(scripted, "POST", path + "Action=poll&" + session)
    assert body == b"" and "GW-IP=127.0.0.1" in headers["x-msn-messenger"]
    assert (await request(scripted, "POST", path + "Action=poll&SessionID=bogus"))[0] == 400


@pytest.mark.parametrize("trick, wanted", [
    (misbehave.Error(600), b"600 1\r\n"), (misbehave.Silent(), b""), (misbehave.Cut(), b"VER 1 M"), (misbehave.Hung(), b""),
    (misbehave.WrongNumber(number="7"), b"VER 7 MSNP12\r\n"), (misbehave.Words(keep=2), b"VER 1\r\n"),
    (misbehave.BareLines(), b"VER 1 MSNP12  \n"), (misbehave.Goodbye(reason="SSD"), b"OUT SSD\r\n"),
    (misbehave.Twice(), b"VER 1 MSNP12\r\n" * 2), (misbehave.Instead(what=b"abc"), b"abc")])
async def test_tricks(scripted, trick, wanted):
    """Each does what it says, and says that it did."""
    scripted.misbehave(trick)
    reader, writer = await asyncio.open_connection(scripted.host, scripted.port)
    writer.write(b"VER 1 MSNP12 CVR0\r\n")
    await asyncio.wait_for(trick.played.wait(), 10)
    scripted.drop_all()
    assert (await asyncio.wait_for(reader.read(), 10), trick.done) == (wanted, 1)
    writer.close()


async def test_web_trick(scripted):
    scripted.misbehave(WebTrick("/nexus-mock", Answer(503), times=1))
    assert [(await request(scripted, "GET", "/nexus-mock"))[0] for _ in range(2)] == [503, 200]


async def test_alone(scripted):
    """The program prints its ports, and ends when it is told to."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "msn.server", "--echo", "parrot@x.test", stdout=asyncio.subprocess.PIPE,
        cwd=pathlib.Path(__file__).resolve().parent.parent)
    ports = json.loads(await asyncio.wait_for(child.stdout.readline(), 20))
    _, writer = await asyncio.open_connection(ports["host"], ports["port"])
    writer.close()
    child.terminate()
    assert await asyncio.wait_for(child.wait(), 10) == 0
