# SPDX-License-Identifier: GPL-2.0-or-later
"""Family 15: ICQ's stored messages, information and searches. All in it is little-endian.

Every answer goes through the session, and so is lost before 01/02."""

import time

from oscar import codec
from oscar.codec import Icq, Reader, Snac, decode_utf8, le16, le32, lestr, plain, u8
from oscar.connection import Closed
from oscar.families import feedbag

OK, NOTHING, ERROR = 0x0A, 0x32, 0x14
#: Meta requests that the real server never answers.
IGNORED = {0x042E, 0x04C4, 0x1482, 0x0758, 0x0A8C, 0x0A96, 0x0AAA, 0x0AB4, 0x0AB9, 0x0ABE, 0x0AC8, 0x0ACD, 0x0AD2, 0x0AD7}
#: LE-TLVs of searches and of 0C3A: the field, and how it is read.
FIELDS = {0x0140: ("first", "lestr"), 0x014A: ("last", "lestr"), 0x0154: ("nick", "lestr"), 0x015E: ("email", "lestr"),
          0x0190: ("city", "lestr"), 0x019A: ("state", "lestr"), 0x01A4: ("country", "le16"), 0x017C: ("gender", "u8"),
          0x0172: ("age", "le16"), 0x0213: ("homepage", "lestr"), 0x0258: ("notes", "lestr"), 0x0262: ("street", "lestr"),
          0x0276: ("phone", "lestr"), 0x028A: ("cell", "lestr")}


def request(connection, snac):
    asked = Icq.read(snac.reader())
    if connection.account.uin is None:
        connection.violate(f"{snac} from a user without a number")
    elif asked.uin != connection.account.uin:
        connection.violate(f"{snac} names {asked.uin} as its own number")
    if asked.kind == 0x003C:
        stored_messages(connection, snac, asked)
    elif asked.kind == 0x003E:
        connection.account.stored = [one for one in connection.account.stored if not getattr(one, "shown", False)]
    elif asked.kind == 0x07D0:
        reader = Reader(asked.data)
        subtype = reader.le16()
        if subtype in IGNORED:
            return
        if subtype in connection.server.refused_meta:
            return Answering(connection, snac, asked).meta(connection.server.refused_meta[subtype], ERROR)
        handler = META.get(subtype)
        if handler is None:
            connection.violate(f"meta request {subtype:04X} is not known")
            return
        handler(Answering(connection, snac, asked), reader)
    else:
        connection.violate(f"family 15 type {asked.kind:04X} is not known")
        raise Closed


class Answering:
    """One request and the way to answer it."""

    def __init__(self, connection, snac, asked):
        self.connection, self.server, self.account = connection, connection.server, connection.account
        self.snac, self.asked = snac, asked

    def send(self, kind, data, more=False):
        body = Icq(self.account.uin or 0, kind, self.asked.sequence, data).encode()
        self.connection.session.send(Snac(0x15, 0x03, body, self.snac.request, codec.MORE if more else 0))

    def meta(self, subtype, result=OK, data=b"", more=False):
        self.send(0x07DA, le16(subtype) + u8(result) + data, more)

    def find(self, uin):
        return next((one for one in self.server.accounts.values() if one.uin == uin), None)


def stored_messages(connection, snac, asked):
    """They stay until 003E comes. What authorization left behind comes as its own SNACs if the list is in use."""
    account, answering = connection.account, Answering(connection, snac, asked)
    for one in account.stored:
        one.shown = True
        if one.sender.uin is None or one.channel == 2:
            connection.session.send(feedbag.delayed(one.cookie, one.channel, one.sender, one.tlvs, one.time))
            continue
        when = time.gmtime(one.time)
        if one.channel == 1:
            text = plain(codec.read_fragments(one.tlvs.get(0x02, b""))).encode()
            tail = codec.OldMessage(one.sender.uin, 1, text).encode_tail()
        else:
            tail = Reader(one.tlvs.get(0x05)).data[4:]
        data = le32(one.sender.uin) + le16(when.tm_year) + bytes([when.tm_mon, when.tm_mday, when.tm_hour, when.tm_min])
        answering.send(0x0041, data + tail, more=True)
    if account.list_in_use:
        notes, account.notes = account.notes, []
        for note in notes:
            connection.session.send(feedbag.as_snac(note))
    answering.send(0x0042, u8(0))


