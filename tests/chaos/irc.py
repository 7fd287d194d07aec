# SPDX-License-Identifier: GPL-2.0-or-later
"""People on the IRC server, who come back by themselves; one of them is the witness."""

import asyncio
import re

from .ledger import NUMBER
from .xmpp import end_task

RETRY_SECONDS = 0.05
LINE = re.compile(r"(?::([^ !]+)\S* )?(\S+) ?(.*)")


class Person:
    """An IRC client in CHANNELS.  Each message is followed by a PING: its answer says that the server has taken it, and
    an error before that says that it has not."""

    def __init__(self, world, server, nick, channels=()):
        self.world, self.ledger, self.server, self.nick, self.channels = world, world.ledger, server, nick, list(channels)
        self.online = False
        self.refused = False            # the message that the next PONG is behind
        self.writer = self.task = None

    def start(self):
        self.task = asyncio.ensure_future(self._live())

    async def stop(self):
        await end_task(self.task)
        if self.writer is not None:
            self.writer.transport.abort()

    async def _live(self):
        while True:
            try:
                reader, self.writer = await asyncio.open_connection("127.0.0.1", self.server.port)
                self.send(f"NICK {self.nick}", "USER chaos 0 * :chaos")
                while line := await reader.readline():
                    self._line(line.decode(errors="replace").rstrip("\r\n"))
            except OSError:
                pass
            if self.writer is not None:
                self.writer.transport.abort()
            self.online, self.writer, self.refused = False, None, False
            self.left()
            await asyncio.sleep(RETRY_SECONDS)

    def left(self):
        """The connection is gone."""

    def send(self, *lines):
        if self.writer is not None:
            self.writer.write("".join(line + "\r\n" for line in lines).encode())

    def say(self, number, to, text):
        self.send(f"PRIVMSG {to} :{text}", f"PING :n{number}")

    def _line(self, text):
        who, command, rest = LINE.fullmatch(text).groups()
        if command == "PING":
            self.send("PONG " + rest)
        elif command == "PONG" and (number := re.search(r":n(\d+)$", rest)):
            self.ledger.proven(int(number[1]))
            if self.refused:
                self.ledger.sent_back(int(number[1]))
            self.refused = False
        elif command in ("401", "404"):
            self.refused = True
        elif command == "001":
            self.online = True
            self.send(*(f"JOIN {name}" for name in self.channels))
        else:
            self.heard(who, command, rest)

    def heard(self, who, command, rest):
        if command == "PRIVMSG" and rest.startswith(self.nick + " "):
            number = NUMBER.search(rest)
            if number is not None:
                self.ledger.arrived(int(number[1]), self.nick)


class Witness(Person):
    """Knows who is in each channel, in the server's own order, and who came and went."""

    def __init__(self, world, server, nick, channels):
        super().__init__(world, server, nick, channels)
        self.members = {name: set() for name in channels}
        self.moves = []                 # (time, nick, what)

    def left(self):
        for members in self.members.values():
            members.clear()

    def heard(self, who, command, rest):
        where, _, rest = rest.partition(" ")
        where = where.lstrip(":")
        if command == "PRIVMSG" and where in self.members:
            number = NUMBER.search(rest)
            if number is not None:
                self._said(int(number[1]), who, where)
        elif command == "353":
            channel, _, nicks = rest.lstrip("=*@ ").partition(" :")
            self.members[channel].update(nick.lstrip("@+%&~") for nick in nicks.split())
        elif command in ("JOIN", "PART", "QUIT", "KICK", "NICK"):
            self._moved(who, command, where, rest)

    def _said(self, number, who, channel):
        users = [self.world.by_nick[nick].name for nick in self.members[channel] if nick in self.world.by_nick]
        if who in self.world.by_nick:
            self.ledger.arrived(number, channel)
        self.ledger.passed_on(number, who, users)

    def _moved(self, who, command, where, rest):
        if command == "KICK":
            who = rest.split()[0]
        if who in self.world.by_nick:
            self.moves.append((self.world.now(), who, command))
        for channel, members in self.members.items():
            if command == "QUIT" or command in ("PART", "KICK") and channel == where:
                members.discard(who)
            elif command == "JOIN" and channel == where:
                members.add(who)
            elif command == "NICK" and who in members:
                members.discard(who)
                members.add(where)
