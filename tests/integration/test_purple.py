# SPDX-License-Identifier: GPL-2.0-or-later
"""Any installed libpurple plugin, named by its id."""

import pathlib
import shutil

import pytest

from client import NS, condition, error_text, find, form, show
from conftest import running
from gateway import irc
from process import folder


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
    assert find(reply, "info:query/info:identity[@category='gateway']") is not None, show(reply)


SYSTEM_PLUGIN = next(pathlib.Path("/usr/lib").glob("*/purple-2/libirc.so"))


@pytest.mark.parametrize("choice", ["own", "system"])
async def test_of_two_plugins_of_one_id_the_chosen_one_serves(prosody, ngircd, user, name, choice):
    own = folder("plugins")
    shutil.copy(SYSTEM_PLUGIN, own / "libours.so")
    with running(prosody, {"echo": irc(ngircd.port, plugin=choice)}, workers={"plugin-folder": own}) as gateway:
        serving = {"own": own / "libours.so", "system": SYSTEM_PLUGIN}
        await gateway.line(f"prpl-irc is served by {serving.pop(choice)}")
        me = await user(gateway.server)
        await me.sign_up(gateway.jid("echo"), username=name("nick"))
        assert f"served by {serving.popitem()[1]}" not in gateway.text()
