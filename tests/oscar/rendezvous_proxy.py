# SPDX-License-Identifier: GPL-2.0-or-later
"""A rendezvous proxy, where two that cannot reach each other meet to transfer a file, and how a puppet comes there."""

import asyncio
import random
import socket

from oscar import codec
from oscar.codec import Reader, str8, tlv, u16, u32
from waiting import TIMEOUT

#: Of all such proxies: a proposal has no room for a port.
PORT = 5190
VERSION = 0x044A
ERROR, CREATE, CREATED, JOIN, READY = range(1, 6)
BAD_REQUEST = 0x0D


async def read_frame(reader):
    """Its command, and the rest as a Reader."""
    length = int.from_bytes(await asyncio.wait_for(reader.readexactly(2), TIMEOUT), "big")
    frame = Reader(await asyncio.wait_for(reader.readexactly(length), TIMEOUT))
    assert frame.u16() == VERSION
    command = frame.u16()
    frame.take(6)
    return command, frame


def write_frame(writer, command, body=b"", flags=0):
    writer.write(u16(10 + len(body)) + u16(VERSION) + u16(command) + u32(0) + u16(flags) + body)


async def pipe(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


class Proxy:
    """Listens at a loopback address of its own. REFUSES is the code of the error that everybody gets; SAYS_WHERE is
    whether it tells its address."""

    def __init__(self, refuses=None, says_where=True):
        self.host = "127." + ".".join(str(random.randrange(1, 255)) for _ in range(3))
        self.refuses, self.says_where = refuses, says_where
        self.places, self.tasks = {}, set()

    @property
    def address(self):
        return socket.inet_aton(self.host)

    async def start(self):
        self.listener = await asyncio.start_server(self._serve, self.host, PORT)
        return self

    async def stop(self):
        self.listener.close()
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _serve(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        try:
            command, frame = await read_frame(reader)
            frame.name()
            pin = frame.u16() if command == JOIN else random.randrange(1, 1 << 16)
            cookie = frame.take(8)
            assert frame.tlvs().get(0x01) == codec.FILE
            if self.refuses:
                write_frame(writer, ERROR, u16(self.refuses))
            elif command == CREATE:
                self.places[pin, cookie] = guest = asyncio.get_running_loop().create_future()
                write_frame(writer, CREATED, u16(pin) + (self.address if self.says_where else bytes(4)), 0x0220)
                await self._introduce((reader, writer), await guest)
            elif (pin, cookie) in self.places:
                self.places.pop((pin, cookie)).set_result((reader, writer))
                return          # the one who made the place does the rest
            else:
                write_frame(writer, ERROR, u16(BAD_REQUEST))
            writer.close()
        except (OSError, asyncio.IncompleteReadError):
            writer.close()
        finally:
            self.tasks.discard(asyncio.current_task())

    @staticmethod
    async def _introduce(host, guest):
        for _, writer in (host, guest):
            write_frame(writer, READY, b"", 0x0220)
        await asyncio.gather(pipe(host[0], guest[1]), pipe(guest[0], host[1]))


async def create(proxy, puppet, cookie):
    """The puppet makes a place: its pin, reader and writer."""
    reader, writer = await asyncio.open_connection(proxy.host, PORT)
    write_frame(writer, CREATE, str8(puppet.name) + cookie + tlv(0x01, codec.FILE))
    command, frame = await read_frame(reader)
    assert command == CREATED
    return frame.u16(), reader, writer


async def join(puppet, proposal):
    """The puppet comes to the place that was proposed: reader and writer, when both are there."""
    reader, writer = await asyncio.open_connection(socket.inet_ntoa(proposal.tlvs.get(0x02)), PORT)
    write_frame(writer, JOIN, str8(puppet.name) + u16(proposal.tlvs.number(0x05)) + proposal.cookie + tlv(0x01, codec.FILE))
    await ready(reader)
    return reader, writer


async def ready(reader):
    command, _ = await read_frame(reader)
    assert command == READY
