# SPDX-License-Identifier: GPL-2.0-or-later
"""A light XMPP client that comes back by itself, to its server and to its rooms."""

import asyncio
import base64
import datetime
import itertools
from xml.etree.ElementTree import TreeBuilder
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from servers import PASSWORD

from .ledger import NUMBER

CLIENT = "{jabber:client}"
MUC_USER = "{http://jabber.org/protocol/muc#user}"
DELAY = "{urn:xmpp:delay}delay"
MAM = "urn:xmpp:mam:2"
RSM = "http://jabber.org/protocol/rsm"
PING = "<ping xmlns='urn:xmpp:ping'/>"
RETRY_SECONDS = 0.2
REJOIN_SECONDS = 2          # after a join that was refused
SILENCE_SECONDS = 10        # of a room: then we ask whether we are in (XEP-0410)
# Rooms are asked for what was said since the last that we heard, and some more: clocks are the gateway's and ours.
OVERLAP_SECONDS = 5
# Messages that a join asks for; what is older is read from the archive.
MOST_HISTORY = 50

_ids = itertools.count(1)


def said_at(message):
    """When it was said: what comes late says so."""
    delay = message.find(DELAY)
    if delay is None:
        return datetime.datetime.now(datetime.timezone.utc)
    return datetime.datetime.fromisoformat(delay.get("stamp").replace("Z", "+00:00"))


def stamp(time):
    """XEP-0082."""
    return f"{time:%Y-%m-%dT%H:%M:%S.%f}Z"


async def end_task(task):
    """Until it has: wait_for() can lose a cancellation (Python before 3.12)."""
    while task is not None and not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=0.2)


class Stanzas:
    """Feeds on bytes, gives the children of the stream's root."""

    def __init__(self, on_child):
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.buffer_text = True
        self.depth, self.builder, self.on_child = 0, None, on_child
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._start, self._end
        self.parser.CharacterDataHandler = self._text

    def feed(self, data):
        self.parser.Parse(data)

    def _start(self, tag, attributes):
        self.depth += 1
        if self.depth == 2:
            self.builder = TreeBuilder()
        if self.builder is not None:
            self.builder.start("{" + tag, attributes)

    def _text(self, text):
        if self.builder is not None:
            self.builder.data(text)

    def _end(self, tag):
        self.depth -= 1
        if self.builder is not None:
            self.builder.end("{" + tag)
        if self.depth == 1:
            child, self.builder = self.builder.close(), None
            self.on_child(child)


class Room:
    """A room as one client sees it."""

    def __init__(self, jid, channel):
        self.jid, self.channel = jid, channel
        self.nicks, self.joined = set(), False
        self.asked = None               # when a join was sent that has no answer yet
        self.not_before = 0
        self.heard = None               # real time of the last message
        self.last = 0                   # when anything was heard of it
        self.since = None               # the real time from which on the join asked for what was said
        self.history = 0                # messages of history that it brought
        self.behind = None              # the real time from which on the archive is to be read, which has not succeeded yet


