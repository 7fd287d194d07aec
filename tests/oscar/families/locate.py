# SPDX-License-Identifier: GPL-2.0-or-later
"""Families 02, 0F and 0A: profiles, away texts, capabilities, the directory."""

from oscar import codec
from oscar.codec import Malformed, Tlvs, mime, normal, tlv, u16
from oscar.families.oservice import tell

ASCII_MIME = mime("us-ascii").encode()
SEARCHABLE = (0x01, 0x02, 0x03, 0x04, 0x06, 0x07, 0x08, 0x0C, 0x0D, 0x21)


def rights(connection, snac):
    connection.answer(snac, 0x03, b"".join(tlv(kind, u16(1000)) for kind in range(1, 6)))


def set_info(connection, snac):
    tlvs, session = snac.tlvs(), connection.session
    capabilities = tlvs.get(0x05, b"")
    if len(capabilities) % 16:
        raise Malformed("capabilities are not a multiple of 16 bytes")
    if tlvs.has(0x02):
        connection.account.profile, connection.account.profile_type = tlvs.get(0x02), tlvs.get(0x01, b"")
    if tlvs.has(0x05):
        session.capabilities = [capabilities[at:at + 16] for at in range(0, len(capabilities), 16)]
    if tlvs.has(0x04):
        session.away = tlvs.get(0x04) or None
    if tlvs.has(0x04) or tlvs.has(0x05):
        tell(connection)


def info(connection, snac, mask, name):
    """Mask: 1 profile, 2 away text, 4 capabilities. The charset of an away text is forgotten, as on the real server."""
    account = connection.server.accounts.get(normal(name))
    if account is None or not account.online or account.blocks(connection.account) or not account.visible:
        return connection.refuse(snac, 0x04)
    tlvs = Tlvs()
    if mask & 1:
        tlvs += [(0x01, account.profile_type or ASCII_MIME), (0x02, account.profile or b"")]
    away = [session.away for session in account.online]
    if mask & 2 and all(text is not None for text in away):
        tlvs += [(0x03, ASCII_MIME), (0x04, away[0])]
    if mask & 4:
        tlvs.append((0x05, b"".join(account.online[0].capabilities)))
    connection.answer(snac, 0x06, account.info().encode() + tlvs.encode())
    return None


def info_by_old_mask(connection, snac):
    reader = snac.reader()
    info(connection, snac, reader.u16(), reader.name())


def info_by_mask(connection, snac):
    reader = snac.reader()
    info(connection, snac, reader.u32(), reader.name())


def set_directory(connection, snac):
    connection.account.directory = snac.tlvs()
    connection.answer(snac, 0x0A, u16(1))


def get_directory(connection, snac):
    account = connection.server.accounts.get(normal(snac.reader().name()))
    tlvs = account.directory.without(0x0A) if account else Tlvs()
    connection.answer(snac, 0x0C, u16(1) + tlvs.counted())


def set_keywords(connection, snac):
    connection.account.keywords = [codec.decode_utf8(word).lower() for word in snac.tlvs().all(0x0B)]
    connection.answer(snac, 0x10, u16(1))


def search(connection, snac):
    """By e-mail, interest, or names; those that have not agreed to be found are not."""
    wanted, found = snac.tlvs(), []
    fields = [(kind, value.lower()) for kind, value in wanted if kind in SEARCHABLE and value]
    for account in connection.server.accounts.values():
        directory = account.directory
        if wanted.get(0x05):
            fits = account.email.lower() == wanted.text(0x05).lower()
        elif wanted.get(0x0B):
            fits = wanted.text(0x0B).lower() in getattr(account, "keywords", ())
        else:
            fits = fields and directory.number(0x0A) and all(
                directory.get(kind, b"").lower() == value for kind, value in fields)
        if fits:
            found.append(Tlvs([*directory.without(0x0A), (0x09, account.name.encode())]))
    connection.answer(snac, 0x03, u16(5) + u16(0) + u16(len(found)) + b"".join(one.counted() for one in found))


def lookup_email(connection, snac):
    wanted = codec.decode_utf8(snac.body).lower()
    names = [account.name for account in connection.server.accounts.values() if wanted and account.email.lower() == wanted]
    if not names:
        return connection.refuse(snac, 0x14)
    connection.answer(snac, 0x03, b"".join(tlv(0x01, name.encode()) for name in names))
    return None


HANDLERS = {(0x02, 0x02): rights, (0x02, 0x04): set_info, (0x02, 0x05): info_by_old_mask, (0x02, 0x15): info_by_mask,
            (0x02, 0x09): set_directory, (0x02, 0x0B): get_directory, (0x02, 0x0F): set_keywords,
            (0x0F, 0x02): search, (0x0A, 0x02): lookup_email}
