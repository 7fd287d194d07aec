# SPDX-License-Identifier: GPL-2.0-or-later
"""Contacts (XEP-0100): adding, removing, authorization both ways, and how they reach the roster."""

import pytest
import pytest_asyncio

from client import NS, find, show
from conftest import running
from gateway import irc, xmpp
from servers import PASSWORD

ROSTERX = "<identity category='client' type='pc'/><feature var='http://jabber.org/protocol/rosterx'/>"


@pytest.fixture(scope="module")
def gateway(prosody, ngircd, elsewhere):
    with running(prosody, {"irc": irc(ngircd.port), "xmpp": xmpp(elsewhere)}) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def silent_gateway(privileged, elsewhere):
    """Where the server lets it write rosters (XEP-0356)."""
    with running(privileged, {"xmpp": xmpp(elsewhere)}) as gateway:
        yield gateway


async def befriended(user, network, name, friends=2, groups=()):
    """An account on the network that has friends already: (its login, the friends, the account itself online)."""
    login = name("romeo")
    network.add_user(login)
    person = await user(network, login, "other")
    people = [await user(network) for _ in range(friends)]
    for number, friend in enumerate(people):
        await person.add_contact(friend.jid, f"Friend {number}", groups[number] if number < len(groups) else None)
        await friend.expect("presence", person.jid, "subscribed")
    return login, people, person


async def test_adding_asks_the_person(gateway, on_xmpp):
    """libpurple does not tell of a yes: the person's presence does."""
    me, friend = on_xmpp.me, on_xmpp.friend
    friend.agree = False
    me.presence("subscribe", on_xmpp.contact)
    await me.expect("presence", on_xmpp.contact, "subscribed")
    await friend.expect("presence", on_xmpp.nick, "subscribe")
    me.refuse("presence", on_xmpp.contact, "")
    friend.presence("subscribed", on_xmpp.nick)
    await me.expect("presence", on_xmpp.contact, "")


async def test_a_person_asks_and_is_let_in(on_xmpp):
    me, friend = on_xmpp.me, on_xmpp.friend
    me.agree = False
    friend.presence("subscribe", on_xmpp.nick)
    await me.expect("presence", on_xmpp.contact, "subscribe")
    me.presence("subscribed", on_xmpp.contact)
    await friend.expect("presence", on_xmpp.nick, "subscribed")
    await friend.expect("presence", on_xmpp.nick, "")


async def test_a_person_asks_and_is_turned_away(on_xmpp):
    me, friend = on_xmpp.me, on_xmpp.friend
    me.agree = False
    friend.presence("subscribe", on_xmpp.nick)
    await me.expect("presence", on_xmpp.contact, "subscribe")
    me.presence("unsubscribed", on_xmpp.contact)
    await friend.expect("presence", on_xmpp.nick, "unsubscribed")


async def test_the_question_waits_for_the_user(gateway, on_xmpp):
    """Asked while the account was signed out: the question comes with the next sign-in."""
    me, friend, domain = on_xmpp.me, on_xmpp.friend, gateway.jid("xmpp")
    me.agree = False
    me.presence("unavailable", domain)
    await me.expect("presence", domain, "unavailable")
    friend.presence("subscribe", on_xmpp.nick)
    await friend.ask(None, "<ping xmlns='urn:xmpp:ping'/>")
    me.available(to=domain)
    await me.expect("presence", on_xmpp.contact, "subscribe", timeout=20)


async def test_removing_removes_on_the_network(on_xmpp, user, elsewhere):
    me, friend = on_xmpp.me, on_xmpp.friend
    await me.add_contact(on_xmpp.contact)
    login = on_xmpp.nick.split("@")[0]
    other = await user(elsewhere, login, "other")
    assert friend.jid in await other.contacts()
    await me.ask(None, f"<query xmlns='jabber:iq:roster'><item jid='{on_xmpp.contact}' subscription='remove'/></query>", "set")
    await friend.expect("presence", on_xmpp.nick, "unsubscribe")
    assert friend.jid not in await other.contacts()


