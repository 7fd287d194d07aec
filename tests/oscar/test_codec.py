# SPDX-License-Identifier: GPL-2.0-or-later
"""The codec against packets whose bytes and meaning are known (vectors.json), both ways.

A vector has its bytes, the shape of its body, and what it says; 'refused' says that it must not decode."""

import json
import pathlib

import pytest

from oscar import codec
from oscar.codec import (Frame, Icbm, Icq, Item, ItemList, Malformed, OldMessage, Reader, Rendezvous, Room, Snac, Tlvs,
                         UserInfo)

VECTORS = json.loads(pathlib.Path(__file__).with_name("vectors.json").read_text())


def encode(thing):
    if type(thing) is list:
        return b"".join(map(encode, thing))
    return thing if isinstance(thing, bytes) else thing.encode()


def read_rates(tail):
    return lambda reader: [codec.encode_rates(*codec.read_rates(reader, tail), tail)]


#: How each shape is read into things that encode to the same bytes.
SHAPES = {
    "none": lambda reader: [],
    "hello": lambda reader: [reader.take(4), reader.tlvs()],
    "tlvs": lambda reader: [reader.tlvs()],
    "user": lambda reader: [UserInfo.read(reader)],
    "user and tlvs": lambda reader: [UserInfo.read(reader), reader.tlvs()],
    "users": codec.read_users,
    "items": codec.read_items,
    "list": lambda reader: [ItemList.read(reader)],
    "sent": lambda reader: [Icbm.read_sent(reader)],
    "received": lambda reader: [Icbm.read_received(reader)],
    "old rates": read_rates(False),
    "rates": read_rates(True),
    "icq": lambda reader: [Icq.read(reader)],
    "number and tlvs": lambda reader: [reader.take(2), reader.tlvs()],
    "bart": lambda reader: [codec.BartId.read(reader)],
    "room tlv": lambda reader: [Tlvs([(4, Room.read(Reader(value)).encode()) for value in reader.tlvs().all(4)])],
}


def text(value):
    return value.decode() if value.isascii() and value.decode().isprintable() else value.hex()


def facts_of_user(user):
    facts = {"name": user.name, "warning": user.warning, "class": user.classes, "status": user.status}
    if user.idle_minutes:
        facts["idle"] = user.idle_minutes
    if user.icon:
        facts["icon"] = user.icon.hash.hex()
    if user.capabilities:
        facts["capabilities"] = [one.hex() for one in user.capabilities]
    return facts


def facts_of_icbm(message):
    facts = {"cookie": message.cookie.hex(), "channel": message.channel,
             "peer": message.peer if isinstance(message.peer, str) else facts_of_user(message.peer),
             "flags": sorted({3, 4, 6, 11} & {kind for kind, _ in message.tlvs})}
    if message.channel == 1:
        facts["text"] = message.text
    elif message.channel == 2:
        reader = Reader(message.tlvs.get(5))
        inside = Rendezvous.read(reader)
        assert inside.encode() == message.tlvs.get(5)
        facts.update(kind=inside.kind, capability=inside.capability.hex(), types=[kind for kind, _ in inside.tlvs])
        if inside.capability == codec.CHAT:
            room = Room.read_id(Reader(inside.tlvs.get(0x2711)))
            facts.update(room=room.cookie, exchange=room.exchange, invitation=inside.tlvs.text(0x0C))
    else:
        inside = OldMessage.read(Reader(message.tlvs.get(5)))
        assert inside.encode() == message.tlvs.get(5)
        facts.update(sender=inside.sender, kind=inside.kind, fields=[text(part) for part in inside.text.split(b"\xfe")])
    if message.tlvs.has(0x16):
        facts["sent"] = message.tlvs.number(0x16)
    return facts


def facts_of_item(item):
    facts = {"name": item.name, "group": item.group, "id": item.id, "kind": item.kind}
    if item.tlvs:
        facts["tlvs"] = {f"{kind:x}": value.hex() for kind, value in item.tlvs}
    return facts


def facts_of(thing):
    """What a decoded thing says, as JSON."""
    if isinstance(thing, UserInfo):
        return facts_of_user(thing)
    if isinstance(thing, Icbm):
        return facts_of_icbm(thing)
    if isinstance(thing, Tlvs):
        return {f"{kind:x}": text(value) for kind, value in thing}
    if isinstance(thing, Item):
        return facts_of_item(thing)
    if isinstance(thing, ItemList):
        return {"time": thing.time, "items": [facts_of_item(item) for item in thing.items]}
    if isinstance(thing, Icq):
        return {"uin": thing.uin, "kind": thing.kind, "sequence": thing.sequence, "data": thing.data.hex()}
    if isinstance(thing, codec.BartId):
        return {"kind": thing.kind, "flags": thing.flags, "hash": thing.hash.hex()}
    return thing.hex()


