# SPDX-License-Identifier: GPL-2.0-or-later
"""A scripted MSN server that does what Escargot does, in memory, and worse where a test wants it.

    server = await ScriptedMsn().start()
    alice = server.add_user("alice@x.test", "secret")
    ... a client signs in ...
    alice.receive(["CHL", "0", "15570131571988941333"])
    seen = await server.expect("alice@x.test", "CHG")
    assert not server.violations

What clients said is in .seen (HTTP: .requests), what the real server would have punished, or never answered, in .violations.
Alone it prints its ports:
    cd tests && python3 -m msn.server --users alice@x.test:secret,bob@x.test:secret --echo parrot@x.test -v"""

import argparse
import asyncio
import json
import math
import secrets
import signal
import ssl
import sys
import time
import xml.etree.ElementTree

import process
import servers
from msn import misbehave, switchboard, web, wire
from msn.connection import Connection, Socket
from msn.drive import User
from msn.login import POLICY
from waiting import TIMEOUT, Inbox

_pair = []


def certificate():
    """One for the whole run: making it is slow."""
    if not _pair:
        _pair.append(servers.certificate(process.folder("msn-certificate"), "localhost"))
    return _pair[0]


class ScriptedMsn:
    """The switches below may be changed at any time."""

    def __init__(self, host="127.0.0.1"):
        self.host, self.port, self.switchboard_port = host, None, None
        self.dispatch_port, self.http_port, self.https_port = None, None, None
        self.accounts, self.tickets, self.tokens, self.tunnels = {}, {}, {}, {}
        self.seen, self.requests = Inbox("scripted MSN server"), Inbox("scripted MSN web server", lambda one: f"{one.path} {one.query}")
        self.violations, self.lost = [], []     # lost: (who, payload) that nobody was there to get
        self.connections, self.tasks, self.listeners, self.switchboards = set(), set(), [], []
        # Switches: the sign-in
        self.dialects = [7, 8, 9, 10, 11, 12]
        self.sign_in_error = None       # the code that every USR is refused with
        self.hop_at, self.hops, self.hop_to = None, math.inf, None      # XFR NS at one of login.STEPS, so often, to there
        self.policy = POLICY
        self.long_profile = True
        self.long_tickets = False       # t=...&p=..., as historic servers give
        self.ticket_life = 30
        # ... of the web
        self.web_tricks = []            # see web.WebTrick
        self.nexus_header = ("Passporturls", "DALogin={login}")
        self.login_address = None       # what the nexus names; by default https of this server
        self.redirects, self.redirect_to = 0, None
        self.refusal_text = ""          # cbtxt of a 401, percent-encoded
        self.login_fields = ""          # what stands before from-PP, with its comma
        self.chunked, self.keep_alive = 0, True
        self.gateway_delay = 0
        self.store_fault = None         # the fault code of every Store
        # ... and of the rest
        self.quote = wire.quote
        self.list_limit = None          # so many contacts, then 210
        self.calls_need_forward_list = True     # habit 9
        self.call_error = None          # the code that every CAL is refused with
        self.dead_answers = False       # ANS to a switchboard that all have left is cut, else it is answered with no IRO
        self.dies_at_message = 0        # so many switchboards are cut when a text comes
        self.nak = False
        self.mute_acks = False
        self.switchboard_address = None
        self.idle_limit = 60            # for the first word on a switchboard
        self.trickle = 0                # seconds between the bytes of whatever is sent
        self.deaf = False               # reads, and answers nothing more
        self.deaf_commands = set()      # ... to these, as "USR" or "SB USR"
        self.tricks = []

    async def start(self, port=0, http_port=0):
        self.port = await self._listen(port, self._serve("NS", web.NS_HANDLERS))
        self.dispatch_port = await self._listen(0, self._serve("DS", web.NS_HANDLERS))
        self.switchboard_port = await self._listen(0, self._serve("SB", switchboard.HANDLERS))
        self.http_port = await self._listen(http_port, web.Web(self, False).serve)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*map(str, certificate()))
        self.https_port = await self._listen(0, web.Web(self, True).serve, context)
        self.login_address = self.login_address or f"https://{self.host}:{self.https_port}/login"
        self.switchboard_address = f"{self.host}:{self.switchboard_port}"
        return self

    @property
    def plain(self):
        return f"http://{self.host}:{self.http_port}"

    @property
    def secure(self):
        return f"https://{self.host}:{self.https_port}"

    async def _listen(self, port, serve, context=None):
        async def run(reader, writer):
            self.tasks.add(asyncio.current_task())
            try:
                await serve(reader, writer)
            except asyncio.CancelledError:
                writer.transport.abort()
            except (ConnectionError, ssl.SSLError):
                pass
            finally:
                self.tasks.discard(asyncio.current_task())
        listener = await asyncio.start_server(run, self.host, port, ssl=context, limit=1 << 20)
        self.listeners.append(listener)
        return listener.sockets[0].getsockname()[1]

    def _serve(self, service, handlers):
        async def serve(reader, writer):
            connection = Connection(self, Socket(self, writer), service, writer.get_extra_info("peername"))
            connection.local_port = writer.get_extra_info("sockname")[1]
            self.connections.add(connection)
            if service == "SB":
                asyncio.get_running_loop().call_later(
                    self.idle_limit, lambda: None if connection.said_something else connection.close())
            try:
                while not connection.closed and (data := await reader.read(65536)):
                    connection.feed(data, handlers)
                if connection.lines.held and not connection.closed:
                    connection.violate(f"the connection ends in a command: {connection.lines.held!r}")
            finally:
                connection.close()
        return serve

    async def stop(self):
        for listener in self.listeners:
            listener.close()
        for connection in list(self.connections):
            connection.abort()
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def spawn(self, work):
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    # What the parts ask

    def left(self, connection):
        """A connection is no more."""
        self.connections.discard(connection)
        account = connection.account
        if connection.switchboard:
            connection.switchboard.leave(connection)
        elif account and account.session is connection:
            watchers = account.watchers() if account.visible else []
            account.sign_out()
            account.depart(watchers)

    def stamp(self, connection):
        """A connection has a user now: what it said before is his."""
        seen = [one for one in self.seen.things if one.user is None and one.connection is connection]
        for one in seen:
            one.user = connection.user

    def deaf_to(self, connection, command):
        return command.name in self.deaf_commands or f"{connection.service} {command.name}" in self.deaf_commands

    @staticmethod
    def token(digits):
        return secrets.token_hex(digits)[:digits]

    @staticmethod
    def parse_xml(payload):
        try:
            return xml.etree.ElementTree.fromstring(payload)
        except (xml.etree.ElementTree.ParseError, UnicodeDecodeError) as problem:
            raise ValueError(str(problem)) from None

    def issue_ticket(self, account, seconds=None, split=False):
        """What the client gets is what it must send back, to the byte."""
        first = self.token(20)
        whole = f"t={first}&p={self.token(8)}" if split or self.long_tickets else first
        self.tickets[first] = (account, whole, time.monotonic() + (self.ticket_life if seconds is None else seconds))
        return whole

    def redeem(self, ticket):
        account, whole, end = self.tickets.get(self._first(ticket), (None, None, 0))
        return account if whole == ticket and time.monotonic() < end else None

    def knows_ticket(self, ticket):
        """For the web services, where it lives longer; alone, or as t=...&p=..."""
        return self.tickets.get(self._first(ticket or ""), (None,))[0]

    @staticmethod
    def _first(ticket):
        return ticket[2:].partition("&p=")[0] if ticket.startswith("t=") else ticket

    def _issue(self, *what):
        token = self.token(20)
        self.tokens[token] = (time.monotonic() + 120, *what)
        return token

    def _redeem(self, token, length):
        found = self.tokens.get(token)
        if not found or len(found) != length or found[0] < time.monotonic():
            return None
        del self.tokens[token]
        return found[1:]

    def issue_call(self, account):
        return self._issue(account)

    def redeem_call(self, token):
        return (self._redeem(token, 2) or (None,))[0]

    def issue_answer(self, account, board):
        return self._issue(account, board)

    def redeem_answer(self, token):
        return self._redeem(token, 3)

    # Accounts

    def add_user(self, address, password="secret", name=None):
        user = User(self, address, password)
        user.name = name or user.name
        self.accounts[user.key] = user
        return user

    def user(self, address):
        return self.accounts[wire.address_key(address)]

    # What a test asks and does

    def misbehave(self, trick):
        (self.web_tricks if isinstance(trick, web.WebTrick) else self.tricks).append(trick)
        return trick

    def behave(self):
        self.tricks.clear()
        self.web_tricks.clear()

    def of(self, address, service="NS"):
        """The connections of a user."""
        return [one for one in self.connections if one.service == service and one.user == wire.address_key(address)]

    async def expect(self, address, name, where=lambda seen: True, timeout=TIMEOUT):
        """The first command of that NAME, "CHG" or "SB MSG", that the user sent and nobody has asked for."""
        service, _, name = name.rpartition(" ")
        key = wire.address_key(address)

        def fits(one):
            return one.user == key and one.words[0] == name and service in ("", one.service) and where(one)
        return await self.seen.expect(fits, f"{service} {name} of {address}".strip(), timeout)

    async def expect_request(self, path, where=lambda request: True, timeout=TIMEOUT):
        return await self.requests.expect(lambda one: one.path == path and where(one), f"a request for {path}", timeout)

    def drop_all(self):
        """Ends all connections, when what was sent has gone out."""
        for one in list(self.connections):
            one.close()

    def shut_down(self, minutes=5):
        """As in maintenance: a word before, then the end."""
        for one in [one for one in self.connections if one.service == "NS" and one.ready]:
            text = f"Type: 1\r\nArg1: {minutes}\r\n"
            one.send(["MSG", "Hotmail", "Hotmail"], wire.Message.make("application/x-msmsgssystemmessage", text).encode())
            one.send(["OUT", "SSD"])
            one.close()

    def check(self):
        """Fails with what clients did that the real server would have punished."""
        assert not self.violations, "clients did what they must not:\n  " + "\n  ".join(self.violations)


