# SPDX-License-Identifier: GPL-2.0-or-later
"""Family 04: messages, typing, warnings, messages stored for who is off line."""

import re
import socket
import time

from oscar import codec
from oscar.codec import Icbm, Malformed, OldMessage, Reader, Rendezvous, Snac, Tlvs, normal, str8, u16, u32
from oscar.families import feedbag
from oscar.state import STORE_LIMIT, Stored, delayed

NOT_LOGGED_IN, YOU_BLOCK, DENIED, NOT_SUPPORTED = 0x04, 0x10, 0x0D, 0x08
NOT_ACCEPTED, STORE_FULL = 0x0E, 0x0F
LONGEST = 2544 + 20     # what clients take, with the frames of the fragments


def parameters(connection, snac):
    connection.answer(snac, 0x05, u16(100) + u32(3) + u16(512) + u16(999) + u16(999) + u32(0))


def set_parameters(connection, snac):
    snac.reader().take(16)


def send(connection, snac):
    message = Icbm.read_sent(snac.reader())
    server, sender = connection.server, connection.account
    _check(connection, message)
    if server.message_error:
        return connection.refuse(snac, *server.message_error)
    receiver = server.accounts.get(normal(message.peer))
    if receiver is None:
        return connection.refuse(snac, NOT_LOGGED_IN)
    if sender.blocks(receiver):
        return connection.refuse(snac, YOU_BLOCK)
    if receiver.blocks(sender):
        return connection.refuse(snac, NOT_LOGGED_IN)
    if message.channel == 4 and receiver.list_in_use and feedbag.convert_old(
            sender, receiver, OldMessage.read(Reader(message.tlvs.get(0x05)))):
        return None
    receiver.heard[sender.key] = time.time()
    if receiver.online:
        deliver(sender, receiver, message, connection)
    elif not message.tlvs.has(0x06):
        return connection.refuse(snac, NOT_LOGGED_IN)
    elif not accepts_stored(receiver):
        return connection.refuse(snac, NOT_LOGGED_IN, NOT_ACCEPTED)
    elif sum(one.sender is sender for one in receiver.stored) >= STORE_LIMIT:
        return connection.refuse(snac, NOT_LOGGED_IN, STORE_FULL)
    else:
        receiver.stored.append(Stored(sender, message.channel, message.cookie, message.tlvs, int(time.time())))
    if message.tlvs.has(0x03):
        connection.answer(snac, 0x0C, message.cookie + u16(message.channel) + str8(message.peer))
    return None


def _check(connection, message):
    """What the real server closes the connection for, or what is sure to go wrong there."""
    inside = message.tlvs.get(0x05, b"")
    if message.channel == 1:
        codec.read_fragments(message.tlvs.get(0x02, b""))
        if len(message.tlvs.get(0x02, b"")) > LONGEST:
            connection.violate(f"a message of {len(message.tlvs.get(0x02))} bytes")
        if not message.tlvs.has(0x02):
            connection.violate("a message of channel 1 without TLV 02")
    elif message.channel == 2:
        if len(inside) < 26:
            raise Malformed("TLV 05 of channel 2 has fewer than 26 bytes")
        Rendezvous.read(Reader(inside))
        if message.tlvs.has(0x06):
            connection.violate("TLV 06 on channel 2")
    elif message.channel == 4:
        OldMessage.read(Reader(inside))


def deliver(sender, receiver, message, connection=None):
    """To the sessions that are neither away nor idle, or to all if there are none."""
    tlvs = message.tlvs.without(0x03, 0x06)
    if message.channel == 2:
        tlvs = tlvs.with_(0x05, _with_address(tlvs.get(0x05), connection))
    if sender.types_openly:
        tlvs.append((0x0B, b""))
    info = sender.info(connection.session if connection else None)
    for session in _awake(receiver):
        out = tlvs
        if message.channel == 1 and sender.uin and not session.understands_html():
            out = Tlvs((kind, strip(value) if kind == 0x02 else value) for kind, value in tlvs)
        session.send(Snac(0x04, 0x07, Icbm(message.cookie, message.channel, info, out).encode(), 0x80000000))


