# SPDX-License-Identifier: GPL-2.0-or-later
"""Servers, a gateway between them, its users and their friends, and the traffic."""

import asyncio
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import time

import process
import servers
from gateway import Gateway, irc

from .irc import Person, Witness
from .ledger import IN, OUT, ROOM_OUT, Ledger
from .link import Line
from .xmpp import Client

RECOVERY_SECONDS = 90
USERS_IN_A_ROOM = 5
USERS_OF_A_WORKER = 8
WORDS = "the quick brown fox jumps over the lazy dog and runs away from it across the field until nobody sees it any more".split()
TMPFS_BYTES = 24 << 20


class NotReady(Exception):
    """What was waited for did not come."""


class World:
    def __init__(self, users, server="prosody", small_disk=False, level="info"):
        self.began = time.monotonic()
        self.ledger = Ledger(self.now)
        self.events = []                # (time, text)
        self.n_users, self.kind, self.small_disk, self.level = users, server, small_disk, level
        self.clients, self.friends, self.speakers, self.by_nick, self.by_name = [], [], [], {}, {}
        self.server = self.ircd = self.gateway = self.disk = self.witness = None
        self.xmpp_line, self.irc_line = Line("xmpp", self.now), Line("irc", self.now)
        self.sending = None
        self.worker_kills, self.restarts = [], []       # when

    def now(self):
        return time.monotonic() - self.began

    def note(self, text):
        self.events.append((self.now(), text))

    # -- Begin and end ---------------------------------------------------------

    async def start(self):
        domain = "c.test"
        make = {"prosody": lambda: servers.Prosody(domain, ["irc." + domain]),
                "ejabberd": lambda: servers.Ejabberd(domain, ["irc." + domain])}[self.kind]
        self.server = await asyncio.to_thread(make)
        self.ircd = await asyncio.to_thread(servers.Ngircd)
        await self.xmpp_line.start(self.server.component_port)
        await self.irc_line.start(self.ircd.port)
        sections = {"component": {"port": self.xmpp_line.port}, "workers": {"accounts-per-worker": USERS_OF_A_WORKER},
                    "log": {"level": self.level}}
        if self.small_disk:
            self.disk = process.folder("disk")
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={TMPFS_BYTES},mode=0700", "chaos", self.disk], check=True)
            sections["storage"] = {"uri": f"sqlite:{self.disk}/passerelle.db"}
        self.gateway = Gateway(self.server, {"irc": irc(self.irc_line.port, **{"sign-ins-per-second": 0})}, **sections)
        await asyncio.to_thread(self.gateway.start)
        if self.level == "debug":
            for line in (self.xmpp_line, self.irc_line):
                line.record = open(self.gateway.dir / f"{line.name}-line", "wb")
        self._people()
        await self._meet()

    def _people(self):
        channels = [f"#r{n}" for n in range(max(1, self.n_users // USERS_IN_A_ROOM))]
        self.domain = self.gateway.jid("irc")
        for n in range(self.n_users):
            client = Client(self, self.server, f"user{n}", f"u{n}x", self.domain)
            client.friend, client.channels = f"f{n}x", [channels[n % len(channels)]]
            self.server.add_user(client.name)
            self.clients.append(client)
            self.by_nick[client.nick] = self.by_name[client.name] = client
            self.friends.append(Person(self, self.ircd, client.friend))
            self.friends[-1].to = client
        self.speakers = [Person(self, self.ircd, f"s{n}x", [name]) for n, name in enumerate(channels)]
        self.witness = Witness(self, self.ircd, "witness", channels)
        for one in (self.witness, *self.friends, *self.speakers, *self.clients):
            one.start()

    async def _meet(self):
        """Everybody registers, adds the friend, and joins the room."""
        await self.until("everybody on line", lambda: all(
            one.online for one in (*self.clients, *self.friends, *self.speakers, self.witness)), 60)

        async def settle(client):
            form = ("<query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>"
                    f"<value>jabber:iq:register</value></field><field var='username'><value>{client.nick}</value></field></x></query>")
            answer = await client.ask(self.domain, form, "set", 60)
            if answer.get("type") != "result":
                raise NotReady(f"{client.name} cannot register")
            contact = self.gateway.jid("irc", client.friend)
            client.contacts.add(contact)
            client.asked_contacts.add(contact)
            await client.ask(None, f"<query xmlns='jabber:iq:roster'><item jid='{contact}'/></query>", "set")
            client.send(f"<presence type='subscribe' to='{contact}'/>")
            for name in client.channels:
                client.add_room(self.gateway.jid("irc", name), name)
        await asyncio.gather(*(settle(client) for client in self.clients))
        await self.until("everybody signed in and in the rooms", lambda: not self.missing(contacts=True), 60)

    async def stop(self):
        if self.sending is not None:
            self.sending.cancel()
        await asyncio.gather(*(one.stop() for one in (*self.clients, *self.friends, *self.speakers)))
        if self.witness is not None:
            await self.witness.stop()
        for one in (self.gateway, self.ircd, self.server):
            if one is not None:
                with contextlib.suppress(OSError):
                    (one.signal if one is self.gateway else one.process.signal)(signal.SIGCONT)
                await asyncio.to_thread(one.stop)
        for pid in self.leftover():
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        await self.xmpp_line.stop()
        await self.irc_line.stop()
        if self.disk is not None:
            subprocess.run(["umount", "-l", self.disk])

    def forget(self):
        """Removes what the run has written."""
        for one in (self.gateway, self.ircd, self.server):
            if one is not None:
                shutil.rmtree(one.dir, ignore_errors=True)
        if self.disk is not None:
            shutil.rmtree(self.disk, ignore_errors=True)

    def leftover(self):
        """Workers of our gateway that run, whoever their parent is."""
        mine, found = f"HOME={self.gateway.dir}/home".encode() if self.gateway else None, []
        for place in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if b"passerelle-worker" in (place / "cmdline").read_bytes() and mine in (place / "environ").read_bytes().split(b"\0"):
                    found.append(int(place.name))
            except OSError:
                continue
        return found

    # -- Waiting ---------------------------------------------------------------

    async def until(self, what, question, timeout):
        end = self.now() + timeout
        while not question():
            if self.now() > end:
                raise NotReady(f"no {what} within {timeout} s")
            await asyncio.sleep(0.05)

    def missing(self, contacts=False):
        """What is not as it was in the beginning, as lines."""
        found = []
        for client in self.clients:
            if not client.signed_in:
                found.append(f"{client.name}: {'the gateway is ' + client.presence.get(self.domain, 'silent') if client.online else 'off line'}")
                continue
            for room in client.rooms.values():
                there = self.witness.members[room.channel] - {"witness"}
                if client.nick not in there:
                    found.append(f"{client.name}: not in {room.channel}")
                elif not room.joined:
                    found.append(f"{client.name}: has not joined {room.channel}")
                elif room.nicks - {"witness"} != there:
                    found.append(f"{client.name}: in {room.channel} it sees {sorted(room.nicks - there)} too much, {sorted(there - room.nicks)} too little")
            if contacts:
                found += [f"{client.name}: {contact} is {client.presence.get(contact, 'not seen')}"
                          for contact in client.contacts if client.presence.get(contact) != "online"]
        found += [f"{one.nick}: off line" for one in (self.witness, *self.friends, *self.speakers) if not one.online]
        return found

    async def recovered(self, contacts=False):
        """Waits until all is as it was; what is missing in the end."""
        with contextlib.suppress(NotReady):
            await self.until("recovery", lambda: not self.missing(contacts), RECOVERY_SECONDS)
        return self.missing(contacts)

    # -- Traffic ---------------------------------------------------------------

    def begin_sending(self, rate, rng):
        self.sending = asyncio.ensure_future(self._send(rate, rng))

    def end_sending(self):
        self.sending.cancel()

    async def _send(self, rate, rng):
        """RATE messages a second of all kinds; who is off line sends nothing."""
        begin, count = self.now(), 0
        while True:
            while count < (self.now() - begin) * rate:
                count += 1
                self._send_one(rng)
            await asyncio.sleep(0.01)

    def _send_one(self, rng):
        kind = rng.random()
        text = " ".join(rng.choices(WORDS, k=rng.randint(2, 20)))
        if kind < 0.4:
            client = rng.choice(self.clients)
            self._client_says(client, OUT, client.friend, self.gateway.jid("irc", client.friend), text)
        elif kind < 0.8:
            friend = rng.choice(self.friends)
            if friend.online:
                number = self.ledger.next_number()
                self.ledger.sent(number, IN, friend.nick, friend.to.name)
                friend.say(number, friend.to.nick, f"n={number}; {text}")
        elif kind < 0.9:
            client = rng.choice(self.clients)
            channel = rng.choice(client.channels)
            self._client_says(client, ROOM_OUT, channel, self.gateway.jid("irc", channel), text, "groupchat")
        else:
            speaker = rng.choice(self.speakers)
            if speaker.online:
                number = self.ledger.next_number()
                speaker.say(number, speaker.channels[0], f"n={number}; {text}")

    def _client_says(self, client, direction, addressee, jid, text, kind="chat"):
        if client.online:
            number = self.ledger.next_number()
            self.ledger.sent(number, direction, client.name, addressee)
            client.say(number, jid, f"n={number}; {text}", kind)
