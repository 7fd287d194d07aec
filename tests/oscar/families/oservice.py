# SPDX-License-Identifier: GPL-2.0-or-later
"""Family 01: versions, rates, one's own info and status, going on line, services."""

import time

from oscar import codec, login
from oscar.codec import Malformed, Room, Snac, encode_rates, u16
from oscar.connection import Closed
from oscar.rates import MEMBERS
from oscar.state import INVISIBLE

SERVICES = {0x07, 0x0D, 0x0E, 0x0F, 0x10, 0x18}


def versions(connection, snac):
    reader, pairs = snac.reader(), []
    while len(reader):
        pairs.append((reader.u16(), reader.u16()))
    connection.session.versions.update(pairs)
    for family, _ in pairs:
        if family not in connection.offered:
            connection.violate(f"01/17 asks for family {family:02X}, which 01/03 does not offer")
    connection.answer(snac, 0x18, snac.body)
    if connection.service == "BOS":
        connection.send(Snac(0x01, 0x13, u16(4) + codec.tlv(0x0B, b"Welcome to the scripted OSCAR server")))


def rate_parameters(connection, snac):
    connection.answer(snac, 0x07, encode_rates(list(connection.rates.classes.values()), MEMBERS, connection.with_tail))


def rate_subscription(connection, snac):
    reader = snac.reader()
    while len(reader):
        connection.session.subscribed.add(reader.u16())


def own_info(connection, snac):
    body = connection.account.info(connection.session).encode()
    if connection.session.versions.get(0x01, 1) >= 4:
        others = [one for one in connection.account.sessions if one is not connection.session]
        body += b"".join(connection.account.info(one).encode() for one in others)
    connection.answer(snac, 0x0F, body)


def client_online(connection, snac):
    reader = snac.reader()
    while len(reader):
        reader.take(8)
    connection.ready = True
    if connection.room:
        connection.room.enter(connection)
    if connection.service != "BOS":
        return
    session, account = connection.session, connection.account
    session.ready = True
    connection.send(Snac(0x0B, 0x02, u16(1)))
    if not session.status & INVISIBLE:
        connection.server.announce(account)
    connection.server.show_all(session)
    if account.stored:
        account.receive_note(f"You have {len(account.stored)} stored message(s).")


def idle(connection, snac):
    seconds = snac.reader().u32()
    connection.session.idle_since = time.time() - seconds if seconds else 0
    tell(connection)


def status(connection, snac):
    """The word replaces the old one; the text of TLV 1D is neither kept nor passed on."""
    tlvs, session = snac.tlvs(), connection.session
    was_visible = connection.account.visible
    if tlvs.has(0x06):
        if len(tlvs.get(0x06)) != 4:
            raise Malformed("TLV 06 of 01/1E has not four bytes")
        session.status = tlvs.number(0x06)
    if tlvs.has(0x0C):
        if len(tlvs.get(0x0C)) < 37:
            raise Malformed("TLV 0C of 01/1E has fewer than 37 bytes")
        session.direct = tlvs.get(0x0C)[:37]
    own_info(connection, snac)
    tell(connection, was_visible)


def tell(connection, was_visible=None):
    account, server = connection.account, connection.server
    if connection.session.ready:
        if account.visible:
            server.announce(account)
        elif was_visible:
            server.departed_for_all(account)


def service(connection, snac):
    reader = snac.reader()
    family, tlvs = reader.u16(), reader.tlvs()
    server, session = connection.server, connection.session
    if server.service_error:
        return connection.refuse(snac, server.service_error)
    if connection.service != "BOS":
        return connection.refuse(snac, 0x08)
    if tlvs.has(0x8C) and not connection.tls:
        return connection.refuse(snac, 0x1C)
    if family not in SERVICES:
        return connection.refuse(snac, 0x05)
    room = None
    if family == 0x0E:
        wanted = Room.read_id(codec.Reader(tlvs.get(0x01, b"")))
        room = server.rooms.get((wanted.exchange, wanted.cookie.lower()))
        if room is None:
            connection.violate(f"01/04 for a room that is not there: {wanted.cookie}")
            raise Closed
    cookie = login.issue(server, login.Ticket(session.account, service=family, session=session, room=room))
    where, tls = login.address(connection)
    connection.answer(snac, 0x05, codec.Tlvs([(0x0D, u16(family)), where, (0x06, cookie), tls]).encode())


def nothing(connection, snac):
    pass


HANDLERS = {(0x01, 0x17): versions, (0x01, 0x06): rate_parameters, (0x01, 0x08): rate_subscription, (0x01, 0x0E): own_info,
            (0x01, 0x02): client_online, (0x01, 0x11): idle, (0x01, 0x1E): status, (0x01, 0x04): service,
            (0x01, 0x0C): nothing, (0x01, 0x14): nothing, (0x01, 0x20): nothing}