async def _run(options):
    server = ScriptedMsn()
    for user in filter(None, options.users.split(",")):
        server.add_user(*user.split(":", 1))
    server.sign_in_error, server.trickle, server.deaf = options.sign_in_error, options.trickle, options.deaf
    if options.dialects:
        server.dialects = [int(number) for number in options.dialects.split(",")]
    for name in filter(None, options.tricks.split(",")):
        server.misbehave(getattr(misbehave, name)())
    if options.echo:
        server.add_user(options.echo, name="Parrot").echo()
    await server.start(options.port, options.http_port)
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    print(json.dumps({"host": server.host, "port": server.port, "dispatch": server.dispatch_port, "sb": server.switchboard_port,
                      "http": server.http_port, "https": server.https_port}), flush=True)

    def show(one):
        if options.verbose:
            print(one, file=sys.stderr, flush=True)
    server.seen.put = show
    server.requests.put = lambda one: show(f"HTTP {one.method} {one.path} {one.query or ''} {one.text}")
    server.violations = _Shown()
    await ended.wait()
    await server.stop()


class _Shown(list):
    def append(self, text):
        print("VIOLATION", text, file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description="Runs the scripted MSN server until interrupted. "
                                     "What clients do wrong goes to standard error.")
    parser.add_argument("--users", default="alice@x.test:secret,bob@x.test:secret", help="address:password,...")
    parser.add_argument("--port", type=int, default=0, help="of the notification server")
    parser.add_argument("--http-port", type=int, default=0, help="of the plain web server with the gateway")
    parser.add_argument("--dialects", help="7,8,...: those that it knows")
    parser.add_argument("--sign-in-error", type=int, help="refuse every USR with this code")
    parser.add_argument("--trickle", type=float, default=0, help="seconds between bytes")
    parser.add_argument("--deaf", action="store_true", help="answer nothing")
    parser.add_argument("--tricks", default="", help="names of classes in misbehave.py, for all commands")
    parser.add_argument("--echo", help="a further user, on line, who says back what it is told")
    parser.add_argument("--verbose", "-v", action="store_true", help="print every command and request that comes")
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
