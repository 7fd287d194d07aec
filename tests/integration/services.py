# SPDX-License-Identifier: GPL-2.0-or-later
"""IRC services in small: a server linked to inspircd that knows SASL PLAIN and NickServ's IDENTIFY.

The link speaks InspIRCd's spanning tree protocol 1205, as real services (Anope, Atheme) do."""

import asyncio
import base64
import time

from waiting import Inbox

SID, NICKSERV = "0SV", "0SVAAAAAA"


class Services:
    def __init__(self, inspircd, accounts):
        self.port, self.accounts = inspircd.link_port, accounts
        self.logins, self.nicks = Inbox("IRC services"), {}

    async def link(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        now = int(time.time())
        self.send("CAPAB START 1205", "CAPAB CAPABILITIES :PROTOCOL=1205", "CAPAB END",
                  f"SERVER services.test link 0 {SID} :services", f":{SID} BURST {now}",
                  f":{SID} UID {NICKSERV} {now} NickServ services.test services.test services 127.0.0.1 {now} +i :NickServ",
                  f":{SID} ENDBURST")
        while b" ENDBURST" not in (line := await self.reader.readline()):
            assert line and b"ERROR" not in line, line
            self._note(line.decode(errors="replace").split(" "))
        self.task = asyncio.ensure_future(self._serve())
        return self

    def send(self, *lines):
        self.writer.write("".join(line + "\r\n" for line in lines).encode())

    async def expect_login(self, account):
        await self.logins.expect(account.__eq__, f"the login of {account}")

    def _note(self, words):
        """Who is behind which id."""
        if words[1] == "UID":
            self.nicks[words[2]] = words[4]
        elif words[1] == "NICK":
            self.nicks[words[0].lstrip(":")] = words[2]

    def _knows(self, account, password):
        if self.accounts.get(account) != password:
            return False
        self.logins.put(account)
        return True

    async def _serve(self):
        while line := await self.reader.readline():
            words = line.decode(errors="replace").rstrip("\r\n").split(" ")
            source, command, rest = words[0].lstrip(":"), words[1], words[2:]
            self._note(words)
            if command == "PING":
                self.send(f":{SID} PONG {source}")
            elif command == "ENCAP" and rest[1] == "SASL":
                self._sasl(source, rest[2], rest[4], rest[5].lstrip(":"))
            elif command == "PRIVMSG" and rest[0] == NICKSERV and rest[1] == ":IDENTIFY":
                account = rest[2] if len(rest) > 3 else self.nicks.get(source)
                good = self._knows(account, rest[-1])
                if good:
                    self.send(f":{SID} METADATA {source} accountname :{account}")
                self.send(f":{NICKSERV} NOTICE {source} :" + ("You are now identified" if good else "Invalid password"))

    def _sasl(self, server, client, step, data):
        answer = lambda *words: self.send(f":{SID} ENCAP {server[:3]} SASL {NICKSERV} {client} " + " ".join(words))
        if step == "S":
            answer("C", "+") if data == "PLAIN" else answer("D", "F")
        elif step == "C":
            account, password = base64.b64decode(data).decode().split("\0")[1:]
            if self._knows(account, password):
                self.send(f":{SID} METADATA {client} accountname :{account}")
                answer("D", "S")
            else:
                answer("D", "F")

    async def quit(self):
        self.task.cancel()
        self.writer.close()
