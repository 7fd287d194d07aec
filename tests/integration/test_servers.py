# SPDX-License-Identifier: GPL-2.0-or-later
"""The tests' own servers and friends, without a gateway: when these fail, look no further."""

import asyncio
import hashlib
import re

import pytest

from servers import SECRET


async def component(server, domain):
    """A component stream (XEP-0114) in the fewest words."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.component_port)
    writer.write(f"<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='{domain}'>".encode())
    head = await reader.readuntil(b">")
    while b" id=" not in head:
        head = await reader.readuntil(b">")
    stream = re.search(rb" id=['\"]([^'\"]+)", head).group(1)
    writer.write(b"<handshake>" + hashlib.sha1(stream + SECRET.encode()).hexdigest().encode() + b"</handshake>")
    assert b"<handshake" in await reader.readuntil(b">")
    return reader, writer


@pytest.mark.parametrize("which", ["prosody", "privileged", "ejabberd"])
async def test_component_and_user_exchange_messages(which, request, user):
    server = request.getfixturevalue(which)
    domain = f"echo.{server.domain}"
    reader, writer = await component(server, domain)
    romeo = await user(server)
    romeo.message(f"juliet@{domain}", "wherefore")
    await asyncio.wait_for(reader.readuntil(b"wherefore"), 5)
    writer.write(f"<message from='juliet@{domain}' to='{romeo.jid}' type='chat'><body>art thou</body></message>".encode())
    await romeo.expect_body(f"juliet@{domain}", "art thou")
    writer.close()


@pytest.mark.parametrize("which", ["ngircd", "inspircd"])
async def test_irc_friends_talk(which, request, irc_friend):
    port = request.getfixturevalue(which).port
    anna, bert = await irc_friend(port), await irc_friend(port)
    anna.say(bert.nick, "grüße")
    await bert.expect_message(anna.nick, "grüße")


async def test_scripted_irc_server_asks_for_its_password(scripted_ircd, irc_friend):
    ircd = await scripted_ircd()
    anna = await irc_friend(ircd.port)
    ircd.send(anna.nick, f":bert!b@b PRIVMSG {anna.nick} :hello")
    await anna.expect_message("bert", "hello")


async def test_sip_friends_talk_and_watch(sip_friend):
    anna, bert = await sip_friend(), await sip_friend()
    anna_says = asyncio.ensure_future(anna.say(bert.aor, "grüße"))
    await bert.expect("MESSAGE", "grüße")
    await anna_says
    await anna.watch(bert.aor)
    await bert.publish("open", "here")
    await anna.expect("NOTIFY", "<note>here</note>")


async def test_users_of_the_other_network_talk(elsewhere, user):
    anna, bert = await user(elsewhere), await user(elsewhere)
    anna.message(bert.jid, "hello")
    await bert.expect_body(anna.jid, "hello")