async def test_removal_on_the_network_reaches_the_user(on_xmpp, user, elsewhere):
    me, friend = on_xmpp.me, on_xmpp.friend
    await me.add_contact(on_xmpp.contact)
    await me.expect("presence", on_xmpp.contact, "")
    await friend.expect("presence", on_xmpp.nick, "")     # the friend's own request is answered, too
    person = await user(elsewhere, on_xmpp.nick.split("@")[0], "other")
    await person.ask(None, f"<query xmlns='jabber:iq:roster'><item jid='{friend.jid}' subscription='remove'/></query>", "set")
    await me.expect("presence", on_xmpp.contact, "unsubscribed")


async def test_a_person_who_withdraws_goes_offline(on_xmpp):
    me, friend = on_xmpp.me, on_xmpp.friend
    await me.add_contact(on_xmpp.contact)
    await me.expect("presence", on_xmpp.contact, "")
    friend.presence("unsubscribed", on_xmpp.nick)
    await me.expect("presence", on_xmpp.contact, "unavailable")


async def test_an_irc_contact_needs_no_answer(on_irc):
    await on_irc.me.add_contact(on_irc.contact, "My friend")
    await on_irc.me.expect("presence", on_irc.contact, "")
    assert (await on_irc.me.contacts())[on_irc.contact].get("subscription") in ("to", "both")


async def test_irc_contacts_survive_a_new_sign_in(on_irc, gateway):
    """IRC servers keep no lists: the gateway does."""
    me, domain = on_irc.me, gateway.jid("irc")
    await me.add_contact(on_irc.contact)
    me.presence("unavailable", domain)
    await me.expect("presence", domain, "unavailable")
    me.inbox.clear()
    me.available(to=domain)
    await me.expect("presence", on_irc.contact, "", timeout=20)


async def test_contacts_of_the_network_are_asked_for_once(gateway, user, elsewhere, name):
    """No XEP-0356, no XEP-0144: requests, none twice, none again for a refused one."""
    login, people, _ = await befriended(user, elsewhere, name)
    me, domain = await user(gateway.server), gateway.jid("xmpp")
    me.agree = False
    reply = await me.register(domain, username=login, password=PASSWORD)
    assert reply.get("type") == "result", show(reply)
    await me.expect("presence", domain, "subscribe")
    me.presence("subscribed", domain)
    yes, no = (gateway.jid("xmpp", person.jid) for person in people)
    first = await me.expect("presence", yes, "subscribe")
    await me.expect("presence", no, "subscribe")
    assert first.find("nick:nick", NS).text == "Friend 0", show(first)
    me.presence("subscribed", yes)
    me.presence("unsubscribed", no)
    me.presence("subscribe", yes)
    await me.expect("presence", yes, "")
    me.inbox.clear()
    me.presence("unavailable", domain)
    await me.expect("presence", domain, "unavailable")
    me.available(to=domain)
    await me.expect_signed_in(domain)
    await me.expect("presence", yes, "")
    people[0].available("away", "later than any request")
    await me.expect("presence", yes, where=lambda p: "later than" in show(p))
    me.refuse("presence", type_="subscribe")


async def test_a_client_that_can_gets_roster_items(gateway, user, elsewhere, name):
    """XEP-0144, asked of the client by its capabilities or by disco."""
    login, people, _ = await befriended(user, elsewhere, name, groups=["Verona", None])
    me, domain = await user(gateway.server, presence=False), gateway.jid("xmpp")
    answer_disco(me, ROSTERX)
    me.presence(None, None, "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:test' ver='" + "x" * 27 + "='/>")
    await me.sign_up(domain, username=login, password=PASSWORD)
    # one stanza may bring all, or one each
    items = {}
    while len(items) < 2:
        stanza = await me.inbox.expect(lambda s: find(s, "rie:x") is not None, "roster items")
        items.update({item.get("jid"): item for item in stanza.iterfind("rie:x/rie:item", NS)})
    assert set(items) == {gateway.jid("xmpp", person.jid) for person in people}
    first = items[gateway.jid("xmpp", people[0].jid)]
    assert first.get("action", "add") == "add" and first.get("name") == "Friend 0"
    assert first.find("rie:group", NS).text == "Verona"
    me.refuse("presence", gateway.jid("xmpp", people[0].jid), "subscribe")


