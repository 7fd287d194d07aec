# SPDX-License-Identifier: GPL-2.0-or-later
"""Peer to peer over a switchboard: packets, invitations, and Peer, which does for a puppet what a client does."""

import asyncio
import base64
import random
import struct
import uuid
from dataclasses import dataclass

from msn import wire

OBJECT, FILE = "A4268EEC-FEC5-49E5-95C3-F126696BDBF6", "5D3E02AB-6190-11D3-BBBB-00C04F795683"
HEADER = struct.Struct("<IIQQIIIIQ")
PIECE = 1202
NORMAL, ACK, DATA, FILE_DATA, CLOSED_BY_SENDER = 0, 2, 0x20, 0x1000030, 0x40


@dataclass
class Packet:
    session: int = 0
    id: int = 0
    offset: int = 0
    total: int = 0
    length: int = 0
    flags: int = 0
    ack_id: int = 0
    ack_uid: int = 0
    ack_size: int = 0
    data: bytes = b""
    footer: int = 0

    def encode(self):
        head = HEADER.pack(self.session, self.id, self.offset, self.total, self.length, self.flags, self.ack_id, self.ack_uid,
                           self.ack_size)
        return head + self.data + struct.pack(">I", self.footer)

    @classmethod
    def read(cls, data):
        """ValueError for what no client may send."""
        if len(data) < 52:
            raise ValueError(f"a packet of {len(data)} bytes")
        packet = cls(*HEADER.unpack_from(data), data[48:-4], struct.unpack(">I", data[-4:])[0])
        if packet.length != len(packet.data) or packet.length > PIECE:
            raise ValueError(f"a packet whose length is {packet.length}, with {len(packet.data)} bytes")
        if packet.offset + packet.length > packet.total and not packet.flags & ACK:
            raise ValueError(f"a piece that ends at {packet.offset + packet.length} of {packet.total}")
        return packet


def payload(receiver, packet):
    return wire.Message.make("application/x-msnmsgrp2p", packet.encode(), P2P_Dest=receiver).encode()


def guid():
    return "{" + str(uuid.uuid4()).upper() + "}"


@dataclass
class Slp:
    """A negotiation text."""

    first: str
    headers: dict
    body: dict

    def encode(self):
        body = "".join(f"{name}: {value}\r\n" for name, value in self.body.items()).encode() + b"\r\n\0"
        head = "".join(f"{name}: {value}\r\n" for name, value in {**self.headers, "Content-Length": len(body)}.items())
        return f"{self.first}\r\n{head}\r\n".encode() + body

    @classmethod
    def read(cls, data):
        text, _, body = data.partition(b"\r\n\r\n")
        first, *lines = text.decode().split("\r\n")
        headers = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if int(headers.get("Content-Length", -1)) != len(body):
            raise ValueError(f"Content-Length {headers.get('Content-Length')} of {len(body)} bytes: {data!r}")
        if not body.endswith(b"\0"):
            raise ValueError(f"no zero at the end: {data!r}")
        for name in ("To", "From", "Via", "CSeq", "Call-ID", "Max-Forwards", "Content-Type"):
            if name not in headers:
                raise ValueError(f"no {name}: {data!r}")
        pairs = (line.partition(":") for line in body.rstrip(b"\0").decode().split("\r\n") if line)
        return cls(first, headers, {name: value.strip() for name, _, value in pairs})


def slp(first, to, sender, kind, body, call=None, branch=None, sequence="0 "):
    headers = {"To": f"<msnmsgr:{to}>", "From": f"<msnmsgr:{sender}>", "Via": f"MSNSLP/1.0/TLP ;branch={branch or guid()}",
               "CSeq": sequence, "Call-ID": call or guid(), "Max-Forwards": "0",
               "Content-Type": f"application/x-msnmsgr-{kind}"}
    return Slp(first, headers, body)


