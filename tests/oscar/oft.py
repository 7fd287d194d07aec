# SPDX-License-Identifier: GPL-2.0-or-later
"""File transfer between peers, for a puppet's side: the 256-byte header, the checksum, sending and receiving one file."""

import asyncio
import struct

from oscar import codec
from oscar.codec import Malformed, Reader, Tlvs, u16, u32
from waiting import TIMEOUT

HERE = b"\x7f\0\0\1"
#: A port where nobody listens.
NOBODY = 9
PROMPT, ACK, DONE, RESUME, RESUME_OFFER, RESUME_ACK = 0x0101, 0x0202, 0x0204, 0x0205, 0x0106, 0x0207
START = 0xFFFF0000
#: cookie, encryption, compression, files, files left, parts, parts left, total, size, time, checksum, three of the resource
#: fork and creation, bytes received, checksum received
FIELDS = struct.Struct(">8s6H10I")


def checksum(data, start=START):
    value = start >> 16
    for number, byte in enumerate(data):
        before, value = value, (value - (byte if number % 2 else byte << 8)) & 0xFFFFFFFF
        if value > before:
            value -= 1
    for _ in range(2):
        value = (value & 0xFFFF) + (value >> 16)
    return value << 16


def same(one, other):
    """0000 and FFFF are the same value."""
    return one % START == other % START


class Header:
    def __init__(self, kind, cookie, name, size, total, received=0, received_checksum=START):
        self.kind, self.cookie, self.name, self.size, self.checksum = kind, cookie, name, size, total
        self.received, self.received_checksum = received, received_checksum

    def encode(self):
        fields = FIELDS.pack(self.cookie, 0, 0, 1, 1, 1, 1, self.size, self.size, 0, self.checksum, START, 0, 0, START,
                             self.received, self.received_checksum)
        tail = b"Cool FileXfer".ljust(32, b"\0") + b"\x20\x1c\x11" + bytes(69 + 16) + u16(0) + u16(0)
        name = self.name.encode().ljust(64, b"\0")
        return b"OFT2" + u16(192 + len(name)) + u16(self.kind) + fields + tail + name

    @classmethod
    async def read(cls, reader):
        head = await asyncio.wait_for(reader.readexactly(8), TIMEOUT)
        if head[:4] != b"OFT2":
            raise Malformed("no header of a file: " + head.hex())
        data = await asyncio.wait_for(reader.readexactly(int.from_bytes(head[4:6], "big") - 8), TIMEOUT)
        fields = FIELDS.unpack(data[:FIELDS.size])
        header = cls(int.from_bytes(head[6:], "big"), fields[0], data[184:].split(b"\0")[0].decode(), fields[8], fields[10],
                     fields[15], fields[16])
        return header


async def send_over(reader, writer, cookie, name, data, spoil=lambda data: data):
    """The sender's side of a connection that is there: the header that ends it. SPOIL may change what is sent."""
    writer.write(Header(PROMPT, bytes(8), name, len(data), checksum(data)).encode())
    answer = await Header.read(reader)
    assert answer.kind == ACK and answer.cookie == cookie, (hex(answer.kind), answer.cookie)
    writer.write(spoil(data))
    return await Header.read(reader)


async def receive_over(reader, writer, cookie):
    """The receiver's side: the name and the bytes."""
    header = await Header.read(reader)
    assert header.kind == PROMPT
    writer.write(Header(ACK, cookie, header.name, header.size, header.checksum).encode())
    data = await asyncio.wait_for(reader.readexactly(header.size), TIMEOUT)
    assert same(checksum(data), header.checksum), (hex(checksum(data)), hex(header.checksum))
    writer.write(Header(DONE, cookie, header.name, header.size, header.checksum, header.size, checksum(data)).encode())
    await asyncio.wait_for(reader.read(), TIMEOUT)
    writer.close()
    return header.name, data


def place(sequence, port, address=HERE, proxy=False):
    """Where the other side is to come to: the TLVs of a proposal. PORT is the pin at a proxy."""
    return [(0x0A, u16(sequence)), (0x02, address), (0x05, u16(port)), (0x10, b"") if proxy else (0x03, address)]


def told(name, size):
    """What a first proposal says of the file, as a TLV."""
    return 0x2711, u16(1) + u16(1) + u32(size) + name.encode() + b"\0"


async def offer(puppet, to, name, data, spoil=lambda data: data):
    """The puppet offers a file, and sends it where it is taken: the header that ends it. SPOIL may change what is sent."""
    result, visits = asyncio.get_running_loop().create_future(), []

    async def serve(reader, writer):
        visits.append(asyncio.current_task())
        if result.cancelled():      # before this visitor had its turn
            writer.close()
            return
        try:
            result.set_result(await send_over(reader, writer, cookie, name, data, spoil))
        except Exception as problem:  # noqa: BLE001 the test is to see it
            result.set_exception(problem)
        finally:
            writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    cookie = puppet.offer(to, codec.FILE, [*place(1, port), (0x0F, b""), told(name, len(data))])
    try:
        return await asyncio.wait_for(result, 2 * TIMEOUT)
    finally:
        listener.close()
        for one in visits:
            one.cancel()


async def take(puppet, sender):
    """The puppet takes the file that SENDER offers: its name and bytes."""
    offered = await puppet.expect_rendezvous(sender, 0)
    reader = Reader(offered.tlvs.get(0x2711))
    assert offered.capability == codec.FILE and (reader.u16(), reader.u16()) == (1, 1)
    size, name = reader.u32(), reader.rest().split(b"\0")[0].decode()
    reader, writer = await asyncio.open_connection("127.0.0.1", offered.tlvs.number(0x05))
    puppet._tell(sender, 2, Tlvs([(0x05, codec.Rendezvous(2, offered.cookie, codec.FILE).encode())]), offered.cookie)
    received = await receive_over(reader, writer, offered.cookie)
    assert received[0] == name and len(received[1]) == size
    return received
