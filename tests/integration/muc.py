# SPDX-License-Identifier: GPL-2.0-or-later
"""A user in a room (XEP-0045): joins, says, and says what is expected back."""

from xml.sax.saxutils import escape, quoteattr

from client import NS, condition, error_text, find, show, submit, text

NS["muc"] = "http://jabber.org/protocol/muc"
NS["mucuser"] = "http://jabber.org/protocol/muc#user"
NS["rsm"] = "http://jabber.org/protocol/rsm"
NS["mam"] = "urn:xmpp:mam:2"
NS["sid"] = "urn:xmpp:sid:0"
NS["oid"] = "urn:xmpp:occupant-id:0"
NS["fwd"] = "urn:xmpp:forward:0"
NS["admin"] = "http://jabber.org/protocol/muc#admin"


def codes(presence):
    return {int(one.get("code")) for one in presence.iterfind("mucuser:x/mucuser:status", NS)}


def item(presence):
    return find(presence, "mucuser:x/mucuser:item")


def stanza_id(message):
    """The id that the room has given it; None: none."""
    found = message.findall("sid:stanza-id", NS)
    assert len(found) <= 1, show(message)
    return found[0].get("id") if found else None


def occupant_id(stanza):
    return find(stanza, "oid:occupant-id").get("id")


class Page:
    """An answer of the archive."""

    def __init__(self, results, fin):
        self.ids = [find(one, "mam:result").get("id") for one in results]
        self.messages = [find(one, "mam:result/fwd:forwarded/c:message") for one in results]
        self.stamps = [find(one, "mam:result/fwd:forwarded/delay:delay").get("stamp") for one in results]
        self.texts = [text(one, "c:body") for one in self.messages]
        self.nicks = [nick_of(one) for one in self.messages]
        self.complete = fin.get("complete") == "true"
        self.first, self.last = text(fin, "rsm:set/rsm:first"), text(fin, "rsm:set/rsm:last")


def nick_of(stanza):
    return stanza.get("from").partition("/")[2]


class Room:
    """One resource of a user in the room of this JID."""

    def __init__(self, user, jid):
        self.user, self.jid, self.nick = user, jid, None

    def at(self, nick):
        return f"{self.jid}/{nick}"

    def ask(self, nick, password=None, history=None):
        inside = "" if password is None else f"<password>{escape(password)}</password>"
        if history is not None:
            inside += "<history" + "".join(f" {name}={quoteattr(str(value))}" for name, value in history.items()) + "/>"
        self.user.presence(None, self.at(nick), f"<x xmlns='{NS['muc']}'>{inside}</x>")

    async def join(self, nick, password=None, history=None):
        """Joins; gives what came before the subject: the presences of those who are there, by nick.  .history: the messages."""
        self.ask(nick, password, history)
        subject = await self.user.expect("message", self.jid, "groupchat", has="c:subject")
        self.subject = find(subject, "c:subject").text or ""
        there, rest, self.history = {}, [], []
        for stanza in self.user.inbox.things:
            mine = stanza.tag == "{jabber:client}presence" and (stanza.get("from") or "").startswith(self.jid + "/")
            if mine and stanza.get("type") is None:
                there[nick_of(stanza)] = stanza
                self.last = stanza
                assert not self.history, "a presence after history"
            elif (stanza.get("from") or "").startswith(self.jid) and find(stanza, "delay:delay") is not None:
                self.history.append(stanza)
            else:
                rest.append(stanza)
        self.user.inbox.things = rest
        own = [one for one, presence in there.items() if 110 in codes(presence)]
        assert len(own) == 1, f"{len(own)} self-presences"
        assert nick_of(self.last) == own[0], "the own presence was not the last"
        self.nick = own[0]
        return there

    async def refused(self, nick, password=None):
        """The error that joining ends in, as 'type condition'; it has a text."""
        self.ask(nick, password)
        reply = await self.user.expect("presence", self.at(nick), "error")
        assert error_text(reply), "an error without a text: " + show(reply)
        return condition(reply)

    def leave(self, word=None):
        self.user.presence("unavailable", self.at(self.nick), "" if word is None else f"<status>{escape(word)}</status>")

    def say(self, text):
        return self.user.message(self.jid, text, type_="groupchat")

    def say_to(self, nick, text):
        return self.user.message(self.at(nick), text)

    def set_topic(self, text):
        return self.user.message(self.jid, None, f"<subject>{escape(text)}</subject>", "groupchat")

    async def act(self, nick, reason=None, **rank):
        """Gives somebody a role or an affiliation; the answer."""
        given = "".join(f" {name}={quoteattr(value)}" for name, value in rank.items())
        inside = "" if reason is None else f"<reason>{escape(reason)}</reason>"
        return await self.user.ask(
            self.jid, f"<query xmlns='{NS['admin']}'><item nick={quoteattr(nick)}{given}>{inside}</item></query>", "set")

    async def heard(self, nick, text, timeout=10):
        return await self.user.expect("message", self.at(nick) if nick else self.jid, "groupchat", body=text, timeout=timeout)

    async def private(self, nick, text):
        return await self.user.expect("message", self.at(nick), "chat", body=text)

    async def topic(self, text):
        return await self.user.expect("message", self.jid, "groupchat", where=lambda m: (find(m, "c:subject") is not None
                                      and (find(m, "c:subject").text or "") == text and find(m, "c:body") is None))

    async def comes(self, nick, **rank):
        """Somebody is there, of this rank."""
        return await self.user.expect("presence", self.at(nick), "", where=lambda p: all(
            item(p).get(name) == value for name, value in rank.items()))

    async def goes(self, nick, *wanted):
        """Somebody is not there any more, with these status codes."""
        presence = await self.user.expect("presence", self.at(nick), "unavailable")
        assert set(wanted) <= codes(presence), show(presence)
        return presence

    # The archive (XEP-0313)

    async def query(self, max=None, after=None, before=None, **fields):
        """The iq of a question to the archive, and the results that came before it."""
        rsm = "".join(f"<{name}>{value}</{name}>" for name, value in (("max", max), ("after", after), ("before", before)) if value is not None)
        rsm = rsm and f"<set xmlns='{NS['rsm']}'>{rsm}</set>"
        form = submit(NS["mam"], **fields) if fields else ""
        reply = await self.user.ask(self.jid, f"<query xmlns='{NS['mam']}' queryid='q1'>{form}{rsm}</query>", "set")
        results = self.user.inbox.take(lambda one: find(one, "mam:result") is not None)
        assert all(find(one, "mam:result").get("queryid") == "q1" and one.get("from") == self.jid for one in results)
        return reply, results

    async def archive(self, **how):
        reply, results = await self.query(**how)
        assert reply.get("type") == "result", show(reply)
        return Page(results, find(reply, "mam:fin"))


class Channel:
    """A channel with a friend in it, its operator, and a user who is signed in and not there yet."""

    def __init__(self, me, nick, friend, name, room):
        self.me, self.nick, self.friend, self.name, self.room = me, nick, friend, name, room
