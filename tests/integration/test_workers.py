# SPDX-License-Identifier: GPL-2.0-or-later
"""Workers die; their accounts come back, and nobody else notices."""

import asyncio
import os
import signal

import pytest
import pytest_asyncio

from client import text
from conftest import running
from gateway import irc


@pytest.fixture(scope="module")
def gateway(prosody, ngircd):
    with running(prosody, {"irc": irc(ngircd.port)}, workers={"accounts-per-worker": 2}) as gateway:
        yield gateway


@pytest_asyncio.fixture
async def people(gateway, user, name):
    """Four users on two workers, as (client, nick)."""
    found = []
    for _ in range(4):
        me, nick = await user(gateway.server), name("nick")
        await me.sign_up(gateway.jid("irc"), username=nick)
        found.append((me, nick))
    return found


def worker_of(gateway, me):
    """The pid of the process that has this user's account."""
    number = next(row["worker"] for row in gateway.ctl("accounts") if row["owner"] == me.jid)
    return next(row["pid"] for row in gateway.ctl("workers") if row["id"] == number)


async def test_accounts_are_spread(gateway, people):
    workers = [worker_of(gateway, me) for me, _ in people]
    assert len(set(workers)) >= 2 and max(map(workers.count, workers)) <= 2
    assert set(workers) <= set(gateway.workers())


async def test_a_killed_worker_takes_only_its_own_along(gateway, people, irc_friend, ngircd):
    friend = await irc_friend(ngircd.port)
    contact = gateway.jid("irc", friend.nick)
    before = gateway.workers()
    clients = dict((nick, me) for me, nick in people)
    for me in clients.values():
        me.inbox.clear()

    stop, sent = asyncio.Event(), {nick: 0 for nick in clients}

    async def chat(nick, me):
        while not stop.is_set():
            me.message(contact, f"{nick} says {sent[nick]}")
            sent[nick] += 1
            await asyncio.sleep(0.05)   # the pace of the chat, not a wait

    chats = [asyncio.ensure_future(chat(nick, me)) for nick, me in clients.items()]
    for nick in clients:
        await friend.expect(f"{nick} says 3$")
    victim = worker_of(gateway, people[0][0])
    hit = {nick: me for nick, me in clients.items() if worker_of(gateway, me) == victim}
    os.kill(victim, signal.SIGKILL)
    for nick, me in hit.items():
        await me.expect_lost(gateway.jid("irc"))
        await me.expect_signed_in(gateway.jid("irc"), timeout=60)
    stop.set()
    await asyncio.gather(*chats)
    for nick, me in clients.items():
        me.message(contact, f"{nick} says goodbye")
        await friend.expect(f"{nick} says goodbye$", timeout=20)

    untouched = set(clients) - set(hit)
    assert 1 <= len(hit) <= 2 and untouched, hit
    for nick in untouched:
        heard = [line.rsplit(" ", 1)[1] for line in friend.inbox.things if f"{nick} says" in line]
        assert sorted(map(int, heard)) == [number for number in range(sent[nick]) if number != 3]   # 3 was waited for above
        clients[nick].refuse("message", type_="error")
        clients[nick].refuse("presence", gateway.jid("irc"), where=lambda p: text(p, "c:show") == "xa" or p.get("type") == "unavailable")
    after = gateway.workers()
    assert victim not in after and set(before) - {victim} <= set(after)


async def test_messages_to_the_dead_are_answered(gateway, people, irc_friend, ngircd):
    """Delivered or an error, never neither: also around the death of a worker."""
    friend = await irc_friend(ngircd.port)
    contact, (me, nick) = gateway.jid("irc", friend.nick), people[0]
    me.inbox.clear()
    for pid in gateway.workers():
        os.kill(pid, signal.SIGKILL)
    ids = {me.message(contact, f"number {number}"): f"number {number}" for number in range(20)}
    await me.expect_lost(gateway.jid("irc"))
    await me.expect_signed_in(gateway.jid("irc"), timeout=60)
    me.message(contact, "the last")
    await friend.expect_message(nick, "the last", timeout=20)
    arrived = {line.rsplit(" :", 1)[1] for line in friend.inbox.things if f"PRIVMSG {friend.nick} :number" in line}
    failed = {ids[thing.get("id")] for thing in me.inbox.things
              if thing.tag.endswith("message") and thing.get("type") == "error" and thing.get("id") in ids}
    assert arrived | failed == set(ids.values())
    assert not arrived & failed


async def test_a_worker_killed_again_and_again(gateway, user, irc_friend, ngircd, name):
    me, nick, friend = await user(gateway.server), name("nick"), await irc_friend(ngircd.port)
    await me.sign_up(gateway.jid("irc"), username=nick)
    for _ in range(2):
        me.inbox.clear()
        for pid in gateway.workers():
            os.kill(pid, signal.SIGKILL)
        await me.expect_lost(gateway.jid("irc"))
        await me.expect_signed_in(gateway.jid("irc"), timeout=60)
    friend.say(nick, "still there?")
    await me.expect_body(gateway.jid("irc", friend.nick), "still there?")


async def test_a_worker_that_hangs_is_replaced(gateway, user, name):
    """It says nothing any more, so it is as good as dead."""
    me, nick = await user(gateway.server), name("nick")
    await me.sign_up(gateway.jid("irc"), username=nick)
    me.inbox.clear()
    hung = gateway.workers()
    for pid in hung:
        os.kill(pid, signal.SIGSTOP)
    await me.expect_lost(gateway.jid("irc"), timeout=120)
    await me.expect_signed_in(gateway.jid("irc"), timeout=60)
    assert not set(hung) & set(gateway.workers())