class Client:
    """One user: NAME at SERVER, NICK on the network of the gateway at DOMAIN."""

    def __init__(self, world, server, name, nick, domain):
        self.world, self.ledger, self.server, self.name, self.nick, self.domain = world, world.ledger, server, name, nick, domain
        self.jid, self.full = f"{name}@{server.domain}", f"{name}@{server.domain}/chaos"
        self.contacts, self.rooms, self.presence = set(), {}, {}
        self.asked_contacts, self.answers, self.unproven = set(), {}, []
        self.waiting_proof = None       # the id of the ping that is out, and what it is behind
        self.online = False
        self.writer = None
        self.task = self.rooms_task = None
        self.asking = set()             # tasks that wait for a room's answer
        self.poke = asyncio.Event()
        self.ended = 0                  # how often the connection was lost

    def start(self):
        self.task = asyncio.ensure_future(self._live())
        self.rooms_task = asyncio.ensure_future(self._keep_rooms())

    async def stop(self):
        for task in (self.task, self.rooms_task):
            await end_task(task)
        if self.writer is not None:
            self.writer.transport.abort()

    # -- The connection --------------------------------------------------------

    async def _live(self):
        while True:
            try:
                reader, self.writer = await asyncio.open_connection("127.0.0.1", self.server.port, limit=1 << 20)
                await self._serve(reader)
            except (OSError, expat.ExpatError, asyncio.TimeoutError):
                pass
            self._offline()
            await asyncio.sleep(RETRY_SECONDS)

    def _offline(self):
        if self.online:
            self.ended += 1
        self.online, self.waiting_proof = False, None
        self.unproven.clear()           # they stay unsure
        self.presence.clear()
        for answer in self.answers.values():
            answer.cancel()
        self.answers.clear()
        for room in self.rooms.values():
            room.joined, room.asked, room.not_before = False, None, 0
        if self.writer is not None:
            self.writer.transport.abort()
            self.writer = None

    async def _serve(self, reader):
        children = asyncio.Queue()
        header = (f"<?xml version='1.0'?><stream:stream to='{self.server.domain}' version='1.0' xmlns='jabber:client'"
                  " xmlns:stream='http://etherx.jabber.org/streams'>")

        async def next_child(stanzas):
            while children.empty():
                data = await asyncio.wait_for(reader.read(65536), 20)
                if not data:
                    raise ConnectionResetError
                stanzas.feed(data)
            return children.get_nowait()

        stanzas = Stanzas(children.put_nowait)
        self.send(header)
        await next_child(stanzas)
        proof = base64.b64encode(f"\0{self.name}\0{PASSWORD}".encode()).decode()
        self.send(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{proof}</auth>")
        if not (await next_child(stanzas)).tag.endswith("}success"):
            raise ConnectionResetError
        stanzas = Stanzas(children.put_nowait)
        self.send(header)
        await next_child(stanzas)
        self.send("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>chaos</resource></bind></iq>")
        if (await next_child(stanzas)).get("type") != "result":
            raise ConnectionResetError
        stanzas.on_child = self._arrived
        self.online = True
        self.send("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq><presence/>")
        self.poke.set()
        while data := await reader.read(65536):
            stanzas.feed(data)

    def send(self, xml):
        if self.writer is not None:
            self.writer.write(xml.encode())

    def stop_reading(self, stopped):
        if self.writer is None:
            return
        transport = self.writer.transport
        transport.pause_reading() if stopped else transport.resume_reading()

    async def ask(self, to, payload, kind="get", timeout=30):
        name = f"q{next(_ids)}"
        answer = self.answers[name] = asyncio.get_running_loop().create_future()
        self.send(f"<iq type='{kind}' id='{name}'{'' if to is None else f' to={quoteattr(to)}'}>{payload}</iq>")
        try:
            return await asyncio.wait_for(answer, timeout)
        finally:
            self.answers.pop(name, None)

    # -- Messages --------------------------------------------------------------

    def say(self, number, to, text, kind="chat"):
        self.send(f"<message type='{kind}' id='c{number}' to={quoteattr(to)}><body>{escape(text)}</body></message>")
        self.unproven.append(number)
        self._prove()

    def _prove(self):
        if self.waiting_proof is None and self.unproven and self.online:
            self.waiting_proof = (f"p{next(_ids)}", len(self.unproven))
            self.send(f"<iq type='get' id='{self.waiting_proof[0]}' to='{self.server.domain}'>{PING}</iq>")

    def _arrived(self, stanza):
        if stanza.tag == CLIENT + "message":
            self._message(stanza)
        elif stanza.tag == CLIENT + "presence":
            self._presence(stanza)
        elif stanza.tag == CLIENT + "iq":
            self._iq(stanza)

    def _iq(self, iq):
        kind, name = iq.get("type"), iq.get("id")
        if self.waiting_proof is not None and name == self.waiting_proof[0]:
            covered = self.waiting_proof[1]
            for number in self.unproven[:covered]:
                self.ledger.proven(number)
            del self.unproven[:covered]
            self.waiting_proof = None
            self._prove()
        elif name in self.answers and kind in ("result", "error") and not self.answers[name].done():
            self.answers[name].set_result(iq)
        elif kind in ("get", "set"):
            to, inside = f"to={quoteattr(iq.get('from') or self.jid)}", ""
            known = kind == "get" and iq.find("{urn:xmpp:ping}ping") is not None or kind == "set" and iq.find("{jabber:iq:roster}query") is not None
            if not known:
                inside = ("<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>")
            self.send(f"<iq type='{'result' if known else 'error'}' id={quoteattr(name)} {to}>{inside}</iq>")

    def _message(self, message):
        who, kind, name = message.get("from") or "", message.get("type"), message.get("id")
        room = self.rooms.get(who.partition("/")[0])
        if kind == "error":
            if name and name[0] == "c" and name[1:].isdigit():
                self.ledger.sent_back(int(name[1:]))
            if room is not None:
                self._out_of(room)
            return
        archived = message.find(f"{{{MAM}}}result/{{urn:xmpp:forward:0}}forwarded/{CLIENT}message")
        if archived is not None:
            self._count(archived, again=True)
            return
        again = kind == "groupchat" and message.find(DELAY) is not None
        if kind == "groupchat" and room is not None:
            room.last, room.heard = self.world.now(), said_at(message)
            room.history += again
            if message.find(CLIENT + "subject") is not None and not message.findtext(CLIENT + "body"):
                self._history_ends(room)
        self._count(message, again)

    def _count(self, message, again):
        number = NUMBER.search(message.findtext(CLIENT + "body") or "")
        if number is not None:
            self.ledger.arrived(int(number[1]), self.name, message.get("id"), again)

    # -- Presence and rooms ----------------------------------------------------

    def _presence(self, presence):
        who, kind = presence.get("from") or "", presence.get("type")
        bare, _, nick = who.partition("/")
        room = self.rooms.get(bare)
        if room is not None:
            self._occupant(room, nick, kind, {one.get("code") for one in presence.iterfind(f"{MUC_USER}x/{MUC_USER}status")})
        elif kind == "subscribe":
            self.send(f"<presence type='subscribed' to={quoteattr(who)}/>")
            if bare not in self.asked_contacts:
                self.asked_contacts.add(bare)
                self.send(f"<presence type='subscribe' to={quoteattr(who)}/>")
        elif kind in (None, "unavailable") and bare != self.jid:
            before = self.signed_in
            self.presence[bare] = "offline" if kind else presence.findtext(CLIENT + "show") or "online"
            if bare == self.domain and self.signed_in and not before:
                # We may have been out meanwhile, and nobody is left who would have said so.
                for room in self.rooms.values():
                    room.last = 0
                self.poke.set()

    def _occupant(self, room, nick, kind, codes):
        room.last = self.world.now()
        if kind == "error":
            room.asked, room.not_before = None, self.world.now() + REJOIN_SECONDS
        elif kind == "unavailable":
            room.nicks.discard(nick)
            if "110" in codes:
                self._out_of(room)
        else:
            room.nicks.add(nick)
            if "110" in codes:
                room.joined, room.asked = True, None

    def _out_of(self, room):
        if room.joined:
            room.joined, room.not_before = False, self.world.now() + 0.5
            self.poke.set()

    def add_room(self, jid, channel):
        self.rooms[jid] = Room(jid, channel)
        self.poke.set()

    @property
    def signed_in(self):
        return self.online and self.presence.get(self.domain) == "online"

    async def _keep_rooms(self):
        """Joins whatever we are not in, and asks about rooms that have been silent for long."""
        while True:
            try:
                await asyncio.wait_for(self.poke.wait(), 0.5)
            except asyncio.TimeoutError:
                pass
            self.poke.clear()
            if not self.signed_in:
                continue
            now = self.world.now()
            for room in self.rooms.values():
                if room.asked is not None and now - room.asked > 30:
                    room.asked = None
                if not room.joined and room.asked is None and now >= room.not_before:
                    self._join(room)
                elif room.joined and now - room.last > SILENCE_SECONDS:
                    room.last = now
                    self._begin(self._self_ping(room))

    def _begin(self, question):
        task = asyncio.ensure_future(question)
        self.asking.add(task)
        task.add_done_callback(self.asking.discard)

    def _join(self, room):
        room.asked, room.nicks, room.history = self.world.now(), set(), 0
        if room.heard is None:
            room.since, history = None, "<history maxstanzas='0'/>"
        else:
            room.since = room.heard - datetime.timedelta(seconds=OVERLAP_SECONDS)
            history = f"<history since='{stamp(room.since)}' maxstanzas='{MOST_HISTORY}'/>"
        self.send(f"<presence to='{room.jid}/{self.nick}'><x xmlns='http://jabber.org/protocol/muc'>{history}</x></presence>")

    def _history_ends(self, room):
        """The subject is what comes last of it (XEP-0045, 7.2.15)."""
        if room.history >= MOST_HISTORY and room.behind is None:
            room.behind = room.since
        room.history = 0
        if room.behind is not None:
            self._begin(self._read_archive(room))

    async def _read_archive(self, room):
        """As far as the archive goes (XEP-0313); what ends before is begun again behind the next join."""
        begin, after = room.behind, ""
        form = (f"<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>{MAM}</value></field>"
                f"<field var='start'><value>{stamp(begin)}</value></field></x>")
        while True:
            try:
                answer = await self.ask(room.jid, f"<query xmlns='{MAM}'>{form}<set xmlns='{RSM}'><max>200</max>{after}</set></query>", "set")
            except (asyncio.TimeoutError, asyncio.CancelledError):
                return
            end = answer.find(f"{{{MAM}}}fin")
            if end is None:
                return
            if end.get("complete") == "true":
                break
            after = f"<after>{escape(end.findtext(f'{{{RSM}}}set/{{{RSM}}}last'))}</after>"
        if room.behind == begin:
            room.behind = None

    async def _self_ping(self, room):
        try:
            answer = await self.ask(f"{room.jid}/{self.nick}", PING)
        except (asyncio.TimeoutError, asyncio.CancelledError):
            return
        if answer.get("type") == "error":
            self._out_of(room)
