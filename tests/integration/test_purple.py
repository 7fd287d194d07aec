# SPDX-License-Identifier: GPL-2.0-or-later
"""Any installed libpurple plugin, named by its id."""

import pytest

from client import NS, condition, error_text, find, form, show
from conftest import running


@pytest.fixture(scope="module")
def gateway(prosody):
    with running(prosody, {"irc": {"purple": "prpl-gg"}, "xmpp": {"purple": "prpl-bonjour"},
                           "other": {"purple": "prpl-nosuch"}}) as gateway:
        yield gateway


async def test_gadu_gadu_offers_its_form(gateway, user):
    me = await user(gateway.server)
    fields = form(await me.ask(gateway.jid("irc"), "<query xmlns='jabber:iq:register'/>"))
    assert {"username", "password", "option.gg_server"} <= set(fields)


async def test_gadu_gadu_tries_to_sign_in(gateway, user):
    gateway.expected.append("GLib: g_hash_table_destroy")     # the plugin's own, when it ends early
    me = await user(gateway.server)
    reply = await me.register(gateway.jid("irc"), username="123456", password="x", timeout=90,
                              **{"option.gg_server": "127.0.0.1"})
    assert condition(reply) == "wait remote-server-timeout", show(reply)
    assert error_text(reply)


async def test_bonjour_offers_its_form(gateway, user):
    me = await user(gateway.server)
    fields = form(await me.ask(gateway.jid("xmpp"), "<query xmlns='jabber:iq:register'/>"))
    assert {"username", "option.port"} <= set(fields)


async def test_a_plugin_that_is_not_installed(gateway, user):
    """The gateway is there and says what is wrong."""
    gateway.expected.append("prpl-nosuch")
    me = await user(gateway.server)
    reply = await me.ask(gateway.jid("other"), "<query xmlns='jabber:iq:register'/>", timeout=60)
    assert reply.get("type") == "error" and error_text(reply), show(reply)


async def test_the_identity_is_a_gateway(gateway, user):
    me = await user(gateway.server)
    reply = await me.ask(gateway.jid("irc"), f"<query xmlns='{NS['info']}'/>")
    assert find(reply, "info:query/info:identity").get("category") == "gateway"
