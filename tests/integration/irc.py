# SPDX-License-Identifier: GPL-2.0-or-later
"""An IRC user (the friend), and a scripted IRC server for what real servers do not do on demand."""

import asyncio
import base64
import re

from waiting import TIMEOUT, Inbox


class IrcFriend:
    """A person on an IRC server. Lines are str; other encodings go through send_bytes()."""

    def __init__(self, nick, port, encoding="utf-8"):
        self.nick, self.port, self.encoding = nick, port, encoding
        self.inbox = Inbox(f"IRC user {nick}", repr)

    async def connect(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.task = asyncio.ensure_future(self._read())
        self.send(f"NICK {self.nick}", "USER friend 0 * :a friend")
        await self.expect(r" 001 ")
        return self

    async def _read(self):
        while line := await self.reader.readline():
            text = line.decode(self.encoding, "replace").rstrip("\r\n")
            if text.startswith("PING"):
                self.send("PONG" + text[4:])
            else:
                self.inbox.put(text)

    def send(self, *lines):
        self.send_bytes(*(line.encode(self.encoding) for line in lines))

    def send_bytes(self, *lines):
        for line in lines:
            self.writer.write(line + b"\r\n")

    def say(self, nick, text):
        self.send(f"PRIVMSG {nick} :{text}")

    async def expect(self, pattern, timeout=TIMEOUT):
        """The first line that matches the regular expression, as its match."""
        line = await self.inbox.expect(lambda text: re.search(pattern, text), f"/{pattern}/", timeout)
        return re.search(pattern, line)

    async def expect_message(self, nick, text, timeout=TIMEOUT):
        await self.expect(rf"^:{re.escape(nick)}!\S+ PRIVMSG {re.escape(self.nick)} :{re.escape(text)}$", timeout)

    async def expect_online(self, nick, online):
        """Asks until it is so: the server may hear of a QUIT after our question."""
        async with asyncio.timeout(TIMEOUT):
            while True:
                self.send(f"WHOIS {nick}")
                answer = await self.expect(f" (311|401) \\S+ {re.escape(nick)} ")
                if (answer.group(1) == "311") == online:
                    return

    async def quit(self):
        self.task.cancel()
        self.writer.close()


class ScriptedIrcd:
    """An IRC server whose every answer a test can change.

    It takes PASSWORD by PASS or by SASL PLAIN where one is set; connections are in .users by nick."""

    def __init__(self, password=None, sasl=None):
        self.password, self.sasl = password, sasl
        self.users, self.tried = {}, Inbox("scripted IRC server", repr)
        self.tasks = set()
        self.refusal = None     # a line to answer every sign-in with, before closing
        self.welcome = True     # False: say nothing after NICK and USER, until let_in()
        self.waiting = []
        self.pongs = True       # False: say nothing to a PING
        self.answers = {}       # regular expression -> lines that are said to a line that it finds

    async def start(self):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def stop(self):
        self.server.close()
        for task in self.tasks:
            task.cancel()

    def send_bytes(self, nick, line):
        self.users[nick].write(line + b"\r\n")

    def send(self, nick, line):
        self.send_bytes(nick, line.encode())

    def drop(self, nick):
        """Cuts the line without a word."""
        self.users.pop(nick).transport.abort()

    def let_in(self):
        """Those who have waited for it, and all others."""
        self.welcome = True
        for nick, writer in self.waiting:
            self._greet(nick, writer)

    def _greet(self, nick, writer):
        self.users[nick] = writer
        for reply in (f"001 {nick} :Welcome {nick}", f"005 {nick} NETWORK=scripted :are supported",
                      f"375 {nick} :motd", f"376 {nick} :End of /MOTD command."):
            writer.write(f":scripted.test {reply}\r\n".encode())

    async def expect(self, pattern, timeout=TIMEOUT):
        line = await self.tried.expect(lambda text: re.search(pattern, text), f"/{pattern}/", timeout)
        return re.search(pattern, line)

    async def _serve(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self.tasks.discard(asyncio.current_task())
            writer.close()
            self.users = {nick: other for nick, other in self.users.items() if other is not writer}

    async def _talk(self, reader, writer):
        nick, given, named, asked, step = "*", None, False, False, None
        tell = lambda text: writer.write(f":scripted.test {text}\r\n".encode())
        while line := await reader.readline():
            text = line.decode(errors="replace").rstrip("\r\n")
            word, _, rest = text.partition(" ")
            self.tried.put(text)
            for pattern, lines in self.answers.items():
                if re.search(pattern, text):
                    writer.writelines(f"{line}\r\n".encode() for line in lines)
            if word == "PASS":
                given = rest.lstrip(":")
            elif word == "CAP" and rest.startswith("LS"):
                asked = True
                tell(f"CAP {nick} LS :{'sasl' if self.sasl else ''}")
            elif word == "CAP" and rest.startswith("REQ"):
                asked = True
                tell(f"CAP {nick} ACK :sasl")
            elif word == "CAP" and rest == "END":
                asked = False
            elif word == "AUTHENTICATE" and step == "PLAIN":
                step = None
                proved = base64.b64decode(rest).decode().split("\0")[1:] == list(self.sasl)
                tell(f"903 {nick} :SASL authentication successful" if proved else f"904 {nick} :SASL authentication failed")
            elif word == "AUTHENTICATE":
                step = rest
                writer.write(b"AUTHENTICATE +\r\n") if rest == "PLAIN" else tell(f"904 {nick} :SASL authentication failed")
            elif word == "PING" and self.pongs:
                tell(f"PONG scripted.test {rest}")
            elif word == "NICK":
                nick = rest.lstrip(":")
            elif word == "USER":
                named = True
            if nick in self.users or not named or nick == "*" or asked:
                continue
            if not self.welcome:
                self.waiting.append((nick, writer))
                continue
            if self.refusal or (self.password and given != self.password):
                tell(f"464 {nick} :Password incorrect") if not self.refusal else None
                writer.write((self.refusal or "ERROR :Closing Link: bad password").encode() + b"\r\n")
                await writer.drain()
                writer.close()
                return
            self._greet(nick, writer)
