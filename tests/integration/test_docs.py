# SPDX-License-Identifier: GPL-2.0-or-later
"""The set-up pages, tried as written: only ports and folders are replaced."""

import contextlib
import pathlib
import re

import pytest
import yaml

from client import show
from conftest import running
from gateway import Gateway, irc
from process import free_port
from servers import Ejabberd, Prosody

DOCS = pathlib.Path(__file__).parents[2] / "docs" / "servers"


def blocks(page, language):
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text(), re.S)


@contextlib.contextmanager
def up(server):
    try:
        yield server
    finally:
        server.stop()


async def serves(server, gateway, user):
    me = await user(server)
    reply = await me.ask(gateway.jid("irc"), "<query xmlns='jabber:iq:version'/>")
    assert reply.get("type") == "result", show(reply)


@pytest.mark.parametrize("number, modules", [(0, []), (1, ["privilege"])], ids=["component", "privilege"])
async def test_prosody(number, modules, ngircd, user):
    with up(Prosody("example.org", modules=modules, hosts=blocks("prosody.md", "lua")[number])) as server, \
         running(server, {"irc": irc(ngircd.port)}, component={"secret": "change me"}) as gateway:
        await serves(server, gateway, user)
        if modules:
            await gateway.line("roster")


async def test_prosody_with_tls(ngircd):
    port = free_port()
    general = "\n".join(line for line in blocks("prosody.md", "lua")[2].splitlines() if "modules_enabled" not in line)
    with up(Prosody("localhost", tls=True, modules=["net_multiplex"], general=general.replace("5349", str(port)).replace("*", "127.0.0.1"),
                    hosts=blocks("prosody.md", "lua")[0].replace("example.org", "localhost"))) as server:
        server.process.wait_port(port)
        gateway = Gateway(server, {"irc": irc(ngircd.port)}, component={"host": "localhost", "port": port, "tls": "direct",
                                                                  "secret": "change me"})
        with gateway:
            await gateway.line("(?i)certificate")     # it is self-signed, and must not be believed


@pytest.mark.parametrize("pieces", [(0,), (0, 1)], ids=["component", "privilege"])
async def test_ejabberd(pieces, ngircd, user):
    written = [yaml.safe_load(block) for block in blocks("ejabberd.md", "yaml")]
    with up(Ejabberd("example.org", written=[written[piece] for piece in pieces])) as server, \
         running(server, {"irc": irc(ngircd.port)}, component={"secret": "change me"}) as gateway:
        await serves(server, gateway, user)
