# SPDX-License-Identifier: GPL-2.0-or-later
"""An XMPP user: slixmpp carries the stream, the test sends XML and says what it expects back."""

import asyncio
import itertools
import logging
import re
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

logging.getLogger("slixmpp").setLevel(logging.CRITICAL)     # it has things to say already when imported
import slixmpp  # noqa: E402

from servers import PASSWORD
from waiting import TIMEOUT, Inbox

NS = {"c": "jabber:client", "reg": "jabber:iq:register", "x": "jabber:x:data", "roster": "jabber:iq:roster",
      "info": "http://jabber.org/protocol/disco#info", "items": "http://jabber.org/protocol/disco#items",
      "cmd": "http://jabber.org/protocol/commands", "err": "urn:ietf:params:xml:ns:xmpp-stanzas",
      "cs": "http://jabber.org/protocol/chatstates", "delay": "urn:xmpp:delay", "nick": "http://jabber.org/protocol/nick",
      "caps": "http://jabber.org/protocol/caps", "gw": "jabber:iq:gateway", "ver": "jabber:iq:version",
      "last": "jabber:iq:last", "rie": "http://jabber.org/protocol/rosterx",
      "att": "urn:xmpp:attention:0", "fb": "urn:xmpp:fallback:0",
      "event": "http://jabber.org/protocol/pubsub#event", "tune": "http://jabber.org/protocol/tune"}

STANZAS = ["{jabber:client}" + kind for kind in ("iq", "message", "presence")]

_ids = itertools.count(1)


def show(element):
    return ET.tostring(element, encoding="unicode").replace("jabber:client", "c")[:1500]


def find(element, path):
    return element.find(path, NS)


def text(element, path):
    """The text at PATH, or None where there is no such element."""
    found = find(element, path)
    return None if found is None else found.text or ""


def condition(element):
    """The error of a stanza as 'type condition', None for no error."""
    error = find(element, "c:error")
    if error is None:
        return None
    names = [child.tag.split("}")[1] for child in error if NS["err"] in child.tag and not child.tag.endswith("}text")]
    return " ".join([error.get("type"), *names])


def error_text(element):
    return text(element, "c:error/err:text")


def form(element):
    """A data form inside ELEMENT: its field elements by var."""
    found = element.find(".//x:x", NS)
    assert found is not None, "no data form in " + show(element)
    return {field.get("var"): field for field in found.iterfind("x:field", NS)}


def field_xml(**fields):
    """Submitted fields. Give names with a dot or a dash as **{...}."""
    return "".join(f"<field var={quoteattr(name)}><value>{escape(str(value))}</value></field>"
                   for name, value in fields.items())


def submit(form_type, **fields):
    return ("<x xmlns='jabber:x:data' type='submit'>"
            f"<field var='FORM_TYPE' type='hidden'><value>{form_type}</value></field>{field_xml(**fields)}</x>")


