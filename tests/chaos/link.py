# SPDX-License-Identifier: GPL-2.0-or-later
"""The line between the gateway and a server: a proxy that can cut, hold and slow it down, and knows what passed.

Inner is the gateway's end, outer the server's.  A message passed when the end of its number was given to the receiving
kernel.  When a hub is killed, what its kernel held and it had not read is subtracted: it was never with the hub."""

import asyncio
import bisect
import collections
import re
import socket

from process import tcp_queues

INWARD, OUTWARD = "inward", "outward"

# A message's number, whom a stanza is for, a question or an answer over XMPP, a PING or PONG of IRC, an IRC client's name.
MARKS = re.compile(rb"n=(\d+);|<message ([^>]{1,400})>|<iq ([^>]{1,400})>|(?:^|\n)PING :?(\S+)\r|(?:^|\n):\S+ PONG \S+ :?(\S+)\r|(?:^|\n)NICK :?(\S+)\r")
LONGEST_MARK = 500
ATTRIBUTE = re.compile(rb"(\w+)\s*=\s*[\"']([^\"']*)")


def attributes(tag):
    return {name.decode(): value.decode(errors="replace") for name, value in ATTRIBUTE.findall(tag)}


def kernel_queues(port, peer):
    """Of the socket of PORT that is connected to PEER: what is not acknowledged, and not read."""
    for _ in range(100):                # it may be missing
        for local, other, *queues in tcp_queues():
            if (local, other) == (port, peer):
                return queues
    raise AssertionError(f"the kernel does not show the connection of port {port} to {peer}")


class Way:
    """One direction of a connection."""

    def __init__(self, line, conn, name):
        self.line, self.conn, self.name = line, conn, name
        self.source = self.target = None
        self.late, self.due = collections.deque(), None     # chunks that wait for their time
        self.total = 0                                      # bytes that came from the source
        self.limit = None                                   # of these the receiver got so many, and no more
        self.passed = []                                    # (position, number, whom a stanza with it is for)
        self.whom = None
        self.tail = b""
        self.full, self.stuck = True, 0                     # the target takes nothing, and we hold so much of what it was given

    def feed(self, data):
        self._scan(data)
        if self.line.record is not None:
            self.line.record.write(b"-- %.3f %s %s\n%s\n" % (self.line.clock(), self.name.encode(), str(self.conn.nick or "").encode(), data))
        self.total += len(data)
        if self.line.delay or self.line.pace or self.late or self.full:
            loop = asyncio.get_running_loop()
            after = len(data) / self.line.pace if self.line.pace else 0
            last = self.late[-1][0] if self.late else 0
            self.late.append((max(loop.time() + self.line.delay, last + after), data))
            if self.due is None and not self.full:
                self.due = loop.call_at(self.late[0][0], self._deliver)
        else:
            self.target.transport.write(data)
        self.regulate()

    def _deliver(self):
        loop, self.due = asyncio.get_running_loop(), None
        while self.late and self.late[0][0] <= loop.time() and not self.full:
            self._write(self.late.popleft()[1])
        if self.late and not self.full:
            self.due = loop.call_at(self.late[0][0], self._deliver)
        self.regulate()

    def blocked(self, stuck):
        self.full, self.stuck = stuck is not None, stuck or 0
        if self.late and not self.full and self.due is None:
            self._deliver()
        self.regulate()

    def _write(self, data):
        if self.target.transport is not None and not self.target.transport.is_closing():
            self.target.transport.write(data)

    def flush(self):
        if self.due is not None:
            self.due.cancel()
        while self.late:
            self._write(self.late.popleft()[1])

    @property
    def waiting(self):
        """Bytes that we have and the receiving kernel has not."""
        transport = self.target.transport
        gone = transport is None or transport.is_closing()      # it has forgotten what it held
        return sum(len(data) for _, data in self.late) + (self.stuck if gone else transport.get_write_buffer_size())

    def regulate(self):
        """We hold as little as possible: what we have not read is with the sender."""
        wanted = not (self.full or self.line.held or len(self.late) > 50)
        if self.source.transport is None or self.source.transport.is_closing():
            return
        self.source.transport.resume_reading() if wanted else self.source.transport.pause_reading()

    def _scan(self, data):
        text, start, end = self.tail + data, self.total - len(self.tail), 0
        for mark in MARKS.finditer(text):
            end = mark.end()
            self.conn.marked(self, start + end, mark)
        self.tail = text[max(end, len(text) - LONGEST_MARK):]

    def reached(self):
        """The numbers of the messages that the receiver got, in their order, as in .passed."""
        limit = self.total if self.limit is None else self.limit
        return self.passed[:bisect.bisect_right(self.passed, limit, key=lambda one: one[0])]


class End(asyncio.Protocol):
    """One end of a connection.  OUT is the way from here, IN the way to here."""

    def __init__(self, conn, out, in_):
        self.conn, self.out, self.in_ = conn, out, in_
        out.source = in_.target = self
        self.transport = None

    def connection_made(self, transport):
        self.transport = transport
        transport.set_write_buffer_limits(high=0)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.in_.blocked(None)

    def data_received(self, data):
        self.out.feed(data)

    def pause_writing(self):
        self.in_.blocked(self.transport.get_write_buffer_size())

    def resume_writing(self):
        self.in_.blocked(None)

    def eof_received(self):
        return False

    def connection_lost(self, problem):
        self.conn.lost(self)


