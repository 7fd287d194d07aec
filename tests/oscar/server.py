# SPDX-License-Identifier: GPL-2.0-or-later
"""A scripted OSCAR server that does what Open OSCAR Server does, in memory, and worse where a test wants it.

    server = await ScriptedOscar().start()
    romeo = server.add_user("romeo", "secret7")
    ... a client signs on ...
    romeo.receive_message("juliet", "here, below")
    message = await server.expect("romeo", 0x04, 0x06)
    assert not server.violations

What a client sent is in .seen, what the real server would have punished in .violations. Alone it prints its ports:
    cd tests && python3 -m oscar.server --users alice:secret7,100003:secret7"""

import argparse
import asyncio
import json
import signal
import ssl
import sys
from collections import Counter

from oscar import codec, families, misbehave, rates
from oscar.connection import Closed, Connection, signed_on_elsewhere
from oscar.drive import User
from oscar.login import BOS_FAMILIES, end_session, leave, sign_on
from oscar.state import Watching
from waiting import TIMEOUT, Inbox


class ScriptedOscar(Watching):
    """The switches below may be changed at any time; those of one account are in drive.py and state.py."""

    def __init__(self, host="127.0.0.1"):
        self.host, self.port, self.tls_port = host, None, None
        self.accounts, self.tickets, self.keys = {}, {}, {}
        self.images, self.rooms = {}, {}
        self.seen = Inbox("scripted OSCAR server")
        self.violations, self.unknown, self.over_limit = [], [], []
        self.connections, self.tasks, self.listeners = set(), set(), []
        # Switches
        self.login_error = None         # the code that every sign-on is refused with
        self.hello = None               # bytes to send in place of the hello; b"" for none at all
        self.wrong_cookie = False       # sign-ons get a cookie that BOS does not know
        self.names_port = True          # whether the address to go to has its port
        self.service_error = None       # the code that every 01/04 is refused with
        self.logins_per_address = None  # so many sign-ons, then code 1D; the real server: 10
        self.refuses_by_snac = True     # ... as 17/03, else as channel 4
        self.logins = Counter()
        self.early = []                 # SNACs sent on BOS and services before 01/03
        self.families = list(BOS_FAMILIES)
        self.rate_classes = rates.CLASSES
        self.quiet = 1.0                # seconds without SNACs before 01/0A tells of rates
        self.trickle = 0                # seconds between the bytes of whatever is sent
        self.deaf = False               # reads, and answers nothing more
        self.message_error = None       # (code, subcode or None) for every 04/06
        self.item_result = None         # the code in 13/0E for every item: a number, or a function of the item
        self.item_error = None          # the code of 13/01 for every change of a list
        self.refused_meta = {}          # requests of ICQ that are refused, and the subtype of the answer that says so
        self.list_parts = 1             # 13/06 comes in so many SNACs
        self.end_of_stored_first = True     # 04/17 before the messages that 04/10 asks for
        self.tls_names_plain = False    # a TLS client is sent to the plain port, as behind a terminator
        self.offers_tls = 0             # who came without TLS is sent to its port: 1 and may use it, 2 and must
        self.tricks = []

    async def start(self, port=0, tls=None):
        """TLS is a certificate and its key: then there is a second port for it."""
        self.port = await self._listen(port, None)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*map(str, tls))
            self.tls_port = await self._listen(0, context)
        return self

    async def _listen(self, port, context):
        listener = await asyncio.start_server(self._serve, self.host, port, ssl=context)
        self.listeners.append(listener)
        return listener.sockets[0].getsockname()[1]

    async def stop(self):
        for listener in self.listeners:
            listener.close()
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def spawn(self, work):
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def _serve(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        connection = Connection(self, reader, writer)
        self.connections.add(connection)
        try:
            if await sign_on(connection):
                await connection.serve(families.HANDLERS)
        except (Closed, ConnectionError):
            pass
        except codec.Malformed as problem:
            connection.violate(f"does not decode: {problem}")
        except asyncio.CancelledError:
            connection.abort()
            writer.transport.abort()
        finally:
            self.connections.discard(connection)
            self._gone(connection)
            connection.close()
            try:
                await connection.linger()
            finally:
                self.tasks.discard(asyncio.current_task())
                writer.transport.abort()

    def _gone(self, connection):
        if connection.room:
            connection.room.leave(connection)
        if connection.session and connection.session.connection is connection:
            leave(connection.session)
        elif connection.session and connection in connection.session.services:
            connection.session.services.remove(connection)

    # Accounts

    def add_user(self, name, password="secret7", bot=True):
        """A new account. A bot has no rate limits; the others have those of .rate_classes."""
        user = User(self, name, password)
        user.bot = bot
        self.accounts[user.key] = user
        return user

    def user(self, name):
        return self.accounts[codec.normal(name)]

    def set_authorization(self, uin, required):
        self.user(uin).authorize = required

    def suspend(self, name, why):
        """As the real server's management does: suspended, deleted, expired, suspended_age, or empty."""
        codes = {"deleted": 0x08, "expired": 0x09, "suspended": 0x11, "suspended_age": 0x22, "": None}
        self.user(name).login_error = codes[why]

    def make_public_room(self, name):
        families.chat.make_room(self, 5, name)

    def admits(self, peer):
        self.logins[peer] += 1
        return self.logins_per_address is None or self.logins[peer] <= self.logins_per_address

    def forget(self, name):
        """A user that is no more."""
        user = self.accounts.pop(codec.normal(name))
        for session in list(user.sessions):
            end_session(session)

    # What a test asks and does

    def misbehave(self, trick):
        self.tricks.append(trick)
        return trick

    def behave(self):
        self.tricks.clear()

    def of(self, name, service="BOS"):
        """The connections of a user."""
        return [one for one in self.connections if one.service == service and one.user == codec.normal(name)]

    async def expect(self, name, family, subtype, where=lambda snac: True, timeout=TIMEOUT):
        """The first SNAC of that kind that NAME sent and nobody has asked for."""
        key = codec.normal(name)
        seen = await self.seen.expect(
            lambda one: one.user == key and one.kind == (family, subtype) and where(one.snac),
            f"{family:02X}/{subtype:02X} of {name}", timeout)
        return seen.snac

    async def expect_channel(self, name, channel, timeout=TIMEOUT):
        key = codec.normal(name)
        return await self.seen.expect(lambda one: one.user == key and one.kind == channel,
                                      f"channel {channel} of {name}", timeout)

    def sign_on_elsewhere(self, name):
        """Ends the sessions of a user as the real server does when he signs on at another place."""
        for session in list(self.user(name).sessions):
            end_session(session, signed_on_elsewhere())

    def drop(self, name):
        """Cuts all connections of a user without a word."""
        for one in list(self.connections):
            if one.user == codec.normal(name):
                one.abort()

    def stop_reading(self, name):
        """The link to a user is as if dead: nothing is read any more, so that in the end nothing can be sent."""
        for one in self.connections:
            if one.user == codec.normal(name):
                one.writer.transport.pause_reading()

    def check(self):
        """Fails with what clients did that the real server would have punished."""
        assert not self.violations, "clients did what they must not:\n  " + "\n  ".join(self.violations)


async def _run(options):
    server = ScriptedOscar()
    for user in filter(None, options.users.split(",")):
        server.add_user(*user.split(":", 1), bot=not options.limits)
    server.login_error, server.trickle, server.deaf = options.login_error, options.trickle, options.deaf
    if options.small_limits:
        server.rate_classes = rates.SMALL
    for name in filter(None, options.tricks.split(",")):
        server.misbehave(getattr(misbehave, name)())
    if options.echo:
        server.add_user(options.echo).echo()
    await server.start(options.port, options.tls and options.tls.split(","))
    print(json.dumps({"host": server.host, "port": server.port, "tls": server.tls_port}), flush=True)
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    waiting = asyncio.ensure_future(ended.wait())
    while not waiting.done():
        problem = asyncio.ensure_future(server.seen.changed.wait())
        await asyncio.wait({waiting, problem}, return_when=asyncio.FIRST_COMPLETED)
        problem.cancel()
        server.seen.changed.clear()
        for one in server.seen.things:
            if options.verbose:
                print(one, file=sys.stderr, flush=True)
        server.seen.clear()
        for one in server.violations:
            print("VIOLATION", one, file=sys.stderr, flush=True)
        server.violations.clear()
    await server.stop()


def main():
    parser = argparse.ArgumentParser(description="Runs the scripted OSCAR server until interrupted. "
                                     "What clients do wrong goes to standard error.")
    parser.add_argument("--users", default="alice:secret7,100003:secret7", help="name:password,...")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--limits", action="store_true", help="the users have rate limits")
    parser.add_argument("--small-limits", action="store_true", help="... small ones for messages; give --limits too")
    parser.add_argument("--login-error", type=lambda text: int(text, 0), help="refuse every sign-on with this code")
    parser.add_argument("--trickle", type=float, default=0, help="seconds between bytes")
    parser.add_argument("--deaf", action="store_true", help="answer nothing after the sign-on")
    parser.add_argument("--tricks", default="", help="names of classes in misbehave.py, for all SNACs")
    parser.add_argument("--echo", help="a further user, on line, who says back what it is told")
    parser.add_argument("--tls", help="certificate,key for a second port")
    parser.add_argument("--verbose", "-v", action="store_true", help="print every SNAC that comes")
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