# Information

def short_info(answering, reader):
    other = answering.find(reader.le32())
    if other is None:
        return answering.meta(0x0104, ERROR)
    strings = b"".join(lestr(other.icq.get(field, "")) for field in ("nick", "first", "last", "email"))
    answering.meta(0x0104, OK, strings + bytes([0 if other.authorize else 1, 0, other.icq.get("gender", 0)]))
    return None


def texts(facts, *names):
    return b"".join(lestr(facts.get(name, "")) for name in names)


def full_info(answering, reader):
    other = answering.find(reader.le32())
    if other is None:
        answering.connection.violate("full info of a number that is not there")
        raise Closed
    facts = other.icq
    work = facts.get("work", {})
    basic = (texts(facts, "nick", "first", "last", "email", "city", "state", "phone", "fax", "street", "cell", "zip")
             + le16(facts.get("country", 0)) + u8(facts.get("gmt", 0))
             + bytes([0 if other.authorize else 1, int(other.web_aware), 0, facts.get("hidden", 1)]))
    more = (le16(facts.get("age", 0)) + u8(facts.get("gender", 0)) + texts(facts, "homepage") + le16(facts.get("year", 0))
            + bytes([facts.get("month", 0), facts.get("day", 0), 0, 0, 0]) + le16(0) + texts(facts, "birth city", "birth state")
            + le16(0) + u8(0) + bytes(4))
    at_work = (texts(work, "city", "state", "phone", "fax", "address", "zip") + le16(work.get("country", 0))
               + texts(work, "company", "department", "position") + le16(work.get("occupation", 0)) + texts(work, "homepage"))
    interests = (facts.get("interests", []) + [(0, "")] * 4)[:4]
    listed = lambda pairs: u8(len(pairs)) + b"".join(le16(code) + lestr(text) for code, text in pairs)
    past = listed([(0, "")] * 3)
    parts = [(0x00C8, basic), (0x00DC, more), (0x00EB, u8(0)), (0x010E, u8(0) + le16(0) + lestr("") + u8(0)), (0x00D2, at_work),
             (0x00E6, texts(facts, "notes")), (0x00F0, listed(interests)), (0x00FA, past + past)]
    for subtype, data in parts:
        answering.meta(subtype, OK, data, more=subtype != 0x00FA)


# Searches

def results(answering, found):
    def record(other):
        state = (1 if other.visible else 2 if other.online else 0)
        data = (le32(other.uin) + texts(other.icq, "nick", "first", "last", "email") + u8(0 if other.authorize else 1)
                + le16(state) + u8(other.icq.get("gender", 0)) + le16(other.icq.get("age", 0)))
        return le16(len(data)) + data
    if not found:
        answering.meta(0x01AE, NOTHING, le16(18) + bytes(18) + le32(0) + bytes(8))
    for number, other in enumerate(found, 1):
        last = number == len(found)
        answering.meta(0x01AE if last else 0x01A4, OK, record(other) + (le32(0) + bytes(8) if last else bytes(12)), more=not last)


def search_number(answering, reader):
    other = answering.find(reader.le32())
    results(answering, [other] if other else [])


def search_number_tlv(answering, reader):
    value = codec.le_tlvs(reader).get(0x0136)
    search_number(answering, Reader(value or bytes(4)))


def by_fields(answering, wanted):
    """Users of whom all the wanted fields are as wanted; nobody where nothing is."""
    wanted = {field: value for field, value in wanted.items() if value}
    fits = lambda other: all(str(other.icq.get(field, "")).lower() == str(value).lower() for field, value in wanted.items())
    results(answering, [other for other in answering.server.accounts.values() if wanted and other.uin and fits(other)])


def search_email(answering, reader):
    by_fields(answering, {"email": decode_utf8(reader.lestr())})


def search_names(answering, reader):
    by_fields(answering, {field: decode_utf8(reader.lestr()) for field in ("first", "last", "nick")})


def white_pages(answering, reader):
    wanted = {field: decode_utf8(reader.lestr()) for field in ("first", "last", "nick", "email")}
    by_fields(answering, wanted)


def tlv_fields(reader):
    found = {}
    for kind, value in codec.le_tlvs(reader):
        if kind in FIELDS:
            field, how = FIELDS[kind]
            value = getattr(Reader(value), how)()
            found[field] = decode_utf8(value) if how == "lestr" else value
    return found