class Conn:
    """A connection through the line."""

    def __init__(self, line):
        self.line, self.began, self.ended = line, line.clock(), None
        self.inward, self.outward = Way(line, self, INWARD), Way(line, self, OUTWARD)
        self.inner, self.outer = End(self, self.outward, self.inward), End(self, self.inward, self.outward)
        self.nick = None                                    # of an IRC client
        self.questions = collections.OrderedDict()          # from inside: id to (position, whom)
        self.acked = {}                                     # whom to the position outward that is answered for
        self.gateway_killed = self.server_killed = self.was_cut = None      # when

    def marked(self, way, position, mark):
        number, message, iq, ping, pong, nick = mark.groups()
        if number is not None:
            way.passed.append((position, int(number), way.whom))
        elif message is not None:
            way.whom = attributes(message).get("to", "").partition("/")[0]
        elif iq is not None:
            self._iq(way, position, attributes(iq))
        elif ping is not None and way is self.outward:
            self.questions[ping.decode()] = (position, "")
        elif pong is not None and way is self.inward and pong.decode() in self.questions:
            self.acked[""] = self.questions.pop(pong.decode())[0]
        elif nick is not None and way is self.outward and self.nick is None:
            self.nick = nick.decode()

    def _iq(self, way, position, iq):
        name, kind = iq.get("id"), iq.get("type")
        if way is self.outward and kind == "get":
            self.questions[name] = (position, iq.get("to", ""))
        elif way is self.inward and kind in ("result", "error") and name in self.questions:
            asked, whom = self.questions.pop(name)
            self.acked[whom] = max(asked, self.acked.get(whom, 0))

    def answered_for(self, whom):
        """So many bytes outward are acknowledged: by the server itself, or by WHOM."""
        return max((position for name, position in self.acked.items()
                    if "@" not in name or whom and name.split("/")[0] == whom), default=0)

    def ends_lost(self, way):
        """What we still have will not get there."""
        if way.limit is None:
            way.limit = way.total - way.waiting

    def lost(self, end):
        """One end is gone; the other follows, when it has what we had."""
        other = self.outer if end is self.inner else self.inner
        self.ends_lost(end.in_)
        if self.ended is None:
            self.ended = self.line.clock()
        end.out.flush()
        if other.transport is not None and not other.transport.is_closing():
            other.transport.close()

    def cut(self, reset):
        self.was_cut = self.line.clock()
        for end in (self.inner, self.outer):
            if end.transport is None or end.transport.is_closing():
                continue
            if reset:
                self.ends_lost(end.in_)
                end.transport.abort()
            else:
                end.in_.flush()
                end.transport.close()

    async def hub_dies(self):
        """The hub does not run any more.  Says how many bytes it leaves unread."""
        hub = self.inner.transport.get_extra_info("peername")[1]
        for _ in range(100):            # what we wrote may be on its way for a while, on a busy machine, and the hub's kernel has it then
            if kernel_queues(self.line.port, hub)[0] == 0:
                break
            await asyncio.sleep(0.01)
        self.gateway_killed = self.line.clock()
        unread = kernel_queues(hub, self.line.port)[1]
        self.inward.limit = self.inward.total - self.inward.waiting - unread
        return unread

    @property
    def open(self):
        return self.ended is None and self.outer.transport is not None


class Line:
    """Listens on .port of 127.0.0.1 for a server at PORT."""

    def __init__(self, name, clock):
        self.name, self.clock = name, clock
        self.target = None
        self.conns = []
        self.down = self.held = False
        self.record = None                                  # a file for everything that passes
        self.delay, self.pace = 0, 0                        # seconds; bytes a second, 0: as fast as it goes

    async def start(self, target):
        self.target, loop = target, asyncio.get_running_loop()
        self.server = await loop.create_server(self._accepted, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    def _accepted(self):
        conn = Conn(self)
        self.conns.append(conn)
        made = conn.inner.connection_made

        def connected(transport):
            made(transport)
            asyncio.ensure_future(self._connect(conn))
        conn.inner.connection_made = connected
        return conn.inner

    async def _connect(self, conn):
        try:
            if self.down:
                raise ConnectionRefusedError
            await asyncio.get_running_loop().create_connection(lambda: conn.outer, "127.0.0.1", self.target)
        except OSError:
            conn.inner.transport.abort()
            return
        if conn.ended is not None:
            conn.outer.transport.abort()

    @property
    def open(self):
        return [conn for conn in self.conns if conn.open]

    def cut(self, reset=False):
        """Everything that is connected; nothing connects while .down is set."""
        for conn in self.open:
            conn.cut(reset)

    def hold(self, held):
        """Nothing passes, and nothing is lost."""
        self.held = held
        for conn in self.open:
            conn.inward.regulate()
            conn.outward.regulate()

    async def stop(self):
        if self.record is not None:
            self.record.close()
        self.server.close()
        for conn in self.conns:
            for end in (conn.inner, conn.outer):
                if end.transport is not None:
                    end.transport.abort()
