# SPDX-License-Identifier: GPL-2.0-or-later
"""Family 10: images, by their MD5."""

import hashlib

from oscar.codec import BartId, Snac, str16, str8, u8

OK, TOO_BIG, NOT_FOUND = 0, 4, 7
LIMIT = 7168


def upload(connection, snac):
    """The real server turns the mark of the current icon over at each upload; here an upload not asked for is a violation."""
    reader = snac.reader()
    kind, image = reader.u16(), reader.str16()
    one = BartId(kind, hashlib.md5(image).digest())
    if len(image) > LIMIT:
        connection.answer(snac, 0x03, u8(TOO_BIG) + one.encode())
        return
    wanted, account = connection.account.icon(), connection.account
    if one.hash in connection.server.images or not wanted or wanted.hash != one.hash:
        connection.violate("10/02 with an image that the server did not ask for")
    connection.server.images[one.hash] = image
    connection.answer(snac, 0x03, u8(OK) + one.encode())
    if wanted and wanted.hash == one.hash:
        # On BOS, also where the image came by a service connection.
        account.send(Snac(0x01, 0x21, account.icon().encode()))
        connection.server.announce(account)


def download(connection, snac):
    reader = snac.reader()
    owner, _command, one = reader.str8(), reader.u8(), BartId.read(reader)
    if one.flags & 0x40:
        connection.violate("10/04 for an image that the server has not got yet")
    image = connection.server.images.get(one.hash, b"")
    connection.answer(snac, 0x05, str8(owner) + one.encode() + str16(image))


def download_several(connection, snac):
    reader = snac.reader()
    owner = reader.str8()
    for one in [BartId.read(reader) for _ in range(reader.u8())]:
        image = connection.server.images.get(one.hash)
        body = str8(owner) + one.encode() + u8(NOT_FOUND if image is None else OK) + one.encode() + str16(image or b"")
        connection.answer(snac, 0x07, body)


HANDLERS = {(0x10, 0x02): upload, (0x10, 0x04): download, (0x10, 0x06): download_several}
