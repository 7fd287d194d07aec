# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin sends and receives files; the other side is a puppet of the scripted server."""

import asyncio
import os

import plugin_host
import pytest
import pytest_asyncio

from oscar import codec, oft, rendezvous_proxy
from oscar.rendezvous_proxy import Proxy

pytestmark = plugin_host.NEEDED


@pytest.mark.parametrize("data, total", [(bytes(range(1, 26)), 0x56630000), (b"", 0xFFFF0000), (b"\xff" * 7, 0x00FF0000),
                                         (b"The quick brown fox", 0xE2030000)])
def test_checksum(data, total):
    assert oft.same(oft.checksum(data), total)


async def pair(scripted, plugin, name, **options):
    me = await plugin(scripted, name(), **options)
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


async def arrived(me, puppet, path, data):
    """The file is there: libpurple tells of it just before it writes the rest and closes."""
    await me.expect("file-done", who=puppet.name)
    await me.in_step()
    assert path.read_bytes() == data


@pytest.mark.parametrize("size", [1, 25, 100000])
async def test_file_is_received(scripted, plugin, name, tmp_path, size):
    me, puppet = await pair(scripted, plugin, name)
    data, path = os.urandom(size), tmp_path / "photo.png"
    sending = asyncio.ensure_future(oft.offer(puppet, me.name, "photo.png", data))
    await accept(me, puppet, path)
    end = await sending
    assert end.kind == oft.DONE and end.received == size and oft.same(end.received_checksum, oft.checksum(data))
    await arrived(me, puppet, path, data)
    accepted = await puppet.expect_rendezvous(me.name, 2)
    assert accepted.capability == codec.FILE


async def test_file_that_breaks_off(scripted, plugin, name, tmp_path):
    me, puppet = await pair(scripted, plugin, name)
    cut = asyncio.Event()

    def begin(data):
        cut.set()
        return data[:100]

    sending = asyncio.ensure_future(oft.offer(puppet, me.name, "photo.png", os.urandom(50000), begin))
    await accept(me, puppet, tmp_path / "photo.png")
    await asyncio.wait_for(cut.wait(), 10)
    sending.cancel()
    await me.expect("file-cancelled", who=puppet.name)


@pytest.mark.parametrize("name_of_file", ["../../escape", "/etc/passwd", "a" * 300, "c:\\x\\y.txt", "x\x01y"])
async def test_names_of_files_that_lead_elsewhere(scripted, plugin, name, name_of_file):
    me, puppet = await pair(scripted, plugin, name)
    puppet.offer(me.name, codec.FILE, [*oft.place(1, oft.NOBODY), (0x0F, b""), oft.told(name_of_file, 10)])
    offered = await me.expect("file-offer", who=puppet.name)
    assert "/" not in offered["name"] and "\x01" not in offered["name"] and offered["name"] not in ("", ".", "..")


async def test_nobody_listens_where_the_file_is(scripted, plugin, name, tmp_path):
    """The plugin then wants to be connected to."""
    me, puppet = await pair(scripted, plugin, name)
    data, path = os.urandom(1000), tmp_path / "photo.png"
    cookie = puppet.offer(me.name, codec.FILE, [*oft.place(1, oft.NOBODY), (0x0F, b""), oft.told("photo.png", len(data))])
    await accept(me, puppet, path)
    second = await puppet.expect_rendezvous(me.name, 0)
    assert second.cookie == cookie and second.tlvs.number(0x0A) == 2
    connection = await asyncio.open_connection("127.0.0.1", second.tlvs.number(0x05))
    end = await oft.send_over(*connection, cookie, "photo.png", data)
    assert end.kind == oft.DONE and end.received == len(data)
    await arrived(me, puppet, path, data)


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


# Where neither can reach the other

@pytest_asyncio.fixture
async def proxy():
    one = await Proxy().start()
    yield one
    await one.stop()


async def send_unreached(me, puppet, path):
    """The plugin offers a file; the puppet, who cannot come, says where it listens itself, which is not so. The first proposal."""
    path.write_bytes(os.urandom(50000))
    me.do("send-file", who=puppet.name, text=str(path))
    offered = await puppet.expect_rendezvous(me.name, 0)
    puppet.offer(me.name, codec.FILE, oft.place(2, oft.NOBODY), offered.cookie)
    return offered


