# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin and TLS: from the first byte, where the server offers it, and with a certificate that nobody vouches for."""

import plugin_host
import pytest
import pytest_asyncio

from oscar.server import ScriptedOscar
from servers import certificate

pytestmark = plugin_host.NEEDED
WHENEVER, ALWAYS = "opportunistic_encryption", "require_encryption"


@pytest_asyncio.fixture
async def scripted(tmp_path):
    """The scripted server with a port for TLS, whose certificate is its own."""
    server = await ScriptedOscar().start(tls=certificate(tmp_path, "oscar.test"))
    yield server
    await server.stop()
    server.check()


async def begin(scripted, plugin, name, encryption):
    """A plugin that begins to sign on, at the port that is for that."""
    who = scripted.add_user(name())
    me = await plugin(scripted, who.name, connect=False, account=False, encryption=encryption)
    if encryption == ALWAYS:
        me.options["port"] = scripted.tls_port
    me.begin()
    return me


async def judge(me, trusted):
    """Answers libpurple's question about the certificate."""
    asked = await me.expect("request", kind="action")
    assert "certificate" in (asked["primary"] + (asked["secondary"] or "")).lower(), asked
    me.do("answer", id=asked["id"], **({"yes": "yes"} if trusted else {}))


@pytest.mark.parametrize("encryption", [WHENEVER, ALWAYS])
async def test_certificate_is_accepted(scripted, plugin, name, encryption):
    scripted.offers_tls = 1
    me = await begin(scripted, plugin, name, encryption)
    await judge(me, True)
    assert await me.ended() == "signed-on"
    await me.heard()
    assert [one.tls for one in scripted.of(me.name)] == [True]
    other = scripted.add_user(name()).appear()
    other.say(me.name, "in private")
    await me.expect("message", text="in private")


@pytest.mark.parametrize("encryption", [WHENEVER, ALWAYS])
async def test_certificate_is_refused(scripted, plugin, name, encryption):
    scripted.offers_tls = 1
    me = await begin(scripted, plugin, name, encryption)
    await judge(me, False)
    kind, text = await me.fail()
    assert kind == "certificate" and "certificate" in text
    assert scripted.user(me.name).online == []


async def test_services_are_in_tls_too(scripted, plugin, name):
    scripted.offers_tls = 1
    me = await begin(scripted, plugin, name, WHENEVER)
    await judge(me, True)
    assert await me.ended() == "signed-on"
    me.do("join", room="Den")
    await me.expect("chat-joined")
    assert [one.tls for service in ("BOS", 0x0D, 0x0E) for one in scripted.of(me.name, service)] == [True] * 3


async def test_server_offers_none(scripted, plugin, name):
    me = await begin(scripted, plugin, name, WHENEVER)
    assert await me.ended() == "signed-on"
    await me.heard()
    assert [one.tls for one in scripted.of(me.name)] == [False]


async def test_server_wants_it_and_the_account_not(scripted, plugin, name):
    scripted.offers_tls = 2
    me = await begin(scripted, plugin, name, "no_encryption")
    kind, text = await me.fail()
    assert kind == "no tls" and "encryption" in text


async def test_plain_where_tls_is_wanted(scripted, plugin, name):
    """The port of the account's options speaks no TLS."""
    who = scripted.add_user(name())
    me = await plugin(scripted, who.name, connect=False, account=False, encryption=ALWAYS)
    me.begin()
    assert (await me.fail())[0] == "network"
    assert scripted.violations
    scripted.violations.clear()
