# SPDX-License-Identifier: GPL-2.0-or-later
"""The recorded sessions of the real server, said again to the scripted one: it must answer the same, line by line.

What differs from run to run (GUIDs, tokens, times, ports) is compared by its place: an id of the record stands for the same id
of this run from its first sight on."""

import asyncio
import hashlib
import json
import pathlib
import re

import pytest

from msn import wire
from msn.client import RawClient
from waiting import TIMEOUT

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "unit/plugins/data/msnp-vectors.json"
IDS = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-9a-f]{15,31}\b")
PASSING = re.compile(r"127\.0\.0\.1:\d+|(?<=LoginTime: )\d+|(?<=MemberIdHigh: )\d+|(?<=MemberIdLow: )\d+|(?<=ClientPort: )\d+"
                     r"|(?<=pid=\")[^\"]*|(?<=CID&gt;)[-\d]+|\d{4}-\d\d-\d\dT[\d:]+Z|(?<=<I>)[0-9A-F-]{36}|(?<=<SZ>)\d+")


def vectors(group):
    return [one for one in json.loads(VECTORS.read_text())["vectors"] if one["group"] == group]


def command(one, with_payload):
    lines = wire.Lines(with_payload)
    lines.feed(one["text"].encode() if "text" in one else bytes.fromhex(one["hex"]))
    found = lines.take()
    assert found and not lines.held, one["name"]
    return found


def same(text):
    return PASSING.sub("~", IDS.sub("#", text))


def look(found):
    """What two commands have alike that say the same. A payload with passing numbers has no length of its own."""
    return same(" ".join(map(str, found.words))), found.payload and same(found.payload.decode("latin-1"))


class Replay:
    def __init__(self, server):
        self.server, self.ids, self.clients = server, {}, {}

    def translate(self, text):
        return IDS.sub(lambda found: self.ids.get(found[0], found[0]), text)

    async def client(self, who, service):
        """A new connection; those before it stay, for what still comes on them."""
        made = await RawClient(self.server, f"{who}@example.com", service.upper()).connect()
        made.signed = made.over = False
        self.clients.setdefault((who, service), []).insert(0, made)
        return made

    async def say(self, who, service, said):
        name = said.words[0]
        known = self.clients.get((who, service), [None])[0]
        begins = name in ("VER", "ANS") or (service == "sb" and name == "USR") or (
            name == "USR" and said.words[3] == "I" and (known is None or known.signed or known.over))
        if begins or known is None:
            known = await self.client(who, service)
            if service == "ns" and name == "USR":
                known.say("VER 1 MSNP12 CVR0")
                await known.expect("VER 1 MSNP12")
        if name == "USR" and service == "ns" and said.words[2:4] == ["TWN", "S"] and said.words[4] != "t=0000&p=":
            said.words[4] = self.server.issue_ticket(self.server.user(known.address))
            known.signed = True
        if name == "USR" and said.words[2:4] == ["MD5", "S"]:
            known.signed = True
            said.words[4] = self.proof(known)
        known.over = known.over or name == "OUT"
        known.say(self.translate(" ".join(said.words)), said.payload)

    async def sign_in(self, user):
        """What the record leaves out."""
        client = await self.client(user.address.partition("@")[0], "ns")
        for line in ("VER 1 MSNP12 CVR0", f"USR 3 TWN I {user.address}", f"USR 4 TWN S {self.server.issue_ticket(user)}"):
            client.say(line)
            await client.got.expect(lambda one: one.words[:2] == line.split(" ")[:2], f"the answer to {line}")
        client.signed = True

    def proof(self, client):
        return hashlib.md5((client.salt + self.server.user(client.address).password).encode()).hexdigest()

    async def hear(self, who, service, wanted, name):
        client, found = await self.find(self.clients[who, service], lambda one: look(one) == look(wanted), f"{name}: {look(wanted)}")
        self.ids.update(zip(IDS.findall(" ".join(map(str, wanted.words))), IDS.findall(" ".join(map(str, found.words)))))
        if found.words[:1] == ["USR"] and found.words[2:4] == ["MD5", "S"]:
            client.salt = found.words[4]

    @staticmethod
    async def find(clients, fits, what):
        """The connection that gets what fits, and that; the newest where several have it."""
        while True:
            for client in clients:
                client.got.changed.clear()
                if any(map(fits, client.got.things)):
                    return client, await client.got.expect(fits, what)
            waits = {asyncio.ensure_future(client.got.changed.wait()) for client in clients}
            done, _ = await asyncio.wait(waits, timeout=TIMEOUT, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()
            assert done, f"nobody gets {what}, but:\n" + "\n".join(map(str, (one for client in clients for one in client.got.things)))

    async def quit(self):
        for client in {id(one): one for some in self.clients.values() for one in some}.values():
            await client.quit()


async def replay(scripted, rows, between):
    scripted.long_profile = False
    run, before = Replay(scripted), None
    for one in rows:
        step, who, service = re.match(r"msnp\d+-(\d+)-(\w+)-(\w+)-", one["name"]).groups()
        if step != before:
            await between(step, run)
        before = step
        if one["direction"] == "client to server":
            await run.say(who, service, command(one, wire.FROM_CLIENT))
        else:
            await run.hear(who, service, command(one, wire.FROM_SERVER), one["name"])
    return run


async def test_recorded_session(scripted):
    alice, bob, carol = (scripted.add_user(f"{who}@example.com", "secret1") for who in ("alice", "bob", "carol"))
    scripted.add_user("bad@elsewhere.test")

    async def between(step, run):
        if step == "04":
            await run.sign_in(bob)
        if step in ("23", "24"):
            alice.name, kept = "Alice ☃", alice.name
            alice.leave_message(bob.address, "You were offline ☃")
            alice.name = kept
            bob.stored.clear() if step == "24" else None

    rows = [one for one in vectors("wire-msnp12") if not one["name"].startswith("msnp12-23-bob-ns-MSG-s3")]
    run = await replay(scripted, rows, between)
    assert scripted.violations == ["NS alice@example.com: never answered: PRP 42 MOB Y"]
    scripted.violations.clear()
    await run.quit()


@pytest.mark.parametrize("dialect", [9, 7])
async def test_recorded_lines_of_older_dialects(scripted, dialect):
    """Those lines have no name of a user in theirs: all are of one connection, and what others do stands between."""
    alice, bob = scripted.add_user("alice@example.com", "secret1"), scripted.add_user("bob@example.com")
    if dialect == 7:
        alice.name = "Alice Seven"
        alice.put_on_list(bob.address)
        bob.contacts.clear()
    run = Replay(scripted)
    for one in vectors("wire-legacy"):
        if not one["name"].startswith(f"msnp{dialect}-"):
            continue
        what = command(one, wire.FROM_CLIENT if one["direction"] == "client to server" else wire.FROM_SERVER)
        if one["direction"] == "client to server":
            await run.say("alice", "ns", what)
            continue
        if what.name == "NLN":
            bob.name = wire.unquote(what.words[3])
            bob.contacts.clear()
            bob.appear(caps=wire.CAPABILITIES) if not bob.session else bob.announce()
        elif what.name == "FLN":
            bob.vanish()
        await run.hear("alice", "ns", what, one["name"])
    await run.quit()