@pytest.mark.parametrize("says_where", [True, False])
async def test_file_is_sent_through_the_proxy(scripted, plugin, name, tmp_path, proxy, says_where):
    proxy.says_where = says_where
    me, puppet = await pair(scripted, plugin, name, rv_proxy=proxy.host)
    path = tmp_path / "photo.png"
    offered = await send_unreached(me, puppet, path)
    third = await puppet.expect_rendezvous(me.name, 0)
    assert third.cookie == offered.cookie and third.tlvs.number(0x0A) == 3 and third.tlvs.has(0x10)
    assert third.tlvs.get(0x02) == proxy.address
    connection = await rendezvous_proxy.join(puppet, third)
    assert await oft.receive_over(*connection, offered.cookie) == ("photo.png", path.read_bytes())
    await me.expect("file-done", who=puppet.name)


async def test_file_is_received_through_the_proxy(scripted, plugin, name, tmp_path, proxy):
    """The sender, who cannot come to where the plugin listens, has made a place."""
    me, puppet = await pair(scripted, plugin, name)
    data, path = os.urandom(50000), tmp_path / "photo.png"
    cookie = puppet.offer(me.name, codec.FILE, [*oft.place(1, oft.NOBODY), (0x0F, b""), oft.told("photo.png", len(data))])
    await accept(me, puppet, path)
    assert (await puppet.expect_rendezvous(me.name, 0)).tlvs.number(0x0A) == 2
    pin, *connection = await rendezvous_proxy.create(proxy, puppet, cookie)
    puppet.offer(me.name, codec.FILE, oft.place(3, pin, proxy.address, proxy=True), cookie)
    await rendezvous_proxy.ready(connection[0])
    end = await oft.send_over(*connection, cookie, "photo.png", data)
    assert end.kind == oft.DONE and end.received == len(data)
    await arrived(me, puppet, path, data)
    assert (await puppet.expect_rendezvous(me.name, 2)).cookie == cookie


async def test_only_through_the_proxy(scripted, plugin, name, tmp_path, proxy):
    """The first proposal is a place there already."""
    me, puppet = await pair(scripted, plugin, name, rv_proxy=proxy.host, always_use_rv_proxy=True)
    path = tmp_path / "photo.png"
    path.write_bytes(b"x" * 1000)
    me.do("send-file", who=puppet.name, text=str(path))
    offered = await puppet.expect_rendezvous(me.name, 0)
    assert offered.tlvs.number(0x0A) == 1 and offered.tlvs.has(0x10) and not offered.tlvs.has(0x03)
    connection = await rendezvous_proxy.join(puppet, offered)
    assert await oft.receive_over(*connection, offered.cookie) == ("photo.png", path.read_bytes())
    await me.expect("file-done", who=puppet.name)


@pytest.mark.parametrize("refuses", [0x0D, 0x10, 0x1A])
async def test_proxy_refuses(scripted, plugin, name, tmp_path, proxy, refuses):
    proxy.refuses = refuses
    me, puppet = await pair(scripted, plugin, name, rv_proxy=proxy.host)
    offered = await send_unreached(me, puppet, tmp_path / "photo.png")
    await me.expect("file-cancelled", who=puppet.name)
    cancelled = await puppet.expect_rendezvous(me.name, 1)
    assert cancelled.cookie == offered.cookie and cancelled.tlvs.number(0x0B) == 2


@pytest.mark.parametrize("options", [{}, {"rv_proxy": "127.0.0.9"}], ids=["none", "gone"])
async def test_no_proxy(scripted, plugin, name, tmp_path, options):
    me, puppet = await pair(scripted, plugin, name, **options)
    offered = await send_unreached(me, puppet, tmp_path / "photo.png")
    await me.expect("file-cancelled", who=puppet.name)
    cancelled = await puppet.expect_rendezvous(me.name, 1)
    assert cancelled.cookie == offered.cookie and cancelled.tlvs.number(0x0B) == 2