def decode(vector):
    """The frame, the SNAC or None, and the things in the body."""
    data = bytes.fromhex(vector["hex"])
    frame = Frame.decode(data)
    snac = Snac.decode(frame.data) if frame.channel == codec.DATA else None
    reader = snac.reader() if snac else Reader(frame.data)
    things = SHAPES[vector["shape"]](reader)
    if vector["shape"] != "none":
        assert not len(reader), "bytes are left: " + reader.rest().hex()
    return frame, snac, things


PACKETS = [vector for vector in VECTORS if "shape" in vector]
REFUSED = [vector for vector in PACKETS if vector.get("refused")]
GOOD = [vector for vector in PACKETS if not vector.get("refused")]


@pytest.mark.parametrize("vector", GOOD, ids=lambda vector: vector["name"])
def test_packet(vector):
    frame, snac, things = decode(vector)
    data = bytes.fromhex(vector["hex"])
    assert frame.encode().startswith(data) if len(data) == 4 else frame.encode() == data
    assert frame.channel == vector["channel"]
    if snac:
        assert snac.encode() == frame.data
        assert [snac.family, snac.subtype, snac.flags, snac.request] == vector["snac"]
    if vector["shape"] != "none":
        assert (snac.body if snac else frame.data).endswith(encode(things))
        assert [facts_of(thing) for thing in things] == vector["says"]


@pytest.mark.parametrize("vector", REFUSED, ids=lambda vector: vector["name"])
def test_broken_packet_is_refused(vector):
    with pytest.raises(Malformed):
        decode(vector)


def test_structure_alone():
    vector = next(vector for vector in VECTORS if vector["name"] == "ssi_list_item_only")
    item = Item.read(Reader(bytes.fromhex(vector["hex"])))
    assert (item.name, item.tlvs.text(codec.ALIAS), item.tlvs.text(codec.COMMENT)) == ("bobby9", "Bob", "met in 1999")
    assert item.encode().hex() == vector["hex"]


@pytest.mark.parametrize("vector", [vector for vector in VECTORS if "password" in vector], ids=lambda vector: vector["name"])
def test_password(vector):
    password, key = vector["password"], vector.get("key")
    proof = codec.digest(key, password, vector["double"]) if key else codec.roast(password)
    assert proof.hex() == vector["hex"]


@pytest.mark.parametrize("said, charset", [("plain", codec.ASCII), ("Grüße ☺ 😀", codec.UTF16), ("", codec.ASCII)])
def test_text_both_ways(said, charset):
    assert codec.encode_text(said)[0] == charset
    assert codec.decode_text(*codec.encode_text(said)) == said
    assert codec.read_fragments(codec.message_fragments(said)) == said


@pytest.mark.parametrize("kind, data, said", [
    (b'text/x-aolrtf; charset="unicode-2-0"', "Grün".encode("utf-16-be"), "Grün"), (b"iso-8859-1", b"gr\xfcn", "grün"),
    (b"us-ascii", b"it\x92s", "it’s"), (b'text/aolrtf; charset="utf-8"', "grün".encode(), "grün"), (None, b"a", "a")])
def test_text_of_a_mime_type(kind, data, said):
    assert codec.decode_mime(kind, data) == said


def test_tags_and_entities_go():
    assert codec.plain("<HTML><BODY>a &lt;b&gt;<br>&#8226; c</BODY></HTML>") == "a <b>\n• c"


def test_rates_say_which_snac_is_in_which_class():
    vector = next(vector for vector in VECTORS if vector["name"] == "rate_params_reply_v2")
    classes, members = codec.read_rates(Snac.decode(Frame.decode(bytes.fromhex(vector["hex"])).data).reader())
    assert [(one.id, one.window, one.clear, one.alert, one.limit, one.disconnect, one.max) for one in classes] == [
        (1, 80, 2500, 2000, 1500, 800, 6000), (2, 80, 3000, 2000, 1500, 1000, 6000), (3, 20, 5100, 5000, 4000, 3000, 6000),
        (4, 20, 5500, 5300, 4200, 3000, 8000), (5, 10, 5500, 5300, 4200, 3000, 8000)]
    assert members == [(1, [(1, 2), (2, 5)]), (2, [(3, 4)]), (3, [(4, 6)]), (4, [(2, 9)]), (5, [])]


def test_names_are_compared_without_spaces_and_case():
    assert codec.normal("Alice W") == "alicew"
    assert codec.is_uin("100 003") and not codec.is_uin("alice")