class User:
    """One resource of a user.

    While .agree is set it does what clients do when asked for a subscription: says yes and asks back."""

    def __init__(self, server, name, resource="desk"):
        self.server, self.name, self.jid = server, name, f"{name}@{server.domain}"
        self.full = f"{self.jid}/{resource}"
        self.agree, self.asked = True, set()
        self.inbox = Inbox(self.full, show)
        self.stream = slixmpp.ClientXMPP(self.full, PASSWORD)
        self.stream.roster.auto_authorize = None
        self.stream.roster.auto_subscribe = False
        self.stream.add_filter("in", self._arrived)

    async def login(self, presence=True, **how):
        session = asyncio.ensure_future(self.stream.wait_until("session_start", TIMEOUT))
        self.stream.connect(("127.0.0.1", self.server.port), disable_starttls=True)
        await session
        await self.ask(None, "<query xmlns='jabber:iq:roster'/>")
        if presence:
            self.available(**how)
        return self

    async def logout(self):
        if self.stream.is_connected():
            await self.stream.disconnect(wait=2)
        if self.stream._run_out_filters:    # slixmpp 1.8 forgets to end this task
            self.stream._run_out_filters.cancel()

    def _arrived(self, stanza):
        element = stanza.xml
        who = element.get("from")
        if element.tag in STANZAS:
            self.inbox.put(element)
        if self.agree and element.tag.endswith("}presence") and element.get("type") == "subscribe":
            self.presence("subscribed", who)
            if who not in self.asked:
                self.asked.add(who)
                self.presence("subscribe", who)
        return stanza

    # What a user does

    def xml(self, xml):
        self.stream.send_raw(xml)

    def presence(self, type_=None, to=None, inside=""):
        attributes = (f" type='{type_}'" if type_ else "") + (f" to={quoteattr(to)}" if to else "")
        self.xml(f"<presence{attributes}>{inside}</presence>")

    def available(self, show=None, status=None, priority=None, to=None):
        given = {"show": show, "status": status, "priority": priority}
        self.presence(None, to, "".join(f"<{k}>{escape(str(v))}</{k}>" for k, v in given.items() if v is not None))

    def can(self, *features):
        """Says in a presence (XEP-0115), and when it is asked, that the client has these."""
        self.stream.register_plugin("xep_0030")
        for feature in features:
            self.stream["xep_0030"].add_feature(feature)
        self.presence(inside=f"<c xmlns='{NS['caps']}' hash='sha-1' node='test' ver='{next(_ids)}'/>")

    async def play(self, title=None, artist=None, album=None):
        """Publishes what is played, or that nothing is, by the server's PEP."""
        given = {"artist": artist, "source": album, "title": title}
        inside = "".join(f"<{part}>{escape(words)}</{part}>" for part, words in given.items() if words)
        reply = await self.ask(None, f"<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='{NS['tune']}'><item>"
                                     f"<tune xmlns='{NS['tune']}'>{inside}</tune></item></publish></pubsub>", "set")
        assert reply.get("type") == "result", show(reply)

    async def expect_tune(self, frm):
        """The next event of somebody's, as (title, artist, album)."""
        path = f"event:event/event:items[@node='{NS['tune']}']/event:item/tune:tune"
        tune = find(await self.expect("message", frm, "headline", has=path), path)
        return tuple(text(tune, f"tune:{part}") for part in ("title", "artist", "source"))

    def message(self, to, body=None, inside="", type_="chat"):
        """Sends a message and returns its id."""
        name = f"m{next(_ids)}"
        body = "" if body is None else f"<body>{escape(body)}</body>"
        self.xml(f"<message type='{type_}' id='{name}' to={quoteattr(to)}>{body}{inside}</message>")
        return name

    async def ask(self, to, payload, type_="get", timeout=TIMEOUT):
        """Sends an iq and waits for its result or error."""
        name = f"q{next(_ids)}"
        target = f" to={quoteattr(to)}" if to else ""
        self.xml(f"<iq type='{type_}' id='{name}'{target}>{payload}</iq>")
        return await self.expect("iq", id_=name, timeout=timeout)

    # What a user expects

    def _question(self, kind, frm, type_, id_, has, body, where):
        def matches(element):
            sender = element.get("from") or ""
            return (element.tag == f"{{jabber:client}}{kind}"
                    and (id_ is None or element.get("id") == id_ and element.get("type") in ("result", "error"))
                    and (frm is None or frm in (sender, sender.split("/")[0]))
                    and (type_ is None or (element.get("type") or "") == type_)
                    and (has is None or find(element, has) is not None)
                    and (body is None or text(element, "c:body") == body)
                    and (where is None or where(element)))
        given = {"from": frm, "type": type_, "id": id_, "has": has, "body": body, "where": where}
        return matches, f"{kind} " + " ".join(f"{k}={v!r}" for k, v in given.items() if v is not None)

    async def expect(self, kind, frm=None, type_=None, id_=None, has=None, body=None, where=None, timeout=TIMEOUT):
        """The next stanza that fits. FRM is a bare or full JID; type_='' means available."""
        return await self.inbox.expect(*self._question(kind, frm, type_, id_, has, body, where), timeout)

    def refuse(self, kind, frm=None, type_=None, has=None, body=None, where=None):
        self.inbox.refuse(*self._question(kind, frm, type_, None, has, body, where))

    async def expect_body(self, frm, body, timeout=TIMEOUT):
        return await self.expect("message", frm, body=body, timeout=timeout)

    async def expect_error(self, id_, what):
        """The error that answers message ID_, 'type condition'; with a text, as all errors here."""
        reply = await self.expect("message", type_="error", where=lambda element: element.get("id") == id_)
        assert condition(reply) == what, show(reply)
        assert error_text(reply), "an error without a text: " + show(reply)
        return reply

    async def contacts(self):
        """The roster as the server has it: item elements by JID."""
        reply = await self.ask(None, "<query xmlns='jabber:iq:roster'/>")
        return {item.get("jid"): item for item in reply.iterfind("roster:query/roster:item", NS)}

    # The way to a gateway

    async def register(self, gateway, timeout=30, **fields):
        """XEP-0077 with a data form; the reply."""
        return await self.ask(gateway, f"<query xmlns='jabber:iq:register'>{submit('jabber:iq:register', **fields)}</query>",
                              "set", timeout)

    async def sign_up(self, gateway, timeout=30, **fields):
        """Registers, and waits until the gateway says that the account is signed in."""
        reply = await self.register(gateway, timeout, **fields)
        assert reply.get("type") == "result", show(reply)
        await self.expect_signed_in(gateway, timeout)

    async def expect_signed_in(self, gateway, timeout=20):
        return await self.expect("presence", gateway, "", where=lambda element: find(element, "c:show") is None,
                                 timeout=timeout)

    async def choose_about(self, gateway, about, word):
        """Waits for the gateway's question that has ABOUT in it, and takes the choice that has WORD."""
        question = await self.expect("message", gateway, has="c:body", where=lambda element: about in show(element).lower())
        self.message(question.get("from"), re.search(rf"(\d+) \S+ .*{word}", text(question, "c:body"), re.I)[1])

    async def expect_lost(self, gateway, timeout=20):
        """The gateway says that the account is no longer signed in; what it said before is forgotten."""
        said = lambda element: element.tag == STANZAS[2] and element.get("from") == gateway
        return await self.inbox.expect(
            lambda element: said(element) and (element.get("type") == "unavailable" or text(element, "c:show") == "xa"),
            f"{gateway} to be xa or offline", timeout, forget=said)

    async def add_contact(self, jid, name=None, group=None, timeout=TIMEOUT):
        """What a client does to add a contact; returns when the contact has agreed."""
        label = f" name={quoteattr(name)}" if name else ""
        group = f"<group>{escape(group)}</group>" if group else ""
        await self.ask(None, f"<query xmlns='jabber:iq:roster'><item jid={quoteattr(jid)}{label}>{group}</item></query>", "set")
        self.asked.add(jid)
        self.presence("subscribe", jid)
        await self.expect("presence", jid, "subscribed", timeout=timeout)
