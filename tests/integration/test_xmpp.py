# SPDX-License-Identifier: GPL-2.0-or-later
"""Another XMPP server as the network: accounts, certificates, and trouble."""

import asyncio

import pytest

import servers
from client import condition, error_text, show
from conftest import running
from gateway import xmpp
from servers import PASSWORD


@pytest.fixture(scope="module")
def gateway(prosody, elsewhere, elsewhere_tls):
    secure = {"option.connection_security": "require_tls"}
    with running(prosody, {"xmpp": xmpp(elsewhere), "other": xmpp(elsewhere_tls, **secure),
                           "simple": xmpp(elsewhere_tls, verify="off", **secure),
                           "irc": xmpp(elsewhere_tls, verify="ask", **secure)}) as gateway:
        yield gateway


async def test_chat_both_ways(on_xmpp):
    on_xmpp.me.message(on_xmpp.contact, "from here")
    await on_xmpp.friend.expect_body(on_xmpp.nick, "from here")
    on_xmpp.friend.message(on_xmpp.nick, "from there")
    await on_xmpp.me.expect_body(on_xmpp.contact, "from there")


async def test_names_with_odd_letters(gateway, user, elsewhere, on_xmpp, name):
    """XEP-0106: what no XMPP name may hold is escaped, on both sides of the gateway."""
    who = name("o\\27hara")
    elsewhere.add_user(who)
    friend = await user(elsewhere, who)
    friend.message(on_xmpp.nick, "what is my name?")
    message = await on_xmpp.me.expect("message", body="what is my name?")
    assert message.get("from").split("/")[0].endswith("@" + gateway.jid("xmpp"))
    on_xmpp.me.message(message.get("from"), "that one")
    await friend.expect_body(on_xmpp.nick, "that one")


async def test_an_unknown_certificate_is_refused(gateway, user, elsewhere_tls, name):
    me, juliet = await user(gateway.server), name("juliet")
    elsewhere_tls.add_user(juliet)
    reply = await me.register(gateway.jid("other"), username=juliet, password=PASSWORD)
    assert reply.get("type") == "error", show(reply)
    assert "certificate" in error_text(reply).lower(), show(reply)


async def test_verify_off_takes_any_certificate(gateway, user, elsewhere_tls, name):
    me, juliet = await user(gateway.server), name("juliet")
    elsewhere_tls.add_user(juliet)
    await me.sign_up(gateway.jid("simple"), username=juliet, password=PASSWORD)


async def test_verify_ask_asks_the_user(gateway, user, elsewhere_tls, name):
    me, juliet, domain = await user(gateway.server), name("juliet"), gateway.jid("irc")
    elsewhere_tls.add_user(juliet)
    registering = asyncio.ensure_future(me.register(domain, username=juliet, password=PASSWORD, timeout=60))
    await me.choose_about(domain, "certificate", "accept")
    reply = await registering
    assert reply.get("type") == "result", show(reply)
    await me.expect_signed_in(domain)


async def test_signed_in_elsewhere_ends_it(gateway, on_xmpp, user, elsewhere):
    """The network says that the resource was taken over: signing in again at once would be a fight."""
    login = on_xmpp.nick.split("@")[0]
    me, domain = on_xmpp.me, gateway.jid("xmpp")
    resource = await resource_of(on_xmpp)
    me.inbox.clear()
    rival = await user(elsewhere, login, resource)
    await me.expect("message", domain, has="c:body", timeout=30)
    await rival.ask(None, "<ping xmlns='urn:xmpp:ping'/>")


async def resource_of(pair):
    """The resource under which the gateway's account is signed in."""
    await pair.me.add_contact(pair.contact)
    presence = await pair.friend.expect("presence", pair.nick, "")
    return presence.get("from").split("/", 1)[1]


async def test_the_network_restarts(prosody, user, name):
    """The account comes back by itself; the user is told once that it was away."""
    network = servers.Prosody("gone.test")
    with running(prosody, {"echo": xmpp(network)}) as gateway:
        me, juliet, domain = await user(prosody), name("juliet"), gateway.jid("echo")
        network.add_user(juliet)
        await me.sign_up(domain, username=juliet, password=PASSWORD)
        me.inbox.clear()
        await asyncio.to_thread(network.stop)
        await me.expect_lost(domain)
        await asyncio.to_thread(network.start)
        await me.expect_signed_in(domain, timeout=90)
        friend = await user(network)
        friend.message(f"{juliet}@{network.domain}", "welcome back")
        await me.expect_body(gateway.jid("echo", friend.jid), "welcome back")
    network.stop()


async def test_a_password_changed_elsewhere_is_told(gateway, on_xmpp, elsewhere):
    me, domain = on_xmpp.me, gateway.jid("xmpp")
    login = on_xmpp.nick.split("@")[0]
    me.presence("unavailable", domain)
    await me.expect("presence", domain, "unavailable")
    elsewhere.add_user(login, "another")
    me.inbox.clear()
    me.available(to=domain)
    await me.expect("message", domain, has="c:body", where=lambda m: "register" in show(m) or "password" in show(m).lower()
                    or "authoriz" in show(m).lower())
    await me.expect("presence", domain, "unavailable")
    reply = await me.register(domain, username=login, password="another")
    assert condition(reply) is None, show(reply)
    await me.expect_signed_in(domain)
