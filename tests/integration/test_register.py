# SPDX-License-Identifier: GPL-2.0-or-later
"""Registration (XEP-0077, XEP-0004): forms, the sign-in that must succeed first, change and removal."""

import pytest

from client import condition, error_text, find, form, show, submit, text
from conftest import running
from gateway import any_irc, irc, xmpp
from process import free_port
from servers import PASSWORD

QUERY = "<query xmlns='jabber:iq:register'/>"
REMOVE = "<query xmlns='jabber:iq:register'><remove/></query>"


@pytest.fixture(scope="module")
def gateway(prosody, ngircd, elsewhere):
    with running(prosody, {"irc": irc(ngircd.port), "other": any_irc(ngircd.port), "xmpp": xmpp(elsewhere)}) as gateway:
        yield gateway


async def assert_nothing_stored(me, domain):
    reply = await me.ask(domain, QUERY)
    assert reply.get("type") == "result", show(reply)
    assert find(reply, "reg:query/reg:registered") is None, show(reply)


async def test_the_form_and_the_plain_fields(gateway, user):
    me = await user(gateway.server)
    reply = await me.ask(gateway.jid("xmpp"), QUERY)
    query = find(reply, "reg:query")
    for plain in ("instructions", "username", "password"):
        assert find(query, f"reg:{plain}") is not None, show(reply)
    assert find(query, "reg:registered") is None
    fields = form(reply)
    assert text(fields["FORM_TYPE"], "x:value") == "jabber:iq:register"
    assert fields["username"].get("type") == "text-single" and find(fields["username"], "x:required") is not None
    assert fields["password"].get("type") == "text-private"
    assert text(fields["option.domain"], "x:value") == gateway.sections[f"gateway {gateway.jid('xmpp')}"]["option.domain"]
    security = fields["option.connection_security"]
    assert security.get("type") == "list-single" and len(security.findall("{jabber:x:data}option")) > 1
    assert text(security, "x:value") == "opportunistic_tls"
    assert all(field.get("label") for var, field in fields.items() if var and field.get("type") != "hidden"
               and field.get("type") != "fixed"), show(reply)


async def test_an_irc_password_is_not_required(gateway, user):
    me = await user(gateway.server)
    fields = form(await me.ask(gateway.jid("irc"), QUERY))
    assert fields["option.ssl"].get("type") == "boolean"
    assert find(fields["password"], "x:required") is None


async def test_with_plain_fields(gateway, user, ngircd, irc_friend, name):
    me, nick, friend = await user(gateway.server), name("nick"), await irc_friend(ngircd.port)
    reply = await me.ask(gateway.jid("irc"),
                         f"<query xmlns='jabber:iq:register'><username>{nick}</username><password/></query>", "set", 30)
    assert reply.get("type") == "result", show(reply)
    await me.expect_signed_in(gateway.jid("irc"))
    await friend.expect_online(nick, True)


async def test_a_full_name_in_the_plain_field(gateway, user, elsewhere, name):
    me, juliet = await user(gateway.server), name("juliet")
    elsewhere.add_user(juliet)
    reply = await me.ask(gateway.jid("xmpp"), "<query xmlns='jabber:iq:register'>"
                         f"<username>{juliet}@{elsewhere.domain}</username><password>{PASSWORD}</password></query>", "set", 30)
    assert reply.get("type") == "result", show(reply)
    await me.expect_signed_in(gateway.jid("xmpp"))


async def test_with_the_form(gateway, user, name):
    me, nick = await user(gateway.server), name("nick")
    await me.sign_up(gateway.jid("irc"), username=nick)
    reply = await me.ask(gateway.jid("irc"), QUERY)
    assert find(reply, "reg:query/reg:registered") is not None, show(reply)
    assert text(reply, "reg:query/reg:username") == nick
    assert text(form(reply)["username"], "x:value") == nick


async def test_a_wrong_password(gateway, user, elsewhere, name):
    me, juliet = await user(gateway.server), name("juliet")
    elsewhere.add_user(juliet)
    reply = await me.register(gateway.jid("xmpp"), username=juliet, password="wrong")
    assert condition(reply) == "auth not-authorized", show(reply)
    assert error_text(reply)
    await assert_nothing_stored(me, gateway.jid("xmpp"))


async def test_an_unknown_account(gateway, user, name):
    me = await user(gateway.server)
    reply = await me.register(gateway.jid("xmpp"), username=name("nobody"), password="x")
    assert condition(reply) == "auth not-authorized", show(reply)
    await assert_nothing_stored(me, gateway.jid("xmpp"))


async def test_an_unreachable_network(gateway, user, name):
    me = await user(gateway.server)
    reply = await me.register(gateway.jid("other"), username=name("nick"),
                              **{"option.server": "127.0.0.1", "option.port": free_port()})
    assert condition(reply) == "wait remote-server-timeout", show(reply)
    assert error_text(reply)
    await assert_nothing_stored(me, gateway.jid("other"))


async def test_a_network_that_says_nothing(gateway, user, scripted_ircd, name):
    """It accepts the connection and is silent: the user must not wait for ever."""
    me, ircd = await user(gateway.server), await scripted_ircd()
    ircd.welcome = False
    reply = await me.register(gateway.jid("other"), username=name("nick"), timeout=90,
                              **{"option.server": "127.0.0.1", "option.port": ircd.port})
    assert condition(reply) == "wait remote-server-timeout", show(reply)
    await assert_nothing_stored(me, gateway.jid("other"))