def _awake(account):
    return [one for one in account.online if one.away is None and not one.idle_since] or account.online


def _with_address(data, connection):
    inside = Rendezvous.read(Reader(data))
    if inside.kind == 0 and inside.tlvs.has(0x03) and connection:
        address = socket.inet_aton(connection.peer)
        inside.tlvs = Tlvs([*((kind, address if kind == 0x03 else value) for kind, value in inside.tlvs), (0x04, address)])
    return inside.encode()


def strip(data):
    """Takes the tags out of fragments as the real server does for ICQ: byte by byte, whatever the charset."""
    reader, out = Reader(data), b""
    while len(reader):
        head, inside = reader.take(2), reader.str16()
        if head[0] == 1:
            text = re.sub(rb"<[^>]*>", b"", inside[4:]).replace(b"\r", b"\n")
            inside = inside[:4] + text
        out += head + codec.str16(inside)
    return out


def accepts_stored(account):
    """Bit 52 of the preferences, which is on unless it is said to be valid and off."""
    for item in account.of_kind(codec.PREFERENCES):
        bits, valid = item.tlvs.get(0xD7, b""), item.tlvs.get(0xD8, b"")
        if len(valid) > 2 and valid[2] & 0x10:
            return len(bits) > 2 and bool(bits[2] & 0x10)
    return True


def stored_messages(connection, snac):
    """Deleted as they are sent, which loses them where the session is not ready."""
    account = connection.account
    if account.uin:
        connection.violate("04/10 from a number, which reads the same store by family 15")
    stored, account.stored = account.stored, []
    notes, account.notes = account.notes, []
    end = lambda: connection.answer(snac, 0x17)
    if connection.server.end_of_stored_first:
        end()
    for one in stored:
        connection.session.send(delayed(one.cookie, one.channel, one.sender, one.tlvs, one.time))
    for note in notes:
        connection.session.send(feedbag.as_old_message(note))
    if not connection.server.end_of_stored_first:
        end()


def typing(connection, snac):
    reader = snac.reader()
    cookie, channel, name, event = reader.take(8), reader.u16(), reader.name(), reader.u16()
    sender, receiver = connection.account, connection.server.accounts.get(normal(name))
    if receiver and not sender.blocks(receiver) and not receiver.blocks(sender):
        body = cookie + u16(channel) + str8(sender.name) + u16(event)
        for session in receiver.online:
            if session.away is None and not session.idle_since:
                session.send(Snac(0x04, 0x14, body, 0x80000000))


def client_error(connection, snac):
    """Passed on as it is, but with the name of the other side."""
    reader = snac.reader()
    head, name, rest = reader.take(10), reader.name(), reader.rest()
    if len(rest) < 2:
        raise Malformed("04/0B without a reason")
    receiver = connection.server.accounts.get(normal(name))
    if receiver:
        receiver.send(Snac(0x04, 0x0B, head + str8(connection.account.name) + rest, 0x80000000))


def warn(connection, snac):
    reader = snac.reader()
    anonymous, name = reader.u16(), reader.name()
    warner, victim = connection.account, connection.server.accounts.get(normal(name))
    if victim is warner:
        return connection.refuse(snac, NOT_SUPPORTED)
    if victim is None or not victim.online:
        return connection.refuse(snac, NOT_LOGGED_IN)
    if time.time() - warner.heard.get(victim.key, 0) > 3600 or victim.warned >= 3:
        return connection.refuse(snac, DENIED)
    increase = 30 if anonymous else 100
    victim.warned += 1
    victim.warning += increase
    connection.answer(snac, 0x09, u16(increase) + u16(victim.warning))
    victim.send(Snac(0x01, 0x10, u16(victim.warning) + (b"" if anonymous else warner.info().encode()), 0x80000000))
    connection.server.announce(victim)
    return None


HANDLERS = {(0x04, 0x04): parameters, (0x04, 0x02): set_parameters, (0x04, 0x06): send, (0x04, 0x08): warn,
            (0x04, 0x0B): client_error, (0x04, 0x10): stored_messages, (0x04, 0x14): typing}
