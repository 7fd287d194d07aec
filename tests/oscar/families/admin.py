# SPDX-License-Identifier: GPL-2.0-or-later
"""Family 07: the account's name, address and password."""

from oscar.codec import Tlvs, normal, tlv, u16

NAME_DIFFERS, WRONG_PASSWORD, BAD_NAME, BAD_EMAIL, NAME_LENGTH, PASSWORD_LENGTH, NO_OLD_PASSWORD = 1, 2, 6, 8, 0x0B, 0x0C, 0x0F
PERMISSIONS = u16(3)


def ask(connection, snac):
    account, found = connection.account, Tlvs()
    for kind, _ in snac.tlvs():
        value = {0x01: account.name.encode(), 0x11: account.email.encode(), 0x13: u16(3)}.get(kind)
        if value is not None:
            found.append((kind, value))
    connection.answer(snac, 0x03, PERMISSIONS + found.counted())


def change(connection, snac):
    account, tlvs = connection.account, snac.tlvs()
    done, code = Tlvs(), None
    if tlvs.has(0x01):
        name = tlvs.text(0x01)
        code = NAME_LENGTH if len(name) > 18 else NAME_DIFFERS if normal(name) != account.key else None
        if code is None:
            account.name = name
            done.append((0x01, name.encode()))
    elif tlvs.has(0x11):
        email = tlvs.text(0x11)
        code = None if "@" in email else BAD_EMAIL
        if code is None:
            account.email = email
            done.append((0x11, email.encode()))
    elif tlvs.has(0x02):
        new, old, lengths = tlvs.text(0x02), tlvs.text(0x12), (6, 8) if account.uin else (4, 16)
        code = (NO_OLD_PASSWORD if old is None else WRONG_PASSWORD if old != account.password else
                None if lengths[0] <= len(new) <= lengths[1] else PASSWORD_LENGTH)
        if code is None:
            account.password = new
            done.append((0x02, b""))
    elif tlvs.has(0x13):
        done.append((0x13, tlvs.get(0x13)))
    if code is not None:
        done = Tlvs([(0x04, b"http://example.org/account"), (0x08, u16(code))])
    connection.answer(snac, 0x05, PERMISSIONS + done.counted())
    if code is None and tlvs.has(0x01):
        connection.server.announce(account)


def confirm(connection, snac):
    connection.answer(snac, 0x07, u16(0x1E if connection.account.confirmed else 0) + tlv(0))
    connection.account.confirmed = True


HANDLERS = {(0x07, 0x02): ask, (0x07, 0x04): change, (0x07, 0x06): confirm}