def search_tlvs(answering, reader):
    by_fields(answering, tlv_fields(reader))


# Changes

def done(answering, subtype):
    """With what the real server's records leave behind the result."""
    answering.meta(subtype, OK, bytes(25))


def set_basic(answering, reader):
    facts = answering.account.icq
    for field in ("nick", "first", "last", "email", "city", "state", "phone", "fax", "street", "cell", "zip"):
        facts[field] = decode_utf8(reader.lestr())
    facts["country"], facts["gmt"] = reader.le16(), reader.u8()
    reader.u8()
    done(answering, 0x0064)


def set_work(answering, reader):
    work = {field: decode_utf8(reader.lestr()) for field in ("city", "state", "phone", "fax", "address", "zip")}
    work["country"] = reader.le16()
    work.update((field, decode_utf8(reader.lestr())) for field in ("company", "department", "position"))
    work["occupation"], work["homepage"] = reader.le16(), decode_utf8(reader.lestr())
    answering.account.icq["work"] = work
    done(answering, 0x006E)


def set_more(answering, reader):
    facts = answering.account.icq
    facts["age"], facts["gender"], facts["homepage"] = reader.u8(), reader.le16() & 0xFF, decode_utf8(reader.lestr())
    facts["year"], facts["month"], facts["day"] = reader.le16(), reader.u8(), reader.u8()
    reader.take(3)
    done(answering, 0x0078)


def set_notes(answering, reader):
    answering.account.icq["notes"] = decode_utf8(reader.lestr())
    done(answering, 0x0082)


def set_emails(answering, reader):
    for _ in range(reader.u8()):
        reader.u8()
        reader.lestr()
    done(answering, 0x0087)


def pairs_of(answering, reader, count):
    found = [(reader.le16(), decode_utf8(reader.lestr())) for _ in range(reader.u8())]
    if len(found) != count:
        answering.connection.violate(f"{len(found)} entries where the real server wants {count}")
        raise Closed
    return found


def set_interests(answering, reader):
    answering.account.icq["interests"] = pairs_of(answering, reader, 4)
    done(answering, 0x008C)


def set_affiliations(answering, reader):
    pairs_of(answering, reader, 3)
    pairs_of(answering, reader, 3)
    done(answering, 0x0096)


def set_permissions(answering, reader):
    account = answering.account
    account.authorize, account.web_aware = reader.u8() == 0, bool(reader.u8())
    reader.take(2)
    done(answering, 0x00A0)


def set_phone(answering, reader):
    done(answering, 0x031E)


def set_anything(answering, reader):
    account, at = answering.account, reader.rest()
    tlvs = codec.le_tlvs(Reader(at))
    if tlvs.has(0x02F8):
        account.authorize = tlvs.get(0x02F8)[:1] == b"\0"
    if tlvs.has(0x030C):
        account.web_aware = tlvs.get(0x030C)[:1] != b"\0"
    if tlvs.has(0x015E):
        account.icq["hidden"] = tlvs.get(0x015E)[-1]
    short = [kind for kind, value in tlvs if FIELDS.get(kind, ("", ""))[1] == "lestr" and len(value) < 3]
    if short:
        answering.connection.violate(f"strings without a NUL, which the real server takes for none: {short}")
    account.icq.update(tlv_fields(Reader(at)))
    done(answering, 0x0C3F)


def xml_query(answering, reader):
    asked = decode_utf8(reader.lestr())
    answering.meta(0x08A2, OK, lestr(f"<value>{plain(asked)}</value>"))


META = {0x04BA: short_info, 0x04B2: full_info, 0x04D0: full_info, 0x051F: search_number, 0x0569: search_number_tlv,
        0x0529: search_email, 0x0573: search_tlvs, 0x0515: search_names, 0x0533: white_pages, 0x055F: search_tlvs,
        0x03EA: set_basic, 0x03F3: set_work, 0x03FD: set_more, 0x0406: set_notes, 0x040B: set_emails, 0x0410: set_interests,
        0x041A: set_affiliations, 0x0424: set_permissions, 0x0654: set_phone, 0x0C3A: set_anything, 0x0898: xml_query}

HANDLERS = {(0x15, 0x02): request}
