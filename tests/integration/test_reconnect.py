# SPDX-License-Identifier: GPL-2.0-or-later
"""A network's server that goes and comes back."""

import asyncio
import re
import time

import pytest

import servers
from gateway import Gateway, any_irc, irc

USERS = 24


@pytest.fixture(scope="module")
def network():
    """An IRC server of our own: it goes down and comes back."""
    one = servers.Ngircd("irc.away.test")
    yield one
    one.stop()


class Refuser:
    """Takes connections on a port, and closes them: counts who tries."""

    def __init__(self, port):
        self.port, self.times, self.came = port, [], asyncio.Event()

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.refuse, "127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_):
        self.server.close()
        await self.server.wait_closed()

    async def refuse(self, reader, writer):
        self.times.append(time.monotonic())
        self.came.set()
        writer.close()

    async def count(self, number):
        while len(self.times) < number:
            self.came.clear()
            await asyncio.wait_for(self.came.wait(), 60)


async def test_a_server_that_is_gone_is_tried_by_one_at_a_time(prosody, network, user, name):
    gateway = Gateway(prosody, {"other": {**irc(network.port), "sign-ins-per-second": 10}})
    with gateway:
        users = [await user(prosody) for _ in range(USERS)]
        await asyncio.gather(*(me.sign_up(gateway.jid("other"), username=name("nick")) for me in users))
        mark = gateway.mark()
        await asyncio.to_thread(network.process.kill)
        await gateway.line("is out of reach", since=mark)
        async with Refuser(network.port) as refuser:
            await refuser.count(2)
        gaps = [later - earlier for earlier, later in zip(refuser.times, refuser.times[1:])]
        assert all(gap > 2 for gap in gaps), gaps
        row = next(row for row in gateway.ctl("gateways") if row["gateway"] == gateway.jid("other"))
        waiting = int(re.search(r"\((\d+) wait\)", row["out_of_reach"])[1])
        assert waiting >= USERS - 1 and "127.0.0.1" in row["out_of_reach"], row
        mark = gateway.mark()
        for me in users:
            me.inbox.clear()
        await asyncio.to_thread(network.start)
        await gateway.line("is back", timeout=90, since=mark)
        begin = time.monotonic()
        for me in users:
            await me.expect_signed_in(gateway.jid("other"), timeout=60)
        # All follow at the gateway's pace: ten a second.
        assert 1 < time.monotonic() - begin < 15
        row = next(row for row in gateway.ctl("gateways") if row["gateway"] == gateway.jid("other"))
        assert row["signed_in"] == USERS and row["out_of_reach"] == "", row


async def test_a_new_sign_in_waits_for_the_server_too(prosody, network, user, name):
    with Gateway(prosody, {"other": irc(network.port)}) as gateway:
        users = [await user(prosody) for _ in range(8)]
        await asyncio.gather(*(me.sign_up(gateway.jid("other"), username=name("nick")) for me in users))
        late = users.pop()
        late.presence("unavailable")
        await gateway.line(f"{late.jid}: signed out, was signing out")
        mark = gateway.mark()
        await asyncio.to_thread(network.process.kill)
        await gateway.line("is out of reach", since=mark)
        late.available()
        await gateway.line(f"{late.jid}: waiting, was queued", since=mark)
        await late.expect("message", gateway.jid("other"), has="c:body", where=lambda element: "keeps trying" in element.findtext("{jabber:client}body"))
        await asyncio.to_thread(network.start)
        for me in [*users, late]:
            await me.expect_signed_in(gateway.jid("other"), timeout=90)


async def test_another_server_that_is_gone_stops_nobody(prosody, network, user, name):
    with Gateway(prosody, {"other": any_irc(network.port)}) as gateway:
        me, friend = await user(prosody), await user(prosody)
        for _ in range(6):
            reply = await me.register(gateway.jid("other"), username=name("nick"), **{"option.server": "127.0.0.2"})
            assert reply.get("type") == "error"
        await friend.sign_up(gateway.jid("other"), username=name("nick"), **{"option.server": "127.0.0.1"})
        assert not any("127.0.0.1" in row["out_of_reach"] for row in gateway.ctl("gateways"))