def file_context(name, size):
    return struct.pack("<IIQI", 574, 2, size, 1) + name.encode("utf-16-le").ljust(520, b"\0")[:520] + bytes(30) + b"\xff" * 4


def read_file_context(data):
    """(name, size)"""
    length, _, size, _ = struct.unpack_from("<IIQI", data)
    if length not in (574, 638) or len(data) < length:
        raise ValueError(f"a file context of {len(data)} bytes that says {length}")
    return data[20:540].decode("utf-16-le").partition("\0")[0], size


class Transfer:
    """One session. .outcome is a future: the bytes received, "sent", "declined" or "cancelled"."""

    def __init__(self, call, session, kind, data=None, name=None):
        self.call, self.session, self.kind, self.data, self.name = call, session, kind, data, name
        self.size, self.delivered = len(data or b""), False
        self.outcome = asyncio.get_running_loop().create_future()

    def end(self, outcome):
        if not self.outcome.done():
            self.outcome.set_result(outcome)


class Peer:
    """One puppet's side of the traffic with one other. SEND takes a payload; what the other does wrong goes to VIOLATE."""

    def __init__(self, user, other, send, violate):
        self.user, self.other, self.send, self.violate = user, other, send, violate
        self.next_id, self.parts, self.transfers = random.randrange(1000, 1 << 31), {}, {}
        self.unacknowledged = {}

    def _number(self):
        self.next_id = self.next_id + 1 & 0xFFFFFFFF
        return self.next_id

    def _say(self, session, data, flags=NORMAL, footer=0, then=None):
        """A whole message in its pieces; THEN is called when it is acknowledged."""
        number, mark = self._number(), random.randrange(1, 1 << 31)
        self.unacknowledged[number] = (mark, len(data), then)
        for at in range(0, max(1, len(data)), PIECE):
            piece = data[at:at + PIECE]
            packet = Packet(session, number, at, len(data), len(piece), flags, mark, 0, 0, piece, footer)
            self.send(payload(self.other, packet))

    def hear(self, data):
        try:
            self._hear(Packet.read(data))
        except (ValueError, KeyError, UnicodeDecodeError, struct.error) as problem:
            self.violate(f"peer to peer: {problem!r}")

    def _hear(self, packet):
        if packet.flags & 0xFF == ACK:
            known = self.unacknowledged.pop(packet.ack_id, None)
            if known is None or (packet.ack_uid, packet.ack_size) != known[:2]:
                self.violate(f"peer to peer: an ACK of what was not sent: {packet}, {known}")
            elif known[2]:
                known[2]()
            return
        if packet.flags & 0xC0:
            for one in self.transfers.values():
                if one.session == packet.session:
                    one.end("cancelled")
            return
        if packet.flags & ~0x1000000 not in (NORMAL, DATA, 0x30):
            self.violate(f"peer to peer: flags {packet.flags:#x}")
            return
        key = (packet.session, packet.id)
        held = self.parts.setdefault(key, bytearray())
        if packet.offset != len(held):
            self.violate(f"peer to peer: a piece at {packet.offset} where {len(held)} is next")
        held += packet.data
        if len(held) < packet.total:
            return
        del self.parts[key]
        acknowledge = Packet(packet.session, self._number(), 0, packet.total, 0, ACK, packet.id, packet.ack_id, packet.total)
        self.send(payload(self.other, acknowledge))
        if packet.session:
            self._got_data(packet, bytes(held))
        else:
            self._got_text(Slp.read(bytes(held)))

    # Negotiation

    def _got_text(self, text):
        call = text.headers["Call-ID"]
        self.user.negotiations.append(text)
        if text.first.startswith("INVITE"):
            self._invited(text, call)
        elif text.first.startswith("BYE"):
            if call in self.transfers:
                done = self.transfers[call]
                done.end("sent" if done.delivered else "cancelled")
        elif call in self.transfers:
            status = text.first.split(" ")[1]
            if status == "200":
                self._begin(self.transfers[call])
            else:
                self.transfers[call].end("declined")
        else:
            self.violate(f"peer to peer: an answer to no call: {text.first}")

    def answer(self, text, status):
        session = {"SessionID": text.body["SessionID"]} if "SessionID" in text.body else {}
        branch = text.headers["Via"].partition("branch=")[2]
        said = slp(f"MSNSLP/1.0 {status}", self.other, self.user.address, "sessionreqbody", session, text.headers["Call-ID"],
                   branch, "1 ")
        self._say(0, said.encode())

    def _invited(self, text, call):
        kind = text.body.get("EUF-GUID", "").strip("{}")
        if text.headers["Content-Type"].endswith("transreqbody"):
            branch = text.headers["Via"].partition("branch=")[2]
            body = {"Bridge": "TCPv1", "Listening": "false", "Nonce": "{00000000-0000-0000-0000-000000000000}"}
            said = slp("MSNSLP/1.0 200 OK", self.other, self.user.address, "transrespbody", body, call, branch, "1 ")
            self._say(0, said.encode())
            return
        session, context = int(text.body["SessionID"]), base64.b64decode(text.body.get("Context", ""))
        if kind == OBJECT:
            digest = wire.object_fields(context.rstrip(b"\0").decode()).get("SHA1D")
            data = self.user.pictures.get(digest)
            if data is None:
                self.answer(text, "500 Internal Error")
                return
            self.transfers[call] = transfer = Transfer(call, session, kind, data)
            self.answer(text, "200 OK")
            self._say(session, bytes(4), NORMAL, 1, lambda: self._give(transfer, DATA, 1))
        elif kind == FILE:
            name, size = read_file_context(context)
            self.transfers[call] = transfer = Transfer(call, session, kind, None, name)
            transfer.size = size
            self.user.files.put((self, text, transfer))
            if self.user.accepts_files is not None:
                self.answer(text, "200 OK" if self.user.accepts_files else "603 Decline")
        else:
            self.answer(text, "603 Decline")

    def invite(self, kind, application, context, data=None, name=None):
        """Asks for an object or offers a file."""
        transfer = Transfer(guid(), random.randrange(1, 1 << 31), kind, data, name)
        self.transfers[transfer.call] = transfer
        body = {"EUF-GUID": "{" + kind + "}", "SessionID": transfer.session, "AppID": application,
                "Context": base64.b64encode(context).decode()}
        said = slp(f"INVITE MSNMSGR:{self.other} MSNSLP/1.0", self.other, self.user.address, "sessionreqbody", body, transfer.call)
        self._say(0, said.encode())
        return transfer

    def fetch(self, object_text):
        return self.invite(OBJECT, 1, object_text.encode() + b"\0")

    def offer(self, name, data, size=None):
        return self.invite(FILE, 2, file_context(name, len(data) if size is None else size), data, name)

    def bye(self, transfer):
        said = slp(f"BYE MSNMSGR:{self.other} MSNSLP/1.0", self.other, self.user.address, "sessionclosebody", {}, transfer.call)
        self._say(0, said.encode())

    # Data

    def _begin(self, transfer):
        """It was accepted."""
        if transfer.kind == FILE and not self.user.stalls_files:
            self._give(transfer, FILE_DATA, 2)

    def _give(self, transfer, flags, footer):
        def acknowledged():
            transfer.delivered = True
        self._say(transfer.session, transfer.data, flags, footer, acknowledged)

    def _got_data(self, packet, data):
        found = next((one for one in self.transfers.values() if one.session == packet.session), None)
        if found is None:
            self.violate(f"peer to peer: data of an unknown session {packet.session}")
        elif packet.flags & ~0x1000000 != NORMAL:
            if found.kind == FILE and len(data) != found.size:
                self.violate(f"peer to peer: a file of {len(data)} bytes that was to have {found.size}")
            found.end(data)
            self.bye(found)
