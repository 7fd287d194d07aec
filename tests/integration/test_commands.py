# SPDX-License-Identifier: GPL-2.0-or-later
"""The same actions as ad-hoc commands (XEP-0050)."""

import pytest

from client import NS, condition, find, form, show, submit, text
from conftest import running
from gateway import irc, xmpp
from servers import PASSWORD

NODES = {"jabber:iq:register", "unregister", "accounts", "login", "logout", "menu", "status"}


@pytest.fixture(scope="module")
def gateway(prosody, ngircd, elsewhere):
    with running(prosody, {"irc": irc(ngircd.port), "xmpp": xmpp(elsewhere)}) as gateway:
        yield gateway


async def execute(me, gateway, node, action=None, session=None, inside="", timeout=30):
    extra = (f" action='{action}'" if action else "") + (f" sessionid='{session}'" if session else "")
    return await me.ask(gateway, f"<command xmlns='{NS['cmd']}' node='{node}'{extra}>{inside}</command>", "set", timeout)


async def run(me, gateway, node, timeout=30, **fields):
    """A command whole: where it asks something, FIELDS are the answer. The last reply's command element."""
    reply = await execute(me, gateway, node, timeout=timeout)
    command = find(reply, "cmd:command")
    assert command is not None, show(reply)
    if command.get("status") == "executing":
        reply = await execute(me, gateway, node, "complete", command.get("sessionid"),
                              submit("jabber:iq:register" if "register" in node else "urn:x", **fields), timeout)
        command = find(reply, "cmd:command")
        assert command is not None, show(reply)
    assert command.get("status") == "completed", show(reply)
    return command


async def registered(me, gateway):
    reply = await me.ask(gateway, "<query xmlns='jabber:iq:register'/>")
    return find(reply, "reg:query/reg:registered") is not None


async def listed(me, gateway):
    reply = await me.ask(gateway, f"<query xmlns='{NS['items']}' node='{NS['cmd']}'/>")
    return {item.get("node"): item for item in reply.iterfind("items:query/items:item", NS)}


async def test_commands_are_listed(gateway, user):
    me = await user(gateway.server)
    items = await listed(me, gateway.jid("irc"))
    assert NODES <= set(items)
    assert all(item.get("jid") == gateway.jid("irc") and item.get("name") for item in items.values())


async def test_a_command_tells_what_it_is(gateway, user):
    me = await user(gateway.server)
    reply = await me.ask(gateway.jid("irc"), f"<query xmlns='{NS['info']}' node='status'/>")
    identity = find(reply, "info:query/info:identity")
    assert (identity.get("category"), identity.get("type")) == ("automation", "command-node"), show(reply)
    assert "http://jabber.org/protocol/commands" in show(reply)


async def test_the_whole_way(gateway, user, ngircd, irc_friend, name):
    me, domain, nick, friend = await user(gateway.server), gateway.jid("irc"), name("nick"), await irc_friend(ngircd.port)
    start = find(await execute(me, domain, "jabber:iq:register"), "cmd:command")
    assert start.get("status") == "executing" and start.get("sessionid")
    assert {"FORM_TYPE", "username", "password"} <= set(form(start))
    done = await execute(me, domain, "jabber:iq:register", "complete", start.get("sessionid"),
                         submit("jabber:iq:register", username=nick))
    assert find(done, "cmd:command").get("status") == "completed", show(done)
    await me.expect_signed_in(domain)
    me.message(gateway.jid("irc", friend.nick), "registered by command")
    await friend.expect_message(nick, "registered by command")
    assert nick in show(await run(me, domain, "accounts"))
    assert nick in show(await run(me, domain, "status"))
    await run(me, domain, "logout")
    await me.expect("presence", domain, "unavailable")
    me.inbox.clear()
    await run(me, domain, "login")
    await me.expect_signed_in(domain)
    await run(me, domain, "unregister")
    await me.expect("presence", domain, "unavailable")
    assert not await registered(me, domain)


async def test_a_wrong_password_is_an_error_note(gateway, user, elsewhere, name):
    me, domain, juliet = await user(gateway.server), gateway.jid("xmpp"), name("juliet")
    elsewhere.add_user(juliet)
    start = find(await execute(me, domain, "jabber:iq:register"), "cmd:command")
    reply = await execute(me, domain, "jabber:iq:register", "complete", start.get("sessionid"),
                          submit("jabber:iq:register", username=juliet, password="wrong"))
    note = find(reply, "cmd:command/cmd:note")
    assert condition(reply) == "auth not-authorized" or (note is not None and note.get("type") == "error"), show(reply)
    assert not await registered(me, domain)


async def test_a_command_may_be_cancelled(gateway, user):
    me, domain = await user(gateway.server), gateway.jid("irc")
    start = find(await execute(me, domain, "jabber:iq:register"), "cmd:command")
    reply = await execute(me, domain, "jabber:iq:register", "cancel", start.get("sessionid"))
    assert find(reply, "cmd:command").get("status") == "canceled", show(reply)
    assert not await registered(me, domain)


@pytest.mark.parametrize("node, action, session, want", [
    ("nosuch", None, None, "cancel item-not-found"), ("status", "dance", None, "modify bad-request")])
async def test_bad_commands(gateway, user, node, action, session, want):
    me = await user(gateway.server)
    reply = await execute(me, gateway.jid("irc"), node, action, session, submit("jabber:iq:register", username="n"))
    assert condition(reply) == want, show(reply)


async def test_a_command_acts_for_its_sender(gateway, user, name):
    """Also with the session of somebody else."""
    me, thief, domain = await user(gateway.server), await user(gateway.server), gateway.jid("irc")
    start = find(await execute(me, domain, "jabber:iq:register"), "cmd:command")
    await execute(thief, domain, "jabber:iq:register", "complete", start.get("sessionid"),
                  submit("jabber:iq:register", username=name("nick")))
    assert not await registered(me, domain)
