# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin sends and receives files; the other side is a puppet of the scripted server."""

import asyncio
import os

import plugin_host
import pytest

from oscar import codec, oft
from oscar.codec import u16, u32

pytestmark = plugin_host.NEEDED


@pytest.mark.parametrize("data, total", [(bytes(range(1, 26)), 0x56630000), (b"", 0xFFFF0000), (b"\xff" * 7, 0x00FF0000),
                                         (b"The quick brown fox", 0xE2030000)])
def test_checksum(data, total):
    assert oft.same(oft.checksum(data), total)


async def pair(scripted, plugin, name):
    me = await plugin(scripted, name())
    puppet = scripted.add_user(name()).appear([codec.XHTML, codec.FILE])
    puppet.put_on_list(me.name)
    me.do("add", who=puppet.name)
    await me.expect("online", who=puppet.name)
    return me, puppet


async def accept(me, puppet, path):
    """Says yes to the offer, and where the file is to be put."""
    while True:
        asked = await me.expect("request", who=puppet.name)
        me.do("answer", id=asked["id"], yes="yes", text=str(path))
        if asked["kind"] == "file":
            return


@pytest.mark.parametrize("size", [1, 25, 100000])
async def test_file_is_received(scripted, plugin, name, tmp_path, size):
    me, puppet = await pair(scripted, plugin, name)
    data, path = os.urandom(size), tmp_path / "photo.png"
    sending = asyncio.ensure_future(oft.offer(puppet, me.name, "photo.png", data))
    await accept(me, puppet, path)
    end = await sending
    assert end.kind == oft.DONE and end.received == size and oft.same(end.received_checksum, oft.checksum(data))
    await me.expect("file-done", who=puppet.name)
    assert path.read_bytes() == data
    accepted = await puppet.expect_rendezvous(me.name, 2)
    assert accepted.capability == codec.FILE


async def test_file_that_breaks_off(scripted, plugin, name, tmp_path):
    me, puppet = await pair(scripted, plugin, name)
    sending = asyncio.ensure_future(oft.offer(puppet, me.name, "photo.png", os.urandom(50000), lambda data: data[:100]))
    await accept(me, puppet, tmp_path / "photo.png")
    await me.expect("file-begun", who=puppet.name)
    sending.cancel()
    await me.expect("file-cancelled", who=puppet.name)


@pytest.mark.parametrize("name_of_file", ["../../escape", "/etc/passwd", "a" * 300, "c:\\x\\y.txt", "x\x01y"])
async def test_names_of_files_that_lead_elsewhere(scripted, plugin, name, name_of_file):
    me, puppet = await pair(scripted, plugin, name)
    told = u16(1) + u16(1) + u32(10) + name_of_file.encode() + b"\0"
    puppet.offer(me.name, codec.FILE, [(0x0A, u16(1)), (0x0F, b""), (0x03, b"\x7f\0\0\1"), (0x05, u16(9)), (0x2711, told)])
    offered = await me.expect("file-offer", who=puppet.name)
    assert "/" not in offered["name"] and "\x01" not in offered["name"] and offered["name"] not in ("", ".", "..")


async def test_nobody_listens_where_the_file_is(scripted, plugin, name, tmp_path):
    """The plugin then wants to be connected to, or gives up; it tells the other side."""
    me, puppet = await pair(scripted, plugin, name)
    told = u16(1) + u16(1) + u32(10) + b"photo.png\0"
    puppet.offer(me.name, codec.FILE, [(0x0A, u16(1)), (0x0F, b""), (0x03, b"\x7f\0\0\1"), (0x05, u16(9)), (0x2711, told)])
    await accept(me, puppet, tmp_path / "photo.png")
    found = await puppet.expect(0x04, 0x07, lambda snac: True, timeout=20)
    inside = codec.Rendezvous.read(codec.Reader(codec.Icbm.read_received(found.reader()).tlvs.get(5)))
    assert inside.kind == 1 or inside.kind == 0 and inside.tlvs.number(0x0A) == 2


@pytest.mark.parametrize("size", [1, 100000])
async def test_file_is_sent(scripted, plugin, name, tmp_path, size):
    me, puppet = await pair(scripted, plugin, name)
    path = tmp_path / "photo.png"
    path.write_bytes(os.urandom(size))
    me.do("send-file", who=puppet.name, text=str(path))
    assert await oft.take(puppet, me.name) == ("photo.png", path.read_bytes())
    await me.expect("file-done", who=puppet.name)


async def test_sent_file_is_declined(scripted, plugin, name, tmp_path):
    me, puppet = await pair(scripted, plugin, name)
    path = tmp_path / "photo.png"
    path.write_bytes(b"x" * 1000)
    me.do("send-file", who=puppet.name, text=str(path))
    offered = await puppet.expect_rendezvous(me.name, 0)
    puppet.cancel(me.name, offered.cookie, codec.FILE)
    await me.expect("file-cancelled", who=puppet.name)


async def test_account_is_closed_during_a_transfer(scripted, plugin, name, tmp_path):
    me, puppet = await pair(scripted, plugin, name)
    path = tmp_path / "photo.png"
    path.write_bytes(b"x" * 1000)
    me.do("send-file", who=puppet.name, text=str(path))
    await puppet.expect_rendezvous(me.name, 0)
    me.do("disconnect")
    await me.in_step()