def answer_disco(me, inside):
    """The client answers disco#info with this."""
    def answer(stanza):
        query = find(stanza.xml, "info:query")
        if query is not None and stanza.xml.get("type") == "get":
            node = f" node='{query.get('node')}'" if query.get("node") else ""
            me.xml(f"<iq type='result' id='{stanza.xml.get('id')}' to='{stanza.xml.get('from')}'>"
                   f"<query xmlns='{NS['info']}'{node}>{inside}</query></iq>")
            return None
        return stanza
    me.stream.add_filter("in", answer)


async def test_privilege_writes_the_roster_silently(silent_gateway, user, elsewhere, name):
    login, people, _ = await befriended(user, elsewhere, name, groups=["Verona", None])
    me, domain = await user(silent_gateway.server), silent_gateway.jid("xmpp")
    me.agree = False
    reply = await me.register(domain, username=login, password=PASSWORD)
    assert reply.get("type") == "result", show(reply)
    contacts = [silent_gateway.jid("xmpp", person.jid) for person in people]
    for contact in contacts:
        await me.expect("presence", contact, "")
    roster = await me.contacts()
    assert roster[domain].get("subscription") == "both"
    assert all(roster[contact].get("subscription") == "both" for contact in contacts)
    assert roster[contacts[0]].get("name") == "Friend 0"
    assert find(roster[contacts[0]], "roster:group").text == "Verona"
    me.refuse("presence", type_="subscribe")


@pytest_asyncio.fixture
async def settled(silent_gateway, user, elsewhere, name):
    """(me, contact, friend, the account on the network) where rosters are written silently."""
    login, people, person = await befriended(user, elsewhere, name, 1)
    me, contact = await user(silent_gateway.server), silent_gateway.jid("xmpp", people[0].jid)
    await me.sign_up(silent_gateway.jid("xmpp"), username=login, password=PASSWORD)
    await me.expect("presence", contact, "")
    me.inbox.clear()
    return me, contact, people[0], person


async def test_a_rename_on_the_network_reaches_the_roster(settled):
    me, contact, friend, person = settled
    await person.ask(None, f"<query xmlns='jabber:iq:roster'><item jid='{friend.jid}' name='Renamed'>"
                     "<group>Moved</group></item></query>", "set")
    await me.expect("iq", type_="set", where=lambda iq: f'jid="{contact}"' in show(iq) and 'name="Renamed"' in show(iq))
    item = (await me.contacts())[contact]
    assert [group.text for group in item.iterfind("roster:group", NS)] == ["Moved"]


async def test_a_rename_by_the_user_reaches_the_network(settled, silent_gateway):
    me, contact, friend, person = settled
    await me.ask(None, f"<query xmlns='jabber:iq:roster'><item jid='{contact}' name='My Name'><group>Mine</group></item></query>", "set")
    me.presence("unavailable")
    me.available()
    await me.expect_signed_in(silent_gateway.jid("xmpp"))
    await person.expect("iq", type_="set", where=lambda iq: 'name="My Name"' in show(iq) and "Mine" in show(iq))
    assert "Mine" in show((await person.contacts())[friend.jid])


async def test_removal_on_the_network_reaches_the_roster(settled):
    me, contact, friend, person = settled
    await person.ask(None, f"<query xmlns='jabber:iq:roster'><item jid='{friend.jid}' subscription='remove'/></query>", "set")
    await me.expect("iq", type_="set", where=lambda iq: contact in show(iq) and 'subscription="remove"' in show(iq))
    assert contact not in await me.contacts()


async def test_removal_of_the_account_takes_the_contacts_along(settled, silent_gateway):
    me, contact, _, _ = settled
    reply = await me.ask(silent_gateway.jid("xmpp"), "<query xmlns='jabber:iq:register'><remove/></query>", "set")
    assert reply.get("type") == "result", show(reply)
    await me.expect("iq", type_="set", where=lambda iq: contact in show(iq) and 'subscription="remove"' in show(iq))
    roster = await me.contacts()
    assert contact not in roster and silent_gateway.jid("xmpp") not in roster
