# SPDX-License-Identifier: GPL-2.0-or-later
"""Accounts that end the process that serves them: alone at the second time, quarantined after the third."""

import asyncio

import pytest

from client import condition, error_text, show
from gateway import BUILD, Gateway

PLUGIN = BUILD / "tests/integration/poison"


@pytest.fixture
def gateway(prosody):
    """One for each test: what is remembered of deaths is to be this test's."""
    with Gateway(prosody, {"echo": {"purple": "prpl-poison"}}, workers={"plugin-folder": PLUGIN}) as one:
        yield one


async def sign_up(gateway, user, name):
    me = await user(gateway.server)
    await me.sign_up(gateway.jid("echo"), username=name("nick"))
    return me


def account(gateway, me):
    return next(row for row in gateway.ctl("accounts") if row["owner"] == me.jid)


def pid_of(gateway, me):
    worker = account(gateway, me)["worker"]
    return next(row["pid"] for row in gateway.ctl("workers") if row["id"] == worker)


async def expect_echo(me, gateway, words):
    me.message(gateway.jid("echo", "wall"), words)
    await me.expect_body(gateway.jid("echo", "wall"), words)


async def die(gateway, me, how="die", timeout=20):
    """The account's worker dies; returns the error that its message came back as."""
    mark = gateway.mark()
    id_ = me.message(gateway.jid("echo", "wall"), how)
    await gateway.line(r"worker \d+ .* died with", timeout, mark)
    return await me.expect("message", type_="error", where=lambda element: element.get("id") == id_)


async def test_poison_is_isolated_and_then_quarantined(gateway, user, name):
    me, others = await sign_up(gateway, user, name), [await sign_up(gateway, user, name) for _ in range(2)]
    assert pid_of(gateway, me) == pid_of(gateway, others[0])

    mark = gateway.mark()
    reply = await die(gateway, me)
    assert "may not have arrived" in error_text(reply), show(reply)
    await gateway.line(f"{me.jid}: its worker died over send-message of this account", since=mark)
    for one in (me, *others):
        one.inbox.clear()
        await gateway.line(f"{one.jid}: signed in, was signing in", since=mark)
        await expect_echo(one, gateway, "back")
    alone, together = pid_of(gateway, me), pid_of(gateway, others[0])
    assert alone != together == pid_of(gateway, others[1])

    mark = gateway.mark()
    await die(gateway, me)
    await gateway.line(f"{me.jid}: signed in, was signing in", since=mark, timeout=40)
    assert pid_of(gateway, others[0]) == together, "somebody else noticed"

    await die(gateway, me)
    told = await me.expect("message", gateway.jid("echo"), has="c:body", where=lambda element: "administrator" in show(element))
    assert told is not None
    assert account(gateway, me)["state"] == "quarantined"
    for one in others:
        await expect_echo(one, gateway, "still here")
    assert pid_of(gateway, others[0]) == together

    # Neither its user nor a restart changes that; the admin does.
    me.message(gateway.jid("echo"), "login")
    await me.expect("message", gateway.jid("echo"), has="c:body", where=lambda element: "administrator" in show(element))
    await gateway.restarted()
    assert account(gateway, me)["state"] == "quarantined"
    assert gateway.ctl("release", me.jid, gateway.jid("echo"))
    me.inbox.clear()
    me.available(status="again")
    await me.expect_signed_in(gateway.jid("echo"))
    await expect_echo(me, gateway, "released")


async def test_a_timer_of_an_account_counts_as_its_own(gateway, user, name):
    me, other = await sign_up(gateway, user, name), await sign_up(gateway, user, name)
    mark = gateway.mark()
    me.message(gateway.jid("echo", "wall"), "die later")
    await gateway.line(f"{me.jid}: its worker died over a timer of this account", since=mark)
    await gateway.line(f"{me.jid}: signed in, was signing in", since=mark)
    await gateway.line(f"{other.jid}: signed in, was signing in", since=mark)
    assert pid_of(gateway, me) != pid_of(gateway, other)


async def test_a_former_hubs_worker_is_no_exception(gateway, user, name):
    """Nobody but a dead parent is told how it ended; that it did, and over what, is known."""
    me = await sign_up(gateway, user, name)
    await asyncio.to_thread(gateway.crash)
    await asyncio.to_thread(gateway.start)
    await expect_echo(me, gateway, "here again")
    mark = gateway.mark()
    await die(gateway, me)
    await gateway.line("died with 1 accounts: of what is not known", since=mark)
    await gateway.line(f"{me.jid}: its worker died over send-message of this account", since=mark)
    await gateway.line(f"{me.jid}: signed in, was signing in", since=mark)


async def test_registrations_that_are_poison(gateway, user, name):
    """Each is another account; what they have in common is who asks for them."""
    me, other = await user(gateway.server), await sign_up(gateway, user, name)
    for attempt in range(3):
        mark = gateway.mark()
        reply = await me.register(gateway.jid("echo"), username=name("die"))
        assert reply.get("type") == "error", show(reply)
        await gateway.line(f"{me.jid}: its worker died over sign-in of this account", since=mark)
        if attempt == 0:
            await gateway.line(f"{other.jid}: signed in, was signing in", since=mark)
            pid = pid_of(gateway, other)
        assert pid_of(gateway, other) == pid, "somebody else noticed"
    mark = gateway.mark()
    reply = await me.register(gateway.jid("echo"), username=name("nick"))
    assert condition(reply) == "cancel not-allowed" and "administrator" in error_text(reply), show(reply)
    assert "signing in" not in gateway.text(mark)
    await sign_up(gateway, user, name)
    await expect_echo(other, gateway, "still here")


async def test_a_worker_that_hangs_is_ended(gateway, user, name):
    me = await sign_up(gateway, user, name)
    mark = gateway.mark()
    gateway.expected.append("it has stopped answering")
    await die(gateway, me, "hang", timeout=60)
    await gateway.line(f"{me.jid}: its worker died over send-message of this account", since=mark)
    await gateway.line(f"{me.jid}: signed in, was signing in", since=mark)
    await expect_echo(me, gateway, "back")
