# SPDX-License-Identifier: GPL-2.0-or-later
"""What the gateway says it is (XEP-0030, XEP-0115), and the small questions: 0199, 0092, 0012, jabber:iq:gateway."""

import base64
import hashlib

import pytest

from client import NS, condition, find, show, text
from conftest import running
from gateway import irc, simple, xmpp


@pytest.fixture(scope="module")
def gateway(prosody, ngircd, elsewhere, kamailio):
    with running(prosody, {"irc": irc(ngircd.port, name="Internet Relay Chat"), "xmpp": xmpp(elsewhere),
                           "simple": simple(kamailio)}) as gateway:
        yield gateway


async def info(me, to, node=None):
    where = f" node='{node}'" if node else ""
    reply = await me.ask(to, f"<query xmlns='{NS['info']}'{where}/>")
    assert reply.get("type") == "result", show(reply)
    query = find(reply, "info:query")
    identities = [(i.get("category"), i.get("type"), i.get("{http://www.w3.org/XML/1998/namespace}lang") or "", i.get("name") or "")
                  for i in query.iterfind("info:identity", NS)]
    return identities, [feature.get("var") for feature in query.iterfind("info:feature", NS)], query


@pytest.mark.parametrize("network", ["irc", "xmpp", "simple"])
async def test_identity_tells_the_network(gateway, user, network):
    me = await user(gateway.server)
    identities, features, _ = await info(me, gateway.jid(network))
    assert ("gateway", network) in [identity[:2] for identity in identities]
    assert {"jabber:iq:register", "jabber:iq:gateway", NS["cmd"], NS["info"], NS["items"], "urn:xmpp:ping",
            "jabber:iq:version", "jabber:iq:last"} <= set(features)
    assert len(features) == len(set(features))
    assert (NS["tune"] + "+notify" in features) == (network == "xmpp")


async def test_the_configured_name_is_told(gateway, user):
    me = await user(gateway.server)
    identities, _, _ = await info(me, gateway.jid("irc"))
    assert "Internet Relay Chat" in [identity[3] for identity in identities]


async def test_the_server_lists_the_gateway(gateway, user):
    me = await user(gateway.server)
    reply = await me.ask(gateway.server.domain, f"<query xmlns='{NS['items']}'/>")
    assert gateway.jid("irc") in [item.get("jid") for item in reply.iterfind("items:query/items:item", NS)]


async def test_caps_match_what_disco_says(on_irc, gateway):
    """XEP-0115, 5.1: the hash is made of the answer to the node it names."""
    me, domain = on_irc.me, gateway.jid("irc")
    me.presence("probe", domain)
    caps = find(await me.expect("presence", domain, "", has="caps:c"), "caps:c")
    identities, features, query = await info(me, domain, f"{caps.get('node')}#{caps.get('ver')}")
    assert not query.findall(".//x:x", NS), "a form in disco belongs into the hash"
    said = "".join("/".join(identity) + "<" for identity in sorted(identities)) + "".join(f + "<" for f in sorted(features))
    digest = base64.b64encode(hashlib.new(caps.get("hash").replace("-", ""), said.encode()).digest()).decode()
    assert digest == caps.get("ver"), said


async def test_a_contact_is_no_gateway(on_irc, gateway):
    identities, features, _ = await info(on_irc.me, on_irc.contact)
    assert identities and all(category in ("account", "client") for category, *_ in identities)
    assert "jabber:iq:register" not in features


async def test_a_contact_advertises_what_its_network_can(on_irc, on_xmpp):
    can = {NS["cs"], NS["att"]}
    assert not can & set((await info(on_irc.me, on_irc.contact))[1])
    assert can <= set((await info(on_xmpp.me, on_xmpp.contact))[1])


async def test_items_are_answered(gateway, user):
    me = await user(gateway.server)
    assert (await me.ask(gateway.jid("irc"), f"<query xmlns='{NS['items']}'/>")).get("type") == "result"


async def test_an_unknown_node_is_not_there(gateway, user):
    me = await user(gateway.server)
    for space in ("info", "items"):
        reply = await me.ask(gateway.jid("irc"), f"<query xmlns='{NS[space]}' node='no-such-node'/>")
        assert condition(reply) == "cancel item-not-found", show(reply)


async def test_ping(on_irc, gateway):
    for to in (gateway.jid("irc"), on_irc.contact):
        assert (await on_irc.me.ask(to, "<ping xmlns='urn:xmpp:ping'/>")).get("type") == "result"


async def test_version(gateway, user):
    me = await user(gateway.server)
    reply = await me.ask(gateway.jid("irc"), "<query xmlns='jabber:iq:version'/>")
    assert "passerelle" in text(reply, "ver:query/ver:name").lower()
    assert text(reply, "ver:query/ver:version")


async def test_uptime(gateway, user):
    me = await user(gateway.server)
    reply = await me.ask(gateway.jid("irc"), "<query xmlns='jabber:iq:last'/>")
    assert 0 <= int(find(reply, "last:query").get("seconds")) < 3600


async def test_prompt_turns_a_name_into_a_jid(gateway, user):
    me, domain = await user(gateway.server), gateway.jid("xmpp")
    reply = await me.ask(domain, "<query xmlns='jabber:iq:gateway'/>")
    assert text(reply, "gw:query/gw:prompt") is not None, show(reply)
    reply = await me.ask(domain, "<query xmlns='jabber:iq:gateway'><prompt>juliet@capulet.example</prompt></query>", "set")
    assert text(reply, "gw:query/gw:jid") == f"juliet\\40capulet.example@{domain}", show(reply)


async def test_an_empty_prompt_is_refused(gateway, user):
    me = await user(gateway.server)
    for inside in ("", "<prompt/>"):
        reply = await me.ask(gateway.jid("xmpp"), f"<query xmlns='jabber:iq:gateway'>{inside}</query>", "set")
        assert reply.get("type") == "error" and condition(reply), show(reply)


@pytest.mark.parametrize("payload", ["<query xmlns='urn:example:unknown'/>", "<pubsub xmlns='http://jabber.org/protocol/pubsub'/>"])
@pytest.mark.parametrize("type_", ["get", "set"])
async def test_unknown_questions(on_irc, gateway, payload, type_):
    for to in (gateway.jid("irc"), on_irc.contact):
        reply = await on_irc.me.ask(to, payload, type_)
        assert condition(reply) == "cancel service-unavailable", show(reply)