@pytest.mark.parametrize("fields", [
    {}, {"username": ""}, {"username": "with blank"}, {"username": "n" * 5000},
    {"username": "nick", "option.port": "70000"}, {"username": "nick", "option.port": "-1"},
    {"username": "nick", "option.port": "many"}, {"username": "nick", "option.ssl": "perhaps"},
    {"username": "nick", "nonsense": "1"}, {"username": "nick", "option.nonsense": "1"}], ids=str)
async def test_fields_that_cannot_work(gateway, user, fields):
    me = await user(gateway.server)
    reply = await me.register(gateway.jid("other"), **{"option.server": "127.0.0.1", **fields})
    assert condition(reply) == "modify not-acceptable", show(reply)
    assert error_text(reply)
    await assert_nothing_stored(me, gateway.jid("other"))


async def test_a_choice_that_is_none(gateway, user):
    me = await user(gateway.server)
    reply = await me.register(gateway.jid("xmpp"), username="a", password="b", **{"option.connection_security": "none"})
    assert condition(reply) == "modify not-acceptable", show(reply)


async def test_what_is_locked_cannot_be_sent_either(gateway, user, name):
    me = await user(gateway.server)
    reply = await me.register(gateway.jid("irc"), username=name("nick"), **{"option.port": free_port()})
    assert condition(reply) == "modify not-acceptable", show(reply)


async def test_a_password_with_odd_letters_survives(gateway, user, elsewhere, name):
    me, juliet, word = await user(gateway.server), name("juliet"), "<a&b> 'ü' %s;#="
    elsewhere.add_user(juliet, word)
    await me.sign_up(gateway.jid("xmpp"), username=juliet, password=word)
    me.presence("unavailable")
    me.available()
    await me.expect_signed_in(gateway.jid("xmpp"))


async def test_change_of_the_name(gateway, user, ngircd, irc_friend, name):
    me, old, new, friend = await user(gateway.server), name("old"), name("new"), await irc_friend(ngircd.port)
    await me.sign_up(gateway.jid("irc"), username=old)
    reply = await me.register(gateway.jid("irc"), username=new)
    assert reply.get("type") == "result", show(reply)
    await me.expect_signed_in(gateway.jid("irc"))
    me.message(gateway.jid("irc", friend.nick), "it is me")
    await friend.expect_message(new, "it is me")
    await friend.expect_online(old, False)


async def test_a_change_that_fails_keeps_what_was(gateway, user, elsewhere, name):
    me, juliet = await user(gateway.server), name("juliet")
    elsewhere.add_user(juliet)
    await me.sign_up(gateway.jid("xmpp"), username=juliet, password=PASSWORD)
    reply = await me.register(gateway.jid("xmpp"), username=juliet, password="wrong")
    assert condition(reply) == "auth not-authorized", show(reply)
    me.presence("unavailable")
    me.inbox.clear()
    me.available()
    await me.expect_signed_in(gateway.jid("xmpp"))


async def test_removal_cleans_up(gateway, user, ngircd, irc_friend, name):
    domain, nick, friend = gateway.jid("irc"), name("nick"), await irc_friend(ngircd.port)
    me = await user(gateway.server)
    await me.sign_up(domain, username=nick)
    await me.add_contact(gateway.jid("irc", friend.nick))
    reply = await me.ask(domain, REMOVE, "set")
    assert reply.get("type") == "result", show(reply)
    await me.expect("presence", domain, "unsubscribed")
    await me.expect("presence", gateway.jid("irc", friend.nick), "unsubscribed")
    await assert_nothing_stored(me, domain)
    await friend.expect_online(nick, False)
    assert all(item.get("subscription") in ("none", "remove") for jid, item in (await me.contacts()).items()
               if jid.endswith(domain))


async def test_removal_needs_a_registration(gateway, user):
    me = await user(gateway.server)
    reply = await me.ask(gateway.jid("irc"), REMOVE, "set")
    assert condition(reply) == "auth registration-required", show(reply)


async def test_cancel_changes_nothing(gateway, user):
    me = await user(gateway.server)
    reply = await me.ask(gateway.jid("irc"),
                         "<query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='cancel'/></query>", "set")
    assert reply.get("type") == "result", show(reply)
    await assert_nothing_stored(me, gateway.jid("irc"))


async def test_a_form_of_another_type_is_refused(gateway, user):
    me = await user(gateway.server)
    reply = await me.ask(gateway.jid("irc"), "<query xmlns='jabber:iq:register'>"
                         f"{submit('urn:example:other', username='nick')}</query>", "set")
    assert condition(reply) == "modify bad-request" or condition(reply) == "modify not-acceptable", show(reply)


async def test_without_a_registration_a_contact_is_out_of_reach(gateway, user):
    me = await user(gateway.server)
    await me.expect_error(me.message(gateway.jid("irc", "friend"), "hello?"), "auth registration-required")


async def test_passwords_are_in_no_file(gateway, user, elsewhere, name):
    me, juliet, word = await user(gateway.server), name("juliet"), name("never-written-")
    elsewhere.add_user(juliet, word)
    await me.sign_up(gateway.jid("xmpp"), username=juliet, password=word)
    files = [path for path in gateway.dir.rglob("*") if path.is_file()]
    assert any(path.name == "passerelle.db" for path in files)
    for path in files:
        assert word.encode() not in path.read_bytes(), f"the password is in {path}"
    assert (gateway.dir / "passerelle.key").stat().st_mode & 0o777 == 0o600
