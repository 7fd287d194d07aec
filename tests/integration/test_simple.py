# SPDX-License-Identifier: GPL-2.0-or-later
"""SIP with presence (SIMPLE): kamailio as registrar and presence server."""

import asyncio

import pytest
import pytest_asyncio

from client import NS, condition, find, show
from conftest import Pair, running
from gateway import simple
from servers import PASSWORD


@pytest.fixture(scope="module")
def gateway(prosody, kamailio):
    with running(prosody, {"simple": simple(kamailio)}) as gateway:
        yield gateway


@pytest_asyncio.fixture
async def on_sip(gateway, user, sip_friend, name, kamailio):
    me, friend, nick = await user(gateway.server), await sip_friend(), name("romeo")
    await me.sign_up(gateway.jid("simple"), username=nick, password=PASSWORD)
    return Pair(me, f"{nick}@{kamailio.domain}", friend, gateway.jid("simple", friend.aor))


async def test_messages_both_ways(on_sip):
    on_sip.me.message(on_sip.contact, "wherefore <art> & thou")
    await on_sip.friend.expect("MESSAGE", "wherefore <art> & thou")
    sending = asyncio.ensure_future(on_sip.friend.say(on_sip.nick, "here, <below> & grüße"))
    await on_sip.me.expect_body(on_sip.contact, "here, <below> & grüße")
    await sending


async def test_a_wrong_password(gateway, user, name):
    me = await user(gateway.server)
    reply = await me.register(gateway.jid("simple"), username=name("romeo"), password="wrong", timeout=60)
    assert condition(reply) == "auth not-authorized", show(reply)


async def test_the_friend_comes_and_goes(on_sip):
    await on_sip.friend.publish("open")
    await on_sip.me.add_contact(on_sip.contact)
    await on_sip.me.expect("presence", on_sip.contact, "", timeout=20)
    await on_sip.friend.publish("closed")
    await on_sip.me.expect("presence", on_sip.contact, "unavailable", timeout=20)


async def test_the_friend_sees_the_user(on_sip):
    await on_sip.friend.watch(on_sip.nick)
    await on_sip.friend.expect("NOTIFY", "<basic>open</basic>", timeout=20)


async def test_a_message_to_nobody_is_told(gateway, on_sip, kamailio):
    contact = gateway.jid("simple", f"nosuchuser@{kamailio.domain}")
    await on_sip.me.expect_error(on_sip.me.message(contact, "anybody?"), "cancel item-not-found")


async def test_a_receipt_says_that_the_friend_has_it(gateway, on_sip, kamailio):
    """XEP-0184, where the network says so: the friend's own 200."""
    info = await on_sip.me.ask(on_sip.contact, f"<query xmlns='{NS['info']}'/>")
    assert find(info, "info:query/info:feature[@var='urn:xmpp:receipts']") is not None, show(info)
    request = "<request xmlns='urn:xmpp:receipts'/>"
    id_ = on_sip.me.message(on_sip.contact, "have you got this?", request)
    await on_sip.friend.expect("MESSAGE", "have you got this?")
    receipt = await on_sip.me.expect("message", on_sip.contact, has="{urn:xmpp:receipts}received")
    assert receipt[0].get("id") == id_ and receipt.get("to") == on_sip.me.full, show(receipt)
    # Who did not ask gets none, and nobody for what did not arrive.
    on_sip.me.message(on_sip.contact, "and this?")
    await on_sip.friend.expect("MESSAGE", "and this?")
    nobody = gateway.jid("simple", f"nosuchuser@{kamailio.domain}")
    await on_sip.me.expect_error(on_sip.me.message(nobody, "anybody?", request), "cancel item-not-found")
    on_sip.me.refuse("message", has="{urn:xmpp:receipts}received")


async def test_the_contact_is_kept_by_the_gateway(on_sip, gateway):
    me, domain = on_sip.me, gateway.jid("simple")
    await on_sip.friend.publish("open")
    await me.add_contact(on_sip.contact)
    await me.expect("presence", on_sip.contact, "", timeout=20)
    me.presence("unavailable", domain)
    await me.expect("presence", domain, "unavailable")
    me.inbox.clear()
    me.available(to=domain)
    await me.expect("presence", on_sip.contact, "", timeout=30)
