# SPDX-License-Identifier: GPL-2.0-or-later
"""The network's own menu, and the forms that come of it, by chat and by form."""

import re

import pytest

from client import NS, find, form, show, submit, text
from conftest import running
from gateway import irc, xmpp
from servers import PASSWORD
from test_commands import execute, run

CHANGE = "Change Password"


@pytest.fixture(scope="module")
def gateway(prosody, ngircd, elsewhere):
    with running(prosody, {"irc": irc(ngircd.port), "xmpp": xmpp(elsewhere)}) as gateway:
        yield gateway


async def entry(me, domain, label):
    """The number of an entry, from the menu as the chat shows it."""
    me.message(domain, "menu")
    menu = text(await me.expect("message", domain, where=lambda m: "offers" in (text(m, "c:body") or "")), "c:body")
    found = re.search(rf"^(\d+) – {label}$", menu, re.M)
    assert found, menu
    return found[1]


async def question(me, domain, about):
    """A question as (the text of the chat, the form's fields)."""
    message = await me.expect("message", domain, has="x:x", where=lambda m: about in (text(m, "c:body") or ""))
    return text(message, "c:body"), {field.get("var"): field for field in message.iterfind("x:x/x:field", NS)}


def hidden(fields):
    return fields["passerelle#question"].find("x:value", NS).text


async def signs_in_with(password, me, gateway, domain):
    """The account as stored signs in anew, and this is the network's password for it."""
    me.presence("unavailable", domain)
    await me.expect("presence", domain, "unavailable")
    me.inbox.clear()
    me.available(to=domain)
    await me.expect_signed_in(domain)
    reply = await me.register(domain, username=me.login_name, password=password)
    assert reply.get("type") == "result", show(reply)


@pytest.fixture
def account(gateway, user, elsewhere, name):
    async def make():
        me = await user(gateway.server)
        me.login_name = name("romeo")
        elsewhere.add_user(me.login_name)
        await me.sign_up(gateway.jid("xmpp"), username=me.login_name, password=PASSWORD)
        return me, gateway.jid("xmpp")
    return make


async def test_a_form_that_is_filled_in(gateway, account):
    """The password is changed on the network, and the gateway knows the new one."""
    me, domain = await account()
    me.message(domain, f"menu {await entry(me, domain, CHANGE)}")
    chat, fields = await question(me, domain, "hange")
    private = [var for var, field in fields.items() if field.get("type") == "text-private"]
    assert len(private) == 2 and PASSWORD not in chat
    me.message(domain, None, submit("", **{"passerelle#question": hidden(fields), **{var: "new-secret" for var in private}}))
    await me.expect("message", domain, where=lambda m: "changed" in (text(m, "c:body") or ""))
    await gateway.line("the password was changed")
    await signs_in_with("new-secret", me, gateway, domain)
    assert "new-secret" not in gateway.text()


async def test_a_form_that_is_answered_in_the_chat(gateway, account):
    me, domain = await account()
    me.message(domain, f"menu {await entry(me, domain, CHANGE)}")
    chat, _ = await question(me, domain, "hange")
    labels = re.findall(r"^– (.*?)(?: \(needed\))?$", chat, re.M)
    assert len(labels) == 2, chat
    me.message(domain, "answer no such thing: x")
    await me.expect("message", domain, where=lambda m: "no such thing" in (text(m, "c:body") or ""))
    me.message(domain, "answer\n" + "\n".join(f"{label}: other-secret" for label in labels))
    await gateway.line("the password was changed")
    await signs_in_with("other-secret", me, gateway, domain)


async def test_a_form_that_is_cancelled(gateway, account):
    me, domain = await account()
    me.message(domain, f"menu {await entry(me, domain, CHANGE)}")
    _, fields = await question(me, domain, "hange")
    me.message(domain, None, "<x xmlns='jabber:x:data' type='cancel'>"
               f"<field var='passerelle#question'><value>{hidden(fields)}</value></field></x>")
    await me.expect_body(domain, "Thank you.")
    await signs_in_with(PASSWORD, me, gateway, domain)


async def test_a_form_that_is_not_open(gateway, account):
    me, domain = await account()
    me.message(domain, None, submit("", **{"passerelle#question": "1 1"}))
    await me.expect("message", domain, where=lambda m: "not open" in (text(m, "c:body") or ""))


async def test_a_form_that_lacks_something(gateway, account):
    me, domain = await account()
    me.message(domain, f"menu {await entry(me, domain, CHANGE)}")
    _, fields = await question(me, domain, "hange")
    me.message(domain, None, submit("", **{"passerelle#question": hidden(fields)}))
    await me.expect("message", domain, where=lambda m: "needed" in (text(m, "c:body") or ""))


async def test_the_menu_as_a_command(gateway, account):
    me, domain = await account()
    first = find(await execute(me, domain, "menu"), "cmd:command")
    options = {option.get("label"): option.find("x:value", NS).text for option in first.iterfind(".//x:option", NS)}
    assert CHANGE in options, show(first)
    await run(me, domain, "menu", entry=options[CHANGE])
    await question(me, domain, "hange")


async def test_nobody_else_answers(gateway, account, user):
    """A question is its user's."""
    me, domain = await account()
    other, _ = await account()
    me.message(domain, f"menu {await entry(me, domain, CHANGE)}")
    _, fields = await question(me, domain, "hange")
    other.message(domain, None, submit("", **{"passerelle#question": hidden(fields)}))
    await other.expect("message", domain, where=lambda m: "not open" in (text(m, "c:body") or ""))


async def test_a_menu_goes_with_the_session(gateway, account):
    me, domain = await account()
    await entry(me, domain, CHANGE)
    me.message(domain, "logout")
    await me.expect("presence", domain, "unavailable")
    me.message(domain, "menu")
    await me.expect("message", domain, where=lambda m: "not signed in" in (text(m, "c:body") or ""))


async def test_entries_that_are_not_there(gateway, account):
    me, domain = await account()
    for number in ("0", "99", "x", "-1", "99999999999999999999"):
        me.message(domain, f"menu {number}")
        await me.expect("message", domain, where=lambda m: "no such entry" in (text(m, "c:body") or ""))
